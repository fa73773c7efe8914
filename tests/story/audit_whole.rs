//! `bansos-audit audit` and `mirror`: what is published passes wherever it is
//! read from, and whatever is changed anywhere, even with the right keys, is
//! named with its place.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::office::{self, Office, Ran, Server};
use crate::{forge, prepared, scratch};

/// The last release of the smallest district: no other one names it.
const LAST: &str = "12.74-2025-04";
const BEFORE: &str = "12.74-2025-03";

/// No quota stands in the way of a test.
const UNLIMITED: [&str; 6] = ["--limit-downloads", "100000/1", "--limit-list", "100000/1", "--limit-statistics", "100000/1"];

fn run(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(office::bansos_audit());
    command.args(args).envs(environment.iter().copied());
    office::run(command, &scratch::print("audit"))
}

fn audit(place: &Path, flags: &[&str]) -> Ran {
    run(&[&["audit", place.to_str().unwrap()], flags].concat(), &[])
}

#[track_caller]
fn good(ran: Ran) -> Ran {
    assert!(ran.status.code() == Some(0) && ran.stdout.contains("nothing is wrong"), "{}", ran.told());
    assert!(!ran.stdout.contains("WRONG"), "{}", ran.told());
    ran
}

/// Demands exit status 1 and a line marked WRONG that holds all of `words`.
#[track_caller]
fn wrong(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.status.code(), Some(1), "exit status: {}", ran.told());
    let found = ran.stdout.lines().any(|line| line.starts_with("WRONG") && words.iter().all(|word| line.contains(word)));
    assert!(found, "no line marked WRONG with {words:?}: {}", ran.told());
}

/// What is public of the shared office, with the keys to forge it.
fn copy(name: &str) -> PathBuf {
    let to = scratch::folder(name).join("data");
    std::fs::create_dir(&to).unwrap();
    let from = &prepared::published().office.data;
    for part in ["releases", "log", "keys"] {
        scratch::copy(&from.join(part), &to.join(part));
    }
    std::fs::create_dir(to.join("site")).unwrap();
    let built = prepared::published().office.site().canonicalize().unwrap();
    scratch::copy(&built, &to.join("site/current"));
    to
}

fn serve(office: &Office) -> Server {
    office.serve_with(&[&["--site", office.site().to_str().unwrap()][..], &UNLIMITED].concat())
}

/// `python3 -m http.server` over a folder, ended when dropped.
struct Static(Child, String);

impl Static {
    fn over(folder: &Path) -> Static {
        let code = "import functools,http.server,sys\n\
            handler=functools.partial(http.server.SimpleHTTPRequestHandler,directory=sys.argv[1])\n\
            server=http.server.ThreadingHTTPServer(('127.0.0.1',0),handler)\n\
            print(server.server_address[1],flush=True)\n\
            server.serve_forever()";
        let mut child = Command::new("python3")
            .args(["-c", code])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 is needed to serve a folder");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Static(child, format!("http://127.0.0.1:{}", line.trim()))
    }
}

impl Drop for Static {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_untouched_passes_wherever_it_is_read() {
    let office = &prepared::published().office;
    let data = good(audit(&office.data, &[]));
    for words in ["figures on", "row by row", "every tile", "k-atoms"] {
        assert!(data.stdout.contains(words), "{words}: {}", data.told());
    }
    println!("data folder: {:.1} s", data.seconds);

    let kept = scratch::folder("audit-kept");
    let remember = kept.join("checkpoint");
    let server = serve(office);
    let host = good(run(&["audit", server.client().base(), "--remember", remember.to_str().unwrap()], &[]));
    assert!(host.stdout.contains("lists of recipients") && !host.stdout.contains("no API"), "{}", host.told());
    println!("host with its API and site: {:.1} s", host.seconds);
    assert_eq!(std::fs::read(&remember).unwrap(), std::fs::read(office.data.join("log/checkpoint")).unwrap());

