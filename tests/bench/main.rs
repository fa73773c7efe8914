//! `make bench`: how long the main work takes, and how fast a cached answer is
//! beside a bare actix-web handler that returns the same bytes. Small for now:
//! one run, one machine; compare the ratios, not the seconds.
//!
//! `cargo run --package end-to-end --example bench [SCALE] [MONTHS]`, with the
//! binaries in the target folder (or BANSOS_BIN, BANSOS_API_BIN).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};

/// Connections that ask at once, and for how long.
const CONNECTIONS: usize = 8;
const SPAN: Duration = Duration::from_secs(3);

/// The scale of simulation that gives a million enrolments a month.
const MILLION: &str = "0.55";

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let scale = arguments.next().unwrap_or_else(|| "0.1".into());
    let months = arguments.next().unwrap_or_else(|| "3".into());
    let folder = tempfile::tempdir()?;
    let (data, files) = (folder.path().join("data"), folder.path().join("files"));
    println!("five districts, scale {scale}, {months} months");

    let bansos = binary("BANSOS_BIN", "bansos")?;
    let work = |args: &[&str]| timed(Command::new(&bansos).arg("--data").arg(&data).args(args), args[0]);
    work(&["init"])?;
    work(&["simulate", "--out", text(&files)?, "--scale", &scale, "--seed", "7", "--months", &months])?;
    work(&["import", text(&files)?])?;
    work(&["publish", "--all", "--by", "Operator Satu", "--yes"])?;
    work(&["site"])?;

    let mut server = Command::new(binary("BANSOS_API_BIN", "bansos-api")?)
        .arg("--data")
        .arg(&data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        // The limits of a public host would be what is measured.
        .args(["--limit-list", "1000000/1", "--limit-statistics", "1000000/1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut first = String::new();
    BufReader::new(server.stdout.take().ok_or("no output")?).read_line(&mut first)?;
    let address = first.trim().strip_prefix("listening on http://").ok_or("bansos-api did not say where it listens")?.to_owned();
    let measured = answers(&address);
    server.kill()?;
    server.wait()?;
    measured?;
    million(&bansos)
}

/// One month of five districts at full weight, about a million enrolments: rows,
/// tables and attacks, sealed and admitted. The goal is 10 s for the last line.
fn million(bansos: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (data, files) = (folder.path().join("data"), folder.path().join("files"));
    println!("five districts, scale {MILLION}, 1 month");
    let work = |args: &[&str]| timed(Command::new(bansos).arg("--data").arg(&data).args(args), args[0]);
    work(&["init"])?;
    work(&["simulate", "--out", text(&files)?, "--scale", MILLION, "--seed", "7", "--months", "1"])?;
    work(&["import", text(&files)?])?;
    work(&["publish", "--all", "--by", "Operator Satu", "--yes"])
}

fn text(path: &Path) -> Outcome<&str> {
    path.to_str().ok_or_else(|| "the temporary folder's name is not UTF-8".into())
}

fn binary(variable: &str, name: &str) -> Outcome<PathBuf> {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.ancestors().nth(2).ok_or("no target folder")?.join(name),
    };
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there: make build", path.display()).into()) }
}

/// Runs a command and prints its time and its greatest resident size.
fn timed(command: &mut Command, name: &str) -> Outcome<()> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = String::new();
    let ended = loop {
        if let Some(line) =
            std::fs::read_to_string(&status).ok().and_then(|text| text.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned))
        {
            peak = line;
        }
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if !ended.success() {
        return Err(format!("bansos {name} ended with {ended}").into());
    }
    let kilobytes: u64 = peak.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
    println!("{name:<10} {:7.2} s  {:5} MB", start.elapsed().as_secs_f64(), kilobytes / 1024);
    Ok(())
}

/// Cached answers of the server beside a bare handler with the same bytes.
fn answers(address: &str) -> Outcome<()> {
    for path in ["/v1/areas/36.71", "/v1/recipients?area=36.71.01&program=PKH", "/wilayah/kota-tangerang/"] {
        let body = get(&mut Connection::open(address)?, path)?;
        let size = body.len();
        let bare = bare(body)?;
        // In turns, so that what else the machine does falls on both.
        let (mut ours, mut theirs) = (0.0, 0.0);
        for _ in 0..2 {
            ours += load(address, path)?;
            theirs += load(&bare, "/")?;
        }
        println!("{path:<44} {size:7} bytes  {:7.0}/s, bare handler {:7.0}/s: {:.2}x", ours / 2.0, theirs / 2.0, ours / theirs);
    }
    Ok(())
}

/// A server with one handler that returns `body`; gives its address.
fn bare(body: Vec<u8>) -> Outcome<String> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let body = web::Bytes::from(body);
        let run = async move {
            let server = HttpServer::new(move || {
                let body = body.clone();
                App::new().default_service(web::to(move || {
                    let body = body.clone();
                    async move { HttpResponse::Ok().content_type("application/json").body(body) }
                }))
            })
            .bind("127.0.0.1:0")?;
            let _ = send.send(server.addrs()[0].to_string());
            server.disable_signals().run().await
        };
        actix_web::rt::System::new().block_on(run)
    });
    Ok(receive.recv()?)
}

/// Answers per second over some connections, each asking one after the other.
fn load(address: &str, path: &str) -> Outcome<f64> {
    let start = Instant::now();
    let total = std::thread::scope(|scope| -> Outcome<u64> {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(move || -> Outcome<u64> {
                    let mut connection = Connection::open(address)?;
                    let mut n = 0;
                    while start.elapsed() < SPAN {
                        get(&mut connection, path)?;
                        n += 1;
                    }
                    Ok(n)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a client panicked")?).sum()
    })?;
    Ok(total as f64 / start.elapsed().as_secs_f64())
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: &str) -> Outcome<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Connection(BufReader::with_capacity(1 << 16, stream)))
    }
}

/// One GET on a connection that stays open: the body, which must be a 200.
fn get(connection: &mut Connection, path: &str) -> Outcome<Vec<u8>> {
    let stream = &mut connection.0;
    stream.get_mut().write_all(format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").as_bytes())?;
    let (mut line, mut length, mut status) = (String::new(), 0, String::new());
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        if status.is_empty() {
            status = line.trim().to_owned();
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    if !status.contains(" 200 ") {
        return Err(format!("{path}: {status}").into());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}
