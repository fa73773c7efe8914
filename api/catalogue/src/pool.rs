//! A small pool of connections that fails at once where nothing can be opened,
//! and after a short wait where all are in use. (r2d2 lets every caller wait out
//! its whole patience while a server is away, and opens again in the background
//! at intervals of its own.)

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::connection::AnyConnection;

/// How many connections a pool has, and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Which source: `file`, `primary`, `replica-1`, …
    pub source: String,
    /// Whether it answered when it was last asked.
    pub up: bool,
    /// The version it held then.
    pub version: Option<u64>,
    /// Connections that are open.
    pub open: usize,
    /// Those of them that wait for a question.
    pub idle: usize,
    /// Questions that wait for a connection.
    pub waiting: usize,
    /// Questions that had to wait for one, since the pool was made.
    pub waits: u64,
    /// Questions that none came free for in time.
    pub timeouts: u64,
    /// Most connections at once.
    pub most: usize,
}

/// Opens one connection.
type Open = Box<dyn Fn() -> Result<AnyConnection> + Send + Sync>;

pub(crate) struct Pool {
    open: Open,
    most: usize,
    patience: Duration,
    inner: Mutex<Inner>,
    freed: Condvar,
}

#[derive(Default)]
struct Inner {
    idle: Vec<AnyConnection>,
    open: usize,
    waiting: usize,
    waits: u64,
    timeouts: u64,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NoneFree {
    /// It could not be opened.
    Closed(anyhow::Error),
    /// All are in use.
    Busy(usize),
}

impl std::fmt::Display for NoneFree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoneFree::Closed(error) => write!(f, "{error:#}"),
            NoneFree::Busy(most) => write!(f, "all {most} connections are in use"),
        }
    }
}

impl Pool {
    /// A pool of at most `most` connections; who finds them all in use waits `patience`.
    pub(crate) fn new(most: usize, patience: Duration, open: impl Fn() -> Result<AnyConnection> + Send + Sync + 'static) -> Pool {
        Pool { open: Box::new(open), most, patience, inner: Mutex::default(), freed: Condvar::new() }
    }

    /// Opens all connections now.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut inner = self.lock();
        while inner.open < self.most {
            inner.idle.push((self.open)()?);
            inner.open += 1;
        }
        Ok(())
    }

    /// A connection: one that is idle, else a new one, else the first that comes free.
    pub(crate) fn get(&self) -> Result<Lent<'_>, NoneFree> {
        let until = Instant::now() + self.patience;
        let mut inner = self.lock();
        let mut waited = false;
        loop {
            if let Some(connection) = inner.idle.pop() {
                return Ok(Lent { pool: self, connection: Some(connection), fresh: false });
            }
            if inner.open < self.most {
                inner.open += 1;
                drop(inner);
                // Gives its place back if opening fails.
                let mut lent = Lent { pool: self, connection: None, fresh: true };
                lent.connection = Some((self.open)().map_err(NoneFree::Closed)?);
                return Ok(lent);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                inner.timeouts += 1;
                return Err(NoneFree::Busy(self.most));
            }
            if !waited {
                (waited, inner.waits) = (true, inner.waits + 1);
            }
            inner.waiting += 1;
            inner = self.freed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
            inner.waiting -= 1;
        }
    }

    /// Closes those that are idle: the server they lead to has gone.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.open -= inner.idle.len();
        let idle = std::mem::take(&mut inner.idle);
        drop(inner);
        drop(idle);
        self.freed.notify_all();
    }

    pub(crate) fn figures(&self, source: &str, up: bool, version: Option<u64>) -> Figures {
        let inner = self.lock();
        Figures {
            source: source.to_owned(),
            up,
            version,
            open: inner.open,
            idle: inner.idle.len(),
            waiting: inner.waiting,
            waits: inner.waits,
            timeouts: inner.timeouts,
            most: self.most,
        }
    }

    /// Nothing panics while it is held, so a poisoned one is sound.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan.
pub(crate) struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<AnyConnection>,
    /// Whether it was opened for this loan.
    pub(crate) fresh: bool,
}

impl Lent<'_> {
    /// The connection.
    pub(crate) fn connection(&mut self) -> Result<&mut AnyConnection> {
        self.connection.as_mut().ok_or_else(|| anyhow::anyhow!("the connection was closed"))
    }

    /// Closes it instead of giving it back.
    pub(crate) fn spoil(&mut self) {
        self.connection = None;
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut inner = self.pool.lock();
        match self.connection.take() {
            // Whoever panicked may have left a transaction open.
            Some(connection) if !std::thread::panicking() => inner.idle.push(connection),
            _ => inner.open -= 1,
        }
        drop(inner);
        self.pool.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn pool(most: usize) -> (Pool, &'static AtomicUsize) {
        let opened: &'static AtomicUsize = Box::leak(Box::default());
        let pool = Pool::new(most, Duration::from_millis(500), move || {
            opened.fetch_add(1, Ordering::SeqCst);
            use diesel::Connection;
            Ok(AnyConnection::Sqlite(diesel::sqlite::SqliteConnection::establish(":memory:")?))
        });
        (pool, opened)
    }

    fn state(pool: &Pool) -> (usize, usize, usize) {
        let figures = pool.figures("file", true, None);
        (figures.open, figures.idle, figures.waiting)
    }

    #[test]
    fn connections_are_used_again_and_bounded() {
        let (pool, opened) = pool(2);
        drop(pool.get().unwrap());
        let one = pool.get().unwrap();
        assert!(!one.fresh);
        let two = pool.get().unwrap();
        assert_eq!((opened.load(Ordering::SeqCst), state(&pool)), (2, (2, 0, 0)));
        assert!(matches!(pool.get(), Err(NoneFree::Busy(2))));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pool.get().is_ok());
            std::thread::sleep(Duration::from_millis(10));
            drop(one);
            assert!(waiting.join().unwrap());
        });
        drop(two);
        assert_eq!(state(&pool), (2, 2, 0));
        pool.clear();
        assert_eq!(state(&pool), (0, 0, 0));
    }

    #[test]
    fn a_panic_a_failure_and_a_broken_one_give_their_place_back() {
        let (pool, opened) = pool(1);
        std::thread::scope(|scope| {
            let panicked = scope.spawn(|| {
                let _lent = pool.get().unwrap();
                panic!("on purpose");
            });
            assert!(panicked.join().is_err());
        });
        assert_eq!(state(&pool), (0, 0, 0));
        pool.get().unwrap().spoil();
        assert_eq!((opened.load(Ordering::SeqCst), state(&pool)), (2, (0, 0, 0)));
        let closed = Pool::new(1, Duration::from_secs(60), || anyhow::bail!("away"));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(matches!(closed.get(), Err(NoneFree::Closed(_))));
        }
        assert!(start.elapsed() < Duration::from_secs(30), "a source that is away must not be waited for");
        assert_eq!(state(&closed), (0, 0, 0));
    }
}
