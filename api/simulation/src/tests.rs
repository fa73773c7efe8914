//! The simulation as its readers see it: files on disk, read back with a CSV
//! reader that knows nothing of how they were written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;

use domain::Level;

use super::*;

fn options(out: &Path, scale: f64, seed: u64, months: u32) -> Options<'_> {
    Options { out, scale, seed, months, districts: &*reference::DISTRICTS, first: Period::new(2025, 1).unwrap() }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder_or_file) = open.pop() {
        for entry in fs::read_dir(&folder_or_file).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// A data row of a file: the line it starts on, and its cells by column.
struct Row {
    line: u64,
    cells: HashMap<String, String>,
}

impl Row {
    fn get(&self, column: &str) -> &str {
        &self.cells[column]
    }

    /// YA, Y or 1.
    fn yes(&self, column: &str) -> bool {
        match self.get(column) {
            "YA" | "Y" | "1" => true,
            "TIDAK" | "T" | "0" => false,
            other => panic!("{column}: {other}"),
        }
    }
}

fn read(bytes: &[u8], key_column: &str) -> Vec<Row> {
    let text = String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect());
    // With \r\n the reader gives the line of the \n before a record.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    assert!(text.lines().next().unwrap().contains("SIMULASI"));
    let header = text.lines().find(|line| line.contains(key_column)).unwrap();
    let separator = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut header: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let cells: Vec<String> = record.iter().map(|cell| cell.lines().next().unwrap_or("").to_owned()).collect();
        if header.is_empty() {
            if cells.iter().any(|cell| cell == key_column) {
                header = cells;
            }
            continue;
        }
        assert_eq!(cells.len(), header.len());
        rows.push(Row { line: record.position().unwrap().line(), cells: header.iter().cloned().zip(cells).collect() });
    }
    assert!(!header.is_empty(), "no header with {key_column}");
    rows
}

type Key = BTreeSet<(String, u64, String, String)>;

fn answer_key(files: &BTreeMap<String, Vec<u8>>) -> Key {
    let text = std::str::from_utf8(&files["answer-key.csv"]).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("file,line,outcome,reason"));
    lines
        .map(|line| {
            let [file, line, outcome, reason] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            (file.to_owned(), line.parse().unwrap(), outcome.to_owned(), reason.to_owned())
        })
        .collect()
}

/// Whether a NIK is 16 digits, and whether its date exists.
fn nik_reason(nik: &str) -> Option<&'static str> {
    if nik.len() != 16 || !nik.bytes().all(|b| b.is_ascii_digit()) {
        return Some("nik_format");
    }
    let part = |from: usize| nik[from..from + 2].parse::<u16>().unwrap();
    let (day, month, year) = (part(6), part(8), part(10));
    let day = if day > 40 { day - 40 } else { day };
    assert!(nik[12..].parse::<u32>().unwrap() >= 9001, "serial of {nik}");
    let possible = (1..=12).contains(&month) && day >= 1 && day <= u16::from(model::days(2000 + year, month as u8));
    if possible { None } else { Some("nik_date") }
}

