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
            _ => sums_agree(case, table),
        }
    }
    for (table, measure) in view::CLASSED {
        classes_agree(case, table, measure);
    }
    parts_agree(case);
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
            _ if view::may_stand(table, cell) => true,
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
    // Classes have sums of their own, and so have their parts.
    let of_classes = |cell: &Cell| view::may_stand(table, cell) && table != Table::Overlaps || view::is_of_class(table, cell);
    for cell in case.cells(table).iter().filter(|cell| !of_classes(cell)) {
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

/// Each class of the kabupaten is a union of classes of every group, and their sum.
fn classes_agree(case: &mut Case<'_, '_>, table: Table, measure: &str) {
    let whole = AreaLabel::from(case.district());
    let mut top: BTreeMap<&ProgramCode, Vec<(Class, u64)>> = BTreeMap::new();
    for cell in case.cells(table).iter().filter(|cell| cell.area == whole && view::is_of_class(table, cell)) {
        if let (Some(class), Some(value)) = (view::class(table, &cell.category), cell.value) {
            top.entry(&cell.program).or_default().push((class, value));
        }
    }
    let mut found = Vec::new();
    for (program, _) in case.view.classed(table).filter(|(program, _)| !top.contains_key(program)) {
        found.push((case.name(&whole, program, measure, ""), "there is no figure for the kabupaten".to_owned()));
    }
    for (program, classes) in &top {
        for (class, value) in classes {
            let name = case.name(&whole, program, measure, &view::category(table, *class));
            let Some(by_area) = case.view.classed_of(table, program) else {
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

/// Parts of classes: families with any program and with none are all families of
/// the class, and what the kabupaten shows of a part is what all groups show.
fn parts_agree(case: &mut Case<'_, '_>) {
    let whole = AreaLabel::from(case.district());
    let mut found = Vec::new();
    let targeting = Table::Targeting;
    for cell in case.cells(targeting).iter().filter(|cell| cell.value.is_some()) {
        let of = |table: Table, measure: &str| {
            let cells = case.cells(table).iter();
            let mut same = cells.filter(|of| of.measure == measure && of.area == cell.area && of.category == cell.category);
            same.find(|of| of.program == cell.program).map(|of| (of.value, of.release, of.as_of))
        };
        let all = of(Table::Deciles, "families");
        let (any, none) = (of(targeting, "any_program"), of(targeting, "no_program"));
        let value = |shown: Option<(Option<u64>, _, _)>| shown.and_then(|(value, ..)| value);
        let sum = value(any).zip(value(none)).and_then(|(any, none)| any.checked_add(none));
        if sum.is_none() || sum != value(all) {
            found.push((targeting, case.name_of(cell), "with any program and with none are not all families of the class".to_owned()));
        }
        if all.is_some_and(|(_, release, as_of)| (release, as_of) != (cell.release, cell.as_of)) {
            found.push((targeting, case.name_of(cell), "not of the release and month of its families".to_owned()));
        }
    }
    for (measure, whole) in [("answered", "received"), ("upheld", "answered")] {
        let cells = case.cells(Table::Reports);
        for cell in cells.iter().filter(|cell| cell.measure == measure && cell.value.is_some()) {
            let same = |of: &&Cell| of.measure == whole && of.area == cell.area && of.category == cell.category;
            if cells.iter().find(same).is_some_and(|of| (of.release, of.as_of) != (cell.release, cell.as_of)) {
                found.push((Table::Reports, case.name_of(cell), format!("not of the release and month of {whole}")));
            }
        }
    }
    for (table, measure) in
        [(targeting, "any_program"), (targeting, "no_program"), (Table::Reports, "answered"), (Table::Reports, "upheld")]
    {
        let shown = || case.cells(table).iter().filter(|cell| cell.measure == measure && cell.value.is_some());
        for cell in shown().filter(|cell| cell.area == whole) {
            let Some(class) = view::class(table, &cell.category) else { continue };
            let parts = shown().filter(|part| part.area != whole && part.program == cell.program);
            let inside: Vec<(Class, u64, &AreaLabel)> = parts
                .filter_map(|part| Some((view::class(table, &part.category)?, part.value?, &part.area)))
                .filter(|(part, _, _)| part & class != 0)
                .collect();
            let sum = inside.iter().map(|(_, n, _)| *n).fold(0, u64::saturating_add);
            if inside.iter().any(|(part, _, _)| part & !class != 0) || Some(sum) != cell.value {
                found.push((table, case.name_of(cell), format!("its groups make {sum}")));
            }
            // Every group that is shown shows all of the class.
            let base = if table == targeting { Table::Deciles } else { table };
            let groups = case.view.classed_of(base, &cell.program).into_iter().flatten();
            for (group, _) in groups {
                let shown = inside.iter().filter(|(_, _, area)| *area == group).fold(0, |all, (part, _, _)| all | part);
                if shown != class {
                    found.push((table, case.name_of(cell), format!("{group} does not show all of it")));
                }
            }
        }
    }
    for (table, cell, what) in found {
        case.fail(Attack::WholeAtoms, table.as_str(), cell, what);
    }
}
