//! Attack 2: numbers that no line shows, but that the shown ones leave few
//! values, none of them shown under k.

use std::collections::BTreeSet;

use domain::{AreaCode, AreaLabel, Cell, ProgramCode, Status, Table};

use super::k_atoms::{Group, sensitive_groups, shown_kecamatan, take_out};
use super::{Damage, Place, name};
use crate::consistent::{classes, groups, outcomes, sensitive, standing};
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "zero-shown-beside-a-group", run: zero_shown },
    Damage { name: "groups-one-in-the-other", run: nested },
    Damage { name: "statuses-without-one-member", run: statuses },
    Damage { name: "rate-of-a-grouped-kecamatan", run: rate },
    Damage { name: "one-flow-of-a-sensitive-program", run: one_flow },
    Damage { name: "kabupaten-finer-than-its-groups", run: finer_above },
    Damage { name: "pool-member-with-outcomes", run: pool_member },
    Damage { name: "one-class-without-the-rest", run: one_class },
    Damage { name: "group-that-its-kecamatan-bound", run: bound },
    Damage { name: "outcomes-of-part-of-a-group", run: part },
    Damage { name: "risk-report-that-tells", run: report },
];

/// Units that leave a group, into a kecamatan that is shown or out of the district.
fn give(folder: &mut Folder, group: &AreaLabel, program: &ProgramCode, units: u64, dice: &mut Dice) {
    if units == 0 {
        return;
    }
    let district = AreaLabel::from(folder.district());
    let large: Vec<AreaCode> = shown_kecamatan(folder, program)
        .into_iter()
        .filter(|area| folder.value(Table::Totals, &AreaLabel::from(*area), program, "units").is_some_and(|value| value > 0))
        .collect();
    let to = dice.pick(large).map(AreaLabel::from);
    for cell in folder.cells_mut(Table::Totals).iter_mut().filter(|cell| cell.program == *program) {
        if cell.area == *group || (to.is_none() && cell.area == district) {
            cell.value = cell.value.map(|value| value.saturating_sub(units));
        } else if to.as_ref() == Some(&cell.area) {
            cell.value = cell.value.map(|value| value + units);
        }
    }
}

/// A member's 0 is shown, and so nobody takes the others for 0: at least one
/// each, and little is left to choose from.
fn zero_shown(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let wanted = |folder: &Folder, group: &Group, sum: u64| {
        let rest = group.members().len() as u64 - 1;
        rest >= 2 && sum >= folder.k().max(rest)
    };
    let (at, group) = dice.pick(sensitive_groups(world, wanted))?;
    let folder = &mut world.folders[at];
    let rest = group.members().len() as u64 - 1;
    let low = folder.k().max(rest);
    let sum = dice.between(low, (folder.k() + rest - 2).min(group.sum()).max(low));
    let cell = take_out(folder, &group, 0, dice)?;
    let label = groups(folder, Table::Totals, &group.line.program).into_iter().find(|label| label.single().is_none())?;
    give(folder, &label, &group.line.program, group.sum() - sum, dice);
    Place::of(folder.release(), "totals", format!("{cell}, the other {rest} together {sum}"))
}

/// A second group with one member fewer.
fn nested(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, group) = dice.pick(sensitive_groups(world, |folder, group, sum| group.members().len() >= 3 && sum >= 2 * folder.k()))?;
    let folder = &mut world.folders[at];
    let line = &group.line;
    let member = dice.pick(group.members().to_vec())?;
    let value = dice.between(1, folder.k() - 1);
    let inner = AreaLabel::pool(group.members().iter().copied().filter(|area| *area != member)).ok()?;
    let shown = folder.line(inner.clone(), &line.program, "units", "", group.sum() - value);
    for cell in folder.cells_mut(Table::Totals).iter_mut() {
        if cell.program == line.program && cell.group.as_ref() == Some(&line.area) && cell.area != AreaLabel::from(member) {
            cell.group = Some(inner.clone());
        }
    }
    folder.put(Table::Totals, shown);
    Place::of(folder.release(), "totals", format!("{member}|{}|{}|units {value}", line.program, line.period))
}

