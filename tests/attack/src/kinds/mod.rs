//! The kinds of violation, one for each attack of the privacy policy, a file each.
//!
//! A violation looks for all places where it can be done, lets the dice choose
//! one, and only then changes anything: it returns `None` with nothing changed.

mod differencing;
mod hidden_numbers;
mod k_atoms;
mod linkage;
mod money;
mod programs;
mod whole_atoms;

use domain::{Cell, ReleaseId};

use crate::dice::Dice;
use crate::world::World;

/// The name of an attack, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Classes, or shown numbers of people with a further attribute, under k; few inhabitants behind a label.
    KAtoms,
    /// Hidden numbers that the shown ones pin.
    HiddenNumbers,
    /// Counts that are no sums of whole atoms.
    WholeAtoms,
    /// Figures shown again although few people lie between them.
    Differencing,
    /// Rows that carry something from edition to edition.
    Linkage,
    /// Sums of varying amounts that tell somebody's.
    Money,
    /// Programs that leave few people when subtracted.
    Programs,
    /// No violation: everything is written the same way.
    None,
}

/// A violation.
pub struct Damage {
    /// Its name.
    pub name: &'static str,
    /// Does it, if there is a place for it; else changes nothing.
    pub run: fn(&mut World, &mut Dice) -> Option<Place>,
}

/// Where a violation was put.
pub struct Place {
    /// The first release that shows it.
    pub release: ReleaseId,
    /// The table.
    pub table: &'static str,
    /// The cell, its parts joined by `|`.
    pub cell: String,
}

impl Place {
    fn of(release: ReleaseId, table: &'static str, cell: impl Into<String>) -> Option<Place> {
        Some(Place { release, table, cell: cell.into() })
    }
}

/// A line's name, as findings give it.
fn name(cell: &Cell) -> String {
    let Cell { area, program, period, measure, category, .. } = cell;
    if category.is_empty() {
        format!("{area}|{program}|{period}|{measure}")
    } else {
        format!("{area}|{program}|{period}|{measure}|{category}")
    }
}

impl Kind {
    /// The name on the command line and in findings.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::KAtoms => "k-atoms",
            Kind::HiddenNumbers => "hidden-numbers",
            Kind::WholeAtoms => "whole-atoms",
            Kind::Differencing => "differencing",
            Kind::Linkage => "linkage",
            Kind::Money => "money",
            Kind::Programs => "programs",
            Kind::None => "none",
        }
    }

    /// Its violations.
    pub const fn damages(self) -> &'static [Damage] {
        match self {
            Kind::KAtoms => k_atoms::ALL,
            Kind::HiddenNumbers => hidden_numbers::ALL,
            Kind::WholeAtoms => whole_atoms::ALL,
            Kind::Differencing => differencing::ALL,
            Kind::Linkage => linkage::ALL,
            Kind::Money => money::ALL,
            Kind::Programs => programs::ALL,
            Kind::None => &[],
        }
    }

    /// The names of its violations.
    pub fn names(self) -> String {
        self.damages().iter().map(|damage| damage.name).collect::<Vec<_>>().join(", ")
    }
}
