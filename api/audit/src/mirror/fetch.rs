//! Files whose digest is known beforehand, fetched once: one that is there is
//! kept, one with the same bytes is linked, one that was cut off goes on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow, bail};

use crate::digest;
use crate::http::{Answer, Client};

/// A file to be had.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its address.
    pub(super) address: String,
    /// Where it goes.
    pub(super) to: PathBuf,
    /// Its size; none when only the digest is known.
    pub(super) bytes: Option<u64>,
    /// SHA-256, hex.
    pub(super) sha256: String,
    /// The largest it may be when the size is not known.
    pub(super) most: u64,
}

/// How it went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Had {
    /// It is in its place, with the right bytes.
    Yes,
    /// The host does not have it.
    Absent,
    /// The host took it away, with its reason.
    Gone(String),
}

/// Fetches files and counts.
pub(super) struct Fetch<'a> {
    client: &'a Client,
    parts: PathBuf,
    link: bool,
    had: Mutex<HashMap<String, PathBuf>>,
    counts: [AtomicU64; 4],
}

const FETCHED: usize = 0;
const BYTES: usize = 1;
const KEPT: usize = 2;
const LINKED: usize = 3;

impl<'a> Fetch<'a> {
    pub(super) fn new(client: &'a Client, work: &Path, link: bool) -> Fetch<'a> {
        Fetch { client, parts: work.join("parts"), link, had: Mutex::default(), counts: Default::default() }
    }

    fn count(&self, what: usize, by: u64) {
        if let Some(count) = self.counts.get(what) {
            count.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// What was done, in words.
    pub(super) fn told(&self) -> String {
        let [fetched, bytes, kept, linked] =
            [0, 1, 2, 3].map(|at: usize| self.counts.get(at).map_or(0, |count| count.load(Ordering::Relaxed)));
        let mut text = format!("{fetched} files of releases fetched, {bytes} bytes");
        if self.link {
            text += &format!("; {kept} were there, {linked} are the same as others");
        }
        text
    }

    fn known(&self, sha256: &str) -> Option<PathBuf> {
        self.had.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(sha256).cloned()
    }

    fn have(&self, wanted: &Wanted) {
        let mut had = self.had.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        had.entry(wanted.sha256.clone()).or_insert_with(|| wanted.to.clone());
    }

    /// Sees to it that a file is in its place.
    ///
    /// # Errors
    /// When the host gives other bytes, breaks off, or the disk refuses.
    pub(super) fn get(&self, wanted: &Wanted) -> Result<Had> {
        let told = || format!("cannot write {}", wanted.to.display());
        let sized = std::fs::symlink_metadata(&wanted.to).ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        if let Some(length) = sized
            && wanted.bytes.is_none_or(|bytes| bytes == length)
            && digest::of_file(&wanted.to).is_ok_and(|(_, sha256)| sha256 == wanted.sha256)
        {
            self.count(KEPT, 1);
            self.have(wanted);
            return Ok(Had::Yes);
        }
        std::fs::create_dir_all(wanted.to.parent().with_context(told)?).with_context(told)?;
        if self.link
            && let Some(same) = self.known(&wanted.sha256)
        {
            let part = self.part(wanted);
            let _ = std::fs::remove_file(&part);
            std::fs::create_dir_all(&self.parts).with_context(told)?;
            if std::fs::hard_link(&same, &part).is_ok() {
                self.place(&part, &wanted.to)?;
                self.count(LINKED, 1);
                return Ok(Had::Yes);
            }
        }
        self.fetch(wanted)
    }

    /// Where the beginning of a file is kept while it is not whole.
    fn part(&self, wanted: &Wanted) -> PathBuf {
        self.parts.join(digest::of(format!("{}\n{}", wanted.address, wanted.sha256).as_bytes()))
    }

    fn place(&self, part: &Path, to: &Path) -> Result<()> {
        let told = || format!("cannot write {}", to.display());
        if self.link {
            durable::rename(part, to, "mirror.file").with_context(told)?;
            // Two links to one file: the rename does nothing, and the part stays.
            let _ = std::fs::remove_file(part);
            Ok(())
        } else {
            std::fs::rename(part, to).with_context(told)
        }
    }

    fn fetch(&self, wanted: &Wanted) -> Result<Had> {
        std::fs::create_dir_all(&self.parts).with_context(|| format!("cannot make {}", self.parts.display()))?;
        let part = self.part(wanted);
        let most = wanted.bytes.unwrap_or(wanted.most);
        let mut from = std::fs::metadata(&part).map_or(0, |metadata| metadata.len());
        if from > most || (wanted.bytes == Some(from) && from > 0 && digest::of_file(&part)?.1 != wanted.sha256) {
            from = 0;
        }
        for _ in 0..3 {
            if from == 0 {
                let _ = std::fs::remove_file(&part);
            }
            if wanted.bytes.is_none() || wanted.bytes != Some(from) || from == 0 {
                match self.more(wanted, &part, from, most)? {
                    None => {}
                    Some(had) => {
                        let _ = std::fs::remove_file(&part);
                        return Ok(had);
                    }
                }
            }
            let (bytes, sha256) = digest::of_file(&part).with_context(|| format!("cannot read {}", part.display()))?;
            if sha256 == wanted.sha256 && wanted.bytes.is_none_or(|wanted| wanted == bytes) {
                self.place(&part, &wanted.to)?;
                self.count(FETCHED, 1);
                self.have(wanted);
                return Ok(Had::Yes);
            }
            if from == 0 {
                let _ = std::fs::remove_file(&part);
                let size = wanted.bytes.map(|bytes| format!("{bytes} bytes with ")).unwrap_or_default();
                return Err(anyhow!("the host gives {bytes} bytes with SHA-256 {sha256}, but it must be {size}SHA-256 {}", wanted.sha256));
            }
            // What was there before belonged to something else: from the start.
            from = 0;
        }
        bail!("{}: could not be fetched whole", wanted.address)
    }

    /// Fetches the rest of a file behind `from` bytes. Something when it is not to be had.
    fn more(&self, wanted: &Wanted, part: &Path, from: u64, most: u64) -> Result<Option<Had>> {
        let told = || format!("cannot write {}", part.display());
        let body = match self.client.get(&wanted.address, "*/*", from)? {
            Answer::Found(body) => body,
            Answer::Absent => return Ok(Some(Had::Absent)),
            Answer::Gone(reason) => return Ok(Some(Had::Gone(reason))),
            // Shorter than what is there: the digest tells, and it starts again.
            Answer::Outside => return Ok(None),
        };
        let start = if body.partial { from } else { 0 };
        let mut file = OpenOptions::new().create(true).append(true).open(part).with_context(told)?;
        file.set_len(start).with_context(told)?;
        durable::fault_point("mirror.part");
        let bytes = body.copy(most.saturating_sub(start), |piece| {
            file.write_all(piece)?;
            Ok(())
        });
        match bytes {
            Ok(bytes) => self.count(BYTES, bytes),
            // Kept for the next time, unless it is too long to be this file.
            Err(error) => {
                if file.metadata().is_ok_and(|metadata| metadata.len() >= most) {
                    let _ = std::fs::remove_file(part);
                }
                return Err(error);
            }
        }
        Ok(None)
    }
}

/// Reads a file of at most `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let told = || format!("cannot read {}", path.display());
    File::open(path).with_context(told)?.take(most + 1).read_to_end(&mut bytes).with_context(told)?;
    if bytes.len() as u64 > most {
        bail!("{} is larger than {most} bytes", path.display());
    }
    Ok(bytes)
}
