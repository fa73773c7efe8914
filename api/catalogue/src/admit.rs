//! The host's side of publishing: admit, withdraw, catch up, rebuild.
//!
//! The log is what was decided; the catalogue only follows it. Admitting is:
//! check and attack, put the folder in its place, append to the log (from here
//! on it is admitted), build the next catalogue. A process killed anywhere
//! before the append has changed nothing that is served; killed after it, the
//! next command of any kind finds the catalogue behind the log and completes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::ReleaseId;
use durable::fault_point;
use release::log::{Action, Log, LogEntry};
use release::{ReleaseFolder, keys};

use crate::connection::{self, AnyConnection, Form};
use crate::data::DataFolder;
use crate::load;
use crate::schema::log_entries;
use crate::store::{CURRENT, Store, current, version_in, version_of};

/// What an admission or withdrawal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The releases that are new in the log.
    pub new: Vec<ReleaseId>,
    /// The releases that were there already, unchanged.
    pub known: Vec<ReleaseId>,
    /// The version that answers now.
    pub version: u64,
}

/// Admits release folders: checks files and signature of each, runs the attacks
/// on them together with all earlier releases of their districts, appends to the
/// log and builds the catalogue. Admitting a folder twice changes nothing.
///
/// # Errors
/// Says which check or attack failed; nothing is then admitted.
pub fn admit(data: &DataFolder, store: &Store, folders: &[PathBuf]) -> Result<Admitted> {
    let _lock = lock(data, store)?;
    follow_log(data, store)?;
    let log = Log::open(&data.log())?;
    let entries = log.entries()?;
    let (mut candidates, mut known) = (Vec::new(), Vec::new());
    for path in folders {
        let folder = ReleaseFolder::open(path)?;
        let release = folder.manifest().release;
        if candidates.iter().any(|other: &ReleaseFolder| other.manifest().release == release) {
            bail!("{release} is named twice");
        }
        match in_log(&entries, release) {
            None => candidates.push(folder),
            Some(Standing::Withdrawn(reason)) => {
                bail!("{release} was withdrawn ({reason}); publish a revision instead");
            }
            Some(Standing::Admitted(sha256)) if sha256 == folder.manifest_sha256() => known.push(release),
            Some(Standing::Admitted(_)) => {
                bail!("{release} is admitted already with another manifest; publish a revision (-r2) instead");
            }
        }
    }
    if candidates.is_empty() {
        return Ok(Admitted { new: Vec::new(), known, version: log.size() });
    }
    for folder in &candidates {
        check(data, &entries, &candidates, folder).with_context(|| format!("{} is not admitted", folder.manifest().release))?;
    }
    attack(data, &entries, &candidates)?;
    for folder in &candidates {
        corrections(data, &entries, &candidates, folder)?;
    }
    let new: Vec<ReleaseId> = candidates.iter().map(|folder| folder.manifest().release).collect();
    let mut actions = Vec::new();
    for folder in &candidates {
        place(data, folder)?;
        actions.push(Action::Admit { release: folder.manifest().release, manifest_sha256: folder.manifest_sha256().to_owned(), at: now() });
    }
    let version = commit(data, store, &actions)?;
    Ok(Admitted { new, known, version })
}

/// Withdraws a release: a log entry, and its figures leave the catalogue. Its
/// folder stays, unserved, for the record.
///
/// # Errors
/// When it was never admitted, was withdrawn already, or the reason is empty.
pub fn withdraw(data: &DataFolder, store: &Store, release: ReleaseId, reason: &str) -> Result<Admitted> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 2_000 {
        bail!("a withdrawal needs a reason of 1 to 2,000 bytes: it is shown to everyone who asks for the release");
    }
    let _lock = lock(data, store)?;
    follow_log(data, store)?;
    let log = Log::open(&data.log())?;
    match in_log(&log.entries()?, release) {
        None => bail!("{release} was never admitted here"),
        Some(Standing::Withdrawn(_)) => return Ok(Admitted { new: Vec::new(), known: vec![release], version: log.size() }),
        Some(Standing::Admitted(_)) => {}
    }
    let version = commit(data, store, &[Action::Withdraw { release, reason: reason.to_owned(), at: now() }])?;
    Ok(Admitted { new: vec![release], known: Vec::new(), version })
}

