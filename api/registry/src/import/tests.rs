//! Imports from real files, small enough to read.

mod layouts;
mod states;

use std::io;

use super::*;
use crate::reason::Finding;
use crate::schema::{dtks_rows, rejected_rows};

const HEADER: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,PBI,YAPI";
const PLACE: &str = "BANTEN,KOTA TANGERANG,TANGERANG,SUKARASA";
const CARD: &str = "3671011203190001";

/// A registry in a folder of its own, and files for it.
struct Office {
    folder: tempfile::TempDir,
    registry: Registry,
}

/// The nth man of a family; serials from 9001, which are no one's.
fn nik(n: u32) -> String {
    format!("3671011203{:02}{:04}", 60 + n / 900, 9001 + n % 900)
}

fn row(n: u32, flags: &str) -> String {
    format!("{PLACE},{},{CARD},Orang Uji {n},Jalan Uji {n},001,002,{flags}", nik(n))
}

fn table(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// `count` rows from `first` on, each in PKH.
fn rows_from(first: u32, count: u32) -> Vec<String> {
    (first..first + count).map(|n| row(n, "YA,TIDAK,TIDAK,TIDAK")).collect()
}

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(&folder.path().join("data"), "36.71".parse().unwrap()).unwrap();
        Office { folder, registry }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("36.71").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn with(&mut self, name: &str, bytes: impl AsRef<[u8]>, mode: Mode, confirm: bool) -> Result<ImportSummary> {
        let files = [self.write(name, bytes)];
        let request = ImportRequest { files: &files, mode, confirm, ..ImportRequest::default() };
        self.registry.import(&request, &mut |_| {}).map(|mut summaries| summaries.remove(0))
    }

    fn import(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> ImportSummary {
        self.with(name, bytes, Mode::Snapshot, false).unwrap()
    }

    fn refused(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let before = self.rows();
        let error = self.with(name, bytes, Mode::Snapshot, false).unwrap_err().to_string();
        assert_eq!(self.rows(), before, "half-written: {error}");
        assert!(error.contains(name), "{error}");
        error
    }

    /// Rows of recipients, rejected rows and imports.
    fn rows(&mut self) -> (i64, i64, i64) {
        let conn = self.registry.connection();
        (
            dtks_rows::table.count().get_result(conn).unwrap(),
            rejected_rows::table.count().get_result(conn).unwrap(),
            imports::table.count().get_result(conn).unwrap(),
        )
    }

    /// The report's file, line, outcome and reason.
    fn report(&mut self) -> Vec<String> {
        let path = self.folder.path().join("report.csv");
        let ids: Vec<i64> = self.registry.imports().unwrap().into_iter().map(|import| import.id).collect();
        self.registry.write_report(&ids, &path).unwrap();
        let mut reader = csv::Reader::from_path(path).unwrap();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), crate::report::COLUMNS);
        reader.records().map(|line| line.unwrap()).map(|line| format!("{}:{} {} {}", &line[0], &line[2], &line[4], &line[5])).collect()
    }

    fn state(&mut self, period: &str) -> crate::PeriodState {
        self.registry.state(period.parse().unwrap()).unwrap()
    }

    /// How many units each program has.
    fn units(&mut self, period: &str) -> Vec<(String, usize)> {
        let state = self.state(period);
        let count = |place: usize| state.units.iter().filter(|unit| usize::from(unit.program) == place).count();
        state.programs.iter().enumerate().map(|(place, code)| (code.to_string(), count(place))).collect()
    }
}

fn counts(summary: &ImportSummary) -> [u64; 7] {
    assert_eq!(summary.accepted + summary.rejected, summary.read);
    [summary.read, summary.accepted, summary.rejected, summary.new, summary.changed, summary.unchanged, summary.left]
}

fn some(units: &[(&str, usize)]) -> Vec<(String, usize)> {
    units.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[test]
fn a_file_is_only_the_offices_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&rows_from(0, 3)));
    let folder = office.folder.path().join("data/registry");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert_eq!(Registry::districts(&office.folder.path().join("data")).unwrap(), ["36.71".parse().unwrap()]);
    assert_eq!(Registry::districts(office.folder.path()).unwrap(), []);
    assert!(Registry::open(office.folder.path(), "36.99".parse().unwrap()).is_err());
}

