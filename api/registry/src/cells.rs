//! Cells as offices write them, read as the types of `identity` and `domain`.
//! Each function says which column is to blame when it cannot.

use std::borrow::Cow;

use domain::Rupiah;
use identity::{FamilyCardNumber, Nik};
use jiff::civil::Date;

use crate::reason::{Reason, Rejection};

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

/// A NIK.
pub(crate) fn nik(column: &'static str, cell: &[u8]) -> Result<Nik, Rejection> {
    text(cell).parse::<Nik>().map_err(|error| {
        let reason = match error {
            identity::Error::Date => Reason::NikDate,
            identity::Error::Serial => Reason::NikSerial,
            _ => Reason::NikFormat,
        };
        Rejection::of(column, reason, cell)
    })
}

/// The number of a family card.
pub(crate) fn family_card(column: &'static str, cell: &[u8]) -> Result<FamilyCardNumber, Rejection> {
    text(cell).parse::<FamilyCardNumber>().map_err(|_| Rejection::of(column, Reason::FamilyCardFormat, cell))
}

/// A flag: empty and `-` mean no.
pub(crate) fn flag(column: &'static str, cell: &[u8]) -> Result<bool, Rejection> {
    match cell {
        b"TIDAK" | b"" => return Ok(false),
        b"YA" => return Ok(true),
        _ => {}
    }
    match text(cell).to_ascii_uppercase().as_str() {
        "YA" | "Y" | "1" => Ok(true),
        "TIDAK" | "T" | "0" | "" | "-" => Ok(false),
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
        "L" | "LAKI-LAKI" | "LAKI LAKI" | "LAKILAKI" | "PRIA" | "1" => Ok(Some("M")),
        "P" | "PEREMPUAN" | "WANITA" | "2" => Ok(Some("F")),
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

/// Text that is kept as it is, within bounds.
pub(crate) fn kept<'a>(column: &'static str, cell: &'a [u8]) -> Result<Cow<'a, str>, Rejection> {
    let text = text(cell);
    if text.len() > LONGEST { Err(Rejection::of(column, Reason::ValueInvalid, cell)) } else { Ok(text) }
}

/// The number of an RT or RW, which spreadsheets strip of its zeros.
pub(crate) fn neighbourhood<'a>(column: &'static str, cell: &'a [u8]) -> Result<Cow<'a, str>, Rejection> {
    let text = kept(column, cell)?;
    match text.len() {
        1 | 2 if text.bytes().all(|b| b.is_ascii_digit()) => Ok(Cow::Owned(format!("{text:0>3}"))),
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
    fn both_encodings_and_what_does_not_show() {
        assert_eq!(text("  José ".as_bytes()), "José");
        assert_eq!(text(b"Jos\xe9"), "José");
        assert_eq!(text("\u{feff}\u{200b}'3671\u{a0}".as_bytes()), "3671");
        assert_eq!(text(b"\xa03671\xa0"), "3671");
    }

    #[test]
    fn a_nik_is_cleaned_but_never_mended() {
        for good in ["3671015203849001", "'3671015203849001", " 3671015203849001\u{200b}"] {
            assert!(nik("nik", good.as_bytes()).is_ok(), "{good}");
        }
        for (bad, reason) in [
            ("", Reason::NikFormat),
            ("-", Reason::NikFormat),
            ("3.67101520384900E+15", Reason::NikFormat),
            ("36.7101.520384.9001", Reason::NikFormat),
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
        for (cell, rt) in [("1", "001"), ("12", "012"), ("003", "003"), ("", ""), ("3A", "3A"), ("1234", "1234")] {
            assert_eq!(neighbourhood("rt", cell.as_bytes()).unwrap(), rt);
        }
        assert_eq!(rupiah("nominal_cair", b"Rp600.000"), Ok(600_000));
        assert_eq!(rupiah("nominal_cair", b"").unwrap_err().reason, Reason::AmountInvalid);
        assert_eq!(optional_sex("jenis_kelamin", b"Perempuan"), Ok(Some("F")));
    }
}
