//! What a class must satisfy, and the counts by which it is judged.

use std::fmt;

/// What every class must satisfy.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// At least so many records.
    pub k: u64,
    /// At least so many distinct values of the sensitive column; 1 asks nothing.
    pub distinct: usize,
    /// No sensitive value may have more than this share of a class's records
    /// (0 to 1); 1 asks nothing.
    pub top_share: f64,
}

/// Why no partition can satisfy the rules: not even the whole table does.
#[derive(Debug, Clone, PartialEq)]
pub enum Unmet {
    /// Fewer records than k.
    Records {
        /// Records in the table.
        has: u64,
        /// k.
        needs: u64,
    },
    /// Fewer distinct sensitive values than l.
    Distinct {
        /// Distinct values in the table.
        has: usize,
        /// l.
        needs: usize,
    },
    /// The commonest sensitive value is too common.
    TopShare {
        /// Its share of the table.
        has: f64,
        /// The bound.
        most: f64,
    },
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmet::Records { has, needs } => write!(f, "the table has {has} records, fewer than k = {needs}"),
            Unmet::Distinct { has, needs } => {
                write!(f, "the whole table has {has} distinct sensitive values, fewer than l = {needs}; no partition can have more")
            }
            Unmet::TopShare { has, most } => {
                write!(
                    f,
                    "the commonest sensitive value has a share of {has:.3} in the whole table, over the bound of {most}; no partition can hold it"
                )
            }
        }
    }
}

impl Rules {
    /// k records and nothing else.
    #[must_use]
    pub fn of_size(k: u64) -> Rules {
        Rules { k, distinct: 1, top_share: 1.0 }
    }

    /// Whether sensitive values matter at all.
    pub(super) fn sensitive(&self) -> bool {
        self.distinct > 1 || self.top_share < 1.0
    }

    pub(super) fn hold(&self, tally: &Tally) -> bool {
        self.unmet(tally).is_none()
    }

    /// The first rule that these counts break.
    pub(super) fn unmet(&self, tally: &Tally) -> Option<Unmet> {
        if tally.records < self.k.max(1) {
            return Some(Unmet::Records { has: tally.records, needs: self.k });
        }
        if self.sensitive() {
            if tally.values.len() < self.distinct {
                return Some(Unmet::Distinct { has: tally.values.len(), needs: self.distinct });
            }
            let top = tally.values.iter().map(|(_, count)| *count).max().unwrap_or(0);
            if self.top_share < 1.0 && top as f64 > self.top_share * tally.records as f64 {
                return Some(Unmet::TopShare { has: top as f64 / tally.records as f64, most: self.top_share });
            }
        }
        None
    }

    /// How many records of one sensitive value, `wanted` at most, these counts
    /// can give away and still satisfy the rules.
    pub(super) fn spare(&self, tally: &mut Tally, value: u32, wanted: u64) -> u64 {
        let most = wanted.min(tally.records.saturating_sub(self.k.max(1)));
        if most == 0 || !self.sensitive() {
            return most;
        }
        let mut count = most.min(tally.of(value));
        // Rarely more than two steps: all, all but one of the value, or none.
        loop {
            tally.take(value, count);
            let holds = self.hold(tally);
            tally.add(value, count);
            if holds || count == 0 {
                return count;
            }
            let has = tally.of(value);
            count = if count == has { count - 1 } else { 0 };
        }
    }
}

/// Records of a class, and if the rules ask how many of each sensitive value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub records: u64,
    /// Ascending by value; empty when the rules do not ask.
    pub values: Vec<(u32, u64)>,
}

/// The value of a record whose sensitive column nobody asks about.
pub(super) const UNASKED: u32 = u32::MAX;

impl Tally {
    pub fn add(&mut self, value: u32, count: u64) {
        self.records += count;
        if value == UNASKED || count == 0 {
            return;
        }
        match self.values.binary_search_by_key(&value, |(value, _)| *value) {
            Ok(at) => {
                if let Some((_, has)) = self.values.get_mut(at) {
                    *has += count;
                }
            }
            Err(at) => self.values.insert(at, (value, count)),
        }
    }

    pub fn take(&mut self, value: u32, count: u64) {
        self.records -= count;
        if value == UNASKED || count == 0 {
            return;
        }
        if let Ok(at) = self.values.binary_search_by_key(&value, |(value, _)| *value)
            && let Some((_, has)) = self.values.get_mut(at)
        {
            *has -= count;
            if *has == 0 {
                self.values.remove(at);
            }
        }
    }

    pub fn merge(&mut self, other: &Tally) {
        for (value, count) in &other.values {
            self.add(*value, *count);
            self.records -= count;
        }
        self.records += other.records;
    }

    pub fn of(&self, value: u32) -> u64 {
        self.values.binary_search_by_key(&value, |(value, _)| *value).ok().and_then(|at| self.values.get(at)).map_or(0, |(_, count)| *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(values: &[(u32, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (value, count) in values {
            tally.add(*value, *count);
        }
        tally
    }

    #[test]
    fn each_rule_can_be_unmet() {
        let rules = Rules { k: 4, distinct: 2, top_share: 0.75 };
        assert!(rules.hold(&tally(&[(0, 3), (1, 1)])));
        assert_eq!(rules.unmet(&tally(&[(0, 2), (1, 1)])), Some(Unmet::Records { has: 3, needs: 4 }));
        assert_eq!(rules.unmet(&tally(&[(0, 4)])), Some(Unmet::Distinct { has: 1, needs: 2 }));
        assert!(matches!(rules.unmet(&tally(&[(0, 4), (1, 1)])), Some(Unmet::TopShare { .. })));
    }

    #[test]
    fn what_is_spared_leaves_the_rules_satisfied() {
        let rules = Rules { k: 3, distinct: 2, top_share: 1.0 };
        assert_eq!(rules.spare(&mut tally(&[(0, 4), (1, 2)]), 0, 9), 3);
        assert_eq!(rules.spare(&mut tally(&[(0, 9), (1, 2)]), 1, 9), 1, "the last of a value is kept");
        assert_eq!(rules.spare(&mut tally(&[(0, 2), (1, 1)]), 0, 1), 0);
    }
}
