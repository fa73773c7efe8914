//! The account of a request: one line in the log and its part of the metrics,
//! both when the last of its answer was handed over, with bytes and duration.

use std::cell::RefCell;
use std::io::Write as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use serde::Serialize;

use crate::connections::Busy;
use crate::metrics::{Metrics, NO_ROUTE};

/// Bodies up to this size are handed over at once; larger ones are followed.
const SMALL: u64 = 64 << 10;

/// A request on its way.
#[derive(Debug)]
pub struct Account {
    id: Rc<str>,
    method: Method,
    client: String,
    started: Instant,
    metrics: Option<Arc<Metrics>>,
    /// Keeps the connection from being closed for another meanwhile.
    busy: Option<Busy>,
}

impl Account {
    /// Opens the account of a request. `client` is a truncated address.
    #[must_use]
    pub fn new(id: Rc<str>, method: Method, client: String, busy: Option<Busy>, metrics: Option<Arc<Metrics>>) -> Account {
        if let Some(metrics) = &metrics {
            metrics.in_flight.inc();
        }
        Account { id, method, client, started: Instant::now(), metrics, busy }
    }

    /// The request's id.
    #[must_use]
    pub fn id(&self) -> Rc<str> {
        self.id.clone()
    }

    /// The request's id.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.id
    }

    /// The answer begins. `route` is the pattern that matched.
    #[must_use]
    pub fn begin(self, response: HttpResponse, route: Option<String>) -> HttpResponse {
        let status = response.status();
        let mut route = route.unwrap_or_else(|| NO_ROUTE.to_owned());
        let begun = self.started.elapsed();
        if let Some(metrics) = &self.metrics {
            route = metrics.answered(route, status.as_u16(), begun);
        }
        let size = response.body().size();
        let (pieces, known) = match size {
            BodySize::None => (false, 0),
            BodySize::Sized(bytes) => (bytes > SMALL, bytes),
            BodySize::Stream => (true, 0),
        };
        let head = self.method == Method::HEAD;
        let mut answer = Answer { account: self, route, status, begun, bytes: 0, whole: true, pieces: pieces && !head };
        if !answer.pieces {
            answer.bytes = if head { 0 } else { known };
            return response;
        }
        answer.whole = false;
        if let Some(metrics) = &answer.account.metrics {
            metrics.streams.inc();
        }
        response.map_body(|_, body| BoxBody::new(Followed { body, size, answer }))
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let Some(metrics) = &self.metrics {
            metrics.in_flight.dec();
        }
        drop(self.busy.take());
    }
}

/// An answer on its way; settled when dropped.
struct Answer {
    account: Account,
    route: String,
    status: StatusCode,
    begun: Duration,
    bytes: u64,
    whole: bool,
    pieces: bool,
}

impl Drop for Answer {
    fn drop(&mut self) {
        let Answer { account, route, status, begun, bytes, whole, pieces } = self;
        if let Some(metrics) = &account.metrics {
            metrics.sent(*bytes);
            if *pieces {
                metrics.streams.dec();
            }
            if !*whole {
                metrics.cut.inc();
            }
        }
        Line {
            timestamp: Now,
            level: if status.as_u16() == 500 { "ERROR" } else { "INFO" },
            message: "request",
            request_id: account.text(),
            method: account.method.as_str(),
            route,
            status: status.as_u16(),
            begun_ms: begun.as_millis() as u64,
            ms: account.started.elapsed().as_millis() as u64,
            bytes: *bytes,
            whole: *whole,
            client: &account.client,
            target: module_path!(),
        }
        .write();
    }
}

/// A request's line of the log, in the form of all the others. It is written
/// here and not by the subscriber, whose way through visitors and formatters
/// takes a tenth of the time that a ready answer takes.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: Now,
    level: &'static str,
    message: &'static str,
    request_id: &'a str,
    method: &'a str,
    route: &'a str,
    status: u16,
    begun_ms: u64,
    ms: u64,
    bytes: u64,
    whole: bool,
    client: &'a str,
    target: &'static str,
}

/// The time of writing, UTC, to the microsecond.
struct Now;

impl Serialize for Now {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.6}", jiff::Timestamp::now()))
    }
}

impl Line<'_> {
    /// Writes the line to standard error, whole and at once, if the log wants it.
    fn write(&self) {
        let wanted = match self.level {
            "ERROR" => tracing::enabled!(tracing::Level::ERROR),
            _ => tracing::enabled!(tracing::Level::INFO),
        };
        if !wanted {
            return;
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            // Into memory nothing fails; a log that nobody reads stops nothing.
            if serde_json::to_writer(&mut *line, self).is_ok() {
                line.push(b'\n');
                let _ = std::io::stderr().write_all(line);
            }
        });
    }
}

thread_local! {
    /// Room for a line.
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A body whose pieces are counted.
struct Followed {
    body: BoxBody,
    size: BodySize,
    answer: Answer,
}

impl MessageBody for Followed {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let piece = ready!(Pin::new(&mut this.body).poll_next(context));
        match &piece {
            Some(Ok(bytes)) => this.answer.bytes += bytes.len() as u64,
            None => this.answer.whole = true,
            Some(Err(_)) => {}
        }
        if matches!(this.size, BodySize::Sized(size) if size == this.answer.bytes) {
            this.answer.whole = true;
        }
        Poll::Ready(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(metrics: &Arc<Metrics>, method: Method, bytes: usize) -> HttpResponse {
        let account = Account::new("id".into(), method, "-".to_owned(), None, Some(metrics.clone()));
        account.begin(HttpResponse::Ok().body(vec![7u8; bytes]), Some("/v1".to_owned()))
    }

    #[actix_web::test]
    async fn answers_are_settled_when_they_have_gone_out() {
        let metrics = Arc::new(Metrics::default());
        let small = begun(&metrics, Method::GET, 10);
        assert_eq!(metrics.in_flight.get(), 0, "small ones at once");
        drop(small);
        let large = begun(&metrics, Method::GET, 100_000);
        assert_eq!((metrics.in_flight.get(), metrics.streams.get()), (1, 1));
        let body = actix_web::body::to_bytes(large.into_body()).await.unwrap();
        assert_eq!(body.len(), 100_000);
        assert_eq!((metrics.in_flight.get(), metrics.streams.get(), metrics.cut.get()), (0, 0, 0));
        drop(begun(&metrics, Method::GET, 100_000));
        assert_eq!((metrics.in_flight.get(), metrics.cut.get()), (0, 1), "one that nobody read");
        drop(begun(&metrics, Method::HEAD, 100_000));
        assert_eq!((metrics.in_flight.get(), metrics.cut.get()), (0, 1), "of HEAD nothing goes out");
    }
}
