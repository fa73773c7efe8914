//! Properties of rows and tables on made-up months of a real district.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{AreaCode, Cell, EditionId, Level, Period, ReleaseId, Rupiah, Status, Table};
use proptest::prelude::*;
use registry::{Enrolled, PeriodState};
use release::{Atom, Policy};

use crate::chance::Chance;
use crate::rows;
use crate::tables::{self, Month, Past, Tables};

const K: u64 = 11;

fn district() -> AreaCode {
    "12.74".parse().unwrap()
}

fn kelurahan() -> Vec<AreaCode> {
    let areas = reference::areas();
    areas.children(district()).iter().flat_map(|kecamatan| areas.children(*kecamatan).to_vec()).collect()
}

fn period() -> Period {
    "2025-04".parse().unwrap()
}

/// One made-up unit: kelurahan by number, sex, age and size by number, family.
type Dice = (usize, usize, usize, usize, u64);

const AGES: [&str; 9] = ["0-5", "6-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70+", "unknown"];
const SIZES: [&str; 4] = ["1-2", "3-4", "5+", "unknown"];

fn state(program: &str, dice: &[Dice]) -> PeriodState {
    let kelurahan = kelurahan();
    let units = dice
        .iter()
        .enumerate()
        .map(|(n, (area, sex, age, size, family))| Enrolled {
            program: 0,
            nik: format!("127401{:02}0190{:04}", 1 + n / 9_000, 1 + n % 9_000).parse().unwrap(),
            family: format!("127401010190{:04}", 1 + family).parse().unwrap(),
            kelurahan: kelurahan[area % kelurahan.len()],
            sex: ["F", "M"][sex % 2],
            age_band: AGES[age % AGES.len()],
            family_size: SIZES[size % SIZES.len()],
            paid: (n % 3 == 0).then(|| Rupiah::new(600_000).unwrap()),
            outcome: domain::Outcome::default(),
            verified: None,
            finding: domain::PersonFinding::None,
        })
        .collect();
    PeriodState {
        period: period(),
        programs: vec![program.parse().unwrap()],
        units,
        plan: Vec::new(),
        disbursements: BTreeSet::from([program.parse().unwrap()]),
        simulated: true,
        families: Vec::new(),
        complaints: Vec::new(),
        records: registry::RecordFindings::default(),
        reasons: registry::Reasons::default(),
        unplaced: 0,
    }
}

fn tabulate(release: ReleaseId, state: &PeriodState, previous: Option<&PeriodState>, past: &Past) -> Tables {
    tables::tabulate(&Month { release, k: K, state, previous, atoms: (&[], release.period(), release), past })
}

fn grouped(totals: &[Cell]) -> HashMap<domain::ProgramCode, BTreeSet<AreaCode>> {
    let mut groups: HashMap<_, BTreeSet<_>> = HashMap::new();
    for cell in totals.iter().filter(|cell| cell.status == Status::Grouped) {
        groups.entry(cell.program.clone()).or_default().extend(cell.area.members());
    }
    groups
}

fn families_of_their_own(dice: &mut [Dice]) {
    for (n, unit) in dice.iter_mut().enumerate() {
        unit.4 = n as u64;
    }
}

fn take(state: &PeriodState, earlier: &[Atom]) -> rows::Edition {
    rows::take(state, EditionId::new(state.period.quarter(), 1), &Policy::current(11), earlier, &Chance::fixed(7))
}

/// What must hold of any edition.
fn holds(state: &PeriodState, edition: &rows::Edition) {
    let mut seen = HashSet::new();
    for (atom, members) in edition.atoms.iter().zip(&edition.members) {
        assert_eq!(atom.count as usize, members.len());
        assert!(u64::from(atom.count) >= K, "{atom:?}");
        let families: HashSet<u64> = members.iter().map(|at| state.units[*at as usize].family.expose()).collect();
        assert!(families.len() as u64 >= K, "{} families in {atom:?}", families.len());
        assert!(release::gate::candidates(atom) >= 100, "{atom:?}");
        for at in members {
            assert!(seen.insert(*at), "a unit stands twice");
            let unit = &state.units[*at as usize];
            assert!(atom.area.members().iter().any(|area| area.contains(unit.kelurahan)));
            for (attribute, label, leaf) in [
                (&domain::codebook::SEX, &atom.sex, unit.sex),
                (&domain::codebook::AGE_BAND, &atom.age_band, unit.age_band),
                (&domain::codebook::FAMILY_SIZE, &atom.family_size, unit.family_size),
            ] {
                assert_eq!(attribute.matches(label, leaf), domain::codebook::Match::Surely, "{atom:?} {unit:?}");
            }
        }
    }
    assert!(seen.is_empty() || seen.len() == state.units.len(), "rows were dropped");
}

