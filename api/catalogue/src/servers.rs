//! The PostgreSQL servers that hold one catalogue: the primary, which is written
//! to, and replicas of it.
//!
//! Each is asked what it holds twice a second, by a thread of its own, so that
//! one that hangs delays nobody. A question goes to a replica that holds the
//! version asked for, else to the next one, else to the primary; what a server
//! really holds is asked once more inside the snapshot that answers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::connection::{self, AnyConnection};
use crate::pool::{Figures, Lent, NoneFree, Pool};
use crate::store::{Stamp, Unavailable};

/// Connections to each server.
const CONNECTIONS: usize = 8;
/// How long a question waits for one of them.
const WAIT: Duration = Duration::from_secs(3);
/// How long a look at the servers waits for those that are slow.
const LOOK: Duration = Duration::from_secs(2);
/// A server that said nothing for so long is taken for away.
const SILENCE: Duration = Duration::from_secs(6);

/// What a transaction that answers begins with: all its queries see one state.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The servers of one catalogue.
#[derive(Clone)]
pub struct Servers(Arc<Vec<Source>>, Arc<AtomicUsize>);

struct Source {
    name: String,
    url: String,
    pool: Pool,
    health: Mutex<Health>,
    /// The connection that asks what it holds.
    watch: Mutex<Option<AnyConnection>>,
    asking: AtomicBool,
}

/// What is known of a server.
#[derive(Debug, Clone)]
enum Health {
    /// It was never asked.
    Unknown,
    /// It answered then, and held this.
    Up(Option<Stamp>, Instant),
    /// It did not answer, or its tables cannot be read.
    Down(String),
}

impl std::fmt::Debug for Servers {
    /// Without URLs, which may hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let replicas = self.0.len() - 1;
        if replicas == 0 { f.write_str("PostgreSQL") } else { write!(f, "PostgreSQL with {replicas} replicas") }
    }
}

impl Servers {
    /// The servers at these URLs. Nothing is opened yet.
    pub(crate) fn new(primary: &str, replicas: &[String]) -> Servers {
        let source = |name: String, url: &str| {
            let to = url.to_owned();
            Source {
                name,
                url: url.to_owned(),
                pool: Pool::new(CONNECTIONS, WAIT, move || connection::open_reading(&to)),
                health: Mutex::new(Health::Unknown),
                watch: Mutex::new(None),
                asking: AtomicBool::new(false),
            }
        };
        let mut all = vec![source("primary".to_owned(), primary)];
        all.extend(replicas.iter().zip(1..).map(|(url, number)| source(format!("replica-{number}"), url)));
        Servers(Arc::new(all), Arc::default())
    }

    /// The address that is written to.
    pub(crate) fn primary(&self) -> &str {
        &self.0[0].url
    }

    /// Asks every server what it holds.
    pub(crate) fn look(&self) {
        let (done, ended) = mpsc::channel();
        for index in 0..self.0.len() {
            if self.0[index].asking.swap(true, Ordering::AcqRel) {
                continue;
            }
            let (servers, done) = (self.clone(), done.clone());
            let asked = std::thread::Builder::new().name("catalogue-look".to_owned()).spawn(move || {
                let source = &servers.0[index];
                let _asking = Asking(&source.asking);
                source.look();
                let _ = done.send(());
            });
            if asked.is_err() {
                self.0[index].asking.store(false, Ordering::Release);
            }
        }
        drop(done);
        let until = Instant::now() + LOOK;
        while ended.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
    }

