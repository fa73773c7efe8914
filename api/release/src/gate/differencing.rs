//! Attack 4: figures of people with a further attribute, shown at two times,
//! when the exact totals tell how many joined and left in between. (Rows are in
//! `editions`.)

use std::collections::{BTreeMap, BTreeSet, HashMap};

use disclosure::attack::{Attack, tells_of_corrected, tells_of_movers};
use domain::{AreaLabel, Cell, Period, PersonFinding, ProgramCode, ReleaseId, Table};

use super::case::Case;
use super::editions;
use super::view::{self, ByArea, Class, Overlap, Shown};

pub(super) fn run(case: &mut Case<'_, '_>) {
    for table in view::STANDING {
        standing(case, table);
    }
    for (table, measure) in view::CLASSED {
        classed(case, table, measure);
    }
    for (table, part, whole) in [
        (Table::Targeting, "any_program", Table::Deciles),
        (Table::Reports, "answered", Table::Reports),
        (Table::Reports, "upheld", Table::Reports),
    ] {
        parts(case, table, part, whole);
    }
    overlaps(case);
    ungrouped(case);
    editions::run(case);
}

/// What a sensitive program's totals hid in a group stays in it: a kecamatan
/// shown alone the month after tells about what the group had of it.
fn ungrouped(case: &mut Case<'_, '_>) {
    let earlier = case.others.iter().filter(|other| other.period() < case.view.period() && case.chain.is_behind(other.release()));
    let Some(before) = earlier.max_by_key(|other| other.release()) else { return };
    let mut found = Vec::new();
    for (program, cells) in &case.view.sensitive {
        let totals = |of: &'_ (Table, Cell)| of.0 == Table::Totals;
        let theirs = before.sensitive.get(program).into_iter().flatten().filter(|of| totals(of));
        let hidden: BTreeSet<&AreaLabel> = theirs.filter(|(_, cell)| cell.group.is_some()).map(|(_, cell)| &cell.area).collect();
        let shown = cells.iter().filter(|of| totals(of) && of.1.value.is_some()).map(|(_, cell)| cell);
        found.extend(shown.filter(|cell| hidden.contains(&cell.area)).map(|cell| (case.name_of(cell), before.release())));
    }
    for (cell, before) in found {
        case.fail(Attack::Differencing, Table::Totals.as_str(), cell, format!("{before} showed it only in a group"));
    }
}

/// What is wrong with where a line says that it comes from: a group's figure is
/// of the month of the release that showed it first, which is behind this one;
/// the kabupaten's is summed up here and as old as its oldest group.
fn untold(case: &Case<'_, '_>, cell: &Cell, oldest: Option<Period>) -> Option<String> {
    let release = case.view.release();
    if cell.area.single() == Some(case.district()) {
        let as_of = if cell.value.is_some() { oldest.unwrap_or(cell.as_of) } else { case.view.period() };
        return (cell.release != release || cell.as_of != as_of)
            .then(|| format!("the kabupaten's figure is said to be of {} in {}, it is of {as_of} in {release}", cell.as_of, cell.release));
    }
    if cell.as_of != cell.release.period() {
        return Some(format!("{} could not take figures of {}", cell.release, cell.as_of));
    }
    case.chain.denies(cell.release).map(|what| format!("{} {what}", cell.release))
}

/// A figure that stands from an earlier release is the one it showed.
fn standing(case: &mut Case<'_, '_>, table: Table) {
    let (release, period, district) = (case.view.release(), case.view.period(), case.district());
    let cells = case.cells(table);
    let stands = |table: Table| cells.iter().filter(move |cell| view::may_stand(table, cell));
    let mut theirs: HashMap<ReleaseId, Option<HashMap<Key<'_>, &Cell>>> = HashMap::new();
    // The oldest month of a program's groups is that of their sum.
    let mut oldest: BTreeMap<(&ProgramCode, &str), Period> = BTreeMap::new();
    for cell in stands(table).filter(|cell| cell.value.is_some() && cell.area.single() != Some(district)) {
        let month = oldest.entry((&cell.program, other(table, cell))).or_insert(cell.as_of);
        *month = cell.as_of.min(*month);
    }
    let mut found = Vec::new();
    for cell in stands(table) {
        if let Some(what) = untold(case, cell, oldest.get(&(&cell.program, other(table, cell))).copied()) {
            found.push((case.name_of(cell), what));
            continue;
        }
        if cell.value.is_none() {
            continue;
        }
        if cell.release == release {
            let whole = cell.area.single() == Some(district);
            if cell.as_of > period || (!whole && cell.as_of != period) {
                found.push((case.name_of(cell), "the figure is new, but said to be of another month".to_owned()));
            }
            continue;
        }
        let shown = theirs.entry(cell.release).or_insert_with(|| {
            let view = case.others.iter().find(|view| view.release() == cell.release)?;
            Some(cells_of(view.kept_cells(table)))
        });
        if cell.as_of > period || cell.release.district() != district {
            found.push((case.name_of(cell), format!("the figure is said to be of {} in {}", cell.as_of, cell.release)));
        } else if let Some(shown) = shown
            && !shown.get(&key(cell)).is_some_and(|shown| shown.value == cell.value && shown.as_of == cell.as_of)
        {
            found.push((case.name_of(cell), format!("{} did not show this figure", cell.release)));
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Differencing, table.as_str(), cell, what);
    }
}

