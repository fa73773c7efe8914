//! Appending: reads the right edge of the tree, writes new tiles, and replaces
//! the checkpoint last. Time and memory do not grow with the log.

use std::path::Path;

use super::checkpoint::{Head, SignedHead};
use super::tiles::{self, Edge, Folder, TILE};
use super::{Action, Log, entries, wrong};
use crate::{Error, Result};

/// Appends entries and gives the log's new size. `skey` is the host's key; its
/// name is the log's origin. The caller holds the host's lock.
///
/// # Errors
/// When the right edge on disk does not hash to the checkpoint, the key is of
/// another log, or a file cannot be written; the old checkpoint then still stands.
pub fn append(folder: &Path, actions: &[Action], skey: &str) -> Result<u64> {
    let entries = actions.iter().map(Action::to_bytes).collect::<Result<Vec<_>>>()?;
    append_entries(folder, entries.iter().map(Vec::as_slice), skey)
}

/// The same with the bytes of any entries: [`append`] writes those of releases.
///
/// # Errors
/// As [`append`].
pub fn append_entries<'a>(folder: &Path, new: impl IntoIterator<Item = &'a [u8]>, skey: &str) -> Result<u64> {
    let log = Log::open(folder)?;
    let mut new = new.into_iter().peekable();
    if new.peek().is_none() {
        return Ok(log.size());
    }
    // PRIVATE+KEY+name+id+key: the key's name is the origin.
    let origin = skey.split('+').nth(2).ok_or_else(|| Error::Signature("the log's secret key is malformed".into()))?.to_owned();
    let files = Folder(folder.to_owned());
    let (mut edge, mut bundle) = (Edge::default(), Vec::new());
    let old = log.size();
    if let Some(head) = log.head() {
        if head.origin != origin {
            return Err(Error::Log(format!("the key of {origin:?} is not that of the log {:?}; nothing was appended", head.origin)));
        }
        edge = Edge::read(&files, head).map_err(|error| Error::Log(format!("{error}; nothing was appended")))?;
        if old % TILE > 0 {
            bundle = entries::read(&files, old / TILE, old % TILE)?;
            let leaves = entries::parse(&bundle, old % TILE).map_err(wrong)?.into_iter().map(entries::leaf);
            if !leaves.eq(edge.leaves().iter().copied()) {
                return Err(Error::Log("the last entries on disk do not hash to the checkpoint; nothing was appended".into()));
            }
        }
    }
    tiles::remove_beyond(folder, old)?;
    let mut size = old;
    for entry in new {
        entries::add(&mut bundle, entry)?;
        edge.push(entries::leaf(entry), &mut |level, n, hashes| {
            write(folder, &tiles::path(&level.to_string(), n, TILE), hashes.as_flattened(), "admit.log-tile")
        })?;
        size += 1;
        if size.is_multiple_of(TILE) {
            write(folder, &tiles::path("entries", size / TILE - 1, TILE), &bundle, "admit.log-entries")?;
            bundle.clear();
        }
    }
    if !bundle.is_empty() {
        write(folder, &tiles::path("entries", size / TILE, size % TILE), &bundle, "admit.log-entries")?;
    }
    for (level, n, hashes) in edge.partial() {
        if old >> (8 * u32::from(level)) != size >> (8 * u32::from(level)) {
            write(folder, &tiles::path(&level.to_string(), n, hashes.len() as u64), hashes.as_flattened(), "admit.log-tile")?;
        }
    }
    let signed = SignedHead::sign(&Head { origin, size, root: edge.root() }, skey)?;
    write(folder, "checkpoint", signed.to_string().as_bytes(), "admit.checkpoint")?;
    Ok(size)
}

pub(super) fn write(folder: &Path, path: &str, bytes: &[u8], step: &str) -> Result<()> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
    durable::write_file(&path, bytes, 0o644, step).map_err(|error| Error::io(&path, error))
}
