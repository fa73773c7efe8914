//! Cells as offices write them, read as the types of `identity` and `domain`.
//! Each function says which column is to blame when it cannot.

use std::borrow::Cow;

use domain::Rupiah;
use identity::{FamilyCardNumber, Nik};
use jiff::civil::Date;

use crate::reason::{Reason, Rejection, Warning};

/// The longest text that is kept.
const LONGEST: usize = 500;

/// The text of a cell: UTF-8, or else Windows-1252, which is what Excel saves
/// as "CSV". A file of the one is never valid as the other once it has a
/// letter beyond ASCII, so each cell can be judged by itself. Trimmed also of
/// what does not show: no-break spaces, marks of width zero, the apostrophe
/// with which Excel forces text.
pub(crate) fn text(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(trim(text)),
        Err(_) => {
            let (decoded, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell);
            Cow::Owned(trim(&decoded).to_owned())
        }
    }
}

fn trim(text: &str) -> &str {
    let hidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let text = text.trim_matches(hidden);
    text.strip_prefix('\'').map_or(text, |rest| rest.trim_start_matches(hidden))
}

/// A number of 16 digits as offices write it: grouped by spaces, dots, commas
/// or hyphens, with an apostrophe, as the formula `="…"`, with `.0` behind it, or
/// with an exponent that keeps all 16 digits. Nothing is added that is not
/// there: fifteen digits and a lost one are no number.
fn sixteen(text: &str) -> Option<u64> {
    let plain = |text: &str| -> Option<u64> {
        let mut digits = 0;
        let mut number = 0u64;
        for c in text.chars() {
            match c {
                '0'..='9' => {
                    digits += 1;
                    if digits > 16 {
                        return None;
                    }
                    number = number * 10 + u64::from(c as u32 - '0' as u32);
                }
                ' ' | '.' | ',' | '-' | '\'' | '’' | '`' | '"' | '=' | '_' | '\t' | '‐' | '‑' | '–' => {}
                '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{202a}'..='\u{202f}' | '\u{2060}' | '\u{feff}' => {}
                _ => return None,
            }
        }
        (digits == 16).then_some(number)
    };
    match text.split_once(['E', 'e']) {
        Some((mantissa, exponent)) if matches!(exponent.trim_start_matches('+'), "15" | "015") => {
            let whole = mantissa.split_once(['.', ',']).is_some_and(|(first, _)| first.len() == 1);
            if whole { plain(mantissa) } else { None }
        }
        // The `.0` of a number, unless the digits are just grouped so.
        _ => plain(text).or_else(|| text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).and_then(plain)),
    }
}

/// Whether a cell says that there is no number: empty, `-`, `0`, or nothing but zeros.
fn no_number(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'.' | b' '))
        || text.eq_ignore_ascii_case("null")
        || text.eq_ignore_ascii_case("tidak ada")
}

/// A NIK.
pub(crate) fn nik(column: &'static str, cell: &[u8]) -> Result<Nik, Rejection> {
    let text = text(cell);
    let parsed = match text.parse::<Nik>() {
        Err(_) if no_number(&text) => return Err(Rejection::of(column, Reason::NikMissing, cell)),
        Err(identity::Error::Length | identity::Error::Digits) => match sixteen(&text) {
            Some(number) => Nik::from_number(number),
            None => Err(identity::Error::Length),
        },
        parsed => parsed,
    };
    parsed.map_err(|error| {
        let reason = match error {
            identity::Error::Date => Reason::NikDate,
            identity::Error::Serial => Reason::NikSerial,
            _ => Reason::NikFormat,
        };
        Rejection::of(column, reason, cell)
    })
}

/// A NIK that may be left out.
pub(crate) fn optional_nik(column: &'static str, cell: &[u8]) -> Result<Option<Nik>, Rejection> {
    if no_number(&text(cell)) { Ok(None) } else { nik(column, cell).map(Some) }
}

/// The number of a family card.
pub(crate) fn family_card(column: &'static str, cell: &[u8]) -> Result<FamilyCardNumber, Rejection> {
    let text = text(cell);
    let wrong = || Rejection::of(column, Reason::FamilyCardFormat, cell);
    match text.parse::<FamilyCardNumber>() {
        Ok(number) => Ok(number),
        Err(_) => sixteen(&text).and_then(|number| FamilyCardNumber::from_number(number).ok()).ok_or_else(wrong),
    }
}

/// The number of a family card that may be left out.
pub(crate) fn optional_family_card(column: &'static str, cell: &[u8]) -> Result<Option<FamilyCardNumber>, Rejection> {
    if no_number(&text(cell)) { Ok(None) } else { family_card(column, cell).map(Some) }
}

