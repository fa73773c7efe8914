//! `risk-report.json`: what an attacker may reckon, and what anonymisation cost
//! the reader. Everything in it follows from the public files and k; it never
//! tells which hidden part was small (design: PRIVACY R8, R9).

use std::collections::{BTreeMap, BTreeSet};

use disclosure::attack::Attack;
use domain::{Cell, Level, ProgramCode, Table, codebook};
use serde_json::{Value, json};

use crate::{Atom, Manifest, gate};

/// The report on a release, from its manifest, its atoms and its totals.
#[must_use]
pub fn report(manifest: &Manifest, atoms: &[Atom], totals: &[Cell]) -> Value {
    report_on(manifest, atoms, &[(Table::Totals, totals)])
}

/// The report on a release, from its manifest, its atoms and its tables: what
/// each of them shows only in groups of areas, or in classes of categories.
#[must_use]
pub fn report_on(manifest: &Manifest, atoms: &[Atom], tables: &[(Table, &[Cell])]) -> Value {
    let mut by_program: BTreeMap<&ProgramCode, Vec<&Atom>> = BTreeMap::new();
    for atom in atoms {
        by_program.entry(&atom.program).or_default().push(atom);
    }
    let programs: BTreeMap<&str, Value> = by_program.iter().map(|(program, atoms)| (program.as_str(), of(atoms))).collect();
    let (mut groups, mut classes) = (BTreeSet::new(), BTreeSet::new());
    for (table, cells) in tables {
        for cell in cells.iter().filter(|cell| cell.value.is_some()) {
            if cell.area.single().is_none() {
                groups.insert((table.as_str(), &cell.program, &cell.area));
            }
            if cell.category.contains('~') {
                classes.insert((table.as_str(), &cell.program, &cell.area, cell.category.as_str()));
            }
        }
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(table, program, group)| json!({"table": table, "program": program, "group": group})).collect();
    let classes: Vec<Value> = classes
        .into_iter()
        .map(|(table, program, area, class)| json!({"table": table, "program": program, "area": area, "class": class}))
        .collect();
    json!({
        "release": manifest.release,
        "edition": manifest.edition,
        "edition_as_of": manifest.edition_as_of,
        "policy": manifest.policy,
        "k": manifest.policy.k,
        "rows": of(&atoms.iter().collect::<Vec<_>>()),
        "programs": programs,
        "groups": groups,
        "classes": classes,
        "attacks": Attack::ALL.map(|attack| json!({"attack": attack.name(), "tried": tried(attack), "findings": 0})),
    })
}

/// Where a report says what does not follow from the public files: parts that
/// are no parts of `full`, the report on all tables. One that says less is none.
#[must_use]
pub fn tells_more(report: &Value, full: &Value) -> Vec<String> {
    match (report, full) {
        (Value::Null, _) => Vec::new(),
        (Value::Object(report), Value::Object(full)) => {
            let more = report.iter().filter(|(key, value)| match (value, full.get(*key)) {
                // Words of an earlier version of the software may be others.
                (Value::Array(attacks), Some(_)) if *key == "attacks" => !attacks.iter().all(is_wordy),
                (Value::Array(said), Some(Value::Array(known))) => said.iter().any(|one| !known.contains(one)),
                (value, known) => Some(*value) != known,
            });
            more.map(|(key, _)| key.clone()).collect()
        }
        _ => vec!["report".to_owned()],
    }
}

/// Whether an attack's entry holds its name, that nothing was found, and words.
fn is_wordy(entry: &Value) -> bool {
    let Some(entry) = entry.as_object() else { return false };
    entry.iter().all(|(key, value)| match key.as_str() {
        "attack" => Attack::ALL.iter().any(|attack| *value == attack.name()),
        "tried" => value.as_str().is_some_and(|words| !words.bytes().any(|byte| byte.is_ascii_digit())),
        "findings" => *value == 0,
        _ => false,
    })
}

fn tried(attack: Attack) -> &'static str {
    match attack {
        Attack::KAtoms => {
            "counted the rows of every label, also across atoms, and the inhabitants behind it; looked for small counts of sensitive programs, and in the tables in classes (verification, freshness, findings, desil, targeting, complaints, reasons of leaving) for few people in a class, outside it, or in a part of it"
        }
        Attack::HiddenNumbers => {
            "bounded every hidden number of people with a further attribute by all that is shown beside it: groups less their members, wholes less their parts, margins of pools, stocks and flows, shares, classes of the kabupaten less its groups; by linear programs where figures hang together"
        }
        Attack::WholeAtoms => {
            "compared rows with exact totals in every area and pool, statistics of rows with the atoms, totals with their parts, shares with what they are shares of, classes with the units or the leavers that they divide and with the words they may have, parts of classes with the classes, and rows with the release that first published them"
        }
        Attack::Differencing => {
            "subtracted figures, editions and issues of every two releases from each other, knowing how many joined and left in between; looked for groups that were shown otherwise before, and for a few who changed class"
        }
        Attack::Linkage => {
            "compared numbers, order and times with the only ones that labels allow, rows with the only spelling of their atoms, and commitments with earlier ones"
        }
        Attack::Money => {
            "subtracted sums of varying amounts over nested areas and from month to month, and compared them with the least and the most possible"
        }
        Attack::Programs => {
            "subtracted the lists of programs from each other, two and three at a time, in every group and what it leaves, and with what a cardholder's class is in both"
        }
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
    let pools: BTreeSet<String> = atoms.iter().filter(|atom| atom.area.single().is_none()).map(|atom| atom.area.to_string()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_may_say_less_but_not_more() {
        let full = json!({"k": 11, "groups": [{"group": "a~b"}, {"group": "c~d"}]});
        assert!(tells_more(&full, &full).is_empty() && tells_more(&Value::Null, &full).is_empty());
        assert!(tells_more(&json!({"groups": [{"group": "c~d"}]}), &full).is_empty());
        assert_eq!(tells_more(&json!({"k": 11, "small": "b"}), &full), ["small"]);
        assert_eq!(tells_more(&json!({"groups": [{"group": "c~d", "least": 3}]}), &full), ["groups"]);
        assert_eq!(tells_more(&json!(["b"]), &full), ["report"]);
        let full = json!({"attacks": []});
        assert!(tells_more(&json!({"attacks": [{"attack": "money", "tried": "to count", "findings": 0}]}), &full).is_empty());
        assert_eq!(tells_more(&json!({"attacks": [{"attack": "money", "tried": "3 of PKH", "findings": 0}]}), &full), ["attacks"]);
    }
}
