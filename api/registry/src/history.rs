//! What changed for one person over the months, and over one month for all.
//! Nothing is stored for it: the months stand as they were imported, and the
//! difference between two of them is told with the reason that the state of the
//! later one knows (`STATE.md`).

mod changes;
mod evidence;

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, LeaveReason, Level, Outcome, Period, ProgramCode, Rupiah};
use identity::Nik;
use jiff::civil::Date;

use crate::Registry;
use crate::error::{Error, Result};
use crate::ledger::parse_period;
use crate::month::chain;
use crate::number::NumberMap;
use crate::programs::FLAGGED;
use crate::rows::import_of;
use crate::schema::{decisions, dtks_rows, findings, imports, kks_rows, proposal_result_rows, proposal_rows};
use crate::state::area;
use evidence::Evidence;

pub use changes::{Change, Changes};

/// Something that the files say of a person. RESTRICTED.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The month whose files say so.
    pub period: Period,
    /// The day, where they give one.
    pub day: Option<Date>,
    /// What.
    pub what: Happened,
}

/// What happened to a person. Names, addresses and numbers are not told: that
/// they changed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Was enrolled when the first month was loaded, for how long is not known.
    Enrolled(ProgramCode),
    /// Is enrolled from this month on.
    Entered(ProgramCode),
    /// Is enrolled no longer, and why.
    Left(ProgramCode, LeaveReason),
    /// Has a record from this month on; or had one when the first month was loaded.
    Recorded(AreaCode),
    /// Has no record any more.
    Unrecorded,
    /// Lives in another kelurahan.
    Moved(AreaCode, AreaCode),
    /// Is on another family card.
    CardChanged,
    /// The record says otherwise than in the month before: the name, or the rest.
    RecordChanged {
        /// The name.
        name: bool,
        /// Address, neighbourhood, sex or birth date.
        rest: bool,
    },
    /// Verification came by, in a round.
    Verified(String, Outcome),
    /// Was paid.
    Paid(ProgramCode, Rupiah),
    /// Stands as a member of PBI-JK with this status.
    Member(String),
    /// Stands on a list of the office, by its code.
    Listed(String),
    /// Died, by a list of deaths.
    Died,
    /// The family's desil in a ranking.
    Ranked(u8),
    /// Was proposed for a program.
    Proposed(ProgramCode),
    /// What became of a proposal, in the words of the source.
    Answered(ProgramCode, String),
    /// A row was at fault, by the code in reports.
    Found(String),
    /// An operator decided about a case: the rule's id and the decision.
    Decided(String, String),
}

impl Happened {
    /// The order within a month: first what the record says, then what others say.
    const fn order(&self) -> u8 {
        match self {
            Happened::Recorded(_) => 0,
            Happened::Moved(..) => 1,
            Happened::CardChanged => 2,
            Happened::RecordChanged { .. } => 3,
            Happened::Enrolled(_) => 4,
            Happened::Entered(_) => 5,
            Happened::Left(..) => 6,
            Happened::Unrecorded => 7,
            Happened::Paid(..) => 8,
            Happened::Member(_) => 9,
            Happened::Verified(..) => 10,
            Happened::Listed(_) => 11,
            Happened::Died => 12,
            Happened::Ranked(_) => 13,
            Happened::Proposed(_) => 14,
            Happened::Answered(..) => 15,
            Happened::Found(_) => 16,
            Happened::Decided(..) => 17,
        }
    }
}

impl Registry {
    /// All that the loaded months say of a person, in the order of the months.
    /// Enrolment is that of the person's own record: of a family's program it
    /// says that the record has the flag. Nothing is known of most numbers, and
    /// that is no error.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn history(&mut self, nik: Nik) -> Result<Vec<Event>> {
        self.conn.transaction(|conn| history(conn, nik))
    }
}

/// A person's record in a file.
#[derive(Clone, PartialEq, Eq)]
struct Record {
    nokk: i64,
    kelurahan: i64,
    programs: u32,
    name: String,
    rest: [String; 5],
}

/// The month of each import.
pub(crate) type Months = NumberMap<u64, Period>;

/// The month that a row was imported for.
pub(crate) fn month_of(months: &Months, row: i64) -> Result<Period> {
    months.get(&import_of(row).cast_unsigned()).copied().ok_or_else(|| Error::stored("row")("its import is not there".to_owned()))
}

fn history(conn: &mut SqliteConnection, nik: Nik) -> Result<Vec<Event>> {
    let number = nik.expose().cast_signed();
    let months = imports::table
        .select((imports::id, imports::period))
        .load::<(i64, String)>(conn)?
        .into_iter()
        .map(|(id, period)| Ok((id.cast_unsigned(), parse_period(&period)?)))
        .collect::<Result<Months>>()?;
    let (records, rows) = records(conn, number)?;
    let cards: Vec<i64> = records.values().map(|record| record.nokk).collect();
    let evidence = Evidence::load(conn, number, &cards, &months)?;
    let mut events = Vec::new();
    compare(conn, &records, &evidence, &mut events)?;
    evidence.tell(&mut events)?;
    paid(conn, number, &months, &mut events)?;
    proposed(conn, number, &months, &mut events)?;
    decided(conn, nik, &mut events)?;
    for row in rows {
        let kinds: Vec<String> = findings::table.filter(findings::row_id.eq(row)).select(findings::kind).load(conn)?;
        for kind in kinds {
            events.push(Event { period: month_of(&months, row)?, day: None, what: Happened::Found(kind) });
        }
    }
    events.sort_by_key(|event| (event.period, event.what.order(), event.day));
    Ok(events)
}

