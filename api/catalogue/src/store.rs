//! Where the catalogue is kept, and how a reader gets at one version of it.
//!
//! An SQLite catalogue is never changed in place: a reader of a file that is
//! being changed fails or misses data after a crash. A new version is a new
//! file `catalogue-N.sqlite` (N is the version), complete and fsynced before it
//! gets its name; then the one-line file `current` is replaced. PostgreSQL
//! changes in one transaction, and its readers ask inside a snapshot.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use diesel::prelude::*;

use crate::connection::{self, AnyConnection};
use crate::data::DataFolder;
use crate::held::Held;
use crate::pool::{Figures, Pool};
use crate::queries::recipients::Edition;
use crate::queries::releases::Releases;
use crate::schema::log_entries;
use crate::servers::Servers;

/// The file that names the current SQLite catalogue.
pub(crate) const CURRENT: &str = "current";

/// Connections to an SQLite file, and how long a question waits for one.
const FILES: (usize, Duration) = (4, Duration::from_secs(5));

/// Which database holds the catalogue.
#[derive(Clone)]
pub enum Store {
    /// Files in this folder.
    Sqlite(PathBuf),
    /// A server, and replicas of it.
    Postgresql(Servers),
}

impl std::fmt::Debug for Store {
    /// Without URLs, which may hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Store::Sqlite(folder) => write!(f, "SQLite in {}", folder.display()),
            Store::Postgresql(servers) => servers.fmt(f),
        }
    }
}

/// Whether a URL names a PostgreSQL server.
fn is_postgresql(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Store {
    /// The store for a data folder: SQLite in its folder `catalogue` unless
    /// `url` names a PostgreSQL server (`postgres://`, `postgresql://`) or
    /// another folder (`sqlite:PATH`).
    ///
    /// # Errors
    /// When the URL has another scheme.
    pub fn of(data: &DataFolder, url: Option<&str>) -> Result<Store> {
        match url.map(str::trim).filter(|url| !url.is_empty()) {
            None => Ok(Store::Sqlite(data.catalogue())),
            Some(url) if is_postgresql(url) => Ok(Store::Postgresql(Servers::new(url, &[]))),
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) if !path.is_empty() => Ok(Store::Sqlite(PathBuf::from(path))),
                _ => bail!("the catalogue's URL must start with postgres://, postgresql:// or sqlite: (the folder of the files)"),
            },
        }
    }

    /// The same, read from replicas where these hold what is asked for.
    /// `replicas` are URLs separated by commas; one URL may name several hosts,
    /// separated by commas, too.
    ///
    /// # Errors
    /// When one is no URL of a PostgreSQL server, or this store is none.
    pub fn with_replicas(self, replicas: &str) -> Result<Store> {
        let mut urls: Vec<String> = Vec::new();
        for part in replicas.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match urls.last_mut() {
                _ if is_postgresql(part) => urls.push(part.to_owned()),
                // A further host of the URL before.
                Some(last) if !part.contains("://") => last.extend([",", part]),
                _ => bail!("a replica's URL must start with postgres:// or postgresql://"),
            }
        }
        match self {
            _ if urls.is_empty() => Ok(self),
            Store::Postgresql(servers) => Ok(Store::Postgresql(Servers::new(servers.primary(), &urls))),
            Store::Sqlite(_) => bail!("replicas belong to a catalogue in PostgreSQL; name its primary as the catalogue"),
        }
    }

    /// The version that answers now; `None` while there is no catalogue.
    ///
    /// # Errors
    /// When the store is there but cannot be read.
    pub fn version(&self) -> Result<Option<u64>> {
        Ok(self.stamp()?.map(|stamp| stamp.version))
    }

    /// What stands now; `None` while there is no catalogue. Cheap: the server
    /// asks twice a second.
    ///
    /// # Errors
    /// When the store is there but cannot be read.
    pub fn stamp(&self) -> Result<Option<Stamp>> {
        self.stamp_after(None)
    }

    fn stamp_after(&self, known: Option<Stamp>) -> Result<Option<Stamp>> {
        match self {
            Store::Sqlite(folder) => match current(folder)? {
                Some((version, path)) => Ok(Some(Stamp { version, withdrawn: 0, build: build_of(&path)? })),
                None => Ok(None),
            },
            Store::Postgresql(servers) => {
                servers.look();
                servers.newest(known)
            }
        }
    }

    /// A reader of the version that stands now; `None` while there is no
    /// catalogue.
    ///
    /// # Errors
    /// When the store is there but cannot be read, or was made by other software.
    pub fn reader(&self) -> Result<Option<Reader>> {
        match self {
            Store::Sqlite(folder) => match current(folder)? {
                None => Ok(None),
                Some((_, path)) => Reader::of_file(&path).map(Some),
            },
            Store::Postgresql(servers) => {
                servers.look();
                match servers.newest(None)? {
                    None => Ok(None),
                    Some(stamp) => Reader::of_servers(servers, stamp).map(Some),
                }
            }
        }
    }
}

/// A version, and which build of it: rebuilding gives the same answers, but the
/// numbers inside the database may be others, so a reader must begin anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The version.
    pub version: u64,
    /// The version that last withdrew a release; 0 where that does not matter.
    pub(crate) withdrawn: u64,
    pub(crate) build: u64,
}

/// A file is another build when it is another file.
fn build_of(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).with_context(|| path.display().to_string())?;
    Ok(file.ino().rotate_left(32) ^ file.mtime_nsec().unsigned_abs() ^ file.mtime().unsigned_abs())
}

