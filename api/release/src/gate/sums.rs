//! Attack 3 on tables: every line is of its release and stands once, a whole is
//! the sum of its parts, and the manifest repeats it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use disclosure::attack::Attack;
use domain::{AreaCode, AreaLabel, Cell, Level, ProgramCode, Status, Table};

use super::case::{Case, Sums};
use super::view::{self, Class};

/// Table, program, measure and category of a control total.
type Control<'a> = (Table, &'a ProgramCode, &'a str, &'a str);

pub(super) fn run(case: &mut Case<'_, '_>) {
    let mut controls: BTreeMap<Control<'_>, (Option<u64>, Status)> = BTreeMap::new();
    for total in &case.view.manifest().control_totals {
        controls.insert((total.table, &total.program, &total.measure, &total.category), (total.value, total.status));
    }
    for table in Table::ALL {
        lines(case, table);
        groups(case, table);
        let whole = AreaLabel::from(case.district());
        for cell in case.cells(table).iter().filter(|cell| cell.area == whole) {
            let control = controls.remove(&(table, &cell.program, cell.measure.as_str(), cell.category.as_str()));
            if control != Some((cell.value, cell.status)) {
                let name = case.name_of(cell);
                case.fail(Attack::WholeAtoms, table.as_str(), name, "the manifest's control total is another");
            }
        }
        match table {
            // Sums of atoms, and functions of single totals: `whole_atoms`.
            Table::Demographics | Table::Coverage => {}
            Table::Verification => classes_agree(case),
            _ => sums_agree(case, table),
        }
    }
    let whole = AreaLabel::from(case.district());
    for (table, program, measure, category) in controls.into_keys() {
        let name = case.name(&whole, program, measure, category);
        case.fail(Attack::WholeAtoms, table.as_str(), name, "a control total without a figure");
    }
}

/// Every line is of this release, its month and table, and stands once.
fn lines(case: &mut Case<'_, '_>, table: Table) {
    let manifest = case.view.manifest();
    let mut seen: HashSet<(&AreaLabel, &ProgramCode, &str, &str)> = HashSet::new();
    for cell in case.cells(table) {
        let origin = match table {
            Table::Demographics => cell.release == manifest.rows_from && cell.as_of == manifest.edition_as_of,
            // Figures that may stand from an earlier release: `differencing`.
            Table::Verification | Table::Overlaps => true,
            _ => cell.release == manifest.release && cell.as_of == manifest.period,
        };
        if !origin || cell.period != manifest.period || !table.measures().contains(&cell.measure.as_str()) {
            let name = case.name_of(cell);
            case.fail(Attack::WholeAtoms, table.as_str(), name, "the line is not of this release, period and table");
        }
        if cell.area.members().iter().any(|area| !manifest.district.contains(*area)) {
            let name = case.name_of(cell);
            case.fail(Attack::WholeAtoms, table.as_str(), name, "the area lies outside the district");
        }
        if !seen.insert((&cell.area, &cell.program, &cell.measure, &cell.category)) {
            let name = case.name_of(cell);
            case.fail(Attack::WholeAtoms, table.as_str(), name, "the figure stands twice");
        }
    }
}

/// A group's members point to it, and it is shown.
fn groups(case: &mut Case<'_, '_>, table: Table) {
    let shown: BTreeSet<(&ProgramCode, &AreaLabel)> =
        case.cells(table).iter().filter(|cell| cell.value.is_some()).map(|cell| (&cell.program, &cell.area)).collect();
    for cell in case.cells(table) {
        if let Some(group) = &cell.group
            && !(shown.contains(&(&cell.program, group)) && cell.area.members().iter().all(|area| group.members().contains(area)))
        {
            let name = case.name_of(cell);
            case.fail(Attack::WholeAtoms, table.as_str(), name, "its group is not shown");
        }
    }
}

