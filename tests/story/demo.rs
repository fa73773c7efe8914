//! `bansos demo`, as `make demo` runs it: the five districts within 90 s, and
//! served. Run by itself (`scripts/test`), since it is timed.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::office::{self, Office};
use crate::scratch;

#[test]
fn the_five_districts_within_90_seconds() {
    let office = Office::at(scratch::folder("demo").join("data"), None);
    let start = Instant::now();
    let (server, said) = office.start(&office::bansos(), &["demo", "--listen", "127.0.0.1:0"], Duration::from_secs(300));
    let seconds = start.elapsed().as_secs();
    println!("{}", said[said.rfind("5 districts").unwrap_or(0)..].trim_end());
    assert!(said.contains("5 districts, 69 kecamatan, 751 kelurahan/desa; scale "), "{said}");
    let enrolments: Vec<u64> = said
        .lines()
        .filter(|line| line.ends_with(" enrolments"))
        .filter_map(|line| line.split_whitespace().nth(1)?.replace(['.', ','], "").parse().ok())
        .collect();
    assert!(
        enrolments.len() >= 6 && enrolments.iter().all(|number| *number >= 100_000),
        "six periods of 100,000 enrolments: {enrolments:?}"
    );
    assert!(
        seconds < 90,
        "{seconds} s to simulate, import, publish and build the site; 90 s are allowed on 2 cores with nothing else running"
    );

    // What a stranger tries first.
    let client = server.client();
    let rows = client.get("/v1/recipients?area=36.71.01&program=PKH").is(200).json();
    assert!(rows["total"].as_u64().is_some_and(|total| total > 0), "{rows}");
    for page in ["/", "/docs/", "/openapi.json", "/wilayah/kota-tangerang/ciledug/"] {
        client.get(page).is(200);
    }
    assert!(Path::new(&office.data).join("demo/releases/36.71-2025-06").is_dir());
}