/// Finds every defect anew, from the files alone.
fn defects(files: &BTreeMap<String, Vec<u8>>) -> Key {
    let mut found = Key::new();
    let mut died: HashMap<String, String> = HashMap::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with("deaths.csv")) {
        for row in read(bytes, "date_of_death") {
            assert!(nik_reason(row.get("nik")).is_none(), "{name}");
            let day = domain::date::parse(row.get("date_of_death")).unwrap();
            died.insert(row.get("nik").to_owned(), day.to_string());
        }
    }
    let areas = reference::areas();
    for (name, bytes) in files {
        let [district, period, file] = name.split('/').collect::<Vec<_>>()[..] else { continue };
        let district: AreaCode = district.parse().unwrap();
        let first_day = format!("{period}-01");
        let mut add = |line: u64, outcome: &str, reason: &str| {
            found.insert((name.clone(), line, outcome.to_owned(), reason.to_owned()));
        };
        let late = |nik: &str| died.get(nik).is_some_and(|day| *day < first_day);
        match file {
            "dtks.csv" => {
                let mut seen: HashSet<(String, &str)> = HashSet::new();
                for row in read(bytes, "NOKK") {
                    assert_eq!(row.cells.len(), 53, "{name}");
                    let kecamatan = areas.find(district, Level::Kecamatan, row.get("kecamatan"));
                    let place = kecamatan.clone().and_then(|code| areas.find(code, Level::Kelurahan, row.get("desa_kelurahan")));
                    assert!(nik_reason(row.get("NOKK")) != Some("nik_format"));
                    let nik = row.get("NIK");
                    if let Some(reason) = nik_reason(nik) {
                        assert!(place.is_ok(), "two defects in a row");
                        add(row.line, "rejected", reason);
                        continue;
                    }
                    if place.is_err() {
                        add(row.line, "rejected", "area_unknown");
                        continue;
                    }
                    for program in ["PKH", "BPNT", "BLT", "PBI", "YAPI", "PERMAKANAN"] {
                        if row.yes(program) && !seen.insert((nik.to_owned(), program)) {
                            add(row.line, "finding", "duplicate_nik_program");
                        }
                    }
                    if late(nik) {
                        add(row.line, "finding", "deceased");
                    }
                }
            }
            "kks.csv" => {
                let mut seen: HashSet<(String, String)> = HashSet::new();
                for row in read(bytes, "nomor_kks") {
                    let nik = row.get("nik");
                    assert!(row.get("nominal_cair").parse::<domain::Rupiah>().unwrap().get() > 0);
                    if let Some(reason) = nik_reason(nik) {
                        add(row.line, "rejected", reason);
                    } else if !["PKH", "SEMBAKO"].contains(&row.get("jenis_bansos")) {
                        add(row.line, "rejected", "program_unknown");
                    } else {
                        assert!(seen.insert((nik.to_owned(), row.get("jenis_bansos").to_owned())), "{name}");
                        assert!(!late(nik), "{name}");
                    }
                }
            }
            "pbi-jk.csv" => {
                let mut seen = HashSet::new();
                for row in read(bytes, "noka") {
                    assert!(fate::PBI_STATUS.contains(&row.get("status")));
                    let nik = row.get("nik");
                    match nik_reason(nik) {
                        Some(reason) => add(row.line, "rejected", reason),
                        None => assert!(seen.insert(nik.to_owned()) && !late(nik), "{name}"),
                    }
                }
            }
            "plan.csv" => {
                for row in read(bytes, "planned_units") {
                    assert!(areas.find(district, Level::Kecamatan, row.get("kecamatan")).is_ok());
                    if !["PKH", "SEMBAKO", "PBI_JK", "BLT_DD"].contains(&row.get("program")) {
                        add(row.line, "rejected", "program_unknown");
                    }
                }
            }
            "verification.csv" => {
                for row in read(bytes, "outcome") {
                    assert!(nik_reason(row.get("nik")).is_none() && !late(row.get("nik")));
                }
            }
            "deaths.csv" => {}
            other => panic!("{other}"),
        }
    }
    found
}

#[test]
fn the_answer_key_is_what_the_files_hold_no_more_no_less() {
    let folder = tempfile::tempdir().unwrap();
    // Rates far above the default, so that every kind of defect is in a small run.
    let rates = Rates { nik_format: 0.01, nik_date: 0.01, duplicate: 0.01, area: 0.01, deceased: 0.6, program: 0.02, unpaid: 0.05 };
    let summary = run_with(&options(folder.path(), 0.01, 13, 4), &rates).unwrap();
    let files = files(folder.path());
    let key = answer_key(&files);
    let found = defects(&files);
    let missed: Vec<_> = found.difference(&key).take(5).collect();
    let invented: Vec<_> = key.difference(&found).take(5).collect();
    assert!(missed.is_empty() && invented.is_empty(), "not in the key: {missed:?}; not in the files: {invented:?}");
    assert_eq!(summary.defects as usize, key.len());
    assert_eq!(summary.files as usize, files.len());
    let reasons: BTreeSet<&str> = key.iter().map(|(_, _, _, reason)| reason.as_str()).collect();
    assert_eq!(reasons.len(), 6, "{reasons:?}");
    // The dead are found in the first month, too.
    assert!(key.iter().any(|(file, _, _, reason)| file.contains("2025-01") && reason == "deceased"));
}

#[test]
fn without_defects_there_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let summary = run_with(&options(folder.path(), 0.003, 11, 3), &Rates::NONE).unwrap();
    let files = files(folder.path());
    assert_eq!(summary.defects, 0);
    assert!(answer_key(&files).is_empty() && defects(&files).is_empty());
}

#[test]
fn the_same_options_give_the_same_bytes_on_any_number_of_threads() {
    let written = |threads: usize, seed: u64| {
        let folder = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&options(folder.path(), 0.004, seed, 3)).unwrap());
        files(folder.path())
    };
    let one = written(1, 7);
    assert!(one == written(3, 7), "the bytes depend on the threads");
    assert!(one != written(1, 8), "the seed changes nothing");
}

#[test]
fn a_later_run_in_the_same_folder_replaces_the_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let june = |months| Options { first: Period::new(2025, 6).unwrap(), ..options(folder.path(), 0.002, 1, months) };
    run(&june(1)).unwrap();
    assert!(files(folder.path()).contains_key("36.71/2025-06/kks.csv"));
    run(&june(1)).unwrap();
    let again = files(folder.path());
    let other = tempfile::tempdir().unwrap();
    run(&Options { out: other.path(), ..june(1) }).unwrap();
    assert!(again == files(other.path()));
}

