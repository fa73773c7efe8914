//! What differs between two releases: the answer of the API, the dataset of
//! corrections and the feed, held against two folders of CSV files that are
//! compared here by code of the tests' own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::figures::{Figure, Release, TABLES};
use crate::office::{Office, Server};
use crate::{history, postgres, prepared, scratch};

const DISTRICT: &str = "36.71";
const FIRST: &str = "36.71-2025-01";
const SECOND: &str = "36.71-2025-02";
const AGAIN: &str = "36.71-2025-02-r2";

/// Columns of the dataset of corrections.
const COLUMNS: &str =
    "table,area,program,period,measure,category,value_before,status_before,group_before,value,status,group,corrects,reason";

/// Figures that differ, as lines: table, area, program, measure, category, and
/// value, status and group before and after.
fn compared(before: &Release, after: &Release) -> BTreeSet<String> {
    let without_month = |release: &Release| -> BTreeMap<[String; 5], Figure> {
        let named = release.figures.iter().map(|(key, figure)| {
            let key = [&key.table, &key.area, &key.program, &key.measure, &key.category].map(String::clone);
            (key, figure.clone())
        });
        named.collect()
    };
    let (before, after) = (without_month(before), without_month(after));
    let said = |figure: Option<&Figure>| {
        figure.map_or_else(
            || ",,".to_owned(),
            |figure| format!("{},{},{}", figure.value.map(|value| value.to_string()).unwrap_or_default(), figure.status, figure.group),
        )
    };
    let keys: BTreeSet<&[String; 5]> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| said(before.get(*key)) != said(after.get(*key)))
        .map(|key| format!("{},{},{}", key.join(","), said(before.get(key)), said(after.get(key))))
        .collect()
}

/// The lines of a release's dataset of corrections, its columns checked.
fn corrections(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("data/corrections.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(COLUMNS), "{}", folder.display());
    lines.map(str::to_owned).collect()
}

/// Every figure that the API says differs, as lines of `compared`; page by page
/// and in one go.
fn told(server: &Server, before: &str, after: &str) -> BTreeSet<String> {
    let address = format!("/v1/releases/{before}/changes/{after}");
    let csv = server.client().get(&format!("{address}?format=csv")).is(200);
    let whole: Vec<String> = csv.text().lines().skip(1).map(str::to_owned).collect();
    let ndjson = server.client().get(&format!("{address}?format=ndjson")).is(200);
    assert_eq!(ndjson.text().lines().count(), whole.len(), "{address}: CSV and NDJSON are of different length");
    let (mut next, mut paged) = (Some(format!("{address}?limit=1000")), Vec::new());
    while let Some(page) = next {
        let json = server.client().get(&page).is(200).json();
        assert_eq!(json["total"].as_u64(), Some(whole.len() as u64), "{page}");
        let counted: u64 = json["tables"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|table| ["changed", "added", "removed"].map(|kind| table[kind].as_u64().unwrap()))
            .sum();
        assert_eq!(counted, whole.len() as u64, "{page}: the summary does not add up");
        for one in json["data"].as_array().unwrap() {
            let text = |value: &serde_json::Value| {
                value.as_str().map_or_else(|| value.as_u64().map(|n| n.to_string()).unwrap_or_default(), str::to_owned)
            };
            let mut cells: Vec<String> = ["table", "area", "program", "measure", "category"].iter().map(|name| text(&one[*name])).collect();
            for side in ["before", "after"] {
                cells.extend(["value", "status", "group"].map(|name| text(&one[side][name])));
            }
            paged.push(cells.join(","));
        }
        next = json["next"].as_str().map(str::to_owned);
    }
    assert_eq!(paged, whole, "{address}: pages are not what CSV tells");
    let lines: BTreeSet<String> = whole.iter().cloned().collect();
    assert_eq!(lines.len(), whole.len(), "{address}: a figure is told twice");
    lines
}

/// The elements of an XML document in their order, as `path/to/element`, with
/// their attributes and text. Whatever is not well-formed ends the test.
fn xml(text: &str) -> Vec<(String, String, String)> {
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n").expect("an XML declaration");
    let (mut open, mut found, mut rest): (Vec<(String, usize)>, Vec<(String, String, String)>, &str) = (Vec::new(), Vec::new(), body);
    while let Some(at) = rest.find('<') {
        let between = &rest[..at];
        for (_, entity) in between.match_indices('&').map(|(at, _)| (at, &between[at..])) {
            assert!(["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|known| entity.starts_with(known)), "{entity}");
        }
        if let Some((_, element)) = open.last() {
            found[*element].2 += between;
        }
        let end = at + rest[at..].find('>').expect("a tag that ends");
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().map(|(name, _)| name).as_deref(), Some(name), "a tag that closes another");
            continue;
        }
        let (whole, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = whole.split_once(' ').unwrap_or((whole, ""));
        assert_eq!(attributes.matches('"').count() % 2, 0, "{tag}");
        let path: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).chain([name]).collect();
        found.push((path.join("/"), attributes.to_owned(), String::new()));
        if !alone {
            open.push((name.to_owned(), found.len() - 1));
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "the document does not end");
    found
}

/// What RFC 4287 asks of a feed (sections 4.1.1, 4.1.2, 3.3, 4.2.6); gives the
/// ids of its entries, the newest first.
fn is_atom(text: &str, own: &str) -> Vec<String> {
    let elements = xml(text);
    let all = |path: &str| elements.iter().filter(|(own, ..)| own == path).collect::<Vec<_>>();
    let one = |path: &str| {
        let found = all(path);
        assert_eq!(found.len(), 1, "{path} stands once");
        found[0].2.clone()
    };
    assert!(all("feed")[0].1.contains("xmlns=\"http://www.w3.org/2005/Atom\""));
    assert!(one("feed/id").starts_with("tag:") && !one("feed/title").is_empty() && !one("feed/author/name").is_empty());
    let links =
        |rel: &str| all("feed/link").into_iter().filter(|(_, attributes, _)| attributes.contains(&format!("rel=\"{rel}\""))).count();
    assert_eq!((links("self"), links("alternate")), (1, 1));
    let itself = all("feed/link").into_iter().find(|(_, attributes, _)| attributes.contains("rel=\"self\"")).unwrap();
    assert!(itself.1.contains(&format!("href=\"{own}\"")), "{}", itself.1);
    let entries = all("feed/entry").len();
    for part in ["id", "title", "updated", "summary", "published"] {
        let parts = all(&format!("feed/entry/{part}"));
        assert_eq!(parts.len(), entries, "each entry has one {part}");
        assert!(parts.iter().all(|(_, _, text)| !text.is_empty()));
    }
    let times: Vec<&String> = all("feed/entry/updated").iter().map(|(_, _, text)| text).collect();
    for time in times.iter().copied().chain([&one("feed/updated")]) {
        let digits = |at: std::ops::Range<usize>| time[at].bytes().all(|byte| byte.is_ascii_digit());
        assert!(time.len() == 20 && &time[10..11] == "T" && time.ends_with('Z') && digits(0..4) && digits(11..13), "{time}");
    }
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "the newest first");
    assert_eq!(times.first().copied(), Some(&one("feed/updated")));
    let ids: Vec<String> = all("feed/entry/id").iter().map(|(_, _, text)| text.clone()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), entries, "ids are unique");
    ids
}