/// Units due of a sensitive program that pays every month, where they are
/// missing for one small kecamatan alone.
fn statuses(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let monthly =
        |program: &ProgramCode| reference::program(program).is_some_and(|program| program.frequency == reference::Frequency::Monthly);
    let wanted = |folder: &Folder, group: &Group, sum: u64| {
        let program = &group.line.program;
        monthly(program) && sum >= 2 * folder.k() && folder.units(&folder.district().into(), program).is_some()
    };
    let (at, group) = dice.pick(sensitive_groups(world, wanted))?;
    let folder = &mut world.folders[at];
    let line = &group.line;
    let member = dice.pick(group.members().to_vec())?;
    let value = dice.between(1, folder.k() - 1);
    let rest = AreaLabel::pool(group.members().iter().copied().filter(|area| *area != member)).ok()?;
    let district = AreaLabel::from(folder.district());
    let whole = folder.units(&district, &line.program)?;
    let mut lines = vec![
        folder.line(district, &line.program, "due", "", whole),
        folder.line(rest.clone(), &line.program, "due", "", group.sum() - value),
    ];
    for area in shown_kecamatan(folder, &line.program) {
        let units = folder.units(&area.into(), &line.program)?;
        lines.push(folder.line(area.into(), &line.program, "due", "", units));
    }
    for area in group.members() {
        let inside = rest.members().contains(area) && rest.single().is_none();
        if rest.single() == Some(*area) {
            continue;
        }
        let status = if inside { Status::Grouped } else { Status::Missing };
        let line = folder.line((*area).into(), &line.program, "due", "", 0);
        lines.push(Cell { value: None, status, group: inside.then(|| rest.clone()), ..line });
    }
    for line in lines {
        folder.put(Table::Payments, line);
    }
    Place::of(folder.release(), "payments", format!("{member}|{}|{}|due {value}", line.program, line.period))
}

/// Units per 10 000 inhabitants of a grouped kecamatan with few inhabitants:
/// each rate leaves a handful of values.
fn rate(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, group) in sensitive_groups(world, |_, _, _| true) {
        let folder = &world.folders[at];
        for member in group.members() {
            let area = AreaLabel::from(*member);
            let people = folder.cells(Table::Coverage).iter().find(|cell| cell.area == area && cell.measure == "inhabitants");
            if let Some(people) = people.filter(|cell| cell.value.is_some_and(|value| value > 0 && value < 10_000 * (folder.k() - 1))) {
                places.push((at, group.line.clone(), people.clone()));
            }
        }
    }
    let (at, group, people) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let units = dice.between(1, (folder.k() - 1).min(group.value?));
    let inhabitants = people.value?;
    let base = folder.line(people.area.clone(), &group.program, "inhabitants", &people.category, inhabitants);
    let rate =
        folder.line(people.area.clone(), &group.program, "units_per_10000_inhabitants", &people.category, units * 10_000 / inhabitants);
    let cell = format!("{} {units} units", name(&rate));
    folder.put(Table::Coverage, base);
    folder.put(Table::Coverage, rate);
    Place::of(folder.release(), "coverage", cell)
}

/// Only `entered` of a sensitive program: the totals of two months tell who left.
fn one_flow(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for at in 0..world.folders.len() {
        let folder = &world.folders[at];
        let Some(before) = world.before(at) else { continue };
        let district = AreaLabel::from(folder.district());
        for program in folder.programs(Table::Totals).into_iter().filter(sensitive) {
            let units = |at: usize| world.folders[at].units(&district, &program);
            if let (Some(now), Some(then)) = (units(at), units(before))
                && then >= 2 * folder.k()
            {
                places.push((at, program, now, then));
            }
        }
    }
    let (at, program, now, then) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let k = folder.k();
    let left = dice.between(1, k - 1);
    // As many more this month as it takes for at least k to have come.
    let entered = dice.between(k, k + 20).max((now + left).saturating_sub(then));
    let more = then + entered - left - now;
    let district = AreaLabel::from(folder.district());
    let part = groups(folder, Table::Totals, &program);
    let part = dice.pick(part)?;
    for cell in folder.cells_mut(Table::Totals).iter_mut().filter(|cell| cell.program == program) {
        if cell.area == district || cell.area == part {
            cell.value = cell.value.map(|value| value + more);
        }
    }
    let line = folder.line(district.clone(), &program, "entered", "", entered);
    folder.put(Table::Flows, line);
    let missing = folder.line(district.clone(), &program, "left", "", 0);
    folder.put(Table::Flows, Cell { value: None, status: Status::Missing, ..missing });
    Place::of(folder.release(), "flows", format!("{district}|{program}|{}|left {left}", folder.period()))
}

