//! A plain HTTP client that takes every status as an answer, and answers that
//! can say what is wrong with them.

use std::time::Duration;

use serde_json::Value;

/// A client of one server.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
}

impl Client {
    /// A client of the server at `base` (`http://127.0.0.1:8080`).
    pub fn new(base: &str) -> Client {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        Client { agent, base: base.trim_end_matches('/').to_owned() }
    }

    /// The server's address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// GET of a path with query.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    /// Any request without a body.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let response = self.agent.run(request).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(4 << 30).read_to_vec().unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        Reply { request: format!("{method} {path}"), status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Whether nothing answers any more, within 5 s.
    pub fn silent(&self) -> bool {
        let address = self.base.trim_start_matches("http://");
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            std::net::TcpStream::connect(address).is_err()
        })
    }

    /// Asks until the status is `wanted`, for at most 20 s.
    #[track_caller]
    pub fn wait(&self, path: &str, wanted: u16) -> Reply {
        let start = std::time::Instant::now();
        loop {
            let reply = self.get(path);
            if reply.status == wanted || start.elapsed() > Duration::from_secs(20) {
                return reply.is(wanted);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The request, for messages.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Reply {
    /// Demands a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}: {}", self.request, self.start());
        self
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.request))
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.request, self.start()))
    }

    /// Demands a problem document (RFC 9457) with this status, and returns it.
    #[track_caller]
    pub fn problem(self, status: u16) -> Value {
        let reply = self.is(status);
        let kind = reply.header("content-type");
        assert!(kind.starts_with("application/problem+json"), "{}: content type {kind:?}, body {}", reply.request, reply.start());
        let problem = reply.json();
        assert_eq!(problem["status"], status, "{}: {problem}", reply.request);
        for field in ["type", "code", "title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{}: no {field} in {problem}", reply.request);
        }
        problem
    }

    /// The body's beginning, for messages.
    pub fn start(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(600)]).into_owned()
    }
}