/// Publishes two months, corrects the second, and takes both issues back.
fn story(office: &Office, site: bool) {
    for period in ["2025-01", "2025-02"] {
        office.bansos(&["import", prepared::month(DISTRICT, period).to_str().unwrap()]).succeeds();
    }
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    let read = |release: &str| Release::read(&office.releases().join(release));
    for release in [FIRST, SECOND] {
        assert_eq!(corrections(&office.releases().join(release)), [""; 0], "{release} is a first issue");
    }

    // A late file takes people out of the month: totals are others.
    let folder = scratch::folder(&format!("{}-file", office.data.parent().unwrap().file_name().unwrap().to_str().unwrap()));
    let folder = folder.join(DISTRICT).join("2025-02");
    std::fs::create_dir_all(&folder).unwrap();
    let records = prepared::dtks_records(&prepared::month(DISTRICT, "2025-02").join("dtks.csv"));
    let number = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    let enrolled = |record: &&std::collections::HashMap<String, String>| {
        number(&record["nik"]) && number(&record["nokk"]) && ["YA", "Y", "1"].contains(&record["pkh"].as_str())
    };
    let rows: String = records.iter().filter(enrolled).take(40).map(history::row).collect();
    assert!(rows.lines().count() > 20);
    std::fs::write(folder.join("keluar.csv"), history::HEADER.to_owned() + &rows).unwrap();
    office.bansos(&["import", "--as", "delta", folder.join("keluar.csv").to_str().unwrap()]).succeeds();
    office.bansos(&["publish", "--revise", SECOND, "--reason", "late-data", "--by", "Operator Satu", "--yes"]).succeeds();
    let (first, second, again) = (read(FIRST), read(SECOND), read(AGAIN));
    let changed = compared(&second, &again);
    assert!(changed.len() > 20, "{} figures changed", changed.len());
    let lines = corrections(&office.releases().join(AGAIN));
    let expected: BTreeSet<String> = changed
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},2025-02,{},{SECOND},late-data", cells[..3].join(","), cells[3..].join(","))
        })
        .collect();
    assert_eq!(lines.iter().cloned().collect::<BTreeSet<_>>(), expected, "the corrections are what two folders differ in");
    assert_eq!(lines.len(), expected.len());
    let stands: BTreeSet<&str> = lines.iter().map(|line| line.split(',').next().unwrap()).collect();
    assert!(stands.contains("totals") && stands.iter().all(|table| TABLES.contains(table)), "{stands:?}");

    let server = office.serve();
    assert_eq!(told(&server, SECOND, AGAIN), changed);
    assert_eq!(told(&server, FIRST, SECOND), compared(&first, &second));
    assert_eq!(told(&server, AGAIN, FIRST), compared(&again, &first));
    assert!(told(&server, FIRST, FIRST).is_empty());
    let json = server.client().get(&format!("/v1/releases/{SECOND}/changes/{AGAIN}?table=totals&program=PKH&limit=1")).is(200).json();
    assert_eq!(json["correction"]["reason"]["code"], "late-data");
    assert_eq!(json["data"][0]["table"], "totals");
    let entry = server.client().get("/v1").is(200).json();
    let district = &entry["districts"][0];
    assert_eq!((&district["expected_on"], &district["next"]["period"]), (&"2025-03-30".into(), &"2025-03".into()));
    assert!(district["days_late"].as_u64().unwrap() > 0, "a simulated month of 2025 is late: {district}");
    if site {
        office.bansos(&["site"]).succeeds();
        let feed = std::fs::read_to_string(office.site().join("rilis/umpan.xml")).unwrap();
        assert_eq!(is_atom(&feed, "/rilis/umpan.xml").len(), 3);
        is_atom(&std::fs::read_to_string(office.site().join("en/rilis/umpan.xml")).unwrap(), "/en/rilis/umpan.xml");
        let index = std::fs::read_to_string(office.site().join("index.html")).unwrap();
        assert!(index.contains("type=\"application/atom+xml\""), "the pages name the feed");
        let folder = std::fs::read_dir(office.site().join("rilis")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
        let page = std::fs::read_to_string(folder.unwrap().join("index.html")).unwrap();
        assert!(page.contains("data terlambat masuk") && page.contains(&format!("id=\"{AGAIN}\"")), "the reason is on the page");
    }
    let feed = server.client().ask("GET", "/v1/releases.atom", &[("accept-language", "en")]).is(200);
    let ids = is_atom(feed.text(), "/v1/releases.atom");
    assert_eq!(ids.len(), 3);
    assert!(
        feed.text().contains("data of the month came late") && feed.text().contains(&format!("Figures that changed: {}.", lines.len()))
    );
    let etag = feed.header("etag").to_owned();
    server.client().ask("GET", "/v1/releases.atom", &[("accept-language", "en"), ("if-none-match", &etag)]).is(304);

    // The issue that was corrected is taken back: nobody is told its figures any more.
    office.bansos(&["withdraw", SECOND, "--reason", "Salah <muat> & uji", "--by", "Kepala Seksi"]).succeeds();
    let address = format!("/v1/releases/{SECOND}/changes/{AGAIN}");
    let gone = server.client().wait(&address, 410).problem(410);
    assert!(gone["detail"].as_str().unwrap().contains("Salah"), "{gone}");
    server.client().get(&format!("/v1/datasets/corrections/{AGAIN}/corrections.csv")).problem(410);
    server.client().get(&format!("/v1/releases/{FIRST}/changes/{AGAIN}")).is(200);
    let feed = server.client().get("/v1/releases.atom").is(200);
    let now = is_atom(feed.text(), "/v1/releases.atom");
    assert_eq!((now.len(), &now[1..]), (4, &ids[..]), "older entries keep their ids");
    assert!(feed.text().contains("Salah &lt;muat&gt; &amp; uji"));

    // A revision of a withdrawn issue tells nothing of it.
    office.bansos(&["withdraw", AGAIN, "--reason", "Salah lagi", "--by", "Kepala Seksi"]).succeeds();
    office.bansos(&["publish", "--revise", AGAIN, "--reason", "withdrawn", "--by", "Operator Satu", "--yes"]).succeeds();
    assert_eq!(corrections(&office.releases().join("36.71-2025-02-r3")), [""; 0]);
}

