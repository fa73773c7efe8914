//! What users of such APIs complain about (design, API: "Why"): a test each,
//! named after the complaint, through the real binary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::contract::UNLIMITED;
use crate::figures::TABLES;
use crate::http::Client;
use crate::office::Server;
use crate::prepared::{self, DISTRICTS, MONTHS};

fn serve() -> Server {
    prepared::published().office.serve_with(&UNLIMITED)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn items(json: &Value) -> &Vec<Value> {
    json["data"].as_array().unwrap_or_else(|| panic!("no data in {json}"))
}

/// The pages of a list, from the first to the last.
fn pages(client: &Client, first: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let reply = client.get(&path).is(200);
        let page = reply.json();
        next = page["next"].as_str().map(str::to_owned);
        let link = next.as_ref().map_or(String::new(), |next| format!("<{next}>; rel=\"next\""));
        assert_eq!(reply.header("link"), link, "{path}: body and Link disagree");
        found.push(page);
    }
    found
}

#[test]
fn deep_pages_that_time_out_or_cut_off() {
    let server = serve();
    let client = server.client();
    for list in ["/v1/recipients", "/v1/statistics/totals", "/v1/areas?parent=33&level=kelurahan"] {
        let mark = if list.contains('?') { '&' } else { '?' };
        let found = pages(client, &format!("{list}{mark}limit=1000"));
        assert!(found.len() > 3, "{list}: {} pages are not deep", found.len());
        let listed: Vec<&Value> = found.iter().flat_map(items).collect();
        let told: BTreeSet<u64> = found.iter().map(|page| page["total"].as_u64().unwrap()).collect();
        assert_eq!(told, BTreeSet::from([listed.len() as u64]), "{list}: pages tell other totals than they hold");
        let different: BTreeSet<String> = listed.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), listed.len(), "{list}: an item stands on two pages");
        // The last page by itself, as somebody who saved its address asks for it.
        let last = &found[found.len() - 2];
        let again = client.get(last["next"].as_str().unwrap()).is(200).json();
        assert_eq!(&again, found.last().unwrap(), "{list}");
    }
}

#[test]
fn limits_that_are_undocumented_and_403_without_retry_after() {
    let office = &prepared::published().office;
    let server = office.serve_with(&["--limit-list", "5/3600", "--limit-statistics", "2/3600", "--limit-downloads", "9/3600"]);
    let client = server.client();
    let limits = client.get("/v1").is(200).json()["limits"].clone();
    assert_eq!(limits["list"]["q"], 5);
    assert_eq!((&limits["statistics"]["q"], &limits["downloads"]["w"]), (&Value::from(2), &Value::from(3600)));
    for left in (0..4).rev() {
        let reply = client.get("/v1/programs").is(200);
        assert_eq!(reply.header("ratelimit-policy"), "\"list\";q=5;w=3600", "the quota is that of /v1");
        assert!(reply.header("ratelimit").starts_with(&format!("\"list\";r={left};t=")), "{}", reply.header("ratelimit"));
    }
    let refused = client.get("/v1/programs");
    let wait: u64 = refused.header("retry-after").parse().unwrap_or_else(|_| panic!("no Retry-After: {:?}", refused.headers));
    assert!((1..=3600).contains(&wait));
    assert!(refused.header("ratelimit").contains("r=0"));
    let problem = refused.problem(429);
    assert_eq!(problem["code"], "quota-exceeded");
    // A page explains it; nothing that people read is limited.
    client.get("/docs/errors/quota-exceeded").is(200);
    for path in ["/docs/", "/openapi.json", "/healthz"] {
        assert_eq!(client.get(path).is(200).header("ratelimit"), "", "{path}");
    }
    // Another policy has a quota of its own.
    assert!(client.get("/v1/statistics/totals").is(200).header("ratelimit").starts_with("\"statistics\";r=1"));
}

