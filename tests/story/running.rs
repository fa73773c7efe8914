//! A server of our own child process, with its log, admin port and raw sockets:
//! for what an ordinary client does not send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::Client;
use crate::office::{self, Office};
use crate::scratch;

/// A running `bansos-api serve`, killed when dropped.
pub struct Running {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// A client of the public port.
    pub client: Client,
    /// A client of the admin port.
    pub admin: Client,
    log: PathBuf,
}

impl Running {
    /// Serves an office with more flags; an admin port is always there.
    pub fn start(office: &Office, flags: &[&str]) -> Running {
        let log = scratch::print("running").with_extension("err");
        let mut child = Command::new(office::bansos_api())
            .arg("--data")
            .arg(&office.data)
            .args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--limit-list", "1000000/1", "--limit-statistics", "1000000/1", "--limit-downloads", "1000000/1"])
            .args(flags)
            .envs(office.catalogue.iter().map(|url| ("BANSOS_CATALOGUE", url)))
            // It ends when this process does.
            .env("BANSOS_API_PARENT", std::process::id().to_string())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = |start: &str| lines.next().and_then(Result::ok).and_then(|line| line.strip_prefix(start).map(str::to_owned));
        let said = (next("listening on http://"), next("admin on http://"));
        let (Some(address), Some(admin)) = said else {
            let _ = child.kill();
            panic!("it does not start: {}", std::fs::read_to_string(&log).unwrap_or_default());
        };
        let (client, admin) = (Client::new(&format!("http://{address}")), Client::new(&format!("http://{admin}")));
        Running { child, address, client, admin, log }
    }

    /// A connection that waits at most 20 s.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends bytes as they are and reads until the connection ends; what the
    /// server does not want to read any more may not be sent in full.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        read_all(&mut stream)
    }

    /// The status of a raw answer; 0 when there is none.
    pub fn status(&self, bytes: &[u8]) -> u16 {
        status(&self.raw(bytes))
    }

    /// Tells the server to stop.
    pub fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn ended(&mut self, patience: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < patience, "it has not ended within {} s: {}", patience.as_secs(), self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its log, of which every line is JSON.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.log().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// Resident memory, in MiB.
    pub fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// A sample of `/metrics`: the value after this name and these labels.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.admin.get("/metrics").is(200).text().to_owned();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in:\n{text}")).parse().unwrap()
    }

    /// Waits until a metric is as wanted, for at most 10 s.
    #[track_caller]
    pub fn until(&self, name: &str, wanted: impl Fn(f64) -> bool) {
        let start = Instant::now();
        loop {
            let value = self.metric(name);
            if wanted(value) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{name} stays {value}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the connection ends, however it does.
pub fn read_all(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 1 << 16];
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        all.extend_from_slice(&piece[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// The status of a raw answer; 0 when it is none.
pub fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok()).unwrap_or(0)
}
