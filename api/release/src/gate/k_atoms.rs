//! Attack 1: small classes of rows, and small published numbers of people with
//! a further attribute.

use std::collections::BTreeMap;

use disclosure::attack::{Attack, PublishedClass, k_atoms};
use domain::{AreaLabel, Cell, Level, ProgramCode, Status, Table};

use super::case::Case;
use super::view::{self, Shown};
use super::{FLOOR, candidates};

pub(super) fn run(case: &mut Case<'_, '_>) {
    let policy = &case.view.manifest().policy;
    let (k, least) = (policy.k, policy.min_candidates);
    if k < FLOOR.0 || least < FLOOR.1 {
        let what = format!("k {k} and {least} inhabitants; the floor is {} and {}", FLOOR.0, FLOOR.1);
        case.fail(Attack::KAtoms, "manifest", "policy", what);
    }
    rows(case, u64::from(least.max(FLOOR.1)));
    for table in Table::ALL {
        sensitive(case, table);
    }
    sensitive_flows(case);
    for (table, measure) in view::CLASSED {
        classed(case, table, measure);
    }
    divided(case);
}

fn rows(case: &mut Case<'_, '_>, least: u64) {
    let view = case.view;
    let classes: Vec<_> = view
        .atoms
        .iter()
        .map(|atom| PublishedClass {
            label: (&atom.program, &atom.area, &atom.sex, &atom.age_band, &atom.family_size),
            name: format!("{}|{}|{}|{}|{}|{}", atom.program, atom.atom, atom.area, atom.sex, atom.age_band, atom.family_size),
            rows: u64::from(atom.count),
            candidates: candidates(atom),
        })
        .collect();
    let found = k_atoms(&classes, case.k(), least);
    case.keep("atoms", found);
    for atom in &view.atoms {
        if view::sensitive(&atom.program) {
            case.fail(Attack::KAtoms, "atoms", format!("{}|{}", atom.program, atom.atom), "a sensitive or unknown program has no rows");
        }
    }
}

/// R1: sensitive programs show totals of kabupaten and kecamatan, who entered and
/// left and what is planned of the kabupaten, and never a number under k.
fn sensitive(case: &mut Case<'_, '_>, table: Table) {
    let (k, whole) = (case.k(), AreaLabel::from(case.district()));
    for cell in case.cells(table).iter().filter(|cell| view::sensitive(&cell.program)) {
        let name = case.name_of(cell);
        let mut fail = |what: String| case.fail(Attack::KAtoms, table.as_str(), &name, what);
        if cell.area.members().iter().any(|area| area.level() > Level::Kecamatan) {
            fail("a sensitive program is not shown below kecamatan".into());
        }
        // How many inhabitants there are, and shares of them, are not people of it.
        let of_people = table != Table::Coverage || cell.measure == "poor_households";
        let may = match table {
            Table::Totals | Table::Coverage | Table::Verification => true,
            Table::Flows | Table::Plan => cell.area == whole && cell.category.is_empty(),
            _ => false,
        };
        if !may && cell.status != Status::Missing {
            fail(format!("a sensitive program shows no {table} here"));
        }
        if let Some(value) = cell.value.filter(|value| of_people && *value < k) {
            fail(format!("{value} people of a sensitive program, fewer than {k}"));
        }
    }
}

/// Both or neither: the totals tell the one from the other, and who stayed.
fn sensitive_flows(case: &mut Case<'_, '_>) {
    let (k, whole) = (case.k(), AreaLabel::from(case.district()));
    for (program, cells) in &case.view.sensitive {
        let of = |table: Table, measure: &str| {
            cells.iter().find(|(of, cell)| *of == table && cell.area == whole && cell.measure == measure).and_then(|(_, cell)| cell.value)
        };
        let (units, entered, left) = (of(Table::Totals, "units"), of(Table::Flows, "entered"), of(Table::Flows, "left"));
        let name = case.name(&whole, program, "entered", "");
        if entered.is_some() != left.is_some() {
            case.fail(Attack::KAtoms, Table::Flows.as_str(), &name, "who entered and who left are shown both or neither");
        }
        if let (Some(units), Some(entered)) = (units, entered)
            && units.saturating_sub(entered) < k
        {
            case.fail(Attack::KAtoms, Table::Flows.as_str(), &name, format!("fewer than {k} of {units} did not enter this month"));
        }
    }
}

