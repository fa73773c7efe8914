//! The gate: the attacks of the privacy policy, run on release folders from
//! their public files alone. `publish` runs it before a release can be sealed,
//! `admit` again before it is served, and anyone with `bansos-audit attack`.
//!
//! Every folder is read once; all months, revisions and editions of a district
//! are attacked together. One attack a file; the reckoning stands in
//! `disclosure::attack`, what an area, a month or a program is, here.

mod case;
mod chain;
mod corrections;
mod differencing;
mod editions;
mod forms;
mod hidden_numbers;
mod k_atoms;
mod linkage;
mod money;
mod programs;
mod same;
mod sums;
#[cfg(test)]
mod tests;
mod view;
mod whole_atoms;

use std::collections::BTreeMap;
use std::fmt;

use disclosure::attack::{Attack, Budget};
use domain::{ReleaseId, codebook};

use crate::{Atom, ReleaseFolder, Result};
use case::Case;
use chain::Chain;
use view::View;

/// The lowest k, and the fewest inhabitants behind a label, of any release
/// (design: PRIVACY, The rules). A manifest that names less does not pass.
pub const FLOOR: (u32, u32) = (5, 100);

/// What an attack found in a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The attack.
    pub attack: Attack,
    /// The release.
    pub release: ReleaseId,
    /// The table: `atoms`, `recipients`, `manifest` or a statistics table.
    pub table: String,
    /// The cell, its parts joined by `|`.
    pub cell: String,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Failure {
    /// `FAIL NAME RELEASE TABLE CELL`, and the explanation on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FAIL {} {} {} {}\n  {}", self.attack.name(), self.release, self.table, self.cell, self.what)
    }
}

/// Runs the attacks on `candidates` in the light of `earlier` releases of the
/// same districts. Nothing found is an empty list.
///
/// # Errors
/// When a folder cannot be read; what an attack finds is no error.
pub fn check(candidates: &[ReleaseFolder], earlier: &[ReleaseFolder]) -> Result<Vec<Failure>> {
    let mut views: Vec<View<'_>> = Vec::with_capacity(earlier.len() + candidates.len());
    for folder in earlier {
        views.push(View::read(folder)?.0);
    }
    let named = |folder: &ReleaseFolder| {
        let manifest = folder.manifest();
        (manifest.release, manifest.previous.as_ref().map(|previous| previous.release))
    };
    let previous: BTreeMap<ReleaseId, Option<ReleaseId>> = earlier.iter().chain(candidates).map(named).collect();
    let mut failures = Vec::new();
    let mut budget = Budget::default();
    for folder in candidates {
        let (view, tables) = View::read(folder)?;
        let district = folder.manifest().district;
        let others = views.iter().filter(|view| view.manifest().district == district).collect();
        let chain = Chain::of(view.release(), &previous);
        let mut case = Case { view: &view, tables: &tables, others, chain, failures: Vec::new() };
        k_atoms::run(&mut case);
        hidden_numbers::run(&mut case, &mut budget);
        whole_atoms::run(&mut case);
        forms::run(&mut case);
        same::run(&mut case);
        differencing::run(&mut case);
        linkage::run(&mut case)?;
        money::run(&mut case);
        programs::run(&mut case);
        let corrected = folder.manifest().correction.as_ref().map(|correction| correction.of);
        let issue = earlier.iter().chain(candidates).find(|other| Some(other.manifest().release) == corrected);
        corrections::run(&mut case, folder, issue)?;
        failures.append(&mut case.failures);
        views.push(view);
    }
    failures.sort();
    failures.dedup();
    Ok(failures)
}

/// Inhabitants behind an atom's label: those of its areas, by the shares of the
/// codebook. Labels come from the reader of `atoms.csv`, which knows them all.
#[must_use]
pub fn candidates(atom: &Atom) -> u64 {
    let people = atom.area.members().iter().map(|area| reference::inhabitants(*area)).sum();
    let label = |attribute: &'static codebook::Attribute, code: &str| attribute.label(code).unwrap_or(&attribute.labels[0]);
    codebook::candidates(
        people,
        label(&codebook::SEX, &atom.sex),
        label(&codebook::AGE_BAND, &atom.age_band),
        label(&codebook::FAMILY_SIZE, &atom.family_size),
    )
}