/// An outcome that one group shows and another hides in a class: its sum over
/// the kabupaten tells the hidden ones.
fn finer_above(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        let district = AreaLabel::from(folder.district());
        for program in folder.programs(Table::Verification) {
            let shown: Vec<&Cell> =
                groups(folder, Table::Verification, &program).iter().flat_map(|area| classes(folder, &program, area)).collect();
            for line in classes(folder, &program, &district) {
                for code in outcomes(&line.category) {
                    let alone: Vec<&&Cell> = shown.iter().filter(|cell| cell.category == code).collect();
                    let hidden = shown.iter().filter(|cell| cell.category != code && outcomes(&cell.category).contains(code));
                    let hidden: u64 = hidden.filter_map(|cell| cell.value).sum();
                    if !alone.is_empty() && hidden > 0 && line.category != code {
                        let sum: u64 = alone.iter().filter_map(|cell| cell.value).sum();
                        places.push((at, line.clone(), code.to_owned(), sum, hidden));
                    }
                }
            }
        }
    }
    let (at, line, code, sum, hidden) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    // At most k - 1 values for each group that hides some of them.
    let value = dice.between(1, (folder.k() - 2).min(hidden));
    let rest: Vec<&str> = outcomes(&line.category).into_iter().filter(|other| *other != code).collect();
    let cut = Cell { category: code.clone(), value: Some(sum + value), ..line.clone() };
    let left = Cell { category: rest.join("~"), value: line.value.map(|all| all.saturating_sub(sum + value)), ..line.clone() };
    let cells = folder.cells_mut(Table::Verification);
    cells.retain(|cell| *cell != line);
    cells.extend([cut, left]);
    Place::of(folder.release(), "verification", format!("{} {code} {value}", name(&line)))
}

/// A kecamatan of a pool is shown beside the pool, and the rest follows.
fn pool_member(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for program in folder.programs(Table::Verification) {
            for pool in groups(folder, Table::Verification, &program).into_iter().filter(|area| area.single().is_none()) {
                let release = classes(folder, &program, &pool).first().map(|cell| cell.release);
                if release == Some(folder.release()) {
                    places.push((at, program.clone(), pool));
                }
            }
        }
    }
    let (at, program, pool) = dice.pick(places)?;
    let folder = &world.folders[at];
    let k = folder.k();
    let member = dice.pick(pool.members().to_vec())?;
    let of_pool: Vec<Cell> = classes(folder, &program, &pool).into_iter().cloned().collect();
    let all: u64 = of_pool.iter().filter_map(|cell| cell.value).sum();
    let mut others = all.checked_sub(folder.units(&member.into(), &program)?)?;
    if others == 0 {
        return None;
    }
    // How the others, whom nothing shows, spread over the classes: few in one.
    let small = dice.between(1, others.min(k - 1));
    let first = dice.between(0, of_pool.len() as u64 - 1) as usize;
    let mut hidden = vec![0; of_pool.len()];
    for step in 0..of_pool.len() {
        let place = (first + step) % of_pool.len();
        let most = if step == 0 { small } else { others };
        hidden[place] = most.min(of_pool[place].value?);
        others -= hidden[place];
    }
    if others > 0 {
        return None;
    }
    for at in standing(world, at, Table::Verification, &pool, &program, "units") {
        let cells = world.folders[at].cells_mut(Table::Verification);
        cells.retain(|cell| !(cell.program == program && cell.area == AreaLabel::from(member)));
        cells.extend(of_pool.iter().zip(&hidden).map(|(cell, hidden)| Cell {
            area: member.into(),
            value: cell.value.map(|value| value - hidden),
            ..cell.clone()
        }));
    }
    let line = &of_pool[first];
    Place::of(world.folders[at].release(), "verification", format!("{} beside {member}, the others {}", name(line), hidden[first]))
}

