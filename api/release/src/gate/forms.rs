//! Closed lists: whatever a release may write freely could tell of somebody.
//! Categories, areas, programs and the manifest's words have known forms, and
//! its numbers are counted again.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::attack::Attack;
use domain::codebook::{self, ANY, UNKNOWN};
use domain::{AreaCode, AreaLabel, Cell, Level, ProgramCode, Status, Table};

use super::case::Case;
use super::view;
use crate::{EditionTotal, Reason};

/// The category of a denominator that the office's plan gives.
const PLAN: &str = "plan";
/// Records at fault, and what they may be.
const RECORDS: &str = "records";
const INVALID: &str = "invalid_nik";
const DUPLICATE: &str = "duplicate_nik";

pub(super) fn run(case: &mut Case<'_, '_>) {
    for table in Table::ALL {
        lines(case, table);
    }
    denominators(case);
    manifest_words(case);
    manifest_releases(case);
    manifest_numbers(case);
}

/// Areas and programs are known ones, and a category is one of its measure.
fn lines(case: &mut Case<'_, '_>, table: Table) {
    let mut areas: BTreeMap<&AreaLabel, bool> = BTreeMap::new();
    let mut found = Vec::new();
    for cell in case.cells(table) {
        let known = *areas.entry(&cell.area).or_insert_with(|| cell.area.members().iter().all(|area| is_known(*area)));
        if !known {
            found.push((cell, "nobody knows the area".to_owned()));
        }
        let of_all = table.is_of_all_programs() || (table == Table::Findings && cell.measure == RECORDS);
        if cell.program.is_all() != of_all {
            found.push((cell, if of_all { "it is of no one program" } else { "it is of one program" }.to_owned()));
        } else if !of_all && reference::program(&cell.program).is_none() {
            found.push((cell, "nobody knows the program".to_owned()));
        }
        if !has_known_category(table, cell) {
            found.push((cell, format!("{:?} is no category of {} here", cell.category, cell.measure)));
        }
        if table == Table::Plan && cell.area.single().is_none_or(|area| area.level() > Level::Kecamatan) {
            found.push((cell, "a plan is one of the kabupaten or of a kecamatan".to_owned()));
        }
        if cell.status == Status::Withheld && table != Table::Totals {
            found.push((cell, "only totals are withheld".to_owned()));
        }
    }
    for (cell, what) in found {
        let name = case.name_of(cell);
        case.fail(Attack::WholeAtoms, table.as_str(), name, what);
    }
}

fn is_known(area: AreaCode) -> bool {
    reference::areas().get(area).is_some()
}

/// Whether the category is on its measure's list. Lines without a figure
/// may have none.
fn has_known_category(table: Table, cell: &Cell) -> bool {
    let category = cell.category.as_str();
    match table {
        Table::Totals | Table::Payments | Table::Plan => category.is_empty(),
        Table::Coverage => {
            let of = cell.measure.strip_prefix("units_per_10000_").unwrap_or(&cell.measure);
            match cell.area.single() {
                _ if cell.status == Status::Missing => category.is_empty(),
                Some(area) if of == "inhabitants" => reference::population(area).is_some_and(|population| population.key == category),
                Some(_) => category == PLAN,
                None => false,
            }
        }
        Table::Demographics => {
            let attribute = codebook::ATTRIBUTES.into_iter().find(|attribute| attribute.name == cell.measure);
            let labels = attribute.map_or(&[][..], |attribute| attribute.labels);
            let general = category == ANY || category == UNKNOWN || (category.is_empty() && cell.value.is_none());
            general || labels.iter().any(|label| label.code == category)
        }
        Table::Overlaps => {
            let other = category.parse::<ProgramCode>().ok().and_then(|other| reference::program(&other));
            other.is_some() || (category.is_empty() && cell.status == Status::Missing)
        }
        // Records at fault are counted by file and not by person.
        Table::Findings if cell.measure == RECORDS => {
            let kecamatan = cell.area.single().is_some_and(|area| area.level() == Level::Kecamatan);
            let kabupaten = cell.area.single().is_some_and(|area| area.level() == Level::Kabupaten);
            cell.value.is_some() && (category == DUPLICATE && (kecamatan || kabupaten) || category == INVALID && kabupaten)
        }
        // The order of its words is one as well.
        Table::Verification | Table::Freshness | Table::Findings | Table::Deciles | Table::Targeting | Table::Reports => match cell.value {
            None => category.is_empty(),
            Some(_) => is_class(table, category),
        },
        // Exact counts have none, those who left by reason have a class.
        Table::Flows => category.is_empty() || (cell.measure == "left" && cell.value.is_some() && is_class(table, category)),
    }
}

