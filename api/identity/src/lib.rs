//! The restricted vocabulary: what names a person.
//!
//! Nothing here prints. No type has `Display` or serialises, `Debug` says only
//! which type it is, and an error never repeats what was read, so a value
//! cannot reach a log line by accident. Whoever really needs it says `expose`,
//! which is easy to search for. Linked by `registry`, `publish` and `cli` only.

mod name;
mod nik;
mod number;
mod text;

pub use name::{Marks, comparable, marks};
pub use nik::{Nik, Sex};
pub use number::FamilyCardNumber;
pub use text::{Address, PersonName};

/// Why a restricted value could not be read. It tells the rule that was broken
/// and never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// Not exactly 16 characters.
    #[error("expected exactly 16 digits")]
    Length,
    /// 16 characters, one of which is no digit 0 to 9.
    #[error("expected digits only")]
    Digits,
    /// The first two digits name no province (they start at 11), or a part of
    /// the area prefix is zero.
    #[error("the first six digits name no area")]
    Area,
    /// Digits 7 to 12 are no day of the calendar.
    #[error("digits 7 to 12 are no birth date")]
    Date,
    /// The last four digits are 0000: serials start at 0001.
    #[error("the last four digits are 0000")]
    Serial,
    /// A name or address without any visible character.
    #[error("expected some text")]
    Empty,
    /// A name or address longer than any real one.
    #[error("expected at most 500 characters")]
    TooLong,
}
