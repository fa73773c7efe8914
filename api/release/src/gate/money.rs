//! Attack 6: sums of amounts that differ from one to the next, and amounts that
//! are said to be fixed.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::attack::{Attack, ShownSum, few_behind, near_an_end, tells_of_amounts};
use disclosure::sensitive::join;
use domain::{AreaCode, AreaLabel, Cell, Level, ProgramCode, Table};
use reference::Program;

use super::case::Case;
use super::view::{ByArea, View, varies};

const TABLE: &str = Table::Payments.as_str();

pub(super) fn run(case: &mut Case<'_, '_>) {
    fixed_and_varying(case);
    let mut found = Vec::new();
    for (program, by_area) in &case.view.rupiah {
        let name = |area: &AreaLabel| case.name(area, program, "paid_rupiah", "");
        let sums = sums(case, program, by_area);
        for (areas, what) in few_behind(&sums, case.k()) {
            found.push((AreaLabel::pool(areas).map_or_else(|_| program.to_string(), |area| name(&area)), what));
        }
        for (area, value) in by_area {
            if at_an_end(case, program, area, *value) {
                found.push((name(area), "the sum is so near the least or most possible that it tells nearly everyone's amount".to_owned()));
            }
        }
        for other in &case.others {
            found.extend(between(case, program, by_area, other).into_iter().map(|(area, what)| (name(&area), what)));
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Money, TABLE, cell, what);
    }
}

/// A fixed amount is units times the amount. Of a varying one only what was paid
/// is shown, of kecamatan and above.
fn fixed_and_varying(case: &mut Case<'_, '_>) {
    let units: BTreeMap<(&ProgramCode, &AreaLabel, &str), u64> = case
        .cells(Table::Payments)
        .iter()
        .filter_map(|cell| Some(((&cell.program, &cell.area, cell.measure.as_str()), cell.value?)))
        .collect();
    let mut found: Vec<(&Cell, String)> = Vec::new();
    for cell in case.cells(Table::Payments) {
        let (Some(of), Some(value), Some(program)) = (cell.measure.strip_suffix("_rupiah"), cell.value, reference::program(&cell.program))
        else {
            continue;
        };
        if program.sensitive {
            continue;
        }
        match (program.fixed_amount, units.get(&(&cell.program, &cell.area, of))) {
            (Some(amount), Some(units)) if u128::from(value) != u128::from(*units) * u128::from(amount.get()) => {
                found.push((cell, format!("{value} is not {units} times the fixed amount of {}", amount.get())));
            }
            (Some(_), None) => found.push((cell, "rupiah of units that are not shown".to_owned())),
            (None, _) if !varies(&cell.program) => found.push((cell, "rupiah of a program that pays no money".to_owned())),
            (None, _) if of != "paid" => found.push((cell, "of a varying amount only what was paid is shown".to_owned())),
            (None, _) if cell.area.members().iter().any(|area| area.level() > Level::Kecamatan) => {
                found.push((cell, "a varying amount is not shown below kecamatan".to_owned()));
            }
            _ => {}
        }
    }
    for (cell, what) in found {
        let name = case.name_of(cell);
        case.fail(Attack::Money, TABLE, name, what);
    }
}

/// The kecamatan a label stands for: all of them, if it is the kabupaten.
fn kecamatan(case: &Case<'_, '_>, area: &AreaLabel) -> Vec<AreaCode> {
    if area.single() == Some(case.district()) { reference::areas().children(case.district()).to_vec() } else { area.members().to_vec() }
}

fn sums(case: &Case<'_, '_>, program: &ProgramCode, by_area: &ByArea<u64>) -> Vec<ShownSum<AreaCode>> {
    let paid = |area: &AreaLabel| case.view.sum(program, area.members(), |exact| exact.paid);
    by_area.keys().map(|area| ShownSum { areas: kecamatan(case, area), contributors: paid(area) }).collect()
}

/// Two months' sums, subtracted: over the smallest unions of areas that both
/// months show. The parts of a district that make up the whole are all of them.
fn between(case: &Case<'_, '_>, program: &ProgramCode, mine: &ByArea<u64>, other: &View<'_>) -> Vec<(AreaLabel, String)> {
    let Some(theirs) = other.rupiah.get(program) else { return Vec::new() };
    let parts = |of: &ByArea<u64>| -> Vec<Vec<AreaCode>> {
        let below: Vec<Vec<AreaCode>> =
            of.keys().filter(|area| area.single() != Some(case.district())).map(|area| area.members().to_vec()).collect();
        if below.is_empty() { vec![reference::areas().children(case.district()).to_vec()] } else { below }
    };
    let (now, before) = (parts(mine), parts(theirs));
    let (of_now, of_before): (BTreeSet<&AreaCode>, BTreeSet<&AreaCode>) =
        (now.iter().flatten().collect(), before.iter().flatten().collect());
    let mut found = Vec::new();
    for block in join(&now, &before) {
        // An area that only one of the months shows leaves nothing to subtract.
        if !block.iter().all(|area| of_now.contains(area) && of_before.contains(area)) {
            continue;
        }
        let paid = |view: &View<'_>| view.sum(program, &block, |exact| exact.paid);
        let told = if case.view.period() == other.period() {
            let moved = paid(case.view).zip(paid(other)).map(|(one, two)| one.abs_diff(two));
            tells_of_amounts(moved, None, (None, None), case.k())
        } else {
            let (entered, left) = case.moved(program, &block, (case.view.period(), other.period()));
            tells_of_amounts(entered, left, (paid(case.view), paid(other)), case.k())
        };
        if let (Some(told), Ok(area)) = (told, AreaLabel::pool(block)) {
            found.push((area, format!("less the sum of {}: {told}", other.release())));
        }
    }
    found
}

fn at_an_end(case: &Case<'_, '_>, program: &ProgramCode, area: &AreaLabel, sum: u64) -> bool {
    let (Some(paid), Some(program)) = (case.view.sum(program, area.members(), |exact| exact.paid), reference::program(program)) else {
        return false;
    };
    near_an_end(sum, paid, &ends(program), case.k())
}

/// The most members of a family whose components add up.
const MEMBERS: u64 = 4;

/// The least and the most that a unit may get at a time, each with the amount
/// next to it. The components of up to four members of a family add up.
fn ends(program: &Program) -> Vec<(u64, u64)> {
    let amounts = program.amounts.iter().filter(|amount| !amount.maximum).filter_map(|amount| amount.rupiah);
    let amounts: Vec<u64> = amounts.collect::<BTreeSet<u64>>().into_iter().collect();
    let add_up = program.amounts.iter().any(|amount| amount.component.is_some());
    match amounts.as_slice() {
        [least, second, ..] => {
            let (next, most) = (amounts[amounts.len() - 2], amounts[amounts.len() - 1]);
            let others = if add_up { most.saturating_mul(MEMBERS - 1) } else { 0 };
            vec![(*least, *second), (most.saturating_add(others), next.saturating_add(others))]
        }
        _ => Vec::new(),
    }
}
