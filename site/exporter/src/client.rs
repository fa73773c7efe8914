//! A polite client of the API: it follows `next`, reads whole tables as NDJSON,
//! waits when it is told to, and notices when the version changes under it.

use std::cell::{Cell, RefCell};
use std::io::Read;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::known::{Answer, Known};
use crate::model::Envelope;
use crate::words::Lang;

/// Where the API has the feed of releases.
pub(crate) const FEED: &str = "/v1/releases.atom";

/// How often a request is sent again after 429 or 503.
const TRIES: u32 = 6;
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

/// A client of one API.
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
    requests: Cell<u32>,
    known: Known,
    /// What the answers now asked for depend on; empty where that is not known.
    state: RefCell<String>,
    /// The software that answers, as its ETags name it.
    software: RefCell<String>,
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
        // A proxy of the machine must not stand between it and itself.
        if ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| host.starts_with(own)) {
            config = config.proxy(None);
        }
        Ok(Client {
            agent: config.build().new_agent(),
            base,
            requests: Cell::new(0),
            known: Known::new(known),
            state: RefCell::default(),
            software: RefCell::default(),
        })
    }

    /// Requests sent so far.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.get()
    }

    /// Says what the answers asked for from now on depend on, beside the
    /// software: while that is as it was, they are not asked for again.
    pub(crate) fn depends_on(&self, what: &str) {
        let software = self.software.borrow();
        // Without a name of the software nothing is known to be as it was.
        *self.state.borrow_mut() = if what.is_empty() || software.is_empty() { String::new() } else { format!("{software} {what}") };
    }

    /// Forgets the answers that this reading had no use for.
    pub(crate) fn tidy(&self) {
        self.known.tidy();
    }

    /// The text of an answer.
    fn text(&self, path: &str, accept: &str, lang: Option<Lang>) -> Result<String> {
        let url = format!("{}{path}", self.base);
        let name = Known::name(path, accept, lang.map_or("*", Lang::code));
        // Other answers say of which version they are, and must be of this one.
        let lasting = accept == "application/x-ndjson" || path.ends_with("/boundary");
        let state = if lasting { self.state.borrow().clone() } else { String::new() };
        let before = self.known.get(&name);
        if let Some(before) = before.as_ref().filter(|before| !state.is_empty() && before.state == state) {
            return Ok(before.text.clone());
        }
        for attempt in 1..=TRIES {
            self.requests.set(self.requests.get() + 1);
            let mut request = self.agent.get(&url).header("Accept", accept).header("Accept-Language", lang.map_or("*", Lang::code));
            if let Some(before) = &before {
                request = request.header("If-None-Match", &before.etag);
            }
            let mut response = request.call().with_context(|| format!("the API does not answer at {url}"))?;
            let status = response.status().as_u16();
            if matches!(status, 429 | 503) && attempt < TRIES {
                let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                sleep(Duration::from_secs(asked.unwrap_or(2).min(LONGEST_WAIT)));
                continue;
            }
            let etag = response.headers().get("etag").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            if let Some(software) = software_of(&etag) {
                software.clone_into(&mut self.software.borrow_mut());
            }
            if status == 304
                && let Some(before) = before
            {
                self.known.put(&name, &Answer { state, ..before.clone() });
                return Ok(before.text);
            }
            let mut text = String::new();
            response
                .body_mut()
                .with_config()
                .limit(LARGEST_ANSWER)
                .reader()
                .read_to_string(&mut text)
                .with_context(|| format!("the answer of {url} broke off"))?;
            if status != 200 {
                let cut: String = text.chars().take(300).collect();
                bail!("{url} answered {status}: {cut}");
            }
            self.known.put(&name, &Answer { etag, state, text: text.clone() });
            return Ok(text);
        }
        bail!("{url} was busy {TRIES} times")
    }

    /// One JSON object.
    pub(crate) fn one<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let text = self.text(path, "application/json", None)?;
        serde_json::from_str(&text).with_context(|| format!("the answer of {}{path} is not as documented", self.base))
    }

    /// The Atom feed of releases in a language, of exactly this version.
    pub(crate) fn feed(&self, lang: Lang, version: u64) -> Result<String> {
        let path = format!("{FEED}?version={version}");
        let text = self.text(&path, "application/atom+xml", Some(lang))?;
        if !text.ends_with("</feed>\n") {
            bail!("{}{path} is not a whole Atom feed", self.base);
        }
        Ok(text)
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
            next = page.next.map(|address| match address.strip_prefix(&self.base) {
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
            bail!("the table {}{path} breaks off in its last line", self.base);
        }
        self.lines(&path, &text)
    }

    /// A file of a release as NDJSON, whose digest must be the one named.
    pub(crate) fn file<T: DeserializeOwned>(&self, path: &str, sha256: &str) -> Result<Vec<T>> {
        let text = self.text(path, "application/x-ndjson", None)?;
        let found: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != sha256 {
            bail!("the file {}{path} has the sha256 {found}, and the API names {sha256}", self.base);
        }
        self.lines(path, &text)
    }

    fn lines<T: DeserializeOwned>(&self, path: &str, text: &str) -> Result<Vec<T>> {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
            .map(|(at, line)| {
                serde_json::from_str(line).with_context(|| format!("line {} of {}{path} is not as documented", at + 1, self.base))
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
