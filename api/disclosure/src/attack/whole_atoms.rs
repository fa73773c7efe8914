//! Attack 3: a finer count that is not a sum of whole atoms.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Attack, Finding};

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
        match areas.iter().try_fold(0u64, |sum, area| sum.checked_add(*exact.get(area)?)) {
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