#[test]
fn bot_walls_that_break_honest_clients() {
    let server = serve();
    let client = server.client();
    let asked = |agent: Option<&str>| {
        let headers: Vec<(&str, &str)> =
            agent.map(|agent| ("user-agent", agent)).into_iter().chain([("accept-encoding", "identity")]).collect();
        client.ask("GET", "/v1/statistics/totals?level=kabupaten", &headers).is(200)
    };
    let usual = asked(None);
    for agent in [
        "",
        "curl/8.5.0",
        "python-requests/2.32",
        "Googlebot/2.1",
        "GPTBot/1.2",
        "Wget/1.21",
        "sqlmap",
        "Mozilla/5.0 (X11; Linux) Firefox/140",
    ] {
        let reply = asked(Some(agent));
        assert_eq!(reply.body, usual.body, "{agent:?} gets another answer");
        assert_eq!(reply.header("set-cookie"), "", "{agent:?} is given a cookie");
    }
    // Nor is a bare request refused: no header but Host, in HTTP/1.0 and 1.1.
    let address = client.base().trim_start_matches("http://");
    for version in ["1.0", "1.1"] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET /v1/programs HTTP/{version}\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(String::from_utf8_lossy(&answer).split("\r\n").next().unwrap().ends_with("200 OK"), "HTTP/{version}");
    }
}

#[test]
fn silent_staleness() {
    let server = serve();
    let client = server.client();
    let entry = client.get("/v1").is(200);
    let json = entry.json();
    let districts = json["districts"].as_array().unwrap();
    assert_eq!(districts.len(), DISTRICTS.len());
    for district in districts {
        assert_eq!(district["period"], MONTHS[MONTHS.len() - 1], "{district}");
        // Due, come, and how late; and which month is due when.
        for day in [&district["expected_on"], &district["published_on"], &district["next"]["expected_on"]] {
            assert!(day.as_str().is_some_and(|day| day.len() == 10), "{district}");
        }
        assert!(district["days_late"].as_u64().is_some_and(|days| days > 0), "months of 2025 published now are late: {district}");
    }
    // Every answer names its version, and may be kept for a minute only.
    let version = json["version"].as_u64().unwrap();
    for path in ["/v1", "/v1/recipients?limit=1", "/v1/statistics/totals?limit=1", "/v1/releases", "/v1/datasets"] {
        let reply = client.get(path).is(200);
        assert_eq!(reply.json()["version"], version, "{path}");
        assert!(reply.header("content-location").ends_with(&format!("version={version}")), "{path}");
        assert!(reply.header("cache-control").contains("max-age=60") && !reply.header("last-modified").is_empty(), "{path}");
    }
    // A figure that stands from an earlier month says from which.
    let mut older = 0;
    for table in ["overlaps", "verification", "deciles", "demographics"] {
        for cell in items(&client.get(&format!("/v1/statistics/{table}?period=2025-03&limit=1000")).is(200).json()) {
            assert_eq!(cell["period"], "2025-03");
            let as_of = cell["as_of"].as_str().unwrap();
            assert!(as_of <= "2025-03" && cell["release"].is_string(), "{cell}");
            older += usize::from(as_of != "2025-03");
        }
    }
    assert!(older > 0, "no figure stands from an earlier month: the test sees nothing");
}

