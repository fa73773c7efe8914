//! Rounds from opening to closing, on a registry small enough to read.

use std::io::Read as _;
use std::path::PathBuf;

use diesel::prelude::*;
use domain::Outcome;

use super::*;
use crate::schema::verification_rows;
use crate::{ImportRequest, ImportSummary, Mapping, Report, RuleSettings};

const HEADER: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,PBI";

fn nik(n: u32) -> String {
    format!("36710112036{:01}{:04}", n / 900, 9001 + n % 900)
}

/// Families of one person each; every second lives in Cikokol, those from 20 on in Jatiuwung.
fn recipients(count: u32) -> String {
    let mut text = format!("DATA SIMULASI\n{HEADER}\n");
    for n in 0..count {
        let (kecamatan, kelurahan) = match n {
            20.. => ("JATIUWUNG", "JATAKE"),
            _ if n % 2 == 0 => ("TANGERANG", "SUKARASA"),
            _ => ("TANGERANG", "CIKOKOL"),
        };
        let pkh = if n % 3 == 0 { "YA" } else { "TIDAK" };
        text += &format!(
            "BANTEN,KOTA TANGERANG,{kecamatan},{kelurahan},{},36710112031{n:05},ORANG UJI {n:02},JALAN UJI {n},{:03},{:03},{pkh},YA,TIDAK\n",
            nik(n),
            n % 4 + 1,
            n % 2 + 1
        );
    }
    text
}

struct Office {
    folder: tempfile::TempDir,
    registry: Registry,
}

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(&folder.path().join("data"), "36.71".parse().unwrap()).unwrap();
        let mut office = Office { folder, registry };
        office.import("dtks.csv", recipients(30)).unwrap();
        office
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> Result<ImportSummary> {
        let files = [self.write(name, bytes)];
        self.registry
            .import(
                &ImportRequest { files: &files, area: Some("36.71".parse().unwrap()), period: Some(period()), ..ImportRequest::default() },
                &mut |_| {},
            )
            .map(|mut summaries| summaries.remove(0))
    }

    fn results(&mut self, round: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<ImportSummary> {
        let files = [self.write(name, bytes)];
        let mapping = Mapping::of_round(None, round, None).unwrap();
        let request = ImportRequest {
            files: &files,
            area: Some("36.71".parse().unwrap()),
            period: Some(period()),
            mapping: Some(&mapping),
            round: Some(round),
            ..ImportRequest::default()
        };
        self.registry.import(&request, &mut |_| {}).map(|mut summaries| summaries.remove(0))
    }

    fn open(&mut self, name: &str) -> Round {
        self.registry.open_round(&request(name)).unwrap().round
    }

    /// Line, outcome and reason of the report over all imports.
    fn report(&mut self) -> Vec<String> {
        let ids: Vec<i64> = self.registry.imports().unwrap().into_iter().map(|import| import.id).collect();
        let mut report = Report::new().unwrap();
        report.add(&mut self.registry, &ids).unwrap();
        report.lines().map(|line| format!("{} {} {}", line[2], line[4], line[5])).collect()
    }
}

fn period() -> Period {
    "2025-06".parse().unwrap()
}

fn request(name: &str) -> RoundRequest<'_> {
    RoundRequest { name, period: period(), programs: &[], kecamatan: &[], unverified_since: None, findings: None, by: "Operator Satu" }
}

fn counts(summary: &ImportSummary) -> [u64; 6] {
    assert_eq!(summary.read, summary.accepted + summary.rejected);
    [summary.accepted, summary.rejected, summary.new, summary.changed, summary.unchanged, summary.unfilled]
}

