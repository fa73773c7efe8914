//! A verification round as an office goes through it: whom to visit, a sheet for
//! each kelurahan, results read back, progress, and the end.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::office::Office;
use crate::{prepared, scratch};

const DISTRICT: &str = "12.74";
const PERIOD: &str = "2025-01";
const ROUND: &str = "2025-T1";

/// An office that has a month of recipients and nothing else.
fn office(name: &str) -> Office {
    let office = Office::open(name, None);
    let dtks = prepared::month(DISTRICT, PERIOD).join("dtks.csv");
    office.bansos(&["import", dtks.to_str().unwrap(), "--area", DISTRICT, "--period", PERIOD]).succeeds();
    office
}

fn open(office: &Office) -> u64 {
    let ran = office
        .bansos(&["verify", "open", "--area", DISTRICT, "--period", PERIOD, "--name", ROUND, "--by", "Operator Satu"])
        .succeeds()
        .says(&["to visit", "kelurahan"]);
    let line = ran.stdout.lines().next().unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let at = words.iter().position(|word| *word == "to").unwrap();
    words[at - 1].replace('.', "").parse().unwrap()
}

fn sheets(office: &Office, name: &str, format: &str) -> PathBuf {
    let out = scratch::folder(name).join("lembar");
    office
        .bansos(&["verify", "sheets", ROUND, "--area", DISTRICT, "--out", out.to_str().unwrap(), "--format", format])
        .succeeds()
        .says(&["sheets of round"]);
    out
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Fills in every row of a CSV sheet for which `result` says something; tells how many.
fn fill(path: &Path, result: &mut dyn FnMut(usize) -> Option<String>) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut filled, mut number) = (0, 0);
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.strip_suffix(&format!(",,,{ROUND}")) {
            Some(head) => {
                number += 1;
                match result(number) {
                    Some(said) => {
                        filled += 1;
                        format!("{head},{said},{ROUND}")
                    }
                    None => line.to_owned(),
                }
            }
            None => line.to_owned(),
        })
        .collect();
    std::fs::write(path, lines.join("\r\n") + "\r\n").unwrap();
    filled
}

/// The district's line of `verify status --csv`: to visit, visited.
fn progress(office: &Office, name: &str) -> (u64, u64) {
    let path = scratch::folder(name).join("kemajuan.csv");
    let status = ["verify", "status", ROUND, "--area", DISTRICT, "--kelurahan", "--csv", path.to_str().unwrap()];
    office.bansos(&status).succeeds().says(&["Sasaran", "Dikunjungi"]);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let number = |record: &csv::StringRecord, at: usize| record[at].parse::<u64>().unwrap();
    let all = &records[0];
    // Every level says the same.
    for length in [8, 13] {
        let own: Vec<&csv::StringRecord> = records.iter().filter(|record| record[0].len() == length).collect();
        assert_eq!(own.iter().map(|record| number(record, 2)).sum::<u64>(), number(all, 2), "to visit, codes of {length} signs");
        assert_eq!(own.iter().map(|record| number(record, 3)).sum::<u64>(), number(all, 3), "visited, codes of {length} signs");
    }
    for record in &records {
        assert_eq!((6..record.len()).map(|at| number(record, at)).sum::<u64>(), number(record, 2), "outcomes of {}", &record[0]);
    }
    (number(all, 2), number(all, 3))
}

