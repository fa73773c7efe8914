//! Which reference data these are: every release names them.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::embedded::FILES;

/// The day of the newest source (see `data/SOURCES.md`). Change it with the data.
const DATE: &str = "2026-08-20";

/// Date and digest of the embedded reference data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Snapshot {
    /// The day of the newest source, `yyyy-mm-dd`.
    pub date: &'static str,
    /// SHA-256 over name, length and bytes of every data file, in hexadecimal.
    pub sha256: String,
}

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, bytes) in FILES {
        // Lengths in front, so that no two sets of files give the same stream.
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    let mut sha256 = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    Snapshot { date: DATE, sha256 }
});

/// The snapshot that this program carries.
#[must_use]
pub fn snapshot() -> &'static Snapshot {
    &SNAPSHOT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_data() {
        let snapshot = snapshot();
        assert_eq!(snapshot.sha256.len(), 64);
        assert!(domain::date::parse(snapshot.date).is_ok());
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn every_data_file_is_in_the_digest() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_file() && name != "SOURCES.md" {
                assert!(FILES.iter().any(|(file, _)| *file == name), "{name}");
            }
        }
    }
}
