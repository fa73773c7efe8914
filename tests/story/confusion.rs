//! What import and `bansos review` find in simulated files of every layout, held
//! against the simulation's answer keys: a confusion matrix by reason and by
//! rule. Exact rules must find all that is there and nothing else; the search
//! for one person under two NIKs weighs, and has a floor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use calamine::{Reader as _, open_workbook_auto};

use crate::office::Office;
use crate::scratch;

/// A kota without Village Fund, and a kabupaten with desa and kelurahan.
const AREAS: [&str; 2] = ["12.74", "33.28"];
/// A month that pays, and the first in which the limits of desil hold.
const MONTHS: [&str; 2] = ["2025-03", "2025-04"];
/// The least recall and precision of the search for one person under two NIKs.
const FLOOR: (f64, f64) = (0.85, 0.9);

/// What was expected and what was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    expected: usize,
    found: usize,
    both: usize,
    /// Likenesses that were not to be found, and those that were.
    alike: usize,
    taken: usize,
}

impl Counts {
    fn of<T: Ord>(expected: &BTreeSet<T>, found: &BTreeSet<T>, alike: &BTreeSet<T>) -> Counts {
        Counts {
            expected: expected.len(),
            found: found.len(),
            both: expected.intersection(found).count(),
            alike: alike.len(),
            taken: alike.intersection(found).count(),
        }
    }

    fn recall(&self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.both as f64 / self.expected as f64 }
    }

    fn precision(&self) -> f64 {
        if self.found == 0 { 1.0 } else { self.both as f64 / self.found as f64 }
    }

    /// Whether all was found and nothing else.
    fn is_exact(&self) -> bool {
        self.both == self.expected && self.both == self.found
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:<24}{:>9}{:>8}{:>8}{:>8}{:>8}{:>10.4}{:>11.4}{:>9}{:>7}",
            self.expected,
            self.found,
            self.both,
            self.expected - self.both,
            self.found - self.both,
            self.recall(),
            self.precision(),
            self.alike,
            self.taken
        )
    }
}

fn print_head(what: &str) {
    println!(
        "{what:<24}{:>9}{:>8}{:>8}{:>8}{:>8}{:>10}{:>11}{:>9}{:>7}",
        "expected", "found", "both", "missed", "wrong", "recall", "precision", "alike", "taken"
    );
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader.records().map(|record| names.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect()).collect()
}

/// File, line, outcome and reason of the lines of a key or report, by reason.
fn by_reason(path: &Path) -> BTreeMap<String, BTreeSet<(String, u64, String)>> {
    let mut found: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for row in rows(path) {
        let line = (row["file"].clone(), row["line"].parse().unwrap(), row["outcome"].clone());
        assert!(found.entry(row["reason"].clone()).or_default().insert(line.clone()), "{}: {line:?} stands twice", path.display());
    }
    found
}

/// Cases by rule: district, month, whom they are about, and what of them. What
/// an other name rests on is no part of it: the key says of whom, not from where.
type Cases = BTreeMap<String, BTreeSet<String>>;

fn add(cases: &mut Cases, area: &str, period: &str, rule: &str, subject: &str, ground: &str) {
    let ground = if rule == "F03" { "" } else { ground };
    cases.entry(rule.to_owned()).or_default().insert(format!("{area} {period} {subject} {ground}"));
}

/// The cases of the key, and the likenesses.
fn key_of_findings(path: &Path) -> (Cases, Cases) {
    let (mut cases, mut alike) = (Cases::new(), Cases::new());
    for row in rows(path) {
        let subject = match (row["nik"].as_str(), row["other"].as_str(), row["card"].as_str()) {
            ("", "", card) => format!("KK{card}"),
            (nik, "", _) => nik.to_owned(),
            (nik, other, _) => format!("{nik}+{other}"),
        };
        let to = match row["truth"].as_str() {
            "case" => &mut cases,
            "none" => &mut alike,
            other => panic!("truth {other}"),
        };
        add(to, &row["area"], &row["period"], &row["rule"], &subject, &row["ground"]);
    }
    (cases, alike)
}

/// The cases of a workbook of `bansos review --out`: a sheet a rule, with a column of keys.
fn cases_of_workbook(path: &Path, area: &str, period: &str, cases: &mut Cases) {
    let mut book = open_workbook_auto(path).unwrap();
    for (_, range) in book.worksheets() {
        let mut key = None;
        for row in range.rows() {
            if key.is_none() {
                key = row.iter().position(|cell| *cell == "Kunci");
                continue;
            }
            let text = key.and_then(|at| row.get(at)).map(ToString::to_string).unwrap_or_default();
            let parts: Vec<&str> = text.splitn(3, ':').collect();
            if let [rule, subject, ground] = parts[..] {
                add(cases, area, period, rule, subject, ground);
            }
        }
    }
}

