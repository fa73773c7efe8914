//! How far a round is: to visit, visited and found, by kelurahan, kecamatan and district.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::{AreaCode, Level, Outcome};

use crate::Registry;
use crate::error::{Error, Result};
use crate::number::NumberMap;
use crate::rounds::{Round, results};
use crate::schema::round_people;

/// The people of a round in an area.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// On the list.
    pub to_visit: u64,
    /// By what was found last, in the order of [`Outcome::ALL`]; first those not visited yet.
    pub outcomes: [u64; Outcome::ALL.len()],
    /// The day of the last visit, as 2025-06-30.
    pub last: Option<String>,
}

impl Counted {
    /// How many were visited.
    #[must_use]
    pub fn visited(&self) -> u64 {
        self.to_visit - self.outcomes[Outcome::Unchecked as usize]
    }

    fn add(&mut self, outcome: Outcome, date: Option<&str>) {
        self.to_visit += 1;
        self.outcomes[outcome as usize] += 1;
        if outcome != Outcome::Unchecked && date > self.last.as_deref() {
            self.last = date.map(str::to_owned);
        }
    }
}

/// How far a round is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoundProgress {
    /// The whole.
    pub all: Counted,
    /// By kecamatan.
    pub kecamatan: BTreeMap<AreaCode, Counted>,
    /// By kelurahan.
    pub kelurahan: BTreeMap<AreaCode, Counted>,
    /// Results that name the round, of people who are not on its list.
    pub outside: u64,
}

impl Registry {
    /// Counts a round.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn round_progress(&mut self, round: &Round) -> Result<RoundProgress> {
        self.conn.transaction(|conn| {
            let mut found: NumberMap<u64, (String, Outcome)> = NumberMap::default();
            results::results(conn, &round.name, |nik, date, outcome, _| {
                let known = found.entry(nik).or_default();
                if date >= known.0.as_str() && (outcome != Outcome::Unchecked || known.1 == Outcome::Unchecked) {
                    *known = (date.to_owned(), outcome);
                }
            })?;
            let mut progress = RoundProgress::default();
            let mut members = 0;
            let people = round_people::table
                .filter(round_people::round.eq(round.id))
                .select((round_people::kelurahan, round_people::nik))
                .load_iter::<(i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
            // People of a kelurahan follow each other.
            let mut current: Option<(i64, AreaCode, AreaCode)> = None;
            for row in people {
                let (number, nik) = row?;
                let (_, kelurahan, kecamatan) = match current {
                    Some(known) if known.0 == number => known,
                    _ => {
                        let kelurahan = AreaCode::from_number(Level::Kelurahan, number.cast_unsigned())
                            .map_err(|error| Error::stored("area")(error.to_string()))?;
                        let kecamatan = kelurahan.at(Level::Kecamatan).unwrap_or(kelurahan);
                        *current.insert((number, kelurahan, kecamatan))
                    }
                };
                let result = found.get(&nik.cast_unsigned());
                members += u64::from(result.is_some());
                let (outcome, date) = result.map_or((Outcome::Unchecked, None), |(date, outcome)| (*outcome, Some(date.as_str())));
                progress.all.add(outcome, date);
                progress.kecamatan.entry(kecamatan).or_default().add(outcome, date);
                progress.kelurahan.entry(kelurahan).or_default().add(outcome, date);
            }
            progress.outside = found.len() as u64 - members;
            Ok(progress)
        })
    }
}
