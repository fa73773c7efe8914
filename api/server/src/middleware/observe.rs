//! The outermost layer: request ids, log lines, checks of the address, errors
//! of every layer in one form, panics caught, time limited, and the headers
//! that every answer carries.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};

use crate::limit::truncated;
use crate::params::decode_percent;
use crate::problem::{Code, ForTheLog, Problem};
use crate::respond::WasHead;
use crate::state::State;
use crate::words::Language;

/// Longest address, in bytes.
const LONGEST_URI: usize = 4096;
/// Largest sum of header names and values, in bytes.
const LARGEST_HEADERS: usize = 32 << 10;
/// Largest body that is not refused; it is not read either.
const LARGEST_BODY: u64 = 64 << 10;

/// What must be known of a request after it has been given away.
struct Seen {
    id: String,
    language: Language,
    method: Method,
    client: String,
    started: Instant,
}

/// The middleware.
pub async fn observe(mut request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<Data<State>>().cloned();
    let peer = request.peer_addr().map(|peer| peer.ip());
    let seen = Seen {
        id: request_id(),
        language: Language::of(request.headers()),
        method: request.method().clone(),
        client: truncated(state.as_ref().map(|state| state.limits.client(peer, request.headers())).or(peer)),
        started: Instant::now(),
    };
    if let Some(early) = refused(&request) {
        let mut response = request.into_response(early.render(seen.language, &seen.id));
        seal(response.headers_mut(), &seen.id);
        seen.log(&response, None);
        return Ok(response);
    }
    if seen.method == Method::OPTIONS {
        let mut response = request.into_response(preflight());
        seal(response.headers_mut(), &seen.id);
        seen.log(&response, None);
        return Ok(response);
    }
    if seen.method == Method::HEAD {
        // Every address that answers GET answers HEAD: the connection knows
        // that it was a HEAD and sends no body.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(WasHead);
    }
    let limit = Duration::from_secs(state.as_ref().map_or(30, |state| state.settings.timeout_seconds));
    let response = match tokio::time::timeout(limit, catch(next.call(request))).await {
        Ok(Ok(Ok(response))) => response.map_into_boxed_body(),
        Ok(Ok(Err(error))) => {
            let status = error.as_response_error().status_code();
            return Err(lost(&seen, &Problem::plain(Code::of_status(status.as_u16()))));
        }
        Ok(Err(())) => {
            tracing::error!(request_id = seen.id, "a handler panicked");
            return Err(lost(&seen, &Problem::plain(Code::Internal)));
        }
        Err(_) => return Err(lost(&seen, &Problem::plain(Code::Timeout))),
    };
    let mut response = in_one_form(response, &seen);
    seal(response.headers_mut(), &seen.id);
    let internal = response.response_mut().extensions_mut().remove::<ForTheLog>();
    seen.log(&response, internal);
    Ok(response)
}

/// What is wrong with a request before any handler sees it.
fn refused(request: &ServiceRequest) -> Option<Problem> {
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
    // The framework would let %ff pass as U+FFFD. A zero byte names no file.
    let decoded = decode_percent(uri.path());
    let query = uri.query().map_or(Some(String::new()), decode_percent);
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

/// An answer for a request that a panic or the clock took away.
fn lost(seen: &Seen, problem: &Problem) -> Error {
    let mut response = problem.render(seen.language, &seen.id);
    seal(response.headers_mut(), &seen.id);
    tracing::info!(
        request_id = seen.id,
        method = seen.method.as_str(),
        status = problem.code.status(),
        ms = seen.started.elapsed().as_millis() as u64,
        client = seen.client,
        "request"
    );
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
    let mut rendered = problem.render(seen.language, &seen.id);
    for (name, value) in response.headers() {
        if matches!(name.as_str(), "ratelimit" | "ratelimit-policy") {
            rendered.headers_mut().insert(name.clone(), value.clone());
        }
    }
    if let Some(internal) = internal {
        rendered.extensions_mut().insert(internal);
    }
    response.into_response(rendered)
}

/// The headers that every answer carries.
fn seal(headers: &mut HeaderMap, id: &str) {
    let fixed = [
        ("access-control-allow-origin", "*"),
        (
            "access-control-expose-headers",
            "Link, ETag, Retry-After, RateLimit, RateLimit-Policy, Repr-Digest, Content-Location, Content-Range, \
             Content-Disposition, Deprecation, Sunset, X-Request-Id",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-resource-policy", "cross-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

impl Seen {
    /// One line. The route's pattern stands for the path, and the query is left
    /// out: neither then repeats what a client typed.
    fn log(&self, response: &ServiceResponse<BoxBody>, internal: Option<ForTheLog>) {
        let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
        let status = response.status();
        let ms = self.started.elapsed().as_millis() as u64;
        if let Some(ForTheLog(error)) = internal {
            tracing::error!(request_id = self.id, error = &*error, "a request failed");
        }
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request_id = self.id, method = self.method.as_str(), route, status = 500, ms, client = self.client, "request");
        } else {
            tracing::info!(
                request_id = self.id,
                method = self.method.as_str(),
                route,
                status = status.as_u16(),
                ms,
                client = self.client,
                "request"
            );
        }
    }
}

/// Catches a panic of the future while it is polled.
async fn catch<F: Future>(future: F) -> Result<F::Output, ()> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(_) => Poll::Ready(Err(())),
    })
    .await
}

/// A fresh id: 16 hex digits from the standard library's seeded hasher.
fn request_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let hash = std::hash::RandomState::new().build_hasher().finish();
    format!("{hash:016x}")
}
