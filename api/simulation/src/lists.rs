//! Lists of the office's neighbours: civil servants and the like, earners, and
//! people who moved out of the district. A month's file has the people who are
//! new on the lists, the first file all of them; a few rows speak of a day after
//! the month, as lists do that come early.

use domain::Period;

use crate::dice::{Dice, Lot, Purpose, lot};
use crate::district::District;
use crate::model::{Birth, Family, Person, Role, Sex, days, mark};
use crate::names::Name;

/// What a list says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Servant,
    Earner,
    Moved,
}

/// A row of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing {
    pub(crate) nik: u64,
    pub(crate) name: Name,
    pub(crate) sex: Sex,
    pub(crate) birth: Birth,
    pub(crate) group: Group,
    /// The word, the office that keeps the list, and which list it is to the registry.
    pub(crate) word: &'static str,
    pub(crate) institution: &'static str,
    pub(crate) list: &'static str,
    pub(crate) on: Birth,
}

/// A list's word, the office that keeps it, and which list it is to the registry.
type Word = (&'static str, &'static str, &'static str);

const SERVANTS: [Word; 10] = [
    ("PNS", "DINAS PENDIDIKAN", "asn"),
    ("ASN", "SEKRETARIAT DAERAH", "asn"),
    ("PPPK", "PUSKESMAS", "asn"),
    ("CPNS", "DINAS KESEHATAN", "asn"),
    ("TNI", "KODIM", "tni"),
    ("POLRI", "POLRES", "polri"),
    ("Pensiunan", "TASPEN", "pensiunan"),
    ("Perangkat Desa", "PEMERINTAH DESA", "perangkat_desa"),
    ("Pendamping PKH", "KEMENTERIAN SOSIAL", "sdm_pkh"),
    ("Anggota DPRD", "DPRD", "dprd"),
];
const EARNERS: [Word; 5] = [
    ("Pekerja penerima upah di atas UMK", "BPJS KETENAGAKERJAAN", "penghasilan"),
    ("Penghasilan di atas UMP", "BPJS KETENAGAKERJAAN", "penghasilan"),
    ("BUMN", "PLN", "bumn"),
    ("BUMD", "PDAM", "bumn"),
    ("AHU", "KEMENTERIAN HUKUM", "ahu"),
];
const MOVED: [Word; 2] = [("Pindah", "DISDUKCAPIL", "pindah"), ("Pindah keluar", "DISDUKCAPIL", "pindah")];

/// Adults of the registry who are civil servants or the like, and earners.
const SERVANT: f64 = 0.002;
const EARNER: f64 = 0.004;
/// The same outside the registry.
const SERVANT_OUTSIDE: f64 = 0.08;
const EARNER_OUTSIDE: f64 = 0.12;
/// Families that move out of the district in a month.
const MOVING: f64 = 0.002;
/// A list comes early in the first days of a month: the month before has it already.
const EARLY: u8 = 6;

/// The day that a lot falls on, from `earliest` months before the first month on.
fn day(seed: u64, key: u64, first: Period, earliest: i32, months: i32) -> (i32, Birth) {
    let ordinal = first.ordinal() - earliest + (lot(seed, Lot::ListedOn as u64, key) * f64::from(months)) as i32;
    let (year, month) = (ordinal.div_euclid(12), ordinal.rem_euclid(12) + 1);
    let (year, month) = (year as u16, month as u8);
    let within = (lot(seed, Lot::ListedDay as u64, key) * f64::from(days(year, month))) as u8 + 1;
    (ordinal, Birth { year, month, day: within })
}

/// The list that names a person, the word it uses, and from which day.
fn of_person(seed: u64, first: Period, person: &Person) -> Option<(Group, Word, i32, Birth)> {
    let chance = lot(seed, Lot::Listed as u64, person.nik);
    let group = if chance < SERVANT {
        Group::Servant
    } else if chance < SERVANT + EARNER {
        Group::Earner
    } else {
        return None;
    };
    // Long in office, or new: two of five already were before the first month.
    let (ordinal, on) = day(seed, person.nik, first, 12, 30);
    Some((group, word(seed, group, person.nik), ordinal, on))
}

fn word(seed: u64, group: Group, key: u64) -> Word {
    let words: &[Word] = match group {
        Group::Servant => &SERVANTS,
        Group::Earner => &EARNERS,
        Group::Moved => &MOVED,
    };
    words[(lot(seed, Lot::ListWord as u64, key) * words.len() as f64) as usize]
}

/// From which day on a family lives elsewhere; none if it stays for the next hundred years.
fn moving(seed: u64, first: Period, family: &Family) -> Option<(i32, Birth)> {
    let key = u64::from(family.number) | 1 << 40;
    let months = (lot(seed, Lot::Moving as u64, key) / MOVING) as i32;
    if months > 120 {
        return None;
    }
    // Counted from when it came: nobody comes and is gone.
    let ordinal = family.since.max(first.ordinal()) + months;
    let (_, within) = day(seed, key, first, 0, 1);
    let (year, month) = (ordinal.div_euclid(12) as u16, (ordinal.rem_euclid(12) + 1) as u8);
    Some((ordinal, Birth { year, month, day: within.day.min(days(year, month)) }))
}

impl District {
    /// Makes the month's rows of the lists.
    pub(crate) fn lists_of(&mut self, period: Period) {
        let (seed, first, now) = (self.lots, self.first, period.ordinal());
        let mut rows = Vec::new();
        // A row comes with the file of its month, or a little before.
        let comes = |ordinal: i32, on: Birth, since: i32| {
            let file = if on.day <= EARLY { ordinal - 1 } else { ordinal };
            file.max(since).max(first.ordinal()) == now
        };
        for family in &self.families {
            let moving = moving(seed, first, family).filter(|(ordinal, on)| comes(*ordinal, *on, family.since));
            for person in family.members.iter().filter(|person| !person.has(mark::GHOST | mark::DIED)) {
                if let Some((_, on)) = moving {
                    let word = word(seed, Group::Moved, u64::from(family.number));
                    rows.push(Listing::of(person, Group::Moved, word, on));
                }
                if person.role == Role::Child || person.birth.age(first) < 20 {
                    continue;
                }
                if let Some((group, word, ordinal, on)) = of_person(seed, first, person)
                    && comes(ordinal, on, family.since)
                {
                    rows.push(Listing::of(person, group, word, on));
                }
            }
        }
        if period == first {
            for outsider in &self.outsiders {
                let chance = lot(seed, Lot::Listed as u64, outsider.nik);
                let group = if chance < SERVANT_OUTSIDE { Group::Servant } else { Group::Earner };
                if chance < SERVANT_OUTSIDE + EARNER_OUTSIDE {
                    let (word, institution, list) = word(seed, group, outsider.nik);
                    let (_, on) = day(seed, outsider.nik, first, 36, 36);
                    rows.push(Listing {
                        nik: outsider.nik,
                        name: outsider.name,
                        sex: outsider.sex,
                        birth: outsider.birth,
                        group,
                        word,
                        institution,
                        list,
                        on,
                    });
                }
            }
        }
        // As lists are kept: by nothing that one can see.
        let mut dice: Dice = self.dice(period, Purpose::Lists as u64);
        for at in (1..rows.len()).rev() {
            rows.swap(at, dice.below(at as u32 + 1) as usize);
        }
        self.listings = rows;
    }
}

impl Listing {
    const fn of(person: &Person, group: Group, (word, institution, list): Word, on: Birth) -> Listing {
        Listing { nik: person.nik, name: person.name, sex: person.sex, birth: person.birth, group, word, institution, list, on }
    }
}