/// Whether a category is a class of the table's words, written in its one way.
fn is_class(table: Table, category: &str) -> bool {
    view::class(table, category).is_some_and(|class| view::category(table, class) == category)
}

/// What shares are reckoned of: inhabitants as the reference data counts them,
/// and poor households as the plan does, beside totals that are shown.
fn denominators(case: &mut Case<'_, '_>) {
    let table = Table::Coverage;
    let snapshot = reference::snapshot();
    let said = &case.view.manifest().reference;
    let same = said.sha256 == snapshot.sha256;
    let totals: BTreeSet<(&ProgramCode, &AreaLabel)> =
        case.cells(Table::Totals).iter().filter(|cell| cell.value.is_some()).map(|cell| (&cell.program, &cell.area)).collect();
    let shares: BTreeMap<(&ProgramCode, &AreaLabel, &str), u64> = case
        .cells(table)
        .iter()
        .filter(|cell| !cell.measure.starts_with("units_"))
        .filter_map(|cell| Some(((&cell.program, &cell.area, cell.measure.as_str()), cell.value?)))
        .collect();
    let mut by_area: BTreeMap<&AreaLabel, u64> = BTreeMap::new();
    let mut found = Vec::new();
    for cell in case.cells(table) {
        let (Some(value), Some(area)) = (cell.value, cell.area.single()) else { continue };
        if area.level() > Level::Kecamatan {
            found.push((cell, "shares are not shown below kecamatan".to_owned()));
        }
        if !totals.contains(&(&cell.program, &cell.area)) {
            found.push((cell, "stands beside a total that is not shown".to_owned()));
        }
        if let Some(of) = cell.measure.strip_prefix("units_per_10000_")
            && shares.get(&(&cell.program, &cell.area, of)).is_none_or(|whole| *whole == 0)
        {
            found.push((cell, "a share of nothing that is shown".to_owned()));
        }
        if cell.measure == "inhabitants" {
            // Another snapshot may have counted others, but not entirely.
            let known = reference::population(area).map_or(0, |population| population.people);
            let right = if same { value == known } else { (known / 2..=known.saturating_mul(2)).contains(&value) };
            if !right {
                found.push((cell, format!("{value}, where the reference data has {known}")));
            }
            if *by_area.entry(&cell.area).or_insert(value) != value {
                found.push((cell, "another program says otherwise".to_owned()));
            }
        }
    }
    // The kabupaten's poor households are those of all its kecamatan.
    let district = AreaLabel::from(case.district());
    for cell in case.cells(table).iter().filter(|cell| cell.measure == "poor_households" && cell.area == district) {
        let kecamatan: Vec<Option<u64>> = reference::areas()
            .children(case.district())
            .iter()
            .map(|area| shares.get(&(&cell.program, &AreaLabel::from(*area), "poor_households")).copied())
            .collect();
        let sum = kecamatan.iter().flatten().copied().fold(0, u64::saturating_add);
        let all = kecamatan.iter().all(Option::is_some);
        if cell.value.is_some_and(|value| value < sum || (all && value > sum)) {
            found.push((cell, format!("its kecamatan make {sum}")));
        }
    }
    for (cell, what) in found {
        let name = case.name_of(cell);
        case.fail(Attack::WholeAtoms, table.as_str(), name, what);
    }
}

/// Words of the manifest that a person could be put into.
fn manifest_words(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    let mut words = vec![
        ("software", is_name_and_version(&manifest.software)),
        ("policy", manifest.policy.name == "bansos-terbuka" && is_number(&manifest.policy.version)),
        ("reference.date", is_date(&manifest.reference.date)),
        ("reference.sha256", is_sha256(&manifest.reference.sha256)),
        ("commitment.root", is_sha256(&manifest.commitment.root)),
        ("previous", manifest.previous.as_ref().is_none_or(|previous| is_sha256(&previous.manifest_sha256))),
    ];
    let snapshot = reference::snapshot();
    words.push(("reference", manifest.reference.sha256 != snapshot.sha256 || manifest.reference.date == snapshot.date));
    for (field, right) in words {
        if !right {
            case.fail(Attack::Linkage, "manifest", field, "not of the plain form that says nothing else");
        }
    }
}

