//! Reading a workbook, cell by cell. Nothing of it is trusted before every part
//! is measured: a small file can unpack to more than any memory holds.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use sha2::{Digest, Sha256};

use super::{LONGEST, RowsOf, UntilError};
use crate::write::notes;
use crate::write::xlsx::sheet_name;
use crate::{Dataset, Error, Field, Form, Kind, Result, Value, fields_in};

/// The most parts: one a sheet, and a dozen beside.
const MOST_PARTS: usize = 256;
/// The most bytes that the parts unpack to.
const MOST_UNPACKED: u64 = 4 << 30;
/// The most bytes of the parts that are held in memory: shared texts, styles.
const MOST_HELD: u64 = 256 << 20;
/// The bytes behind a part that tell its sizes, where it was written in one go.
const DESCRIPTOR: u64 = 24;
/// Rows that are handed over at a time.
const BATCH: usize = 1024;

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::form(error.to_string())
}

/// A part of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Its name in the archive.
    pub name: String,
    /// SHA-256 of what it unpacks to.
    pub sha256: [u8; 32],
}

/// The parts of the workbook at `path` in the order of the archive.
///
/// # Errors
/// When it is no workbook that could have been written here: too many parts,
/// too large ones, comments, or bytes beside the parts.
pub fn parts(path: &Path) -> Result<Vec<Part>> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?)).map_err(wrong)?;
    if archive.len() > MOST_PARTS {
        return Err(Error::form(format!("{} parts, at most {MOST_PARTS} are read", archive.len())));
    }
    if !archive.comment().is_empty() || archive.offset() != 0 {
        return Err(Error::form("the archive holds bytes that belong to no part"));
    }
    let (mut all, mut held, mut end) = (0u64, 0u64, 0u64);
    let mut found = Vec::with_capacity(archive.len());
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(wrong)?;
        let name = part.name().map_err(wrong)?.into_owned();
        // Between two parts there is room for the first one's sizes and no more.
        let gap = part.header_start().checked_sub(end).is_some_and(|gap| gap <= DESCRIPTOR);
        if !gap || !part.comment().is_empty() || part.extra_data_fields().next().is_some() {
            return Err(Error::form(format!("the archive holds bytes that belong to no part, at {name:?}")));
        }
        end = part.data_start().unwrap_or(0) + part.compressed_size();
        let kept = !name.starts_with("xl/worksheets/");
        let (mut sha256, mut buffer) = (Sha256::new(), vec![0u8; 1 << 16]);
        loop {
            let n = part.read(&mut buffer).map_err(wrong)?;
            if n == 0 {
                break;
            }
            sha256.update(&buffer[..n]);
            all += n as u64;
            held += if kept { n as u64 } else { 0 };
            if all > MOST_UNPACKED || held > MOST_HELD {
                return Err(Error::form("it unpacks to more than any dataset needs"));
            }
        }
        found.push(Part { name, sha256: sha256.finalize().into() });
    }
    if archive.central_directory_start().checked_sub(end).is_none_or(|gap| gap > DESCRIPTOR) {
        return Err(Error::form("the archive holds bytes that belong to no part, at its end"));
    }
    Ok(found)
}

pub(super) fn rows(dataset: &Dataset, path: &Path) -> Result<RowsOf> {
    parts(path)?;
    let fields = fields_in(dataset, Form::Xlsx);
    let book: Xlsx<BufReader<File>> = calamine::open_workbook(path).map_err(|error: calamine::XlsxError| wrong(error))?;
    let sheets = sheets(&book)?;
    // The reader of a sheet borrows the book, so a thread of its own holds both.
    let (sender, receiver) = sync_channel::<Result<Vec<Vec<Value>>>>(4);
    std::thread::spawn(move || {
        if let Err(error) = send(fields, book, &sheets, &sender) {
            // Nobody listens any more when this fails.
            let _ = sender.send(Err(error));
        }
    });
    let rows = receiver.into_iter().flat_map(|batch| match batch {
        Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    });
    Ok(Box::new(UntilError(Some(rows))))
}

