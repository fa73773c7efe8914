//! Attack 5: whatever in the order or the writing of rows is not a function of
//! their published labels can carry who they are about from file to file.

use std::collections::HashMap;
use std::hash::Hash;

/// The places of items that do not stand in their one order.
pub fn out_of_order<T: Ord>(items: &[T]) -> Vec<usize> {
    items.windows(2).enumerate().filter(|(_, pair)| pair[0] >= pair[1]).map(|(at, _)| at + 1).collect()
}

/// Whether two lists hold the same items, each as often, in whatever order.
pub fn same_items<T: Hash + Eq>(one: impl IntoIterator<Item = (T, u64)>, other: impl IntoIterator<Item = (T, u64)>) -> bool {
    let mut counts: HashMap<T, i128> = HashMap::new();
    for (item, count) in one {
        *counts.entry(item).or_default() += i128::from(count);
    }
    for (item, count) in other {
        *counts.entry(item).or_default() -= i128::from(count);
    }
    counts.values().all(|count| *count == 0)
}

/// Whether a time is told to the second and no finer: `2025-07-03T08:15:00Z`.
#[must_use]
pub fn is_to_the_second(time: &str) -> bool {
    let form = b"dddd-dd-ddTdd:dd:ddZ";
    time.len() == form.len() && time.bytes().zip(form).all(|(byte, form)| if *form == b'd' { byte.is_ascii_digit() } else { byte == *form })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_order_is_found() {
        assert_eq!(out_of_order(&[1, 2, 5]), Vec::<usize>::new());
        assert_eq!(out_of_order(&[1, 5, 2, 2]), [2, 3]);
    }

    #[test]
    fn order_does_not_matter_but_number_does() {
        assert!(same_items([("a", 2), ("b", 1)], [("b", 1), ("a", 1), ("a", 1)]));
        assert!(!same_items([("a", 2)], [("a", 1)]));
        assert!(!same_items([("a", 2)], [("a", 2), ("c", 1)]));
    }

    #[test]
    fn times_are_to_the_second() {
        assert!(is_to_the_second("2025-07-03T08:15:00Z"));
        for time in ["2025-07-03T08:15:00.123Z", "2025-07-03T08:15:00+07:00", "2025-07-03", ""] {
            assert!(!is_to_the_second(time), "{time}");
        }
    }
}
