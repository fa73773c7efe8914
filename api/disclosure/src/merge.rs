//! Merging instead of suppressing: what is too small is joined with siblings
//! until it can be shown.

/// Joins groups until none is `small`. The smallest small group is joined with
/// the smallest other one, ties by place, so that the result follows from the
/// input alone. When one group is left it is given back even if it is small:
/// the caller must then look one level up.
pub fn merge_small<G>(mut groups: Vec<G>, small: impl Fn(&G) -> bool, size: impl Fn(&G) -> u64, join: impl Fn(G, G) -> G) -> Vec<G> {
    while groups.len() > 1 {
        let Some(first) = smallest(&groups, &size, |group| small(group)) else { break };
        let group = groups.remove(first);
        let Some(other) = smallest(&groups, &size, |_| true) else { break };
        let sibling = groups.remove(other);
        // Kept where the earlier of the two stood: later ties stay stable.
        groups.insert(first.min(other), join(group, sibling));
    }
    groups
}

/// Which parts of a published whole are shown only together, in one group.
///
/// Parts under `k` are hidden, their zeros included, and so are those that were
/// hidden `before`: a part that comes and goes would be found by subtracting.
/// The smallest of the others join them until they are at least two, `k`
/// together, and do not give each other away: where every hidden part is known
/// to be under `k`, a sum near the most they can hold would bound each of them
/// to fewer than `k` possible values.
#[must_use]
pub fn hide_in_one_group(parts: &[u64], before: &[bool], k: u64) -> Vec<bool> {
    let mut hidden: Vec<bool> = parts.iter().enumerate().map(|(at, n)| *n < k || before.get(at).copied().unwrap_or(false)).collect();
    let safe = |hidden: &[bool]| {
        let of: Vec<u64> = parts.iter().zip(hidden).filter(|(_, hidden)| **hidden).map(|(n, _)| *n).collect();
        let (sum, most) = (of.iter().sum::<u64>(), k.saturating_sub(1));
        let all_small = of.iter().all(|n| *n < k);
        of.is_empty() || (of.len() > 1 && sum >= k && (!all_small || sum <= (of.len() as u64 - 1) * most))
    };
    while !safe(&hidden) {
        let next = (0..parts.len()).filter(|at| !hidden[*at]).min_by_key(|at| (parts[*at], *at));
        match next {
            Some(next) => hidden[next] = true,
            None => break,
        }
    }
    hidden
}

fn smallest<G>(groups: &[G], size: impl Fn(&G) -> u64, wanted: impl Fn(&G) -> bool) -> Option<usize> {
    groups.iter().enumerate().filter(|(_, group)| wanted(group)).min_by_key(|(at, group)| (size(group), *at)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn merged(sizes: &[u64], k: u64) -> Vec<Vec<u64>> {
        merge_small(
            sizes.iter().map(|n| vec![*n]).collect(),
            |group: &Vec<u64>| group.iter().sum::<u64>() < k,
            |group| group.iter().sum(),
            |mut a, b| {
                a.extend(b);
                a
            },
        )
    }

    #[test]
    fn the_smallest_joins_the_smallest() {
        assert_eq!(merged(&[3, 40, 12, 50], 11), vec![vec![3, 12], vec![40], vec![50]]);
        assert_eq!(merged(&[3, 4], 11), vec![vec![3, 4]]);
        assert_eq!(merged(&[], 11), Vec::<Vec<u64>>::new());
    }

    fn hidden(parts: &[u64], before: &[usize]) -> Vec<usize> {
        let before: Vec<bool> = (0..parts.len()).map(|at| before.contains(&at)).collect();
        hide_in_one_group(parts, &before, 11).iter().enumerate().filter(|(_, hidden)| **hidden).map(|(at, _)| at).collect()
    }

    #[test]
    fn small_parts_hide_together() {
        assert_eq!(hidden(&[40, 12, 50], &[]), Vec::<usize>::new());
        // One alone would be its own group.
        assert_eq!(hidden(&[3, 40, 12], &[]), vec![0, 2]);
        assert_eq!(hidden(&[9, 9, 40, 9], &[]), vec![0, 1, 2, 3], "27 of at most 30 would bound each to 7..10");
        assert_eq!(hidden(&[9, 1, 40, 4], &[]), vec![0, 1, 3]);
        assert_eq!(hidden(&[0, 0, 40, 12], &[]), vec![0, 1, 3], "zeros hide, too");
        // What was hidden stays hidden.
        assert_eq!(hidden(&[12, 13, 40], &[0, 1]), vec![0, 1]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_stays_small(sizes in proptest::collection::vec(1u64..30, 0..40), k in 1u64..20) {
            let groups = merged(&sizes, k);
            prop_assert_eq!(groups.iter().flatten().sum::<u64>(), sizes.iter().sum::<u64>());
            if groups.len() > 1 {
                prop_assert!(groups.iter().all(|group| group.iter().sum::<u64>() >= k));
            }
        }
    }
}
