//! Release folders named one by one, for `bansos-audit attack`.

use std::path::PathBuf;

use release::{ReleaseFolder, Result};

/// Opens release folders, sorted by district, period and revision.
///
/// # Errors
/// When one cannot be opened.
pub fn open_all(paths: &[PathBuf]) -> Result<Vec<ReleaseFolder>> {
    let mut folders = paths.iter().map(|path| ReleaseFolder::open(path)).collect::<Result<Vec<_>>>()?;
    folders.sort_by_key(|folder| folder.manifest().release);
    Ok(folders)
}
