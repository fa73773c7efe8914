//! A folder for everything the tests write, gone when the test process is,
//! however it ends: statics are never dropped, so a child process waits for
//! the end of its standard input and then cleans up.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

/// Cleaners alive as long as this process.
static CLEANERS: Mutex<Vec<Child>> = Mutex::new(Vec::new());

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| lasting("bansos-tests-"));

/// The folder of all tests.
pub fn root() -> &'static Path {
    &ROOT
}

/// A fresh folder below the root; `name` may be asked for once.
pub fn folder(name: &str) -> PathBuf {
    let path = root().join(name);
    assert!(!path.exists(), "two tests want the scratch folder {name}");
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A name for a command's output that no other command has.
pub fn print(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    root().join(format!("{:04}-{name}", COUNT.fetch_add(1, Ordering::SeqCst)))
}

/// A new folder in the system's temporary folder, removed when this process
/// ends, unless `BANSOS_TEST_KEEP` is set.
pub fn lasting(prefix: &str) -> PathBuf {
    let path = tempfile::Builder::new().prefix(prefix).tempdir().unwrap().keep();
    if std::env::var_os("BANSOS_TEST_KEEP").is_some() {
        println!("kept: {}", path.display());
        return path;
    }
    let cleaner = Command::new("sh")
        .args([
            "-c",
            r#"trap '' INT; read -r _; n=0; while ! rm -rf "$1" 2>/dev/null && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.1; done"#,
            "sh",
        ])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    CLEANERS.lock().unwrap().push(cleaner);
    path
}

/// Copies a folder with everything in it, as `cp -a` does.
pub fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "cp -a {} {} failed", from.display(), to.display());
}

/// Every file below a folder (or the file itself), sorted.
pub fn files(path: &Path) -> Vec<PathBuf> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) {
        let kind = std::fs::symlink_metadata(path).unwrap();
        if kind.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), found);
            }
        } else if kind.is_file() {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    if path.exists() {
        walk(path, &mut found);
    }
    found.sort();
    found
}
