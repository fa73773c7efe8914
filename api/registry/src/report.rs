//! The operator's report: every rejected row and every finding of some imports,
//! with its place and what to do, and nothing of what the row holds.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::prelude::*;

use crate::Registry;
use crate::error::{Error, Result};
use crate::reason::words;
use crate::rows::{ids_of, import_of, line_of};
use crate::schema::{findings, imports, rejected_rows};

/// The report's columns.
pub const COLUMNS: [&str; 9] = ["file", "sheet", "line", "column", "outcome", "reason", "value_class", "message", "remedy"];

impl Registry {
    /// Writes the rejected rows and findings of `imports` as CSV to `path`,
    /// replacing it whole, and tells how many lines it has. Findings in rows of
    /// earlier imports that one of `imports` brought to light are listed, too.
    ///
    /// # Errors
    /// When an import does not exist or the file cannot be written.
    pub fn write_report(&mut self, imports: &[i64], path: &Path) -> Result<u64> {
        let mut report = Report::new()?;
        report.add(self, imports)?;
        report.write(path)
    }
}

/// A report being put together, of one or more registries.
#[derive(Debug)]
pub struct Report {
    writer: csv::Writer<Vec<u8>>,
    lines: u64,
}

impl Report {
    /// An empty report.
    ///
    /// # Errors
    /// None in practice: it is held in memory until written.
    pub fn new() -> Result<Report> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS).map_err(broken)?;
        Ok(Report { writer, lines: 0 })
    }

    /// Adds the rejected rows and findings of some imports of a registry.
    ///
    /// # Errors
    /// When an import does not exist.
    pub fn add(&mut self, registry: &mut Registry, ids: &[i64]) -> Result<()> {
        let conn = &mut registry.conn;
        let files: BTreeMap<i64, String> = imports::table.select((imports::id, imports::file)).load(conn)?.into_iter().collect();
        let file = |id: i64| files.get(&id).map(String::as_str).ok_or(Error::NoImport(id));
        let mut found_later: Vec<(i64, String)> = Vec::new();
        for import in ids {
            let name = file(*import)?;
            let (first, last) = ids_of(*import);
            let mut lines: Vec<(i64, String, String, String, &str)> = rejected_rows::table
                .filter(rejected_rows::id.between(first, last))
                .select((rejected_rows::id, rejected_rows::column_name, rejected_rows::reason, rejected_rows::value_class))
                .load::<(i64, String, String, String)>(conn)?
                .into_iter()
                .map(|(id, column, reason, class)| (id, column, reason, class, "rejected"))
                .collect();
            let found: Vec<(i64, String)> =
                findings::table.filter(findings::row_id.between(first, last)).select((findings::row_id, findings::kind)).load(conn)?;
            lines.extend(found.into_iter().map(|(id, kind)| (id, "nik".to_owned(), kind, "16 digits".to_owned(), "finding")));
            lines.sort();
            for (id, column, reason, class, outcome) in lines {
                self.line(name, id, &column, outcome, &reason, &class)?;
            }
            found_later.extend(
                findings::table
                    .filter(findings::found_by.eq(import))
                    .select((findings::row_id, findings::kind))
                    .load::<(i64, String)>(conn)?
                    .into_iter()
                    .filter(|(row, _)| !ids.contains(&import_of(*row))),
            );
        }
        found_later.sort();
        for (id, kind) in found_later {
            self.line(file(import_of(id))?, id, "nik", "finding", &kind, "16 digits")?;
        }
        Ok(())
    }

    fn line(&mut self, file: &str, id: i64, column: &str, outcome: &str, reason: &str, class: &str) -> Result<()> {
        let (message, remedy) = words(reason);
        let line = line_of(id).to_string();
        self.writer.write_record([file, "", &line, column, outcome, reason, class, message, remedy]).map_err(broken)?;
        self.lines += 1;
        Ok(())
    }

    /// Writes the report to `path`, replacing it whole, and tells how many
    /// lines it has below the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(self, path: &Path) -> Result<u64> {
        let bytes = self.writer.into_inner().map_err(|error| broken(error.into_error().into()))?;
        durable::write_file(path, &bytes, 0o600, "report").map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(self.lines)
    }
}

fn broken(error: csv::Error) -> Error {
    Error::Request(format!("the report cannot be written: {error}"))
}
