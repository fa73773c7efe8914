//! Files as offices have them: workbooks whose columns stand in another order
//! under other names, a layout that only a mapping explains, numbers that a
//! spreadsheet spoilt, and rejected rows that come back corrected.

use std::collections::BTreeSet;
use std::path::Path;

use crate::office::Office;
use crate::{prepared, scratch};

const DISTRICT: &str = "12.74";
const PERIOD: &str = "2025-01";
const PLACE: [&str; 4] = ["--area", DISTRICT, "--period", PERIOD];

/// File, line and reason of the lines of an answer key or a report that are no mere warnings.
fn lines(path: &Path) -> BTreeSet<(String, u64, String)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (file, line, outcome, reason) = (at("file"), at("line"), at("outcome"), at("reason"));
    let records = reader.records().map(Result::unwrap).filter(|record| &record[outcome] != "warning");
    records.map(|record| (record[file].to_owned(), record[line].parse().unwrap(), record[reason].to_owned())).collect()
}

#[test]
fn workbooks_with_other_columns_give_exactly_the_answer_key() {
    let office = Office::open("layouts-workbooks", None);
    let out = scratch::folder("layouts-workbooks-files");
    let report = out.join("report.csv");
    let (files, to) = (out.to_str().unwrap(), report.to_str().unwrap());
    office
        .bansos(&[
            "simulate",
            "--out",
            files,
            "--scale",
            "0.03",
            "--seed",
            "11",
            "--months",
            "2",
            "--area",
            DISTRICT,
            "--area",
            "21.03",
            "--workbooks",
        ])
        .succeeds();
    let ran = office.bansos(&["import", files, "--report", to]).succeeds();
    ran.says(&[
        "read as layout dtks",
        "\"No KTP\" = nik",
        "\"Tanggal Meninggal (31/01/2000)\" = date_of_death",
        "sheet Petunjuk passed over",
    ]);
    let (key, found) = (lines(&out.join("answer-key.csv")), lines(&report));
    let (missed, invented) = (key.difference(&found).count(), found.difference(&key).count());
    println!("answer key {}, missed {missed}, invented {invented}", key.len());
    assert!(key.len() > 20 && missed == 0 && invented == 0, "{:?} {:?}", key.difference(&found).next(), found.difference(&key).next());
    let again = office.bansos(&["import", files]).succeeds();
    again.says(&["0 new, 0 changed"]);
}

/// The simulated recipients of the district, whose NIK of some rows lost a digit.
fn spoilt(name: &str) -> (std::path::PathBuf, Vec<(String, String)>) {
    let mut dtks = prepared::dtks(DISTRICT, PERIOD);
    let mut spoilt = Vec::new();
    for row in [5, 25, 45] {
        let line = &dtks.rows[row];
        let digits = |at: &usize| line.as_bytes().get(*at..*at + 16).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let at = (0..line.len()).find(digits).unwrap();
        let nik = line[at..at + 16].to_owned();
        let changed = format!("{}{}", &line[..at + 15], &line[at + 16..]);
        dtks.rows[row] = changed;
        spoilt.push((nik[..15].to_owned(), nik));
    }
    let path = scratch::folder(name).join("dtks.csv");
    std::fs::write(&path, dtks.head + &dtks.rows.join("\n") + "\n").unwrap();
    (path, spoilt)
}

#[test]
fn rejected_rows_corrected_in_the_report_are_imported_from_it() {
    let office = Office::open("layouts-corrections", None);
    let (path, spoilt) = spoilt("layouts-corrections-file");
    let report = path.with_file_name("tolak.csv");
    let (file, to) = (path.to_str().unwrap(), report.to_str().unwrap());
    office.bansos(&[&["import", file, "--report", to, "--rows"], &PLACE[..]].concat()).succeeds();
    let before = std::fs::read_to_string(&report).unwrap();
    let rejected = lines(&report).len();
    let mut text = before.clone();
    for (wrong, right) in &spoilt[..2] {
        assert!(text.contains(&format!("'{wrong},")), "the report does not hold the rejected row");
        text = text.replace(&format!("'{wrong},"), &format!("'{right},"));
    }
    std::fs::write(&report, &text).unwrap();
    let left = path.with_file_name("sisa.xlsx");
    let ran = office.bansos(&["import", to, "--report", left.to_str().unwrap()]).succeeds();
    ran.says(&["2 read, 2 accepted"]);
    // What is left can be written again, and is two less.
    let third = report.with_file_name("lagi.csv");
    std::fs::write(&report, text.replace(&format!("'{},", spoilt[2].0), &format!("'{},", spoilt[2].1))).unwrap();
    office.bansos(&["import", to, "--report", third.to_str().unwrap()]).succeeds().says(&["1 read, 1 accepted"]);
    assert_eq!(lines(&third).len(), rejected - 3);
    // Nothing more to correct in it.
    office.bansos(&["import", to]).says(&["0 new"]);
    office.bansos(&[&["import", file], &PLACE[..]].concat()).succeeds().says(&["0 new"]);
    // Only the office may read what holds its rows.
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&left).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn explaining_shows_the_mapping_and_imports_nothing() {
    let office = Office::open("layouts-explain", None);
    let (path, spoilt) = spoilt("layouts-explain-file");
    let ran = office.bansos(&[&["import", "--explain", path.to_str().unwrap()], &PLACE[..]].concat()).succeeds();
    ran.says(&["read as layout dtks", "= desa_kelurahan", "would be accepted", "nik_format", "nothing was imported"]);
    office.bansos(&["publish", "--area", DISTRICT, "--period", PERIOD, "--by", "Operator Satu", "--draft"]).fails();
    let ran = office.bansos(&[&["import", "--explain", path.to_str().unwrap()], &PLACE[..]].concat()).succeeds();
    for (wrong, right) in &spoilt {
        assert!(!ran.stdout.contains(wrong) && !ran.stdout.contains(right), "a number is shown");
    }
}

#[test]
fn a_mapping_explains_a_header_that_nobody_has_seen() {
    let office = Office::open("layouts-map", None);
    let folder = scratch::folder("layouts-map-files");
    let (file, map) = (folder.join("baru.csv"), folder.join("baru.toml"));
    std::fs::write(&file, "Orang;Pengenal;Terima\nUJI;1274015203849001;600000\nUJI;1274015203849002;x\n").unwrap();
    std::fs::write(&map, "layout = \"kks\"\n[columns]\nnik = \"Pengenal\"\nnominal_cair = 3\n[constants]\njenis_bansos = \"PKH\"\n")
        .unwrap();
    let plain = [&["import", file.to_str().unwrap()], &PLACE[..]].concat();
    office.bansos(&plain).fails().says(&["baru.csv"]);
    office.bansos(&[&plain[..], &["--map", map.to_str().unwrap()]].concat()).succeeds().says(&["2 read, 1 accepted", "1 rejected"]);
}

#[test]
fn a_column_that_lost_its_last_digits_is_refused() {
    let office = Office::open("layouts-lost", None);
    let file = scratch::folder("layouts-lost-file").join("deaths.csv");
    let rows: Vec<String> = (0..40).map(|n| format!("12740152038{:05},2025-01-05", (n + 900) * 10)).collect();
    std::fs::write(&file, format!("nik,date_of_death\n{}\n", rows.join("\n"))).unwrap();
    let ran = office.bansos(&[&["import", file.to_str().unwrap()], &PLACE[..]].concat()).fails();
    ran.says(&["deaths.csv", "column nik", "40 of 40", "cannot be restored"]);
}
