//! What several topics only read, made once: simulated files of the five
//! districts, and an office that has imported and published them and built
//! its site.

use std::path::PathBuf;
use std::sync::LazyLock;

use crate::office::{Office, Ran};
use crate::scratch;

/// The five districts.
pub const DISTRICTS: [&str; 5] = ["12.02", "12.74", "21.03", "33.28", "36.71"];

/// The months of the shared story: a quarter and the first month of the next,
/// so that an edition is repeated and another begins.
pub const MONTHS: [&str; 4] = ["2025-01", "2025-02", "2025-03", "2025-04"];

/// Programs about health, children or disability (FORMATS, Codebook).
pub const SENSITIVE: [&str; 4] = ["YAPI", "ATENSI", "PERMAKANAN", "PIP"];

/// The least number of rows that may be alike.
pub const K: u64 = 11;

/// Small, and so full of groups under k.
static SIMULATED: LazyLock<PathBuf> = LazyLock::new(|| simulate("simulated", "0.02", MONTHS.len(), "7"));

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| publish_all("published", None));

/// Simulated files, with their `answer-key.csv`.
pub fn simulated() -> &'static PathBuf {
    &SIMULATED
}

/// The shared office on SQLite.
pub fn published() -> &'static Published {
    &PUBLISHED
}

/// An office that went the whole way.
#[derive(Debug)]
pub struct Published {
    /// The office.
    pub office: Office,
    /// The report of its import.
    pub report: PathBuf,
    /// Its import, as it ended.
    pub import: Ran,
}

/// Simulates the five districts into a scratch folder.
pub fn simulate(name: &str, scale: &str, months: usize, seed: &str) -> PathBuf {
    let out = scratch::folder(name).join("files");
    let office = Office::at(scratch::root().join(name).join("unused"), None);
    let ran = office
        .bansos(&["simulate", "--out", out.to_str().unwrap(), "--scale", scale, "--seed", seed, "--months", &months.to_string()])
        .succeeds();
    println!("simulate --scale {scale} --months {months}: {:.1} s", ran.seconds);
    out
}

/// Imports the shared files, publishes every month and builds the site.
pub fn publish_all(name: &str, catalogue: Option<&str>) -> Published {
    let office = Office::open(name, catalogue);
    let report = office.data.with_file_name("report.csv");
    let import = office.bansos(&["import", simulated().to_str().unwrap(), "--report", report.to_str().unwrap()]).succeeds();
    let publish = office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    let site = office.bansos(&["site"]).succeeds();
    println!("{name}: import {:.1} s, publish {:.1} s, site {:.1} s", import.seconds, publish.seconds, site.seconds);
    Published { office, report, import }
}

/// A simulated DTKS file in its parts.
#[derive(Debug)]
pub struct Dtks {
    /// Title rows and header, as they stand.
    pub head: String,
    /// The rows, a line each.
    pub rows: Vec<String>,
}

/// Takes a district's DTKS file of a month apart.
pub fn dtks(district: &str, period: &str) -> Dtks {
    let bytes = std::fs::read(month(district, period).join("dtks.csv")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let (mut head, mut rows, mut quotes, mut header) = (String::new(), Vec::new(), 0, false);
    for line in text.lines() {
        if header && quotes % 2 == 0 {
            rows.push(line.to_owned());
            continue;
        }
        if line.contains("desa_kelurahan") {
            header = true;
        }
        // A header cell may go on over the end of the line.
        quotes += line.matches('"').count();
        head += line;
        head.push('\n');
    }
    assert!(rows.len() > 100, "{district} {period}: {} rows", rows.len());
    Dtks { head, rows }
}

/// The rows of a simulated DTKS file, each by the names of its columns in small letters.
pub fn dtks_records(path: &std::path::Path) -> Vec<std::collections::HashMap<String, String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let from = text.lines().position(|line| line.contains("desa_kelurahan")).unwrap();
    let start = text.match_indices('\n').nth(from - 1).map_or(0, |(at, _)| at + 1);
    let text = &text[start..];
    let separator = text.as_bytes()["provinsi".len()..].iter().find(|byte| !b"\"' ".contains(byte)).unwrap();
    let mut reader = csv::ReaderBuilder::new().delimiter(*separator).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(|name| name.trim().to_lowercase()).collect();
    reader.records().map(|record| names.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect()).collect()
}

/// The folder of one district's simulated month.
pub fn month(district: &str, period: &str) -> PathBuf {
    simulated().join(district).join(period)
}
