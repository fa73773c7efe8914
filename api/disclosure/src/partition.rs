//! Local recoding of the records of one area into equivalence classes.
//!
//! Greedy top-down specialisation in a fixed order of attributes: everything
//! starts under the root labels and is specialised one step at a time, the first
//! attribute as far as it goes, then the next; so the last attribute gives way
//! first. Children that are too small stay behind together under their parent's
//! label; where they are too few even together, a larger child lends them
//! records. No record is dropped and every label is true of its records.

use std::collections::{BTreeMap, HashSet};

use crate::Hierarchy;

/// A record: its leaf labels and the family it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record<const A: usize> {
    /// The finest label of each attribute.
    pub leaves: [u16; A],
    /// Whatever tells families apart. A class needs k of them, too.
    pub family: u64,
}

/// What a class must satisfy.
pub struct Rules<'a, const A: usize> {
    /// Fewest records, and fewest families, of a class.
    pub k: usize,
    /// The attributes, the one to keep longest first.
    pub hierarchies: [&'a Hierarchy; A],
    /// Whether a label may be published at all: enough inhabitants behind it.
    pub admissible: &'a (dyn Fn(&[u16; A]) -> bool + Sync),
    /// Labels of the tree that an earlier edition published, if it did: classes
    /// may merge from edition to edition, never split.
    pub kept: Option<&'a HashSet<[u16; A]>>,
}

/// An equivalence class: a label and the places of its records in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class<const A: usize> {
    /// One label per attribute.
    pub label: [u16; A],
    /// Places in the input, ascending.
    pub records: Vec<u32>,
}

/// Partitions the records of one area. The caller has seen to it that together
/// they are at least k of k families; otherwise they come back as one class
/// under the root labels. Classes are in the order of their labels, and the
/// result follows from the input alone.
#[must_use]
pub fn partition<const A: usize>(records: &[Record<A>], rules: &Rules<'_, A>) -> Vec<Class<A>> {
    let mut order: Vec<u32> = (0..records.len() as u32).collect();
    order.sort_by_key(|at| (records[*at as usize], *at));
    let mut search = Search { records, rules, done: Vec::new() };
    if !order.is_empty() {
        search.specialise([0; A], order, 0);
    }
    for class in &mut search.done {
        class.records.sort_unstable();
    }
    search.done.sort_by_key(|class| class.label);
    search.done
}

/// Every label that the partition passes on its way from the root to `label`,
/// itself included: the nodes of the tree that a published label proves.
#[must_use]
pub fn generalisations<const A: usize>(label: [u16; A], hierarchies: &[&Hierarchy; A]) -> Vec<[u16; A]> {
    let mut at = label;
    let mut nodes = vec![at];
    for attribute in (0..A).rev() {
        while let Some(parent) = hierarchies[attribute].parent(at[attribute]) {
            at[attribute] = parent;
            nodes.push(at);
        }
    }
    nodes
}

struct Search<'a, const A: usize> {
    records: &'a [Record<A>],
    rules: &'a Rules<'a, A>,
    done: Vec<Class<A>>,
}

