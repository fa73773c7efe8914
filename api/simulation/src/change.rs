//! From one month to the next: people die, are born, join, leave and move.
//! Each month about 1.5 % of the families leave or lose their programs, and as
//! many of the same kind join, so totals stay near the published ones.

use domain::Period;

use crate::Rates;
use crate::checks::Meaning;
use crate::dice::{Dice, Lot, Purpose, lot};
use crate::district::District;
use crate::family::person;
use crate::fate::is_flagged;
use crate::lists::Group;
use crate::model::{Birth, Class, Family, Person, Role, Sex, days, mark, program};
use crate::told::Told;

/// Families that leave the registry in a month.
const LEAVE: f64 = 0.011;
/// Families that stay registered and lose their programs.
const LOSE: f64 = 0.004;
/// Families that move to another kelurahan of the district.
const MOVE: f64 = 0.0025;
/// Births in a month to a mother of 18 to 40.
const BIRTH: f64 = 0.003;
/// Of those who died and are still listed, the share that is taken off each month.
const NOTICED: f64 = 0.5;

impl District {
    /// Steps to `period`, the month after the current one.
    pub(crate) fn change(&mut self, period: Period, rates: &Rates) {
        let mut dice = self.dice(period, Purpose::Change as u64);
        let mut replaced = self.bury(period, rates, &mut dice);
        replaced.extend(self.part(period, &mut dice));
        self.births(period, &mut dice);
        for class in replaced {
            if self.places.has(class) {
                let place = self.places.draw(class, &mut dice);
                self.join(class, place, period, &mut dice);
            }
        }
        self.sort();
    }

    /// Takes those off the lists who died last month, save some who are left
    /// standing: the defect that a death list brings to light. Says which
    /// families have no adult left and are to be replaced.
    fn bury(&mut self, period: Period, rates: &Rates, dice: &mut Dice) -> Vec<Class> {
        let mut replaced = Vec::new();
        self.families.retain_mut(|family| {
            let (holder, programs) = (family.holder, family.programs);
            let mut any_gone = false;
            for (at, person) in family.members.iter_mut().enumerate() {
                if person.has(mark::GHOST) && dice.chance(NOTICED) {
                    // Marked as dead this month, so that it is taken off below.
                    person.marks = person.marks & !mark::GHOST | mark::DIED;
                    any_gone = true;
                } else if person.has(mark::DIED) {
                    if is_flagged(person, at == holder, programs) && dice.chance(rates.deceased) {
                        person.marks = person.marks & !mark::DIED | mark::GHOST;
                    } else {
                        any_gone = true;
                    }
                }
            }
            let stays = !any_gone || family.remove(period, |person| person.has(mark::DIED));
            if !stays {
                replaced.push(family.class);
            }
            stays
        });
        replaced
    }

    /// Lets families leave, lose their programs or move; says which are to be replaced.
    fn part(&mut self, period: Period, dice: &mut Dice) -> Vec<Class> {
        let mut replaced = Vec::new();
        let places = &self.places;
        let (told, seed, before) = (&self.told, self.lots, day_before(period));
        self.families.retain_mut(|family| {
            match consequence(family, told, seed, before, period) {
                Consequence::None => {}
                Consequence::Leaves => {
                    replaced.extend(Some(family.class).filter(|class| *class != Class::Registered));
                    return false;
                }
                Consequence::Loses => {
                    replaced.push(family.class);
                    return family.lose(period);
                }
            }
            let draw = dice.share();
            // Those registered without a program come and go more often.
            let leave = if family.class == Class::Registered { LEAVE * 5.0 } else { LEAVE };
            if draw < leave {
                replaced.extend(Some(family.class).filter(|class| *class != Class::Registered));
                return false;
            }
            if draw < leave + LOSE && family.class != Class::Registered {
                replaced.push(family.class);
                return family.lose(period);
            }
            if draw > 1.0 - MOVE && family.class != Class::BltDd {
                family.place = places.draw(family.class, dice);
            }
            // PKH ends with its last component, such as a child who leaves school.
            if family.programs & program::PKH != 0 && family.pkh_rupiah(period) == 0 {
                replaced.push(family.class);
                family.programs &= !program::PKH;
                family.class = if family.class == Class::SembakoPkh { Class::Sembako } else { Class::Registered };
            }
            // An orphan's assistance ends at 18.
            for person in family.members.iter_mut().filter(|person| person.has(mark::YAPI)) {
                if person.birth.age(period) >= 18 && !person.has(mark::GHOST) {
                    person.marks &= !mark::YAPI;
                }
            }
            true
        });
        replaced
    }

