//! People and families that the rules about persons must find, and their
//! likenesses that the rules must pass over: all by lots that last, so that who
//! is odd is odd in every month.

use domain::Period;

use crate::Rates;
use crate::dice::{Dice, Lot, lot};
use crate::district::District;
use crate::family;
use crate::fate::RowFate;
use crate::model::{Birth, Class, Family, Person, Role, Sex, days, mark, program};
use crate::names::{self, Name};

/// Shares of people or families, at the default.
const OTHER_NAME: f64 = 0.0015;
const LIKE_NAME: f64 = 0.004;
const OTHER_NAME_LISTED: f64 = 0.03;
const LIKE_NAME_LISTED: f64 = 0.12;
const ELSEWHERE: f64 = 0.0006;
const OTHER_CARD: f64 = 0.0012;
const SECOND_CARD: f64 = 0.3;
const YOUNG: f64 = 0.004;
const EXCLUDING: f64 = 0.012;
const DOUBLE: f64 = 0.002;
const TWINS: f64 = 0.008;
const POT: f64 = 1.0 / 250.0;

/// A name as another file has it.
pub(crate) struct ShownName {
    pub(crate) text: String,
    /// Whether it is a way to write the same name.
    pub(crate) agrees: bool,
}

/// Another number of the same kecamatan and day, as far from its neighbours as can be.
pub(crate) const fn other_number(nokk: u64) -> u64 {
    let (head, serial) = (nokk / 10_000 * 10_000, nokk % 10_000);
    let other = 19_000 - serial;
    head + if other == serial { other + 1 } else { other }
}

impl District {
    /// The name that the membership file has of somebody, where it is not the record's.
    pub(crate) fn shown_name(&self, person: &Person) -> Option<ShownName> {
        self.other_name(person.nik, person.name, person.sex, 0, (OTHER_NAME, LIKE_NAME))
    }

    /// The name that a list has of somebody, where it is not the record's.
    pub(crate) fn listed_name(&self, nik: u64, name: Name, sex: Sex) -> Option<ShownName> {
        self.other_name(nik, name, sex, 10, (OTHER_NAME_LISTED, LIKE_NAME_LISTED))
    }

    fn other_name(&self, nik: u64, name: Name, sex: Sex, file: u64, (other, like): (f64, f64)) -> Option<ShownName> {
        let purpose = Lot::OtherName as u64 + file;
        let chance = lot(self.lots, purpose, nik);
        if chance < other * self.oddness {
            return (1..20).find_map(|try_| {
                let of = |more| lot(self.lots, purpose + more, nik ^ try_ << 56);
                let text = joined(names::by_lots(sex, of(1), of(2)).parts(sex));
                far_apart(&joined(name.parts(sex)), &text).then_some(ShownName { text, agrees: false })
            });
        }
        if chance < (other + like) * self.oddness {
            return Some(ShownName { text: like_name(name, sex, (lot(self.lots, purpose + 3, nik) * 6.0) as usize), agrees: true });
        }
        None
    }

    /// The family card that the ranking's members have of somebody, where it is not the record's.
    pub(crate) fn other_card(&self, family: &Family, person: &Person) -> Option<u64> {
        (lot(self.lots, Lot::OtherCard as u64, person.nik) < OTHER_CARD * self.oddness).then(|| other_number(family.nokk))
    }

    /// Whether somebody stands twice in a month's list of recipients.
    pub(crate) fn recipient_twice(&self, period: Period, key: u64, rate: f64) -> bool {
        lot(self.lots, Lot::RecipientTwice as u64 + u64::from(period.ordinal().unsigned_abs()), key) < rate
    }

    /// Another kelurahan of the same kecamatan, where a record may stand by mistake.
    pub(crate) fn elsewhere(&self, place: usize) -> Option<usize> {
        let kecamatan = self.places.all[place].kecamatan;
        let same = |other: &usize| self.places.all.get(*other).is_some_and(|area| area.kecamatan == kecamatan);
        Some(place + 1).filter(same).or_else(|| place.checked_sub(1).filter(same))
    }

    /// Puts a few records into another kelurahan, and gives a few that stand twice two cards.
    pub(crate) fn misplace(&mut self, rates: &Rates) {
        let lots = self.lots;
        let open: Vec<bool> = (0..self.places.all.len()).map(|place| self.elsewhere(place).is_some()).collect();
        for family in &mut self.families {
            let several = family.members.len() > 1 && open[usize::from(family.place)];
            for person in &mut family.members {
                let is = |purpose: Lot, share: f64| lot(lots, purpose as u64, person.nik) < share * rates.persons;
                if person.row == RowFate::Twice && is(Lot::SecondCard, SECOND_CARD) {
                    person.row = RowFate::TwoCards;
                } else if person.row == RowFate::Fine && several && !person.has(mark::GHOST | mark::DIED) && is(Lot::Elsewhere, ELSEWHERE) {
                    person.row = RowFate::Elsewhere;
                }
            }
        }
    }