#[test]
fn spreadsheets_write_tables_in_many_ways() {
    let mut office = Office::new();
    // Byte order mark, semicolons, CRLF, title rows, line breaks and example
    // dates in the header, column numbers below it, blank rows, a quoted cell.
    let header = HEADER.replace(',', ";").replace("NIK", "\"NIK\n(16 angka)\"").replace("rt;", "\"RT\n(001)\";");
    let numbers = (1..=14).map(|n| n.to_string()).collect::<Vec<_>>().join(";");
    let one = row(1, "Ya,t,0,").replace(',', ";").replace("Jalan Uji 1", "\"Jalan; Uji\r\n1\"");
    let two = row(2, "1,Y,-,TIDAK").replace(',', ";");
    let text =
        format!("\u{feff}DATA SIMULASI;;;\r\nKota Tangerang\r\n{header}\r\n{numbers}\r\n{one}\r\n;;;;;;;;;;;;;\r\n{two};;\r\n3;x\r\n");
    let summary = office.import("2025-01/dtks.csv", text);
    assert_eq!(counts(&summary), [3, 2, 1, 2, 0, 0, 0]);
    assert!(summary.simulated);
    // The header takes lines 3 to 5, the first record 7 and 8.
    assert_eq!(office.report(), ["36.71/2025-01/dtks.csv:11 rejected column_count"]);
    let state = office.state("2025-01");
    assert!(state.simulated);
    assert_eq!(office.units("2025-01"), some(&[("PKH", 1), ("SEMBAKO", 1)]));
}

#[test]
fn windows_1252_is_read_like_utf_8() {
    let mut office = Office::new();
    let text = table(&[row(1, "YA,TIDAK,TIDAK,TIDAK").replace("Orang Uji 1", "Andr\u{e9}")]);
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert!(std::str::from_utf8(&windows).is_err());
    assert_eq!(counts(&office.import("2025-01/a.csv", text)), [1, 1, 0, 1, 0, 0, 0]);
    assert_eq!(counts(&office.import("2025-01/b.csv", windows)), [1, 1, 0, 0, 0, 1, 0]);
    let names: Vec<String> = dtks_rows::table.select(dtks_rows::name).load(office.registry.connection()).unwrap();
    assert_eq!(names, ["Andr\u{e9}", "Andr\u{e9}"]);
}

#[test]
fn every_defect_is_found_and_kept_with_its_place() {
    let mut office = Office::new();
    let good = row(1, "YA,TIDAK,TIDAK,TIDAK");
    let rows = [
        good.clone(),
        good.replace(&nik(1), "367101120360900"),
        good.replace(&nik(1), "3671013002609002"),
        good.replace(&nik(1), "3671011203600000"),
        good.replace(CARD, "-"),
        good.replace("SUKARASA", "SUKARSA"),
        good.replace("KOTA TANGERANG,TANGERANG", "KOTA TANGERANG,TANGERNG"),
        row(2, "MUNGKIN,TIDAK,TIDAK,TIDAK"),
        format!("{good},zzz"),
        row(3, "TIDAK,TIDAK,TIDAK,TIDAK"),
    ];
    let summary = office.import("2025-01/dtks.csv", format!("SIMULASI\n{}", table(&rows)));
    assert_eq!(counts(&summary), [10, 2, 8, 2, 0, 0, 0]);
    let expected =
        ["nik_format", "nik_date", "nik_serial", "family_card_format", "area_unknown", "area_unknown", "value_invalid", "column_count"];
    let expected: Vec<String> =
        (4..).zip(expected).map(|(line, reason)| format!("36.71/2025-01/dtks.csv:{line} rejected {reason}")).collect();
    assert_eq!(office.report(), expected);
    let kept: Vec<String> =
        rejected_rows::table.select(rejected_rows::raw).order(rejected_rows::id).load(office.registry.connection()).unwrap();
    assert_eq!(kept[0], rows[1]);
}

