//! Release folders against the log: each is there, its manifest is the one that
//! was logged and its district signed, its files are those of the manifest and
//! no others, and the releases of a district name each other in a chain.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use domain::ReleaseId;
use rayon::prelude::*;
use release::{FileEntry, ReleaseFolder};

use super::Sound;
use crate::digest;
use crate::report::{Group, Report, Wrong};
use crate::source::Local;
use crate::trust::{Keys, Signers};

/// Checks everything and leaves in `sound` the releases that are whole.
pub(crate) fn check(local: &Local, keys: Keys<'_>, sound: &mut Sound, report: &mut Report) {
    let mut folders: BTreeMap<ReleaseId, ReleaseFolder> = BTreeMap::new();
    for (release, state) in &sound.states {
        let name = release.to_string();
        let mut wrong = |at: Option<&str>, what: String| report.wrong(Group::Releases, Some(&name), at, what);
        if local.told.contains(&(*release, "manifest.json".to_owned())) {
            continue;
        }
        if !local.present.contains(&name) {
            if state.withdrawn.is_none() {
                wrong(None, "the log holds this release, but it is not here: it was dropped".into());
            }
            continue;
        }
        match ReleaseFolder::open(&local.releases.join(&name)) {
            Err(error) => wrong(Some("manifest.json"), plain(local, error)),
            Ok(folder) if folder.manifest_sha256() != state.manifest_sha256 => {
                let what = format!(
                    "SHA-256 {}, but the log admitted {}: the manifest was changed",
                    folder.manifest_sha256(),
                    state.manifest_sha256
                );
                wrong(Some("manifest.json"), what);
            }
            Ok(folder) if folder.manifest().release != *release => {
                wrong(Some("manifest.json"), format!("this is the manifest of {}", folder.manifest().release));
            }
            Ok(folder) => {
                folders.insert(*release, folder);
            }
        }
    }
    for unknown in local.present.iter().filter(|name| name.parse().map_or(true, |release| !sound.states.contains_key(&release))) {
        report.unchecked(
            Group::Releases,
            format!("{unknown} is here, but not in the log: it is not published, and nothing of it was checked"),
        );
    }
    for (release, at) in &local.strays {
        report.wrong(Group::Releases, Some(release), Some(at), "this file is none that a release has");
    }
    signatures(local, keys, sound, &folders, report);
    chain(sound, &folders, report);
    dates(sound, &folders, report);
    let place = |release: ReleaseId| local.releases.join(release.to_string());
    let files = self::files(place, &local.told, sound, &mut folders, report);
    report.checked(
        Group::Releases,
        format!("{} releases: manifests as logged, signatures, chain, dates, {files} files' sizes and digests", folders.len()),
    );
    sound.folders = folders;
}

/// Checks the files of one release folder by its manifest alone; whether they are right.
pub(crate) fn alone(sound: &mut Sound, report: &mut Report) -> bool {
    let Some(folder) = sound.folders.values().next() else { return false };
    let (release, parent) = (folder.manifest().release, folder.path().to_owned());
    let told = BTreeSet::new();
    let mut folders = std::mem::take(&mut sound.folders);
    let files = files(|_| parent.clone(), &told, sound, &mut folders, report);
    report.checked(Group::Releases, format!("{release}: {files} files' sizes and digests, and no others"));
    sound.folders = folders;
    !sound.folders.is_empty()
}

/// An error without the place of this machine's view of a mirror.
pub(crate) fn plain(local: &Local, error: impl std::fmt::Display) -> String {
    error.to_string().replace(&format!("{}/", local.releases.display()), "")
}

fn signatures(local: &Local, keys: Keys<'_>, sound: &Sound, folders: &BTreeMap<ReleaseId, ReleaseFolder>, report: &mut Report) {
    let mut in_order: Vec<_> = folders.iter().filter_map(|(release, folder)| Some((sound.states.get(release)?.index, folder))).collect();
    in_order.sort_by_key(|(index, _)| *index);
    let signers = Signers::new(
        keys,
        in_order.iter().map(|(_, folder)| {
            let previous = folder.manifest().previous.as_ref().map(|previous| previous.manifest_sha256.as_str());
            (folder.manifest().release, folder.manifest_sha256(), previous)
        }),
    );
    for (release, folder) in folders {
        if local.told.contains(&(*release, "manifest.sig".to_owned())) {
            continue;
        }
        let checked = folder.signature().map_err(|error| plain(local, error));
        if let Err(error) = checked.and_then(|note| signers.check(*release, &note, folder.manifest_sha256())) {
            report.wrong(Group::Releases, Some(&release.to_string()), Some("manifest.sig"), error);
        }
    }
}

/// Each release names the one before it as it was logged, and no two the same.
fn chain(sound: &Sound, folders: &BTreeMap<ReleaseId, ReleaseFolder>, report: &mut Report) {
    let mut after: BTreeMap<(domain::AreaCode, Option<ReleaseId>), ReleaseId> = BTreeMap::new();
    let mut in_order: Vec<_> =
        folders.iter().filter_map(|(release, folder)| Some((sound.states.get(release)?.index, release, folder))).collect();
    in_order.sort_by_key(|(index, ..)| *index);
    for (_, release, folder) in in_order {
        let name = release.to_string();
        let previous = folder.manifest().previous.as_ref();
        if let Some(previous) = previous {
            let what = match sound.states.get(&previous.release) {
                None => Some("is not in the log".to_owned()),
                Some(state) if state.manifest_sha256 != previous.manifest_sha256 => {
                    Some(format!("has the manifest {} in the log, and {} here", state.manifest_sha256, previous.manifest_sha256))
                }
                Some(_) if previous.release.district() != release.district() => Some("is of another district".to_owned()),
                Some(_) => None,
            };
            if let Some(what) = what {
                report.wrong(
                    Group::Releases,
                    Some(&name),
                    Some("manifest.json"),
                    format!("the release before it, {}, {what}", previous.release),
                );
            }
        }
        // Whether a withdrawn release stays a link is for its successor to say.
        if sound.states.get(release).is_some_and(|state| state.withdrawn.is_some()) {
            continue;
        }
        let before = previous.map(|previous| previous.release);
        if let Some(other) = after.insert((release.district(), before), *release) {
            let named = before.map_or_else(|| "none".to_owned(), |before| before.to_string());
            let what = format!("names {named} as the release before it, as {other} does: a release was dropped from the chain");
            report.wrong(Group::Releases, Some(&name), Some("manifest.json"), what);
        }
    }
}

