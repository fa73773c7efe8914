//! Rejected rows that come back corrected. A report with rows carries, behind its
//! own columns, a mark (`ref`) and the cells of each rejected row under the
//! names of its layout. Whoever corrects the cells and imports that file brings
//! in just those rows: each replaces the rejected one, which is then reported no
//! more. A row left as it was is passed over, and stays reported.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Period};

use crate::book::{self, Book};
use crate::cells;
use crate::error::{Error, Result};
use crate::layout::{Layout, normalise};
use crate::recognise::{Place, Recognised, Tables};
use crate::records::{CONSTANTS, Record, Records, Rows};
use crate::report::COLUMNS;
use crate::rows::{ids_of, import_of, line_of, sheet_and_row};
use crate::schema::{corrected_rows, import_columns, imports, rejected_rows};
use crate::source::Source;

/// The column of the mark, behind the report's own.
pub(crate) const MARK: &str = "ref";
/// How the sheets of a report are called that hold rows to correct.
pub(crate) const SHEET: &str = "Perbaiki ";

/// The mark of a rejected row: where it belongs and which it is.
pub(crate) fn mark(area: AreaCode, period: Period, layout: Layout, row: i64) -> String {
    format!("{area}/{period}/{layout}/{}/{}", import_of(row), line_of(row))
}

/// The cell that marks a row in a table of corrections.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    place: usize,
    /// `area/period/layout/` of the rows that are meant.
    prefix: String,
}

/// The header of a table of corrections, if a record is one: the place of the mark.
fn header(record: &Record<'_>) -> Option<usize> {
    let names: Vec<String> = record.cells().map(|cell| normalise(&cells::text(cell))).collect();
    let own = names.iter().take(COLUMNS.len()).map(String::as_str).eq(COLUMNS);
    if own && names.get(COLUMNS.len()).is_some_and(|name| name == MARK) { Some(COLUMNS.len()) } else { None }
}

/// Where the rows of a report belong, if a file is a report with rows.
pub(crate) fn marks(path: &Path) -> Result<Option<BTreeSet<(AreaCode, Period)>>> {
    if !may_be(path)? {
        return Ok(None);
    }
    let mut found = BTreeSet::new();
    let mut any = false;
    each_table(path, &mut |_, at, rows| {
        any = true;
        while let Some(record) = rows.next().map_err(|error| told(path, &error))? {
            let mark = cells::text(record.cell(at)).into_owned();
            let mut parts = mark.split('/');
            if let (Some(area), Some(period)) = (parts.next(), parts.next())
                && let (Ok(area), Ok(period)) = (area.parse(), period.parse())
            {
                found.insert((area, period));
            }
        }
        Ok(())
    })?;
    if any && found.is_empty() {
        return Err(Error::Input {
            file: path.to_owned(),
            place: "whole file".to_owned(),
            problem: "it is a report of an import without rows to correct".to_owned(),
            remedy: "write the report with --rows, or as .xlsx, and correct the rows in it",
        });
    }
    Ok(any.then_some(found))
}