#[test]
fn totals_are_near_the_published_ones_and_stay_there() {
    let folder = tempfile::tempdir().unwrap();
    let scale = 0.05;
    let summary = run(&options(folder.path(), scale, 7, 6)).unwrap();
    for month in &summary.districts {
        let target = target::of(month.district);
        let near = |program: &str, expected: f64, share: f64| {
            let expected = expected * scale;
            let count = month.enrolments.get(&program.parse().unwrap()).copied().unwrap_or(0) as f64;
            // Few units vary more; a twentieth of Natuna's PERMAKANAN is less than two people.
            let allowed = expected * share + 3.0 * expected.sqrt();
            assert!((count - expected).abs() <= allowed, "{} {} {program}: {count}, expected {expected}", month.district, month.period);
        };
        near("SEMBAKO", target.sembako, 0.02);
        near("PKH", target.both + target.pkh_only, 0.03);
        near("BLT_DD", target.blt_dd, 0.03);
        near("YAPI", target.yapi_persons, 0.25);
        near("PERMAKANAN", target.permakanan_persons, 0.15);
        // In Tanjungbalai the published Sembako families alone are about a third of the people.
        near("PBI_JK", target.pbi_persons, 0.10);
    }
    println!("persons {}, rows {}, files {}, defects {}", summary.people, summary.rows, summary.files, summary.defects);
    for (period, enrolments) in &summary.enrolments_per_month {
        println!("scale {scale}: {period} {enrolments} enrolments");
    }
}

#[test]
fn the_plan_adds_up_with_what_a_right_import_counts() {
    let folder = tempfile::tempdir().unwrap();
    let summary = run(&options(folder.path(), 0.01, 3, 3)).unwrap();
    let files = files(folder.path());
    let march = Period::new(2025, 3).unwrap();
    for month in summary.districts.iter().filter(|month| month.period == march) {
        let folder = format!("{}/{march}", month.district);
        let plan = read(&files[&format!("{folder}/plan.csv")], "planned_units");
        let sum = |program: &str, column: &str| -> u64 {
            plan.iter().filter(|row| row.get("program") == program).map(|row| row.get(column).parse::<u64>().unwrap_or(0)).sum()
        };
        let accepted: HashSet<String> = read(&files[&format!("{folder}/dtks.csv")], "NOKK")
            .iter()
            .filter(|row| nik_reason(row.get("NIK")).is_none())
            .filter(|row| {
                let areas = reference::areas();
                let kecamatan = areas.find(month.district, Level::Kecamatan, row.get("kecamatan"));
                kecamatan.is_ok_and(|code| areas.find(code, Level::Kelurahan, row.get("desa_kelurahan")).is_ok())
            })
            .map(|row| row.get("NIK").to_owned())
            .collect();
        let kks = read(&files[&format!("{folder}/kks.csv")], "nomor_kks");
        for program in ["PKH", "SEMBAKO"] {
            let planned = sum(program, "planned_units");
            assert_eq!(Some(planned), month.enrolments.get(&program.parse().unwrap()).copied(), "{folder} {program}");
            let paid: Vec<&Row> =
                kks.iter().filter(|row| row.get("jenis_bansos") == program && accepted.contains(row.get("nik"))).collect();
            assert_eq!(planned - paid.len() as u64, sum(program, "failed"), "{folder} {program}");
            assert!(sum(program, "returned") <= sum(program, "failed"));
            let rupiah: u64 = paid.iter().map(|row| row.get("nominal_cair").parse::<domain::Rupiah>().unwrap().get()).sum();
            assert!(rupiah <= sum(program, "planned_rupiah"));
        }
        assert_eq!(sum("SEMBAKO", "planned_rupiah"), sum("SEMBAKO", "planned_units") * 600_000);
        let active = read(&files[&format!("{folder}/pbi-jk.csv")], "noka")
            .iter()
            .filter(|row| row.get("status") == "Aktif" && accepted.contains(row.get("nik")))
            .count() as u64;
        assert_eq!(sum("PBI_JK", "planned_units") - active, sum("PBI_JK", "failed"), "{folder}");
    }
    assert!(!files.contains_key("36.71/2025-02/kks.csv"), "disbursed in a month that does not pay");
}

#[test]
fn options_out_of_range_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let good = options(&out, 0.01, 1, 1);
    let stranger = ["31.71".parse().unwrap()];
    for wrong in [
        Options { scale: 0.0, ..good },
        Options { scale: f64::NAN, ..good },
        Options { scale: 1.5, ..good },
        Options { months: 0, ..good },
        Options { months: 121, ..good },
        Options { districts: &[], ..good },
        Options { districts: &stranger, ..good },
    ] {
        assert!(run(&wrong).is_err(), "{wrong:?}");
    }
    assert!(run_with(&good, &Rates { area: -0.1, ..Rates::default() }).is_err());
    assert!(!out.exists());
}
