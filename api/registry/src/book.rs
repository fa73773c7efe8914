//! Workbooks: their sheets as records, in bounded memory.
//!
//! Nothing of a workbook is trusted before it is measured: every part is
//! unpacked once into nothing, to see how long it is and that it declares no
//! entities. An XLSX is then read cell by cell; XLS and ODS can only be read
//! whole, so they must be smaller. Formulas are not computed: what the office's
//! spreadsheet last made of them is read. Links to other files are not followed.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{DataType, Reader, SheetVisible};

use crate::error::{Error, Result};
use crate::records::{LONGEST, MOST_CELLS, Record, RecordError, Rows};

/// The most bytes that the parts of an XLSX unpack to: a million rows of many columns.
const MOST_UNPACKED: u64 = 4 << 30;
/// The most bytes of those parts that are held in memory: shared texts and styles.
const MOST_HELD: u64 = 192 << 20;
/// A part this much longer than its packed form is no table of people.
const MOST_RATIO: u64 = 400;
/// Below this length a high ratio harms nobody.
const SMALL: u64 = 32 << 20;
/// The largest XLS, and the largest content of an ODS.
const LARGEST_WHOLE: u64 = 160 << 20;
/// The most sheets and the most parts.
const MOST_SHEETS: usize = 200;
const MOST_PARTS: usize = 4096;
/// The most cells that a sheet of an ODS may span, since it is held whole.
const MOST_CELLS_HELD: u64 = 8_000_000;
/// The most rows of a sheet, by the format.
pub(crate) const MOST_ROWS: u32 = 1 << 20;

const RENAME: &str = "rename the sheet in a spreadsheet, save the workbook, and import that";
const SAVE: &str = "open it in a spreadsheet, save the table as .xlsx or CSV (UTF-8), and import that";

/// How a workbook is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Xlsx,
    Xls,
    Ods,
}

fn refused(path: &Path, place: &str, problem: impl Into<String>, remedy: &'static str) -> Error {
    Error::Input { file: path.to_owned(), place: place.to_owned(), problem: problem.into(), remedy }
}

/// Whether a file starts like a workbook.
pub(crate) fn is_book(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// What kind of workbook a file is, once it is known to be harmless.
pub(crate) fn measured(path: &Path, head: &[u8]) -> Result<Kind> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    if !head.starts_with(b"PK") {
        if length > LARGEST_WHOLE {
            return Err(refused(
                path,
                "whole file",
                format!("an Excel 97 workbook of {} MB, over {} MB", length >> 20, LARGEST_WHOLE >> 20),
                SAVE,
            ));
        }
        return Ok(Kind::Xls);
    }
    let broken = |_| refused(path, "whole file", "it starts like an Excel workbook, but is damaged or cut off", "copy or export it again");
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    if archive.len() > MOST_PARTS {
        return Err(refused(path, "whole file", format!("an archive of {} parts is no workbook of tables", archive.len()), SAVE));
    }
    let names: Vec<String> = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned())).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    let kind = if has("xl/workbook.xml") {
        Kind::Xlsx
    } else if has("content.xml") && has("mimetype") {
        Kind::Ods
    } else if has("xl/workbook.bin") {
        return Err(refused(path, "whole file", "it is a binary workbook (.xlsb)", SAVE));
    } else {
        return Err(refused(
            path,
            "whole file",
            "it is an archive (zip), but not an Excel workbook",
            "unpack it and import the tables in it",
        ));
    };
    let (mut all, mut held) = (0u64, 0u64);
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(broken)?;
        let name = part.name().map_err(broken)?.into_owned();
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            // Pictures, macros: never read.
            continue;
        }
        let packed = part.compressed_size();
        let sheet = name.starts_with("xl/worksheets/");
        let limit = if sheet { MOST_UNPACKED } else { MOST_HELD };
        let length = measure(&mut part, packed, limit, kind == Kind::Ods && name == "content.xml").map_err(|fault| match fault {
            Fault::Long => refused(path, "whole file", "a part of the workbook unpacks to more than any table needs (a zip bomb?)", SAVE),
            Fault::Entities => {
                refused(path, "whole file", "a part of the workbook declares XML entities, which no spreadsheet writes", SAVE)
            }
            Fault::Repeats => refused(path, "whole file", "a sheet repeats cells so often that it stands for more than any table", SAVE),
            Fault::Broken => {
                refused(path, "whole file", "it starts like an Excel workbook, but is damaged or cut off", "copy or export it again")
            }
        })?;
        all += length;
        held += if sheet { 0 } else { length };
        if all > MOST_UNPACKED || held > MOST_HELD {
            return Err(refused(path, "whole file", "the workbook unpacks to more than any table needs (a zip bomb?)", SAVE));
        }
    }
    Ok(kind)
}

