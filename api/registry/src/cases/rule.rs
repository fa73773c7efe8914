//! The rules, by the ids that RULES.md defines them under.

use std::fmt;
use std::str::FromStr;

/// A rule that a case may come from; RULES.md says exactly when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rule {
    /// F01: the same NIK twice in a program.
    DuplicateNik,
    /// F02: one person under two NIKs, perhaps.
    PossibleDuplicate,
    /// F03: the NIK under another name.
    OtherName,
    /// F04: died before the month.
    Deceased,
    /// F05: civil servant, army, police, council, village official, programme staff.
    PublicServant,
    /// F06: wages above the minimum, state firm, company officer.
    Earner,
    /// F07: moved out.
    Moved,
    /// F08: not found by field verification.
    NotFound,
    /// F09: two programs that exclude each other.
    ExcludingPrograms,
    /// F10: better off than the program allows.
    DesilOverLimit,
    /// F11: a cardholder under age.
    UnderAgeHead,
    /// F12: a family card that does not fit.
    FamilyCard,
}

/// What is said of a rule: id, code, name, remedy.
type Words = (&'static str, &'static str, &'static str, &'static str);

const WORDS: [Words; 12] = [
    (
        "F01",
        "duplicate_nik",
        "NIK sama dua kali dalam satu program",
        "pastikan baris mana yang benar, minta sumber data menghapus yang lain",
    ),
    (
        "F02",
        "possible_duplicate",
        "mungkin satu orang dengan dua NIK",
        "bandingkan Kartu Keluarga, nama ibu, dan foto; tidak ada yang digabung dengan sendirinya",
    ),
    ("F03", "other_name", "NIK padan dengan nama lain", "tanyakan nama pemilik NIK ke Dukcapil"),
    ("F04", "deceased", "meninggal", "minta akta kematian; ganti pengurus atau hentikan penyaluran"),
    ("F05", "public_servant", "ASN, TNI, Polri, atau aparat", "cocokkan dengan instansinya, lalu usulkan penghapusan"),
    ("F06", "earner", "berpenghasilan tetap", "periksa di lapangan"),
    ("F07", "moved", "pindah", "tanyakan ke kelurahan/desa; alihkan data ke daerah baru"),
    ("F08", "not_found", "tidak ditemukan", "kunjungi lagi, tanyakan ke RT"),
    ("F09", "excluding_programs", "program yang tidak boleh bersamaan", "keluarga memilih satu, yang lain diakhiri"),
    ("F10", "desil_over_limit", "desil di atas batas program", "periksa peringkat bersama keluarga, mutakhirkan DTSEN"),
    ("F11", "under_age_head", "pengurus di bawah umur", "tunjuk anggota dewasa atau wali; periksa status kawin"),
    ("F12", "family_card", "Kartu Keluarga tidak cocok", "minta Kartu Keluarga, perbaiki data"),
];

impl Rule {
    /// All, in the order of their ids.
    pub const ALL: [Rule; 12] = [
        Rule::DuplicateNik,
        Rule::PossibleDuplicate,
        Rule::OtherName,
        Rule::Deceased,
        Rule::PublicServant,
        Rule::Earner,
        Rule::Moved,
        Rule::NotFound,
        Rule::ExcludingPrograms,
        Rule::DesilOverLimit,
        Rule::UnderAgeHead,
        Rule::FamilyCard,
    ];

    /// Its stable id, such as `F04`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        WORDS[self as usize].0
    }

    /// Its code, such as `deceased`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        WORDS[self as usize].1
    }

    /// What it finds, in Indonesian.
    #[must_use]
    pub const fn words(self) -> &'static str {
        WORDS[self as usize].2
    }

    /// What the operator can do, in Indonesian.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        WORDS[self as usize].3
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Rule {
    type Err = String;

    /// Reads an id or a code, in capitals or not.
    fn from_str(text: &str) -> Result<Rule, String> {
        let text = text.trim();
        Rule::ALL
            .into_iter()
            .find(|rule| text.eq_ignore_ascii_case(rule.id()) || text.eq_ignore_ascii_case(rule.code()))
            .ok_or_else(|| format!("{text:?} is no rule; they are F01 to F12, such as F04 or deceased"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_codes_read_back_and_stand_in_the_definitions() {
        let defined = include_str!("../../RULES.md");
        for (rule, number) in Rule::ALL.into_iter().zip(1..) {
            assert_eq!(rule.id(), format!("F{number:02}"));
            assert_eq!((rule.id().parse(), rule.code().to_uppercase().parse()), (Ok(rule), Ok(rule)));
            assert!(defined.contains(&format!("| {} | `{}` |", rule.id(), rule.code())), "{rule}");
        }
        assert!("F13".parse::<Rule>().is_err() && "".parse::<Rule>().is_err());
    }
}