/// R4: at least k in a class, and at least k of the group outside it.
fn classed(case: &mut Case<'_, '_>, table: Table, measure: &str) {
    let k = case.k();
    let mut small: Vec<(String, String)> = Vec::new();
    for cell in case.cells(table).iter().filter(|cell| view::is_of_class(table, cell)) {
        if let Some(value) = cell.value.filter(|value| *value < k) {
            small.push((case.name_of(cell), format!("{value} people of a class, fewer than {k}")));
        }
        if cell.area.members().iter().any(|area| area.level() > Level::Kecamatan) {
            small.push((case.name_of(cell), "people by classes are not shown below kecamatan".into()));
        }
    }
    let check = |area: &AreaLabel, program: &ProgramCode, shown: &[(view::Class, u64)], small: &mut Vec<(String, String)>| {
        let total: u64 = shown.iter().map(|(_, n)| *n).fold(0, u64::saturating_add);
        for (class, n) in shown {
            if !view::is_everybody(table, *class) && total.saturating_sub(*n) < k {
                let name = case.name(area, program, measure, &view::category(table, *class));
                small.push((name, format!("fewer than {k} of {total} people are outside the class")));
            }
        }
    };
    for (program, by_area) in case.view.classed(table) {
        for (area, Shown { classes, .. }) in by_area {
            check(area, program, classes, &mut small);
        }
    }
    let mut whole: BTreeMap<&ProgramCode, Vec<(view::Class, u64)>> = BTreeMap::new();
    let of_whole = case.cells(table).iter().filter(|cell| view::is_of_class(table, cell) && cell.area.single() == Some(case.district()));
    for cell in of_whole {
        if let (Some(class), Some(value)) = (view::class(table, &cell.category), cell.value) {
            whole.entry(&cell.program).or_default().push((class, value));
        }
    }
    let district = AreaLabel::from(case.district());
    for (program, shown) in &whole {
        check(&district, program, shown, &mut small);
    }
    for (name, what) in small {
        case.fail(Attack::KAtoms, table.as_str(), name, what);
    }
}

/// Parts of a class: families with and without any program, complaints that were
/// answered and upheld. A part and what it leaves of its whole are each at least k.
fn divided(case: &mut Case<'_, '_>) {
    let k = case.k();
    for (table, part, whole_table, whole) in PARTS {
        let mut small = Vec::new();
        for cell in case.cells(table).iter().filter(|cell| cell.measure == part) {
            let Some(value) = cell.value else { continue };
            let same =
                |of: &&Cell| of.measure == whole && of.area == cell.area && of.category == cell.category && of.program == cell.program;
            let all = case.cells(whole_table).iter().find(same).and_then(|of| of.value);
            let rest = all.and_then(|all| all.checked_sub(value));
            let what = match rest {
                None => Some(format!("{value}, beside no {whole} that holds as many")),
                Some(rest) if value < k || rest < k => Some(format!("{value} and {rest} of a class, fewer than {k}")),
                Some(_) => None,
            };
            small.extend(what.map(|what| (case.name_of(cell), what)));
        }
        for (name, what) in small {
            case.fail(Attack::KAtoms, table.as_str(), name, what);
        }
    }
}

/// Measures that are parts of another: table and measure of the part, of the whole.
const PARTS: [(Table, &str, Table, &str); 4] = [
    (Table::Targeting, "any_program", Table::Deciles, "families"),
    (Table::Targeting, "no_program", Table::Deciles, "families"),
    (Table::Reports, "answered", Table::Reports, "received"),
    (Table::Reports, "upheld", Table::Reports, "answered"),
];
