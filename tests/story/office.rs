//! An office: a data folder, the commands given on it, the servers over it.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::{postgres, scratch};

/// A command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(900);

/// The operator's binary.
pub fn bansos() -> PathBuf {
    binary("BANSOS_BIN", "bansos")
}

/// The host's binary.
pub fn bansos_api() -> PathBuf {
    binary("BANSOS_API_BIN", "bansos-api")
}

/// The auditor's binary.
pub fn bansos_audit() -> PathBuf {
    binary("BANSOS_AUDIT_BIN", "bansos-audit")
}

fn binary(variable: &str, name: &str) -> PathBuf {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name),
    };
    assert!(path.is_file(), "{} is not there: `make e2e` builds it, or {variable} names it", path.display());
    path
}

/// A data folder on a backend. Everything its commands and servers print is
/// kept in `prints`, for the search for personal data.
#[derive(Debug)]
pub struct Office {
    /// The data folder.
    pub data: PathBuf,
    /// Where commands' and servers' output is kept.
    pub prints: PathBuf,
    /// The catalogue's PostgreSQL address; SQLite without one.
    pub catalogue: Option<String>,
    count: AtomicU32,
}

impl Office {
    /// A new office that has run `init`.
    pub fn open(name: &str, catalogue: Option<&str>) -> Office {
        let office = Office::at(scratch::folder(name).join("data"), catalogue);
        office.bansos(&["init"]).succeeds();
        office
    }

    /// An office over a folder as it is.
    pub fn at(data: PathBuf, catalogue: Option<&str>) -> Office {
        let prints = data.with_file_name(format!("{}-prints", data.file_name().unwrap().to_str().unwrap()));
        std::fs::create_dir_all(&prints).unwrap();
        Office { data, prints, catalogue: catalogue.map(str::to_owned), count: AtomicU32::new(0) }
    }

    /// A copy of the data folder, and of its database, under another name.
    pub fn copy(&self, name: &str) -> Office {
        let to = scratch::folder(name).join("data");
        scratch::copy(&self.data, &to);
        let catalogue = self.catalogue.as_deref().map(|url| postgres::copy(url, name));
        Office::at(to, catalogue.as_deref())
    }

    /// The same office once more, for another thread to copy.
    pub fn again(&self) -> Office {
        Office::at(self.data.clone(), self.catalogue.as_deref())
    }

    /// Runs `bansos --data DIR …`.
    pub fn bansos(&self, args: &[&str]) -> Ran {
        self.run(&bansos(), args, &[])
    }

    /// Runs `bansos-api --data DIR …`.
    pub fn api(&self, args: &[&str]) -> Ran {
        self.run(&bansos_api(), args, &[])
    }

    /// Runs a binary on the folder with more environment.
    pub fn run(&self, binary: &Path, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(binary);
        command.arg("--data").arg(&self.data).args(args);
        command.envs(environment.iter().copied());
        self.surroundings(&mut command);
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        run(command, &self.prints.join(format!("{number:03}-{}", args.first().unwrap_or(&""))))
    }

    fn surroundings(&self, command: &mut Command) {
        if let Some(url) = &self.catalogue {
            command.env("BANSOS_CATALOGUE", url);
        }
        // `bansos` starts `bansos-api` as a child.
        command.env("BANSOS_API_BIN", bansos_api());
    }

    /// Serves the folder by `bansos-api` on a free port; returns when it answers.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more flags.
    pub fn serve_with(&self, flags: &[&str]) -> Server {
        self.serve_by(&bansos_api(), flags)
    }

    /// The same with the built site at `/`.
    pub fn serve_with_site(&self) -> Server {
        self.serve_with(&["--site", self.site().to_str().unwrap()])
    }

    /// The same by either binary: `bansos serve` starts `bansos-api` itself.
    pub fn serve_by(&self, binary: &Path, flags: &[&str]) -> Server {
        self.start(binary, &[&["serve", "--listen", "127.0.0.1:0"], flags].concat(), Duration::from_secs(30)).0
    }