    /// What to read from now on, as the last look found it; `known` is what is
    /// read now. The newest version that any server holds; of one version built
    /// twice, the primary's. Only the primary can say that an older one counts:
    /// a replica is older because it lags.
    pub(crate) fn newest(&self, known: Option<Stamp>) -> Result<Option<Stamp>> {
        let (mut up, mut newest, mut why) = (false, None::<Stamp>, String::new());
        for source in self.0.iter() {
            match source.held() {
                Ok(held) => {
                    up = true;
                    if let Some(held) = held
                        && newest.is_none_or(|newest| newest.version < held.version)
                    {
                        newest = Some(held);
                    }
                }
                Err(error) if why.is_empty() => why = format!("{}: {error}", source.name),
                Err(_) => {}
            }
        }
        if !up {
            bail!("{why}");
        }
        match (known, newest) {
            (Some(known), Some(found)) if found.version < known.version && self.0[0].held().is_err() => Ok(Some(known)),
            _ => Ok(newest),
        }
    }

    /// A transaction on a server that holds `wanted` or has grown from it; any
    /// that answers, without. Ended by [`Asked::end`].
    pub(crate) fn begin(&self, wanted: Option<Stamp>) -> Result<Asked<'_>, Unavailable> {
        let mut why = String::new();
        for source in self.in_turn() {
            match source.begin(wanted) {
                Ok(asked) => return Ok(asked),
                Err(error) => {
                    let gap = if why.is_empty() { "" } else { "; " };
                    why.push_str(&format!("{gap}{}: {error}", source.name));
                }
            }
        }
        Err(Unavailable::new(why))
    }

    /// The replicas, each time another one first, and then the primary.
    fn in_turn(&self) -> impl Iterator<Item = &Source> {
        let (primary, replicas) = self.0.split_at(1);
        let turn = self.1.fetch_add(1, Ordering::Relaxed) % replicas.len().max(1);
        replicas[turn..].iter().chain(&replicas[..turn]).chain(primary)
    }

    /// What each server's connections do.
    pub(crate) fn figures(&self) -> Vec<Figures> {
        let one = |source: &Source| {
            let held = source.held();
            let version = held.as_ref().ok().and_then(|held| held.map(|stamp| stamp.version));
            source.pool.figures(&source.name, held.is_ok(), version)
        };
        self.0.iter().map(one).collect()
    }
}

/// Says that a server is being asked, as long as it lives.
struct Asking<'a>(&'a AtomicBool);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Source {
    /// Asks what it holds, through a connection kept for that.
    fn look(&self) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Err(anyhow::anyhow!("not asked"));
        // The one that is open may have been closed at the other end.
        for fresh in [watch.is_none(), true] {
            if fresh {
                match connection::open_reading(&self.url) {
                    Ok(opened) => *watch = Some(opened),
                    Err(error) => {
                        (*watch, found) = (None, Err(error));
                        break;
                    }
                }
            }
            if let Some(connection) = watch.as_mut() {
                found = stamp_of(connection);
            }
            if found.is_ok() {
                break;
            }
            *watch = None;
        }
        match found {
            Ok(held) => self.note(Health::Up(held, Instant::now())),
            Err(error) => self.note(Health::Down(format!("{error:#}"))),
        }
    }

    fn note(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }

    /// What it held when it was last asked, or why that is not known.
    fn held(&self) -> Result<Option<Stamp>, String> {
        match self.health.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Health::Up(held, at) if at.elapsed() < SILENCE => Ok(held),
            Health::Up(..) => Err(format!("has not answered for {} s", SILENCE.as_secs())),
            Health::Down(why) => Err(why),
            Health::Unknown => Err("not asked yet".to_owned()),
        }
    }

    fn begin(&self, wanted: Option<Stamp>) -> Result<Asked<'_>, String> {
        let unknown = matches!(*self.health.lock().unwrap_or_else(PoisonError::into_inner), Health::Unknown);
        if !unknown {
            // One that lags or is away is not asked again before the next look.
            fits(self.held()?, wanted)?;
        }
        loop {
            let mut lent = self.pool.get().map_err(|error| {
                if matches!(error, NoneFree::Closed(_)) {
                    self.note(Health::Down(error.to_string()));
                }
                error.to_string()
            })?;
            let fresh = lent.fresh;
            match started(&mut lent) {
                Ok(found) => match fits(found, wanted) {
                    Ok(stamp) => return Ok(Asked { source: self, lent, stamp }),
                    Err(error) => {
                        if lent.connection().is_ok_and(|connection| connection.batch_execute("ROLLBACK").is_err()) {
                            lent.spoil();
                        }
                        return Err(error);
                    }
                },
                Err(error) => {
                    lent.spoil();
                    drop(lent);
                    self.pool.clear();
                    if fresh {
                        self.note(Health::Down(format!("{error:#}")));
                        return Err(format!("{error:#}"));
                    }
                }
            }
        }
    }
}

