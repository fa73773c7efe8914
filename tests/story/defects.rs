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
    // The summary is for people; its numbers are checked where they are
    // named: `read`, `accepted` and `rejected` of the JSON lines of --report's
    // neighbour would be one more form, so the words of the summary serve.
    let said = &prepared::published().import.stdout;
    let number = |word: &str| -> u64 {
        let at = said.rfind(word).unwrap_or_else(|| panic!("the import's summary has no word {word:?}:\n{said}"));
        let before = said[..at].trim_end();
        let digits: String =
            before.chars().rev().take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).filter(char::is_ascii_digit).collect();
        digits.chars().rev().collect::<String>().parse().unwrap_or_else(|_| panic!("no number before {word:?}:\n{said}"))
    };
    let (read, accepted, rejected) = (number("read"), number("accepted"), number("rejected"));
    assert!(read > 10_000, "only {read} rows read");
    assert_eq!(accepted + rejected, read, "accepted + rejected = read:\n{said}");
}
