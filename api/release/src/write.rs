//! Writing a release folder: data files first, each with its digest, then the
//! manifest that names them.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use dataset::dictionary::{AREAS, ATOMS, BOUNDARIES, PROGRAMS, RECIPIENTS, statistics};
use dataset::write::Notes;
use dataset::{Dataset, Form, Rows, Value};
use domain::{AreaCode, Cell, Table};
use sha2::{Digest, Sha256};

use crate::forms::{self, About, Atoms, Cells, Plain, Recipients};
use crate::manifest::{FileEntry, Manifest};
use crate::tables::Atom;
use crate::{Error, Result, canonical, parallel};

/// SHA-256 of `bytes` as lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// `bytes` as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Counts and digests what passes through.
pub(crate) struct Digesting<W> {
    inner: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Digesting<W> {
    pub(crate) fn new(inner: W) -> Digesting<W> {
        Digesting { inner, sha256: Sha256::new(), bytes: 0 }
    }

    pub(crate) fn finish(self) -> (W, u64, String) {
        (self.inner, self.bytes, hex(&self.sha256.finalize()))
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.sha256.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// One file that is to be written.
struct Job<'a> {
    dataset: Dataset,
    form: Form,
    rows: &'a dyn Rows,
    notes: &'a Notes,
}

/// The path of a dataset's file in a release folder.
#[must_use]
pub fn path_of(dataset: &Dataset, form: Form) -> String {
    format!("data/{}.{}", dataset.name, form.ending())
}

/// Writes the files of one release into a folder that nobody reads yet.
pub struct FolderWriter {
    folder: PathBuf,
    about: About,
    files: Vec<FileEntry>,
}

impl FolderWriter {
    /// Starts a folder at `folder`, which must not exist.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(folder: &Path, about: About) -> Result<FolderWriter> {
        let data = folder.join("data");
        std::fs::create_dir_all(&data).map_err(|error| Error::io(&data, error))?;
        Ok(FolderWriter { folder: folder.to_owned(), about, files: Vec::new() })
    }

    /// Writes a dataset in all its forms.
    ///
    /// # Errors
    /// When a row is not one of the dataset or a file cannot be written.
    pub fn dataset(&mut self, dataset: &Dataset, rows: &[Vec<Value>]) -> Result<()> {
        let notes = self.about.table();
        let rows = Plain(rows);
        self.write(&jobs(dataset, &rows, &notes))
    }

    /// Writes the areas, programs and boundaries, which depend on the district
    /// and on the snapshot of the reference data alone.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn reference(&mut self) -> Result<()> {
        let (district, notes) = (self.about.release.district(), self.about.reference());
        let (areas, programs, boundaries) = (forms::areas(district), forms::programs(), forms::boundaries(district));
        let all = [(AREAS, Plain(&areas)), (PROGRAMS, Plain(&programs)), (BOUNDARIES, Plain(&boundaries))];
        let jobs: Vec<Job<'_>> = all.iter().flat_map(|(dataset, rows)| jobs(dataset, rows, &notes)).collect();
        self.write(&jobs)
    }

    /// Writes the edition's rows, as recipients and as atoms, in all forms.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn rows(&mut self, district: AreaCode, atoms: &[Atom]) -> Result<()> {
        let notes = self.about.rows();
        let (by_number, by_area) = (Atoms::by_number(atoms), Atoms::by_area(atoms));
        let recipients = Recipients { district, atoms: Atoms::by_number(atoms) };
        let recipients_by_area = Recipients { district, atoms: Atoms::by_area(atoms) };
        let job = |dataset, form, rows| Job { dataset, form, rows, notes: &notes };
        // The longest first, so that no thread is left with one at the end.
        self.write(&[
            job(RECIPIENTS, Form::Parquet, &recipients_by_area),
            job(RECIPIENTS, Form::Ndjson, &recipients),
            job(RECIPIENTS, Form::Xlsx, &by_number),
            job(RECIPIENTS, Form::Csv, &recipients),
            job(ATOMS, Form::Parquet, &by_area),
            job(ATOMS, Form::Ndjson, &by_number),
            job(ATOMS, Form::Csv, &by_number),
        ])
    }

    /// Repeats the rows of an edition that `earlier` published: the files are
    /// linked, not copied, where the file system allows.
    ///
    /// # Errors
    /// When `earlier` does not hold them or they cannot be placed here.
    pub fn repeat_rows(&mut self, earlier: &crate::ReleaseFolder) -> Result<()> {
        for dataset in [ATOMS, RECIPIENTS] {
            for form in dataset.forms {
                let path = path_of(&dataset, *form);
                let entry = earlier
                    .manifest()
                    .files
                    .iter()
                    .find(|entry| entry.path == path)
                    .ok_or_else(|| Error::format(earlier.path(), format!("its manifest does not name {path}")))?;
                let (from, to) = (earlier.path().join(&path), self.folder.join(&path));
                std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(|_| ())).map_err(|error| Error::io(&to, error))?;
                self.files.push(entry.clone());
            }
        }
        Ok(())
    }

    /// Writes a statistics table in all forms; the cells are put in order first,
    /// so that the same figures are the same bytes.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn table(&mut self, table: Table, cells: &mut [Cell]) -> Result<()> {
        cells.sort_unstable();
        let (dataset, notes) = (statistics(table), self.about.table());
        let rows = Cells(cells);
        self.write(&jobs(&dataset, &rows, &notes))
    }

    /// Writes some files, as many at a time as there are processors.
    fn write(&mut self, jobs: &[Job<'_>]) -> Result<()> {
        for entry in parallel::each(jobs, |job| write_file(&self.folder, job)) {
            self.files.push(entry?);
        }
        Ok(())
    }

    fn file(&mut self, path: &str, fill: impl FnOnce(&mut Digesting<File>) -> dataset::Result<u64>) -> Result<()> {
        self.files.push(write_entry(&self.folder, path, fill)?);
        Ok(())
    }

    /// Writes the risk report, the description of all data files and, last, the
    /// manifest, into which the files' entries are put. Gives the manifest's SHA-256.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self, mut manifest: Manifest, risk_report: &serde_json::Value) -> Result<String> {
        self.file("risk-report.json", |out| {
            out.write_all(&pretty(risk_report)?)?;
            Ok(1)
        })?;
        manifest.files = self.files.clone();
        let package = crate::package::data_package(&manifest);
        self.file(crate::package::PACKAGE, |out| {
            out.write_all(&pretty(&package)?)?;
            Ok(1)
        })?;
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        manifest.files = self.files;
        let path = self.folder.join("manifest.json");
        let bytes = canonical::to_vec(&manifest).map_err(|what| Error::format(&path, what))?;
        durable::write_file(&path, &bytes, 0o644, "publish.manifest").map_err(|error| Error::io(&path, error))?;
        Ok(sha256_hex(&bytes))
    }
}

