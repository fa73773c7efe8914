//! From records to pairs: sort, block, learn, judge. Pairs are never all held:
//! the first walk over the blocks counts patterns, the second keeps what is
//! likely enough, so memory grows with the records and not with the pairs.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::block::{Block, Blocks};
use crate::compare::{Comparer, MISSING, least_common, level_in};
use crate::describe::{Description, Error};
use crate::model::{Model, Patterns, probability};
use crate::records::{Records, Sorted};

/// What may be chosen; the same for all data unless somebody has a reason.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Pairs of at least this probability are returned.
    pub threshold: f64,
    /// Blocks of more records are split.
    pub largest_block: usize,
    /// So many random pairs are looked at, or all there are if fewer.
    pub random_pairs: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { threshold: crate::POSSIBLE, largest_block: 300, random_pairs: 2_000_000 }
    }
}

/// Two records that may be of one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Place of the one, in the order of pushing; in `link` of the first set.
    pub one: u32,
    /// Place of the other; in `dedupe` after `one`, in `link` of the second set.
    pub other: u32,
    /// log2 of the odds that it is one person.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
}

/// What a pass did.
#[derive(Debug, Clone)]
pub struct PassReport {
    /// What it is called.
    pub name: String,
    /// Blocks of two or more.
    pub blocks: u64,
    /// Blocks that were too large and were split by a further key.
    pub refined: u64,
    /// Blocks that stayed too large: only neighbours were compared.
    pub windowed: u64,
    /// Pairs of those blocks that this pass therefore left out.
    pub not_compared: u64,
    /// Pairs that no earlier pass had.
    pub pairs: u64,
}

/// What was found, and how.
#[derive(Debug, Clone)]
pub struct Found {
    /// Ascending by places.
    pub pairs: Vec<Pair>,
    /// What was learnt.
    pub model: Model,
    /// Pass by pass.
    pub passes: Vec<PassReport>,
    /// Pairs there are in all.
    pub all_pairs: f64,
    /// Bytes held for the records, their values made ready, and the blocks.
    pub bytes: usize,
}

/// Finds pairs of one person within a set.
///
/// # Errors
/// When the description does not fit the records.
pub fn dedupe(description: &Description, records: Records, settings: &Settings) -> Result<Found, Error> {
    run(description, records, None, settings)
}

/// Finds pairs of one person across two sets of the same columns.
///
/// # Errors
/// When the description does not fit the records.
pub fn link(description: &Description, one: Records, other: Records, settings: &Settings) -> Result<Found, Error> {
    if one.width() != other.width() {
        return Err(Error::Column { column: other.width().max(one.width()) - 1, columns: one.width().min(other.width()) });
    }
    run(description, one, Some(other), settings)
}

fn run(description: &Description, one: Records, other: Option<Records>, settings: &Settings) -> Result<Found, Error> {
    description.check(one.width())?;
    if one.len() + other.as_ref().map_or(0, Records::len) > i32::MAX as usize {
        return Err(Error::TooMany);
    }
    let linking = other.is_some();
    let records = Sorted::of(one, other);
    let (first, len) = (records.first as f64, records.len() as f64);
    let all_pairs = if linking { first * (len - first) } else { len * (len - 1.0) / 2.0 };
    let blocks = Blocks::of(description, &records, settings.largest_block);
    let comparer = Comparer::of(description, &records);
    let (random, (found, pairs_of_passes)) =
        rayon::join(|| random_patterns(&comparer, &records, settings.random_pairs), || count(&comparer, &records, &blocks));
    let model = Model::learn(description, &found, &random, all_pairs.max(1.0), len);
    let judge = Judge { description, records: &records, model: &model };
    let mut pairs = if records.is_empty_pair(linking) { Vec::new() } else { keep(&comparer, &blocks, &judge, settings.threshold) };
    pairs.par_sort_unstable_by_key(|pair| (pair.one, pair.other));
    pairs.dedup_by_key(|pair| (pair.one, pair.other));
    let passes = description
        .passes
        .iter()
        .zip(&blocks.passes)
        .zip(pairs_of_passes)
        .map(|((pass, made), pairs)| PassReport {
            name: pass.name.clone(),
            blocks: made.blocks.len() as u64,
            refined: made.refined,
            windowed: made.windowed,
            not_compared: made.not_compared,
            pairs,
        })
        .collect();
    Ok(Found { pairs, passes, all_pairs, bytes: records.bytes() + blocks.bytes() + comparer.bytes(), model })
}

