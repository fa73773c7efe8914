//! The operator's report: every rejected row, warning and finding of some
//! imports, with its place and what to do. As it is written first it holds
//! nothing of what the rows hold and may be sent around. With rows, it holds the
//! rejected rows to be corrected in it (`corrections`), and is for the office alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel::prelude::*;
use domain::Period;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use crate::Registry;
use crate::corrections::{Cells, ColumnsOf, MARK, SHEET, mark, settled};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ledger::parse_period;
use crate::reason::words;
use crate::rows::{ids_of, import_of, line_of, sheet_and_row};
use crate::schema::{findings, import_sheets, imports, rejected_rows, warnings};

/// The report's columns.
pub const COLUMNS: [&str; 9] = ["file", "sheet", "line", "column", "outcome", "reason", "value_class", "message", "remedy"];

/// The most rows of a sheet.
const MOST_ROWS: usize = (1 << 20) - 1;

impl Registry {
    /// Writes the rejected rows, warnings and findings of `imports` as CSV to `path`,
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

/// A line of the report.
#[derive(Debug)]
struct Line {
    /// Most are the same words in every line, which take no room.
    cells: [Cow<'static, str>; 9],
    /// In a report with rows, the rejected row.
    row: Option<Row>,
}

#[derive(Debug)]
struct Row {
    mark: String,
    layout: Layout,
    cells: Cells,
}

/// A report being put together, of one or more registries.
#[derive(Debug)]
pub struct Report {
    lines: Vec<Line>,
    with_rows: bool,
}

/// An import, as far as the report needs it.
struct Import {
    file: String,
    period: Period,
    form: String,
}

impl Report {
    /// An empty report.
    ///
    /// # Errors
    /// None in practice: it is held in memory until written.
    pub fn new() -> Result<Report> {
        Ok(Report { lines: Vec::new(), with_rows: false })
    }

    /// An empty report that will hold the rejected rows, to be corrected in it.
    #[must_use]
    pub const fn with_rows() -> Report {
        Report { lines: Vec::new(), with_rows: true }
    }

    /// How many lines it has below the header.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.lines.len() as u64
    }

    /// Whether there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines, each as the columns [`COLUMNS`].
    pub fn lines(&self) -> impl Iterator<Item = &[Cow<'static, str>; 9]> {
        self.lines.iter().map(|line| &line.cells)
    }

    /// Adds the rejected rows, warnings and findings of some imports of a registry.
    ///
    /// # Errors
    /// When an import does not exist.
    pub fn add(&mut self, registry: &mut Registry, ids: &[i64]) -> Result<()> {
        let district = registry.district;
        let conn = &mut registry.conn;
        let mut known: BTreeMap<i64, Import> = BTreeMap::new();
        let rows: Vec<(i64, String, String, String)> =
            imports::table.select((imports::id, imports::file, imports::period, imports::form)).load(conn)?;
        for (id, file, period, form) in rows {
            known.insert(id, Import { file, period: parse_period(&period)?, form });
        }
        let mut sheets: BTreeMap<(i64, i64), String> = BTreeMap::new();
        let names: Vec<(i64, i64, String)> =
            import_sheets::table.select((import_sheets::import, import_sheets::sheet, import_sheets::name)).load(conn)?;
        sheets.extend(names.into_iter().map(|(import, sheet, name)| ((import, sheet), name)));

        let mut found_later: Vec<(i64, String)> = Vec::new();
        for import in ids {
            let of = known.get(import).ok_or(Error::NoImport(*import))?;
            let (first, last) = ids_of(*import);
            type Rejected = (i64, String, String, String, String, String);
            let settled = settled(conn, *import)?;
            let mut rejected: Vec<Rejected> = rejected_rows::table
                .filter(rejected_rows::id.between(first, last))
                .select((
                    rejected_rows::id,
                    rejected_rows::column_name,
                    rejected_rows::reason,
                    rejected_rows::value_class,
                    rejected_rows::detail,
                    rejected_rows::raw,
                ))
                .load(conn)?;
            rejected.retain(|(id, ..)| !settled.contains(id));
            let columns = if self.with_rows && !rejected.is_empty() { Some(ColumnsOf::load(conn, *import)?) } else { None };
            let mut lines: Vec<(i64, Line)> = Vec::new();
            for (id, column, reason, class, detail, raw) in rejected {
                let mut line = line(&sheets, of, id, column, "rejected", &reason, class);
                if !detail.is_empty() {
                    line.cells[8] = format!("{}; calon terdekat: {detail}", line.cells[8]).into();
                }
                if let Some(columns) = &columns
                    && let Some(layout) = layout_of(of, columns, id)
                {
                    line.row = Some(Row { mark: mark(district, of.period, layout, id), layout, cells: columns.cells(id, &raw) });
                }
                lines.push((id, line));
            }
            let odd: Vec<(i64, String, String)> = warnings::table
                .filter(warnings::row_id.between(first, last))
                .select((warnings::row_id, warnings::kind, warnings::column_name))
                .load(conn)?;
            lines.extend(odd.into_iter().map(|(id, kind, column)| (id, line(&sheets, of, id, column, "warning", &kind, String::new()))));
            let found: Vec<(i64, String)> =
                findings::table.filter(findings::row_id.between(first, last)).select((findings::row_id, findings::kind)).load(conn)?;
            lines.extend(found.into_iter().map(|(id, kind)| (id, line(&sheets, of, id, "nik", "finding", &kind, "16 digits"))));
            lines.sort_by(|a, b| (a.0, &a.1.cells).cmp(&(b.0, &b.1.cells)));
            self.lines.extend(lines.into_iter().map(|(_, line)| line));
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
            let of = known.get(&import_of(id)).ok_or(Error::NoImport(import_of(id)))?;
            self.lines.push(line(&sheets, of, id, "nik", "finding", &kind, "16 digits"));
        }
        Ok(())
    }

