//! `bansos-api`: the host's command. It sees release folders, the log and the
//! catalogue, and never a registry.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use catalogue::{DataFolder, Store};
use clap::{Args, Parser, Subcommand};
use domain::ReleaseId;
use server::config::{Quota, ServerFile, Settings, parse};
use server::state::{Draft, State};

/// Threads that block come and go, and glibc's allocator keeps for each what it
/// once had: 500 MiB for 100 in use. This one gives it back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const EXAMPLES: &str = "Examples:
  bansos-api --data ./data admit ./drafts/36.71-2025-06
  bansos-api --data ./data serve --listen 127.0.0.1:8080
  bansos-api --data ./data withdraw 36.71-2025-06 --reason 'Wrong file for June'
  bansos-api --data ./data rebuild

Settings are read from flags, then environment (BANSOS_*), then the table
[server] of DATA/bansos.toml, then defaults.";

/// Admits releases of districts, and serves them.
#[derive(Parser)]
#[command(name = "bansos-api", version, about, after_help = EXAMPLES)]
struct Cli {
    /// Folder of keys, log, releases and catalogue.
    #[arg(long, env = "BANSOS_DATA", default_value = "./data", global = true)]
    data: PathBuf,
    /// Catalogue: postgres://… or sqlite:FOLDER. SQLite in DATA/catalogue when left out.
    #[arg(long, env = "BANSOS_CATALOGUE", hide_env_values = true, global = true)]
    catalogue: Option<String>,
    /// Which log lines are written, such as info, debug or warn.
    #[arg(long, env = "BANSOS_LOG", global = true)]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Admit release folders: check files and signature, run the attacks, extend the log, build the catalogue.
    #[command(after_help = "Example:\n  bansos-api --data ./data admit ./drafts/36.71-2025-06 ./drafts/33.28-2025-06")]
    Admit {
        /// Release folders.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
    /// Withdraw a release: its figures and files answer 410 with the reason from then on.
    #[command(after_help = "Example:\n  bansos-api --data ./data withdraw 36.71-2025-06 --reason 'Wrong file for June'")]
    Withdraw {
        /// The release, such as 36.71-2025-06.
        release: ReleaseId,
        /// Why; shown to everyone who asks for the release.
        #[arg(long)]
        reason: String,
    },
    /// Build the catalogue anew from release folders and log.
    #[command(after_help = "Example:\n  bansos-api --data ./data rebuild")]
    Rebuild,
    /// Put witnesses' cosignatures on the log's checkpoint: from a checkpoint they cosigned, or by asking them.
    #[command(
        after_help = "A witness counts when its key lies in DATA/keys/witness-NAME.vkey. A new entry makes a new checkpoint, which begins without cosignatures.\n\nExample:\n  bansos-api --data ./data cosign --checkpoint from-the-witness.txt\n  bansos-api --data ./data cosign --witness https://witness.example.org"
    )]
    #[command(group(clap::ArgGroup::new("from").required(true).multiple(true).args(["checkpoint", "witness"])))]
    Cosign {
        /// A file that a witness gave: the checkpoint with its line, or the line alone.
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// Submission prefix of a witness that speaks C2SP tlog-witness.
        #[arg(long, value_name = "URL")]
        witness: Vec<String>,
    },
    /// Serve API, documentation, log, files and site.
    #[command(after_help = "Example:\n  bansos-api --data ./data serve --listen 127.0.0.1:8080 --site ./data/site/current")]
    Serve(Serve),
    /// Help with a catalogue in PostgreSQL.
    #[command(subcommand)]
    Database(Database),
    /// Print the OpenAPI document.
    #[command(after_help = "Example:\n  bansos-api openapi > openapi/openapi.json")]
    Openapi,
}

#[derive(Subcommand)]
enum Database {
    /// Print the SQL that makes two roles: one that admits and writes, one for servers with SELECT only.
    #[command(
        after_help = "Run it in the catalogue's database, as its owner or a superuser; running it again changes nothing.\n\nExample:\n  bansos-api database roles | psql --dbname bansos"
    )]
    Roles,
}

