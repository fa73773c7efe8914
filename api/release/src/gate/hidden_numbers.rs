//! Attack 2: the possible values of every hidden number of people with a further
//! attribute, from all published figures together. Figures of the usual forms
//! have closed answers (sums of one group, the margins of a pool); whatever
//! else hangs together goes to linear programs.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::attack::{Attack, Budget, System, Verdict, flow_slack, frechet};
use domain::{AreaCode, AreaLabel, Cell, Level, Period, ProgramCode, Status, Table};

use super::case::Case;
use super::view::{self, Class, Shown, View};

/// A risk report larger than this is not read.
const LARGEST_REPORT: u64 = 64 << 20;

pub(super) fn run(case: &mut Case<'_, '_>, budget: &mut Budget) {
    let k = case.k();
    let mut found: Vec<(Table, String, Verdict)> = Vec::new();
    for program in case.view.sensitive.keys() {
        for (table, measure) in MEASURES {
            let system = areas(case, program, table, measure);
            for (names, sum) in system.small_sums(k) {
                found.extend(names.first().map(|name| (table, name.clone(), Verdict::Sum(sum))));
            }
            let narrow = system.narrow(budget);
            found.extend(narrow.into_iter().map(|(name, verdict)| (table, name, verdict)));
        }
        flows(case, program, &mut found);
    }
    for of in view::CLASSED {
        for (program, by_area) in case.view.classed(of.0) {
            remainders(case, of, program, by_area, &mut found);
            if is_usual(case, of, program, by_area) {
                by_area.iter().for_each(|(area, shown)| pool(case, of, program, area, shown, &mut found));
                continue;
            }
            // Figures that contradict each other hide nothing: each part of them may be true.
            for (totals, kabupaten) in [(true, true), (true, false), (false, true), (false, false)] {
                let narrow = outcomes(case, of, program, by_area, totals, kabupaten).narrow(budget);
                found.extend(narrow.into_iter().map(|(name, verdict)| (of.0, name, verdict)));
            }
        }
    }
    for program in case.view.overlaps.keys() {
        let narrow = overlaps(case, program).narrow(budget);
        found.extend(narrow.into_iter().map(|(name, verdict)| (Table::Overlaps, name, verdict)));
    }
    rates(case, &mut found);
    leaves(case);
    report(case);
    found.sort();
    found.dedup();
    for (table, name, verdict) in found {
        let what = match verdict {
            Verdict::Between(least, most) if least == most => format!("hidden, but it can only be {least}"),
            Verdict::Between(least, most) => format!("hidden, but it lies between {least} and {most}: fewer than {k} possible values"),
            Verdict::Sum(sum) => format!("what is not shown beside it makes {sum} together, fewer than {k}"),
            Verdict::TooLarge => "too many figures hang together to tell what follows from them".to_owned(),
        };
        case.fail(Attack::HiddenNumbers, table.as_str(), name, what);
    }
}

/// Measures of people that a sensitive program's kecamatan may be hidden in.
const MEASURES: [(Table, &str); 7] = [
    (Table::Totals, "units"),
    (Table::Flows, "entered"),
    (Table::Flows, "left"),
    (Table::Payments, "due"),
    (Table::Payments, "paid"),
    (Table::Payments, "failed"),
    (Table::Payments, "returned"),
];

fn kecamatan(case: &Case<'_, '_>) -> Vec<AreaCode> {
    reference::areas().children(case.district()).to_vec()
}