#[test]
fn a_report_never_repeats_a_value() {
    let mut office = Office::new();
    let wrong = row(1, "YA,TIDAK,TIDAK,TIDAK").replace(&nik(1), "36710112036090017").replace("SUKARASA", "ORANGUJI");
    office.import("2025-01/dtks.csv", table(&[wrong, row(2, "ORANGUJI,,,"), row(3, "YA,,,"), row(3, "YA,,,")]));
    office.report();
    let report = std::fs::read_to_string(office.folder.path().join("report.csv")).unwrap();
    for secret in ["36710112036090017", "ORANGUJI", "Orang Uji", "Jalan Uji", CARD, &nik(3)] {
        assert!(!report.contains(secret), "{secret}");
    }
    assert_eq!(report.lines().count(), 4);
}

#[test]
fn the_same_file_again_changes_nothing() {
    let mut office = Office::new();
    let text = table(&rows_from(0, 20));
    let first = office.import("2025-01/dtks.csv", &text);
    let before = office.rows();
    let again = office.import("2025-01/dtks.csv", &text);
    assert!(again.already && again.import_id == first.import_id);
    assert_eq!(counts(&again), [20, 20, 0, 0, 0, 20, 0]);
    assert!(again.to_string().contains("0 new"));
    assert_eq!(office.rows(), before);
    // The same people in another month are another import.
    assert_eq!(counts(&office.import("2025-02/dtks.csv", &text)), [20, 20, 0, 0, 0, 20, 0]);
}

#[test]
fn a_snapshot_counts_who_came_changed_and_left() {
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&rows_from(0, 20)));
    let mut rows = rows_from(1, 20);
    rows[0] = row(1, "YA,YA,TIDAK,TIDAK");
    assert_eq!(counts(&office.import("2025-02/dtks.csv", table(&rows))), [20, 20, 0, 1, 1, 18, 1]);
    assert_eq!(office.registry.periods().unwrap().len(), 2);
}

#[test]
fn a_shrunken_snapshot_needs_a_word() {
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&rows_from(0, 20)));
    let error = office.refused("2025-02/dtks.csv", table(&rows_from(0, 17)));
    assert!(error.contains("17") && error.contains("20") && error.contains("--confirm"), "{error}");
    assert_eq!(counts(&office.import("2025-02/half.csv", table(&rows_from(0, 18)))), [18, 18, 0, 0, 0, 18, 2]);
    let third = table(&rows_from(0, 5));
    assert_eq!(office.with("2025-03/dtks.csv", &third, Mode::Snapshot, true).unwrap().left, 13);
    // A delta may be as small as it likes.
    assert!(office.with("2025-04/dtks.csv", table(&rows_from(0, 1)), Mode::Delta, false).is_ok());
}

#[test]
fn a_file_cut_at_its_first_kelurahan_is_still_compared_with_the_whole() {
    let mut office = Office::new();
    let elsewhere = |n: u32| row(n, "YA,,,").replace("SUKARASA", "SUKAASIH");
    let mut rows = rows_from(0, 20);
    rows.extend((20..40).map(elsewhere));
    office.import("2025-01/dtks.csv", table(&rows));
    assert!(office.refused("2025-02/dtks.csv", table(&rows_from(0, 20))).contains("--confirm"));
    // But where each kelurahan has a file, a file is compared with its like.
    office.import("2025-02/all.csv", table(&rows));
    office.registry.undo(2).unwrap();
    office.registry.undo(1).unwrap();
    let (one, two) = (table(&rows[..20]), table(&rows[20..]));
    office.import("2025-01/one.csv", &one);
    office.import("2025-01/two.csv", &two);
    office.import("2025-02/one.csv", &one);
    assert_eq!(office.import("2025-02/two.csv", &two).left, 0);
}

