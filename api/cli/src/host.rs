//! The host's program, `bansos-api`, as a child process: the operator's side
//! never links what serves, and what serves never links the registry.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

/// Tells a server whose child it is, so that it ends with its parent however
/// that ends: a draft must not stay on show when `bansos serve --draft` is killed.
const PARENT: &str = "BANSOS_API_PARENT";

/// Where `bansos-api` is: `BANSOS_API_BIN`, else beside this program, else on PATH.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("BANSOS_API_BIN") {
        return path.into();
    }
    let beside = std::env::current_exe().ok().and_then(|path| path.parent().map(|folder| folder.join("bansos-api")));
    beside.filter(|path| path.exists()).unwrap_or_else(|| "bansos-api".into())
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("--data").arg(data);
    command
}

/// Runs a command of the host to its end.
pub fn run(data: &Path, arguments: &[&std::ffi::OsStr]) -> anyhow::Result<()> {
    let status = command(data).args(arguments).status().with_context(|| format!("cannot start {}", program().display()))?;
    if !status.success() {
        bail!("bansos-api ended with {status}");
    }
    Ok(())
}

/// Admits sealed release folders, in order.
pub fn admit(data: &Path, folders: &[PathBuf]) -> anyhow::Result<()> {
    let mut arguments = vec![std::ffi::OsStr::new("admit")];
    arguments.extend(folders.iter().map(|folder| folder.as_os_str()));
    run(data, &arguments)
}

/// A running server, ended when dropped.
pub struct Server {
    child: Child,
    /// Its address, such as `http://127.0.0.1:8080`.
    pub address: String,
}

impl Server {
    /// Starts the server and waits until it listens.
    pub fn start(data: &Path, listen: &str, more: &[&std::ffi::OsStr]) -> anyhow::Result<Server> {
        let mut child = command(data)
            .args(["serve", "--listen", listen])
            .args(more)
            .env(PARENT, std::process::id().to_string())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program().display()))?;
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            match lines.next() {
                Some(Ok(line)) => {
                    if let Some(address) = line.strip_prefix("listening on ") {
                        break address.trim().to_owned();
                    }
                }
                _ => bail!("bansos-api did not start on {listen}: {}", child.wait()?),
            }
        };
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server { child, address })
    }

    /// Waits until the server ends by itself.
    pub fn wait(mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!("bansos-api ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let (Ok(None), Some(pid)) = (self.child.try_wait(), rustix::process::Pid::from_raw(self.child.id().cast_signed())) {
            // SIGTERM first: requests under way are answered.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let _ = self.child.wait();
        }
    }
}
