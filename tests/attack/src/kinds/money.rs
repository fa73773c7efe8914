//! Attack 6: sums of amounts that vary from unit to unit.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AreaCode, AreaLabel, Cell, Level, Period, ProgramCode, Status, Table};

use super::{Damage, Place, name};
use crate::consistent::sensitive;
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "few-contributors", run: few },
    Damage { name: "sums-one-in-the-other", run: nested },
    Damage { name: "shown-again-with-few-movers", run: again },
    Damage { name: "everyone-at-the-least", run: least },
    Damage { name: "what-is-due-beside-what-is-paid", run: due },
    Damage { name: "sum-of-a-kelurahan", run: kelurahan },
    Damage { name: "nearly-everyone-at-the-least", run: nearly },
    Damage { name: "what-was-returned", run: returned },
    Damage { name: "sums-that-overlap", run: overlapping },
];

const PAID: &str = "paid_rupiah";

/// Whether amounts of the program vary, and are money.
fn varies(program: &ProgramCode) -> bool {
    !sensitive(program)
        && reference::program(program).is_some_and(|program| {
            program.fixed_amount.is_none() && program.amounts.iter().all(|amount| amount.kg.is_none()) && !program.amounts.is_empty()
        })
}

/// Lines with a sum of varying amounts.
fn sums(folder: &Folder) -> Vec<&Cell> {
    folder.cells(Table::Payments).iter().filter(|cell| cell.measure == PAID && cell.value.is_some() && varies(&cell.program)).collect()
}

fn count(folder: &Folder, area: AreaCode, program: &ProgramCode, measure: &str) -> Option<u64> {
    folder.value(Table::Payments, &area.into(), program, measure)
}

/// Rupiah of so many units, at the kabupaten's mean and a step of the amounts.
fn rupiah(folder: &Folder, program: &ProgramCode, units: u64, dice: &mut Dice) -> Option<u64> {
    let district = AreaLabel::from(folder.district());
    let sum = folder.value(Table::Payments, &district, program, PAID)?;
    let all = folder.value(Table::Payments, &district, program, "paid")?.max(1);
    Some((units * (sum / all) / 25_000 + dice.between(0, 4)) * 25_000)
}

/// The units paid in a line's area.
fn paid(folder: &Folder, line: &Cell) -> Option<u64> {
    line.area.members().iter().map(|area| count(folder, *area, &line.program, "paid")).sum()
}

fn children(area: AreaCode) -> Vec<AreaCode> {
    reference::areas().children(area).to_vec()
}

/// A sum of fewer than k units.
fn few(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder) {
            for member in line.area.members() {
                let inside = if line.area.single().is_none() { vec![*member] } else { children(*member) };
                for area in inside.into_iter().filter(|area| area.level() >= Level::Kecamatan) {
                    if let Some(units) = count(folder, area, &line.program, "paid").filter(|units| (1..folder.k()).contains(units)) {
                        places.push((at, line.clone(), area, units));
                    }
                }
            }
        }
    }
    let (at, line, area, units) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let value = rupiah(folder, &line.program, units, dice)?.min(line.value?);
    let told = if line.area.single().is_none() && line.area.members().contains(&area) {
        take_out(folder, &line, area, value)?
    } else {
        let told = folder.line(area.into(), &line.program, PAID, "", value);
        folder.put(Table::Payments, told.clone());
        told
    };
    Place::of(folder.release(), "payments", format!("{} of {units}", name(&told)))
}

/// Shows one member of a pool with a sum of its own.
fn take_out(folder: &mut Folder, line: &Cell, area: AreaCode, value: u64) -> Option<Cell> {
    let rest = AreaLabel::pool(line.area.members().iter().copied().filter(|member| *member != area)).ok()?;
    let sum = line.value?.checked_sub(value)?;
    let told = folder.line(area.into(), &line.program, PAID, "", value);
    let cells = folder.cells_mut(Table::Payments);
    cells.retain(|cell| {
        !(cell.program == line.program
            && cell.measure == PAID
            && (cell.area == line.area || cell.area == AreaLabel::from(area) || rest.single().is_some() && cell.area == rest))
    });
    for cell in
        cells.iter_mut().filter(|cell| cell.program == line.program && cell.measure == PAID && cell.group.as_ref() == Some(&line.area))
    {
        cell.group = Some(rest.clone());
    }
    cells.push(Cell { area: rest, value: Some(sum), ..line.clone() });
    cells.push(told.clone());
    Some(told)
}

