//! What is remembered of clients, in a table of fixed size.
//!
//! A map from address to state grows with the number of addresses, and a flood
//! comes from as many as it likes. Every bound on such a map is a lever: forget
//! the oldest and the flood gives everybody their quota back, take nobody new
//! and it locks everybody else out, share a state per /24 or /48 and one bad
//! neighbour refuses thousands of phones behind a carrier's address.
//!
//! So there is no map. As in a count-min sketch, a client has one number in each
//! of four rows, found by a hash that is seeded at the start and so unknown
//! outside; the smallest of the four counts. Others who happen to share one of
//! them can only make that one larger, and a client is held back by strangers
//! only if all four are. A number is the time at which its quota is whole again,
//! so what is past has been forgotten already: nothing is ever pruned, pushed
//! out or reset.
//!
//! How much strangers cost: 50,000 requests a second from ever new addresses,
//! more than the server answers, put 0.8 requests a second on each number, of
//! the five that a quota of 300 a minute gives back. Ten thousand addresses
//! that each use such a quota up for ever make one number in seven useless, and
//! hold back one other client in 2,300.

use std::array;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::{Clock, DefaultClock, Reference};
use governor::nanos::Nanos;
use governor::state::StateStore;

/// Numbers that a client has.
const ROWS: usize = 4;
/// Numbers in a row: 16 bits of the hash find one.
const ROW: usize = 1 << 16;
/// Two requests of one client at once wait for each other; those of others
/// seldom do.
const STRIPES: usize = 256;

/// Who asks for what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The limiter's number: one client's quotas have nothing in common.
    pub limiter: u8,
    /// The client.
    pub client: IpAddr,
}

struct Table {
    rows: [Box<[AtomicU64]>; ROWS],
    stripes: [Mutex<()>; STRIPES],
    seed: RandomState,
    clock: DefaultClock,
    start: <DefaultClock as Clock>::Instant,
}

/// The table; clones share it. Times in it count from each limiter's start,
/// and limiters that share a table start within the same moment.
#[derive(Clone)]
pub struct Sketch(Arc<Table>);

impl Sketch {
    /// A table in which everybody has everything.
    pub fn new() -> Sketch {
        let clock = DefaultClock::default();
        Sketch(Arc::new(Table {
            rows: array::from_fn(|_| std::iter::repeat_with(AtomicU64::default).take(ROW).collect()),
            stripes: array::from_fn(|_| Mutex::default()),
            seed: RandomState::new(),
            start: clock.now(),
            clock,
        }))
    }

    /// Bytes of the table.
    pub fn bytes(&self) -> usize {
        ROWS * ROW * size_of::<AtomicU64>() + size_of::<Table>()
    }

    /// About how many keys have not everything: from how many numbers of a row
    /// are in use, of those that were put there by chance.
    pub fn tracked(&self) -> u64 {
        let now = self.0.clock.now().duration_since(self.0.start).as_u64();
        let used = self.0.rows[0].iter().filter(|number| number.load(Ordering::Relaxed) > now).count();
        let (row, free) = (ROW as f64, (ROW - used).max(1) as f64);
        (row * (row / free).ln()).round() as u64
    }
}

impl StateStore for Sketch {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let table = &*self.0;
        let hash = table.seed.hash_one(key);
        let numbers: [&AtomicU64; ROWS] = array::from_fn(|row| &table.rows[row][(hash >> (16 * row)) as usize % ROW]);
        let _turn = table.stripes[hash as usize % STRIPES].lock().unwrap_or_else(PoisonError::into_inner);
        let known = numbers.iter().map(|number| number.load(Ordering::Relaxed)).min().unwrap_or(0);
        let (told, next) = decide((known != 0).then(|| Nanos::from(known)))?;
        for number in numbers {
            // Never made smaller: it may be another's, too.
            number.fetch_max(next.as_u64(), Ordering::Relaxed);
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> Key {
        Key { limiter: 0, client: IpAddr::V4(n.into()) }
    }

    fn known(sketch: &Sketch, key: &Key) -> Option<u64> {
        sketch.measure_and_replace(key, |known| Err::<((), Nanos), _>(known.map(|known| known.as_u64()))).unwrap_err()
    }

    fn set(sketch: &Sketch, key: &Key, to: u64) {
        sketch.measure_and_replace(key, |_| Ok::<_, ()>(((), Nanos::from(to)))).unwrap();
    }

    #[test]
    fn a_key_finds_what_it_left_and_never_less() {
        let sketch = Sketch::new();
        assert_eq!(known(&sketch, &key(1)), None);
        for n in 1..2000 {
            set(&sketch, &key(n), u64::from(n));
        }
        for n in 1..2000 {
            assert!(known(&sketch, &key(n)) >= Some(u64::from(n)), "{n}");
        }
    }

    #[test]
    fn strangers_seldom_meet_in_every_row() {
        let sketch = Sketch::new();
        for n in 0..10_000 {
            set(&sketch, &key(n), u64::MAX);
        }
        let met = (0..100_000).filter(|n| known(&sketch, &key(1_000_000 + n)).is_some()).count();
        assert!(met < 200, "{met} of 100,000: expected one in 2,300");
        let tracked = sketch.tracked();
        assert!((9_500..10_500).contains(&tracked), "{tracked}");
    }

    #[test]
    fn one_client_at_once_is_counted_once_each() {
        let sketch = Sketch::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        let next = |known: Option<Nanos>| Ok::<_, ()>(((), Nanos::from(known.map_or(0, |known| known.as_u64()) + 1)));
                        sketch.measure_and_replace(&key(7), next).unwrap();
                    }
                });
            }
        });
        assert_eq!(known(&sketch, &key(7)), Some(40_000));
    }
}
