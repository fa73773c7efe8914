//! The kelurahan of a district and how families are shared out among them:
//! by inhabitants and by how poor the place is, which is drawn.

use domain::{AreaCode, Level};

use crate::dice::Dice;
use crate::model::Class;
use crate::target::has_village_fund;

/// One kelurahan or desa.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Place of its kecamatan in the district.
    pub(crate) kecamatan: usize,
    pub(crate) village_fund: bool,
}

/// The kelurahan of a district, ascending by code.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) all: Vec<Place>,
    pub(crate) kecamatan: Vec<AreaCode>,
    /// By class, then by place.
    weights: Vec<Vec<f64>>,
}

impl Places {
    pub(crate) fn new(district: AreaCode, dice: &mut Dice) -> Places {
        let areas = reference::areas();
        let kecamatan = areas.children(district).to_vec();
        let mut all = Vec::new();
        let mut people = Vec::new();
        for (at, code) in kecamatan.iter().enumerate() {
            // Counts of 2010 are shares within the kecamatan, whose estimate is newer.
            let inside = areas.inside(*code, Level::Kelurahan);
            let sum: u64 = inside.iter().map(|area| reference::inhabitants(area.code)).sum();
            for area in inside {
                let share = reference::inhabitants(area.code) as f64 / sum.max(1) as f64;
                people.push(share * reference::inhabitants(*code) as f64);
                all.push(Place { name: area.name, kecamatan: at, village_fund: has_village_fund(area.kind) });
            }
        }
        let poverty: Vec<f64> = all.iter().map(|_| (0.4 * dice.normal()).exp()).collect();
        let weights = Class::ALL
            .iter()
            .map(|class| {
                let weight = |(place, (people, poverty)): (&Place, (&f64, &f64))| {
                    let of_class = (0.15 * dice.normal()).exp();
                    match class {
                        // The Village Fund is much the same for every desa.
                        Class::BltDd => {
                            if place.village_fund {
                                1.0 + people / 2500.0
                            } else {
                                0.0
                            }
                        }
                        _ => people * poverty * of_class,
                    }
                };
                all.iter().zip(people.iter().zip(&poverty)).map(weight).collect()
            })
            .collect();
        Places { all, kecamatan, weights }
    }

    /// Shares `total` families of a class out: systematic sampling, so that the
    /// sum is exact and each place has its share up to one.
    pub(crate) fn share_out(&self, class: Class, total: u64, dice: &mut Dice) -> Vec<u32> {
        let weights = &self.weights[class as usize];
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 {
            return vec![0; weights.len()];
        }
        let start = dice.share();
        let mut before = 0.0;
        let mut given = 0;
        let last = weights.iter().rposition(|weight| *weight > 0.0);
        weights
            .iter()
            .enumerate()
            .map(|(at, weight)| {
                before += weight;
                let until = if Some(at) == last { total } else { ((before / sum * total as f64 + start).floor() as u64).min(total) };
                let count = until.saturating_sub(given);
                given = given.max(until);
                count as u32
            })
            .collect()
    }

    /// A place for one family of a class.
    pub(crate) fn draw(&self, class: Class, dice: &mut Dice) -> u16 {
        dice.weighted(&self.weights[class as usize]) as u16
    }

    /// Whether families of the class live anywhere here.
    pub(crate) fn has(&self, class: Class) -> bool {
        self.weights[class as usize].iter().any(|weight| *weight > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_follow_the_weights() {
        for district in reference::DISTRICTS.iter() {
            let mut dice = Dice::new(1, district.number(), 0, 1);
            let places = Places::new(*district, &mut dice);
            for total in [0, 1, 7, 1000, 30_000] {
                let shares = places.share_out(Class::Sembako, total, &mut dice);
                assert_eq!(shares.iter().map(|n| u64::from(*n)).sum::<u64>(), total, "{district}");
            }
            let village = places.share_out(Class::BltDd, 5000, &mut dice);
            assert!(places.all.iter().zip(&village).all(|(place, n)| place.village_fund || *n == 0));
            assert_eq!(places.has(Class::BltDd), village.iter().any(|n| *n > 0));
        }
    }
}
