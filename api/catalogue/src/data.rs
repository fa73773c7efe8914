//! Where the public half of a data folder lies.

use std::path::{Path, PathBuf};

use domain::ReleaseId;

/// The data folder (`--data DIR`), seen from the public side: keys, log,
/// admitted releases and the catalogue. The registry is not named here.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The data folder at `path`; nothing is made or opened.
    #[must_use]
    pub fn new(path: &Path) -> DataFolder {
        DataFolder(path.to_owned())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Signing and verifying keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// The transparency log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// All admitted releases. A folder here that is not in the log is not served.
    #[must_use]
    pub fn releases(&self) -> PathBuf {
        self.0.join("releases")
    }

    /// One admitted release.
    #[must_use]
    pub fn release(&self, release: ReleaseId) -> PathBuf {
        self.releases().join(release.to_string())
    }

    /// SQLite catalogues and the file `current` that names the newest.
    #[must_use]
    pub fn catalogue(&self) -> PathBuf {
        self.0.join("catalogue")
    }
}
