//! Checking every file of a log against its checkpoint, so that a changed byte
//! is found wherever it is, and named. Reads the entries once, in order, and
//! holds no more than the right edge of the tree.

use std::path::Path;

use super::checkpoint::Head;
use super::tiles::{self, Edge, Files, Folder, Named, TILE};
use super::{Log, entries, proofs};
use crate::merkle::Hash;
use crate::{Error, Result};

/// The most findings that are told.
const MOST: usize = 100;

/// What was found wrong, bounded.
#[derive(Default)]
struct Findings {
    /// Files that do not hold what the entries make of them: level (`None`:
    /// entries), number of the tile, and what to say.
    tiles: Vec<(Option<u8>, u64, String)>,
    other: Vec<String>,
}

impl Findings {
    fn tile(&mut self, level: Option<u8>, n: u64, what: String) {
        if self.tiles.len() < MOST {
            self.tiles.push((level, n, what));
        }
    }

    fn other(&mut self, what: String) {
        if self.other.len() < MOST {
            self.other.push(what);
        }
    }
}

impl Log {
    /// Checks the checkpoint's signature against the host's key, and every file
    /// of the log against the checkpoint.
    ///
    /// # Errors
    /// Says all that is wrong; [`Log::damages`] gives it line by line.
    pub fn verify(&self, vkey: &str) -> Result<()> {
        let Some(signed) = self.signed() else { return Ok(()) };
        signed.verify(vkey)?;
        let damages = self.damages()?;
        if damages.is_empty() { Ok(()) } else { Err(Error::Log(damages.join("; "))) }
    }

    /// Every file that is not what the checkpoint's root stands for, a line each
    /// that begins with the file's path below the log: entries, tiles of hashes,
    /// partial tiles of earlier sizes, and files that are no log's. What lies
    /// beyond the tree is no part of the log: a cut-off append left it, and the
    /// next removes it.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn damages(&self) -> Result<Vec<String>> {
        let mut findings = Findings::default();
        if let Some(head) = self.head() {
            check(self.folder(), head, &mut findings)?;
        }
        strangers(self.folder(), "", &mut findings)?;
        let mut all: Vec<String> = findings.tiles.into_iter().map(|(_, _, what)| what).chain(findings.other).collect();
        all.sort();
        all.dedup();
        Ok(all)
    }
}

fn check(folder: &Path, head: &Head, findings: &mut Findings) -> Result<()> {
    let files = Folder(folder.to_owned());
    let mut edge = Edge::default();
    let mut unread = false;
    for (n, width) in entries::widths(head.size) {
        // Where a bundle cannot be read its tile speaks for it, to check the rest.
        let leaves = match entries::read(&files, n, width) {
            Ok(bytes) => {
                let all = entries::parse(&bytes, width).unwrap_or_default();
                older_bundles(folder, n, width, &bytes, &all, findings);
                all.into_iter().map(entries::leaf).collect()
            }
            Err(error) => {
                findings.other(format!("{}: {error}", tiles::path("entries", n, width)));
                match tiles::hashes(&files, 0, n, width) {
                    Ok(leaves) => leaves,
                    Err(_) => {
                        unread = true;
                        vec![[0; 32]; width as usize]
                    }
                }
            }
        };
        for leaf in leaves {
            edge.push(leaf, &mut |level, n, hashes| {
                compare(folder, level, n, hashes, findings);
                Ok(())
            })?;
        }
    }
    for (level, n, hashes) in edge.partial() {
        compare(folder, level, n, hashes, findings);
    }
    if edge.root() != head.root {
        blame(&files, head, unread, findings);
    }
    Ok(())
}

/// Holds a tile of hashes, and the partial ones before it, against what the
/// entries make of them.
fn compare(folder: &Path, level: u8, n: u64, hashes: &[Hash], findings: &mut Findings) {
    let name = level.to_string();
    let now = hashes.len() as u64;
    let mut wanted = vec![now];
    wanted.extend(older(folder, &name, n, now));
    for width in wanted {
        let path = tiles::path(&name, n, width);
        let expected = hashes[..width as usize].as_flattened();
        match (Folder(folder.to_owned())).read(&path, TILE * 32) {
            Ok(bytes) if bytes == expected => {}
            Ok(_) => findings.tile(Some(level), n, format!("{path}: changed: not the hashes that the entries make")),
            Err(error) => findings.tile(Some(level), n, format!("{path}: {error}")),
        }
    }
}

/// Widths of partial tiles that are still there from when the log was smaller.
fn older(folder: &Path, level: &str, n: u64, now: u64) -> Vec<u64> {
    let partial = tiles::path(level, n, 1);
    let Some(parent) = folder.join(&partial).parent().map(Path::to_owned) else { return Vec::new() };
    let names = std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.parse::<u64>().ok().filter(|width| *width < now && *width > 0 && width.to_string() == name)).collect()
}

fn older_bundles(folder: &Path, n: u64, now: u64, bytes: &[u8], all: &[&[u8]], findings: &mut Findings) {
    for width in older(folder, "entries", n, now) {
        let path = tiles::path("entries", n, width);
        let length: usize = all.iter().take(width as usize).map(|entry| entry.len() + 2).sum();
        match (Folder(folder.to_owned())).read(&path, entries::MOST) {
            Ok(old) if bytes.get(..length) == Some(old.as_slice()) => {}
            // Which of the two was changed, the root tells.
            Ok(_) => {
                findings.tile(None, n, format!("{path}: changed: not the entries that {} begins with", tiles::path("entries", n, now)))
            }
            Err(error) => findings.tile(None, n, format!("{path}: {error}")),
        }
    }
}

/// The entries do not hash to the root: says whether they or tiles were
/// changed, by what the tiles themselves prove against the root.
fn blame(files: &Folder, head: &Head, unread: bool, findings: &mut Findings) {
    let stands = |level: u8, n: u64| {
        let index = (n * TILE) << (8 * u32::from(level));
        proofs::leaf(files, head, index.min(head.size - 1)).is_ok()
    };
    let suspects = std::mem::take(&mut findings.tiles);
    let mut found = false;
    for (level, n, what) in suspects {
        match level {
            Some(0) if stands(0, n) => {
                let width = (head.size - n * TILE).min(TILE);
                findings.tile(
                    None,
                    n,
                    format!("{}: changed: its tile of hashes stands, the entries do not", tiles::path("entries", n, width)),
                );
            }
            // What follows from changed entries is no damage of its own.
            Some(level) if stands(level, n) => continue,
            level => findings.tile(level, n, what),
        }
        found = true;
    }
    if !found && !unread && findings.other.is_empty() {
        findings.other(format!(
            "checkpoint: the {} entries do not hash to its root: the log was rewritten, or the checkpoint is of another",
            head.size
        ));
    }
}

/// Files that are no log's.
fn strangers(folder: &Path, at: &str, findings: &mut Findings) -> Result<()> {
    let full = folder.join(at);
    let entries = match std::fs::read_dir(&full) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(|error| Error::io(&full, error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| Error::io(&full, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
        let folder_too = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let known = match Named::parse(&path) {
            // Partial tiles of the tree before the edge are read with the whole
            // one; those at the edge and beyond it are left from an append.
            Some(_) => !folder_too,
            None => path == "checkpoint" && !folder_too || name.starts_with(".tmp-"),
        };
        if folder_too && path.matches('/').count() < 8 {
            strangers(folder, &path, findings)?;
        } else if !known {
            findings.other(format!("{path}: this is no file of the log"));
        }
    }
    Ok(())
}