#[test]
fn a_word_that_an_older_version_stored_and_nobody_knows_is_not_checked() {
    let mut office = Office::new();
    diesel::insert_into(verification_rows::table)
        .values((
            verification_rows::id.eq(7 << 32),
            verification_rows::nik.eq(nik(0).parse::<i64>().unwrap()),
            verification_rows::round.eq("1"),
            verification_rows::date.eq("2025-05-05"),
            verification_rows::outcome.eq("entah"),
        ))
        .execute(office.registry.connection())
        .unwrap();
    office.import("verification.csv", format!("nik,round,date,outcome\n{},1,2025-05-06,Pindah\n", nik(1))).unwrap();
    diesel::sql_query("UPDATE verification_rows SET id = (SELECT max(id) FROM imports) << 32 WHERE outcome = 'entah'")
        .execute(office.registry.connection())
        .unwrap();
    let state = office.registry.state(period()).unwrap();
    let of = |n: u32| state.units.iter().find(|unit| unit.nik.expose_text() == nik(n)).unwrap().outcome;
    assert_eq!((of(0), of(1)), (Outcome::Unchecked, Outcome::Moved));
}

#[test]
fn an_unknown_word_is_rejected_with_those_that_are_known_and_an_empty_one_is_not_visited_yet() {
    let mut office = Office::new();
    let text = format!(
        "nik,round,date,outcome\n{},1,2025-06-05,entah\n{},1,,\n{},1,2025-06-05,\n{},1,2025-06-05,Di Hapus-Meninggal\n",
        nik(0),
        nik(1),
        nik(2),
        nik(3)
    );
    let summary = office.import("verification.csv", text).unwrap();
    assert_eq!(counts(&summary), [1, 2, 1, 0, 0, 1]);
    assert_eq!(office.report(), ["2 rejected outcome_unknown", "4 rejected outcome_unknown"]);
    assert!(crate::reason::words("outcome_unknown").1.contains("Tidak ditemukan"));
    office.registry.state(period()).unwrap();
}

#[test]
fn a_list_is_taken_once_and_of_each_person_once() {
    let mut office = Office::new();
    let opened = office.registry.open_round(&request("2025-T2")).unwrap();
    assert_eq!((opened.round.people, opened.again, opened.round.simulated), (30, false, true));
    assert_eq!((opened.round.opened_by.as_str(), opened.round.closed.clone()), ("Operator Satu", None));
    assert!(office.registry.open_round(&request("2025-T2")).unwrap().again);
    let pkh = ["PKH".parse().unwrap()];
    let other = office.registry.open_round(&RoundRequest { programs: &pkh, ..request("2025-T2") }).unwrap_err().to_string();
    assert!(other.contains("another name"), "{other}");
    let only = RoundRequest { programs: &pkh, ..request("PKH saja") };
    assert_eq!(office.registry.open_round(&only).unwrap().round.people, 10);
    let kecamatan = ["36.71.02".parse().unwrap()];
    let there = RoundRequest { kecamatan: &kecamatan, ..request("Jatiuwung") };
    assert_eq!(office.registry.open_round(&there).unwrap().round.people, 10);
    assert_eq!(office.registry.rounds().unwrap().len(), 3);
    // Recipients who come later are of no list that was taken before.
    office.import("dtks-2.csv", recipients(32)).unwrap();
    assert_eq!(office.registry.round("2025-T2").unwrap().people, 30);
}

