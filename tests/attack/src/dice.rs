//! Chance that can be had again: the same kind and seed damage the same cell.

/// A splitmix64 generator. Nothing here needs to be unpredictable.
pub struct Dice(u64);

impl Dice {
    /// The dice of a kind's seed.
    pub fn new(kind: &str, seed: u64) -> Dice {
        let start = kind.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Dice(start ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `low..=high`; `low` when there is nothing between.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.max(low) - low + 1)
    }

    /// One of them, if there is any.
    pub fn pick<T>(&mut self, mut of: Vec<T>) -> Option<T> {
        if of.is_empty() {
            return None;
        }
        let at = self.between(0, of.len() as u64 - 1) as usize;
        Some(of.swap_remove(at))
    }

    /// Puts them in another order.
    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.between(0, at as u64) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_again_and_another_seed_does_not() {
        let draw = |kind, seed| {
            let mut dice = Dice::new(kind, seed);
            (0..4).map(|_| dice.between(1, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw("money", 7), draw("money", 7));
        assert_ne!(draw("money", 7), draw("money", 8));
        assert_ne!(draw("money", 7), draw("programs", 7));
        assert!((0..100).all(|seed| (3..=5).contains(&Dice::new("x", seed).between(3, 5))));
    }
}
