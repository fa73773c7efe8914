//! Files of releases in other codings (br, zstd, gzip), kept ready beside the
//! releases so that nothing is compressed while somebody waits.
//!
//! They lie in `DATA/encoded/SOURCE/CODED.ENDING`, where SOURCE is the SHA-256
//! of the plain file and CODED that of the coded one. A folder gets its name
//! when all codings of a file are in it, so it is whole or not there. Nothing is
//! fsynced: a name says what the bytes must be, and whatever a power cut or a bad
//! disk leaves is found when a server first opens it ([`Encoded::ready`]) and
//! not served. All of it can be deleted at any time; plain files are then
//! served until a command of the host makes it again.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result, bail};
use catalogue::queries::releases::{Release, Releases, files_of};
use catalogue::{DataFolder, Store};
use dataset::dictionary;
use sha2::{Digest, Sha256};

use crate::negotiate::Coding;
use crate::signed::{place, taken_back};

/// Files below this size fit in one packet as they are.
const SMALLEST: u64 = 1400;
/// How the name of a folder begins that is being filled.
const UNFINISHED: &str = ".tmp-";
/// Releases whose files are asked for at once.
const BATCH: usize = 200;
/// Files whose digest was checked that a server remembers.
const REMEMBERED: usize = 1 << 16;

/// The coded files of a data folder.
#[must_use]
pub fn folder(data: &DataFolder) -> PathBuf {
    data.path().join("encoded")
}

/// Whether a file of this name is worth coding: the other forms are
/// compressed inside.
#[must_use]
pub fn compresses(name: &str) -> bool {
    matches!(name.rsplit_once('.').map(|(_, ending)| ending), Some("csv" | "ndjson" | "geojson" | "json"))
}

const fn ending(coding: Coding) -> &'static str {
    match coding {
        Coding::Brotli => "br",
        Coding::Zstd => "zst",
        Coding::Gzip => "gz",
        Coding::Identity => "plain",
    }
}

/// A file in a coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The coding.
    pub coding: Coding,
    /// Where it lies.
    pub path: PathBuf,
    /// What its SHA-256 must be, hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// The coded files of a source, the smallest first; none where there are none.
fn variants(folder: &Path, source: &str) -> Vec<Variant> {
    let Ok(entries) = std::fs::read_dir(folder.join(source)) else { return Vec::new() };
    let mut found: Vec<Variant> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (sha256, word) = name.split_once('.')?;
            let coding = Coding::ALL.into_iter().find(|coding| *coding != Coding::Identity && ending(*coding) == word)?;
            let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
            is_digest(sha256).then(|| Variant { coding, path: entry.path(), sha256: sha256.to_owned(), bytes })
        })
        .collect();
    found.sort_by_key(|one| (one.bytes, one.coding.as_str()));
    found
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The SHA-256 of a file, hex.
fn digest_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut sha256, mut buffer) = (File::open(path)?, Sha256::new(), vec![0u8; 1 << 17]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(release::hex(&sha256.finalize())),
            n => sha256.update(&buffer[..n]),
        }
    }
}

/// The coded files as a server sees them.
#[derive(Debug)]
pub struct Encoded {
    folder: PathBuf,
    /// Files that were hashed, by path and what changes with the file.
    checked: Mutex<HashMap<String, Arc<OnceLock<bool>>>>,
}

impl Encoded {
    /// The coded files in a folder, which need not be there.
    #[must_use]
    pub fn new(folder: PathBuf) -> Encoded {
        Encoded { folder, checked: Mutex::default() }
    }

    /// The coded files of a source that are ready, the smallest first. Blocks.
    #[must_use]
    pub fn variants(&self, source: &str) -> Vec<Variant> {
        if is_digest(source) { variants(&self.folder, source) } else { Vec::new() }
    }

    /// Opens a coded file, if its bytes are those it was made of: they are
    /// hashed when the file is first opened, and again when it became another.
    /// A damaged file is taken away, so that it is made again. Blocks.
    #[must_use]
    pub fn ready(&self, variant: &Variant) -> Option<File> {
        use std::os::unix::fs::MetadataExt;
        let file = File::open(&variant.path).ok()?;
        let seen = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let key = format!("{} {} {} {} {}", variant.path.display(), seen.ino(), seen.len(), seen.mtime(), seen.mtime_nsec());
        let once = {
            let mut checked = self.checked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if checked.len() >= REMEMBERED {
                checked.clear();
            }
            checked.entry(key).or_default().clone()
        };
        // Others who ask for the same file wait here instead of hashing it, too.
        let right = *once.get_or_init(|| {
            let right = digest_of(&variant.path).is_ok_and(|found| found == variant.sha256);
            if !right {
                tracing::error!(path = %variant.path.display(), "a coded file is damaged; the plain one is served");
                if let Some(folder) = variant.path.parent() {
                    let _ = std::fs::remove_dir_all(folder);
                }
            }
            right
        });
        right.then_some(file)
    }
}

