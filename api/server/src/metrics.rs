//! What the server counts of itself, for the admin port.
//!
//! Labels are few and known beforehand: patterns of routes, never paths; names
//! of quotas; codes of districts. Nothing a client sends becomes a label, and no
//! address stands anywhere. Text is written by the Prometheus project's own
//! crate, in OpenMetrics; [`classic`] turns that into the older text format for
//! whoever does not ask for the newer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::connections::Connections;
use crate::limit::Policy;
use crate::state::State;

/// Media type of OpenMetrics.
pub const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Media type of the older text format.
pub const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What stands for a path that is no route: pages of the site, and what is not there.
pub const NO_ROUTE: &str = "other";

/// Seconds until an answer begins, by what is worth telling apart.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    policy: &'static str,
    decision: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Current {
    district: String,
    release: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    profile: &'static str,
}

/// What is counted while answering. The rest is read from its owners when asked for.
#[derive(Debug)]
pub struct Metrics {
    answers: Family<Answered, Counter>,
    latency: Family<Route, Histogram>,
    bytes: Counter,
    /// Answers that were cut: the reader left, or the server failed midway.
    pub cut: Counter,
    /// Requests whose answer has not gone out yet.
    pub in_flight: Gauge,
    /// Answers that go out in pieces, lists and files.
    pub streams: Gauge,
    /// Handlers that panicked.
    pub panics: Counter,
    reachable: AtomicBool,
    looked: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            answers: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            bytes: Counter::default(),
            cut: Counter::default(),
            in_flight: Gauge::default(),
            streams: Gauge::default(),
            panics: Counter::default(),
            reachable: AtomicBool::new(false),
            looked: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// Counts an answer that begins. Gives the route back, which was lent as a
    /// part of labels: none is copied for an answer.
    pub fn answered(&self, route: String, status: u16, after: Duration) -> String {
        let answered = Answered { route, status: status.into() };
        self.answers.get_or_create(&answered).inc();
        let route = Route { route: answered.route };
        self.latency.get_or_create(&route).observe(after.as_secs_f64());
        route.route
    }

    /// Counts bytes of bodies, before transfer coding.
    pub fn sent(&self, bytes: u64) {
        self.bytes.inc_by(bytes);
    }

    /// Notes whether the catalogue could be asked for its version.
    pub fn looked(&self, reachable: bool) {
        self.reachable.store(reachable, Ordering::Relaxed);
        self.looked.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything, in OpenMetrics text.
    ///
    /// # Errors
    /// None that could be acted on: writing into memory does not fail.
    pub fn write(&self, state: &State, connections: Option<&Connections>) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::default();
        self.http(registry.sub_registry_with_prefix("bansos_http"));
        let all = registry.sub_registry_with_prefix("bansos");
        caching(all, state);
        quotas(all, state);
        if let Some(connections) = connections {
            connected(all, connections);
        }
        self.catalogue(all, state);
        let build = Family::<Build, Gauge>::default();
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION"), profile }).set(1);
        all.register("build_info", "The software that answers, always 1", build);
        all.register("panics", "Handlers that panicked; each was answered 500", self.panics.clone());
        process(&mut registry);
        let mut out = String::new();
        text::encode(&mut out, &registry)?;
        Ok(out)
    }

    fn http(&self, registry: &mut Registry) {
        registry.register("requests", "Requests by the pattern of their route and status", self.answers.clone());
        registry.register_with_unit("request_duration", "Time until an answer begins", Unit::Seconds, self.latency.clone());
        registry.register_with_unit("response", "Bytes of bodies that were handed to connections", Unit::Bytes, self.bytes.clone());
        registry.register("responses_cut", "Answers that ended before they were whole", self.cut.clone());
        registry.register("requests_in_flight", "Requests whose answer has not gone out yet", self.in_flight.clone());
        registry.register("streams_in_flight", "Answers that are going out in pieces", self.streams.clone());
    }

    fn catalogue(&self, registry: &mut Registry, state: &State) {
        let reachable = i64::from(self.reachable.load(Ordering::Relaxed));
        registry.register(
            "catalogue_reachable",
            "1 if the catalogue could be asked for its version at the last look",
            ConstGauge::new(reachable),
        );
        let looks = self.looked.load(Ordering::Relaxed);
        registry.register("catalogue_looks", "How often the catalogue was asked for its version", ConstCounter::new(looks));
        let Ok(reader) = state.reader() else {
            registry.register("catalogue_version", "The version that answers; 0 while there is none", ConstGauge::new(0i64));
            return;
        };
        let version = reader.version();
        registry.register(
            "catalogue_version",
            "The version that answers; 0 while there is none",
            ConstGauge::new(i64::try_from(version).unwrap_or(i64::MAX)),
        );
        let pool = reader.pool();
        let held = Family::<Kind, Gauge>::default();
        held.get_or_create(&Kind { state: "idle" }).set(pool.idle.into());
        held.get_or_create(&Kind { state: "busy" }).set((pool.open - pool.idle.min(pool.open)).into());
        registry.register("catalogue_connections", "Connections to the catalogue", held);
        registry.register("catalogue_connections_limit", "Most connections to the catalogue", ConstGauge::new(i64::from(pool.most)));
        registry.register("catalogue_waits", "Times a question waited for a connection", ConstCounter::new(pool.waits));
        registry.register("catalogue_timeouts", "Times no connection came free in time", ConstCounter::new(pool.timeouts));
        let now = jiff::Timestamp::now();
        let ages = Family::<Current, Gauge<f64, AtomicU64>>::default();
        let mut newest = std::collections::BTreeMap::new();
        // They come by district and month, so the last of a district is its newest.
        for one in reader.releases().answering(version) {
            newest.insert(one.release.district(), one);
        }
        for (district, one) in newest {
            let Ok(admitted) = one.admitted_at.parse::<jiff::Timestamp>() else { continue };
            let labels = Current { district: district.to_string(), release: one.release.to_string() };
            ages.get_or_create(&labels).set(now.duration_since(admitted).as_secs_f64());
        }
        registry.register_with_unit(
            "release_age",
            "Time since each district's newest release was admitted and so published",
            Unit::Seconds,
            ages,
        );
    }
}

