//! What can go wrong, said so that an operator knows where and what to do.
//! No message repeats a cell of a file: paths, lines, column names and counts only.

use std::path::PathBuf;

use domain::{AreaCode, Period};

/// An error of the registry.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be imported. Nothing of it was stored.
    #[error("{}: {place}: {problem}; {remedy}. Nothing of this file was imported", file.display())]
    Input {
        /// The file.
        file: PathBuf,
        /// Where in the file: a line, or the whole of it.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A snapshot is much smaller than the last: perhaps half a file.
    #[error(
        "{}: whole file: {now} records for {scope} where the last snapshot ({last}) has {before}, more than 10 % fewer; \
         absence means that a recipient left, so check the file and import it again with --confirm if it is complete. \
         Nothing of this file was imported",
        file.display()
    )]
    Shrunk {
        /// The file.
        file: PathBuf,
        /// The area over which the two are compared.
        scope: AreaCode,
        /// The month of the last snapshot.
        last: Period,
        /// Records in the last snapshot.
        before: u64,
        /// Records in this one.
        now: u64,
    },
    /// The request makes no sense.
    #[error("{0}")]
    Request(String),
    /// No import has this id.
    #[error("no import has the id {0}; `bansos status` lists them")]
    NoImport(i64),
    /// The month is sealed: what was published from it must stay traceable.
    #[error("import {import} belongs to {period}, which is sealed; import a corrected file and publish a revision instead")]
    Sealed {
        /// The import that was to be undone.
        import: i64,
        /// Its month.
        period: Period,
    },
    /// No recipient file was imported for the month.
    #[error("no recipients are loaded for {0}; import a DTKS file of that month first")]
    NoRecipients(Period),
    /// The database holds what this version cannot read.
    #[error("the registry holds an unreadable {what} ({detail}); it was written by another version or damaged")]
    Stored {
        /// Which value.
        what: &'static str,
        /// Why.
        detail: String,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database could not be opened or brought up to date.
    #[error("{}: cannot open the registry: {reason}", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The database refused.
    #[error("the registry's database refused: {0}")]
    Database(#[from] diesel::result::Error),
}

/// A result of the registry.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn stored(what: &'static str) -> impl Fn(String) -> Error {
        move |detail| Error::Stored { what, detail }
    }
}
