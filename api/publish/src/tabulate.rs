//! The statistics tables of a month (design: PRIVACY R1, R5): exact units, flows
//! and payment status down to kelurahan; sensitive programs by kabupaten and
//! kecamatan only, small kecamatan in one named group.
//!
//! What needs a rule that is not built yet (varying rupiah, anything but totals
//! of sensitive programs) is `missing`, and so is what the office did not load.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{AreaCode, AreaLabel, Cell, ProgramCode, ReleaseId, Rupiah, Status, Table};
use reference::{Frequency, Program};
use registry::{Enrolled, PeriodState};

/// The tables of a release.
#[derive(Default)]
pub(crate) struct Tables {
    cells: BTreeMap<Table, Vec<Cell>>,
}

impl Tables {
    /// A table's cells.
    pub(crate) fn cells(&mut self, table: Table) -> &mut Vec<Cell> {
        self.cells.entry(table).or_default()
    }

    /// A table's cells, to read.
    pub(crate) fn of(&self, table: Table) -> &[Cell] {
        self.cells.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// The areas of a district: itself, its kecamatan, its kelurahan.
struct District {
    code: AreaCode,
    kecamatan: Vec<AreaCode>,
    kelurahan: Vec<AreaCode>,
}

impl District {
    fn new(code: AreaCode) -> District {
        let kecamatan: Vec<AreaCode> = reference::areas().children(code).to_vec();
        let kelurahan = kecamatan.iter().flat_map(|kecamatan| reference::areas().children(*kecamatan).to_vec()).collect();
        District { code, kecamatan, kelurahan }
    }
}

/// Counts of one measure by kelurahan.
type Counts = HashMap<AreaCode, u64>;

/// What is known of a measure.
enum Known {
    /// Counted in every kelurahan.
    ByKelurahan(Counts),
    /// Counted in these kecamatan; another one is missing.
    ByKecamatan(Counts),
    /// Not collected, or not yet publishable.
    Missing,
}

/// Tabulates a month. `previous` is the state of the month before, if loaded;
/// `before` what the release before grouped.
pub(crate) fn tabulate(release: ReleaseId, state: &PeriodState, previous: Option<&PeriodState>, before: &Grouped, k: u64) -> Tables {
    let district = District::new(release.district());
    let mut tables = Tables::default();
    let names =
        state.programs.iter().chain(previous.iter().flat_map(|state| &state.programs)).chain(state.plan.iter().map(|line| &line.program));
    let known: BTreeSet<&ProgramCode> = names.collect();
    for code in known {
        // What is not in the catalogue of programs is refused at import.
        let Some(program) = reference::program(code) else { continue };
        let mut sheet = Sheet { release, district: &district, program, tables: &mut tables };
        let units = Units::of(state, code);
        if program.sensitive {
            sheet.sensitive(&units, before.get(code), k);
        } else {
            sheet.open(&units, state, previous);
        }
    }
    tables
}

/// A program's units in a month.
struct Units<'a> {
    units: Vec<&'a Enrolled>,
}

impl<'a> Units<'a> {
    fn of(state: &'a PeriodState, code: &ProgramCode) -> Units<'a> {
        let number = state.programs.iter().position(|program| program == code);
        Units { units: state.units.iter().filter(|unit| Some(usize::from(unit.program)) == number).collect() }
    }

    fn count(&self, wanted: impl Fn(&Enrolled) -> bool) -> Counts {
        let mut counts = Counts::new();
        for unit in self.units.iter().filter(|unit| wanted(unit)) {
            *counts.entry(unit.kelurahan).or_default() += 1;
        }
        counts
    }

    /// A unit as the flows see it: whoever moves to another kelurahan leaves
    /// the one and enters the other, so that flows add up at every level.
    fn keys(&self, program: &Program) -> HashSet<(u64, AreaCode)> {
        let key = |unit: &&&Enrolled| match program.unit {
            domain::Unit::Family => unit.family.expose(),
            domain::Unit::Person => unit.nik.expose(),
        };
        self.units.iter().map(|unit| (key(&unit), unit.kelurahan)).collect()
    }
}

struct Sheet<'a> {
    release: ReleaseId,
    district: &'a District,
    program: &'a Program,
    tables: &'a mut Tables,
}

impl Sheet<'_> {
    fn put(
        &mut self,
        table: Table,
        area: impl Into<AreaLabel>,
        measure: &str,
        value: Option<u64>,
        status: Status,
        group: Option<AreaLabel>,
    ) {
        let (release, period) = (self.release, self.release.period());
        self.tables.cells(table).push(Cell {
            area: area.into(),
            program: self.program.code.clone(),
            period,
            measure: measure.to_owned(),
            category: String::new(),
            value,
            status,
            group,
            release,
            as_of: period,
        });
    }

