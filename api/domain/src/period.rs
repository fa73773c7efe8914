//! Months and quarters. A period is a month; an edition of rows is a quarter's.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::{ParseError, text::digits};

/// A month, written `2025-06`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i16,
    month: i8,
}

impl Period {
    const EXPECTED: &'static str = "a month from 2000-01 to 2199-12, such as 2025-06";

    /// The month `month` (1..=12) of `year` (2000..=2199).
    ///
    /// # Errors
    /// When either is out of its range.
    pub fn new(year: i16, month: i8) -> Result<Period, ParseError> {
        if (2000..=2199).contains(&year) && (1..=12).contains(&month) {
            Ok(Period { year, month })
        } else {
            Err(ParseError::new("period", &format!("{year}-{month}"), Self::EXPECTED))
        }
    }

    /// The year, such as 2025.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Months since year 0: neighbours differ by one.
    #[must_use]
    pub const fn ordinal(self) -> i32 {
        self.year as i32 * 12 + self.month as i32 - 1
    }

    /// The month after this one (the last possible month stays).
    #[must_use]
    pub fn next(self) -> Period {
        match (self.year, self.month) {
            (2199, 12) => self,
            (year, 12) => Period { year: year + 1, month: 1 },
            (year, month) => Period { year, month: month + 1 },
        }
    }

    /// The month before this one (the first possible month stays).
    #[must_use]
    pub fn previous(self) -> Period {
        match (self.year, self.month) {
            (2000, 1) => self,
            (year, 1) => Period { year: year - 1, month: 12 },
            (year, month) => Period { year, month: month - 1 },
        }
    }

    /// The quarter this month lies in.
    #[must_use]
    pub const fn quarter(self) -> Quarter {
        Quarter { year: self.year, quarter: (self.month - 1) / 3 + 1 }
    }

    /// The last day of the month: ages are counted on it.
    #[must_use]
    pub fn last_day(self) -> Date {
        Date::constant(self.year, self.month, 1).last_of_month()
    }

    /// The month a date lies in.
    ///
    /// # Errors
    /// When the year is outside 2000..=2199.
    pub fn of(date: Date) -> Result<Period, ParseError> {
        Period::new(date.year(), date.month())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Period {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("period", text, Self::EXPECTED);
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let (year, month) = (digits(year).ok_or_else(wrong)?, digits(month).ok_or_else(wrong)?);
        Period::new(i16::try_from(year).map_err(|_| wrong())?, i8::try_from(month).map_err(|_| wrong())?).map_err(|_| wrong())
    }
}

crate::serde_by_text!(Period);

/// A quarter of a year, written `2025Q2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i16,
    quarter: i8,
}

impl Quarter {
    /// Its three months.
    #[must_use]
    pub const fn months(self) -> [Period; 3] {
        let first = (self.quarter - 1) * 3 + 1;
        [
            Period { year: self.year, month: first },
            Period { year: self.year, month: first + 1 },
            Period { year: self.year, month: first + 2 },
        ]
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.quarter)
    }
}

impl fmt::Debug for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Quarter {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("quarter", text, "a quarter such as 2025Q2");
        let (year, quarter) = text.split_once('Q').ok_or_else(wrong)?;
        if year.len() != 4 || quarter.len() != 1 {
            return Err(wrong());
        }
        let (year, quarter) = (digits(year).ok_or_else(wrong)?, digits(quarter).ok_or_else(wrong)?);
        if !(2000..=2199).contains(&year) || !(1..=4).contains(&quarter) {
            return Err(wrong());
        }
        Ok(Quarter { year: year as i16, quarter: quarter as i8 })
    }
}

crate::serde_by_text!(Quarter);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_parse_print_and_step() {
        let june: Period = "2025-06".parse().unwrap();
        assert_eq!(june.to_string(), "2025-06");
        assert_eq!(june.quarter().to_string(), "2025Q2");
        assert_eq!(june.quarter().months()[0].to_string(), "2025-04");
        assert_eq!("2024-12".parse::<Period>().unwrap().next().to_string(), "2025-01");
        assert_eq!("2025-01".parse::<Period>().unwrap().previous().to_string(), "2024-12");
        assert_eq!("2024-02".parse::<Period>().unwrap().last_day().day(), 29);
        for text in ["2025-6", "2025-13", "2025-00", "1999-12", "2025/06", "2025-06-01", "", "２０２５-06"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn quarters_parse_and_print() {
        assert_eq!("2025Q4".parse::<Quarter>().unwrap().to_string(), "2025Q4");
        for text in ["2025Q5", "2025Q0", "2025q1", "25Q1", "2025Q11"] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }
}
