//! Families outside the recipients' registry: a ranking knows them, and lists of
//! civil servants and earners name some of them. They never receive anything.

use crate::dice::{Dice, Lot, Purpose, lot};
use crate::district::District;
use crate::family;
use crate::model::{Birth, Class, Role, Sex};
use crate::names::Name;
use crate::wealth;

/// Families outside, for each one in the registry. There are more of them in
/// truth: a bound, so that files stay small.
const SHARE: f64 = 0.5;

/// A family outside, by its head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outsider {
    pub(crate) nik: u64,
    pub(crate) nokk: u64,
    pub(crate) birth: Birth,
    pub(crate) name: Name,
    pub(crate) sex: Sex,
    pub(crate) place: u16,
    pub(crate) score: u32,
}

impl District {
    /// Draws the families outside, once.
    pub(crate) fn settle_outside(&mut self) {
        let mut dice = Dice::new(self.seed, self.code.number(), 0, Purpose::Outside as u64);
        let by_marga = self.code.number() / 100 == 12;
        let shares = self.places.share_out(Class::Registered, (self.families.len() as f64 * SHARE).round() as u64, &mut dice);
        for (place, share) in shares.into_iter().enumerate() {
            for _ in 0..share {
                let sex = if dice.chance(0.8) { Sex::Male } else { Sex::Female };
                let age = dice.between(22, 70);
                let marga = if by_marga && dice.chance(0.8) { Some(crate::names::marga(&mut dice)) } else { None };
                let head = family::person(&mut dice, sex, Role::Head, age, self.first, marga);
                let (nik, nokk) = self.number_family(place as u16, &head, self.first, &mut dice);
                let score = wealth::score(None, lot(self.lots, Lot::Wealth as u64, nokk), dice.share());
                self.outsiders.push(Outsider { nik, nokk, birth: head.birth, name: head.name, sex, place: place as u16, score });
            }
        }
    }
}