/// A birth date that may be left out, and what is odd about it. Day and month
/// that stand the other way round are recognised by the NIK, or by there being
/// no such month; what is written otherwise than in the NIK is left as it is.
pub(crate) fn birth_date(column: &'static str, cell: &[u8], nik: Nik) -> Result<Option<(Date, Option<Warning>)>, Rejection> {
    if absent(cell) {
        return Ok(None);
    }
    let text = text(cell);
    let read = domain::date::parse(&text).ok();
    if let Some(date) = read.filter(|date| nik.born_on(*date)) {
        return Ok(Some((date, None)));
    }
    let swapped = match read {
        Some(date) => Date::new(date.year(), date.day(), date.month()).ok(),
        None => month_first(&text),
    };
    match (read, swapped) {
        (_, Some(date)) if nik.born_on(date) => Ok(Some((date, Some(Warning::DateSwapped)))),
        (Some(date), _) => Ok(Some((date, Some(Warning::BirthDateDiffers)))),
        (None, Some(date)) => Ok(Some((date, Some(Warning::DateSwapped)))),
        (None, None) => Err(Rejection::of(column, Reason::DateInvalid, cell)),
    }
}

/// A date such as 12/31/1999, whose month stands first.
fn month_first(text: &str) -> Option<Date> {
    let mut parts = text.split(['/', '-', '.']);
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    domain::date::parse(&format!("{day}/{month}/{year}")).ok()
}

/// A flag: empty and `-` mean no.
pub(crate) fn flag(column: &'static str, cell: &[u8]) -> Result<bool, Rejection> {
    match cell {
        b"TIDAK" | b"" => return Ok(false),
        b"YA" => return Ok(true),
        _ => {}
    }
    match text(cell).to_ascii_uppercase().as_str() {
        "YA" | "Y" | "1" | "TRUE" | "V" | "√" | "✓" => Ok(true),
        "TIDAK" | "T" | "0" | "" | "-" | "FALSE" | "N" | "TDK" => Ok(false),
        _ => Err(Rejection::of(column, Reason::ValueInvalid, cell)),
    }
}

/// A date that must be there.
pub(crate) fn date(column: &'static str, cell: &[u8]) -> Result<Date, Rejection> {
    domain::date::parse(&text(cell)).map_err(|_| Rejection::of(column, Reason::DateInvalid, cell))
}

/// A date that may be left out.
pub(crate) fn optional_date(column: &'static str, cell: &[u8]) -> Result<Option<Date>, Rejection> {
    if absent(cell) { Ok(None) } else { date(column, cell).map(Some) }
}

/// A sex that may be left out, as the codebook's label.
pub(crate) fn optional_sex(column: &'static str, cell: &[u8]) -> Result<Option<&'static str>, Rejection> {
    if absent(cell) {
        return Ok(None);
    }
    match text(cell).to_ascii_uppercase().as_str() {
        "L" | "LAKI-LAKI" | "LAKI - LAKI" | "LAKI LAKI" | "LAKILAKI" | "LAKI" | "LK" | "PRIA" | "M" | "1" => Ok(Some("M")),
        "P" | "PEREMPUAN" | "PR" | "WANITA" | "F" | "2" => Ok(Some("F")),
        _ => Err(Rejection::of(column, Reason::ValueInvalid, cell)),
    }
}

/// Rupiah that must be there.
pub(crate) fn rupiah(column: &'static str, cell: &[u8]) -> Result<i64, Rejection> {
    let wrong = || Rejection::of(column, Reason::AmountInvalid, cell);
    text(cell).parse::<Rupiah>().map_err(|_| wrong()).and_then(|amount| i64::try_from(amount.get()).map_err(|_| wrong()))
}

/// Rupiah that may be left out.
pub(crate) fn optional_rupiah(column: &'static str, cell: &[u8]) -> Result<Option<i64>, Rejection> {
    if absent(cell) { Ok(None) } else { rupiah(column, cell).map(Some) }
}

/// A count that may be left out; `1.234` is one thousand and some.
pub(crate) fn optional_count(column: &'static str, cell: &[u8]) -> Result<Option<i64>, Rejection> {
    if absent(cell) {
        return Ok(None);
    }
    let wrong = || Rejection::of(column, Reason::ValueInvalid, cell);
    let text = text(cell);
    let whole = text.strip_suffix(".0").filter(|head| head.bytes().all(|b| b.is_ascii_digit())).unwrap_or(&text);
    // The same thousands as in amounts, but without `Rp`.
    if !whole.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong());
    }
    let count = whole.parse::<Rupiah>().map_err(|_| wrong())?.get();
    i64::try_from(count).ok().filter(|count| *count <= 1_000_000_000).map(Some).ok_or_else(wrong)
}

