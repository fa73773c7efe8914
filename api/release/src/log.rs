//! The transparency log: every admission and withdrawal is an entry of a C2SP
//! tlog-tiles log, static files under one checkpoint signed by the host.
//!
//! Appending writes new tiles first and replaces the checkpoint last: the
//! checkpoint's rename is the instant at which a release is published. Tiles a
//! crash left behind are written again, byte for byte the same where they are
//! whole, and are never named by the checkpoint before they are.

use std::path::{Path, PathBuf};

use domain::ReleaseId;
use serde::{Deserialize, Serialize};
use tlog_tiles::{Checkpoint, Hash, HashReader, Tile};

use crate::folder::read_bounded;
use crate::{Error, Result, signing};

/// Tiles hold 2^8 hashes, as tlog-tiles asks.
const HEIGHT: u8 = 8;
const TILE: u64 = 1 << HEIGHT;

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
}

/// An entry and its place. The catalogue's version after it is `index + 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// From 0.
    pub index: u64,
    /// What it records.
    pub action: Action,
}

/// The hashes of a whole log in memory, in storage order. A log has an entry
/// per release: some tens of thousands in a decade of all Indonesia.
struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> std::result::Result<Vec<Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|index| {
                usize::try_from(*index).ok().and_then(|index| self.0.get(index).copied()).ok_or(tlog_tiles::Error::IndexesNotInTree)
            })
            .collect()
    }
}

impl Hashes {
    fn push(&mut self, n: u64, data: &[u8]) -> Result<()> {
        let new = tlog_tiles::stored_hashes(n, data, self).map_err(wrong)?;
        self.0.extend(new);
        Ok(())
    }

    fn root(&self, size: u64) -> Result<Hash> {
        tlog_tiles::tree_hash(size, self).map_err(wrong)
    }
}

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::Log(error.to_string())
}

/// A log as it stands on disk.
pub struct Log {
    folder: PathBuf,
    size: u64,
    checkpoint: Option<Checkpoint>,
}

impl Log {
    /// Opens the log in `folder`; an absent folder is an empty log. The
    /// checkpoint's signature is checked by [`Log::verify`].
    ///
    /// # Errors
    /// When the checkpoint is there but cannot be read.
    pub fn open(folder: &Path) -> Result<Log> {
        let path = folder.join("checkpoint");
        let checkpoint = match read_bounded(&path, 1 << 20) {
            Ok(bytes) => Some(parse_checkpoint(&path, &bytes)?),
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Log { folder: folder.to_owned(), size: checkpoint.as_ref().map_or(0, Checkpoint::size), checkpoint })
    }

    /// Number of entries: the catalogue's version.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The entries under the checkpoint, in order.
    ///
    /// # Errors
    /// When a bundle is missing, short or not of this format.
    pub fn entries(&self) -> Result<Vec<LogEntry>> {
        let raw = self.raw_entries()?;
        raw.iter()
            .zip(0..)
            .map(|(bytes, index)| {
                let action = serde_json::from_slice(bytes).map_err(|error| Error::Log(format!("entry {index}: {error}")))?;
                Ok(LogEntry { index, action })
            })
            .collect()
    }

    fn raw_entries(&self) -> Result<Vec<Vec<u8>>> {
        let mut entries = Vec::new();
        for n in 0..self.size.div_ceil(TILE) {
            let width = (self.size - n * TILE).min(TILE);
            let path = self.folder.join(tile_path("entries", n, width));
            let bytes = read_bounded(&path, TILE * 65_537)?;
            let mut rest = bytes.as_slice();
            for _ in 0..width {
                let Some((length, tail)) = rest.split_first_chunk::<2>() else { return Err(Error::format(&path, "the bundle is cut off")) };
                let length = usize::from(u16::from_be_bytes(*length));
                let Some((entry, tail)) = tail.split_at_checked(length) else { return Err(Error::format(&path, "the bundle is cut off")) };
                entries.push(entry.to_vec());
                rest = tail;
            }
        }
        Ok(entries)
    }

    /// Checks the checkpoint's signature against the host's key, and that the
    /// entries hash to its root.
    ///
    /// # Errors
    /// When either does not hold.
    pub fn verify(&self, vkey: &str) -> Result<()> {
        let Some(checkpoint) = &self.checkpoint else { return Ok(()) };
        let path = self.folder.join("checkpoint");
        let bytes = read_bounded(&path, 1 << 20)?;
        let note = String::from_utf8(bytes).map_err(|_| Error::format(&path, "not a signed note"))?;
        let text = signing::open(&note, vkey)?;
        let signed = Checkpoint::from_bytes(text.as_bytes()).map_err(wrong)?;
        if signed != *checkpoint {
            return Err(Error::Log("the signed checkpoint is not the one that was read".into()));
        }
        let mut hashes = Hashes(Vec::new());
        for (entry, n) in self.raw_entries()?.iter().zip(0..) {
            hashes.push(n, entry)?;
        }
        if hashes.root(self.size)? != *checkpoint.hash() {
            return Err(Error::Log(format!("the {} entries do not hash to the checkpoint's root", self.size)));
        }
        Ok(())
    }
}

