//! A small generator for the search: SplitMix64 (Steele, Lea and Flood 2014).
//!
//! It decides where to look for a better partition, and spreads a secret number
//! of the caller's over the lots that a remainder draws; no number of its own
//! is given out. Written out here so that a seed means the same on every version.

pub(crate) struct Random(u64);

impl Random {
    /// A stream of its own for every combination of numbers.
    pub fn of(numbers: &[u64]) -> Random {
        let mut random = Random(0x6261_6e73_6f73);
        for number in numbers {
            random.0 = random.next() ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `bound`, 0 when there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (((self.next() >> 32) * bound as u64) >> 32) as usize }
    }

    /// A number from 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = self.below(last + 1);
            things.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        assert_eq!(Random::of(&[1, 2]).next(), Random::of(&[1, 2]).next());
        assert_ne!(Random::of(&[1, 2]).next(), Random::of(&[2, 1]).next());
        let mut random = Random::of(&[3]);
        assert!((0..1000).all(|_| random.below(7) < 7 && random.fraction() < 1.0));
        let mut things: Vec<u32> = (0..50).collect();
        random.shuffle(&mut things);
        assert_ne!(things, (0..50).collect::<Vec<_>>());
        things.sort_unstable();
        assert_eq!(things, (0..50).collect::<Vec<_>>());
    }
}