/// Text that is kept as it is, within bounds; a formula is not text.
pub(crate) fn kept<'a>(column: &'static str, cell: &'a [u8]) -> Result<Cow<'a, str>, Rejection> {
    let text = text(cell);
    if text.len() > LONGEST {
        Err(Rejection::of(column, Reason::ValueInvalid, cell))
    } else if is_formula(&text) {
        Err(Rejection::of(column, Reason::Formula, cell))
    } else {
        Ok(text)
    }
}

/// Whether a spreadsheet would run it: what starts with `=`, but for the way to
/// write text as `="…"`, and what starts with another sign of a formula and
/// calls, or reaches for another sheet or program. A hyphen or a number of a
/// telephone is none.
fn is_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=') => !(text.len() > 2 && text.starts_with("=\"") && text.ends_with('"') && !text[2..text.len() - 1].contains('"')),
        Some(b'+' | b'-' | b'@') => text.contains(['(', '!', '|']),
        _ => false,
    }
}

/// The number of an RT or RW, which spreadsheets strip of its zeros; the word
/// before it may stand there or not.
pub(crate) fn neighbourhood<'a>(column: &'static str, cell: &'a [u8]) -> Result<Cow<'a, str>, Rejection> {
    let text = kept(column, cell)?;
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text);
    }
    let word = text.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("rt") || word.eq_ignore_ascii_case("rw"));
    let number = if word { text[2..].trim_start_matches(['.', ' ', ':', '-']) } else { &text };
    let number = number.strip_suffix(".0").unwrap_or(number);
    match number.len() {
        1..=3 if number.bytes().all(|b| b.is_ascii_digit()) => Ok(Cow::Owned(format!("{number:0>3}"))),
        _ => Ok(text),
    }
}

