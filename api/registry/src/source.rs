//! Which files an import reads: the ones named, and the tables in the folders
//! named. Area and period come from folders called so, unless they are given.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use domain::{AreaCode, Level, Period};
use sha2::{Digest, Sha256};

use crate::corrections;
use crate::error::{Error, Result};
use crate::records::LONGEST;

/// How deep folders are searched; also an end to links that lead in circles.
const DEEPEST: usize = 8;

/// A file to import, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// What reports call it: `area/period/name.csv` where it lies in such folders, else its name.
    pub label: String,
    /// The district.
    pub area: AreaCode,
    /// The month.
    pub period: Period,
    /// Whether it is a report whose rows were corrected: it brings what is
    /// marked as of this district and month.
    pub corrections: bool,
}

/// The tables that are taken from folders.
const EXTENSIONS: [&str; 4] = ["csv", "xlsx", "xls", "ods"];

/// Finds the files to import in `paths`, in the order given and sorted within
/// a folder. `area` and `period`, where given, hold for all.
///
/// # Errors
/// When a path is missing or no file, a folder holds no table, or a file's
/// area or period is neither given nor the name of a folder above it.
pub fn sources(paths: &[PathBuf], area: Option<AreaCode>, period: Option<Period>) -> Result<Vec<Source>> {
    if let Some(area) = area
        && area.level() != Level::Kabupaten
    {
        return Err(Error::Request(format!("{area} is no kabupaten or kota; give a code such as 36.71")));
    }
    let mut found = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|source| Error::Io { path: path.clone(), source })?;
        if metadata.is_dir() {
            let mut tables = Vec::new();
            walk(path, 0, &mut tables)?;
            if tables.is_empty() {
                return Err(Error::Input {
                    file: path.clone(),
                    place: "whole folder".to_owned(),
                    problem: "it holds no table (.csv, .xlsx, .xls, .ods), nor does any folder in it".to_owned(),
                    remedy: "name the folder that the exported files are in",
                });
            }
            for table in tables {
                found.push(describe(table, area, period)?);
            }
        } else if metadata.is_file() {
            match corrections::marks(path)? {
                Some(marks) => {
                    let label = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                    found.extend(marks.into_iter().map(|(area, period)| Source {
                        path: path.clone(),
                        label: label.clone(),
                        area,
                        period,
                        corrections: true,
                    }));
                }
                None => found.push(describe(path.clone(), area, period)?),
            }
        } else {
            // Opening a pipe would wait for whoever writes into it.
            return Err(Error::Input {
                file: path.clone(),
                place: "whole file".to_owned(),
                problem: "it is no regular file".to_owned(),
                remedy: "save the table as a file and name that",
            });
        }
    }
    if found.is_empty() {
        return Err(Error::Request("name at least one file or folder to import".to_owned()));
    }
    Ok(found)
}

fn walk(folder: &Path, depth: usize, tables: &mut Vec<PathBuf>) -> Result<()> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    let mut entries =
        std::fs::read_dir(folder).map_err(io)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(io)?;
    entries.sort();
    for path in entries {
        // Hidden files, and the marks that a spreadsheet leaves beside a file that is open.
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".") || name.as_encoded_bytes().starts_with(b"~$")) {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                walk(&path, depth + 1, tables)?;
            }
        } else if path.is_file()
            && path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
            && !is_report(&path)?
        {
            tables.push(path);
        }
    }
    Ok(())
}

/// Whether a table in a folder is one of our own about imports (a report, or
/// the answer keys of a simulation), which lies beside the files it is about.
fn is_report(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.map_err(|source| Error::Io { path: path.to_owned(), source })?;
    if crate::book::is_book(&head) {
        return Ok(corrections::marks(path).is_ok_and(|marks| marks.is_some()));
    }
    let head = String::from_utf8_lossy(&head);
    let own = ["file,line,outcome,reason", "file,sheet,line,column,outcome", "area,period,rule,"];
    Ok(head.lines().take(3).any(|line| own.iter().any(|own| line.starts_with(own))))
}