/// `bansos-terbuka 0.1.0`; a name alone says as little.
fn is_name_and_version(text: &str) -> bool {
    let (name, version) = text.split_once(' ').map_or((text, None), |(name, version)| (name, Some(version)));
    let named = (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    named && version.is_none_or(|version| version.split('.').count() == 3 && version.split('.').all(is_number))
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
}

fn is_date(text: &str) -> bool {
    let form = b"dddd-dd-dd";
    text.len() == form.len() && text.bytes().zip(form).all(|(byte, form)| if *form == b'd' { byte.is_ascii_digit() } else { byte == *form })
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Rows, corrections and the chain name releases that there are.
fn manifest_releases(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    let release = manifest.release;
    let mut found: Vec<(&str, String)> = Vec::new();
    if let Some(what) = case.chain.denies(manifest.rows_from) {
        found.push(("rows_from", format!("{} {what}", manifest.rows_from)));
    }
    let taken = manifest.rows_from.period();
    if taken.quarter() != manifest.edition.quarter() || taken < manifest.edition_as_of || taken > manifest.period {
        found.push(("rows_from", format!("{} could not issue rows of {}", manifest.rows_from, manifest.edition_as_of)));
    }
    match &manifest.correction {
        None if release.revision() > 1 => found.push(("correction", "a revision says what it corrects".to_owned())),
        Some(correction) => {
            let of = correction.of;
            let before = of.district() == release.district() && of.period() == release.period();
            if !before || of.revision().checked_add(1) != Some(release.revision()) {
                found.push(("correction", format!("{of} is not the issue before")));
            } else if let Some(what) =
                case.chain.denies(of).filter(|_| correction.reason != Reason::Withdrawn && case.at_hand(of).is_none())
            {
                // The chain passes over issues that were withdrawn.
                found.push(("correction", format!("{of} {what}")));
            }
        }
        None => {}
    }
    for (field, what) in found {
        case.fail(Attack::WholeAtoms, "manifest", field, what);
    }
}

/// Numbers of the manifest are those of the files.
fn manifest_numbers(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    let atoms = &case.view.atoms;
    let mut editions: BTreeMap<&ProgramCode, (u64, u32)> = BTreeMap::new();
    for atom in atoms {
        let (rows, count) = editions.entry(&atom.program).or_default();
        (*rows, *count) = (rows.saturating_add(u64::from(atom.count)), count.saturating_add(1));
    }
    let rows: u64 = editions.values().map(|(rows, _)| *rows).fold(0, u64::saturating_add);
    let counted = editions.into_iter().map(|(program, (rows, atoms))| EditionTotal { program: program.clone(), rows, atoms });
    let mut wrong: Vec<String> = Vec::new();
    let mut said = manifest.editions.clone();
    said.sort_by(|one, other| one.program.cmp(&other.program));
    if said != counted.collect::<Vec<_>>() {
        wrong.push("editions".to_owned());
    }
    let mut paths = BTreeSet::new();
    for entry in &manifest.files {
        let lines = match entry.path.as_str() {
            "data/atoms.csv" => atoms.len() as u64,
            "data/recipients.csv" => rows,
            "risk-report.json" | crate::package::PACKAGE => 1,
            path => match Table::ALL.into_iter().find(|table| path == format!("data/{table}.csv")) {
                Some(table) => case.cells(table).len() as u64,
                None => continue,
            },
        };
        if entry.rows != lines || !paths.insert(&entry.path) {
            wrong.push(entry.path.clone());
        }
    }
    let totals: BTreeSet<_> =
        manifest.control_totals.iter().map(|total| (total.table, &total.program, &total.measure, &total.category)).collect();
    if totals.len() != manifest.control_totals.len() {
        wrong.push("control_totals".to_owned());
    }
    for field in wrong {
        case.fail(Attack::WholeAtoms, "manifest", field, "the files make another number");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_manifest_are_plain() {
        for text in ["bansos-terbuka 0.1.0", "bansos-terbuka 12.0.103", "test"] {
            assert!(is_name_and_version(text), "{text}");
        }
        for text in
            ["bansos-terbuka 0.1.0 (36.71.05 YAPI 3)", "bansos 0.1", "bansos 0.1.0-decile1", "Bansos 0.1.0", "bansos 01.0.0", "", " 0.1.0"]
        {
            assert!(!is_name_and_version(text), "{text}");
        }
        assert!(is_date("2026-08-20") && !is_date("2026-8-20") && !is_date("36.71.05-3"));
        assert!(is_sha256(&"0f".repeat(32)) && !is_sha256(&"0F".repeat(32)) && !is_sha256(""));
    }
}
