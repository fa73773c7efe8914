//! The checks, one thing each, over files on this machine.

pub(crate) mod api;
pub(crate) mod forms;
pub(crate) mod history;
pub(crate) mod releases;
pub(crate) mod site;

use std::collections::BTreeMap;

use domain::{AreaCode, Period, ReleaseId};
use release::ReleaseFolder;

use crate::trust::State;

/// Releases whose files are as their signed manifests say, with what the log
/// tells of every release.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    /// By release, sorted by district, month and revision.
    pub(crate) folders: BTreeMap<ReleaseId, ReleaseFolder>,
    /// Everything the log admits.
    pub(crate) states: BTreeMap<ReleaseId, State>,
    /// Entries of the log.
    pub(crate) size: u64,
}

impl Sound {
    /// What answers in a version, by district and month: the newest revision
    /// admitted by then and not withdrawn by then.
    pub(crate) fn standing(&self, version: u64) -> BTreeMap<(AreaCode, Period), ReleaseId> {
        let mut standing = BTreeMap::new();
        for (release, state) in &self.states {
            let withdrawn = state.withdrawn_index.is_some_and(|index| index < version);
            if state.index < version && !withdrawn {
                // Revisions come in order, so the last one stays.
                standing.insert((release.district(), release.period()), *release);
            }
        }
        standing
    }
}

/// The name of a figure: `table|area|program|period|measure|category`.
pub(crate) fn name(table: domain::Table, cell: &domain::Cell) -> String {
    format!("{table}|{}|{}|{}|{}|{}", cell.area, cell.program, cell.period, cell.measure, cell.category)
}

/// A figure in words.
pub(crate) fn told(value: Option<u64>, status: &str) -> String {
    value.map_or_else(|| status.to_owned(), |value| value.to_string())
}
