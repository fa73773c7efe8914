//! A polite client of the API: it follows `next`, reads whole tables as NDJSON,
//! waits when it is told to, and notices when the version changes under it.
//!
//! Several threads read through one client. A quota is the machine's and not a
//! thread's, so when one is told to wait, all of them do.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::known::{Answer, Known};
use crate::model::Envelope;
use crate::words::Lang;

/// Where the API has the feed of releases.
pub(crate) const FEED: &str = "/v1/releases.atom";

/// What stands in a program for the address of the API.
pub(crate) const HOST: &str = "{{host}}";

/// How often a request is sent again after 503.
const TRIES: u32 = 6;
/// How often a request is sent again after 429: a country of districts is read
/// under the public quota for as long as that takes.
const PATIENCE: u32 = 60;
/// The longest wait a server may ask for.
const LONGEST_WAIT: u64 = 70;
/// A table of the largest district stays far below this.
const LARGEST_ANSWER: u64 = 1 << 30;
/// Items asked for per page of a list: the most the API gives.
const PAGE: u32 = 1000;

/// The API took in a release while it was being read.
#[derive(Debug)]
pub(crate) struct VersionMoved;

impl std::fmt::Display for VersionMoved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the API's version changed while it was read")
    }
}

impl std::error::Error for VersionMoved {}

/// A client of one API; its copies share connections, quota and memory.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    /// What the answers now asked for depend on; empty where that is not known.
    state: String,
}

struct Shared {
    agent: ureq::Agent,
    base: String,
    requests: AtomicU32,
    known: Known,
    /// The software that answers, as its ETags name it.
    software: Mutex<String>,
    /// No request is sent before this instant.
    not_before: Mutex<Option<Instant>>,
}

impl Shared {
    /// Waits until requests may be sent.
    fn wait(&self) {
        loop {
            let until = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
            match until.and_then(|until| until.checked_duration_since(Instant::now())) {
                Some(left) if !left.is_zero() => sleep(left),
                _ => return,
            }
        }
    }

    /// Lets nobody send a request for so many seconds.
    fn hold(&self, seconds: u64) {
        let until = Instant::now() + Duration::from_secs(seconds.min(LONGEST_WAIT));
        let mut held = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |before| before.max(until)));
    }
}