impl<const A: usize> Search<'_, A> {
    fn specialise(&mut self, label: [u16; A], members: Vec<u32>, from: usize) {
        for attribute in from..A {
            let Some((children, rest)) = self.split(label, &members, attribute) else { continue };
            for (child, members) in children {
                let mut finer = label;
                finer[attribute] = child;
                self.specialise(finer, members, attribute);
            }
            if !rest.is_empty() {
                self.specialise(label, rest, attribute + 1);
            }
            return;
        }
        self.done.push(Class { label, records: members });
    }

    /// Splits by one step of `attribute`: the children that stand on their own,
    /// and the rest, which is empty or large enough, too. `None` when no child
    /// can stand.
    #[expect(clippy::type_complexity, reason = "a pair used once")]
    fn split(&self, label: [u16; A], members: &[u32], attribute: usize) -> Option<(Vec<(u16, Vec<u32>)>, Vec<u32>)> {
        let hierarchy = self.rules.hierarchies[attribute];
        let mut by_child: BTreeMap<Option<u16>, Vec<u32>> = BTreeMap::new();
        for member in members {
            let leaf = self.records[*member as usize].leaves[attribute];
            by_child.entry(hierarchy.step_towards(label[attribute], leaf)).or_default().push(*member);
        }
        let (mut children, mut rest) = (Vec::new(), Vec::new());
        for (child, members) in by_child {
            match child {
                Some(child) if self.stands(label, attribute, child, &members) => children.push((child, members)),
                _ => rest.extend(members),
            }
        }
        // The rest needs k, too: borrow, or give up the smallest child for it.
        while !children.is_empty() && !rest.is_empty() && !self.enough(&rest) {
            if !self.borrow(&mut children, &mut rest) {
                let smallest = (0..children.len()).min_by_key(|at| (children[*at].1.len(), *at))?;
                rest.extend(children.remove(smallest).1);
            }
        }
        rest.sort_by_key(|at| (self.records[*at as usize], *at));
        if children.is_empty() { None } else { Some((children, rest)) }
    }

    fn stands(&self, label: [u16; A], attribute: usize, child: u16, members: &[u32]) -> bool {
        let mut finer = label;
        finer[attribute] = child;
        self.rules.kept.is_none_or(|kept| kept.contains(&finer)) && (self.rules.admissible)(&finer) && self.enough(members)
    }

    fn enough(&self, members: &[u32]) -> bool {
        members.len() >= self.rules.k && self.families(members).len() >= self.rules.k
    }

    fn families(&self, members: &[u32]) -> HashSet<u64> {
        members.iter().map(|at| self.records[*at as usize].family).collect()
    }

    /// Moves to `rest` as many records as it lacks, each of a family that it
    /// does not hold yet, from the largest child that can spare them.
    fn borrow(&self, children: &mut [(u16, Vec<u32>)], rest: &mut Vec<u32>) -> bool {
        let held = self.families(rest);
        let lacking = self.rules.k.saturating_sub(held.len()).max(self.rules.k.saturating_sub(rest.len()));
        let mut donors: Vec<usize> = (0..children.len()).collect();
        donors.sort_by_key(|at| (std::cmp::Reverse(children[*at].1.len()), *at));
        for donor in donors {
            let members = &children[donor].1;
            let mut taken_families = held.clone();
            let (mut stay, mut lent) = (Vec::with_capacity(members.len()), Vec::with_capacity(lacking));
            for member in members.iter().rev() {
                if lent.len() < lacking && taken_families.insert(self.records[*member as usize].family) {
                    lent.push(*member);
                } else {
                    stay.push(*member);
                }
            }
            if lent.len() == lacking && self.enough(&stay) {
                stay.reverse();
                children[donor].1 = stay;
                rest.extend(lent);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sex() -> Hierarchy {
        Hierarchy::new(vec![None, Some(0), Some(0)]).unwrap()
    }

    fn age() -> Hierarchy {
        // * -> young(1) -> {3, 4}; * -> old(2)
        Hierarchy::new(vec![None, Some(0), Some(0), Some(1), Some(1)]).unwrap()
    }

    fn run(records: &[Record<2>], k: usize, kept: Option<&HashSet<[u16; 2]>>) -> Vec<Class<2>> {
        let (sex, age) = (sex(), age());
        partition(records, &Rules { k, hierarchies: [&sex, &age], admissible: &|_| true, kept })
    }

    fn rows(groups: &[([u16; 2], usize)]) -> Vec<Record<2>> {
        let mut records = Vec::new();
        for (leaves, n) in groups {
            for _ in 0..*n {
                records.push(Record { leaves: *leaves, family: records.len() as u64 });
            }
        }
        records
    }

    #[test]
    fn sex_is_kept_longest_and_a_remainder_borrows() {
        let classes = run(&rows(&[([1, 3], 30), ([2, 3], 4)]), 11, None);
        let counts: Vec<_> = classes.iter().map(|class| (class.label, class.records.len())).collect();
        assert_eq!(counts, vec![([0, 3], 11), ([1, 3], 23)]);
    }

    #[test]
    fn too_few_stay_one_class_at_the_root() {
        let classes = run(&rows(&[([1, 3], 6), ([2, 2], 6)]), 11, None);
        assert_eq!(classes.len(), 1);
        assert_eq!(classes[0].label, [0, 0]);
    }

    #[test]
    fn persons_of_few_families_do_not_make_a_class() {
        let mut records = rows(&[([1, 3], 40), ([2, 3], 40)]);
        for (at, record) in records.iter_mut().enumerate() {
            record.family = at as u64 % 10;
        }
        assert_eq!(run(&records, 11, None).len(), 1);
    }

    #[test]
    fn a_kept_tree_may_merge_but_not_split() {
        let old = run(&rows(&[([1, 3], 12), ([2, 3], 12)]), 11, None);
        let (sex, age) = (sex(), age());
        let kept: HashSet<_> = old.iter().flat_map(|class| generalisations(class.label, &[&sex, &age])).collect();
        let new = run(&rows(&[([1, 3], 30), ([1, 4], 30), ([2, 2], 4)]), 11, Some(&kept));
        assert!(new.iter().all(|class| kept.contains(&class.label)), "{new:?}");
        assert_eq!(new.iter().map(|class| class.records.len()).sum::<usize>(), 64);
    }

    proptest! {
        #[test]
        fn every_class_holds_and_no_record_is_lost(
            records in proptest::collection::vec((1u16..3, 2u16..5, 0u64..60), 0..300),
            k in 2usize..15,
        ) {
            let records: Vec<Record<2>> = records.into_iter().map(|(sex, age, family)| Record { leaves: [sex, age], family }).collect();
            let classes = run(&records, k, None);
            let (sex, age) = (sex(), age());
            let mut seen: Vec<u32> = classes.iter().flat_map(|class| class.records.clone()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..records.len() as u32).collect::<Vec<_>>());
            let labels: HashSet<_> = classes.iter().map(|class| class.label).collect();
            prop_assert_eq!(labels.len(), classes.len());
            for class in &classes {
                let families: HashSet<u64> = class.records.iter().map(|at| records[*at as usize].family).collect();
                prop_assert!(classes.len() == 1 || (class.records.len() >= k && families.len() >= k));
                for at in &class.records {
                    let leaves = records[*at as usize].leaves;
                    prop_assert!(sex.covers(class.label[0], leaves[0]) && age.covers(class.label[1], leaves[1]));
                }
            }
            // The same rows in another order make the same counts.
            let mut reversed = records.clone();
            reversed.reverse();
            let counts = |classes: &[Class<2>]| classes.iter().map(|class| (class.label, class.records.len())).collect::<Vec<_>>();
            prop_assert_eq!(counts(&classes), counts(&run(&reversed, k, None)));
        }
    }
}
