//! `bansos history`: what changed for a person, with the log of who asked; what
//! changed in a month; and people who are taken out of a month by a correction.

use std::collections::HashMap;
use std::process::Command;

use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

const DISTRICT: &str = "36.71";
const ASKS: [&str; 4] = ["--by", "Operator Satu", "--letter", "460/12/2025"];

/// Asks after a person; the NIK goes through standard input.
fn asked(office: &Office, nik: &str, more: &[&str]) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", r#"printf '%s\n' "$NIK" | "$@""#, "sh"]).arg(office::bansos()).arg("--data").arg(&office.data);
    command.args(["history", "--area", DISTRICT]).args(more).env("NIK", nik);
    // Not into the office's prints: what is shown here is about somebody.
    office::run(command, &scratch::print("history"))
}

fn history(office: &Office, nik: &str) -> Vec<String> {
    let ran = asked(office, nik, &[&ASKS[..], &["--csv"]].concat()).succeeds();
    assert!(ran.stderr.contains("access log: entry"), "{}", ran.told());
    ran.stdout.lines().skip(1).map(str::to_owned).collect()
}

/// A record as layout 2 has it, enrolled in nothing.
pub fn row(record: &HashMap<String, String>) -> String {
    let names = ["provinsi", "kabupaten", "kecamatan", "desa_kelurahan", "nik", "nokk", "nama"];
    let cells: Vec<String> = names.iter().map(|name| format!("\"{}\"", record[*name])).collect();
    format!("{},TIDAK,TIDAK,TIDAK\n", cells.join(","))
}

/// The title and columns of that layout.
pub const HEADER: &str = "DATA SIMULASI\nprovinsi,kabupaten,kecamatan,desa_kelurahan,nik,nokk,nama,pkh,bpnt,pbi\n";

/// Units of PKH in a release's totals, for the whole district.
fn pkh_of(office: &Office, release: &str) -> u64 {
    let mut reader = csv::Reader::from_path(office.releases().join(release).join("data/totals.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    let (area, program, measure, value) = (at("area"), at("program"), at("measure"), at("value"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let found = rows.iter().find(|row| &row[area] == DISTRICT && &row[program] == "PKH" && &row[measure] == "units").unwrap();
    found[value].parse().unwrap()
}

#[test]
fn a_person_is_followed_and_whoever_asks_is_logged() {
    let office = Office::open("history", None);
    for period in ["2025-01", "2025-02"] {
        office.bansos(&["import", prepared::month(DISTRICT, period).to_str().unwrap()]).succeeds();
    }
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    let records = prepared::dtks_records(&prepared::month(DISTRICT, "2025-02").join("dtks.csv"));
    let valid = |record: &&HashMap<String, String>| {
        let number = |name: &str| record[name].len() == 16 && record[name].bytes().all(|byte| byte.is_ascii_digit());
        number("nik") && number("nokk") && ["YA", "Y", "1"].contains(&record["pkh"].as_str())
    };
    let people: Vec<&HashMap<String, String>> = records
        .iter()
        .filter(valid)
        .filter(|record| {
            // Alone in the file and alone on the card, so that taking one out takes out one family.
            records.iter().filter(|other| other["nokk"] == record["nokk"] || other["nik"] == record["nik"]).count() == 1
        })
        .take(40)
        .collect();
    assert!(people.len() > 20, "{} people to take out", people.len());

    // A correction of the month takes them out: the totals are smaller by as many.
    let folder = scratch::folder("history-files").join(DISTRICT).join("2025-02");
    std::fs::create_dir_all(&folder).unwrap();
    let text: String = people.iter().map(|record| row(record)).collect();
    std::fs::write(folder.join("keluar.csv"), HEADER.to_owned() + &text).unwrap();
    let before = pkh_of(&office, "36.71-2025-02");
    let ran = office.bansos(&["import", "--as", "delta", folder.join("keluar.csv").to_str().unwrap()]).succeeds();
    office.bansos(&["status", "--area", DISTRICT]).succeeds().says(&["imported after 36.71-2025-02 was sealed"]);
    office.bansos(&["publish", "--revise", "36.71-2025-02", "--reason", "duplicates", "--by", "Operator Satu", "--yes"]).succeeds();
    let after = pkh_of(&office, "36.71-2025-02-r2");
    assert_eq!(before - after, people.len() as u64, "{}", ran.told());

    // A list of deaths tells why one of them left.
    let nik = &people[0]["nik"];
    std::fs::write(folder.join("kematian.csv"), format!("nik,date_of_death\n{nik},2025-02-03\n")).unwrap();
    office.bansos(&["import", folder.join("kematian.csv").to_str().unwrap()]).succeeds();
    let told = history(&office, nik);
    assert!(told.iter().any(|line| line.starts_with("2025-02,") && line.contains(",left,PKH,died")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("2025-02,2025-02-03,died")), "{told:#?}");
    let name = &people[0]["nama"];
    assert!(!told.iter().any(|line| line.contains(nik.as_str()) || line.contains(name.as_str())), "a name or NIK is told");
    assert_eq!(history(&office, "3671011203609999"), Vec::<String>::new());

    // Nothing without a name and a letter, on the command line, or of no NIK; nothing is shown then.
    for (nik, more) in [
        (nik.as_str(), &["--csv"][..]),
        (nik.as_str(), &["--csv", "--by", "Operator Satu"]),
        (nik.as_str(), &["--csv", "--by", " ", "--letter", "S-1"]),
        ("367101", &["--csv", "--by", "Operator Satu", "--letter", "S-1"]),
        ("", &["--csv", "--by", "Operator Satu", "--letter", "S-1"]),
        (nik.as_str(), &["--by", "Operator Satu", "--letter", "S-1"]),
        (nik.as_str(), &["--csv", "--by", "Operator Satu", "--letter", "S-1", nik.as_str()]),
    ] {
        let ran = asked(&office, nik, more).fails();
        assert!(ran.stdout.is_empty(), "{}", ran.told());
    }
    let log = office.bansos(&["trace", "--log", "--area", DISTRICT]).succeeds().says(&["the chain holds", "Operator Satu", "460/12/2025"]);
    assert_eq!(log.stdout.matches("history/").count(), 2, "{}", log.told());
    assert!(!log.stdout.contains(nik.as_str()));

    // The changes of the month, in counts that add up.
    let csv = office.bansos(&["history", "--area", DISTRICT, "--period", "2025-02", "--csv"]).succeeds();
    let mut died = 0;
    for line in csv.stdout.lines().skip(1) {
        let cells: Vec<&str> = line.rsplitn(12, ',').collect();
        let number = |from_end: usize| cells[from_end].parse::<u64>().unwrap();
        // refused, duplicate, ineligible, graduated, moved, died, unknown; now, left, entered, before.
        let reasons: u64 = (0..7).map(number).sum();
        assert_eq!(number(8), reasons, "{line}");
        assert_eq!(number(10) + number(9), number(8) + number(7), "{line}");
        died += number(5);
    }
    assert!(died >= 1, "{}", csv.stdout);
    assert!(!csv.stdout.contains(nik.as_str()));
    office.bansos(&["history", "--area", DISTRICT, "--period", "2025-02"]).succeeds().says(&["2025-02 against 2025-01"]);
    office.bansos(&["history", "--area", DISTRICT, "--period", "2025-01"]).succeeds().says(&["first month"]);
    office.bansos(&["history", "--area", DISTRICT, "--period", "2025-09"]).fails();
}
