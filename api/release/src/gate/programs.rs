//! Attack 7: the lists of programs, subtracted from each other two and three at
//! a time.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::attack::{Attack, in_all_three, in_all_three_between, small_regions};
use domain::{AreaCode, AreaLabel, Level, Period, ProgramCode, ReleaseId, Status, Table, Unit};

use super::case::Case;
use super::view::{self, sensitive};

const TABLE: Table = Table::Overlaps;

/// What is shown of two programs in an area: families in both and in each alone.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    both: Option<u64>,
    only: Option<u64>,
}

/// Pairs by area, then by the two programs in either order.
type Pairs<'b> = BTreeMap<&'b AreaLabel, BTreeMap<(ProgramCode, ProgramCode), Pair>>;

pub(super) fn run(case: &mut Case<'_, '_>) {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut pairs: Pairs<'_> = BTreeMap::new();
    for cell in case.cells(TABLE) {
        let name = case.name_of(cell);
        let Ok(other) = cell.category.parse::<ProgramCode>() else {
            if cell.status != Status::Missing {
                found.push((name, "the category is no program".into()));
            }
            continue;
        };
        if cell.status == Status::Missing {
            continue;
        }
        if sensitive(&cell.program) || sensitive(&other) || cell.program == other {
            found.push((name.clone(), "a sensitive program, or one with itself, is not compared".into()));
        }
        if cell.area.members().iter().any(|area| area.level() > Level::Kecamatan) {
            found.push((name, "programs are not compared below kecamatan".into()));
        }
        let Some(value) = cell.value else { continue };
        let pair = pairs.entry(&cell.area).or_default().entry((cell.program.clone(), other)).or_default();
        match cell.measure.as_str() {
            "both" => pair.both = Some(value),
            _ => pair.only = Some(value),
        }
    }
    two_at_a_time(case, &pairs, &mut found);
    differences(case, &pairs, &mut found);
    three_at_a_time(case, &pairs, &mut found);
    units(case, &pairs, &mut found);
    classes(case, &pairs, &mut found);
    for (cell, what) in found {
        case.fail(Attack::Programs, TABLE.as_str(), cell, what);
    }
}

fn two_at_a_time(case: &Case<'_, '_>, pairs: &Pairs<'_>, found: &mut Vec<(String, String)>) {
    for (area, by_pair) in pairs {
        for ((program, other), pair) in by_pair {
            let name = |measure: &str| case.name(area, program, measure, other.as_str());
            let (Some(both), Some(only)) = (pair.both, pair.only) else {
                found.push((name("both"), "both and only are shown together".into()));
                continue;
            };
            for (measure, n) in small_regions(both, only, case.k()) {
                found.push((name(measure), format!("{n} families, fewer than {}", case.k())));
            }
            let mirrored = by_pair.get(&(other.clone(), program.clone())).and_then(|pair| pair.both);
            if mirrored != Some(both) {
                found.push((name("both"), format!("{other} does not say the same of {program}")));
            }
        }
    }
}

/// A whole less the groups shown inside it.
fn differences(case: &Case<'_, '_>, pairs: &Pairs<'_>, found: &mut Vec<(String, String)>) {
    let district = AreaLabel::from(case.district());
    let kecamatan = |area: &AreaLabel| -> Vec<AreaCode> {
        if *area == district { reference::areas().children(case.district()).to_vec() } else { area.members().to_vec() }
    };
    for (whole, by_pair) in pairs {
        let members = kecamatan(whole);
        for ((program, other), pair) in by_pair {
            let of = |area: &AreaLabel| pairs.get(area).and_then(|pairs| pairs.get(&(program.clone(), other.clone()))).copied();
            let inside = pairs.keys().filter(|area| *area != whole && **area != &district);
            let mut parts: Vec<(&AreaLabel, Pair)> = Vec::new();
            for area in inside.filter(|area| area.members().iter().all(|area| members.contains(area))) {
                if let Some(pair) = of(area)
                    && parts.iter().all(|(other, _)| !other.members().iter().any(|member| area.members().contains(member)))
                {
                    parts.push((area, pair));
                }
            }
            if parts.is_empty() {
                continue;
            }
            let left = |of: fn(&Pair) -> Option<u64>| parts.iter().try_fold(of(pair)?, |left, (_, part)| left.checked_sub(of(part)?));
            let (both, only) = (left(|pair| pair.both), left(|pair| pair.only));
            let name = case.name(whole, program, "both", other.as_str());
            match (both, only) {
                // The parts are the whole.
                (Some(0), Some(0)) => {}
                (Some(both), Some(only)) => {
                    for (measure, n) in small_regions(both, only, case.k()) {
                        found.push((name.clone(), format!("less the groups shown inside it leaves {n} families in {measure}")));
                    }
                }
                _ => found.push((name, "the groups shown inside it are more than it".into())),
            }
        }
    }
}