enum Fault {
    Long,
    Entities,
    Repeats,
    Broken,
}

/// How far the values of a sheet of an ODS reach. Cells and rows may stand for
/// many: what is empty costs nothing, but a value far away spans all before it.
#[derive(Default)]
struct Extent {
    row: u64,
    /// How many rows the current one stands for.
    rows: u64,
    column: u64,
    width: u64,
    height: u64,
}

impl Extent {
    fn see(&mut self, tag: &[u8]) {
        let number = |name: &[u8]| -> u64 {
            memchr::memmem::find(tag, name).map_or(1, |at| {
                let digits = &tag[at + name.len()..];
                let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
                std::str::from_utf8(&digits[..end]).ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
            })
        };
        if tag.starts_with(b"table:table ") || tag.starts_with(b"table:table>") {
            (self.row, self.rows, self.column) = (0, 0, 0);
        } else if tag.starts_with(b"table:table-row") {
            self.row = self.row.saturating_add(self.rows);
            self.rows = number(b"number-rows-repeated=\"");
            self.column = 0;
        } else if tag.starts_with(b"table:table-cell") || tag.starts_with(b"table:covered-table-cell") {
            self.column = self.column.saturating_add(number(b"number-columns-repeated=\""));
            if memchr::memmem::find(tag, b"value-type").is_some() {
                self.width = self.width.max(self.column);
                self.height = self.height.max(self.row.saturating_add(self.rows));
            }
        }
    }
}

/// Unpacks a part into nothing and tells how long it is.
fn measure(part: &mut impl Read, packed: u64, limit: u64, repeats: bool) -> Result<u64, Fault> {
    let mut buffer = vec![0; 128 * 1024];
    let (mut length, mut kept) = (0u64, 0usize);
    let mut extent = Extent::default();
    loop {
        let read = part.read(&mut buffer[kept..]).map_err(|_| Fault::Broken)?;
        if read == 0 {
            return Ok(length);
        }
        length += read as u64;
        if length > limit || (length > SMALL && length / packed.max(1) > MOST_RATIO) {
            return Err(Fault::Long);
        }
        let seen = &buffer[..kept + read];
        if memchr::memmem::find(seen, b"<!ENTITY").is_some() || memchr::memmem::find(seen, b"<!DOCTYPE").is_some() {
            return Err(Fault::Entities);
        }
        // Elements may be divided between two reads: what follows the last `<` is seen again.
        let whole = memchr::memrchr(b'<', seen).unwrap_or(seen.len()).max(seen.len().saturating_sub(64 * 1024));
        if repeats {
            for tag in seen[..whole].split(|byte| *byte == b'<') {
                extent.see(tag);
            }
            if extent.width.saturating_mul(extent.height) > MOST_CELLS_HELD {
                return Err(Fault::Repeats);
            }
        }
        let end = seen.len();
        buffer.copy_within(whole..end, 0);
        kept = end - whole;
    }
}

/// A workbook that is open.
pub(crate) enum Book {
    Xlsx(Box<calamine::Xlsx<BufReader<File>>>),
    Xls(Box<calamine::Xls<BufReader<File>>>),
    Ods(Box<calamine::Ods<BufReader<File>>>),
}