    /// Makes a few of the families that come odd, before they have numbers.
    pub(crate) fn make_odd(&self, family: &mut Family, period: Period) {
        let key = u64::from(family.number);
        let is = |purpose: Lot, share: f64| lot(self.lots, purpose as u64, key) < share * self.oddness;
        let age = |person: &Person| person.birth.age(period);
        if is(Lot::Young, YOUNG) && family.programs != 0 {
            // Also at 17 and a little over: no finding.
            if let Some(at) = family.members.iter().position(|person| person.role == Role::Child && (14..=19).contains(&age(person))) {
                family.holder = at;
            }
        }
        if family.class == Class::BltDd && is(Lot::Excluding, EXCLUDING) {
            family.programs |= if family.pkh_rupiah(period) > 0 && key % 2 == 0 { program::PKH } else { program::SEMBAKO };
        }
        if is(Lot::Twins, TWINS) {
            let children: Vec<usize> = (0..family.members.len()).filter(|at| family.members[*at].role == Role::Child).collect();
            if let [first, second, ..] = children[..] {
                family.members[second].birth = family.members[first].birth;
            }
        }
        if matches!(family.class, Class::PbiOnly | Class::Registered) && is(Lot::Pot, POT) {
            // Half of them just at the bound.
            let size = if key % 2 == 0 { 20 } else { 21 + (key / 2 % 4) as usize };
            let mut dice = Dice::new(self.seed, self.code.number(), key, Lot::Pot as u64);
            while family.members.len() < size {
                let sex = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
                let age = dice.between(20, 60);
                let mut member = family::person(&mut dice, sex, Role::Elder, age, period, None);
                member.marks |= family.members[0].marks & mark::PBI;
                family.members.push(member);
            }
        }
    }

    /// Registers the cardholder of a few families once more, alone on a card,
    /// under another NIK: with a slip in the name, the date or the kecamatan.
    pub(crate) fn register_again(&mut self, family: &Family, period: Period, dice: &mut Dice) {
        let key = u64::from(family.number);
        let receives = matches!(family.class, Class::Sembako | Class::SembakoPkh | Class::PbiOnly);
        if !receives || lot(self.lots, Lot::Double as u64, key) >= DOUBLE * self.oddness {
            return;
        }
        let one = family.holder();
        let mut again = *one;
        let home = self.places.all[usize::from(family.place)].kecamatan;
        let mut kecamatan = home;
        match key % 5 {
            0 => again.name = one.name.slipped(one.sex, 0),
            1 => again.name = one.name.slipped(one.sex, 1),
            2 => again.birth = slipped_birth(one.birth),
            3 => again.name = one.name.slipped(one.sex, 2),
            // The same in everything, registered when living elsewhere.
            _ => kecamatan = (home + 1) % self.places.kecamatan.len(),
        }
        again.nik = self.nik_in(kecamatan, again.birth, again.sex);
        again.role = Role::Head;
        again.marks = mark::PBI;
        let number = self.next_number();
        let nokk = self.card(home, period, dice);
        self.doubles.push((one.nik.min(again.nik), one.nik.max(again.nik)));
        self.people += 1;
        self.families.push(Family { nokk, members: vec![again], holder: 0, class: Class::PbiOnly, programs: 0, number, ..family.clone() });
    }
}

/// A slip in a birth date: day and month changed places, or another day.
fn slipped_birth(born: Birth) -> Birth {
    if born.day <= 12 && born.day != born.month {
        return Birth { year: born.year, month: born.day, day: born.month };
    }
    let day = if born.day >= 11 { born.day - 10 } else { born.day + 10 };
    Birth { day: day.min(days(born.year, born.month)), ..born }
}

fn joined((first, last): (&str, Option<&str>)) -> String {
    last.map_or_else(|| first.to_owned(), |last| format!("{first} {last}"))
}

/// Another way to write a name: with a title, a slip in a long word, the words in
/// another order, or a part of it.
fn like_name(name: Name, sex: Sex, kind: usize) -> String {
    let (first, last) = name.parts(sex);
    let slipped = joined(name.slipped(sex, 0).parts(sex));
    match (kind, last) {
        (0, _) => format!("{} {}", if sex == Sex::Female { "HJ." } else { "H." }, joined((first, last))),
        (1, _) => format!("{}, S.PD", joined((first, last))),
        (2, Some(last)) => format!("{last} {first}"),
        (3, Some(last)) => format!("{first} {}", &last[..1]),
        (4, _) if first.len() >= 6 && !is_old(&slipped) => slipped,
        _ => first.to_owned(),
    }
}

/// Whether a name has letters that were another one in the spelling of before
/// 1972: a slip next to them changes more than a letter.
fn is_old(name: &str) -> bool {
    ["OE", "DJ", "TJ", "SJ", "NJ"].iter().any(|pair| name.contains(pair))
}

/// Whether no word of the one name is like any word of the other.
fn far_apart(one: &str, other: &str) -> bool {
    one.split(' ').all(|a| other.split(' ').all(|b| a.len() > 2 && b.len() > 2 && distance(a, b) > 2 && a[..1] != b[..1]))
}

/// How many letters one must put in, leave out or replace.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.bytes().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (place, b) in other.bytes().enumerate() {
            let cost = before + usize::from(a != b);
            before = row[place + 1];
            row[place + 1] = cost.min(before + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_names_far_apart() {
        assert_eq!((distance("SITI", "SITI"), distance("SITI", "SIT"), distance("ANI", "ADI"), distance("", "AB")), (0, 1, 1, 2));
        assert!(far_apart("SITI AMINAH", "BUDI WIBOWO") && !far_apart("SITI AMINAH", "AMINA PUTRI"));
    }

    #[test]
    fn other_numbers_are_others_and_nobodys() {
        for nokk in [3_671_011_203_849_001, 3_671_011_203_849_500, 3_671_011_203_849_999] {
            let other = other_number(nokk);
            assert!(other != nokk && other / 10_000 == nokk / 10_000 && other % 10_000 >= 9001, "{other}");
        }
    }

    #[test]
    fn a_slipped_birth_is_another_day_that_exists() {
        for (month, day) in [(3, 5), (3, 3), (2, 28), (12, 31), (1, 11)] {
            let born = Birth { year: 1984, month, day };
            let slip = slipped_birth(born);
            assert!(slip != born && slip.day >= 1 && slip.day <= days(slip.year, slip.month), "{slip:?}");
        }
    }
}
