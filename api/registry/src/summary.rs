//! What an import did, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use domain::{AreaCode, Period};

use crate::layout::Layout;
use crate::reason::{Finding, Reason, Warning};

/// How a file of recipients is to be taken. Other layouts are lists of events
/// and are the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everyone is in it: whoever is absent has left.
    #[default]
    Snapshot,
    /// Only what changed since the month before; a row without a program means left.
    Delta,
}

impl Mode {
    /// The word on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Snapshot => "snapshot",
            Mode::Delta => "delta",
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone)]
pub enum Progress<'a> {
    /// In the middle of a file.
    Reading {
        /// The file, as reports call it.
        file: &'a str,
        /// Its place among the files of this import, from 1.
        number: usize,
        /// How many files there are.
        files: usize,
        /// Bytes read of it.
        bytes: u64,
        /// Its size in bytes.
        total: u64,
        /// Rows read of it.
        rows: u64,
    },
    /// A file is stored for good.
    Done(&'a ImportSummary),
}

/// What the import of one file did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSummary {
    /// The import's id, for reports and undo. Of a file that was imported
    /// before, the id it got then.
    pub import_id: i64,
    /// The file, as reports call it.
    pub file: String,
    /// Its layout.
    pub layout: Layout,
    /// The district.
    pub district: AreaCode,
    /// The month.
    pub period: Period,
    /// How it was taken.
    pub mode: Mode,
    /// Whether a title row marks it as simulated.
    pub simulated: bool,
    /// Whether the very same file was imported before, so that nothing changed.
    pub already: bool,
    /// Rows read; `accepted + rejected`.
    pub read: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Rows kept aside.
    pub rejected: u64,
    /// Of the accepted, those whose person was not known in this month or the last one.
    pub new: u64,
    /// Of the accepted, those that differ from what was known.
    pub changed: u64,
    /// Of the accepted, those that say what was known.
    pub unchanged: u64,
    /// Persons of the last month who are not in this one: in a month of several
    /// files, the number falls from file to file.
    pub left: u64,
    /// Rejected rows by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Findings by kind, also in rows of other imports that this file brought to light.
    pub findings: BTreeMap<Finding, u64>,
    /// Oddities of accepted rows, by kind.
    pub warnings: BTreeMap<Warning, u64>,
}

impl ImportSummary {
    /// All findings.
    #[must_use]
    pub fn finding_count(&self) -> u64 {
        self.findings.values().sum()
    }
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.already {
            return write!(f, "{}: imported before (import {}), 0 new, nothing changed", self.file, self.import_id);
        }
        write!(
            f,
            "{}: {} for {} {}, import {}: {} read, {} accepted ({} new, {} changed, {} unchanged), {} rejected, {} left, {} findings",
            self.file,
            self.layout,
            self.district,
            self.period,
            self.import_id,
            self.read,
            self.accepted,
            self.new,
            self.changed,
            self.unchanged,
            self.rejected,
            self.left,
            self.finding_count()
        )?;
        for (warning, count) in &self.warnings {
            write!(f, ", {count} {}", warning.code())?;
        }
        Ok(())
    }
}

/// The counts of a file while it is read.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) read: u64,
    pub(crate) accepted: u64,
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    pub(crate) left: u64,
    pub(crate) programs: u32,
    pub(crate) reasons: BTreeMap<Reason, u64>,
    pub(crate) findings: BTreeMap<Finding, u64>,
    pub(crate) warnings: BTreeMap<Warning, u64>,
}

impl Tally {
    pub(crate) fn rejected(&self) -> u64 {
        self.reasons.values().sum()
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        *self.warnings.entry(warning).or_default() += 1;
    }
}
