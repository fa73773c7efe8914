//! What the import of results needs of a round: whether it is open, who is on
//! its list, and what was found so far.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::Outcome;

use crate::error::Result;
use crate::number::NumberMap;
use crate::rounds::all;
use crate::schema::{round_people, verification_rows};

/// The last result of a person in a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) date: String,
    pub(crate) outcome: Outcome,
    /// The row that says so.
    pub(crate) row: i64,
}

/// What a row says that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    First,
    Changed,
    /// The same as is known, or of an earlier day.
    Nothing,
}

/// A round while results are read into it.
pub(crate) struct Reading {
    pub(crate) closed: bool,
    /// Everybody on the list, with the last result where there is one.
    people: NumberMap<u64, Option<Last>>,
}

impl Reading {
    /// Whether a person is on the list.
    pub(crate) fn has(&self, nik: u64) -> bool {
        self.people.contains_key(&nik)
    }

    /// Takes a result: the later day wins, and on one day the later row. Tells
    /// what is new about it, and whether it contradicts another of the same day,
    /// or one of the same file.
    pub(crate) fn take(&mut self, nik: u64, date: &str, outcome: Outcome, row: i64) -> (News, bool) {
        let Some(known) = self.people.get_mut(&nik) else { return (News::Nothing, false) };
        let Some(last) = known else {
            *known = Some(Last { date: date.to_owned(), outcome, row });
            return (News::First, false);
        };
        let same_file = crate::rows::import_of(last.row) == crate::rows::import_of(row);
        let differs = last.outcome != outcome && last.outcome != Outcome::Unchecked && outcome != Outcome::Unchecked;
        let contradicts = differs && (last.date == date || same_file);
        let wins = date >= last.date.as_str() && (outcome != Outcome::Unchecked || last.outcome == Outcome::Unchecked);
        let news = if wins && (last.outcome != outcome || last.date != date) { News::Changed } else { News::Nothing };
        if wins {
            *last = Last { date: date.to_owned(), outcome, row };
        }
        (news, contradicts)
    }
}

/// The rounds of a registry, each looked into when a row first names it.
#[derive(Default)]
pub(crate) struct Rounds(Option<BTreeMap<String, Option<Reading>>>);

impl Rounds {
    /// The round of a name; `None` where the office opened none of that name.
    pub(crate) fn of(&mut self, conn: &mut SqliteConnection, name: &str) -> Result<Option<&mut Reading>> {
        if self.0.is_none() {
            self.0 = Some(all(conn)?.into_iter().map(|round| (round.name, None)).collect());
        }
        let Some(slot) = self.0.as_mut().and_then(|rounds| rounds.get_mut(name)) else { return Ok(None) };
        if slot.is_none() {
            *slot = Some(load(conn, name)?);
        }
        Ok(slot.as_mut())
    }
}

fn load(conn: &mut SqliteConnection, name: &str) -> Result<Reading> {
    let round = super::named(conn, name)?;
    let mut reading = Reading { closed: round.closed.is_some(), people: NumberMap::default() };
    reading.people.reserve(usize::try_from(round.people).unwrap_or(0));
    let people = round_people::table
        .filter(round_people::round.eq(round.id))
        .select(round_people::nik)
        .load_iter::<i64, diesel::connection::DefaultLoadingMode>(conn)?;
    for nik in people {
        reading.people.insert(nik?.cast_unsigned(), None);
    }
    results(conn, name, |nik, date, outcome, row| {
        reading.take(nik, date, outcome, row);
    })?;
    Ok(reading)
}

/// Shows every result that names the round, in the order of import. A word that
/// an older version stored and nobody knows says nothing.
pub(super) fn results(conn: &mut SqliteConnection, name: &str, mut see: impl FnMut(u64, &str, Outcome, i64)) -> Result<()> {
    let rows = verification_rows::table
        .filter(verification_rows::round.eq(name))
        .order(verification_rows::id)
        .select((verification_rows::id, verification_rows::nik, verification_rows::date, verification_rows::outcome))
        .load_iter::<(i64, i64, String, String), diesel::connection::DefaultLoadingMode>(conn)?;
    for row in rows {
        let (id, nik, date, word) = row?;
        see(nik.cast_unsigned(), &date, Outcome::of_word(&word).unwrap_or_default(), id);
    }
    Ok(())
}