impl Book {
    /// Opens a workbook that [`measured`] found harmless.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Book> {
        let file = BufReader::with_capacity(128 * 1024, File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?);
        let damaged = |password: bool| {
            if password {
                refused(
                    path,
                    "whole file",
                    "the workbook is protected by a password",
                    "open it in the spreadsheet, remove the password and save it",
                )
            } else {
                refused(path, "whole file", "it starts like an Excel workbook, but is damaged or cut off", "copy or export it again")
            }
        };
        match kind {
            Kind::Xlsx => calamine::Xlsx::new(file)
                .map(|book| Book::Xlsx(Box::new(book)))
                .map_err(|error| damaged(matches!(error, calamine::XlsxError::Password))),
            Kind::Xls => calamine::Xls::new(file)
                .map(|book| Book::Xls(Box::new(book)))
                .map_err(|error| damaged(matches!(error, calamine::XlsError::Password) || is_encrypted(path))),
            Kind::Ods => calamine::Ods::new(file)
                .map(|book| Book::Ods(Box::new(book)))
                .map_err(|error| damaged(matches!(error, calamine::OdsError::Password))),
        }
    }

    /// The names of the sheets that hold cells, hidden ones too, in their order.
    pub(crate) fn sheets(&self, path: &Path) -> Result<Vec<String>> {
        let sheets: Vec<(String, SheetVisible)> = match self {
            Book::Xlsx(book) => book.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect(),
            Book::Xls(book) => book.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect(),
            Book::Ods(book) => book.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect(),
        };
        if sheets.len() > MOST_SHEETS {
            return Err(refused(path, "whole file", format!("a workbook of {} sheets, over {MOST_SHEETS}", sheets.len()), SAVE));
        }
        // Spreadsheets allow no such name: it is meant for whoever makes a file of it.
        if sheets.iter().any(|(name, _)| name.contains(['/', '\\']) || name.chars().any(char::is_control)) {
            return Err(refused(path, "whole file", "a sheet's name holds a path or signs that steer a terminal", RENAME));
        }
        Ok(sheets.into_iter().map(|(name, _)| name).collect())
    }

    /// The records of a sheet. `whole` tells of which columns the numbers of 16
    /// digits are whole; `width` is the least number of cells of a record.
    pub(crate) fn rows<'a>(&'a mut self, sheet: &str, whole: Vec<bool>, width: usize) -> Result<SheetRows<'a>, RecordError> {
        let unreadable = |text: String| RecordError::Workbook {
            place: format!("sheet {}", shown(sheet)),
            problem: format!("it cannot be read ({text})"),
            remedy: SAVE,
        };
        let cells = match self {
            Book::Xlsx(book) => {
                Cells::Stream(Box::new(book.worksheet_cells_reader(sheet).map_err(|error| unreadable(class_of(&error).to_owned()))?))
            }
            Book::Xls(book) => Cells::whole(book.worksheet_range(sheet).map_err(|_| unreadable("damaged".to_owned()))?),
            Book::Ods(book) => Cells::whole(book.worksheet_range(sheet).map_err(|_| unreadable("damaged".to_owned()))?),
        };
        Ok(SheetRows {
            cells,
            sheet: shown(sheet),
            pending: None,
            kept: Vec::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
            whole,
            width,
            last: None,
            ended: false,
        })
    }
}

/// Whether a file that is packed like an XLS, but has no workbook inside, is an
/// XLSX behind a password: its directory then names the part that is encrypted.
fn is_encrypted(path: &Path) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let Ok(mut file) = File::open(path) else { return false };
    let mut buffer = vec![0; 128 * 1024];
    let mut kept = 0;
    while let Ok(read @ 1..) = file.read(&mut buffer[kept..]) {
        let end = kept + read;
        if memchr::memmem::find(&buffer[..end], &name).is_some() {
            return true;
        }
        // The name may be divided between two reads.
        let from = end.saturating_sub(name.len());
        buffer.copy_within(from..end, 0);
        kept = end - from;
    }
    false
}

/// What kind of error it is, without what the file holds.
fn class_of(error: &calamine::XlsxError) -> &'static str {
    match error {
        calamine::XlsxError::Xml(_) | calamine::XlsxError::XmlEof(_) | calamine::XlsxError::XmlAttr(_) => "its XML is damaged",
        calamine::XlsxError::NotAWorksheet(_) => "it is no worksheet",
        calamine::XlsxError::WorksheetNotFound(_) => "it is missing",
        _ => "damaged",
    }
}

/// A sheet's name as messages tell it: without paths and signs that control a terminal.
pub(crate) fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).take(64).collect()
}

enum Cells<'a> {
    Stream(Box<calamine::XlsxCellReader<'a, BufReader<File>>>),
    Whole { range: calamine::Range<calamine::Data>, row: usize, column: usize },
}

impl Cells<'_> {
    fn whole<'a>(range: calamine::Range<calamine::Data>) -> Cells<'a> {
        Cells::Whole { range, row: 0, column: 0 }
    }

    /// The next cell that holds something, written into `text`.
    fn next(&mut self, text: &mut Vec<u8>, whole: &[bool]) -> Result<Option<(u32, u32)>, &'static str> {
        match self {
            Cells::Stream(cells) => loop {
                let Some(cell) = cells.next_cell().map_err(|error| class_of(&error))? else { return Ok(None) };
                let position = cell.get_position();
                if write(cell.get_value(), text, whole.get(position.1 as usize).copied().unwrap_or(false)) {
                    return Ok(Some(position));
                }
            },
            Cells::Whole { range, row, column } => {
                let (height, width) = range.get_size();
                let (first, left) = range.start().unwrap_or((0, 0));
                while *row < height {
                    while *column < width {
                        let at = (first + *row as u32, left + *column as u32);
                        let Some(value) = range.get((*row, *column)) else { break };
                        *column += 1;
                        if write(value, text, whole.get(at.1 as usize).copied().unwrap_or(false)) {
                            return Ok(Some(at));
                        }
                    }
                    *column = 0;
                    *row += 1;
                }
                Ok(None)
            }
        }
    }
}

