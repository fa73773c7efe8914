//! Money: whole rupiah, never negative, as Indonesian files write it.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use crate::ParseError;

/// An amount in whole rupiah.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Rupiah(u64);

impl Rupiah {
    /// An amount of `rupiah` whole rupiah; sums are kept within what SQL and
    /// JSON can hold exactly (2^53).
    ///
    /// # Errors
    /// Above 2^53 rupiah.
    pub fn new(rupiah: u64) -> Result<Rupiah, ParseError> {
        if rupiah <= 1 << 53 { Ok(Rupiah(rupiah)) } else { Err(ParseError::new("amount of rupiah", &rupiah.to_string(), Self::EXPECTED)) }
    }

    const EXPECTED: &'static str = "whole rupiah, such as 600000, 600.000 or Rp 600.000,00";

    /// The amount in whole rupiah.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This amount for each of `units`.
    #[must_use]
    pub const fn times(self, units: u64) -> Rupiah {
        Rupiah(self.0.saturating_mul(units))
    }
}

impl Add for Rupiah {
    type Output = Rupiah;
    fn add(self, other: Rupiah) -> Rupiah {
        Rupiah(self.0.saturating_add(other.0))
    }
}

impl Sum for Rupiah {
    fn sum<I: Iterator<Item = Rupiah>>(amounts: I) -> Rupiah {
        amounts.fold(Rupiah::default(), Add::add)
    }
}

impl fmt::Display for Rupiah {
    /// Indonesian: `Rp600.000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        f.write_str("Rp")?;
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(".")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl FromStr for Rupiah {
    type Err = ParseError;

    /// Reads `600000`, `600.000`, `Rp600.000`, `Rp 600.000,00`, `IDR 600,000`.
    /// A dot or comma must part thousands, save for two last zeros (sen).
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("amount of rupiah", text, Self::EXPECTED);
        let mut rest = text.trim();
        for prefix in ["Rp.", "Rp", "RP", "rp", "IDR"] {
            if let Some(tail) = rest.strip_prefix(prefix) {
                rest = tail.trim_start();
                break;
            }
        }
        // Sen are always zero: ",00" in Indonesian, ".00" where a spreadsheet is set
        // to English. "60.00" stays refused: it may be a cut-off 60.000.
        let sen = rest
            .strip_suffix(",-")
            .or_else(|| rest.strip_suffix(",00"))
            .or_else(|| rest.strip_suffix(".00").filter(|head| head.len() >= 4));
        if let Some(head) = sen {
            rest = head;
        }
        let separator = match (rest.contains('.'), rest.contains(',')) {
            (true, true) => return Err(wrong()),
            (true, false) => Some('.'),
            (false, true) => Some(','),
            (false, false) => None,
        };
        let mut value = 0u64;
        let groups: Vec<&str> = match separator {
            Some(separator) => rest.split(separator).collect(),
            None => vec![rest],
        };
        for (i, group) in groups.iter().enumerate() {
            let width_ok = if groups.len() == 1 {
                (1..=16).contains(&group.len())
            } else if i == 0 {
                (1..=3).contains(&group.len())
            } else {
                group.len() == 3
            };
            if !width_ok || groups.len() > 6 {
                return Err(wrong());
            }
            for byte in group.bytes() {
                if !byte.is_ascii_digit() {
                    return Err(wrong());
                }
                value = value * 10 + u64::from(byte - b'0');
            }
        }
        Rupiah::new(value).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_files_write_it() {
        for text in
            ["600000", "600.000", "Rp600.000", "Rp 600.000", "Rp. 600.000,00", "IDR 600,000", " 600000 ", "Rp600.000,-", "600000.00"]
        {
            assert_eq!(text.parse::<Rupiah>().unwrap().get(), 600_000, "{text}");
        }
        for text in ["", "Rp", "-600000", "60.00", "6.0000", "600.000,5", "1.2.3", "enam ratus", "6E5", "99999999999999999999"] {
            assert!(text.parse::<Rupiah>().is_err(), "{text}");
        }
        assert_eq!(Rupiah::new(10_800_000).unwrap().to_string(), "Rp10.800.000");
    }

    proptest! {
        #[test]
        fn prints_and_reads_back(amount in 0u64..=1 << 53) {
            let money = Rupiah::new(amount).unwrap();
            prop_assert_eq!(money.to_string().parse::<Rupiah>().unwrap(), money);
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = text.parse::<Rupiah>();
        }
    }
}
