//! Why somebody who was enrolled is so no longer: the weightiest of what is
//! loaded up to the month. `STATE.md` has the table.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{LeaveReason, Outcome, Period, PersonFinding};
use identity::Nik;

use crate::cases::{Dismissed, Rule, same_person};
use crate::error::Result;
use crate::layout::Layout;
use crate::number::{NumberMap, NumberSet};
use crate::rows::ids_of;
use crate::schema::pbi_rows;
use crate::state::Enrolled;
use crate::state::checks::Check;
use crate::state::lists::Lists;
use crate::state::ranks::Ranks;

/// Why people may have left, by what is loaded. RESTRICTED.
#[derive(Debug, Default)]
pub struct Reasons {
    by_nik: NumberMap<u64, LeaveReason>,
    by_family: NumberMap<u64, LeaveReason>,
}

/// How weighty a reason is: of several the smallest number is told.
pub(crate) const fn weight(reason: LeaveReason) -> u8 {
    match reason {
        LeaveReason::Died => 0,
        LeaveReason::Duplicate => 1,
        LeaveReason::Moved => 2,
        LeaveReason::Refused => 3,
        LeaveReason::Ineligible => 4,
        LeaveReason::Graduated => 5,
        LeaveReason::Unknown => 6,
    }
}

/// The weightier of two reasons.
pub(crate) fn weightier(one: LeaveReason, other: LeaveReason) -> LeaveReason {
    if weight(other) < weight(one) { other } else { one }
}

/// Why somebody leaves whom verification found so. That the card is missing or
/// the name differs is to be put right, and no reason.
pub(crate) const fn of_outcome(outcome: Outcome) -> LeaveReason {
    match outcome {
        Outcome::Deceased => LeaveReason::Died,
        Outcome::Duplicate => LeaveReason::Duplicate,
        Outcome::Moved => LeaveReason::Moved,
        Outcome::Refused => LeaveReason::Refused,
        // A record that leads to nobody is an invalid record.
        Outcome::Invalid | Outcome::NotFound | Outcome::Ineligible => LeaveReason::Ineligible,
        Outcome::Unchecked | Outcome::Valid | Outcome::OtherName | Outcome::NoCard => LeaveReason::Unknown,
    }
}

/// Whether the office dismissed that what verification found of somebody is so.
pub(crate) fn is_dismissed(dismissed: &Dismissed, nik: u64, outcome: Outcome) -> bool {
    let rule = match outcome {
        Outcome::Deceased => Rule::Deceased,
        Outcome::Moved => Rule::Moved,
        Outcome::NotFound => Rule::NotFound,
        _ => return false,
    };
    Nik::from_number(nik).is_ok_and(|nik| dismissed.has(rule, nik, ""))
}

/// Why somebody leaves who is on a list.
pub(crate) const fn of_finding(finding: PersonFinding) -> LeaveReason {
    match finding {
        PersonFinding::Deceased => LeaveReason::Died,
        PersonFinding::PublicServant | PersonFinding::Earner => LeaveReason::Ineligible,
        PersonFinding::Moved => LeaveReason::Moved,
        PersonFinding::None => LeaveReason::Unknown,
    }
}

/// Why somebody leaves whose membership in PBI-JK has this status.
pub(crate) fn of_status(status: &str) -> LeaveReason {
    match status.trim().to_ascii_uppercase().as_str() {
        "MENINGGAL DUNIA" => LeaveReason::Died,
        "GANDA" => LeaveReason::Duplicate,
        "PINDAH" => LeaveReason::Moved,
        "MENOLAK" => LeaveReason::Refused,
        "TIDAK DITEMUKAN" => LeaveReason::Ineligible,
        _ => LeaveReason::Unknown,
    }
}

impl Reasons {
    /// Why a unit of an earlier month is no longer enrolled.
    #[must_use]
    pub fn of(&self, unit: &Enrolled) -> LeaveReason {
        let own = self.by_nik.get(&unit.nik.expose()).copied().unwrap_or_default();
        weightier(own, self.by_family.get(&unit.family.expose()).copied().unwrap_or_default())
    }

    /// Notes what is known of a person; the weightier stands.
    pub fn note(&mut self, nik: Nik, reason: LeaveReason) {
        self.person(nik.expose(), reason);
    }

    fn person(&mut self, nik: u64, reason: LeaveReason) {
        if reason != LeaveReason::Unknown {
            let known = self.by_nik.entry(nik).or_default();
            *known = weightier(*known, reason);
        }
    }
}

/// Gathers all that may be a reason. `active` are the members of PBI-JK whose
/// premium is paid in the month: what an earlier file said of them is past.
pub(super) fn reasons(
    conn: &mut SqliteConnection,
    period: Period,
    lists: &Lists,
    checks: &NumberMap<u64, Check>,
    ranks: &Ranks,
    dismissed: &Dismissed,
    active: &dyn Fn(u64) -> bool,
) -> Result<Reasons> {
    let mut reasons = Reasons::default();
    for nik in lists.died.keys() {
        reasons.person(*nik, LeaveReason::Died);
    }
    for (nik, finding) in lists.listed() {
        reasons.person(nik, of_finding(finding));
    }
    for (nik, check) in checks {
        if !is_dismissed(dismissed, *nik, check.outcome) {
            reasons.person(*nik, of_outcome(check.outcome));
        }
    }
    for (one, other) in same_person(conn)? {
        reasons.person(one, LeaveReason::Duplicate);
        reasons.person(other, LeaveReason::Duplicate);
    }
    // Of several files the newest word on somebody stands.
    let mut said: NumberSet<u64> = NumberSet::default();
    for import in super::up_to(conn, &[Layout::PbiJk], period)?.into_iter().rev() {
        let (first, last) = ids_of(import);
        let rows = pbi_rows::table
            .filter(pbi_rows::id.between(first, last).and(pbi_rows::active.eq(false)))
            .order(pbi_rows::id.desc())
            .select((pbi_rows::nik, pbi_rows::status))
            .load_iter::<(i64, String), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, status) = row?;
            let nik = nik.cast_unsigned();
            if said.insert(nik) && !active(nik) {
                reasons.person(nik, of_status(&status));
            }
        }
    }
    ranks.better_off(&mut |number, is_person, reason| {
        if is_person {
            reasons.person(number, reason);
        } else {
            reasons.by_family.insert(number, reason);
        }
    });
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_all_different_and_the_weightier_is_told_whatever_the_order() {
        for one in LeaveReason::ALL {
            for other in LeaveReason::ALL {
                assert_eq!(weight(one) == weight(other), one == other);
                assert_eq!(weightier(one, other), weightier(other, one));
                assert!(weight(weightier(one, other)) <= weight(one));
            }
        }
        assert_eq!(weightier(LeaveReason::Ineligible, LeaveReason::Died), LeaveReason::Died);
        assert_eq!(of_status(" Meninggal Dunia "), LeaveReason::Died);
        assert_eq!(of_status("Aktif"), LeaveReason::Unknown);
    }
}
