//! Attacks on published tables, from what is published alone. Each says what it
//! found; finding nothing is the only way through the gate.
//!
//! One attack of the policy a file. What an area, a program or a month is, and
//! where figures come from, is the caller's.

mod bounds;
mod differencing;
mod k_atoms;
mod linkage;
mod money;
mod programs;
mod whole_atoms;

pub use bounds::{Budget, System, Verdict, flow_slack, frechet};
pub use differencing::{few_changed, tells_of_corrected, tells_of_movers};
pub use k_atoms::{PublishedClass, k_atoms};
pub use linkage::{is_to_the_second, out_of_order, same_items};
pub use money::{ShownSum, few_behind, near_an_end, tells_of_amounts};
pub use programs::{in_all_three, in_all_three_between, small_regions};
pub use whole_atoms::whole_atoms;

/// The attacks by the names under which findings are reported, in the order of
/// the privacy policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attack {
    /// A published class, or a published count of people with a further
    /// attribute, is smaller than k, or few inhabitants stand behind a label.
    KAtoms,
    /// All tables of all releases together leave a hidden number of people with
    /// a further attribute fewer than k possible values.
    HiddenNumbers,
    /// A finer count is not a sum of whole atoms, zeros and totals included.
    WholeAtoms,
    /// Two releases, editions or revisions, subtracted, tell something of the
    /// few who joined, left or changed between them.
    Differencing,
    /// Ids, order or timestamps link rows of one edition to rows of another.
    Linkage,
    /// Sums of varying amounts tell somebody's amount.
    Money,
    /// Lists of programs, subtracted from each other, leave a small group.
    Programs,
}

impl Attack {
    /// All attacks that are run.
    pub const ALL: [Attack; 7] =
        [Attack::KAtoms, Attack::HiddenNumbers, Attack::WholeAtoms, Attack::Differencing, Attack::Linkage, Attack::Money, Attack::Programs];

    /// The name in reports and refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Attack::KAtoms => "k-atoms",
            Attack::HiddenNumbers => "hidden-numbers",
            Attack::WholeAtoms => "whole-atoms",
            Attack::Differencing => "differencing",
            Attack::Linkage => "linkage",
            Attack::Money => "money",
            Attack::Programs => "programs",
        }
    }
}

/// What an attack found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The attack.
    pub attack: Attack,
    /// The cell or class it is about.
    pub cell: String,
    /// What is wrong, in words.
    pub what: String,
}
