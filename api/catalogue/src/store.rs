//! Where the catalogue is kept, and how a reader gets at one version of it.
//!
//! An SQLite catalogue is never changed in place: a reader of a file that is
//! being changed fails or misses data after a crash. A new version is a new
//! file `catalogue-N.sqlite` (N is the version), complete and fsynced before it
//! gets its name; then the one-line file `current` is replaced. PostgreSQL
//! changes in one transaction, and its readers ask inside a snapshot.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use diesel::prelude::*;
use diesel::r2d2::event::{CheckoutEvent, HandleEvent, TimeoutEvent};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};

use crate::connection::{self, AnyConnection};
use crate::data::DataFolder;
use crate::held::Held;
use crate::queries::recipients::Edition;
use crate::queries::releases::Releases;
use crate::schema::log_entries;

/// The file that names the current SQLite catalogue.
pub(crate) const CURRENT: &str = "current";

/// A connection that is free is given within this.
const WAITED: Duration = Duration::from_millis(1);

/// Which database holds the catalogue.
#[derive(Clone)]
pub enum Store {
    /// Files in this folder.
    Sqlite(PathBuf),
    /// A server, by URL.
    Postgresql(String),
}

impl std::fmt::Debug for Store {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Store::Sqlite(folder) => write!(f, "SQLite in {}", folder.display()),
            Store::Postgresql(_) => f.write_str("PostgreSQL"),
        }
    }
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
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Store::Postgresql(url.to_owned())),
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) if !path.is_empty() => Ok(Store::Sqlite(PathBuf::from(path))),
                _ => bail!("the catalogue's URL must start with postgres://, postgresql:// or sqlite: (the folder of the files)"),
            },
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
        match self {
            Store::Sqlite(folder) => match current(folder)? {
                Some((version, path)) => Ok(Some(Stamp { version, build: build_of(&path)? })),
                None => Ok(None),
            },
            Store::Postgresql(url) => stamp_of(&mut connection::open_postgresql(url)?),
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
                Some((_, path)) => Reader::open(Source::Sqlite(path)),
            },
            Store::Postgresql(url) => Reader::open(Source::Postgresql(url.clone())),
        }
    }
}

/// A version, and which build of it: rebuilding gives the same answers, but the
/// numbers inside the database may be others, so a reader must begin anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The version.
    pub version: u64,
    build: u64,
}

/// A file is another build when it is another file.
fn build_of(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).with_context(|| path.display().to_string())?;
    Ok(file.ino().rotate_left(32) ^ file.mtime_nsec().unsigned_abs() ^ file.mtime().unsigned_abs())
}

/// PostgreSQL marks each row with the transaction that wrote it: a rebuild
/// writes the first log entry again.
fn stamp_of(connection: &mut AnyConnection) -> Result<Option<Stamp>> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        version: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        build: i64,
    }
    if !connection::is_migrated(connection)? {
        return Ok(None);
    }
    let found: Option<Found> = diesel::sql_query(
        "SELECT (SELECT MAX(version) FROM log_entries) AS version, xmin::text::bigint AS build FROM log_entries WHERE version = 1",
    )
    .get_result(connection)
    .optional()?;
    found.map(|found| Ok(Stamp { version: u64::try_from(found.version)?, build: found.build.unsigned_abs() })).transpose()
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
    if !connection::is_migrated(connection)? {
        return Ok(None);
    }
    let version: Option<i64> = log_entries::table.select(diesel::dsl::max(log_entries::version)).first(connection)?;
    Ok(version.and_then(|version| u64::try_from(version).ok()))
}

#[derive(Debug, Clone)]
enum Source {
    Sqlite(PathBuf),
    Postgresql(String),
}

/// What r2d2 needs to make connections to one source.
#[derive(Debug)]
pub struct Manager(Source);

/// A connection could not be made or is broken.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ManagerError(String);

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = ManagerError;

    fn connect(&self) -> Result<AnyConnection, ManagerError> {
        match &self.0 {
            Source::Sqlite(path) => connection::open_immutable(path),
            Source::Postgresql(url) => connection::open_postgresql(url),
        }
        .map_err(|error| ManagerError(format!("{error:#}")))
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), ManagerError> {
        connection.ping().map_err(|error| ManagerError(error.to_string()))
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        R2D2Connection::is_broken(connection)
    }
}

/// The catalogue does not answer now; asking again later may help.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue does not answer: {0}")]
pub struct Unavailable(String);

