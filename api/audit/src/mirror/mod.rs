//! Copying what a host publishes into a folder with the same paths, so that any
//! file server can serve the copy and anyone can audit it without network.
//!
//! The log is looked at first and written last: its checkpoint in the copy is
//! the promise that all it names lies there, checked. A copy that is cut off
//! keeps the checkpoint it had, and goes on where it was. What the host signs
//! is checked as it comes; a log that does not continue the remembered one is
//! refused, and kept apart as evidence.

mod crawl;
mod fetch;
mod history;
mod releases;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::ReleaseId;
use release::log::Log;

use crate::http::Client;
use crate::report::{Group, Report};
use fetch::Fetch;

/// Where a copy keeps what is not finished, and what it refused.
const WORK: &str = ".mirror";
/// How often the copy starts again because the host admitted a release meanwhile.
const ROUNDS: u32 = 4;
/// Descriptions of the whole host.
const DOCUMENTS: [&str; 3] = ["/datapackage.json", "/catalog.jsonld", "/.well-known/api-catalog"];
/// The largest of them.
const LARGEST_DOCUMENT: u64 = 256 << 20;

/// A copy in a folder.
struct Copy<'a> {
    client: &'a Client,
    folder: PathBuf,
    fetch: Fetch<'a>,
    /// For good, or to be thrown away after an audit of the host, which must look
    /// at every address and goes on where something is wrong.
    lasting: bool,
}

/// What an audit of a host needs to know of the copy it made.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// What was found on the way.
    pub(crate) report: Report,
    /// Files of releases that were reported already.
    pub(crate) told: BTreeSet<(ReleaseId, String)>,
    /// Whether a log came that can be read.
    pub(crate) log: bool,
}

/// Copies the host at `address` into `folder`, which is new, empty, or an
/// earlier copy of the same host. With `keys`, signatures are checked by the
/// `.vkey` files in that folder, else by those that came with the first copy.
///
/// # Errors
/// When the host does not answer as one, or the folder cannot be used; what is
/// wrong with what came is in the report.
pub fn mirror(address: &str, folder: &Path, keys: Option<&Path>) -> Result<Report> {
    let client = Client::new(address)?;
    let (folder, lock) = open(folder)?;
    let mut copy = Copy { client: &client, fetch: Fetch::new(&client, &folder.join(WORK), true), folder, lasting: true };
    let mut report = Report::new(&format!("{} into {}", client.address(), copy.folder.display()));
    for round in 1.. {
        let Some(begun) = history::stage(&copy, keys, &mut report)? else { return Ok(report) };
        let log = Log::open(&begun.folder)?;
        releases::copy(&mut copy, &log, keys, &mut report, &mut BTreeSet::new())?;
        crawl::site(&copy, &mut report)?;
        documents(&copy, &mut report)?;
        if client.whole(history::CHECKPOINT, history::LARGEST)?.as_ref() == Some(&begun.checkpoint) {
            if report.good {
                history::keep(&copy, &begun)?;
                report.checked(Group::Mirror, format!("{}; the copy is whole: {} entries of the log", copy.fetch.told(), log.size()));
                remove(&copy.folder.join(WORK))?;
            } else {
                report.unchecked(
                    Group::Mirror,
                    "the copy is not finished: its checkpoint stays as it was until all that the log names is right",
                );
            }
            drop(lock);
            return Ok(report);
        }
        if round == ROUNDS {
            bail!("the log of {} grew {ROUNDS} times while it was copied; what came is kept, try again", client.address());
        }
        // Lines of the round before would be told twice.
        report = Report::new(&report.subject);
    }
    Ok(report)
}

/// Copies what an audit of a host looks at into `folder`, which is empty and
/// not kept. Every address is asked for, though bytes repeat.
pub(crate) fn for_audit(client: &Client, folder: &Path, keys: Option<&Path>, site: bool) -> Result<Fetched> {
    let mut copy = Copy { client, fetch: Fetch::new(client, &folder.join(WORK), false), folder: folder.to_owned(), lasting: false };
    let mut fetched = Fetched::default();
    let Some(begun) = history::stage(&copy, keys, &mut fetched.report)? else { return Ok(fetched) };
    let log = Log::open(&begun.folder)?;
    releases::copy(&mut copy, &log, keys, &mut fetched.report, &mut fetched.told)?;
    if site {
        crawl::site(&copy, &mut fetched.report)?;
    }
    history::keep(&copy, &begun)?;
    fetched.log = true;
    fetched.report.checked(Group::Mirror, copy.fetch.told());
    Ok(fetched)
}

/// Opens or makes the folder of a copy, for one process at a time.
fn open(folder: &Path) -> Result<(PathBuf, std::fs::File)> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("cannot open {}", folder.display()))?;
    let work = folder.join(WORK);
    let known = work.is_dir() || folder.join("log/checkpoint").is_file() && folder.join("v1").is_dir();
    let empty = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?.next().is_none();
    if !known && !empty {
        bail!("{} holds other things: give a new folder, or an earlier copy", folder.display());
    }
    std::fs::create_dir_all(&work).with_context(|| format!("cannot write in {}", folder.display()))?;
    let path = work.join("lock");
    let lock = std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if lock.try_lock().is_err() {
        bail!("another process is copying into {}", folder.display());
    }
    sweep(&folder)?;
    Ok((folder, lock))
}

/// Removes what a killed copy was writing.
fn sweep(folder: &Path) -> Result<()> {
    let told = || format!("cannot tidy {}", folder.display());
    durable::remove_unfinished(folder).with_context(told)?;
    for entry in std::fs::read_dir(folder).with_context(told)? {
        let entry = entry.with_context(told)?;
        if entry.file_type().with_context(told)?.is_dir() {
            sweep(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The descriptions of the whole host, where it has them.
fn documents(copy: &Copy<'_>, report: &mut Report) -> Result<()> {
    for path in DOCUMENTS {
        match copy.client.whole(path, LARGEST_DOCUMENT)? {
            Some(bytes) => copy.write(path, &bytes)?,
            None => report.unchecked(Group::Mirror, format!("{path}: this host has none")),
        }
    }
    Ok(())
}

impl Copy<'_> {
    /// Where the file of an address lies in the copy.
    fn file(&self, address: &str) -> Result<PathBuf> {
        let file = crate::place::file_of(address).with_context(|| format!("{address:?} has no name that is safe on a disk"))?;
        Ok(self.folder.join(file))
    }

    /// Puts the bytes of an address into their place, at once and lasting.
    fn write(&self, address: &str, bytes: &[u8]) -> Result<()> {
        let file = self.file(address)?;
        if std::fs::read(&file).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        let told = || format!("cannot write {}", file.display());
        let parent = file.parent().with_context(told)?;
        std::fs::create_dir_all(parent).with_context(told)?;
        if self.lasting { durable::write_file(&file, bytes, 0o644, "mirror.write") } else { std::fs::write(&file, bytes) }
            .with_context(told)
    }
}
