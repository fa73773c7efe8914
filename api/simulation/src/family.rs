//! Drawing a family: who belongs to it, how old they are, who holds the card.

use domain::Period;

use crate::dice::Dice;
use crate::fate::{KksFate, PbiFate, RowFate, pbi_status};
use crate::model::{Birth, Class, Family, Person, Role, Sex, days, mark, program};
use crate::names;

/// The kinds of household there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Couple,
    SingleMother,
    ElderCouple,
    ElderAlone,
    ThreeGenerations,
}

const SHAPES: [Shape; 5] = [Shape::Couple, Shape::SingleMother, Shape::ElderCouple, Shape::ElderAlone, Shape::ThreeGenerations];

const fn shape_weights(class: Class) -> [f64; 5] {
    match class {
        Class::SembakoPkh | Class::Pkh => [66.0, 12.0, 5.0, 4.0, 13.0],
        Class::Orphans => [0.0, 70.0, 0.0, 0.0, 30.0],
        Class::Meals => [0.0, 0.0, 0.0, 100.0, 0.0],
        Class::BltDd => [40.0, 15.0, 18.0, 20.0, 7.0],
        Class::Sembako | Class::PbiOnly | Class::Registered => [66.0, 9.0, 9.0, 7.0, 9.0],
    }
}

/// A person of some age at the end of a month, without a NIK as yet.
pub(crate) fn person(dice: &mut Dice, sex: Sex, role: Role, age: u32, period: Period, marga: Option<u8>) -> Person {
    let month = dice.between(1, 12) as u8;
    let later = i16::from(i32::from(month) > i32::from(period.month()));
    let year = (period.year() - later).unsigned_abs() - age as u16;
    let day = dice.between(1, u32::from(days(year, month))) as u8;
    let disabled = if dice.chance(0.02) { mark::DISABLED } else { 0 };
    Person {
        nik: 0,
        birth: Birth { year, month, day },
        name: names::draw(dice, sex, marga),
        sex,
        role,
        marks: disabled,
        pbi_status: pbi_status(dice),
        row: RowFate::Fine,
        pbi: PbiFate::Absent,
    }
}

/// The members of a family of a class, and which of them holds the card.
pub(crate) fn draw(dice: &mut Dice, class: Class, period: Period, by_marga: bool) -> (Vec<Person>, usize) {
    let marga = if by_marga && dice.chance(0.8) { Some(names::marga(dice)) } else { None };
    let shape = SHAPES[dice.weighted(&shape_weights(class))];
    let mut members = household(dice, shape, period, marga);
    let with_pbi = dice.chance(class.pbi_share());
    for member in &mut members {
        if with_pbi && !dice.chance(0.02) {
            member.marks |= mark::PBI;
        }
    }
    match class {
        Class::Orphans => mark_orphans(&mut members, dice, period, marga),
        Class::Meals => members[0].marks |= mark::PERMAKANAN,
        _ => {}
    }
    let holder = holder(&members, class, dice);
    (members, holder)
}

fn household(dice: &mut Dice, shape: Shape, period: Period, marga: Option<u8>) -> Vec<Person> {
    let mut members = Vec::with_capacity(5);
    match shape {
        Shape::Couple | Shape::ThreeGenerations => {
            // Two draws make the middle ages more common than the ends.
            let wife = 19 + (dice.below(19) + dice.below(25));
            let husband = (wife + dice.between(0, 9)).saturating_sub(3).max(19);
            members.push(person(dice, Sex::Male, Role::Head, husband, period, marga));
            members.push(person(dice, Sex::Female, Role::Spouse, wife, period, None));
            if wife <= 40 && dice.chance(0.05) {
                members[1].marks |= mark::PREGNANT;
            }
            let count = dice.weighted(&[10.0, 26.0, 34.0, 19.0, 8.0, 3.0]);
            children(dice, &mut members, count, wife, period, marga);
            if shape == Shape::ThreeGenerations {
                let sex = if dice.chance(0.7) { Sex::Female } else { Sex::Male };
                let age = (wife + dice.between(20, 30)).min(92);
                members.push(person(dice, sex, Role::Elder, age, period, None));
            }
        }
        Shape::SingleMother => {
            let mother = dice.between(24, 55);
            members.push(person(dice, Sex::Female, Role::Head, mother, period, None));
            let count = 1 + dice.weighted(&[45.0, 38.0, 17.0]);
            children(dice, &mut members, count, mother, period, marga);
        }
        Shape::ElderCouple => {
            let husband = dice.between(60, 82);
            let wife = husband - dice.between(0, 7);
            members.push(person(dice, Sex::Male, Role::Head, husband, period, marga));
            members.push(person(dice, Sex::Female, Role::Spouse, wife, period, None));
        }
        Shape::ElderAlone => {
            let sex = if dice.chance(0.72) { Sex::Female } else { Sex::Male };
            let age = dice.between(60, 88);
            members.push(person(dice, sex, Role::Head, age, period, marga));
        }
    }
    members
}

