//! Brings built folders together.

use std::path::Path;

use anyhow::{Context, Result};

/// Moves all that is in a folder into another of the same disk, and removes the
/// first. A file that is in both stays as the second has it.
pub(crate) fn into(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (own, other) = (entry.path(), to.join(entry.file_name()));
        match (entry.file_type()?.is_dir(), other.exists()) {
            (true, true) => into(&own, &other)?,
            (false, true) => std::fs::remove_file(&own).with_context(|| format!("cannot remove {}", own.display()))?,
            (_, false) => std::fs::rename(&own, &other).with_context(|| format!("cannot move {} to {}", own.display(), other.display()))?,
        }
    }
    std::fs::remove_dir(from).with_context(|| format!("cannot remove {}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_merged_and_a_file_of_both_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (file, text) in [("a/x/1", "a"), ("a/2", "a"), ("b/x/3", "b"), ("b/y/4", "b"), ("b/2", "b")] {
            std::fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            std::fs::write(at(file), text).unwrap();
        }
        into(&at("b"), &at("a")).unwrap();
        let said = ["a/x/1", "a/2", "a/x/3", "a/y/4"].map(|file| std::fs::read_to_string(at(file)).unwrap());
        assert_eq!(said, ["a", "a", "b", "b"]);
        assert!(!at("b").exists());
    }
}
