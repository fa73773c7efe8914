//! Bottom-up: join classes until each satisfies the rules.
//!
//! Slower and worse than splitting for a whole table, but for a pool of a few
//! classes it finds partitions that no sequence of splits leads to.

use super::class::{Class, Share, Work};
use super::random::Random;

/// How much chance there is in the choice of a partner.
const NOISE: f64 = 0.3;

/// Parts records bottom-up: each share begins as a class of its own, and the
/// tightest that does not satisfy the rules joins the one where that adds
/// least to the loss. All records together must satisfy the rules.
pub(super) fn gather(work: &Work<'_>, shares: Vec<Share>, random: &mut Random) -> Vec<Class> {
    let mut open: Vec<Class> = shares.into_iter().map(|share| Class::new(work, vec![share])).collect();
    random.shuffle(&mut open);
    let mut holds: Vec<bool> = open.iter().map(|class| work.rules.hold(&class.tally)).collect();
    loop {
        let lacking = open.iter().enumerate().filter(|(at, _)| !holds[*at]);
        let Some((at, _)) = lacking.min_by_key(|(_, class)| class.cost) else { return open };
        let class = open.swap_remove(at);
        holds.swap_remove(at);
        let mut partner = (f64::MAX, None);
        for (at, other) in open.iter().enumerate() {
            let cost = work.space.joined_cost(&class.labels, &other.labels, u64::MAX);
            let added = cost * (class.tally.records + other.tally.records) - class.loss() - other.loss();
            let score = added as f64 * (1.0 + NOISE * random.fraction());
            if score < partner.0 {
                partner = (score, Some(at));
            }
        }
        let Some(at) = partner.1 else {
            // Everything is in one class; it holds if the caller's word does.
            return vec![class];
        };
        open[at].join(work, class);
        holds[at] = work.rules.hold(&open[at].tally);
    }
}
