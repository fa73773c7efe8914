//! Tables of people by a sensitive category: what may be shown together, and
//! when it may be shown again (the project's policy, rules R4 and R6).
//!
//! Parts are areas of one level, whose totals anybody may know. A category of a
//! group of parts is shown when at least k people are in it and at least k of
//! the group are outside it; categories and parts that are too small are not
//! left blank but merged into a class, or a group, that is itself large enough,
//! so that nothing is left to subtract. A group is shown again only when those
//! who entered, left or changed in between are nobody or at least k, and not
//! nearly all of one category.

use std::collections::BTreeMap;

use crate::attack::tells_of_movers;
use crate::hide_in_one_group;

/// Somebody in a part, under a number that is the same at every time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Whatever tells people apart.
    pub id: u64,
    /// The sensitive value: the number of a category, or an amount.
    pub category: u64,
}

/// Largest share, in percent, that one category may have of those who entered,
/// left or changed: above it the figures would tell of nearly each of them.
pub const DOMINANCE_PERCENT: u64 = 80;

/// The classes in which a group's categories may be shown, from the number of
/// people in each category: a partition of the categories, each class with at
/// least `k` people and at least `k` outside it. `None` when there is none.
#[must_use]
pub fn classes(counts: &[u64], k: u64) -> Option<Vec<Vec<usize>>> {
    let total: u64 = counts.iter().sum();
    let hidden = hide_in_one_group(counts, &[], k);
    let mut classes: Vec<Vec<usize>> = (0..counts.len()).filter(|at| !hidden[*at]).map(|at| vec![at]).collect();
    let together: Vec<usize> = (0..counts.len()).filter(|at| hidden[*at]).collect();
    if !together.is_empty() {
        classes.push(together);
    }
    let size = |class: &Vec<usize>| class.iter().map(|at| counts[*at]).sum::<u64>();
    let sound = classes.len() > 1 && classes.iter().map(size).all(|n| n >= k && total - n >= k);
    sound.then_some(classes)
}

/// Whether parts of these totals hide each other in a group whose classes hold
/// at least `k` inside and outside: the bounds of Fréchet leave every number
/// of people of a part in a class at least `k` possible values, or as many as
/// its public total allows.
#[must_use]
pub fn parts_hide_each_other(totals: &[u64], k: u64) -> bool {
    let all: u64 = totals.iter().sum();
    totals.len() < 2 || totals.iter().all(|n| *n + 1 < k || all - n + 1 >= k)
}

/// Groups of parts: each part that is `sound` alone, and the others together
/// with as many of the smallest as make them sound. Parts without anybody are in
/// no group. Empty when nothing can be shown.
#[must_use]
pub fn groups(sizes: &[u64], sound: impl Fn(&[usize]) -> bool) -> Vec<Vec<usize>> {
    let present: Vec<usize> = (0..sizes.len()).filter(|at| sizes[*at] > 0).collect();
    let (mut alone, mut pool): (Vec<usize>, Vec<usize>) = present.into_iter().partition(|at| sound(&[*at]));
    // The smallest last, to be taken first.
    alone.sort_by_key(|at| std::cmp::Reverse((sizes[*at], *at)));
    while !pool.is_empty() && !sound(&pool) {
        match alone.pop() {
            Some(next) => {
                pool.push(next);
                pool.sort_unstable();
            }
            None => return Vec::new(),
        }
    }
    let mut groups: Vec<Vec<usize>> = alone.into_iter().map(|at| vec![at]).collect();
    if !pool.is_empty() {
        groups.push(pool);
    }
    groups.sort();
    groups
}

/// What the figures may tell of those who entered, left or changed between two
/// times, beyond that each of them are nobody or at least k.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// A category that tells nothing of a person, such as "not checked yet",
    /// which all who enter have: nothing below is asked of it.
    pub plain: Option<u64>,
    /// No category holds more than [`DOMINANCE_PERCENT`] of them.
    pub share: bool,
    /// Each category is nobody's or at least k of them have it.
    pub each: bool,
}

impl Rule {
    /// Rule R4 with a plain category or without one.
    #[must_use]
    pub const fn shares(plain: Option<u64>) -> Rule {
        Rule { plain, share: true, each: false }
    }

    /// The same, and each category but the plain one is nobody's or at least
    /// k's: where nearly all have the plain one, a few others stand out.
    #[must_use]
    pub const fn counted(plain: u64) -> Rule {
        Rule { plain: Some(plain), share: true, each: true }
    }

    /// Only how many moved: for what tells nothing of a person.
    pub const NUMBERS: Rule = Rule { plain: None, share: false, each: false };

