//! The NIK, the number of a resident: area of first registration (6 digits),
//! birth date as ddmmyy with 40 added to the day of women, serial (4 digits).

use std::fmt;
use std::str::FromStr;

use domain::{AreaCode, Level};
use jiff::civil::Date;

use crate::Error;
use crate::number::{in_an_area, sixteen_digits};

/// Sex as a NIK tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Perempuan: 40 is added to the day of birth.
    Female,
    /// Laki-laki.
    Male,
}

impl Sex {
    /// The label of the published codebook: `F` or `M`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Sex::Female => "F",
            Sex::Male => "M",
        }
    }
}

/// A resident's number. One that parses is possible; whether it was ever
/// issued only the civil registry knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nik(u64);

impl Nik {
    /// The number itself. Restricted: it must not leave the registry.
    #[must_use]
    pub const fn expose(self) -> u64 {
        self.0
    }

    /// The number as its 16 digits. Restricted: it must not leave the registry.
    #[must_use]
    pub fn expose_text(self) -> String {
        format!("{:016}", self.0)
    }

    /// A number read back from where it was once parsed; cheaper than text.
    ///
    /// # Errors
    /// When it is no possible NIK.
    pub const fn from_number(number: u64) -> Result<Nik, Error> {
        if let Err(error) = in_an_area(number) {
            return Err(error);
        }
        let nik = Nik(number);
        let (day, month, year) = nik.day_month_year();
        if month < 1 || month > 12 || day < 1 || day > days_of_month(month, year) {
            return Err(Error::Date);
        }
        if number.is_multiple_of(10_000) {
            return Err(Error::Serial);
        }
        Ok(nik)
    }

    /// The first six digits: the kecamatan where the person was first
    /// registered, which need not exist any more.
    #[must_use]
    pub const fn area_prefix(self) -> u32 {
        (self.0 / 10_000_000_000) as u32
    }

    /// The kecamatan where the person was first registered.
    #[must_use]
    pub fn area(self) -> Option<AreaCode> {
        AreaCode::from_number(Level::Kecamatan, u64::from(self.area_prefix())).ok()
    }

    /// The sex that the day of birth tells.
    #[must_use]
    pub const fn sex(self) -> Sex {
        if self.0 / 100_000_000 % 100 > 40 { Sex::Female } else { Sex::Male }
    }

    /// The birth date. A NIK has two digits of the year; of the two years they
    /// may mean, the later one that is not after `reference` is taken, so a
    /// person over a hundred seems a hundred years younger.
    #[must_use]
    pub fn birth_date(self, reference: Date) -> Date {
        let (day, month, year) = self.day_month_year();
        let recent = Date::constant(2000 + year as i16, month as i8, day as i8);
        let after = recent > reference;
        // 29 February 1900 never was; such a NIK can only mean the year 2000.
        if after && !(year == 0 && month == 2 && day == 29) { Date::constant(1900 + year as i16, month as i8, day as i8) } else { recent }
    }

    /// Whether `date` is the birth date, of whichever century.
    #[must_use]
    pub fn born_on(self, date: Date) -> bool {
        let (day, month, year) = self.day_month_year();
        date.day() as u64 == day && date.month() as u64 == month && date.year().rem_euclid(100) as u64 == year
    }

    const fn day_month_year(self) -> (u64, u64, u64) {
        let date = self.0 / 10_000 % 1_000_000;
        let day = date / 10_000;
        (if day > 40 { day - 40 } else { day }, date / 100 % 100, date % 100)
    }
}

/// Days of the month in 2000 + `year`. Every leap year of the 1900s is one of
/// the 2000s, too, so a date possible in either century passes.
const fn days_of_month(month: u64, year: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 31,
    }
}

impl FromStr for Nik {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        sixteen_digits(text).and_then(Nik::from_number)
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nik(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2025, 6, 30);

    #[test]
    fn parts_of_a_nik() {
        let woman: Nik = "3671015203849001".parse().unwrap();
        assert_eq!(woman.area_prefix(), 367_101);
        assert_eq!(woman.area().unwrap().to_string(), "36.71.01");
        assert_eq!(woman.sex(), Sex::Female);
        assert_eq!(woman.birth_date(TODAY), date(1984, 3, 12));
        let man: Nik = "3671011203849001".parse().unwrap();
        assert_eq!(man.sex(), Sex::Male);
        assert_eq!(man.birth_date(TODAY), date(1984, 3, 12));
        assert!(man.born_on(date(1984, 3, 12)) && !man.born_on(date(1984, 3, 13)));
    }

    #[test]
    fn the_century_is_the_latest_not_in_the_future() {
        let born = |ddmmyy: &str| format!("367101{ddmmyy}9001").parse::<Nik>().unwrap().birth_date(TODAY);
        assert_eq!(born("300625"), date(2025, 6, 30));
        assert_eq!(born("010725"), date(1925, 7, 1));
        assert_eq!(born("310399"), date(1999, 3, 31));
        assert_eq!(born("290200"), date(2000, 2, 29));
        let old: Nik = "3671012902009001".parse().unwrap();
        assert_eq!(old.birth_date(date(2000, 1, 31)), date(2000, 2, 29));
    }

    #[test]
    fn impossible_ones() {
        for (text, error) in [
            ("", Error::Length),
            ("367101120384900", Error::Length),
            ("36710112038490011", Error::Length),
            ("36710112038490O1", Error::Digits),
            ("3.67101120385E15", Error::Digits),
            ("0071011203849001", Error::Area),
            ("3671013002849001", Error::Date),
            ("3671012902859001", Error::Date),
            ("3671010001849001", Error::Date),
            ("3671011213849001", Error::Date),
            ("3671011200849001", Error::Date),
            ("3671017203849001", Error::Date),
            ("3671013203849001", Error::Date),
            ("3671014003849001", Error::Date),
            ("3671011203840000", Error::Serial),
        ] {
            assert_eq!(text.parse::<Nik>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_reads_back(days in 0i32..36_500, female: bool, serial in 1u64..10_000) {
            let born = date(1925, 7, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let day = u64::try_from(born.day()).unwrap() + if female { 40 } else { 0 };
            let text = format!("123401{day:02}{:02}{:02}{serial:04}", born.month(), born.year() % 100);
            let nik: Nik = text.parse().unwrap();
            prop_assert_eq!(nik.birth_date(TODAY), born);
            prop_assert!(nik.born_on(born));
            prop_assert_eq!(nik.sex() == Sex::Female, female);
            prop_assert_eq!(nik.expose_text(), text);
            prop_assert_eq!(Nik::from_number(nik.expose()).unwrap(), nik);
        }

        #[test]
        fn never_panics_never_repeats(text in "[0-9 .'A-Z]{0,18}") {
            match text.parse::<Nik>() {
                Ok(nik) => { let _ = nik.birth_date(TODAY); prop_assert_eq!(format!("{nik:?}"), "Nik(redacted)"); }
                Err(error) => prop_assert!(text.len() < 3 || !format!("{} {:?}", error, error).contains(&text), "repeats its input"),
            }
        }

        #[test]
        fn numbers_never_panic(number: u64) {
            if let Ok(nik) = Nik::from_number(number) {
                prop_assert_eq!(nik.expose_text().parse::<Nik>(), Ok(nik));
            }
        }
    }
}