#[test]
fn whatever_the_size_rows_hold() {
    for n in [0usize, 1, 4, 10, 11, 12, 30, 300, 3_000] {
        let mut dice: Vec<Dice> = (0..n).map(|i| (i * 7 % 31, i % 5 / 4, i * 3, i / 2, 0)).collect();
        families_of_their_own(&mut dice);
        let state = state("PKH", &dice);
        let edition = take(&state, &[]);
        holds(&state, &edition);
        assert_eq!(edition.atoms.is_empty(), n < 11, "{n} units");
    }
}

#[test]
fn a_kecamatan_of_four_is_pooled_with_another() {
    let all = kelurahan();
    let first = all[0].parent().unwrap();
    let in_first: Vec<usize> = (0..all.len()).filter(|at| first.contains(all[*at])).collect();
    let rest: Vec<usize> = (0..all.len()).filter(|at| !first.contains(all[*at])).collect();
    let mut dice: Vec<Dice> = (0..4).map(|i| (in_first[i % in_first.len()], i, i, i, 0)).collect();
    dice.extend((0..300).map(|i| (rest[i % rest.len()], i, i, i, 0)));
    families_of_their_own(&mut dice);
    let state = state("SEMBAKO", &dice);
    let edition = take(&state, &[]);
    holds(&state, &edition);
    let pool = edition.atoms.iter().find(|atom| atom.area.members().contains(&first)).unwrap();
    assert_eq!(pool.area.members().len(), 2);
    assert!(pool.area.members().iter().all(|area| area.level() == Level::Kecamatan));
    assert_eq!((pool.sex.as_str(), pool.age_band.as_str()), ("*", "*"));
}

#[test]
fn whole_families_do_not_make_small_atoms() {
    // 31 kelurahan, in each 8 families of 5: 40 rows, but 8 families.
    let dice: Vec<Dice> = (0..31 * 40).map(|i| (i / 40, i, i, i, i as u64 / 5)).collect();
    let state = state("PBI_JK", &dice);
    let edition = take(&state, &[]);
    holds(&state, &edition);
    assert!(edition.atoms.iter().all(|atom| atom.area.single().is_none()), "8 families were shown alone");
}

#[test]
fn sensitive_programs_have_no_rows_and_small_kecamatan_are_grouped() {
    let all = kelurahan();
    let mut dice: Vec<Dice> = (0..60).map(|i| (i % 2, i, i, i, 0)).collect();
    let last = all.len() - 1;
    dice.extend((0..3).map(|i| (last, i, i, i, 0)));
    families_of_their_own(&mut dice);
    let state = state("YAPI", &dice);
    assert!(take(&state, &[]).atoms.is_empty());
    let release = ReleaseId::new(district(), period(), 1).unwrap();
    let totals = tabulate(release, &state, None, &Past::default()).of(Table::Totals).to_vec();
    assert!(totals.iter().all(|cell| cell.area.members()[0].level() < Level::Kelurahan));
    assert!(totals.iter().all(|cell| cell.value.is_none_or(|value| value >= K)), "{totals:?}");
    let shown: u64 = totals.iter().filter(|cell| cell.area.members()[0].level() == Level::Kecamatan).filter_map(|cell| cell.value).sum();
    assert_eq!(shown, 63);
    assert!(totals.iter().any(|cell| cell.status == Status::Grouped));

    // The month after, the small ones have grown: they stay grouped.
    let mut before = Past::default();
    before.grouped = grouped(&totals);
    let mut dice: Vec<Dice> = (0..31 * 20).map(|i| (i % 31, i, i, i, 0)).collect();
    families_of_their_own(&mut dice);
    let later = tabulate(release, &self::state("YAPI", &dice), None, &before).of(Table::Totals).to_vec();
    assert_eq!(grouped(&later), before.grouped);
}

#[test]
fn few_of_a_sensitive_program_are_withheld() {
    let mut dice: Vec<Dice> = (0..10).map(|i| (i, i, i, i, 0)).collect();
    families_of_their_own(&mut dice);
    let release = ReleaseId::new(district(), period(), 1).unwrap();
    let totals = tabulate(release, &state("YAPI", &dice), None, &Past::default()).of(Table::Totals).to_vec();
    assert!(!totals.is_empty() && totals.iter().all(|cell| cell.status == Status::Withheld && cell.value.is_none()));
}

/// What a measure counts exactly, without the classes it may be divided into.
fn by_level(cells: &[Cell], measure: &str) -> BTreeMap<Level, u64> {
    let mut sums = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.measure == measure && cell.category.is_empty()) {
        *sums.entry(cell.area.members()[0].level()).or_default() += cell.value.unwrap_or(0);
    }
    sums
}

