//! `bansos serve`: API, documents and site; or a draft's preview on loopback.

use std::ffi::OsStr;
use std::path::Path;

use domain::ReleaseId;

use crate::host::Server;
use crate::settings;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data serve --listen 127.0.0.1:8080\n  bansos --data data serve --draft 36.71-2025-06")]
pub struct Arguments {
    /// Address to listen on.
    #[arg(long, env = "BANSOS_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Preview this draft, on loopback only, beside what is published.
    #[arg(long, value_name = "RELEASE")]
    draft: Option<ReleaseId>,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let listen: String = settings::value(data, "listen", arguments.listen.clone())?;
    let site = data.join("site").join("current");
    let draft = arguments.draft.map(|release| data.join("drafts").join(release.to_string()));
    let mut more = vec![OsStr::new("--site"), site.as_os_str()];
    if let Some(draft) = &draft {
        anyhow::ensure!(draft.is_dir(), "{}: there is no such draft; `bansos publish --draft` makes one", draft.display());
        let loopback = listen.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        anyhow::ensure!(loopback, "a draft is previewed on loopback only, not on {listen}");
        more.extend([OsStr::new("--draft"), draft.as_os_str()]);
    }
    let server = Server::start(data, &listen, &more)?;
    println!("site  {}/\nAPI   {}/v1\ndocs  {}/docs", server.address, server.address, server.address);
    server.wait()
}
