//! What a file is, found from its first records: separator, title rows, header.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::cells;
use crate::error::{Error, Result};
use crate::layout::{Layout, Verdict, judge, normalise};
use crate::records::{RecordError, Records};

/// How many records may stand before the header.
const TITLES: usize = 40;
/// The word by which a title row marks made-up data.
const SIMULATED: &str = "SIMULASI";

/// A file whose layout is known.
#[derive(Debug, Clone)]
pub(crate) struct Recognised {
    pub(crate) layout: Layout,
    pub(crate) separator: u8,
    /// Records up to and with the header.
    pub(crate) skip: usize,
    /// The columns' names, normalised.
    pub(crate) columns: Vec<String>,
    pub(crate) simulated: bool,
}

impl Recognised {
    /// The place of a column; one past every record where the file has none,
    /// so that its cells read as empty.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap_or(usize::MAX)
    }
}

/// Recognises the file at `path` without reading more of it than its head.
pub(crate) fn recognise(path: &Path) -> Result<Recognised> {
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
    if let Some(error) = no_text(path, &head[..read]) {
        return Err(error);
    }
    let mut outcome = Failure::NoHeader { cells: 0 };
    for separator in [b',', b';', b'\t'] {
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        match header(&file, separator) {
            Ok(found) => return Ok(found),
            Err(failure) => outcome = outcome.or(failure),
        }
    }
    Err(outcome.told(path))
}

fn refused(path: &Path, place: &str, problem: impl Into<String>, remedy: &'static str) -> Error {
    Error::Input { file: path.to_owned(), place: place.to_owned(), problem: problem.into(), remedy }
}

/// Refuses what is plainly no text, by its first bytes.
fn no_text(path: &Path, head: &[u8]) -> Option<Error> {
    const SAVE: &str = "open it in a spreadsheet and save it as CSV (UTF-8)";
    let problem = match head {
        [] => return Some(refused(path, "whole file", "it is empty", "export the table again")),
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => "it is an Excel workbook, not a CSV table",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it is UTF-16 text",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF document, not a table",
        _ if head.contains(&0) => "it is not a table of text",
        _ => return None,
    };
    Some(refused(path, "whole file", problem, SAVE))
}

/// Why no header was found with one separator.
enum Failure {
    NoHeader { cells: usize },
    Lacks { line: u64, layout: Layout, columns: Vec<&'static str> },
    Twice { line: u64, layout: Layout, column: &'static str },
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

    fn told(self, path: &Path) -> Error {
        const COLUMNS: &str = "import the export as it is, with its own header";
        match self {
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
            Failure::Lacks { line, layout, columns } => refused(
                path,
                &format!("line {line}"),
                format!("the header resembles the layout {layout} but lacks the column {}", columns.join(", ")),
                COLUMNS,
            ),
            Failure::Twice { line, layout, column } => refused(
                path,
                &format!("line {line}"),
                format!("the header of the layout {layout} has the column {column} twice"),
                "remove one of the two columns",
            ),
            Failure::Record(error) => {
                let (place, problem, remedy) = error.told();
                refused(path, &place, problem, remedy)
            }
        }
    }
}

fn header(file: &File, separator: u8) -> Result<Recognised, Failure> {
    let mut records = Records::new(file, separator);
    let mut simulated = false;
    let mut most = 0;
    let mut failure = Failure::NoHeader { cells: 0 };
    for skip in 1..=TITLES {
        let record = match records.next() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => {
                failure = failure.or(Failure::Record(error));
                break;
            }
        };
        most = most.max(record.len());
        let columns: Vec<String> = record.cells().map(|cell| normalise(&cells::text(cell))).collect();
        match judge(&columns) {
            Verdict::Header(layout) => return Ok(Recognised { layout, separator, skip, columns, simulated }),
            Verdict::Lacks(layout, columns) => failure = failure.or(Failure::Lacks { line: record.line, layout, columns }),
            Verdict::Twice(layout, column) => failure = failure.or(Failure::Twice { line: record.line, layout, column }),
            Verdict::No => {}
        }
        simulated = simulated || record.cells().any(|cell| cells::text(cell).to_uppercase().contains(SIMULATED));
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
        recognise(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn separators_titles_marks_and_line_breaks() {
        let found = of(b"\xef\xbb\xbfDATA SIMULASI;;\n;;\n\"NIK\n(16 angka)\";Jenis Bansos;\"Nominal\nCair\"\n").unwrap();
        assert_eq!((found.layout, found.separator, found.skip, found.simulated), (Layout::Kks, b';', 3, true));
        assert_eq!(found.place("nominal_cair"), 2);
        assert_eq!(found.place("nama"), usize::MAX);
        let found = of(b"nik,date_of_death\r\n").unwrap();
        assert_eq!((found.layout, found.separator, found.skip, found.simulated), (Layout::Deaths, b',', 1, false));
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