/// Writes a cell as the text that a CSV of the same table would hold; false
/// when it holds nothing.
///
/// A number of 16 digits keeps only 15 of them in most spreadsheets, and the
/// last becomes 0. Unless its column is known to hold `whole` numbers, one that
/// ends in 0 is written as what it is, a number of 15 digits and an exponent,
/// so that nobody takes it for a NIK.
fn write(value: &impl DataType, text: &mut Vec<u8>, whole: bool) -> bool {
    use std::io::Write as _;
    // Writing to memory does not fail.
    if let Some(string) = value.get_string() {
        text.extend_from_slice(string.as_bytes());
    } else if let Some(moment) = value.get_datetime() {
        let (year, month, day, ..) = moment.to_ymd_hms_milli();
        if moment.is_datetime() {
            let _ = write!(text, "{year:04}-{month:02}-{day:02}");
        } else {
            let _ = write!(text, "{}", moment.as_f64());
        }
    } else if let Some(number) = value.get_float() {
        if number.fract() != 0.0 || number.abs() >= 1e18 {
            let _ = write!(text, "{number}");
        } else if (1e15..1e16).contains(&number) && !whole && number % 10.0 == 0.0 {
            let digits = format!("{number:.0}");
            let _ = write!(text, "{}.{}E+15", &digits[..1], &digits[1..15]);
        } else {
            let _ = write!(text, "{number:.0}");
        }
    } else if let Some(number) = value.get_int() {
        let _ = write!(text, "{number}");
    } else if let Some(flag) = value.get_bool() {
        text.push(if flag { b'1' } else { b'0' });
    } else if let Some(iso) = value.get_datetime_iso() {
        text.extend_from_slice(iso.as_bytes());
    } else if value.get_error().is_some() {
        text.extend_from_slice(b"#N/A");
    } else {
        return false;
    }
    true
}

/// The records of a sheet; a record's line is its row.
pub(crate) struct SheetRows<'a> {
    cells: Cells<'a>,
    sheet: String,
    /// The first cell of the next row; its text is in `kept`.
    pending: Option<(u32, u32)>,
    kept: Vec<u8>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    whole: Vec<bool>,
    width: usize,
    last: Option<u32>,
    ended: bool,
}

impl SheetRows<'_> {
    fn fault(&self, row: u32, problem: &str) -> RecordError {
        RecordError::Workbook {
            place: format!("sheet {}, row {}", self.sheet, row.saturating_add(1)),
            problem: problem.to_owned(),
            remedy: SAVE,
        }
    }

    /// Puts the cell in `kept` at its column.
    fn put(&mut self, (row, column): (u32, u32)) -> Result<(), RecordError> {
        let column = column as usize;
        if column >= MOST_CELLS {
            return Err(self.fault(row, "a row of more columns than any table has (over 4096)"));
        }
        if column < self.ends.len() {
            return Err(self.fault(row, "its cells do not stand in their order"));
        }
        self.ends.resize(column, self.bytes.len());
        self.bytes.extend_from_slice(&self.kept);
        self.ends.push(self.bytes.len());
        if self.bytes.len() > LONGEST {
            return Err(self.fault(row, "a row of more than 1 MB"));
        }
        Ok(())
    }
}

impl Rows for SheetRows<'_> {
    fn next(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        self.bytes.clear();
        self.ends.clear();
        if self.pending.is_none() && !self.ended {
            self.kept.clear();
            self.pending = self.cells.next(&mut self.kept, &self.whole).map_err(|problem| self.fault(self.last.unwrap_or(0), problem))?;
        }
        let Some(first) = self.pending.take() else { return Ok(None) };
        let row = first.0;
        if row >= MOST_ROWS || self.last.is_some_and(|last| row <= last) {
            return Err(self.fault(row, "its rows do not stand in their order"));
        }
        self.last = Some(row);
        self.put(first)?;
        loop {
            self.kept.clear();
            match self.cells.next(&mut self.kept, &self.whole).map_err(|problem| self.fault(row, problem))? {
                Some(cell) if cell.0 == row => self.put(cell)?,
                other => {
                    self.ended = other.is_none();
                    self.pending = other;
                    break;
                }
            }
        }
        if self.ends.len() < self.width {
            self.ends.resize(self.width, self.bytes.len());
        }
        Ok(Some(Record::of(&self.bytes, &self.ends, u64::from(row) + 1)))
    }
}
