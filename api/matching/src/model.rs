//! How likely each level is for one person (m) and for two (u), learnt from the
//! records themselves by expectation and maximisation, without an answer key.
//!
//! u starts from random pairs, m from what is usual ([`usual`]). Then all pairs
//! found by the passes, counted by their pattern, are shared out between one
//! person and two by the present figures, and the figures are taken anew from
//! the shares, until nothing moves. Random pairs take part: what among them is
//! taken for one person counts no longer towards u, or else a field that only
//! one person shares, such as a number, would seem to agree by chance.

use std::collections::BTreeMap;

use crate::compare::{MISSING, common_in, least_common, level_in, others_of};
use crate::describe::Description;

/// Levels and related conditions at most.
const LEVELS: usize = 7;

/// How many pairs the usual figures for m count as: few enough that a hundred
/// pairs teach better, enough that none at all teach nothing.
const USUAL_COUNTS: f64 = 20.0;

/// What is learnt of a field.
#[derive(Debug, Clone)]
pub struct FieldModel {
    /// What it is called.
    pub name: String,
    /// Probability of each level, lowest first, for two records of one person.
    pub m: Vec<f64>,
    /// The same for two persons, by related conditions met (none first).
    pub u: Vec<Vec<f64>>,
}

/// What is learnt of a set of records.
#[derive(Debug, Clone)]
pub struct Model {
    /// Field by field.
    pub fields: Vec<FieldModel>,
    /// How likely it is that a pair is one person, by related conditions met.
    pub prior: Vec<f64>,
    /// How often the figures were taken anew.
    pub rounds: u32,
    /// log2(m/u): by related conditions, field and level.
    weights: Vec<Vec<[f64; LEVELS]>>,
    related: Vec<(usize, usize)>,
    /// Of a field by frequency, from which level on it is the same value.
    same: Vec<Option<usize>>,
    only_against: Vec<bool>,
    /// Fields by frequency, and for each commonness the log2 of how often others have such a value.
    common: Vec<(usize, [f64; 8])>,
}

/// How many pairs have each pattern.
pub(crate) type Patterns = BTreeMap<u64, u64>;

/// Which levels are usual for one person: nearly always equal, the rest shared
/// by the levels below, a nearer one taking twice what the next takes.
fn usual(levels: usize) -> Vec<f64> {
    let rest: f64 = (1..levels).map(|level| f64::from(1u32 << level)).sum();
    (0..levels).map(|level| if level + 1 == levels { 0.85 } else { 0.15 * f64::from(1u32 << (level + 1)) / rest }).collect()
}

/// How many of the related conditions a pattern meets, one after the other.
fn met(related: &[(usize, usize)], pattern: u64) -> usize {
    related
        .iter()
        .take_while(|(field, least)| {
            let level = level_in(pattern, *field);
            level != MISSING && usize::from(level) >= *least
        })
        .count()
}

/// The levels a field can have in pairs that meet just the first `met` conditions.
fn possible(related: &[(usize, usize)], met: usize, field: usize, levels: usize) -> std::ops::Range<usize> {
    match related.iter().position(|(other, _)| *other == field) {
        Some(place) if place < met => related[place].1..levels,
        Some(place) if place == met => 0..related[place].1,
        _ => 0..levels,
    }
}

/// The shares among the possible levels; of none, all alike.
fn renormalise(counts: &[f64], possible: &std::ops::Range<usize>) -> Vec<f64> {
    let sum: f64 = counts[possible.clone()].iter().sum();
    (0..counts.len())
        .map(|level| {
            if !possible.contains(&level) {
                0.0
            } else if sum > 0.0 {
                counts[level] / sum
            } else {
                1.0 / possible.len() as f64
            }
        })
        .collect()
}