#[test]
fn zero_null_and_suppressed_mixed_up() {
    let server = serve();
    let client = server.client();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut zeros = 0;
    for table in TABLES {
        let lines = client.get(&format!("/v1/statistics/{table}?format=ndjson")).is(200);
        for line in lines.text().lines() {
            let cell: Value = serde_json::from_str(line).unwrap();
            let (status, value) = (cell["status"].as_str().unwrap(), &cell["value"]);
            assert_eq!(status == "observed", value.is_u64(), "{table}: {cell}");
            assert_eq!(status == "grouped", cell["group"].is_string(), "{table}: {cell}");
            zeros += u64::from(*value == 0);
            *seen.entry(status.to_owned()).or_default() += 1;
        }
        // CSV tells the same: an empty cell is never a zero.
        let csv = client.get(&format!("/v1/statistics/{table}?format=csv")).is(200);
        let mut reader = csv::Reader::from_reader(csv.text().as_bytes());
        for row in reader.records().map(Result::unwrap) {
            assert_eq!(&row[6] == "observed", !row[5].is_empty(), "{table}: {row:?}");
        }
    }
    let words: Vec<&str> = seen.keys().map(String::as_str).collect();
    assert!(zeros > 0 && words.len() >= 3, "the data must hold the cases: {zeros} zeros, {seen:?}");
    let known = client.get("/v1/statistics?limit=1").is(200).json();
    let known: BTreeSet<&str> = items(&known)[0]["statuses"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(words.iter().all(|word| known.contains(word)), "{words:?} of {known:?}");
    // Nothing is summed over districts: missing, with those to ask.
    let above = client.get("/v1/statistics/totals?area=36&level=provinsi").is(200).json();
    let missing = &above["missing"][0];
    assert_eq!((&missing["area"], &missing["value"], &missing["status"]), (&"36".into(), &Value::Null, &"missing".into()));
    assert_eq!(missing["districts"][0]["code"], "36.71");
    assert_eq!(above["total"], 0);
}

#[test]
fn files_that_do_not_agree_with_the_site() {
    let office = &prepared::published().office;
    let server = office.serve_with(&[&UNLIMITED[..], &["--site", office.site().to_str().unwrap()]].concat());
    let client = server.client();
    let release = "12.74-2025-04";
    let sorted = |text: &str| -> Vec<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (mut totals, mut compared) = (String::new(), 0);
    for table in TABLES {
        let file = client.get(&format!("/v1/datasets/{table}/{release}/{table}.csv"));
        if file.status == 404 {
            continue;
        }
        let api = client.get(&format!("/v1/statistics/{table}?release={release}&format=csv")).is(200);
        assert_eq!(sorted(file.is(200).text()), sorted(api.text()), "{table}: the file and the API");
        compared += 1;
        if table == "totals" {
            totals = api.text().to_owned();
        }
    }
    assert!(compared >= 6, "{compared} tables");
    let file = client.get(&format!("/v1/datasets/recipients/{release}/recipients.csv")).is(200);
    let api = client.get(&format!("/v1/recipients?release={release}&format=csv")).is(200);
    assert_eq!(sorted(file.text()), sorted(api.text()), "rows: the file and the API");
    // And a page of the site shows the figures of the file.
    let figures: BTreeMap<String, String> = totals
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|row| (["totals", row[0], row[1], row[2], row[3], row[4]].join("|"), row[5].to_owned()))
        .collect();
    let mut shown = 0;
    for page in crate::scratch::files(&office.site().canonicalize().unwrap()).iter().filter(|page| page.ends_with("index.html")) {
        let html = std::fs::read_to_string(page).unwrap();
        if !html.contains("data-cell=\"totals|12.74|") {
            continue;
        }
        for cell in crate::figures::shown(&html) {
            if let Some(value) = figures.get(&cell.cell) {
                assert_eq!(cell.value, *value, "{}: {}", page.display(), cell.cell);
                shown += 1;
            }
        }
    }
    assert!(shown > 0, "no page shows a total of 12.74");
}

#[test]
fn no_cors() {
    let office = &prepared::published().office;
    let server = office.serve_with(&["--limit-statistics", "1/3600"]);
    let client = server.client();
    let origin = ("origin", "https://koran.example");
    client.get("/v1/statistics/totals").is(200);
    let file = "/v1/datasets/totals/12.74-2025-01/totals.csv";
    for (path, status) in [
        ("/v1", 200),
        ("/v1/recipients?format=csv&area=12.74.01", 200),
        (file, 200),
        ("/log/checkpoint", 200),
        ("/keys/log.vkey", 200),
        ("/openapi.json", 200),
        ("/v1/nothing", 404),
        ("/v1/recipients?x=1", 400),
        ("/v1/statistics/totals", 429),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = client.ask(method, path, &[origin, ("accept-encoding", "identity")]).is(status);
            assert_eq!(reply.header("access-control-allow-origin"), "*", "{method} {path}");
            let exposed = reply.header("access-control-expose-headers");
            for name in
                ["Link", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "Repr-Digest", "Content-Location", "Deprecation", "Sunset"]
            {
                assert!(exposed.split(", ").any(|one| one == name), "{method} {path}: {name} is not exposed");
            }
        }
        let asked = [origin, ("access-control-request-method", "GET"), ("access-control-request-headers", "if-none-match, range")];
        let preflight = client.ask("OPTIONS", path, &asked).is(204);
        assert_eq!(preflight.header("access-control-allow-origin"), "*", "{path}");
        assert!(preflight.header("access-control-allow-methods").contains("GET"), "{path}");
        let allowed = preflight.header("access-control-allow-headers").to_ascii_lowercase();
        assert!(allowed.contains("if-none-match") && allowed.contains("range"), "{path}: {allowed}");
    }
}