/// Brings the catalogue to the log's size; gives the version.
///
/// # Errors
/// When a folder the log names is missing or changed.
pub fn catch_up(data: &DataFolder, store: &Store) -> Result<u64> {
    // Nothing to do is the common case, and a host that only serves may not be
    // allowed to write.
    let size = Log::open(&data.log())?.size();
    if size == 0 || store.version().ok().flatten() == Some(size) && is_readable(store) {
        return Ok(size);
    }
    let _lock = lock(data, store)?;
    follow_log(data, store)
}

/// Builds the catalogue from nothing but folders and log; gives the version.
///
/// # Errors
/// When a folder the log names is missing or changed.
pub fn rebuild(data: &DataFolder, store: &Store) -> Result<u64> {
    let _lock = lock(data, store)?;
    let entries = Log::open(&data.log())?.entries()?;
    match store {
        Store::Sqlite(folder) => build_sqlite(data, folder, None, &entries),
        Store::Postgresql(servers) => build_postgresql(data, servers.primary(), true, &entries),
    }
}

/// Builds a catalogue in `scratch` that holds the admitted releases and, as the
/// newest version, the draft at `draft`: what `serve --draft` shows. Neither the
/// log nor the catalogue is touched.
///
/// # Errors
/// When the draft is not a release folder.
pub fn preview(data: &DataFolder, draft: &Path, scratch: &Path) -> Result<Store> {
    let draft = ReleaseFolder::open(draft)?;
    draft.verify()?;
    let log = Log::open(&data.log())?;
    let mut entries = log.entries()?;
    if in_log(&entries, draft.manifest().release).is_some() {
        bail!("{} is admitted already; a draft must be a new release or revision", draft.manifest().release);
    }
    let withdrawn = withdrawn(&entries);
    let mut connection = connection::open_unshared(&scratch.join("building"))?;
    let index = entries.len() as u64;
    connection.transaction::<_, anyhow::Error, _>(|connection| {
        for entry in &entries {
            load::apply(connection, data, entry, None, withdrawn.contains(&entry.action.release()))?;
        }
        let action = Action::Admit { release: draft.manifest().release, manifest_sha256: draft.manifest_sha256().to_owned(), at: now() };
        entries.push(LogEntry { index, action: action.clone() });
        load::apply(connection, data, &LogEntry { index, action }, Some(&draft), false)
    })?;
    drop(connection);
    let name = format!("catalogue-{}.sqlite", index + 1);
    std::fs::rename(scratch.join("building"), scratch.join(&name))?;
    std::fs::write(scratch.join(CURRENT), format!("{name}\n"))?;
    Ok(Store::Sqlite(scratch.to_owned()))
}

/// What the log says of a release.
enum Standing {
    Admitted(String),
    Withdrawn(String),
}

fn in_log(entries: &[LogEntry], release: ReleaseId) -> Option<Standing> {
    entries.iter().rev().find(|entry| entry.action.release() == release).map(|entry| match &entry.action {
        Action::Admit { manifest_sha256, .. } => Standing::Admitted(manifest_sha256.clone()),
        Action::Withdraw { reason, .. } => Standing::Withdrawn(reason.clone()),
    })
}

fn withdrawn(entries: &[LogEntry]) -> BTreeSet<ReleaseId> {
    entries
        .iter()
        .filter_map(|entry| match &entry.action {
            Action::Withdraw { release, .. } => Some(*release),
            Action::Admit { .. } => None,
        })
        .collect()
}

