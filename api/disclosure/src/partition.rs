//! Local recoding of the records of one area into equivalence classes.
//!
//! Greedy top-down specialisation in a fixed order of attributes: everything
//! starts under the root labels and is specialised one step at a time, the first
//! attribute as far as it goes, then the next; so the last attribute gives way
//! first. Children that are too small stay behind together under their parent's
//! label, and larger children lend them records. No record is dropped and every
//! label is true of its records.
//!
//! A reader knows this method. If a remainder always had k records, all that
//! were missing lent by the largest child, its own would be known to be 1 to
//! k − 1 and the lender's to lie within as many (the minimality attack). So
//! chance, which the caller keeps secret, decides three things: a child stands
//! only if it has k and, seldom, some more; a remainder borrows up to k / 2
//! beyond what it lacks (half the time none, a quarter of the time one, and so
//! forth); and who is lent is drawn from all that can be spared. A remainder of
//! n records may then have 1 to n of its own, at least k values.
//!
//! Records that nothing tells apart are counted, not handled one by one.

use std::collections::{BTreeMap, HashSet};

use crate::Hierarchy;
use crate::general::Random;

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
    /// A number for a label and a purpose, always the same one, evenly spread,
    /// and unknown to any reader of the result. Always 0 leaves nothing to
    /// chance but who is lent.
    pub chance: &'a (dyn Fn(&[u16; A], u64) -> u64 + Sync),
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
/// result follows from the input and [`Rules::chance`] alone.
#[must_use]
pub fn partition<const A: usize>(records: &[Record<A>], rules: &Rules<'_, A>) -> Vec<Class<A>> {
    let mut search = Search::new(records, rules);
    let whole = (0..search.alike.len() as u32).map(|alike| Share { alike, count: search.alike[alike as usize].records.len() as u32 });
    let whole: Vec<Share> = whole.collect();
    if !whole.is_empty() {
        search.specialise([0; A], whole, 0);
    }
    search.hand_out()
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

/// Purposes of chance: one for a label, one for a label and an attribute.
const STAND: u64 = 0;
const DEAL: u64 = 1;
const BORROW: u64 = 2;

/// Records that nothing tells apart: of the same leaves and, where families
/// have several records, of the same family.
struct Alike<const A: usize> {
    leaves: [u16; A],
    /// The family by number; 0 for all when each record is a family's only one.
    family: u32,
    /// Places in the input.
    records: Vec<u32>,
}

/// Some of the records of one [`Alike`].
#[derive(Clone, Copy)]
struct Share {
    alike: u32,
    count: u32,
}

/// Counts families that were seen, without clearing between counts.
struct Families {
    marks: Vec<u32>,
    mark: u32,
}

impl Families {
    fn start(&mut self) {
        self.mark += 1;
    }

    /// Whether the family is seen for the first time since the start.
    fn insert(&mut self, family: u32) -> bool {
        self.marks.get_mut(family as usize).is_some_and(|mark| std::mem::replace(mark, self.mark) != self.mark)
    }
}

struct Search<'a, const A: usize> {
    rules: &'a Rules<'a, A>,
    alike: Vec<Alike<A>>,
    /// None when each record is a family's only one.
    families: Option<Families>,
    done: Vec<([u16; A], Vec<Share>)>,
}