    fn observed(&mut self, table: Table, area: AreaCode, measure: &str, value: Option<u64>) {
        let status = if value.is_some() { Status::Observed } else { Status::Missing };
        self.put(table, area, measure, value, status, None);
    }

    /// A measure at all levels: what is counted by kelurahan is summed up, so
    /// every level agrees. What is missing is said at kabupaten and kecamatan.
    fn measure(&mut self, table: Table, measure: &str, known: &Known) {
        let mut by_kecamatan: HashMap<AreaCode, Option<u64>> = HashMap::new();
        for kecamatan in &self.district.kecamatan {
            let value = match known {
                Known::ByKelurahan(counts) => {
                    let kelurahan = self.district.kelurahan.iter().filter(|kelurahan| kecamatan.contains(**kelurahan));
                    Some(kelurahan.filter_map(|kelurahan| counts.get(kelurahan)).sum())
                }
                Known::ByKecamatan(counts) => counts.get(kecamatan).copied(),
                Known::Missing => None,
            };
            by_kecamatan.insert(*kecamatan, value);
        }
        let whole = self.district.kecamatan.iter().map(|kecamatan| by_kecamatan.get(kecamatan).copied().flatten()).sum::<Option<u64>>();
        self.observed(table, self.district.code, measure, whole);
        for kecamatan in &self.district.kecamatan {
            self.observed(table, *kecamatan, measure, by_kecamatan.get(kecamatan).copied().flatten());
        }
        if let Known::ByKelurahan(counts) = known {
            for kelurahan in &self.district.kelurahan {
                self.observed(table, *kelurahan, measure, Some(counts.get(kelurahan).copied().unwrap_or(0)));
            }
        }
    }

    /// Totals, flows and payments of a program that is not sensitive.
    fn open(&mut self, units: &Units<'_>, state: &PeriodState, previous: Option<&PeriodState>) {
        self.measure(Table::Totals, "units", &Known::ByKelurahan(units.count(|_| true)));

        let (entered, left) = match previous {
            Some(previous) => {
                let before = Units::of(previous, &self.program.code).keys(self.program);
                let now = units.keys(self.program);
                let count = |keys: &mut dyn Iterator<Item = &(u64, AreaCode)>| {
                    let mut counts = Counts::new();
                    keys.for_each(|(_, kelurahan)| *counts.entry(*kelurahan).or_default() += 1);
                    Known::ByKelurahan(counts)
                };
                (count(&mut now.difference(&before)), count(&mut before.difference(&now)))
            }
            None => (Known::Missing, Known::Missing),
        };
        self.measure(Table::Flows, "entered", &entered);
        self.measure(Table::Flows, "left", &left);
        self.payments(units, state);
    }

