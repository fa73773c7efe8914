//! Every list, walked page by page in small steps while a release is admitted
//! and another withdrawn: every row comes once, and the walk as a whole is what
//! CSV and NDJSON give of the version it began with.

use std::time::Duration;

use crate::figures::TABLES;
use crate::http::{Client, Reply};
use crate::office::Office;
use crate::peer::{WIDE, host, release, version};
use crate::postgres;

/// Lists that rest on nothing of the release that is withdrawn, and the rows
/// of a page.
fn lists() -> Vec<(String, usize)> {
    let mut all = vec![
        ("/v1/recipients?area=12.74".to_owned(), 61),
        ("/v1/recipients?area=36&program=PKH&sex=F".to_owned(), 1),
        ("/v1/areas?parent=36.71".to_owned(), 2),
        ("/v1/areas?q=tangerang".to_owned(), 7),
        ("/v1/releases".to_owned(), 1),
        ("/v1/programs".to_owned(), 1),
        ("/v1/statistics".to_owned(), 1),
        ("/v1/datasets?area=36.71".to_owned(), 2),
        ("/v1/datasets/totals?area=36".to_owned(), 1),
    ];
    for table in TABLES {
        all.push((format!("/v1/statistics/{table}?area=12.74"), 13));
    }
    all
}

/// A walk through one list, in JSON or CSV.
struct Walk {
    path: String,
    next: Option<String>,
    rows: Vec<String>,
    pages: usize,
}

fn with(path: &str, more: &str) -> String {
    format!("{path}{}{more}", if path.contains('?') { '&' } else { '?' })
}

/// The rows of a page and the address of the next one.
fn read(reply: &Reply) -> (Vec<String>, Option<String>) {
    let link = reply.header("link").split('>').next().and_then(|text| text.strip_prefix('<')).map(str::to_owned);
    if reply.header("content-type").starts_with("text/csv") {
        return (records(reply.text()), link);
    }
    let json = reply.json();
    let next = json["next"].as_str().map(str::to_owned);
    assert_eq!(next, link, "{}: the body's next and the header's", reply.request);
    (json["data"].as_array().unwrap().iter().map(ToString::to_string).collect(), next)
}

/// The records of CSV without the first.
fn records(text: &str) -> Vec<String> {
    let reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
    reader.into_records().map(|record| format!("{:?}", record.unwrap())).collect()
}

/// Asks again where the server says that it cannot answer this moment.
fn patient(client: &Client, path: &str, waits: &mut u32) -> Reply {
    loop {
        let reply = client.get(path);
        if reply.status != 503 || *waits > 100 {
            return reply;
        }
        assert!(!reply.header("retry-after").is_empty(), "{path}");
        *waits += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Walk {
    fn step(&mut self, client: &Client, waits: &mut u32) {
        let Some(next) = self.next.take() else { return };
        let reply = patient(client, &next, waits).is(200);
        let (rows, next) = read(&reply);
        assert!(!rows.is_empty() || self.pages == 0, "{}: an empty page", self.path);
        self.rows.extend(rows);
        self.next = next;
        self.pages += 1;
    }
}

/// The pages, one after the other, are the whole list.
#[track_caller]
fn equal(path: &str, pages: &[String], whole: &[String]) {
    let start = |rows: &[String], at: usize| rows.get(at).map(|row| row.chars().take(300).collect::<String>());
    let at = pages.iter().zip(whole).take_while(|(a, b)| a == b).count();
    assert!(
        pages == whole,
        "{path}: {} rows page by page, {} in one go; row {at} is {:?} and {:?}",
        pages.len(),
        whole.len(),
        start(pages, at),
        start(whole, at)
    );
}

fn walks(office: &Office) {
    for name in ["12.74-2025-01", "36.71-2025-01", "21.03-2025-01"] {
        office.api(&["admit", &release(name)]).succeeds();
    }
    let server = office.serve_with(&WIDE);
    let client = server.client();
    version(client, 3);
    let mut walks: Vec<Walk> = Vec::new();
    for (path, limit) in lists() {
        for format in ["json", "csv"] {
            let next = Some(with(&path, &format!("limit={limit}&format={format}")));
            walks.push(Walk { path: path.clone(), next, rows: Vec::new(), pages: 0 });
        }
    }
    let mut waits = 0;
    // Some pages of all, before anything happens; then the rest of all, while it does.
    for _ in 0..3 {
        walks.iter_mut().for_each(|walk| walk.step(client, &mut waits));
    }
    let rests_on_it = client.get("/v1/recipients?area=21.03&limit=5").is(200).json()["next"].as_str().unwrap().to_owned();
    client.get(&rests_on_it).is(200);
    std::thread::scope(|scope| {
        let changes = scope.spawn(|| {
            office.api(&["admit", &release("12.74-2025-02"), &release("36.71-2025-02")]).succeeds();
            office.api(&["withdraw", "21.03-2025-01", "--reason", "Uji penarikan"]).succeeds();
            version(client, 6);
        });
        let mut rounds = 0;
        while walks.iter().any(|walk| walk.next.is_some()) {
            rounds += 1;
            walks.iter_mut().for_each(|walk| walk.step(client, &mut waits));
            // The last pages are asked for when all has happened.
            while rounds == 6 && !changes.is_finished() {
                std::thread::sleep(Duration::from_millis(20));
                let _ = patient(client, "/v1/statistics/totals?area=12.74&limit=1", &mut waits);
            }
        }
    });
    for walk in walks.chunks(2) {
        let path = &walk[0].path;
        let whole = |format: &str| client.get(&with(path, &format!("version=3&format={format}"))).is(200);
        let ndjson: Vec<String> =
            whole("ndjson").text().lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap().to_string()).collect();
        equal(path, &walk[0].rows, &ndjson);
        equal(path, &walk[1].rows, &records(whole("csv").text()));
        assert_eq!(walk[0].rows.len(), walk[1].rows.len(), "{path}");
        let mut once = walk[1].rows.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), walk[1].rows.len(), "{path}: a row came twice");
    }
    let (rows, pages): (usize, usize) = walks.iter().fold((0, 0), |sum, walk| (sum.0 + walk.rows.len(), sum.1 + walk.pages));
    let long = walks.iter().filter(|walk| walk.pages > 6).count();
    assert!(long >= 12, "only {long} walks of {} went on after the changes", walks.len());
    println!("{} walks, {pages} pages, {rows} rows; {waits} times 503 around the withdrawal", walks.len());
    // What rests on the withdrawn release is gone, with the reason, at any page.
    for path in
        [rests_on_it.as_str(), "/v1/recipients?area=21.03&version=3", "/v1/statistics/totals?version=3", "/v1/areas/21.03?version=3"]
    {
        let problem = client.get(path).problem(410);
        assert!(problem["detail"].as_str().unwrap().contains("Uji penarikan"), "{path}: {problem}");
    }
}

#[test]
fn on_sqlite() {
    walks(&host("walks", None));
}

#[test]
fn on_postgresql() {
    walks(&host("walks-postgresql", Some(&postgres::database("walks"))));
}