fn started(lent: &mut Lent<'_>) -> Result<Option<Stamp>> {
    let connection = lent.connection()?;
    connection.batch_execute(BEGIN)?;
    stamp(connection)
}

/// Whether what a server holds answers for `wanted`. A later version does,
/// unless something was withdrawn in between: its figures are no longer there.
fn fits(held: Option<Stamp>, wanted: Option<Stamp>) -> Result<Stamp, String> {
    let Some(held) = held else { return Err("holds no catalogue".to_owned()) };
    match wanted {
        Some(wanted) if held.build != wanted.build => Err("the catalogue was rebuilt; the next answer reads the new one".to_owned()),
        Some(wanted) if held.version < wanted.version => Err(format!("is at version {}, behind {}", held.version, wanted.version)),
        Some(wanted) if held.withdrawn > wanted.version => {
            Err("a release was withdrawn this moment; the next answer reads the catalogue without it".to_owned())
        }
        _ => Ok(held),
    }
}

/// A transaction on one server.
pub(crate) struct Asked<'a> {
    source: &'a Source,
    lent: Lent<'a>,
    /// What the server holds in it.
    pub(crate) stamp: Stamp,
}

impl Asked<'_> {
    /// Asks, and ends the transaction.
    ///
    /// # Errors
    /// [`Unavailable`] where the server broke off; else whatever `ask` gives.
    pub(crate) fn end<T>(mut self, ask: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let connection = self.lent.connection()?;
        let result = ask(connection);
        let ended = connection.batch_execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" });
        if ended.is_err() {
            self.lent.spoil();
        }
        match result {
            // What was read is whole, even if the line broke afterwards.
            Ok(value) => Ok(value),
            Err(error) if broken_off(&error) => Err(Unavailable::new(format!("{}: {error:#}", self.source.name)).into()),
            Err(error) => {
                if ended.is_err() && error.chain().any(|cause| cause.is::<diesel::result::Error>()) {
                    return Err(Unavailable::new(format!("{}: {error:#}", self.source.name)).into());
                }
                Err(error)
            }
        }
    }
}

/// Whether the server broke a statement off: it took too long, stood in the way
/// of what a replica had to follow, or the server is being stopped.
fn broken_off(error: &anyhow::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).any(|cause| match cause {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(_, told) => {
            told.message().starts_with("canceling statement") || told.message().starts_with("terminating connection")
        }
        _ => false,
    })
}

/// What a database holds; `None` while it holds nothing.
///
/// # Errors
/// When it does not answer, or its tables are in a form that this software
/// does not know.
pub(crate) fn stamp_of(connection: &mut AnyConnection) -> Result<Option<Stamp>> {
    if connection::form(connection)?.readable()? { stamp(connection) } else { Ok(None) }
}

