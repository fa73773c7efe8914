//! Attack 4: two figures of the same people at two times, subtracted, when it is
//! public how many joined and left in between.

use crate::sensitive::DOMINANCE_PERCENT;

/// What subtracting tells of those who moved, in words; `None` if it is nothing.
///
/// `entered` and `left` are public numbers of the group between the two times,
/// where all months between have them; `changes` how each class that both times
/// share grew.
#[must_use]
pub fn tells_of_movers(entered: Option<u64>, left: Option<u64>, changes: &[i64], k: u64) -> Option<String> {
    for (moved, what) in [(entered, "entered"), (left, "left")] {
        if let Some(moved) = moved.filter(|moved| (1..k).contains(moved)) {
            return Some(format!("{moved} {what} between two times of the figures, fewer than {k}"));
        }
    }
    // As many as before, and a few of them in another class.
    let gained: u64 = changes.iter().map(|change| u64::try_from(*change).unwrap_or(0)).fold(0, u64::saturating_add);
    if changes.iter().copied().fold(0, i64::saturating_add) == 0 && (1..k).contains(&gained) {
        return Some(format!("{gained} of the same number of people are in another class, fewer than {k}"));
    }
    // Nobody left (or entered), so the classes' growth is made of those who
    // entered: one class must not hold nearly all of them.
    let (movers, sign) = match (entered?, left?) {
        (entered, 0) if entered > 0 => (entered, 1),
        (0, left) if left > 0 => (left, -1),
        _ => return None,
    };
    let grown: Vec<u64> = changes.iter().map(|change| u64::try_from(change.saturating_mul(sign)).ok()).collect::<Option<_>>()?;
    let most = grown.iter().max().copied()?;
    let one_class = grown.len() > 1
        && grown.iter().copied().fold(0, u64::saturating_add) == movers
        && most.saturating_mul(100) > movers.saturating_mul(DOMINANCE_PERCENT);
    one_class.then(|| format!("{most} of the {movers} who {} are in one class", if sign > 0 { "entered" } else { "left" }))
}

/// Figures of one month, issued twice: what the correction tells of the people it is about.
#[must_use]
pub fn tells_of_corrected(before: u64, after: u64, k: u64) -> Option<String> {
    let difference = before.abs_diff(after);
    (1..k).contains(&difference).then(|| format!("the two issues of the month differ by {difference} people, fewer than {k}"))
}

/// Labels that changed by fewer than `k`, though not by nothing, between two
/// issues of the same rows; absent is 0.
pub fn few_changed<'a, L: Ord>(before: &'a [(L, u64)], after: &'a [(L, u64)], k: u64) -> Vec<(&'a L, u64)> {
    let mut sums: std::collections::BTreeMap<&L, (u64, u64)> = std::collections::BTreeMap::new();
    for (label, count) in before {
        sums.entry(label).or_default().0 += count;
    }
    for (label, count) in after {
        sums.entry(label).or_default().1 += count;
    }
    let changed = sums.into_iter().map(|(label, (before, after))| (label, before.abs_diff(after)));
    changed.filter(|(_, difference)| (1..k).contains(difference)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_who_moved_are_found() {
        let few = |entered, left| tells_of_movers(entered, left, &[5, 5, 5], 11).is_some();
        assert!(!few(Some(0), Some(0)) && !few(Some(11), Some(30)) && !few(None, None));
        assert!(few(Some(1), Some(0)) && few(Some(0), Some(10)) && few(None, Some(3)));
    }

    #[test]
    fn one_class_of_all_who_entered_is_found() {
        let found = |entered: u64, left: u64, changes: &[i64]| tells_of_movers(Some(entered), Some(left), changes, 11).is_some();
        assert!(found(11, 0, &[11, 0]) && found(20, 0, &[17, 3]) && found(0, 20, &[-18, -2]));
        assert!(!found(20, 0, &[16, 4]), "80 percent");
        assert!(!found(20, 0, &[25, -5]), "some changed, too");
        assert!(!found(20, 11, &[9, 0]), "some left, too");
        assert!(!found(20, 0, &[20]), "one class says nothing");
        assert!(found(20, 20, &[3, -3]) && !found(20, 20, &[11, -11]), "few in another class");
    }

    #[test]
    fn small_corrections_are_found() {
        assert!(tells_of_corrected(100, 100, 11).is_none() && tells_of_corrected(100, 111, 11).is_none());
        assert!(tells_of_corrected(100, 101, 11).is_some() && tells_of_corrected(100, 90, 11).is_some());
        let (before, after) = ([("a", 20), ("b", 30)], [("a", 31), ("b", 29)]);
        assert_eq!(few_changed(&before, &after, 11), [(&"b", 1)]);
        assert_eq!(few_changed(&before, &[("a", 20)], 11), []);
    }
}
