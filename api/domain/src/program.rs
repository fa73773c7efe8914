//! Programs of social assistance, by code. What is known of each (amounts,
//! frequency, legal basis) is reference data; here is only its name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ParseError;

/// What a program counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Keluarga (KPM): one family card.
    Family,
    /// Jiwa: one person.
    Person,
}

/// A program's code: `PKH`, `SEMBAKO`, `PBI_JK`. A capital, then up to 23
/// capitals, digits and underscores. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramCode(Arc<str>);

impl ProgramCode {
    /// The word that stands where a program's code does in figures of no one
    /// program: all registered families, all complaints. No program is called so.
    pub const ALL: &'static str = "SEMUA";

    /// The code of [`ProgramCode::ALL`].
    #[must_use]
    pub fn all() -> ProgramCode {
        ProgramCode(ProgramCode::ALL.into())
    }

    /// Whether it stands for no one program.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.as_str() == ProgramCode::ALL
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProgramCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProgramCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProgramCode {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let ok = (1..=24).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if ok {
            Ok(ProgramCode(text.into()))
        } else {
            Err(ParseError::new("program", text, "a program code such as PKH, SEMBAKO or PBI_JK"))
        }
    }
}

crate::serde_by_text!(ProgramCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!("PBI_JK".parse::<ProgramCode>().unwrap().as_str(), "PBI_JK");
        for text in ["", "pkh", "PKH ", "1PKH", "_X", "P/KH", "ABCDEFGHIJKLMNOPQRSTUVWXY"] {
            assert!(text.parse::<ProgramCode>().is_err(), "{text}");
        }
    }
}
