//! Areas by Kemendagri code: provinsi `36`, kabupaten/kota `36.71`, kecamatan
//! `36.71.01`, kelurahan/desa `36.71.01.1001`.

use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// The four levels of administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Provinsi, 2 digits.
    Provinsi,
    /// Kabupaten or kota, 4 digits: the level of a release.
    Kabupaten,
    /// Kecamatan, 6 digits.
    Kecamatan,
    /// Kelurahan or desa, 10 digits.
    Kelurahan,
}

impl Level {
    /// All levels, from the largest areas to the smallest.
    pub const ALL: [Level; 4] = [Level::Provinsi, Level::Kabupaten, Level::Kecamatan, Level::Kelurahan];

    /// The level's word in URLs and JSON: `kabupaten` stands for kota, too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Provinsi => "provinsi",
            Level::Kabupaten => "kabupaten",
            Level::Kecamatan => "kecamatan",
            Level::Kelurahan => "kelurahan",
        }
    }

    /// What one area of this level is divided by: its digits up to the end of
    /// the ten-digit code.
    const fn step(self) -> u64 {
        match self {
            Level::Provinsi => 100_000_000,
            Level::Kabupaten => 1_000_000,
            Level::Kecamatan => 10_000,
            Level::Kelurahan => 1,
        }
    }

    const fn above(self) -> Option<Level> {
        match self {
            Level::Provinsi => None,
            Level::Kabupaten => Some(Level::Provinsi),
            Level::Kecamatan => Some(Level::Kabupaten),
            Level::Kelurahan => Some(Level::Kecamatan),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Level::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| ParseError::new("level", text, "provinsi, kabupaten, kecamatan or kelurahan"))
    }
}

/// A Kemendagri area code of any level.
///
/// Held as one number, so that it is `Copy`, eight bytes and a little, and its
/// order is that of the dotted text. A code that parses has the right shape;
/// whether the area exists is a question for the crate `reference`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode {
    /// The code filled with zeros to ten digits.
    filled: u64,
    level: Level,
}

impl AreaCode {
    const EXPECTED: &'static str = "a Kemendagri code of 2, 4, 6 or 10 digits, dotted or not, such as 36, 36.71, 36.71.01 or 36.71.01.1001";

    /// The level this code is of.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// The area that holds this one, one level up; `None` above a provinsi.
    #[must_use]
    pub fn parent(self) -> Option<AreaCode> {
        self.level.above().map(|level| AreaCode { filled: self.filled / level.step() * level.step(), level })
    }

    /// The area of `level` that holds this one (itself at its own level);
    /// `None` when `level` is finer than this code.
    #[must_use]
    pub fn at(self, level: Level) -> Option<AreaCode> {
        (level <= self.level).then(|| AreaCode { filled: self.filled / level.step() * level.step(), level })
    }

    /// The kabupaten/kota of this code; a provinsi has none.
    #[must_use]
    pub fn district(self) -> Option<AreaCode> {
        self.at(Level::Kabupaten)
    }

    /// Whether `other` is this area or lies in it.
    #[must_use]
    pub fn contains(self, other: AreaCode) -> bool {
        other.at(self.level) == Some(self)
    }

    /// The code as a number: 4 digits for a kabupaten, 10 for a kelurahan.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.filled / self.level.step()
    }

    /// The code of `level` with the digits of `number`; an error when they do not fit.
    ///
    /// # Errors
    /// When `number` has more or fewer digits than `level` asks for.
    pub fn from_number(level: Level, number: u64) -> Result<AreaCode, ParseError> {
        let width = match level {
            Level::Provinsi => 2,
            Level::Kabupaten => 4,
            Level::Kecamatan => 6,
            Level::Kelurahan => 10,
        };
        format!("{number:0width$}").parse::<AreaCode>().and_then(|code| {
            if code.level == level { Ok(code) } else { Err(ParseError::new("area code", &number.to_string(), Self::EXPECTED)) }
        })
    }

    /// The code without dots, as BPS-style files write it.
    #[must_use]
    pub fn undotted(self) -> String {
        self.to_string().replace('.', "")
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.filled;
        write!(f, "{:02}", n / 100_000_000)?;
        if self.level >= Level::Kabupaten {
            write!(f, ".{:02}", n / 1_000_000 % 100)?;
        }
        if self.level >= Level::Kecamatan {
            write!(f, ".{:02}", n / 10_000 % 100)?;
        }
        if self.level >= Level::Kelurahan {
            write!(f, ".{:04}", n % 10_000)?;
        }
        Ok(())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AreaCode {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("area code", text, Self::EXPECTED);
        let dots: Vec<usize> = text.match_indices('.').map(|(at, _)| at).collect();
        let level = match (text.len(), dots.as_slice()) {
            (2, []) => Level::Provinsi,
            (4, []) | (5, [2]) => Level::Kabupaten,
            (6, []) | (8, [2, 5]) => Level::Kecamatan,
            (10, []) | (13, [2, 5, 8]) => Level::Kelurahan,
            _ => return Err(wrong()),
        };
        let mut number = 0u64;
        for byte in text.bytes().filter(|b| *b != b'.') {
            if !byte.is_ascii_digit() {
                return Err(wrong());
            }
            number = number * 10 + u64::from(byte - b'0');
        }
        let filled = number * level.step();
        // Provinsi codes start at 11; a zero part names no area.
        if filled / 100_000_000 < 11
            || (level >= Level::Kabupaten && (filled / 1_000_000).is_multiple_of(100))
            || (level >= Level::Kecamatan && (filled / 10_000).is_multiple_of(100))
            || (level >= Level::Kelurahan && filled.is_multiple_of(10_000))
        {
            return Err(wrong());
        }
        Ok(AreaCode { filled, level })
    }
}