impl Sorted {
    fn is_empty_pair(&self, linking: bool) -> bool {
        linking && (self.first == 0 || self.first == self.len()) || self.len() < 2
    }
}

type Counts = HashMap<u64, u64>;

fn merged(mut one: Counts, other: Counts) -> Counts {
    for (pattern, count) in other {
        *one.entry(pattern).or_default() += count;
    }
    one
}

fn blocks_of(blocks: &Blocks) -> impl IndexedParallelIterator<Item = (usize, Block)> {
    let all: Vec<(usize, Block)> =
        blocks.passes.iter().enumerate().flat_map(|(pass, made)| made.blocks.iter().map(move |block| (pass, *block))).collect();
    all.into_par_iter().with_min_len(64)
}

/// The patterns of all pairs of the passes, and how many pairs each pass brought.
fn count(comparer: &Comparer, records: &Sorted, blocks: &Blocks) -> (Patterns, Vec<u64>) {
    let none = || (Counts::new(), vec![0; blocks.passes.len()]);
    let (counts, pairs) = blocks_of(blocks)
        .fold(none, |(mut counts, mut pairs), (pass, block)| {
            blocks.pairs(pass, block, records, |one, other| {
                *counts.entry(comparer.pattern(records.row(one), records.row(other))).or_default() += 1;
                pairs[pass] += 1;
            });
            (counts, pairs)
        })
        .reduce(none, |(counts, pairs), (more, other)| (merged(counts, more), pairs.iter().zip(other).map(|(a, b)| a + b).collect()));
    (counts.into_iter().collect(), pairs)
}

/// A number that looks random and depends on `seed` alone.
fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x2545_F491_4F6C_DD1D);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Patterns of pairs taken by chance, or of all pairs where there are no more than `most`.
fn random_patterns(comparer: &Comparer, records: &Sorted, most: u64) -> Patterns {
    let linking = records.first < records.len();
    let (first, second) = if linking { (records.first, records.len() - records.first) } else { (records.len(), records.len()) };
    let from = if linking { records.first } else { 0 };
    if first == 0 || second < 2 - usize::from(linking) {
        return Patterns::new();
    }
    let whole = (first as u64).saturating_mul(second as u64) <= if linking { most } else { most.saturating_mul(2) };
    let tally = |counts: &mut Counts, one: usize, other: usize| {
        *counts.entry(comparer.pattern(records.row(one as u32), records.row(other as u32))).or_default() += 1;
    };
    let counts = if whole {
        (0..first)
            .into_par_iter()
            .fold(Counts::new, |mut counts, one| {
                for other in if linking { from..from + second } else { one + 1..second } {
                    tally(&mut counts, one, other);
                }
                counts
            })
            .reduce(Counts::new, merged)
    } else {
        (0..u32::try_from(most).unwrap_or(u32::MAX))
            .into_par_iter()
            .with_min_len(4096)
            .fold(Counts::new, |mut counts, seed| {
                let seed = u64::from(seed);
                let one = (scatter(2 * seed) % first as u64) as usize;
                let other = from + (scatter(2 * seed + 1) % second as u64) as usize;
                if one != other {
                    tally(&mut counts, one, other);
                }
                counts
            })
            .reduce(Counts::new, merged)
    };
    counts.into_iter().collect()
}

struct Judge<'a> {
    description: &'a Description,
    records: &'a Sorted,
    model: &'a Model,
}

impl Judge<'_> {
    /// log2 of the odds of a pair, rare values counting for more.
    fn weight(&self, pattern: u64, one: &[u32], other: &[u32]) -> f64 {
        let met = self.model.met(pattern);
        let mut weight = self.model.plain_weight(pattern, met);
        for (place, field) in self.description.fields.iter().enumerate().filter(|(_, field)| field.by_frequency) {
            let level = level_in(pattern, place);
            let top = self.description.levels(place) as u8 - 1;
            if level == MISSING || level < least_common(self.description.levels(place)) {
                continue;
            }
            let column = field.columns[0];
            let count = |cell: u32| f64::from(self.records.counts[column][cell as usize]);
            // How often others have the value: one of the two is not asked.
            let others = (count(one[column]).max(count(other[column])) - 1.0).max(1.0) / (self.records.len() as f64 - 1.0).max(1.0);
            let usual = self.model.fields[place].u[0][usize::from(top)].max(f64::MIN_POSITIVE);
            weight += if level == top {
                (usual / others).log2()
            } else {
                // What is written nearly so is as common as what is written so.
                (usual / others).log2().min(0.0)
            };
        }
        weight
    }
}

