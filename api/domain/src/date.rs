//! Dates as Indonesian offices write them.

use jiff::civil::{Date, date};

use crate::{ParseError, text::digits};

const EXPECTED: &str = "a date from 1900 to 2199 such as 31/01/2000, 2000-01-31, 31 Januari 2000 or an Excel day number";

/// Indonesian month names with the short forms in use; English ones appear in
/// exports of spreadsheets set to English.
const MONTHS: [&[&str]; 12] = [
    &["januari", "jan", "january"],
    &["februari", "pebruari", "feb", "peb", "february"],
    &["maret", "mar", "march"],
    &["april", "apr"],
    &["mei", "may"],
    &["juni", "jun", "june"],
    &["juli", "jul", "july"],
    &["agustus", "agu", "agt", "ags", "aug", "august"],
    &["september", "sep", "sept"],
    &["oktober", "okt", "oct", "october"],
    &["november", "nopember", "nov", "nop"],
    &["desember", "des", "dec", "december"],
];

/// Reads `dd/mm/yyyy` (also with `-`, `.` or spaces), `yyyy-mm-dd`, an Excel
/// serial (1900 system, such as 36556), or a day with an Indonesian month name.
/// A time of day behind an ISO date is dropped. The day always stands before
/// the month: whether a file swaps them is for the reader of the file to find.
///
/// # Errors
/// When the text has another shape, or the day does not exist.
pub fn parse(text: &str) -> Result<Date, ParseError> {
    let wrong = || ParseError::new("date", text, EXPECTED);
    let trimmed = text.trim();
    if let Some(serial) = digits(trimmed.strip_suffix(".0").unwrap_or(trimmed)) {
        return from_excel(serial).ok_or_else(wrong);
    }
    let parts: Vec<&str> = trimmed.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let (day, month, year) = match parts.as_slice() {
        [year, month, day, ..] if year.len() == 4 => {
            // Only a time of day may follow an ISO date.
            let day = day.split('T').next().unwrap_or(day);
            if parts.len() > 3 && !parts[3].contains(':') {
                return Err(wrong());
            }
            (day, month, year)
        }
        [day, month, year] => (*day, month, year),
        _ => return Err(wrong()),
    };
    let number = |part: &str, longest: usize| if part.len() <= longest { digits(part) } else { None };
    let month = match number(month, 2) {
        Some(month) => month,
        None => {
            let name = month.to_lowercase();
            MONTHS.iter().position(|names| names.contains(&name.as_str())).ok_or_else(wrong)? as u64 + 1
        }
    };
    if year.len() != 4 {
        return Err(wrong());
    }
    make(number(year, 4), Some(month), number(day, 2)).ok_or_else(wrong)
}

fn make(year: Option<u64>, month: Option<u64>, day: Option<u64>) -> Option<Date> {
    let year = i16::try_from(year?).ok().filter(|year| (1900..=2199).contains(year))?;
    Date::new(year, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
}

/// Days since 1899-12-30, as Excel counts from 1 March 1900 on (its 29
/// February 1900 never was). Small numbers are refused: they are more often a
/// stray count than a birth date in January 1900.
fn from_excel(serial: u64) -> Option<Date> {
    if !(61..=109_574).contains(&serial) {
        return None;
    }
    date(1899, 12, 30).checked_add(jiff::Span::new().try_days(i64::try_from(serial).ok()?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_ways_to_write_a_day() {
        let day = date(2000, 1, 31);
        for text in [
            "31/01/2000",
            "31-1-2000",
            "31.01.2000",
            "2000-01-31",
            "2000-01-31 00:00:00",
            "2000-01-31T00:00:00",
            "31 Januari 2000",
            "31 JAN 2000",
            "36556",
            "36556.0",
            " 31/01/2000 ",
        ] {
            assert_eq!(parse(text).unwrap(), day, "{text}");
        }
        assert_eq!(parse("1 Agustus 1945").unwrap(), date(1945, 8, 1));
        assert_eq!(parse("10 Nopember 1945").unwrap(), date(1945, 11, 10));
    }

    #[test]
    fn days_that_never_were() {
        for text in [
            "",
            "31/02/2000",
            "29/02/2001",
            "00/01/2000",
            "01/13/2000",
            "31/01/00",
            "31/01/1899",
            "12",
            "999999",
            "31 Foo 2000",
            "2000-01-31 x y",
            "1/2",
            "31/01/20000",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back(days in 61u64..109_574) {
            let day = from_excel(days).unwrap();
            let written = format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year());
            prop_assert_eq!(parse(&written).unwrap(), day);
            prop_assert_eq!(parse(&day.to_string()).unwrap(), day);
        }

        #[test]
        fn never_panics(text in ".{0,30}") {
            let _ = parse(&text);
        }
    }
}
