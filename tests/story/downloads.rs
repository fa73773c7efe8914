//! Files as a stranger downloads them, by curl: whole, in every coding, cut off
//! and resumed, described the same by HEAD; and never the secret half of a key.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::office::{Office, Server};
use crate::{prepared, scratch};

const RELEASE: &str = "36.71-2025-01";

/// Runs curl and gives what it printed; it must end with `status`.
#[track_caller]
fn curl(args: &[&str], status: i32) -> String {
    let out = Command::new("curl").args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(status), "curl {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn sha256(path: &Path) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `Repr-Digest` (RFC 9530) of bytes, by the standard's own example of base64.
fn repr_digest(hex: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let number = part.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at) & 63) as usize] as char;
            text.push(if at > part.len() { '=' } else { letter });
        }
    }
    format!("sha-256=:{text}:")
}

/// The headers of an answer by their names in small letters, without those that
/// are another each time.
fn headers(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .filter(|(name, _)| !["date", "x-request-id", "ratelimit"].contains(&name.as_str()))
        .collect();
    found.sort();
    found
}

fn header<'a>(all: &'a [(String, String)], name: &str) -> &'a str {
    all.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
}

/// The files of a release by the list of datasets.
fn files(server: &Server) -> Vec<Value> {
    let json = server.client().get(&format!("/v1/datasets?release={RELEASE}")).is(200).json();
    json["data"].as_array().unwrap().iter().flat_map(|one| one["distributions"].as_array().unwrap().clone()).collect()
}

fn open(name: &str) -> (Office, Server, PathBuf) {
    let office = prepared::published().office.again();
    let server = office.serve_with(&["--limit-downloads", "100000/60"]);
    (office, server, scratch::folder(name))
}

#[test]
fn a_download_that_was_cut_is_resumed_and_is_what_was_signed() {
    let (office, server, into) = open("downloads-resumed");
    let manifest: Value = serde_json::from_slice(&std::fs::read(office.releases().join(RELEASE).join("manifest.json")).unwrap()).unwrap();
    let mut forms = std::collections::BTreeSet::new();
    for file in manifest["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let (length, wanted) = (file["bytes"].as_u64().unwrap(), file["sha256"].as_str().unwrap());
        let Some(name) = path.strip_prefix("data/") else { continue };
        let (dataset, form) = name.split_once('.').unwrap();
        // The largest tables, and every form.
        if !["recipients", "boundaries", "payments", "areas"].contains(&dataset) || length < 3000 {
            continue;
        }
        forms.insert(form.to_owned());
        let url = format!("{}/v1/datasets/{dataset}/{RELEASE}/{name}", server.client().base());
        let out = into.join(name);
        let out = out.to_str().unwrap();
        // A part is there; curl asks for the rest of it.
        curl(&["--range", &format!("0-{}", length / 3), "--output", out, &url], 0);
        assert_eq!(std::fs::metadata(out).unwrap().len(), length / 3 + 1);
        let said = curl(&["--continue-at", "-", "--output", out, "--write-out", "%{http_code} %{size_download}", &url], 0);
        assert_eq!(said, format!("206 {}", length - length / 3 - 1), "{path}");
        assert_eq!(sha256(Path::new(out)), wanted, "{path}");
        // Its ETag says that the rest belongs to what is there; another does not.
        let head = headers(&curl(&["--head", &url], 0));
        let tag = header(&head, "etag").to_owned();
        std::fs::write(out, &std::fs::read(out).unwrap()[..100]).unwrap();
        curl(&["--continue-at", "-", "--header", &format!("If-Range: {tag}"), "--output", out, &url], 0);
        assert_eq!(sha256(Path::new(out)), wanted, "{path}, with If-Range");
        let code = curl(&["--range", "100-", "--header", "If-Range: \"other\"", "--output", out, "--write-out", "%{http_code}", &url], 0);
        assert_eq!((code.as_str(), sha256(Path::new(out)).as_str()), ("200", wanted), "{path}: all of it, if it is another");
    }
    println!("resumed: {forms:?}");
    assert!(forms.contains("csv"), "{forms:?}");
    for form in ["ndjson", "parquet", "xlsx", "geojson"] {
        let there = manifest["files"].as_array().unwrap().iter().any(|file| file["path"].as_str().unwrap().ends_with(&format!(".{form}")));
        assert_eq!(forms.contains(form), there, "{form}: {forms:?}");
    }
}

#[test]
fn a_download_that_is_killed_goes_on_where_it_was() {
    let (office, server, into) = open("downloads-killed");
    let path = office.releases().join(RELEASE).join("data/recipients.csv");
    let (url, out) = (format!("{}/v1/datasets/recipients/{RELEASE}/recipients.csv", server.client().base()), into.join("recipients.csv"));
    let length = std::fs::metadata(&path).unwrap().len();
    let mut slow = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "--limit-rate", "100k", "--output", out.to_str().unwrap(), &url])
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    while std::fs::metadata(&out).map_or(0, |file| file.len()) < 20_000 {
        assert!(start.elapsed().as_secs() < 30, "the download does not begin");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    slow.kill().unwrap();
    slow.wait().unwrap();
    // curl keeps to a rate on average only: where all of it came at once, what a
    // cut would have left is the beginning.
    let there = std::fs::metadata(&out).unwrap().len();
    if there == length {
        std::fs::File::options().write(true).open(&out).unwrap().set_len(length / 3).unwrap();
    }
    assert!(std::fs::metadata(&out).unwrap().len() < length, "it was to be cut: {there} of {length}");
    let said = curl(&["--continue-at", "-", "--output", out.to_str().unwrap(), "--write-out", "%{http_code}", &url], 0);
    assert_eq!((said.as_str(), sha256(&out)), ("206", sha256(&path)));
}

