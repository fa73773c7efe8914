//! Connections: how many there are, whose, and which may be closed.
//!
//! The framework stops accepting when it has as many as it may, and then a few
//! thousand connections that never finish a request keep everybody else out. So
//! it is never left to come to that: the limits are kept here, and whoever comes
//! when they are reached takes the place of the connection that has been waiting
//! for a request the longest, which is the slowest of slow ones or an idle one
//! that its owner opens again without noticing. A connection that is being
//! answered is never closed for another. Only when all of them are, the new one
//! is refused, and told so.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limit::client::{Clients, keyed};

/// The longest that a connection may wait for a whole request: the framework's
/// own limits are shorter, but count neither a head that trickles in after
/// another request nor a body that nobody reads.
const PATIENCE: Duration = Duration::from_secs(60);
/// A reader that takes nothing at all for so long has left.
const STALLED: Duration = Duration::from_secs(60);
/// How long a connection stays after its last answer, to bring that home.
const FAREWELL: Duration = Duration::from_secs(2);
/// The share of waiting connections that give way at once, so that a crowd at
/// the door costs one look through all of them for many that come in.
const SHARE: usize = 16;

/// What a connection that is refused is told.
const REFUSED: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\n\
    Access-Control-Allow-Origin: *\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: ";

/// All connections.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    each: usize,
    proxies: Clients,
    start: Instant,
    held: Mutex<Held>,
    opened: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    all: HashMap<u64, Arc<One>>,
    by_client: HashMap<IpAddr, usize>,
}

/// A connection.
#[derive(Debug)]
pub struct One {
    client: IpAddr,
    socket: TcpStream,
    /// Milliseconds since the start at which it began to wait for a request,
    /// and 1; 0 while one is being answered.
    waits: AtomicU64,
    /// Whether the last request has been taken from it.
    over: AtomicBool,
}

/// Lies with a connection, and forgets it when the connection ends.
#[derive(Debug)]
pub struct Ticket {
    all: Arc<Connections>,
    number: u64,
    one: Arc<One>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct Busy {
    all: Arc<Connections>,
    one: Arc<One>,
}

/// How many connections there are and were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Open now.
    pub open: usize,
    /// Of these, waiting for a request.
    pub waiting: usize,
    /// Opened since the start.
    pub opened: u64,
    /// Closed since the start since they waited too long, or for another.
    pub closed: u64,
    /// Refused since the start.
    pub refused: u64,
}

