//! The catalogue is a function of release folders and log: dropped and built
//! again it answers 200 questions with the same bytes and ETags.

use std::collections::BTreeMap;

use crate::office::Office;
use crate::prepared::{self, DISTRICTS, MONTHS};
use crate::{postgres, scratch};

/// 200 questions of every kind, in a fixed order.
fn questions() -> Vec<(String, &'static str)> {
    let programs = ["PKH", "SEMBAKO", "PBI_JK", "BLT_DD", "YAPI"];
    let mut all = Vec::new();
    let mut ask = |path: String, accept: &'static str| all.push((path, accept));
    const JSON: &str = "application/json";
    for path in [
        "/v1",
        "/v1/programs",
        "/v1/codebook",
        "/v1/statistics",
        "/v1/releases",
        "/v1/datasets",
        "/v1/areas?q=tangerang",
        "/v1/areas?level=kabupaten&parent=36",
    ] {
        ask(path.to_owned(), JSON);
    }
    for (n, district) in DISTRICTS.iter().enumerate() {
        // Natuna's first kecamatan became another district's.
        let kecamatan = format!("{district}.0{}", if *district == "21.03" { 5 } else { 1 + n % 3 });
        for path in [
            format!("/v1/releases?area={district}"),
            format!("/v1/areas/{district}"),
            format!("/v1/areas?parent={district}"),
            format!("/v1/areas/{district}/boundary"),
            format!("/v1/areas/{kecamatan}"),
            format!("/v1/recipients?area={district}&limit=50"),
            format!("/v1/recipients?area={district}&sex=F&limit=20"),
            format!("/v1/recipients?area={district}&age_band=60%2B&limit=20"),
            format!("/v1/recipients?area={district}&family_size=5%2B&edition=2025Q1&limit=20"),
            format!("/v1/recipients?area={kecamatan}&version={}&limit=9", n + 3),
        ] {
            ask(path, JSON);
        }
        for program in programs {
            ask(format!("/v1/recipients?area={kecamatan}&program={program}"), JSON);
            ask(format!("/v1/statistics/totals?area={district}&level=kecamatan&program={program}"), JSON);
            ask(format!("/v1/statistics/payments?area={district}&program={program}&format=csv"), "text/csv");
        }
        for month in MONTHS {
            ask(format!("/v1/releases/{district}-{month}"), JSON);
            ask(format!("/v1/statistics/flows?area={district}&period={month}"), "application/x-ndjson");
        }
        ask(format!("/v1/recipients?area={district}&format=csv"), "text/csv");
        ask(format!("/v1/statistics/totals?area={district}&format=ndjson"), "application/x-ndjson");
        ask(format!("/v1/statistics/totals?area={district}&version={}", n * 3 + 2), JSON);
    }
    for version in 1..=12 {
        ask(format!("/v1/releases?version={version}"), JSON);
    }
    assert!(all.len() >= 200, "{}", all.len());
    all.truncate(200);
    all
}

type Answers = BTreeMap<String, (u16, String, Vec<u8>)>;

fn answers(office: &Office) -> Answers {
    // A server of its own: limits are counted per process.
    let server = office.serve();
    let mut answers = Answers::new();
    for (path, accept) in questions() {
        let reply = server.client().ask("GET", &path, &[("accept", accept)]);
        assert_ne!(reply.status, 429, "{path}: the limits stand in the way of the test");
        assert!(reply.status == 200 || reply.status == 410, "{path}: {} {}", reply.status, reply.start());
        let body = match reply.status {
            200 => reply.body.clone(),
            // The one that was withdrawn: a problem document names its request.
            _ => {
                let mut problem = reply.json();
                problem["request_id"] = "".into();
                problem.to_string().into_bytes()
            }
        };
        answers.insert(path, (reply.status, reply.header("etag").to_owned(), body));
    }
    let tagged = answers.values().filter(|(status, etag, _)| *status == 200 && !etag.is_empty()).count();
    assert_eq!(tagged, answers.len() - 1, "answers with 200 and an ETag, all but the withdrawn release");
    answers
}

fn compare(before: &Answers, after: &Answers) {
    for (path, one) in before {
        let other = &after[path];
        assert!(
            one == other,
            "{path} differs after the rebuild:\n{} {} {}\n{} {} {}",
            one.0,
            one.1,
            String::from_utf8_lossy(&one.2[..one.2.len().min(400)]),
            other.0,
            other.1,
            String::from_utf8_lossy(&other.2[..other.2.len().min(400)])
        );
    }
    println!("{} questions, the same bytes and ETags", before.len());
}

fn withdrawn(office: &Office) {
    office.bansos(&["withdraw", "21.03-2025-04", "--reason", "Uji penarikan", "--by", "Kepala Seksi"]).succeeds();
}

#[test]
fn on_sqlite() {
    let office = prepared::published().office.copy("rebuild");
    withdrawn(&office);
    let before = answers(&office);
    std::fs::remove_dir_all(office.data.join("catalogue")).unwrap();
    office.api(&["rebuild"]).succeeds();
    assert!(!scratch::files(&office.data.join("catalogue")).is_empty(), "the rebuild wrote no catalogue");
    compare(&before, &answers(&office));
}

#[test]
fn on_postgresql() {
    let url = postgres::database("rebuild");
    let copy = prepared::published().office.copy("rebuild-postgresql");
    std::fs::remove_dir_all(copy.data.join("catalogue")).unwrap();
    let office = Office::at(copy.data, Some(&url));
    // Built from the folders, then extended by one step.
    office.api(&["rebuild"]).succeeds();
    withdrawn(&office);
    let before = answers(&office);
    postgres::empty(&url);
    office.api(&["rebuild"]).succeeds();
    compare(&before, &answers(&office));
}
