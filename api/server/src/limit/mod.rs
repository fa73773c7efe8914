//! Quotas per client (GCRA): which address has how much left.
//!
//! Kept per process, and said to be so: a limit shared by several hosts belongs
//! at their balancer. [`client`] says whose request it is, [`sketch`] remembers
//! in a table of fixed size, and [`draft`] alone knows how it is told in headers.

pub mod client;
pub mod draft;
mod sketch;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota as Gcra, RateLimiter};

use crate::config::{Quota, Settings};
use client::Clients;
pub use client::truncated;
use sketch::{Key, Sketch};

type Limiter = RateLimiter<Key, Sketch, DefaultClock, StateInformationMiddleware>;

/// A quota with a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Lists, areas, releases, programs, entry.
    List,
    /// Statistics.
    Statistics,
    /// Files, log tiles and public keys.
    Downloads,
}

impl Policy {
    /// All policies.
    pub const ALL: [Policy; 3] = [Policy::List, Policy::Statistics, Policy::Downloads];

    /// Its name in headers and at `/v1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Policy::List => "list",
            Policy::Statistics => "statistics",
            Policy::Downloads => "downloads",
        }
    }

    /// The policy of a path; static pages, documentation and health have none.
    #[must_use]
    pub fn of(path: &str) -> Option<Policy> {
        if path.starts_with("/v1/statistics/") {
            Some(Policy::Statistics)
        } else if path.starts_with("/log/")
            || path.starts_with("/keys/")
            || path.strip_prefix("/v1/datasets/").is_some_and(|rest| rest.contains('/'))
        {
            Some(Policy::Downloads)
        } else if path == "/v1" || path.starts_with("/v1/") || matches!(path, "/datapackage.json" | "/catalog.jsonld") {
            Some(Policy::List)
        } else {
            None
        }
    }
}

/// What is left for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests that may be made at once.
    pub requests: u32,
    /// Seconds until the next one may be made: 0 unless this one was refused.
    pub wait: u64,
}

/// The limiter of one policy.
struct One {
    quota: Quota,
    /// Its number in the table.
    number: u8,
    limiter: Limiter,
    allowed: AtomicU64,
    refused: AtomicU64,
}

/// The limiters of all policies.
pub struct Limits {
    policies: [One; 3],
    /// Conditional requests, which a 304 answers, are held to a wider bound.
    conditional: [One; 3],
    clients: Clients,
    sketch: Sketch,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

/// How many times wider the bound of conditional requests is.
const CONDITIONAL: u32 = 10;

impl Limits {
    /// The limits of the settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Limits {
        let quotas = [settings.limit_list, settings.limit_statistics, settings.limit_downloads];
        let wide = |quota: Quota| Quota { requests: quota.requests.saturating_mul(CONDITIONAL), seconds: quota.seconds };
        let sketch = Sketch::new();
        let mut number = 0;
        let mut one = |quota| {
            number += 1;
            One::new(quota, number, &sketch)
        };
        let policies = quotas.map(&mut one);
        let conditional = quotas.map(wide).map(one);
        Limits { policies, conditional, clients: Clients::new(settings.trusted_proxies.clone()), sketch }
    }

    /// The quota of a policy.
    #[must_use]
    pub fn quota(&self, policy: Policy) -> Quota {
        self.policies[policy as usize].quota
    }

    /// Takes one request of `client` from a policy.
    ///
    /// # Errors
    /// When nothing is left; says how long to wait.
    pub fn take(&self, policy: Policy, client: IpAddr) -> Result<Left, Left> {
        self.policies[policy as usize].take(client)
    }

    /// Takes one conditional request of `client`, which counts little.
    ///
    /// # Errors
    /// When nothing is left; says how long to wait.
    pub fn take_conditional(&self, policy: Policy, client: IpAddr) -> Result<Left, Left> {
        let wide = |left: Left| Left { requests: left.requests.min(self.quota(policy).requests), ..left };
        self.conditional[policy as usize].take(client).map(wide).map_err(wide)
    }

    /// Whose request it is: see [`Clients::of`].
    #[must_use]
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        self.clients.of(peer, headers)
    }

    /// Whether a connection comes from a proxy of ours.
    #[must_use]
    pub fn is_proxy(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|peer| self.clients.trusts(peer))
    }

    /// How many requests were let through and how many refused, since the start.
    #[must_use]
    pub fn decided(&self, policy: Policy) -> (u64, u64) {
        let both = [&self.policies[policy as usize], &self.conditional[policy as usize]];
        let sum = |of: fn(&One) -> &AtomicU64| both.iter().map(|one| of(one).load(Ordering::Relaxed)).sum();
        (sum(|one| &one.allowed), sum(|one| &one.refused))
    }

    /// About how many clients have used some of a quota, a policy each: told
    /// from how full the table is. Reads all of one row, 64 Ki numbers.
    #[must_use]
    pub fn tracked(&self) -> u64 {
        self.sketch.tracked()
    }

    /// Bytes that the quotas of all clients take together, whoever asks.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sketch.bytes()
    }
}

