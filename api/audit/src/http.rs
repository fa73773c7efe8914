//! A client for the published files of one host: bounded, patient with a busy
//! server, and never led to another host.

use std::io::Read;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use url::Url;

/// How often a request is sent again after 429, 503 or a broken connection.
const TRIES: u32 = 8;
/// The longest wait a server may ask for.
const LONGEST_WAIT: u64 = 90;
/// Redirects followed, all within the origin.
const REDIRECTS: u32 = 4;
/// A body must come at this pace in the long run, bytes a second.
const SLOWEST: u64 = 4 << 10;

/// A client of one origin.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: Url,
}

/// What a host answered.
#[derive(Debug)]
pub enum Answer {
    /// The thing asked for.
    Found(Body),
    /// It is not there (404).
    Absent,
    /// It was taken away (410), with the host's reason.
    Gone(String),
    /// The bytes asked for lie behind its end (416).
    Outside,
}

/// A body that has not been read yet.
pub struct Body {
    response: ureq::http::Response<ureq::Body>,
    /// The path it was found at, after redirects.
    pub path: String,
    /// Whether it begins at the byte that was asked for.
    pub partial: bool,
    /// `Content-Type`, small letters, without parameters.
    pub kind: String,
    started: Instant,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("path", &self.path).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the host at `address`, such as `https://bansos.example`.
    ///
    /// # Errors
    /// When it is not the address of a host alone.
    pub fn new(address: &str) -> Result<Client> {
        let expected = "expected the address of a host, such as https://bansos.example";
        let base = Url::parse(address).with_context(|| format!("{address:?} is no address: {expected}"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() || base.path() != "/" || base.query().is_some() {
            bail!("{address:?}: {expected}");
        }
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(30)))
            .max_idle_connections_per_host(8)
            .user_agent(concat!("bansos-audit/", env!("CARGO_PKG_VERSION")));
        // A proxy of the machine must not stand between it and itself.
        if base.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]")) {
            config = config.proxy(None);
        }
        Ok(Client { agent: config.build().new_agent(), base })
    }

    /// The address, as it is shown.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The path of a link found on the page `page`, when it stays on this host:
    /// no fragment, and the query kept.
    #[must_use]
    pub fn path_of(&self, page: &str, link: &str) -> Option<String> {
        let url = self.base.join(page).ok()?.join(link).ok()?;
        (url.origin() == self.base.origin()).then(|| match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
    }

    /// Asks for `path`, from byte `from` on.
    ///
    /// # Errors
    /// When the host does not answer, stays busy, leads elsewhere, or answers
    /// with another status than [`Answer`] knows.
    pub fn get(&self, path: &str, accept: &str, from: u64) -> Result<Answer> {
        let mut path = path.to_owned();
        let (mut tries, mut redirects) = (1, 0);
        loop {
            let url = self.base.join(&path).with_context(|| format!("{path:?} is no path"))?;
            if url.origin() != self.base.origin() {
                bail!("{path:?} is not an address of {}", self.address());
            }
            let mut request = self.agent.get(url.as_str()).header("Accept", accept);
            if from > 0 {
                request = request.header("Range", format!("bytes={from}-"));
            }
            let response = match request.call() {
                Ok(response) => response,
                Err(ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed) if tries < 3 => {
                    tries += 1;
                    sleep(Duration::from_millis(300));
                    continue;
                }
                Err(error) => return Err(error).with_context(|| format!("{url} does not answer")),
            };
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
            let status = response.status().as_u16();
            match status {
                200 | 206 => {
                    let begins =
                        |range: &str| range.strip_prefix("bytes ").and_then(|range| range.split_once('-')?.0.parse().ok()) == Some(from);
                    let partial = status == 206 && header("content-range").is_some_and(begins);
                    if status == 206 && !partial {
                        bail!("{url}: the host answered with other bytes than were asked for");
                    }
                    let kind = header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                    return Ok(Answer::Found(Body { response, path, partial, kind, started: Instant::now() }));
                }
                301 | 302 | 303 | 307 | 308 => {
                    redirects += 1;
                    let to = header("location").unwrap_or_default();
                    let Some(next) = self.path_of(&path, to) else {
                        bail!("{url} leads to {:?}, which is not on this host", crate::report::printable(to));
                    };
                    if redirects > REDIRECTS {
                        bail!("{url}: more than {REDIRECTS} redirects");
                    }
                    path = next;
                }
                404 => return Ok(Answer::Absent),
                410 => return Ok(Answer::Gone(reason(response))),
                416 => return Ok(Answer::Outside),
                429 | 503 if tries < TRIES => {
                    tries += 1;
                    let asked = header("retry-after").and_then(|value| value.trim().parse().ok()).unwrap_or(2u64);
                    sleep(Duration::from_secs(asked.clamp(1, LONGEST_WAIT)));
                }
                429 | 503 => bail!("{url} was busy {TRIES} times"),
                other => bail!("{url} answered {other}"),
            }
        }
    }

    /// A small thing, whole; none when it is not there.
    ///
    /// # Errors
    /// When the host does not answer, or it is larger than `most` bytes.
    pub fn whole(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
        match self.get(path, "*/*", 0)? {
            Answer::Found(body) => Ok(Some(body.bytes(most)?)),
            Answer::Absent | Answer::Gone(_) | Answer::Outside => Ok(None),
        }
    }
}

/// The words of a problem document, or a piece of whatever came.
fn reason(mut response: ureq::http::Response<ureq::Body>) -> String {
    let mut text = String::new();
    let _ = response.body_mut().with_config().limit(8 << 10).reader().read_to_string(&mut text);
    let detail = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|value| Some(value.get("detail")?.as_str()?.to_owned()));
    crate::report::printable(&detail.unwrap_or(text))
}

impl Body {
    /// All of it.
    ///
    /// # Errors
    /// When it breaks off, creeps, or is larger than `most` bytes.
    pub fn bytes(self, most: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy(most, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Hands it on piece by piece; gives the number of bytes.
    ///
    /// # Errors
    /// When it breaks off, creeps, is larger than `most` bytes, or `take` fails.
    pub fn copy(mut self, most: u64, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<u64> {
        let path = self.path;
        let mut reader = self.response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 64 << 10];
        let mut bytes = 0u64;
        loop {
            let read = reader.read(&mut buffer).with_context(|| format!("{path} broke off after {bytes} bytes"))?;
            if read == 0 {
                return Ok(bytes);
            }
            bytes += read as u64;
            if bytes > most {
                bail!("{path} is larger than the {most} bytes it may have");
            }
            if self.started.elapsed() > Duration::from_secs(120 + bytes / SLOWEST) {
                bail!("{path} creeps: {bytes} bytes in {} s", self.started.elapsed().as_secs());
            }
            take(buffer.get(..read).unwrap_or_default())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_and_only_this_one() {
        for bad in ["", "file:///etc", "https://x.example/a", "x.example", "https://x.example/?a"] {
            assert!(Client::new(bad).is_err(), "{bad}");
        }
        let client = Client::new("http://127.0.0.1:9/").unwrap();
        assert_eq!(client.address(), "http://127.0.0.1:9");
        assert_eq!(client.path_of("/a/b/", "../c?d#e").as_deref(), Some("/a/c?d"));
        assert_eq!(client.path_of("/a/", "//127.0.0.1:9/x").as_deref(), Some("/x"));
        for elsewhere in ["https://127.0.0.1:9/", "//x.example/", "mailto:a@b", "http://127.0.0.1:10/", "data:,x"] {
            assert_eq!(client.path_of("/", elsewhere), None, "{elsewhere}");
        }
    }
}
