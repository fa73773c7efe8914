//! The state of a month: who is enrolled in what, and what was paid, computed
//! from the imports that make it up. Everything is read once, in the order of
//! storage, into small structs; nothing is asked row by row.

pub(crate) mod checks;
mod complaints;
mod faults;
pub(crate) mod lists;
pub(crate) mod ranks;
pub(crate) mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::codebook::{age_band, family_size};
use domain::{AreaCode, Level, Outcome, Period, PersonFinding, ProgramCode, Rupiah, Unit};
use identity::{FamilyCardNumber, Nik};
use jiff::civil::Date;

use crate::Registry;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ledger::parse_period;
use crate::month::chain;
use crate::number::NumberMap;
use crate::programs::{FLAGGED, Flagged};
use crate::rows::ids_of;
use crate::schema::{dtks_rows, imports, kks_rows, pbi_rows, plan_rows};
use crate::state::checks::Check;
use crate::state::lists::Lists;

pub use complaints::ComplaintLine;
pub use faults::RecordFindings;
pub use ranks::Ranked;
pub use reasons::Reasons;

/// Everything that publishing a month needs of its registry.
#[derive(Debug)]
pub struct PeriodState {
    /// The month.
    pub period: Period,
    /// The programs that anyone was enrolled in up to this month, in the order of their codes.
    pub programs: Vec<ProgramCode>,
    /// Every unit in every program, in no order that tells anything.
    pub units: Vec<Enrolled>,
    /// The plan of the month, by kecamatan and program.
    pub plan: Vec<PlanLine>,
    /// The programs of which a disbursement file was imported for the month.
    pub disbursements: BTreeSet<ProgramCode>,
    /// Whether any of it is simulated.
    pub simulated: bool,
    /// All registered families, by how well-off they are.
    pub families: Vec<Ranked>,
    /// The complaints received from the start of the month's year to its end.
    pub complaints: Vec<ComplaintLine>,
    /// Rows of the month's files whose NIK cannot be one, as counts.
    pub records: RecordFindings,
    /// Why those who were enrolled until now may have left.
    pub reasons: Reasons,
    /// Rows of disbursement files that belong to no unit: the NIK is not among
    /// the month's recipients, or not in that program.
    pub unplaced: u64,
}

/// A unit (a family or a person) enrolled in a program. RESTRICTED.
#[derive(Debug, Clone, Copy)]
pub struct Enrolled {
    /// Place of the program in [`PeriodState::programs`].
    pub program: u16,
    /// The person, or the family's cardholder.
    pub nik: Nik,
    /// The family card.
    pub family: FamilyCardNumber,
    /// Where they live.
    pub kelurahan: AreaCode,
    /// The cardholder's sex, as a label of the codebook.
    pub sex: &'static str,
    /// The cardholder's age at the end of the month, as a leaf of the codebook.
    pub age_band: &'static str,
    /// The family's size, as a leaf of the codebook.
    pub family_size: &'static str,
    /// What was disbursed in the month; above zero means paid. `None` where no
    /// disbursement names the unit.
    pub paid: Option<Rupiah>,
    /// The last outcome of verifying the person or cardholder, up to the month.
    pub outcome: Outcome,
    /// The month of that verification; `None` where nobody checked.
    pub verified: Option<Period>,
    /// What lists of the office say of the person or cardholder.
    pub finding: PersonFinding,
}

/// The plan of a kecamatan for a program; figures that the file leaves out are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// The kecamatan.
    pub kecamatan: AreaCode,
    /// The program.
    pub program: ProgramCode,
    /// Units planned.
    pub planned_units: Option<u64>,
    /// Rupiah planned.
    pub planned_rupiah: Option<Rupiah>,
    /// Units whose payment failed.
    pub failed: Option<u64>,
    /// Units whose payment came back.
    pub returned: Option<u64>,
    /// Poor households, by the source's count.
    pub poor_households: Option<u64>,
    /// Where the figures are from.
    pub source: String,
}