/// One class is shown, which leaves few of the group's exact total.
fn one_class(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for program in folder.programs(Table::Verification) {
            for area in groups(folder, Table::Verification, &program) {
                let shown = classes(folder, &program, &area);
                if shown.len() >= 2 && shown[0].release == folder.release() {
                    places.push((at, program.clone(), area));
                }
            }
        }
    }
    let (at, program, area) = dice.pick(places)?;
    let shown: Vec<Cell> = classes(&world.folders[at], &program, &area).into_iter().cloned().collect();
    let all: u64 = shown.iter().filter_map(|cell| cell.value).sum();
    let kept = shown.iter().max_by_key(|cell| cell.value)?.clone();
    let hidden = dice.between(1, world.folders[at].k() - 1);
    for at in standing(world, at, Table::Verification, &area, &program, "units") {
        let cells = world.folders[at].cells_mut(Table::Verification);
        cells.retain(|cell| !(cell.program == program && cell.area == area));
        cells.push(Cell { value: Some(all - hidden), ..kept.clone() });
    }
    Place::of(world.folders[at].release(), "verification", format!("{} all but {hidden}", name(&kept)))
}

/// A group that is shown nowhere: the kabupaten's total and the other kecamatan
/// leave its members few units.
fn bound(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let wanted = |folder: &Folder, group: &Group, sum: u64| {
        sum >= 2 * folder.k() && group.members().len() >= 3 && folder.units(&folder.district().into(), &group.line.program).is_some()
    };
    let (at, group) = dice.pick(sensitive_groups(world, wanted))?;
    let folder = &mut world.folders[at];
    let program = &group.line.program;
    // One member has nearly all; the group itself is missing, and so are the others.
    let left = dice.between(1, folder.k() - 2);
    take_out(folder, &group, group.sum() - left, dice)?;
    let rest = folder.cells(Table::Totals).iter().find(|cell| cell.program == *program && cell.area.single().is_none())?.area.clone();
    let cells = folder.cells_mut(Table::Totals);
    cells.retain(|cell| !(cell.program == *program && cell.area == rest));
    for cell in cells.iter_mut().filter(|cell| cell.program == *program && cell.group.as_ref() == Some(&rest)) {
        cell.status = Status::Missing;
        cell.group = None;
    }
    Place::of(folder.release(), "totals", format!("{rest}|{program}|{}|units together {left}", folder.period()))
}

/// Outcomes of a sensitive program over fewer kecamatan than its totals' group:
/// they make up a sum, and the rest of the group follows.
fn part(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, group) = dice.pick(sensitive_groups(world, |folder, group, sum| group.members().len() >= 3 && sum >= 3 * folder.k()))?;
    let folder = &mut world.folders[at];
    let (k, program) = (folder.k(), group.line.program.clone());
    let member = dice.pick(group.members().to_vec())?;
    let value = dice.between(1, k - 1);
    let inner = AreaLabel::pool(group.members().iter().copied().filter(|area| *area != member)).ok()?;
    let sum = group.sum() - value;
    let valid = dice.between(k, sum - k);
    let rest: Vec<&str> = domain::Outcome::ALL.iter().map(|outcome| outcome.as_str()).filter(|code| *code != "valid").collect();
    let rest: BTreeSet<&str> = rest.into_iter().collect();
    let rest = rest.into_iter().collect::<Vec<_>>().join("~");
    folder.cells_mut(Table::Verification).retain(|cell| cell.program != program);
    for (category, number) in [("valid", valid), (&*rest, sum - valid)] {
        for area in [inner.clone(), folder.district().into()] {
            let line = folder.line(area, &program, "units", category, number);
            folder.put(Table::Verification, line);
        }
    }
    for area in inner.members() {
        let line = folder.line((*area).into(), &program, "units", "", 0);
        folder.put(Table::Verification, Cell { value: None, status: Status::Grouped, group: Some(inner.clone()), ..line });
    }
    Place::of(folder.release(), "verification", format!("{inner}|{program}|{}|units {sum}, {member} {value}", folder.period()))
}

/// A risk report that tells which hidden part is small.
fn report(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, group) = dice.pick(sensitive_groups(world, |_, _, _| true))?;
    let folder = &mut world.folders[at];
    let member = dice.pick(group.members().to_vec())?;
    let value = dice.between(0, (folder.k() - 1).min(group.sum()));
    let program = group.line.program.clone();
    let mut report = folder.risk()?;
    let told = serde_json::json!({"table": "totals", "program": program, "area": member.to_string(), "units": value});
    match report.get_mut("groups").and_then(serde_json::Value::as_array_mut) {
        Some(groups) => groups.push(told),
        None => *report.get_mut("release")? = told,
    }
    folder.set_risk(&report);
    Place::of(folder.release(), "risk-report", format!("{member}|{program}|{}|units {value}", folder.period()))
}
