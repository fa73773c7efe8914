//! `bansos status`: what is loaded, what is published, what stands in the way.

use std::path::Path;

use crate::office::Office;
use crate::{prepared, scratch};

const DISTRICT: &str = "36.71";

fn json(office: &Office) -> serde_json::Value {
    let ran = office.bansos(&["status", "--area", DISTRICT, "--json"]).succeeds();
    serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()[0].clone()
}

fn month<'a>(status: &'a serde_json::Value, period: &str) -> &'a serde_json::Value {
    status["months"].as_array().unwrap().iter().find(|month| month["period"] == period).unwrap()
}

/// Whether something blocks a month, and all that is said about it.
fn blocked(status: &serde_json::Value, period: &str) -> (bool, String) {
    let found = month(status, period)["obstacles"].as_array().unwrap().clone();
    (
        found.iter().any(|found| found["blocks"] == true),
        found.iter().map(|found| found["what"].as_str().unwrap().to_owned() + "; ").collect(),
    )
}

fn import(office: &Office, path: &Path) {
    office.bansos(&["import", path.to_str().unwrap()]).succeeds();
}

#[test]
fn what_is_loaded_and_what_blocks_publishing() {
    let office = Office::open("status", None);
    office.bansos(&["status"]).succeeds().says(&["nothing is loaded yet", "bansos import"]);
    office.bansos(&["status", "--check"]).fails();
    office.bansos(&["status", "--area", DISTRICT]).fails().says(&["no registry"]);

    // Payments without recipients.
    let kks = scratch::folder("status-files").join(DISTRICT).join("2025-01");
    std::fs::create_dir_all(&kks).unwrap();
    std::fs::write(kks.join("kks.csv"), "nik,jenis_bansos,nominal_cair\n3671011203609001,PKH,750000\n").unwrap();
    import(&office, &kks.join("kks.csv"));
    let (blocks, said) = blocked(&json(&office), "2025-01");
    assert!(blocks && said.contains("no recipients"), "{said}");
    office.bansos(&["import", "--undo", "1", "--area", DISTRICT]).succeeds();

    for period in ["2025-01", "2025-02"] {
        import(&office, &prepared::month(DISTRICT, period));
    }
    let status = json(&office);
    assert_eq!(blocked(&status, "2025-01"), (false, String::new()));
    let (blocks, said) = blocked(&status, "2025-02");
    assert!(blocks && said.contains("2025-01 is not published yet"), "{said}");
    let january = month(&status, "2025-01");
    assert_eq!(january["simulated"], true);
    assert!(january["recipients"].as_u64().unwrap() > 1_000 && january["layouts"]["dtks"] == 1);
    office.bansos(&["status", "--check"]).fails().says(&["BLOCKED", "publish and seal 36.71-2025-01 first"]);
    office.bansos(&["status", "--check", "--period", "2025-01"]).succeeds().says(&[
        "import ",
        "dtks",
        "36.71/2025-01/dtks.csv",
        "open     F01 duplicate_nik: ",
    ]);
    let round = ["verify", "open", "--area", DISTRICT, "--period", "2025-01", "--name", "Putaran 1", "--by", "Operator Satu"];
    office.bansos(&round).succeeds();
    office.bansos(&["status", "--area", DISTRICT]).succeeds().says(&["round    Putaran 1 (open): 0 of "]);

    // A draft waits; sealed, it does not, and the next month is free.
    office.bansos(&["publish", "--area", DISTRICT, "--period", "2025-01", "--by", "Operator Satu"]).succeeds();
    let (blocks, said) = blocked(&json(&office), "2025-01");
    assert!(blocks && said.contains("waits for the seal"), "{said}");
    office.bansos(&["seal", "36.71-2025-01", "--by", "Kepala Seksi"]).succeeds();
    assert_eq!(blocked(&json(&office), "2025-01"), (false, String::new()));
    office.bansos(&["status", "--check"]).succeeds().says(&["36.71-2025-01 sealed"]);

    // Most rows of a month are rejected: look before it is published.
    let dtks = prepared::dtks(DISTRICT, "2025-03");
    let broken = scratch::folder("status-broken").join(DISTRICT).join("2025-03");
    std::fs::create_dir_all(&broken).unwrap();
    let rows: Vec<String> = dtks
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| if at % 5 == 0 { row.replacen("TANGERANG", "TIDAKADA", 9) } else { row.clone() })
        .collect();
    std::fs::write(broken.join("dtks.csv"), format!("{}{}\n", dtks.head, rows.join("\n"))).unwrap();
    office.bansos(&["import", "--confirm", broken.to_str().unwrap()]).succeeds();
    office.bansos(&["publish", "--area", DISTRICT, "--period", "2025-02", "--by", "Operator Satu", "--yes"]).succeeds();
    let (blocks, said) = blocked(&json(&office), "2025-03");
    assert!(blocks && said.contains("rejected and not corrected") && said.contains("shrank"), "{said}");

    // Withdrawn, with nothing in its place.
    office.bansos(&["withdraw", "36.71-2025-02", "--reason", "Uji", "--by", "Kepala Seksi"]).succeeds();
    let (blocks, said) = blocked(&json(&office), "2025-02");
    assert!(blocks && said.contains("is withdrawn"), "{said}");
}
