//! One candidate before the attacks: what it shows, and what was shown before.

use std::collections::BTreeMap;

use disclosure::attack::{Attack, Finding};
use domain::{AreaCode, AreaLabel, Cell, Period, ProgramCode, ReleaseId, Table};

use super::chain::Chain;
use super::view::{Tables, View};
use super::{FLOOR, Failure};

/// A candidate, and where findings go.
pub(super) struct Case<'a, 'b> {
    /// The candidate.
    pub view: &'b View<'a>,
    /// All its cells.
    pub tables: &'b Tables,
    /// The district's other releases.
    pub others: Vec<&'b View<'a>>,
    /// The releases before and after it.
    pub chain: Chain,
    pub failures: Vec<Failure>,
}

impl<'a, 'b> Case<'a, 'b> {
    /// What the manifest says, but never less than the floor.
    pub fn k(&self) -> u64 {
        u64::from(self.view.manifest().policy.k.max(FLOOR.0))
    }

    pub fn district(&self) -> AreaCode {
        self.view.manifest().district
    }

    pub fn cells(&self, table: Table) -> &'b [Cell] {
        self.tables.get(&table).map_or(&[], Vec::as_slice)
    }

    /// The release with this id, if it is at hand.
    pub fn at_hand(&self, release: ReleaseId) -> Option<&'b View<'a>> {
        std::iter::once(self.view).chain(self.others.iter().copied()).find(|view| view.release() == release)
    }

    /// The last issue of a month, if it is at hand.
    pub fn month(&self, period: Period) -> Option<&'b View<'a>> {
        let all = std::iter::once(self.view).chain(self.others.iter().copied());
        all.filter(|view| view.period() == period).max_by_key(|view| view.release())
    }

    /// Who entered and left these areas after the earlier and until the later
    /// month, where every month between shows it.
    pub fn moved(&self, program: &ProgramCode, areas: &[AreaCode], months: (Period, Period)) -> (Option<u64>, Option<u64>) {
        let (from, to) = (months.0.min(months.1), months.0.max(months.1));
        let (mut entered, mut left) = (Some(0u64), Some(0u64));
        let mut month = from;
        while month < to && (entered.is_some() || left.is_some()) {
            month = month.next();
            let view = self.month(month);
            let add = |sum: Option<u64>, more: Option<u64>| sum.zip(more).map(|(sum, more)| sum.saturating_add(more));
            entered = add(entered, view.and_then(|view| view.sum(program, areas, |exact| exact.entered)));
            left = add(left, view.and_then(|view| view.sum(program, areas, |exact| exact.left)));
        }
        (entered, left)
    }

    pub fn fail(&mut self, attack: Attack, table: &str, cell: impl Into<String>, what: impl Into<String>) {
        self.failures.push(Failure { attack, release: self.view.release(), table: table.into(), cell: cell.into(), what: what.into() });
    }

    pub fn keep(&mut self, table: &str, findings: Vec<Finding>) {
        for finding in findings {
            self.fail(finding.attack, table, finding.cell, finding.what);
        }
    }

    /// A cell's name in a finding.
    pub fn name(&self, area: &AreaLabel, program: &ProgramCode, measure: &str, category: &str) -> String {
        let name = format!("{area}|{program}|{}|{measure}", self.view.period());
        if category.is_empty() { name } else { format!("{name}|{category}") }
    }

    pub fn name_of(&self, cell: &Cell) -> String {
        self.name(&cell.area, &cell.program, &cell.measure, &cell.category)
    }
}

/// The value of every observed cell by program, measure, category and area.
pub(super) type Sums<'b> = BTreeMap<(&'b ProgramCode, &'b str, &'b str), BTreeMap<&'b AreaLabel, &'b Cell>>;