    /// Whether figures may tell of these who moved, `telling` says whether a
    /// share of a category tells anything.
    fn allows(self, moved: &BTreeMap<u64, u64>, telling: bool, k: u64) -> bool {
        let all: u64 = moved.values().sum();
        let others = || moved.iter().filter(|(category, _)| Some(**category) != self.plain).map(|(_, n)| *n);
        let most = others().max().unwrap_or(0);
        all == 0
            || (all >= k && (!self.each || others().all(|n| n >= k)) && (!self.share || !telling || most * 100 <= all * DOMINANCE_PERCENT))
    }
}

/// Whether a group shown with `earlier` members may be shown with those of
/// `now`: entered, left and changed are each nobody or at least `k`, and as the
/// rule says of their categories. Those who stayed are nobody or at least `k`,
/// too: beside fewer, the figures are those of who entered. Both in order of id.
#[must_use]
pub fn may_show_again(earlier: &[Member], now: &[Member], rule: Rule, k: u64) -> bool {
    let movers = Movers::between(earlier, now);
    let stayed = now.len() as u64 - movers.entered.values().sum::<u64>();
    (stayed == 0 || stayed >= k) && movers.all().into_iter().all(|moved| rule.allows(moved, true, k))
}

/// The same by what is shown: two partitions of the categories into cells, the
/// one that the earlier figures had and the one of now. What both have in common
/// may tell more of those who moved than their categories do. Eleven of five
/// categories that make up one cell are all of that cell; of eleven who changed
/// within it and one who left it, the figures tell of the one. Nor may as many
/// as before be shown with a few of them in other cells.
#[must_use]
pub fn may_show_cells_again(earlier: (&[Member], &[Vec<u64>]), now: (&[Member], &[Vec<u64>]), rule: Rule, k: u64) -> bool {
    let blocks = join(earlier.1, now.1);
    let block = |category: u64| blocks.iter().position(|block| block.contains(&category)).map_or(u64::MAX, |at| at as u64);
    let by_block = |members: &[Member]| -> Vec<Member> {
        members.iter().map(|member| Member { category: block(member.category), ..*member }).collect()
    };
    let rule = Rule { plain: rule.plain.map(block), ..rule };
    // Where everything but the plain is one cell, it says no more than that.
    let telling = (0..blocks.len() as u64).filter(|block| Some(*block) != rule.plain).count() > 1;
    let (before, after) = (by_block(earlier.0), by_block(now.0));
    let mut grown: BTreeMap<u64, i64> = BTreeMap::new();
    before.iter().for_each(|member| *grown.entry(member.category).or_default() -= 1);
    after.iter().for_each(|member| *grown.entry(member.category).or_default() += 1);
    let changes: Vec<i64> = grown.into_values().collect();
    tells_of_movers(None, None, &changes, k).is_none()
        && Movers::between(&before, &after).all().into_iter().all(|moved| rule.allows(moved, telling, k))
}

/// Whether those whose value stayed, but is called by another word since time
/// has passed, are nobody or at least `k` for each two words: they are known to
/// whoever knows the words of both times.
#[must_use]
pub fn few_are_renamed(earlier: &[Member], now: &[Member], then: impl Fn(u64) -> u64, later: impl Fn(u64) -> u64, k: u64) -> bool {
    let mut renamed: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    let mut new = now.iter().peekable();
    for before in earlier {
        while new.next_if(|after| after.id < before.id).is_some() {}
        let same = new.peek().is_some_and(|after| after.id == before.id && after.category == before.category);
        let words = (then(before.category), later(before.category));
        if same && words.0 != words.1 {
            *renamed.entry(words).or_default() += 1;
        }
    }
    renamed.values().any(|n| *n < k)
}

/// Those who moved between two times, by category.
#[derive(Debug, Default)]
struct Movers {
    entered: BTreeMap<u64, u64>,
    left: BTreeMap<u64, u64>,
    changed_from: BTreeMap<u64, u64>,
    changed_to: BTreeMap<u64, u64>,
}

impl Movers {
    fn all(&self) -> [&BTreeMap<u64, u64>; 4] {
        [&self.left, &self.entered, &self.changed_from, &self.changed_to]
    }

    fn between(earlier: &[Member], now: &[Member]) -> Movers {
        let mut movers = Movers::default();
        let mut add = |of: fn(&mut Movers) -> &mut BTreeMap<u64, u64>, category: u64| *of(&mut movers).entry(category).or_default() += 1;
        let (mut old, mut new) = (earlier.iter().peekable(), now.iter().peekable());
        loop {
            match (old.peek(), new.peek()) {
                (Some(before), Some(after)) if before.id == after.id => {
                    if before.category != after.category {
                        add(|movers| &mut movers.changed_from, before.category);
                        add(|movers| &mut movers.changed_to, after.category);
                    }
                    old.next();
                    new.next();
                }
                (Some(before), Some(after)) if before.id < after.id => {
                    add(|movers| &mut movers.left, before.category);
                    old.next();
                }
                (Some(before), None) => {
                    add(|movers| &mut movers.left, before.category);
                    old.next();
                }
                (_, Some(after)) => {
                    add(|movers| &mut movers.entered, after.category);
                    new.next();
                }
                (None, None) => return movers,
            }
        }
    }
}

