//! Top-down specialisation: split a class along one column, again and again.
//!
//! A split replaces one column's label by its children. Children that satisfy
//! the rules become classes of their own; the records of the others stay
//! together as a remainder, which borrows records from children that can spare
//! some, or takes a whole child in. The column is chosen by the loss saved over
//! a power of the split's entropy: the plain gain prefers columns with many
//! small children and uses up records, the gain over entropy saves too little.

use rayon::prelude::*;

use super::class::{Class, Share, Work};
use super::random::Random;
use super::rules::Tally;

/// Classes of more distinct records than this are split one after another and
/// their columns judged in parallel; smaller ones are split in parallel.
const LARGE: usize = 1 << 15;

/// Powers of the entropy that are tried: which is best depends on the table,
/// most on how deep its hierarchies are.
const EXPONENTS: [f64; 3] = [0.25, 0.5, 1.0];

/// How many donors are looked at when a remainder borrows.
const DONORS: usize = 4096;

/// How a split is chosen.
pub(super) struct Taste<'a> {
    /// The gain is divided by the entropy to this power.
    pub exponent: f64,
    /// Scores are multiplied by a random number from 1 to 1 + noise.
    pub noise: f64,
    pub random: &'a mut Random,
}

impl Taste<'_> {
    fn bend(&mut self, score: f64) -> f64 {
        if self.noise > 0.0 { score * (1.0 + self.noise * self.random.fraction()) } else { score }
    }
}

/// Splits as far as it goes, with each of [`EXPONENTS`], and gives the best.
pub(super) fn specialise(work: &Work<'_>, whole: &Class) -> Vec<Class> {
    let tries = EXPONENTS.iter().map(|exponent| specialise_with(work, whole.clone(), *exponent));
    tries.min_by_key(|classes| classes.iter().map(Class::loss).sum::<u64>()).unwrap_or_default()
}

/// Splits as far as it goes, in parallel and in a fixed order.
fn specialise_with(work: &Work<'_>, whole: Class, exponent: f64) -> Vec<Class> {
    let mut done = Vec::new();
    let mut open = vec![whole];
    while !open.is_empty() {
        let (large, small): (Vec<Class>, Vec<Class>) = open.into_iter().partition(|class| class.shares.len() > LARGE);
        open = Vec::new();
        for class in large {
            let scores = (0..class.labels.len())
                .into_par_iter()
                .map_init(Scratch::default, |scratch, column| judge(work, &class, column, exponent, scratch))
                .collect();
            match split(work, &class, scores, &mut Scratch::default()) {
                Some(parts) => open.extend(parts),
                None => done.push(class),
            }
        }
        let finished: Vec<Vec<Class>> = small
            .into_par_iter()
            .map_init(Scratch::default, |scratch, class| {
                let mut classes = Vec::new();
                specialise_within(work, class, &mut Taste { exponent, noise: 0.0, random: &mut Random::of(&[]) }, scratch, &mut classes);
                classes
            })
            .collect();
        done.extend(finished.into_iter().flatten());
    }
    done
}

/// Splits as far as it goes, on this thread.
pub(super) fn specialise_within(work: &Work<'_>, whole: Class, taste: &mut Taste<'_>, scratch: &mut Scratch, done: &mut Vec<Class>) {
    let mut open = vec![whole];
    while let Some(class) = open.pop() {
        let mut scores = Vec::with_capacity(class.labels.len());
        if class.cost > 0 && (work.rules.sensitive() || class.tally.records > work.rules.k) {
            for column in 0..class.labels.len() {
                let score = judge(work, &class, column, taste.exponent, scratch);
                scores.push(taste.bend(score));
            }
        }
        match split(work, &class, scores, scratch) {
            Some(parts) => open.extend(parts),
            None => done.push(class),
        }
    }
}

/// Counts by child, kept between calls.
#[derive(Default)]
pub(super) struct Scratch {
    /// By node: its place among the groups, plus one.
    place: Vec<u32>,
    groups: Vec<Group>,
}

struct Group {
    node: u32,
    tally: Tally,
}

impl Scratch {
    /// Tallies the class's records by the child of its label they lie under.
    fn count(&mut self, work: &Work<'_>, class: &Class, column: usize) {
        let tree = &work.space.columns[column];
        let label = class.labels[column];
        self.place.resize(self.place.len().max(tree.len()), 0);
        self.groups.clear();
        for share in &class.shares {
            let node = tree.toward(label, work.items.leaves(share.item)[column]);
            let place = &mut self.place[node as usize];
            if *place == 0 {
                self.groups.push(Group { node, tally: Tally::default() });
                *place = self.groups.len() as u32;
            }
            self.groups[*place as usize - 1].tally.add(work.items.sensitive(share.item), share.count);
        }
    }

    fn forget(&mut self) {
        for group in &self.groups {
            self.place[group.node as usize] = 0;
        }
    }
}