impl Registry {
    /// The months for which recipients are loaded, ascending.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn periods(&mut self) -> Result<Vec<Period>> {
        periods(&mut self.conn)
    }

    /// The state of a month. It reads in one transaction, so an import that ends
    /// meanwhile is seen whole or not at all.
    ///
    /// # Errors
    /// When no recipients were imported for the month.
    pub fn state(&mut self, period: Period) -> Result<PeriodState> {
        self.conn.transaction(|conn| state(conn, period))
    }
}

/// A recipient's record, as it stands at the end of the month.
#[derive(Clone, Copy)]
struct Person {
    nik: Nik,
    nokk: u64,
    kelurahan: u64,
    programs: u32,
    /// Place of the import in the chain.
    file: u32,
    sex: Option<&'static str>,
    born: Option<Date>,
}

/// The months for which recipients are loaded, ascending.
pub(crate) fn periods(conn: &mut SqliteConnection) -> Result<Vec<Period>> {
    let periods: Vec<String> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()))
        .select(imports::period)
        .distinct()
        .order(imports::period)
        .load(conn)?;
    periods.iter().map(|text| parse_period(text)).collect()
}

/// What is known of people beside their enrolment.
struct OfPeople {
    checks: NumberMap<u64, Check>,
    lists: Lists,
}

/// The recipients of a month.
pub(crate) struct People {
    list: Vec<Person>,
    /// The place of each NIK in the list.
    places: NumberMap<u64, u32>,
}

/// The imports of some layouts up to a month, in the order in which they apply.
pub(crate) fn up_to(conn: &mut SqliteConnection, layouts: &[Layout], period: Period) -> Result<Vec<i64>> {
    Ok(imports::table
        .filter(imports::layout.eq_any(layouts.iter().map(|layout| layout.as_str())))
        .filter(imports::period.le(period.to_string()))
        .order((imports::period, imports::id))
        .select(imports::id)
        .load(conn)?)
}

fn state(conn: &mut SqliteConnection, period: Period) -> Result<PeriodState> {
    let files = chain(conn, period)?;
    if files.is_empty() {
        return Err(Error::NoRecipients(period));
    }
    let people = people(conn, &files)?;
    let programs = programs(conn, period)?;
    let mut payments = payments(conn, period)?;
    let dismissed = crate::cases::dismissed(conn)?;
    let known = OfPeople { checks: checks::checks(conn, period)?, lists: lists::lists(conn, period, &dismissed)? };
    let units = enrol(&people.list, &programs, &mut payments, &known, period.last_day())?;
    let mask = programs.iter().fold(0, |mask, program| mask | 1 << program.bit);
    let ranks = ranks::ranks(conn, period, &people, mask)?;
    drop(people);
    let pbi = payments.by_program.iter().find(|(code, _)| code.as_str() == PBI_JK).map(|(_, members)| members);
    let active = |nik: u64| pbi.and_then(|members| members.get(&nik)).is_some_and(|paid| paid.rupiah > Rupiah::default());
    let reasons = reasons::reasons(conn, period, &known.lists, &known.checks, &ranks, &dismissed, &active)?;
    let simulated = diesel::select(diesel::dsl::exists(
        imports::table.filter(imports::simulated.eq(true)).filter(imports::period.eq(period.to_string()).or(imports::id.eq_any(&files))),
    ))
    .get_result(conn)?;
    Ok(PeriodState {
        period,
        programs: programs.iter().map(|program| program.code.clone()).collect(),
        units,
        plan: plan(conn, period)?,
        unplaced: payments.unplaced(),
        disbursements: payments.programs,
        families: ranks.families()?,
        complaints: complaints::complaints(conn, period)?,
        records: faults::faults(conn, period)?,
        reasons,
        simulated,
    })
}