#[test]
fn a_delta_changes_the_month_before() {
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&[row(1, "TIDAK,TIDAK,YA,"), row(2, "TIDAK,TIDAK,YA,"), row(3, "TIDAK,TIDAK,YA,")]));
    let changes = table(&[row(1, "TIDAK,TIDAK,TIDAK,"), row(4, "TIDAK,TIDAK,YA,"), row(5, "TIDAK,TIDAK,YA,YA")]);
    let summary = office.with("2025-02/dtks.csv", changes, Mode::Delta, false).unwrap();
    assert_eq!(counts(&summary), [3, 3, 0, 2, 1, 0, 1]);
    assert_eq!(office.units("2025-01"), some(&[("PBI_JK", 3)]));
    assert_eq!(office.units("2025-02"), some(&[("PBI_JK", 4), ("YAPI", 1)]));
    // A month after a delta goes on from the delta.
    office.with("2025-03/dtks.csv", table(&[row(2, ",,,")]), Mode::Delta, false).unwrap();
    assert_eq!(office.units("2025-03"), some(&[("PBI_JK", 3), ("YAPI", 1)]));
    assert!(matches!(office.registry.state("2025-04".parse().unwrap()), Err(Error::NoRecipients(_))));
}

#[test]
fn duplicates_are_found_and_counted_once() {
    let mut office = Office::new();
    let rows =
        [row(1, "TIDAK,TIDAK,YA,TIDAK"), row(2, "TIDAK,TIDAK,YA,TIDAK"), row(1, "TIDAK,TIDAK,YA,TIDAK"), row(2, "TIDAK,TIDAK,TIDAK,YA")];
    let summary = office.import("2025-01/dtks.csv", table(&rows));
    assert_eq!(summary.findings, [(Finding::DuplicateNikProgram, 1)].into());
    assert_eq!(office.report(), ["36.71/2025-01/dtks.csv:4 finding duplicate_nik_program"]);
    assert_eq!(office.units("2025-01"), some(&[("PBI_JK", 2), ("YAPI", 1)]));
    let kks = format!(
        "nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n{0},A,1,PKH,Tahap 1 Tahun 2025,Rp600.000\n{0},A,1,BPNT,Tahap 1 Tahun 2025,600000\n{0},A,1,PKH,Tahap 1 Tahun 2025,600000\n{0},A,1,PKHX,,600000\n{0},A,1,PKH,,x\n",
        nik(1)
    );
    office.import("2025-01/kks.csv", kks);
    assert_eq!(
        office.report()[1..],
        [
            "36.71/2025-01/kks.csv:4 finding duplicate_nik_program",
            "36.71/2025-01/kks.csv:5 rejected program_unknown",
            "36.71/2025-01/kks.csv:6 rejected amount_invalid"
        ]
    );
    assert_eq!(office.registry.open_findings("2025-01".parse().unwrap()).unwrap(), [("duplicate_nik_program".to_owned(), 2)].into());
}

#[test]
fn the_dead_are_found_in_whichever_order() {
    let deaths = format!("nik,date_of_death\n{},31/12/2024\n{},2025-01-01\n{},x\n", nik(1), nik(2), nik(3));
    let people = table(&rows_from(0, 5));
    let expected = [
        "36.71/2025-01/dtks.csv:3 finding deceased",
        "36.71/2025-02/dtks.csv:3 finding deceased",
        "36.71/2025-02/dtks.csv:4 finding deceased",
    ];
    for order in [["d", "1", "2"], ["1", "d", "2"], ["1", "2", "d"]] {
        let mut office = Office::new();
        let mut last = None;
        for step in order {
            last = Some(match step {
                "d" => office.import("2025-01/deaths.csv", &deaths),
                month => office.import(&format!("2025-0{month}/dtks.csv"), &people),
            });
        }
        let mut found: Vec<String> = office.report().into_iter().filter(|line| line.contains("deceased")).collect();
        found.sort();
        assert_eq!(found, expected, "{order:?}");
        if order[2] == "d" {
            assert_eq!(last.unwrap().findings, [(Finding::Deceased, 3)].into());
            // The report of the list alone names the rows it brought to light.
            let path = office.folder.path().join("late.csv");
            assert_eq!(office.registry.write_report(&[3], &path).unwrap(), 4);
        }
    }
}