/// The pairs that are likely enough.
fn keep(comparer: &Comparer, blocks: &Blocks, judge: &Judge<'_>, threshold: f64) -> Vec<Pair> {
    let records = judge.records;
    blocks_of(blocks)
        .fold(Vec::new, |mut kept, (pass, block)| {
            blocks.pairs(pass, block, records, |one, other| {
                let (a, b) = (records.row(one), records.row(other));
                let weight = judge.weight(comparer.pattern(a, b), a, b);
                let probability = probability(weight);
                if probability >= threshold {
                    let (mut one, mut other) = (records.original[one as usize], records.original[other as usize]);
                    if records.first == records.len() && one > other {
                        std::mem::swap(&mut one, &mut other);
                    }
                    kept.push(Pair { one, other, weight, probability });
                }
            });
            kept
        })
        .reduce(Vec::new, |mut one, other| {
            one.extend(other);
            one
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Comparator, Field, Key, Part, Pass};
    use proptest::prelude::*;

    /// Name, birth date, family card, kelurahan.
    fn people() -> Description {
        let field = |name: &str, comparator, columns: &[usize], by_frequency| Field {
            name: name.to_owned(),
            comparator,
            columns: columns.to_vec(),
            by_frequency,
            only_against: false,
        };
        let key = |column, part| Key { column, part };
        let pass = |keys: &[Key]| Pass { name: "pass".to_owned(), keys: keys.to_vec(), refine: vec![key(3, Part::Whole)] };
        Description {
            fields: vec![
                field("name", Comparator::Name, &[0], true),
                field("birth date", Comparator::Date, &[1], false),
                field("place", Comparator::Nested, &[2, 3], false),
            ],
            passes: vec![pass(&[key(2, Part::Whole)]), pass(&[key(1, Part::Whole)]), pass(&[key(0, Part::Sound), key(1, Part::Prefix(4))])],
            related: vec![(2, 2), (1, 3)],
        }
    }

    fn run_on(rows: &[[String; 4]]) -> Found {
        let mut records = Records::new(4);
        for row in rows {
            records.push(&row.each_ref().map(String::as_str));
        }
        dedupe(&people(), records, &Settings::default()).unwrap()
    }

    const WORDS: [&str; 24] = [
        "SITI",
        "AMINAH",
        "MUHAMMAD",
        "YUSUF",
        "BUDI",
        "SUPARMAN",
        "HADI",
        "WATI",
        "RATNA",
        "DEWI",
        "JOKO",
        "TRI",
        "AGUS",
        "EKO",
        "NUR",
        "HIDAYAT",
        "LESTARI",
        "RAHMAN",
        "FITRI",
        "HANDAYANI",
        "SLAMET",
        "RIYADI",
        "KARTIKA",
        "PUSPITA",
    ];

    /// Families of four who are nobody, some with twins.
    fn made_up(families: u64) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        for family in 0..families {
            for member in 0..4 {
                let chance = |of: u64, what: u64| scatter(family * 101 + member * 7 + what * 1_000_003) % of;
                let word = |what| WORDS[(chance(24, what) * chance(24, what + 50) / 23) as usize];
                // Every tenth family has twins, whose names share a word.
                let twin = family % 10 == 0 && member == 3;
                let born = if twin {
                    rows.last().map(|row: &[String; 4]| row[1].clone()).unwrap()
                } else {
                    format!("{}{:02}{:02}", 1950 + chance(70, 3), 1 + chance(12, 4), 1 + chance(28, 5))
                };
                let name = format!("{} {} {}", word(6), word(7), word(8));
                rows.push([name, born, format!("K{family}"), format!("A{}", family % 20)]);
            }
        }
        rows
    }

    #[test]
    fn planted_doubles_are_found_and_twins_are_not() {
        let mut rows = made_up(1500);
        let count = rows.len();
        let mut planted = Vec::new();
        for at in 0..60 {
            let of = at * 97;
            let mut row = rows[of].clone();
            match at % 6 {
                0 => row[0].insert(2, 'H'),
                1 => row[2] = format!("N{at}"),
                2 => {
                    row[1].pop();
                    row[1].push('1');
                }
                3 | 4 => {}
                _ => row[0] = row[0].split(' ').rev().collect::<Vec<_>>().join(" "),
            }
            planted.push((of as u32, (count + at) as u32));
            rows.push(row);
        }
        let found = run_on(&rows);
        let hits = found.pairs.iter().filter(|pair| planted.contains(&(pair.one, pair.other))).count();
        // Those of one family and one day whose names differ by a slip may be
        // twins, of whom so few families tell too little: they are the rest.
        assert!(hits >= 50, "{hits} of 60 planted doubles found, {:?}", found.model);
        assert!(found.pairs.len() <= hits + 3, "{} pairs beside {hits} planted ones", found.pairs.len() - hits);
    }

    #[test]
    fn where_nobody_stands_twice_next_to_nothing_is_found() {
        let found = run_on(&made_up(2000));
        assert!(found.pairs.len() <= 3, "{} pairs", found.pairs.len());
    }

    #[test]
    fn blocks_too_large_are_split_and_said() {
        let mut rows = made_up(300);
        for row in &mut rows {
            row[1] = "19700101".to_owned();
        }
        let mut records = Records::new(4);
        for row in &rows {
            records.push(&row.each_ref().map(String::as_str));
        }
        let found = dedupe(&people(), records, &Settings { largest_block: 50, ..Settings::default() }).unwrap();
        assert!(found.passes[1].refined >= 1);
        assert!(found.passes[1].windowed >= 1 && found.passes[1].not_compared > 0);
    }

    #[test]
    fn links_only_across() {
        let rows = made_up(300);
        let of = |rows: &[[String; 4]]| {
            let mut records = Records::new(4);
            for row in rows {
                records.push(&row.each_ref().map(String::as_str));
            }
            records
        };
        let (one, other) = (&rows[..800], &rows[700..]);
        let found = link(&people(), of(one), of(other), &Settings::default()).unwrap();
        assert!(found.pairs.iter().filter(|pair| pair.one == pair.other + 700).count() >= 95);
        let back = link(&people(), of(other), of(one), &Settings::default()).unwrap();
        assert_eq!(back.pairs.len(), found.pairs.len());
    }

    #[test]
    fn descriptions_that_do_not_fit() {
        let mut wrong = people();
        wrong.fields[0].columns = vec![9];
        assert_eq!(dedupe(&wrong, Records::new(4), &Settings::default()).err(), Some(Error::Column { column: 9, columns: 4 }));
        let mut wrong = people();
        wrong.related = vec![(0, 9)];
        assert_eq!(dedupe(&wrong, Records::new(4), &Settings::default()).err(), Some(Error::Related(0)));
        assert!(dedupe(&people(), Records::new(4), &Settings::default()).unwrap().pairs.is_empty());
    }

    fn any_row() -> impl Strategy<Value = [String; 4]> {
        ("(AB|SITI|\\PC{0,3})( (CD|M|AMINAH))?", "(1970010[1-3]|1984121[0-9]|\\PC{0,3})", "(K1|K2|)", "(A|B|)")
            .prop_map(|(a, b, c, d)| [a, b, c, d])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_order_of_records_does_not_matter(rows in proptest::collection::vec(any_row(), 0..24), turn in 0usize..24) {
            let found = run_on(&rows);
            let mut turned = rows.clone();
            let turn = turn.min(rows.len());
            turned.rotate_left(turn);
            turned.reverse();
            let back = |place: u32| ((rows.len() - 1 - place as usize + turn) % rows.len()) as u32;
            let mut again: Vec<(u32, u32, u64)> = run_on(&turned)
                .pairs
                .iter()
                .map(|pair| (back(pair.one).min(back(pair.other)), back(pair.one).max(back(pair.other)), pair.weight.to_bits()))
                .collect();
            again.sort_unstable();
            let first: Vec<(u32, u32, u64)> = found.pairs.iter().map(|pair| (pair.one, pair.other, pair.weight.to_bits())).collect();
            prop_assert!(first == again, "{} and {} pairs", first.len(), again.len());
        }

        #[test]
        fn patterns_are_symmetric(rows in proptest::collection::vec(any_row(), 2..12)) {
            let mut records = Records::new(4);
            for row in &rows {
                records.push(&row.each_ref().map(String::as_str));
            }
            let records = Sorted::of(records, None);
            let comparer = Comparer::of(&people(), &records);
            for one in 0..records.len() as u32 {
                for other in 0..records.len() as u32 {
                    let (a, b) = (records.row(one), records.row(other));
                    prop_assert_eq!(comparer.pattern(a, b), comparer.pattern(b, a));
                }
            }
        }
    }
}