#[test]
fn an_amount_that_is_not_the_fixed_one_is_not_published() {
    let mut dice: Vec<Dice> = (0..60).map(|i| (i, i, i, i, 0)).collect();
    families_of_their_own(&mut dice);
    let release = ReleaseId::new(district(), period(), 1).unwrap();
    let mut state = state("SEMBAKO", &dice);
    let money = |state: &PeriodState| {
        by_level(tabulate(release, state, None, &Past::default()).of(Table::Payments), "paid_rupiah")[&Level::Kabupaten]
    };
    assert_eq!(money(&state), 20 * 600_000);
    state.units[0].paid = Some(Rupiah::new(400_000).unwrap());
    assert_eq!(money(&state), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn editions_hold_and_merge_only(
        first in proptest::collection::vec((0usize..31, 0usize..2, 0usize..9, 0usize..4, 0u64..400), 0..1_500),
        second in proptest::collection::vec((0usize..31, 0usize..2, 0usize..9, 0usize..4, 0u64..400), 0..1_500),
    ) {
        let (first, second) = (state("PBI_JK", &first), state("PBI_JK", &second));
        let old = take(&first, &[]);
        holds(&first, &old);
        let new = take(&second, &old.atoms);
        holds(&second, &new);
        // An area shown before is shown no finer; a pool stays together.
        let before: HashMap<_, Vec<&Atom>> = old.atoms.iter().fold(HashMap::new(), |mut map, atom| {
            map.entry(atom.area.clone()).or_insert_with(Vec::new).push(atom);
            map
        });
        let inside = |fine: &Atom, coarse: &Atom| {
            domain::codebook::SEX.matches(&coarse.sex, &fine.sex) == domain::codebook::Match::Surely
                && domain::codebook::AGE_BAND.matches(&coarse.age_band, &fine.age_band) == domain::codebook::Match::Surely
                && domain::codebook::FAMILY_SIZE.matches(&coarse.family_size, &fine.family_size) == domain::codebook::Match::Surely
        };
        for atom in &new.atoms {
            if let Some(olds) = before.get(&atom.area) {
                prop_assert!(olds.iter().any(|old| inside(old, atom)), "{:?} is finer than before", atom);
            }
            for pool in old.atoms.iter().filter(|old| old.area.single().is_none()) {
                let shared = atom.area.members().iter().any(|area| pool.area.members().contains(area));
                prop_assert!(!shared || pool.area.members().iter().all(|area| atom.area.members().contains(area)));
            }
        }
    }

    #[test]
    fn levels_agree_and_stock_and_flow_too(
        before in proptest::collection::vec((0usize..31, 0usize..2, 0usize..9, 0usize..4, 0u64..200), 0..300),
        now in proptest::collection::vec((0usize..31, 0usize..2, 0usize..9, 0usize..4, 0u64..200), 0..300),
    ) {
        let release = ReleaseId::new(district(), period(), 1).unwrap();
        let (before, now) = (state("PBI_JK", &before), state("PBI_JK", &now));
        let tables = tabulate(release, &now, Some(&before), &Past::default());
        for (cells, measure) in [(tables.of(Table::Totals), "units"), (tables.of(Table::Flows), "entered"), (tables.of(Table::Flows), "left"), (tables.of(Table::Payments), "due"), (tables.of(Table::Payments), "paid")] {
            let sums = by_level(cells, measure);
            prop_assert_eq!(sums.get(&Level::Kabupaten), sums.get(&Level::Kecamatan), "{}", measure);
            prop_assert_eq!(sums.get(&Level::Kabupaten), sums.get(&Level::Kelurahan), "{}", measure);
        }
        let flows = tables.of(Table::Flows);
        let left = |area: AreaCode, exact: bool| flows.iter().filter(|cell| cell.measure == "left" && cell.area.single() == Some(area) && cell.category.is_empty() == exact).filter_map(|cell| cell.value).sum::<u64>();
        if flows.iter().any(|cell| !cell.category.is_empty()) {
            prop_assert_eq!(left(district(), true), left(district(), false), "reasons");
        }
        let old = tabulate(release, &before, None, &Past::default());
        let value = |cells: &[Cell], measure: &str, area: AreaCode| cells.iter().find(|cell| cell.measure == measure && cell.category.is_empty() && cell.area.single() == Some(area)).and_then(|cell| cell.value).unwrap_or(0);
        for area in std::iter::once(district()).chain(kelurahan()) {
            prop_assert_eq!(
                value(old.of(Table::Totals), "units", area) + value(tables.of(Table::Flows), "entered", area),
                value(tables.of(Table::Totals), "units", area) + value(tables.of(Table::Flows), "left", area)
            );
        }
    }
}
