//! The chain of a district's releases: each names the one before it, so that a
//! release can only tell of releases that are behind it.

use std::collections::{BTreeMap, BTreeSet};

use domain::ReleaseId;

/// What comes before and after one release, of those at hand.
#[derive(Debug, Default)]
pub(super) struct Chain {
    release: Option<ReleaseId>,
    before: BTreeSet<ReleaseId>,
    after: BTreeSet<ReleaseId>,
    /// Whether the chain reaches the district's first release.
    complete: bool,
}

impl Chain {
    /// The chain of `release`, where `previous` tells of every release at hand
    /// which one it names.
    pub fn of(release: ReleaseId, previous: &BTreeMap<ReleaseId, Option<ReleaseId>>) -> Chain {
        let (before, complete) = back(release, previous);
        let after = previous.keys().copied().filter(|other| back(*other, previous).0.contains(&release)).collect();
        Chain { release: Some(release), before, after, complete }
    }

    /// Whether `other` was published before this release.
    pub fn is_behind(&self, other: ReleaseId) -> bool {
        self.before.contains(&other)
    }

    /// What is wrong with telling of `named` as of a release before this one.
    pub fn denies(&self, named: ReleaseId) -> Option<&'static str> {
        let release = self.release?;
        if named.district() != release.district() {
            return Some("is of another district");
        }
        let later = named.period() == release.period() && named.revision() > release.revision();
        if later || self.after.contains(&named) {
            return Some("came after this release");
        }
        (self.complete && named != release && !self.before.contains(&named)).then_some("is not among the releases before this one")
    }
}

/// The releases behind this one, and whether they reach the first.
fn back(from: ReleaseId, previous: &BTreeMap<ReleaseId, Option<ReleaseId>>) -> (BTreeSet<ReleaseId>, bool) {
    let (mut before, mut at) = (BTreeSet::new(), from);
    loop {
        match previous.get(&at) {
            Some(Some(next)) if *next != from && before.insert(*next) => at = *next,
            Some(None) => return (before, true),
            // Not at hand, or a circle.
            _ => return (before, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_behind_a_release_may_be_named() {
        let id = |text: &str| text.parse::<ReleaseId>().unwrap();
        let previous = BTreeMap::from([
            (id("12.74-2025-01"), None),
            (id("12.74-2025-02"), Some(id("12.74-2025-01"))),
            (id("12.74-2025-03"), Some(id("12.74-2025-02"))),
            (id("12.74-2025-02-r2"), Some(id("12.74-2025-03"))),
            (id("12.74-2025-09"), Some(id("12.74-2025-08"))),
        ]);
        let denied = |release: &str, named: &str| Chain::of(id(release), &previous).denies(id(named)).is_some();
        for named in ["12.74-2025-01", "12.74-2025-02", "12.74-2025-03"] {
            assert!(!denied("12.74-2025-03", named) && !denied("12.74-2025-02-r2", named), "{named}");
        }
        for named in ["12.74-2024-11", "12.74-2025-02-r2", "12.74-2025-01-r2", "12.02-2025-01"] {
            assert!(denied("12.74-2025-03", named), "{named}");
        }
        assert!(denied("12.74-2025-02", "12.74-2025-03"));
        // The chain breaks off: only what is known to be later is denied.
        assert!(!denied("12.74-2025-09", "12.74-2025-07") && denied("12.74-2025-09", "12.74-2025-09-r2"));
        let circle = BTreeMap::from([(id("12.74-2025-01"), Some(id("12.74-2025-02"))), (id("12.74-2025-02"), Some(id("12.74-2025-01")))]);
        assert!(Chain::of(id("12.74-2025-01"), &circle).denies(id("12.74-2024-01")).is_none());
    }
}
