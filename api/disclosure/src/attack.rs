//! Attacks on published tables, from what is published alone. Each says what it
//! found; finding nothing is the only way through the gate.
//!
//! Here are attack 1 (k-atoms) and attack 3 (whole-atoms) of the policy.

use std::collections::HashMap;
use std::hash::Hash;

/// The attacks by the names under which findings are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// A published class, or a published count of people with a further
    /// attribute, is smaller than k, or few inhabitants stand behind a label.
    KAtoms,
    /// A finer count is not a sum of whole atoms.
    WholeAtoms,
}

impl Attack {
    /// All attacks that are run.
    pub const ALL: [Attack; 2] = [Attack::KAtoms, Attack::WholeAtoms];

    /// The name in reports and refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Attack::KAtoms => "k-atoms",
            Attack::WholeAtoms => "whole-atoms",
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

/// A published equivalence class.
#[derive(Debug, Clone)]
pub struct PublishedClass<L> {
    /// Everything published of its rows.
    pub label: L,
    /// How it is called in a finding.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Inhabitants that its label stands for, estimated.
    pub candidates: u64,
}

/// Attack 1. Classes of one label are one class to a reader, whatever their
/// numbers, and two atoms of one label are a mistake that shows how they were cut.
#[must_use]
pub fn k_atoms<L: Hash + Eq + Clone>(classes: &[PublishedClass<L>], k: u64, min_candidates: u64) -> Vec<Finding> {
    let finding = |class: &PublishedClass<L>, what: String| Finding { attack: Attack::KAtoms, cell: class.name.clone(), what };
    let mut findings = Vec::new();
    let mut seen: HashMap<&L, &str> = HashMap::with_capacity(classes.len());
    for class in classes {
        if class.rows < k {
            findings.push(finding(class, format!("{} rows, fewer than {k}", class.rows)));
        }
        if class.candidates < min_candidates {
            findings.push(finding(class, format!("about {} inhabitants behind the label, fewer than {min_candidates}", class.candidates)));
        }
        if let Some(first) = seen.insert(&class.label, &class.name) {
            findings.push(finding(class, format!("has the label of {first}")));
        }
    }
    findings
}

/// Attack 3, for rows beside exact totals: in every area or pool that the rows
/// name, the whole atoms must make up the exact total, and all together the
/// total of the whole. Otherwise the difference places rows that were recoded.
///
/// `atoms` gives, per label, the areas it names and its rows; `exact` the
/// published total of an area; `whole` that of the whole.
#[must_use]
pub fn whole_atoms<K: Hash + Eq + Ord + Clone + std::fmt::Display>(
    atoms: &[(Vec<K>, u64)],
    exact: &HashMap<K, u64>,
    whole: u64,
    name: &str,
) -> Vec<Finding> {
    let mut sums: HashMap<&[K], u64> = HashMap::new();
    for (areas, rows) in atoms {
        *sums.entry(areas).or_default() += rows;
    }
    let finding = |cell: String, what: String| Finding { attack: Attack::WholeAtoms, cell, what };
    let mut findings = Vec::new();
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_unstable();
    for (areas, rows) in &sums {
        let cell = format!("{name}|{}", areas.iter().map(ToString::to_string).collect::<Vec<_>>().join("~"));
        match areas.iter().map(|area| exact.get(area).copied()).sum::<Option<u64>>() {
            Some(total) if total == *rows => {}
            Some(total) => findings.push(finding(cell, format!("{rows} rows beside an exact total of {total}"))),
            None => findings.push(finding(cell, "rows name an area without a published total".to_owned())),
        }
    }
    let rows: u64 = sums.iter().map(|(_, rows)| rows).sum();
    if rows != whole {
        findings.push(finding(name.to_owned(), format!("{rows} rows beside an exact total of {whole}")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(label: u32, rows: u64, candidates: u64) -> PublishedClass<u32> {
        PublishedClass { label, name: format!("class {label}"), rows, candidates }
    }

    #[test]
    fn small_classes_few_candidates_and_twins_are_found() {
        assert!(k_atoms(&[class(1, 11, 100), class(2, 400, 5_000)], 11, 100).is_empty());
        for (violation, classes) in [
            ("rows", vec![class(1, 10, 100)]),
            ("inhabitants", vec![class(1, 11, 99)]),
            ("label", vec![class(1, 11, 100), class(1, 11, 100)]),
        ] {
            let found = k_atoms(&classes, 11, 100);
            assert!(found.len() == 1 && found[0].what.contains(violation), "{violation}: {found:?}");
        }
    }

    #[test]
    fn a_row_moved_between_areas_is_found() {
        let exact = HashMap::from([("a", 57), ("b", 20), ("c", 3), ("d", 9)]);
        let atoms = vec![(vec!["a"], 57), (vec!["b"], 20), (vec!["c", "d"], 12)];
        assert!(whole_atoms(&atoms, &exact, 89, "PKH").is_empty());
        let moved = vec![(vec!["a"], 55), (vec!["b"], 22), (vec!["c", "d"], 12)];
        assert_eq!(whole_atoms(&moved, &exact, 89, "PKH").len(), 2);
        let lost = vec![(vec!["a"], 57), (vec!["b"], 20)];
        assert_eq!(whole_atoms(&lost, &exact, 89, "PKH").len(), 1);
        let nowhere = vec![(vec!["x"], 89)];
        assert_eq!(whole_atoms(&nowhere, &exact, 89, "PKH").len(), 1);
    }
}