impl Client {
    /// A client of the API at `base`, with a folder of answers read before.
    pub(crate) fn new(base: &str, known: &Path) -> Result<Client> {
        let base = base.trim_end_matches('/').to_owned();
        let Some((_, host)) = base.split_once("://") else {
            bail!("{base:?} is not the address of an API: expected one like http://127.0.0.1:8080");
        };
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .user_agent(concat!("bansos-exporter/", env!("CARGO_PKG_VERSION")));
        // A proxy of the machine must not stand between it and itself, and to compress
        // what stays on it is work for nothing.
        if ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| host.starts_with(own)) {
            config = config.proxy(None).accept_encoding("identity");
        }
        let shared = Shared {
            agent: config.build().new_agent(),
            base,
            requests: AtomicU32::new(0),
            known: Known::new(known),
            software: Mutex::default(),
            not_before: Mutex::default(),
        };
        Ok(Client { shared: Arc::new(shared), state: String::new() })
    }

    /// Requests sent so far.
    pub(crate) fn requests(&self) -> u32 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// The same client for answers that depend on this, beside the software:
    /// while that is as it was, they are not asked for again.
    pub(crate) fn depending_on(&self, what: &str) -> Client {
        let software = self.shared.software.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a name of the software nothing is known to be as it was.
        let state = if what.is_empty() || software.is_empty() { String::new() } else { format!("{software} {what}") };
        Client { shared: Arc::clone(&self.shared), state }
    }

    /// Forgets the answers that this reading had no use for.
    pub(crate) fn tidy(&self) {
        self.shared.known.tidy();
    }

    /// The text of an answer.
    fn text(&self, path: &str, accept: &str, lang: Option<Lang>) -> Result<String> {
        Ok(self.found(path, accept, lang, false)?.unwrap_or_default())
    }

    /// The text of an answer; `None` where the API has none and may have none.
    fn found(&self, path: &str, accept: &str, lang: Option<Lang>, may_lack: bool) -> Result<Option<String>> {
        let shared = &self.shared;
        let url = format!("{}{path}", shared.base);
        let name = Known::name(path, accept, lang.map_or("*", Lang::code));
        // Other answers say of which version they are, and must be of this one.
        let lasting = accept == "application/x-ndjson" || path.contains("/boundary");
        let state = if lasting { self.state.clone() } else { String::new() };
        let before = shared.known.get(&name);
        if let Some(before) = before.as_ref().filter(|before| !state.is_empty() && before.state == state) {
            return Ok(Some(before.text.clone()));
        }
        let (mut busy, mut full) = (0, 0);
        while busy < TRIES && full < PATIENCE {
            shared.wait();
            shared.requests.fetch_add(1, Ordering::Relaxed);
            let mut request = shared.agent.get(&url).header("Accept", accept).header("Accept-Language", lang.map_or("*", Lang::code));
            if let Some(before) = before.as_ref().filter(|before| !before.etag.is_empty()) {
                request = request.header("If-None-Match", &before.etag);
            }
            let mut response = request.call().with_context(|| format!("the API does not answer at {url}"))?;
            let status = response.status().as_u16();
            if matches!(status, 429 | 503) {
                let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                shared.hold(asked.unwrap_or(2));
                *(if status == 429 { &mut full } else { &mut busy }) += 1;
                continue;
            }
            let etag = response.headers().get("etag").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            if let Some(software) = software_of(&etag) {
                let mut known = shared.software.lock().unwrap_or_else(PoisonError::into_inner);
                if *known != software {
                    software.clone_into(&mut known);
                }
            }
            if status == 304
                && let Some(before) = before
            {
                shared.known.put(&name, &Answer { state, ..before.clone() });
                return Ok(Some(before.text));
            }
            let mut text = String::new();
            response
                .body_mut()
                .with_config()
                .limit(LARGEST_ANSWER)
                .reader()
                .read_to_string(&mut text)
                .with_context(|| format!("the answer of {url} broke off"))?;
            if status == 404 && may_lack {
                return Ok(None);
            }
            if status != 200 {
                let cut: String = text.chars().take(300).collect();
                bail!("{url} answered {status}: {cut}");
            }
            let answer = Answer { etag, state, text };
            shared.known.put(&name, &answer);
            return Ok(Some(answer.text));
        }
        bail!("{url} was busy {busy} times, and {full} times the quota of this machine was used up")
    }

    /// One JSON object.
    pub(crate) fn one<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let text = self.text(path, "application/json", None)?;
        serde_json::from_str(&text).with_context(|| format!("the answer of {}{path} is not as documented", self.shared.base))
    }

    /// One JSON object that the API need not have.
    pub(crate) fn one_or_none<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        let Some(text) = self.found(path, "application/json", None, true)? else { return Ok(None) };
        let object =
            serde_json::from_str(&text).with_context(|| format!("the answer of {}{path} is not as documented", self.shared.base))?;
        Ok(Some(object))
    }

    /// The Atom feed of releases in a language, of exactly this version.
    pub(crate) fn feed(&self, lang: Lang, version: u64) -> Result<String> {
        let path = format!("{FEED}?version={version}");
        let text = self.text(&path, "application/atom+xml", Some(lang))?;
        if !text.ends_with("</feed>\n") {
            bail!("{}{path} is not a whole Atom feed", self.shared.base);
        }
        Ok(text)
    }

    /// A program that asks the API, with `{{host}}` where its address stands;
    /// `None` where it has none of that name.
    pub(crate) fn quickstart(&self, name: &str) -> Result<Option<String>> {
        let text = self.found(&format!("/docs/quickstart/{name}"), "text/plain", None, true)?;
        let Some((_, host)) = self.shared.base.split_once("://") else { return Ok(text) };
        // Behind a proxy the API may not know with which scheme it is asked.
        let named = |text: String, scheme: &str| text.replace(&format!("{scheme}://{host}"), HOST);
        Ok(text.map(|text| ["https", "http"].into_iter().fold(text, named)))
    }

    /// All items of a list, page after page.
    pub(crate) fn list<T: DeserializeOwned>(&self, path: &str, version: u64) -> Result<Vec<T>> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{path}{join}limit={PAGE}"));
        let mut all = Vec::new();
        while let Some(path) = next {
            let page: Envelope<T> = self.one(&path)?;
            if page.version.is_some_and(|found| found != version) {
                return Err(VersionMoved.into());
            }
            all.extend(page.data);
            next = page.next.map(|address| match address.strip_prefix(&self.shared.base) {
                Some(path) => path.to_owned(),
                None => address,
            });
        }
        Ok(all)
    }

    /// A whole table as NDJSON, of exactly this version.
    pub(crate) fn table<T: DeserializeOwned>(&self, path: &str, version: u64) -> Result<Vec<T>> {
        let path = format!("{path}&format=ndjson&version={version}");
        let text = self.text(&path, "application/x-ndjson", None)?;
        if !text.is_empty() && !text.ends_with('\n') {
            bail!("the table {}{path} breaks off in its last line", self.shared.base);
        }
        self.lines(&path, &text)
    }

    /// A file of a release as NDJSON, whose digest must be the one named.
    pub(crate) fn file<T: DeserializeOwned>(&self, path: &str, sha256: &str) -> Result<Vec<T>> {
        let text = self.text(path, "application/x-ndjson", None)?;
        let found: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != sha256 {
            bail!("the file {}{path} has the sha256 {found}, and the API names {sha256}", self.shared.base);
        }
        self.lines(path, &text)
    }

    fn lines<T: DeserializeOwned>(&self, path: &str, text: &str) -> Result<Vec<T>> {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
            .map(|(at, line)| {
                serde_json::from_str(line).with_context(|| format!("line {} of {}{path} is not as documented", at + 1, self.shared.base))
            })
            .collect()
    }
}

/// The version of the software, with which the ETag of a computed answer ends;
/// that of a file is a digest.
fn software_of(etag: &str) -> Option<&str> {
    let (parts, software) = etag.trim_matches('"').rsplit_once('-')?;
    (parts.matches('-').count() >= 4).then_some(software)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_software_stands_in_the_etag_whatever_the_coding() {
        for coding in ["identity", "gzip"] {
            let etag = format!("\"30-53d87ad43227b8f0-ndjson-id-{coding}-0.1.0.2aa1428\"");
            assert_eq!(software_of(&etag), Some("0.1.0.2aa1428"));
        }
        assert_eq!(software_of("\"8e8a9ff383156ed06503189b02a5ca28bcbb070ac46da7c2c07f5dd2d5d30adc\""), None);
        assert_eq!(software_of(""), None);
    }
}
