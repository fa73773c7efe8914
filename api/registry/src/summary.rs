//! What an import did, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use domain::{AreaCode, Period};

use crate::layout::Layout;
use crate::month::Change;
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
    /// Accepted rows that the report lists with a warning.
    pub warned: u64,
    /// Rows below the header that are no records: sums, and rows of a report that were not corrected.
    pub passed: u64,
    /// Rows of a verification sheet that nobody filled in yet; they are no records either.
    pub unfilled: u64,
    /// As what each table of the file was read.
    pub tables: Vec<TableRead>,
    /// Sheets that hold no table of a known layout, and why each was passed over.
    pub sheets_passed: Vec<(String, String)>,
    /// The imports whose rejected rows this file corrects.
    pub corrects: Vec<i64>,
}

/// As what a table was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRead {
    /// The layout.
    pub layout: Layout,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The line that the header starts on.
    pub line: u64,
    /// The columns as the file calls them, and as what each is read; empty where it is passed over.
    pub columns: Vec<(String, String)>,
    /// Columns of the layout that the file does not have.
    pub absent: Vec<&'static str>,
    /// Values that a mapping gives to every row, by column.
    pub constants: Vec<String>,
}

impl fmt::Display for TableRead {
    /// One line: the layout, and the columns that are called otherwise than in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "sheet {sheet}, ")?;
        }
        let read = self.columns.iter().filter(|(_, name)| !name.is_empty()).count();
        write!(f, "line {}: read as layout {}, {read} of {} columns", self.line, self.layout, self.columns.len())?;
        let mut renamed = self
            .columns
            .iter()
            .filter(|(header, name)| !name.is_empty() && crate::layout::normalise(header) != *name)
            .map(|(header, name)| format!("{header:?} = {name}"))
            .peekable();
        if renamed.peek().is_some() {
            write!(f, "; {}", renamed.collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
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
        if self.warned > 0 {
            write!(f, ", {} with warnings", self.warned)?;
        }
        if self.passed > 0 {
            write!(f, ", {} passed over", self.passed)?;
        }
        if self.unfilled > 0 {
            write!(f, ", {} not filled in yet", self.unfilled)?;
        }
        for (warning, count) in &self.warnings {
            write!(f, ", {count} {}", warning.code())?;
        }
        for table in &self.tables {
            if table.sheet.is_some()
                || table.columns.iter().any(|(header, name)| !name.is_empty() && crate::layout::normalise(header) != *name)
            {
                write!(f, "\n  {table}")?;
            }
        }
        for (sheet, why) in &self.sheets_passed {
            write!(f, "\n  sheet {sheet} passed over: {why}")?;
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
    /// Accepted rows that have a warning of their own in reports.
    pub(crate) warned_rows: u64,
    /// The last of them.
    pub(crate) last_warned: Option<i64>,
    /// Rows below the header that are no records: sums, rows left as they were.
    pub(crate) passed: u64,
    /// Rows of a verification sheet that nobody filled in yet.
    pub(crate) unfilled: u64,
}

impl Tally {
    /// Counts what a row changes.
    pub(crate) fn change(&mut self, change: Change) {
        self.new += change.new;
        self.changed += change.changed;
        self.unchanged += change.unchanged;
        self.left += change.left;
    }

    /// Counts a row once, however much is odd about it.
    pub(crate) fn warned(&mut self, id: i64) {
        if self.last_warned != Some(id) {
            self.last_warned = Some(id);
            self.warned_rows += 1;
        }
    }

    /// Takes back that the row was counted.
    pub(crate) fn forget(&mut self, id: i64) {
        if self.last_warned == Some(id) {
            self.last_warned = None;
            self.warned_rows -= 1;
        }
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.reasons.values().sum()
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        *self.warnings.entry(warning).or_default() += 1;
    }
}