impl<'a, const A: usize> Search<'a, A> {
    fn new(records: &[Record<A>], rules: &'a Rules<'a, A>) -> Search<'a, A> {
        let mut numbers: Vec<u64> = records.iter().map(|record| record.family).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let single = numbers.len() == records.len();
        let number = |record: &Record<A>| if single { 0 } else { numbers.partition_point(|family| *family < record.family) as u32 };
        let mut places: Vec<([u16; A], u32, u32)> =
            records.iter().enumerate().map(|(place, record)| (record.leaves, number(record), place as u32)).collect();
        places.sort_unstable();
        let mut alike: Vec<Alike<A>> = Vec::new();
        for (leaves, family, place) in places {
            match alike.last_mut().filter(|last| last.leaves == leaves && last.family == family) {
                Some(last) => last.records.push(place),
                None => alike.push(Alike { leaves, family, records: vec![place] }),
            }
        }
        let families = (!single).then(|| Families { marks: vec![0; numbers.len()], mark: 0 });
        Search { rules, alike, families, done: Vec::new() }
    }

    fn specialise(&mut self, label: [u16; A], members: Vec<Share>, from: usize) {
        for attribute in from..A {
            let Some((children, rest)) = self.split(label, &members, attribute) else { continue };
            for child in children {
                let mut finer = label;
                finer[attribute] = child.label;
                self.specialise(finer, child.members, attribute);
            }
            if !rest.is_empty() {
                self.specialise(label, rest, attribute + 1);
            }
            return;
        }
        self.done.push((label, members));
    }

    /// Splits by one step of `attribute`: the children that stand on their own,
    /// and the rest, which is empty or large enough, too. `None` when no child
    /// can stand.
    fn split(&mut self, label: [u16; A], members: &[Share], attribute: usize) -> Option<(Vec<Child>, Vec<Share>)> {
        let hierarchy = self.rules.hierarchies[attribute];
        let mut by_child: BTreeMap<Option<u16>, Vec<Share>> = BTreeMap::new();
        for share in members {
            let leaf = self.alike[share.alike as usize].leaves[attribute];
            by_child.entry(hierarchy.step_towards(label[attribute], leaf)).or_default().push(*share);
        }
        let (mut children, mut rest) = (Vec::new(), Vec::new());
        for (child, members) in by_child {
            let size = self.size(&members);
            match child {
                Some(child) if self.stands(label, attribute, child, size) => children.push(Child { label: child, members, size }),
                _ => rest.extend(members),
            }
        }
        // The rest needs k, too: borrow, or give up the smallest child for it.
        while !children.is_empty() && !rest.is_empty() && !self.borrow(label, attribute, &mut children, &mut rest) {
            let smallest = (0..children.len()).min_by_key(|at| (children[*at].size, *at))?;
            rest.extend(children.remove(smallest).members);
        }
        if children.is_empty() { None } else { Some((children, rest)) }
    }

    /// Whether a child is shown apart: seven times in eight from k on, of the
    /// others seven in eight from k + 1 on, and so forth.
    fn stands(&self, label: [u16; A], attribute: usize, child: u16, size: usize) -> bool {
        let mut finer = label;
        finer[attribute] = child;
        let more = |finer| ((self.rules.chance)(finer, STAND).trailing_ones() / 3) as usize;
        size >= self.rules.k
            && self.rules.kept.is_none_or(|kept| kept.contains(&finer))
            && (self.rules.admissible)(&finer)
            && size >= self.rules.k + more(&finer)
    }

    /// What k is compared with: families, which are records where each record
    /// is a family's only one.
    fn size(&mut self, members: &[Share]) -> usize {
        match &mut self.families {
            None => members.iter().map(|share| share.count as usize).sum(),
            Some(families) => {
                families.start();
                members.iter().filter(|share| families.insert(self.alike[share.alike as usize].family)).count()
            }
        }
    }

    /// Moves records from children to `rest` until it has k and some more,
    /// each of a family that it does not hold yet; false, and nothing done,
    /// when the children cannot spare as many as k asks for.
    fn borrow(&mut self, label: [u16; A], attribute: usize, children: &mut [Child], rest: &mut Vec<Share>) -> bool {
        let k = self.rules.k;
        let lacking = k.saturating_sub(self.size(rest));
        let mut random = Random::of(&[(self.rules.chance)(&label, BORROW + attribute as u64)]);
        let more = (self.rules.chance)(&label, BORROW + (A + attribute) as u64).trailing_ones() as usize;
        let wanted = lacking + more.min(k / 2);
        // The counting of the rest's families goes on while it borrows.
        self.size(rest);
        let mut lots: Vec<Lot> = Vec::new();
        for (child, lender) in children.iter().enumerate() {
            lots.extend(lender.members.iter().enumerate().map(|(member, share)| Lot { child, member, count: share.count }));
        }
        let mut all: usize = lots.iter().map(|lot| lot.count as usize).sum();
        let mut spare: Vec<usize> = children.iter().map(|child| child.size - k).collect();
        let mut lent: Vec<(usize, usize)> = Vec::new();
        while lent.len() < wanted && all > 0 {
            let mut drawn = random.below(all);
            let Some(lot) = lots.iter_mut().find(|lot| {
                let here = drawn < lot.count as usize;
                if !here {
                    drawn -= lot.count as usize;
                }
                here
            }) else {
                break;
            };
            let lender = &mut children[lot.child].members;
            let shrinks = match &self.families {
                None => true,
                Some(_) => {
                    let family = self.alike[lender[lot.member].alike as usize].family;
                    lender.iter().filter(|share| self.alike[share.alike as usize].family == family).map(|share| share.count).sum::<u32>()
                        == 1
                }
            };
            // Records that are alike go together, so that what is left in common
            // of the rest's labels stays.
            let most = if self.families.is_some() { 1 } else { lot.count as usize };
            let spared = if shrinks { spare[lot.child] } else { 1 }.min(wanted - lent.len()).min(most);
            let share = &mut lender[lot.member];
            let family = self.alike[share.alike as usize].family;
            if spared > 0 && self.families.as_mut().is_none_or(|families| families.insert(family)) {
                share.count -= spared as u32;
                spare[lot.child] -= if shrinks { spared } else { 0 };
                lent.extend(std::iter::repeat_n((lot.child, lot.member), spared));
                lot.count -= spared as u32;
                all -= spared;
            } else {
                all -= std::mem::take(&mut lot.count) as usize;
            }
        }
        if lent.len() < lacking {
            for (child, member) in lent {
                children[child].members[member].count += 1;
            }
            return false;
        }
        for (child, member) in lent {
            rest.push(Share { count: 1, ..children[child].members[member] });
        }
        for (child, spare) in children.iter_mut().zip(spare) {
            child.members.retain(|share| share.count > 0);
            child.size = k + spare;
        }
        rest.sort_unstable_by_key(|share| share.alike);
        rest.dedup_by(|next, first| {
            let same = next.alike == first.alike;
            if same {
                first.count += next.count;
            }
            same
        });
        true
    }

    /// The classes with the records themselves. Where records that are alike
    /// are in several classes, chance says which is in which.
    fn hand_out(mut self) -> Vec<Class<A>> {
        self.done.sort_by_key(|(label, _)| *label);
        let mut parts = vec![0; self.alike.len()];
        for share in self.done.iter().flat_map(|(_, members)| members) {
            parts[share.alike as usize] += 1;
        }
        for (alike, _) in self.alike.iter_mut().zip(parts).filter(|(_, parts)| *parts > 1) {
            Random::of(&[(self.rules.chance)(&alike.leaves, DEAL), u64::from(alike.family)]).shuffle(&mut alike.records);
        }
        let mut classes = Vec::with_capacity(self.done.len());
        for (label, members) in self.done {
            let mut records = Vec::new();
            for share in members {
                let left = &mut self.alike[share.alike as usize].records;
                records.extend(left.drain(left.len().saturating_sub(share.count as usize)..));
            }
            records.sort_unstable();
            classes.push(Class { label, records });
        }
        classes
    }
}

