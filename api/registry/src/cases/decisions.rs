//! What operators decided: the one thing about cases that is stored. Rows are
//! only added; the last of a case is its state.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::Period;
use identity::Nik;

use crate::Registry;
use crate::cases::{Case, Rule};
use crate::error::{Error, Result};
use crate::ledger::parse_period;
use crate::schema::decisions;

/// The state of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum State {
    /// Nobody decided, or it was taken back.
    #[default]
    Open,
    /// It is so.
    Confirmed,
    /// It is not so, or does not matter.
    Dismissed,
    /// It was so and is dealt with, or its ground is gone.
    Resolved,
}

impl State {
    /// All, in the order in which tables show them.
    pub const ALL: [State; 4] = [State::Open, State::Confirmed, State::Dismissed, State::Resolved];

    /// The word in the database and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        ["open", "confirmed", "dismissed", "resolved"][self as usize]
    }

    /// The operator's word.
    #[must_use]
    pub const fn words(self) -> &'static str {
        ["terbuka", "terbukti", "bukan", "selesai"][self as usize]
    }
}

impl std::str::FromStr for State {
    type Err = String;

    /// Reads either word, in capitals or not.
    fn from_str(text: &str) -> Result<State, String> {
        let text = text.trim();
        State::ALL
            .into_iter()
            .find(|state| text.eq_ignore_ascii_case(state.as_str()) || text.eq_ignore_ascii_case(state.words()))
            .ok_or_else(|| "expected terbukti (confirmed), bukan (dismissed), selesai (resolved) or terbuka (open)".to_owned())
    }
}

/// A decision that stands in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its number; later ones are greater.
    pub id: i64,
    /// What was decided.
    pub state: State,
    /// The month whose cases were looked at.
    pub period: Period,
    /// Who decided.
    pub by: String,
    /// When, in UTC.
    pub at: String,
    /// What they noted.
    pub note: String,
}

impl Decision {
    /// The state that it gives to a case that a month shows: what was dealt
    /// with is open again where a later month still shows it.
    pub(super) fn holds(&self, period: Period) -> State {
        if self.state == State::Resolved && self.period < period { State::Open } else { self.state }
    }
}

/// What tells a case: rule, subject and ground.
pub(super) type Key = (Rule, String, String);

/// The last decision of each case that has any.
pub(super) fn last(conn: &mut SqliteConnection) -> Result<HashMap<Key, Decision>> {
    type Row = (i64, String, String, String, String, String, String, String, String);
    let rows = decisions::table
        .order(decisions::id)
        .select((
            decisions::id,
            decisions::rule,
            decisions::subject,
            decisions::ground,
            decisions::decision,
            decisions::period,
            decisions::decided_by,
            decisions::decided_at,
            decisions::note,
        ))
        .load_iter::<Row, diesel::connection::DefaultLoadingMode>(conn)?;
    let mut last = HashMap::new();
    for row in rows {
        let (id, rule, subject, ground, state, period, by, at, note) = row?;
        let rule: Rule = rule.parse().map_err(Error::stored("rule"))?;
        let state: State = state.parse().map_err(Error::stored("decision"))?;
        last.insert((rule, subject, ground), Decision { id, state, period: parse_period(&period)?, by, at, note });
    }
    Ok(last)
}

/// What was dismissed, and not taken up again since.
#[derive(Debug, Default)]
pub struct Dismissed(HashSet<(Rule, u64, String)>);

impl Dismissed {
    /// Whether a case about one person was dismissed. `ground` is the list for
    /// [`Rule::PublicServant`] and [`Rule::Earner`] (`asn`), and empty for
    /// [`Rule::Deceased`], [`Rule::Moved`] and [`Rule::NotFound`].
    #[must_use]
    pub fn has(&self, rule: Rule, nik: Nik, ground: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&(rule, nik.expose(), ground.to_owned()))
    }
}

/// What operators dismissed of the rules about one person.
///
/// # Errors
/// When the database refuses.
pub(crate) fn dismissed(conn: &mut SqliteConnection) -> Result<Dismissed> {
    let found = last(conn)?.into_iter().filter(|(_, decision)| decision.state == State::Dismissed);
    Ok(Dismissed(found.filter_map(|((rule, subject, ground), _)| Some((rule, subject.parse().ok()?, ground))).collect()))
}

