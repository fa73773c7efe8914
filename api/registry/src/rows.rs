//! From a record to stored rows: one module for each layout, and what they share.

mod deaths;
mod dtks;
mod kks;
mod listed;
mod pbi;
mod plan;
mod verification;

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Period};
use identity::Nik;

use crate::error::Error;
use crate::layout::Layout;
use crate::month::Month;
use crate::number::NumberMap;
use crate::places::Aliases;
use crate::reason::{Finding, Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::schema::{findings, rejected_rows, warnings};
use crate::summary::{Mode, Tally};

pub(crate) use deaths::first_day;
pub(crate) use listed::table_of;

/// How many bits of an id's lower half tell a row of a sheet.
const ROW_BITS: u32 = 21;

/// The id of the row of `import` that stood on `line`.
const fn row_id(import: i64, line: u64) -> i64 {
    (import << 32) | (line & 0xFFFF_FFFF).cast_signed()
}

/// The import that a row came with.
pub(crate) const fn import_of(row: i64) -> i64 {
    row >> 32
}

/// The line that a row stood on; in a workbook, its sheet and row together.
pub(crate) const fn line_of(row: i64) -> i64 {
    row & 0xFFFF_FFFF
}

/// The sheet and the row that a row of a workbook stood on.
pub(crate) const fn sheet_and_row(row: i64) -> (i64, i64) {
    (line_of(row) >> ROW_BITS, row & ((1 << ROW_BITS) - 1))
}

/// The first and the last id that rows of `import` may have.
pub(crate) const fn ids_of(import: i64) -> (i64, i64) {
    (import << 32, (import << 32) | 0xFFFF_FFFF)
}

/// What the rows of a file share.
pub(crate) struct Context<'a> {
    pub(crate) conn: &'a mut SqliteConnection,
    pub(crate) import: i64,
    pub(crate) district: AreaCode,
    pub(crate) period: Period,
    pub(crate) mode: Mode,
    /// The earliest day of death that any list gives, by NIK.
    pub(crate) deaths: &'a NumberMap<u64, i32>,
    /// The first day of the period, as `day_number`.
    pub(crate) first_day: i32,
    pub(crate) month: Option<&'a mut Month>,
    /// Where people may be put aside that are too many to hold.
    pub(crate) folder: Option<&'a std::path::Path>,
    /// The verification round whose results are imported, where the request says it.
    pub(crate) round: Option<&'a str>,
    /// The sheet that is read, from 1; 0 in a file of text.
    pub(crate) sheet: u32,
    pub(crate) tally: Tally,
}

/// Why a record was not stored: it is at fault, it says nothing yet, or something failed.
pub(crate) enum Refusal {
    Row(Rejection),
    /// A row of a form that nobody filled in yet.
    Unfilled,
    Fatal(Error),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Refusal {
        Refusal::Row(rejection)
    }
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Refusal {
        Refusal::Fatal(error.into())
    }
}

/// Stores the accepted records of one layout.
pub(crate) trait Sink {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal>;

    /// The smallest area that holds all rows, where rows have areas.
    fn scope(&self) -> Option<AreaCode> {
        None
    }
}

/// The sink for a table. `aliases` are what the registry knows of names and codes.
pub(crate) fn sink(recognised: &Recognised, district: AreaCode, aliases: &Aliases) -> Box<dyn Sink> {
    let aliases = Arc::new(aliases.with(&recognised.aliases));
    match recognised.layout {
        Layout::Dtks => Box::new(dtks::Dtks::new(recognised, &dtks::SIKS_NG, district, aliases)),
        Layout::Bnba => Box::new(dtks::Dtks::new(recognised, &dtks::BNBA, district, aliases)),
        Layout::Kks => Box::new(kks::Kks::new(recognised)),
        Layout::PbiJk => Box::new(pbi::PbiJk::new(recognised)),
        Layout::Plan => Box::new(plan::Plan::new(recognised, aliases)),
        Layout::Verification => Box::new(verification::Verification::new(recognised)),
        Layout::Deaths => Box::new(deaths::Deaths::new(recognised)),
        _ => Box::new(listed::Listed::new(recognised, district, aliases)),
    }
}