/// A child that stands on its own.
struct Child {
    label: u16,
    members: Vec<Share>,
    size: usize,
}

/// Records of a child that may be drawn to be lent.
struct Lot {
    child: usize,
    member: usize,
    count: u32,
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
        partition(records, &Rules { k, hierarchies: [&sex, &age], admissible: &|_| true, kept, chance: &|_, _| 0 })
    }

    /// With a seed in place of the caller's secret.
    fn run_by_chance(records: &[Record<2>], k: usize, seed: u64) -> Vec<Class<2>> {
        let (sex, age) = (sex(), age());
        let chance = |label: &[u16; 2], purpose: u64| Random::of(&[seed, u64::from(label[0]), u64::from(label[1]), purpose]).next();
        partition(records, &Rules { k, hierarchies: [&sex, &age], admissible: &|_| true, kept: None, chance: &chance })
    }

    fn counts(classes: &[Class<2>]) -> Vec<([u16; 2], usize)> {
        classes.iter().map(|class| (class.label, class.records.len())).collect()
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
        assert_eq!(counts(&classes), vec![([0, 3], 11), ([1, 3], 23)]);
    }

    #[test]
    fn a_remainder_does_not_tell_how_many_it_borrowed() {
        // What a reader sees may come of k numbers of hidden ones, at least.
        for remainder in [11, 12, 14] {
            let shown = vec![([0, 3], remainder), ([1, 3], 40 - remainder)];
            let possible = (0..=20).filter(|hidden| {
                let records = rows(&[([1, 3], 40 - hidden), ([2, 3], *hidden)]);
                (0..3_000).any(|seed| counts(&run_by_chance(&records, 11, seed)) == shown)
            });
            assert!(possible.count() >= 11, "a remainder of {remainder}");
        }
    }

    #[test]
    fn every_large_child_may_lend() {
        let records = rows(&[([1, 3], 30), ([1, 4], 30), ([1, 2], 4)]);
        let lenders: HashSet<u16> = (0..50)
            .flat_map(|seed| {
                let classes = run_by_chance(&records, 11, seed);
                let rest = classes.iter().find(|class| class.label == [1, 0]).unwrap().records.clone();
                rest.into_iter().map(|at| records[at as usize].leaves[1]).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(lenders, HashSet::from([2, 3, 4]));
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
            seed in 0u64..1_000,
            apart in proptest::bool::ANY,
        ) {
            let family = |at: usize, family: u64| if apart { at as u64 } else { family };
            let records: Vec<Record<2>> = records.into_iter().enumerate().map(|(at, (sex, age, of))| Record { leaves: [sex, age], family: family(at, of) }).collect();
            let classes = run_by_chance(&records, k, seed);
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
            prop_assert_eq!(counts(&classes), counts(&run_by_chance(&reversed, k, seed)));
        }
    }
}