#[test]
fn exact_rules_find_all_that_is_there_and_nothing_else() {
    let office = Office::open("confusion", None);
    let out = scratch::folder("confusion-files").join("files");
    let report = office.data.with_file_name("report.csv");
    let (files, to) = (out.to_str().unwrap(), report.to_str().unwrap());
    let mut simulate = vec!["simulate", "--out", files, "--scale", "0.06", "--seed", "23", "--all-layouts"];
    simulate.extend(["--first", MONTHS[0], "--months", "2"]);
    AREAS.iter().for_each(|area| simulate.extend(["--area", area]));
    office.bansos(&simulate).succeeds();
    let import = office.bansos(&["import", files, "--report", to]).succeeds();
    println!("import of every layout: {:.1} s", import.seconds);
    reasons(&out, &report);

    let (expected, alike) = key_of_findings(&out.join("answer-key-findings.csv"));
    let mut found = Cases::new();
    for area in AREAS {
        for period in MONTHS {
            let book = office.data.with_file_name(format!("review-{area}-{period}.xlsx"));
            let ran = office.bansos(&["review", "--area", area, "--period", period, "--out", book.to_str().unwrap()]).succeeds();
            println!("review {area} {period}: {:.1} s", ran.seconds);
            cases_of_workbook(&book, area, period, &mut found);
        }
    }
    rules(&expected, &found, &alike);
}

/// Import's reasons, findings and warnings.
fn reasons(out: &Path, report: &Path) {
    let (expected, found) = (by_reason(&out.join("answer-key.csv")), by_reason(report));
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    print_head("reason");
    let none = BTreeSet::new();
    let mut wrong = Vec::new();
    for name in &names {
        let (expected, found) = (expected.get(*name).unwrap_or(&none), found.get(*name).unwrap_or(&none));
        let counts = Counts::of(expected, found, &none);
        println!("{}", counts.line(name));
        if !counts.is_exact() {
            let (missed, more) = (expected.difference(found).next(), found.difference(expected).next());
            wrong.push(format!("{name}: missed {missed:?}, more {more:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for reason in [
        "nik_format",
        "nik_missing",
        "nik_date",
        "nik_serial",
        "area_unknown",
        "program_unknown",
        "date_invalid",
        "amount_invalid",
        "family_card_format",
        "column_count",
        "value_invalid",
        "duplicate_nik_program",
        "deceased",
        "date_swapped",
        "birth_date_differs",
        "sex_differs",
        "name_deceased",
        "area_spelling",
    ] {
        assert!(expected.contains_key(reason), "the simulation made no {reason}, so nothing was tested");
    }
}

fn rules(expected: &Cases, found: &Cases, alike: &Cases) {
    print_head("rule");
    let mut wrong = Vec::new();
    for number in 1..=12 {
        let rule = format!("F{number:02}");
        let of = |cases: &Cases| cases.get(&rule).cloned().unwrap_or_default();
        let (expected, found, alike) = (of(expected), of(found), of(alike));
        let counts = Counts::of(&expected, &found, &alike);
        println!("{}", counts.line(&rule));
        assert!(!expected.is_empty(), "the simulation made no case of {rule}, so nothing was tested");
        let weighs = rule == "F02" && counts.recall() >= FLOOR.0 && counts.precision() >= FLOOR.1;
        let fine = weighs || counts.is_exact();
        if !fine {
            let some = |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).take(5).cloned().collect::<Vec<_>>();
            wrong.push(format!("{rule}: missed {:?}, more {:?}", some(&expected, &found), some(&found, &expected)));
        }
    }
    assert_eq!(found.keys().filter(|rule| !expected.contains_key(*rule)).count(), 0, "rules that the key does not know");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_key_is_told_from_a_right_one() {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<String>>();
    let (key, alike) = (set(&["a", "b", "c"]), set(&["x"]));
    assert!(Counts::of(&key, &key, &alike).is_exact());
    // One that was missed, one too many, one for another, and a likeness taken for a case.
    let missed = Counts::of(&key, &set(&["a", "b"]), &alike);
    assert!(!missed.is_exact() && missed.recall() < 0.67 && missed.precision() > 0.99, "{missed:?}");
    let more = Counts::of(&key, &set(&["a", "b", "c", "d"]), &alike);
    assert!(!more.is_exact() && more.recall() > 0.99 && (more.precision() - 0.75).abs() < 1e-9, "{more:?}");
    assert!(!Counts::of(&key, &set(&["a", "b", "d"]), &alike).is_exact());
    let taken = Counts::of(&key, &set(&["a", "b", "c", "x"]), &alike);
    assert!(!taken.is_exact() && taken.taken == 1, "{taken:?}");
    assert!(!Counts::of(&key, &set(&[]), &alike).is_exact() && !Counts::of(&set(&[]), &key, &alike).is_exact());
    let spoilt = std::panic::catch_unwind(|| {
        let cases = |of: &BTreeSet<String>| (1..=12).map(|n| (format!("F{n:02}"), of.clone())).collect::<Cases>();
        rules(&cases(&set(&["a", "b"])), &cases(&set(&["a"])), &Cases::new());
    });
    assert!(spoilt.is_err(), "a missed case passes");
}