/// Writes the other forms of a dataset anew from its CSV in `folder` (rows: from
/// `atoms.csv`), in place of what stands there. For tests of the gate, which
/// change a CSV and have all its forms agree.
///
/// # Errors
/// When the CSV is not one of the dataset or a file cannot be written.
#[doc(hidden)]
pub fn write_other_forms(folder: &Path, about: About, dataset: &Dataset) -> Result<Vec<FileEntry>> {
    let others = dataset.forms.iter().copied().filter(|form| *form != Form::Csv);
    let of_rows = [ATOMS.name, RECIPIENTS.name].contains(&dataset.name);
    let atoms: Vec<Atom> = if of_rows { crate::folder::atoms_of(folder)?.collect::<Result<_>>()? } else { Vec::new() };
    let district = about.release.district();
    let write = |form: Form| {
        let by = || if form == Form::Parquet { Atoms::by_area(&atoms) } else { Atoms::by_number(&atoms) };
        let rows: Box<dyn Rows> = if dataset.name == RECIPIENTS.name && form != Form::Xlsx {
            Box::new(Recipients { district, atoms: by() })
        } else if of_rows {
            Box::new(by())
        } else {
            Box::new(forms::OfFile { dataset: *dataset, path: folder.join(path_of(dataset, Form::Csv)) })
        };
        let reference = [AREAS.name, PROGRAMS.name].contains(&dataset.name);
        let notes = if of_rows {
            about.rows()
        } else if reference {
            about.reference()
        } else {
            about.table()
        };
        let path = folder.join(path_of(dataset, form));
        if path.exists() {
            std::fs::remove_file(&path).map_err(|error| Error::io(&path, error))?;
        }
        write_file(folder, &Job { dataset: *dataset, form, rows: rows.as_ref(), notes: &notes })
    };
    others.map(write).collect()
}

/// A job for each form of a dataset.
fn jobs<'a>(dataset: &Dataset, rows: &'a dyn Rows, notes: &'a Notes) -> Vec<Job<'a>> {
    dataset.forms.iter().map(|form| Job { dataset: *dataset, form: *form, rows, notes }).collect()
}

fn write_file(folder: &Path, job: &Job<'_>) -> Result<FileEntry> {
    write_entry(folder, &path_of(&job.dataset, job.form), |out| dataset::write::form(&job.dataset, job.form, job.rows, job.notes, out))
}

/// Writes a file and gives its entry; it is fsynced with the whole folder,
/// before that gets its name.
fn write_entry(folder: &Path, path: &str, fill: impl FnOnce(&mut Digesting<File>) -> dataset::Result<u64>) -> Result<FileEntry> {
    let full = folder.join(path);
    let wrong = |error| Error::io(&full, error);
    let mut out = Digesting::new(File::create_new(&full).map_err(wrong)?);
    let rows = fill(&mut out).map_err(|error| match error {
        dataset::Error::Io(error) => wrong(error),
        dataset::Error::Form(what) => Error::format(&full, what),
    })?;
    let (_, bytes, sha256) = out.finish();
    Ok(FileEntry { path: path.to_owned(), bytes, rows, sha256 })
}

/// JSON for people, with its last line ended.
pub(crate) fn pretty(value: &impl serde::Serialize) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
