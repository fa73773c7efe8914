//! Field verification: what the round found of some cardholders, in the words of
//! all offices that verify, and in the first month also what earlier rounds found.

use domain::Period;

use crate::dice::{Lot, Purpose, lot};
use crate::district::District;
use crate::model::{Birth, Sex, mark};

/// What an outcome's words mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Unchecked,
    Valid,
    OtherName,
    NoCard,
    NotFound,
    Deceased,
    Duplicate,
    Invalid,
    Moved,
    Refused,
    Ineligible,
}

/// Outcomes, and how common they are: VeriVali, PBI-JK, the BPK, the groups of
/// West Java, and our own sheets.
pub(crate) const OUTCOMES: [(&str, Meaning, f64); 31] = [
    ("Valid", Meaning::Valid, 68.0),
    ("Sesuai", Meaning::Valid, 8.0),
    ("Layak", Meaning::Valid, 5.0),
    ("Aktif", Meaning::Valid, 1.0),
    ("NIK Padan Beda Nama", Meaning::OtherName, 2.6),
    ("NIK milik nama lain", Meaning::OtherName, 0.4),
    ("Tidak Memiliki E-KTP", Meaning::NoCard, 2.5),
    ("Belum punya KTP-el", Meaning::NoCard, 0.5),
    ("Di Hapus-Tidak Ditemukan", Meaning::NotFound, 1.6),
    ("Tidak Ditemukan", Meaning::NotFound, 0.4),
    ("Di Hapus-Meninggal", Meaning::Deceased, 0.3),
    ("Meninggal Dunia", Meaning::Deceased, 0.1),
    ("Di Hapus-NIK Sudah Terdaftar", Meaning::Duplicate, 0.5),
    ("Ganda", Meaning::Duplicate, 0.2),
    ("Invalid", Meaning::Invalid, 0.5),
    ("Tidak sah", Meaning::Invalid, 0.1),
    ("NIK tidak ditemukan di Dukcapil", Meaning::Invalid, 0.2),
    ("NIK tidak aktif", Meaning::Invalid, 0.1),
    ("A. Administrasi", Meaning::Invalid, 0.1),
    ("D. Salah input", Meaning::Invalid, 0.1),
    ("Pindah", Meaning::Moved, 1.0),
    ("Menolak", Meaning::Refused, 1.0),
    ("Tidak layak", Meaning::Ineligible, 1.2),
    ("B. Tidak layak", Meaning::Ineligible, 0.5),
    ("C. Sudah menerima bantuan lain", Meaning::Ineligible, 0.2),
    ("KPM merupakan SDM PKH", Meaning::Ineligible, 0.1),
    ("KPM PKH terdaftar data AHU", Meaning::Ineligible, 0.1),
    ("KPM tidak terdaftar DTKS & usulan Pemda", Meaning::Ineligible, 0.1),
    ("Belum Cek", Meaning::Unchecked, 3.0),
    ("Belum dicek", Meaning::Unchecked, 0.3),
    ("Belum dikunjungi", Meaning::Unchecked, 0.3),
];

/// Cardholders who are checked in a month.
const CHECKED: f64 = 0.04;
/// Cardholders who were checked before the first month, in up to 30 months.
const CHECKED_BEFORE: f64 = 0.35;

/// A row of a verification file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) nik: u64,
    pub(crate) birth: Birth,
    pub(crate) sex: Sex,
    pub(crate) on: Birth,
    /// Place in [`OUTCOMES`].
    pub(crate) outcome: u8,
}

impl Check {
    /// The quarter's round.
    pub(crate) fn round(&self) -> String {
        format!("{}-{}", self.on.year, (self.on.month - 1) / 3 + 1)
    }

    pub(crate) const fn meaning(&self) -> Meaning {
        OUTCOMES[self.outcome as usize].1
    }

    pub(crate) const fn word(&self) -> &'static str {
        OUTCOMES[self.outcome as usize].0
    }
}

impl District {
    /// Draws who was checked this month, and what was found.
    pub(crate) fn check(&mut self, period: Period) {
        let mut dice = self.dice(period, Purpose::Checks as u64);
        let weights = OUTCOMES.map(|(_, _, weight)| weight);
        let (year, month) = (period.year().unsigned_abs(), period.month().unsigned_abs());
        self.checks.clear();
        for family in &self.families {
            let holder = family.holder();
            if holder.has(mark::GHOST | mark::DIED) {
                continue;
            }
            let mut add = |on: Birth, outcome: usize| {
                self.checks.push(Check { nik: holder.nik, birth: holder.birth, sex: holder.sex, on, outcome: outcome as u8 });
            };
            if period == self.first && lot(self.lots, Lot::CheckedBefore as u64, holder.nik) < CHECKED_BEFORE {
                // Most of what is still listed was in order.
                let ordinal = self.first.ordinal() - 1 - (lot(self.lots, Lot::CheckedOn as u64, holder.nik) * 30.0) as i32;
                let on = Birth {
                    year: ordinal.div_euclid(12) as u16,
                    month: (ordinal.rem_euclid(12) + 1) as u8,
                    day: dice.between(1, 28) as u8,
                };
                let found = if dice.chance(0.8) { 0 } else { dice.weighted(&weights) };
                add(on, found);
            }
            if dice.chance(CHECKED) {
                let on = Birth { year, month, day: dice.between(1, 28) as u8 };
                add(on, dice.weighted(&weights));
            }
        }
    }
}
