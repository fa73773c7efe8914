//! The 16 digits that NIK and family card share, and the number of a family
//! card (nomor kartu keluarga, NOKK).

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Reads exactly 16 ASCII digits whose first six can name a kecamatan.
pub(crate) fn sixteen_digits(text: &str) -> Result<u64, Error> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 {
        // Sixteen characters of which some are not ASCII are longer in bytes.
        return Err(if text.chars().count() == 16 { Error::Digits } else { Error::Length });
    }
    let mut number = 0u64;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return Err(Error::Digits);
        }
        number = number * 10 + u64::from(byte - b'0');
    }
    in_an_area(number)
}

/// The number, when it has 16 digits whose first six can name a kecamatan.
pub(crate) const fn in_an_area(number: u64) -> Result<u64, Error> {
    if number > 9_999_999_999_999_999 {
        return Err(Error::Length);
    }
    let area = number / 10_000_000_000;
    if area / 10_000 < 11 || (area / 100).is_multiple_of(100) || area.is_multiple_of(100) {
        return Err(Error::Area);
    }
    Ok(number)
}

/// The number of a family card: 16 digits, the first six of which are the area
/// that issued it. Neither its date nor its serial is checked: offices differ
/// in what they write there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyCardNumber(u64);

impl FamilyCardNumber {
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
    /// When it is no number of a family card.
    pub const fn from_number(number: u64) -> Result<FamilyCardNumber, Error> {
        match in_an_area(number) {
            Ok(number) => Ok(FamilyCardNumber(number)),
            Err(error) => Err(error),
        }
    }

    /// The first six digits: the kecamatan that issued the card.
    #[must_use]
    pub const fn area_prefix(self) -> u32 {
        (self.0 / 10_000_000_000) as u32
    }
}

impl FromStr for FamilyCardNumber {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        sixteen_digits(text).map(FamilyCardNumber)
    }
}

impl fmt::Debug for FamilyCardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FamilyCardNumber(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sixteen_digits_of_a_real_area() {
        let card: FamilyCardNumber = "3671011203190001".parse().unwrap();
        assert_eq!(card.area_prefix(), 367_101);
        assert_eq!(card.expose_text(), "3671011203190001");
        assert_eq!(FamilyCardNumber::from_number(card.expose()).unwrap(), card);
        for (text, error) in [
            ("", Error::Length),
            ("367101120319000", Error::Length),
            ("36710112031900011", Error::Length),
            ("367101120319000X", Error::Digits),
            ("٣٦٧١٠١١٢٠٣١٩٠٠٠١", Error::Digits),
            ("0071011203190001", Error::Area),
            ("3600011203190001", Error::Area),
            ("3671001203190001", Error::Area),
        ] {
            assert_eq!(text.parse::<FamilyCardNumber>(), Err(error), "{text}");
        }
        assert_eq!(FamilyCardNumber::from_number(1), Err(Error::Area));
        assert_eq!(FamilyCardNumber::from_number(u64::MAX), Err(Error::Length));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_prints(text in "\\PC{0,20}") {
            if let Ok(card) = text.parse::<FamilyCardNumber>() {
                prop_assert_eq!(format!("{card:?}"), "FamilyCardNumber(redacted)");
            }
        }
    }
}