    fn payments(&mut self, units: &Units<'_>, state: &PeriodState) {
        let code = &self.program.code;
        let plan: Vec<_> = state.plan.iter().filter(|line| line.program == *code).collect();
        let collected = state.disbursements.contains(code);
        // A program that does not pay every month pays in the months for which
        // the office has a plan or a disbursement; in the others, where it has
        // loaded its plan at all, nothing is due.
        let monthly = self.program.frequency == Frequency::Monthly;
        let pays = monthly || collected || !plan.is_empty();
        let nothing = !pays && !state.plan.is_empty();
        let zero = || Known::ByKelurahan(Counts::new());

        let due = if pays {
            Known::ByKelurahan(units.count(|_| true))
        } else if nothing {
            zero()
        } else {
            Known::Missing
        };
        let is_paid = |unit: &Enrolled| unit.paid.is_some_and(|amount| amount > Rupiah::default());
        let paid = if collected {
            Known::ByKelurahan(units.count(is_paid))
        } else if nothing {
            zero()
        } else {
            Known::Missing
        };
        let planned = |value: fn(&registry::PlanLine) -> Option<u64>| {
            if nothing {
                return zero();
            }
            let counts: Counts = plan.iter().filter_map(|line| Some((line.kecamatan, value(line)?))).collect();
            if counts.is_empty() { Known::Missing } else { Known::ByKecamatan(counts) }
        };
        let (failed, returned) = (planned(|line| line.failed), planned(|line| line.returned));

        // R5: a fixed amount is units × amount, as long as the amounts paid are
        // that amount; a varying one waits for its own rule.
        let as_fixed =
            |amount: &Rupiah| units.units.iter().filter_map(|unit| unit.paid).all(|paid| paid == *amount || paid == Rupiah::default());
        let amount = self.program.fixed_amount.filter(as_fixed);
        let is_money = self.program.amounts.iter().all(|amount| amount.kg.is_none());
        for (measure, known) in [("due", &due), ("paid", &paid), ("failed", &failed), ("returned", &returned)] {
            self.measure(Table::Payments, measure, known);
            if is_money {
                let rupiah = match (amount, known) {
                    (Some(amount), Known::ByKelurahan(counts)) => Known::ByKelurahan(times(counts, amount)),
                    (Some(amount), Known::ByKecamatan(counts)) => Known::ByKecamatan(times(counts, amount)),
                    _ => Known::Missing,
                };
                self.measure(Table::Payments, &format!("{measure}_rupiah"), &rupiah);
            }
        }
    }

    /// Totals of a sensitive program: kabupaten and kecamatan, small ones in one
    /// named group. `before` are the kecamatan that the release before grouped.
    fn sensitive(&mut self, units: &Units<'_>, before: Option<&BTreeSet<AreaCode>>, k: u64) {
        for measure in Table::Flows.measures() {
            self.measure(Table::Flows, measure, &Known::Missing);
        }
        for measure in Table::Payments.measures() {
            self.measure(Table::Payments, measure, &Known::Missing);
        }
        let district = self.district;
        let by_kelurahan = units.count(|_| true);
        let of = |kecamatan: &AreaCode| by_kelurahan.iter().filter(|(area, _)| kecamatan.contains(**area)).map(|(_, n)| n).sum();
        let sizes: Vec<u64> = district.kecamatan.iter().map(of).collect();
        let total: u64 = sizes.iter().sum();
        if total < k {
            self.put(Table::Totals, district.code, "units", None, Status::Withheld, None);
            for kecamatan in &district.kecamatan {
                self.put(Table::Totals, *kecamatan, "units", None, Status::Withheld, None);
            }
            return;
        }
        self.put(Table::Totals, district.code, "units", Some(total), Status::Observed, None);
        let was: Vec<bool> = district.kecamatan.iter().map(|kecamatan| before.is_some_and(|before| before.contains(kecamatan))).collect();
        let hidden = disclosure::hide_in_one_group(&sizes, &was, k);
        let members = district.kecamatan.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(kecamatan, _)| *kecamatan);
        let group = AreaLabel::pool(members).ok().filter(|group| group.single().is_none());
        if let Some(group) = &group {
            let sum = sizes.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(n, _)| n).sum();
            self.put(Table::Totals, group.clone(), "units", Some(sum), Status::Observed, None);
        }
        for ((kecamatan, n), hidden) in district.kecamatan.iter().zip(&sizes).zip(&hidden) {
            match &group {
                Some(group) if *hidden => self.put(Table::Totals, *kecamatan, "units", None, Status::Grouped, Some(group.clone())),
                // Without a group nothing is hidden, but in a district of one
                // kecamatan, which then holds all of them.
                _ => self.put(Table::Totals, *kecamatan, "units", Some(*n), Status::Observed, None),
            }
        }
    }
}

/// The kecamatan that a release showed only within a group, by program.
pub(crate) type Grouped = HashMap<ProgramCode, BTreeSet<AreaCode>>;

/// What the totals of an earlier release grouped.
pub(crate) fn grouped(totals: impl IntoIterator<Item = Cell>) -> Grouped {
    let mut groups = Grouped::new();
    for cell in totals {
        if cell.status == Status::Grouped {
            groups.entry(cell.program).or_default().extend(cell.area.members());
        }
    }
    groups
}

fn times(counts: &Counts, amount: Rupiah) -> Counts {
    counts.iter().map(|(area, units)| (*area, amount.times(*units).get())).collect()
}