#[test]
fn undoing_a_death_list_keeps_what_another_list_says() {
    let mut office = Office::new();
    office.import("2025-02/dtks.csv", table(&rows_from(0, 5)));
    let one = office.import("2025-02/deaths-1.csv", format!("nik,date_of_death\n{},2025-01-01\n{},2025-01-02\n", nik(1), nik(2)));
    office.import("2025-02/deaths-2.csv", format!("nik,date_of_death\n{},2025-01-05\n", nik(1)));
    assert_eq!(office.registry.undo(one.import_id).unwrap().findings, 1);
    assert_eq!(office.report(), ["36.71/2025-02/dtks.csv:3 finding deceased"]);
}

#[test]
fn undo_takes_everything_back_until_sealed() {
    let mut office = Office::new();
    let mut rows = rows_from(0, 20);
    rows.push("x".to_owned());
    rows.push(row(1, "YA,,,"));
    let text = table(&rows);
    let first = office.import("2025-01/dtks.csv", &text);
    let undone = office.registry.undo(first.import_id).unwrap();
    assert_eq!(undone, crate::Undone { rows: 21, rejected: 1, findings: 1 });
    assert_eq!(office.rows(), (0, 0, 0));
    assert!(matches!(office.registry.undo(first.import_id), Err(Error::NoImport(_))));
    let second = office.import("2025-01/dtks.csv", &text);
    assert!(!second.already && second.import_id > first.import_id);
    assert_eq!(second.new, 20);
    office.registry.seal_period("2025-01".parse().unwrap()).unwrap();
    office.registry.seal_period("2025-01".parse().unwrap()).unwrap();
    assert!(office.registry.is_sealed("2025-01".parse().unwrap()).unwrap());
    assert!(!office.registry.is_sealed("2025-02".parse().unwrap()).unwrap());
    assert!(matches!(office.registry.undo(second.import_id), Err(Error::Sealed { .. })));
    assert_eq!(office.rows().0, 21);
}

#[test]
fn bad_files_are_refused_whole() {
    let mut office = Office::new();
    let good = table(&rows_from(0, 3));
    assert!(office.refused("2025-01/empty.csv", "").contains("it is empty"));
    assert!(office.refused("2025-01/words.csv", "hello\n").contains("not a table"));
    assert!(office.refused("2025-01/none.csv", format!("{HEADER}\n")).contains("no row"));
    assert!(office.refused("2025-01/wrong.csv", "a,b\n1,2\n").contains("no header of a known layout"));
    let cut = format!("{good}{}", row(9, "YA,,,").replace("Jalan Uji 9", "\"Jalan Uji"));
    let error = office.refused("2025-01/cut.csv", cut);
    assert!(error.contains("line 5") && error.contains("cut off"), "{error}");
    let error = office.refused("2025-01/long.csv", format!("{good}{}", "x".repeat(3 << 20)));
    assert!(error.contains("line 5"), "{error}");
    // A file that cannot be read does not keep the others from being judged first.
    let folder = office.folder.path().join("36.71/2025-03");
    office.write("2025-03/a.csv", &good);
    office.write("2025-03/b.csv", "a,b\n");
    let files = [folder];
    let request = ImportRequest { files: &files, ..ImportRequest::default() };
    assert!(office.registry.import(&request, &mut |_| {}).is_err());
    assert_eq!(office.rows(), (0, 0, 0));
}

/// Gives the head of a text, then fails.
struct Failing<'a>(&'a [u8]);