/// Whether a cell says that there is nothing to say.
pub(crate) fn absent(cell: &[u8]) -> bool {
    cell.is_empty() || matches!(&*text(cell), "" | "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_no_text() {
        for cell in
            ["=1+1", "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0", "+SUM(A1)", "@SUM(1)", "-2+3+cmd|'/C'!A0", "=\"a\"&\"b\"", "'=A1"]
        {
            assert!(kept("nama", cell.as_bytes()).is_err(), "{cell}");
        }
        for cell in ["-", "", "+62 812", "@", "JL. A = B", "=\"SITI\"", "- RT 1"] {
            assert!(kept("nama", cell.as_bytes()).is_ok(), "{cell}");
        }
    }

    #[test]
    fn both_encodings_and_what_does_not_show() {
        assert_eq!(text("  José ".as_bytes()), "José");
        assert_eq!(text(b"Jos\xe9"), "José");
        assert_eq!(text("\u{feff}\u{200b}'3671\u{a0}".as_bytes()), "3671");
        assert_eq!(text(b"\xa03671\xa0"), "3671");
    }

    #[test]
    fn a_nik_is_cleaned_but_never_mended() {
        for good in [
            "3671015203849001",
            "'3671015203849001",
            " 3671015203849001\u{200b}",
            "36.7101.520384.9001",
            "3671 0152 0384 9001",
            "36710152\u{200b}03849001",
            "367101-520384-9001",
            "=\"3671015203849001\"",
            "3,671,015,203,849,001",
            "3671015203849001.0",
            "3.671015203849001E+15",
            "3,671015203849001e15",
        ] {
            assert_eq!(nik("nik", good.as_bytes()).unwrap().expose_text(), "3671015203849001", "{good}");
        }
        for (bad, reason) in [
            ("", Reason::NikMissing),
            ("-", Reason::NikMissing),
            ("0", Reason::NikMissing),
            ("0000000000000000", Reason::NikMissing),
            ("3.67101520384900E+15", Reason::NikFormat),
            ("3.2E+15", Reason::NikFormat),
            ("3671015203849O01", Reason::NikFormat),
            ("36710152038490011", Reason::NikFormat),
            ("367101520384900", Reason::NikFormat),
            ("3671013113849001", Reason::NikDate),
            ("3671015203840000", Reason::NikSerial),
        ] {
            assert_eq!(nik("nik", bad.as_bytes()).unwrap_err().reason, reason, "{bad}");
        }
    }

    #[test]
    fn flags() {
        for (cell, expected) in
            [("YA", true), ("ya", true), ("Y", true), ("1", true), ("TIDAK", false), ("t", false), ("0", false), ("", false)]
        {
            assert_eq!(flag("pkh", cell.as_bytes()), Ok(expected), "{cell}");
        }
        assert_eq!(flag("pkh", b"MUNGKIN").unwrap_err().reason, Reason::ValueInvalid);
    }

    #[test]
    fn counts_amounts_and_absence() {
        assert_eq!(optional_count("failed", b"1.234"), Ok(Some(1234)));
        assert_eq!(optional_count("failed", b"12.0"), Ok(Some(12)));
        assert_eq!(optional_count("failed", b""), Ok(None));
        assert_eq!(optional_count("failed", b"-"), Ok(None));
        for bad in ["-1", "1,5", "Rp1", "x", "99999999999"] {
            assert!(optional_count("failed", bad.as_bytes()).is_err(), "{bad}");
        }
        for (cell, rt) in [
            ("1", "001"),
            ("12", "012"),
            ("003", "003"),
            ("", ""),
            ("3A", "3A"),
            ("1234", "1234"),
            ("RT 4", "004"),
            ("rw.012", "012"),
            ("5.0", "005"),
            ("RT", "RT"),
        ] {
            assert_eq!(neighbourhood("rt", cell.as_bytes()).unwrap(), rt);
        }
        assert_eq!(rupiah("nominal_cair", b"Rp600.000"), Ok(600_000));
        assert_eq!(rupiah("nominal_cair", b"").unwrap_err().reason, Reason::AmountInvalid);
        assert_eq!(optional_sex("jenis_kelamin", b"Perempuan"), Ok(Some("F")));
    }

    #[test]
    fn days_and_months_the_other_way_round() {
        // 5 March 1984.
        let someone: Nik = "3671014503849001".parse().unwrap();
        let of = |cell: &str| {
            birth_date("tgl_lahir", cell.as_bytes(), someone).map(|found| found.map(|(date, warning)| (date.to_string(), warning)))
        };
        let day = |text: &str, warning| Ok(Some((text.to_owned(), warning)));
        assert_eq!(of("05/03/1984"), day("1984-03-05", None));
        assert_eq!(of("03/05/1984"), day("1984-03-05", Some(Warning::DateSwapped)));
        assert_eq!(of("1984-05-03"), day("1984-03-05", Some(Warning::DateSwapped)));
        assert_eq!(of("03/25/1984"), day("1984-03-25", Some(Warning::DateSwapped)));
        assert_eq!(of("06/03/1984"), day("1984-03-06", Some(Warning::BirthDateDiffers)));
        assert_eq!(of("-"), Ok(None));
        for bad in ["13/13/1984", "1984-13-05", "x"] {
            assert_eq!(of(bad).unwrap_err().reason, Reason::DateInvalid, "{bad}");
        }
    }

    proptest::proptest! {
        /// However the digits are grouped, the NIK is the same; one digit less, and it is none.
        #[test]
        fn grouping_changes_nothing(gaps in proptest::collection::vec("[ .,'-]{0,2}|\u{200b}", 16), serial in 1u32..10_000) {
            let digits = format!("367101520384{serial:04}");
            let grouped: String = digits.chars().zip(&gaps).flat_map(|(digit, gap)| gap.chars().chain([digit])).collect();
            proptest::prop_assert_eq!(nik("nik", grouped.as_bytes()).unwrap().expose_text(), digits);
            let short = grouped.replacen('7', "", 1);
            proptest::prop_assert_eq!(nik("nik", short.as_bytes()).unwrap_err().reason, Reason::NikFormat);
        }

        /// A date in the NIK's own day is read whichever way it is written.
        #[test]
        fn both_orders_give_the_day(days in 0i32..30_000) {
            let born = jiff::civil::date(1925, 7, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let someone: Nik = format!("367101{:02}{:02}{:02}9001", born.day(), born.month(), born.year() % 100).parse().unwrap();
            for text in [
                format!("{:02}/{:02}/{}", born.day(), born.month(), born.year()),
                format!("{:02}/{:02}/{}", born.month(), born.day(), born.year()),
                born.to_string(),
            ] {
                let (date, _) = birth_date("x", text.as_bytes(), someone).unwrap().unwrap();
                proptest::prop_assert_eq!(date, born, "{}", text);
            }
        }

        #[test]
        fn no_cell_panics(cell in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let someone: Nik = "3671014503849001".parse().unwrap();
            let _ = (nik("x", &cell), family_card("x", &cell), optional_nik("x", &cell), birth_date("x", &cell, someone));
            let _ = (neighbourhood("x", &cell), optional_sex("x", &cell), flag("x", &cell), optional_count("x", &cell), rupiah("x", &cell));
        }
    }
}
