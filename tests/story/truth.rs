//! Every answer, computed again: a Python script that knows only the published
//! descriptions (`tests/truth/recompute.py`) asks random questions and reads the
//! release folders of the version that each answer names.

use std::path::Path;
use std::process::Command;

use crate::anonymity::revise_simulated;
use crate::office::{self, Office};
use crate::peer::WIDE;
use crate::{postgres, prepared, scratch};

/// Asks `BANSOS_QUERIES` questions (300 when that is not set).
fn recompute(office: &Office, seed: &str) {
    let queries = std::env::var("BANSOS_QUERIES").unwrap_or_else(|_| "300".to_owned());
    let server = office.serve_with(&WIDE);
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("truth/recompute.py")).arg(&office.data).arg(server.client().base());
    command.args(["--queries", &queries, "--seed", seed, "--seeded", "200"]);
    if let Some(record) = std::env::var_os("BANSOS_RESULTS") {
        command.arg("--record").arg(record);
    }
    let ran = office::run(command, &scratch::print("recompute")).succeeds().says(&[" 0 wrong", ": 200 found"]);
    println!("{}", ran.stdout);
}

/// The shared office, with months corrected and withdrawn, on both databases.
#[test]
fn every_answer_is_what_the_files_say() {
    let office = prepared::published().office.copy("truth");
    for (district, period, nth) in [("36.71", "2025-04", 17), ("12.74", "2025-02", 9)] {
        revise_simulated(&office, prepared::simulated(), district, period, nth, "duplicates");
    }
    for release in ["21.03-2025-04", "12.74-2025-02", "33.28-2025-02"] {
        office.bansos(&["withdraw", release, "--reason", "Uji, \"penarikan\"", "--by", "Kepala Seksi"]).succeeds();
    }
    recompute(&office, "1");
    let url = postgres::database("truth");
    let office = Office::at(office.data.clone(), Some(&url));
    office.api(&["rebuild"]).succeeds();
    recompute(&office, "2");
    postgres::remove(&url);
}