#[test]
fn no_parquet() {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    let server = serve();
    let client = server.client();
    let datasets = client.get("/v1/datasets?release=36.71-2025-04").is(200).json();
    let mut opened = 0;
    for dataset in items(&datasets) {
        let files = dataset["distributions"].as_array().unwrap();
        if dataset["dataset"] == "release" || files.is_empty() {
            continue;
        }
        let found: Vec<&Value> = files.iter().filter(|file| file["format"] == "parquet").collect();
        if found.is_empty() && dataset["dataset"] == "boundaries" {
            continue;
        }
        assert_eq!(found.len(), 1, "{}: no Parquet", dataset["dataset"]);
        let reply = client.get(found[0]["url"].as_str().unwrap()).is(200);
        assert_eq!(reply.header("content-type"), "application/vnd.apache.parquet");
        let file = crate::scratch::print("complaints.parquet");
        std::fs::write(&file, &reply.body).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows() as u64, found[0]["rows"].as_u64().unwrap(), "{}", found[0]);
        opened += 1;
    }
    assert!(opened >= 8, "{opened}");
}

#[test]
fn old_data_that_vanishes_with_no_checksum() {
    let office = prepared::published().office.copy("complaints-old");
    let server = office.serve_with(&UNLIMITED);
    let client = server.client();
    // The first release ever admitted: listed, whole, and every file by its digest.
    let releases = pages(client, "/v1/releases?limit=7");
    let oldest = items(releases.last().unwrap()).last().unwrap().clone();
    let id = oldest["release"].as_str().unwrap();
    assert_eq!(oldest["version"], 1);
    let manifest = client.get(&format!("/v1/datasets/release/{id}/manifest.json")).is(200);
    assert_eq!(client.get(&format!("/v1/releases/{id}")).is(200).json()["manifest_sha256"], sha256(&manifest.body));
    for file in manifest.json()["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let Some(name) = path.strip_prefix("data/") else { continue };
        let dataset = name.split('.').next().unwrap();
        let reply = client.ask("GET", &format!("/v1/datasets/{dataset}/{id}/{name}"), &[("accept-encoding", "identity")]).is(200);
        assert_eq!(sha256(&reply.body), file["sha256"].as_str().unwrap(), "{path}");
        assert!(reply.header("repr-digest").starts_with("sha-256=:") && reply.header("cache-control").contains("immutable"), "{path}");
    }
    // What was answered then is answered now, when its version is named.
    let then = client.get("/v1/statistics/totals?version=1").is(200);
    assert!(items(&then.json()).iter().all(|cell| cell["release"] == id) && then.json()["total"].as_u64() > Some(0));
    // It does not vanish: it is withdrawn, with a reason, and stays listed.
    office.api(&["withdraw", id, "--reason", "Angka Januari tertukar"]).succeeds();
    client.wait(&format!("/v1/releases/{id}"), 410);
    let gone = client.get(&format!("/v1/datasets/totals/{id}/totals.csv")).problem(410);
    assert!(gone["detail"].as_str().unwrap().contains("Angka Januari tertukar"), "{gone}");
    let listed = pages(client, "/v1/releases?limit=1000");
    let one = listed.iter().flat_map(items).find(|one| one["release"] == id).unwrap();
    assert_eq!((&one["status"], &one["reason"]), (&"withdrawn".into(), &"Angka Januari tertukar".into()));
}