/// Whether a file may be a report with rows, judged by its first bytes or by
/// the names of its sheets.
fn may_be(path: &Path) -> Result<bool> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head)).map_err(io)?;
    if !book::is_book(&head) {
        let text = String::from_utf8_lossy(&head);
        let first: String = text.lines().next().unwrap_or("").chars().filter(|c| !matches!(c, '"' | '\u{feff}')).collect();
        return Ok([",", ";", "\t"].iter().any(|separator| first.starts_with(&COLUMNS.join(separator))));
    }
    // The list of sheets is short, and unpacked only so far.
    let Ok(mut archive) = File::open(path).map_err(zip::result::ZipError::from).and_then(zip::ZipArchive::new) else { return Ok(false) };
    for name in ["xl/workbook.xml", "content.xml"] {
        if let Ok(part) = archive.by_name(name) {
            let mut text = Vec::new();
            if part.take(1 << 20).read_to_end(&mut text).is_ok()
                && memchr::memmem::find(&text, format!("name=\"{SHEET}").as_bytes()).is_some()
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn told(path: &Path, error: &crate::records::RecordError) -> Error {
    let (place, problem, remedy) = error.told();
    Error::Input { file: path.to_owned(), place, problem, remedy }
}

/// What looks at a table of corrections: where it stands and its columns, the
/// place of the mark, and its records.
type See<'a> = &'a mut dyn FnMut((Place, Vec<String>), usize, &mut dyn Rows) -> Result<()>;

/// Shows each table of corrections of a file, at its first record below the header.
fn each_table(path: &Path, see: See<'_>) -> Result<()> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let mut head = [0; 4];
    let length = File::open(path).and_then(|mut file| file.read(&mut head)).map_err(io)?;
    let names = |record: &Record<'_>| record.cells().map(|cell| normalise(&cells::text(cell))).collect::<Vec<_>>();
    if book::is_book(&head[..length]) {
        let kind = book::measured(path, &head[..length])?;
        let mut open = Book::open(path, kind)?;
        for (name, number) in open.sheets(path)?.into_iter().zip(1u32..) {
            let mut rows = open.rows(&name, Vec::new(), 0).map_err(|error| told(path, &error))?;
            let Some(record) = rows.next().map_err(|error| told(path, &error))? else { continue };
            let Some(at) = header(&record) else { continue };
            let columns = names(&record);
            see((Place::Sheet { kind, number, name: name.clone(), whole: Vec::new() }, columns), at, &mut rows)?;
        }
        return Ok(());
    }
    for separator in [b',', b';', b'\t'] {
        let mut rows = Records::new(File::open(path).map_err(io)?, separator);
        let Some(record) = rows.next().map_err(|error| told(path, &error))? else { continue };
        let Some(at) = header(&record) else { continue };
        let columns = names(&record);
        return see((Place::Text { separator }, columns), at, &mut rows);
    }
    Ok(())
}

/// The tables of a report with rows: one for each layout of the source's district and month.
pub(crate) fn tables(source: &Source) -> Result<Tables> {
    let path = &source.path;
    let mut tables = Vec::new();
    each_table(path, &mut |(place, columns), at, rows| {
        let prefix = format!("{}/{}/", source.area, source.period);
        let mut layouts = BTreeSet::new();
        while let Some(record) = rows.next().map_err(|error| told(path, &error))? {
            let mark = cells::text(record.cell(at));
            layouts.extend(mark.strip_prefix(&prefix).and_then(|rest| rest.split('/').next()).and_then(Layout::named));
        }
        for layout in layouts {
            let own = |name: &str| layout.required().contains(&name) || layout.optional().contains(&name);
            let read = columns.iter().enumerate().map(|(place, name)| if place > at && own(name) { name.clone() } else { String::new() });
            tables.push(Recognised {
                layout,
                place: place.clone(),
                skip: 1,
                line: 1,
                columns: read.collect(),
                headers: columns.clone(),
                simulated: false,
                template: false,
                constants: Default::default(),
                aliases: Default::default(),
                marked: Some(Marked { place: at, prefix: format!("{prefix}{layout}/") }),
            });
        }
        Ok(())
    })?;
    Ok(Tables { tables, passed: Vec::new() })
}

/// A rejected row's cells by the names of its layout.
pub(crate) type Cells = BTreeMap<String, String>;

/// How the columns of an import were read: by sheet, the place from 1, the
/// header (or the value of a constant) and the name.
pub(crate) struct ColumnsOf(BTreeMap<i64, Vec<(i64, String, String)>>);

impl ColumnsOf {
    pub(crate) fn load(conn: &mut SqliteConnection, import: i64) -> Result<ColumnsOf> {
        let rows: Vec<(i64, i64, String, String)> = import_columns::table
            .filter(import_columns::import.eq(import))
            .order((import_columns::sheet, import_columns::place))
            .select((import_columns::sheet, import_columns::place, import_columns::header, import_columns::name))
            .load(conn)?;
        let mut sheets: BTreeMap<i64, Vec<(i64, String, String)>> = BTreeMap::new();
        for (sheet, place, header, name) in rows {
            sheets.entry(sheet).or_default().push((place, header, name));
        }
        Ok(ColumnsOf(sheets))
    }

    /// The sheet that a row of the import stands on, 0 in a file of text.
    pub(crate) fn sheet_of(&self, row: i64) -> i64 {
        if self.0.contains_key(&0) { 0 } else { sheet_and_row(row).0 }
    }

    /// The names that a sheet's columns were read as.
    pub(crate) fn names(&self, sheet: i64) -> impl Iterator<Item = &str> {
        self.0.get(&sheet).into_iter().flatten().map(|(_, _, name)| name.as_str()).filter(|name| !name.is_empty())
    }

    /// The cells of a row of the import, from how it was kept.
    pub(crate) fn cells(&self, row: i64, raw: &str) -> Cells {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(raw.as_bytes());
        let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
        let columns = self.0.get(&self.sheet_of(row)).map_or(&[][..], Vec::as_slice);
        let named = columns.iter().filter(|(_, _, name)| !name.is_empty());
        named
            .map(|(place, header, name)| {
                let cell = match usize::try_from(*place - 1) {
                    Ok(place) if place < CONSTANTS => record.get(place).unwrap_or(""),
                    _ => header,
                };
                (name.clone(), cell.to_owned())
            })
            .collect()
    }
}

/// The rejected rows of a month that were not corrected yet.
pub(crate) struct Corrected {
    rows: HashMap<i64, Cells>,
    imports: BTreeSet<i64>,
}

impl Corrected {
    pub(crate) fn load(conn: &mut SqliteConnection, period: Period) -> Result<Corrected> {
        let ids: Vec<i64> = imports::table.filter(imports::period.eq(period.to_string())).select(imports::id).load(conn)?;
        let mut rows = HashMap::new();
        for import in ids {
            let columns = ColumnsOf::load(conn, import)?;
            for (id, raw) in open_rows(conn, import)? {
                rows.insert(id, columns.cells(id, &raw));
            }
        }
        Ok(Corrected { rows, imports: BTreeSet::new() })
    }

    /// The rejected row that a record stands for, and whether it differs from that.
    fn row(&self, table: &Recognised, record: &Record<'_>) -> Option<(i64, bool)> {
        let marked = table.marked.as_ref()?;
        let mark = cells::text(record.cell(marked.place));
        let (import, line) = mark.strip_prefix(marked.prefix.as_str())?.split_once('/')?;
        let (import, line): (i64, i64) = (import.parse().ok()?, line.parse().ok()?);
        if !(0..1 << 31).contains(&import) || !(0..1 << 32).contains(&line) {
            return None;
        }
        let id = import << 32 | line;
        let kept = self.rows.get(&id)?;
        let differs = table.columns.iter().enumerate().filter(|(_, name)| !name.is_empty()).any(|(place, name)| {
            let before = cells::text(kept.get(name).map_or("", String::as_str).as_bytes()).into_owned();
            cells::text(record.cell(place)) != before
        });
        Some((id, differs))
    }

    /// The rejected row that a record corrects.
    pub(crate) fn changed(&self, table: &Recognised, record: &Record<'_>) -> Option<i64> {
        self.row(table, record).filter(|(_, differs)| *differs).map(|(id, _)| id)
    }

    /// Whether a record is a rejected row, left as it was.
    pub(crate) fn is_still_wrong(&self, table: &Recognised, record: &Record<'_>) -> bool {
        self.row(table, record).is_some_and(|(_, differs)| !differs)
    }

    /// Notes that a rejected row came back, whether it is accepted now or was rejected anew.
    pub(crate) fn settle(&mut self, conn: &mut SqliteConnection, row: i64, by: i64) -> Result<()> {
        diesel::insert_or_ignore_into(corrected_rows::table)
            .values((corrected_rows::row_id.eq(row), corrected_rows::corrected_by.eq(by)))
            .execute(conn)?;
        self.rows.remove(&row);
        self.imports.insert(import_of(row));
        Ok(())
    }

    /// The imports whose rows were corrected.
    pub(crate) fn imports(self) -> Vec<i64> {
        self.imports.into_iter().collect()
    }
}

/// The rejected rows of an import that were not corrected, in the order of the file.
fn open_rows(conn: &mut SqliteConnection, import: i64) -> Result<Vec<(i64, String)>> {
    let (first, last) = ids_of(import);
    let settled = settled(conn, import)?;
    let mut rows: Vec<(i64, String)> = rejected_rows::table
        .filter(rejected_rows::id.between(first, last))
        .order(rejected_rows::id)
        .select((rejected_rows::id, rejected_rows::raw))
        .load(conn)?;
    rows.retain(|(id, _)| !settled.contains(id));
    Ok(rows)
}

/// The rejected rows of an import that came back.
pub(crate) fn settled(conn: &mut SqliteConnection, import: i64) -> Result<BTreeSet<i64>> {
    let (first, last) = ids_of(import);
    let ids: Vec<i64> =
        corrected_rows::table.filter(corrected_rows::row_id.between(first, last)).select(corrected_rows::row_id).load(conn)?;
    Ok(ids.into_iter().collect())
}
