//! Every form of a dataset says what its CSV says, and nothing else.
//!
//! The attacks read the CSV files. So what they find is true of the whole
//! folder only if the other forms hold the same rows: and nothing beside them,
//! for a Parquet file, a workbook or a line of JSON has many places into which
//! something could be put unseen. Each form is made anew from the figures that
//! were attacked and compared byte by byte; of a workbook, the parts it unpacks
//! to. A file that another version of the software wrote may be packed
//! otherwise: it is read, and its rows and layout are compared.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dataset::dictionary::{AREAS, ATOMS, BOUNDARIES, PROGRAMS, RECIPIENTS, all, statistics};
use dataset::write::Notes;
use dataset::{Dataset, Form, Rows, Value, fields_in, read, write};
use disclosure::attack::Attack;
use domain::Table;

use super::case::Case;
use crate::forms::{self, About, Atoms, Cells, OfFile, Plain, Recipients};
use crate::{parallel, path_of};

/// What is wrong with a form.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// Its figures are others.
    Figures(String),
    /// It holds something beside them, or has another spelling.
    Beside(String),
}

/// A form that is to be compared.
struct Job<'a> {
    dataset: Dataset,
    form: Form,
    rows: &'a dyn Rows,
    notes: &'a Notes,
}

pub(super) fn run(case: &mut Case<'_, '_>) {
    let manifest = case.view.manifest();
    let folder = case.view.folder.path();
    let about = About::of(manifest);
    let listed = |dataset: &Dataset, form: Form| {
        let path = path_of(dataset, form);
        manifest.files.iter().any(|entry| entry.path == path)
    };
    let mut missing = Vec::new();
    for dataset in all() {
        let there = dataset.forms.iter().filter(|form| listed(&dataset, **form)).count();
        if there > 0 && there < dataset.forms.len() {
            missing.extend(dataset.forms.iter().filter(|form| !listed(&dataset, **form)).map(|form| path_of(&dataset, *form)));
        }
    }
    for path in missing {
        case.fail(Attack::WholeAtoms, "manifest", path, "a dataset comes in all its forms or not at all");
    }

    let (by_month, by_edition, by_snapshot) = (about.table(), about.rows(), about.reference());
    let district = manifest.district;
    let (by_number, by_area) = (Atoms::by_number(&case.view.atoms), Atoms::by_area(&case.view.atoms));
    let recipients = Recipients { district, atoms: Atoms::by_number(&case.view.atoms) };
    let recipients_by_area = Recipients { district, atoms: Atoms::by_area(&case.view.atoms) };
    let tables: Vec<(Dataset, Cells<'_>)> = Table::ALL.iter().map(|table| (statistics(*table), Cells(case.cells(*table)))).collect();
    let known = [(AREAS, forms::areas(district)), (PROGRAMS, forms::programs()), (BOUNDARIES, forms::boundaries(district))];
    let known: Vec<(Dataset, Plain<'_>)> = known.iter().map(|(dataset, rows)| (*dataset, Plain(rows))).collect();
    let same_snapshot = manifest.reference.sha256 == reference::snapshot().sha256;
    let others: Vec<(Dataset, OfFile)> = all()
        .into_iter()
        .filter(|one| ![RECIPIENTS.name, ATOMS.name].contains(&one.name))
        .filter(|one| !tables.iter().any(|(dataset, _)| dataset.name == one.name))
        .filter(|one| !(same_snapshot && known.iter().any(|(dataset, _)| dataset.name == one.name)))
        // Of boundaries that another snapshot drew there is no plain form.
        .filter(|one| one.forms.contains(&Form::Csv))
        .map(|one| (one, OfFile { dataset: one, path: folder.join(path_of(&one, Form::Csv)) }))
        .collect();

    let mut jobs: Vec<Job<'_>> = Vec::new();
    let mut add = |dataset: &Dataset, form: Form, rows, notes| {
        if listed(dataset, form) {
            jobs.push(Job { dataset: *dataset, form, rows, notes });
        }
    };
    // The longest first; recipients.csv is compared with its atoms by `linkage`.
    if case.others.iter().all(|other| !repeats(case.view.folder.path(), other.folder.path())) {
        add(&RECIPIENTS, Form::Parquet, &recipients_by_area, &by_edition);
        add(&RECIPIENTS, Form::Ndjson, &recipients, &by_edition);
        add(&RECIPIENTS, Form::Xlsx, &by_number, &by_edition);
        add(&ATOMS, Form::Parquet, &by_area, &by_edition);
        add(&ATOMS, Form::Ndjson, &by_number, &by_edition);
        add(&ATOMS, Form::Csv, &by_number, &by_edition);
    }
    for (dataset, rows) in &tables {
        dataset.forms.iter().for_each(|form| add(dataset, *form, rows, &by_month));
    }
    if same_snapshot {
        for (dataset, rows) in &known {
            dataset.forms.iter().for_each(|form| add(dataset, *form, rows, &by_snapshot));
        }
    }
    for (dataset, rows) in &others {
        let reference = known.iter().any(|(known, _)| known.name == dataset.name);
        let notes = if reference { &by_snapshot } else { &by_month };
        dataset.forms.iter().for_each(|form| add(dataset, *form, rows, notes));
    }
    let ours = is_ours(&manifest.software);
    let compare = |job: &Job<'_>| {
        let path = folder.join(path_of(&job.dataset, job.form));
        let wrong = compare(job, &path, ours);
        wrong.map(|wrong| (job.dataset.name, path_of(&job.dataset, job.form), wrong))
    };
    let found: Vec<_> = parallel::each(&jobs, compare).into_iter().flatten().collect();
    for (table, path, wrong) in found {
        match wrong {
            Wrong::Figures(what) => case.fail(Attack::WholeAtoms, table, path, what),
            Wrong::Beside(what) => case.fail(Attack::Linkage, table, path, what),
        }
    }
}

/// Whether the row files of two releases are the same files of the file system,
/// so that one look at them is enough.
fn repeats(one: &Path, other: &Path) -> bool {
    let inode = |path: PathBuf| std::fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    [ATOMS, RECIPIENTS].iter().all(|dataset| {
        dataset.forms.iter().map(|form| path_of(dataset, *form)).all(|path| {
            let (one, other) = (inode(one.join(&path)), inode(other.join(&path)));
            one.is_some() && one == other
        })
    })
}

/// Whether this version of the software wrote the release, so that it writes
/// the same bytes again. Names of tests are taken for ours.
pub(super) fn is_ours(software: &str) -> bool {
    software.strip_prefix("bansos-terbuka ").is_none_or(|version| version == env!("CARGO_PKG_VERSION"))
}

fn compare(job: &Job<'_>, path: &Path, ours: bool) -> Option<Wrong> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Some(Wrong::Figures(format!("cannot be read: {error}"))),
    };
    let mut against = Against { file: BufReader::with_capacity(1 << 16, file), buffer: Vec::new(), differs: false };
    // A workbook that a spreadsheet cannot hold, and the like, are errors.
    let written = match write::form(&job.dataset, job.form, job.rows, job.notes, &mut against) {
        Ok(_) => against.comes_whole(),
        Err(_) if against.differs => false,
        Err(error) => return Some(Wrong::Figures(error.to_string())),
    };
    if written || (job.form == Form::Xlsx && has_the_same_parts(job, path)) {
        return None;
    }
    if let Some(what) = first_difference(job, path) {
        return Some(Wrong::Figures(what));
    }
    // The rows are the same: what is not?
    if ours {
        return Some(Wrong::Beside(
            "the rows are those of the CSV, but the file is not as it is written: it holds something else".to_owned(),
        ));
    }
    holds_more(job, path).map(Wrong::Beside)
}

