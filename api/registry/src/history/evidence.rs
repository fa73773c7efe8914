//! All that other files than those of recipients say of one person, and the
//! reason that it makes: the same rules as `state/reasons.rs`, over one person's
//! rows instead of everybody's. A test holds the two against each other.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{LeaveReason, Outcome, Period};
use jiff::civil::Date;

use super::{Event, Happened, Months, month_of};
use crate::cases::{Dismissed, dismissed, same_person};
use crate::error::{Error, Result};
use crate::rows::import_of;
use crate::schema::{death_rows, listing_rows, pbi_rows, rank_rows, verification_rows};
use crate::state::{checks, lists, ranks, reasons};

/// A row of a ranking that is about the person or a card of theirs.
struct Rank {
    period: Period,
    nik: Option<i64>,
    nokk: Option<i64>,
    desil: u8,
}

/// What files other than those of recipients say. Each in the order of the
/// months, the imports and the rows.
pub(super) struct Evidence {
    nik: i64,
    checks: Vec<(Period, i32, String, Outcome)>,
    listed: Vec<(Period, Option<Date>, String)>,
    died: Vec<(Period, Date)>,
    members: Vec<(Period, i64, bool, String)>,
    ranks: Vec<Rank>,
    cards: Vec<i64>,
    dismissed: Dismissed,
    /// Whether the office found that the number is another number's person.
    same_person: bool,
}

impl Evidence {
    /// Reads the rows of a person; `cards` are the family cards they ever had here.
    pub(super) fn load(conn: &mut SqliteConnection, nik: i64, cards: &[i64], months: &Months) -> Result<Evidence> {
        let date = |text: &str| text.parse::<Date>().map_err(|error| Error::stored("date")(error.to_string()));
        // In the order in which files apply: by month, then by import.
        let when = |row: i64| Ok::<_, Error>((month_of(months, row)?, row));

        let rows: Vec<(i64, String, String, String)> = verification_rows::table
            .filter(verification_rows::nik.eq(nik))
            .select((verification_rows::id, verification_rows::date, verification_rows::round, verification_rows::outcome))
            .load(conn)?;
        let mut checks = Vec::new();
        for (row, day, round, word) in rows {
            checks.push((when(row)?, checks::day(&day)?, round, Outcome::of_word(&word).unwrap_or_default()));
        }
        checks.sort_by_key(|check| check.0);

        let rows: Vec<(i64, Option<String>, String)> = listing_rows::table
            .filter(listing_rows::nik.eq(nik))
            .select((listing_rows::id, listing_rows::listed_on, listing_rows::list))
            .load(conn)?;
        let mut listed = Vec::new();
        for (row, day, list) in rows {
            listed.push((when(row)?, day.as_deref().map(date).transpose()?, list));
        }
        listed.sort_by_key(|entry| entry.0);

        let rows: Vec<(i64, String)> =
            death_rows::table.filter(death_rows::nik.eq(nik)).select((death_rows::id, death_rows::date_of_death)).load(conn)?;
        let mut died = Vec::new();
        for (row, day) in rows {
            died.push((when(row)?, date(&day)?));
        }
        died.sort_by_key(|entry| entry.0);

        let rows: Vec<(i64, bool, String)> =
            pbi_rows::table.filter(pbi_rows::nik.eq(nik)).select((pbi_rows::id, pbi_rows::active, pbi_rows::status)).load(conn)?;
        let mut members = Vec::new();
        for (row, active, status) in rows {
            members.push((when(row)?, import_of(row), active, status));
        }
        members.sort_by_key(|entry| entry.0);

        // The rows of the person as head tell of cards that the records do not have.
        let mut cards = cards.to_vec();
        let headed: Vec<Option<i64>> = rank_rows::table.filter(rank_rows::nik.eq(nik)).select(rank_rows::nokk).distinct().load(conn)?;
        cards.extend(headed.into_iter().flatten());
        cards.sort_unstable();
        cards.dedup();
        type Row = (i64, Option<i64>, Option<i64>, Option<i64>);
        let rows: Vec<Row> = rank_rows::table
            .filter(rank_rows::nik.eq(nik).or(rank_rows::nokk.eq_any(&cards)))
            .select((rank_rows::id, rank_rows::nik, rank_rows::nokk, rank_rows::desil))
            .load(conn)?;
        let mut ranked = Vec::new();
        for (row, nik, nokk, desil) in rows {
            // Without a desil a row tells nothing.
            if let Some(desil) = desil.and_then(|desil| u8::try_from(desil).ok()).filter(|desil| (1..=10).contains(desil)) {
                let (period, row) = when(row)?;
                ranked.push((row, Rank { period, nik, nokk, desil }));
            }
        }
        ranked.sort_by_key(|(row, rank)| (rank.period, *row));
        Ok(Evidence {
            nik,
            checks: checks.into_iter().map(|((period, _), day, round, outcome)| (period, day, round, outcome)).collect(),
            listed: listed.into_iter().map(|((period, _), day, list)| (period, day, list)).collect(),
            died: died.into_iter().map(|((period, _), day)| (period, day)).collect(),
            members: members.into_iter().map(|((period, _), import, active, status)| (period, import, active, status)).collect(),
            ranks: ranked.into_iter().map(|(_, rank)| rank).collect(),
            cards,
            dismissed: dismissed(conn)?,
            same_person: same_person(conn)?.iter().any(|(one, other)| [*one, *other].contains(&nik.cast_unsigned())),
        })
    }