    /// Writes the report to `path`, as a workbook where its name ends in `.xlsx`
    /// and else as CSV, replacing it whole; tells how many lines it has below the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(self, path: &Path) -> Result<u64> {
        let lines = self.len();
        let bytes = if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")) {
            self.workbook().map_err(|error| Error::Request(format!("the report cannot be written as a workbook: {error}")))?
        } else {
            self.csv().map_err(|error| Error::Request(format!("the report cannot be written: {error}")))?
        };
        durable::write_file(path, &bytes, 0o600, "report").map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(lines)
    }

    /// The columns that the rejected rows of some layouts have, in the order of the layouts.
    fn columns(&self, only: Option<Layout>) -> Vec<&'static str> {
        let rows = || self.lines.iter().filter_map(|line| line.row.as_ref()).filter(|row| only.is_none_or(|layout| row.layout == layout));
        let used: BTreeSet<&str> = rows().flat_map(|row| row.cells.keys()).map(String::as_str).collect();
        let layouts: BTreeSet<Layout> = rows().map(|row| row.layout).collect();
        let mut columns = Vec::new();
        for name in layouts.iter().flat_map(|layout| layout.required().iter().chain(layout.optional())) {
            if used.contains(name) && !columns.contains(name) {
                columns.push(*name);
            }
        }
        columns
    }

    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let columns = self.columns(None);
        let header = COLUMNS.iter().copied();
        if self.with_rows {
            writer.write_record(header.chain([MARK]).chain(columns.iter().copied()))?;
        } else {
            writer.write_record(header)?;
        }
        for line in &self.lines {
            let mut cells: Vec<String> = line.cells.iter().map(|cell| harmless(cell)).collect();
            if self.with_rows {
                cells.push(line.row.as_ref().map_or_else(String::new, |row| row.mark.clone()));
                cells.extend(columns.iter().map(|column| {
                    line.row.as_ref().and_then(|row| row.cells.get(*column)).map_or_else(String::new, |cell| harmless(cell))
                }));
            }
            writer.write_record(&cells)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// A sheet of everything, and one for each layout that has rows to correct.
    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let head = Format::new().set_bold().set_background_color(Color::RGB(0xDD_E8_F0)).set_text_wrap();
        let text = Format::new().set_num_format("@");
        let wrong = Format::new().set_num_format("@").set_background_color(Color::RGB(0xFF_E3_A3));
        for (number, lines) in self.lines.chunks(MOST_ROWS).enumerate().chain(self.lines.is_empty().then_some((0, &[][..]))) {
            let name = if number == 0 { "Laporan".to_owned() } else { format!("Laporan {}", number + 1) };
            let sheet = book.add_worksheet().set_name(name)?;
            start(sheet, COLUMNS.iter().copied(), &head)?;
            for (line, row) in lines.iter().zip(1u32..) {
                for (cell, column) in line.cells.iter().zip(0u16..) {
                    // Written as text, so that nothing in it is taken for a formula.
                    sheet.write_string(row, column, &**cell)?;
                }
            }
        }
        let layouts: BTreeSet<Layout> = self.lines.iter().filter_map(|line| line.row.as_ref()).map(|row| row.layout).collect();
        for layout in layouts {
            let columns = self.columns(Some(layout));
            let sheet = book.add_worksheet().set_name(format!("{SHEET}{layout}"))?;
            start(sheet, COLUMNS.iter().copied().chain([MARK]).chain(columns.iter().copied()), &head)?;
            // The office corrects what stands on the right; the place of a row tells itself.
            for hidden in [0u16, 1, 2, 4, 5, 6, 9] {
                sheet.set_column_hidden(hidden)?;
            }
            let own = self.lines.iter().filter_map(|line| line.row.as_ref().filter(|row| row.layout == layout).map(|row| (line, row)));
            for ((line, rejected), row) in own.take(MOST_ROWS).zip(1u32..) {
                for (cell, column) in line.cells.iter().map(|cell| &**cell).chain([rejected.mark.as_str()]).zip(0u16..) {
                    sheet.write_string(row, column, cell)?;
                }
                for (name, column) in columns.iter().zip(COLUMNS.len() as u16 + 1..) {
                    let cell = rejected.cells.get(*name).map_or("", String::as_str);
                    let format = if *name == line.cells[3] { &wrong } else { &text };
                    // Text also where it is empty: a NIK typed here must stay one.
                    if cell.is_empty() {
                        sheet.write_blank(row, column, format)?;
                    } else {
                        sheet.write_string_with_format(row, column, cell, format)?;
                    }
                }
            }
        }
        book.save_to_buffer()
    }
}