/// The version and file that `current` names.
pub(crate) fn current(folder: &Path) -> Result<Option<(u64, PathBuf)>> {
    let path = folder.join(CURRENT);
    let name = match std::fs::read_to_string(&path) {
        Ok(name) => name,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let name = name.trim();
    match version_in(name) {
        Some(version) => Ok(Some((version, folder.join(name)))),
        None => bail!("{}: expected catalogue-N.sqlite; run `bansos-api rebuild`", path.display()),
    }
}

/// The version in the name of a catalogue file.
pub(crate) fn version_in(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("catalogue-")?.strip_suffix(".sqlite")?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The version a database holds; `None` when it has no tables yet or no entry.
pub(crate) fn version_of(connection: &mut AnyConnection) -> Result<Option<u64>> {
    if connection::form(connection)? != connection::Form::Known {
        return Ok(None);
    }
    let version: Option<i64> = log_entries::table.select(diesel::dsl::max(log_entries::version)).first(connection)?;
    Ok(version.and_then(|version| u64::try_from(version).ok()))
}

/// The catalogue does not answer now; asking again later may help.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue does not answer: {0}")]
pub struct Unavailable(String);

impl Unavailable {
    pub(crate) fn new(why: impl Into<String>) -> Unavailable {
        Unavailable(why.into())
    }
}

/// The connections of a reader, of all servers together, at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolState {
    /// Connections that are open.
    pub open: u32,
    /// Of these, nobody asks anything.
    pub idle: u32,
    /// Most that may be open.
    pub most: u32,
    /// Questions that had to wait for a connection, since the pool was made.
    pub waits: u64,
    /// Questions that none came free for in time.
    pub timeouts: u64,
}

/// Where a reader asks.
enum Source {
    File(Pool),
    Servers(Servers),
}

/// A reader of one version: its releases and the editions that are asked for in
/// memory, the rest through a small pool of connections.
pub struct Reader {
    source: Source,
    held: Held,
    releases: Releases,
    stamp: Stamp,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("version", &self.releases.version()).finish_non_exhaustive()
    }
}

impl Reader {
    fn of_file(path: &Path) -> Result<Reader> {
        let build = build_of(path)?;
        let file = path.to_owned();
        let pool = Pool::new(FILES.0, FILES.1, move || connection::open_immutable(&file));
        // All at once, so that none is opened later that a rebuild has put in
        // the place of this one.
        pool.fill().context("the catalogue does not open")?;
        let releases = {
            let mut lent = pool.get().map_err(|error| Unavailable::new(error.to_string()))?;
            let connection = lent.connection()?;
            if !connection::form(connection)?.readable()? {
                bail!("{}: holds no catalogue; run `bansos-api rebuild`", path.display());
            }
            Releases::load(connection)?
        };
        let stamp = Stamp { version: releases.version(), withdrawn: 0, build };
        Ok(Reader { source: Source::File(pool), held: Held::default(), releases, stamp })
    }

    fn of_servers(servers: &Servers, wanted: Stamp) -> Result<Reader> {
        let asked = servers.begin(Some(wanted))?;
        let stamp = asked.stamp;
        let releases = asked.end(Releases::load)?;
        Ok(Reader { source: Source::Servers(servers.clone()), held: Held::default(), releases, stamp })
    }

    /// What it reads.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The version it reads: the number of log entries loaded.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.releases.version()
    }

    /// Every release and log entry.
    #[must_use]
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// What stands in the store now: what this reader reads, or what should be
    /// read in its place.
    ///
    /// # Errors
    /// As [`Store::stamp`].
    pub fn stored(&self, store: &Store) -> Result<Option<Stamp>> {
        store.stamp_after(Some(self.stamp))
    }

    /// The connections behind it: of the file, or of each server.
    #[must_use]
    pub fn pools(&self) -> Vec<Figures> {
        match &self.source {
            Source::File(pool) => vec![pool.figures("file", true, Some(self.version()))],
            Source::Servers(servers) => servers.figures(),
        }
    }

    /// The same, added up.
    #[must_use]
    pub fn pool(&self) -> PoolState {
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.pools().iter().fold(PoolState::default(), |sum, one| PoolState {
            open: sum.open + narrow(one.open),
            idle: sum.idle + narrow(one.idle),
            most: sum.most + narrow(one.most),
            waits: sum.waits + one.waits,
            timeouts: sum.timeouts + one.timeouts,
        })
    }

    /// The rows of an edition, by its number; from memory where it is held, else
    /// read from the database, which blocks.
    ///
    /// # Errors
    /// As [`Reader::ask`].
    pub fn edition(&self, id: i64) -> Result<Arc<Edition>> {
        self.held.get(id, || self.ask(|connection| Edition::load(connection, id)))
    }

    /// The rows of an edition where they are held. Does not block.
    #[must_use]
    pub fn edition_held(&self, id: i64) -> Option<Arc<Edition>> {
        self.held.ready(id)
    }

    /// Asks the database, all within one snapshot of it. Blocks.
    ///
    /// # Errors
    /// [`Unavailable`] when no server answers that holds this version, or no
    /// connection comes free; or whatever `ask` gives.
    pub fn ask<T>(&self, ask: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        match &self.source {
            // A file that never changes is one snapshot.
            Source::File(pool) => {
                let mut lent = pool.get().map_err(|error| Unavailable::new(error.to_string()))?;
                ask(lent.connection()?)
            }
            Source::Servers(servers) => servers.begin(Some(self.stamp))?.end(ask),
        }
    }
}