/// One measure of a sensitive program: kecamatan within groups or withheld.
fn areas(case: &Case<'_, '_>, program: &ProgramCode, table: Table, measure: &str) -> System {
    let (k, mut system) = (case.k(), System::default());
    let cells = case.view.sensitive.get(program).into_iter().flatten();
    let cells: Vec<&Cell> = cells.filter(|(of, cell)| *of == table && cell.measure == measure).map(|(_, cell)| cell).collect();
    let by_area: BTreeMap<&AreaLabel, &Cell> = cells.iter().map(|cell| (&cell.area, *cell)).collect();
    // Where a zero is shown, what is hidden is none.
    let least = u64::from(cells.iter().any(|cell| cell.value == Some(0)));
    let mut hidden: BTreeMap<AreaCode, usize> = BTreeMap::new();
    for area in kecamatan(case) {
        let label = AreaLabel::from(area);
        let cell = by_area.get(&label);
        if cell.is_none_or(|cell| cell.value.is_none()) {
            let withheld = cell.is_some_and(|cell| cell.status == Status::Withheld);
            let name = case.name(&label, program, measure, "");
            hidden.insert(area, system.unknown(name, if withheld { 0 } else { least }, withheld.then_some(k - 1), k));
        }
    }
    let mut lines: Vec<(Vec<AreaCode>, u64)> = Vec::new();
    for cell in &cells {
        let members = if cell.area.single() == Some(case.district()) { kecamatan(case) } else { cell.area.members().to_vec() };
        lines.extend(cell.value.map(|value| (members, value)));
    }
    // The classes of a group are all its units.
    let of_units = [Table::Verification, Table::Freshness, Table::Findings];
    let classed = of_units.into_iter().flat_map(|of| case.view.classed_of(of, program).into_iter().flatten());
    for (area, shown) in classed.filter(|_| table == Table::Totals) {
        if shown.origin().is_some_and(|(release, _)| release == case.view.release()) {
            lines.push((area.members().to_vec(), shown.classes.iter().map(|(_, n)| *n).fold(0, u64::saturating_add)));
        }
    }
    for (members, value) in lines {
        let shown = members.iter().filter(|area| !hidden.contains_key(area)).filter_map(|area| by_area.get(&AreaLabel::from(*area))?.value);
        let known = shown.fold(0, u64::saturating_add);
        let terms: Vec<(usize, i8)> = members.iter().filter_map(|area| Some((*hidden.get(area)?, 1))).collect();
        if let (false, Ok(value), Ok(known)) = (terms.is_empty(), i64::try_from(value), i64::try_from(known)) {
            system.equation(terms, value.saturating_sub(known));
        }
    }
    system
}

/// Stock less the stock before is entered less left: if the kabupaten's numbers
/// that entered and left are shown, each kecamatan's lie within the slack.
fn flows(case: &Case<'_, '_>, program: &ProgramCode, found: &mut Vec<(Table, String, Verdict)>) {
    let whole = AreaLabel::from(case.district());
    let value = |view: &View<'_>, table: Table, area: &AreaLabel, measure: &str| {
        let cells = view.sensitive.get(program)?;
        cells.iter().find(|(of, cell)| *of == table && cell.area == *area && cell.measure == measure).and_then(|(_, cell)| cell.value)
    };
    let Some(before) = case.month(case.view.period().previous()).filter(|view| view.period() != case.view.period()) else { return };
    let units = |view: &View<'_>, area: &AreaLabel| value(view, Table::Totals, area, "units");
    let (Some(now), Some(then)) = (units(case.view, &whole), units(before, &whole)) else { return };
    let signed = |now: u64, then: u64| Some(i64::try_from(now).ok()? - i64::try_from(then).ok()?);
    let Some(change) = signed(now, then) else { return };
    let entered = value(case.view, Table::Flows, &whole, "entered");
    let left = value(case.view, Table::Flows, &whole, "left");
    let shown = (entered, left);
    let pinned = |n: i128| u64::try_from(n).map_or(Verdict::Between(0, 0), |n| Verdict::Between(n, n));
    let entered = match shown {
        (Some(entered), _) => Some(entered),
        (None, Some(left)) => i64::try_from(left).ok().and_then(|left| u64::try_from(left.checked_add(change)?).ok()),
        (None, None) => None,
    };
    let Some(entered) = entered else { return };
    match (shown.0, shown.1) {
        (Some(_), None) => {
            found.push((Table::Flows, case.name(&whole, program, "left", ""), pinned(i128::from(entered) - i128::from(change))))
        }
        (None, Some(_)) => found.push((Table::Flows, case.name(&whole, program, "entered", ""), pinned(i128::from(entered)))),
        _ => {}
    }
    // Kecamatan that both months show, and all others as one part.
    let mut changes: Vec<i64> = Vec::new();
    let mut names: Vec<AreaLabel> = Vec::new();
    for area in kecamatan(case).into_iter().map(AreaLabel::from) {
        if let Some(change) = units(case.view, &area).zip(units(before, &area)).and_then(|(now, then)| signed(now, then)) {
            changes.push(change);
            names.push(area);
        }
    }
    let rest = changes.iter().fold(change, |rest, change| rest.saturating_sub(*change));
    if names.len() < kecamatan(case).len() {
        changes.push(rest);
    }
    if changes.len() < 2 {
        return;
    }
    // Where the stocks and the flows were reckoned on other states of the
    // register they contradict each other, and nothing follows.
    let Some(slack) = flow_slack(entered, &changes).filter(|slack| slack.saturating_add(1) < case.k()) else { return };
    for (area, change) in names.iter().zip(&changes) {
        let least = u64::try_from(*change).unwrap_or(0);
        found.push((Table::Flows, case.name(area, program, "entered", ""), Verdict::Between(least, least.saturating_add(slack))));
    }
}