#[test]
fn on_sqlite() {
    let office = Office::open("changes", None);
    story(&office, true);

    // A correction that says another figure, one too few, or one too many is found.
    let good = office.copy("changes-altered");
    let audit = |office: &Office| {
        let folders = [FIRST, SECOND, AGAIN].map(|release| office.releases().join(release).to_str().unwrap().to_owned());
        let mut args = vec!["attack"];
        args.extend(folders.iter().map(String::as_str));
        let mut command = std::process::Command::new(crate::office::bansos_audit());
        command.args(args);
        crate::office::run(command, &scratch::print("changes-attack"))
    };
    audit(&good).succeeds();
    let path = good.releases().join(AGAIN).join("data/corrections.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let altered = lines[lines.len() - 1].replace(",late-data", ",payments");
    let another = [&lines[..lines.len() - 1], &[altered.as_str()]].concat();
    let fewer = lines[..lines.len() - 1].to_vec();
    let more = [&lines[..], &["verification,36.71,PKH,2025-02,units,valid~x,1,observed,,2,observed,,36.71-2025-02,late-data"]].concat();
    for text in [another, fewer, more] {
        std::fs::write(&path, text.join("\n") + "\n").unwrap();
        audit(&good).fails().says(&["FAIL whole-atoms 36.71-2025-02-r2 corrections"]);
    }
}

#[test]
fn on_postgresql() {
    let url = postgres::database("changes");
    story(&Office::open("changes-postgresql", Some(&url)), false);
    postgres::remove(&url);
}