    let mirror = kept.join("mirror");
    let ran = good(run(&["mirror", server.client().base(), mirror.to_str().unwrap()], &[]));
    println!("mirror: {:.1} s", ran.seconds);
    assert!(!mirror.join(".mirror").exists(), "a whole copy keeps nothing unfinished");
    let again = good(run(&["mirror", server.client().base(), mirror.to_str().unwrap()], &[]));
    assert!(again.stdout.contains(" 0 files of releases fetched"), "{}", again.told());
    let alone = good(audit(&mirror, &["--keys", office.data.join("keys").to_str().unwrap(), "--remember", remember.to_str().unwrap()]));
    assert!(alone.stdout.contains("nothing older changed") && alone.stdout.contains("figures on"), "{}", alone.told());
    println!("mirror without network: {:.1} s", alone.seconds);
    good(audit(&mirror, &["--api", server.client().base()]));
    drop(server);

    let plain = Static::over(&mirror);
    let ran = good(run(&["audit", &plain.1], &[]));
    assert!(ran.stdout.contains("no API answers") && ran.stdout.contains("figures on"), "{}", ran.told());
    println!("plain file server over the mirror: {:.1} s", ran.seconds);
    let copy = kept.join("copy");
    good(run(&["mirror", &plain.1, copy.to_str().unwrap()], &[]));
    assert_eq!(tree(&copy).keys().collect::<Vec<_>>(), tree(&mirror).keys().collect::<Vec<_>>(), "a copy of the copy");

