//! What field verification last found of a person, and when.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Outcome, Period};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::ids_of;
use crate::schema::verification_rows;

/// The last outcome of verifying somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Check {
    /// The day as a number, 20250131; 0 where there is none.
    day: i32,
    /// What was found.
    pub(crate) outcome: Outcome,
}

impl Check {
    /// The month of the check; `None` where nobody came by.
    pub(crate) fn month(self) -> Option<Period> {
        if self.outcome == Outcome::Unchecked {
            return None;
        }
        Period::new(i16::try_from(self.day / 10_000).ok()?, i8::try_from(self.day / 100 % 100).ok()?).ok()
    }
}

/// The last check by NIK: of all files up to the month the later day wins, and
/// on one day the later row. A round that did not come to check somebody takes
/// nothing back, and a word that nobody knows tells nothing.
pub(crate) fn checks(conn: &mut SqliteConnection, period: Period) -> Result<NumberMap<u64, Check>> {
    let mut latest: NumberMap<u64, Check> = NumberMap::default();
    for import in super::up_to(conn, &[Layout::Verification], period)? {
        let (first, last) = ids_of(import);
        let rows = verification_rows::table
            .filter(verification_rows::id.between(first, last))
            .order(verification_rows::id)
            .select((verification_rows::nik, verification_rows::date, verification_rows::outcome))
            .load_iter::<(i64, String, String), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (nik, date, word) = row?;
            let day = day(&date)?;
            let outcome = Outcome::of_word(&word).unwrap_or_default();
            let known = latest.entry(nik.cast_unsigned()).or_default();
            if day >= known.day && (outcome != Outcome::Unchecked || known.day == 0) {
                *known = Check { day, outcome };
            }
        }
    }
    Ok(latest)
}

/// A stored date, 2025-01-31, as a number that orders as the days do: 20250131.
pub(crate) fn day(date: &str) -> Result<i32> {
    let number =
        date.bytes().filter(u8::is_ascii_digit).try_fold(0i32, |all, digit| all.checked_mul(10)?.checked_add(i32::from(digit - b'0')));
    number.filter(|_| date.len() == 10).ok_or_else(|| Error::stored("date")("not a date".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_their_months() {
        assert_eq!(day("2025-01-31").unwrap(), 20_250_131);
        for text in ["", "2025-1-31", "gone", "99999999999999999999"] {
            assert!(day(text).is_err(), "{text}");
        }
        let check = |outcome| Check { day: 20_250_131, outcome };
        assert_eq!(check(Outcome::Valid).month(), "2025-01".parse().ok());
        assert_eq!(check(Outcome::Unchecked).month(), None);
        assert_eq!(Check::default().month(), None);
    }
}