/// The person's record in each file of recipients that has one, and the rows.
fn records(conn: &mut SqliteConnection, nik: i64) -> Result<(BTreeMap<i64, Record>, Vec<i64>)> {
    type Row = (i64, i64, i64, i64, Option<String>, Option<String>, String, String, String, String);
    let rows: Vec<Row> = dtks_rows::table
        .filter(dtks_rows::nik.eq(nik))
        .order(dtks_rows::id)
        .select((
            dtks_rows::id,
            dtks_rows::nokk,
            dtks_rows::kelurahan,
            dtks_rows::programs,
            dtks_rows::sex,
            dtks_rows::birth_date,
            dtks_rows::name,
            dtks_rows::address,
            dtks_rows::rt,
            dtks_rows::rw,
        ))
        .load(conn)?;
    let ids = rows.iter().map(|row| row.0).collect();
    let mut records: BTreeMap<i64, Record> = BTreeMap::new();
    for (id, nokk, kelurahan, programs, sex, born, name, address, rt, rw) in rows {
        let programs = programs as u32;
        // As in the state of a month: the first row stands and gathers the programs of the others.
        records.entry(import_of(id)).and_modify(|record| record.programs |= programs).or_insert_with(|| Record {
            nokk,
            kelurahan,
            programs,
            name,
            rest: [sex.unwrap_or_default(), born.unwrap_or_default(), address, rt, rw],
        });
    }
    Ok((records, ids))
}

/// Compares each loaded month's record with that of the loaded month before.
fn compare(conn: &mut SqliteConnection, records: &BTreeMap<i64, Record>, evidence: &Evidence, events: &mut Vec<Event>) -> Result<()> {
    let mut areas = NumberMap::default();
    let mut place = |kelurahan: i64| area(&mut areas, Level::Kelurahan, kelurahan.cast_unsigned());
    let mut before: Option<&Record> = None;
    for (at, period) in crate::state::periods(conn)?.into_iter().enumerate() {
        let now = chain(conn, period)?.iter().rev().find_map(|import| records.get(import));
        let mut tell = |what| events.push(Event { period, day: None, what });
        match (before, now) {
            (None, Some(now)) => tell(Happened::Recorded(place(now.kelurahan)?)),
            (Some(_), None) => tell(Happened::Unrecorded),
            (Some(before), Some(now)) => {
                if before.kelurahan != now.kelurahan {
                    tell(Happened::Moved(place(before.kelurahan)?, place(now.kelurahan)?));
                }
                if before.nokk != now.nokk {
                    tell(Happened::CardChanged);
                }
                let (name, rest) = (before.name != now.name, before.rest != now.rest);
                if name || rest {
                    tell(Happened::RecordChanged { name, rest });
                }
            }
            (None, None) => {}
        }
        let had = before.map_or(0, |record| record.programs);
        let has = now.map_or(0, |record| record.programs);
        for program in FLAGGED.iter() {
            let code = || program.code.clone();
            match (had >> program.bit & 1, has >> program.bit & 1) {
                (0, 1) if at == 0 => tell(Happened::Enrolled(code())),
                (0, 1) => tell(Happened::Entered(code())),
                (1, 0) => tell(Happened::Left(code(), evidence.reason(period, before.map_or(0, |record| record.nokk)))),
                _ => {}
            }
        }
        before = now;
    }
    Ok(())
}

fn program(code: &str) -> Result<ProgramCode> {
    code.parse().map_err(|error: domain::ParseError| Error::stored("program")(error.to_string()))
}

fn paid(conn: &mut SqliteConnection, nik: i64, months: &Months, events: &mut Vec<Event>) -> Result<()> {
    let rows: Vec<(i64, String, i64)> = kks_rows::table
        .filter(kks_rows::nik.eq(nik))
        .order(kks_rows::id)
        .select((kks_rows::id, kks_rows::program, kks_rows::amount))
        .load(conn)?;
    for (row, code, amount) in rows {
        let rupiah = Rupiah::new(amount.cast_unsigned()).map_err(|error| Error::stored("amount")(error.to_string()))?;
        events.push(Event { period: month_of(months, row)?, day: None, what: Happened::Paid(program(&code)?, rupiah) });
    }
    Ok(())
}

fn proposed(conn: &mut SqliteConnection, nik: i64, months: &Months, events: &mut Vec<Event>) -> Result<()> {
    let rows: Vec<(i64, String)> = proposal_rows::table
        .filter(proposal_rows::nik.eq(nik))
        .order(proposal_rows::id)
        .select((proposal_rows::id, proposal_rows::program))
        .load(conn)?;
    for (row, code) in rows {
        events.push(Event { period: month_of(months, row)?, day: None, what: Happened::Proposed(program(&code)?) });
    }
    let rows: Vec<(i64, String, String)> = proposal_result_rows::table
        .filter(proposal_result_rows::nik.eq(nik))
        .order(proposal_result_rows::id)
        .select((proposal_result_rows::id, proposal_result_rows::program, proposal_result_rows::result))
        .load(conn)?;
    for (row, code, result) in rows {
        events.push(Event { period: month_of(months, row)?, day: None, what: Happened::Answered(program(&code)?, result) });
    }
    Ok(())
}

/// What operators decided about cases of the person, alone or in a pair.
fn decided(conn: &mut SqliteConnection, nik: Nik, events: &mut Vec<Event>) -> Result<()> {
    let rows: Vec<(String, String, String, String)> = decisions::table
        .filter(decisions::subject.like(format!("%{}%", nik.expose_text())))
        .order(decisions::id)
        .select((decisions::rule, decisions::decision, decisions::period, decisions::decided_at))
        .load(conn)?;
    for (rule, decision, period, at) in rows {
        let day = at.get(..10).and_then(|day| day.parse().ok());
        events.push(Event { period: parse_period(&period)?, day, what: Happened::Decided(rule, decision) });
    }
    Ok(())
}