    /// Starts a command that ends in serving, and waits for that; gives what it
    /// printed before, too.
    pub fn start(&self, binary: &Path, args: &[&str], patience: Duration) -> (Server, String) {
        let mut command = Command::new("sh");
        // The shell ends the server when this process does.
        command.args(["-c", r#""$@" & child=$!; read -r _; kill -TERM $child; wait $child"#, "sh"]);
        command.arg(binary).arg("--data").arg(&self.data).args(args);
        self.surroundings(&mut command);
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let print = self.prints.join(format!("{number:03}-{}", args[0]));
        let (out, err) = prints(&print);
        command.stdin(Stdio::piped()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        let child = command.spawn().unwrap();
        // Made before it listens, so that it is ended if it never does.
        let mut server = Server { child, client: Client::new("") };
        let start = Instant::now();
        loop {
            let said = std::fs::read_to_string(&out).unwrap_or_default();
            // `listening on http://…` of the one, `API   http://…/v1` of the other.
            let address =
                said.lines().find_map(|line| line.strip_prefix("listening on ").or_else(|| line.strip_prefix("API")?.strip_suffix("/v1")));
            if let Some(address) = address {
                server.client = Client::new(address.trim());
                server.client.get("/healthz").is(200);
                return (server, said);
            }
            assert!(
                start.elapsed() < patience,
                "no `listening on http://…` within {} s of {} {args:?}; it said:\n{said}\n{}",
                patience.as_secs(),
                binary.display(),
                tail(&std::fs::read_to_string(&err).unwrap_or_default())
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The folder of admitted releases.
    pub fn releases(&self) -> PathBuf {
        self.data.join("releases")
    }

    /// The built site.
    pub fn site(&self) -> PathBuf {
        self.data.join("site/current")
    }
}

/// Runs any command, its output kept in `print.out` and `print.err`.
pub fn run(mut command: Command, print: &Path) -> Ran {
    let (out, err) = prints(print);
    command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let line = format!("{command:?}");
    let start = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot run {line}: {error}"));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("still running after {} s: {line}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    Ran { line, status, stdout: read(&out), stderr: read(&err), seconds: start.elapsed().as_secs_f64() }
}

fn prints(path: &Path) -> (PathBuf, PathBuf) {
    (path.with_extension("out"), path.with_extension("err"))
}

fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(3000).map_or(0, |(at, _)| at);
    &text[from..]
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The command as it was given.
    pub line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
    /// How long it took.
    pub seconds: f64,
}

impl Ran {
    /// Demands exit status 0.
    #[track_caller]
    pub fn succeeds(self) -> Ran {
        assert!(self.status.success(), "should succeed, but {}", self.told());
        self
    }

    /// Demands an exit status other than 0, by the program's own decision.
    #[track_caller]
    pub fn fails(self) -> Ran {
        assert!(self.status.code().is_some_and(|code| code != 0), "should exit with an error, but {}", self.told());
        assert!(!self.stderr.contains("panicked at"), "a panic is no error message: {}", self.told());
        assert!(!self.stderr.trim().is_empty() || !self.stdout.trim().is_empty(), "an error without a word: {}", self.told());
        self
    }

    /// Demands that it says all of `words` somewhere.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Ran {
        for word in words {
            assert!(self.stdout.contains(word) || self.stderr.contains(word), "should say {word:?}, but {}", self.told());
        }
        self
    }

    /// Whether it was ended by `kill -9`.
    pub fn killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// The command, how it ended and what it said, for messages.
    pub fn told(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{} ended with {}", self.line, self.status);
        let _ = writeln!(text, "--- stdout\n{}\n--- stderr\n{}", tail(&self.stdout), tail(&self.stderr));
        text
    }
}

/// A running `bansos-api serve`, ended when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    client: Client,
}

impl Server {
    /// A client of it.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Server {
    /// Ends it by `kill -9`.
    pub fn kill(mut self) {
        let output = Command::new("ps").args(["-o", "pid=", "--ppid", &self.child.id().to_string()]).output().unwrap();
        let pid = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success(), "kill -9 {pid:?}");
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