impl Model {
    /// Learns from pairs of the passes and from random pairs, of `all` pairs there are.
    pub(crate) fn learn(description: &Description, found: &Patterns, random: &Patterns, all: f64, records: f64) -> Model {
        let related = description.related.clone();
        let strata = related.len() + 1;
        let levels: Vec<usize> = (0..description.fields.len()).map(|field| description.levels(field)).collect();
        let usual: Vec<Vec<f64>> = levels.iter().map(|levels| usual(*levels)).collect();
        let found: Vec<(u64, f64, usize)> =
            found.iter().map(|(pattern, count)| (*pattern, *count as f64, met(&related, *pattern))).collect();
        let random: Vec<(u64, f64)> =
            random.iter().filter(|(pattern, _)| met(&related, **pattern) == 0).map(|(pattern, count)| (*pattern, *count as f64)).collect();
        // Pairs by conditions met. All that meet one are among the found.
        let mut totals = vec![0.0; strata];
        for (_, count, met) in &found {
            totals[*met] += count;
        }
        totals[0] = (all - totals[1..].iter().sum::<f64>()).max(1.0);

        let mut model = Model {
            fields: description
                .fields
                .iter()
                .zip(&usual)
                .map(|(field, usual)| FieldModel { name: field.name.clone(), m: usual.clone(), u: vec![Vec::new(); strata] })
                .collect(),
            // To begin with, one in a hundred records has a double; of related
            // pairs, which are few, one in ten is of one person.
            prior: totals
                .iter()
                .enumerate()
                .map(|(met, _)| if met == 0 { (0.01 * (2.0 * all).sqrt() / all).min(0.1) } else { 0.1 })
                .collect(),
            rounds: 0,
            weights: Vec::new(),
            related,
            only_against: description.fields.iter().map(|field| field.only_against).collect(),
            common: description
                .fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.by_frequency)
                .map(|(place, _)| (place, std::array::from_fn(|step| (others_of(step as u8) / records.max(2.0)).min(0.5).log2())))
                .collect(),
            same: description.fields.iter().map(|field| field.by_frequency.then(|| field.comparator.same(field.columns.len()))).collect(),
        };
        let mut shares_random: Vec<f64> = vec![0.0; random.len()];
        let mut shares: Vec<f64> = vec![0.0; found.len()];
        for round in 0..500 {
            model.rounds = round;
            model.take_u(&levels, &found, &shares, &random, &shares_random);
            if round == 0 {
                model.begin_related(&levels);
            }
            model.weigh();
            for ((pattern, _), share) in random.iter().zip(&mut shares_random) {
                *share = probability(model.learning_weight(*pattern, 0));
            }
            let mut moved: f64 = 0.0;
            for ((pattern, count, met), share) in found.iter().zip(&mut shares) {
                let now = probability(model.learning_weight(*pattern, *met));
                moved += (now - *share).abs() * count;
                *share = now;
            }
            let matches: f64 = found.iter().zip(&shares).map(|((_, count, _), share)| count * share).sum();
            let mut ones = vec![0.0; strata];
            for ((_, count, met), share) in found.iter().zip(&shares) {
                ones[*met] += count * share;
            }
            for (prior, (ones, total)) in model.prior.iter_mut().zip(ones.iter().zip(&totals)) {
                *prior = ((ones + 0.5) / (total + 1.0)).clamp(1e-15, 0.99);
            }
            for (field, usual) in usual.iter().enumerate() {
                let mut counts: Vec<f64> = usual.iter().map(|share| share * USUAL_COUNTS).collect();
                for ((pattern, count, _), share) in found.iter().zip(&shares) {
                    let level = level_in(*pattern, field);
                    if level != MISSING {
                        counts[usize::from(level)] += count * share;
                    }
                }
                model.fields[field].m = renormalise(&counts, &(0..levels[field]));
            }
            if moved <= 1e-4 * (matches + 1.0) && round > 2 {
                break;
            }
        }
        model.take_u(&levels, &found, &shares, &random, &shares_random);
        model.weigh();
        model
    }

    /// Related pairs begin as strangers are: nothing has been shared out yet, and
    /// where most of them are of one person, these would pass for their usual way.
    fn begin_related(&mut self, levels: &[usize]) {
        for (place, field) in self.fields.iter_mut().enumerate() {
            for met in 1..self.prior.len() {
                field.u[met] = renormalise(&field.u[0], &possible(&self.related, met, place, levels[place]));
            }
        }
    }

    fn take_u(&mut self, levels: &[usize], found: &[(u64, f64, usize)], shares: &[f64], random: &[(u64, f64)], shares_random: &[f64]) {
        for (field, levels) in levels.iter().enumerate() {
            let mut counts = vec![vec![0.0; *levels]; self.prior.len()];
            let mut add = |met: usize, pattern: u64, count: f64| {
                let level = level_in(pattern, field);
                if level != MISSING {
                    counts[met][usize::from(level)] += count;
                }
            };
            for ((pattern, count), share) in random.iter().zip(shares_random) {
                add(0, *pattern, count * (1.0 - share));
            }
            for ((pattern, count, met), share) in found.iter().zip(shares).filter(|((_, _, met), _)| *met > 0) {
                add(*met, *pattern, count * (1.0 - share));
            }
            for (met, mut counts) in counts.into_iter().enumerate() {
                // Half a pair for every level, so that what never happened stays
                // possible; and few related pairs teach little, so that those
                // who are less related count with them.
                for (level, count) in counts.iter_mut().enumerate() {
                    let less = if met == 0 { 0.0 } else { self.fields[field].u[met - 1][level] };
                    *count += 0.5 + USUAL_COUNTS * less;
                }
                let mut u = renormalise(&counts, &possible(&self.related, met, field, *levels));
                if let (Some(same), 1..) = (self.same[field], met) {
                    u = self.as_relatives(field, &u, same);
                }
                self.fields[field].u[met] = u;
            }
        }
    }

    /// How often relatives agree on what tells people apart: on the same name as
    /// seldom as strangers, since nobody names two children alike; on likeness
    /// below that as often as is learnt, and not less often than strangers.
    /// Without this, one class explains few related pairs as well as two do.
    fn as_relatives(&self, field: usize, learnt: &[f64], same: usize) -> Vec<f64> {
        let strangers = &self.fields[field].u[0];
        let below: Vec<f64> = learnt[..same].iter().zip(strangers).map(|(own, other)| own.max(*other)).collect();
        let left = 1.0 - strangers[same..].iter().sum::<f64>();
        let sum: f64 = below.iter().sum();
        below.into_iter().map(|share| share * left / sum.max(f64::MIN_POSITIVE)).chain(strangers[same..].iter().copied()).collect()
    }

    fn weigh(&mut self) {
        self.weights = (0..self.prior.len())
            .map(|met| {
                self.fields
                    .iter()
                    .enumerate()
                    .map(|(place, field)| {
                        let m = renormalise(&field.m, &possible(&self.related, met, place, field.m.len()));
                        let mut weights = [0.0; LEVELS];
                        for (level, weight) in weights.iter_mut().enumerate().take(m.len()) {
                            if m[level] > 0.0 && field.u[met][level] > 0.0 {
                                *weight = (m[level] / field.u[met][level]).log2();
                                if self.only_against[place] {
                                    *weight = weight.min(0.0);
                                }
                            }
                        }
                        weights
                    })
                    .collect()
            })
            .collect();
    }

    /// How many related conditions a pattern meets.
    pub(crate) fn met(&self, pattern: u64) -> usize {
        met(&self.related, pattern)
    }

    /// log2 of the odds that a pattern is of one person, by how common its values
    /// are. While learning, too: in a large district most pairs of one name and
    /// nearly one birth date are chance, of common names, and would otherwise
    /// teach that this is what one person looks like.
    fn learning_weight(&self, pattern: u64, met: usize) -> f64 {
        self.common.iter().enumerate().fold(self.plain_weight(pattern, met), |weight, (place, (field, others))| {
            let (level, top) = (level_in(pattern, *field), self.fields[*field].m.len() - 1);
            if level == MISSING || level < least_common(top + 1) {
                return weight;
            }
            let usual = self.fields[*field].u[0][top].max(f64::MIN_POSITIVE).log2();
            let more = usual - others[usize::from(common_in(pattern, place))];
            weight + if usize::from(level) == top { more } else { more.min(0.0) }
        })
    }

    /// log2 of the odds that a pattern is of one person, common values or not.
    pub(crate) fn plain_weight(&self, pattern: u64, met: usize) -> f64 {
        let prior = self.prior[met];
        self.weights[met].iter().enumerate().fold((prior / (1.0 - prior)).log2(), |weight, (field, levels)| {
            let level = level_in(pattern, field);
            if level == MISSING { weight } else { weight + levels[usize::from(level)] }
        })
    }
}

/// The probability of odds given as log2.
pub(crate) fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_figures_add_up() {
        for levels in 2..=7 {
            let m = usual(levels);
            assert!((m.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{m:?}");
            assert!(m.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn probabilities_of_odds() {
        assert!((probability(0.0) - 0.5).abs() < 1e-12);
        assert!(probability(-2000.0) < 1e-12 && probability(2000.0) > 1.0 - 1e-12);
    }
}
