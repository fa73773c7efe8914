//! Writing a release folder: data files first, each with its digest, then the
//! manifest that names them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::{AreaCode, Cell, Table};
use sha2::{Digest, Sha256};

use crate::manifest::{FileEntry, Manifest};
use crate::tables::{ATOMS_HEADER, Atom, CELLS_HEADER, write_cell, write_recipients};
use crate::{Error, Result};

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

/// Writes the files of one release into a folder that nobody reads yet.
pub struct FolderWriter {
    folder: PathBuf,
    files: Vec<FileEntry>,
}

impl FolderWriter {
    /// Starts a folder at `folder`, which must not exist.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(folder: &Path) -> Result<FolderWriter> {
        let data = folder.join("data");
        std::fs::create_dir_all(&data).map_err(|error| Error::io(&data, error))?;
        Ok(FolderWriter { folder: folder.to_owned(), files: Vec::new() })
    }

    fn file(&mut self, path: &str, fill: impl FnOnce(&mut Digesting<BufWriter<File>>) -> std::io::Result<u64>) -> Result<()> {
        let full = self.folder.join(path);
        let wrong = |error| Error::io(&full, error);
        let file = File::create_new(&full).map_err(wrong)?;
        let mut out = Digesting::new(BufWriter::with_capacity(1 << 17, file));
        let rows = fill(&mut out).map_err(wrong)?;
        let (out, bytes, sha256) = out.finish();
        // Fsynced with the whole folder, before it gets its name.
        out.into_inner().map_err(|error| wrong(error.into_error()))?;
        self.files.push(FileEntry { path: path.to_owned(), bytes, rows, sha256 });
        Ok(())
    }

    /// Writes `data/atoms.csv` and `data/recipients.csv`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn rows(&mut self, district: AreaCode, atoms: &[Atom]) -> Result<()> {
        self.file("data/atoms.csv", |out| {
            // The atoms go through a small buffer: the digest is cheaper on long pieces.
            let mut buffered = BufWriter::with_capacity(1 << 16, out);
            writeln!(buffered, "{ATOMS_HEADER}")?;
            for atom in atoms {
                atom.write(&mut buffered)?;
            }
            buffered.flush()?;
            Ok(atoms.len() as u64)
        })?;
        self.file("data/recipients.csv", |out| {
            let mut buffered = BufWriter::with_capacity(1 << 16, out);
            let rows = write_recipients(district, atoms, &mut buffered)?;
            buffered.flush()?;
            Ok(rows)
        })
    }

    /// Repeats the rows of an edition that `earlier` published: the files are
    /// linked, not copied, where the file system allows.
    ///
    /// # Errors
    /// When `earlier` does not hold them or they cannot be placed here.
    pub fn repeat_rows(&mut self, earlier: &crate::ReleaseFolder) -> Result<()> {
        for path in ["data/atoms.csv", "data/recipients.csv"] {
            let entry = earlier
                .manifest()
                .files
                .iter()
                .find(|entry| entry.path == path)
                .ok_or_else(|| Error::format(earlier.path(), format!("its manifest does not name {path}")))?;
            let (from, to) = (earlier.path().join(path), self.folder.join(path));
            std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(|_| ())).map_err(|error| Error::io(&to, error))?;
            self.files.push(entry.clone());
        }
        Ok(())
    }

    /// Writes a statistics table; the cells are put in order first, so that the
    /// same figures are the same bytes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn table(&mut self, table: Table, cells: &mut [Cell]) -> Result<()> {
        cells.sort_unstable();
        self.file(&format!("data/{table}.csv"), |out| {
            let mut buffered = BufWriter::with_capacity(1 << 16, out);
            writeln!(buffered, "{CELLS_HEADER}")?;
            for cell in cells.iter() {
                write_cell(cell, &mut buffered)?;
            }
            buffered.flush()?;
            Ok(cells.len() as u64)
        })
    }

    /// Writes the risk report and, last, the manifest, into which the files'
    /// entries are put. Gives the manifest's SHA-256.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self, mut manifest: Manifest, risk_report: &serde_json::Value) -> Result<String> {
        self.file("risk-report.json", |out| {
            out.write_all(&pretty(risk_report)?)?;
            Ok(1)
        })?;
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        manifest.files = self.files;
        let bytes = pretty(&manifest).map_err(|error| Error::io(&self.folder, error))?;
        let path = self.folder.join("manifest.json");
        durable::write_file(&path, &bytes, 0o644, "publish.manifest").map_err(|error| Error::io(&path, error))?;
        Ok(sha256_hex(&bytes))
    }
}

fn pretty(value: &impl serde::Serialize) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