    /// Why the person, whose record had this family card, left in this month.
    pub(super) fn reason(&self, period: Period, card: i64) -> LeaveReason {
        let end = period.last_day();
        let (number, outcome) = (self.nik.cast_unsigned(), self.outcome(period));
        let mut told = vec![self.membership(period)];
        if !reasons::is_dismissed(&self.dismissed, number, outcome) {
            told.push(reasons::of_outcome(outcome));
        }
        if self.same_person {
            told.push(LeaveReason::Duplicate);
        }
        let holds = |list: &str| !lists::is_dismissed(&self.dismissed, number, list);
        if holds(lists::DEATHS) && self.died.iter().any(|(when, day)| *when <= period && *day <= end) {
            told.push(LeaveReason::Died);
        }
        let on = self
            .listed
            .iter()
            .filter(|(when, day, _)| *when <= period && day.is_none_or(|day| day <= end))
            .filter(|(.., list)| holds(list));
        // Only the gravest list that somebody is on is a reason.
        told.extend(on.map(|(_, _, list)| lists::of_list(list)).min_by_key(|finding| lists::gravity(*finding)).map(reasons::of_finding));
        let headed =
            self.cards.iter().filter(|other| self.ranks.iter().any(|rank| rank.nik == Some(self.nik) && rank.nokk == Some(**other)));
        told.extend([self.desil(period, Some(card)), self.desil(period, None)]);
        told.extend(headed.map(|card| self.desil(period, Some(*card))));
        told.into_iter().fold(LeaveReason::Unknown, reasons::weightier)
    }

    /// What verification last found, as `state/checks.rs` has it.
    fn outcome(&self, period: Period) -> Outcome {
        let (mut last, mut found) = (0, Outcome::Unchecked);
        for (_, day, _, outcome) in self.checks.iter().filter(|check| check.0 <= period) {
            if *day >= last && (*outcome != Outcome::Unchecked || last == 0) {
                (last, found) = (*day, *outcome);
            }
        }
        found
    }

    /// What PBI-JK says, unless the month pays for them.
    fn membership(&self, period: Period) -> LeaveReason {
        let of_month = self.members.iter().rfind(|member| member.0 == period);
        if of_month.is_some_and(|(_, _, active, _)| *active) {
            return LeaveReason::Unknown;
        }
        let newest = self.members.iter().rfind(|member| member.0 <= period && !member.2);
        newest.map_or(LeaveReason::Unknown, |(.., status)| reasons::of_status(status))
    }

    /// What the desil of a card says, or of the person as head where a ranking names no card.
    fn desil(&self, period: Period, card: Option<i64>) -> LeaveReason {
        let own = || {
            self.ranks.iter().filter(|rank| rank.period <= period && rank.nokk == card && (card.is_some() || rank.nik == Some(self.nik)))
        };
        match (own().next_back(), own().map(|rank| rank.desil).min()) {
            (Some(last), Some(lowest)) => ranks::of_desils(last.desil, lowest),
            _ => LeaveReason::Unknown,
        }
    }

    /// Tells all of it.
    pub(super) fn tell(&self, events: &mut Vec<Event>) -> Result<()> {
        let mut tell = |period, day, what| events.push(Event { period, day, what });
        for (period, day, round, outcome) in &self.checks {
            let date = Date::new((day / 10_000) as i16, (day / 100 % 100) as i8, (day % 100) as i8);
            let date = date.map_err(|error| Error::stored("date")(error.to_string()))?;
            tell(*period, Some(date), Happened::Verified(round.clone(), *outcome));
        }
        for (period, day, list) in &self.listed {
            tell(*period, *day, Happened::Listed(list.clone()));
        }
        for (period, day) in &self.died {
            tell(*period, Some(*day), Happened::Died);
        }
        for (at, (period, _, _, status)) in self.members.iter().enumerate() {
            // A member's status is in every month's file: told when it changes.
            let before = at.checked_sub(1).and_then(|at| self.members.get(at));
            if before.is_none_or(|before| !before.3.eq_ignore_ascii_case(status)) {
                tell(*period, None, Happened::Member(status.clone()));
            }
        }
        for rank in &self.ranks {
            tell(rank.period, None, Happened::Ranked(rank.desil));
        }
        Ok(())
    }
}