fn describe(path: PathBuf, area: Option<AreaCode>, period: Option<Period>) -> Result<Source> {
    // The folders above, as named: an absolute path gives no more of them, for a
    // table lies at most a few folders below its area.
    let absolute = std::path::absolute(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let folders: Vec<String> = absolute.ancestors().skip(1).filter_map(|up| Some(up.file_name()?.to_string_lossy().into_owned())).collect();
    let of_period = folders.iter().position(|name| name.parse::<Period>().is_ok());
    let of_area = folders.iter().position(|name| is_district(name));
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let label = match (of_area, of_period) {
        (Some(at), Some(below)) if below < at => {
            let mut parts: Vec<&str> = folders[..=at].iter().rev().map(String::as_str).collect();
            parts.push(&name);
            parts.join("/")
        }
        _ => name,
    };
    let missing = |what: &str, flag: &str| {
        Error::Request(format!("{}: which {what} is it about? Put it in folders named like 36.71/2025-06, or give {flag}", path.display()))
    };
    let area = match (area, of_area) {
        (Some(area), _) => area,
        (None, Some(at)) => folders[at].parse().map_err(|_| missing("district", "--area"))?,
        (None, None) => return Err(missing("district", "--area")),
    };
    let period = match (period, of_period) {
        (Some(period), _) => period,
        (None, Some(at)) => folders[at].parse().map_err(|_| missing("month", "--period"))?,
        (None, None) => return Err(missing("month", "--period")),
    };
    Ok(Source { label, area, period, path, corrections: false })
}

/// Whether a folder is named after a district. Undotted codes are not taken,
/// since a folder called after a year may look like one.
fn is_district(name: &str) -> bool {
    name.contains('.')
        && name.parse::<AreaCode>().is_ok_and(|code| code.level() == Level::Kabupaten && reference::areas().get(code).is_some())
}

/// What a file was like when it was first looked at; it must be the same when
/// it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    modified: (i64, i64),
    inode: (u64, u64),
}

impl Fingerprint {
    /// Reads the whole file once. A line too long to be a record is refused as
    /// soon as it is met, so that a file of one endless line costs nothing.
    pub(crate) fn of(path: &Path) -> Result<Fingerprint> {
        Fingerprint::read(path, true)
    }

    /// Reads a workbook once; it has no lines.
    pub(crate) fn of_book(path: &Path) -> Result<Fingerprint> {
        Fingerprint::read(path, false)
    }

    fn read(path: &Path, has_lines: bool) -> Result<Fingerprint> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        let refuse = |place: String, problem: String, remedy| Error::Input { file: path.to_owned(), place, problem, remedy };
        if !metadata.is_file() {
            return Err(refuse("whole file".to_owned(), "it is no regular file".to_owned(), "name a file on a disk"));
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        let (mut bytes, mut line, mut line_start) = (0u64, 1u64, 0u64);
        loop {
            let read = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => &buffer[..read],
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(io(error)),
            };
            hash.update(read);
            let mut ends = memchr::memchr_iter(b'\n', read);
            if let Some(first) = ends.next() {
                let last = memchr::memrchr(b'\n', read).unwrap_or(first) as u64;
                line += 1 + ends.count() as u64;
                line_start = bytes + last + 1;
            }
            bytes += read.len() as u64;
            if has_lines && bytes - line_start > LONGEST as u64 {
                let problem = format!("a line of more than {LONGEST} bytes");
                return Err(refuse(format!("line {line}"), problem, "export the table again, one record a line"));
            }
        }
        Ok(Fingerprint {
            sha256: hex(&hash.finalize()),
            bytes,
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            inode: (metadata.dev(), metadata.ino()),
        })
    }

    /// Refuses the file unless it is still what it was, and what was read of it
    /// (`sha256`, `bytes`) is what it held.
    pub(crate) fn check(&self, path: &Path, sha256: &str, bytes: u64) -> Result<()> {
        let now = std::fs::metadata(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let same = now.len() == self.bytes
            && (now.mtime(), now.mtime_nsec()) == self.modified
            && (now.dev(), now.ino()) == self.inode
            && bytes == self.bytes
            && sha256 == self.sha256;
        if same {
            return Ok(());
        }
        Err(Error::Input {
            file: path.to_owned(),
            place: "whole file".to_owned(),
            problem: "it changed while it was being read".to_owned(),
            remedy: "wait until it is written, then import it again",
        })
    }
}