#[derive(Args)]
struct Serve {
    /// Replicas of a catalogue in PostgreSQL that are read first: postgres://…, separated by commas.
    #[arg(long, env = "BANSOS_CATALOGUE_REPLICAS", hide_env_values = true, value_name = "URLS")]
    catalogue_replicas: Option<String>,
    /// Address and port; port 0 takes a free one, which the first line of output names [default: 127.0.0.1:8080]
    #[arg(long, env = "BANSOS_LISTEN")]
    listen: Option<String>,
    /// Folder of the built site [default: DATA/site/current]
    #[arg(long, env = "BANSOS_SITE")]
    site: Option<PathBuf>,
    /// Preview: show this release folder, not yet admitted, as the newest version.
    #[arg(long, value_name = "RELEASE_DIR")]
    draft: Option<PathBuf>,
    /// Quota of lists per client, REQUESTS/SECONDS [default: 300/60]
    #[arg(long, env = "BANSOS_LIMIT_LIST")]
    limit_list: Option<Quota>,
    /// Quota of statistics per client, REQUESTS/SECONDS [default: 300/60]
    #[arg(long, env = "BANSOS_LIMIT_STATISTICS")]
    limit_statistics: Option<Quota>,
    /// Quota of files per client, REQUESTS/SECONDS [default: 3000/60]
    #[arg(long, env = "BANSOS_LIMIT_DOWNLOADS")]
    limit_downloads: Option<Quota>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas.
    #[arg(long, env = "BANSOS_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxies: Option<Vec<server::config::Network>>,
    /// Most bytes of encoded answers kept in memory [default: 50331648]
    #[arg(long, env = "BANSOS_CACHE_BYTES")]
    cache_bytes: Option<u64>,
    /// Most seconds until an answer begins [default: 30]
    #[arg(long, env = "BANSOS_TIMEOUT_SECONDS")]
    timeout_seconds: Option<u64>,
    /// Most connections at once [default: 4096]
    #[arg(long, env = "BANSOS_MAX_CONNECTIONS")]
    max_connections: Option<usize>,
    /// Most connections at once of one client; proxies that are trusted have no such limit [default: 1024]
    #[arg(long, env = "BANSOS_MAX_CONNECTIONS_PER_CLIENT")]
    max_connections_per_client: Option<usize>,
    /// Address and port of /metrics, /healthz and /readyz for those who run the server, such as 127.0.0.1:9464 [default: none]
    #[arg(long, env = "BANSOS_ADMIN", value_name = "ADDRESS:PORT")]
    admin: Option<String>,
    /// Let the admin port listen on an address that other machines can reach.
    #[arg(long, env = "BANSOS_ADMIN_REMOTE", num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    admin_remote: Option<bool>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bansos-api: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let file = ServerFile::read(&cli.data)?;
    server::metrics::started();
    start_log(cli.log.as_deref().or(file.log.as_deref()).unwrap_or("info"))?;
    server::panics::to_the_log();
    let data = DataFolder::new(&cli.data);
    let store = Store::of(&data, cli.catalogue.as_deref().or(file.catalogue.as_deref()))?;
    match cli.command {
        Command::Admit { folders } => {
            let done = catalogue::admit(&data, &store, &folders)?;
            encode(&data, &store, false);
            for release in &done.known {
                println!("{release}: admitted already, unchanged");
            }
            for release in &done.new {
                println!("{release}: admitted");
            }
            println!("{} new, {} known; version {}", done.new.len(), done.known.len(), done.version);
            Ok(())
        }
        Command::Withdraw { release, reason } => {
            let done = catalogue::withdraw(&data, &store, release, &reason)?;
            encode(&data, &store, false);
            let what = if done.new.is_empty() { "was withdrawn already" } else { "withdrawn" };
            println!("{release}: {what}; version {}", done.version);
            Ok(())
        }
        Command::Rebuild => {
            let version = catalogue::rebuild(&data, &store)?;
            encode(&data, &store, true);
            println!("rebuilt; version {version}");
            Ok(())
        }
        Command::Cosign { checkpoint, witness } => cosign(&data, &store, &checkpoint, &witness),
        Command::Database(Database::Roles) => {
            print!("{}", catalogue::roles::SQL);
            Ok(())
        }
        Command::Openapi => {
            print!("{}", std::str::from_utf8(&server::openapi::document())?);
            Ok(())
        }
        Command::Serve(serve) => {
            end_with_parent()?;
            let replicas = serve.catalogue_replicas.clone().or_else(|| file.catalogue_replicas.as_ref().map(|all| all.join(",")));
            let store = store.with_replicas(replicas.as_deref().unwrap_or_default())?;
            start(data, store, file, serve)
        }
    }
}

/// Gathers lines from files and witnesses; what one refuses does not keep the others out.
fn cosign(data: &DataFolder, store: &Store, checkpoints: &[PathBuf], witnesses: &[String]) -> Result<()> {
    let mut failed = None;
    let mut attach = |what: &str, lines: Result<Vec<release::log::Line>>| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        match lines.and_then(|lines| catalogue::cosign(data, store, &lines, now)) {
            Ok(cosigned) => cosigned.iter().for_each(|one| println!("cosigned by {} (time {})", one.name, one.at)),
            Err(error) => {
                eprintln!("bansos-api: {what}: {error:#}");
                failed = Some(());
            }
        }
    };
    for path in checkpoints {
        attach(&path.display().to_string(), release::witness::read_file(path).map_err(Into::into));
    }
    for address in witnesses {
        let log = release::log::Log::open(&data.log())?;
        attach(address, server::cosign::ask(address, &log));
    }
    anyhow::ensure!(failed.is_none(), "not every cosignature was taken");
    Ok(())
}

