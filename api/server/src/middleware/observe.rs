//! The outermost layer: request ids, log lines, checks of the address, errors
//! of every layer in one form, panics caught, time limited, and the headers
//! that every answer carries.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, Version};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};

use crate::connections::Ticket;
use crate::limit::{draft, truncated};
use crate::middleware::account::Account;
use crate::panics::catch;
use crate::params::decode_percent;
use crate::problem::{Code, ForTheLog, Problem};
use crate::ready::Route;
use crate::respond::WasHead;
use crate::state::State;
use crate::words::Language;

/// Longest address, in bytes.
const LONGEST_URI: usize = 8192;
/// Largest sum of header names and values, in bytes.
const LARGEST_HEADERS: usize = 32 << 10;
/// Largest body that is not refused; it is not read either.
const LARGEST_BODY: u64 = 64 << 10;

/// How long the last answer of a connection has to go out, when more was sent
/// behind its request.
const LAST: Duration = Duration::from_millis(500);

/// What must be known of a request after it has been given away.
struct Seen {
    language: Language,
    method: Method,
    /// Whether it has a body, which nobody reads.
    has_body: bool,
    account: Account,
}

/// The middleware.
pub async fn observe(mut request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<Data<State>>().cloned();
    let peer = request.peer_addr().map(|peer| peer.ip());
    let proxy = state.as_ref().is_some_and(|state| state.limits.is_proxy(peer));
    let id: Rc<str> = given_id(request.headers()).filter(|_| proxy).unwrap_or_else(request_id).into();
    let client = truncated(state.as_ref().map(|state| state.limits.client(peer, request.headers())).or(peer));
    let busy = request.conn_data::<Ticket>().map(Ticket::busy);
    if let Some(busy) = busy.as_ref().filter(|busy| busy.is_over(has_body(request.headers()))) {
        // The framework hands on what it has read already. What stands behind a
        // body may be part of it in the eyes of a proxy: it gets no answer.
        tokio::time::sleep(LAST).await;
        busy.close();
        return Ok(request.into_response(HttpResponse::BadRequest().finish()));
    }
    let seen = Seen {
        language: Language::of(request.headers()),
        method: request.method().clone(),
        has_body: has_body(request.headers()),
        account: Account::new(id, request.method().clone(), client, busy, state.as_ref().map(|state| state.metrics.clone())),
    };
    if let Some(early) = refused(&request) {
        let response = request.into_response(early.render(seen.language, seen.id()));
        return Ok(seen.finish(response));
    }
    if seen.method == Method::OPTIONS {
        return Ok(seen.finish(request.into_response(preflight())));
    }
    if seen.method == Method::HEAD {
        // Every address that answers GET answers HEAD: the connection knows
        // that it was a HEAD and sends no body.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(WasHead);
    }
    let limit = Duration::from_secs(state.as_ref().map_or(30, |state| state.settings.timeout_seconds));
    let response = match tokio::time::timeout(limit, catch(seen.account.id(), next.call(request))).await {
        Ok(Ok(Ok(response))) => response.map_into_boxed_body(),
        Ok(Ok(Err(error))) => {
            let status = error.as_response_error().status_code();
            return Err(lost(seen, &Problem::plain(Code::of_status(status.as_u16()))));
        }
        Ok(Err(())) => {
            tracing::error!(request_id = seen.id(), "a handler panicked");
            if let Some(state) = &state {
                state.metrics.panics.inc();
            }
            return Err(lost(seen, &Problem::plain(Code::Internal)));
        }
        Err(_) => return Err(lost(seen, &Problem::plain(Code::Timeout))),
    };
    let response = in_one_form(response, &seen);
    Ok(seen.finish(response))
}

/// Whether a request says that a body follows.
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// The id that a proxy of ours gave a request, if it is one: what clients send
/// is theirs to choose, and would let them make lines of the log look alike.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((8..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// Whether the host is named as RFC 9112 (section 3.2) demands: once, by what
/// can be one. Which one does not matter, since no answer repeats it.
fn names_a_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%:[]!$&'()*+,;=".contains(byte);
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes().iter().all(plain),
        (None, _) => version < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// What is wrong with a request before any handler sees it.
fn refused(request: &ServiceRequest) -> Option<Problem> {
    // A request that was made in process has no connection, and no host.
    if request.conn_data::<Ticket>().is_some() && !names_a_host(request.version(), request.headers()) {
        return Some(Problem::plain(Code::BadRequest));
    }
    let uri = request.uri();
    if uri.path_and_query().map_or(0, |text| text.as_str().len()) > LONGEST_URI {
        return Some(Problem::plain(Code::UriTooLong));
    }
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > LARGEST_HEADERS {
        return Some(Problem::plain(Code::HeadersTooLarge));
    }
    let body =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if body.is_some_and(|body| body > LARGEST_BODY) {
        return Some(Problem::plain(Code::PayloadTooLarge));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Some(Problem::plain(Code::MethodNotAllowed));
    }
    if body.is_some_and(|body| body > 0) || request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Some(Problem::plain(Code::UnsupportedMediaType));
    }
    // Two names of the host: which one was meant, only an attacker knows (RFC 9112, 3.2).
    if request.headers().get_all(header::HOST).count() > 1 {
        return Some(Problem::plain(Code::BadRequest));
    }
    // The framework would let %ff pass as U+FFFD. A zero byte names no file.
    let decoded = decode_percent(uri.path());
    let query = uri.query().map_or(Some(Cow::Borrowed("")), decode_percent);
    match (decoded, query) {
        (Some(path), Some(_)) if !path.contains('\0') => None,
        _ => Some(Problem::plain(Code::InvalidEncoding)),
    }
}

fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, "GET, HEAD, OPTIONS"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Accept-Language, If-None-Match, If-Modified-Since, Range, If-Range"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

/// An answer for a request that a panic or the clock took away. Its route is
/// gone with it.
fn lost(seen: Seen, problem: &Problem) -> Error {
    let mut response = problem.render(seen.language, seen.id());
    seal(response.headers_mut(), seen.id());
    if seen.has_body {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let response = seen.account.begin(response, None);
    InternalError::from_response(problem.code.as_str(), response).into()
}

/// Gives every error answer the form of a problem.
fn in_one_form(mut response: ServiceResponse<BoxBody>, seen: &Seen) -> ServiceResponse<BoxBody> {
    let told = response.response_mut().extensions_mut().remove::<Problem>();
    let internal = response.response_mut().extensions_mut().remove::<ForTheLog>();
    let status = response.status();
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let problem = match told {
        Some(problem) => problem,
        // A page of the site, or an answer that is none of an error.
        None if is_page || status.as_u16() < 400 => return response,
        None => Problem::plain(Code::of_status(status.as_u16())),
    };
    let mut rendered = problem.render(seen.language, seen.id());
    for (name, value) in response.headers() {
        if *name == draft::POLICY || *name == draft::LIMIT {
            rendered.headers_mut().insert(name.clone(), value.clone());
        }
    }
    if let Some(internal) = internal {
        rendered.extensions_mut().insert(internal);
    }
    response.into_response(rendered)
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers that are the same in every answer.
static FIXED: [(HeaderName, HeaderValue); 5] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Link, ETag, Retry-After, RateLimit, RateLimit-Policy, Repr-Digest, Content-Location, Content-Range, \
             Content-Disposition, Deprecation, Sunset, X-Request-Id",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin")),
];

/// The headers that every answer carries.
fn seal(headers: &mut HeaderMap, id: &str) {
    for (name, value) in &FIXED {
        headers.insert(name.clone(), value.clone());
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

impl Seen {
    fn id(&self) -> &str {
        self.account.text()
    }

    /// Puts on what every answer carries, and hands it over to the account.
    fn finish(self, mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        seal(response.headers_mut(), self.id());
        if let Some(ForTheLog(error)) = response.response_mut().extensions_mut().remove::<ForTheLog>() {
            tracing::error!(request_id = self.id(), error = &*error, "a request failed");
        }
        if self.has_body {
            // What follows on the connection would be the body, not a request.
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        // The pattern stands for the path, and the query is left out: neither
        // then repeats what a client typed.
        let known = response.request().extensions_mut().remove::<Route>();
        let route = known.map(|route| route.0).or_else(|| response.request().match_pattern());
        let (request, response) = response.into_parts();
        ServiceResponse::new(request, self.account.begin(response, route))
    }
}

/// A fresh id: 16 hex digits from the standard library's seeded hasher.
fn request_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let hash = std::hash::RandomState::new().build_hasher().finish();
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn hosts() {
        let is = |all: &[(&'static str, &'static str)]| names_a_host(Version::HTTP_11, &headers(all));
        assert!(is(&[("host", "x")]) && is(&[("host", "[::1]:80")]) && is(&[("host", "")]));
        assert!(!is(&[]) && !is(&[("host", "a b")]) && !is(&[("host", "a/b")]) && !is(&[("host", "a"), ("host", "a")]));
        assert!(names_a_host(Version::HTTP_10, &headers(&[])));
    }

    #[test]
    fn ids_of_proxies() {
        let of = |id: &'static str| given_id(&headers(&[("x-request-id", id)]));
        assert_eq!(of("0123-abc_DEF.9").as_deref(), Some("0123-abc_DEF.9"));
        for id in ["", "short", "0123456789\"", "0123456789 abc", "01234567890123456789012345678901234567890123456789012345678901234"] {
            assert_eq!(of(id), None, "{id}");
        }
    }

    #[test]
    fn bodies() {
        assert!(has_body(&headers(&[("content-length", "5")])) && has_body(&headers(&[("transfer-encoding", "chunked")])));
        assert!(!has_body(&headers(&[])) && !has_body(&headers(&[("content-length", "0")])));
    }
}