impl io::Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn what_breaks_off_or_changes_leaves_nothing() {
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&rows_from(0, 10)));
    let before = office.rows();
    let path = office.write("2025-02/dtks.csv", table(&rows_from(0, 200)));
    let text = std::fs::read(&path).unwrap();
    let found = sources(std::slice::from_ref(&path), None, None).unwrap();
    let works = recognise_all(&found, None).unwrap();
    let job = Job {
        work: &works[0],
        source: &found[0],
        mode: Mode::Snapshot,
        confirm: false,
        round: None,
        only_first: None,
        number: 1,
        files: 1,
    };
    let print = Fingerprint::of(&path).unwrap();

    let head = text[..9_000].to_vec();
    let breaks = || -> Result<Box<dyn io::Read>> { Ok(Box::new(Failing(head.clone().leak()))) };
    let error = office.registry.import_tables(&job, &breaks, &print, &mut None, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("the disk is gone") && error.contains("dtks.csv"), "{error}");
    assert_eq!(office.rows(), before);

    // Other bytes than those first seen, though the file looks the same.
    let changed = String::from_utf8(text.clone()).unwrap().replace("Orang Uji 7,", "Orang Ujo 7,");
    let other = || -> Result<Box<dyn io::Read>> { Ok(Box::new(io::Cursor::new(changed.clone().into_bytes()))) };
    let error = office.registry.import_tables(&job, &other, &print, &mut None, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("changed while"), "{error}");
    assert_eq!(office.rows(), before);

    // Running again completes it.
    assert_eq!(counts(&office.import("2025-02/dtks.csv", &text)), [200, 200, 0, 190, 0, 10, 0]);
}

#[test]
fn state_joins_payments_in_whichever_order() {
    let family_two = "3671011203190002";
    let people = table(&[row(1, "TIDAK,YA,YA,TIDAK"), row(2, "YA,YA,YA,TIDAK"), row(3, "YA,TIDAK,TIDAK,TIDAK").replace(CARD, family_two)]);
    let kks = format!(
        "nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n{},A,1,PKH,Tahap 1 Tahun 2025,750000\n{},A,1,PKH,Tahap 2 Tahun 2025,250000\n{},A,1,SEMBAKO,Tahap 1 Tahun 2025,Rp600.000\n{},A,1,PKH,Tahap 1 Tahun 2025,1\n",
        nik(2),
        nik(2),
        nik(1),
        nik(8)
    );
    let pbi = format!(
        "noka,nama,tgllhr,nik,status\n1,A,12/03/1960,{},Aktif\n2,B,13/03/1960,{},Meninggal Dunia\n3,C,,{},Aktif\n",
        nik(1),
        nik(2),
        nik(9)
    );
    let plan = "kecamatan,program,period,planned_units,planned_rupiah,failed,returned,poor_households,source\n\
        TANGERANG,PKH,2025-01,5,,1,0,1.200,Dinas\nTANGERAXG,PKH,2025-01,1,,,,,\nTANGERANG,PKX,2025-01,1,,,,,\nTANGERANG,SEMBAKO,2025-1,1,,,,,\n\
        TANGERANG,SEMBAKO,2025-01,2,Rp1.200.000,,,,\nTANGERANG,SEMBAKO,2025-01,3,Rp1.800.000,,,,Dinas\n";
    let verification = format!("nik,round,date,outcome\n{},1,2025-01-05,Valid\n{},1,2025-13-05,Valid\n", nik(1), nik(2));
    for first in [true, false] {
        let mut office = Office::new();
        if first {
            office.import("2025-01/dtks.csv", &people);
        }
        assert_eq!(counts(&office.import("2025-01/kks.csv", &kks))[..3], [4, 4, 0]);
        let summary = office.import("2025-01/pbi-jk.csv", &pbi);
        assert_eq!(summary.warnings, [(crate::Warning::BirthDateDiffers, 1)].into());
        assert_eq!(counts(&office.import("2025-01/plan.csv", plan))[..3], [6, 3, 3]);
        assert_eq!(counts(&office.import("2025-01/verification.csv", &verification))[..3], [2, 1, 1]);
        if !first {
            office.import("2025-01/dtks.csv", &people);
        }
        let state = office.state("2025-01");
        assert_eq!(office.units("2025-01"), some(&[("PBI_JK", 2), ("PKH", 2), ("SEMBAKO", 1)]));
        let paid = |program: &str, n: u32| {
            state
                .units
                .iter()
                .find(|unit| state.programs[usize::from(unit.program)].as_str() == program && unit.nik.expose_text() == nik(n))
                .map(|unit| unit.paid.map(domain::Rupiah::get))
        };
        assert_eq!(paid("PKH", 2), Some(Some(1_000_000)));
        assert_eq!(paid("PKH", 3), Some(None));
        // The first row of the family that has the flag holds the card.
        assert_eq!(paid("SEMBAKO", 1), Some(Some(600_000)));
        assert_eq!(paid("SEMBAKO", 2), None);
        assert_eq!(paid("PBI_JK", 1), Some(Some(42_000)));
        assert_eq!(paid("PBI_JK", 2), Some(Some(0)));
        assert_eq!(state.unplaced, 2);
        assert_eq!(state.disbursements.iter().map(ToString::to_string).collect::<Vec<_>>(), ["PBI_JK", "PKH", "SEMBAKO"]);
        let plan: Vec<_> =
            state.plan.iter().map(|line| (line.program.to_string(), line.planned_units, line.failed, line.poor_households)).collect();
        assert_eq!(plan, [("PKH".to_owned(), Some(5), Some(1), Some(1200)), ("SEMBAKO".to_owned(), Some(3), None, None)]);
        let holder = state.units.iter().find(|unit| unit.nik.expose_text() == nik(3)).unwrap();
        assert_eq!((holder.sex, holder.age_band, holder.family_size), ("M", "60-69", "1-2"));
        assert_eq!(holder.kelurahan.to_string(), "36.71.01.1001");
    }
}

