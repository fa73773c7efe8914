//! The program itself: what only a real connection and process show.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{ONE, World, fixture};

struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(world: &World, more: &[&str]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bansos-api"))
            .arg("--data")
            .arg(world.data.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Running { child, address }
    }

    /// Sends a request as it is and reads until the connection ends.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut out = Vec::new();
        stream.read_to_end(&mut out).unwrap();
        String::from_utf8_lossy(&out).into_owned()
    }

    fn get(&self, method: &str, path: &str) -> String {
        self.raw(&format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    fn until(&self, path: &str, wanted: &str) {
        let start = Instant::now();
        while !self.get("GET", path).contains(wanted) {
            assert!(start.elapsed() < Duration::from_secs(5), "{path} never held {wanted}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, so that it can clean up behind itself.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(2) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn head_has_the_length_and_no_body() {
    let world = World::of(ONE);
    let running = Running::start(&world, &[]);
    for path in
        ["/v1", "/v1/areas?parent=12.74", "/v1/datasets/totals/12.74-2025-04/totals.csv", "/v1/recipients?format=csv", "/", "/v1/nothing"]
    {
        let (get, head) = (running.get("GET", path), running.get("HEAD", path));
        let (get_headers, get_body) = get.split_once("\r\n\r\n").unwrap();
        let (head_headers, head_body) = head.split_once("\r\n\r\n").unwrap();
        assert!(!get_body.is_empty(), "{path}");
        assert_eq!(head_body, "", "{path}");
        let line = |headers: &str, name: &str| headers.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).map(str::to_owned);
        assert_eq!(get_headers.lines().next(), head_headers.lines().next(), "{path}");
        for name in ["content-length", "content-type", "etag"] {
            assert_eq!(line(get_headers, name), line(head_headers, name), "{path} {name}");
        }
    }
}

#[test]
fn serving_starts_with_the_first_release_and_follows_new_ones() {
    let world = World::of(&[]);
    let running = Running::start(&world, &[]);
    assert!(running.get("GET", "/readyz").starts_with("HTTP/1.1 503"));
    world.admit("12.74-2025-04");
    running.until("/readyz", "\"version\":1");
    world.admit("12.74-2025-05");
    running.until("/v1", "12.74-2025-05");
}

#[test]
fn it_stops_when_it_is_told_to_and_logs_no_whole_address() {
    let world = World::of(ONE);
    let mut running = Running::start(&world, &[]);
    running.get("GET", "/v1/areas/3671010101010001?q=3671014101010001");
    let pid = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let start = Instant::now();
    while running.child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not stop");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(running.child.wait().unwrap().success());
    let mut log = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let line = log.lines().find(|line| line.contains("\"request_id\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["client"], "127.0.0.0/24");
    assert_eq!(line["status"], 400);
    assert_eq!(line["request_id"].as_str().unwrap().len(), 16);
    assert!(!log.contains("127.0.0.1\""), "{log}");
    assert!(!log.contains("3671014101010001") && !log.contains("3671010101010001"), "what a client types stays out of the log");
}

#[test]
fn a_draft_is_previewed() {
    let world = World::of(ONE);
    let draft = fixture::release(&world.data, world.folder.path(), "12.74-2025-05");
    let running = Running::start(&world, &["--draft", draft.to_str().unwrap()]);
    assert!(running.get("GET", "/v1").contains("12.74-2025-05"));
    let file = running.get("GET", "/v1/datasets/totals/12.74-2025-05/totals.csv");
    assert!(file.starts_with("HTTP/1.1 200") && file.to_ascii_lowercase().contains("cache-control: no-store"), "{file}");
}

#[test]
fn commands_say_what_they_did_and_fail_loudly() {
    let world = World::of(ONE);
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_bansos-api")).arg("--data").arg(world.data.path()).args(args).output().unwrap();
        (out.status.success(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let path = fixture::release(&world.data, world.folder.path(), "12.74-2025-05");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["admit", path]), (true, "12.74-2025-05: admitted\n1 new, 0 known; version 2\n".into(), String::new()));
    assert_eq!(run(&["admit", path]).1, "12.74-2025-05: admitted already, unchanged\n0 new, 1 known; version 2\n");
    assert_eq!(run(&["rebuild"]).1, "rebuilt; version 2\n");
    assert!(run(&["withdraw", "12.74-2025-05", "--reason", "wrong"]).0);
    for args in [&["admit", "/nowhere"][..], &["withdraw", "12.74-2025-09", "--reason", "x"], &["--catalogue", "mysql://x", "rebuild"]] {
        let (ok, _, error) = run(args);
        assert!(!ok && error.starts_with("bansos-api: "), "{args:?}: {error}");
    }
    let help = run(&["--help"]).1;
    assert!(help.contains("Examples:") && help.contains("BANSOS_CATALOGUE"));
}

#[test]
fn every_setting_is_a_flag_an_environment_variable_and_documented() {
    let out = Command::new(env!("CARGO_BIN_EXE_bansos-api")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(out.stdout).unwrap();
    let source = include_str!("../../src/config.rs");
    let file = source.split("pub struct ServerFile {").nth(1).unwrap().split("\n}").next().unwrap();
    let settings: Vec<&str> = file.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next()).collect();
    assert!(settings.len() >= 11, "{settings:?}");
    for setting in settings {
        assert!(help.contains(&format!("--{}", setting.replace('_', "-"))), "{setting} has no flag");
        assert!(help.contains(&format!("BANSOS_{}", setting.to_uppercase())), "{setting} has no environment variable");
    }
}
