//! Attack 4 on rows: an edition beside the editions before it, and beside the
//! issue it corrects.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use disclosure::attack::{Attack, few_changed};
use domain::codebook::{self, Attribute};
use domain::{AreaCode, AreaLabel, Level, ProgramCode};

use super::case::Case;
use super::view::View;
use super::{FLOOR, candidates};
use crate::Atom;

pub(super) fn run(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    // Rows that are repeated were attacked when they were new.
    if manifest.rows_from != manifest.release {
        return;
    }
    let mut editions: BTreeSet<_> = BTreeSet::new();
    for other in case.others.clone() {
        let theirs = other.manifest();
        // One release stands for its edition.
        if theirs.edition == manifest.edition || !editions.insert(theirs.edition) {
            continue;
        }
        if theirs.edition.quarter() == manifest.edition.quarter() {
            reissued(case, other);
        } else if theirs.edition < manifest.edition {
            splits(case, other);
            single_movers(case, other);
        }
    }
}

type Label<'a> = (&'a AreaLabel, [&'a str; 3]);

fn label(atom: &Atom) -> Label<'_> {
    (&atom.area, [&atom.sex, &atom.age_band, &atom.family_size])
}

/// Whether `wide` is `narrow` or more general.
fn generalises(wide: &Label<'_>, narrow: &Label<'_>) -> bool {
    let up = |attribute: &'static Attribute, wide: &str, narrow: &str| attribute.ancestry(narrow).any(|up| up.code == wide);
    let area = narrow.0.members().iter().all(|area| wide.0.members().iter().any(|over| over.contains(*area)));
    area && codebook::ATTRIBUTES.into_iter().zip(wide.1).zip(narrow.1).all(|((attribute, wide), narrow)| up(attribute, wide, narrow))
}

/// The labels of an edition of one program, by the areas they name.
#[derive(Default)]
struct Labels<'a> {
    exact: HashSet<Label<'a>>,
    by_area: HashMap<AreaCode, Vec<Label<'a>>>,
}

impl<'a> Labels<'a> {
    fn of(atoms: &'a [Atom]) -> BTreeMap<&'a ProgramCode, Labels<'a>> {
        let mut labels: BTreeMap<&ProgramCode, Labels<'_>> = BTreeMap::new();
        for atom in atoms {
            let of = labels.entry(&atom.program).or_default();
            of.exact.insert(label(atom));
            let areas: BTreeSet<AreaCode> =
                atom.area.members().iter().flat_map(|area| [Some(*area), area.at(Level::Kecamatan)]).flatten().collect();
            for area in areas {
                of.by_area.entry(area).or_default().push(label(atom));
            }
        }
        labels
    }

    /// Labels that share an area with this one.
    fn near(&self, label: &Label<'a>) -> impl Iterator<Item = &Label<'a>> {
        let areas: BTreeSet<AreaCode> =
            label.0.members().iter().flat_map(|area| [Some(*area), area.at(Level::Kecamatan)]).flatten().collect();
        areas.into_iter().filter_map(|area| self.by_area.get(&area)).flatten()
    }
}

/// Atoms may merge from edition to edition, not split: a label that is finer than
/// one shown before, and no union of others, tells which of them are where.
fn splits(case: &mut Case<'_, '_>, earlier: &View<'_>) {
    let before = Labels::of(&earlier.atoms);
    let mut found = Vec::new();
    for atom in &case.view.atoms {
        let (Some(labels), new) = (before.get(&atom.program), label(atom)) else { continue };
        if labels.exact.contains(&new) || labels.near(&new).any(|old| generalises(&new, old)) {
            continue;
        }
        if let Some(wider) = labels.near(&new).find(|old| generalises(old, &new)) {
            let cell = format!("{}|{}|{}|{}", atom.program, atom.atom, atom.area, new.1.join("|"));
            let what = format!("edition {} showed these rows only within {}|{}", earlier.manifest().edition, wider.0, wider.1.join("|"));
            found.push((cell, what));
        }
    }
    for (cell, what) in found {
        case.fail(Attack::Differencing, "atoms", cell, what);
    }
}

/// Where one person entered or left a kelurahan between two editions, whoever
/// knows who it was looks for the atom that changed by one: its label must
/// stand for many.
fn single_movers(case: &mut Case<'_, '_>, earlier: &View<'_>) {
    let months = (earlier.manifest().edition_as_of, case.view.manifest().edition_as_of);
    let least = u64::from(case.view.manifest().policy.min_candidates.max(FLOOR.1));
    let before: HashMap<(&ProgramCode, Label<'_>), u32> =
        earlier.atoms.iter().map(|atom| ((&atom.program, label(atom)), atom.count)).collect();
    let mut found = Vec::new();
    for atom in &case.view.atoms {
        let one = before.get(&(&atom.program, label(atom))).is_some_and(|count| count.abs_diff(atom.count) == 1);
        if one && candidates(atom) < least {
            let (entered, left) = case.moved(&atom.program, atom.area.members(), months);
            if entered.zip(left).is_some_and(|(entered, left)| entered.saturating_add(left) == 1) {
                found.push(format!("{}|{}|{}", atom.program, atom.atom, atom.area));
            }
        }
    }
    for cell in found {
        case.fail(Attack::Differencing, "atoms", cell, "changed by one, when one person moved, and stands for few inhabitants");
    }
}

/// Rows of a quarter that are issued again keep their labels, and each of them
/// its number or changes it by k.
fn reissued(case: &mut Case<'_, '_>, other: &View<'_>) {
    let counts = |view: &View<'_>| -> Vec<(String, u64)> {
        let name = |atom: &Atom| format!("{}|{}|{}|{}|{}", atom.program, atom.area, atom.sex, atom.age_band, atom.family_size);
        view.atoms.iter().map(|atom| (name(atom), u64::from(atom.count))).collect()
    };
    let (before, after) = (counts(other), counts(case.view));
    for (label, difference) in few_changed(&before, &after, case.k()) {
        let what = format!("differs by {difference} rows from edition {}", other.manifest().edition);
        case.fail(Attack::Differencing, "atoms", label.as_str(), what);
    }
}
