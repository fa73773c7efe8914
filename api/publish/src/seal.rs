//! Sealing: a second named person gives the district's signature. After it a
//! release cannot be taken back, only withdrawn in the open.

use std::path::{Path, PathBuf};

use domain::ReleaseId;
use registry::Registry;
use release::{ReleaseFolder, keys, signing};

use crate::book::{Book, State};
use crate::draft::draft_folder;
use crate::{Error, Result};

/// A sealed release, ready to be admitted by its host.
#[derive(Debug)]
pub struct Sealed {
    /// Its id.
    pub release: ReleaseId,
    /// Its folder, in `releases/`.
    pub folder: PathBuf,
    /// Whether it had been sealed before.
    pub again: bool,
}

/// Signs a draft and moves it to `releases/`. Run again after a crash it
/// completes what was begun.
///
/// # Errors
/// When there is no draft, the same person published it, its files are not
/// those of its manifest, or the key is missing.
pub fn seal(data: &Path, registry: &mut Registry, release: ReleaseId, by: &str) -> Result<Sealed> {
    let by = by.trim();
    if by.is_empty() {
        return Err(Error::NotNow("who seals? --by NAME".into()));
    }
    let mut book = Book::open(registry.connection())?;
    let made =
        book.find(release)?.ok_or_else(|| Error::NotNow(format!("there is no draft {release}: `bansos publish --draft` makes one")))?;
    let (from, to) = (draft_folder(data, release), data.join("releases").join(release.to_string()));
    if made.state == State::Withdrawn {
        return Err(Error::NotNow(format!("{release} was withdrawn")));
    }
    if made.state == State::Draft {
        if by.eq_ignore_ascii_case(made.published_by.trim()) {
            return Err(Error::NotNow(format!("{release} was published by the same person: a second one seals")));
        }
        if !from.exists() {
            return Err(Error::NotNow(format!("the draft {release} was not completed: publish it again")));
        }
        // A signature that a killed seal had half written is no file of the draft.
        durable::remove_unfinished(&from).map_err(Error::io(&from))?;
        let folder = ReleaseFolder::open(&from)?;
        if folder.manifest_sha256() != made.manifest_sha256 {
            return Err(Error::NotNow(format!("the draft {release} is not the one that was attacked: publish it again")));
        }
        folder.verify()?;
        // A draft made before another release was sealed does not know it: its
        // rows may be another edition's, and its chain would have a gap.
        let last = book.publications()?.into_iter().filter(|other| other.state == State::Sealed).max_by_key(|other| other.sequence);
        if folder.manifest().previous.as_ref().map(|previous| previous.release) != last.as_ref().map(|last| last.release) {
            let last = last.map_or_else(|| "nothing".to_owned(), |last| last.release.to_string());
            return Err(Error::NotNow(format!("the draft {release} does not follow the last sealed release ({last}): publish it again")));
        }
        let skey = keys::secret(&keys::folder(data), &keys::district(release.district()))?;
        let note = signing::sign_manifest(release, folder.manifest_sha256(), &skey)?;
        let path = from.join("manifest.sig");
        durable::write_file(&path, note.as_bytes(), 0o644, "seal.signature").map_err(Error::io(&path))?;
        book.note_sealed(release, by)?;
    }
    let again = to.exists();
    if !again {
        let releases = data.join("releases");
        std::fs::create_dir_all(&releases).map_err(Error::io(&releases))?;
        durable::rename(&from, &to, "seal.folder").map_err(Error::io(&to))?;
    }
    registry.seal_period(release.period()).map_err(|error| Error::Registry(error.to_string()))?;
    Ok(Sealed { release, folder: to, again })
}

/// Notes in the registry who withdrew a release; the host writes the log entry.
///
/// # Errors
/// When the release was never sealed.
pub fn withdraw(registry: &mut Registry, release: ReleaseId, by: &str) -> Result<()> {
    let mut book = Book::open(registry.connection())?;
    match book.find(release)? {
        Some(made) if made.state != State::Draft => book.note_withdrawn(release, by.trim()),
        _ => Err(Error::NotNow(format!("{release} was never sealed, so there is nothing to withdraw"))),
    }
}
