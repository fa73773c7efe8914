//! Attack 3: rows beside exact totals, statistics of rows, and figures reckoned
//! from totals. (Sums of tables are in `sums`.)

use std::collections::{BTreeMap, BTreeSet, HashMap};

use disclosure::attack::{Attack, whole_atoms};
use domain::codebook::{self, ANY, Attribute};
use domain::{AreaCode, AreaLabel, Cell, ProgramCode, Table};

use super::case::Case;
use super::view::View;
use super::{sums, view};
use crate::Atom;

pub(super) fn run(case: &mut Case<'_, '_>) {
    files_are_known(case);
    atoms_are_inside(case);
    rows_are_those_of_their_release(case);
    atoms_make_up_totals(case);
    demographics(case);
    coverage(case);
    for (table, measure) in view::CLASSED {
        classes_make_up_all(case, table, measure);
    }
    sums::run(case);
}

/// Nothing is published but the datasets and what describes the release.
fn files_are_known(case: &mut Case<'_, '_>) {
    let datasets = dataset::dictionary::all();
    let mut known: BTreeSet<String> =
        datasets.iter().flat_map(|dataset| dataset.forms.iter().map(|form| crate::path_of(dataset, *form))).collect();
    known.extend(["risk-report.json", crate::package::PACKAGE].map(str::to_owned));
    for entry in &case.view.manifest().files {
        if !known.contains(&entry.path) {
            case.fail(Attack::WholeAtoms, "manifest", entry.path.as_str(), "a file that no attack looks into");
        }
    }
    if case.view.manifest().files.iter().any(|entry| entry.path == crate::package::PACKAGE) {
        let path = case.view.folder.path().join(crate::package::PACKAGE);
        let bytes = crate::folder::read_bounded(&path, crate::package::LARGEST).unwrap_or_default();
        let said = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
        let manifest = case.view.manifest();
        let wrong = crate::package::disagreements(manifest, &said);
        let beside = wrong.is_empty()
            && super::same::is_ours(&manifest.software)
            && crate::write::pretty(&crate::package::data_package(manifest)).is_ok_and(|right| right != bytes);
        for part in wrong {
            case.fail(Attack::WholeAtoms, "datapackage", part, "the description of the files says otherwise than the manifest");
        }
        if beside {
            case.fail(Attack::Linkage, "datapackage", crate::package::PACKAGE, "it is not as it is written: it holds something else");
        }
    }
}

fn atoms_are_inside(case: &mut Case<'_, '_>) {
    let district = case.district();
    for atom in &case.view.atoms {
        let cell = format!("{}|{}", atom.program, atom.atom);
        if atom.area.members().iter().any(|area| !district.contains(*area)) {
            case.fail(Attack::WholeAtoms, "atoms", &cell, "the area lies outside the district");
        }
        let personal = [&atom.sex, &atom.age_band, &atom.family_size].iter().any(|label| *label != ANY);
        if atom.area.single().is_none() && personal {
            case.fail(Attack::WholeAtoms, "atoms", &cell, "a pool of areas carries no personal attribute");
        }
    }
}

/// Rows are repeated whole: a silent re-issue could be subtracted from the first.
fn rows_are_those_of_their_release(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    let digest = |view: &View<'_>, path: &str| {
        let entry = view.manifest().files.iter().find(|entry| entry.path == path);
        entry.map(|entry| entry.sha256.clone())
    };
    let issue = |view: &View<'_>| (view.manifest().edition, view.manifest().edition_as_of);
    for path in ["data/atoms.csv", "data/recipients.csv"] {
        let mine = digest(case.view, path);
        for other in case.others.clone() {
            let theirs = other.manifest();
            let same = theirs.edition == manifest.edition;
            let named = other.release() == manifest.rows_from;
            if (same || named) && (digest(other, path) != mine || issue(other) != issue(case.view)) {
                let file = if path.ends_with("atoms.csv") { "atoms" } else { "recipients" };
                case.fail(Attack::WholeAtoms, file, "file", format!("differs from {} of the same edition", other.release()));
            }
        }
    }
    if manifest.rows_from != manifest.release && manifest.edition_as_of == manifest.period && manifest.correction.is_none() {
        case.fail(Attack::WholeAtoms, "manifest", "rows_from", "rows of this month are said to be of another release");
    }
}

