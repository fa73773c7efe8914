//! A PostgreSQL of our own: a fresh cluster in a temporary folder, on a free
//! port of 127.0.0.1, gone when the test process is. It sorts text by ICU's
//! Indonesian rules, not by bytes, so that an order that was left to the
//! database shows up as a difference from SQLite.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::scratch;

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// Keeps the server's standard input open as long as this process lives.
static SERVER: Mutex<Option<Child>> = Mutex::new(None);

struct Cluster {
    programs: PathBuf,
    port: u16,
}

/// The address of a new, empty database.
pub fn database(name: &str) -> String {
    let cluster = &*CLUSTER;
    let mut create = Command::new(cluster.programs.join("createdb"));
    create.args(["--host", "127.0.0.1", "--username", "bansos", "--port", &cluster.port.to_string(), name]);
    ran(&mut create);
    format!("postgres://bansos@127.0.0.1:{}/{name}", cluster.port)
}

/// A copy of a database made by `database`, under another name.
pub fn copy(url: &str, name: &str) -> String {
    let cluster = &*CLUSTER;
    let from = url.rsplit('/').next().unwrap();
    let mut create = Command::new(cluster.programs.join("createdb"));
    create.args(["--host", "127.0.0.1", "--username", "bansos", "--port", &cluster.port.to_string(), "--template", from, name]);
    ran(&mut create);
    format!("postgres://bansos@127.0.0.1:{}/{name}", cluster.port)
}

/// Drops a database made by `database` or `copy`.
pub fn remove(url: &str) {
    let cluster = &*CLUSTER;
    let mut drop = Command::new(cluster.programs.join("dropdb"));
    drop.args([
        "--force",
        "--host",
        "127.0.0.1",
        "--username",
        "bansos",
        "--port",
        &cluster.port.to_string(),
        url.rsplit('/').next().unwrap(),
    ]);
    ran(&mut drop);
}

/// Drops the database behind an address made by `database` and makes it anew.
pub fn empty(url: &str) {
    remove(url);
    database(url.rsplit('/').next().unwrap());
}

