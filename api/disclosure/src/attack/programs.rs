//! Attack 7: lists of programs, subtracted from each other.

/// What two programs have in common and what each has alone, where `both` and
/// each `only` are of the same people: which of them are smaller than `k`.
/// Zero is small: that nobody receives only one tells of everybody.
#[must_use]
pub fn small_regions(both: u64, only: u64, k: u64) -> Vec<(&'static str, u64)> {
    [("both", both), ("only", only)].into_iter().filter(|(_, n)| *n < k).collect()
}

/// The possible numbers of those in three programs, from what is shown of each
/// two: `each` has the size of A, B and C, `pairs` that of AB, AC and BC. Every
/// one of the seven regions goes up or down with it by as many. `None` where
/// the figures contradict each other.
#[must_use]
pub fn in_all_three(each: [u64; 3], pairs: [u64; 3]) -> Option<(u64, u64)> {
    in_all_three_between(each.map(|n| (n, n)), pairs.map(|n| (n, n)))
}

/// The same where each size is only known to lie between two.
#[must_use]
pub fn in_all_three_between(each: [(u64, u64); 3], pairs: [(u64, u64); 3]) -> Option<(u64, u64)> {
    let [a, b, c] = each.map(|(_, most)| i128::from(most));
    let [ab, ac, bc] = pairs.map(|(least, _)| i128::from(least));
    let least = [0, ab + ac - a, ab + bc - b, ac + bc - c].into_iter().max()?;
    let most = pairs.into_iter().map(|(_, most)| i128::from(most)).min()?;
    if least > most {
        return None;
    }
    Some((u64::try_from(least).ok()?, u64::try_from(most).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_regions_are_found_and_zero_is_small() {
        assert!(small_regions(11, 11, 11).is_empty());
        assert_eq!(small_regions(10, 0, 11), [("both", 10), ("only", 0)]);
    }

    #[test]
    fn a_narrow_middle_is_found() {
        // All of A are in B but 11, all but 11 in C: at least 78 of 100 in all three.
        assert_eq!(in_all_three([100, 300, 300], [89, 89, 150]), Some((78, 89)));
        assert_eq!(in_all_three([100, 100, 100], [89, 89, 80]), Some((78, 80)));
        assert_eq!(in_all_three([10, 10, 10], [9, 9, 0]), None);
        let between = |slack: u64| {
            let about = |n: u64| (n.saturating_sub(slack), n + slack);
            in_all_three_between([10, 10, 10].map(about), [9, 9, 0].map(about))
        };
        assert_eq!((between(1), between(3)), (None, Some((0, 3))));
    }

    proptest! {
        /// Against trying every number of those in all three.
        #[test]
        fn the_range_is_the_one_in_which_no_region_is_negative(regions in proptest::collection::vec(0u64..9, 7)) {
            let [a, b, c, ab, ac, bc, abc] = [0, 1, 2, 3, 4, 5, 6].map(|at| regions[at]);
            let each = [a + ab + ac + abc, b + ab + bc + abc, c + ac + bc + abc];
            let pairs = [ab + abc, ac + abc, bc + abc];
            let fits = |t: u64| {
                let alone = |of: u64, one: u64, other: u64| (of + t).checked_sub(one + other).is_some();
                pairs.iter().all(|pair| t <= *pair) && alone(each[0], pairs[0], pairs[1]) && alone(each[1], pairs[0], pairs[2]) && alone(each[2], pairs[1], pairs[2])
            };
            let tried: Vec<u64> = (0..100).filter(|t| fits(*t)).collect();
            prop_assert_eq!(in_all_three(each, pairs), Some((tried[0], tried[tried.len() - 1])));
        }
    }
}