fn parse_checkpoint(path: &Path, bytes: &[u8]) -> Result<Checkpoint> {
    let note = signed_note::Note::from_bytes(bytes).map_err(|error| Error::format(path, error.to_string()))?;
    Checkpoint::from_bytes(note.text()).map_err(|error| Error::format(path, error.to_string()))
}

/// `tile/entries/000.p/5`: the crate's own paths carry the tile height, which
/// tlog-tiles leaves out.
fn tile_path(level: &str, n: u64, width: u64) -> String {
    let mut number = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        number = format!("x{:03}/{number}", rest % 1000);
        rest /= 1000;
    }
    if width == TILE { format!("tile/{level}/{number}") } else { format!("tile/{level}/{number}.p/{width}") }
}

/// Appends entries and gives the log's new size. `skey` is the host's key; its
/// name is the log's origin. The caller holds the host's lock.
///
/// # Errors
/// When the log on disk does not hash to its checkpoint, or a file cannot be
/// written; the old checkpoint then still stands.
pub fn append(folder: &Path, actions: &[Action], skey: &str) -> Result<u64> {
    let log = Log::open(folder)?;
    let mut entries = log.raw_entries()?;
    let mut hashes = Hashes(Vec::new());
    for (entry, n) in entries.iter().zip(0..) {
        hashes.push(n, entry)?;
    }
    if let Some(checkpoint) = &log.checkpoint
        && hashes.root(log.size)? != *checkpoint.hash()
    {
        return Err(Error::Log("the entries on disk do not hash to the checkpoint; nothing was appended".into()));
    }
    for action in actions {
        let entry = serde_json::to_vec(action).map_err(wrong)?;
        if entry.len() > usize::from(u16::MAX) {
            return Err(Error::Log("an entry is longer than 65,535 bytes; shorten the reason".into()));
        }
        hashes.push(entries.len() as u64, &entry)?;
        entries.push(entry);
    }
    let size = entries.len() as u64;
    if size == log.size {
        return Ok(size);
    }
    for n in log.size / TILE..size.div_ceil(TILE) {
        let width = (size - n * TILE).min(TILE);
        let mut bundle = Vec::new();
        for entry in entries.iter().skip((n * TILE) as usize).take(width as usize) {
            bundle.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            bundle.extend_from_slice(entry);
        }
        write(folder, &tile_path("entries", n, width), &bundle, "admit.log-entries")?;
    }
    for tile in Tile::new_tiles(HEIGHT, log.size, size) {
        let data = tile.read_data(&hashes).map_err(wrong)?;
        let path = tile_path(&tile.level().to_string(), tile.level_index(), u64::from(tile.width()));
        write(folder, &path, &data, "admit.log-tile")?;
    }
    // PRIVATE+KEY+name+id+key: the key's name is the origin.
    let origin = skey.split('+').nth(2).ok_or_else(|| Error::Signature("the log's secret key is malformed".into()))?;
    let checkpoint = Checkpoint::new(origin, size, hashes.root(size)?, "").map_err(wrong)?;
    let text = String::from_utf8(checkpoint.to_bytes()).map_err(wrong)?;
    write(folder, "checkpoint", signing::sign(&text, skey)?.as_bytes(), "admit.checkpoint")?;
    Ok(size)
}

fn write(folder: &Path, path: &str, bytes: &[u8], step: &str) -> Result<()> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
    durable::write_file(&path, bytes, 0o644, step).map_err(|error| Error::io(&path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    fn action(n: u32) -> Action {
        Action::Admit {
            release: format!("36.71-2025-06-r{}", n + 2).parse().unwrap(),
            manifest_sha256: "0".repeat(64),
            at: "2025-07-01T00:00:00Z".into(),
        }
    }

    #[test]
    fn grows_past_a_tile_and_verifies() {
        let folder = tempfile::tempdir().unwrap();
        keys::create(folder.path(), keys::LOG, "log.example").unwrap();
        let (skey, vkey) = (keys::secret(folder.path(), keys::LOG).unwrap(), keys::public(folder.path(), keys::LOG).unwrap());
        let log = folder.path().join("log");
        let mut size = 0;
        for batch in [1u32, 4, 250, 1, 3] {
            let actions: Vec<Action> = (0..batch).map(|n| action(size as u32 + n)).collect();
            size = append(&log, &actions, &skey).unwrap();
            let open = Log::open(&log).unwrap();
            open.verify(&vkey).unwrap();
            assert_eq!(open.entries().unwrap().len() as u64, size);
        }
        assert_eq!(size, 259);
        assert!(log.join("tile/0/000").exists() && log.join("tile/0/001.p/3").exists() && log.join("tile/1/000.p/1").exists());

        // A changed entry is found.
        let bundle = log.join("tile/entries/001.p/3");
        let mut bytes = std::fs::read(&bundle).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(&bundle, bytes).unwrap();
        assert!(Log::open(&log).unwrap().verify(&vkey).is_err());
    }

    #[test]
    fn another_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a", "b"] {
            keys::create(folder.path(), file, "log.example").unwrap();
        }
        let log = folder.path().join("log");
        append(&log, &[action(0)], &keys::secret(folder.path(), "a").unwrap()).unwrap();
        let other = keys::public(folder.path(), "b").unwrap();
        assert!(Log::open(&log).unwrap().verify(&other).is_err());
    }
}