impl Connections {
    /// At most `most` at once, and at most `each` of one client; a proxy of ours
    /// may have all of them.
    #[must_use]
    pub fn new(most: usize, each: usize, proxies: Clients) -> Connections {
        Connections {
            most: most.max(1),
            each: each.max(1),
            proxies,
            start: Instant::now(),
            held: Mutex::default(),
            opened: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// Takes a new connection in; nothing when it was refused, and is closed.
    pub fn open(self: &Arc<Connections>, peer: SocketAddr, stream: &impl AsFd) -> Option<Ticket> {
        let client = keyed(peer.ip());
        let fd = stream.as_fd();
        // Where the system does not know the option, stalled readers stay longer.
        let _ = rustix::net::sockopt::set_tcp_user_timeout(fd, STALLED.as_millis() as u32);
        let mut socket = TcpStream::from(fd.try_clone_to_owned().ok()?);
        let mut held = self.held();
        let of_client = held.by_client.get(&client).copied().unwrap_or(0);
        let full = held.all.len() >= self.most;
        if full || of_client >= self.each && !self.proxies.trusts(client) {
            let whose = (!full).then_some(client);
            if self.make_room(&held, whose) == 0 {
                drop(held);
                self.refused.fetch_add(1, Ordering::Relaxed);
                refuse(&mut socket);
                return None;
            }
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        held.next += 1;
        let number = held.next;
        let one = Arc::new(One { client, socket, waits: AtomicU64::new(self.now()), over: AtomicBool::new(false) });
        held.all.insert(number, one.clone());
        *held.by_client.entry(client).or_default() += 1;
        Some(Ticket { all: self.clone(), number, one })
    }

    /// Closes those that have been waiting the longest, of one client or of
    /// all; gives how many. They are forgotten as soon as they notice.
    fn make_room(&self, held: &Held, whose: Option<IpAddr>) -> usize {
        let mut waiting: Vec<(u64, &Arc<One>)> = held
            .all
            .values()
            .filter(|one| whose.is_none_or(|client| one.client == client))
            .filter_map(|one| Some((one.since()?, one)))
            .collect();
        let count = waiting.len().div_ceil(SHARE);
        if count > 0 && count < waiting.len() {
            waiting.select_nth_unstable_by_key(count - 1, |(since, _)| *since);
        }
        waiting.iter().take(count).for_each(|(_, one)| self.close(one));
        count
    }

    fn close(&self, one: &One) {
        self.closed.fetch_add(1, Ordering::Relaxed);
        // The framework reads the end of the stream, and lets go.
        let _ = one.socket.shutdown(Shutdown::Both);
    }

    /// Closes those that have waited for longer than anybody needs.
    pub fn sweep(&self) {
        let now = self.now();
        let late: Vec<Arc<One>> = self.held().all.values().filter(|one| one.is_late(now)).cloned().collect();
        late.iter().for_each(|one| self.close(one));
    }

    /// Closes all that wait for a request: the server is about to stop.
    pub fn close_waiting(&self) {
        let idle: Vec<Arc<One>> = self.held().all.values().filter(|one| one.since().is_some()).cloned().collect();
        idle.iter().for_each(|one| self.close(one));
    }

    /// How many there are and were.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let held = self.held();
        Counts {
            open: held.all.len(),
            waiting: held.all.values().filter(|one| one.since().is_some()).count(),
            opened: self.opened.load(Ordering::Relaxed),
            closed: self.closed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

impl One {
    fn since(&self) -> Option<u64> {
        Some(self.waits.load(Ordering::Relaxed)).filter(|since| *since > 0)
    }

    fn is_late(&self, now: u64) -> bool {
        let limit = if self.over.load(Ordering::Relaxed) { FAREWELL } else { PATIENCE };
        self.since().is_some_and(|since| now.saturating_sub(since) > limit.as_millis() as u64)
    }
}

impl Ticket {
    /// A request has come in whole; the connection is not closed for another
    /// until that is dropped.
    #[must_use]
    pub fn busy(&self) -> Busy {
        self.one.waits.store(0, Ordering::Relaxed);
        Busy { all: self.all.clone(), one: self.one.clone() }
    }
}

impl Busy {
    /// Whether an earlier request of the connection was its last. `last` says
    /// whether this one is.
    pub fn is_over(&self, last: bool) -> bool {
        if last { self.one.over.swap(true, Ordering::Relaxed) } else { self.one.over.load(Ordering::Relaxed) }
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.all.close(&self.one);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut held = self.all.held();
        held.all.remove(&self.number);
        if let Some(count) = held.by_client.get_mut(&self.one.client) {
            *count -= 1;
            if *count == 0 {
                held.by_client.remove(&self.one.client);
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.one.waits.store(self.all.now(), Ordering::Relaxed);
    }
}

/// Tells a connection that there is no room for it. There is no request yet to
/// tell the language by, so both are used.
fn refuse(socket: &mut TcpStream) {
    let body = serde_json::json!({
        "type": "/docs/errors/timeout", "code": "timeout", "title": "Waktu habis / Timed out", "status": 503,
        "detail": "terlalu banyak sambungan; coba lagi sebentar / too many connections; try again shortly", "errors": [],
    })
    .to_string();
    // It fits in the empty buffer of a new connection, or is left out.
    let _ = socket.write(format!("{REFUSED}{}\r\n\r\n{body}", body.len()).as_bytes());
    let _ = socket.shutdown(Shutdown::Both);
}

/// Lets the process open as many files as the system allows it, and gives how
/// many connections that is enough for, if `most` are wanted. A connection takes
/// three: itself, the handle that closes it, and a file that is being read.
#[must_use]
pub fn room_for(most: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    const OTHERS: u64 = 256;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = most as u64 * 3 + OTHERS;
    if limit.current.is_some_and(|current| current < wanted) {
        let old = limit.current;
        limit.current = limit.maximum.map_or(Some(wanted), |maximum| Some(maximum.min(wanted.max(old.unwrap_or(0)))));
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = old;
        }
    }
    match limit.current {
        Some(current) if current < wanted => usize::try_from(current.saturating_sub(OTHERS) / 3).unwrap_or(1).max(1),
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::net::TcpListener;

    struct Pair {
        near: TcpStream,
        far: TcpStream,
        peer: SocketAddr,
    }

    fn pair(address: &str) -> Pair {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        far.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Pair { near: listener.accept().unwrap().0, far, peer: SocketAddr::new(address.parse().unwrap(), 9) }
    }

    fn connections(most: usize, each: usize) -> Arc<Connections> {
        Arc::new(Connections::new(most, each, Clients::new(vec!["10.9.0.0/16".parse().unwrap()])))
    }

    fn told(pair: &mut Pair) -> String {
        let mut text = String::new();
        pair.far.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_one_that_waits_longest_gives_way_and_a_busy_one_never() {
        let all = connections(3, 3);
        let mut pairs: Vec<Pair> = (0..5).map(|n| pair(&format!("10.0.0.{n}"))).collect();
        let first = all.open(pairs[0].peer, &pairs[0].near).unwrap();
        let busy = first.busy();
        let mut tickets = vec![first];
        for at in [1, 2, 3] {
            std::thread::sleep(Duration::from_millis(3));
            tickets.push(all.open(pairs[at].peer, &pairs[at].near).unwrap());
        }
        assert_eq!(told(&mut pairs[1]), "", "closed for the fourth");
        tickets.remove(1);
        let counts = all.counts();
        assert_eq!((counts.open, counts.waiting, counts.opened, counts.closed, counts.refused), (3, 2, 4, 1, 0));
        let busy = [busy, tickets[1].busy(), tickets[2].busy()];
        assert!(all.open(pairs[4].peer, &pairs[4].near).is_none(), "all are being answered");
        let text = told(&mut pairs[4]);
        assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("Retry-After: 5\r\n"), "{text}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap()["status"], 503);
        assert!(!busy[0].is_over(false) && !busy[0].is_over(true) && busy[0].is_over(false) && !busy[1].is_over(false));
        drop(busy);
        assert_eq!(all.counts().waiting, 3);
    }

    #[test]
    fn one_client_takes_only_its_own_share_and_a_proxy_all() {
        let all = connections(10, 2);
        let mut of_one: Vec<Pair> = (0..3).map(|_| pair("10.0.0.1")).collect();
        let mut other = pair("10.0.0.2");
        let mut tickets = vec![all.open(other.peer, &other.near).unwrap()];
        for one in &of_one {
            std::thread::sleep(Duration::from_millis(3));
            tickets.push(all.open(one.peer, &one.near).unwrap());
        }
        assert_eq!(told(&mut of_one[0]), "");
        other.far.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(other.far.read(&mut [0]).is_err(), "another client's connection stays, though it waits longest");
        let proxied: Vec<Pair> = (0..5).map(|_| pair("10.9.0.1")).collect();
        tickets.extend(proxied.iter().map(|one| all.open(one.peer, &one.near).unwrap()));
        assert_eq!(all.counts().closed, 1);
        drop(tickets);
        assert_eq!(all.counts().open, 0);
        assert!(all.held().by_client.is_empty(), "nothing is left of those who have gone");
    }

    #[test]
    fn a_crowd_moves_up_in_shares() {
        let all = connections(64, 64);
        let pairs: Vec<Pair> = (0..65).map(|_| pair("10.0.0.1")).collect();
        let tickets: Vec<Ticket> = pairs.iter().map(|one| all.open(one.peer, &one.near).unwrap()).collect();
        assert_eq!(all.counts().closed, 4);
        all.close_waiting();
        assert_eq!(all.counts().closed, 4 + 65);
        drop(tickets);
    }

    #[test]
    fn files_are_enough_for_some() {
        assert_eq!(room_for(1), 1);
        assert!(room_for(usize::MAX / 8) > 0);
    }
}