fn start<'a>(sheet: &mut Worksheet, header: impl Iterator<Item = &'a str>, format: &Format) -> Result<(), XlsxError> {
    for (name, column) in header.zip(0u16..) {
        sheet.write_string_with_format(0, column, name, format)?;
        let width = match name {
            "message" | "remedy" => 50,
            "line" | "sheet" | "rt" | "rw" => 8,
            _ => 20,
        };
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// A cell of a CSV that no spreadsheet takes for a formula or a long number for
/// a short one: the apostrophe says that it is text, and is not read back.
pub(crate) fn harmless(cell: &str) -> String {
    let digits = cell.len() >= 12 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if digits || cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.len() > 1 { format!("'{cell}") } else { cell.to_owned() }
}

fn line(
    sheets: &BTreeMap<(i64, i64), String>,
    of: &Import,
    id: i64,
    column: impl Into<Cow<'static, str>>,
    outcome: &'static str,
    reason: &str,
    class: impl Into<Cow<'static, str>>,
) -> Line {
    let (message, remedy) = words(reason);
    let (sheet, row) = sheet_and_row(id);
    let (sheet, place) = match sheets.get(&(import_of(id), sheet)) {
        Some(name) => (name.clone(), row),
        None => (String::new(), line_of(id)),
    };
    let cells = [
        of.file.clone().into(),
        sheet.into(),
        place.to_string().into(),
        column.into(),
        outcome.into(),
        reason.to_owned().into(),
        class.into(),
        message.into(),
        remedy.into(),
    ];
    Line { cells, row: None }
}

/// The layout of a row of an import whose sheets may have several.
fn layout_of(of: &Import, columns: &ColumnsOf, id: i64) -> Option<Layout> {
    let layouts: Vec<Layout> = of.form.split('+').filter_map(Layout::named).collect();
    let names: Vec<&str> = columns.names(columns.sheet_of(id)).collect();
    match layouts.as_slice() {
        [only] => Some(*only),
        several => several.iter().copied().find(|layout| layout.required().iter().all(|name| names.contains(name))),
    }
}
