//! Attack 7: lists of programs, subtracted from each other.

use std::collections::BTreeSet;

use domain::{AreaLabel, Cell, Level, ProgramCode, Table};

use super::{Damage, Place};
use crate::consistent::{sensitive, standing, sum_overlap};
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "few-in-one-program-alone", run: only_few },
    Damage { name: "nobody-in-one-program-alone", run: only_nobody },
    Damage { name: "few-in-both", run: both_few },
    Damage { name: "nobody-in-both", run: both_nobody },
    Damage { name: "three-pairs-that-pin", run: triple },
    Damage { name: "pair-with-a-sensitive-program", run: sensitive_pair },
    Damage { name: "pool-member-with-a-pair", run: pool_member },
    Damage { name: "pair-of-a-kelurahan", run: kelurahan },
];

/// A pair of programs in a group: families in both, in the one and in the other alone.
#[derive(Clone)]
struct Pair {
    at: usize,
    area: AreaLabel,
    one: ProgramCode,
    other: ProgramCode,
    both: u64,
    only: [u64; 2],
}

fn value(folder: &Folder, area: &AreaLabel, program: &ProgramCode, measure: &str, other: &ProgramCode) -> Option<u64> {
    folder.cell(Table::Overlaps, area, program, measure, other.as_str()).and_then(|cell| cell.value)
}

/// Every pair of every group below the kabupaten, in the release that first showed it.
fn pairs(world: &World) -> Vec<Pair> {
    let mut found = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for cell in folder.cells(Table::Overlaps) {
            let first = cell.release == folder.release() && cell.measure == "both" && cell.area.single() != Some(folder.district());
            let Some(other) = cell.category.parse::<ProgramCode>().ok().filter(|_| first) else { continue };
            let (one, area) = (cell.program.clone(), cell.area.clone());
            if let (Some(both), Some(alone), Some(there)) =
                (cell.value, value(folder, &area, &one, "only", &other), value(folder, &area, &other, "only", &one))
            {
                found.push(Pair { at, area, one, other, both, only: [alone, there] });
            }
        }
    }
    found
}

/// Gives a pair another number in both; the lists keep their lengths.
fn set(world: &mut World, pair: &Pair, both: u64) -> Option<Place> {
    let more = both as i64 - pair.both as i64;
    for at in standing(world, pair.at, Table::Overlaps, &pair.area, &pair.one, "both") {
        let folder = &mut world.folders[at];
        for (one, other) in [(&pair.one, &pair.other), (&pair.other, &pair.one)] {
            for (measure, more) in [("both", more), ("only", -more)] {
                if let Some(cell) = folder.cell(Table::Overlaps, &pair.area, one, measure, other.as_str()).cloned() {
                    folder.put(Table::Overlaps, Cell { value: cell.value.map(|value| value.saturating_add_signed(more)), ..cell });
                }
            }
            sum_overlap(folder, one, other.as_str());
        }
    }
    let folder = &world.folders[pair.at];
    Place::of(folder.release(), "overlaps", format!("{}|{}|{}|both|{} {both}", pair.area, pair.one, folder.period(), pair.other))
}

/// Fewer than k of a program without the other.
fn only_few(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let pair = dice.pick(pairs(world).into_iter().filter(|pair| pair.only[1] >= pair.only[0]).collect())?;
    let left = dice.between(1, world.folders[pair.at].k() - 1).min(pair.only[0]);
    set(world, &pair, pair.both + pair.only[0] - left)
}

/// Nobody of a program without the other: the one list lies in the other.
fn only_nobody(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let pair = dice.pick(pairs(world).into_iter().filter(|pair| pair.only[1] >= pair.only[0]).collect())?;
    set(world, &pair, pair.both + pair.only[0])
}

/// Fewer than k in both.
fn both_few(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let pair = dice.pick(pairs(world))?;
    let left = dice.between(1, world.folders[pair.at].k() - 1);
    set(world, &pair, left)
}

/// Nobody in both.
fn both_nobody(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let pair = dice.pick(pairs(world))?;
    set(world, &pair, 0)
}

