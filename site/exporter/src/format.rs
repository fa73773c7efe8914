//! Numbers, money, months and dates as people of each language write them.

use crate::words::Lang;

const MONTHS_ID: [&str; 12] =
    ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"];
const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A whole number with its thousands parted: `146.640`, in English `146,640`.
pub(crate) fn integer(lang: Lang, value: u64) -> String {
    let digits = value.to_string();
    let mark = match lang {
        Lang::Id => '.',
        Lang::En => ',',
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// Tenths as a decimal: 84 is `8,4`, in English `8.4`.
pub(crate) fn tenths(lang: Lang, value: u64) -> String {
    let mark = match lang {
        Lang::Id => ',',
        Lang::En => '.',
    };
    format!("{}{mark}{}", integer(lang, value / 10), value % 10)
}

/// Hundredths as a decimal: 75 is `0,75`, in English `0.75`.
pub(crate) fn hundredths(lang: Lang, value: u64) -> String {
    let mark = match lang {
        Lang::Id => ',',
        Lang::En => '.',
    };
    format!("{}{mark}{:02}", integer(lang, value / 100), value % 100)
}

/// A share of one in whole percents, `96%`; what is neither none nor all never
/// reads as 0 or 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
pub(crate) fn percent(share: f64) -> String {
    let whole = (share.clamp(0.0, 1.0) * 100.0).round() as u64;
    match whole {
        0 if share > 0.0 => "< 1%".to_owned(),
        100 if share < 1.0 => "> 99%".to_owned(),
        whole => format!("{whole}%"),
    }
}

/// Whole rupiah, with a space that does not break.
pub(crate) fn rupiah(lang: Lang, value: u64) -> String {
    format!("Rp\u{a0}{}", integer(lang, value))
}

/// The size of a file.
pub(crate) fn bytes(lang: Lang, value: u64) -> String {
    match value {
        0..1_000 => format!("{value}\u{a0}B"),
        1_000..1_000_000 => format!("{}\u{a0}kB", integer(lang, value.div_ceil(1_000))),
        _ => format!("{}\u{a0}MB", tenths(lang, value.div_ceil(100_000))),
    }
}

fn month_name(lang: Lang, month: &str) -> Option<&'static str> {
    let at = month.parse::<usize>().ok()?.checked_sub(1)?;
    match lang {
        Lang::Id => MONTHS_ID.get(at).copied(),
        Lang::En => MONTHS_EN.get(at).copied(),
    }
}

/// `2025-06` as `Juni 2025`; a text of another form is left as it is.
pub(crate) fn month(lang: Lang, period: &str) -> String {
    let named = period.split_once('-').and_then(|(year, month)| Some(format!("{} {year}", month_name(lang, month)?)));
    named.unwrap_or_else(|| period.to_owned())
}

/// `2025-06` as `Jun 2025`.
pub(crate) fn short_month(lang: Lang, period: &str) -> String {
    let named = period.split_once('-').and_then(|(year, month)| Some(format!("{} {year}", month_name(lang, month)?.get(..3)?)));
    named.unwrap_or_else(|| period.to_owned())
}

/// `2025-07-02T03:04:05Z` as `2 Juli 2025`; a text of another form is left as it is.
pub(crate) fn date(lang: Lang, instant: &str) -> String {
    let named = instant.get(..10).and_then(|day| {
        let mut parts = day.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Some(format!("{} {} {year}", day.trim_start_matches('0'), month_name(lang, month)?))
    });
    named.unwrap_or_else(|| instant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(integer(Lang::Id, 0), "0");
        assert_eq!(integer(Lang::Id, 146_640), "146.640");
        assert_eq!(integer(Lang::En, 1_234_567), "1,234,567");
        assert_eq!(integer(Lang::En, 999), "999");
        assert_eq!(tenths(Lang::Id, 84), "8,4");
        assert_eq!(tenths(Lang::En, 5), "0.5");
        assert_eq!(hundredths(Lang::Id, 75), "0,75");
        assert_eq!(hundredths(Lang::En, 123_405), "1,234.05");
        assert_eq!([0.0, 0.001, 0.5, 0.999, 1.0].map(percent), ["0%", "< 1%", "50%", "> 99%", "100%"]);
        assert_eq!(rupiah(Lang::Id, 600_000), "Rp\u{a0}600.000");
        assert_eq!(bytes(Lang::Id, 1_500), "2\u{a0}kB");
        assert_eq!(bytes(Lang::En, 2_340_000), "2.4\u{a0}MB");
    }

    #[test]
    fn months_and_dates() {
        assert_eq!(month(Lang::Id, "2025-06"), "Juni 2025");
        assert_eq!(short_month(Lang::Id, "2025-08"), "Agu 2025");
        assert_eq!(date(Lang::En, "2025-07-02T03:04:05Z"), "2 July 2025");
        assert_eq!(month(Lang::Id, "2025-13"), "2025-13");
        assert_eq!(date(Lang::Id, "?"), "?");
    }
}