/// The other program of an overlap.
fn other(table: Table, cell: &Cell) -> &str {
    if table == Table::Overlaps { &cell.category } else { "" }
}

type Key<'a> = (&'a AreaLabel, &'a ProgramCode, &'a str, &'a str);

fn key(cell: &Cell) -> Key<'_> {
    (&cell.area, &cell.program, &cell.measure, &cell.category)
}

fn cells_of(cells: &[Cell]) -> HashMap<Key<'_>, &Cell> {
    cells.iter().map(|cell| (key(cell), cell)).collect()
}

/// How much each class that two times share grew, by program.
type Grown<'a, C> = dyn Fn(&Shown<C>, &Shown<C>) -> Vec<Vec<i64>> + 'a;

/// What was found of a group: its area, and in words.
type Found = Vec<(AreaLabel, String)>;

fn classed(case: &mut Case<'_, '_>, table: Table, measure: &str) {
    let empty = ByArea::new();
    let mut found = Vec::new();
    for (program, mine) in case.view.classed(table) {
        // Those who leave are others every month: only a correction is about the same.
        for other in case.others.iter().filter(|other| table != Table::Flows || other.period() == case.view.period()) {
            let theirs = other.classed_of(table, program).unwrap_or(&empty);
            let compared = compare(case, &[program], mine, theirs, &|before, after| {
                let classes = |shown: &Shown<Class>| shown.classes.iter().map(|(class, _)| *class).collect();
                let number_in = |shown: &Shown<Class>, class| view::number_in(table, &shown.classes, class);
                let joined = view::coarsened(&[classes(before), classes(after)]);
                let grown = joined.iter().filter_map(|class| {
                    let (before, after) = (number_in(before, *class)?, number_in(after, *class)?);
                    Some(i64::try_from(after).ok()? - i64::try_from(before).ok()?)
                });
                vec![telling(table, &joined, grown.collect())]
            });
            found.extend(compared.into_iter().map(|(area, what)| (case.name(&area, program, measure, ""), what)));
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Differencing, table.as_str(), cell, what);
    }
}

/// Growth of classes as the share of one among those who entered is judged:
/// when the office came by tells of the office, and to have no finding of nothing,
/// so that neither may be taken for a secret. They still may not be few.
fn telling(table: Table, joined: &[Class], grown: Vec<i64>) -> Vec<i64> {
    let grew_one_way = grown.iter().all(|n| *n >= 0) || grown.iter().all(|n| *n <= 0);
    let plain = match table {
        Table::Freshness => view::every(table),
        Table::Findings => view::class(table, PersonFinding::None.as_str()).unwrap_or(0),
        _ => 0,
    };
    // Where one class that tells nothing has the most of them, no share is judged.
    let most = joined.iter().zip(&grown).max_by_key(|(_, n)| n.unsigned_abs());
    if grew_one_way && most.is_some_and(|(class, _)| class & plain != 0) { Vec::new() } else { grown }
}

/// Parts of classes, of the same number of people, with a few in another part.
fn parts(case: &mut Case<'_, '_>, table: Table, part: &str, whole: Table) {
    let mut found = Vec::new();
    let release = case.view.release();
    let of_part = |cells: &[Cell], like: &Cell| cells.iter().find(|cell| key(cell) == key(like)).and_then(|cell| cell.value);
    let measure = if part == "upheld" { "answered" } else { whole.measures()[0] };
    let all = |cells: &[Cell], like: &Cell| {
        let same = |cell: &&Cell| cell.measure == measure && cell.area == like.area && cell.category == like.category;
        cells.iter().filter(|cell| cell.program == like.program).find(same).and_then(|cell| cell.value)
    };
    for cell in case.cells(table).iter().filter(|cell| cell.measure == part && cell.release == release) {
        let (Some(now), Some(of_now)) = (cell.value, all(case.cells(whole), cell)) else { continue };
        for other in &case.others {
            let before = of_part(other.kept_cells(table), cell).zip(all(other.kept_cells(whole), cell));
            if let Some((before, of_before)) = before
                && of_before == of_now
                && (1..case.k()).contains(&before.abs_diff(now))
            {
                let what = format!("{} showed {before} of the same {of_now}: fewer than {} changed", other.release(), case.k());
                found.push((case.name_of(cell), what));
            }
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Differencing, table.as_str(), cell, what);
    }
}

