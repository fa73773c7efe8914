//! Writing that survives a kill -9 at any instant: everything the product
//! renames or fsyncs goes through here, so that the fault points stand in one
//! place and the tests can find them all.
//!
//! With the feature `test-hooks` (never in a shipped binary) a process kills
//! itself with SIGKILL at the fault point named by `BANSOS_FAULT`, at its nth
//! passing when written `name#n`; `BANSOS_FAULT_TRACE` names a file to which
//! every point passed is appended, so a test can list them all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A place at which the tests may kill the process. Does nothing in a build
/// without `test-hooks`.
#[inline]
pub fn fault_point(name: &str) {
    #[cfg(feature = "test-hooks")]
    hooks::pass(name);
    #[cfg(not(feature = "test-hooks"))]
    let _ = name;
}

#[cfg(feature = "test-hooks")]
mod hooks {
    use std::io::Write;
    use std::sync::atomic::{AtomicU32, Ordering};

    static PASSED: AtomicU32 = AtomicU32::new(0);

    pub(super) fn pass(name: &str) {
        if let Some(path) = std::env::var_os("BANSOS_FAULT_TRACE")
            && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path)
        {
            let _ = writeln!(file, "{name}");
        }
        let Ok(wanted) = std::env::var("BANSOS_FAULT") else { return };
        let (wanted, nth) = match wanted.rsplit_once('#') {
            Some((head, nth)) => (head.to_owned(), nth.parse().unwrap_or(1)),
            None => (wanted, 1),
        };
        if wanted == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            eprintln!("fault point {name}: killed");
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            loop {
                std::thread::park();
            }
        }
    }
}

/// How the names of files begin that are still being written.
const UNFINISHED: &str = ".tmp-";

/// Replaces the file at `path` by `bytes`: a new file beside it is written,
/// fsynced and renamed over it, and the folder is fsynced. After a crash either
/// the old or the new content is there. `step` names the fault points
/// (`{step}.write`, `.fsync`, `.rename`, `.done`).
///
/// # Errors
/// Any error of the file system; the old file then still stands.
pub fn write_file(path: &Path, bytes: &[u8], mode: u32, step: &str) -> io::Result<()> {
    let folder = parent(path)?;
    fault_point(&format!("{step}.write"));
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(bytes)?;
    rustix::fs::fchmod(file.as_file(), rustix::fs::Mode::from_raw_mode(mode))?;
    fault_point(&format!("{step}.fsync"));
    file.as_file().sync_all()?;
    fault_point(&format!("{step}.rename"));
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)?;
    fault_point(&format!("{step}.done"));
    Ok(())
}

/// Removes what a killed [`write_file`] left in `folder`, which nobody else may
/// be writing to.
///
/// # Errors
/// Any error of the file system.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Makes `to` of the finished file or folder `from` (same file system): fsyncs
/// what is in it, renames, and fsyncs both parents. Fault points
/// `{step}.fsync`, `.rename`, `.done`.
///
/// # Errors
/// Any error of the file system; when `to` is a folder that exists and is not
/// empty nothing is changed.
pub fn rename(from: &Path, to: &Path, step: &str) -> io::Result<()> {
    fault_point(&format!("{step}.fsync"));
    sync_tree(from)?;
    fault_point(&format!("{step}.rename"));
    std::fs::rename(from, to)?;
    sync_folder(parent(to)?)?;
    if parent(from)? != parent(to)? {
        sync_folder(parent(from)?)?;
    }
    fault_point(&format!("{step}.done"));
    Ok(())
}

/// Makes `to` of the link `from` to a folder of very many files: their file
/// system is flushed at once, since each on its own takes a round to the disk.
/// Fault points as of [`rename`].
///
/// # Errors
/// Any error of the file system.
pub fn switch(from: &Path, folder: &Path, to: &Path, step: &str) -> io::Result<()> {
    fault_point(&format!("{step}.fsync"));
    rustix::fs::syncfs(File::open(folder)?)?;
    fault_point(&format!("{step}.rename"));
    std::fs::rename(from, to)?;
    sync_folder(parent(to)?)?;
    fault_point(&format!("{step}.done"));
    Ok(())
}

/// Fsyncs a file, or every file and folder below a folder.
///
/// # Errors
/// Any error of the file system.
pub fn sync_tree(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            sync_tree(&entry?.path())?;
        }
    }
    File::open(path)?.sync_all()
}

/// Fsyncs a folder, so that names made or removed in it last.
///
/// # Errors
/// Any error of the file system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn parent(path: &Path) -> io::Result<&Path> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(parent) => Ok(parent),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "a path without a folder")),
    }
}

/// A lock on a file, held until dropped and let go by the system when the
/// process dies: two commands never write the same folder at once.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Waits for the lock at `path`; the file is made when it is not there.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn wait(path: &Path) -> io::Result<Lock> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(Lock { _file: file, path: path.to_owned() })
    }

    /// The file that is locked.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_file(&path, b"one", 0o600, "test").unwrap();
        write_file(&path, b"two", 0o600, "test").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_write_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".tmp-abc"), "half").unwrap();
        std::fs::write(folder.path().join("whole"), "whole").unwrap();
        remove_unfinished(folder.path()).unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["whole"]);
    }

    #[test]
    fn a_folder_is_moved_whole() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/b/c"), "x").unwrap();
        rename(&folder.path().join("a"), &folder.path().join("z"), "test").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("z/b/c")).unwrap(), "x");
    }
}
