//! Cases: what the office's files say against each other, by the rules that
//! RULES.md defines. They are computed from the imports when asked for and
//! never stored, so an import that is taken back takes its cases back; only what
//! operators decide is kept ([`decisions`]).

mod decisions;
mod find;
mod gather;
mod names;
mod rule;
mod settings;
mod sheet;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Period, ProgramCode};
use identity::{FamilyCardNumber, Nik};

use crate::Registry;
use crate::error::{Error, Result};

pub use decisions::{Decider, Decision, Dismissed, NewDecision, State};
pub(crate) use decisions::{dismissed, same_person};
use gather::Source;
pub use rule::Rule;
pub use settings::RuleSettings;
pub use sheet::{ReadBack, SheetProblem};
pub use shown::Shown;

/// A case that a rule finds in a month. RESTRICTED.
#[derive(Debug, Clone)]
pub struct Case {
    /// The rule.
    pub rule: Rule,
    /// Whom it is about; of a family, the cardholder or first member it is about.
    pub nik: Nik,
    /// The other NIK of a pair.
    pub other: Option<Nik>,
    /// The family card, where a record tells it.
    pub family: Option<FamilyCardNumber>,
    /// The program, where the rule is about one.
    pub program: Option<ProgramCode>,
    /// Where they live, where a file tells it.
    pub kelurahan: Option<AreaCode>,
    /// What the case rests on, in Indonesian and without names.
    pub evidence: String,
    /// Its state.
    pub state: State,
    /// The last decision.
    pub decision: Option<Decision>,
    /// Whether the files still show it; one that they do not is listed because it was decided.
    pub stands: bool,
    subject: Subject,
    ground: String,
    /// Programs that the person has, as bits.
    programs: u32,
    /// Where the person's name stands, the other's, and other names of the NIK.
    names: CaseNames,
}

#[derive(Debug, Clone, Default)]
struct CaseNames {
    own: Option<Source>,
    other: Option<Source>,
    further: Vec<Source>,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Person,
    Pair,
    Family,
}

impl Case {
    fn key(&self) -> decisions::Key {
        let subject = match (self.subject, self.other, self.family) {
            (Subject::Pair, Some(other), _) => format!("{}+{}", self.nik.expose_text(), other.expose_text()),
            (Subject::Family, _, Some(family)) => format!("KK{}", family.expose_text()),
            _ => self.nik.expose_text(),
        };
        (self.rule, subject, self.ground.clone())
    }

    /// The kecamatan, where a file tells it.
    #[must_use]
    pub fn kecamatan(&self) -> Option<AreaCode> {
        self.kelurahan.and_then(|code| code.at(Level::Kecamatan))
    }
}

impl Registry {
    /// The cases of a month with their states, by rule, kelurahan and NIK; last
    /// those that were decided and whose ground is gone. It reads in one
    /// transaction. Possible duplicates (F02) are those that the last search found.
    ///
    /// # Errors
    /// When no recipients were imported for the month, or the database refuses.
    pub fn cases(&mut self, period: Period, settings: &RuleSettings) -> Result<Vec<Case>> {
        let pairs = if settings.has(Rule::PossibleDuplicate) { self.possible_duplicates(period)? } else { Vec::new() };
        self.conn.transaction(|conn| {
            let mut cases = find::cases(conn, period, settings, &pairs)?;
            decide(conn, period, settings, &mut cases)?;
            Ok(cases)
        })
    }

    /// What operators dismissed of the rules about one person.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn dismissed(&mut self) -> Result<Dismissed> {
        dismissed(&mut self.conn)
    }

    /// Looks for one person under two NIKs, where the last search was not over
    /// the imports that are there now.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn look_for_duplicates(&mut self, period: Period) -> Result<()> {
        match self.find_duplicates(period) {
            // Without recipients there is nobody to be found twice; `cases` says so where it matters.
            Ok(_) | Err(Error::NoRecipients(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The pairs that the search for one person under two NIKs found, with how
    /// likely each is.
    fn possible_duplicates(&mut self, period: Period) -> Result<Vec<(Nik, Nik, f64)>> {
        Ok(self.duplicates(period)?.iter().map(|pair| (pair.one, pair.other, pair.probability)).collect())
    }
}

/// Gives each case its last decision, and adds those that were decided and stand no more.
fn decide(conn: &mut SqliteConnection, period: Period, settings: &RuleSettings, cases: &mut Vec<Case>) -> Result<()> {
    let mut last: HashMap<decisions::Key, Decision> = decisions::last(conn)?;
    if last.is_empty() {
        return Ok(());
    }
    for case in cases.iter_mut() {
        if let Some(decision) = last.remove(&case.key()) {
            case.state = decision.holds(period);
            case.decision = Some(decision);
        }
    }
    let mut gone: Vec<Case> = Vec::new();
    for ((rule, subject, ground), decision) in last {
        if decision.state == State::Open || decision.period > period || !settings.has(rule) {
            continue;
        }
        gone.extend(find::gone(rule, &subject, ground, decision));
    }
    find::place(conn, period, &mut gone)?;
    gone.sort_by_key(Case::order);
    cases.append(&mut gone);
    Ok(())
}

impl Case {
    fn order(&self) -> (Rule, u64, Nik, Option<Nik>, String) {
        (self.rule, self.kelurahan.map_or(0, AreaCode::number), self.nik, self.other, self.ground.clone())
    }
}
