//! Merging instead of suppressing: a group that is too small is joined with its
//! smallest sibling, until none is too small or only one is left.

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
        assert_eq!(merged(&[3, 40, 12, 50], 11), vec![vec![3, 12], vec![40], vec![50]].into_iter().map(|g| g).collect::<Vec<_>>());
        assert_eq!(merged(&[3, 4], 11), vec![vec![3, 4]]);
        assert_eq!(merged(&[], 11), Vec::<Vec<u64>>::new());
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