    let one = good(audit(&office.releases().join(LAST), &["--keys", office.data.join("keys").to_str().unwrap()]));
    assert!(one.stdout.contains("not checked  log") && one.stdout.contains("the district's signature"), "{}", one.told());
    let json = good_json(&run(&["audit", office.data.to_str().unwrap(), "--quick", "--json"], &[]));
    assert_eq!(json["good"], true);
    run(&["audit", kept.to_str().unwrap()], &[]).fails().says(&["expected an address"]);
}

fn good_json(ran: &Ran) -> serde_json::Value {
    assert_eq!(ran.status.code(), Some(0), "{}", ran.told());
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Changes a byte in the middle of a file, so that text stays text.
fn flip(path: &Path) -> Vec<u8> {
    let before = std::fs::read(path).unwrap();
    let mut bytes = before.clone();
    match bytes.len() / 2 {
        0 => bytes.push(b'\n'),
        at => bytes[at] ^= 1,
    }
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
    before
}

fn restore(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn one_changed_byte_is_named_in_any_file() {
    let data = copy("audit-byte");
    let start = Instant::now();
    let release = data.join("releases").join(LAST);
    let (mut files, mut keys) = (scratch::files(&release), 0);
    files.extend(scratch::files(&data.join("log")));
    for path in &files {
        let before = flip(path);
        let ran = audit(&data, &["--quick"]);
        let name = path.strip_prefix(&release).or_else(|_| path.strip_prefix(&data)).unwrap();
        wrong(&ran, &[name.to_str().unwrap()]);
        restore(path, &before);
    }
    for name in ["log", "district-12.74"] {
        let path = data.join(format!("keys/{name}.vkey"));
        let before = flip(&path);
        let ran = audit(&data, &["--quick"]);
        assert_eq!(ran.status.code(), Some(1), "{name}: {}", ran.told());
        assert!(ran.stdout.contains(name) || ran.stdout.contains("12.74"), "{name}: {}", ran.told());
        restore(&path, &before);
        keys += 1;
    }
    good(audit(&data, &["--quick"]));
    println!("{} files and {keys} keys, a byte each: {:.1} s", files.len(), start.elapsed().as_secs_f64());
}

#[test]
fn a_dropped_release_is_named() {
    let data = copy("audit-dropped");
    let kept = data.with_file_name("checkpoint");
    good(audit(&data, &["--quick", "--remember", kept.to_str().unwrap()]));
    let aside = data.with_file_name("aside");
    std::fs::rename(data.join("releases").join(BEFORE), &aside).unwrap();
    wrong(&audit(&data, &["--quick"]), &[BEFORE, "dropped"]);

    // The host drops it from the log, too, and signs that: the next release still names it.
    let whole = forge::entries(&data.join("log"));
    let without = |release: &str| -> Vec<_> { whole.iter().filter(|entry| entry["release"] != release).cloned().collect() };
    forge::rewrite_log(&data, &without(BEFORE));
    let ran = audit(&data, &["--quick", "--remember", kept.to_str().unwrap()]);
    wrong(&ran, &[LAST, BEFORE, "not in the log"]);
    wrong(&ran, &["log/checkpoint", "dropped"]);

    // The last one, which nobody names: only a kept checkpoint tells.
    std::fs::rename(&aside, data.join("releases").join(BEFORE)).unwrap();
    std::fs::rename(data.join("releases").join(LAST), &aside).unwrap();
    forge::rewrite_log(&data, &without(LAST));
    wrong(&audit(&data, &["--quick", "--remember", kept.to_str().unwrap()]), &["log/checkpoint"]);

    // The office leaves it out of the chain.
    std::fs::rename(&aside, data.join("releases").join(LAST)).unwrap();
    let second = &whole.iter().find(|entry| entry["release"] == "12.74-2025-02").unwrap()["manifest_sha256"];
    let digest = forge::resign(&data, LAST, |manifest| {
        manifest["previous"]["release"] = "12.74-2025-02".into();
        manifest["previous"]["manifest_sha256"] = second.clone();
    });
    let mut entries = whole.clone();
    entries.iter_mut().find(|entry| entry["release"] == LAST).unwrap()["manifest_sha256"] = digest.into();
    forge::rewrite_log(&data, &entries);
    wrong(&audit(&data, &["--quick"]), &[LAST, "12.74-2025-02", BEFORE, "chain"]);
}

#[test]
fn a_manifest_signed_anew_and_a_forked_log_are_named() {
    let data = copy("audit-resigned");
    let kept = data.with_file_name("checkpoint");
    good(audit(&data, &["--quick", "--remember", kept.to_str().unwrap()]));
    let whole = forge::entries(&data.join("log"));
    // One more in the district's total, in text forms and manifest alike.
    let folder = data.join("releases").join(LAST);
    let csv = std::fs::read_to_string(folder.join("data/totals.csv")).unwrap();
    let line = csv.lines().find(|line| line.starts_with("12.74,PKH,") && line.contains(",observed,")).unwrap().to_owned();
    let value: u64 = line.split(',').nth(5).unwrap().parse().unwrap();
    let altered = csv.replace(&line, &line.replacen(&format!(",{value},"), &format!(",{},", value + 1), 1));
    assert_ne!(csv, altered);
    restore(&folder.join("data/totals.csv"), altered.as_bytes());
    let digest = forge::resign(&data, LAST, |manifest| {
        forge::refit(manifest, "data/totals.csv", altered.as_bytes());
        for total in manifest["control_totals"].as_array_mut().unwrap() {
            if total["table"] == "totals" && total["program"] == "PKH" && total["measure"] == "units" {
                total["value"] = (value + 1).into();
            }
        }
    });
    wrong(&audit(&data, &["--quick"]), &[LAST, "manifest.json", "the log admitted"]);

    // The host helps: another log, signed by its own key.
    let mut entries = whole;
    entries.iter_mut().find(|entry| entry["release"] == LAST).unwrap()["manifest_sha256"] = digest.into();
    forge::rewrite_log(&data, &entries);
    wrong(&audit(&data, &["--quick", "--remember", kept.to_str().unwrap()]), &["log/checkpoint", "forked"]);
    // And without a kept checkpoint its forms do not agree.
    wrong(&audit(&data, &[]), &["forms", LAST, "totals.", &format!("{value}")]);
}

#[test]
fn a_form_that_says_another_thing_and_a_file_too_many_are_named() {
    let data = copy("audit-forms");
    let folder = data.join("releases").join(LAST);
    // The whole release made anew: manifest, signature and log fit.
    let bytes = std::fs::read(data.join("releases").join(BEFORE).join("data/flows.parquet")).unwrap();
    restore(&folder.join("data/flows.parquet"), &bytes);
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(rows["release"], LAST);
    let digest = forge::resign(&data, LAST, |manifest| forge::refit(manifest, "data/flows.parquet", &bytes));
    let mut entries = forge::entries(&data.join("log"));
    entries.iter_mut().find(|entry| entry["release"] == LAST).unwrap()["manifest_sha256"] = digest.into();
    forge::rewrite_log(&data, &entries);
    wrong(&audit(&data, &[]), &["forms", LAST, "data/flows.parquet", "row 1", "flows.csv"]);

    std::fs::write(folder.join("data/names.csv"), "x\n").unwrap();
    wrong(&audit(&data, &["--quick"]), &[LAST, "data/names.csv", "not in the manifest"]);
    std::fs::remove_file(folder.join("data/names.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("data/zero.csv")).unwrap();
    wrong(&audit(&data, &["--quick"]), &[LAST, "data/zero.csv"]);
}

#[test]
fn a_figure_altered_on_a_page_is_named() {
    let data = copy("audit-page");
    for (page, english) in [("wilayah/kota-tanjungbalai/index.html", false), ("en/wilayah/kota-tanjungbalai/index.html", true)] {
        let path = data.join("site/current").join(page);
        let html = std::fs::read_to_string(&path).unwrap();
        let start = html.find("data-cell=\"totals|12.74|").unwrap_or_else(|| panic!("{page} shows no total"));
        let end = start + html[start..].find("</").unwrap();
        let tag = &html[start..end];
        let value = tag.split("data-value=\"").nth(1).unwrap().split('"').next().unwrap();
        let text = tag.rsplit('>').next().unwrap();
        let cell = tag.split('"').nth(1).unwrap();
        let more = (value.parse::<u64>().unwrap() + 1).to_string();
        let mark = if english { "," } else { "." };
        let shown: String = {
            let digits: Vec<char> = more.chars().collect();
            digits.rchunks(3).rev().map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(mark)
        };
        let attribute = tag.replace(&format!("data-value=\"{value}\""), &format!("data-value=\"{more}\""));
        let read = format!("{}{shown}", &tag[..tag.len() - text.len()]);
        let both = attribute.replace(&format!(">{text}"), &format!(">{shown}"));
        let address = format!("/{}", page.trim_end_matches("index.html"));
        for altered in [attribute, read, both] {
            assert_ne!(altered, tag);
            restore(&path, html.replacen(tag, &altered, 1).as_bytes());
            wrong(&audit(&data, &[]), &["site", &address, cell, value]);
        }
        restore(&path, html.as_bytes());
    }
    good(audit(&data, &[]));
}

/// Passes requests on to a server, and changes one text in its answers.
fn between(server: &str, from: String, to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(server);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (client, from, to) = (client.clone(), from.clone(), to.clone());
            std::thread::spawn(move || answer(stream, &client, &from, &to));
        }
    });
    address
}

fn answer(mut stream: TcpStream, client: &Client, from: &str, to: &str) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut header = String::new();
    while reader.read_line(&mut header).ok()? > 2 {
        header.clear();
    }
    let reply = client.get(&path);
    let body = match String::from_utf8(reply.body) {
        Ok(text) => text.replacen(from, to, 1).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    };
    let kind = reply.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let location =
        reply.headers.get("location").and_then(|to| to.to_str().ok()).map(|to| format!("location: {to}\r\n")).unwrap_or_default();
    write!(
        stream,
        "HTTP/1.1 {} x\r\ncontent-type: {kind}\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
        reply.status,
        body.len()
    )
    .ok()?;
    stream.write_all(&body).ok()
}

#[test]
fn a_figure_altered_in_the_api_is_named() {
    let office = &prepared::published().office;
    let server = serve(office);
    let path = "/v1/statistics/totals?area=12.74&format=ndjson";
    let lines = server.client().get(path).is(200);
    let line = lines.text().lines().find(|line| line.contains("\"status\":\"observed\"")).unwrap().to_owned();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    let value = json["value"].as_u64().unwrap();
    let altered = line.replace(&format!("\"value\":{value}"), &format!("\"value\":{}", value + 1));
    assert_ne!(line, altered);
    let proxy = between(server.client().base(), line, altered);
    let ran = audit(&office.data, &["--api", &proxy]);
    let cell = format!("totals|{}|{}", json["area"].as_str().unwrap(), json["program"].as_str().unwrap());
    wrong(&ran, &["api", json["release"].as_str().unwrap(), &cell, &format!("{}, but", value + 1), &value.to_string()]);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("WRONG")).count(), 1, "{}", ran.told());
}