/// The effective records: within a file the first row of a NIK stands and
/// gathers the programs of the others; a later file's row replaces it.
fn people(conn: &mut SqliteConnection, files: &[i64]) -> Result<People> {
    type Row = (i64, i64, i64, i64, Option<String>, Option<String>);
    let expected: i64 = imports::table
        .filter(imports::id.eq_any(files))
        .select(diesel::dsl::max(imports::accepted_rows))
        .first::<Option<i64>>(conn)?
        .unwrap_or(0);
    let expected = usize::try_from(expected).unwrap_or(0);
    let mut people: Vec<Person> = Vec::with_capacity(expected);
    let mut places: NumberMap<u64, u32> = NumberMap::with_capacity_and_hasher(expected, Default::default());
    for (file, import) in (0u32..).zip(files) {
        let (first, last) = ids_of(*import);
        let rows = dtks_rows::table
            .filter(dtks_rows::id.between(first, last))
            .order(dtks_rows::id)
            .select((dtks_rows::nik, dtks_rows::nokk, dtks_rows::kelurahan, dtks_rows::programs, dtks_rows::sex, dtks_rows::birth_date))
            .load_iter::<Row, diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, nokk, kelurahan, programs, sex, born) = row?;
            let person = Person {
                nik: Nik::from_number(nik.cast_unsigned()).map_err(|error| Error::stored("NIK")(error.to_string()))?,
                nokk: nokk.cast_unsigned(),
                kelurahan: kelurahan.cast_unsigned(),
                programs: programs as u32,
                file,
                sex: match sex.as_deref() {
                    Some("F") => Some("F"),
                    Some("M") => Some("M"),
                    _ => None,
                },
                born: born.and_then(|text| text.parse().ok()),
            };
            match places.entry(nik.cast_unsigned()) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(people.len() as u32);
                    people.push(person);
                }
                std::collections::hash_map::Entry::Occupied(place) => {
                    let known = &mut people[*place.get() as usize];
                    if known.file == file {
                        known.programs |= person.programs;
                    } else {
                        *known = person;
                    }
                }
            }
        }
    }
    Ok(People { list: people, places })
}

/// The programs that a file up to the month enrols anyone in. One that has
/// ended is kept, so that its zero and those who left it are published.
fn programs(conn: &mut SqliteConnection, period: Period) -> Result<Vec<&'static Flagged>> {
    let masks: Vec<i64> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.le(period.to_string())))
        .select(imports::programs)
        .load(conn)?;
    let all = masks.into_iter().fold(0, |all, mask| all | mask);
    Ok(FLAGGED.iter().filter(|flagged| all >> flagged.bit & 1 == 1).collect())
}

/// What was disbursed to a NIK under a program, and by how many rows.
#[derive(Default, Clone, Copy)]
struct Paid {
    rupiah: Rupiah,
    rows: u64,
    placed: bool,
}

/// The program that layout 7 is about.
const PBI_JK: &str = "PBI_JK";

/// The disbursements of a month, by NIK and program.
struct Payments {
    programs: BTreeSet<ProgramCode>,
    /// By program; programs of no flag stay unplaced.
    by_program: BTreeMap<ProgramCode, NumberMap<u64, Paid>>,
}

impl Payments {
    fn unplaced(&self) -> u64 {
        self.by_program.values().flat_map(NumberMap::values).filter(|paid| !paid.placed).map(|paid| paid.rows).sum()
    }
}

