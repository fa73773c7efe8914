//! The transparency log: every admission and withdrawal is an entry of a C2SP
//! tlog-tiles log, static files under one checkpoint signed by the host.
//!
//! Appending writes new tiles first and replaces the checkpoint last: the
//! checkpoint's rename is the instant at which a release is published. Tiles a
//! crash left behind are written again or removed, and are never named by the
//! checkpoint before they are whole.
//!
//! **Versions and sizes.** A version of the catalogue is a size of the log: the
//! entry at index `i` (from 0) made version `i + 1`, and what version `v` answers
//! is a function of the first `v` entries. So a checkpoint of size `v` is the
//! signed statement of all that version `v` was made from; an answer of a
//! version up to `v` is proved by the inclusion of its entries in that log, and
//! that no earlier version was rewritten by the consistency of the two sizes.
//! One admission of several releases makes several entries and one checkpoint:
//! versions between two checkpoints are proved under the later one.

mod append;
mod checkpoint;
mod entries;
pub mod proofs;
mod tiles;
mod verify;

use std::path::{Path, PathBuf};

use domain::ReleaseId;
use serde::{Deserialize, Serialize};

pub use append::{append, append_entries};
pub use checkpoint::{Head, Line, Remembered, SignedHead, Since};
pub use tiles::{Files, Folder, path as tile_path};

use crate::merkle::Hash;
use crate::{Error, Result};

/// What an entry records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
pub enum Action {
    /// A release was admitted and is served.
    Admit {
        /// The release.
        release: ReleaseId,
        /// SHA-256 of its manifest, hex.
        manifest_sha256: String,
        /// When, RFC 3339, UTC.
        at: String,
    },
    /// A release was withdrawn: its files and answers are gone, with the reason.
    Withdraw {
        /// The release.
        release: ReleaseId,
        /// Why, in words for readers.
        reason: String,
        /// When, RFC 3339, UTC.
        at: String,
    },
}

impl Action {
    /// The release the entry is about.
    #[must_use]
    pub fn release(&self) -> ReleaseId {
        match self {
            Action::Admit { release, .. } | Action::Withdraw { release, .. } => *release,
        }
    }

    /// The entry, as the log holds and hashes it.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(wrong)
    }

    /// The entry's leaf hash in the tree.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn leaf(&self) -> Result<Hash> {
        self.to_bytes().map(|bytes| entries::leaf(&bytes))
    }
}

/// An entry and its place. The catalogue's version after it is `index + 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// From 0.
    pub index: u64,
    /// What it records.
    pub action: Action,
}

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::Log(error.to_string())
}

/// A log as it stands on disk.
#[derive(Debug, Clone)]
pub struct Log {
    folder: PathBuf,
    signed: Option<SignedHead>,
}

impl Log {
    /// Opens the log in `folder`; an absent folder is an empty log. The
    /// checkpoint's signature is checked by [`Log::verify`].
    ///
    /// # Errors
    /// When the checkpoint is there but cannot be read.
    pub fn open(folder: &Path) -> Result<Log> {
        let signed = match SignedHead::read(&folder.join("checkpoint")) {
            Ok(signed) => Some(signed),
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Log { folder: folder.to_owned(), signed })
    }

    /// Number of entries: the catalogue's version.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.head().map_or(0, |head| head.size)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the checkpoint states; `None` of an empty log.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.signed.as_ref().map(SignedHead::head)
    }

    /// The checkpoint with its signatures; `None` of an empty log.
    #[must_use]
    pub fn signed(&self) -> Option<&SignedHead> {
        self.signed.as_ref()
    }

    /// The log's files, for proofs.
    #[must_use]
    pub fn files(&self) -> Folder {
        Folder(self.folder.clone())
    }

    /// The entries under the checkpoint, in order.
    ///
    /// # Errors
    /// When a bundle is missing, short or not of this format.
    pub fn entries(&self) -> Result<Vec<LogEntry>> {
        let mut all = Vec::new();
        self.each(&mut |index, bytes| {
            let action = serde_json::from_slice(bytes).map_err(|error| Error::Log(format!("entry {index}: {error}")))?;
            all.push(LogEntry { index, action });
            Ok(true)
        })?;
        Ok(all)
    }

    /// Gives every entry's bytes with its index, until `tell` says false.
    fn each(&self, tell: &mut impl FnMut(u64, &[u8]) -> Result<bool>) -> Result<()> {
        let files = self.files();
        for (n, width) in entries::widths(self.size()) {
            let bytes = entries::read(&files, n, width)?;
            for (index, entry) in (n * tiles::TILE..).zip(entries::parse(&bytes, width).map_err(wrong)?) {
                if !tell(index, entry)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The index of the first entry in which this log and `other` (a copy that
    /// somebody kept) differ; `None` when one is the beginning of the other.
    ///
    /// # Errors
    /// When a bundle of either is missing or short.
    pub fn first_difference(&self, other: &Log) -> Result<Option<u64>> {
        let (mine, theirs) = (self.files(), other.files());
        let both = self.size().min(other.size());
        for ((n, width), (_, other_width)) in entries::widths(self.size()).zip(entries::widths(other.size())) {
            let (a, b) = (entries::read(&mine, n, width)?, entries::read(&theirs, n, other_width)?);
            let (a, b) = (entries::parse(&a, width).map_err(wrong)?, entries::parse(&b, other_width).map_err(wrong)?);
            if let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) {
                return Ok(Some(n * tiles::TILE + at as u64).filter(|index| *index < both));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
