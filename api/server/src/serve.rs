//! Running the server: listening, looking for new versions, stopping.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use anyhow::{Context, Result};

use crate::state::State;

/// How often the store is asked for its version.
const LOOK: Duration = Duration::from_millis(500);
/// How often quotas at rest are forgotten.
const PRUNE: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or SIGINT, then finishes what it began. Prints the
/// address it listens on as the first line of standard output.
///
/// # Errors
/// When it cannot listen.
pub async fn run(state: State, listen: &str) -> Result<()> {
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let state = Data::from(Arc::new(state));
    look(&state).await;
    let max_connections = state.settings.max_connections;
    let timeout = Duration::from_secs(state.settings.timeout_seconds);
    let shared = state.clone();
    let server = HttpServer::new(move || crate::app(shared.clone()))
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(30))
        // Else Nagle's algorithm may hold the last packet of an answer until the
        // reader has acknowledged the one before.
        .tcp_nodelay(true)
        .max_connections(max_connections)
        .shutdown_timeout(timeout.as_secs())
        .listen(listener)
        .context("cannot listen")?
        .run();
    println!("listening on http://{address}");
    std::io::stdout().flush()?;
    tracing::info!(%address, store = ?state.store, "listening");
    let looking = actix_web::rt::spawn(watch(state));
    let done = server.await;
    looking.abort();
    tracing::info!("stopped");
    done.context("the server failed")
}

/// Looks for new versions, and forgets quotas at rest, for ever.
async fn watch(state: Data<State>) {
    let mut since = Duration::ZERO;
    loop {
        tokio::time::sleep(LOOK).await;
        look(&state).await;
        since += LOOK;
        if since >= PRUNE {
            since = Duration::ZERO;
            state.limits.prune();
        }
    }
}

async fn look(state: &Data<State>) {
    let looking = state.clone();
    match actix_web::web::block(move || looking.refresh()).await {
        Ok(Ok(Some(version))) => tracing::info!(version, "a new version answers"),
        Ok(Ok(None)) | Err(_) => {}
        Ok(Err(error)) => tracing::warn!(error = format!("{error:#}"), "the catalogue cannot be read"),
    }
}