/// The names of the sheets of data, once it is known that there are only those
/// and the notes, all of them to be seen.
fn sheets(book: &Xlsx<BufReader<File>>) -> Result<Vec<String>> {
    let found = book.sheets_metadata();
    let data = found.len().saturating_sub(1);
    let right = found.iter().enumerate().all(|(at, sheet)| {
        let name = if at == data { notes::SHEET.to_owned() } else { sheet_name(at) };
        sheet.name == name && sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    });
    if data == 0 || !right {
        let names: Vec<&str> = found.iter().take(16).map(|sheet| sheet.name.as_str()).collect();
        return Err(Error::form(format!("sheets are {names:?}, expected Data and {}, all to be seen", notes::SHEET)));
    }
    Ok((0..data).map(sheet_name).collect())
}

type Batches = SyncSender<Result<Vec<Vec<Value>>>>;

fn send(fields: &'static [Field], mut book: Xlsx<BufReader<File>>, sheets: &[String], to: &Batches) -> Result<()> {
    for name in sheets {
        let mut cells = book.worksheet_cells_reader(name).map_err(wrong)?;
        let mut batch: Vec<Vec<Value>> = Vec::with_capacity(BATCH);
        let mut line = Line { name, fields, at: 0, values: Vec::new() };
        while let Some(cell) = cells.next_cell().map_err(wrong)? {
            let ((row, column), value) = (cell.get_position(), cell.get_value());
            if matches!(value, DataRef::Empty) {
                continue;
            }
            while line.at < row {
                batch.extend(line.end()?);
            }
            if batch.len() >= BATCH && to.send(Ok(std::mem::take(&mut batch))).is_err() {
                return Ok(());
            }
            line.put(column, value)?;
        }
        batch.extend(line.end()?);
        if to.send(Ok(batch)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A line of a sheet that is being read.
struct Line<'a> {
    name: &'a str,
    fields: &'static [Field],
    at: u32,
    values: Vec<Value>,
}

impl Line<'_> {
    fn wrong(&self, what: impl std::fmt::Display) -> Error {
        Error::form(format!("{} line {}: {what}", self.name, self.at + 1))
    }

    fn put(&mut self, column: u32, value: &DataRef<'_>) -> Result<()> {
        let place = column as usize;
        let Some(field) = self.fields.get(place) else { return Err(self.wrong("a cell beside the columns")) };
        while self.values.len() < place {
            self.values.push(Value::Empty);
        }
        let text = match value {
            DataRef::String(text) => Some(text.as_str()),
            DataRef::SharedString(text) => Some(*text),
            _ => None,
        };
        let value = match (text, value) {
            (Some(text), _) if self.at == 0 && text == field.title.0 => Value::Empty,
            (_, _) if self.at == 0 => return Err(self.wrong(format!("column {} is not {:?}", place + 1, field.title.0))),
            (Some(text), _) if field.kind != Kind::Count && !text.is_empty() && text.len() <= LONGEST => Value::Text(text.to_owned()),
            (None, DataRef::Float(number)) if field.kind == Kind::Count => {
                Value::Count(whole(*number).ok_or_else(|| self.wrong(format!("{} is {number}, expected a whole number", field.name)))?)
            }
            (None, DataRef::Int(number)) if field.kind == Kind::Count => {
                Value::Count(u64::try_from(*number).map_err(|_| self.wrong(format!("{} is below zero", field.name)))?)
            }
            _ => return Err(self.wrong(format!("{} is of another kind", field.name))),
        };
        self.values.push(value);
        Ok(())
    }

    /// Ends the line; the first is the titles, and gives no row.
    fn end(&mut self) -> Result<Option<Vec<Value>>> {
        let mut row = std::mem::take(&mut self.values);
        if self.at == 0 && row.len() != self.fields.len() {
            return Err(self.wrong("titles are missing"));
        }
        row.resize(self.fields.len(), Value::Empty);
        if self.at > 0
            && let Some((field, _)) = self.fields.iter().zip(&row).find(|(field, value)| **value == Value::Empty && !field.optional)
        {
            return Err(self.wrong(format!("{} is empty", field.name)));
        }
        self.at += 1;
        Ok((self.at > 1).then_some(row))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at before")]
fn whole(number: f64) -> Option<u64> {
    ((0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}