/// One command at a time. The lock lies in the data folder for either store,
/// since the log and the folders are there.
fn lock(data: &DataFolder, store: &Store) -> Result<durable::Lock> {
    std::fs::create_dir_all(data.catalogue()).with_context(|| data.catalogue().display().to_string())?;
    if let Store::Sqlite(folder) = store {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let path = data.catalogue().join("lock");
    durable::Lock::wait(&path).with_context(|| path.display().to_string())
}

/// Files and signature of a candidate: signed by the key that was in force at
/// its place in the district's chain, which its fellow candidates continue.
fn check(data: &DataFolder, entries: &[LogEntry], candidates: &[ReleaseFolder], folder: &ReleaseFolder) -> Result<()> {
    let district = folder.manifest().district;
    let chain = keys::Chain::open(&data.keys(), None, &keys::district(district))?;
    let mut order = keys::Order::default();
    for entry in entries {
        if let Action::Admit { release, manifest_sha256, .. } = &entry.action
            && release.district() == district
        {
            order.push(manifest_sha256, None);
        }
    }
    order.extend(
        candidates
            .iter()
            .filter(|other| other.manifest().district == district)
            .map(|other| (other.manifest_sha256(), other.manifest().previous.as_ref().map(|previous| previous.manifest_sha256.as_str()))),
    );
    folder.verify_signature(chain.in_force(&order, folder.manifest_sha256())?)?;
    folder.verify()?;
    Ok(())
}

/// Puts cosignatures of witnesses whose keys lie in `keys/witness-NAME.vkey` on
/// the log's checkpoint; `now` is in seconds since 1970.
///
/// # Errors
/// When none is of a known witness, or one does not stand over the checkpoint.
pub fn cosign(data: &DataFolder, store: &Store, lines: &[release::log::Line], now: u64) -> Result<Vec<release::witness::Cosigned>> {
    let _lock = lock(data, store)?;
    durable::remove_unfinished(&data.log())?;
    Ok(release::witness::attach(&data.log(), lines, &release::witness::witnesses(&data.keys())?, now)?)
}

/// The gate again: what the district ran before sealing, the host runs before
/// admitting, with every earlier release of the same districts.
fn attack(data: &DataFolder, entries: &[LogEntry], candidates: &[ReleaseFolder]) -> Result<()> {
    let gone = withdrawn(entries);
    let districts: BTreeSet<_> = candidates.iter().map(|folder| folder.manifest().district).collect();
    let earlier: Vec<PathBuf> = entries
        .iter()
        .filter_map(|entry| match &entry.action {
            Action::Admit { release, .. } if districts.contains(&release.district()) => Some(*release),
            _ => None,
        })
        .map(|release| (release, data.release(release)))
        // What was published and then withdrawn is known to the attacker, too.
        .filter(|(release, path)| !gone.contains(release) || path.join("manifest.json").exists())
        .map(|(_, path)| path)
        .collect();
    let earlier = earlier.iter().map(|path| ReleaseFolder::open(path)).collect::<release::Result<Vec<_>>>()?;
    let failures = release::gate::check(candidates, &earlier)?;
    if failures.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = failures.iter().take(20).map(ToString::to_string).collect();
    bail!("the attacks found {} leaks; nothing is admitted:\n{}", failures.len(), lines.join("\n"))
}

/// What public folders alone do not say: whether the issue that a revision
/// corrects stood when it was made. If it did, its figures are told as "before";
/// if it had been withdrawn, they are not told again.
fn corrections(data: &DataFolder, entries: &[LogEntry], candidates: &[ReleaseFolder], folder: &ReleaseFolder) -> Result<()> {
    let manifest = folder.manifest();
    let Some(of) = manifest.correction.as_ref().map(|correction| correction.of) else { return Ok(()) };
    let release = manifest.release;
    let withdrawal = entries.iter().find_map(|entry| match &entry.action {
        Action::Withdraw { release, at, .. } if *release == of => Some(at.parse::<jiff::Timestamp>()),
        _ => None,
    });
    if let Some(withdrawn) = withdrawal {
        let (withdrawn, made) = (withdrawn?, manifest.created_at.parse::<jiff::Timestamp>()?);
        let told = manifest.files.iter().find(|file| file.path == "data/corrections.csv").map_or(0, |file| file.rows);
        if told > 0 && withdrawn < made {
            bail!("{release} tells figures of {of}, which had been withdrawn before it was made; publish it again");
        }
        return Ok(());
    }
    let beside = candidates.iter().find(|other| other.manifest().release == of).cloned();
    let issue = match beside {
        Some(issue) => issue,
        None => ReleaseFolder::open(&data.release(of))?,
    };
    if release::changes::untold(&issue, folder)? {
        bail!("{release} corrects {of} and does not tell which figures changed; publish it again");
    }
    Ok(())
}

/// Puts a folder in its place below `releases`, where it is not served before
/// the log names it.
fn place(data: &DataFolder, folder: &ReleaseFolder) -> Result<()> {
    let release = folder.manifest().release;
    let to = data.release(release);
    if same_place(folder.path(), &to) {
        fault_point("admit.folder.before");
        durable::sync_tree(&to)?;
        fault_point("admit.folder.after");
        return Ok(());
    }
    let releases = data.releases();
    std::fs::create_dir_all(&releases).with_context(|| releases.display().to_string())?;
    let incoming = releases.join(format!(".incoming-{release}"));
    remove(&incoming)?;
    copy(folder.path(), &incoming)?;
    // A folder of this name that the log does not know is what a killed
    // admission left behind.
    remove(&to)?;
    durable::rename(&incoming, &to, "admit.folder").with_context(|| to.display().to_string())
}

fn same_place(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(|| folder.display().to_string()),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| entry.path().display().to_string())?;
        }
    }
    Ok(())
}

