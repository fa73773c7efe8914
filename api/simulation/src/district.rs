//! The people of one district in the current month.

use std::collections::BTreeMap;

use domain::{AreaCode, Period, ProgramCode};

use crate::checks::Check;
use crate::complaints::Complaint;
use crate::dice::{Dice, Lot, Purpose, lot};
use crate::family::family;
use crate::lists::Listing;
use crate::model::{Birth, Class, Family, Person, mark, program};
use crate::numbers::Numbers;
use crate::outside::Outsider;
use crate::places::Places;
use crate::target::{self, Target};
use crate::told::Told;
use crate::wealth::score;
use crate::{DistrictMonth, Rates, fate};

/// State carried from month to month.
#[derive(Debug)]
pub(crate) struct District {
    pub(crate) code: AreaCode,
    pub(crate) scale: f64,
    pub(crate) seed: u64,
    pub(crate) target: Target,
    pub(crate) places: Places,
    /// Sorted by place, then by number.
    pub(crate) families: Vec<Family>,
    /// Deaths reported this month: NIK and day.
    pub(crate) deaths: Vec<(u64, Birth)>,
    /// Persons ever drawn.
    pub(crate) people: u64,
    pub(crate) first: Period,
    /// Families outside the registry.
    pub(crate) outsiders: Vec<Outsider>,
    /// Chooses what lasts of people without being drawn each month.
    pub(crate) lots: u64,
    /// Rows of this month's lists of civil servants, earners and moved people.
    pub(crate) listings: Vec<Listing>,
    /// Rows of this month's verification.
    pub(crate) checks: Vec<Check>,
    /// Complaints received in the year so far.
    pub(crate) complaints: Vec<Complaint>,
    /// One person under two NIKs.
    pub(crate) doubles: Vec<(u64, u64)>,
    /// How often people are odd, as a share of the default.
    pub(crate) oddness: f64,
    /// What the files so far say of people.
    pub(crate) told: Told,
    numbers: Numbers,
    next_family: u32,
}

impl District {
    /// The district in its first month.
    pub(crate) fn new(code: AreaCode, scale: f64, seed: u64, first: Period, rates: &Rates) -> District {
        let places = Places::new(code, &mut Dice::new(seed, code.number(), 0, Purpose::Places as u64));
        let mut district = District {
            code,
            scale,
            seed,
            target: target::of(code),
            places,
            families: Vec::new(),
            deaths: Vec::new(),
            people: 0,
            first,
            outsiders: Vec::new(),
            lots: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ code.number(),
            listings: Vec::new(),
            checks: Vec::new(),
            complaints: Vec::new(),
            doubles: Vec::new(),
            oddness: rates.persons,
            told: Told::default(),
            numbers: Numbers::default(),
            next_family: 0,
        };
        district.settle(rates);
        district
    }

    /// A generator for a purpose this month.
    pub(crate) fn dice(&self, period: Period, purpose: u64) -> Dice {
        Dice::new(self.seed, self.code.number(), u64::from(period.ordinal().unsigned_abs()), purpose)
    }

    fn settle(&mut self, rates: &Rates) {
        let mut dice = self.dice(self.first, Purpose::People as u64);
        let target = self.target;
        let number = |count: f64| (count * self.scale).round() as u64;
        // Two orphans in three of ten families: 1.3 a family.
        let counts = [
            (Class::SembakoPkh, number(target.both)),
            (Class::Sembako, number(target.sembako - target.both)),
            (Class::Pkh, number(target.pkh_only)),
            (Class::BltDd, number(target.blt_dd)),
            (Class::Orphans, number(target.yapi_persons / 1.3)),
            (Class::Meals, number(target.permakanan_persons)),
        ];
        let pbi_wanted = number(target.pbi_persons);
        for (class, count) in counts {
            self.settle_class(class, count, &mut dice);
        }
        // PBI-JK counts persons of whole families: families are added until its number is reached.
        let pbi = self.families.iter().flat_map(|family| &family.members).filter(|person| person.has(mark::PBI)).count() as u64;
        let persons_a_family = 3.6;
        let left = (pbi_wanted.saturating_sub(pbi) as f64 / persons_a_family).round() as u64;
        self.settle_class(Class::PbiOnly, left, &mut dice);
        let registered = (self.families.len() as f64 * 0.06).round() as u64;
        self.settle_class(Class::Registered, registered, &mut dice);
        self.first_ghosts(rates, &mut dice);
        self.sort();
        self.settle_outside();
    }

    fn settle_class(&mut self, class: Class, count: u64, dice: &mut Dice) {
        let shares = self.places.share_out(class, count, dice);
        for (place, share) in shares.into_iter().enumerate() {
            for _ in 0..share {
                self.join(class, place as u16, self.first, dice);
            }
        }
    }

