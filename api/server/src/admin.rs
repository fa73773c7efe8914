//! The admin port: metrics, liveness and readiness, for those who run the
//! server. Off unless asked for, and on loopback unless said explicitly.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpRequest, HttpResponse};
use anyhow::{Context, Result, ensure};

use crate::connections::Connections;
use crate::metrics::{CLASSIC, OPEN, classic};
use crate::middleware::observe;
use crate::problem::{Answer, Code, Problem};
use crate::routes::health;
use crate::state::State;

/// Where the admin port listens: the address it was given, if that is of this
/// machine only, or `remote` allows others.
///
/// # Errors
/// When it is no address, or others could reach it and that was not asked for.
pub fn address(text: &str, remote: bool) -> Result<SocketAddr> {
    let address = text
        .to_socket_addrs()
        .with_context(|| format!("--admin {text:?} is no address: expected such as 127.0.0.1:9464"))?
        .next()
        .with_context(|| format!("--admin {text:?} names no address"))?;
    ensure!(
        remote || address.ip().is_loopback(),
        "--admin {text}: others could reach the metrics there. Use a loopback address such as 127.0.0.1:{}, or say --admin-remote",
        address.port()
    );
    Ok(address)
}

/// The application of the admin port.
pub fn app(
    state: Data<State>,
    connections: Arc<Connections>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>> {
    App::new()
        .route("/metrics", web::get().to(metrics))
        .service(health::get_liveness)
        .service(health::get_readiness)
        .default_service(web::to(nothing))
        .app_data(state)
        .app_data(Data::from(connections))
        .wrap(from_fn(observe::observe))
}

async fn nothing() -> Answer {
    Err(Problem::plain(Code::NotFound).into())
}

/// Metrics, in OpenMetrics where it is accepted, else in the older text format.
async fn metrics(request: HttpRequest, state: Data<State>, connections: Data<Connections>) -> Answer {
    state.cache.settle().await;
    let accepted = request.headers().get(header::ACCEPT).is_some_and(|value| {
        let text = value.as_bytes();
        text.windows(28).any(|part| part.eq_ignore_ascii_case(b"application/openmetrics-text"))
    });
    // Counting the files of the process and the numbers of a table takes a moment.
    let open = web::block(move || state.metrics.write(&state, Some(&connections))).await?.map_err(anyhow::Error::from)?;
    let (kind, body) = if accepted { (OPEN, open) } else { (CLASSIC, classic(&open)) };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .body(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_unless_said_explicitly() {
        for text in ["127.0.0.1:9464", "[::1]:9464", "127.0.0.2:0"] {
            assert!(address(text, false).is_ok(), "{text}");
        }
        for text in ["0.0.0.0:9464", "[::]:9464", "10.0.0.1:9464"] {
            let error = address(text, false).unwrap_err().to_string();
            assert!(error.contains("--admin-remote"), "{error}");
            assert!(address(text, true).is_ok(), "{text}");
        }
        assert!(address("9464", true).is_err());
    }
}
