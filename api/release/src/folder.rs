//! Reading a release folder.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use domain::{Cell, Table};
use sha2::{Digest, Sha256};

use crate::manifest::{FileEntry, Manifest};
use crate::tables::{ATOMS_HEADER, Atom, Atoms, CELLS_HEADER, Cells, Lines};
use crate::write::hex;
use crate::{Error, Result, canonical, sha256_hex, signing};

/// The form of manifests that is read and written.
const FORMAT: u32 = 3;
/// A manifest larger than this is refused unread.
const MAX_MANIFEST: u64 = 4 << 20;

/// The one field that every format of manifest has.
#[derive(serde::Deserialize)]
struct Form {
    format: u32,
}

/// A release folder whose manifest has been read. What the manifest says of
/// the files is checked by [`ReleaseFolder::verify`].
#[derive(Debug, Clone)]
pub struct ReleaseFolder {
    path: PathBuf,
    manifest: Manifest,
    manifest_sha256: String,
}

impl ReleaseFolder {
    /// Opens the folder at `path` and reads its manifest.
    ///
    /// # Errors
    /// When the manifest is missing, too large, malformed, of another format
    /// version, not in the canonical spelling, or names files outside the folder.
    pub fn open(path: &Path) -> Result<ReleaseFolder> {
        let file = path.join("manifest.json");
        let bytes = read_bounded(&file, MAX_MANIFEST)?;
        // The format first: of another one, no further word would help.
        let format = serde_json::from_slice::<Form>(&bytes).map_err(|error| Error::format(&file, error.to_string()))?.format;
        if format != FORMAT {
            return Err(Error::format(&file, format!("format {format} is not known here; this software reads format {FORMAT}")));
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| Error::format(&file, error.to_string()))?;
        canonical::check(&bytes, &manifest).map_err(|what| Error::format(&file, what))?;
        if manifest.expected_on < manifest.period.last_day() {
            return Err(Error::format(&file, format!("expected_on {} is before the month's end", manifest.expected_on)));
        }
        if manifest.release.district() != manifest.district || manifest.release.period() != manifest.period {
            return Err(Error::format(&file, "release, district and period do not agree"));
        }
        if let Some(entry) = manifest.files.iter().find(|entry| !is_plain(&entry.path)) {
            return Err(Error::format(&file, format!("file {:?} is not a plain path below the folder", entry.path)));
        }
        Ok(ReleaseFolder { path: path.to_owned(), manifest, manifest_sha256: sha256_hex(&bytes) })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of `manifest.json`, hex: what is signed and logged.
    #[must_use]
    pub fn manifest_sha256(&self) -> &str {
        &self.manifest_sha256
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The signed note beside the manifest.
    ///
    /// # Errors
    /// When it is missing: the release is not sealed.
    pub fn signature(&self) -> Result<String> {
        let path = self.path.join("manifest.sig");
        let bytes = read_bounded(&path, 64 << 10)?;
        String::from_utf8(bytes).map_err(|_| Error::format(&path, "not a signed note"))
    }

    /// Checks that the district whose key is `vkey` signed this manifest.
    ///
    /// # Errors
    /// When there is no signature, or it does not stand.
    pub fn verify_signature(&self, vkey: &str) -> Result<()> {
        signing::verify_manifest(&self.signature()?, vkey, self.manifest.release, &self.manifest_sha256)
    }

    /// Checks every file against the manifest, and that there is no other.
    ///
    /// # Errors
    /// Names the first file that is missing, changed or not in the manifest.
    pub fn verify(&self) -> Result<()> {
        for entry in &self.manifest.files {
            self.verify_file(entry)?;
        }
        for name in list_files(&self.path, "")? {
            let known = name == "manifest.json" || name == "manifest.sig" || self.manifest.files.iter().any(|entry| entry.path == name);
            if !known {
                return Err(Error::format(&self.path.join(&name), "this file is not in the manifest"));
            }
        }
        Ok(())
    }

    fn verify_file(&self, entry: &FileEntry) -> Result<()> {
        let path = self.path.join(&entry.path);
        let mut file = File::open(&path).map_err(|error| Error::io(&path, error))?;
        let (mut sha256, mut bytes, mut buffer) = (Sha256::new(), 0u64, vec![0u8; 1 << 17]);
        loop {
            match file.read(&mut buffer).map_err(|error| Error::io(&path, error))? {
                0 => break,
                n => {
                    sha256.update(&buffer[..n]);
                    bytes += n as u64;
                }
            }
        }
        let found = hex(&sha256.finalize());
        if bytes != entry.bytes || found != entry.sha256 {
            return Err(Error::format(
                &path,
                format!("changed: {bytes} bytes with SHA-256 {found}, the manifest says {} with {}", entry.bytes, entry.sha256),
            ));
        }
        Ok(())
    }

    /// The atoms of the edition's rows, in order.
    ///
    /// # Errors
    /// When the file is missing or has other columns; then per line.
    pub fn atoms(&self) -> Result<impl Iterator<Item = Result<Atom>> + use<>> {
        atoms_of(&self.path)
    }

    /// The cells of a table, in order; none when the release does not have the table.
    ///
    /// # Errors
    /// When the file is missing or has other columns; then per line.
    pub fn cells(&self, table: Table) -> Result<impl Iterator<Item = Result<Cell>> + use<>> {
        let path = format!("data/{table}.csv");
        let listed = self.manifest.files.iter().any(|entry| entry.path == path);
        let cells = if listed { Some(Cells(Lines::open(&self.path.join(path), CELLS_HEADER)?)) } else { None };
        Ok(cells.into_iter().flatten())
    }
}

/// The atoms of the folder at `path`.
pub(crate) fn atoms_of(path: &Path) -> Result<impl Iterator<Item = Result<Atom>> + use<>> {
    Ok(Atoms(Lines::open(&path.join("data/atoms.csv"), ATOMS_HEADER)?))
}

fn is_plain(path: &str) -> bool {
    !path.is_empty() && !path.contains('\\') && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>> {
    // A pipe would be waited for, a device read without end.
    if !std::fs::metadata(path).map_err(|error| Error::io(path, error))?.is_file() {
        return Err(Error::format(path, "not a plain file"));
    }
    let file = File::open(path).map_err(|error| Error::io(path, error))?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| Error::io(path, error))?;
    if bytes.len() as u64 > most { Err(Error::format(path, format!("larger than {most} bytes"))) } else { Ok(bytes) }
}

fn list_files(folder: &Path, prefix: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))? {
        let entry = entry.map_err(|error| Error::io(folder, error))?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            names.extend(list_files(&entry.path(), &format!("{name}/"))?);
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Commitment, DUE_DAYS, FolderWriter, Policy, ReferenceSnapshot, due};

