//! Running the server: listening, looking for new versions, stopping.

use std::any::Any;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::{Extensions, Server};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::connections::{Connections, room_for};
use crate::limit::client::Clients;
use crate::state::State;

/// How often the store is asked for its version.
const LOOK: Duration = Duration::from_millis(500);
/// Connections that the system takes in while the server is at something else.
/// The standard library's 128 would make the next of a crowd wait a second.
const BACKLOG: i32 = 4096;
/// Threads of a worker that may block: on the database, on the disk, in a coder.
const BLOCKING: usize = 8;
/// The longest that the first request of a connection may take to come in.
const HEAD: Duration = Duration::from_secs(10);
/// The longest that a connection is kept for the next request.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or SIGINT, then finishes what it began; a second signal
/// ends it at once. Prints the address it listens on as the first line of
/// standard output, and that of the admin port as the second.
///
/// # Errors
/// When it cannot listen, or was told to end before it had finished.
pub async fn run(state: State, listen: &str, admin: Option<SocketAddr>) -> Result<()> {
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    rustix::net::listen(&listener, BACKLOG).with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let admin = match admin {
        Some(admin) => Some(TcpListener::bind(admin).with_context(|| format!("cannot listen on {admin} (--admin)"))?),
        None => None,
    };
    let state = Data::from(Arc::new(state));
    let mut away = Away::default();
    away.tell(look(&state).await);
    let most = room_for(state.settings.max_connections);
    if most < state.settings.max_connections {
        tracing::warn!(most, wanted = state.settings.max_connections, "the system allows too few open files for so many connections");
    }
    let proxies = Clients::new(state.settings.trusted_proxies.clone());
    let connections = Arc::new(Connections::new(most, state.settings.max_connections_per_client, proxies));
    let server = public(&state, &connections, listener)?;
    println!("listening on http://{address}");
    let admin = match admin {
        None => None,
        Some(listener) => {
            let address = listener.local_addr()?;
            println!("admin on http://{address}");
            tracing::info!(%address, "admin port");
            Some(private(&state, &connections, listener)?)
        }
    };
    std::io::stdout().flush()?;
    tracing::info!(%address, store = ?state.store, connections = most, "listening");
    let (stop, stop_admin) = (server.handle(), admin.as_ref().map(Server::handle));
    let admin = admin.map(actix_web::rt::spawn);
    let looking = actix_web::rt::spawn(watch(state, connections.clone(), away));
    let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let mut server = actix_web::rt::spawn(server);
    tokio::select! {
        // It never ends by itself, unless something is wrong.
        done = &mut server => return done.context("the server failed")?.context("the server failed"),
        () = told(&mut signals) => {}
    }
    tracing::info!("stopping: no new connections, requests that came in are answered");
    // Nobody waits for those who have not asked for anything.
    connections.close_waiting();
    let stopping = actix_web::rt::spawn(stop.stop(true));
    let done = tokio::select! {
        done = &mut server => done.context("the server failed")?.context("the server failed"),
        () = told(&mut signals) => Err(anyhow::anyhow!("told to stop twice; answers that were under way are cut")),
    };
    stopping.abort();
    looking.abort();
    if let (Some(stop), Some(admin)) = (stop_admin, admin) {
        drop(stop.stop(false));
        admin.abort();
    }
    tracing::info!("stopped");
    done
}

/// Waits for one of two signals.
async fn told([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn public(state: &Data<State>, connections: &Arc<Connections>, listener: TcpListener) -> Result<Server> {
    let shared = state.clone();
    let door = connections.clone();
    // The limit is kept by `connections`: the framework's own, each worker's,
    // would stop it from accepting at all.
    let each_worker = connections.counts().open + state.settings.max_connections + 1024;
    Ok(HttpServer::new(move || crate::app(shared.clone()))
        .on_connect(move |stream, extensions| enter(&door, stream, extensions))
        .client_request_timeout(HEAD)
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(KEEP_ALIVE)
        // Else Nagle's algorithm may hold the last packet of an answer until the
        // reader has acknowledged the one before.
        .tcp_nodelay(true)
        .max_connections(each_worker)
        // The allocator may keep memory for each of these threads, and the
        // framework would start hundreds.
        .worker_max_blocking_threads(BLOCKING)
        .shutdown_timeout(state.settings.timeout_seconds)
        .disable_signals()
        .listen(listener)
        .context("cannot listen")?
        .run())
}

fn private(state: &Data<State>, connections: &Arc<Connections>, listener: TcpListener) -> Result<Server> {
    let (state, connections) = (state.clone(), connections.clone());
    Ok(HttpServer::new(move || crate::admin::app(state.clone(), connections.clone()))
        .workers(1)
        .client_request_timeout(HEAD)
        .keep_alive(KEEP_ALIVE)
        .max_connections(64)
        .disable_signals()
        .listen(listener)
        .context("cannot listen")?
        .run())
}

/// Takes a connection in; one that is refused is closed already, and the
/// framework finds it at its end.
fn enter(connections: &Arc<Connections>, stream: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = stream.downcast_ref::<TcpStream>() else { return };
    let Ok(peer) = stream.peer_addr() else { return };
    if let Some(ticket) = connections.open(peer, stream) {
        extensions.insert(ticket);
    }
}

/// Looks for new versions and closes connections that nobody uses, for ever.
async fn watch(state: Data<State>, connections: Arc<Connections>, mut away: Away) {
    loop {
        tokio::time::sleep(LOOK).await;
        away.tell(look(&state).await);
        connections.sweep();
    }
}

/// Looks for a new version. Errors are the catalogue's.
async fn look(state: &Data<State>) -> Result<()> {
    let looking = state.clone();
    let found = actix_web::web::block(move || looking.refresh()).await;
    state.metrics.looked(matches!(found, Ok(Ok(_))));
    if let Some(version) = found.context("looking")?? {
        tracing::info!(version, "a new version answers");
    }
    Ok(())
}

/// How often in a row the catalogue could not be read. The log is told when that
/// begins, once a minute while it lasts, and when it ends: a line for every look
/// would bury what else happens meanwhile.
#[derive(Debug, Default)]
struct Away {
    looks: u32,
}

impl Away {
    const EACH: u32 = (60_000 / LOOK.as_millis()) as u32;

    fn tell(&mut self, looked: Result<()>) {
        match looked {
            Ok(()) => {
                if self.looks > 0 {
                    tracing::info!(looks = self.looks, "the catalogue can be read again");
                }
                self.looks = 0;
            }
            Err(error) => {
                if self.looks.is_multiple_of(Self::EACH) {
                    tracing::warn!(error = format!("{error:#}"), looks = self.looks + 1, "the catalogue cannot be read");
                }
                self.looks = self.looks.saturating_add(1);
            }
        }
    }
}
