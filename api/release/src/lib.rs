//! The public folder format of a release: write, read, sign, log and check.
//!
//! A release folder is all that ever crosses the wall. Nothing here knows of a
//! person: the crate is linked by the host and the auditor, who must not be
//! able to name a NIK.

pub mod canonical;
pub mod changes;
pub mod days;
mod folder;
mod forms;
pub mod gate;
pub mod keys;
pub mod log;
pub mod manifest;
pub mod merkle;
pub mod package;
mod parallel;
pub mod proof;
mod report;
pub mod risk;
pub mod signing;
mod tables;
pub mod witness;
mod write;

pub use folder::ReleaseFolder;
pub use forms::About;
pub use manifest::{
    Commitment, ControlTotal, Correction, DUE_DAYS, EditionTotal, FileEntry, Manifest, Policy, Previous, Reason, ReferenceSnapshot, due,
};
pub use report::Report;
pub use tables::{ATOMS_HEADER, Atom, CELLS_HEADER, RECIPIENTS_HEADER, write_recipients};
pub use write::{FolderWriter, hex, path_of, sha256_hex, write_other_forms};

/// What can be wrong with a release folder, its signature or the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is there but is not what the format asks for.
    #[error("{path}: {what}")]
    Format {
        /// The file, with its line where one is known.
        path: String,
        /// What is wrong and what is expected.
        what: String,
    },
    /// A signature does not stand, or a key cannot be used.
    #[error("{0}")]
    Signature(String),
    /// The log refuses, or is not what its checkpoint says.
    #[error("log: {0}")]
    Log(String),
}

impl Error {
    /// An I/O error at `path`.
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Error {
        Error::Io { path: path.display().to_string(), source }
    }

    /// A format error at `path`.
    pub fn format(path: &std::path::Path, what: impl Into<String>) -> Error {
        Error::Format { path: path.display().to_string(), what: what.into() }
    }
}

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