/// A pool of connections, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// Connections that are open.
    pub open: u32,
    /// Of these, nobody asks anything.
    pub idle: u32,
    /// Most that may be open.
    pub most: u32,
    /// Questions that had to wait for a connection, since this reader opened.
    pub waits: u64,
    /// Questions that none came free for in time.
    pub timeouts: u64,
}

#[derive(Debug, Default)]
struct Waited {
    waits: AtomicU64,
    timeouts: AtomicU64,
}

/// Counts what questions have to wait for.
#[derive(Debug)]
struct Events(Arc<Waited>);

impl HandleEvent for Events {
    fn handle_checkout(&self, event: CheckoutEvent) {
        if event.duration() > WAITED {
            self.0.waits.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn handle_timeout(&self, _: TimeoutEvent) {
        self.0.timeouts.fetch_add(1, Ordering::Relaxed);
    }
}

/// A reader of one version: its releases and the editions that are asked for in
/// memory, the rest through a small pool of connections.
pub struct Reader {
    pool: Pool<Manager>,
    waited: Arc<Waited>,
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
    fn open(source: Source) -> Result<Option<Reader>> {
        let file = match &source {
            Source::Sqlite(path) => Some(build_of(path)?),
            Source::Postgresql(_) => None,
        };
        let waited = Arc::new(Waited::default());
        let pool = Pool::builder()
            .event_handler(Box::new(Events(waited.clone())))
            .max_size(if file.is_some() { 4 } else { 8 })
            // Files are all opened at once, so that none is opened later that
            // a rebuild has put in the place of this one.
            .min_idle(if file.is_some() { None } else { Some(1) })
            .test_on_check_out(file.is_none())
            .connection_timeout(Duration::from_secs(5))
            .build(Manager(source))
            .context("the catalogue does not open")?;
        let mut connection = pool.get().context("the catalogue does not open")?;
        if !connection::is_migrated(&mut connection)? {
            bail!("the catalogue is of another version of this software; run `bansos-api rebuild`");
        }
        let (releases, stamp) = consistent(&mut connection, |connection| {
            let releases = Releases::load(connection)?;
            let stamp = match file {
                Some(build) => Some(Stamp { version: releases.version(), build }),
                None => stamp_of(connection)?,
            };
            Ok((releases, stamp))
        })?;
        drop(connection);
        Ok(stamp.filter(|_| releases.version() > 0).map(|stamp| Reader { pool, waited, held: Held::default(), releases, stamp }))
    }

    /// How its pool of connections stands.
    #[must_use]
    pub fn pool(&self) -> PoolState {
        let state = self.pool.state();
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PoolState {
            open: state.connections,
            idle: state.idle_connections,
            most: self.pool.max_size(),
            waits: load(&self.waited.waits),
            timeouts: load(&self.waited.timeouts),
        }
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

    /// What stands in the store now; asked through a connection that is open
    /// already, where there is one to open.
    ///
    /// # Errors
    /// As [`Store::stamp`].
    pub fn stored(&self, store: &Store) -> Result<Option<Stamp>> {
        match store {
            Store::Sqlite(_) => store.stamp(),
            Store::Postgresql(_) => stamp_of(&mut *self.connection()?),
        }
    }

    fn connection(&self) -> Result<PooledConnection<Manager>> {
        self.pool.get().map_err(|error| Unavailable(error.to_string()).into())
    }

    /// Asks the database, all within one snapshot of it. Blocks.
    ///
    /// # Errors
    /// [`Unavailable`] when no connection comes free, or whatever `ask` gives.
    pub fn ask<T>(&self, ask: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let mut connection = self.connection()?;
        consistent(&mut connection, |connection| {
            if matches!(connection, AnyConnection::Postgresql(_))
                && stamp_of(connection)?.is_none_or(|stamp| stamp.build != self.stamp.build)
            {
                return Err(Unavailable("the catalogue was rebuilt; the next answer reads the new one".to_owned()).into());
            }
            ask(connection)
        })
    }
}

/// Runs `ask` so that all its queries see one state. An immutable file needs
/// nothing; PostgreSQL needs a snapshot.
fn consistent<T>(connection: &mut AnyConnection, ask: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
    if matches!(connection, AnyConnection::Sqlite(_)) {
        return ask(connection);
    }
    connection.transaction(|connection| {
        use diesel::connection::SimpleConnection;
        connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        ask(connection)
    })
}
