//! Random choices. The arithmetic is our own, on the bare words of ChaCha: the
//! methods of `rand` may draw otherwise in a later version, and the files must
//! stay the same.

use rand::Rng as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// A generator for one purpose in one district and month, so that no draw
/// depends on what another file or thread drew before.
pub(crate) struct Dice(ChaCha8Rng);

/// What a generator is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Places = 1,
    People,
    Change,
    Deaths,
    Fates,
    Outside,
    Checks,
    Lists,
    Complaints,
    /// Plus the number of the file.
    File = 100,
}

/// What lasts of a person or family without being drawn anew each month.
#[derive(Clone, Copy)]
pub(crate) enum Lot {
    /// How well-off a family is, among those of its class.
    Wealth = 1,
    /// Plus the month: whether and how that is assessed anew.
    Reassessed = 1000,
    /// Which list of the office names somebody, and from when.
    Listed = 2,
    ListedOn,
    ListedDay,
    ListWord,
    /// Whether and when a family moves out of the district.
    Moving,
    /// Earlier checks of field verification.
    CheckedBefore,
    CheckedOn,
    /// A family card that another file gives somebody.
    OtherCard,
    /// A name that another file gives somebody; plus 10 for lists.
    OtherName = 40,
    /// A record in another kelurahan than the family's.
    Elsewhere = 60,
    /// A second row with another family card.
    SecondCard,
    /// A cardholder under age, programs that exclude each other, somebody
    /// registered twice, twins, a card used as a pot.
    Young,
    Excluding,
    Double,
    Twins,
    Pot,
    /// Plus the program's bit: whom lists of recipients leave out.
    Missing = 600,
    /// Plus the month: who is proposed for a program.
    Proposed = 3000,
    /// Plus the month: who stands twice in a list of recipients.
    RecipientTwice = 4000,
    /// Plus the month: whether what was found of a family has consequences.
    Consequence = 2000,
}

/// A share from 0 to below 1 that these numbers have for good.
pub(crate) fn lot(seed: u64, lot: u64, key: u64) -> f64 {
    // Twice the last step of SplitMix64.
    let mix = |number: u64| {
        let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    };
    let number = mix(mix(seed.wrapping_add(lot.wrapping_mul(0x9E37_79B9_7F4A_7C15))) ^ key.wrapping_mul(0xD6E8_FEB8_6659_FD93));
    (number >> 11) as f64 / 9_007_199_254_740_992.0
}

impl Dice {
    /// The generator of these four numbers.
    pub(crate) fn new(seed: u64, district: u64, month: u64, purpose: u64) -> Dice {
        let mut bytes = [0; 32];
        for (part, number) in bytes.chunks_exact_mut(8).zip([seed, district, month, purpose]) {
            part.copy_from_slice(&number.to_le_bytes());
        }
        Dice(ChaCha8Rng::from_seed(bytes))
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number below `end`, which must not be 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(end)) >> 32) as u32
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// A share from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(self.word()) / 4_294_967_296.0
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// The place of one of `weights`, each as likely as it is heavy; 0 when all are 0.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0)
    }

    /// About a standard normal: a sum of twelve shares.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_do_not_share_draws_and_draws_stay() {
        let mut a = Dice::new(7, 3671, 1, 1);
        let mut b = Dice::new(7, 3671, 1, 2);
        let mut again = Dice::new(7, 3671, 1, 1);
        let first: Vec<u32> = (0..8).map(|_| a.word()).collect();
        assert_ne!(first, (0..8).map(|_| b.word()).collect::<Vec<u32>>());
        assert_eq!(first, (0..8).map(|_| again.word()).collect::<Vec<u32>>());
    }

    #[test]
    fn lots_last_and_are_spread() {
        assert!((lot(7, 3, 41) - lot(7, 3, 41)).abs() < f64::EPSILON);
        let mean = (0..4000).map(|key| lot(7, 3, key)).sum::<f64>() / 4000.0;
        let both = (0..4000).filter(|key| lot(7, 3, *key) < 0.5 && lot(7, 4, *key) < 0.5).count();
        assert!((mean - 0.5).abs() < 0.02 && (900..1100).contains(&both), "{mean} {both}");
    }

    #[test]
    fn choices_stay_in_their_ranges() {
        let mut dice = Dice::new(1, 2, 3, 4);
        let mut seen = [0; 3];
        for _ in 0..3000 {
            assert!((5..=9).contains(&dice.between(5, 9)));
            seen[dice.weighted(&[1.0, 0.0, 2.0])] += 1;
        }
        assert!(seen[1] == 0 && seen[0] > 800 && seen[2] > 1700, "{seen:?}");
        let mean = (0..2000).map(|_| dice.normal()).sum::<f64>() / 2000.0;
        assert!(mean.abs() < 0.1, "{mean}");
    }
}
