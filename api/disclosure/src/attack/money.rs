//! Attack 6: sums of amounts that differ from one to the next.

/// Areas whose sum is shown, and how many are behind it.
#[derive(Debug, Clone)]
pub struct ShownSum<A> {
    /// The areas.
    pub areas: Vec<A>,
    /// Those who contributed, where it is public.
    pub contributors: Option<u64>,
}

/// Sums, and differences between nested sums, with fewer than `k` behind them:
/// the areas, and what is wrong.
pub fn few_behind<A: Ord + Clone>(shown: &[ShownSum<A>], k: u64) -> Vec<(Vec<A>, String)> {
    let mut found = Vec::new();
    for sum in shown {
        match sum.contributors {
            Some(n) if n < k && n > 0 => found.push((sum.areas.clone(), format!("{n} people behind the sum, fewer than {k}"))),
            None => found.push((sum.areas.clone(), "nothing tells how many are behind the sum".to_owned())),
            Some(_) => {}
        }
    }
    for whole in shown {
        // Each part, and all parts together that do not overlap.
        let parts: Vec<&ShownSum<A>> =
            shown.iter().filter(|part| part.areas.len() < whole.areas.len() && inside(&part.areas, &whole.areas)).collect();
        let mut apart: Vec<&ShownSum<A>> = Vec::new();
        for part in &parts {
            if apart.iter().all(|other| other.areas.iter().all(|area| !part.areas.contains(area))) {
                apart.push(part);
            }
        }
        for set in parts.iter().map(|part| vec![*part]).chain([apart]) {
            if set.is_empty() {
                continue;
            }
            let behind = set.iter().try_fold(0u64, |sum, part| sum.checked_add(part.contributors?));
            let left = whole.contributors.zip(behind).and_then(|(whole, parts)| whole.checked_sub(parts));
            if let Some(n) = left.filter(|n| (1..k).contains(n)) {
                found.push((whole.areas.clone(), format!("less the sums shown inside it leaves {n} people, fewer than {k}")));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn inside<A: PartialEq>(part: &[A], whole: &[A]) -> bool {
    part.iter().all(|area| whole.contains(area))
}

/// Two sums of the same people at two times, subtracted.
#[must_use]
pub fn tells_of_amounts(entered: Option<u64>, left: Option<u64>, paid: (Option<u64>, Option<u64>), k: u64) -> Option<String> {
    for (moved, what) in [(entered, "entered"), (left, "left")] {
        if let Some(n) = moved.filter(|n| (1..k).contains(n)) {
            return Some(format!("{n} {what} between two sums, fewer than {k}"));
        }
    }
    let (entered, left, before, after) = (entered?, left?, paid.0?, paid.1?);
    let difference = before.abs_diff(after);
    let same_people = entered == 0 && left == 0 && (1..k).contains(&difference);
    same_people.then(|| format!("nobody entered or left, but {difference} more or fewer were paid, fewer than {k}"))
}

/// Whether fewer than `k` of `n` people can have another amount than the
/// smallest, or the largest, possible one: then the sum tells the amount of
/// nearly each. `ends` are these, each with the possible amount next to it.
#[must_use]
pub fn near_an_end(sum: u64, n: u64, ends: &[(u64, u64)], k: u64) -> bool {
    ends.iter().any(|(end, next)| {
        let (sum, all) = (u128::from(sum), u128::from(n) * u128::from(*end));
        // Beyond what is possible the amounts are others.
        let distance = if next > end { sum.checked_sub(all) } else { all.checked_sub(sum) };
        distance.is_some_and(|distance| distance < u128::from(end.abs_diff(*next)) * u128::from(k))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(of: &[(&[u8], u64)]) -> usize {
        let shown: Vec<_> = of.iter().map(|(areas, n)| ShownSum { areas: areas.to_vec(), contributors: Some(*n) }).collect();
        few_behind(&shown, 11).len()
    }

    #[test]
    fn few_behind_a_sum_or_a_difference_are_found() {
        assert_eq!(sums(&[(&[1, 2, 3], 60), (&[1, 2], 30), (&[3], 30)]), 0);
        assert_eq!(sums(&[(&[1], 10)]), 1);
        assert_eq!(sums(&[(&[1, 2, 3], 60), (&[1, 2], 55)]), 1, "the third kecamatan has 5");
        assert_eq!(sums(&[(&[1, 2, 3, 4], 60), (&[1], 25), (&[2], 30)]), 1, "both together leave 5");
        assert_eq!(sums(&[(&[1, 2], 30), (&[2], 22)]), 1);
        assert_eq!(few_behind(&[ShownSum { areas: vec![1], contributors: None }], 11).len(), 1);
    }

    #[test]
    fn sums_of_nearly_the_same_people_are_found() {
        assert!(tells_of_amounts(Some(0), Some(0), (Some(40), Some(40)), 11).is_none());
        assert!(tells_of_amounts(Some(20), Some(11), (Some(40), Some(49)), 11).is_none());
        assert!(tells_of_amounts(Some(2), Some(0), (None, None), 11).is_some());
        assert!(tells_of_amounts(Some(0), Some(0), (Some(40), Some(39)), 11).is_some());
    }

    #[test]
    fn a_sum_at_its_end_is_found() {
        let ends = [(225, 375), (3_000, 2_750)];
        assert!(near_an_end(225 * 40, 40, &ends, 11));
        assert!(near_an_end(225 * 40 + 150 * 10, 40, &ends, 11), "at most ten can have more");
        assert!(!near_an_end(225 * 40 + 150 * 11, 40, &ends, 11));
        assert!(near_an_end(3_000 * 40, 40, &ends, 11) && near_an_end(3_000 * 40 - 250 * 10, 40, &ends, 11));
        assert!(!near_an_end(3_000 * 40 - 250 * 11, 40, &ends, 11));
        assert!(!near_an_end(100 * 40, 40, &ends, 11), "less than what is possible tells that the amounts are others");
    }
}