fn caching(registry: &mut Registry, state: &State) {
    let seen = state.cache.seen();
    let asked = Family::<Outcome, Counter>::default();
    for (result, count) in [("hit", seen.hits), ("miss", seen.misses), ("coalesced", seen.coalesced)] {
        asked.get_or_create(&Outcome { result }).inc_by(count);
    }
    registry.register("cache_requests", "Answers that were ready, were computed, or were computed for another who asked first", asked);
    registry.register("cache_entries", "Encoded answers in memory", ConstGauge::new(i64::try_from(seen.entries).unwrap_or(i64::MAX)));
    registry.register_with_unit("cache_size", "What the encoded answers in memory weigh", Unit::Bytes, gauge(seen.bytes));
    registry.register_with_unit("cache_limit", "What they may weigh", Unit::Bytes, gauge(state.settings.cache_bytes));
}

fn quotas(registry: &mut Registry, state: &State) {
    let decided = Family::<Decided, Counter>::default();
    for policy in Policy::ALL {
        let (allowed, refused) = state.limits.decided(policy);
        for (decision, count) in [("allowed", allowed), ("refused", refused)] {
            decided.get_or_create(&Decided { policy: policy.as_str(), decision }).inc_by(count);
        }
    }
    registry.register("quota_decisions", "Requests that a quota let through or refused", decided);
    registry.register("quota_clients", "About how many clients have used part of a quota, a policy each", gauge(state.limits.tracked()));
    registry.register_with_unit(
        "quota_table",
        "Memory of all quotas; the same whoever asks",
        Unit::Bytes,
        gauge(state.limits.bytes() as u64),
    );
}

fn connected(registry: &mut Registry, connections: &Connections) {
    let counts = connections.counts();
    let open = Family::<Kind, Gauge>::default();
    open.get_or_create(&Kind { state: "waiting" }).set(counts.waiting as i64);
    open.get_or_create(&Kind { state: "busy" }).set((counts.open - counts.waiting.min(counts.open)) as i64);
    registry.register("connections", "Connections of clients", open);
    registry.register("connections_opened", "Connections that were taken in", ConstCounter::new(counts.opened));
    registry.register("connections_closed", "Connections that waited too long, or gave way to another", ConstCounter::new(counts.closed));
    registry.register("connections_refused", "Connections for which there was no room", ConstCounter::new(counts.refused));
}

/// The names that every exporter uses for the process.
fn process(registry: &mut Registry) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    if let Some(kilobytes) = resident {
        registry.register_with_unit("process_resident_memory", "Resident memory", Unit::Bytes, gauge(kilobytes * 1024));
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        registry.register("process_open_fds", "Open file descriptors", gauge(files.count() as u64));
    }
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    if let Some(limit) = limit {
        registry.register("process_max_fds", "Most file descriptors", gauge(limit));
    }
    if let Ok(since) = SystemTime::now().duration_since(UNIX_EPOCH) {
        let started = since.saturating_sub(started().elapsed()).as_secs_f64();
        registry.register_with_unit("process_start_time", "When the process started, since 1970", Unit::Seconds, ConstGauge::new(started));
    }
}

/// When the process started, or was first asked.
pub fn started() -> &'static std::time::Instant {
    static STARTED: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    STARTED.get_or_init(std::time::Instant::now)
}

fn gauge(value: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}

/// OpenMetrics text in the older format: there, a counter's family has the name
/// of its samples, there are no units, and nothing marks the end.
#[must_use]
pub fn classic(open: &str) -> String {
    let counters: Vec<&str> = open.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut out = String::with_capacity(open.len() + 1024);
    for line in open.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        let named = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE "));
        match named.and_then(|rest| rest.split_once(' ')) {
            Some((name, rest)) if counters.contains(&name) => {
                out.push_str(&line[..7]);
                out.push_str(name);
                out.push_str("_total ");
                out.push_str(rest);
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_format_names_counters_by_their_samples() {
        let open = "# HELP a_requests All.\n# TYPE a_requests counter\na_requests_total{route=\"/v1\"} 3\n# HELP b_seconds B.\n# TYPE b_seconds gauge\n# UNIT b_seconds seconds\nb_seconds 1.5\n# EOF\n";
        let expected = "# HELP a_requests_total All.\n# TYPE a_requests_total counter\na_requests_total{route=\"/v1\"} 3\n# HELP b_seconds B.\n# TYPE b_seconds gauge\nb_seconds 1.5\n";
        assert_eq!(classic(open), expected);
    }
}