/// Three pairs, each harmless, that leave fewer than k in one program and one
/// of the others, but not the third: groups' figures are moved until the
/// kabupaten's say so.
fn triple(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let groups = pairs(world);
    let mut places: Vec<(usize, Vec<(Pair, u64)>)> = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        let (k, district) = (folder.k(), AreaLabel::from(folder.district()));
        let of = |one: &ProgramCode, other: &ProgramCode| {
            Some((value(folder, &district, one, "both", other)?, value(folder, &district, one, "only", other)?))
        };
        let programs = &folder.programs(Table::Overlaps);
        for (one, b, c) in programs.iter().flat_map(|one| programs.iter().flat_map(move |b| programs.iter().map(move |c| (one, b, c)))) {
            let (Some(first), Some(second), Some(third)) = (of(one, b), of(one, c), of(b, c).filter(|_| b < c)) else { continue };
            // Figures of different months do not make one sum.
            let list = |one: &ProgramCode, other: &ProgramCode| of(one, other).map(|(both, only)| both + only);
            if list(one, b) != list(one, c) || list(b, one) != list(b, c) || list(c, one) != list(c, b) {
                continue;
            }
            // Those in all three are at least this many; in the pair of the others shall be hardly more.
            let low = (first.0 + second.0).saturating_sub(first.0 + first.1);
            if low < k {
                continue;
            }
            let mut missing = (low + dice.between(0, k - 2)) as i64 - third.0 as i64;
            let stands = |pair: &&Pair| {
                let line = folder.cell(Table::Overlaps, &pair.area, b, "both", c.as_str());
                pair.one == *b && pair.other == *c && line.is_some_and(|line| line.release == world.folders[pair.at].release())
            };
            let mut moved = Vec::new();
            for pair in groups.iter().filter(stands) {
                let (fewest, most) = (k as i64 - pair.both as i64, pair.only.iter().min().map_or(0, |only| *only as i64 - k as i64));
                let more = missing.clamp(fewest.min(0), most.max(0));
                if more != 0 {
                    moved.push((pair.clone(), pair.both.saturating_add_signed(more)));
                    missing -= more;
                }
            }
            if missing == 0 && !moved.is_empty() {
                places.push((at, moved));
            }
        }
    }
    let (at, moved) = dice.pick(places)?;
    let mut place = None;
    for (pair, both) in moved {
        place = set(world, &pair, both);
    }
    place.map(|place| Place { release: world.folders[at].release(), ..place })
}

/// A pair with a program about health, children or disability.
fn sensitive_pair(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        let district = AreaLabel::from(folder.district());
        let programs = folder.programs(Table::Totals);
        for one in programs.iter().filter(|program| !sensitive(program)) {
            for other in programs.iter().filter(|program| sensitive(program)) {
                if let (Some(units), Some(there)) = (folder.units(&district, one), folder.units(&district, other))
                    && units >= 3 * folder.k()
                    && there >= 2 * folder.k()
                {
                    places.push((at, one.clone(), other.clone(), units, there));
                }
            }
        }
    }
    let (at, one, other, units, there) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let both = dice.between(folder.k(), units.min(there) - folder.k());
    let district = AreaLabel::from(folder.district());
    for (program, with, list) in [(&one, &other, units), (&other, &one, there)] {
        for (measure, value) in [("both", both), ("only", list - both)] {
            let line = folder.line(district.clone(), program, measure, with.as_str(), value);
            folder.put(Table::Overlaps, line);
        }
    }
    Place::of(folder.release(), "overlaps", format!("{district}|{one}|{}|both|{other} {both}", folder.period()))
}

/// A kecamatan of a pool is shown beside it, and leaves the others few.
fn pool_member(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let pooled = pairs(world).into_iter().filter(|pair| pair.area.single().is_none()).collect();
    let pair: Pair = dice.pick(pooled)?;
    let k = world.folders[pair.at].k();
    let member = dice.pick(pair.area.members().to_vec())?;
    let few = dice.between(1, (k - 1).min(pair.both).max(1));
    let shown = [pair.both.checked_sub(few)?, pair.only[0].checked_sub(k)?, pair.only[1].checked_sub(k)?];
    for at in standing(world, pair.at, Table::Overlaps, &pair.area, &pair.one, "both") {
        let folder = &mut world.folders[at];
        for (one, other, alone) in [(&pair.one, &pair.other, shown[1]), (&pair.other, &pair.one, shown[2])] {
            let sample = folder.cell(Table::Overlaps, &pair.area, one, "both", other.as_str())?.clone();
            for (measure, value) in [("both", shown[0]), ("only", alone)] {
                let line = Cell { area: member.into(), measure: measure.to_owned(), value: Some(value), ..sample.clone() };
                folder.put(Table::Overlaps, line);
            }
        }
    }
    let folder = &world.folders[pair.at];
    let cell = format!("{}|{}|{}|both|{} beside {member}, the others {few}", pair.area, pair.one, folder.period(), pair.other);
    Place::of(folder.release(), "overlaps", cell)
}

/// A pair in a kelurahan, however many it has.
fn kelurahan(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        let shown: BTreeSet<(ProgramCode, String)> = folder
            .cells(Table::Overlaps)
            .iter()
            .filter(|cell| cell.value.is_some())
            .map(|cell| (cell.program.clone(), cell.category.clone()))
            .collect();
        for (one, other) in shown {
            let Ok(other) = other.parse::<ProgramCode>() else { continue };
            for cell in folder.cells(Table::Totals).iter().filter(|cell| cell.program == one) {
                let kelurahan = cell.area.single().is_some_and(|area| area.level() == Level::Kelurahan);
                if let (true, Some(units), Some(there)) = (kelurahan, cell.value, folder.units(&cell.area, &other))
                    && units.min(there) >= 2 * folder.k()
                {
                    places.push((at, cell.area.clone(), one.clone(), other.clone(), units, there));
                }
            }
        }
    }
    let (at, area, one, other, units, there) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let both = dice.between(folder.k(), units.min(there) - folder.k());
    for (program, with, list) in [(&one, &other, units), (&other, &one, there)] {
        for (measure, value) in [("both", both), ("only", list - both)] {
            let line = folder.line(area.clone(), program, measure, with.as_str(), value);
            folder.put(Table::Overlaps, line);
        }
    }
    Place::of(folder.release(), "overlaps", format!("{area}|{one}|{}|both|{other} {both}", folder.period()))
}
