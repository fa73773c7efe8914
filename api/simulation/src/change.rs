//! From one month to the next: people die, are born, join, leave and move.
//! Each month about 1.5 % of the families leave or lose their programs, and as
//! many of the same kind join, so totals stay near the published ones.

use domain::Period;

use crate::Rates;
use crate::dice::{Dice, Purpose};
use crate::district::District;
use crate::family::person;
use crate::fate::is_flagged;
use crate::model::{Birth, Class, Person, Role, Sex, days, mark, program};

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
        self.families.retain_mut(|family| {
            let draw = dice.share();
            // Those registered without a program come and go more often.
            let leave = if family.class == Class::Registered { LEAVE * 5.0 } else { LEAVE };
            if draw < leave {
                replaced.extend(Some(family.class).filter(|class| *class != Class::Registered));
                return false;
            }
            if draw < leave + LOSE && family.class != Class::Registered {
                replaced.push(family.class);
                family.class = Class::Registered;
                family.programs = 0;
                for person in &mut family.members {
                    person.marks &= !(mark::PBI | mark::YAPI | mark::PERMAKANAN);
                }
                // Without a program, those who died have no reason to be listed.
                return family.remove(period, |person| person.has(mark::GHOST));
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