/// Three programs compared two by two: those in all three must stay open.
fn three_at_a_time(case: &Case<'_, '_>, pairs: &Pairs<'_>, found: &mut Vec<(String, String)>) {
    for (area, by_pair) in pairs {
        let programs: BTreeSet<&ProgramCode> = by_pair.keys().map(|(program, _)| program).collect();
        let programs: Vec<&ProgramCode> = programs.into_iter().collect();
        let of = |one: &ProgramCode, other: &ProgramCode| {
            let pair = by_pair.get(&(one.clone(), other.clone()))?;
            Some((pair.both?, pair.both?.checked_add(pair.only?)?))
        };
        for (at, a) in programs.iter().enumerate() {
            for (next, b) in programs.iter().enumerate().skip(at + 1) {
                for c in &programs[next + 1..] {
                    let (Some((ab, of_a)), Some((ac, _)), Some((bc, of_b)), Some((_, of_c))) = (of(a, b), of(a, c), of(b, c), of(c, a))
                    else {
                        continue;
                    };
                    let (each, pairs) = ([of_a, of_b, of_c], [ab, ac, bc]);
                    let times = [times(case, area, a, b), times(case, area, a, c), times(case, area, b, c)];
                    let once = times.iter().flatten().collect::<BTreeSet<_>>().len() == 1;
                    let narrow = |(least, most): &(u64, u64)| most.saturating_sub(*least).saturating_add(1) < case.k();
                    let range = in_all_three(each, pairs);
                    // Figures of different months may contradict each other honestly.
                    let what = match range.filter(narrow).or_else(|| later(case, area, [a, b, c], &times, (each, pairs)).filter(narrow)) {
                        Some((least, most)) => {
                            format!("between {least} and {most} families are in all three, fewer than {} possible values", case.k())
                        }
                        None if range.is_none() && once => "the three programs' figures of one month contradict each other".to_owned(),
                        None => continue,
                    };
                    found.push((case.name(area, a, "both", &format!("{b}~{c}")), what));
                }
            }
        }
    }
}

/// Releases that showed figures first, and the months they are of.
type Times = BTreeSet<(ReleaseId, Period)>;

/// Where and when the figures of two programs in an area were taken: of the
/// kabupaten, those of all its groups.
fn times(case: &Case<'_, '_>, area: &AreaLabel, one: &ProgramCode, other: &ProgramCode) -> Times {
    let whole = area.single() == Some(case.district());
    let of = |one: &ProgramCode, other: &ProgramCode| -> Times {
        let groups = case.view.overlaps.get(one).into_iter().flatten().filter(|(group, _)| whole || *group == area);
        groups.flat_map(|(_, shown)| shown.origin_of(other)).collect()
    };
    of(one, other).into_iter().chain(of(other, one)).collect()
}

/// Those in all three in the last of the months that the three pairs are of:
/// what entered and left since is the slack of the older ones.
fn later(
    case: &Case<'_, '_>,
    area: &AreaLabel,
    [a, b, c]: [&ProgramCode; 3],
    times: &[Times; 3],
    (each, pairs): ([u64; 3], [u64; 3]),
) -> Option<(u64, u64)> {
    let month = |at: usize| times[at].iter().next().filter(|_| times[at].len() == 1).map(|(_, month)| *month);
    let months = [month(0)?, month(1)?, month(2)?];
    let last = *months.iter().max()?;
    let then = |n: u64, programs: &[&ProgramCode], month: Period| {
        programs.iter().try_fold((n, n), |(least, most), program| {
            let (entered, left) = case.moved(program, area.members(), (month, last));
            Some((least.saturating_sub(left?), most.saturating_add(entered?)))
        })
    };
    // The size of A stands beside AB, that of B beside BC, that of C beside AC.
    let each = [then(each[0], &[a], months[0])?, then(each[1], &[b], months[2])?, then(each[2], &[c], months[1])?];
    let pairs = [then(pairs[0], &[a, b], months[0])?, then(pairs[1], &[a, c], months[1])?, then(pairs[2], &[b, c], months[2])?];
    in_all_three_between(each, pairs)
}