/// What [`follow`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Files that were coded.
    pub made: usize,
    /// Their bytes, plain.
    pub bytes: u64,
    /// Folders that were removed, since no release that stands names their file.
    pub removed: usize,
}

/// Makes what is missing for the releases that stand, and removes what belongs
/// to none of them. With `check`, what is there is hashed and made again when
/// damaged.
///
/// # Errors
/// When the folder cannot be written, or the catalogue does not answer. What
/// was made until then stays, and is right.
pub fn follow(data: &DataFolder, store: &Store, check: bool) -> Result<Done> {
    let Some(reader) = store.reader()? else { return Ok(Done::default()) };
    let folder = folder(data);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let _lock = durable::Lock::wait(&folder.join("lock")).with_context(|| folder.display().to_string())?;
    durable::fault_point("encoded.before");
    let mut done = Done::default();
    let mut named = BTreeSet::new();
    let releases = reader.releases();
    let standing: Vec<&Release> = releases.all().iter().filter(|one| one.withdrawn.is_none()).collect();
    for batch in standing.chunks(BATCH) {
        for (source, path) in sources(&reader, releases, batch, data)? {
            if !named.insert(source.clone()) {
                continue;
            }
            let place = folder.join(&source);
            if check && variants(&folder, &source).iter().any(|one| digest_of(&one.path).is_ok_and(|found| found != one.sha256)) {
                remove(&place)?;
            }
            if !place.exists() {
                // A file that was changed is left alone: it is not what was admitted.
                match make(&folder, &source, &path) {
                    Ok(bytes) => (done.made, done.bytes) = (done.made + 1, done.bytes + bytes),
                    Err(error) => tracing::warn!(error = format!("{error:#}"), path = %path.display(), "a file was not coded"),
                }
            }
        }
    }
    for entry in std::fs::read_dir(&folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(UNFINISHED) || is_digest(&name) && !named.contains(&name) {
            remove(&entry.path())?;
            done.removed += 1;
        }
    }
    durable::fault_point("encoded.after");
    Ok(done)
}

/// The files of some releases that are worth coding: SHA-256 and place.
fn sources(reader: &catalogue::Reader, all: &Releases, batch: &[&Release], data: &DataFolder) -> Result<Vec<(String, PathBuf)>> {
    let ids: Vec<i64> = batch.iter().map(|one| one.id).collect();
    let files = reader.ask(|connection| files_of(connection, &ids))?;
    let mut found = Vec::new();
    for one in batch {
        let at = data.release(one.release);
        let hidden = taken_back(all, one).is_some();
        found.push((one.manifest_sha256.clone(), at.join("manifest.json")));
        for file in files.iter().filter(|file| file.release_id == one.id) {
            let corrections = place(&file.path).is_some_and(|(dataset, _)| dataset == dictionary::CORRECTIONS.name);
            if compresses(&file.path) && u64::try_from(file.bytes)? >= SMALLEST && !(hidden && corrections) && is_digest(&file.sha256) {
                found.push((file.sha256.clone(), at.join(&file.path)));
            }
        }
    }
    Ok(found)
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(|| path.display().to_string()),
        _ => Ok(()),
    }
}

/// Makes all codings of a file, each in a thread of its own, and gives them
/// their name; gives the size of the plain file.
fn make(folder: &Path, source: &str, path: &Path) -> Result<u64> {
    let into = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder)?;
    let at = into.path();
    let codings = [Coding::Brotli, Coding::Gzip, Coding::Zstd];
    let made: Vec<Result<u64>> = std::thread::scope(|scope| {
        let threads = codings.map(|coding| scope.spawn(move || encode(at, source, path, coding)));
        threads.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a coder panicked"))).collect()
    });
    let bytes = made.into_iter().collect::<Result<Vec<u64>>>()?;
    // Made for one user only, which a server may not be.
    std::fs::set_permissions(at, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    match std::fs::rename(at, folder.join(source)) {
        // Nothing is left to be removed under the old name.
        Ok(()) => drop(into.keep()),
        Err(error) => return Err(error.into()),
    }
    Ok(bytes.first().copied().unwrap_or(0))
}

