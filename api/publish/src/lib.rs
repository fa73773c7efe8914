//! The gate: registry × disclosure × release.
//!
//! RESTRICTED. The only way from the registry to anything public: tabulate,
//! anonymise, attack, draft, seal. What comes out is a release folder.

mod access;
mod book;
mod chance;
#[cfg(test)]
mod columns;
mod commitment;
mod draft;
mod history;
mod lookup;
mod places;
mod reissue;
mod rows;
mod seal;
mod secrets;
mod status;
mod tables;
#[cfg(test)]
mod tests;
mod trace;

pub use access::{AccessEntry, accesses};
pub use book::{Book, Publication, State};
pub use draft::{Draft, Options, draft, state_before};
pub use lookup::look_up;
pub use seal::{Sealed, seal, withdraw};
pub use status::{ImportStatus, MonthStatus, Obstacle, ReleaseStatus, RoundStatus, Status, status};
pub use trace::{Traced, trace};

use domain::{Period, ReleaseId};
use release::gate::Failure;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The attacks found something: nothing was written.
    #[error("{release} is refused by the gate: {} findings, the first: {}", failures.len(), failures.first().map_or_else(String::new, ToString::to_string))]
    Refused {
        /// The release that was tried.
        release: ReleaseId,
        /// What was found.
        failures: Vec<Failure>,
    },
    /// The order of things does not allow it.
    #[error("{0}")]
    NotNow(String),
    /// Nothing is loaded for the month.
    #[error("no recipients are loaded for {period}: import a snapshot of that month first")]
    Empty {
        /// The month.
        period: Period,
    },
    /// A release folder or key.
    #[error(transparent)]
    Release(#[from] release::Error),
    /// The registry.
    #[error("registry: {0}")]
    Registry(String),
    /// The registry's database.
    #[error("registry database: {0}")]
    Database(#[from] diesel::result::Error),
    /// A file or folder.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.display().to_string();
        move |source| Error::Io { path, source }
    }
}

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Now, RFC 3339, UTC, to the second.
pub(crate) fn now() -> String {
    // Cut off, not rounded: what comes after must not bear an earlier second.
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
