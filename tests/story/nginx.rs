//! Two servers behind Debian's nginx, with the very file that RUNNING.md shows:
//! the same bytes from both, nobody sees one die, a cursor goes on at the other,
//! and clients are counted by their own addresses.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::office::Office;
use crate::peer::{host, release, version};
use crate::{postgres, scratch};

/// A running nginx, ended when dropped.
struct Nginx {
    shell: Child,
    client: Client,
}

impl Nginx {
    /// Starts it with the file of the documentation before servers on these ports.
    fn start(ports: [u16; 2]) -> Nginx {
        let shown = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/server/running/nginx.conf")).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut site = shown.clone();
        for (from, to) in [
            ("127.0.0.1:8081".to_owned(), format!("127.0.0.1:{}", ports[0])),
            ("127.0.0.1:8082".to_owned(), format!("127.0.0.1:{}", ports[1])),
            ("listen 80;".to_owned(), format!("listen 127.0.0.1:{port};")),
            ("    listen [::]:80;\n".to_owned(), String::new()),
        ] {
            assert!(site.contains(&from), "nginx.conf does not hold {from}");
            site = site.replace(&from, &to);
        }
        let folder = scratch::folder("nginx");
        let main = format!(
            "pid {0}/pid; error_log {0}/error.log; daemon off; worker_processes 1;\nevents {{ worker_connections 512; }}\nhttp {{\n\
             client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n\
             include {0}/site.conf;\n}}\n",
            folder.display()
        );
        std::fs::write(folder.join("site.conf"), site).unwrap();
        std::fs::write(folder.join("nginx.conf"), main).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", r#""$@" & child=$!; read -r _; kill -QUIT $child; wait $child"#, "sh"]);
        command.arg(program()).arg("-e").arg(folder.join("error.log")).arg("-c").arg(folder.join("nginx.conf"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(std::fs::File::create(folder.join("said")).unwrap());
        let nginx = Nginx { shell: command.spawn().unwrap(), client: Client::new(&format!("http://127.0.0.1:{port}")) };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said = || ["error.log", "said"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap_or_default()).concat();
            assert!(start.elapsed() < Duration::from_secs(20), "nginx did not start:\n{}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn program() -> PathBuf {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("nginx is not installed: scripts/need nginx"))
}

fn port(client: &Client) -> u16 {
    client.base().rsplit(':').next().unwrap().parse().unwrap()
}

/// What `RateLimit` says is left, asked from an address of this machine.
fn left(nginx: &Nginx, from: &str, more: &[&str]) -> u32 {
    let url = format!("{}/v1/programs?limit=1", nginx.client.base());
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--noproxy", "*", "--interface", from, "--dump-header", "-", "--output", "/dev/null"])
        .args(more)
        .arg(url);
    let output = curl.output().unwrap();
    let head = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("ratelimit:")).unwrap_or_else(|| panic!("{head}"));
    line.split("r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

/// Whether nginx asks this server for clients of 127.0.0.1.
fn asked_for_us(nginx: &Nginx, server: &Client) -> bool {
    let left = || {
        server
            .get("/v1/programs?limit=1")
            .header("ratelimit")
            .split("r=")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse::<i64>()
            .unwrap()
    };
    let before = left();
    for _ in 0..5 {
        nginx.client.get("/v1/programs?limit=1").is(200);
    }
    before - left() >= 5
}

#[test]
fn two_servers_are_one() {
    let url = postgres::database("nginx");
    let office = host("nginx-host", Some(&url));
    office.api(&["admit", &release("12.74-2025-01")]).succeeds();
    let flags = ["--trusted-proxies", "127.0.0.1", "--limit-list", "1000/3600"];
    // The second one reads another copy of the log, as on another machine.
    let (one, two) = (office.serve_with(&flags), Office::at(office.data.clone(), Some(&url)).serve_with(&flags));
    let nginx = Nginx::start([port(one.client()), port(two.client())]);
    version(&nginx.client, 1);

    for path in ["/v1/recipients?limit=50", "/v1/statistics/totals?area=12.74&format=csv", "/v1/releases", "/v1/areas/12.74"] {
        for coding in ["identity", "gzip", "br"] {
            let ask = |client: &Client| client.ask("GET", path, &[("accept-encoding", coding)]).is(200);
            let (a, b, through) = (ask(one.client()), ask(two.client()), ask(&nginx.client));
            assert!(a.body == b.body && a.body == through.body, "{path} {coding}: other bytes");
            assert!(!a.header("etag").is_empty() && a.header("etag") == b.header("etag") && a.header("etag") == through.header("etag"));
            let again = [("accept-encoding", coding), ("if-none-match", a.header("etag"))];
            nginx.client.ask("GET", path, &again).is(304);
        }
    }

    // Each client has its own quota, whatever it claims to be.
    let before = left(&nginx, "127.0.0.2", &[]);
    for _ in 0..5 {
        left(&nginx, "127.0.0.2", &[]);
    }
    assert!(before - left(&nginx, "127.0.0.2", &[]) >= 5, "requests of one client are not counted");
    assert!(left(&nginx, "127.0.0.3", &[]) >= 998, "another client is counted with it");
    let counted = left(&nginx, "127.0.0.2", &[]);
    let forged = left(&nginx, "127.0.0.2", &["--header", "X-Forwarded-For: 203.0.113.9"]);
    let more = left(&nginx, "127.0.0.2", &["--header", "X-Forwarded-For: 203.0.113.9, 127.0.0.1"]);
    assert!(forged < counted && more < forged, "a forged address is believed: {counted}, {forged}, {more}");

    // A walk in turn at both, while a release is admitted and one server dies.
    let whole = one.client().get("/v1/recipients?version=1&format=ndjson").is(200);
    let lines: Vec<serde_json::Value> = whole.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let limit = lines.len().div_ceil(30).clamp(1, 1000);
    let (mut rows, mut next, mut page) = (Vec::new(), Some(format!("/v1/recipients?limit={limit}")), 0);
    let ask = |client: &Client, path: &str| client.get(path).is(200).json();
    // The one that dies is the one that nginx asks for us.
    let (mut one, two) = if asked_for_us(&nginx, one.client()) { (Some(one), two) } else { (Some(two), one) };
    while let Some(path) = next {
        page += 1;
        if page == 8 {
            office.api(&["admit", &release("12.74-2025-02")]).succeeds();
            version(two.client(), 2);
            version(one.as_ref().unwrap().client(), 2);
        }
        if page == 16 {
            // While others ask all the time.
            let nginx = &nginx;
            std::thread::scope(|scope| {
                let asking: Vec<_> = (0..4)
                    .map(|thread| {
                        scope.spawn(move || {
                            for number in 0..60 {
                                nginx.client.get(&format!("/v1/statistics/totals?limit={}", 1 + thread * 60 + number)).is(200);
                            }
                        })
                    })
                    .collect();
                std::thread::sleep(Duration::from_millis(30));
                one.take().unwrap().kill();
                asking.into_iter().for_each(|one| one.join().unwrap());
            });
        }
        let json = match (&one, page % 3) {
            (Some(one), 0) => ask(one.client(), &path),
            (_, 1) => ask(two.client(), &path),
            _ => ask(&nginx.client, &path),
        };
        assert_eq!(json["version"], 1);
        rows.extend(json["data"].as_array().unwrap().iter().cloned());
        next = json["next"].as_str().map(str::to_owned);
    }
    assert!(page > 20 && one.is_none(), "{page} pages");
    assert_eq!(rows, lines, "a walk over both servers is not the whole list");

    // Both are gone: the answer has the form of every other.
    two.kill();
    let gone = nginx.client.get("/v1");
    assert_eq!((gone.header("retry-after"), gone.header("access-control-allow-origin")), ("5", "*"));
    assert_eq!(gone.problem(503)["code"], "not-ready");
    let long = format!("/v1?q={}", "a".repeat(40_000));
    assert_eq!(nginx.client.get(&long).problem(414)["code"], "uri-too-long");
    postgres::remove(&url);
}

#[test]
fn the_documentation_shows_the_files_that_are_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/server");
    let page = std::fs::read_to_string(folder.join("RUNNING.md")).unwrap();
    for file in ["running/nginx.conf", "running/bansos-api@.service"] {
        assert!(page.contains(&format!("({file})")) && folder.join(file).is_file(), "{file}");
    }
}