/// Rows are compared with the totals of the release that first published them.
/// An edition that was issued again may keep the rows of an area as they were.
fn atoms_make_up_totals(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    if manifest.rows_from != manifest.release {
        return;
    }
    let totals_of = if manifest.edition_as_of == manifest.period { Some(case.view) } else { case.month(manifest.edition_as_of) };
    let Some(totals_of) = totals_of else { return };
    let revised = manifest.edition.revision() > 1;
    let before: Vec<&View<'_>> = case
        .others
        .iter()
        .copied()
        .filter(|view| view.manifest().edition.quarter() == manifest.edition.quarter() && view.manifest().edition < manifest.edition)
        .collect();
    let mut by_program: BTreeMap<&ProgramCode, BTreeMap<&AreaLabel, Vec<&Atom>>> = BTreeMap::new();
    for atom in &case.view.atoms {
        by_program.entry(&atom.program).or_default().entry(&atom.area).or_default().push(atom);
    }
    let last = before.iter().max_by_key(|view| view.manifest().edition);
    let mut kept: BTreeSet<(&ProgramCode, &AreaLabel)> = BTreeSet::new();
    for (program, by_area) in &by_program {
        for (area, atoms) in by_area {
            // Without the issue before, nobody can tell.
            let as_before = last.is_none_or(|last| {
                let theirs = last.atoms.iter().filter(|atom| atom.program == **program && atom.area == **area);
                labels(theirs) == labels(atoms.iter().copied())
            });
            if revised && as_before {
                kept.insert((*program, *area));
            }
        }
    }
    let k = case.k();
    let district = case.district();
    let mut found = Vec::new();
    let programs: BTreeSet<&ProgramCode> = totals_of.exact.keys().chain(by_program.keys().copied()).collect();
    for program in programs {
        let rows = by_program.get(program);
        let Some(exact) = totals_of.exact.get(program) else {
            if !view::sensitive(program) {
                found.push((program.to_string(), "rows of a program without totals".to_owned()));
            }
            continue;
        };
        let whole = exact.get(&district).and_then(|exact| exact.units).unwrap_or(0);
        let Some(rows) = rows else {
            // Many persons may be fewer than k families: then there are no rows.
            let person = reference::program(program).is_some_and(|program| program.unit == domain::Unit::Person);
            if whole >= if person { 20 * k } else { k } {
                found.push((program.to_string(), format!("no rows beside an exact total of {whole}")));
            }
            continue;
        };
        let totals: HashMap<AreaCode, u64> = exact.iter().filter_map(|(area, exact)| Some((*area, exact.units?))).collect();
        let sums: Vec<(Vec<AreaCode>, u64)> = rows
            .iter()
            .filter(|(area, _)| !kept.contains(&(program, **area)))
            .map(|(area, atoms)| (area.members().to_vec(), atoms.iter().map(|atom| u64::from(atom.count)).sum()))
            .collect();
        let all_new = sums.len() == rows.len();
        for finding in whole_atoms(&sums, &totals, whole, program.as_str()) {
            // Rows that were kept stand beside totals that were mended.
            if all_new || finding.cell != program.as_str() {
                found.push((finding.cell, finding.what));
            }
        }
    }
    for (cell, what) in found {
        case.fail(Attack::WholeAtoms, "atoms", cell, what);
    }
}

fn labels<'a>(atoms: impl Iterator<Item = &'a Atom>) -> BTreeMap<(&'a str, &'a str, &'a str), u64> {
    let mut labels = BTreeMap::new();
    for atom in atoms {
        *labels.entry((atom.sex.as_str(), atom.age_band.as_str(), atom.family_size.as_str())).or_default() += u64::from(atom.count);
    }
    labels
}

/// Statistics of rows are sums of whole atoms, reckoned again from `atoms.csv`.
fn demographics(case: &mut Case<'_, '_>) {
    let table = Table::Demographics;
    let mut by_program: BTreeMap<&ProgramCode, BTreeMap<&AreaLabel, Vec<&Atom>>> = BTreeMap::new();
    for atom in &case.view.atoms {
        by_program.entry(&atom.program).or_default().entry(&atom.area).or_default().push(atom);
    }
    // What the atoms say, by program, area and measure.
    let mut shown: BTreeMap<(&ProgramCode, &AreaLabel, &str), BTreeMap<&str, u64>> = BTreeMap::new();
    for cell in case.cells(table) {
        if let Some(value) = cell.value {
            shown.entry((&cell.program, &cell.area, &cell.measure)).or_default().insert(&cell.category, value);
        }
    }
    let mut found = Vec::new();
    for ((program, area, measure), values) in shown {
        let Some(attribute) = codebook::ATTRIBUTES.into_iter().find(|attribute| attribute.name == measure) else { continue };
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for (label, atoms) in by_program.get(program).into_iter().flatten() {
            if label.members().iter().all(|member| area.members().iter().any(|area| area.contains(*member))) {
                for atom in atoms {
                    *expected.entry(shown_as(attribute, label_of(atom, attribute))).or_default() += u64::from(atom.count);
                }
            }
        }
        if values != expected {
            found.push((case.name(area, program, measure, ""), format!("{values:?}, but the whole atoms in it make {expected:?}")));
        }
    }
    for (cell, what) in found {
        case.fail(Attack::WholeAtoms, table.as_str(), cell, what);
    }
}

