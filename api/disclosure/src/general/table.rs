//! The table: rows become distinct items with counts, and back.

use std::fmt;

use super::class::{Class, Items, Share, Work};
use super::hierarchy::Hierarchy;
use super::random::Random;
use super::rules::{Rules, Tally, UNASKED, Unmet};
use super::search::{Search, improve};
use super::space::{Column, SCALE, Space};
use super::topdown::specialise;

/// Why a table cannot be anonymised.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// The whole table does not satisfy the rules.
    Unmet(Unmet),
    /// A row does not fit: another number of columns, or no leaf of theirs.
    Row,
    /// More rows than can be counted.
    TooLarge,
    /// The result was checked and is not what was asked for: an error in this
    /// program.
    Unsound,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Unmet(unmet) => unmet.fmt(f),
            Refused::Row => f.write_str("a row has not one leaf of each column's hierarchy"),
            Refused::TooLarge => f.write_str("more distinct rows than can be counted"),
            Refused::Unsound => f.write_str("the result does not satisfy the rules; this is an error in this program, please report it"),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Unmet> for Refused {
    fn from(unmet: Unmet) -> Refused {
        Refused::Unmet(unmet)
    }
}

/// A table of quasi-identifiers, row by row reduced to distinct items.
pub struct Table {
    hierarchies: Vec<Hierarchy>,
    leaves: Vec<u32>,
    sensitive: Vec<u32>,
    counts: Vec<u64>,
    /// Open addressing: item plus one, 0 for a free slot.
    slots: Vec<u32>,
}

impl Table {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(hierarchies: Vec<Hierarchy>) -> Table {
        Table { hierarchies, leaves: Vec::new(), sensitive: Vec::new(), counts: Vec::new(), slots: vec![0; 64] }
    }

    /// The hierarchies, by column.
    #[must_use]
    pub fn hierarchies(&self) -> &[Hierarchy] {
        &self.hierarchies
    }

    /// How many distinct items there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.counts.len()
    }

    /// Adds a row: a leaf of each hierarchy, and the number of its sensitive
    /// value (any number when no rule asks). Gives the number of its item,
    /// which equal rows share.
    ///
    /// # Errors
    /// When there is not a leaf for each column.
    pub fn push(&mut self, leaves: &[u32], sensitive: u32) -> Result<u32, Refused> {
        let width = self.hierarchies.len();
        let fits = leaves.len() == width && leaves.iter().zip(&self.hierarchies).all(|(leaf, hierarchy)| hierarchy.is_leaf(*leaf));
        if !fits {
            return Err(Refused::Row);
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(leaves, sensitive) as usize & mask;
        while let Some(item) = self.slots[slot].checked_sub(1) {
            let start = item as usize * width;
            if self.sensitive[item as usize] == sensitive && self.leaves[start..start + width] == *leaves {
                self.counts[item as usize] += 1;
                return Ok(item);
            }
            slot = (slot + 1) & mask;
        }
        let item = u32::try_from(self.counts.len()).ok().filter(|item| *item < u32::MAX - 1).ok_or(Refused::TooLarge)?;
        self.slots[slot] = item + 1;
        self.leaves.extend_from_slice(leaves);
        self.sensitive.push(sensitive);
        self.counts.push(1);
        if self.counts.len() * 2 > self.slots.len() {
            self.grow();
        }
        Ok(item)
    }

    fn grow(&mut self) {
        let (size, width) = (self.slots.len() * 2, self.hierarchies.len());
        self.slots = vec![0; size];
        for item in 0..self.counts.len() {
            let mut slot = hash(&self.leaves[item * width..(item + 1) * width], self.sensitive[item]) as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = item as u32 + 1;
        }
    }

    /// Recodes the table so that every class satisfies the rules.
    ///
    /// The result depends on the rows' order, the rules, the seed and the
    /// effort, and on no number of threads. More effort loses less or the same.
    ///
    /// # Errors
    /// When not even the whole table satisfies the rules.
    pub fn anonymise(self, rules: &Rules, search: &Search) -> Result<Recoded, Refused> {
        let width = self.hierarchies.len();
        let Table { hierarchies, mut leaves, mut sensitive, counts, slots } = self;
        drop(slots);
        let mut columns = Vec::with_capacity(width);
        for (place, hierarchy) in hierarchies.iter().enumerate() {
            let mut observed = vec![false; hierarchy.len()];
            leaves.iter().skip(place).step_by(width).for_each(|leaf| observed[*leaf as usize] = true);
            let (column, numbers) = Column::new(hierarchy, &observed);
            leaves.iter_mut().skip(place).step_by(width).for_each(|leaf| *leaf = numbers[*leaf as usize]);
            columns.push(column);
        }
        if !rules.sensitive() {
            sensitive.fill(UNASKED);
        }
        let (space, leaves) = Space::new(columns, leaves);
        let items = Items::new(width, leaves, sensitive);
        let work = Work { space: &space, items: &items, rules };
        let shares = counts.iter().enumerate().map(|(item, count)| Share { item: item as u32, count: *count }).collect();
        let whole = Class::new(&work, shares);
        if let Some(unmet) = rules.unmet(&whole.tally) {
            return Err(unmet.into());
        }
        let rows = whole.tally.records;
        let mut classes = specialise(&work, &whole);
        drop(whole);
        improve(&work, &mut classes, search);
        if !sound(&work, &counts, &classes) {
            return Err(Refused::Unsound);
        }
        Ok(Recoded::new(&space, &hierarchies, counts.len(), rows, classes, search.seed))
    }
}