/// Appends to the log, which decides, and follows it.
fn commit(data: &DataFolder, store: &Store, actions: &[Action]) -> Result<u64> {
    let key = keys::secret(&data.keys(), keys::LOG)?;
    std::fs::create_dir_all(data.log()).with_context(|| data.log().display().to_string())?;
    fault_point("admit.log.before");
    release::log::append(&data.log(), actions, &key)?;
    fault_point("admit.log.after");
    follow_log(data, store)
}

fn is_readable(store: &Store) -> bool {
    matches!(store.reader(), Ok(Some(_)))
}

/// Brings the catalogue to the log's size. The caller holds the lock.
fn follow_log(data: &DataFolder, store: &Store) -> Result<u64> {
    let log = Log::open(&data.log())?;
    match store {
        Store::Sqlite(folder) => {
            let base = match current(folder)? {
                Some((version, path)) if path.exists() && is_readable(store) => {
                    if version > log.size() {
                        bail!(
                            "the catalogue is at version {version}, the log at {}: put the log back, or run `bansos-api rebuild`",
                            log.size()
                        );
                    }
                    Some((version, path))
                }
                // Lost, or of other software: from the folders again.
                _ => None,
            };
            if base.as_ref().map_or(0, |(version, _)| *version) == log.size() {
                return Ok(log.size());
            }
            build_sqlite(data, folder, base.map(|(_, path)| path), &log.entries()?)
        }
        Store::Postgresql(servers) => {
            if log.size() == 0 {
                // Said before anything is appended to the log.
                if let Some(version) = store.version()? {
                    bail!("the catalogue is at version {version}, the log is empty: put the log back, or name another database");
                }
                return Ok(0);
            }
            build_postgresql(data, servers.primary(), false, &log.entries()?)
        }
    }
}

/// Writes the catalogue of the whole log beside the current one and repoints
/// `current`. `base` is a catalogue to start from.
fn build_sqlite(data: &DataFolder, folder: &Path, base: Option<PathBuf>, entries: &[LogEntry]) -> Result<u64> {
    for left in std::fs::read_dir(folder)?.flatten() {
        if left.file_name().to_string_lossy().starts_with(".building") {
            std::fs::remove_file(left.path())?;
        }
    }
    let building = folder.join(".building.sqlite");
    if let Some(base) = &base {
        std::fs::copy(base, &building).with_context(|| base.display().to_string())?;
    }
    let mut connection = connection::open_unshared(&building)?;
    let version = version_of(&mut connection)?.unwrap_or(0);
    connection.transaction(|connection| apply_from(connection, data, version, entries))?;
    if base.is_none() || entries.iter().skip(usize::try_from(version)?).any(|entry| matches!(entry.action, Action::Withdraw { .. })) {
        // A withdrawn figure is not left behind in free pages.
        connection.batch_execute("VACUUM")?;
    }
    connection.batch_execute("PRAGMA optimize")?;
    drop(connection);
    let version = entries.len() as u64;
    let name = format!("catalogue-{version}.sqlite");
    durable::rename(&building, &folder.join(&name), "admit.catalogue")?;
    durable::write_file(&folder.join(CURRENT), format!("{name}\n").as_bytes(), 0o644, "admit.current")?;
    prune(folder, version)?;
    Ok(version)
}

