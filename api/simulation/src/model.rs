//! People and families as the simulation holds them: small, since a run at full
//! scale has one and a half million persons.

use domain::Period;

use crate::fate::{KksFate, PbiFate, RowFate};
use crate::names::Name;

/// Sex, as the lists of names are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sex {
    Female = 0,
    Male = 1,
}

/// A day of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Birth {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

impl Birth {
    /// Age in whole years on the last day of a month.
    pub(crate) fn age(self, period: Period) -> u32 {
        let years = i32::from(period.year()) - i32::from(self.year);
        let before = i32::from(period.month()) < i32::from(self.month);
        (years - i32::from(before)).max(0).unsigned_abs()
    }
}

/// Days of a month.
pub(crate) fn days(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Place in the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Head,
    Spouse,
    Child,
    Elder,
}

/// What is true of a person, as bits.
pub(crate) mod mark {
    pub(crate) const PBI: u8 = 1;
    pub(crate) const YAPI: u8 = 2;
    pub(crate) const PERMAKANAN: u8 = 4;
    pub(crate) const PREGNANT: u8 = 8;
    pub(crate) const DISABLED: u8 = 16;
    /// Died in the current month: listed rightly, for the last time.
    pub(crate) const DIED: u8 = 32;
    /// Died in an earlier month and is still listed: the defect `deceased`.
    pub(crate) const GHOST: u8 = 64;
}

/// Programs of a family, as bits.
pub(crate) mod program {
    pub(crate) const PKH: u8 = 1;
    pub(crate) const SEMBAKO: u8 = 2;
    pub(crate) const BLT_DD: u8 = 4;
}

/// One person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) nik: u64,
    pub(crate) birth: Birth,
    pub(crate) name: Name,
    pub(crate) sex: Sex,
    pub(crate) role: Role,
    pub(crate) marks: u8,
    /// Place in the PBI status words; lasting.
    pub(crate) pbi_status: u8,
    /// What becomes of the DTKS row this month.
    pub(crate) row: RowFate,
    /// What becomes of the PBI row this month.
    pub(crate) pbi: PbiFate,
}

impl Person {
    pub(crate) const fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }
}

/// What kind of family was drawn: decides its programs, and who replaces it
/// when it leaves, so that totals stay near the published ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    SembakoPkh,
    Sembako,
    Pkh,
    BltDd,
    /// Cares for orphans (YAPI).
    Orphans,
    /// An elderly person alone with meals (PERMAKANAN).
    Meals,
    /// PBI-JK and nothing else.
    PbiOnly,
    /// In the registry, without a program.
    Registered,
}

impl Class {
    pub(crate) const ALL: [Class; 8] =
        [Class::SembakoPkh, Class::Sembako, Class::Pkh, Class::BltDd, Class::Orphans, Class::Meals, Class::PbiOnly, Class::Registered];

    pub(crate) const fn programs(self) -> u8 {
        match self {
            Class::SembakoPkh => program::SEMBAKO | program::PKH,
            Class::Sembako => program::SEMBAKO,
            Class::Pkh => program::PKH,
            Class::BltDd => program::BLT_DD,
            Class::Orphans | Class::Meals | Class::PbiOnly | Class::Registered => 0,
        }
    }

    /// Share of such families that are in PBI-JK (documented assumption).
    pub(crate) const fn pbi_share(self) -> f64 {
        match self {
            Class::SembakoPkh | Class::Sembako | Class::Pkh => 0.95,
            Class::BltDd => 0.7,
            Class::Orphans | Class::Meals => 0.9,
            Class::PbiOnly => 1.0,
            Class::Registered => 0.0,
        }
    }
}

/// One family card.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) nokk: u64,
    pub(crate) members: Vec<Person>,
    /// Place of the cardholder among the members: family programs are flagged on that row.
    pub(crate) holder: usize,
    /// Place of the kelurahan in the district.
    pub(crate) place: u16,
    pub(crate) class: Class,
    pub(crate) programs: u8,
    pub(crate) rt: u8,
    pub(crate) rw: u8,
    pub(crate) street: u16,
    pub(crate) house: u16,
    /// Number of the family within the district: makes card and ID numbers.
    pub(crate) number: u32,
    /// What becomes of the payments of PKH and SEMBAKO this month.
    pub(crate) kks: [KksFate; 2],
    /// Place between the poorest and the richest of the country, in millionths.
    pub(crate) score: u32,
    /// The month in which the family came, by its ordinal.
    pub(crate) since: i32,
}

impl Family {
    /// The cardholder.
    pub(crate) fn holder(&self) -> &Person {
        &self.members[self.holder]
    }

    /// Takes away the members that `gone` names and chooses another cardholder
    /// if that was one; false when no adult is left.
    pub(crate) fn remove(&mut self, period: Period, mut gone: impl FnMut(&Person) -> bool) -> bool {
        let holder = self.holder().nik;
        self.members.retain(|person| !gone(person));
        let kept = self.members.iter().position(|person| person.nik == holder);
        let heir = || {
            let adults = self.members.iter().enumerate().filter(|(_, person)| person.birth.age(period) >= 18 && !person.has(mark::GHOST));
            adults.min_by_key(|(at, person)| (person.role, *at)).map(|(at, _)| at)
        };
        match kept.or_else(heir) {
            Some(at) => {
                self.holder = at;
                true
            }
            None => false,
        }
    }

    /// What PKH pays the family in a quarter: the components of at most four members.
    pub(crate) fn pkh_rupiah(&self, period: Period) -> u64 {
        let mut amounts: Vec<u64> = self.members.iter().map(|person| component(person, period)).collect();
        amounts.sort_unstable_by(|a, b| b.cmp(a));
        amounts.iter().take(4).sum()
    }

    /// What a family program pays the family this quarter.
    pub(crate) fn rupiah(&self, program: u8, period: Period) -> u64 {
        if program == program::PKH { self.pkh_rupiah(period) } else { 600_000 }
    }
}

/// The PKH component of a member in rupiah a quarter (crate `reference`, programs).
fn component(person: &Person, period: Period) -> u64 {
    if person.has(mark::DIED | mark::GHOST) {
        return 0;
    }
    if person.has(mark::DISABLED) {
        return 600_000;
    }
    if person.has(mark::PREGNANT) {
        return 750_000;
    }
    match person.birth.age(period) {
        0..=6 => 750_000,
        7..=12 => 225_000,
        13..=15 => 375_000,
        16..=18 if person.role == Role::Child => 500_000,
        60.. => 600_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_on_the_last_day() {
        let born = Birth { year: 2000, month: 6, day: 30 };
        assert_eq!(born.age(Period::new(2025, 5).unwrap()), 24);
        assert_eq!(born.age(Period::new(2025, 6).unwrap()), 25);
        assert_eq!(Birth { year: 2025, month: 6, day: 2 }.age(Period::new(2025, 6).unwrap()), 0);
        assert_eq!((days(2024, 2), days(2025, 2), days(1900, 2), days(2000, 2)), (29, 28, 28, 29));
    }

    #[test]
    fn components_are_those_of_the_reference_data() {
        let pkh = reference::program(&"PKH".parse().unwrap()).unwrap();
        let known: Vec<u64> = pkh.amounts.iter().filter_map(|amount| amount.rupiah).collect();
        let period = Period::new(2025, 6).unwrap();
        let mut dice = crate::dice::Dice::new(1, 1, 1, 1);
        for age in 0..90 {
            let person = crate::family::person(&mut dice, Sex::Female, Role::Child, age, period, None);
            let amount = component(&person, period);
            assert!(amount == 0 || known.contains(&amount), "{age}: {amount}");
        }
    }
}
