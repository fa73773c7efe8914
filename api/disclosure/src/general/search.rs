//! The local search: rounds over regions.
//!
//! In each round the classes are put in order along a random order of columns,
//! so that classes of like labels stand together, and cut into regions of
//! bounded size. Regions are bettered independently and in parallel, each with
//! a random stream of its own, so the result does not depend on threads. A
//! region only ever changes for the better or stays equal, so a further round
//! never loses more; and rounds do not know how many will follow, so more
//! effort begins exactly as less effort does.

use rayon::prelude::*;

use super::class::{Class, Work};
use super::random::Random;
use super::region::Region;

/// How long and where to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Rounds of local search; 0 is the top-down partition alone.
    pub effort: u32,
    /// The same seed gives the same result.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Search {
        Search { effort: 6, seed: 1 }
    }
}

impl Search {
    /// The effort that takes seconds and not minutes: 6 rounds for a table of
    /// up to 66,000 distinct rows, fewer for a larger one, at least 1.
    #[must_use]
    pub fn suited(distinct: usize) -> Search {
        let effort = (400_000 / distinct.max(1)).clamp(1, 6) as u32;
        Search { effort, ..Search::default() }
    }
}

/// Classes of a region.
const REGION: usize = 256;

/// Betters a partition in rounds.
pub(super) fn improve(work: &Work<'_>, classes: &mut Vec<Class>, search: &Search) {
    for round in 0..u64::from(search.effort) {
        let mut random = Random::of(&[search.seed, round]);
        order(work, classes, &mut random);
        let offset = random.below(REGION);
        let mut regions: Vec<Vec<Class>> = Vec::new();
        let mut all = std::mem::take(classes).into_iter().peekable();
        let mut size = REGION - offset;
        while all.peek().is_some() {
            regions.push(all.by_ref().take(size).collect());
            size = REGION;
        }
        let bettered: Vec<Vec<Class>> = regions
            .into_par_iter()
            .enumerate()
            .map(|(number, classes)| {
                let random = Random::of(&[search.seed, round, number as u64 + 1]);
                Region::new(work, classes).better(random)
            })
            .collect();
        classes.extend(bettered.into_iter().flatten());
    }
}

/// Sorts classes by their labels, a random column first.
fn order(work: &Work<'_>, classes: &mut [Class], random: &mut Random) {
    let mut columns: Vec<usize> = (0..work.space.columns.len()).collect();
    random.shuffle(&mut columns);
    let place = |class: &Class, column: usize| work.space.columns[column].position(class.labels[column]);
    classes.par_sort_by(|a, b| {
        let by_column = columns.iter().map(|column| place(a, *column).cmp(&place(b, *column)));
        by_column.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then_with(|| a.labels.cmp(&b.labels))
    });
}