/// Whether every record is in a class that covers it and satisfies the rules,
/// counted anew: the search keeps counts as it goes, and what is published
/// must not rest on them.
fn sound(work: &Work<'_>, counts: &[u64], classes: &[Class]) -> bool {
    let mut left = counts.to_vec();
    for class in classes {
        let mut tally = Tally::default();
        for share in &class.shares {
            let leaves = work.items.leaves(share.item);
            let covered = work
                .space
                .columns
                .iter()
                .zip(&class.labels)
                .zip(leaves)
                .all(|((column, label), leaf)| column.join(*label, *leaf) == *label);
            let Some(rest) = left[share.item as usize].checked_sub(share.count).filter(|_| covered) else { return false };
            left[share.item as usize] = rest;
            tally.add(work.items.sensitive(share.item), share.count);
        }
        if !work.rules.hold(&tally) || tally != class.tally {
            return false;
        }
    }
    left.iter().all(|rest| *rest == 0)
}

fn hash(leaves: &[u32], sensitive: u32) -> u64 {
    let mut word = u64::from(sensitive);
    for leaf in leaves {
        word = (word.rotate_left(5) ^ u64::from(*leaf)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    word ^ (word >> 32)
}

/// One class as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecodedClass {
    labels: Vec<String>,
    records: u64,
}

impl RecodedClass {
    /// A label for each column.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How many records it has.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }
}

/// A recoded table: classes, and which records of an item are in which.
pub struct Recoded {
    classes: Vec<RecodedClass>,
    /// By item: from where in `dealt`.
    starts: Vec<usize>,
    /// Class and how many records are still to be handed to it.
    dealt: Vec<(u32, u64)>,
    losses: Vec<f64>,
}

impl Recoded {
    fn new(space: &Space, hierarchies: &[Hierarchy], items: usize, rows: u64, mut classes: Vec<Class>, seed: u64) -> Recoded {
        // Classes that came to the same labels are one to any reader.
        classes.sort_by(|a, b| a.labels.cmp(&b.labels));
        let mut published: Vec<RecodedClass> = Vec::new();
        let mut places = Vec::with_capacity(classes.len());
        let mut last: Option<&[u32]> = None;
        for class in &classes {
            if last != Some(&class.labels) {
                let texts = hierarchies.iter().zip(&space.places);
                let labels =
                    texts.map(|(hierarchy, place)| hierarchy.label(space.columns[*place].text(class.labels[*place])).to_owned()).collect();
                published.push(RecodedClass { labels, records: 0 });
            }
            last = Some(&class.labels);
            if let Some(published) = published.last_mut() {
                published.records += class.tally.records;
            }
            places.push(published.len() as u32 - 1);
        }
        let mut starts = vec![0_usize; items + 1];
        for share in classes.iter().flat_map(|class| &class.shares) {
            starts[share.item as usize + 1] += 1;
        }
        for item in 0..items {
            starts[item + 1] += starts[item];
        }
        let mut next = starts.clone();
        let mut dealt = vec![(0, 0); starts.last().copied().unwrap_or(0)];
        for (class, place) in classes.iter().zip(places) {
            for share in &class.shares {
                dealt[next[share.item as usize]] = (place, share.count);
                next[share.item as usize] += 1;
            }
        }
        let mut random = Random::of(&[seed, u64::MAX]);
        for item in 0..items {
            random.shuffle(&mut dealt[starts[item]..starts[item + 1]]);
        }
        let loss = |place: &usize| {
            let lost = |class: &Class| class.tally.records * u64::from(space.columns[*place].weight(class.labels[*place]));
            classes.iter().map(lost).sum::<u64>() as f64 / (SCALE * rows.max(1)) as f64
        };
        let losses = space.places.iter().map(loss).collect();
        Recoded { classes: published, starts, dealt, losses }
    }

    /// The classes, no two of the same labels.
    #[must_use]
    pub fn classes(&self) -> &[RecodedClass] {
        &self.classes
    }

    /// The loss from 0 (nothing) to 1 (everything is the top label): the mean
    /// over rows and columns of (leaves of the label − 1) / (leaves − 1),
    /// counting observed leaves.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len().max(1) as f64
    }

    /// The loss of each column.
    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The class of the next row of this item. Each row of the table must be
    /// asked for once; rows of one item are alike, so which of them is in
    /// which class does not matter.
    pub fn next_class(&mut self, item: u32) -> Option<&RecodedClass> {
        let item = item as usize;
        let range = *self.starts.get(item)?..*self.starts.get(item + 1)?;
        let (class, left) = self.dealt.get_mut(range)?.iter_mut().find(|(_, left)| *left > 0)?;
        *left -= 1;
        self.classes.get(*class as usize)
    }
}
