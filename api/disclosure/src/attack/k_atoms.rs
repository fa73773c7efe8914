//! Attack 1: classes that are too small, or stand for too few inhabitants.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Attack, Finding};

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
}