fn payments(conn: &mut SqliteConnection, period: Period) -> Result<Payments> {
    let mut payments = Payments { programs: BTreeSet::new(), by_program: BTreeMap::new() };
    let mut codes: BTreeMap<String, ProgramCode> = BTreeMap::new();
    let files = |layout: Layout| {
        imports::table
            .filter(imports::layout.eq(layout.as_str()).and(imports::period.eq(period.to_string())))
            .order(imports::id)
            .select(imports::id)
    };

    // A later row of the same NIK, program and tahap replaces an earlier one;
    // different tahap of a month add up.
    let mut by_stage: BTreeMap<ProgramCode, NumberMap<u64, Vec<(i64, i64)>>> = BTreeMap::new();
    for import in files(Layout::Kks).load::<i64>(conn)? {
        let (first, last) = ids_of(import);
        let rows = kks_rows::table
            .filter(kks_rows::id.between(first, last))
            .order(kks_rows::id)
            .select((kks_rows::nik, kks_rows::program, kks_rows::stage, kks_rows::amount))
            .load_iter::<(i64, String, i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, program, stage, amount) = row?;
            let code = match codes.get(&program) {
                Some(code) => code,
                None => {
                    let code: ProgramCode =
                        program.parse().map_err(|error: domain::ParseError| Error::stored("program")(error.to_string()))?;
                    codes.entry(program).or_insert(code)
                }
            };
            if !by_stage.contains_key(code) {
                by_stage.insert(code.clone(), NumberMap::default());
            }
            let Some(stages) = by_stage.get_mut(code) else { continue };
            let paid = stages.entry(nik.cast_unsigned()).or_default();
            match paid.iter_mut().find(|(known, _)| *known == stage) {
                Some((_, known)) => *known = amount,
                None => paid.push((stage, amount)),
            }
        }
    }
    for (code, stages) in by_stage {
        let sums = stages.into_iter().map(|(nik, paid)| {
            let rupiah = paid.iter().map(|(_, amount)| Rupiah::new(amount.cast_unsigned()).unwrap_or_default()).sum();
            (nik, Paid { rupiah, rows: paid.len() as u64, placed: false })
        });
        payments.by_program.insert(code, sums.collect());
    }

    let pbi_files = files(Layout::PbiJk).load::<i64>(conn)?;
    if let Some(pbi) = FLAGGED.iter().find(|flagged| flagged.code.as_str() == PBI_JK)
        && !pbi_files.is_empty()
    {
        let premium = reference::program(&pbi.code).and_then(|program| program.fixed_amount).unwrap_or_default();
        let members = payments.by_program.entry(pbi.code.clone()).or_default();
        payments.programs.insert(pbi.code.clone());
        for import in pbi_files {
            let (first, last) = ids_of(import);
            let rows = pbi_rows::table
                .filter(pbi_rows::id.between(first, last))
                .order(pbi_rows::id)
                .select((pbi_rows::nik, pbi_rows::active))
                .load_iter::<(i64, bool), diesel::connection::DefaultLoadingMode>(conn)?;
            for row in rows {
                let (nik, active) = row?;
                let rupiah = if active { premium } else { Rupiah::default() };
                members.insert(nik.cast_unsigned(), Paid { rupiah, rows: 1, placed: false });
            }
        }
    }
    payments.programs.extend(payments.by_program.keys().cloned());
    Ok(payments)
}