/// What was made before it was admitted, of a month that had ended or was ending.
fn dates(sound: &Sound, folders: &BTreeMap<ReleaseId, ReleaseFolder>, report: &mut Report) {
    for (release, folder) in folders {
        let made = &folder.manifest().created_at;
        let Some(state) = sound.states.get(release) else { continue };
        // Both are in UTC to the second, so text compares as time.
        if made.get(..19) > state.at.get(..19) {
            let what = format!("made at {made}, after the log admitted it at {}", state.at);
            report.wrong(Group::Releases, Some(&release.to_string()), Some("manifest.json"), what);
        }
    }
}

/// Sizes and digests, and that there is no other file. A release with a wrong
/// file leaves `folders`; gives the number of files that are right.
fn files(
    place: impl Fn(ReleaseId) -> PathBuf + Sync,
    told: &BTreeSet<(ReleaseId, String)>,
    sound: &Sound,
    folders: &mut BTreeMap<ReleaseId, ReleaseFolder>,
    report: &mut Report,
) -> usize {
    let jobs: Vec<(ReleaseId, &FileEntry)> =
        folders.iter().flat_map(|(release, folder)| folder.manifest().files.iter().map(|entry| (*release, entry))).collect();
    // Repeated editions are links to the same files.
    let known: Mutex<Known> = Mutex::default();
    let found: Vec<Option<Wrong>> = jobs
        .par_iter()
        .map(|(release, entry)| {
            if told.contains(&(*release, entry.path.clone())) {
                return None;
            }
            let path = place(*release).join(&entry.path);
            one(&path, entry, &known).err().filter(|_| !may_be_gone(sound, folders, *release, entry, &path)).map(|what| Wrong {
                group: Group::Releases,
                release: Some(release.to_string()),
                at: Some(entry.path.clone()),
                what,
            })
        })
        .collect();
    let files = found.iter().filter(|one| one.is_none()).count();
    let harmless = |path: &str| path.starts_with("data/corrections.") || path == "manifest.sig";
    let mut bad: Vec<ReleaseId> = told.iter().filter(|(_, path)| !harmless(path)).map(|(release, _)| *release).collect();
    for ((release, _), wrong) in jobs.iter().zip(found) {
        if let Some(wrong) = wrong {
            report.found(wrong);
            bad.push(*release);
        }
    }
    for (release, folder) in folders.iter() {
        let mut names = Vec::new();
        list(folder.path(), "", 0, &mut names);
        for (name, is_file) in names {
            let known = name == "manifest.json" || name == "manifest.sig" || folder.manifest().files.iter().any(|entry| entry.path == name);
            if !known || !is_file {
                let what = if known { "not a plain file" } else { "this file is not in the manifest" };
                report.wrong(Group::Releases, Some(&release.to_string()), Some(&name), what);
            }
        }
    }
    bad.into_iter().for_each(|release| drop(folders.remove(&release)));
    files
}

/// Corrections of an issue that was withdrawn later are taken away with it.
fn may_be_gone(sound: &Sound, folders: &BTreeMap<ReleaseId, ReleaseFolder>, release: ReleaseId, entry: &FileEntry, path: &Path) -> bool {
    let corrects = folders.get(&release).and_then(|folder| folder.manifest().correction.as_ref());
    entry.path.starts_with("data/corrections.")
        && !path.exists()
        && corrects.is_some_and(|correction| sound.states.get(&correction.of).is_some_and(|state| state.withdrawn.is_some()))
}

/// Sizes and digests by device and number of the file.
type Known = HashMap<(u64, u64), (u64, String)>;

fn one(path: &Path, entry: &FileEntry, known: &Mutex<Known>) -> Result<(), String> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "the manifest names it, but it is not here".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let metadata = std::fs::metadata(path).map_err(told)?;
    if !metadata.is_file() {
        return Err("not a plain file".to_owned());
    }
    if metadata.len() != entry.bytes {
        return Err(format!("changed: {} bytes, but the manifest says {}", metadata.len(), entry.bytes));
    }
    let id = (metadata.dev(), metadata.ino());
    let lock = || known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = lock().get(&id).cloned();
    let (bytes, sha256) = match before {
        Some(before) => before,
        None => {
            let found = digest::of_file(path).map_err(told)?;
            lock().insert(id, found.clone());
            found
        }
    };
    if (bytes, &sha256) == (entry.bytes, &entry.sha256) {
        Ok(())
    } else {
        Err(format!("changed: SHA-256 {sha256}, but the manifest says {}", entry.sha256))
    }
}

/// Every file below a folder, and whether it is one.
fn list(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<(String, bool)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().take(10_000) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match std::fs::metadata(entry.path()) {
            Ok(kind) if kind.is_dir() && depth < 4 && !entry.file_type().is_ok_and(|kind| kind.is_symlink()) => {
                list(&entry.path(), &format!("{name}/"), depth + 1, names);
            }
            kind => names.push((name, kind.is_ok_and(|kind| kind.is_file()))),
        }
    }
}
