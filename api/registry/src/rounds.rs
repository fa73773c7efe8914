//! Verification rounds: whom the office sets out to visit in a month, the sheets
//! its people take along, and how far they are. A round is a list that is taken
//! once and never changed; what the visits found comes by imports of layout 16
//! that name the round, and is undone like any import. Who opened and closed a
//! round, and when, is kept.

mod open;
mod progress;
mod results;
mod sheet;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Period, ProgramCode};

use crate::Registry;
use crate::error::{Error, Result};
use crate::ledger::parse_period;
use crate::schema::{round_events, round_people, rounds};

pub use open::{Opened, RoundRequest};
pub use progress::{Counted, RoundProgress};
pub(crate) use results::{News, Rounds};
pub use sheet::{Form, Visit, sheet};

/// A verification round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The month whose recipients are visited.
    pub period: Period,
    /// The programs it is limited to; none for all.
    pub programs: Vec<ProgramCode>,
    /// The kecamatan it is limited to; none for all.
    pub kecamatan: Vec<AreaCode>,
    /// Only those whom nobody checked within so many months.
    pub unverified_since: Option<u32>,
    /// Only those with findings.
    pub with_findings: bool,
    /// Whether the list was taken from made-up data.
    pub simulated: bool,
    /// How many people are on its list.
    pub people: u64,
    /// Who opened it.
    pub opened_by: String,
    /// When, in UTC.
    pub opened_at: String,
    /// Who closed it and when, while it is closed.
    pub closed: Option<(String, String)>,
}

type Stored = (i64, String, String, String, String, Option<i64>, bool, bool, String, String);

impl Registry {
    /// All rounds, in the order in which they were opened.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rounds(&mut self) -> Result<Vec<Round>> {
        all(&mut self.conn)
    }

    /// The round of a name.
    ///
    /// # Errors
    /// When there is none; the message names those there are.
    pub fn round(&mut self, name: &str) -> Result<Round> {
        named(&mut self.conn, name)
    }

    /// Closes a round: it takes no more results. Tells whether it was closed already.
    ///
    /// # Errors
    /// When there is no such round, or nobody closes it.
    pub fn close_round(&mut self, name: &str, by: &str) -> Result<(Round, bool)> {
        self.note(name, by, Event::Closed)
    }

    /// Opens a closed round again. Tells whether it was open already.
    ///
    /// # Errors
    /// When there is no such round, or nobody opens it.
    pub fn reopen_round(&mut self, name: &str, by: &str) -> Result<(Round, bool)> {
        self.note(name, by, Event::Reopened)
    }

    fn note(&mut self, name: &str, by: &str, event: Event) -> Result<(Round, bool)> {
        let by = who(by)?;
        self.conn.immediate_transaction(|conn| {
            let round = named(conn, name)?;
            if round.closed.is_some() == (event == Event::Closed) {
                return Ok((round, true));
            }
            diesel::insert_into(round_events::table)
                .values((
                    round_events::round.eq(round.id),
                    round_events::event.eq(event.as_str()),
                    round_events::done_by.eq(by),
                    round_events::done_at.eq(now()),
                ))
                .execute(conn)?;
            Ok((named(conn, name)?, false))
        })
    }
}

/// What may happen to a round after it was opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Closed,
    Reopened,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Event::Closed => "closed",
            Event::Reopened => "reopened",
        }
    }
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The name of who does something, which must be one.
fn who(by: &str) -> Result<&str> {
    let by = by.trim();
    if by.is_empty() || by.chars().count() > 100 {
        return Err(Error::Request("who does it? Give --by NAME, of at most 100 letters; it stays in the registry".to_owned()));
    }
    Ok(by)
}

fn all(conn: &mut SqliteConnection) -> Result<Vec<Round>> {
    let stored: Vec<Stored> = rounds::table
        .order(rounds::id)
        .select((
            rounds::id,
            rounds::name,
            rounds::period,
            rounds::programs,
            rounds::kecamatan,
            rounds::unverified_since,
            rounds::with_findings,
            rounds::simulated,
            rounds::opened_by,
            rounds::opened_at,
        ))
        .load(conn)?;
    stored.into_iter().map(|stored| complete(conn, stored)).collect()
}

fn complete(conn: &mut SqliteConnection, stored: Stored) -> Result<Round> {
    let (id, name, period, programs, kecamatan, unverified_since, with_findings, simulated, opened_by, opened_at) = stored;
    let people: i64 = round_people::table.filter(round_people::round.eq(id)).count().get_result(conn)?;
    let last: Option<(String, String, String)> = round_events::table
        .filter(round_events::round.eq(id))
        .order(round_events::id.desc())
        .select((round_events::event, round_events::done_by, round_events::done_at))
        .first(conn)
        .optional()?;
    Ok(Round {
        id,
        name,
        period: parse_period(&period)?,
        programs: list(&programs, "program")?,
        kecamatan: list(&kecamatan, "kecamatan")?,
        unverified_since: unverified_since.and_then(|months| u32::try_from(months).ok()),
        with_findings,
        simulated,
        people: people.cast_unsigned(),
        opened_by,
        opened_at,
        closed: last.filter(|(event, ..)| event == Event::Closed.as_str()).map(|(_, by, at)| (by, at)),
    })
}

fn list<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<Vec<T>> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| Error::stored(what)("a code that is none".to_owned())))
        .collect()
}

fn named(conn: &mut SqliteConnection, name: &str) -> Result<Round> {
    let name = name.trim();
    let all = all(conn)?;
    let names: Vec<String> = all.iter().map(|round| round.name.clone()).collect();
    all.into_iter().find(|round| round.name == name).ok_or_else(|| {
        let known = match names.as_slice() {
            [] => "none was opened yet: bansos verify open".to_owned(),
            names => format!("there are {}", names.join(", ")),
        };
        Error::Request(format!("no verification round is called {name:?}; {known}"))
    })
}

#[cfg(test)]
mod tests;
