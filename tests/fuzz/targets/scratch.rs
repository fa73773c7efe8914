//! A file to hand to readers that open files: one of each name for a process,
//! in memory where the system has a place for that.

use std::path::PathBuf;

/// Writes the bytes and tells where.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = folder.join(format!("bansos-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the fuzzed file");
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the fuzzed file");
    std::fs::write(&path, bytes).expect("the fuzzed file");
    path
}