/// Units of every program: a family by its card, a person by the NIK.
fn enrol(people: &[Person], programs: &[&Flagged], payments: &mut Payments, known: &OfPeople, day: Date) -> Result<Vec<Enrolled>> {
    let mut order: Vec<u32> = (0..people.len() as u32).collect();
    order.sort_unstable_by_key(|place| (people[*place as usize].nokk, *place));
    let mut areas: NumberMap<u64, AreaCode> = NumberMap::default();
    let mut none = NumberMap::default();
    let mut units = Vec::with_capacity(people.len() + people.len() / 2);
    let families: Vec<&[u32]> = order.chunk_by(|a, b| people[*a as usize].nokk == people[*b as usize].nokk).collect();
    for (place, program) in (0u16..).zip(programs) {
        let bit = 1u32 << program.bit;
        let paid_to = payments.by_program.get_mut(&program.code).unwrap_or(&mut none);
        for family in &families {
            let members = || family.iter().map(|member| &people[*member as usize]);
            let size = family_size(u32::try_from(family.len()).unwrap_or(u32::MAX));
            let mut unit = |person: &Person, paid: Option<Rupiah>| -> Result<()> {
                let check = known.checks.get(&person.nik.expose()).copied().unwrap_or_default();
                units.push(Enrolled {
                    program: place,
                    nik: person.nik,
                    family: FamilyCardNumber::from_number(person.nokk).map_err(|error| Error::stored("family card")(error.to_string()))?,
                    kelurahan: area(&mut areas, Level::Kelurahan, person.kelurahan)?,
                    sex: person.sex.unwrap_or(person.nik.sex().label()),
                    age_band: age_band(years(person.born.unwrap_or(person.nik.birth_date(day)), day)),
                    family_size: size,
                    paid,
                    outcome: check.outcome,
                    verified: check.month(),
                    finding: known.lists.finding(person.nik.expose()),
                });
                Ok(())
            };
            match program.unit {
                Unit::Family => {
                    // The first row with the flag holds the card.
                    let Some(holder) = members().find(|member| member.programs & bit != 0) else { continue };
                    let mut paid = None;
                    for member in members() {
                        if let Some(sum) = paid_to.get_mut(&member.nik.expose()) {
                            sum.placed = true;
                            paid = Some(paid.unwrap_or_default() + sum.rupiah);
                        }
                    }
                    unit(holder, paid)?;
                }
                Unit::Person => {
                    for member in members().filter(|member| member.programs & bit != 0) {
                        let paid = paid_to.get_mut(&member.nik.expose()).map(|sum| {
                            sum.placed = true;
                            sum.rupiah
                        });
                        unit(member, paid)?;
                    }
                }
            }
        }
    }
    Ok(units)
}

/// Whole years between two days; 0 for a birth after `day`.
fn years(born: Date, day: Date) -> u32 {
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    u32::try_from(i32::from(day.year()) - i32::from(born.year()) - i32::from(before_birthday)).unwrap_or(0)
}

/// The code of a stored number; parsing the same few hundred again and again would cost most of the time.
pub(crate) fn area(known: &mut NumberMap<u64, AreaCode>, level: Level, number: u64) -> Result<AreaCode> {
    if let Some(code) = known.get(&number) {
        return Ok(*code);
    }
    let code = AreaCode::from_number(level, number).map_err(|error| Error::stored("area")(error.to_string()))?;
    known.insert(number, code);
    Ok(code)
}

fn plan(conn: &mut SqliteConnection, period: Period) -> Result<Vec<PlanLine>> {
    type Row = (i64, String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, String);
    let rows: Vec<Row> = plan_rows::table
        .filter(plan_rows::period.eq(period.to_string()))
        .order(plan_rows::id)
        .select((
            plan_rows::kecamatan,
            plan_rows::program,
            plan_rows::planned_units,
            plan_rows::planned_rupiah,
            plan_rows::failed,
            plan_rows::returned,
            plan_rows::poor_households,
            plan_rows::source,
        ))
        .load(conn)?;
    let count = |number: Option<i64>| number.map(i64::cast_unsigned);
    let mut areas = NumberMap::default();
    let mut lines = BTreeMap::new();
    for (kecamatan, program, planned_units, planned_rupiah, failed, returned, poor_households, source) in rows {
        let kecamatan = area(&mut areas, Level::Kecamatan, kecamatan.cast_unsigned())?;
        let program: ProgramCode = program.parse().map_err(|error: domain::ParseError| Error::stored("program")(error.to_string()))?;
        let planned_rupiah =
            count(planned_rupiah).map(Rupiah::new).transpose().map_err(|error| Error::stored("amount")(error.to_string()))?;
        // The later row wins.
        lines.insert(
            (kecamatan, program.clone()),
            PlanLine {
                kecamatan,
                program,
                planned_units: count(planned_units),
                planned_rupiah,
                failed: count(failed),
                returned: count(returned),
                poor_households: count(poor_households),
                source,
            },
        );
    }
    Ok(lines.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn ages() {
        let day = date(2025, 6, 30);
        for (born, age) in [(date(1984, 6, 30), 41), (date(1984, 7, 1), 40), (date(2025, 6, 30), 0), (date(2026, 1, 1), 0)] {
            assert_eq!(years(born, day), age);
        }
    }
}
