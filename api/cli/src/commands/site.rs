//! `bansos site`: the static site, from the API as any client reads it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::host::Server;
use crate::progress::number;
use crate::settings;

/// More than a build can ask.
const NO_QUOTA: &str = "1000000/1";

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data site\n  bansos --data data site --api https://bansos.example.go.id")]
pub struct Arguments {
    /// An API to read (default: a server of this data folder, started for it).
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Where readers find the site: in QR codes, the sitemap and shared links [default: https:// and the setting `origin`].
    #[arg(long, env = "BANSOS_ADDRESS", value_name = "URL")]
    address: Option<String>,
    /// Down to which areas there are pages: kelurahan, or kecamatan for a site of a whole country [default: kelurahan].
    #[arg(long, env = "BANSOS_SITE_DEPTH", value_name = "LEVEL")]
    depth: Option<exporter::Depth>,
    /// Folder of the site's templates.
    #[arg(long, env = "BANSOS_SITE_SOURCE", value_name = "DIR")]
    site_source: Option<PathBuf>,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let server = match &arguments.api {
        Some(_) => None,
        None => Some(own_server(data)?),
    };
    let api = arguments.api.clone().or_else(|| server.as_ref().map(|server| server.address.clone())).unwrap_or_default();
    let address = match (&arguments.address, &arguments.api) {
        (None, Some(_)) => Some(api.clone()),
        (given, _) => given.clone(),
    };
    build(data, &api, address, arguments.site_source.clone(), arguments.depth)
}

/// A server for this build alone, on loopback. Nobody else asks it, so there is
/// nobody to share it with: it has no quota to wait for.
fn own_server(data: &Path) -> anyhow::Result<Server> {
    let more = ["--log", "warn", "--limit-list", NO_QUOTA, "--limit-statistics", NO_QUOTA, "--limit-downloads", NO_QUOTA];
    Server::start(data, "127.0.0.1:0", &more.map(OsStr::new))
}

/// Builds the site of `data` from the API at `api`, which readers find at
/// `address`, or at the name of this host.
pub fn build(
    data: &Path,
    api: &str,
    address: Option<String>,
    site_source: Option<PathBuf>,
    depth: Option<exporter::Depth>,
) -> anyhow::Result<()> {
    let site_source = match site_source {
        Some(folder) => Some(folder),
        None => settings::written(data, "site_source")?.map(PathBuf::from),
    };
    let address = match address {
        Some(address) => address,
        None => format!("https://{}", settings::value::<String>(data, "origin", None)?),
    };
    let summary = exporter::build(&exporter::Options {
        api: api.to_owned(),
        address: Some(address),
        data_dir: data.to_owned(),
        site_source,
        node: None,
        depth: settings::value(data, "site_depth", depth)?,
    })?;
    let parts: Vec<String> = summary.parts.iter().map(|(part, seconds)| format!("{part} {seconds:.1}")).collect();
    println!(
        "site: {} pages of version {}, {} figures compared with the API, {} requests, in {:.1} s ({})",
        number(summary.pages as u64),
        summary.version,
        number(summary.figures as u64),
        number(u64::from(summary.requests)),
        summary.seconds,
        parts.join(", ")
    );
    Ok(())
}
