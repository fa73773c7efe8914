//! Takes each request from its client's quota and tells what is left.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::limit::{Left, Policy};
use crate::problem::{Code, Failure, Problem};
use crate::state::State;
use crate::words::Text;

/// The middleware. A conditional request is answered first and taken from the
/// quota only when it was no 304; a wider bound keeps that from being misused.
pub async fn quota(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let (Some(policy), Some(state)) = (Policy::of(request.path()), request.app_data::<Data<State>>().cloned()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = state.limits.client(peer, request.headers());
    let conditional = request.headers().contains_key(header::IF_NONE_MATCH) || request.headers().contains_key(header::IF_MODIFIED_SINCE);
    let limits = &state.limits;
    let taken = if conditional { limits.take_conditional(policy, client) } else { limits.take(policy, client) };
    let (mut response, left) = match taken {
        Err(left) => {
            let refused = refusal(left);
            (request.into_response(actix_web::ResponseError::error_response(&refused)), left)
        }
        Ok(left) => {
            let response = next.call(request).await?.map_into_boxed_body();
            if conditional && response.status() != StatusCode::NOT_MODIFIED {
                match limits.take(policy, client) {
                    Ok(left) => (response, left),
                    Err(left) => {
                        let refused = actix_web::ResponseError::error_response(&refusal(left));
                        (response.into_response(refused), left)
                    }
                }
            } else {
                (response, left)
            }
        }
    };
    let quota = limits.quota(policy);
    let name = policy.as_str();
    let mut set = |header: &'static str, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(HeaderName::from_static(header), value);
        }
    };
    set("ratelimit-policy", format!("\"{name}\";q={};w={}", quota.requests, quota.seconds));
    set("ratelimit", format!("\"{name}\";r={};t={}", left.requests.min(quota.requests), left.seconds));
    Ok(response)
}

fn refusal(left: Left) -> Failure {
    let seconds = left.seconds;
    Problem::new(
        Code::QuotaExceeded,
        Text::new(
            format!("kuota habis; coba lagi dalam {seconds} detik. Kuota ada di /v1"),
            format!("the quota is used up; try again in {seconds} seconds. Quotas are listed at /v1"),
        ),
    )
    .header(header::RETRY_AFTER, HeaderValue::from(seconds))
    .into()
}
