//! Blocks: which pairs are looked at. A block that would be too large is split
//! by further keys; where those do not help, its records are compared with
//! their nearest neighbours in the order of content only, and that is counted.

use rayon::prelude::*;

use crate::describe::{Description, Key, Part};
use crate::records::Sorted;
use crate::sound::skeleton;

/// A run of records in `PassBlocks::members`.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    start: u32,
    end: u32,
    /// Each is compared with so many that follow; with all, if 0.
    window: u32,
}

#[derive(Default)]
pub(crate) struct PassBlocks {
    members: Vec<u32>,
    pub(crate) blocks: Vec<Block>,
    /// Blocks that had to be split by a further key.
    pub(crate) refined: u64,
    /// Blocks that stayed too large, and pairs in them that nobody compares in this pass.
    pub(crate) windowed: u64,
    pub(crate) not_compared: u64,
}

/// All blocks of all passes.
pub(crate) struct Blocks {
    pub(crate) passes: Vec<PassBlocks>,
    /// Record by record, the number of its block in each pass: tells whether an
    /// earlier pass has compared a pair already. 0 where it has none, or a window.
    numbers: Vec<u32>,
}

fn mix(state: u64, value: u64) -> u64 {
    let mixed = (state ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (mixed >> 32)
}

fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    mix(hash, text.len() as u64).max(1)
}

/// The key of a value; 0 where it has none.
fn key(value: &str, part: Part) -> u64 {
    let words = || value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let of = |text: &str| if text.is_empty() { 0 } else { hash(text) };
    match part {
        Part::Whole => of(value),
        Part::Prefix(length) => of(value.char_indices().nth(length).map_or(value, |(end, _)| &value[..end])),
        Part::Suffix(length) => {
            let from = value.chars().count().saturating_sub(length);
            of(value.char_indices().nth(from).map_or("", |(start, _)| &value[start..]))
        }
        Part::FirstSound => words().next().map_or(0, |word| of(&skeleton(word))),
        Part::LastSound => words().next_back().map_or(0, |word| of(&skeleton(word))),
        Part::Sound => {
            let mut all: Vec<String> = words().map(skeleton).collect();
            all.sort_unstable();
            of(&all.join(" "))
        }
    }
}

/// The keys of a column's values, by their number; 0 for a missing one.
struct Keys {
    column: usize,
    of: Vec<u64>,
}

impl Keys {
    fn new(wanted: Key, records: &Sorted) -> Keys {
        let values = &records.values[wanted.column];
        let mut of = Vec::with_capacity(values.len() + 1);
        of.push(0);
        of.par_extend(values.par_iter().map(|value| key(value, wanted.part)));
        Keys { column: wanted.column, of }
    }

    fn get(&self, records: &Sorted, record: u32) -> u64 {
        self.of[records.row(record)[self.column] as usize]
    }
}

impl PassBlocks {
    fn of(records: &Sorted, keys: &[Key], refine: &[Key], largest: usize) -> PassBlocks {
        let keys: Vec<Keys> = keys.iter().map(|key| Keys::new(*key, records)).collect();
        let mut keyed: Vec<(u64, u32)> = (0..records.len() as u32)
            .into_par_iter()
            .filter_map(|record| {
                keys.iter()
                    .try_fold(1, |all, key| match key.get(records, record) {
                        0 => None,
                        part => Some(mix(all, part)),
                    })
                    .map(|all| (all, record))
            })
            .collect();
        keyed.par_sort_unstable();
        let mut pass = PassBlocks::default();
        let refine: Vec<Keys> = if keyed.chunk_by(|a, b| a.0 == b.0).any(|block| block.len() > largest) {
            refine.iter().map(|key| Keys::new(*key, records)).collect()
        } else {
            Vec::new()
        };
        for block in keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            pass.add(block.iter().map(|(_, record)| *record).collect(), &refine, records, largest);
        }
        pass
    }

    fn add(&mut self, members: Vec<u32>, refine: &[Keys], records: &Sorted, largest: usize) {
        if members.len() < 2 {
            return;
        }
        if members.len() > largest
            && let Some((next, rest)) = refine.split_first()
        {
            self.refined += 1;
            let mut keyed: Vec<(u64, u32)> = members.into_iter().map(|record| (next.get(records, record), record)).collect();
            keyed.sort_unstable();
            for part in keyed.chunk_by(|a, b| a.0 == b.0) {
                self.add(part.iter().map(|(_, record)| *record).collect(), rest, records, largest);
            }
            return;
        }
        let start = self.members.len() as u32;
        let window = if members.len() > largest { (largest / 2).max(1) as u32 } else { 0 };
        if window > 0 {
            self.windowed += 1;
            let far = members.len() as u64 - u64::from(window);
            self.not_compared += far * (far - 1) / 2;
        }
        self.members.extend(members);
        self.blocks.push(Block { start, end: self.members.len() as u32, window });
    }
}

impl Blocks {
    pub(crate) fn of(description: &Description, records: &Sorted, largest: usize) -> Blocks {
        let count = description.passes.len();
        let mut numbers = vec![0; records.len() * count];
        let mut passes = Vec::with_capacity(count);
        for (place, pass) in description.passes.iter().enumerate() {
            let made = PassBlocks::of(records, &pass.keys, &pass.refine, largest.max(2));
            for (number, block) in (1u32..).zip(&made.blocks) {
                if block.window == 0 {
                    for record in &made.members[block.start as usize..block.end as usize] {
                        numbers[*record as usize * count + place] = number;
                    }
                }
            }
            passes.push(made);
        }
        Blocks { passes, numbers }
    }

    fn numbers(&self, record: u32) -> &[u32] {
        let count = self.passes.len();
        &self.numbers[record as usize * count..(record as usize + 1) * count]
    }

    /// Calls `with` for every pair of a block that no earlier pass has, the
    /// earlier record first; across the two sets only, where there are two.
    pub(crate) fn pairs(&self, pass: usize, block: Block, records: &Sorted, mut with: impl FnMut(u32, u32)) {
        let members = &self.passes[pass].members[block.start as usize..block.end as usize];
        let linking = records.first < records.len();
        for (place, one) in members.iter().enumerate() {
            let numbers = &self.numbers(*one)[..pass];
            let reach = if block.window == 0 { members.len() } else { (place + 1 + block.window as usize).min(members.len()) };
            for other in &members[place + 1..reach] {
                if linking && (((*one as usize) < records.first) == ((*other as usize) < records.first)) {
                    continue;
                }
                if numbers.iter().zip(self.numbers(*other)).any(|(a, b)| a == b && *a != 0) {
                    continue;
                }
                with(*one, *other);
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.numbers.len() * 4 + self.passes.iter().map(|pass| pass.members.len() * 4 + pass.blocks.len() * 12).sum::<usize>()
    }
}
