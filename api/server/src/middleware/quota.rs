//! Takes each request from its client's quota and tells what is left.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, ResponseError};

use crate::limit::{Policy, draft};
use crate::problem::Failure;
use crate::ready::{Keep, Route};
use crate::state::State;

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
    let refused = |left| Failure::from(draft::refusal(policy, left)).error_response();
    let taken = if conditional { limits.take_conditional(policy, client) } else { limits.take(policy, client) };
    let (mut response, left) = match taken {
        Err(left) => (request.into_response(refused(left)), left),
        Ok(left) => {
            let response = answered(&state, request, next).await?;
            if conditional && response.status() != StatusCode::NOT_MODIFIED {
                match limits.take(policy, client) {
                    Ok(left) => (response, left),
                    Err(left) => (response.into_response(refused(left)), left),
                }
            } else {
                (response, left)
            }
        }
    };
    draft::tell(response.headers_mut(), policy, limits.quota(policy), left);
    Ok(response)
}

/// What is ready, or what the handler answers.
async fn answered(
    state: &State,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(question) = state.ready.question(&request) else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    if let Some((response, route)) = state.ready.get(&question) {
        state.cache.was_ready();
        request.extensions_mut().insert(route);
        return Ok(request.into_response(response));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    if !response.response().extensions().contains::<Keep>() {
        return Ok(response);
    }
    let Some(route) = response.request().match_pattern() else { return Ok(response) };
    let (request, response) = response.into_parts();
    let response = state.ready.keep(question, response, &route);
    // The outermost layer need not look for it again.
    request.extensions_mut().insert(Route(route));
    Ok(ServiceResponse::new(request, response))
}