/// Removes old catalogues but the one before: a server may still be opening it.
fn prune(folder: &Path, version: u64) -> Result<()> {
    let mut old: Vec<(u64, PathBuf)> = std::fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| Some((version_in(entry.file_name().to_str()?)?, entry.path())))
        .filter(|(other, _)| *other != version)
        .collect();
    old.sort_unstable_by_key(|(version, _)| std::cmp::Reverse(*version));
    for (_, path) in old.iter().skip(1) {
        std::fs::remove_file(path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Hosts that share a database take turns by this number.
const ADVISORY_LOCK: i64 = 0x6261_6e73_6f73;

/// Every table of the catalogue.
const TABLES: [&str; 10] = ["log_entries", "releases", "files", "editions", "lists", "atoms", "series", "cells", "pools", "pool_members"];

/// Applies what is missing in one transaction, migrations among it; `anew`
/// empties the tables first. Readers see what was there until it is done.
fn build_postgresql(data: &DataFolder, url: &str, anew: bool, entries: &[LogEntry]) -> Result<u64> {
    let mut connection = connection::open_postgresql(url)?;
    connection.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
    let before = connection.transaction::<_, anyhow::Error, _>(|connection| {
        let form = connection::form(connection)?;
        // A migration adds columns; only the folders know what stands in them.
        let anew = anew || form == Form::Older;
        if matches!(form, Form::Newer(_)) {
            form.readable()?;
        }
        connection::migrate(connection)?;
        if anew {
            // Not TRUNCATE, which readers would have to wait for.
            for table in TABLES {
                connection.batch_execute(&format!("DELETE FROM {table}"))?;
            }
        }
        let last: Option<(i64, String, String)> = log_entries::table
            .select((log_entries::version, log_entries::release_name, log_entries::at))
            .order(log_entries::version.desc())
            .first(connection)
            .optional()?;
        let version = match last {
            None => 0,
            Some((version, release, at)) => {
                let version = u64::try_from(version)?;
                let Some(entry) = usize::try_from(version)?.checked_sub(1).and_then(|index| entries.get(index)) else {
                    bail!(
                        "the catalogue is at version {version}, the log at {}: put the log back, or run `bansos-api rebuild`",
                        entries.len()
                    );
                };
                if entry.action.release().to_string() != release || at_of(&entry.action) != at {
                    bail!(
                        "entry {version} of the catalogue's log is {release} of {at}, of this log {} of {}: the database belongs to \
                         another log; name another database, or run `bansos-api rebuild`",
                        entry.action.release(),
                        at_of(&entry.action)
                    );
                }
                version
            }
        };
        apply_from(connection, data, version, entries)?;
        fault_point("admit.commit.before");
        Ok(version)
    })?;
    fault_point("admit.commit.after");
    if before < entries.len() as u64 {
        // Counts read indexes alone only where the table is known to be clean;
        // and a withdrawn figure is not left behind. Nothing depends on it.
        for table in TABLES {
            let _ = connection.batch_execute(&format!("VACUUM (ANALYZE) {table}"));
        }
    }
    // The lock goes with the connection.
    Ok(entries.len() as u64)
}

fn at_of(action: &Action) -> &str {
    match action {
        Action::Admit { at, .. } | Action::Withdraw { at, .. } => at,
    }
}

fn apply_from(connection: &mut AnyConnection, data: &DataFolder, version: u64, entries: &[LogEntry]) -> Result<()> {
    let gone = withdrawn(entries);
    for entry in entries.iter().skip(usize::try_from(version)?) {
        load::apply(connection, data, entry, None, gone.contains(&entry.action.release()))?;
    }
    Ok(())
}

/// Now, RFC 3339, UTC, to the second.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