/// Makes the files of releases ready in other codings. What was decided is in
/// the log by now; without these files the plain ones are served.
fn encode(data: &DataFolder, store: &Store, check: bool) {
    let start = std::time::Instant::now();
    match server::encoded::follow(data, store, check) {
        Ok(done) => tracing::debug!(
            made = done.made,
            bytes = done.bytes,
            removed = done.removed,
            ms = start.elapsed().as_millis() as u64,
            "coded files"
        ),
        Err(error) => tracing::warn!(error = format!("{error:#}"), "files in other codings could not be made; plain ones are served"),
    }
}

/// Started by `bansos`, the server ends when that does, however it ends.
fn end_with_parent() -> Result<()> {
    let Ok(parent) = std::env::var("BANSOS_API_PARENT") else { return Ok(()) };
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    // It may have ended before this was asked for.
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    anyhow::ensure!(now.as_ref() == Some(&parent), "the process that started this server has ended");
    Ok(())
}

fn start(data: DataFolder, store: Store, file: ServerFile, serve: Serve) -> Result<()> {
    let listen = serve.listen.or(file.listen.clone()).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let default_site = data.path().join("site/current");
    let site = serve.site.or(file.site.clone()).unwrap_or(default_site);
    let defaults = Settings::default();
    let quota = |flag: Option<Quota>, name: &str, text: &Option<String>, default: Quota| match (flag, text) {
        (Some(quota), _) => Ok(quota),
        (None, Some(text)) => parse(name, text),
        (None, None) => Ok(default),
    };
    let trusted_proxies = match (serve.trusted_proxies, &file.trusted_proxies) {
        (Some(all), _) => all,
        (None, Some(all)) => all.iter().map(|text| parse("trusted_proxies", text)).collect::<Result<_>>()?,
        (None, None) => Vec::new(),
    };
    let settings = Settings {
        site: Some(site),
        limit_list: quota(serve.limit_list, "limit_list", &file.limit_list, defaults.limit_list)?,
        limit_statistics: quota(serve.limit_statistics, "limit_statistics", &file.limit_statistics, defaults.limit_statistics)?,
        limit_downloads: quota(serve.limit_downloads, "limit_downloads", &file.limit_downloads, defaults.limit_downloads)?,
        trusted_proxies,
        cache_bytes: serve.cache_bytes.or(file.cache_bytes).unwrap_or(defaults.cache_bytes),
        timeout_seconds: serve.timeout_seconds.or(file.timeout_seconds).unwrap_or(defaults.timeout_seconds),
        max_connections: serve.max_connections.or(file.max_connections).unwrap_or(defaults.max_connections),
        max_connections_per_client: serve
            .max_connections_per_client
            .or(file.max_connections_per_client)
            .unwrap_or(defaults.max_connections_per_client),
    };
    let admin_remote = serve.admin_remote.or(file.admin_remote).unwrap_or(false);
    let admin = serve.admin.or(file.admin.clone()).map(|text| server::admin::address(&text, admin_remote)).transpose()?;
    // A killed admission is completed by whatever command comes next. A host
    // that only serves copies may lack the right to write: it serves what is there.
    if let Err(error) = catalogue::catch_up(&data, &store) {
        tracing::warn!(error = format!("{error:#}"), "the catalogue could not be brought to the log's size");
    }
    let scratch;
    let (store, draft) = match serve.draft {
        None => {
            // What an earlier command could not make, while it is served already.
            let (of, by) = (data.clone(), store.clone());
            std::thread::spawn(move || encode(&of, &by, false));
            (store, None)
        }
        Some(folder) => {
            scratch = Scratch::new()?;
            let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
            let release = release::ReleaseFolder::open(&folder)?.manifest().release;
            (catalogue::preview(&data, &folder, &scratch.0)?, Some(Draft { release, folder }))
        }
    };
    let state = State::new(data, store, settings, draft);
    actix_web::rt::System::new().block_on(server::serve::run(state, &listen, admin))
}

/// A folder for a preview's catalogue, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let path = std::env::temp_dir().join(format!("bansos-preview-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Structured lines on standard error; standard output is for results.
fn start_log(filter: &str) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).with_context(|| format!("--log {filter:?}"))?;
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}
