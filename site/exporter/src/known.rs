//! Answers that were read before, so that a build asks only for what changed.
//!
//! An answer of the API depends on its version, so a new release anywhere gives
//! all of them another ETag. What is said of a district depends on its releases
//! and on the software alone: while both are as they were, its answers are not
//! asked for again. Others are asked for with the ETag they had.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// A folder of answers. It may be lost at any time: then all is asked for.
#[derive(Debug)]
pub(crate) struct Known {
    folder: PathBuf,
    used: Mutex<BTreeSet<String>>,
}

/// An answer that was read before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) etag: String,
    /// What it depended on, where that is known; empty where it is not.
    pub(crate) state: String,
    pub(crate) text: String,
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Known {
    /// The answers in a folder, which need not be there.
    pub(crate) fn new(folder: &Path) -> Known {
        Known { folder: folder.to_owned(), used: Mutex::default() }
    }

    /// The name under which an answer is kept: the version asked for is no part of it.
    pub(crate) fn name(path: &str, accept: &str, lang: &str) -> String {
        let (before, query) = path.split_once('?').unwrap_or((path, ""));
        let rest: Vec<&str> = query.split('&').filter(|part| !part.starts_with("version=")).collect();
        digest(&format!("{before}?{} {accept} {lang}", rest.join("&")))
    }

    /// An answer, if it is there and whole.
    pub(crate) fn get(&self, name: &str) -> Option<Answer> {
        let kept = std::fs::read_to_string(self.folder.join(name)).ok()?;
        let mut parts = kept.splitn(4, '\n');
        let (etag, state, sum, text) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if digest(text) != sum {
            return None;
        }
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Some(Answer { etag: etag.to_owned(), state: state.to_owned(), text: text.to_owned() })
    }

    /// Keeps an answer. What cannot be kept is asked for again.
    pub(crate) fn put(&self, name: &str, answer: &Answer) {
        let Answer { etag, state, text } = answer;
        if etag.is_empty() || etag.contains('\n') {
            return;
        }
        let next = self.folder.join(format!("{name}.next"));
        let written = std::fs::create_dir_all(&self.folder)
            .and_then(|()| std::fs::write(&next, format!("{etag}\n{state}\n{}\n{text}", digest(text))))
            .and_then(|()| std::fs::rename(&next, self.folder.join(name)));
        if written.is_ok() {
            self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        }
    }

    /// Removes what this build had no use for.
    pub(crate) fn tidy(&self) {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if !used.contains(entry.file_name().to_string_lossy().as_ref()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer { etag: "\"1\"".into(), state: "s".into(), text: text.into() }
    }

    #[test]
    fn what_was_kept_comes_back_and_what_is_damaged_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let known = Known::new(&folder.path().join("known"));
        let name = Known::name("/v1/a?version=3&b=c", "x", "*");
        assert_eq!(name, Known::name("/v1/a?b=c&version=4", "x", "*"));
        assert_ne!(name, Known::name("/v1/a?b=d", "x", "*"));
        assert_eq!(known.get(&name), None);
        known.put(&name, &answer("two\nlines\n"));
        assert_eq!(known.get(&name), Some(answer("two\nlines\n")));
        let file = folder.path().join("known").join(&name);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("two", "one")).unwrap();
        assert_eq!(known.get(&name), None);
    }

    #[test]
    fn what_a_build_had_no_use_for_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let first = Known::new(folder.path());
        first.put("old", &answer("a"));
        first.put("kept", &answer("b"));
        let second = Known::new(folder.path());
        second.get("kept").unwrap();
        second.tidy();
        assert!(second.get("kept").is_some() && second.get("old").is_none());
    }
}
