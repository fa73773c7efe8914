//! Quotas per client (GCRA): which address has how much left.
//!
//! Kept per process, and said to be so: a limit shared by several hosts belongs
//! at their balancer. State of addresses that have not asked for a while is
//! pruned, so that memory is bounded by recent clients.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota as Gcra, RateLimiter};

use crate::config::{Network, Quota, Settings};

type Limiter = RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

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
#[derive(Debug, Clone, Copy)]
pub struct Left {
    /// Requests.
    pub requests: u32,
    /// Seconds until all are there again; when refused, until the next one is.
    pub seconds: u64,
}

struct One {
    quota: Quota,
    limiter: Limiter,
}

/// The limiters of all policies.
pub struct Limits {
    policies: [One; 3],
    /// Conditional requests, which a 304 answers, are held to a wider bound.
    conditional: [One; 3],
    trusted: Vec<Network>,
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
        Limits { policies: quotas.map(One::new), conditional: quotas.map(wide).map(One::new), trusted: settings.trusted_proxies.clone() }
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
        self.conditional[policy as usize].take(client)
    }

    /// Forgets clients that have their whole quota again.
    pub fn prune(&self) {
        for one in self.policies.iter().chain(&self.conditional) {
            one.limiter.retain_recent();
            one.limiter.shrink_to_fit();
        }
    }

    /// The key of a client: its address, an IPv6 one cut to its /64 (one
    /// subscriber has a whole /64). `X-Forwarded-For` counts only behind a
    /// trusted proxy, and is read from the right, where the proxy wrote.
    #[must_use]
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).to_canonical();
        let trusted = |address: IpAddr| self.trusted.iter().any(|network| network.contains(address));
        if trusted(address) {
            let forwarded = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
            for hop in forwarded.rsplit(',').map(str::trim).filter(|hop| !hop.is_empty()) {
                let Ok(hop) = hop.parse::<IpAddr>() else { break };
                address = hop.to_canonical();
                if !trusted(address) {
                    break;
                }
            }
        }
        match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        }
    }
}

impl One {
    fn new(quota: Quota) -> One {
        let requests = NonZeroU32::new(quota.requests).unwrap_or(NonZeroU32::MIN);
        let period = Duration::from_secs(u64::from(quota.seconds)) / requests.get();
        let gcra = Gcra::with_period(period.max(Duration::from_nanos(1))).unwrap_or(Gcra::per_second(requests)).allow_burst(requests);
        One { quota, limiter: RateLimiter::dashmap(gcra).with_middleware() }
    }

    fn take(&self, client: IpAddr) -> Result<Left, Left> {
        match self.limiter.check_key(&client) {
            Ok(state) => {
                let requests = state.remaining_burst_capacity();
                let used = u64::from(self.quota.requests.saturating_sub(requests));
                Ok(Left { requests, seconds: (used * u64::from(self.quota.seconds)).div_ceil(u64::from(self.quota.requests.max(1))) })
            }
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                Err(Left { requests: 0, seconds: (wait.as_millis() as u64).div_ceil(1000).max(1) })
            }
        }
    }
}

/// An address as it may stand in a log: without its last part.
#[must_use]
pub fn truncated(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "-".to_owned(),
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => format!("{}/48", Ipv6Addr::from(u128::from(address) >> 80 << 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

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
        assert!((1..=20).contains(&refused.seconds), "{refused:?}");
        assert!(limits.take(Policy::List, other).is_ok());
        assert!(limits.take(Policy::Statistics, one).is_ok());
        limits.prune();
        assert!(limits.take(Policy::List, one).is_err(), "pruning forgets only those at rest");
    }

    #[test]
    fn clients_are_told_apart_by_what_they_cannot_forge() {
        let forwarded = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(text).unwrap());
            headers
        };
        let peer = Some("10.0.0.9".parse().unwrap());
        let untrusting = limits("3/60", &[]);
        assert_eq!(untrusting.client(peer, &forwarded("1.2.3.4")).to_string(), "10.0.0.9");
        let trusting = limits("3/60", &["10.0.0.0/8"]);
        assert_eq!(trusting.client(peer, &forwarded("6.6.6.6, 1.2.3.4, 10.1.1.1")).to_string(), "1.2.3.4");
        assert_eq!(trusting.client(peer, &forwarded("rubbish")).to_string(), "10.0.0.9");
        assert_eq!(trusting.client(peer, &forwarded("2001:db8:1:2:3:4:5:6")).to_string(), "2001:db8:1:2::");
    }

    #[test]
    fn logs_hold_no_whole_address() {
        assert_eq!(truncated(Some("10.1.2.3".parse().unwrap())), "10.1.2.0/24");
        assert_eq!(truncated(Some("2001:db8:1:2::9".parse().unwrap())), "2001:db8:1::/48");
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
