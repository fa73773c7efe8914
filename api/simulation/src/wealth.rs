//! How well-off families are: a place between the poorest (0) and the richest
//! (1,000,000) of the country, drawn by what kind of family it is. Some of those
//! who receive are well-off, some of those outside are poor: what a ranking is for.

use domain::Period;

use crate::dice::{Lot, lot};
use crate::district::District;
use crate::model::Class;

/// The share of each tenth of the country among families of a class (assumed,
/// by the shape of published incidence: most of Sembako and PKH is in the lower
/// four tenths, and about one family in ten is not).
const fn weights(class: Option<Class>) -> [f64; 10] {
    match class {
        Some(Class::SembakoPkh | Class::Pkh) => [30.0, 27.0, 20.0, 12.0, 6.0, 2.5, 1.2, 0.7, 0.4, 0.2],
        Some(Class::Sembako) => [22.0, 22.0, 20.0, 16.0, 10.0, 5.0, 2.5, 1.3, 0.8, 0.4],
        Some(Class::BltDd) => [40.0, 25.0, 15.0, 8.0, 5.0, 3.0, 2.0, 1.0, 0.7, 0.3],
        Some(Class::Orphans | Class::Meals) => [30.0, 25.0, 18.0, 10.0, 7.0, 5.0, 2.0, 1.5, 1.0, 0.5],
        Some(Class::PbiOnly) => [14.0, 15.0, 15.0, 14.0, 13.0, 11.0, 8.0, 5.0, 3.0, 2.0],
        Some(Class::Registered) => [10.0, 12.0, 13.0, 13.0, 13.0, 12.0, 10.0, 8.0, 5.0, 4.0],
        // Families outside the registry.
        None => [3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 13.0, 13.0, 13.0, 13.0],
    }
}

/// The place of a family with two lots.
pub(crate) fn score(class: Option<Class>, tenth: f64, within: f64) -> u32 {
    let weights = weights(class);
    let mut left = tenth * weights.iter().sum::<f64>();
    let mut desil = 0;
    for weight in weights {
        if left < weight {
            break;
        }
        left -= weight;
        desil += 1;
    }
    (desil.min(9) * 100_000) + (within * 100_000.0) as u32
}

/// The tenth that a place lies in, from 1.
pub(crate) const fn desil(score: u32) -> u8 {
    let desil = score / 100_000 + 1;
    if desil > 10 { 10 } else { desil as u8 }
}

/// Whether a ranking comes in this month: the first of a quarter.
pub(crate) fn is_ranked(first: Period, period: Period) -> bool {
    period == first || period.month() % 3 == 1
}

impl District {
    /// Assesses some families anew before a ranking; the others stay where they were.
    pub(crate) fn reassess(&mut self, period: Period) {
        if !is_ranked(self.first, period) || period == self.first {
            return;
        }
        let seed = self.lots;
        let purpose = Lot::Reassessed as u64 + u64::from(period.ordinal().unsigned_abs()) * 4;
        let again = |class: Option<Class>, key: u64, known: u32| {
            let anew = lot(seed, purpose, key) < 0.06;
            if anew { score(class, lot(seed, purpose + 1, key), lot(seed, purpose + 2, key)) } else { known }
        };
        for family in &mut self.families {
            family.score = again(Some(family.class), u64::from(family.number), family.score);
        }
        for outsider in &mut self.outsiders {
            outsider.score = again(None, outsider.nokk, outsider.score);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_follow_the_weights() {
        let of = |class| {
            let mut tenths = [0u32; 11];
            for key in 0..20_000 {
                tenths[usize::from(desil(score(class, lot(1, 1, key), lot(1, 2, key))))] += 1;
            }
            tenths
        };
        let (inside, outside) = (of(Some(Class::SembakoPkh)), of(None));
        assert!((5700..6300).contains(&inside[1]) && inside[10] > 10 && inside[0] == 0, "{inside:?}");
        assert!(outside[1] > 400 && outside[10] > 2300, "{outside:?}");
    }
}
