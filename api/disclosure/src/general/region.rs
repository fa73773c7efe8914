//! Some neighbouring classes and the moves that better them.
//!
//! - relocate: records go to a class where they lose less, if their own can
//!   spare them;
//! - dissolve: a class is given up and its records go to others;
//! - rebuild: a few classes of like labels are pooled and parted anew, by
//!   top-down splits of a random taste or bottom-up (a large neighbourhood
//!   search, Shaw 1998).
//!
//! A move is kept when the sum of losses does not grow.

use super::class::{Addition, Class, Share, Work};
use super::gather::gather;
use super::random::Random;
use super::topdown::{Scratch, Taste, specialise_within};

/// Pools of more distinct records than this are not rebuilt, nor classes of
/// more dissolved.
const POOL: usize = 1024;

/// Pools of more distinct records than this are only split, because parting
/// them bottom-up takes the square of their number.
const GATHERED: usize = 128;

pub(super) struct Region<'a> {
    work: &'a Work<'a>,
    classes: Vec<Class>,
    index: Index,
}

/// What the moves ask of every class, side by side: the search reads hardly
/// anything else.
struct Index {
    width: usize,
    labels: Vec<u32>,
    heads: Vec<Head>,
}

#[derive(Clone, Copy)]
struct Head {
    cost: u64,
    records: u64,
}

impl Index {
    fn row(&self, at: usize) -> &[u32] {
        &self.labels[at * self.width..(at + 1) * self.width]
    }

    fn push(&mut self, class: &Class) {
        self.labels.extend_from_slice(&class.labels);
        self.heads.push(Head { cost: class.cost, records: class.tally.records });
    }

    fn set(&mut self, at: usize, class: &Class) {
        self.labels[at * self.width..(at + 1) * self.width].copy_from_slice(&class.labels);
        self.heads[at] = Head { cost: class.cost, records: class.tally.records };
    }

    fn swap_remove(&mut self, at: usize) {
        let last = self.heads.len() - 1;
        self.labels.copy_within(last * self.width..(last + 1) * self.width, at * self.width);
        self.labels.truncate(last * self.width);
        self.heads.swap_remove(at);
    }
}