fn children(dice: &mut Dice, members: &mut Vec<Person>, count: usize, mother: u32, period: Period, marga: Option<u8>) {
    // Children leave the family card when they marry.
    let oldest = (mother - 17).min(24);
    for _ in 0..count {
        let sex = if dice.chance(0.512) { Sex::Male } else { Sex::Female };
        let age = dice.below(oldest.max(1));
        members.push(person(dice, sex, Role::Child, age, period, marga));
    }
}

/// One or two children are orphans; the family gets one if it has none.
fn mark_orphans(members: &mut Vec<Person>, dice: &mut Dice, period: Period, marga: Option<u8>) {
    if !members.iter().any(|member| is_minor_child(member, period)) {
        let parent =
            members.iter().filter(|member| matches!(member.role, Role::Head | Role::Spouse)).map(|member| member.birth.age(period)).min();
        let age = dice.below(parent.map_or(1, |parent| (parent - 17).min(15)));
        let sex = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
        members.push(person(dice, sex, Role::Child, age, period, marga));
    }
    let second = dice.chance(0.3);
    let mut left = if second { 2 } else { 1 };
    for member in members.iter_mut().filter(|member| is_minor_child(member, period)) {
        if left > 0 {
            member.marks |= mark::YAPI;
            left -= 1;
        }
    }
}

fn is_minor_child(person: &Person, period: Period) -> bool {
    person.role == Role::Child && person.birth.age(period) < 18
}

/// PKH names the mother nearly always, SEMBAKO often, other programs the head.
fn holder(members: &[Person], class: Class, dice: &mut Dice) -> usize {
    let mother_share = match class {
        Class::SembakoPkh | Class::Pkh => 0.93,
        Class::Sembako => 0.6,
        _ => 0.2,
    };
    let mother = members.iter().position(|member| member.sex == Sex::Female && matches!(member.role, Role::Head | Role::Spouse));
    let by_mother = dice.chance(mother_share);
    mother.filter(|_| by_mother).unwrap_or(0)
}

/// A whole family, but for its numbers. One in PKH has something that PKH pays for.
pub(crate) fn family(dice: &mut Dice, class: Class, place: u16, number: u32, period: Period, by_marga: bool) -> Family {
    let (members, holder) = draw(dice, class, period, by_marga);
    let mut family = Family {
        nokk: 0,
        members,
        holder,
        place,
        class,
        programs: class.programs(),
        rt: dice.between(1, 12) as u8,
        rw: dice.between(1, 9) as u8,
        street: dice.below(1 << 16) as u16,
        house: dice.between(1, 120) as u16,
        number,
        kks: [KksFate::Absent; 2],
        score: 0,
        since: period.ordinal(),
    };
    if family.programs & program::PKH != 0 {
        for _ in 0..20 {
            if family.pkh_rupiah(period) > 0 {
                break;
            }
            (family.members, family.holder) = draw(dice, class, period, by_marga);
        }
        if family.pkh_rupiah(period) == 0 {
            family.members[0].marks |= mark::DISABLED;
        }
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_plausible() {
        let period = Period::new(2025, 1).unwrap();
        let mut dice = Dice::new(3, 3, 3, 3);
        for class in Class::ALL {
            let (mut people, mut female, mut pbi) = (0, 0, 0);
            for number in 0..2000 {
                let family = family(&mut dice, class, 0, number, period, true);
                let ages: Vec<u32> = family.members.iter().map(|member| member.birth.age(period)).collect();
                assert!(ages.iter().all(|age| *age <= 92), "{ages:?}");
                assert!(family.holder().birth.age(period) >= 18, "{class:?} {ages:?}");
                if family.programs & program::PKH != 0 {
                    assert!(family.pkh_rupiah(period) > 0);
                }
                let mother = family.members.iter().find(|m| m.sex == Sex::Female && matches!(m.role, Role::Head | Role::Spouse));
                for child in family.members.iter().filter(|member| member.role == Role::Child) {
                    assert!(mother.is_none_or(|mother| mother.birth.age(period) >= child.birth.age(period) + 16));
                }
                let orphans = family.members.iter().filter(|member| member.has(mark::YAPI)).count();
                assert_eq!(orphans > 0, class == Class::Orphans);
                people += family.members.len();
                female += usize::from(family.holder().sex == Sex::Female);
                pbi += family.members.iter().filter(|member| member.has(mark::PBI)).count();
            }
            println!("{class:?}: {:.2} persons a family, {female} of 2000 cardholders female, {pbi} in PBI-JK", people as f64 / 2000.0);
            if matches!(class, Class::SembakoPkh | Class::Sembako) {
                assert!((3.0..=4.3).contains(&(people as f64 / 2000.0)));
            }
            if class == Class::SembakoPkh {
                assert!((1700..2000).contains(&female));
            }
            if class == Class::Sembako {
                assert!((1000..1600).contains(&female));
            }
        }
    }
}
