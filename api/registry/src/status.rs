//! What is loaded, month by month, as counts that the database has: no month's
//! state is computed for it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::Period;

use crate::corrections::settled;
use crate::error::Result;
use crate::layout::Layout;
use crate::ledger::parse_period;
use crate::rows::import_of;
use crate::schema::{corrected_rows, imports};
use crate::summary::Mode;
use crate::{ImportRecord, Registry};

/// An import, and what is left to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedFile {
    /// The import.
    pub import: ImportRecord,
    /// Whether it holds changes only; else whoever is absent from it has left.
    pub delta: bool,
    /// Rejected rows that did not come back corrected.
    pub uncorrected: u64,
    /// Whether it brought rows back that another import had rejected.
    pub corrects: bool,
}

/// A month for which something is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedMonth {
    /// The month.
    pub period: Period,
    /// Its files, in the order in which they were imported.
    pub files: Vec<LoadedFile>,
    /// Findings in its rows at import, by kind.
    pub findings: BTreeMap<String, u64>,
}

impl LoadedMonth {
    /// The files of recipients.
    pub fn recipients(&self) -> impl Iterator<Item = &LoadedFile> {
        self.files.iter().filter(|file| file.import.layout == Layout::Dtks)
    }

    /// Whether every file of recipients is a whole table, and there is one.
    #[must_use]
    pub fn is_snapshot(&self) -> bool {
        self.recipients().any(|file| !file.delta)
    }

    /// Accepted rows of whole tables of recipients.
    #[must_use]
    pub fn snapshot_rows(&self) -> u64 {
        self.recipients().filter(|file| !file.delta).map(|file| file.import.accepted).sum()
    }
}

impl Registry {
    /// Everything that is loaded, by month.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn loaded(&mut self) -> Result<Vec<LoadedMonth>> {
        let modes: BTreeMap<i64, (String, String)> = imports::table
            .select((imports::id, imports::mode, imports::period))
            .load::<(i64, String, String)>(&mut self.conn)?
            .into_iter()
            .map(|(id, mode, period)| (id, (mode, period)))
            .collect();
        let by: Vec<i64> = corrected_rows::table.select(corrected_rows::corrected_by).distinct().load(&mut self.conn)?;
        let correcting: BTreeSet<i64> = by.into_iter().collect();
        let mut months: BTreeMap<Period, LoadedMonth> = BTreeMap::new();
        for import in self.imports()? {
            let settled = settled(&mut self.conn, import.id)?.len() as u64;
            let month = months.entry(import.period).or_insert_with(|| LoadedMonth {
                period: import.period,
                files: Vec::new(),
                findings: BTreeMap::new(),
            });
            month.files.push(LoadedFile {
                delta: modes.get(&import.id).is_some_and(|(mode, _)| mode == Mode::Delta.as_str()),
                uncorrected: import.rejected.saturating_sub(settled),
                corrects: correcting.contains(&import.id),
                import,
            });
        }
        for (kind, row, count) in self.findings_by_import()? {
            let Some((_, period)) = modes.get(&row) else { continue };
            if let Some(month) = months.get_mut(&parse_period(period)?) {
                *month.findings.entry(kind).or_default() += count;
            }
        }
        Ok(months.into_values().collect())
    }

    /// Findings by kind and the import whose row each is in.
    fn findings_by_import(&mut self) -> Result<Vec<(String, i64, u64)>> {
        use crate::schema::findings;
        let mut counts: BTreeMap<(String, i64), u64> = BTreeMap::new();
        let rows = findings::table
            .select((findings::row_id, findings::kind))
            .load_iter::<(i64, String), diesel::connection::DefaultLoadingMode>(&mut self.conn)?;
        for row in rows {
            let (row, kind) = row?;
            *counts.entry((kind, import_of(row))).or_default() += 1;
        }
        Ok(counts.into_iter().map(|((kind, import), count)| (kind, import, count)).collect())
    }
}
