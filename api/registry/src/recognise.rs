//! What a file is, found from its first records: separator or sheets, title
//! rows, header (of one row or two), and as what each column is read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::book::{self, Book, Kind};
use crate::cells;
use crate::error::{Error, Result};
use crate::layout::{Layout, Verdict, judge, normalise};
use crate::mapping::Mapping;
use crate::records::{CONSTANTS, Record, RecordError, Records, Rows};

/// How many records may stand before the header.
const TITLES: usize = 40;
/// How many records of a sheet are looked at to see whether its numbers are whole.
const SAMPLE: usize = 2_000;
/// The word by which a title row marks made-up data.
const SIMULATED: &str = "SIMULASI";

/// Where a table stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the file: text with this separator.
    Text { separator: u8 },
    /// It is a sheet of a workbook; sheets are numbered from 1.
    Sheet { kind: Kind, number: u32, name: String, whole: Vec<bool> },
}

/// A table whose layout is known.
#[derive(Debug, Clone)]
pub(crate) struct Recognised {
    pub(crate) layout: Layout,
    pub(crate) place: Place,
    /// Records up to and with the header.
    pub(crate) skip: usize,
    /// The line that the header starts on.
    pub(crate) line: u64,
    /// The layout's name of each column; empty where it is passed over.
    pub(crate) columns: Vec<String>,
    /// The columns as the file calls them.
    pub(crate) headers: Vec<String>,
    pub(crate) simulated: bool,
    /// Whether it is one of our templates, which must not come back empty.
    pub(crate) template: bool,
    /// What a mapping says of every record.
    pub(crate) constants: Arc<Vec<(String, Vec<u8>)>>,
    /// Names and codes that a mapping explains.
    pub(crate) aliases: Arc<crate::places::Aliases>,
    /// In a table of corrections, which rows are meant.
    pub(crate) marked: Option<crate::corrections::Marked>,
}

impl Recognised {
    /// The place of a column; one past every record where the file has none,
    /// so that its cells read as empty.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|column| column == name)
            .unwrap_or_else(|| self.constants.iter().position(|(column, _)| column == name).map_or(usize::MAX, |place| CONSTANTS + place))
    }

    /// The sheet's number, 0 in a file of text.
    pub(crate) const fn sheet(&self) -> u32 {
        match self.place {
            Place::Text { .. } => 0,
            Place::Sheet { number, .. } => number,
        }
    }
}

/// The tables of a file, and the sheets that are none.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) tables: Vec<Recognised>,
    /// Sheets passed over, as messages tell them, and why.
    pub(crate) passed: Vec<(String, String)>,
}

/// Recognises the file at `path` without reading more of it than its head.
pub(crate) fn recognise(path: &Path, mapping: Option<&Mapping>) -> Result<Tables> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        return Err(refused(path, "whole file", "it is no regular file", "name a file on a disk"));
    }
    let mut head = [0; 4096];
    let mut read = 0;
    while read < head.len() {
        match file.read(&mut head[read..]).map_err(io)? {
            0 => break,
            more => read += more,
        }
    }
    if book::is_book(&head[..read]) {
        return sheets(path, &head[..read], mapping);
    }
    if let Some(error) = no_text(path, &head[..read]) {
        return Err(error);
    }
    let mut outcome = Failure::NoHeader { cells: 0 };
    for separator in [b',', b';', b'\t', b'|'] {
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        match header(&mut Records::new(&file, separator), Place::Text { separator }, mapping) {
            Ok(found) => return Ok(Tables { tables: vec![found], passed: Vec::new() }),
            Err(failure) => outcome = outcome.or(failure),
        }
    }
    Err(outcome.told(path, mapping))
}

