//! Ids of releases, editions and rows (design: FORMATS, Ids).

use std::fmt;
use std::str::FromStr;

use crate::{AreaCode, Level, ParseError, Period, ProgramCode, Quarter, text::digits};

/// Reads the `-rN` of a revision: `None` and 1 for a first issue.
fn split_revision(text: &str) -> Option<(&str, u32)> {
    match text.rsplit_once("-r") {
        None => Some((text, 1)),
        Some((head, number)) => match digits(number) {
            // r1 is the release itself and is never written; no leading zeros.
            Some(n) if n >= 2 && !number.starts_with('0') => Some((head, u32::try_from(n).ok()?)),
            _ => None,
        },
    }
}

/// One district's published month: `36.71-2025-06`, or `36.71-2025-06-r2`
/// after a correction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId {
    district: AreaCode,
    period: Period,
    revision: u32,
}

impl ReleaseId {
    const EXPECTED: &'static str = "a kabupaten/kota, a month and perhaps a revision, such as 36.71-2025-06 or 36.71-2025-06-r2";

    /// The release of `district` for `period`; `revision` counts from 1.
    ///
    /// # Errors
    /// When `district` is no kabupaten/kota or `revision` is 0.
    pub fn new(district: AreaCode, period: Period, revision: u32) -> Result<ReleaseId, ParseError> {
        if district.level() == Level::Kabupaten && revision >= 1 {
            Ok(ReleaseId { district, period, revision })
        } else {
            Err(ParseError::new("release", &format!("{district}-{period}-r{revision}"), Self::EXPECTED))
        }
    }

    /// The kabupaten/kota that publishes it.
    #[must_use]
    pub const fn district(self) -> AreaCode {
        self.district
    }

    /// The month it is about.
    #[must_use]
    pub const fn period(self) -> Period {
        self.period
    }

    /// 1 for the first issue, then one more with every correction.
    #[must_use]
    pub const fn revision(self) -> u32 {
        self.revision
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.district, self.period)?;
        if self.revision > 1 { write!(f, "-r{}", self.revision) } else { Ok(()) }
    }
}

impl fmt::Debug for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ReleaseId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("release", text, Self::EXPECTED);
        let (head, revision) = split_revision(text).ok_or_else(wrong)?;
        let (area, period) = head.split_once('-').ok_or_else(wrong)?;
        let district: AreaCode = area.parse().map_err(|_| wrong())?;
        // Folders are named by ids, so an id has one spelling only: dotted.
        if !area.contains('.') {
            return Err(wrong());
        }
        ReleaseId::new(district, period.parse().map_err(|_| wrong())?, revision).map_err(|_| wrong())
    }
}

crate::serde_by_text!(ReleaseId);

/// The rows of a quarter: `2025Q2`, or `2025Q2-r2` after a correction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EditionId {
    quarter: Quarter,
    revision: u32,
}

impl EditionId {
    /// The edition of `quarter`; `revision` counts from 1 (0 is read as 1).
    #[must_use]
    pub fn new(quarter: Quarter, revision: u32) -> EditionId {
        EditionId { quarter, revision: revision.max(1) }
    }

    /// The quarter the rows stand for.
    #[must_use]
    pub const fn quarter(self) -> Quarter {
        self.quarter
    }

    /// 1 for the first issue.
    #[must_use]
    pub const fn revision(self) -> u32 {
        self.revision
    }
}

impl fmt::Display for EditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.quarter)?;
        if self.revision > 1 { write!(f, "-r{}", self.revision) } else { Ok(()) }
    }
}

impl fmt::Debug for EditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EditionId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("edition", text, "a quarter and perhaps a revision, such as 2025Q2 or 2025Q2-r2");
        let (quarter, revision) = split_revision(text).ok_or_else(wrong)?;
        Ok(EditionId::new(quarter.parse().map_err(|_| wrong())?, revision))
    }
}

crate::serde_by_text!(EditionId);

/// One anonymised row: `36.71-2025Q2/PKH/00412/07`, place 7 of atom 412.
///
/// Ordered by district, edition, program, atom and place as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    /// The kabupaten/kota.
    pub district: AreaCode,
    /// The quarter's edition.
    pub edition: EditionId,
    /// The program.
    pub program: ProgramCode,
    /// The atom's number in the edition and program, from 1.
    pub atom: u32,
    /// The place in the atom, from 1.
    pub place: u32,
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}/{}/{:05}/{:02}", self.district, self.edition, self.program, self.atom, self.place)
    }
}

impl FromStr for RowId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("row id", text, "district, edition, program, atom and place, such as 36.71-2025Q2/PKH/00412/07");
        let mut parts = text.split('/');
        let (head, program, atom, place) = match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(head), Some(program), Some(atom), Some(place), None) => (head, program, atom, place),
            _ => return Err(wrong()),
        };
        let (district, edition) = head.split_once('-').ok_or_else(wrong)?;
        let number = |text: &str, width: usize| {
            let n = digits(text).and_then(|n| u32::try_from(n).ok()).filter(|n| *n >= 1)?;
            (format!("{n:0width$}") == text).then_some(n)
        };
        let id = RowId {
            district: district.parse().map_err(|_| wrong())?,
            edition: edition.parse().map_err(|_| wrong())?,
            program: program.parse().map_err(|_| wrong())?,
            atom: number(atom, 5).ok_or_else(wrong)?,
            place: number(place, 2).ok_or_else(wrong)?,
        };
        if id.district.level() == Level::Kabupaten && district.contains('.') { Ok(id) } else { Err(wrong()) }
    }
}

crate::serde_by_text!(RowId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_spelling() {
        for text in ["36.71-2025-06", "36.71-2025-06-r2", "12.02-2031-12-r17"] {
            assert_eq!(text.parse::<ReleaseId>().unwrap().to_string(), text);
        }
        for text in [
            "3671-2025-06",
            "36.71-2025-06-r1",
            "36.71-2025-06-r02",
            "36.71.01-2025-06",
            "36.71-2025-6",
            "36-2025-06",
            "../36.71-2025-06",
            "36.71-2025-06-r",
        ] {
            assert!(text.parse::<ReleaseId>().is_err(), "{text}");
        }
        assert_eq!("2025Q2-r2".parse::<EditionId>().unwrap().revision(), 2);
    }

    #[test]
    fn rows_are_ordered_as_numbers() {
        let row = |text: &str| text.parse::<RowId>().unwrap();
        assert_eq!(row("36.71-2025Q2/PKH/00412/07").to_string(), "36.71-2025Q2/PKH/00412/07");
        assert!(row("36.71-2025Q2/PKH/00412/99") < row("36.71-2025Q2/PKH/00412/100"));
        assert!(row("36.71-2025Q2/PKH/99999/01") < row("36.71-2025Q2/PKH/100000/01"));
        for text in ["36.71-2025Q2/PKH/412/07", "36.71-2025Q2/PKH/00000/07", "36.71-2025Q2/PKH/00412/007", "36.71-2025Q2/PKH/00412"] {
            assert!(text.parse::<RowId>().is_err(), "{text}");
        }
    }
}