#[test]
fn several_districts_at_once() {
    let office = Office::new();
    office.write("2025-01/dtks.csv", table(&rows_from(0, 3)));
    let other = office.folder.path().join("12.74/2025-01");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("deaths.csv"), format!("nik,date_of_death\n{},2025-01-01\n", nik(1))).unwrap();
    let files = [office.folder.path().join("12.74"), office.folder.path().join("36.71")];
    let request = ImportRequest { files: &files, ..ImportRequest::default() };
    let mut done = Vec::new();
    let data = office.folder.path().join("data");
    let summaries = import(&data, &request, &mut |progress| {
        if let Progress::Done(summary) = progress {
            done.push(summary.file.clone());
        }
    })
    .unwrap();
    assert_eq!(done, ["12.74/2025-01/deaths.csv", "36.71/2025-01/dtks.csv"]);
    assert_eq!(summaries.len(), 2);
    assert_eq!(Registry::districts(&data).unwrap().len(), 2);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, ..Default::default() })]

    /// Whatever follows the header: refused whole, or every row is accounted for.
    #[test]
    fn any_bytes_are_refused_or_accounted_for(
        lines in proptest::collection::vec(proptest::prop_oneof![
            proptest::strategy::Strategy::prop_map(0u32..9, |n| row(n, "YA,T,,1").into_bytes()),
            proptest::strategy::Strategy::prop_map("[0-9,;\"A-Z\\r]{0,40}", String::into_bytes),
            proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60),
        ], 1..12),
    ) {
        let mut office = Office::new();
        let mut bytes = format!("{HEADER}\n").into_bytes();
        bytes.extend(lines.join(b"\n".as_slice()));
        match office.with("2025-01/dtks.csv", &bytes, Mode::Snapshot, false) {
            Ok(summary) => {
                let [read, accepted, rejected, ..] = counts(&summary);
                proptest::prop_assert_eq!(office.rows(), (accepted.cast_signed(), rejected.cast_signed(), 1));
                proptest::prop_assert_eq!(office.report().iter().filter(|line| line.contains("rejected")).count() as u64, rejected);
                proptest::prop_assert!(read > 0);
                proptest::prop_assert!(office.state("2025-01").units.len() as u64 <= 3 * accepted);
            }
            Err(error) => {
                proptest::prop_assert!(error.to_string().contains("dtks.csv"));
                proptest::prop_assert_eq!(office.rows(), (0, 0, 0));
            }
        }
    }
}