/// A classed table and its measure.
type Measured = (Table, &'static str);

/// Whether every kecamatan is in one group at most and the kabupaten shows no
/// more than the groups' sums: then every group stands for itself.
fn is_usual(case: &Case<'_, '_>, of: Measured, program: &ProgramCode, by_area: &BTreeMap<AreaLabel, Shown<Class>>) -> bool {
    let mut seen = BTreeSet::new();
    let apart = by_area.iter().all(|(area, shown)| {
        let whole = view::is_partition(of.0, &shown.classes);
        whole && area.members().iter().all(|member| seen.insert(*member))
    });
    apart
        && top(case, of, program).iter().all(|(class, value)| {
            let sum =
                by_area.values().map(|shown| view::number_in(of.0, &shown.classes, *class)).try_fold(0u64, |sum, n| sum.checked_add(n?));
            sum == Some(*value)
        })
}

/// What the kabupaten shows of a program's classes.
fn top(case: &Case<'_, '_>, (table, _): Measured, program: &ProgramCode) -> Vec<(Class, u64)> {
    let cells = case.cells(table).iter().filter(|cell| view::is_of_class(table, cell));
    let cells = cells.filter(|cell| cell.program == *program && cell.area.single() == Some(case.district()));
    cells.filter_map(|cell| Some((view::class(table, &cell.category)?, cell.value?))).collect()
}

/// Classes of the kabupaten, and their unions, less the groups that show them
/// alone: what is left must not be few.
fn remainders(
    case: &Case<'_, '_>,
    of: Measured,
    program: &ProgramCode,
    by_area: &BTreeMap<AreaLabel, Shown<Class>>,
    found: &mut Vec<(Table, String, Verdict)>,
) {
    let top = top(case, of, program);
    let shows = |shown: &Shown<Class>, class: Class| view::number_in(of.0, &shown.classes, class);
    if top.iter().all(|(class, _)| by_area.values().all(|shown| shows(shown, *class).is_some())) {
        return;
    }
    // As many classes as the longest list has words, if they are apart.
    let top = &top[..top.len().min(12)];
    for some in 1..1usize << top.len() {
        let chosen = top.iter().enumerate().filter(|(at, _)| some & (1 << at) != 0).map(|(_, of)| *of);
        let (class, value) = chosen.fold((0, 0u64), |(class, sum), (more, n)| (class | more, sum.saturating_add(n)));
        let alone: Vec<u64> = by_area.values().filter_map(|shown| shows(shown, class)).collect();
        let known = alone.iter().copied().fold(0, u64::saturating_add);
        let left = value.checked_sub(known).filter(|left| (1..case.k()).contains(left));
        if let Some(left) = left.filter(|_| alone.len() < by_area.len()) {
            let name = case.name(&case.district().into(), program, of.1, &view::category(of.0, class));
            found.push((of.0, name, Verdict::Sum(left)));
        }
    }
}

/// A pool's members have public totals, and its classes are shown: a table of
/// which only the margins are.
fn pool(
    case: &Case<'_, '_>,
    of: Measured,
    program: &ProgramCode,
    area: &AreaLabel,
    shown: &Shown<Class>,
    found: &mut Vec<(Table, String, Verdict)>,
) {
    let Some((release, _)) = shown.origin().filter(|(release, _)| *release == case.view.release()) else { return };
    let Some(view) = case.at_hand(release).filter(|_| area.members().len() > 1) else { return };
    let Some(whole) = view.divided(of.0, program, area.members()) else { return };
    for member in area.members() {
        let Some(units) = view.divided(of.0, program, &[*member]).filter(|units| *units > 0) else { continue };
        for (class, value) in shown.classes.iter().filter(|(class, _)| !view::is_everybody(of.0, *class)) {
            let (least, most) = frechet(units, *value, whole);
            if most.saturating_sub(least).saturating_add(1) < case.k().min(units.saturating_add(1)) {
                let name = case.name(&AreaLabel::from(*member), program, of.1, &view::category(of.0, *class));
                found.push((of.0, name, Verdict::Between(least, most)));
            }
        }
    }
}

/// Classes in an unusual form: a number per kecamatan and outcome, and an
/// equation per figure.
fn outcomes(
    case: &Case<'_, '_>,
    of: Measured,
    program: &ProgramCode,
    by_area: &BTreeMap<AreaLabel, Shown<Class>>,
    totals: bool,
    kabupaten: bool,
) -> System {
    let (k, mut system) = (case.k(), System::default());
    let mut lines: Vec<(Vec<AreaCode>, Class, u64)> = Vec::new();
    for (area, shown) in by_area {
        lines.extend(shown.classes.iter().map(|(class, n)| (area.members().to_vec(), *class, *n)));
    }
    if kabupaten {
        lines.extend(top(case, of, program).into_iter().map(|(class, n)| (kecamatan(case), class, n)));
    }
    // Outcomes that no figure tells apart are one.
    let mut blocks: Vec<Class> = vec![view::every(of.0)];
    for (_, class, _) in &lines {
        blocks = blocks.iter().flat_map(|block| [block & class, block & !class]).filter(|block| *block != 0).collect();
    }
    let least = u64::from(lines.iter().any(|(_, _, n)| *n == 0));
    let mut unknown: BTreeMap<(AreaCode, Class), usize> = BTreeMap::new();
    for area in kecamatan(case) {
        // The units of the release that showed the figures of its group.
        let group = by_area.iter().find(|(label, _)| label.members().contains(&area));
        let view = group.map_or(Some(case.view), |(_, shown)| case.at_hand(shown.origin()?.0));
        let units = view.and_then(|view| view.divided(of.0, program, &[area]));
        for block in &blocks {
            let alone = lines.iter().any(|(areas, class, _)| *areas == [area] && class == block);
            let values =
                if alone || view::is_everybody(of.0, *block) { 0 } else { units.map_or(k, |units| k.min(units.saturating_add(1))) };
            let name = case.name(&AreaLabel::from(area), program, of.1, &view::category(of.0, *block));
            let least = if units == Some(0) || alone { 0 } else { least };
            unknown.insert((area, *block), system.unknown(name, least, units.filter(|_| totals), values));
        }
        if let Some(units) = units.filter(|_| totals).and_then(|units| i64::try_from(units).ok()) {
            system.equation(blocks.iter().filter_map(|block| Some((*unknown.get(&(area, *block))?, 1))), units);
        }
    }
    for (areas, class, n) in lines {
        let cells = areas.iter().flat_map(|area| blocks.iter().filter(|block| **block & class != 0).map(|block| (*area, *block)));
        let terms: Vec<(usize, i8)> = cells.filter_map(|cell| Some((*unknown.get(&cell)?, 1))).collect();
        if let Ok(n) = i64::try_from(n) {
            system.equation(terms, n);
        }
    }
    system
}

/// The risk report says nothing that the other files do not.
fn report(case: &mut Case<'_, '_>) {
    let path = case.view.folder.path().join("risk-report.json");
    let listed = case.view.manifest().files.iter().any(|entry| entry.path == "risk-report.json");
    let tables: Vec<(Table, &[Cell])> = Table::ALL.into_iter().map(|table| (table, case.cells(table))).collect();
    let full = crate::risk::report_on(case.view.manifest(), &case.view.atoms, &tables);
    if !listed {
        return;
    }
    // A report without anything in it tells nothing; one that cannot be read may.
    let said = crate::folder::read_bounded(&path, LARGEST_REPORT).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    for part in crate::risk::tells_more(&said.unwrap_or(serde_json::Value::Bool(false)), &full) {
        case.fail(Attack::HiddenNumbers, "risk-report", part, "says what does not follow from the other files");
    }
}

/// The commitment has a leaf for every unit. Less the totals that are shown, the
/// number of leaves must be one that tells nothing of those that are withheld:
/// as if each sensitive program that is not shown had k-1.
fn leaves(case: &mut Case<'_, '_>) {
    let (manifest, whole) = (case.view.manifest(), AreaLabel::from(case.district()));
    let totals: Vec<&Cell> = case.cells(Table::Totals).iter().filter(|cell| cell.area == whole).collect();
    if totals.iter().all(|cell| cell.status != Status::Withheld) {
        return;
    }
    let shown = totals.iter().filter_map(|cell| cell.value).fold(0, u64::saturating_add);
    let is_shown = |program: &domain::ProgramCode| totals.iter().any(|cell| cell.program == *program && cell.value.is_some());
    let hidden = reference::programs().iter().filter(|program| program.sensitive && !is_shown(&program.code)).count() as u64;
    let expected = shown.saturating_add(hidden.saturating_mul(case.k() - 1));
    // An edition issued again has leaves of rows that it keeps, too.
    let kept = manifest.rows_from == manifest.release && manifest.edition.revision() > 1;
    let leaves = manifest.commitment.leaves;
    if leaves < expected || (leaves > expected && !kept) {
        let what = format!("{leaves} leaves beside totals of {shown}: the number tells of totals that are withheld");
        case.fail(Attack::HiddenNumbers, "manifest", "commitment.leaves", what);
    }
}

/// A share of a number that is not shown, beside what it is a share of.
fn rates(case: &Case<'_, '_>, found: &mut Vec<(Table, String, Verdict)>) {
    let shown: BTreeSet<(&ProgramCode, &AreaLabel)> =
        case.cells(Table::Totals).iter().filter(|cell| cell.value.is_some()).map(|cell| (&cell.program, &cell.area)).collect();
    let cells = case.cells(Table::Coverage);
    for cell in cells.iter().filter(|cell| !shown.contains(&(&cell.program, &cell.area))) {
        let (Some(of), Some(rate)) = (cell.measure.strip_prefix("units_per_10000_"), cell.value) else { continue };
        let beside = |other: &&Cell| {
            other.measure == of && other.area == cell.area && other.program == cell.program && other.category == cell.category
        };
        let Some(whole) = cells.iter().find(beside).and_then(|other| other.value) else { continue };
        let at = |rate: u128| u64::try_from((rate * u128::from(whole)).div_ceil(10_000)).unwrap_or(u64::MAX);
        let (least, most) = (at(u128::from(rate)), at(u128::from(rate) + 1).saturating_sub(1));
        if most.saturating_sub(least).saturating_add(1) < case.k() {
            found.push((Table::Coverage, case.name_of(cell), Verdict::Between(least, most)));
        }
    }
}

/// Families in two programs: of a pool's members each, and of kecamatan that
/// the kabupaten's figure leaves.
fn overlaps(case: &Case<'_, '_>, program: &ProgramCode) -> System {
    let (k, mut system) = (case.k(), System::default());
    let whole = AreaLabel::from(case.district());
    let mut by_pair: BTreeMap<ProgramCode, Vec<(&AreaLabel, u64)>> = BTreeMap::new();
    for cell in case.cells(Table::Overlaps).iter().filter(|cell| cell.program == *program && cell.measure == "both") {
        if let (Some(value), Ok(other)) = (cell.value, cell.category.parse::<ProgramCode>())
            && cell.area.members().iter().all(|area| area.level() <= Level::Kecamatan)
        {
            by_pair.entry(other).or_default().push((&cell.area, value));
        }
    }
    for (other, shown) in by_pair.iter().filter(|(other, _)| program < *other) {
        let alone: BTreeMap<AreaCode, u64> =
            shown.iter().filter(|(area, _)| **area != whole).filter_map(|(area, n)| Some((area.single()?, *n))).collect();
        let origin = |area: AreaCode| {
            let group = shown.iter().find(|(label, _)| **label != whole && label.members().contains(&area))?.0;
            case.view.overlaps.get(program)?.get(group)?.origin_of(other).into_iter().next()
        };
        let mut unknown: BTreeMap<AreaCode, usize> = BTreeMap::new();
        for area in kecamatan(case).into_iter().filter(|area| !alone.contains_key(area)) {
            // The units of the release that showed the group.
            let view = origin(area).map_or(Some(case.view), |(release, _): (_, Period)| case.at_hand(release));
            let most = view.and_then(|view| Some(view.units(program, &[area])?.min(view.units(other, &[area])?)));
            let name = case.name(&AreaLabel::from(area), program, "both", other.as_str());
            let values = most.map_or(k, |most| k.min(most.saturating_add(1)));
            unknown.insert(area, system.unknown(name, 0, most, values));
        }
        let groups = shown.iter().filter(|(area, _)| **area == whole || area.single().is_none());
        for (area, value) in groups {
            let members = if **area == whole { kecamatan(case) } else { area.members().to_vec() };
            let known = members.iter().filter_map(|area| alone.get(area)).copied().fold(0, u64::saturating_add);
            let terms: Vec<(usize, i8)> = members.iter().filter_map(|area| Some((*unknown.get(area)?, 1))).collect();
            if let (false, Ok(value), Ok(known)) = (terms.is_empty(), i64::try_from(*value), i64::try_from(known)) {
                system.equation(terms, value.saturating_sub(known));
            }
        }
    }
    system
}
