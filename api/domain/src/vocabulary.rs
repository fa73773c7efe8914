//! Closed lists of what the sensitive tables say of people, families and
//! complaints. A word's number is its place in the list; both only ever grow.

use crate::Period;

macro_rules! vocabulary {
    ($(#[$outer:meta])* $name:ident, $count:literal: $first_variant:ident = $first_word:literal, #[doc = $first_doc:literal] $($variant:ident = $word:literal, #[doc = $doc:literal])*) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(u8)]
        pub enum $name {
            #[doc = $first_doc]
            #[default]
            $first_variant,
            $(#[doc = $doc] $variant,)*
        }

        impl $name {
            /// All, in the order of their numbers.
            pub const ALL: [$name; $count] = [$name::$first_variant, $($name::$variant,)*];

            /// Their words in files and answers, in the same order.
            pub const WORDS: [&'static str; $count] = [$first_word, $($word,)*];

            /// The word in files and answers.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                $name::WORDS[self as usize]
            }

            /// What a word of files stands for.
            #[must_use]
            pub fn of_word(word: &str) -> Option<$name> {
                $name::WORDS.iter().position(|known| *known == word).map(|at| $name::ALL[at])
            }
        }
    };
}

vocabulary! {
    /// How long ago field verification last checked a unit, in whole months.
    Freshness, 6:
    Never = "never", #[doc = "Never checked, or no check loaded."]
    Quarter = "0-3", #[doc = "Up to three months ago."]
    Half = "4-6", #[doc = "Four to six months ago."]
    Year = "7-12", #[doc = "Seven to twelve months ago."]
    TwoYears = "13-24", #[doc = "Thirteen to 24 months ago."]
    Longer = "25+", #[doc = "Longer ago."]
}

impl Freshness {
    /// The band of a unit last checked in the month `verified`, seen at the end of `now`.
    #[must_use]
    pub fn of(verified: Option<Period>, now: Period) -> Freshness {
        let months = |period: Period| i64::from(period.year()) * 12 + i64::from(period.month());
        match verified.map(|then| months(now) - months(then)) {
            None => Freshness::Never,
            Some(..=3) => Freshness::Quarter,
            Some(4..=6) => Freshness::Half,
            Some(7..=12) => Freshness::Year,
            Some(13..=24) => Freshness::TwoYears,
            Some(25..) => Freshness::Longer,
        }
    }
}

vocabulary! {
    /// What lists of the office say of a person who receives: the gravest one counts.
    PersonFinding, 5:
    None = "none", #[doc = "Nothing, or what was found was dismissed."]
    Deceased = "deceased", #[doc = "On a list of deaths before the month."]
    PublicServant = "public_servant", #[doc = "On a list of civil servants, army, police, pensioners of them, councils, village officials or programme staff."]
    Earner = "earner", #[doc = "On a list of people with wages above the minimum, of state firms or of company officers."]
    Moved = "moved", #[doc = "On a list of people who moved out of the district."]
}

vocabulary! {
    /// Why a unit is no longer enrolled.
    LeaveReason, 7:
    Unknown = "unknown", #[doc = "Nothing that is loaded tells."]
    Died = "died", #[doc = "The person or cardholder died."]
    Moved = "moved", #[doc = "Moved away."]
    Graduated = "graduated", #[doc = "Left because it is better off: desil above the program's limit, or said so."]
    Ineligible = "ineligible", #[doc = "Was never entitled: civil servant, earner, invalid record."]
    Duplicate = "duplicate", #[doc = "Was enrolled twice."]
    Refused = "refused", #[doc = "Gave it up."]
}

vocabulary! {
    /// What a complaint is about, by the categories of KPK's JAGA Bansos.
    ComplaintCategory, 12:
    Other = "lainnya", #[doc = "Something else."]
    Fictitious = "fiktif", #[doc = "A recipient who does not exist."]
    Double = "ganda", #[doc = "Somebody receives twice."]
    Levy = "pungutan", #[doc = "Money was asked for."]
    LessThanDue = "jumlah_kurang", #[doc = "Less than due."]
    PoorQuality = "kualitas_buruk", #[doc = "Goods of poor quality."]
    NotEntitled = "tidak_layak", #[doc = "Somebody receives who should not."]
    NotRegistered = "belum_terdaftar", #[doc = "Somebody is not registered who should be."]
    NotReceived = "tidak_menerima", #[doc = "Registered and receives nothing."]
    NotHandedOut = "tidak_dibagikan", #[doc = "Not handed out."]
    Misuse = "penyelewengan", #[doc = "Misuse."]
    Card = "kartu", #[doc = "The card: lost, blocked, kept by others."]
}

/// Families by desil: 1 is the poorest tenth; a family's number is its desil, 0 where it is not known.
pub const DESIL_WORDS: [&str; 11] = ["unknown", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_are_all_different() {
        for (at, finding) in PersonFinding::ALL.into_iter().enumerate() {
            assert_eq!((PersonFinding::of_word(finding.as_str()), finding as usize), (Some(finding), at));
        }
        for words in [&Freshness::WORDS[..], &LeaveReason::WORDS, &ComplaintCategory::WORDS, &DESIL_WORDS] {
            let mut sorted = words.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), words.len());
        }
        assert_eq!(LeaveReason::of_word("gone"), None);
    }

    #[test]
    fn months_since_a_check() {
        let month = |text: &str| text.parse::<Period>().unwrap();
        for (then, band) in [
            ("2025-06", "0-3"),
            ("2025-03", "0-3"),
            ("2025-02", "4-6"),
            ("2024-12", "4-6"),
            ("2024-06", "7-12"),
            ("2023-06", "13-24"),
            ("2023-05", "25+"),
        ] {
            assert_eq!(Freshness::of(Some(month(then)), month("2025-06")).as_str(), band, "{then}");
        }
        assert_eq!(Freshness::of(None, month("2025-06")), Freshness::Never);
    }
}