crate::serde_by_text!(AreaCode);

/// What a published row or figure is about: one area, or a pool of several
/// whose sorted codes are joined by `~` (design: PRIVACY R3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaLabel(Vec<AreaCode>);

impl AreaLabel {
    /// A pool of areas; a pool of one is that area.
    ///
    /// # Errors
    /// When there is no member.
    pub fn pool(members: impl IntoIterator<Item = AreaCode>) -> Result<AreaLabel, ParseError> {
        let mut members: Vec<AreaCode> = members.into_iter().collect();
        members.sort_unstable();
        members.dedup();
        if members.is_empty() { Err(ParseError::new("pool of areas", "", "at least one area code")) } else { Ok(AreaLabel(members)) }
    }

    /// The areas it names, sorted; one unless it is a pool.
    #[must_use]
    pub fn members(&self) -> &[AreaCode] {
        &self.0
    }

    /// The one area, when it is not a pool.
    #[must_use]
    pub fn single(&self) -> Option<AreaCode> {
        match self.0.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Whether every member lies in `area`.
    #[must_use]
    pub fn inside(&self, area: AreaCode) -> bool {
        self.0.iter().all(|member| area.contains(*member))
    }

    /// Whether some member lies in `area` or holds it.
    #[must_use]
    pub fn touches(&self, area: AreaCode) -> bool {
        self.0.iter().any(|member| area.contains(*member) || member.contains(area))
    }
}

impl From<AreaCode> for AreaLabel {
    fn from(code: AreaCode) -> Self {
        AreaLabel(vec![code])
    }
}

impl fmt::Display for AreaLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, member) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("~")?;
            }
            write!(f, "{member}")?;
        }
        Ok(())
    }
}

impl FromStr for AreaLabel {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let members = text.split('~').map(str::parse).collect::<Result<Vec<AreaCode>, _>>()?;
        AreaLabel::pool(members)
    }
}

crate::serde_by_text!(AreaLabel);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_undotted_are_one() {
        for (dotted, undotted, level) in [
            ("36", "36", Level::Provinsi),
            ("36.71", "3671", Level::Kabupaten),
            ("36.71.01", "367101", Level::Kecamatan),
            ("36.71.01.1001", "3671011001", Level::Kelurahan),
        ] {
            let code: AreaCode = dotted.parse().unwrap();
            assert_eq!(code, undotted.parse().unwrap());
            assert_eq!(code.to_string(), dotted);
            assert_eq!(code.undotted(), undotted);
            assert_eq!(code.level(), level);
            assert_eq!(AreaCode::from_number(level, code.number()).unwrap(), code);
        }
    }

    #[test]
    fn wrong_shapes_are_refused() {
        for text in [
            "",
            "3",
            "367",
            "36.7",
            "36.71.1",
            "36.71.011001",
            "3671.01",
            "36-71",
            "٣٦",
            "00",
            "36.00",
            "36.71.00",
            "36.71.01.0000",
            "36.71.01.10011",
        ] {
            assert!(text.parse::<AreaCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn family_relations() {
        let kelurahan: AreaCode = "36.71.01.1001".parse().unwrap();
        let district: AreaCode = "36.71".parse().unwrap();
        assert_eq!(kelurahan.parent().unwrap().to_string(), "36.71.01");
        assert_eq!(kelurahan.district(), Some(district));
        assert!(district.contains(kelurahan) && !kelurahan.contains(district));
        assert_eq!(district.at(Level::Kelurahan), None);
    }

    #[test]
    fn pools_sort_and_round_trip() {
        let pool: AreaLabel = "36.71.01.1002~36.71.01.1001".parse().unwrap();
        assert_eq!(pool.to_string(), "36.71.01.1001~36.71.01.1002");
        assert!(pool.inside("36.71.01".parse().unwrap()));
        assert!(pool.touches("36.71.01.1001".parse().unwrap()));
        assert!(!pool.inside("36.71.01.1001".parse().unwrap()));
    }
}