/// What splitting along a column is worth; 0 when it cannot be.
fn judge(work: &Work<'_>, class: &Class, column: usize, exponent: f64, scratch: &mut Scratch) -> f64 {
    let tree = &work.space.columns[column];
    let label = class.labels[column];
    if tree.is_leaf(label) {
        return 0.0;
    }
    scratch.count(work, class, column);
    scratch.forget();
    let k = work.rules.k;
    let above = u64::from(tree.weight(label));
    let (mut gain, mut least, mut spare, mut left) = (0.0, (u64::MAX, 0.0), 0, 0);
    let mut entropy = 0.0;
    let all = class.tally.records as f64;
    let mut bits = |records: u64| {
        let part = records as f64 / all;
        entropy -= if records == 0 { 0.0 } else { part * part.ln() };
    };
    for group in &scratch.groups {
        let records = group.tally.records;
        if work.rules.hold(&group.tally) {
            let saved = (records * (above - u64::from(tree.weight(group.node)))) as f64;
            gain += saved;
            spare += records - k;
            if records < least.0 {
                least = (records, saved);
            }
            bits(records);
        } else {
            left += records;
        }
    }
    bits(left);
    if left > 0 && left < k {
        let needed = k - left;
        if spare < needed {
            gain -= least.1;
        } else {
            gain -= (needed * above) as f64 * 0.5;
        }
    }
    if gain <= 0.0 { 0.0 } else { gain / entropy.max(1e-9).powf(exponent) }
}

/// Splits along the column of the best score that can be split.
fn split(work: &Work<'_>, class: &Class, mut scores: Vec<f64>, scratch: &mut Scratch) -> Option<Vec<Class>> {
    loop {
        let (column, best) = scores.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        if best <= 0.0 {
            return None;
        }
        if let Some(parts) = split_along(work, class, column, scratch) {
            return Some(parts);
        }
        scores[column] = 0.0;
    }
}

/// The parts of a class along one column: children that satisfy the rules and
/// a remainder that does, or nothing.
fn split_along(work: &Work<'_>, class: &Class, column: usize, scratch: &mut Scratch) -> Option<Vec<Class>> {
    scratch.count(work, class, column);
    let tree = &work.space.columns[column];
    let label = class.labels[column];
    let mut parts: Vec<Part> =
        scratch.groups.iter_mut().map(|group| Part { shares: Vec::new(), tally: std::mem::take(&mut group.tally) }).collect();
    for share in &class.shares {
        let node = tree.toward(label, work.items.leaves(share.item)[column]);
        parts[scratch.place[node as usize] as usize - 1].shares.push(*share);
    }
    scratch.forget();
    let (mut whole, small): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| work.rules.hold(&part.tally));
    let mut remainder = Part { shares: Vec::new(), tally: Tally::default() };
    for part in small {
        remainder.take_in(part);
    }
    if remainder.tally.records > 0 {
        whole.sort_by_key(|part| std::cmp::Reverse(part.tally.records));
        // Twice as many each time: there may be thousands of children.
        let mut parts = 1;
        while !work.rules.hold(&remainder.tally) && !borrow(work, &mut remainder, &mut whole) {
            for _ in 0..parts.min(whole.len().max(1)) {
                remainder.take_in(whole.pop()?);
            }
            parts *= 2;
        }
    }
    if whole.is_empty() {
        return None;
    }
    whole.push(remainder);
    Some(whole.into_iter().filter(|part| part.tally.records > 0).map(|part| Class::new(work, part.shares)).collect())
}

struct Part {
    shares: Vec<Share>,
    tally: Tally,
}

impl Part {
    fn take_in(&mut self, other: Part) {
        self.shares.extend(other.shares);
        self.tally.merge(&other.tally);
    }
}

/// Lets the remainder borrow the records that widen its labels least; false,
/// and nothing done, when the others cannot spare what it needs.
fn borrow(work: &Work<'_>, remainder: &mut Part, others: &mut [Part]) -> bool {
    let labels = Class::new(work, remainder.shares.clone()).labels;
    let many: usize = others.iter().map(|part| part.shares.len()).sum();
    let mut donors: Vec<(u64, usize, usize)> = Vec::new();
    let mut number = 0;
    for (part, other) in others.iter().enumerate() {
        if other.tally.records <= work.rules.k {
            continue;
        }
        for (at, share) in other.shares.iter().enumerate() {
            number += 1;
            if number % (many / DONORS + 1) == 0 {
                donors.push((work.space.joined_cost(&labels, work.items.leaves(share.item), u64::MAX), part, at));
            }
        }
    }
    donors.sort_unstable();
    let mut tally = remainder.tally.clone();
    let mut lent: Vec<(usize, usize, u64)> = Vec::new();
    // First what the sensitive column needs, then what k needs.
    for only_size in [false, true] {
        for (_, part, at) in &donors {
            if work.rules.hold(&tally) || (only_size && tally.records >= work.rules.k) {
                break;
            }
            let share = others[*part].shares[*at];
            let value = work.items.sensitive(share.item);
            let wanted = if only_size {
                work.rules.k - tally.records
            } else if work.rules.sensitive() && tally.of(value) == 0 {
                1
            } else {
                0
            };
            let before = lent.iter().filter(|(p, a, _)| p == part && a == at).map(|(_, _, count)| count).sum::<u64>();
            let count = work.rules.spare(&mut others[*part].tally, value, wanted.min(share.count - before));
            if count > 0 {
                others[*part].tally.take(value, count);
                tally.add(value, count);
                lent.push((*part, *at, count));
            }
        }
    }
    let enough = work.rules.hold(&tally);
    for (part, at, count) in lent {
        let share = &mut others[part].shares[at];
        if enough {
            share.count -= count;
            remainder.shares.push(Share { item: share.item, count });
        } else {
            let value = work.items.sensitive(share.item);
            others[part].tally.add(value, count);
        }
    }
    if enough {
        remainder.tally = tally;
        for part in others {
            part.shares.retain(|share| share.count > 0);
        }
    }
    enough
}