/// The finest partition of which both are refinements: whoever knows the sums
/// of both knows those of its blocks, and of nothing smaller that both share.
#[must_use]
pub fn join<T: Ord + Copy>(one: &[Vec<T>], other: &[Vec<T>]) -> Vec<Vec<T>> {
    let mut blocks: Vec<Vec<T>> = Vec::new();
    for set in one.iter().chain(other) {
        let mut joined = set.clone();
        blocks.retain(|block| {
            let meets = block.iter().any(|item| joined.contains(item));
            if meets {
                joined.extend(block);
            }
            !meets
        });
        joined.sort_unstable();
        joined.dedup();
        blocks.push(joined);
    }
    blocks.retain(|block| !block.is_empty());
    blocks.sort();
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const K: u64 = 11;

    fn members(pairs: &[(u64, u64)]) -> Vec<Member> {
        pairs.iter().map(|(id, category)| Member { id: *id, category: *category }).collect()
    }

    fn many(ids: std::ops::Range<u64>, category: impl Fn(u64) -> u64) -> Vec<Member> {
        ids.map(|id| Member { id, category: category(id) }).collect()
    }

    #[test]
    fn small_categories_form_a_class() {
        assert_eq!(classes(&[50, 40, 30], K), Some(vec![vec![0], vec![1], vec![2]]));
        assert_eq!(classes(&[50, 40, 9, 8, 0], K), Some(vec![vec![0], vec![1], vec![2, 3, 4]]));
        // Two small ones of 5 in all take the next along.
        assert_eq!(classes(&[50, 40, 5, 0], K), Some(vec![vec![0], vec![1, 2, 3]]));
        assert_eq!(classes(&[500, 5, 0], K), None, "all but five are of one category");
        assert_eq!(classes(&[500, 0, 0], K), None);
        assert_eq!(classes(&[10, 10], K), None);
        assert_eq!(classes(&[], K), None);
    }

    #[test]
    fn parts_that_cannot_stand_are_pooled() {
        let parts = [[60u64, 40], [9, 3], [0, 0], [45, 35], [30, 2]];
        let sound = |group: &[usize]| {
            let counts: Vec<u64> = (0..2).map(|c| group.iter().map(|at| parts[*at][c]).sum()).collect();
            let totals: Vec<u64> = group.iter().map(|at| parts[*at].iter().sum()).collect();
            classes(&counts, K).is_some() && parts_hide_each_other(&totals, K)
        };
        let sizes: Vec<u64> = parts.iter().map(|part| part.iter().sum()).collect();
        // 1 and 4 together have only five of the second category.
        assert_eq!(groups(&sizes, sound), vec![vec![0], vec![1, 3, 4]]);
        assert!(groups(&[5, 3], |_| false).is_empty());
        assert!(!parts_hide_each_other(&[30, 4], K) && parts_hide_each_other(&[30, 4, 12], K));
    }

    #[test]
    fn few_movers_stop_a_figure() {
        let before = many(0..100, |id| id % 3);
        assert!(may_show_again(&before, &before, Rule::shares(None), K));
        // Ten leave and one joins.
        let now = many(10..101, |id| id % 3);
        assert!(!may_show_again(&before, &now, Rule::shares(None), K));
        // Eleven leave and eleven join, of mixed categories.
        assert!(may_show_again(&before, &many(11..111, |id| id % 3), Rule::shares(None), K));
        // Eleven of one category join.
        let mut now = before.clone();
        now.extend(many(100..111, |_| 1));
        assert!(!may_show_again(&before, &now, Rule::shares(None), K));
        assert!(may_show_again(&before, &now, Rule::shares(Some(1)), K), "a category that tells nothing");
        // One changes without movement, then twelve of them to one category.
        let mut now = before.clone();
        now[5].category = 0;
        assert!(!may_show_again(&before, &now, Rule::shares(None), K));
        for member in now.iter_mut().take(18) {
            member.category = 9;
        }
        assert!(!may_show_again(&before, &now, Rule::shares(None), K), "all of them changed to the same");
        let mut now = before.clone();
        for member in now.iter_mut().take(18) {
            member.category = (member.category + 1 + member.id / 3 % 2) % 3;
        }
        assert!(may_show_again(&before, &now, Rule::shares(None), K));
        assert!(may_show_again(&[], &members(&[]), Rule::shares(None), K));
        assert!(!may_show_again(&before, &many(95..195, |id| id % 3), Rule::shares(None), K), "five stayed");
    }

    #[test]
    fn few_movers_between_classes_stop_a_figure() {
        // Shown as 1 and as all others together; 0 is plain.
        let category = |id: u64| {
            if id < 30 {
                0
            } else if id < 70 {
                1
            } else {
                2 + id % 6
            }
        };
        let before = many(0..100, category);
        let cells = |members: &[Member]| {
            let mut counts = vec![0; 8];
            members.iter().for_each(|member| counts[member.category as usize] += 1);
            let classes = classes(&counts, K).unwrap_or_default();
            classes.into_iter().map(|class| class.into_iter().map(|at| at as u64).collect()).collect::<Vec<Vec<u64>>>()
        };
        let again = |now: &[Member]| {
            let rule = Rule::shares(Some(0));
            (may_show_again(&before, now, rule, K), may_show_cells_again((&before, &cells(&before)), (now, &cells(now)), rule, K))
        };
        assert_eq!(again(&before), (true, true));
        let joined = |of: fn(u64) -> u64| [before.clone(), many(100..112, of)].concat();
        assert_eq!(again(&joined(|id| 2 + id % 6)), (true, false), "twelve of many categories, all of one class");
        assert_eq!(again(&joined(|id| id % 3)), (true, true));
        assert_eq!(again(&joined(|_| 0)), (true, true), "all that is known is that nobody checked them");
        // Eleven change within the class, and one leaves it.
        let mut now = before.clone();
        now[70..81].iter_mut().for_each(|member| member.category = 2 + (member.category - 1) % 6);
        now[81].category = 1;
        assert_eq!(again(&now), (true, false));
    }

    #[test]
    fn few_among_many_plain_ones_stop_a_figure() {
        let before = many(0..100, |id| u64::from(id < 30));
        let joined = |others: u64| [before.clone(), many(100..140, |id| u64::from(id < 100 + others))].concat();
        for (others, shares, counted) in [(0, true, true), (1, true, false), (10, true, false), (11, true, true), (40, false, false)] {
            let now = joined(others);
            assert_eq!(may_show_again(&before, &now, Rule::shares(Some(0)), K), shares, "{others}");
            assert_eq!(may_show_again(&before, &now, Rule::counted(0), K), counted, "{others}");
            assert!(may_show_again(&before, &now, Rule::NUMBERS, K));
        }
        assert!(!may_show_again(&before, &many(0..109, |_| 0), Rule::NUMBERS, K), "nine joined");
    }

    #[test]
    fn few_who_grow_old_together_stop_a_figure() {
        // The category is a month, the word what it is called three months later.
        let (then, later) = (|month: u64| month / 4, |month: u64| (month + 1) / 4);
        let months = |of: u64| many(0..60, |id| if id < of { 3 } else { 8 });
        for (of, few) in [(0, false), (10, true), (11, false)] {
            assert_eq!(few_are_renamed(&months(of), &months(of), then, later, K), few, "{of}");
        }
        // Those checked again are told by their new month.
        assert!(!few_are_renamed(&months(10), &many(0..60, |_| 8), then, later, K));
    }

    #[test]
    fn blocks_of_two_partitions() {
        let one = vec![vec![1], vec![2], vec![3, 4]];
        let other = vec![vec![1, 2], vec![3], vec![4], vec![5]];
        assert_eq!(join(&one, &other), vec![vec![1, 2], vec![3, 4], vec![5]]);
    }

    proptest! {
        #[test]
        fn classes_partition_and_hold(counts in proptest::collection::vec(0u64..60, 0..9), k in 2u64..15) {
            if let Some(classes) = classes(&counts, k) {
                let mut all: Vec<usize> = classes.concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..counts.len()).collect::<Vec<_>>());
                let total: u64 = counts.iter().sum();
                for class in &classes {
                    let n: u64 = class.iter().map(|at| counts[*at]).sum();
                    prop_assert!(n >= k && total - n >= k);
                }
            }
        }

        #[test]
        fn what_may_be_shown_again_moved_nobody_or_many(
            before in proptest::collection::btree_map(0u64..80, 0u64..3, 0..60),
            after in proptest::collection::btree_map(0u64..80, 0u64..3, 0..60),
        ) {
            let list = |map: &BTreeMap<u64, u64>| members(&map.iter().map(|(id, category)| (*id, *category)).collect::<Vec<_>>());
            let entered = after.keys().filter(|id| !before.contains_key(id)).count() as u64;
            let left = before.keys().filter(|id| !after.contains_key(id)).count() as u64;
            if may_show_again(&list(&before), &list(&after), Rule::shares(None), K) {
                prop_assert!((entered == 0 || entered >= K) && (left == 0 || left >= K));
            }
        }
    }
}