/// Offers one record to the sink: accepted, or kept aside with its reason. A
/// row of totals is neither: it is passed over.
pub(crate) fn offer(cx: &mut Context<'_>, sink: &mut dyn Sink, columns: usize, record: &Record<'_>) -> Result<(), Error> {
    let most = if cx.sheet == 0 { 0xFFFF_FFFF } else { (1 << ROW_BITS) - 1 };
    if record.line > most {
        return Err(Error::Request("a file of more than 4 billion lines; divide it".to_owned()));
    }
    cx.tally.read += 1;
    let id = row_id(cx.import, u64::from(cx.sheet) << ROW_BITS | record.line);
    // Spreadsheets add empty cells at the end of rows.
    let fits = record.len() >= columns && (columns..record.len()).all(|place| record.cell(place).trim_ascii().is_empty());
    let outcome = if fits {
        sink.row(cx, id, record)
    } else {
        Err(Refusal::Row(Rejection {
            column: "",
            reason: Reason::ColumnCount,
            value_class: format!("{} of {columns} columns", record.len()),
            detail: String::new(),
        }))
    };
    match outcome {
        Ok(()) => cx.tally.accepted += 1,
        Err(Refusal::Fatal(error)) => return Err(error),
        Err(Refusal::Unfilled) => {
            cx.tally.read -= 1;
            cx.tally.unfilled += 1;
        }
        Err(Refusal::Row(_)) if is_total(record) => {
            cx.tally.read -= 1;
            cx.tally.passed += 1;
        }
        Err(Refusal::Row(rejection)) => {
            *cx.tally.reasons.entry(rejection.reason).or_default() += 1;
            // Oddities of a row that is not accepted say nothing more.
            cx.tally.forget(id);
            diesel::delete(warnings::table.filter(warnings::row_id.eq(id))).execute(cx.conn)?;
            diesel::insert_into(rejected_rows::table)
                .values((
                    rejected_rows::id.eq(id),
                    rejected_rows::column_name.eq(rejection.column),
                    rejected_rows::reason.eq(rejection.reason.code()),
                    rejected_rows::value_class.eq(&rejection.value_class),
                    rejected_rows::detail.eq(&rejection.detail),
                    rejected_rows::raw.eq(raw(record)),
                ))
                .execute(cx.conn)?;
        }
    }
    Ok(())
}

/// Whether a row that is no record says that it is a sum: `TOTAL`, `Jumlah`.
/// It has no number as long as a NIK.
fn is_total(record: &Record<'_>) -> bool {
    let Some(first) = record.cells().find(|cell| !cell.trim_ascii().is_empty()) else { return false };
    let word = crate::layout::normalise(&crate::cells::text(first));
    let total = ["total", "jumlah", "subtotal", "sub_total", "grand_total"].iter().any(|known| word.starts_with(known));
    total && record.cells().all(|cell| cell.iter().filter(|byte| byte.is_ascii_digit()).count() < 15)
}

/// The record as a line of CSV.
fn raw(record: &Record<'_>) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let texts: Vec<_> = record.cells().map(crate::cells::text).collect();
    // Writing to memory does not fail; a record without cells has no text.
    let _ = writer.write_record(texts.iter().map(|text| text.as_bytes()));
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// Records a finding about the row, brought to light by an import.
pub(crate) fn find(conn: &mut SqliteConnection, tally: &mut Tally, (id, found_by): (i64, i64), finding: Finding) -> Result<(), Error> {
    *tally.findings.entry(finding).or_default() += 1;
    diesel::insert_into(findings::table)
        .values((findings::row_id.eq(id), findings::kind.eq(finding.code()), findings::found_by.eq(found_by)))
        .execute(conn)?;
    Ok(())
}

impl Context<'_> {
    /// Records a finding about the row.
    fn find(&mut self, id: i64, finding: Finding) -> Result<(), Error> {
        find(self.conn, &mut self.tally, (id, self.import), finding)
    }

    /// Notes what is odd about the row.
    fn warn(&mut self, id: i64, warning: Warning, column: &'static str) -> Result<(), Error> {
        self.tally.warn(warning);
        if warning.is_listed() {
            self.tally.warned(id);
            diesel::insert_or_ignore_into(warnings::table)
                .values((warnings::row_id.eq(id), warnings::kind.eq(warning.code()), warnings::column_name.eq(column)))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Notes a name that says that the person died.
    fn look_at_name(&mut self, id: i64, column: &'static str, name: &str) -> Result<(), Error> {
        if identity::marks(name).deceased { self.warn(id, Warning::NameDeceased, column) } else { Ok(()) }
    }

    /// Records a finding when the person died before the month.
    fn find_deceased(&mut self, id: i64, nik: Nik) -> Result<(), Error> {
        match self.deaths.get(&nik.expose()) {
            Some(day) if *day < self.first_day => self.find(id, Finding::Deceased),
            _ => Ok(()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Fatal(error)
    }
}