/// Every file of a mirror with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files =
        scratch::files(folder).into_iter().map(|path| (path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap()));
    files.filter(|(path, _)| !path.starts_with(".mirror")).collect()
}

#[test]
fn a_mirror_that_is_killed_goes_on_and_is_the_same() {
    let office = &prepared::published().office;
    let server = serve(office);
    let folder = scratch::folder("audit-killed");
    let whole = folder.join("whole");
    good(run(&["mirror", server.client().base(), whole.to_str().unwrap()], &[]));
    let cut = folder.join("cut");
    let args = ["mirror", server.client().base(), cut.to_str().unwrap()];
    let mut kills = 0;
    for point in
        ["mirror.part#1", "mirror.part#40", "mirror.file.rename#100", "mirror.file.done#300", "mirror.write.rename#30", "mirror.checkpoint"]
    {
        let ran = run(&args, &[("BANSOS_FAULT", point)]);
        assert!(ran.killed(), "{point}: {}", ran.told());
        kills += 1;
        let ran = audit(&cut, &["--quick"]);
        assert_eq!(ran.status.code(), Some(2), "{point}: a copy that is cut off claims nothing: {}", ran.told());
    }
    // At any other instant, too.
    for _ in 0..5 {
        let mut child = Command::new(office::bansos_audit()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(40));
        let _ = child.kill();
        kills += u32::from(!child.wait().unwrap().success());
        if cut.join("log/checkpoint").exists() {
            break;
        }
    }
    good(run(&args, &[]));
    let (one, other) = (tree(&cut), tree(&whole));
    let differ: Vec<&PathBuf> = one.keys().chain(other.keys()).filter(|path| one.get(*path) != other.get(*path)).collect();
    assert!(differ.is_empty(), "a mirror that was cut off {kills} times is another than one that was not: {differ:?}");
    good(audit(&cut, &[]));
    println!("killed {kills} times");
}

