//! Numbers as pages show them, read back: `146.640`, `Rp 600.000`, `0,75`,
//! `Rp 1,2 miliar`, in English `146,640`, `Rp 1.2 billion`.
//!
//! Where all digits are shown they must be the figure's; where the number is
//! shortened it must be the figure's at the shown precision.

/// Words that shorten, with the zeros they stand for.
const SHORT: [(&str, u32); 12] = [
    ("ribu", 3),
    ("rb", 3),
    ("juta", 6),
    ("jt", 6),
    ("miliar", 9),
    ("triliun", 12),
    ("thousand", 3),
    ("million", 6),
    ("billion", 9),
    ("trillion", 12),
    ("m", 6),
    ("bn", 9),
];

/// Digits, how many of them are decimals, and the zeros a word adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    digits: i128,
    decimals: u32,
    zeros: u32,
}

/// Reads a number as people of the language `lang` write it (`en`, else
/// Indonesian); none when it is none, or its thousands are parted wrongly.
fn read(lang: &str, text: &str) -> Option<Number> {
    let (thousands, decimal) = if lang.starts_with("en") { (',', '.') } else { ('.', ',') };
    let text: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let text = text.trim();
    let text = text.strip_prefix("Rp").unwrap_or(text).trim_start_matches(['.', ' ']).trim();
    let (number, word) = text.split_once(' ').unwrap_or((text, ""));
    let zeros = match word.trim() {
        "" => 0,
        word => SHORT.iter().find(|(own, _)| word.eq_ignore_ascii_case(own))?.1,
    };
    let (whole, part) = number.split_once(decimal).unwrap_or((number, ""));
    if number.ends_with(decimal) || !part.bytes().all(|byte| byte.is_ascii_digit()) || part.len() > 6 {
        return None;
    }
    let groups: Vec<&str> = whole.split(thousands).collect();
    let plain = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let parted = groups.len() == 1 || groups.first()?.len() <= 3 && groups.iter().skip(1).all(|group| group.len() == 3);
    if !plain || !parted || whole.len() > 30 {
        return None;
    }
    let digits = format!("{}{part}", groups.concat()).parse().ok()?;
    Some(Number { digits, decimals: u32::try_from(part.len()).ok()?, zeros })
}

/// Whether what a person reads is what a figure is.
///
/// # Errors
/// Says in words how it differs.
pub fn agrees(lang: &str, measure: &str, value: Option<u64>, status: &str, text: &str) -> Result<(), String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let Some(value) = value else {
        let fits = match status {
            "withheld" => digits.is_empty() || digits == "010",
            _ => digits.is_empty(),
        };
        return if fits && !text.is_empty() { Ok(()) } else { Err(format!("reads {text:?}, but the figure is {status}")) };
    };
    let number = read(lang, text).ok_or_else(|| format!("reads {text:?}, which is no number; the figure is {value}"))?;
    // A rate per 10,000 is shown per 100.
    let hidden = if measure.starts_with("units_per_10000_") { 2 } else { 0 };
    let cut = i64::from(number.zeros) + hidden - i64::from(number.decimals);
    let value_wide = i128::from(value);
    let equal = match u32::try_from(cut) {
        Ok(cut) => {
            let unit = 10i128.pow(cut.min(20));
            number.digits == value_wide / unit || number.digits == (value_wide + unit / 2) / unit
        }
        Err(_) => number.digits == value_wide * 10i128.pow(u32::try_from(-cut).unwrap_or(0)),
    };
    if equal { Ok(()) } else { Err(format!("reads {text:?}, but the figure is {value}")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(lang: &str, measure: &str, value: u64, text: &str) -> bool {
        agrees(lang, measure, Some(value), "observed", text).is_ok()
    }

    #[test]
    fn numbers_of_both_languages() {
        for (lang, measure, value, text) in [
            ("id", "units", 0, "0"),
            ("id", "units", 146_640, "146.640"),
            ("en", "units", 146_640, "146,640"),
            ("id", "paid_rupiah", 600_000, "Rp\u{a0}600.000"),
            ("en", "paid_rupiah", 600_000, "Rp\u{a0}600,000"),
            ("id", "units_per_10000_inhabitants", 75, "0,75"),
            ("en", "units_per_10000_inhabitants", 123_405, "1,234.05"),
            ("id", "paid_rupiah", 1_249_999_999, "Rp 1,2 miliar"),
            ("id", "paid_rupiah", 1_250_000_000, "Rp 1,3 miliar"),
            ("en", "paid_rupiah", 7_400_000, "Rp 7.4 million"),
        ] {
            assert!(fits(lang, measure, value, text), "{text}");
        }
        for (lang, measure, value, text) in [
            ("id", "units", 146_640, "146,640"),
            ("id", "units", 146_640, "146.641"),
            ("id", "units", 146_640, "14.6640"),
            ("id", "units", 146_640, ""),
            ("id", "units", 146_640, "146.640 %"),
            ("id", "units", 5, "-5"),
            ("id", "units_per_10000_inhabitants", 75, "75"),
            ("id", "paid_rupiah", 1_249_999_999, "Rp 1,4 miliar"),
            ("id", "units", 12, "١٢"),
        ] {
            assert!(!fits(lang, measure, value, text), "{text}");
        }
    }

    #[test]
    fn words_for_what_is_not_shown() {
        for (status, text, right) in [
            ("withheld", "0–10", true),
            ("withheld", "7", false),
            ("grouped", "gabungan", true),
            ("grouped", "12", false),
            ("missing", "belum ada", true),
            ("missing", "0", false),
            ("missing", "", false),
        ] {
            assert_eq!(agrees("id", "units", None, status, text).is_ok(), right, "{status} {text}");
        }
    }

    proptest! {
        #[test]
        fn all_digits_are_the_figure_and_no_other(value in 0u64..10_000_000_000_000, other in 1u64..100_000) {
            let parted = |mark: char| {
                let digits = value.to_string();
                let mut text = String::new();
                for (at, digit) in digits.chars().enumerate() {
                    if at > 0 && (digits.len() - at) % 3 == 0 {
                        text.push(mark);
                    }
                    text.push(digit);
                }
                text
            };
            prop_assert!(fits("id", "units", value, &parted('.')));
            prop_assert!(fits("en", "units", value, &parted(',')));
            prop_assert!(!fits("id", "units", value + other, &parted('.')));
        }

        #[test]
        fn nothing_panics(text: String, value: u64) {
            let _ = agrees("id", "units_per_10000_x", Some(value), "observed", &text);
        }
    }
}