fn overlaps(case: &mut Case<'_, '_>) {
    let mut found = Vec::new();
    let pairs = |of: &BTreeMap<ProgramCode, ByArea<Shown<Overlap>>>, program: &ProgramCode, other: &ProgramCode| {
        let mut by_area: ByArea<Shown<Overlap>> = ByArea::new();
        for (area, shown) in of.get(program).into_iter().flatten() {
            let classes: Vec<_> = shown.classes.iter().filter(|((_, with), _)| with == other).cloned().collect();
            if !classes.is_empty() {
                by_area.insert(area.clone(), Shown { from: shown.origin_of(other), origins: BTreeMap::new(), classes });
            }
        }
        by_area
    };
    for (program, by_area) in &case.view.overlaps {
        let with: BTreeSet<&ProgramCode> = by_area.values().flat_map(|shown| shown.classes.iter().map(|((_, with), _)| with)).collect();
        for other in with {
            let mine = pairs(&case.view.overlaps, program, other);
            for earlier in &case.others {
                let theirs = pairs(&earlier.overlaps, program, other);
                let compared = compare(case, &[program, other], &mine, &theirs, &|before, after| {
                    let of = |shown: &Shown<Overlap>, measure: &str| {
                        shown.classes.iter().find(|((of, _), _)| of == measure).and_then(|(_, n)| i64::try_from(*n).ok())
                    };
                    let grown = ["both", "only"].into_iter().filter_map(|measure| Some(of(after, measure)? - of(before, measure)?));
                    // Of the other program's people nothing is said here.
                    vec![grown.collect(), Vec::new()]
                });
                found.extend(compared.into_iter().map(|(area, what)| (case.name(&area, program, "both", other.as_str()), what)));
            }
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Differencing, Table::Overlaps.as_str(), cell, what);
    }
}

/// Compares the figures of this release with those of another, group by group.
/// `grown` gives, per program, how much each class that both share grew.
fn compare<C>(
    case: &Case<'_, '_>,
    programs: &[&ProgramCode],
    mine: &ByArea<Shown<C>>,
    theirs: &ByArea<Shown<C>>,
    grown: &Grown<'_, C>,
) -> Found {
    let mut found = Found::new();
    let k = case.k();
    for (area, now) in mine {
        let Some((release, as_of)) = now.origin() else {
            found.push((area.clone(), "figures of one group are of several releases or months".to_owned()));
            continue;
        };
        // What stands from an earlier release was attacked when it was new.
        if release != case.view.release() {
            continue;
        }
        let Some(before) = theirs.get(area) else {
            let crosses = |other: &AreaLabel| other.members().iter().any(|member| area.members().contains(member));
            if let Some(other) = theirs.keys().find(|other| crosses(other)) {
                found.push((area.clone(), format!("the group was shown as {other} before: groups stay as they were shown")));
            }
            continue;
        };
        let Some((shown_in, shown_as_of)) = before.origin() else { continue };
        let corrected = (shown_as_of == as_of).then(|| programs.iter().find_map(|program| corrected(case, program, area, shown_in, k)));
        let what = corrected.flatten().or_else(|| moved(case, programs, area, (shown_as_of, as_of), &grown(before, now), k));
        found.extend(what.map(|what| (area.clone(), what)));
    }
    found
}

fn corrected(case: &Case<'_, '_>, program: &ProgramCode, area: &AreaLabel, shown_in: ReleaseId, k: u64) -> Option<String> {
    let before = case.at_hand(shown_in)?.units(program, area.members())?;
    let after = case.view.units(program, area.members())?;
    tells_of_corrected(before, after, k)
}

fn moved(
    case: &Case<'_, '_>,
    programs: &[&ProgramCode],
    area: &AreaLabel,
    months: (Period, Period),
    grown: &[Vec<i64>],
    k: u64,
) -> Option<String> {
    programs.iter().zip(grown).find_map(|(program, grown)| {
        let (entered, left) = case.moved(program, area.members(), months);
        let told = tells_of_movers(entered, left, grown, k)?;
        Some(format!("{} to {}, {program}: {told}", months.0.min(months.1), months.0.max(months.1)))
    })
}
