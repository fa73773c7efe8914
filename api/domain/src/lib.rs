//! The public vocabulary of Bansos Terbuka: the words every crate shares.
//!
//! Everything here parses at the edge into a value that cannot be wrong, does
//! no I/O and knows nothing of persons: names, NIK and addresses live in the
//! restricted crate `identity`, which nothing public may link.

pub mod area;
pub mod cell;
pub mod codebook;
pub mod date;
pub mod ids;
pub mod outcome;
pub mod period;
pub mod program;
pub mod rupiah;
mod text;
pub mod vocabulary;

pub use area::{AreaCode, AreaLabel, Level};
pub use cell::{Cell, Status, Table};
pub use ids::{EditionId, ReleaseId, RowId};
pub use outcome::Outcome;
pub use period::{Period, Quarter};
pub use program::{ProgramCode, Unit};
pub use rupiah::Rupiah;
pub use vocabulary::{ComplaintCategory, Freshness, LeaveReason, PersonFinding};

/// Why a text could not be read as one of the types of this crate.
///
/// `what` names the type, `found` repeats public input only (the restricted
/// crates have errors of their own, which never repeat what was read) and
/// `expected` says what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a valid {what}: expected {expected}")]
pub struct ParseError {
    /// The type asked for, in words.
    pub what: &'static str,
    /// The text as found, cut to 40 characters.
    pub found: String,
    /// What is accepted, with an example.
    pub expected: &'static str,
}

impl ParseError {
    /// An error about `found`, which is cut so that a hostile input cannot fill a log.
    #[must_use]
    pub fn new(what: &'static str, found: &str, expected: &'static str) -> Self {
        Self { what, found: found.chars().take(40).collect(), expected }
    }
}

/// Serialises a type by `Display` and reads it by `FromStr`.
#[macro_export]
macro_rules! serde_by_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