#[test]
fn a_round_from_opening_to_closing() {
    let office = office("rounds-story");
    let to_visit = open(&office);
    // Once per person, however many programs: fewer than the rows of the file.
    assert!(to_visit > 50 && to_visit <= prepared::dtks(DISTRICT, PERIOD).rows.len() as u64, "{to_visit}");
    let again = ["verify", "open", "--area", DISTRICT, "--period", PERIOD, "--name", ROUND, "--by", "Operator Satu"];
    office.bansos(&again).succeeds().says(&["was opened before"]);
    office.bansos(&[&again[..], &["--program", "PKH"]].concat()).fails().says(&["another name"]);
    office.bansos(&["verify", "open", "--area", DISTRICT, "--period", "2024-12", "--name", "x", "--by", "A"]).fails().says(&["2024-12"]);

    let out = sheets(&office, "rounds-sheets", "csv");
    let sheets = files(&out);
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o700);
    let mut filled = 0;
    for sheet in &sheets {
        assert_eq!(std::fs::metadata(sheet).unwrap().permissions().mode() & 0o777, 0o600);
        let name = sheet.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("SIMULASI-12.74.") && name.ends_with(".csv"), "{name}");
        filled += fill(sheet, &mut |n| match n % 4 {
            0 => None,
            1 => Some("Sesuai,17/02/2025".to_owned()),
            2 => Some("Di Hapus-Meninggal,2025-02-18".to_owned()),
            _ => Some("Pindah,18 Februari 2025".to_owned()),
        });
    }
    office
        .bansos(&["verify", "sheets", ROUND, "--area", DISTRICT, "--out", out.to_str().unwrap(), "--format", "csv"])
        .fails()
        .says(&["is there already"]);

    let import = ["verify", "import", ROUND, out.to_str().unwrap(), "--area", DISTRICT];
    let ran = office.bansos(&import).succeeds();
    println!("{}", ran.stdout.lines().last().unwrap());
    ran.says(&["0 rejected", "not filled in yet"]);
    assert_eq!(progress(&office, "rounds-progress"), (to_visit, filled));
    office.bansos(&import).succeeds().says(&["0 new, 0 changed"]);

    // What was found is what the month says from now on.
    let undone = office.copy("rounds-undone");
    undone.bansos(&["import", "--undo", "2", "--area", DISTRICT]).succeeds();
    let (_, visited) = progress(&undone, "rounds-progress-undone");
    assert!(visited < filled, "{visited} of {filled} are left after one sheet was undone");

    office.bansos(&["verify", "close", ROUND, "--area", DISTRICT, "--by", "Kepala Bidang"]).succeeds().says(&["is closed", "Meninggal"]);
    let late = scratch::folder("rounds-late").join("susulan.csv");
    std::fs::write(&late, "NIK,Hasil,Tanggal\n1274015203849001,Sesuai,01/03/2025\n").unwrap();
    let results = ["verify", "import", ROUND, late.to_str().unwrap(), "--area", DISTRICT];
    office.bansos(&results).fails().says(&["was closed on", "--reopen"]);
    let reopened = office.bansos(&[&results[..], &["--reopen", "--by", "Kepala Bidang"]].concat()).succeeds();
    reopened.says(&["open again", "1 rejected"]);
    office.bansos(&["verify", "status", "--area", DISTRICT]).succeeds().says(&[ROUND]);
    office.bansos(&["verify", "status", "lain", "--area", DISTRICT]).fails().says(&[ROUND]);
}

#[test]
fn wrong_results_are_rejected_with_the_remedy_and_corrected_in_the_report() {
    let office = office("rounds-wrong");
    open(&office);
    let out = sheets(&office, "rounds-wrong-sheets", "csv");
    let sheet = files(&out).remove(0);
    fill(&sheet, &mut |n| match n {
        1 => Some("Entah,17/02/2025".to_owned()),
        2 => Some("Sesuai,".to_owned()),
        3 => Some(",17/02/2025".to_owned()),
        4 => Some("Sesuai,17/02/2025".to_owned()),
        _ => None,
    });
    let report = out.join("ditolak.csv");
    let (file, to) = (sheet.to_str().unwrap(), report.to_str().unwrap());
    let xlsx = out.join("ditolak.xlsx");
    let import = ["verify", "import", ROUND, file, "--area", DISTRICT, "--report", xlsx.to_str().unwrap()];
    office.bansos(&import).succeeds().says(&["4 read, 1 accepted", "3 rejected"]);
    assert!(std::fs::metadata(&xlsx).unwrap().permissions().mode() & 0o077 == 0);
    // The same by the plain import, whose report is text with the rows in it.
    let plain = ["import", file, "--area", DISTRICT, "--period", PERIOD, "--report", to, "--rows"];
    let other = office.copy("rounds-wrong-plain");
    other.bansos(&["import", "--undo", "2", "--area", DISTRICT]).succeeds();
    other.bansos(&plain).succeeds().says(&["3 rejected"]);
    let text = std::fs::read_to_string(&report).unwrap();
    assert!(text.contains("outcome_unknown") && text.contains("Tidak ditemukan"), "the remedy does not name the words");
    let mended = out.join("diperbaiki.csv");
    std::fs::write(&mended, text.replace(",Entah,", ",Ganda,").replace(",Entah", ",Ganda")).unwrap();
    other
        .bansos(&["verify", "import", ROUND, mended.to_str().unwrap(), "--area", DISTRICT])
        .succeeds()
        .says(&["1 read, 1 accepted", "2 of"]);
}

#[test]
fn a_workbook_for_every_kelurahan_is_read_back_empty() {
    let office = office("rounds-books");
    let to_visit = open(&office);
    let out = sheets(&office, "rounds-books-sheets", "xlsx");
    let import = ["verify", "import", ROUND, out.to_str().unwrap(), "--area", DISTRICT];
    let ran = office.bansos(&import).succeeds().says(&["0 rows read"]);
    assert!(ran.stdout.contains(&format!("0 of {}", grouped(to_visit))), "{}", ran.told());
    // One of them again, into another folder.
    let some = out.with_file_name("satu");
    let name = files(&out).remove(0);
    let code = &name.file_name().unwrap().to_str().unwrap()["SIMULASI-".len()..]["".len().."12.74.01.1001".len()];
    let one = ["verify", "sheets", ROUND, "--area", DISTRICT, "--out", some.to_str().unwrap(), "--within", code];
    office.bansos(&one).succeeds().says(&["1 sheets"]);
    assert_eq!(files(&some).len(), 1);
}

fn grouped(number: u64) -> String {
    let text = number.to_string();
    match text.len() {
        0..=3 => text,
        length => format!("{}.{}", &text[..length - 3], &text[length - 3..]),
    }
}