/// A family has one cardholder, so it is in the same class in both of its
/// programs: how many of either are in a class bounds how many of both are.
/// Where all of it is shown anew here, those must be k possible values.
fn classes(case: &Case<'_, '_>, pairs: &Pairs<'_>, found: &mut Vec<(String, String)>) {
    let release = case.view.release();
    let families = |program: &ProgramCode| reference::program(program).is_some_and(|program| program.unit == Unit::Family);
    for (area, by_pair) in pairs {
        for ((a, b), pair) in by_pair.iter().filter(|((a, b), _)| a < b && families(a) && families(b)) {
            let only_b = by_pair.get(&(b.clone(), a.clone())).and_then(|pair| pair.only);
            let (Some(both), Some(only_a), Some(only_b)) = (pair.both, pair.only, only_b) else { continue };
            if !times(case, area, a, b).iter().all(|(of, _)| *of == release) {
                continue;
            }
            for table in [Table::Verification, Table::Freshness, Table::Findings] {
                let of = |program: &ProgramCode| {
                    let shown = case.view.classed_of(table, program)?.get(*area)?;
                    shown.origin().filter(|(of, _)| *of == release).map(|_| &shown.classes)
                };
                let (Some(of_a), Some(of_b)) = (of(a), of(b)) else { continue };
                let lists = [of_a, of_b].map(|classes| classes.iter().map(|(class, _)| *class).collect::<Vec<_>>());
                for class in view::coarsened(&lists) {
                    let numbers = view::number_in(table, of_a, class).zip(view::number_in(table, of_b, class));
                    let Some((in_a, in_b)) = numbers.filter(|_| !view::is_everybody(table, class)) else { continue };
                    let least = in_a.saturating_sub(only_a).max(in_b.saturating_sub(only_b));
                    let most = both.min(in_a).min(in_b);
                    if most.saturating_add(1).saturating_sub(least) < case.k() {
                        let name = case.name(area, a, "both", b.as_str());
                        let word = view::category(table, class);
                        found.push((name, format!("between {least} and {most} families of both are {word} in {table}")));
                    }
                }
            }
        }
    }
}

/// Of a program that counts families, both and only are all its units.
fn units(case: &Case<'_, '_>, pairs: &Pairs<'_>, found: &mut Vec<(String, String)>) {
    for (area, by_pair) in pairs.iter().filter(|(area, _)| area.single() != Some(case.district())) {
        // Whatever a program is compared with, it has as many families.
        let mut families: BTreeMap<(&ProgramCode, Times), u64> = BTreeMap::new();
        for ((program, other), pair) in by_pair {
            let (Some(both), Some(only)) = (pair.both, pair.only) else { continue };
            let all = both.saturating_add(only);
            let before = *families.entry((program, times(case, area, program, other))).or_insert(all);
            if before != all {
                let name = case.name(area, program, "both", other.as_str());
                found.push((name, format!("both and only make {all} families, beside another program {before}")));
            }
        }
        for ((program, other), pair) in by_pair {
            let families = reference::program(program).is_some_and(|program| program.unit == Unit::Family);
            let shown = case.view.overlaps.get(program).and_then(|by_area| by_area.get(*area)).map(|shown| shown.origin_of(other));
            let origin = shown.and_then(|from| from.into_iter().next());
            let (Some(both), Some(only), Some((release, _))) = (pair.both, pair.only, origin.filter(|_| families)) else { continue };
            let Some(units) = case.at_hand(release).and_then(|view| view.units(program, area.members())) else { continue };
            if both.checked_add(only) != Some(units) {
                let name = case.name(area, program, "both", other.as_str());
                found.push((name, format!("both and only make {}, the units of {release} are {units}", both.saturating_add(only))));
            }
        }
    }
}