#[test]
fn what_makes_no_round_is_refused_with_the_reason() {
    let mut office = Office::new();
    for (wrong, said) in [
        (request("2025-06"), "date or number"),
        (request("12/06/2025"), "date or number"),
        (request(""), "at most 40"),
        (request("=1+1"), "at most 40"),
        (RoundRequest { by: " ", ..request("a") }, "--by NAME"),
        (RoundRequest { period: "2025-07".parse().unwrap(), ..request("a") }, "no recipients"),
        (RoundRequest { programs: &["YAPI".parse().unwrap()], ..request("a") }, "PKH, SEMBAKO"),
        (RoundRequest { kecamatan: &["36.72.01".parse().unwrap()], ..request("a") }, "no kecamatan of 36.71"),
        (RoundRequest { kecamatan: &["36.71".parse().unwrap()], ..request("a") }, "no kecamatan of 36.71"),
        (RoundRequest { findings: Some(&RuleSettings::default()), ..request("a") }, "nobody"),
    ] {
        let error = office.registry.open_round(&wrong).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(office.registry.rounds().unwrap().is_empty());
    assert!(office.registry.round("a").unwrap_err().to_string().contains("bansos verify open"));
}

#[test]
fn those_who_were_checked_not_long_ago_are_left_out() {
    let mut office = Office::new();
    let rows = [(0, "2025-01-31", "Valid"), (1, "2024-06-30", "Valid"), (2, "2024-07-01", "Valid"), (3, "2025-06-01", "Belum cek")];
    let rows: Vec<String> = rows.iter().map(|(n, date, word)| format!("{},lama,{date},{word}", nik(*n))).collect();
    office.import("verification.csv", format!("nik,round,date,outcome\n{}\n", rows.join("\n"))).unwrap();
    let opened = office.registry.open_round(&RoundRequest { unverified_since: Some(12), ..request("T2") }).unwrap();
    assert_eq!((opened.round.people, opened.checked), (28, 2));
}

#[test]
fn those_with_findings_alone_can_be_visited() {
    let mut office = Office::new();
    office.import("deaths.csv", format!("nik,date_of_death\n{},2025-03-01\n{},2025-03-02\n", nik(4), nik(5))).unwrap();
    let settings = RuleSettings::default();
    let opened = office.registry.open_round(&RoundRequest { findings: Some(&settings), ..request("T2") }).unwrap();
    assert_eq!((opened.round.people, opened.round.with_findings), (2, true));
    assert!(office.registry.open_round(&request("T2")).unwrap_err().to_string().contains("another name"));
}

#[test]
fn results_are_counted_by_the_last_day_and_undone_like_any_import() {
    let mut office = Office::new();
    let round = office.open("T2");
    let text = format!(
        "No,NIK,Hasil,Tanggal\n1,{},Sesuai,05/06/2025\n2,{},,\n3,{},pindah,2025-06-07\n4,{},Meninggal,2198-01-01\n5,3671011203619999,Sesuai,05/06/2025\n",
        nik(0),
        nik(1),
        nik(20),
        nik(3)
    );
    let first = office.results("T2", "a.csv", &text).unwrap();
    assert_eq!(counts(&first), [2, 2, 2, 0, 0, 1]);
    assert_eq!(office.report(), ["5 rejected date_future", "6 rejected not_in_round"]);
    let progress = office.registry.round_progress(&round).unwrap();
    assert_eq!((progress.all.to_visit, progress.all.visited(), progress.all.last.as_deref()), (30, 2, Some("2025-06-07")));
    assert_eq!(progress.all.outcomes[Outcome::Moved as usize], 1);
    let jatiuwung = &progress.kecamatan[&"36.71.02".parse().unwrap()];
    assert_eq!((jatiuwung.to_visit, jatiuwung.visited()), (10, 1));
    assert_eq!(progress.kelurahan.len(), 3);
    assert_eq!(progress.kelurahan.values().map(|one| one.to_visit).sum::<u64>(), 30);

    // The same file again; the same sheet with more filled in; a later and an earlier day.
    let again = office.results("T2", "a.csv", &text).unwrap();
    assert!(again.already && again.new == 0 && again.changed == 0);
    let more = text.replace(&format!("2,{},,", nik(1)), &format!("2,{},Ganda,06/06/2025", nik(1)));
    assert_eq!(counts(&office.results("T2", "b.csv", more).unwrap()), [3, 2, 1, 0, 2, 0]);
    let later = format!("NIK,Hasil,Tanggal\n{},Menolak,09/06/2025\n{},Sesuai,01/06/2025\n", nik(0), nik(20));
    let later = office.results("T2", "c.csv", later).unwrap();
    assert_eq!(counts(&later), [2, 0, 0, 1, 1, 0]);
    let progress = office.registry.round_progress(&round).unwrap();
    assert_eq!((progress.all.visited(), progress.all.outcomes[Outcome::Refused as usize]), (3, 1));
    office.registry.undo(later.import_id).unwrap();
    let progress = office.registry.round_progress(&round).unwrap();
    assert_eq!((progress.all.visited(), progress.all.outcomes[Outcome::Refused as usize]), (3, 0));
    // The month's state says the same.
    let state = office.registry.state(period()).unwrap();
    let checked = state.units.iter().filter(|unit| unit.program == 1 && unit.outcome != Outcome::Unchecked).count();
    assert_eq!(checked, 3);
}

#[test]
fn results_that_contradict_each_other_are_reported() {
    let mut office = Office::new();
    office.open("T2");
    let header = "NIK,Hasil,Tanggal\n";
    office.results("T2", "a.csv", format!("{header}{},Sesuai,05/06/2025\n", nik(0))).unwrap();
    let other = office.results("T2", "b.csv", format!("{header}{},Meninggal,05/06/2025\n{},Sesuai,05/06/2025\n", nik(0), nik(1))).unwrap();
    assert_eq!((counts(&other), other.warned), ([2, 0, 1, 1, 0, 0], 1));
    let twice = format!("{header}{},Ganda,05/06/2025\n{},Pindah,08/06/2025\n{0},Ganda,05/06/2025\n", nik(4), nik(4));
    assert_eq!(office.results("T2", "c.csv", twice).unwrap().warned, 2);
    // A second visit that finds something else on a later day is none.
    assert_eq!(office.results("T2", "d.csv", format!("{header}{},Pindah,06/06/2025\n", nik(1))).unwrap().warned, 0);
    assert!(office.report().contains(&"2 warning results_differ".to_owned()));
}

#[test]
fn files_of_offices_in_their_own_words_are_read() {
    let mut office = Office::new();
    office.open("T2");
    let rows = ["Di Hapus-Meninggal", "Tidak Memiliki E-KTP", "Sembako/BPNT ganda BST", "B. Tidak layak", "Belum Cek"];
    let rows: Vec<String> = rows.iter().zip(0..).map(|(word, n)| format!("{};\"{word}\";01-06-2025", nik(n))).collect();
    let text = format!("NIK;STATUS;TGL CEK\n{}\n", rows.join("\n"));
    let summary = office.results("T2", "verivali.csv", text.replace("TGL CEK", "Tgl Verifikasi")).unwrap();
    assert_eq!(counts(&summary), [5, 0, 5, 0, 0, 0]);
    let round = office.registry.round("T2").unwrap();
    let progress = office.registry.round_progress(&round).unwrap();
    assert_eq!((progress.all.visited(), progress.all.outcomes[Outcome::Ineligible as usize]), (4, 2));
    // A file without a day, all of whose visits were on one.
    let files = [office.write("hari.csv", format!("NIK,HASIL\n{},Pindah\n", nik(6)))];
    let mapping = Mapping::of_round(None, "T2", Some("2025-06-20".parse().unwrap())).unwrap();
    let request = ImportRequest {
        files: &files,
        area: Some("36.71".parse().unwrap()),
        period: Some(period()),
        mapping: Some(&mapping),
        round: Some("T2"),
        ..ImportRequest::default()
    };
    assert_eq!(office.registry.import(&request, &mut |_| {}).unwrap()[0].accepted, 1);
}

#[test]
fn a_closed_round_takes_no_results_until_it_is_opened_again() {
    let mut office = Office::new();
    office.open("T2");
    assert!(!office.registry.close_round("T2", "Kepala").unwrap().1);
    let (round, again) = office.registry.close_round("T2", "Orang Lain").unwrap();
    assert!(again && round.closed.is_some_and(|(by, _)| by == "Kepala"));
    let text = format!("nik,round,date,outcome\n{},T2,2025-06-05,Sesuai\n{},lain,2025-06-05,Sesuai\n", nik(0), nik(1));
    let summary = office.import("a.csv", &text).unwrap();
    assert_eq!(counts(&summary), [1, 1, 1, 0, 0, 0]);
    assert_eq!(office.report(), ["2 rejected round_closed"]);
    assert!(!office.registry.reopen_round("T2", "Kepala").unwrap().1);
    // Rows of another round are not taken for those of this one.
    let summary = office.results("T2", "b.csv", text + "\n").unwrap();
    assert_eq!(counts(&summary), [1, 1, 1, 0, 0, 0]);
    assert!(office.report().contains(&"3 rejected round_other".to_owned()));
    assert!(office.registry.close_round("T3", "Kepala").unwrap_err().to_string().contains("there are T2"));
}

/// Unpacks a part of a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn sheets_hold_what_a_visit_needs_and_are_read_back() {
    let mut office = Office::new();
    let round = office.open("T2");
    let kelurahan = office.registry.round_kelurahan(&round).unwrap();
    assert_eq!(kelurahan.iter().map(|(_, people)| people).sum::<u64>(), 30);
    let (first, people) = kelurahan[0];
    let mut visits = office.registry.visits(&round, first).unwrap();
    assert_eq!(visits.len() as u64, people);
    let order: Vec<(&str, &str, &str)> = visits.iter().map(|visit| (&*visit.rw, &*visit.rt, &*visit.name)).collect();
    assert!(order.is_sorted());
    // As an older version may have kept it.
    visits[1].name = "=HYPERLINK(1) UJI".to_owned();
    let (name, bytes) = sheet(&round, first, &visits, Form::Xlsx).unwrap();
    assert!(name.starts_with("SIMULASI-36.71.") && name.ends_with(".xlsx"), "{name}");
    let xml = part(&bytes, "xl/worksheets/sheet1.xml");
    for said in ["sheetProtection", "dataValidation", "Tidak ditemukan,Tidak layak", "paperSize=\"9\"", "fitToHeight=\"0\"", "&amp;P"] {
        assert!(xml.contains(said), "{said}");
    }
    // What begins like a formula is text, and no cell is a formula.
    assert!(!xml.contains("<f>"));
    let empty = office.results("T2", "kosong.xlsx", &bytes).unwrap();
    assert_eq!((counts(&empty), empty.simulated), ([0, 0, 0, 0, 0, people], true));
    // The plain import knows it, too.
    let plain = office.import("kosong-2.xlsx", {
        let mut other = bytes.clone();
        other.push(0);
        other
    });
    assert_eq!(plain.map(|summary| (summary.layout, summary.unfilled)).unwrap(), (crate::Layout::Verification, people));

    let (name, bytes) = sheet(&round, first, &visits, Form::Csv).unwrap();
    assert!(name.ends_with(".csv"));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(&format!(",'{},", visits[0].nik.expose_text())) && text.contains(",'=HYPERLINK(1) UJI,"));
    let filled: Vec<String> = text
        .lines()
        .map(|line| if line.contains("UJI") { line.replace(",,,T2", ",Sesuai,17/06/2025,T2") } else { line.to_owned() })
        .collect();
    let summary = office.results("T2", "isi.csv", filled.join("\r\n")).unwrap();
    assert_eq!((summary.accepted, summary.rejected, summary.unfilled), (people, 0, 0));
}

#[test]
fn an_undone_import_takes_the_names_out_of_the_sheets() {
    let mut office = Office::new();
    let round = office.open("T2");
    let import = office.registry.imports().unwrap()[0].id;
    office.registry.undo(import).unwrap();
    let (first, people) = office.registry.round_kelurahan(&round).unwrap()[0];
    let visits = office.registry.visits(&round, first).unwrap();
    assert_eq!(visits.len() as u64, people);
    assert!(visits.iter().all(|visit| visit.name.is_empty() && visit.address.is_empty()));
}
