//! The log and the keys in a copy: fetched beside the ones that are there,
//! verified, compared with what the copy remembers, and put in their place when
//! all else has come.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use release::keys;
use release::log::{Action, Log, Remembered, tile_path};

use super::{Copy, WORK};
use crate::report::{Group, Report};
use crate::trust::Keys;

pub(super) const CHECKPOINT: &str = "/log/checkpoint";
/// The largest checkpoint, key and statement of rotations.
pub(super) const LARGEST: u64 = 64 << 10;
/// The largest bundle of entries.
const LARGEST_TILE: u64 = 256 * 65_537;
const TILE: u64 = 256;

/// A log that has come and is verified, but is not the copy's yet.
pub(super) struct Staged {
    /// Where it lies.
    pub(super) folder: PathBuf,
    /// Its checkpoint.
    pub(super) checkpoint: Vec<u8>,
    /// Files below it, the checkpoint last.
    files: Vec<String>,
}

/// Fetches log and keys. None when they are not to be believed: the report says why.
pub(super) fn stage(copy: &Copy<'_>, trusted: Option<&Path>, report: &mut Report) -> Result<Option<Staged>> {
    let client = copy.client;
    let folder = copy.folder.join(WORK).join("log");
    super::remove(&folder)?;
    let Some(checkpoint) = client.whole(CHECKPOINT, LARGEST)? else {
        bail!("{} has no {CHECKPOINT}: it publishes no releases, or is no such host", client.address());
    };
    put(&folder.join("checkpoint"), &checkpoint)?;
    let log = Log::open(&folder).context("the checkpoint of the host")?;
    let mut files = Vec::new();
    for path in tiles(log.size()) {
        let Some(bytes) = client.whole(&format!("/log/{path}"), LARGEST_TILE)? else {
            report.wrong(
                Group::Log,
                None,
                Some(&format!("log/{path}")),
                "the host does not have this tile, though its checkpoint needs it",
            );
            return Ok(None);
        };
        put(&folder.join(&path), &bytes)?;
        files.push(path);
    }
    files.push("checkpoint".to_owned());
    let staged = Staged { folder, checkpoint, files };

    let staged_keys = copy.folder.join(WORK).join("keys");
    super::remove(&staged_keys)?;
    fetch_keys(copy, keys::LOG, &staged_keys, report)?;
    let verified = crate::trust::log(&log, Keys { published: &copy.folder.join("keys"), kept: trusted }, report);
    if !verified && copy.lasting {
        refuse(copy, &staged, report)?;
        return Ok(None);
    }
    let own = copy.folder.join("log");
    if own.join("checkpoint").is_file() && !continues(&own, &log, report)? {
        refuse(copy, &staged, report)?;
        return Ok(None);
    }
    let Some(entries) = report.value(Group::Log, None, log.entries()) else { return Ok(None) };
    let mut districts: Vec<_> = entries.iter().map(|entry| entry.action.release().district()).collect();
    districts.sort();
    districts.dedup();
    for district in districts {
        fetch_keys(copy, &keys::district(district), &staged_keys, report)?;
    }
    let withdrawn = entries.iter().filter(|entry| matches!(entry.action, Action::Withdraw { .. })).count();
    if copy.lasting {
        report.checked(Group::Log, format!("{} entries under a signed checkpoint, {withdrawn} of them withdrawals", entries.len()));
    }
    Ok(Some(staged))
}

/// Whether the log that came goes on from the one that the copy has.
fn continues(own: &Path, log: &Log, report: &mut Report) -> Result<bool> {
    let kept = Remembered::read(&own.join("checkpoint")).context("the log of this copy")?;
    let Some(now) = log.head() else { return Ok(false) };
    let Some(since) = report.value(Group::Log, None, kept.compare(now, &log.files())) else { return Ok(false) };
    if since.is_good() {
        report.checked(Group::Log, since.to_string());
        return Ok(true);
    }
    let first = Log::open(own)?.first_difference(log).ok().flatten();
    let place = first.map(|index| format!("; they first differ in entry {index}")).unwrap_or_default();
    report.wrong(Group::Log, None, Some("log/checkpoint"), format!("{since}{place}; the log of this copy is kept"));
    Ok(false)
}

