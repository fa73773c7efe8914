//! What lists of the office say of a person: deaths, and the lists of civil
//! servants, earners, people who moved.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Period, PersonFinding};
use identity::Nik;

use crate::cases::{Dismissed, Rule};
use crate::error::Result;
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::{first_day, ids_of};
use crate::schema::{death_rows, listing_rows};
use crate::state::checks::day;

/// Stands for the list of deaths among the codes of lists.
pub(crate) const DEATHS: &str = "deaths";

/// What a list, by the code it is stored under, says of those on it.
pub(crate) fn of_list(list: &str) -> PersonFinding {
    match list {
        "asn" | "tni" | "polri" | "pensiunan" | "perangkat_desa" | "sdm_pkh" | "dprd" => PersonFinding::PublicServant,
        "bumn" | "penghasilan" | "ahu" => PersonFinding::Earner,
        "pindah" => PersonFinding::Moved,
        _ => PersonFinding::None,
    }
}

/// Whether the office dismissed that a list, by its code, says of somebody what
/// it does; `deaths` is the list of deaths.
pub(crate) fn is_dismissed(dismissed: &Dismissed, nik: u64, list: &str) -> bool {
    let (rule, ground) = match of_list(list) {
        PersonFinding::PublicServant => (Rule::PublicServant, list),
        PersonFinding::Earner => (Rule::Earner, list),
        PersonFinding::Moved => (Rule::Moved, ""),
        PersonFinding::Deceased | PersonFinding::None => (Rule::Deceased, ""),
    };
    Nik::from_number(nik).is_ok_and(|nik| dismissed.has(rule, nik, ground))
}

/// How grave a finding is: the smallest number counts.
pub(crate) const fn gravity(finding: PersonFinding) -> u8 {
    match finding {
        PersonFinding::Deceased => 0,
        PersonFinding::PublicServant => 1,
        PersonFinding::Earner => 2,
        PersonFinding::Moved => 3,
        PersonFinding::None => 4,
    }
}

/// What the lists up to a month say, by NIK.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The gravest list that somebody is on.
    listed: NumberMap<u64, PersonFinding>,
    /// The earliest day of death, as a number.
    pub(crate) died: NumberMap<u64, i32>,
    /// The first day of the month, as a number.
    first: i32,
}

impl Lists {
    /// What is found of somebody who is enrolled: who died within the month was
    /// entitled to it, so only a death before it is a finding.
    pub(crate) fn finding(&self, nik: u64) -> PersonFinding {
        match self.died.get(&nik) {
            Some(day) if *day < self.first => PersonFinding::Deceased,
            _ => self.listed.get(&nik).copied().unwrap_or_default(),
        }
    }

    /// Who is on a list other than that of deaths, and on which.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (u64, PersonFinding)> {
        self.listed.iter().map(|(nik, finding)| (*nik, *finding))
    }
}

/// Reads the lists imported up to the month, as they stood at its end: an entry
/// dated later does not count, one without a date counts from its import on, and
/// what was dismissed does not count either.
pub(crate) fn lists(conn: &mut SqliteConnection, period: Period, dismissed: &Dismissed) -> Result<Lists> {
    let end = period.last_day().to_string();
    let mut lists = Lists { first: first_day(period), ..Lists::default() };
    for import in super::up_to(conn, &[Layout::Listing], period)? {
        let (first, last) = ids_of(import);
        let rows = listing_rows::table
            .filter(listing_rows::id.between(first, last))
            .filter(listing_rows::listed_on.is_null().or(listing_rows::listed_on.le(&end)))
            .select((listing_rows::nik, listing_rows::list))
            .load_iter::<(i64, String), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, list) = row?;
            if is_dismissed(dismissed, nik.cast_unsigned(), &list) {
                continue;
            }
            let found = of_list(&list);
            let known = lists.listed.entry(nik.cast_unsigned()).or_default();
            if gravity(found) < gravity(*known) {
                *known = found;
            }
        }
    }
    for import in super::up_to(conn, &[Layout::Deaths], period)? {
        let (first, last) = ids_of(import);
        let rows = death_rows::table
            .filter(death_rows::id.between(first, last).and(death_rows::date_of_death.le(&end)))
            .select((death_rows::nik, death_rows::date_of_death))
            .load_iter::<(i64, String), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, date) = row?;
            if is_dismissed(dismissed, nik.cast_unsigned(), DEATHS) {
                continue;
            }
            let day = day(&date)?;
            lists.died.entry(nik.cast_unsigned()).and_modify(|known| *known = day.min(*known)).or_insert(day);
        }
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_its_own_gravity() {
        let mut all: Vec<u8> = PersonFinding::ALL.map(gravity).to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), PersonFinding::ALL.len());
    }
}