/// Writes one coding of a file, if it is smaller, under its digest. Fails when
/// the file is not what its digest says.
fn encode(into: &Path, source: &str, path: &Path, coding: Coding) -> Result<u64> {
    let unfinished = into.join(ending(coding));
    let mut reader = BufReader::with_capacity(1 << 17, File::open(path)?);
    let out = File::create_new(&unfinished)?;
    let (mut plain, mut bytes) = (Sha256::new(), 0u64);
    let mut pump = |coder: &mut dyn Write| -> std::io::Result<()> {
        let mut buffer = vec![0u8; 1 << 17];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(()),
                n => {
                    plain.update(&buffer[..n]);
                    bytes += n as u64;
                    coder.write_all(&buffer[..n])?;
                }
            }
        }
    };
    let coded = coding.encode_to(Digesting { out, sha256: Sha256::new(), bytes: 0, failed: false }, &mut pump)?;
    let found = release::hex(&plain.finalize());
    if found != source {
        bail!("it has SHA-256 {found}, the release says {source}");
    }
    // A coder may keep an error of its last bytes to itself.
    if coded.failed {
        bail!("its {} coding could not be written", coding.as_str());
    }
    if coded.bytes < bytes {
        let name = format!("{}.{}", release::hex(&coded.sha256.finalize()), ending(coding));
        std::fs::rename(&unfinished, into.join(name))?;
    } else {
        std::fs::remove_file(&unfinished)?;
    }
    Ok(bytes)
}

/// Counts and digests what is written.
struct Digesting {
    out: File,
    sha256: Sha256,
    bytes: u64,
    failed: bool,
}

impl Write for Digesting {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(buffer).inspect_err(|error| self.failed |= error.kind() != std::io::ErrorKind::Interrupted)?;
        self.sha256.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> (tempfile::TempDir, PathBuf, String) {
        let folder = tempfile::tempdir().unwrap();
        let (path, source) = (folder.path().join("a.csv"), release::sha256_hex(text.as_bytes()));
        std::fs::write(&path, text).unwrap();
        make(folder.path(), &source, &path).unwrap();
        (folder, path, source)
    }

    #[test]
    fn every_coding_gives_the_same_bytes_back_and_the_same_file_each_time() {
        let text = "area,program,value\n36.71.01,PKH,12\n".repeat(4000);
        let (folder, path, source) = made(&text);
        let first = variants(folder.path(), &source);
        assert_eq!(first.len(), 3);
        for one in &first {
            let coded = std::fs::read(&one.path).unwrap();
            assert_eq!(release::sha256_hex(&coded), one.sha256);
            let mut plain = Vec::new();
            match one.coding {
                Coding::Brotli => drop(brotli::Decompressor::new(&coded[..], 4096).read_to_end(&mut plain).unwrap()),
                Coding::Gzip => drop(flate2::read::GzDecoder::new(&coded[..]).read_to_end(&mut plain).unwrap()),
                Coding::Zstd => plain = zstd::decode_all(&coded[..]).unwrap(),
                Coding::Identity => unreachable!(),
            }
            assert!(plain == text.as_bytes(), "{:?}", one.coding);
        }
        std::fs::remove_dir_all(folder.path().join(&source)).unwrap();
        make(folder.path(), &source, &path).unwrap();
        assert_eq!(variants(folder.path(), &source), first);
    }

    #[test]
    fn a_damaged_file_is_not_ready_and_is_taken_away() {
        let (folder, _, source) = made(&"a,b\n1,2\n".repeat(5000));
        let encoded = Encoded::new(folder.path().to_owned());
        let all = encoded.variants(&source);
        assert!(encoded.ready(&all[0]).is_some());
        let mut bytes = std::fs::read(&all[0].path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&all[0].path, bytes).unwrap();
        assert!(encoded.ready(&all[0]).is_none());
        assert!(encoded.variants(&source).is_empty());
        assert!(Encoded::new(folder.path().to_owned()).ready(&all[0]).is_none());
    }

    #[test]
    fn what_is_not_what_was_signed_is_not_coded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a,b\n".repeat(1000)).unwrap();
        let error = make(folder.path(), &"0".repeat(64), &path).unwrap_err();
        assert!(error.to_string().contains("the release says"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of it");
    }

    #[test]
    fn only_plain_names_are_looked_for() {
        let encoded = Encoded::new(PathBuf::from("/"));
        for source in ["", "..", "../..", "etc", &"g".repeat(64)] {
            assert!(encoded.variants(source).is_empty());
        }
        assert!(compresses("data/a.csv") && compresses("b.geojson"));
        assert!(!compresses("a.parquet") && !compresses("a.xlsx") && !compresses("manifest.sig"));
    }
}