/// Every row of every table of a database, as text: what a search of its bytes
/// would find, whatever the pages hold.
pub fn dump(url: &str) -> Vec<u8> {
    let output = Command::new(CLUSTER.programs.join("pg_dump")).args(["--inserts", "--dbname", url]).output().unwrap();
    assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn ran(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Cluster {
    fn start() -> Cluster {
        let programs = programs();
        let folder = scratch::lasting("bansos-postgres-");
        let data = folder.join("data");
        let root = is_root();
        if root {
            ran(Command::new("chown").arg("postgres").arg(&folder));
        }
        let initdb = |collation: &[&str]| {
            let mut command = as_owner(root, &programs.join("initdb"));
            command.arg("--pgdata").arg(&data).args(["--auth", "trust", "--username", "bansos", "--encoding", "UTF8", "--no-sync"]);
            command.args(collation).current_dir(&folder).output().unwrap()
        };
        // Servers before 15 know no ICU default.
        let mut made = initdb(&["--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "id-ID"]);
        if !made.status.success() {
            made = initdb(&["--locale", "C.UTF-8"]);
        }
        assert!(made.status.success(), "initdb failed: {}{}", String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr));

        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = as_owner(root, Path::new("sh"));
        command.args(["-c", r#""$@" & child=$!; read -r _; kill -INT $child; wait $child"#, "sh"]);
        command.arg(programs.join("postgres")).arg("-D").arg(&data).args(["-p", &port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]).current_dir(&folder);
        let log = std::fs::File::create(scratch::root().join("postgres.log")).unwrap();
        command.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        *SERVER.lock().unwrap() = Some(command.spawn().unwrap());

        let start = Instant::now();
        let ready = || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
                && Command::new(programs.join("pg_isready"))
                    .args(["--quiet", "--host", "127.0.0.1", "--port", &port.to_string()])
                    .status()
                    .is_ok_and(|status| status.success())
        };
        while !ready() {
            let log = || std::fs::read_to_string(scratch::root().join("postgres.log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(60), "PostgreSQL did not start within 60 s:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Cluster { programs, port }
    }
}

/// The folder of PostgreSQL's programs: the newest of Debian's, else PATH's.
fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.retain(|folder| folder.join("initdb").exists());
    versions.sort();
    if let Some(newest) = versions.pop() {
        return newest;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .unwrap_or_else(|| panic!("PostgreSQL is not installed: scripts/need postgresql"))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// PostgreSQL refuses to run as root, so root runs it as the user `postgres`
/// that Debian's package makes.
fn as_owner(root: bool, program: &Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

/// A PostgreSQL that one test has for itself: it may be killed, started again,
/// copied as a replica and made to lag.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    port: u16,
    /// The shell that ends it with this process.
    shell: Option<Child>,
}

impl Server {
    /// A fresh one that runs.
    pub fn open(name: &str) -> Server {
        let folder = Server::folder(name);
        let root = is_root();
        let mut init = as_owner(root, &programs().join("initdb"));
        init.arg("--pgdata").arg(folder.join("data"));
        init.args(["--auth", "trust", "--username", "bansos", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .current_dir(&folder);
        ran(&mut init);
        Server::run(folder)
    }

    /// A streaming replica of this one, that runs.
    pub fn replica(&self, name: &str) -> Server {
        let folder = Server::folder(name);
        let mut copy = as_owner(is_root(), &programs().join("pg_basebackup"));
        copy.arg("--pgdata").arg(folder.join("data")).args([
            "--host",
            "127.0.0.1",
            "--username",
            "bansos",
            "--port",
            &self.port.to_string(),
        ]);
        copy.args(["--write-recovery-conf", "--checkpoint", "fast", "--no-sync"]).current_dir(&folder);
        ran(&mut copy);
        Server::run(folder)
    }

    fn folder(name: &str) -> PathBuf {
        let folder = scratch::lasting(&format!("bansos-{name}-"));
        if is_root() {
            ran(Command::new("chown").arg("postgres").arg(&folder));
        }
        folder
    }

    fn run(folder: PathBuf) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Server { folder, port, shell: None };
        server.start();
        server
    }

    /// Starts it, after a kill, on the same port.
    pub fn start(&mut self) {
        let mut command = as_owner(is_root(), Path::new("sh"));
        command.args(["-c", r#""$@" & child=$!; read -r _; kill -INT $child; wait $child"#, "sh"]);
        command.arg(programs().join("postgres")).arg("-D").arg(self.folder.join("data")).args(["-p", &self.port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]).current_dir(&self.folder);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log")).unwrap();
        command.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        self.shell = Some(command.spawn().unwrap());
        let start = Instant::now();
        while !self.answers() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(60), "PostgreSQL did not start within 60 s:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        let mut ready = Command::new(programs().join("pg_isready"));
        ready.args(["--quiet", "--host", "127.0.0.1", "--port", &self.port.to_string()]).status().is_ok_and(|status| status.success())
    }

    /// `kill -9` of the server and of every process of it.
    pub fn kill(&mut self) {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let main = file.lines().next().unwrap().trim().to_owned();
        let output = Command::new("ps").args(["-o", "pid=", "--ppid", &main]).output().unwrap();
        let children = String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let _ = Command::new("kill").arg("-9").arg(&main).args(&children).stderr(Stdio::null()).status();
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            shell.wait().unwrap();
        }
        while self.answers() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address of a database of it, as a role.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL by psql, as a role; what it printed, and whether it went well.
    pub fn sql(&self, role: &str, database: &str, text: &str) -> Result<String, String> {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        psql.args(["--dbname", &self.url(role, database), "--command", text]);
        let output = psql.output().unwrap();
        let told = String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr }).trim().to_owned();
        if output.status.success() { Ok(told) } else { Err(told) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}
