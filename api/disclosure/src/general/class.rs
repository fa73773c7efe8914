//! A class: records published under one combination of labels.

use super::rules::{Rules, Tally, UNASKED};
use super::space::{Column, Space};

/// So many records of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub item: u32,
    pub count: u64,
}

/// The distinct records: leaves by column, sensitive value, how many there are.
pub(super) struct Items {
    width: usize,
    leaves: Vec<u32>,
    sensitive: Vec<u32>,
}

impl Items {
    pub fn new(width: usize, leaves: Vec<u32>, sensitive: Vec<u32>) -> Items {
        Items { width, leaves, sensitive }
    }

    #[inline]
    pub fn leaves(&self, item: u32) -> &[u32] {
        let start = item as usize * self.width;
        &self.leaves[start..start + self.width]
    }

    #[inline]
    pub fn sensitive(&self, item: u32) -> u32 {
        self.sensitive.get(item as usize).copied().unwrap_or(UNASKED)
    }
}

/// What every step of the search works on.
pub(super) struct Work<'a> {
    pub space: &'a Space,
    pub items: &'a Items,
    pub rules: &'a Rules,
}

/// Records, the least labels that cover them, and a record's loss.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub labels: Box<[u32]>,
    pub cost: u64,
    pub shares: Vec<Share>,
    pub tally: Tally,
}

/// What an addition changed.
pub(super) struct Addition {
    item: u32,
    count: u64,
    labels: Box<[u32]>,
    cost: u64,
}

impl Class {
    /// The class of these records; there must be some.
    pub fn new(work: &Work<'_>, shares: Vec<Share>) -> Class {
        let mut labels: Box<[u32]> = shares.first().map_or_else(Box::default, |share| work.items.leaves(share.item).into());
        let mut tally = Tally::default();
        for share in &shares {
            work.space.widen(&mut labels, work.items.leaves(share.item));
            tally.add(work.items.sensitive(share.item), share.count);
        }
        let cost = work.space.cost(&labels);
        Class { labels, cost, shares, tally }
    }

    /// The loss of all its records.
    #[inline]
    pub fn loss(&self) -> u64 {
        self.cost * self.tally.records
    }

    /// Takes records in, widening the labels as needed.
    pub fn add(&mut self, work: &Work<'_>, item: u32, count: u64) -> Addition {
        let addition = Addition { item, count, labels: self.labels.clone(), cost: self.cost };
        match self.shares.iter_mut().find(|share| share.item == item) {
            Some(share) => share.count += count,
            None => self.shares.push(Share { item, count }),
        }
        self.tally.add(work.items.sensitive(item), count);
        work.space.widen(&mut self.labels, work.items.leaves(item));
        self.cost = work.space.cost(&self.labels);
        addition
    }

    /// Takes the last addition back.
    pub fn undo(&mut self, work: &Work<'_>, addition: Addition) {
        let Addition { item, count, labels, cost } = addition;
        // The first of the item, as in `add`: a share may be listed in two parts.
        if let Some(at) = self.shares.iter().position(|share| share.item == item)
            && let Some(share) = self.shares.get_mut(at)
        {
            share.count -= count;
            if share.count == 0 {
                self.shares.remove(at);
            }
        }
        self.tally.take(work.items.sensitive(item), count);
        (self.labels, self.cost) = (labels, cost);
    }

    /// Gives records of one share away and narrows the labels if it can.
    pub fn take(&mut self, work: &Work<'_>, at: usize, count: u64) {
        let Some(share) = self.shares.get_mut(at) else { return };
        share.count -= count;
        let Share { item, count: left } = *share;
        self.tally.take(work.items.sensitive(item), count);
        if left == 0 {
            self.shares.swap_remove(at);
            self.tighten(work);
        }
    }

    /// Takes another class in.
    pub fn join(&mut self, work: &Work<'_>, other: Class) {
        work.space.widen(&mut self.labels, &other.labels);
        self.cost = work.space.cost(&self.labels);
        self.tally.merge(&other.tally);
        self.shares.extend(other.shares);
    }

    /// A record's loss if one share were away.
    pub fn cost_without(&self, work: &Work<'_>, at: usize) -> u64 {
        let columns = work.space.columns.iter().zip(&self.labels).enumerate();
        let cost = |(place, (column, label)): (usize, (&Column, &u32))| {
            let mut others =
                self.shares.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, share)| work.items.leaves(share.item)[place]);
            let mut narrow = others.next().unwrap_or(*label);
            for leaf in others {
                if narrow == *label {
                    break;
                }
                narrow = column.join(narrow, leaf);
            }
            u64::from(column.weight(narrow))
        };
        columns.map(cost).sum()
    }

    /// Whether the rules would hold with so many more records of an item.
    pub fn would_hold(&mut self, work: &Work<'_>, item: u32, count: u64) -> bool {
        let value = work.items.sensitive(item);
        self.tally.add(value, count);
        let holds = work.rules.hold(&self.tally);
        self.tally.take(value, count);
        holds
    }

    fn tighten(&mut self, work: &Work<'_>) {
        let Some(first) = self.shares.first() else { return };
        self.labels.copy_from_slice(work.items.leaves(first.item));
        for share in &self.shares {
            work.space.widen(&mut self.labels, work.items.leaves(share.item));
        }
        self.cost = work.space.cost(&self.labels);
    }
}

#[cfg(test)]
mod tests {
    use super::super::hierarchy::Hierarchy;
    use super::*;

    #[test]
    fn an_addition_taken_back_leaves_no_trace() {
        let lines = ["a;x;*", "b;x;*", "c;y;*"].map(|line| line.split(';').map(String::from).collect());
        let tree = Hierarchy::new((1..).zip(lines)).unwrap();
        let observed: Vec<bool> = (0..tree.len() as u32).map(|node| tree.is_leaf(node)).collect();
        let (column, numbers) = Column::new(&tree, &observed);
        let leaves = ["a", "b", "c"].map(|leaf| numbers[tree.leaf(leaf).unwrap() as usize]).to_vec();
        let (space, leaves) = Space::new(vec![column], leaves);
        let items = Items::new(1, leaves, vec![0, 1, 0]);
        let rules = Rules { k: 2, distinct: 2, top_share: 1.0 };
        let work = Work { space: &space, items: &items, rules: &rules };
        // One item in two parts, as after borrowing.
        let share = |item, count| Share { item, count };
        let mut class = Class::new(&work, vec![share(0, 2), share(1, 3), share(0, 1)]);
        let before = format!("{class:?}");
        let first = class.add(&work, 0, 5);
        let second = class.add(&work, 2, 4);
        assert_eq!(class.cost, space.cost(&[0]));
        class.undo(&work, second);
        class.undo(&work, first);
        assert_eq!(format!("{class:?}"), before);
    }
}