/// The same where the tables are known to be there. PostgreSQL marks each row
/// with the transaction that wrote it: a rebuild writes the first log entry
/// again, and replicas hold the same marks.
fn stamp(connection: &mut AnyConnection) -> Result<Option<Stamp>> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        version: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        withdrawn: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        build: i64,
    }
    let found: Option<Found> = diesel::sql_query(
        "SELECT (SELECT MAX(version) FROM log_entries) AS version, \
         (SELECT COALESCE(MAX(withdrawn_version), 0) FROM releases) AS withdrawn, \
         xmin::text::bigint AS build FROM log_entries WHERE version = 1",
    )
    .get_result(connection)
    .optional()?;
    let read = |found: Found| -> Result<Stamp> {
        Ok(Stamp { version: found.version.try_into()?, withdrawn: found.withdrawn.try_into()?, build: found.build.unsigned_abs() })
    };
    found.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(version: u64, withdrawn: u64, build: u64) -> Stamp {
        Stamp { version, withdrawn, build }
    }

    fn servers(health: [Health; 3]) -> Servers {
        let servers =
            Servers::new("postgres://127.0.0.1:1/x", &["postgres://127.0.0.1:2/x".to_owned(), "postgres://127.0.0.1:3/x".to_owned()]);
        for (source, health) in servers.0.iter().zip(health) {
            source.note(health);
        }
        servers
    }

    fn up(version: u64, build: u64) -> Health {
        Health::Up(Some(stamp(version, 0, build)), Instant::now())
    }

    fn down() -> Health {
        Health::Down("away".to_owned())
    }

    #[test]
    fn what_is_held_answers_for_what_it_grew_from() {
        let wanted = Some(stamp(7, 3, 1));
        assert!(fits(Some(stamp(7, 3, 1)), wanted).is_ok());
        assert!(fits(Some(stamp(9, 3, 1)), wanted).is_ok());
        for held in [None, Some(stamp(6, 3, 1)), Some(stamp(7, 3, 2)), Some(stamp(9, 8, 1))] {
            assert!(fits(held, wanted).is_err(), "{held:?}");
        }
    }

    #[test]
    fn the_newest_version_that_a_server_holds_is_read() {
        let newest = |health, known| servers(health).newest(known).map(|stamp| stamp.map(|stamp| (stamp.version, stamp.build)));
        assert_eq!(newest([up(5, 1), up(4, 1), up(5, 1)], None).unwrap(), Some((5, 1)));
        assert_eq!(newest([down(), up(4, 1), up(5, 1)], None).unwrap(), Some((5, 1)));
        // Built again: the primary's.
        assert_eq!(newest([up(5, 2), up(5, 1), down()], Some(stamp(5, 0, 1))).unwrap(), Some((5, 2)));
        // A lagging replica does not take a reader back; the primary does.
        assert_eq!(newest([down(), up(4, 1), down()], Some(stamp(5, 0, 1))).unwrap(), Some((5, 1)));
        assert_eq!(newest([up(4, 2), up(4, 1), down()], Some(stamp(5, 0, 1))).unwrap(), Some((4, 2)));
        assert!(newest([down(), down(), down()], Some(stamp(5, 0, 1))).is_err());
        let silent = Health::Up(Some(stamp(9, 0, 1)), Instant::now().checked_sub(SILENCE).unwrap());
        assert_eq!(newest([silent, up(4, 1), down()], None).unwrap(), Some((4, 1)));
    }

    #[test]
    fn replicas_come_in_turn_and_the_primary_last() {
        let servers = servers([down(), down(), down()]);
        let order = || servers.in_turn().map(|source| source.name.clone()).collect::<Vec<_>>();
        assert_eq!(order(), ["replica-1", "replica-2", "primary"]);
        assert_eq!(order(), ["replica-2", "replica-1", "primary"]);
        let told = servers.begin(None).err().unwrap().to_string();
        assert!(told.contains("replica-1: away") && told.contains("primary: away"), "{told}");
    }

    #[test]
    fn addresses_are_not_told() {
        let servers = Servers::new("postgres://user:secret@127.0.0.1:1/x", &["postgres://user:secret@127.0.0.1:1/x".to_owned()]);
        assert_eq!(format!("{servers:?}"), "PostgreSQL with 1 replicas");
        servers.look();
        let told = servers.begin(None).err().unwrap().to_string();
        assert!(!told.contains("secret"), "{told}");
    }
}