#[test]
fn every_listed_file_is_described_alike_by_head_and_get_in_every_coding() {
    let (_, server, into) = open("downloads-described");
    let out = into.join("body");
    let (mut coded, mut seen) = (0, 0);
    for file in files(&server) {
        let (url, wanted) = (file["url"].as_str().unwrap(), file["sha256"].as_str().unwrap());
        let compresses = ["csv", "ndjson", "json", "geojson"].contains(&file["format"].as_str().unwrap());
        let url = format!("{}{url}", server.client().base());
        for coding in ["identity", "br", "zstd", "gzip"] {
            if coding != "identity" && !compresses {
                continue;
            }
            let accept = format!("Accept-Encoding: {coding}");
            let get = headers(&curl(&["--dump-header", "-", "--header", &accept, "--output", out.to_str().unwrap(), &url], 0));
            let head = headers(&curl(&["--head", "--header", &accept, &url], 0));
            assert_eq!(head, get, "{url} {coding}");
            let bytes = std::fs::metadata(&out).unwrap().len();
            assert_eq!(header(&get, "content-length"), bytes.to_string(), "{url} {coding}");
            assert_eq!(header(&get, "repr-digest"), repr_digest(&sha256(&out)), "{url} {coding}");
            assert!(header(&get, "cache-control").contains("immutable") && header(&get, "etag").starts_with('"'), "{url} {coding}");
            assert!(header(&get, "content-disposition").contains(&format!("filename=\"SIMULASI-{RELEASE}-")), "{url}: {get:?}");
            if coding == "identity" {
                assert_eq!((sha256(&out).as_str(), Some(bytes)), (wanted, file["bytes"].as_u64()), "{url}");
                assert_eq!(header(&get, "content-type"), file["media_type"].as_str().unwrap());
            }
            coded += usize::from(header(&get, "content-encoding") == coding);
            seen += 1;
        }
        if compresses {
            // curl decodes what it was given: the same bytes as without a coding.
            curl(&["--compressed", "--output", out.to_str().unwrap(), &url], 0);
            assert_eq!(sha256(&out), wanted, "{url} --compressed");
        }
    }
    println!("{seen} answers, {coded} of them coded");
    assert!(coded >= 3 * 10, "codings are ready for the larger files: {coded} of {seen}");
}

#[test]
fn codings_change_no_answer_and_come_back_with_a_rebuild() {
    let office = prepared::published().office.copy("downloads-rebuilt");
    let encoded = office.data.join("encoded");
    let before = scratch::files(&encoded);
    assert!(before.len() > 100, "{}", before.len());
    std::fs::remove_dir_all(&encoded).unwrap();
    let url = format!("/v1/datasets/recipients/{RELEASE}/recipients.csv");
    office.api(&["rebuild"]).succeeds();
    assert_eq!(scratch::files(&encoded), before, "the same files, to the byte, by their names");
    // A bit that a disk lost is never served.
    let largest = before.iter().max_by_key(|path| std::fs::metadata(encoded.join(path)).unwrap().len()).unwrap();
    let largest = encoded.join(largest);
    let mut bytes = std::fs::read(&largest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&largest, bytes).unwrap();
    let server = office.serve_with(&["--limit-downloads", "100000/60"]);
    for file in files(&server) {
        let at = file["url"].as_str().unwrap();
        for coding in ["br", "zstd", "gzip"] {
            let out = office.data.with_file_name("body");
            let got = headers(&curl(
                &[
                    "--dump-header",
                    "-",
                    "--header",
                    &format!("Accept-Encoding: {coding}"),
                    "--output",
                    out.to_str().unwrap(),
                    &format!("{}{at}", server.client().base()),
                ],
                0,
            ));
            assert_eq!(header(&got, "repr-digest"), repr_digest(&sha256(&out)), "{at} {coding}");
        }
    }
    // Withdrawn, nothing of it is left in any coding.
    office.bansos(&["withdraw", RELEASE, "--reason", "Uji penarikan", "--by", "Kepala Seksi"]).succeeds();
    let source = sha256(&office.releases().join(RELEASE).join("data/totals.csv"));
    assert!(!encoded.join(source).exists());
    assert_eq!(server.client().wait(&url, 410).status, 410);
}

#[test]
fn public_keys_are_told_and_secret_ones_are_not() {
    let (office, server, _) = open("downloads-keys");
    let client = server.client();
    let entry = client.get("/v1").is(200).json();
    let mut links = vec![entry["links"]["log_key"].as_str().unwrap().to_owned()];
    links.extend(entry["districts"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap().to_owned()));
    for link in links {
        let kept = std::fs::read(office.data.join(link.trim_start_matches('/'))).unwrap();
        assert_eq!(client.get(&link).is(200).body, kept, "{link}");
    }
    for secret in scratch::files(&office.data.join("keys")) {
        let name = secret.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".vkey") {
            continue;
        }
        // As it is, and by tricks that curl does not tidy up.
        for path in [
            format!("/keys/{name}"),
            format!("/keys/log.vkey/../{name}"),
            format!("/keys/%2e%2e/keys/{name}"),
            format!("/v1/../keys/{name}"),
            format!("//keys/{name}"),
        ] {
            let text = curl(&["--path-as-is", "--write-out", "%{http_code}", &format!("{}{path}", client.base())], 0);
            assert!(!text.contains("PRIVATE") && !text.ends_with("200"), "{path}: {text}");
        }
    }
}