/// Compares what is written to it with a file.
struct Against {
    file: BufReader<File>,
    buffer: Vec<u8>,
    differs: bool,
}

impl Against {
    /// Whether the file was written to its end and no further.
    fn comes_whole(mut self) -> bool {
        !self.differs && matches!(self.file.read(&mut [0u8; 1]), Ok(0))
    }
}

impl Write for Against {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.resize(bytes.len(), 0);
        if self.differs || self.file.read_exact(&mut self.buffer).is_err() || self.buffer != bytes {
            self.differs = true;
            // There is nothing more to learn from writing on.
            return Err(io::Error::other("differs"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a workbook unpacks to what one made anew does: how it is packed says
/// nothing, and may differ between builds.
fn has_the_same_parts(job: &Job<'_>, path: &Path) -> bool {
    let anew = || -> dataset::Result<Vec<read::BookPart>> {
        let file = tempfile::NamedTempFile::new()?;
        write::form(&job.dataset, job.form, job.rows, job.notes, file.as_file())?;
        read::book_parts(file.path())
    };
    matches!((anew(), read::book_parts(path)), (Ok(one), Ok(other)) if one == other)
}

/// The first row that is another, or what else keeps the file from being read.
fn first_difference(job: &Job<'_>, path: &Path) -> Option<String> {
    let mut found = match read::rows(&job.dataset, job.form, path) {
        Ok(rows) => rows,
        Err(error) => return Some(error.to_string()),
    };
    let fields = fields_in(&job.dataset, job.form);
    let (mut number, mut difference) = (0u64, None);
    let ended = job.rows.visit(&mut |row| {
        number += 1;
        let expected: Vec<Value> = row.iter().map(|part| part.value()).collect();
        difference = match found.next() {
            Some(Ok(row)) if row == expected => return Ok(()),
            Some(Ok(row)) => {
                let field = fields.iter().zip(row.iter().zip(&expected)).find(|(_, (found, expected))| found != expected);
                field.map(|(field, (found, expected))| {
                    format!("row {number}: {} is {}, the CSV has {}", field.name, told(found), told(expected))
                })
            }
            Some(Err(error)) => Some(error.to_string()),
            None => Some(format!("it ends before row {number} of the CSV")),
        };
        Err(dataset::Error::Form(String::new()))
    });
    if difference.is_some() {
        return difference;
    }
    if let Err(error) = ended {
        return Some(error.to_string());
    }
    match found.next() {
        Some(Ok(_)) => Some(format!("it has more than the {number} rows of the CSV")),
        Some(Err(error)) => Some(error.to_string()),
        None => None,
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{:?}", text.chars().take(80).collect::<String>()),
        Value::Count(count) => count.to_string(),
        Value::Empty => "empty".to_owned(),
    }
}

/// What a file of another version of the software holds beside its rows.
fn holds_more(job: &Job<'_>, path: &Path) -> Option<String> {
    match job.form {
        // These have one spelling in every version.
        Form::Csv | Form::Ndjson => Some("a line is spelled in another way than its one".to_owned()),
        Form::Geojson => Some("it is not the reference data's boundaries".to_owned()),
        Form::Parquet => match read::layout(fields_in(&job.dataset, job.form), path) {
            Err(error) => Some(error.to_string()),
            Ok(layout) if layout.metadata > 0 => Some("it carries metadata or indexes of its own".to_owned()),
            Ok(layout) if layout.stray > 0 => Some(format!("{} bytes belong to no column", layout.stray)),
            Ok(layout) if layout.created_by.as_deref() != Some(write::parquet::CREATED_BY) => Some("another hand wrote it".to_owned()),
            Ok(_) => None,
        },
        Form::Xlsx => match read::book_parts(path) {
            Err(error) => Some(error.to_string()),
            Ok(parts) => {
                let known = |name: &str| {
                    let sheet = name.strip_prefix("xl/worksheets/sheet").and_then(|name| name.strip_suffix(".xml"));
                    KNOWN_PARTS.contains(&name) || sheet.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
                };
                parts.iter().find(|part| !known(&part.name)).map(|part| format!("a workbook of a dataset has no part {:?}", part.name))
            }
        },
    }
}

/// The parts of a workbook beside its sheets.
const KNOWN_PARTS: [&str; 9] = [
    "[Content_Types].xml",
    "_rels/.rels",
    "docProps/app.xml",
    "docProps/core.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/theme/theme1.xml",
    "xl/workbook.xml",
];
