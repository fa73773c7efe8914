//! The statistics tables of a month (design: PRIVACY R1, R4 to R6), a file for
//! each kind. Whatever says no more than who is enrolled where, and who was paid,
//! is exact down to kelurahan; whatever says more is grouped, merged and held
//! back by the rules of `disclosure`. What the office did not load is `missing`.

mod budget;
mod classed;
mod complaints;
mod demographics;
mod families;
mod faults;
mod groups;
mod money;
mod open;
mod overlaps;
mod past;
mod reading;
mod reasons;
mod sensitive;
mod units;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use disclosure::sensitive::Member;
use domain::{AreaCode, AreaLabel, Cell, Period, ProgramCode, ReleaseId, Status, Table};
use reference::Program;
use registry::{Enrolled, PeriodState};
use release::Atom;

pub(crate) use past::{Past, Snapshot};

/// The tables of a release.
#[derive(Default)]
pub(crate) struct Tables {
    cells: BTreeMap<Table, Vec<Cell>>,
    /// Whom the figures that are shown now for the first time are about: the
    /// registry keeps it, to know when they may be shown again.
    pub shown: Vec<Snapshot>,
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

    /// Who is in each kecamatan, in order of their numbers and each once.
    fn parts(&self, members: impl IntoIterator<Item = (AreaCode, Member)>) -> Vec<(AreaCode, Vec<Member>)> {
        let mut parts: Vec<(AreaCode, Vec<Member>)> = self.kecamatan.iter().map(|kecamatan| (*kecamatan, Vec::new())).collect();
        for (kecamatan, member) in members {
            if let Ok(at) = self.kecamatan.binary_search(&kecamatan) {
                parts[at].1.push(member);
            }
        }
        for (_, members) in &mut parts {
            members.sort_unstable();
            members.dedup_by_key(|member| member.id);
        }
        parts
    }
}

/// A cell of a release's month that has no figure.
fn blank(release: ReleaseId, program: &ProgramCode, area: impl Into<AreaLabel>, measure: &str) -> Cell {
    Cell {
        area: area.into(),
        program: program.clone(),
        period: release.period(),
        measure: measure.to_owned(),
        category: String::new(),
        value: None,
        status: Status::Missing,
        group: None,
        release,
        as_of: release.period(),
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

/// What tabulating a month needs.
pub(crate) struct Month<'a> {
    /// The release to be made.
    pub release: ReleaseId,
    /// Fewest people behind a figure.
    pub k: u64,
    /// The month's registry.
    pub state: &'a PeriodState,
    /// The month before, if it is loaded.
    pub previous: Option<&'a PeriodState>,
    /// The atoms of the release's rows, and the release that first published them.
    pub atoms: (&'a [Atom], Period, ReleaseId),
    /// What was published before.
    pub past: &'a Past,
}

/// Tabulates a month.
pub(crate) fn tabulate(month: &Month<'_>) -> Tables {
    let (release, state, previous) = (month.release, month.state, month.previous);
    let district = District::new(release.district());
    let mut tables = Tables::default();
    let names =
        state.programs.iter().chain(previous.iter().flat_map(|state| &state.programs)).chain(state.plan.iter().map(|line| &line.program));
    let known: BTreeSet<&ProgramCode> = names.collect();
    for code in known {
        // What is not in the catalogue of programs is refused at import.
        let Some(program) = reference::program(code) else { continue };
        let mut sheet = Sheet { month, district: &district, program, tables: &mut tables };
        let units = Units::of(state, code);
        sheet.plan();
        if program.sensitive {
            sheet.sensitive(&units);
        } else {
            sheet.open(&units);
            sheet.paid_rupiah(&units);
            sheet.demographics();
        }
        sheet.classed(&units);
        if !program.sensitive {
            sheet.reasons(&units);
        }
        sheet.coverage();
    }
    overlaps::overlaps(month, &district, &mut tables);
    faults::records(month, &district, &mut tables);
    families::families(month, &district, &mut tables);
    complaints::complaints(month, &district, &mut tables);
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
        self.units.iter().map(|unit| (key(program, unit), unit.kelurahan)).collect()
    }
}

/// What tells units of a program apart.
fn key(program: &Program, unit: &Enrolled) -> u64 {
    match program.unit {
        domain::Unit::Family => unit.family.expose(),
        domain::Unit::Person => unit.nik.expose(),
    }
}

struct Sheet<'a> {
    month: &'a Month<'a>,
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
        let cell = self.cell(area, measure);
        self.tables.cells(table).push(Cell { value, status, group, ..cell });
    }

    /// A cell of this month without a figure.
    fn cell(&self, area: impl Into<AreaLabel>, measure: &str) -> Cell {
        blank(self.month.release, &self.program.code, area, measure)
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
}
