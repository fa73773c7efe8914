//! What an import of a file would make of it, without importing: as what its
//! tables are read, and the first problems.

use std::path::{Path, PathBuf};

use domain::{AreaCode, Period};

use crate::error::Result;
use crate::import::{ImportRequest, recognise_all};
use crate::mapping::Mapping;
use crate::recognise::recognise;
use crate::summary::{ImportSummary, Mode, TableRead};
use crate::{Registry, Report};

/// How many rows of a file are tried.
const ROWS: u64 = 20_000;

/// What an import of a file would make of it.
#[derive(Debug)]
pub struct Explained {
    /// As what each table is read.
    pub tables: Vec<TableRead>,
    /// Sheets that are passed over, and why.
    pub passed: Vec<(String, String)>,
    /// What importing the first rows would do, where area and month are known.
    pub summaries: Vec<ImportSummary>,
    /// The report of these rows.
    pub report: Option<Report>,
}

/// Explains a file. Rows are tried only where `area` and `period` are known,
/// by a registry in memory.
///
/// # Errors
/// When the file would be refused.
pub fn explain(path: &Path, area: Option<AreaCode>, period: Option<Period>, mapping: Option<&Mapping>) -> Result<Explained> {
    let files = [PathBuf::from(path)];
    let sources = match crate::sources(&files, area, period) {
        Ok(sources) => sources,
        Err(crate::Error::Request(_)) => {
            let found = recognise(path, mapping)?;
            let tables = found.tables.iter().map(crate::import::table_read).collect();
            return Ok(Explained { tables, passed: found.passed, summaries: Vec::new(), report: None });
        }
        Err(error) => return Err(error),
    };
    let works = recognise_all(&sources, mapping)?;
    let mut explained = Explained { tables: Vec::new(), passed: Vec::new(), summaries: Vec::new(), report: None };
    for work in &works {
        let (tables, passed) = work.read_as();
        explained.tables.extend(tables);
        explained.passed.extend_from_slice(passed);
    }
    let Some(first) = sources.first() else { return Ok(explained) };
    let mut registry = Registry::in_memory(first.area)?;
    let request =
        ImportRequest { files: &files, area, period, mode: Mode::Snapshot, confirm: true, mapping, round: None, only_first: Some(ROWS) };
    explained.summaries = registry.import(&request, &mut |_| {})?;
    let mut report = Report::new()?;
    let ids: Vec<i64> = explained.summaries.iter().map(|summary| summary.import_id).collect();
    report.add(&mut registry, &ids)?;
    explained.report = Some(report);
    Ok(explained)
}