/// Recognises the sheets of a workbook.
fn sheets(path: &Path, head: &[u8], mapping: Option<&Mapping>) -> Result<Tables> {
    let kind = book::measured(path, head)?;
    let mut book = Book::open(path, kind)?;
    let mut outcome = Failure::NoHeader { cells: 0 };
    let mut found = Tables { tables: Vec::new(), passed: Vec::new() };
    for (name, number) in book.sheets(path)?.into_iter().zip(1u32..) {
        if mapping.and_then(|mapping| mapping.sheet.as_deref()).is_some_and(|sheet| !sheet.eq_ignore_ascii_case(name.trim())) {
            continue;
        }
        let place = Place::Sheet { kind, number, name: name.clone(), whole: Vec::new() };
        let told = |failure: Failure| match failure.told(path, mapping) {
            Error::Input { place, problem, .. } => format!("{place}: {problem}"),
            other => other.to_string(),
        };
        let tried = match book.rows(&name, Vec::new(), 0) {
            Ok(mut rows) => header(&mut rows, place, mapping),
            Err(error) => Err(Failure::Record(error)),
        };
        match tried {
            Ok(mut table) => {
                let kept = whole_numbers(&mut book, &name, table.skip).map_err(|error| Failure::Record(error).told(path, mapping))?;
                if let Place::Sheet { whole, .. } = &mut table.place {
                    *whole = kept;
                }
                found.tables.push(table);
            }
            // A sheet that was meant to be a table, or is hostile, refuses the file.
            Err(failure @ (Failure::Lacks { .. } | Failure::Twice { .. } | Failure::Record(_))) => {
                let failure = failure.of_sheet(&name);
                if matches!(failure, Failure::Record(_)) {
                    return Err(failure.told(path, mapping));
                }
                outcome = outcome.or(failure.clone());
                found.passed.push((book::shown(&name), told(failure)));
            }
            Err(failure) => {
                outcome = outcome.or(failure.clone());
                found.passed.push((book::shown(&name), told(failure)));
            }
        }
    }
    if found.tables.is_empty() { Err(outcome.told(path, mapping)) } else { Ok(found) }
}

/// Of which columns the first records hold a number of 16 digits that does not
/// end in 0: such a spreadsheet keeps all digits.
fn whole_numbers(book: &mut Book, sheet: &str, skip: usize) -> Result<Vec<bool>, RecordError> {
    // Whether text or number, a cell of digits is shown so; an exponent tells a number that is not.
    let mut rows = book.rows(sheet, Vec::new(), 0)?;
    let mut seen: Vec<(u32, u32)> = Vec::new();
    let mut place = 0;
    while let Some(record) = rows.next()? {
        place += 1;
        if place <= skip {
            continue;
        }
        if place > skip + SAMPLE {
            break;
        }
        if seen.len() < record.len() {
            seen.resize(record.len(), (0, 0));
        }
        for (cell, (kept, lost)) in record.cells().zip(&mut seen) {
            if cell.len() == 16 && cell.iter().all(u8::is_ascii_digit) {
                *kept += 1;
            } else if cell.len() == 20 && cell.ends_with(b"E+15") {
                *lost += 1;
            }
        }
    }
    // One in ten numbers ends in 0 by chance.
    Ok(seen.into_iter().map(|(kept, lost)| kept >= 8 && lost * 4 <= kept).collect())
}

fn refused(path: &Path, place: &str, problem: impl Into<String>, remedy: &'static str) -> Error {
    Error::Input { file: path.to_owned(), place: place.to_owned(), problem: problem.into(), remedy }
}

/// Refuses what is plainly no text, by its first bytes.
fn no_text(path: &Path, head: &[u8]) -> Option<Error> {
    const SAVE: &str = "open it in a spreadsheet and save it as CSV (UTF-8)";
    let problem = match head {
        [] => return Some(refused(path, "whole file", "it is empty", "export the table again")),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it is UTF-16 text",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF document, not a table",
        _ if head.contains(&0) => "it is not a table of text",
        _ => return None,
    };
    Some(refused(path, "whole file", problem, SAVE))
}

