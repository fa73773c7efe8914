//! Clients that mean no good, or are broken: none of them gets more than a
//! clear refusal, and none of them keeps others from being served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::office::{self, Office};
use crate::running::{Running, read_all, status};
use crate::{operator, prepared, scratch};

const RELEASE: &str = "36.71-2025-01";
const LIST: &str = "/v1/recipients?format=csv";

fn server(flags: &[&str]) -> Running {
    Running::start(&prepared::published().office, flags)
}

fn request(target: &str, headers: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

/// The body of a raw answer.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// How many answers there are.
fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count() + text.matches("HTTP/1.0 ").count()
}

#[test]
fn addresses_that_lead_elsewhere_lead_nowhere() {
    let running = server(&[]);
    let secret = std::fs::read_to_string(prepared::published().office.data.join("keys/log.key")).unwrap();
    for (target, expected) in [
        ("/%2e%2e/keys/log.key", 404),
        ("/%2e%2e%2fkeys%2flog.key", 404),
        ("/..%2fkeys%2flog.key", 404),
        ("/../keys/log.key", 404),
        ("/.%2e/.%2e/etc/passwd", 404),
        ("/%252e%252e/keys/log.key", 404),
        ("/%c0%ae%c0%ae/keys/log.key", 400),
        ("/%e0%80%ae%e0%80%ae/keys/log.key", 400),
        ("/..%5c..%5ckeys%5clog.key", 404),
        ("/%00", 400),
        ("/index.html%00.css", 400),
        ("/keys/log.key", 404),
        ("/keys/..%2flog.key", 404),
        ("/keys/%2e%2e/keys/log.key", 404),
        ("/log/tile/..%2f..%2fkeys%2flog.key", 404),
        ("/log/tile/../../keys/log.key", 404),
        ("/log/tile/%2e%2e/%2e%2e/keys/log.key", 404),
        ("/v1/datasets/recipients/36.71-2025-01/..%2f..%2f..%2fkeys%2flog.key", 404),
        ("/v1/datasets/release/36.71-2025-01/%2e%2e%2fmanifest.json", 404),
        ("/v1/datasets/release/36.71-2025-01/manifest.json%00.csv", 400),
        ("/v1/areas/36.71%00", 400),
        ("/v1/areas/%ff", 400),
        ("/v1/areas?q=%ff", 400),
        ("/v1/areas?q=%", 400),
        ("/v1/areas?q=%zz", 400),
        ("/v1/areas?q=%f0%28%8c%28", 400),
        ("//keys/log.key", 404),
        ("/docs/..%2f..%2fkeys/log.key", 404),
    ] {
        let answer = running.raw(&request(target, ""));
        assert_eq!(status(&answer), expected, "{target}: {answer}");
        assert!(!answer.contains(secret.trim()) && !answer.contains("root:x:0"), "{target}: {answer}");
    }
    // Bytes that are no address never become a request: the parser answers, without a word.
    for target in ["/\u{e9}".as_bytes(), b"/\xff\xfe", b"/a b", b"/\x01", b""] {
        let mut bytes = b"GET ".to_vec();
        bytes.extend_from_slice(target);
        bytes.extend_from_slice(b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = running.raw(&bytes);
        assert!(matches!(status(&answer), 400 | 404), "{target:?}: {answer}");
    }
    running.client.get("/v1").is(200);
}

#[test]
fn what_is_too_large_is_refused_while_others_are_served() {
    let running = server(&[]);
    let long = "a".repeat(9_000);
    assert_eq!(running.status(&request(&format!("/v1/areas?q={long}"), "")), 414);
    assert_eq!(running.status(&request("/v1", &format!("X-Long: {}\r\n", "a".repeat(40_000)))), 431);
    // Beyond what the parser reads there is no request, and the connection ends.
    for bytes in [
        request(&format!("/{}", "a".repeat(1 << 20)), ""),
        request("/v1", &format!("X-Long: {}\r\n", "a".repeat(1 << 20))),
        request("/v1", &"X-Many: 1\r\n".repeat(1_000)),
        request("/v1", &"X: 1\r\n".repeat(100_000)),
        vec![b'A'; 1 << 20],
        [b"GET /v1 HTTP/1.1\r\n".to_vec(), vec![b'\n'; 1 << 18]].concat(),
    ] {
        let answer = running.raw(&bytes);
        assert!(matches!(status(&answer), 0 | 400 | 414 | 431), "{} bytes: {}", bytes.len(), &answer[..answer.len().min(200)]);
        running.client.get("/v1").is(200);
    }
    assert!(running.metric("bansos_panics_total") == 0.0);
}

#[test]
fn nothing_is_smuggled_behind_a_request() {
    let running = server(&[]);
    let hidden = "GET /v1/programs HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, head, middle) in [
        ("both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("both, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\n"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 40\r\n", ""),
        ("a list of lengths", "Content-Length: 0, 40\r\n", ""),
        ("a signed length", "Content-Length: +0\r\n", ""),
        ("a negative length", "Content-Length: -1\r\n", ""),
        ("a hexadecimal length", "Content-Length: 0x0\r\n", ""),
        ("a length beyond all numbers", "Content-Length: 99999999999999999999999\r\n", ""),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("chunked not last", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("a space before the colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("a folded line", "X: 1\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("a chunk beyond all numbers", "Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n"),
        ("a chunk without a number", "Transfer-Encoding: chunked\r\n", "zz\r\n"),
    ] {
        for method in ["GET", "POST"] {
            let text = running.raw(format!("{method} /v1 HTTP/1.1\r\nHost: x\r\n{head}\r\n{middle}{hidden}").as_bytes());
            assert!(answers(&text) <= 1, "{what} by {method}: a second request was answered: {text}");
            assert!(matches!(status(&text), 0 | 200 | 400 | 405 | 413 | 415 | 501), "{what} by {method}: {text}");
        }
    }
    // A whole body is read over, and its connection not used again.
    let text = running.raw(format!("GET /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc{hidden}").as_bytes());
    assert_eq!(answers(&text), 1, "{text}");
    assert!(text.to_ascii_lowercase().contains("connection: close"), "{text}");
    running.client.get("/v1").is(200);
}

#[test]
fn hosts_versions_and_forms_of_requests() {
    let running = server(&[]);
    for (what, text, expected) in [
        ("HTTP/1.0 without a host", "GET /v1 HTTP/1.0\r\n\r\n", 200),
        ("HTTP/1.0 kept alive, then done", "GET /v1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
        ("no host", "GET /v1 HTTP/1.1\r\n\r\n", 400),
        ("two hosts", "GET /v1 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("a host that is none", "GET /v1 HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400),
        ("an empty host", "GET /v1 HTTP/1.1\r\nHost:\r\n\r\n", 200),
        ("any host", "GET /v1 HTTP/1.1\r\nHost: evil.example:99\r\n\r\n", 200),
        ("absolute form", "GET http://example.org/v1 HTTP/1.1\r\nHost: example.org\r\n\r\n", 200),
        ("authority form", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", 405),
        ("asterisk form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204),
        ("TRACE", "TRACE /v1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("a method nobody knows", "BREW /v1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("a method in small letters", "get /v1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("HTTP/2 by name", "GET /v1 HTTP/2.0\r\nHost: x\r\n\r\n", 400),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("no version", "GET /v1\r\n\r\n", 400),
        ("TLS", "\u{16}\u{3}\u{1}\u{0}", 0),
        ("nothing", "", 0),
    ] {
        let answer = running.raw(text.as_bytes());
        let found = status(&answer);
        assert!(found == expected || expected == 0 && found == 400, "{what}: {found}, expected {expected}: {answer}");
        assert!(!answer.contains("evil.example"), "{what}: a host that was sent is repeated: {answer}");
    }
    let upgrade = running.raw(&request("/v1", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"));
    assert_eq!(status(&upgrade), 200, "an upgrade that is not offered is not made: {upgrade}");
    let expected = running.raw(&request("/v1", "Expect: 100-continue\r\n"));
    assert!(expected.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "{expected}");
}

#[test]
fn ranges_give_what_is_in_the_file_or_416() {
    let running = server(&[]);
    let path = format!("/v1/datasets/recipients/{RELEASE}/recipients.csv");
    let whole = running.client.ask("GET", &path, &[("accept-encoding", "identity")]).is(200).body;
    let length = whole.len();
    let many: Vec<String> = (0..2_000).map(|n| format!("{n}-{n}")).collect();
    let overlapping = vec!["0-"; 1_300].join(",");
    for (range, expected, start, end) in [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5-", 206, 5, length),
        ("bytes=-5", 206, length - 5, length),
        ("bytes=0-18446744073709551615", 206, 0, length),
        ("bytes=1-99999999999999999999999999", 200, 0, length),
        ("bytes=18446744073709551615-", 416, 0, 0),
        ("bytes=-18446744073709551615", 206, 0, length),
        ("bytes=9-3", 200, 0, length),
        ("bytes=--5", 200, 0, length),
        ("bytes=-0", 416, 0, 0),
        ("bytes=", 200, 0, length),
        ("bytes=a-b", 200, 0, length),
        ("bytes=0-1,0-2", 200, 0, length),
        (&format!("bytes={overlapping}"), 200, 0, length),
        (&format!("bytes={}", many.join(",")), 200, 0, length),
        ("lines=1-2", 200, 0, length),
    ] {
        let reply = running.client.ask("GET", &path, &[("accept-encoding", "identity"), ("range", range)]).is(expected);
        if expected == 416 {
            assert_eq!(reply.header("content-range"), format!("bytes */{length}"), "{range}");
        } else {
            assert!(reply.body == whole[start..end], "{}: {} bytes", &range[..range.len().min(40)], reply.body.len());
        }
    }
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let running = server(&[]);
    let mut bytes = Vec::new();
    for n in 1..=60 {
        bytes.extend_from_slice(format!("GET /v1/areas?limit={n} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
    }
    bytes.extend_from_slice(&request("/healthz", ""));
    let text = running.raw(&bytes);
    assert_eq!(answers(&text), 61);
    let mut at = 0;
    for n in 1..=59 {
        let word = format!("limit={n}&version=");
        at += text[at..].find(&word).unwrap_or_else(|| panic!("the answer to limit={n} is not where it should be")) + 1;
    }
}

/// Times of requests that others make meanwhile, in milliseconds, sorted; each
/// on a connection of its own.
fn others(running: &Running, path: &str, count: usize) -> Vec<f64> {
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..count / 4)
                        .map(|_| {
                            let start = Instant::now();
                            let found = running.status(&request(path, ""));
                            assert_eq!(found, 200, "another client");
                            start.elapsed().as_secs_f64() * 1e3
                        })
                        .collect::<Vec<f64>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    times
}

fn told(what: &str, times: &[f64]) {
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what}: {} others, p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms", times.len(), at(0.5), at(0.99), at(1.0));
}

/// Two thousand connections that send a byte now and then and never a whole
/// request, from one address; everybody else is served from the same one.
#[test]
fn two_thousand_slow_connections_keep_nobody_out() {
    // More files than a process may have by default.
    let _ = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), "--nofile=8192"]).status();
    let running = server(&["--max-connections", "4096", "--max-connections-per-client", "4096"]);
    told("before", &others(&running, "/v1/areas?parent=36.71", 200));
    let before = running.resident();
    let slow: Vec<TcpStream> = (0..2_000)
        .map(|n| {
            let mut stream = TcpStream::connect(&running.address).unwrap();
            stream.set_nonblocking(true).unwrap();
            let start: &[u8] = match n % 3 {
                0 => b"",
                1 => b"GET /v1 HTTP/1.1\r\nHost: x\r\nX-Slow: ",
                _ => b"POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Le",
            };
            let _ = stream.write(start);
            stream
        })
        .collect();
    let trickle = |round: u8| slow.iter().filter(|stream| (&**stream).write(&[b'a' + round]).is_ok()).count();
    running.until("bansos_connections{state=\"waiting\"}", |open| open >= 1_900.0);
    let mut times = Vec::new();
    let mut held = 0;
    for round in 0..4 {
        held = trickle(round);
        times.extend(others(&running, "/v1/areas?parent=36.71", 200));
    }
    times.sort_by(f64::total_cmp);
    told(&format!("{held} slow connections"), &times);
    println!("resident memory {before:.0} MiB before, {:.0} MiB with them", running.resident());
    // Not a matter of speed: whoever waits for slow ones to go waits for seconds.
    assert!(times[times.len() * 99 / 100] < 2_000.0, "others wait for slow connections");
    // None of them stays for longer than a head may take.
    running.until("bansos_connections{state=\"waiting\"}", |open| open < 100.0);
}

#[test]
fn when_there_is_no_room_the_longest_waiting_gives_way_and_then_the_new_one_is_told() {
    let running = server(&["--max-connections", "24", "--max-connections-per-client", "16"]);
    // Idle ones, some of which have been served before.
    let idle: Vec<TcpStream> = (0..40)
        .map(|n| {
            let mut stream = running.connect();
            if n % 2 == 0 {
                stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                let mut bytes = [0; 4096];
                assert!(stream.read(&mut bytes).unwrap() > 0);
            }
            stream
        })
        .collect();
    running.client.get("/v1").is(200);
    assert!(running.metric("bansos_connections_closed_total") >= 20.0, "some gave way");
    assert!(running.metric("bansos_connections_refused_total") == 0.0, "nobody was refused");
    drop(idle);
    // Ones that are being answered are never closed for another.
    let mut busy = slow_readers(&running, 16);
    // Between two answers one of them may give way; once buffers are full, none.
    std::thread::sleep(Duration::from_secs(2));
    running.until("bansos_connections{state=\"busy\"}", |busy| busy >= 16.0);
    let answer = running.raw(&request("/v1", ""));
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.to_ascii_lowercase().contains("retry-after: 5"), "{answer}");
    let problem: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(problem["status"], 503);
    assert!(running.metric("bansos_connections_refused_total") >= 1.0);
    busy.truncate(8);
    running.until("bansos_connections{state=\"busy\"}", |busy| busy <= 8.0);
    running.client.get("/v1").is(200);
}

/// Connections that ask for the whole list a hundred times and read nothing.
fn slow_readers(running: &Running, count: usize) -> Vec<TcpStream> {
    let asked = format!("GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(100);
    let readers: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut stream = running.connect();
            stream.write_all(asked.as_bytes()).unwrap();
            stream
        })
        .collect();
    running.until("bansos_http_streams_in_flight", |streams| streams >= count as f64);
    readers
}

fn slow_readers_hold_nothing(running: &Running) {
    let client = &running.client;
    client.get(LIST).is(200);
    let before = running.resident();
    let mut readers = slow_readers(running, 64);
    // Until every buffer is full and nothing moves any more.
    std::thread::sleep(Duration::from_secs(1));
    running.until("bansos_catalogue_connections{state=\"busy\"}", |busy| busy == 0.0);
    let grown = running.resident() - before;
    told("64 stalled readers", &others(running, "/v1/recipients?area=36.71.01&limit=7", 100));
    println!("resident memory grew by {grown:.1} MiB");
    assert!(grown < 128.0, "64 readers that read nothing hold {grown:.1} MiB");
    assert!(running.metric("bansos_catalogue_timeouts_total") == 0.0);
    // They can still read on, and find what was asked for.
    let expected = client.ask("GET", LIST, &[("accept-encoding", "identity")]).is(200).body;
    let mut stream = readers.swap_remove(0);
    drop(readers);
    let mut text = Vec::new();
    let mut piece = [0; 1 << 16];
    while text.len() < expected.len() * 3 {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "cut");
        text.extend_from_slice(&piece[..count]);
    }
    let text = String::from_utf8_lossy(&text);
    let last = String::from_utf8_lossy(&expected).lines().last().unwrap().to_owned();
    assert!(text.contains(&last), "the list is not whole");
}

#[test]
fn a_reader_who_stalls_holds_no_memory_and_no_connection_of_the_database() {
    slow_readers_hold_nothing(&server(&[]));
}

#[test]
fn a_body_that_trickles_is_not_waited_for() {
    let running = server(&[]);
    for head in ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut stream = running.connect();
        stream.write_all(format!("POST /v1 HTTP/1.1\r\nHost: x\r\n{head}\r\n1").as_bytes()).unwrap();
        let start = Instant::now();
        let answer = read_all(&mut stream);
        assert_eq!(status(&answer), 405, "{answer}");
        assert!(start.elapsed() < Duration::from_secs(15), "the connection is kept for a body that does not come");
    }
}

#[test]
fn told_to_stop_it_finishes_what_it_began_and_takes_nothing_new() {
    let mut running = server(&[]);
    let whole = running.client.ask("GET", LIST, &[("accept-encoding", "identity")]).is(200).body;
    // More than buffers hold, so that it is still being answered.
    let mut stream = running.connect();
    let asked = format!("GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(asked.repeat(100).as_bytes()).unwrap();
    let mut idle = running.connect();
    running.until("bansos_http_streams_in_flight", |streams| streams >= 1.0);
    running.terminate();
    assert!(running.client.silent(), "new connections are taken after SIGTERM");
    assert_eq!(read_all(&mut idle), "", "who waits without asking is let go");
    // The answer that was under way comes to its end.
    let text = read_all(&mut stream);
    let last = String::from_utf8_lossy(&whole).lines().last().unwrap().to_owned();
    assert!(text.contains(&last), "what was under way was cut");
    assert!(text.trim_end().ends_with('0'), "the last chunk is missing");
    let ended = running.ended(Duration::from_secs(40));
    assert_eq!(ended.code(), Some(0), "{}", running.log());
    assert!(running.lines().iter().any(|line| line["message"] == "stopped"));
}

#[test]
fn told_to_stop_twice_it_ends_at_once_and_says_so() {
    let mut running = server(&[]);
    let _readers = slow_readers(&running, 4);
    running.terminate();
    assert!(running.client.silent());
    running.terminate();
    let ended = running.ended(Duration::from_secs(5));
    assert_eq!(ended.code(), Some(1), "{}", running.log());
    assert!(running.log().contains("told to stop twice"), "{}", running.log());
}

#[test]
fn a_release_folder_that_is_gone_leaves_the_answers_and_says_so_of_files() {
    let office = prepared::published().office.copy("folder-gone");
    let running = Running::start(&office, &[]);
    let figures = "/v1/statistics/totals?area=36.71&period=2025-01&format=csv";
    let before = running.client.get(figures).is(200).body;
    std::fs::remove_dir_all(office.releases().join(RELEASE)).unwrap();
    std::fs::remove_dir_all(office.data.join("encoded")).unwrap();
    assert!(running.client.get(figures).is(200).body == before);
    running.client.get(&format!("/v1/releases/{RELEASE}")).is(200);
    running.client.get("/readyz").is(200);
    for file in ["recipients/36.71-2025-01/recipients.csv", "totals/36.71-2025-01/totals.parquet", "release/36.71-2025-01/manifest.json"] {
        let reply = running.client.get(&format!("/v1/datasets/{file}"));
        assert!(!reply.header("retry-after").is_empty(), "{file}: {:?}", reply.headers);
        let problem = reply.problem(503);
        assert_eq!(problem["code"], "not-ready", "{file}: {problem}");
    }
    assert!(running.lines().iter().any(|line| line["message"] == "a file of a release is missing"), "the log does not say so");
    // What never was there is still not found.
    running.client.get(&format!("/v1/datasets/recipients/{RELEASE}/other.csv")).problem(404);
    running.client.get("/v1/datasets/totals/36.71-2025-02/totals.csv").is(200);
}

/// A host without the releases of another.
fn host(name: &str) -> Office {
    let host = prepared::published().office.copy(name);
    for folder in ["releases", "log", "catalogue", "encoded", "registry"] {
        let _ = std::fs::remove_dir_all(host.data.join(folder));
    }
    host
}

/// `bansos-api` whose files may not grow beyond so many blocks of 512 bytes, and
/// which is not killed for trying: as if the disk were full.
fn with_little_room(office: &Office, blocks: u32, args: &[&str]) -> office::Ran {
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap '' XFSZ; ulimit -f "$1"; shift; exec "$@""#, "sh", &blocks.to_string()]);
    command.arg(office::bansos_api()).arg("--data").arg(&office.data).args(args);
    office::run(command, &scratch::print("little-room"))
}

#[test]
fn a_full_disk_is_said_and_costs_nothing_that_was_published() {
    let source = prepared::published().office.releases();
    let folder = |month: &str| source.join(format!("12.74-{month}")).to_str().unwrap().to_owned();
    let host = host("full-disk");
    host.api(&["admit", &folder("2025-01")]).succeeds();
    let running = Running::start(&host, &[]);
    let figures = "/v1/statistics/totals?area=12.74&period=2025-01&format=csv";
    let before = running.client.get(figures).is(200).body;
    let mut refused = 0;
    // At several sizes, so that it is full at several steps.
    for blocks in [64, 256, 1024, 4096] {
        let ran = with_little_room(&host, blocks, &["admit", &folder("2025-02")]);
        if ran.status.success() {
            break;
        }
        println!("{blocks} blocks: {}", ran.stderr.trim().lines().last().unwrap_or_default());
        let ran = ran.fails();
        assert!(ran.stderr.contains("File too large") || ran.stderr.contains("disk"), "it does not say why: {}", ran.told());
        refused += 1;
        running.client.get("/readyz").is(200);
        assert!(running.client.get(figures).is(200).body == before, "after {blocks} blocks");
        // And a server that starts on what was left.
        let fresh = host.serve();
        assert!(fresh.client().get(figures).is(200).body == before, "a new server after {blocks} blocks");
    }
    assert!(refused >= 2, "{refused} of the admissions found the disk full");
    host.api(&["admit", &folder("2025-02")]).succeeds();
    running.client.wait("/v1/releases/12.74-2025-02", 200);
    let admitted = operator::data_files(&host.releases().join("12.74-2025-02"));
    assert!(admitted == operator::data_files(&source.join("12.74-2025-02")));
    // Copies in other codings are a convenience: without room for them the plain file is served.
    std::fs::remove_dir_all(host.data.join("encoded")).unwrap();
    std::fs::write(host.data.join("encoded"), "").unwrap();
    host.api(&["admit", &folder("2025-03")]).succeeds().says(&["files in other codings could not be made"]);
    let file = "/v1/datasets/recipients/12.74-2025-03/recipients.csv";
    running.client.wait(file, 200);
    let plain = running.client.ask("GET", file, &[("accept-encoding", "gzip, br")]).is(200);
    assert_eq!(plain.header("content-encoding"), "");
}

/// Every line of the log is JSON, ends when the answer does, and knows neither
/// addresses nor what was asked for.
#[test]
fn the_log_tells_of_every_answer_when_it_has_gone_out() {
    let running = server(&["--trusted-proxies", "127.0.0.1"]);
    let length = running.client.ask("GET", LIST, &[("accept-encoding", "identity")]).is(200).body.len();
    let given =
        running.client.ask("GET", "/v1/areas?q=Rahasia", &[("x-request-id", "proxy-0123456789"), ("x-forwarded-for", "203.0.113.77")]);
    assert_eq!(given.header("x-request-id"), "proxy-0123456789");
    for bad in ["short", "with space in it", "\"quotes\"-and-more", &"a".repeat(65)] {
        let reply = running.client.ask("GET", "/v1/programs", &[("x-request-id", bad)]);
        assert_ne!(reply.header("x-request-id"), bad);
    }
    drop(slow_readers(&running, 1));
    running.until("bansos_http_streams_in_flight", |streams| streams == 0.0);
    let lines = running.lines();
    let requests: Vec<_> = lines.iter().filter(|line| line["message"] == "request").collect();
    let list = requests.iter().find(|line| line["route"] == "/v1/recipients" && line["whole"] == true).unwrap();
    assert_eq!(list["bytes"], length);
    assert!(list["ms"].as_u64() >= list["begun_ms"].as_u64());
    assert!(requests.iter().any(|line| line["whole"] == false), "a reader who left");
    let proxied = requests.iter().find(|line| line["request_id"] == "proxy-0123456789").unwrap();
    assert_eq!(proxied["client"], "203.0.113.0/24");
    let log = running.log();
    assert!(!log.contains("203.0.113.77") && !log.contains("Rahasia"), "{log}");
    // Who is no proxy of ours has no say in ids.
    let other = server(&[]);
    let reply = other.client.ask("GET", "/v1", &[("x-request-id", "proxy-0123456789")]);
    assert_ne!(reply.header("x-request-id"), "proxy-0123456789");
}

/// What the admin port says is read by the parser that Prometheus' own Python
/// client brings, in both formats, and is of few words.
#[test]
fn metrics_are_read_by_a_real_parser() {
    let running = server(&[]);
    running.client.get("/v1/areas?parent=36.71").is(200);
    running.client.get("/v1/areas?parent=36.71").is(200);
    for n in 0..50 {
        running.client.get(&format!("/v1/areas/99.{n:02}"));
        running.client.get(&format!("/nothing-{n}"));
    }
    running.admin.get("/healthz").is(200);
    running.admin.get("/readyz").is(200);
    running.admin.get("/v1").problem(404);
    running.admin.get("/metrics").is(200);
    running.client.get("/metrics").is(404);
    let folder = scratch::folder("metrics");
    let classic = running.admin.get("/metrics").is(200);
    assert_eq!(classic.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let open = running.admin.ask("GET", "/metrics", &[("accept", accept)]).is(200);
    assert!(open.header("content-type").starts_with("application/openmetrics-text"));
    std::fs::write(folder.join("classic"), &classic.body).unwrap();
    std::fs::write(folder.join("open"), &open.body).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let need = Command::new(root.join("scripts/need")).arg("python:tests/soak").status().unwrap();
    assert!(need.success(), "scripts/need python:tests/soak");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let out = Command::new(target.join("python/soak/bin/python"))
        .arg(root.join("tests/soak/read_metrics.py"))
        .args([folder.join("classic"), folder.join("open")])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    println!("{}", String::from_utf8_lossy(&out.stdout).trim());
    let text = classic.text();
    assert!(!text.contains("127.0.0.1") && !text.contains("nothing-"), "what clients send became a label:\n{text}");
    let routes = text.lines().filter(|line| line.starts_with("bansos_http_requests_total")).count();
    assert!(routes < 12, "{routes} pairs of route and status:\n{text}");
}

#[test]
fn the_admin_port_is_for_this_machine_unless_said_otherwise() {
    let office = &prepared::published().office;
    office.api(&["serve", "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"]).fails().says(&["--admin-remote"]);
    office.api(&["serve", "--listen", "127.0.0.1:0", "--admin", "nonsense"]).fails().says(&["127.0.0.1:9464"]);
}