/// Hashes and counts what is read through it.
pub(crate) struct Hashing<R> {
    source: R,
    hash: Sha256,
    pub(crate) bytes: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(source: R) -> Self {
        Hashing { source, hash: Sha256::new(), bytes: std::rc::Rc::default() }
    }

    pub(crate) fn finish(self) -> (String, u64) {
        (hex(&self.hash.finalize()), self.bytes.get())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes.set(self.bytes.get() + read as u64);
        Ok(read)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "36.71/2025-02/dtks.csv",
            "36.71/2025-01/kks.csv",
            "36.71/2025-01/dtks.CSV",
            "36.71/2025-01/notes.txt",
            "12.74/2025-01/desa/a.csv",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x\n").unwrap();
        }
        std::fs::write(root.path().join("answer-key.csv"), "SIMULASI\nfile,line,outcome,reason\n").unwrap();
        root
    }

    #[test]
    fn folders_are_walked_in_order_and_tell_area_and_period() {
        let root = tree();
        let found = sources(&[root.path().to_owned()], None, None).unwrap();
        let labels: Vec<&str> = found.iter().map(|source| source.label.as_str()).collect();
        assert_eq!(labels, ["12.74/2025-01/desa/a.csv", "36.71/2025-01/dtks.CSV", "36.71/2025-01/kks.csv", "36.71/2025-02/dtks.csv"]);
        assert_eq!((found[0].area.to_string(), found[0].period.to_string()), ("12.74".to_owned(), "2025-01".to_owned()));
    }

    #[test]
    fn flags_go_before_folders() {
        let root = tree();
        let path = root.path().join("36.71/2025-02/dtks.csv");
        let found = sources(&[path], Some("12.74".parse().unwrap()), Some("2024-12".parse().unwrap())).unwrap();
        assert_eq!((found[0].area.to_string(), found[0].period.to_string()), ("12.74".to_owned(), "2024-12".to_owned()));
        assert!(sources(&[root.path().join("answer-key.csv")], None, None).unwrap_err().to_string().contains("--area"));
        assert!(sources(&[], None, None).is_err());
        assert!(sources(&[root.path().join("none.csv")], None, None).is_err());
    }

    #[test]
    fn a_folder_without_tables_is_said_to_be_one() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.txt"), "x").unwrap();
        let error = sources(&[root.path().to_owned()], None, None).unwrap_err().to_string();
        assert!(error.contains("no table"), "{error}");
        assert!(sources(&["/dev/null".into()], None, None).unwrap_err().to_string().contains("no regular file"));
    }

    #[test]
    fn an_endless_line_is_refused_with_its_place() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.csv");
        let mut text = b"a,b\n1,2\n".to_vec();
        text.resize(3 * LONGEST, b'x');
        std::fs::write(&path, text).unwrap();
        let error = Fingerprint::of(&path).unwrap_err().to_string();
        assert!(error.contains("a.csv") && error.contains("line 3"), "{error}");
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.csv");
        std::fs::write(&path, "a,b\n").unwrap();
        let print = Fingerprint::of(&path).unwrap();
        assert!(print.check(&path, &print.sha256, 4).is_ok());
        assert!(print.check(&path, "other", 4).is_err());
        std::fs::write(&path, "a,b\n1,2\n").unwrap();
        assert!(print.check(&path, &print.sha256, 4).unwrap_err().to_string().contains("changed while"));
    }
}
