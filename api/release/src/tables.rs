//! The CSV files of a release: columns, writing and reading (design: FORMATS,
//! Columns). Line feeds end lines, and a file has one spelling only, so the
//! same figures are the same bytes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::{AreaLabel, Cell, EditionId, ProgramCode, codebook};

use crate::{Error, Result};

/// Columns of `recipients.csv`.
pub const RECIPIENTS_HEADER: &str = "id,edition,program,area,sex,age_band,family_size";
/// Columns of `atoms.csv`.
pub const ATOMS_HEADER: &str = "edition,program,atom,area,sex,age_band,family_size,count";
/// Columns of every statistics table.
pub const CELLS_HEADER: &str = "area,program,period,measure,category,value,status,group,release,as_of";

/// An equivalence class of rows: all that is published of `count` recipients.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Atom {
    /// The edition it belongs to.
    pub edition: EditionId,
    /// The program.
    pub program: ProgramCode,
    /// Its number in the edition and program, from 1.
    pub atom: u32,
    /// The finest area, or pool, that its rows keep.
    pub area: AreaLabel,
    /// A label of the codebook.
    pub sex: String,
    /// A label of the codebook.
    pub age_band: String,
    /// A label of the codebook.
    pub family_size: String,
    /// Rows of the atom.
    pub count: u32,
}

/// Writes `recipients.csv` of these atoms, header included: a function of the
/// atoms alone, so that whoever holds `atoms.csv` can check it. Gives the
/// number of rows.
///
/// # Errors
/// When `out` fails.
pub fn write_recipients<'a>(
    district: domain::AreaCode,
    atoms: impl IntoIterator<Item = &'a Atom>,
    out: &mut impl Write,
) -> io::Result<u64> {
    writeln!(out, "{RECIPIENTS_HEADER}")?;
    let mut rows = 0;
    for atom in atoms {
        let head = format!("{district}-{}/{}/{:05}/", atom.edition, atom.program, atom.atom);
        let tail = format!("{},{},{},{},{},{}", atom.edition, atom.program, atom.area, atom.sex, atom.age_band, atom.family_size);
        for place in 1..=atom.count {
            writeln!(out, "{head}{place:02},{tail}")?;
        }
        rows += u64::from(atom.count);
    }
    Ok(rows)
}

/// Reads the lines of a CSV file of a release, one at a time.
pub(crate) struct Lines {
    path: PathBuf,
    reader: csv::Reader<std::fs::File>,
    record: csv::StringRecord,
}

impl Lines {
    pub(crate) fn open(path: &Path, header: &str) -> Result<Lines> {
        let file = std::fs::File::open(path).map_err(|error| Error::io(path, error))?;
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(file);
        let found = reader.headers().map_err(|error| Error::format(path, error.to_string()))?.iter().collect::<Vec<_>>().join(",");
        if found != header {
            return Err(Error::format(path, format!("columns are {found:?}, expected {header:?}")));
        }
        Ok(Lines { path: path.to_owned(), reader, record: csv::StringRecord::new() })
    }

    fn next_with<T>(&mut self, parse: impl Fn(&csv::StringRecord) -> std::result::Result<T, String>) -> Option<Result<T>> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => Some(parse(&self.record).map_err(|what| {
                let line = self.record.position().map_or(0, csv::Position::line);
                Error::format(&self.path, format!("line {line}: {what}"))
            })),
            Err(error) => Some(Err(Error::format(&self.path, error.to_string()))),
        }
    }
}

fn field<T: std::str::FromStr>(record: &csv::StringRecord, at: usize) -> std::result::Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let text = record.get(at).ok_or("too few columns")?;
    text.parse().map_err(|error| format!("column {}: {error}", at + 1))
}

fn label(record: &csv::StringRecord, at: usize, attribute: &codebook::Attribute) -> std::result::Result<String, String> {
    let text = record.get(at).ok_or("too few columns")?;
    attribute.label(text).map(|label| label.code.to_owned()).map_err(|error| format!("column {}: {error}", at + 1))
}

/// The atoms of `atoms.csv`.
pub(crate) struct Atoms(pub(crate) Lines);

impl Iterator for Atoms {
    type Item = Result<Atom>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_with(|record| {
            Ok(Atom {
                edition: field(record, 0)?,
                program: field(record, 1)?,
                atom: field(record, 2)?,
                area: field(record, 3)?,
                sex: label(record, 4, &codebook::SEX)?,
                age_band: label(record, 5, &codebook::AGE_BAND)?,
                family_size: label(record, 6, &codebook::FAMILY_SIZE)?,
                count: field(record, 7)?,
            })
        })
    }
}

/// The cells of a statistics table.
pub(crate) struct Cells(pub(crate) Lines);

impl Iterator for Cells {
    type Item = Result<Cell>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_with(|record| {
            let optional = |at: usize| record.get(at).filter(|text| !text.is_empty());
            let cell = Cell {
                area: field(record, 0)?,
                program: field(record, 1)?,
                period: field(record, 2)?,
                measure: field(record, 3)?,
                category: record.get(4).unwrap_or_default().to_owned(),
                value: optional(5).map(|_| field(record, 5)).transpose()?,
                status: field(record, 6)?,
                group: optional(7).map(|_| field(record, 7)).transpose()?,
                release: field(record, 8)?,
                as_of: field(record, 9)?,
            };
            if cell.value.is_some() != (cell.status == domain::Status::Observed) {
                return Err("a value stands exactly where the status is observed".into());
            }
            if cell.group.is_some() != (cell.status == domain::Status::Grouped) {
                return Err("a group stands exactly where the status is grouped".into());
            }
            Ok(cell)
        })
    }
}