    /// Draws a new family and gives it its numbers.
    pub(crate) fn join(&mut self, class: Class, place: u16, period: Period, dice: &mut Dice) {
        // Family names are handed down in the two districts of Sumatera Utara.
        let by_marga = self.code.number() / 100 == 12;
        let mut family = family(dice, class, place, self.next_family, period, by_marga);
        self.next_family += 1;
        self.make_odd(&mut family, period);
        let home = self.places.all[usize::from(place)].kecamatan;
        for member in &mut family.members {
            member.nik = nik(&mut self.numbers, &self.places, home, member, dice);
        }
        family.nokk = self.card(home, period, dice);
        let key = u64::from(family.number);
        family.score = score(Some(class), lot(self.lots, Lot::Wealth as u64, key), lot(self.lots, Lot::Wealth as u64 + 500, key));
        self.people += family.members.len() as u64;
        self.register_again(&family, period, dice);
        self.families.push(family);
    }

    /// The number of the next family.
    pub(crate) fn next_number(&mut self) -> u32 {
        self.next_family += 1;
        self.next_family - 1
    }

    /// A NIK of a person who was first registered in `kecamatan`.
    pub(crate) fn nik_in(&mut self, kecamatan: usize, birth: Birth, sex: crate::model::Sex) -> u64 {
        self.numbers.nik(self.places.kecamatan[kecamatan], birth, sex)
    }

    /// The number of a family card issued some years ago.
    pub(crate) fn card(&mut self, home: usize, period: Period, dice: &mut Dice) -> u64 {
        let year = period.year().unsigned_abs() - dice.between(1, 12) as u16;
        let issued = Birth { year, month: dice.between(1, 12) as u8, day: dice.between(1, 28) as u8 };
        self.numbers.nokk(self.places.kecamatan[home], issued)
    }

    /// NIK and family card of somebody at a place.
    pub(crate) fn number_family(&mut self, place: u16, head: &Person, period: Period, dice: &mut Dice) -> (u64, u64) {
        let home = self.places.all[usize::from(place)].kecamatan;
        (nik(&mut self.numbers, &self.places, home, head, dice), self.card(home, period, dice))
    }

    /// Gives a child born into the family a NIK.
    pub(crate) fn register_birth(&mut self, at: usize, mut child: Person, dice: &mut Dice) {
        let home = self.places.all[usize::from(self.families[at].place)].kecamatan;
        child.nik = nik(&mut self.numbers, &self.places, home, &child, dice);
        self.people += 1;
        self.families[at].members.push(child);
    }

    pub(crate) fn sort(&mut self) {
        self.families.sort_unstable_by_key(|family| (family.place, family.number));
    }

    /// Decides what becomes of every row this month.
    pub(crate) fn fates(&mut self, period: Period, rates: &Rates) {
        let mut dice = self.dice(period, Purpose::Fates as u64);
        for family in &mut self.families {
            fate::decide(family, period, rates, &mut dice);
        }
        self.misplace(rates);
    }

    /// Numbers of the month as a right import finds them.
    pub(crate) fn count(&self, period: Period) -> DistrictMonth {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut add = |program: &'static str, yes: bool| {
            if yes {
                *counts.entry(program).or_default() += 1;
            }
        };
        let mut persons = 0;
        for family in &self.families {
            persons += family.members.len() as u64;
            if family.holder().row.accepted() {
                add("PKH", family.programs & program::PKH != 0);
                add("SEMBAKO", family.programs & program::SEMBAKO != 0);
                add("BLT_DD", family.programs & program::BLT_DD != 0);
            }
            for person in family.members.iter().filter(|person| person.row.accepted()) {
                add("PBI_JK", person.has(mark::PBI));
                add("YAPI", person.has(mark::YAPI));
                add("PERMAKANAN", person.has(mark::PERMAKANAN));
            }
        }
        let enrolments: BTreeMap<ProgramCode, u64> =
            counts.into_iter().filter_map(|(code, count)| code.parse().ok().map(|code| (code, count))).collect();
        DistrictMonth { district: self.code, period, families: self.families.len() as u64, persons, enrolments }
    }
}

/// Most were first registered in the kecamatan they live in, some in another one.
fn nik(numbers: &mut Numbers, places: &Places, home: usize, person: &Person, dice: &mut Dice) -> u64 {
    let from = if dice.chance(0.06) { dice.below(places.kecamatan.len() as u32) as usize } else { home };
    numbers.nik(places.kecamatan[from], person.birth, person.sex)
}