    fn write(under: &Path, change: impl Fn(&mut Manifest)) -> (PathBuf, Result<String>) {
        let path = under.join("36.71-2025-02");
        let period = "2025-02".parse().unwrap();
        let mut manifest = Manifest {
            format: FORMAT,
            release: "36.71-2025-02".parse().unwrap(),
            district: "36.71".parse().unwrap(),
            period,
            expected_on: due(period, DUE_DAYS),
            edition: "2025Q1".parse().unwrap(),
            edition_as_of: period,
            rows_from: "36.71-2025-02".parse().unwrap(),
            correction: None,
            simulated: true,
            policy: Policy::current(11),
            software: "test".into(),
            reference: ReferenceSnapshot { date: "2025-01-01".into(), sha256: sha256_hex(b"") },
            created_at: "2025-03-01T00:00:00Z".into(),
            control_totals: Vec::new(),
            editions: Vec::new(),
            commitment: Commitment { root: sha256_hex(b""), leaves: 0 },
            previous: None,
            files: Vec::new(),
        };
        change(&mut manifest);
        let written =
            FolderWriter::create(&path, crate::About::of(&manifest)).and_then(|writer| writer.finish(manifest, &serde_json::Value::Null));
        (path, written)
    }

    #[test]
    fn a_manifest_is_read_in_its_one_spelling_only() {
        let folder = tempfile::tempdir().unwrap();
        let (path, sha256) = write(folder.path(), |_| {});
        let read = ReleaseFolder::open(&path).unwrap();
        assert_eq!(read.manifest_sha256(), sha256.unwrap());
        assert_eq!(read.manifest().expected_on.to_string(), "2025-03-30");

        let file = path.join("manifest.json");
        let good = std::fs::read_to_string(&file).unwrap();
        assert!(good.starts_with("{\"commitment\":{\"leaves\":0,"), "{good}");
        let others = [
            (good.clone() + "\n", "canonical"),
            (good.replacen(':', ": ", 1), "canonical"),
            (good.replacen("{\"commitment\"", "{\"simulated\":true,\"commitment\"", 1), "duplicate field"),
            (good.replacen("36.71", "\\u00336.71", 1), "canonical"),
            (good.replacen("\"correction\":null,", "", 1), "canonical"),
            (good.replacen("\"leaves\":0", "\"leaves\":9007199254740992", 1), "2^53-1"),
            (good.replacen("\"leaves\":0", "\"leaves\":0.5", 1), "0.5"),
            (good.replacen("2025-03-30", "20250330", 1), "expected a date"),
            (good.replacen("2025-03-30", "2025-02-27", 1), "before the month's end"),
            (good.replacen("\"format\":3", "\"format\":2", 1), "format 2 is not known here"),
            (good.replacen("\"simulated\":true", "\"simulated\":true,\"zone\":1", 1), "unknown field"),
        ];
        for (text, word) in others {
            assert_ne!(text, good);
            std::fs::write(&file, &text).unwrap();
            let error = ReleaseFolder::open(&path).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("manifest.json"), "{word}: {error}");
        }
    }

    #[test]
    fn a_number_that_readers_would_round_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (_, written) = write(folder.path(), |manifest| manifest.commitment.leaves = 1 << 53);
        assert!(written.unwrap_err().to_string().contains("9007199254740992"));
    }
}