/// Kabupaten = its kecamatan and groups = its kelurahan.
fn sums_agree(case: &mut Case<'_, '_>, table: Table) {
    let whole = AreaLabel::from(case.district());
    let mut sums: Sums<'_> = BTreeMap::new();
    for cell in case.cells(table) {
        sums.entry((&cell.program, &cell.measure, &cell.category)).or_default().insert(&cell.area, cell);
    }
    for ((program, measure, category), cells) in sums {
        let name = case.name(&whole, program, measure, category);
        let Some(top) = cells.get(&whole) else {
            // Members of a pool may have no figure of their own category.
            if cells.values().any(|cell| cell.value.is_some()) {
                case.fail(Attack::WholeAtoms, table.as_str(), name, "there is no figure for the kabupaten");
            }
            continue;
        };
        let Some(total) = top.value else { continue };
        for level in [Level::Kecamatan, Level::Kelurahan] {
            let parts: Vec<&Cell> = cells.values().copied().filter(|cell| cell.area.members()[0].level() == level).collect();
            let missing = parts.iter().any(|cell| matches!(cell.status, Status::Missing | Status::Withheld));
            if parts.is_empty() || missing {
                continue;
            }
            let sum = parts.iter().filter_map(|cell| cell.value).fold(0, u64::saturating_add);
            if sum != total {
                case.fail(Attack::WholeAtoms, table.as_str(), &name, format!("{total}, but its {level} make {sum}"));
            }
            if level == Level::Kelurahan {
                kelurahan_make_kecamatan(case, table, (program, measure, category), &cells, &parts);
            }
        }
    }
}

fn kelurahan_make_kecamatan(
    case: &mut Case<'_, '_>,
    table: Table,
    (program, measure, category): (&ProgramCode, &str, &str),
    cells: &BTreeMap<&AreaLabel, &Cell>,
    kelurahan: &[&Cell],
) {
    let mut sums: BTreeMap<AreaCode, u64> = BTreeMap::new();
    for cell in kelurahan {
        if let (Some(kecamatan), Some(value)) = (cell.area.members()[0].parent(), cell.value) {
            let sum = sums.entry(kecamatan).or_default();
            *sum = sum.saturating_add(value);
        }
    }
    for (kecamatan, sum) in sums {
        let kecamatan = AreaLabel::from(kecamatan);
        if cells.get(&kecamatan).and_then(|cell| cell.value) != Some(sum) {
            let name = case.name(&kecamatan, program, measure, category);
            case.fail(Attack::WholeAtoms, table.as_str(), name, format!("its kelurahan make {sum}"));
        }
    }
}

/// Verification: each class of the kabupaten is a union of classes of every
/// group, and their sum.
fn classes_agree(case: &mut Case<'_, '_>) {
    let table = Table::Verification;
    let whole = AreaLabel::from(case.district());
    let mut top: BTreeMap<&ProgramCode, Vec<(Class, u64)>> = BTreeMap::new();
    for cell in case.cells(table).iter().filter(|cell| cell.area == whole) {
        if let (Some(class), Some(value)) = (view::class(table, &cell.category), cell.value) {
            top.entry(&cell.program).or_default().push((class, value));
        }
    }
    let groups = &case.view.verification;
    let mut found = Vec::new();
    for program in groups.keys().filter(|program| !top.contains_key(program)) {
        found.push((case.name(&whole, program, "units", ""), "there is no figure for the kabupaten".to_owned()));
    }
    for (program, classes) in &top {
        for (class, value) in classes {
            let name = case.name(&whole, program, "units", &view::category(table, *class));
            let Some(by_area) = groups.get(*program) else {
                found.push((name, "no group of the kabupaten is shown".to_owned()));
                continue;
            };
            let sum =
                by_area.values().map(|shown| view::number_in(table, &shown.classes, *class)).try_fold(0u64, |sum, n| sum.checked_add(n?));
            match sum {
                Some(sum) if sum == *value => {}
                Some(sum) => found.push((name, format!("{value}, but its groups make {sum}"))),
                None => found.push((name, "the class is not made of classes of its groups".to_owned())),
            }
        }
    }
    for (cell, what) in found {
        case.fail(Attack::WholeAtoms, table.as_str(), cell, what);
    }
}