fn label_of<'a>(atom: &'a Atom, attribute: &Attribute) -> &'a str {
    match attribute.name {
        "sex" => &atom.sex,
        "age_band" => &atom.age_band,
        _ => &atom.family_size,
    }
}

/// The category of a statistic that a label counts under: itself or one above
/// it, else "not specified".
fn shown_as(attribute: &'static Attribute, label: &str) -> &'static str {
    const SHOWN: [&str; 10] = ["F", "M", "0-17", "18-39", "40-59", "60+", "1-2", "3-4", "5+", codebook::UNKNOWN];
    attribute.ancestry(label).map(|up| up.code).find(|code| SHOWN.contains(code)).unwrap_or(ANY)
}

/// Shares are reckoned from figures that stand beside them.
fn coverage(case: &mut Case<'_, '_>) {
    let table = Table::Coverage;
    let cells = case.cells(table);
    let key = |cell: &Cell, measure: &str| (cell.program.clone(), cell.area.clone(), measure.to_owned(), cell.category.clone());
    let known: HashMap<_, u64> = cells.iter().filter_map(|cell| Some((key(cell, &cell.measure), cell.value?))).collect();
    let mut units: HashMap<(&ProgramCode, &AreaLabel), u64> = HashMap::new();
    for cell in case.cells(Table::Totals) {
        if let Some(value) = cell.value {
            units.insert((&cell.program, &cell.area), value);
        }
    }
    let mut found = Vec::new();
    for cell in cells {
        let Some(of) = cell.measure.strip_prefix("units_per_10000_") else { continue };
        let Some(value) = cell.value else { continue };
        let whole = known.get(&key(cell, of)).copied().filter(|n| *n > 0);
        match (units.get(&(&cell.program, &cell.area)), whole) {
            (None, _) => found.push((case.name_of(cell), "a share of a total that is not shown".to_owned())),
            (Some(units), Some(whole)) if u128::from(value) != u128::from(*units) * 10_000 / u128::from(whole) => {
                found.push((case.name_of(cell), format!("{value} is not {units} of {whole}")));
            }
            _ => {}
        }
    }
    for (cell, what) in found {
        case.fail(Attack::WholeAtoms, table.as_str(), cell, what);
    }
}

/// The classes of a group are all its people: the units of a program, in the
/// release they were shown in first, or those who left it in the month.
fn classes_make_up_all(case: &mut Case<'_, '_>, table: Table, measure: &str) {
    let mut found = Vec::new();
    for cell in case.cells(table).iter().filter(|cell| view::is_of_class(table, cell)) {
        if cell.value.is_some() && view::class(table, &cell.category).is_none() {
            found.push((case.name_of(cell), "the category is no set of the table's words".to_owned()));
        }
    }
    for (program, by_area) in case.view.classed(table) {
        for (area, shown) in by_area {
            let name = case.name(area, program, measure, "");
            if !view::is_partition(table, &shown.classes) {
                found.push((name.clone(), "the classes are not every word once".to_owned()));
            }
            let Some((release, _)) = shown.origin() else { continue };
            // To leave out the words of today is to say that nobody has them.
            if view::is_of_first_words(table, &shown.classes) && case.at_hand(release).is_some_and(|view| view.has_all_words()) {
                found.push((name.clone(), "the classes leave out words: nobody in them is a number, too".to_owned()));
            }
            let Some(all) = case.at_hand(release).and_then(|view| view.divided(table, program, area.members())) else { continue };
            let sum = shown.classes.iter().map(|(_, n)| *n).fold(0, u64::saturating_add);
            if sum != all {
                let of = if table == Table::Flows { "those who left in" } else { "the units of" };
                found.push((name, format!("the classes make {sum}, {of} {release} are {all}")));
            }
        }
    }
    for (cell, what) in found {
        case.fail(Attack::WholeAtoms, table.as_str(), cell, what);
    }
}