/// Why no header was found.
#[derive(Debug, Clone)]
enum Failure {
    NoHeader { cells: usize },
    Lacks { place: String, layout: Layout, columns: Vec<&'static str> },
    Twice { place: String, layout: Layout, column: &'static str },
    Record(RecordError),
}

impl Failure {
    /// The one that tells more.
    fn or(self, other: Failure) -> Failure {
        let weight = |failure: &Failure| match failure {
            Failure::NoHeader { cells: 0 | 1 } => 0,
            Failure::NoHeader { .. } => 1,
            Failure::Record(_) => 2,
            Failure::Lacks { .. } => 3,
            Failure::Twice { .. } => 4,
        };
        if weight(&other) > weight(&self) { other } else { self }
    }

    /// The same failure, with the sheet in its place.
    fn of_sheet(self, name: &str) -> Failure {
        let within = |place: String| format!("sheet {}, {place}", book::shown(name));
        match self {
            Failure::Lacks { place, layout, columns } => Failure::Lacks { place: within(place), layout, columns },
            Failure::Twice { place, layout, column } => Failure::Twice { place: within(place), layout, column },
            other => other,
        }
    }

    fn told(self, path: &Path, mapping: Option<&Mapping>) -> Error {
        const COLUMNS: &str = "import the export as it is, with its own header, or say what its columns are with --map FILE.toml";
        match self {
            Failure::NoHeader { .. } if mapping.is_some() => refused(
                path,
                &format!("first {TITLES} records"),
                "no row has the columns that the mapping names",
                "compare the mapping with the header as `bansos import --explain` shows it",
            ),
            Failure::NoHeader { cells: 0 | 1 } => refused(
                path,
                &format!("first {TITLES} lines"),
                "it is not a table: no line has columns separated by `,`, `;` or a tab",
                "save the table as CSV",
            ),
            Failure::NoHeader { .. } => refused(
                path,
                &format!("first {TITLES} records"),
                format!("no header of a known layout ({})", Layout::ALL.map(Layout::as_str).join(", ")),
                COLUMNS,
            ),
            Failure::Lacks { place, layout, columns } => refused(
                path,
                &place,
                format!("the header resembles the layout {layout} but lacks the column {}", columns.join(", ")),
                COLUMNS,
            ),
            Failure::Twice { place, layout, column } => refused(
                path,
                &place,
                format!("the header of the layout {layout} has the column {column} twice"),
                "remove one of the two columns, or say which is meant with --map FILE.toml",
            ),
            Failure::Record(error) => {
                let (place, problem, remedy) = error.told();
                refused(path, &place, problem, remedy)
            }
        }
    }
}

/// A row that may be a header.
struct Row {
    line: u64,
    texts: Vec<String>,
}

impl Row {
    fn of(record: &Record<'_>) -> Row {
        Row { line: record.line, texts: record.cells().map(|cell| one_line(&cells::text(cell))).collect() }
    }

    fn columns(&self) -> Vec<String> {
        self.texts.iter().map(|text| normalise(text)).collect()
    }

    /// This row above another: a merged cell stands over all cells below it
    /// that have text, and a cell without one below it stands for itself.
    fn above(&self, below: &Row) -> Row {
        let mut over = "";
        let texts = (0..self.texts.len().max(below.texts.len())).map(|at| {
            let (top, bottom) = (self.texts.get(at).map_or("", String::as_str), below.texts.get(at).map_or("", String::as_str));
            if !top.is_empty() {
                over = top;
            }
            match (top.is_empty(), bottom.is_empty()) {
                (_, true) => top.to_owned(),
                (true, false) if over.is_empty() => bottom.to_owned(),
                _ => format!("{over} {bottom}"),
            }
        });
        Row { line: self.line, texts: texts.collect() }
    }

    /// Whether this may be the lower row of a header whose upper row was read
    /// as `columns`: it has texts without digits, and none below a column that
    /// stands for itself.
    fn continues(&self, columns: &[String]) -> bool {
        let mut any = false;
        for (at, text) in self.texts.iter().enumerate() {
            if text.is_empty() {
                continue;
            }
            if columns.get(at).is_some_and(|name| !name.is_empty()) || text.bytes().any(|byte| byte.is_ascii_digit()) {
                return false;
            }
            any = true;
        }
        any
    }
}

/// Text with its line breaks and runs of spaces as one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn header(rows: &mut dyn Rows, place: Place, mapping: Option<&Mapping>) -> Result<Recognised, Failure> {
    let mut failure = Failure::NoHeader { cells: 0 };
    let (mut simulated, mut template) = (false, false);
    let mut most = 0;
    let mut before: Option<Row> = None;
    let table = |verdict: (Layout, Vec<&'static str>), row: &Row, skip: usize, (simulated, template): (bool, bool)| Recognised {
        layout: verdict.0,
        place: place.clone(),
        skip,
        line: row.line,
        columns: verdict.1.into_iter().map(str::to_owned).collect(),
        headers: row.texts.clone(),
        simulated,
        template,
        constants: mapping.map(|mapping| Arc::clone(&mapping.constants)).unwrap_or_default(),
        aliases: mapping.map(|mapping| Arc::clone(&mapping.aliases)).unwrap_or_default(),
        marked: None,
    };
    for skip in 1..=TITLES {
        let row = match rows.next() {
            Ok(Some(record)) => Row::of(&record),
            Ok(None) => break,
            Err(error) => {
                // A title row of a letter's length is no reason to look at another separator.
                failure = failure.or(Failure::Record(error));
                break;
            }
        };
        most = most.max(row.texts.len());
        let verdict = |row: &Row| match mapping {
            Some(mapping) => mapping.judge(&row.columns()),
            None => judge(&row.columns()),
        };
        let told = |verdict: Verdict, line: u64| match verdict {
            Verdict::Lacks(layout, columns) => Some(Failure::Lacks { place: format!("line {line}"), layout, columns }),
            Verdict::Twice(layout, column) => Some(Failure::Twice { place: format!("line {line}"), layout, column }),
            Verdict::No | Verdict::Header(..) => None,
        };
        match verdict(&row) {
            Verdict::Header(layout, columns) => {
                let found = table((layout, columns), &row, skip, (simulated, template));
                // The row below may say more about columns that are not known yet.
                let unread = row.texts.iter().zip(&found.columns).any(|(text, name)| text.is_empty() || name.is_empty());
                if unread && let Ok(Some(record)) = rows.next() {
                    let below = Row::of(&record);
                    let mut both = row.above(&below);
                    both.line = row.line;
                    if below.continues(&found.columns)
                        && let Verdict::Header(layout, columns) = verdict(&both)
                        && columns.iter().filter(|name| !name.is_empty()).count()
                            > found.columns.iter().filter(|name| !name.is_empty()).count()
                    {
                        return Ok(table((layout, columns), &both, skip + 1, (simulated, template)));
                    }
                }
                return Ok(found);
            }
            other => {
                if let Some(told) = told(other, row.line) {
                    failure = failure.or(told);
                }
                if let Some(above) = &before {
                    let both = above.above(&row);
                    if let Verdict::Header(layout, columns) = verdict(&both) {
                        return Ok(table((layout, columns), &both, skip, (simulated, template)));
                    }
                }
            }
        }
        simulated = simulated || row.texts.iter().any(|text| text.to_uppercase().contains(SIMULATED));
        template = template || row.texts.iter().any(|text| text.starts_with(crate::template::MARK));
        before = Some(row);
    }
    Err(failure.or(Failure::NoHeader { cells: most }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Recognised, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.csv");
        std::fs::write(&path, bytes).unwrap();
        recognise(&path, None).map(|mut found| found.tables.remove(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn separators_titles_marks_and_line_breaks() {
        let found = of(b"\xef\xbb\xbfDATA SIMULASI;;\n;;\n\"NIK\n(16 angka)\";Jenis Bansos;\"Nominal\nCair\"\n").unwrap();
        assert_eq!((found.layout, &found.place, found.skip, found.simulated), (Layout::Kks, &Place::Text { separator: b';' }, 3, true));
        assert_eq!(found.place("nominal_cair"), 2);
        assert_eq!(found.place("nama"), usize::MAX);
        let found = of(b"nik,date_of_death\r\n").unwrap();
        assert_eq!((found.layout, &found.place, found.skip, found.simulated), (Layout::Deaths, &Place::Text { separator: b',' }, 1, false));
    }

    #[test]
    fn a_header_of_two_rows_is_put_together() {
        let found = of("Instrumen Uji Petik,,,,,,,\n,,,,,,,\nNIK_BNBA (Lampiran LHP BPK RI),NIK_KTP,NAMA KPM,KPM Ditemui,,KPM Tidak Ditemui,,Keterangan\n,,,BST,PKH/BPNT,BST,PKH/BPNT,\n1,2,3,4,5,6,7,8\n".as_bytes()).unwrap();
        assert_eq!((found.layout, found.skip, found.line), (Layout::Bpk, 4, 3));
        assert_eq!(
            found.columns,
            [
                "nik_bnba",
                "nik_ktp",
                "nama_kpm",
                "kpm_ditemui_bst",
                "kpm_ditemui_pkh_bpnt",
                "kpm_tidak_ditemui_bst",
                "kpm_tidak_ditemui_pkh_bpnt",
                "keterangan"
            ]
        );
        // All of a header may be in the lower row.
        let found = of(b"Penerima,,Bantuan,\nNIK,Nama,Jenis Bansos,Nominal Cair\n3,x,PKH,1\n").unwrap();
        assert_eq!((found.layout, found.skip), (Layout::Kks, 2));
        // A record below the header is none of it.
        let found = of(b"nik,jenis_bansos,nominal_cair,\n,,,catatan\n").unwrap();
        assert_eq!((found.layout, found.skip), (Layout::Kks, 1));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (bytes, said) in [
            (b"".as_slice(), "it is empty"),
            (b"PK\x03\x04xxxx", "Excel workbook"),
            (b"\xff\xfen\0i\0", "UTF-16"),
            (b"ab\0cd", "not a table of text"),
            (b"Dear office,\nplease find the list enclosed.\n", "known layout"),
            (b"hello\nworld\n", "not a table"),
            (b"a,b,c\n1,2,3\n", "no header of a known layout"),
            (b"x,y\nnik;nama;jenis_bansos\n", "line 2: the header resembles the layout kks but lacks the column nominal_cair"),
            (b"nik,date_of_death,nik\n", "line 1: the header of the layout deaths has the column nik twice"),
            (b"nik,\"date_of_death\n1,2\n", "line 1: a quotation mark is opened"),
        ] {
            let error = of(bytes).unwrap_err();
            assert!(error.contains("file.csv") && error.contains(said), "{error}");
        }
    }
}