#[test]
fn a_mirror_refuses_another_history() {
    let data = copy("audit-refused");
    let office = Office::at(data.clone(), None);
    office.api(&["rebuild"]).succeeds();
    let mirror = data.with_file_name("mirror");
    let server = serve(&office);
    good(run(&["mirror", server.client().base(), mirror.to_str().unwrap()], &[]));
    drop(server);
    let before = tree(&mirror);

    let mut entries = forge::entries(&data.join("log"));
    entries[1]["at"] = "2025-01-01T00:00:00Z".into();
    forge::rewrite_log(&data, &entries);
    let plain = Static::over(&served(&data));
    let ran = run(&["mirror", &plain.1, mirror.to_str().unwrap()], &[]);
    wrong(&ran, &["log/checkpoint", "forked", "entry 1"]);
    assert!(tree(&mirror) == before, "the copy changed");
    good(audit(&mirror, &["--quick"]));
}

/// The paths of a host over a data folder: enough for a mirror to begin.
fn served(data: &Path) -> PathBuf {
    let folder = data.with_file_name("served");
    std::fs::create_dir(&folder).unwrap();
    scratch::copy(&data.join("log"), &folder.join("log"));
    scratch::copy(&data.join("keys"), &folder.join("keys"));
    folder
}

/// A server that answers every request with the same head, and then `body` for ever.
fn hostile(head: &'static str, body: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(head.as_bytes());
                while !body.is_empty() && stream.write_all(body).is_ok() {}
            });
        }
    });
    address
}

#[test]
fn hostile_hosts_are_refused() {
    let folder = scratch::folder("audit-hostile");
    for (head, body, words) in [
        ("HTTP/1.1 200 x\r\nconnection: close\r\n\r\n", &[b'x'; 8192][..], "larger than"),
        ("HTTP/1.1 302 x\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n", &[], "not on this host"),
        ("HTTP/1.1 302 x\r\nlocation: /log/checkpoint\r\ncontent-length: 0\r\n\r\n", &[], "redirects"),
        ("HTTP/1.1 200 x\r\ncontent-length: 3\r\n\r\nabc", &[], "checkpoint"),
        ("HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n", &[], "500"),
    ] {
        let host = hostile(head, body);
        let start = Instant::now();
        for args in [&["audit", &host][..], &["mirror", &host, folder.join("mirror").to_str().unwrap()]] {
            let ran = run(args, &[]);
            assert_eq!(ran.status.code(), Some(2), "{}", ran.told());
            assert!(ran.stderr.contains(words), "{words}: {}", ran.told());
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{head}");
    }
    let other = folder.join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("thesis.txt"), "x").unwrap();
    run(&["mirror", "http://127.0.0.1:9", other.to_str().unwrap()], &[]).fails().says(&["holds other things"]);
}