/// A sum over all of an area but a few units.
fn nested(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder) {
            let Some(area) = line.area.single() else { continue };
            for child in children(area) {
                if let Some(units) = count(folder, child, &line.program, "paid").filter(|units| (1..folder.k()).contains(units)) {
                    places.push((at, line.clone(), area, child, units));
                }
            }
        }
    }
    let (at, line, area, child, units) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let rest = AreaLabel::pool(children(area).into_iter().filter(|other| *other != child)).ok()?;
    let value = line.value?.checked_sub(rupiah(folder, &line.program, units, dice)?)?;
    let told = folder.line(rest, &line.program, PAID, "", value);
    folder.put(Table::Payments, told);
    Place::of(folder.release(), "payments", format!("{} less all but {units} of {child}", name(&line)))
}

/// Units that entered and left an area from one month to another.
fn flows(world: &World, area: AreaCode, program: &ProgramCode, after: Period, until: Period) -> Option<[u64; 2]> {
    let mut sums = [0, 0];
    let mut month = after;
    while month < until {
        month = month.next();
        let folder = world.folders.iter().find(|folder| folder.period() == month && folder.district().contains(area))?;
        for (sum, measure) in sums.iter_mut().zip(["entered", "left"]) {
            *sum += folder.value(Table::Flows, &area.into(), program, measure)?;
        }
    }
    Some(sums)
}

/// A kecamatan with its own sum in two months between which few came or left.
fn again(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut shown: BTreeMap<(AreaCode, ProgramCode), Vec<(usize, Cell)>> = BTreeMap::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder) {
            for member in line.area.members().iter().filter(|area| area.level() == Level::Kecamatan) {
                shown.entry((*member, line.program.clone())).or_default().push((at, line.clone()));
            }
        }
    }
    let mut places = Vec::new();
    for ((area, program), lines) in &shown {
        for (place, (one, first)) in lines.iter().enumerate() {
            for (other, second) in &lines[place + 1..] {
                let folders = [&world.folders[*one], &world.folders[*other]];
                let enough = folders.iter().all(|folder| count(folder, *area, program, "paid").is_some_and(|units| units >= folder.k()));
                let pooled = first.area.single().is_none() || second.area.single().is_none();
                let few = flows(world, *area, program, folders[0].period(), folders[1].period())
                    .is_some_and(|flows| flows.iter().any(|flow| (1..folders[0].k()).contains(flow)));
                if enough && pooled && few {
                    places.push((*area, program.clone(), [(*one, first.clone()), (*other, second.clone())]));
                }
            }
        }
    }
    let (area, program, lines) = dice.pick(places)?;
    let mut told = None;
    for (at, line) in lines {
        if line.area.single().is_some() {
            continue;
        }
        let folder = &mut world.folders[at];
        let units = count(folder, area, &program, "paid")?;
        let value = rupiah(folder, &program, units, dice)?;
        told = take_out(folder, &line, area, value).map(|line| (folder.release(), name(&line)));
    }
    let (release, cell) = told?;
    Place::of(release, "payments", cell)
}

/// A sum that only one amount can make up: everybody has the lowest.
fn least(world: &mut World, dice: &mut Dice) -> Option<Place> {
    at_the_least(world, dice, false)
}

/// The same, but for fewer than k who have the next.
fn nearly(world: &mut World, dice: &mut Dice) -> Option<Place> {
    at_the_least(world, dice, true)
}

