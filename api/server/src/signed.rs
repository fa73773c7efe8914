//! The files of a release that may be had, with what the district signed of
//! each: bytes, rows and SHA-256, known before a file is opened.

use std::sync::Arc;

use catalogue::Reader;
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::{Release, Releases, files_of, manifest};
use dataset::dictionary;

use crate::problem::Failure;

/// The dataset of what belongs to a release and not to one of its tables.
pub const RELEASE: &str = "release";

/// Releases whose files are kept in memory.
const KEPT: u64 = 1024;

/// A file of a release, as the district signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Below the release folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its lines of data; 0 for what is no table.
    pub rows: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
}

/// Which dataset a file of a release folder belongs to, and its name there.
#[must_use]
pub fn place(path: &str) -> Option<(&str, &str)> {
    match path.strip_prefix("data/") {
        Some(name) => name.split_once('.').map(|(dataset, _)| (dataset, name)),
        None => Some((RELEASE, path)),
    }
}

/// The issue that `one` corrects, where that was taken back: the corrections
/// tell its figures as "before", so they go with it.
#[must_use]
pub fn taken_back<'a>(all: &'a Releases, one: &Release) -> Option<&'a Release> {
    all.get(one.correction?.of).filter(|of| of.withdrawn.is_some())
}

/// All files of a release that may be had, by path: those its manifest names,
/// and the manifest and its signature themselves. Without the corrections of an
/// issue that was taken back ([`taken_back`]).
///
/// # Errors
/// When the catalogue does not answer.
pub fn files(connection: &mut AnyConnection, all: &Releases, one: &Release) -> anyhow::Result<Vec<Signed>> {
    let (manifest, signature) = manifest(connection, one)?;
    let text = |path: &str, text: &str| Signed {
        path: path.to_owned(),
        bytes: text.len() as u64,
        rows: 0,
        sha256: release::sha256_hex(text.as_bytes()),
    };
    let mut found = Vec::new();
    for file in files_of(connection, &[one.id])? {
        found.push(Signed {
            path: file.path,
            bytes: u64::try_from(file.bytes)?,
            rows: u64::try_from(file.row_count)?,
            sha256: file.sha256,
        });
    }
    // A withdrawn release whose folder is gone has none, a draft no signature.
    found.extend((!manifest.is_empty()).then(|| text("manifest.json", &manifest)));
    found.extend((!signature.is_empty()).then(|| text("manifest.sig", &signature)));
    let hidden = taken_back(all, one).is_some();
    found.retain(|file| !(hidden && place(&file.path).is_some_and(|(dataset, _)| dataset == dictionary::CORRECTIONS.name)));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The files of releases that were lately asked for. A release's files never
/// change; which of them may be had is part of the key.
#[derive(Debug, Clone)]
pub struct Files(moka::future::Cache<(String, bool), Arc<Vec<Signed>>>);

impl Default for Files {
    fn default() -> Files {
        Files(moka::future::Cache::new(KEPT))
    }
}

impl Files {
    /// The files of a release, see [`files`].
    ///
    /// # Errors
    /// When the catalogue does not answer.
    pub async fn of(&self, reader: &Arc<Reader>, one: &Release) -> Result<Arc<Vec<Signed>>, Failure> {
        let key = (one.manifest_sha256.clone(), taken_back(reader.releases(), one).is_some());
        if let Some(found) = self.0.get(&key).await {
            return Ok(found);
        }
        let (reader, one) = (reader.clone(), one.clone());
        let load = async move {
            let found = actix_web::web::block(move || reader.ask(|connection| files(connection, reader.releases(), &one))).await??;
            Ok::<_, Failure>(Arc::new(found))
        };
        Ok(self.0.try_get_with(key, load).await?)
    }
}