/// Keeps a refused log as evidence.
fn refuse(copy: &Copy<'_>, staged: &Staged, report: &mut Report) -> Result<()> {
    if !copy.lasting {
        return Ok(());
    }
    let name = crate::digest::of(&staged.checkpoint);
    let aside = copy.folder.join(WORK).join(format!("refused-{}", name.get(..16).unwrap_or(&name)));
    if aside.exists() {
        super::remove(&staged.folder)?;
    } else {
        durable::rename(&staged.folder, &aside, "mirror.refuse").with_context(|| format!("cannot keep {}", aside.display()))?;
    }
    report.unchecked(Group::Mirror, format!("what the host showed is kept as evidence in {}; nothing else was copied", aside.display()));
    Ok(())
}

/// Puts the log that came into its place, the checkpoint last.
pub(super) fn keep(copy: &Copy<'_>, staged: &Staged) -> Result<()> {
    for path in &staged.files {
        let bytes = std::fs::read(staged.folder.join(path)).with_context(|| format!("log/{path}"))?;
        if path == "checkpoint" {
            durable::fault_point("mirror.checkpoint");
        }
        copy.write(&format!("/log/{path}"), &bytes)?;
    }
    Ok(())
}

/// Fetches a public key with its rotations. One that the copy knows is only
/// replaced by one that signed statements lead to.
fn fetch_keys(copy: &Copy<'_>, name: &str, staged: &Path, report: &mut Report) -> Result<()> {
    let address = |ending: &str| format!("/keys/{name}.{ending}");
    let Some(key) = copy.client.whole(&address("vkey"), LARGEST)? else {
        report.unchecked(Group::Log, format!("{}: the host does not publish this key", address("vkey")));
        return Ok(());
    };
    put(&staged.join(format!("{name}.vkey")), &key)?;
    let rotations = copy.client.whole(&address("rotations"), LARGEST << 4)?;
    if let Some(rotations) = &rotations {
        put(&staged.join(format!("{name}.rotations")), rotations)?;
    }
    let own = copy.folder.join("keys");
    let kept = own.join(format!("{name}.vkey")).exists().then_some(own.as_path());
    if let Err(error) = (Keys { published: staged, kept }).chain(name) {
        report.wrong(Group::Log, None, Some(&address("vkey")), format!("{error}; what this copy has is kept"));
        return Ok(());
    }
    // The statements before the key they lead to.
    if let Some(rotations) = rotations {
        copy.write(&address("rotations"), &rotations)?;
    }
    copy.write(&address("vkey"), &key)
}

/// The files of a log of `size` entries, the checkpoint apart.
fn tiles(size: u64) -> Vec<String> {
    let mut paths = Vec::new();
    let mut level = |name: &str, count: u64| {
        paths.extend((0..count.div_ceil(TILE)).map(|n| tile_path(name, n, (count - n * TILE).min(TILE))));
    };
    level("entries", size);
    for height in 0..8u32 {
        level(&height.to_string(), size >> (8 * height));
    }
    paths
}

fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    let told = || format!("cannot write {}", file.display());
    std::fs::create_dir_all(file.parent().with_context(told)?).with_context(told)?;
    std::fs::write(file, bytes).with_context(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_example_of_the_specification() {
        let paths = tiles(70_000);
        assert_eq!(paths.len(), 274 + 274 + 2 + 1);
        for path in ["tile/entries/273.p/112", "tile/0/000", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
            assert!(paths.iter().any(|own| own == path), "{path}");
        }
        assert!(tiles(0).is_empty());
        assert_eq!(tiles(256), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    }
}