/// The numbers that operators found to be one person's, in pairs.
///
/// # Errors
/// When the database refuses.
pub(crate) fn same_person(conn: &mut SqliteConnection) -> Result<Vec<(u64, u64)>> {
    let found =
        last(conn)?.into_iter().filter(|((rule, ..), decision)| *rule == Rule::PossibleDuplicate && decision.state == State::Confirmed);
    Ok(found
        .filter_map(|((_, subject, _), _)| {
            let (one, other) = subject.split_once('+')?;
            Some((one.parse().ok()?, other.parse().ok()?))
        })
        .collect())
}

/// A decision to be stored.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// Of which case.
    pub case: &'a Case,
    /// What it is to be.
    pub state: State,
    /// What the operator noted.
    pub note: &'a str,
}

/// Who decides, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    /// The operator's name.
    pub by: &'a str,
    /// SHA-256 of the workbook; empty when decided here.
    pub source: &'a str,
}

impl Registry {
    /// Stores decisions, all or none; those that already stand as they are
    /// asked for are left out. Tells how many were stored.
    ///
    /// # Errors
    /// When nobody is named as having decided, or the database refuses.
    pub fn decide(&mut self, period: Period, decider: Decider<'_>, new: &[NewDecision<'_>]) -> Result<u64> {
        let by = decider.by.trim();
        if by.is_empty() || by.len() > 200 {
            return Err(Error::Request("a decision needs the name of who decided; give it with --by".to_owned()));
        }
        let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let stored = self.conn.immediate_transaction(|conn| -> Result<u64> {
            // Read again here: another command may have decided meanwhile.
            let last = if new.len() > 100 { Some(last(conn)?) } else { None };
            let mut stored = 0;
            let mut done = HashSet::new();
            for decision in new {
                let key = decision.case.key();
                if !done.insert(key.clone()) {
                    continue;
                }
                let standing = match &last {
                    Some(last) => last.get(&key).cloned(),
                    None => of(conn, &key)?,
                };
                if standing.map(|standing| standing.holds(period)).unwrap_or_default() == decision.state {
                    continue;
                }
                let (rule, subject, ground) = key;
                diesel::insert_into(decisions::table)
                    .values((
                        decisions::rule.eq(rule.id()),
                        decisions::subject.eq(subject),
                        decisions::ground.eq(ground),
                        decisions::decision.eq(decision.state.as_str()),
                        decisions::period.eq(period.to_string()),
                        decisions::decided_by.eq(by),
                        decisions::decided_at.eq(&at),
                        decisions::source.eq(decider.source),
                        decisions::note.eq(decision.note.chars().take(500).collect::<String>()),
                    ))
                    .execute(conn)?;
                stored += 1;
            }
            durable::fault_point("decide.commit.before");
            Ok(stored)
        })?;
        durable::fault_point("decide.commit.after");
        tracing::info!(asked = new.len(), stored, "decisions stored");
        Ok(stored)
    }

    /// How many decisions were read from a workbook of this SHA-256.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn decisions_of(&mut self, sha256: &str) -> Result<u64> {
        let count: i64 = decisions::table.filter(decisions::source.eq(sha256)).count().get_result(&mut self.conn)?;
        Ok(count.cast_unsigned())
    }
}

/// The last decision of one case.
fn of(conn: &mut SqliteConnection, (rule, subject, ground): &Key) -> Result<Option<Decision>> {
    let row: Option<(i64, String, String, String, String, String)> = decisions::table
        .filter(decisions::rule.eq(rule.id()).and(decisions::subject.eq(subject)).and(decisions::ground.eq(ground)))
        .order(decisions::id.desc())
        .select((decisions::id, decisions::decision, decisions::period, decisions::decided_by, decisions::decided_at, decisions::note))
        .first(conn)
        .optional()?;
    row.map(|(id, state, period, by, at, note)| {
        Ok(Decision { id, state: state.parse().map_err(Error::stored("decision"))?, period: parse_period(&period)?, by, at, note })
    })
    .transpose()
}
