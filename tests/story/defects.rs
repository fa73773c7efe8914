//! Import finds the simulated defects: those of the answer key, no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::prepared;

/// A defect: file, line, reason.
type Defect = (String, u64, String);

fn read(path: &Path) -> BTreeSet<Defect> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| {
        headers.iter().position(|header| header == name).unwrap_or_else(|| panic!("{}: no column {name}: {headers:?}", path.display()))
    };
    let (file, line, reason) = (column("file"), column("line"), column("reason"));
    let mut found = BTreeSet::new();
    for record in reader.records() {
        let record = record.unwrap();
        let defect = (record[file].to_owned(), record[line].parse().unwrap(), record[reason].to_owned());
        assert!(found.insert(defect.clone()), "{}: {defect:?} stands twice", path.display());
    }
    found
}

#[test]
fn import_finds_exactly_the_answer_key() {
    let published = prepared::published();
    let key = read(&prepared::simulated().join("answer-key.csv"));
    let report = read(&published.report);
    let missed: Vec<&Defect> = key.difference(&report).collect();
    let invented: Vec<&Defect> = report.difference(&key).collect();
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, _, reason) in &key {
        *reasons.entry(reason).or_default() += 1;
    }
    println!(
        "answer key {} defects, report {}; missed {}, invented {}; by reason {reasons:?}",
        key.len(),
        report.len(),
        missed.len(),
        invented.len()
    );
    assert!(missed.is_empty(), "missed {}, such as {:?}", missed.len(), &missed[..missed.len().min(10)]);
    assert!(invented.is_empty(), "invented {}, such as {:?}", invented.len(), &invented[..invented.len().min(10)]);
    for reason in ["nik_format", "nik_date", "duplicate_nik_program", "deceased", "area_unknown", "program_unknown"] {
        assert!(reasons.contains_key(reason), "the simulation made no {reason}, so nothing was tested");
    }
}

#[test]
fn accepted_and_rejected_make_up_what_was_read() {
    let published = prepared::published();
    let number = |line: &str, word: &str| -> u64 {
        let before = line[..line.find(word).unwrap_or_else(|| panic!("no {word:?} in {line}"))].trim_end();
        before
            .rsplit(|c: char| !c.is_ascii_digit())
            .next()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_else(|| panic!("no number before {word:?} in {line}"))
    };
    let (mut read, mut rejected, mut files) = (0, 0, 0);
    for line in published.import.stdout.lines().filter(|line| line.contains(" read, ")) {
        let of_file = (number(line, " read,"), number(line, " accepted"), number(line, " rejected"));
        assert_eq!(of_file.1 + of_file.2, of_file.0, "accepted + rejected = read: {line}");
        (read, rejected, files) = (read + of_file.0, rejected + of_file.2, files + 1);
    }
    assert!(read > 10_000, "only {read} rows read in {files} files:\n{}", published.import.told());
    // Every rejected row is in the report, where it can be mended.
    let mut report = csv::Reader::from_path(&published.report).unwrap();
    let headers = report.headers().unwrap().iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(headers.join(","), "file,sheet,line,column,outcome,reason,value_class,message,remedy");
    let mut reported = 0;
    for record in report.records() {
        let record = record.unwrap();
        reported += u64::from(&record[4] == "rejected");
        assert!(!record[7].is_empty() && !record[8].is_empty(), "a row without message or remedy: {record:?}");
    }
    assert_eq!(reported, rejected, "rejected rows in the summaries and in the report");
    println!("{read} rows read in {files} files, {rejected} rejected, all reported");
}
