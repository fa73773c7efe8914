//! What field verification found of a recipient: the words of offices mapped to
//! one vocabulary.

mod words;

/// The last outcome of field verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Outcome {
    /// Not checked yet, or not loaded.
    #[default]
    Unchecked,
    /// Checked and in order.
    Valid,
    /// The NIK belongs to somebody of another name.
    OtherName,
    /// Has no electronic identity card.
    NoCard,
    /// Was not found where the record says.
    NotFound,
    /// Has died.
    Deceased,
    /// Is registered under the NIK twice.
    Duplicate,
    /// The record is not valid for another reason.
    Invalid,
    /// Moved out of the area it is registered in.
    Moved,
    /// Refused to be checked, or gave the assistance up.
    Refused,
    /// Is not, or no longer, entitled.
    Ineligible,
}

impl Outcome {
    /// All outcomes, in the order of their numbers: a list that only grows at its end.
    pub const ALL: [Outcome; 11] = [
        Outcome::Unchecked,
        Outcome::Valid,
        Outcome::OtherName,
        Outcome::NoCard,
        Outcome::NotFound,
        Outcome::Deceased,
        Outcome::Duplicate,
        Outcome::Invalid,
        Outcome::Moved,
        Outcome::Refused,
        Outcome::Ineligible,
    ];

    /// How many of them there were under the first two versions of the policy:
    /// figures of that time name no others, since nobody had them.
    pub const AT_FIRST: usize = 8;

    /// The categories in files and answers, in the order of their numbers.
    pub const WORDS: [&'static str; 11] =
        ["unchecked", "valid", "other_name", "no_card", "not_found", "deceased", "duplicate", "invalid", "moved", "refused", "ineligible"];

    /// The category in files and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Outcome::WORDS[self as usize]
    }
}