impl One {
    fn new(quota: Quota, number: u8, sketch: &Sketch) -> One {
        let requests = NonZeroU32::new(quota.requests).unwrap_or(NonZeroU32::MIN);
        let period = Duration::from_secs(u64::from(quota.seconds)) / requests.get();
        let gcra = Gcra::with_period(period.max(Duration::from_nanos(1))).unwrap_or(Gcra::per_second(requests)).allow_burst(requests);
        let limiter = Limiter::new(gcra, sketch.clone(), DefaultClock::default());
        One { quota, number, limiter, allowed: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }

    fn take(&self, client: IpAddr) -> Result<Left, Left> {
        match self.limiter.check_key(&Key { limiter: self.number, client }) {
            Ok(state) => {
                self.allowed.fetch_add(1, Ordering::Relaxed);
                Ok(Left { requests: state.remaining_burst_capacity(), wait: 0 })
            }
            Err(refused) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let wait = refused.wait_time_from(self.limiter.clock().now());
                Err(Left { requests: 0, wait: (wait.as_millis() as u64).div_ceil(1000).max(1) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(list: &str, trusted: &[&str]) -> Limits {
        Limits::new(&Settings {
            limit_list: list.parse().unwrap(),
            trusted_proxies: trusted.iter().map(|text| text.parse().unwrap()).collect(),
            ..Settings::default()
        })
    }

    #[test]
    fn a_quota_runs_out_for_one_client_only() {
        let limits = limits("3/60", &[]);
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for left in [2, 1, 0] {
            assert_eq!(limits.take(Policy::List, one).unwrap().requests, left);
        }
        let refused = limits.take(Policy::List, one).unwrap_err();
        assert!((1..=20).contains(&refused.wait), "{refused:?}");
        assert!(limits.take(Policy::List, other).is_ok());
        assert!(limits.take(Policy::Statistics, one).is_ok());
        // Whoever waits as long as told is let through.
        let quick = super::tests::limits("50/1", &[]);
        while quick.take(Policy::List, one).is_ok() {}
        std::thread::sleep(Duration::from_millis(100));
        assert!(quick.take(Policy::List, one).is_ok());
        let conditional = quick.take_conditional(Policy::List, other).unwrap();
        assert_eq!(conditional.requests, 50, "told no more than the quota");
    }

    /// A flood from more addresses than there are numbers in the table: it takes
    /// no memory, gives nobody the quota back, and locks nobody out.
    #[test]
    fn a_million_addresses_take_no_memory_and_change_little_for_others() {
        let limits = limits("300/60", &[]);
        let (greedy, honest): (IpAddr, IpAddr) = ("203.0.113.7".parse().unwrap(), "198.51.100.9".parse().unwrap());
        while limits.take(Policy::List, greedy).is_ok() {}
        let before = limits.bytes();
        assert_eq!(limits.tracked(), 1);
        let mut refused = 0;
        let flood = (0..1_000_000u64).map(|n| match n % 2 {
            0 => IpAddr::from(std::net::Ipv4Addr::from(0x0A00_0000 + n as u32)),
            _ => IpAddr::from(std::net::Ipv6Addr::from(0x2001_0db8_u128 << 96 | u128::from(n) << 64)),
        });
        for (n, address) in flood.enumerate() {
            refused += usize::from(limits.take(Policy::List, address).is_err());
            // One who has used everything up stays refused: nothing of them is pushed out.
            if n % 100_000 == 0 {
                let again = (0..20).filter(|_| limits.take(Policy::List, greedy).is_ok()).count();
                assert!(again < 20, "the flood gave a quota back");
            }
        }
        assert_eq!(refused, 0, "each of them asked once");
        assert_eq!(limits.bytes(), before);
        assert!(before <= 4 << 20, "{before} bytes");
        assert!(limits.tracked() <= 1 << 20, "{}", limits.tracked());
        let left = limits.take(Policy::List, honest).unwrap().requests;
        assert!(left >= 250, "an honest client has {left} of 300 left");
        // Its requests for other things are not touched at all.
        assert!(limits.take(Policy::Statistics, honest).unwrap().requests >= 290);
    }

    #[test]
    fn decisions_are_counted() {
        let limits = limits("2/60", &[]);
        let client = "10.0.0.1".parse().unwrap();
        for _ in 0..5 {
            let _ = limits.take(Policy::List, client);
        }
        let _ = limits.take_conditional(Policy::List, client);
        assert_eq!(limits.decided(Policy::List), (3, 3));
        assert_eq!(limits.decided(Policy::Downloads), (0, 0));
    }

    #[test]
    fn policies_by_path() {
        assert_eq!(Policy::of("/v1/datasets"), Some(Policy::List));
        assert_eq!(Policy::of("/v1/datasets/recipients"), Some(Policy::List));
        assert_eq!(Policy::of("/v1/datasets/recipients/x/y.csv"), Some(Policy::Downloads));
        assert_eq!(Policy::of("/v1/statistics/totals"), Some(Policy::Statistics));
        assert_eq!(Policy::of("/keys/log.vkey"), Some(Policy::Downloads));
        assert_eq!(Policy::of("/v1"), Some(Policy::List));
        assert_eq!(Policy::of("/catalog.jsonld"), Some(Policy::List));
        assert_eq!(Policy::of("/v1x"), None);
        assert_eq!(Policy::of("/healthz"), None);
    }
}