impl<'a> Region<'a> {
    pub fn new(work: &'a Work<'a>, classes: Vec<Class>) -> Region<'a> {
        let width = work.space.columns.len();
        let mut index = Index { width, labels: Vec::with_capacity(width * classes.len()), heads: Vec::with_capacity(classes.len()) };
        classes.iter().for_each(|class| index.push(class));
        Region { work, classes, index }
    }

    /// One round of all moves.
    pub fn better(mut self, mut random: Random) -> Vec<Class> {
        self.dissolve_all();
        self.relocate_all();
        let mut scratch = Scratch::default();
        for _ in 0..self.classes.len() {
            self.rebuild(&mut random, &mut scratch);
        }
        self.classes
    }

    fn relocate_all(&mut self) {
        for from in 0..self.classes.len() {
            for at in (0..self.classes[from].shares.len()).rev() {
                if at < self.classes[from].shares.len() {
                    self.relocate(from, at);
                }
            }
        }
    }

    /// Moves what can be spared of one share to the class where it is best.
    fn relocate(&mut self, from: usize, at: usize) {
        let work = self.work;
        let class = &mut self.classes[from];
        if class.cost == 0 || class.shares.len() < 2 {
            return;
        }
        let share = class.shares[at];
        let count = work.rules.spare(&mut class.tally, work.items.sensitive(share.item), share.count);
        if count == 0 {
            return;
        }
        let mut saved = count * class.cost;
        if count == share.count {
            saved += (class.tally.records - count) * (class.cost - class.cost_without(work, at));
        }
        let Some((to, added)) = self.cheapest(share.item, count, from, saved) else { return };
        if added < saved {
            self.classes[to].add(work, share.item, count);
            self.index.set(to, &self.classes[to]);
            self.classes[from].take(work, at, count);
            self.index.set(from, &self.classes[from]);
        }
    }

    /// The class where so many records of the item add least to the loss, at
    /// most `most`, and how much.
    fn cheapest(&mut self, item: u32, count: u64, except: usize, most: u64) -> Option<(usize, u64)> {
        let work = self.work;
        let leaves = work.items.leaves(item);
        let (mut best, mut place) = (most, None);
        for (at, head) in self.index.heads.iter().enumerate() {
            // added = records × (cost − own cost) + count × cost ≤ best
            let spend = best + head.records * head.cost;
            if head.cost * (head.records + count) > spend || at == except {
                continue;
            }
            let cost = work.space.joined_cost(leaves, self.index.row(at), spend / (head.records + count));
            if cost * (head.records + count) > spend {
                continue;
            }
            let added = cost * (head.records + count) - head.records * head.cost;
            if (added < best || place.is_none()) && (work.rules.top_share >= 1.0 || self.classes[at].would_hold(work, item, count)) {
                (best, place) = (added, Some(at));
            }
        }
        place.map(|at| (at, best))
    }

    fn dissolve_all(&mut self) {
        let mut at = 0;
        while at < self.classes.len() {
            if self.classes[at].cost > 0 && self.dissolve(at) {
                self.classes.swap_remove(at);
                self.index.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Gives all records of a class to others; false, and nothing done, when
    /// that would not lose less.
    fn dissolve(&mut self, at: usize) -> bool {
        let work = self.work;
        let mut left = self.classes[at].loss();
        if self.classes[at].shares.len() > POOL {
            return false;
        }
        let mut done: Vec<(usize, Addition)> = Vec::new();
        for place in 0..self.classes[at].shares.len() {
            let share = self.classes[at].shares[place];
            match self.cheapest(share.item, share.count, at, left) {
                Some((to, added)) if added < left => {
                    left -= added;
                    done.push((to, self.classes[to].add(work, share.item, share.count)));
                    self.index.set(to, &self.classes[to]);
                }
                _ => {
                    for (to, addition) in done.into_iter().rev() {
                        self.classes[to].undo(work, addition);
                        self.index.set(to, &self.classes[to]);
                    }
                    return false;
                }
            }
        }
        true
    }

    /// Pools a class with its nearest and parts the pool anew.
    fn rebuild(&mut self, random: &mut Random, scratch: &mut Scratch) {
        let work = self.work;
        // The costlier of two: there is more to save.
        let (one, other) = (random.below(self.classes.len()), random.below(self.classes.len()));
        let centre = if self.index.heads[one].cost < self.index.heads[other].cost { other } else { one };
        let places = self.nearest(centre, 3 + random.below(4));
        let before: u64 = places.iter().map(|at| self.classes[*at].loss()).sum();
        let many: usize = places.iter().map(|at| self.classes[*at].shares.len()).sum();
        if before == 0 || many > POOL || places.len() < 2 {
            return;
        }
        let shares = pool(places.iter().flat_map(|at| &self.classes[*at].shares));
        let mut parts = Vec::new();
        if shares.len() <= GATHERED && random.below(2) == 0 {
            parts = gather(work, shares, random);
        } else {
            let mut taste = Taste { exponent: random.fraction(), noise: random.fraction(), random };
            specialise_within(work, Class::new(work, shares), &mut taste, scratch, &mut parts);
        }
        let mut small = Region::new(work, parts);
        small.dissolve_all();
        small.relocate_all();
        if small.classes.iter().map(Class::loss).sum::<u64>() <= before {
            for at in places.into_iter().rev() {
                self.classes.swap_remove(at);
                self.index.swap_remove(at);
            }
            for class in small.classes {
                self.index.push(&class);
                self.classes.push(class);
            }
        }
    }

    /// So many classes whose labels join those of the centre at least cost,
    /// itself among them, ascending by place.
    fn nearest(&self, centre: usize, size: usize) -> Vec<usize> {
        let labels = self.index.row(centre);
        let mut near: Vec<(u64, usize)> = Vec::with_capacity(size + 1);
        let mut bound = u64::MAX;
        for at in 0..self.index.heads.len() {
            let distance = self.work.space.joined_cost(labels, self.index.row(at), bound);
            if distance < bound || near.len() < size {
                let place = near.partition_point(|other| *other < (distance, at));
                near.insert(place, (distance, at));
                near.truncate(size);
                if near.len() == size {
                    bound = near.last().map_or(u64::MAX, |(distance, _)| *distance);
                }
            }
        }
        let mut places: Vec<usize> = near.into_iter().map(|(_, at)| at).collect();
        places.sort_unstable();
        places
    }
}

/// The records of several classes, those of one item together.
fn pool<'a>(shares: impl Iterator<Item = &'a Share>) -> Vec<Share> {
    let mut shares: Vec<Share> = shares.copied().collect();
    shares.sort_unstable_by_key(|share| share.item);
    shares.dedup_by(|next, kept| {
        let same = next.item == kept.item;
        if same {
            kept.count += next.count;
        }
        same
    });
    shares
}
