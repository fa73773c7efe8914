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
/// together, and do not give each other away to a reader who knows this rule
/// and guesses which of them are small (see [`keep_each_other`]).
#[must_use]
pub fn hide_in_one_group(parts: &[u64], before: &[bool], k: u64) -> Vec<bool> {
    let mut hidden: Vec<bool> = parts.iter().enumerate().map(|(at, n)| *n < k || before.get(at).copied().unwrap_or(false)).collect();
    loop {
        let of = |wanted: bool| parts.iter().zip(&hidden).filter(move |(_, hidden)| **hidden == wanted).map(|(n, _)| *n);
        let (inside, outside): (Vec<u64>, Option<u64>) = (of(true).collect(), of(false).min());
        if inside.is_empty() || keep_each_other(&inside, outside, k) {
            return hidden;
        }
        match (0..parts.len()).filter(|at| !hidden[*at]).min_by_key(|at| (parts[*at], *at)) {
            Some(next) => hidden[next] = true,
            None => return hidden,
        }
    }
}

/// Whether hidden parts leave each other `k` possible values when their sum is
/// shown. The small ones are known to be 0..k-1, the others to be at least `k`
/// and, since the smallest join first, at most `above`, the smallest part that
/// is shown, unless one has been hidden from before. A sum near the least or the
/// most they can hold gives them away.
fn keep_each_other(hidden: &[u64], above: Option<u64>, k: u64) -> bool {
    let (sum, most) = (hidden.iter().sum::<u64>(), k.saturating_sub(1));
    let small = hidden.iter().filter(|n| **n < k).count() as u64;
    let joined = hidden.len() as u64 - small;
    let room_below = sum >= joined * k + most;
    let room_above = match above {
        _ if small == 0 => true,
        Some(above) => sum <= (small - 1) * most + joined * hidden.iter().fold(above, |most, n| most.max(*n)),
        None => joined > 0 || sum <= (small - 1) * most,
    };
    hidden.len() > 1 && sum >= k && (small == 0 || room_below) && room_above
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
        assert_eq!(hidden(&[3, 40, 22, 60], &[]), vec![0, 2]);
        assert_eq!(hidden(&[9, 9, 40, 9], &[]), vec![0, 1, 2, 3], "27 of at most 30 would bound each to 7..10");
        assert_eq!(hidden(&[9, 1, 40, 4], &[]), vec![0, 1, 3]);
        // 3 + 12 = 15: whoever knows that one of them is at least 11 knows that the other is 0..4.
        assert_eq!(hidden(&[3, 12, 40, 50], &[]), vec![0, 1, 2]);
        assert_eq!(hidden(&[0, 0, 40, 22, 60], &[]), vec![0, 1, 3], "zeros hide, too");
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
