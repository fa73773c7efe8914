//! `risk-report.json`: what an attacker may reckon, and what anonymisation cost
//! the reader. Everything in it follows from the public files and k; it never
//! tells which hidden part was small (design: PRIVACY R8, R9).

use std::collections::BTreeMap;

use disclosure::attack::Attack;
use domain::{Cell, Level, ProgramCode, codebook};
use serde_json::{Value, json};

use crate::{Atom, Manifest, gate};

/// The report on a release, from its manifest, its atoms and its totals.
#[must_use]
pub fn report(manifest: &Manifest, atoms: &[Atom], totals: &[Cell]) -> Value {
    let mut by_program: BTreeMap<&ProgramCode, Vec<&Atom>> = BTreeMap::new();
    for atom in atoms {
        by_program.entry(&atom.program).or_default().push(atom);
    }
    let programs: BTreeMap<&str, Value> = by_program.iter().map(|(program, atoms)| (program.as_str(), of(atoms))).collect();
    let groups: Vec<Value> = totals
        .iter()
        .filter(|cell| cell.area.single().is_none())
        .map(|cell| json!({"table": "totals", "program": cell.program, "group": cell.area}))
        .collect();
    json!({
        "release": manifest.release,
        "edition": manifest.edition,
        "edition_as_of": manifest.edition_as_of,
        "policy": manifest.policy,
        "rows": of(&atoms.iter().collect::<Vec<_>>()),
        "programs": programs,
        "groups": groups,
        "attacks": Attack::ALL.map(|attack| json!({"attack": attack.name(), "tried": tried(attack), "findings": 0})),
    })
}

fn tried(attack: Attack) -> &'static str {
    match attack {
        Attack::KAtoms => {
            "counted the rows of every label, also across atoms, and the inhabitants behind it; looked for small counts of sensitive programs"
        }
        Attack::HiddenNumbers => {
            "bounded every hidden number of people with a further attribute from all published tables of all releases together"
        }
        Attack::WholeAtoms => {
            "compared rows with exact totals in every area and pool, totals with their parts, and rows with earlier releases of the edition"
        }
        Attack::Differencing => "subtracted every two releases, editions and revisions from each other, knowing who joined and left",
        Attack::Linkage => "compared ids, order and timestamps of editions, and rows with the only spelling their atoms have",
        Attack::Money => "subtracted sums of varying amounts over nested areas and paying months",
        Attack::Programs => "subtracted the lists of programs from each other, two and three at a time",
    }
}

/// Risk and loss of a set of atoms.
fn of(atoms: &[&Atom]) -> Value {
    let mut sizes: Vec<u32> = atoms.iter().map(|atom| atom.count).collect();
    sizes.sort_unstable();
    let rows: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let (Some(smallest), Some(largest)) = (sizes.first(), sizes.last()) else {
        return json!({"rows": 0, "atoms": 0});
    };
    let share = |wanted: &dyn Fn(&Atom) -> bool| {
        let kept: u64 = atoms.iter().filter(|atom| wanted(atom)).map(|atom| u64::from(atom.count)).sum();
        round(kept as f64 / rows as f64)
    };
    let quantile = |part: usize| sizes[(sizes.len() - 1) * part / 4];
    let candidates = atoms.iter().map(|atom| gate::candidates(atom)).min().unwrap_or(0);
    let pools: std::collections::BTreeSet<String> =
        atoms.iter().filter(|atom| atom.area.single().is_none()).map(|atom| atom.area.to_string()).collect();
    json!({
        "rows": rows,
        "atoms": sizes.len(),
        "atom_size": {"smallest": smallest, "quartiles": [quantile(1), quantile(2), quantile(3)], "largest": largest},
        // One person known to be in the rows; one found among the inhabitants;
        // the share of rows a marketer linking all of them gets right.
        "prosecutor_risk": round(1.0 / f64::from(*smallest)),
        "journalist_risk": round(1.0 / candidates.max(1) as f64),
        "marketer_risk": round(sizes.len() as f64 / rows as f64),
        "kept": {
            "kelurahan": share(&|atom| atom.area.single().is_some_and(|area| area.level() == Level::Kelurahan)),
            "sex": share(&|atom| atom.sex != codebook::ANY),
            "age_band": share(&|atom| atom.age_band != codebook::ANY),
            "family_size": share(&|atom| atom.family_size != codebook::ANY),
        },
        "loss": {
            "sex": loss(atoms, rows, &codebook::SEX, |atom| &atom.sex),
            "age_band": loss(atoms, rows, &codebook::AGE_BAND, |atom| &atom.age_band),
            "family_size": loss(atoms, rows, &codebook::FAMILY_SIZE, |atom| &atom.family_size),
        },
        "pools": pools,
    })
}

/// Normalised certainty penalty of an attribute: leaves under the label beyond
/// its own, of all leaves but one, averaged over rows (0 full detail, 1 none).
fn loss(atoms: &[&Atom], rows: u64, attribute: &codebook::Attribute, label: impl Fn(&Atom) -> &str) -> f64 {
    let is_leaf = |code: &str| attribute.labels.iter().all(|other| other.parent != Some(code));
    let leaves: Vec<&str> =
        attribute.labels.iter().map(|label| label.code).filter(|code| is_leaf(code) && *code != codebook::UNKNOWN).collect();
    let under = |code: &str| leaves.iter().filter(|leaf| attribute.ancestry(leaf).any(|up| up.code == code)).count();
    let sum: f64 =
        atoms.iter().map(|atom| f64::from(atom.count) * (under(label(atom)).max(1) - 1) as f64 / (leaves.len().max(2) - 1) as f64).sum();
    round(sum / rows as f64)
}

/// Four decimals: enough to read, and the same bytes everywhere.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