#[test]
fn area_codes_that_change() {
    let server = serve();
    let client = server.client();
    // One code system, Kemendagri's, always text, in one spelling.
    for (written, lasting) in [("3671", "36.71"), ("367101", "36.71.01"), ("3671011001", "36.71.01.1001")] {
        let reply = client.get(&format!("/v1/areas/{written}")).is(308);
        assert_eq!(reply.header("location"), format!("/v1/areas/{lasting}"));
        let reply = client.get(&format!("/v1/recipients?program=PKH&area={written}")).is(308);
        assert_eq!(reply.header("location"), format!("/v1/recipients?area={lasting}&program=PKH"));
        assert_eq!(client.get(&format!("/v1/areas/{lasting}")).is(200).json()["code"], lasting);
        // Nothing is respelt where the address cannot be right for another reason.
        client.get(&format!("/v1/recipients?program=KPH&area={written}")).is(400);
        client.get(&format!("/v1/releases/x/changes/36.71-2025-02?area={written}")).is(404);
        client.get(&format!("/v1/releases/36.71-2025-01/changes/36.71-2025-02?area={written}")).is(308);
    }
    // Every release carries its own list of areas, so that its codes can be read
    // for ever, whatever becomes of them: every figure's area stands in it.
    for release in ["12.02-2025-01", "21.03-2025-04"] {
        let csv = client.get(&format!("/v1/datasets/areas/{release}/areas.csv")).is(200);
        let mut reader = csv::Reader::from_reader(csv.text().as_bytes());
        let column = reader.headers().unwrap().iter().position(|name| name == "code" || name == "area").unwrap();
        let known: BTreeSet<String> = reader.records().map(|row| row.unwrap()[column].to_owned()).collect();
        let cells = client.get(&format!("/v1/statistics/totals?release={release}&format=ndjson")).is(200);
        for line in cells.text().lines() {
            let cell: Value = serde_json::from_str(line).unwrap();
            for code in cell["area"].as_str().unwrap().split('~') {
                assert!(known.contains(code), "{release}: {code} is in no list of areas");
            }
        }
        assert!(known.len() > 20, "{release}");
    }
    // A code that is none is an error that says so, not an empty answer.
    for code in ["36.71.99", "99"] {
        let problem = client.get(&format!("/v1/recipients?area={code}")).problem(404);
        assert_eq!(problem["errors"][0]["parameter"], "area", "{problem}");
    }
    // Names are found however they are spelt.
    for q in ["Adian%20Koting", "adiankoting", "ADIAN-KOTING", "%C3%81dian%20Koting"] {
        assert_eq!(items(&client.get(&format!("/v1/areas?q={q}")).is(200).json())[0]["code"], "12.02.03", "{q}");
    }
}

#[test]
fn csv_whose_end_you_cannot_trust() {
    let server = serve();
    let client = server.client();
    // A stream ends with its last chunk, which a cut one lacks; and holds as
    // many lines as the answer in JSON says.
    let path = "/v1/recipients?area=36.71";
    let total = client.get(path).is(200).json()["total"].as_u64().unwrap();
    let address = client.base().trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path}&format=csv HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    let head = text.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    assert!(head.contains("transfer-encoding: chunked") && text.ends_with("\r\n0\r\n\r\n"), "{head}");
    let csv = client.get(&format!("{path}&format=csv")).is(200);
    assert_eq!(csv.text().lines().count() as u64, total + 1);
    assert!(csv.text().ends_with('\n') && !csv.text().contains('\u{feff}'));
    assert!(client.get(&format!("{path}&format=csv&bom=1")).is(200).text().starts_with('\u{feff}'), "a mark for Excel, when asked for");
    // A file tells its length and digest beforehand, and its lines in the listing.
    let list = client.get("/v1/datasets/recipients?release=36.71-2025-04").is(200).json();
    let listed = items(&list).iter().find(|file| file["format"] == "csv").unwrap();
    let file = client.ask("GET", listed["url"].as_str().unwrap(), &[("accept-encoding", "identity")]).is(200);
    assert_eq!(file.header("content-length"), file.body.len().to_string());
    assert_eq!(
        (file.body.len() as u64, sha256(&file.body)),
        (listed["bytes"].as_u64().unwrap(), listed["sha256"].as_str().unwrap().to_owned())
    );
    assert_eq!(file.text().lines().count() as u64, listed["rows"].as_u64().unwrap() + 1);
    // No cell begins with what a spreadsheet runs as a formula.
    let mut reader = csv::Reader::from_reader(csv.text().as_bytes());
    for row in reader.records().map(Result::unwrap) {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
}
