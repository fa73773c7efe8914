//! Rows of a corrected month (design: PRIVACY R7): an area's rows are issued
//! again only where its number of rows was wrong and every atom changes by nobody
//! or by at least k; the others stay as they were until the next edition, since
//! the difference between the two issues would tell of few.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AreaCode, EditionId, ProgramCode};
use release::Atom;

use crate::rows::Edition;

/// Where an atom of the corrected edition comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Place in the edition as it was.
    Old(usize),
    /// Place in the edition as it would be now.
    New(usize),
}

type Label<'a> = (&'a domain::AreaLabel, &'a str, &'a str, &'a str);

fn label(atom: &Atom) -> Label<'_> {
    (&atom.area, &atom.sex, &atom.age_band, &atom.family_size)
}

/// The corrected edition: its atoms, numbered anew, and where each is from.
/// `None` when no area may be issued again.
pub(crate) fn reissue(old: &[Atom], new: &Edition, edition: EditionId, k: u64) -> Option<(Vec<Atom>, Vec<Source>)> {
    let programs: BTreeSet<&ProgramCode> = old.iter().chain(&new.atoms).map(|atom| &atom.program).collect();
    let mut chosen: Vec<(Atom, Source)> = Vec::new();
    for program in programs {
        let of = |atoms: &'_ [Atom]| -> Vec<usize> { (0..atoms.len()).filter(|at| atoms[*at].program == *program).collect() };
        let (before, now) = (of(old), of(&new.atoms));
        // Areas that a pool ties together are decided together.
        let members = |atoms: &[Atom], places: &[usize]| -> Vec<Vec<AreaCode>> {
            places.iter().map(|at| atoms[*at].area.members().to_vec()).collect()
        };
        for block in disclosure::sensitive::join(&members(old, &before), &members(&new.atoms, &now)) {
            let inside = |atom: &Atom| block.contains(&atom.area.members()[0]);
            let before: Vec<usize> = before.iter().copied().filter(|at| inside(&old[*at])).collect();
            let now: Vec<usize> = now.iter().copied().filter(|at| inside(&new.atoms[*at])).collect();
            let mut counts: BTreeMap<Label<'_>, [u64; 2]> = BTreeMap::new();
            for at in &before {
                counts.entry(label(&old[*at])).or_default()[0] = u64::from(old[*at].count);
            }
            for at in &now {
                counts.entry(label(&new.atoms[*at])).or_default()[1] = u64::from(new.atoms[*at].count);
            }
            let safe = counts.values().all(|[before, now]| before == now || before.abs_diff(*now) >= k);
            // The same people would be cut anew by chance, to no use.
            let total = |at: usize| counts.values().map(|counts| counts[at]).sum::<u64>();
            if safe && total(0) != total(1) {
                chosen.extend(now.iter().map(|at| (new.atoms[*at].clone(), Source::New(*at))));
            } else {
                chosen.extend(before.iter().map(|at| (old[*at].clone(), Source::Old(*at))));
            }
        }
    }
    if chosen.iter().all(|(_, source)| matches!(source, Source::Old(_))) {
        return None;
    }
    chosen.sort_by(|(a, x), (b, y)| (&a.program, order(*x, a)).cmp(&(&b.program, order(*y, b))));
    let mut number = 0;
    let mut last: Option<ProgramCode> = None;
    for (atom, _) in &mut chosen {
        number = if last.as_ref() == Some(&atom.program) { number + 1 } else { 1 };
        last = Some(atom.program.clone());
        atom.atom = number;
        atom.edition = edition;
    }
    Some(chosen.into_iter().unzip())
}

/// Atoms stand by area, and within an area in the order of the edition they are from.
fn order(source: Source, atom: &Atom) -> (domain::AreaLabel, usize) {
    let (Source::Old(at) | Source::New(at)) = source;
    (atom.area.clone(), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(counts: &[(&str, &str, u32)]) -> Vec<Atom> {
        let atom = |((area, sex, count), number): (&(&str, &str, u32), u32)| Atom {
            edition: "2025Q2".parse().unwrap(),
            program: "PKH".parse().unwrap(),
            atom: number,
            area: area.parse().unwrap(),
            sex: (*sex).to_owned(),
            age_band: "*".to_owned(),
            family_size: "*".to_owned(),
            count: *count,
        };
        counts.iter().zip(1..).map(atom).collect()
    }

    fn reissued(old: &[(&str, &str, u32)], new: &[(&str, &str, u32)]) -> Option<Vec<u32>> {
        let new = atoms(new);
        let edition = Edition { members: vec![Vec::new(); new.len()], atoms: new };
        let issued = reissue(&atoms(old), &edition, "2025Q2-r2".parse().unwrap(), 11);
        issued.map(|(atoms, _)| atoms.iter().map(|atom| atom.count).collect())
    }

    const A: &str = "12.74.01.1001";
    const B: &str = "12.74.01.1002";

    #[test]
    fn only_what_changes_by_many_is_issued_again() {
        let old = [(A, "F", 30), (A, "M", 20), (B, "*", 40)];
        assert_eq!(reissued(&old, &old), None);
        assert_eq!(reissued(&old, &[(A, "F", 31), (A, "M", 20), (B, "*", 40)]), None, "one joined");
        assert_eq!(reissued(&old, &[(A, "F", 30), (A, "M", 20), (B, "*", 60)]), Some(vec![30, 20, 60]));
        // A changes by one, B by many: A stays.
        assert_eq!(reissued(&old, &[(A, "F", 31), (A, "M", 20), (B, "*", 60)]), Some(vec![30, 20, 60]));
        assert_eq!(reissued(&old, &[(A, "F", 18), (A, "M", 32), (B, "*", 40)]), None, "as many as before");
        // One class of A changes by many, the other by one.
        assert_eq!(reissued(&old, &[(A, "F", 50), (A, "M", 21), (B, "*", 40)]), None);
        // A pool ties both together.
        let pool = format!("{A}~{B}");
        assert_eq!(reissued(&old, &[(&pool, "*", 95)]), Some(vec![95]));
        assert_eq!(reissued(&[(&pool, "*", 95)], &[(&pool, "*", 90)]), None);
    }
}