fn at_the_least(world: &mut World, dice: &mut Dice, but_few: bool) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder) {
            if line.area.single() != Some(folder.district()) && paid(folder, line).is_some_and(|units| units >= folder.k()) {
                places.push((at, line.clone()));
            }
        }
    }
    let (at, line) = dice.pick(places)?;
    let amounts = &reference::program(&line.program)?.amounts;
    let amounts: BTreeSet<u64> = amounts.iter().filter_map(|amount| amount.rupiah).collect();
    let mut amounts = amounts.into_iter();
    let (lowest, next) = (amounts.next()?, amounts.next());
    let folder = &mut world.folders[at];
    let more = if but_few { dice.between(1, folder.k() - 1) * (next? - lowest) } else { 0 };
    let sum = paid(folder, &line)? * lowest + more;
    let district = AreaLabel::from(folder.district());
    let old = line.value?;
    for cell in folder.cells_mut(Table::Payments).iter_mut().filter(|cell| cell.program == line.program && cell.measure == PAID) {
        if cell.area == line.area {
            cell.value = Some(sum);
        } else if cell.area == district {
            cell.value = cell.value.map(|value| value + sum - old.min(value));
        }
    }
    Place::of(folder.release(), "payments", format!("{} {sum}", name(&line)))
}

/// Three sums of which no one lies in another's rest, but two of them less the
/// third are the sum of few.
fn overlapping(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder).into_iter().filter(|line| line.area.single() == Some(folder.district())) {
            let of = |area: &AreaCode| count(folder, *area, &line.program, "paid").unwrap_or(0);
            let all = children(folder.district());
            let large: Vec<AreaCode> = all.iter().copied().filter(|area| of(area) >= folder.k()).collect();
            for small in all.iter().filter(|area| (1..folder.k()).contains(&of(area))) {
                for pair in large.windows(2) {
                    places.push((at, line.clone(), *small, [pair[0], pair[1]]));
                }
            }
        }
    }
    let (at, line, small, [one, other]) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let mut sum = BTreeMap::new();
    for area in [one, other, small] {
        sum.insert(area, rupiah(folder, &line.program, count(folder, area, &line.program, "paid")?, dice)?);
    }
    for areas in [vec![one, small], vec![small, other], vec![one, small, other]] {
        let value = areas.iter().filter_map(|area| sum.get(area)).sum();
        let told = folder.line(AreaLabel::pool(areas).ok()?, &line.program, PAID, "", value);
        folder.put(Table::Payments, told);
    }
    Place::of(folder.release(), "payments", format!("{small}|{}|{}|{PAID} between {one} and {other}", line.program, line.period))
}

/// Rupiah due beside rupiah paid, where few were not paid.
fn due(world: &mut World, dice: &mut Dice) -> Option<Place> {
    beside(world, dice, "due_rupiah", |folder, area, program| {
        Some(count(folder, area, program, "due")?.saturating_sub(count(folder, area, program, "paid")?))
    })
}

/// Rupiah returned, where few were.
fn returned(world: &mut World, dice: &mut Dice) -> Option<Place> {
    beside(world, dice, "returned_rupiah", |folder, area, program| count(folder, area, program, "returned"))
        .or_else(|| beside(world, dice, "failed_rupiah", |folder, area, program| count(folder, area, program, "failed")))
}

fn beside(
    world: &mut World,
    dice: &mut Dice,
    measure: &'static str,
    units: fn(&Folder, AreaCode, &ProgramCode) -> Option<u64>,
) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder) {
            let Some(area) = line.area.single() else { continue };
            if let Some(units) = units(folder, area, &line.program).filter(|units| (1..folder.k()).contains(units)) {
                places.push((at, line.clone(), units));
            }
        }
    }
    let (at, line, units) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let mut value = rupiah(folder, &line.program, units, dice)?;
    if measure == "due_rupiah" {
        value += line.value?;
    }
    let told = Cell { measure: measure.to_owned(), value: Some(value), status: Status::Observed, ..line };
    let cell = format!("{} of {units}", name(&told));
    folder.put(Table::Payments, told);
    Place::of(folder.release(), "payments", cell)
}

/// A sum of a kelurahan, however many it has.
fn kelurahan(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for line in sums(folder).into_iter().filter(|line| line.area.single() == Some(folder.district())) {
            for area in children(folder.district()).into_iter().flat_map(children) {
                if let Some(units) = count(folder, area, &line.program, "paid").filter(|units| *units >= folder.k()) {
                    places.push((at, line.program.clone(), area, units));
                }
            }
        }
    }
    let (at, program, area, units) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let value = rupiah(folder, &program, units, dice)?;
    let told = folder.line(area.into(), &program, PAID, "", value);
    let cell = format!("{} of {units}", name(&told));
    folder.put(Table::Payments, told);
    Place::of(folder.release(), "payments", cell)
}