    fn births(&mut self, period: Period, dice: &mut Dice) {
        let mut born = Vec::new();
        for (at, family) in self.families.iter_mut().enumerate() {
            for mother in &mut family.members {
                let fertile = mother.sex == Sex::Female
                    && matches!(mother.role, Role::Head | Role::Spouse)
                    && !mother.has(mark::GHOST)
                    && (18..=40).contains(&mother.birth.age(period));
                if fertile && dice.chance(if mother.has(mark::PREGNANT) { 0.15 } else { BIRTH }) {
                    mother.marks &= !mark::PREGNANT;
                    born.push((at, mother.has(mark::PBI)));
                }
            }
        }
        for (at, with_pbi) in born {
            let sex = if dice.chance(0.512) { Sex::Male } else { Sex::Female };
            let mut child = person(dice, sex, Role::Child, 0, period, None);
            child.birth =
                Birth { year: period.year().unsigned_abs(), month: period.month().unsigned_abs(), day: dice.between(1, 28) as u8 };
            if with_pbi {
                child.marks |= mark::PBI;
            }
            self.register_birth(at, child, dice);
        }
    }

    /// Draws who dies in the month. They are still listed in it, rightly.
    pub(crate) fn deaths_of(&mut self, period: Period) {
        let mut dice = self.dice(period, Purpose::Deaths as u64);
        // In the first month the list already holds the late reports.
        if period != self.first {
            self.deaths.clear();
        }
        for person in self.families.iter_mut().flat_map(|family| &mut family.members) {
            let draw = dice.share();
            if draw < hazard(person, period) && !person.has(mark::GHOST) {
                person.marks |= mark::DIED;
                self.deaths.push((person.nik, day_of(period, &person.birth, &mut dice)));
            }
        }
    }

    /// The first month has no month before it whose dead could still be listed,
    /// so its death list also reports some of the month before, late.
    pub(crate) fn first_ghosts(&mut self, rates: &Rates, dice: &mut Dice) {
        let before = self.first.previous();
        for family in &mut self.families {
            let (holder, programs) = (family.holder, family.programs);
            for (at, person) in family.members.iter_mut().enumerate() {
                let died = dice.share() < hazard(person, before) && dice.chance(rates.deceased);
                let young = person.birth.age(before) < 1;
                if died && !young && is_flagged(person, at == holder, programs) {
                    person.marks |= mark::GHOST;
                    self.deaths.push((person.nik, day_of(before, &person.birth, dice)));
                }
            }
        }
    }
}

/// What becomes of a family by what the office found of it.
enum Consequence {
    None,
    Leaves,
    Loses,
}

/// The office acts on what lists, checks and rankings told by the end of the
/// month before, in some cases and after a while.
fn consequence(family: &Family, told: &Told, seed: u64, before: Birth, period: Period) -> Consequence {
    if family.class == Class::Registered {
        return Consequence::None;
    }
    let lot = lot(seed, Lot::Consequence as u64 + u64::from(period.ordinal().unsigned_abs()), u64::from(family.number));
    let holder = family.holder();
    let receives = |person: &Person| family.programs != 0 || person.has(mark::PBI | mark::YAPI | mark::PERMAKANAN);
    if told.is_listed(holder.nik, Group::Moved, before) && lot < 0.5 {
        return Consequence::Leaves;
    }
    match told.checked.get(&holder.nik).map(|(_, meaning)| *meaning) {
        Some(Meaning::Moved) if lot < 0.3 => return Consequence::Leaves,
        Some(Meaning::NotFound | Meaning::Ineligible | Meaning::Refused | Meaning::Duplicate) if lot < 0.25 => return Consequence::Loses,
        _ => {}
    }
    let listed = |person: &Person, group| receives(person) && told.is_listed(person.nik, group, before);
    if lot < 0.12 && family.members.iter().any(|person| listed(person, Group::Servant) || listed(person, Group::Earner)) {
        return Consequence::Loses;
    }
    if lot < 0.05 && told.desil.get(&family.nokk).is_some_and(|desil| *desil > 5) {
        return Consequence::Loses;
    }
    Consequence::None
}

/// The last day of the month before.
fn day_before(period: Period) -> Birth {
    let before = period.previous();
    let (year, month) = (before.year().unsigned_abs(), before.month().unsigned_abs());
    Birth { year, month, day: days(year, month) }
}

impl Family {
    /// Takes all programs from a family that stays registered; false when no adult is left.
    fn lose(&mut self, period: Period) -> bool {
        self.class = Class::Registered;
        self.programs = 0;
        for person in &mut self.members {
            person.marks &= !(mark::PBI | mark::YAPI | mark::PERMAKANAN);
        }
        // Without a program, those who died have no reason to be listed.
        self.remove(period, |person| person.has(mark::GHOST))
    }
}

/// The chance to die within a month, roughly as in Indonesian life tables.
fn hazard(person: &Person, period: Period) -> f64 {
    match person.birth.age(period) {
        0 => 0.0015,
        1..=39 => 0.000_08,
        40..=59 => 0.000_5,
        60..=69 => 0.002,
        70..=79 => 0.004,
        _ => 0.009,
    }
}

/// A day of the month, not before the birth.
fn day_of(period: Period, birth: &Birth, dice: &mut Dice) -> Birth {
    let (year, month) = (period.year().unsigned_abs(), period.month().unsigned_abs());
    let day = dice.between(1, u32::from(days(year, month))) as u8;
    Birth { year, month, day }.max(*birth)
}
