//! One case of each rule, and beside each somebody whom the rule must leave
//! alone, from files as small as they can be.

use std::path::PathBuf;

use super::*;
use crate::{ImportRequest, Mode};

const MONTH: &str = "2025-06";
const DTKS: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,BLT,PBI";

struct Office {
    folder: tempfile::TempDir,
    registry: Registry,
}

/// The nth man; the 90s are children.
fn nik(n: u32) -> String {
    let born = if (90..100).contains(&n) { "10" } else { "60" };
    format!("3671011203{born}{n:04}")
}

fn card(n: u32) -> String {
    format!("367101120319{n:04}")
}

/// A row of layout 2; `flags` are PKH, BPNT, BLT and PBI, `1` or `0`.
fn row(n: u32, on: u32, name: &str, flags: &str) -> String {
    row_in("SUKARASA", n, on, name, flags)
}

fn row_in(kelurahan: &str, n: u32, on: u32, name: &str, flags: &str) -> String {
    let flags: Vec<&str> = flags.chars().map(|flag| if flag == '1' { "YA" } else { "TIDAK" }).collect();
    format!("BANTEN,KOTA TANGERANG,TANGERANG,{kelurahan},{},{},{name},Jalan Uji,001,002,{}\n", nik(n), card(on), flags.join(","))
}

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(&folder.path().join("data"), "36.71".parse().unwrap()).unwrap();
        Office { folder, registry }
    }

    fn import(&mut self, month: &str, name: &str, text: &str) -> i64 {
        let path = self.folder.path().join("36.71").join(month).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let files: [PathBuf; 1] = [path];
        let request = ImportRequest { files: &files, mode: Mode::Snapshot, confirm: true, ..ImportRequest::default() };
        let summary = self.registry.import(&request, &mut |_| {}).unwrap().remove(0);
        assert_eq!(summary.rejected, 0, "{name}: {summary}");
        summary.import_id
    }

    fn recipients(&mut self, month: &str, rows: &[String]) -> i64 {
        self.import(month, "dtks.csv", &format!("{DTKS}\n{}", rows.concat()))
    }

    fn cases(&mut self) -> Vec<Case> {
        self.cases_of(MONTH, &RuleSettings::default())
    }

    fn cases_of(&mut self, month: &str, settings: &RuleSettings) -> Vec<Case> {
        self.registry.cases(month.parse().unwrap(), settings).unwrap()
    }

    /// Rule, serial of the NIK, ground and state of each case; of names the ground is a digest.
    fn told(&mut self) -> Vec<String> {
        self.cases().iter().map(told).collect()
    }

    fn decide(&mut self, month: &str, rule: Rule, state: State) -> u64 {
        let cases: Vec<Case> = self.cases_of(month, &RuleSettings::default()).into_iter().filter(|case| case.rule == rule).collect();
        let new: Vec<NewDecision<'_>> = cases.iter().map(|case| NewDecision { case, state, note: "" }).collect();
        self.registry.decide(month.parse().unwrap(), Decider { by: "Operator Satu", source: "" }, &new).unwrap()
    }
}

fn told(case: &Case) -> String {
    let ground = if case.rule == Rule::OtherName { "" } else { &case.ground };
    let kind = if case.subject == Subject::Family { " KK" } else { "" };
    format!("{} {}{kind} {ground} {}", case.rule, case.nik.expose() % 10_000, case.state.as_str())
}

/// Files with one case of each rule but F02.
fn one_of_each() -> Office {
    let mut office = Office::new();
    let mut rows = vec![
        row(1, 1, "ORANG BIASA", "1001"),
        // F01: PKH twice. Number 22 has another program in the second row.
        row(2, 2, "DUA KALI", "1000"),
        row(2, 2, "DUA KALI", "1001"),
        row(22, 22, "BUKAN DUA KALI", "1000"),
        row(22, 22, "BUKAN DUA KALI", "0001"),
        // F03
        row(3, 3, "SITI AMINAH", "1000"),
        row(4, 4, "MUH. RIDWAN", "1000"),
        // F04 to F08, each with one who only seems to be.
        row(5, 5, "MENINGGAL", "1000"),
        row(6, 6, "MASIH HIDUP BULAN INI", "1000"),
        row(7, 7, "PEGAWAI", "1000"),
        row(8, 8, "PEGAWAI NANTI", "1000"),
        row(9, 9, "KARYAWAN", "1000"),
        row(10, 10, "PINDAH", "1000"),
        row(11, 11, "HILANG", "1000"),
        row(12, 12, "DITEMUKAN", "1000"),
        // F09: PKH and BLT on one card; Sembako and PKH may come together.
        row(13, 13, "ISTRI", "1000"),
        row(14, 13, "SUAMI", "0010"),
        row(23, 23, "SEMBAKO DAN PKH", "1100"),
        // F10
        row(15, 15, "MAMPU", "1000"),
        row(16, 16, "BATAS", "0100"),
        // F11
        row(91, 17, "ANAK", "1000"),
        row(92, 18, "ANAK DENGAN IBU", "0001"),
        row(18, 18, "IBU", "1000"),
        // F12: two cards for one; a card that DTSEN does not know; one card in two places.
        row(19, 19, "DUA KARTU", "1000"),
        row(19, 24, "DUA KARTU", "0001"),
        row(20, 20, "KARTU LAIN", "1000"),
        row_in("SUKARASA", 25, 25, "DI SINI", "1000"),
        row_in("SUKAASIH", 26, 25, "DI SANA", "0001"),
        // On every list, but receives nothing.
        row(30, 30, "TIDAK MENERIMA", "0000"),
    ];
    // F12: 21 on one card; 20 on another.
    rows.extend((100..121).map(|n| row(n, 100, "BANYAK", if n == 100 { "1000" } else { "0000" })));
    rows.extend((130..150).map(|n| row(n, 130, "CUKUP", if n == 130 { "1000" } else { "0000" })));
    office.recipients(MONTH, &rows);
    let kks = [(3, "ROHANI"), (4, "RIDWAN MOHAMAD, S.Pd."), (1, "ORANG BISA")];
    let kks: String = kks.iter().map(|(n, name)| format!("{},\"{name}\",1,PKH,Tahap 2 Tahun 2025,600000\n", nik(*n))).collect();
    office.import(MONTH, "kks.csv", &format!("nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n{kks}"));
    let deaths = [(5, "2025-05-31"), (6, "2025-06-01"), (30, "2025-01-01")];
    let deaths: String = deaths.iter().map(|(n, day)| format!("{},{day}\n", nik(*n))).collect();
    office.import(MONTH, "deaths.csv", &format!("nik,date_of_death\n{deaths}"));
    let lists = [(7, "asn", ""), (8, "tni", "2025-07-01"), (9, "bumn", "2025-06-30"), (10, "pindah", ""), (30, "polri", "")];
    let names = ["PEGAWAI", "PEGAWAI NANTI", "KARYAWAN", "PINDAH", "TIDAK MENERIMA"];
    let lists: String =
        lists.iter().zip(names).map(|((n, list, day), name)| format!("{},{name},{list},DINAS UJI,{day}\n", nik(*n))).collect();
    office.import(MONTH, "list.csv", &format!("nik,nama,daftar,instansi,per_tanggal\n{lists}"));
    let checks = [
        (11, "2025-05-20", "DI HAPUS-TIDAK DITEMUKAN"),
        (12, "2025-05-01", "DI HAPUS-TIDAK DITEMUKAN"),
        (12, "2025-06-01", "VALID"),
        (12, "2025-06-02", "BELUM CEK"),
        (30, "2025-05-01", "DI HAPUS-TIDAK DITEMUKAN"),
    ];
    let checks: String = checks.iter().map(|(n, day, word)| format!("{},R1,{day},{word}\n", nik(*n))).collect();
    office.import(MONTH, "verification.csv", &format!("nik,round,date,outcome\n{checks}"));
    // The earlier ranking is not the last.
    let ranks = |desils: &[(u32, u32)]| -> String { desils.iter().map(|(n, desil)| format!("K{n},{},{desil}\n", card(*n))).collect() };
    office.import("2025-03", "dtsen.csv", &format!("id_keluarga,no_kk,desil_nasional\n{}", ranks(&[(15, 2), (1, 9)])));
    office.import(MONTH, "dtsen.csv", &format!("id_keluarga,no_kk,desil_nasional\n{}", ranks(&[(15, 5), (16, 5), (1, 4)])));
    let members = [(20, 29, "KARTU LAIN"), (1, 1, "ORANG BIASA")];
    let members: String = members.iter().map(|(n, on, name)| format!("K{on},{},{},{name},KEPALA KELUARGA\n", nik(*n), card(*on))).collect();
    office.import(MONTH, "dtsen-member.csv", &format!("id_keluarga,nik,no_kk,nama,hub_kepala_keluarga\n{members}"));
    office
}

const EACH: [&str; 13] = [
    "F01 2 PKH open",
    "F03 3  open",
    "F04 5  open",
    "F05 7 asn open",
    "F06 9 bumn open",
    "F07 10  open",
    "F08 11  open",
    "F09 14 KK BLT_DD+PKH open",
    "F10 15 KK PKH open",
    "F11 91 PKH open",
    "F12 19 two_cards open",
    "F12 20 card_differs open",
    "F12 25 KK two_kelurahan open",
];

#[test]
fn each_rule_finds_its_case_and_no_other() {
    let mut office = one_of_each();
    let mut expected: Vec<String> = EACH.iter().map(ToString::to_string).collect();
    expected.push("F12 100 KK too_many open".to_owned());
    let mut found = office.told();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    // Nothing that is shown without names has any.
    assert!(!format!("{:?}", office.cases()).contains("AMINAH"));
}

#[test]
fn the_kinds_of_a_rule_are_told_apart_by_settings() {
    let mut office = one_of_each();
    let settings = RuleSettings::read("F01 F03 F12", "BLT_DD+PBI_JK PKH+SEMBAKO", "2025-04: PKH 9, SEMBAKO 4", 16, 20).unwrap();
    let found: Vec<String> = office.cases_of(MONTH, &settings).iter().map(told).collect();
    assert!(found.iter().all(|case| !case.starts_with("F01") && !case.starts_with("F03") && !case.starts_with("F12")), "{found:?}");
    let of = |rule: &str| found.iter().filter(|case| case.starts_with(rule)).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("F09"), ["F09 23 KK PKH+SEMBAKO open"]);
    assert_eq!(of("F10"), ["F10 16 KK SEMBAKO open"]);
    assert_eq!(of("F11").len(), 1, "born in 2010 is 15 in June 2025");
}

#[test]
fn an_undone_import_takes_its_cases_with_it_and_a_decided_one_is_resolved() {
    let mut office = one_of_each();
    let period: Period = MONTH.parse().unwrap();
    assert_eq!(office.decide(MONTH, Rule::Deceased, State::Confirmed), 1);
    assert_eq!(office.decide(MONTH, Rule::Deceased, State::Confirmed), 0, "what stands is not stored again");
    let imports = office.registry.imports().unwrap();
    let of = |layout: &str| imports.iter().rev().find(|import| import.layout.as_str() == layout).unwrap().id;
    for layout in ["list", "deaths"] {
        office.registry.undo(of(layout)).unwrap();
    }
    let found = office.told();
    for rule in ["F05", "F06", "F07"] {
        assert!(!found.iter().any(|case| case.starts_with(rule)), "{found:?}");
    }
    assert!(found.contains(&"F04 5  resolved".to_owned()), "{found:?}");
    let gone = office.cases().into_iter().find(|case| case.rule == Rule::Deceased).unwrap();
    assert!(!gone.stands && gone.kelurahan.is_some());
    // And it is back with the file.
    office.import(MONTH, "deaths.csv", &format!("nik,date_of_death\n{},2025-05-31\n", nik(5)));
    assert!(office.told().contains(&"F04 5  confirmed".to_owned()));
    assert!(office.registry.decide(period, Decider { by: " ", source: "" }, &[]).is_err());
}

#[test]
fn decisions_last_as_the_definitions_say() {
    let mut office = one_of_each();
    let rows = [row(5, 5, "MENINGGAL", "1000"), row(7, 7, "PEGAWAI", "1000"), row(9, 9, "KARYAWAN", "1000")];
    office.recipients("2025-07", &rows);
    for (rule, state) in [(Rule::Deceased, State::Confirmed), (Rule::PublicServant, State::Dismissed), (Rule::Earner, State::Resolved)] {
        assert_eq!(office.decide(MONTH, rule, state), 1);
    }
    let found = office.told();
    for case in ["F04 5  confirmed", "F05 7 asn dismissed", "F06 9 bumn resolved"] {
        assert!(found.contains(&case.to_owned()), "{found:?}");
    }
    let next: Vec<String> = office.cases_of("2025-07", &RuleSettings::default()).iter().map(told).collect();
    assert!(next.contains(&"F04 5  confirmed".to_owned()) && next.contains(&"F05 7 asn dismissed".to_owned()), "{next:?}");
    // Said to be dealt with, and it is not.
    assert!(next.contains(&"F06 9 bumn open".to_owned()), "{next:?}");
    // Another list is another case.
    office.import("2025-07", "list2.csv", &format!("nik,daftar\n{},tni\n", nik(7)));
    let next: Vec<String> = office.cases_of("2025-07", &RuleSettings::default()).iter().map(told).collect();
    assert!(next.contains(&"F05 7 tni open".to_owned()) && next.contains(&"F05 7 asn dismissed".to_owned()), "{next:?}");
    let dismissed = office.registry.dismissed().unwrap();
    let who: Nik = nik(7).parse().unwrap();
    assert!(dismissed.has(Rule::PublicServant, who, "asn") && !dismissed.has(Rule::PublicServant, who, "tni"));
    // Taken back.
    assert_eq!(office.decide(MONTH, Rule::PublicServant, State::Open), 1);
    assert!(!office.registry.dismissed().unwrap().has(Rule::PublicServant, who, "asn"));
    let kept: i64 = crate::schema::decisions::table.count().get_result(office.registry.connection()).unwrap();
    assert_eq!(kept, 4, "a decision that is taken back stays");
    let changed = diesel::sql_query("DELETE FROM decisions").execute(office.registry.connection());
    assert!(changed.is_err(), "decisions can be removed");
}

#[test]
fn lists_of_recipients_and_payments_make_recipients() {
    let mut office = Office::new();
    office.recipients(MONTH, &[row(1, 1, "SATU", "1000"), row(2, 1, "DUA", "0000")]);
    let rows = format!(
        "{},DUA,MISKIN,SUKARASA,TANGERANG\n{},DUA,MISKIN,SUKARASA,TANGERANG\n{},LUAR,MISKIN,SUKARASA,TANGERANG\n",
        nik(2),
        nik(2),
        nik(40)
    );
    office.import(MONTH, "blt.csv", &format!("NIK,NAMA KEPALA KELUARGA,KRITERIA BLT,DESA,KECAMATAN\n{rows}"));
    office.import(MONTH, "deaths.csv", &format!("nik,date_of_death\n{},2025-01-05\n", nik(40)));
    let found = office.told();
    // By the list: twice in it, BLT beside PKH on the card, and dead without a record.
    assert_eq!(found, ["F01 2 BLT_DD open", "F04 40  open", "F09 2 KK BLT_DD+PKH open"]);
    let shown = {
        let cases = office.cases();
        office.registry.shown(&cases).unwrap()
    };
    assert_eq!((shown[1].name.as_str(), shown[1].family.as_str(), shown[1].programs.as_str()), ("LUAR", "", "BLT_DD"));
    assert_eq!((shown[2].name.as_str(), shown[2].other_name.as_str()), ("DUA", "SATU"));
}

#[test]
fn a_workbook_goes_out_and_comes_back_in() {
    use std::os::unix::fs::PermissionsExt;

    let mut office = one_of_each();
    let period: Period = MONTH.parse().unwrap();
    let settings = RuleSettings::default();
    let path = office.folder.path().join("tinjau.xlsx");
    let cases = office.cases();
    assert_eq!(office.registry.write_review(period, &cases, &path).unwrap(), 14);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // As it is: nothing is decided.
    let back = office.registry.read_review(period, &settings, &path, "Operator").unwrap();
    assert_eq!((back.new, back.unchanged, back.empty, back.problems.len()), (0, 0, 14, 0));

    // Filled, with columns moved, a row added by hand, an unknown word, a key that is none.
    let decided = |office: &Office, name: &str, rows: &[(&str, &str, i64)]| -> PathBuf {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (name, column) in ["Lain", "Versi", "Kunci", "Catatan", "KEPUTUSAN"].iter().zip(0u16..) {
            sheet.write_string(3, column, *name).unwrap();
        }
        for ((key, word, version), row) in rows.iter().zip(5u32..) {
            sheet.write_string(row, 1, version.to_string()).unwrap();
            sheet.write_string(row, 2, *key).unwrap();
            sheet.write_string(row, 3, "catatan").unwrap();
            sheet.write_string(row, 4, *word).unwrap();
        }
        let path = office.folder.path().join(name);
        book.save(&path).unwrap();
        path
    };
    let keys: Vec<String> = cases
        .iter()
        .map(|case| {
            let (rule, subject, ground) = case.key();
            format!("{rule}:{subject}:{ground}")
        })
        .collect();
    let rows = [
        (keys[0].as_str(), "Terbukti", 0),
        (&keys[1], "bukan", 0),
        (&keys[1], "bukan", 0),
        (&keys[2], "mungkin", 0),
        ("", "terbukti", 0),
        ("F04:1:x", "terbukti", 0),
        (&keys[3], "", 0),
    ];
    let file = decided(&office, "isi.xlsx", &rows);
    let back = office.registry.read_review(period, &settings, &file, "Operator Dua").unwrap();
    assert_eq!((back.new, back.unchanged, back.empty, back.already), (2, 0, 1, false), "{back:?}");
    let places: Vec<u64> = back.problems.iter().map(|problem| problem.row).collect();
    assert_eq!(places, [9, 10, 11], "{:?}", back.problems);
    assert!(back.problems.iter().all(|problem| !problem.problem.contains("3671")));
    let again = office.registry.read_review(period, &settings, &file, "Operator Dua").unwrap();
    assert_eq!((again.new, again.unchanged, again.already), (0, 3, true), "{again:?}");
    let found = office.cases();
    assert_eq!((found[0].state, found[1].state, found[2].state), (State::Confirmed, State::Dismissed, State::Open));
    assert_eq!(found[0].decision.as_ref().unwrap().by, "Operator Dua");

    // What was decided since the workbook was written stands.
    let stale = decided(&office, "lama.xlsx", &[(&keys[0], "bukan", 0), (&keys[1], "bukan", 0), (&keys[4], "selesai", 0)]);
    let back = office.registry.read_review(period, &settings, &stale, "Operator Tiga").unwrap();
    assert_eq!((back.new, back.unchanged, back.problems.len()), (1, 1, 1), "{back:?}");
    assert_eq!(office.cases()[0].state, State::Confirmed);
    let version = office.cases()[0].decision.as_ref().unwrap().id;
    let fresh = decided(&office, "baru.xlsx", &[(&keys[0], "bukan", version)]);
    assert_eq!(office.registry.read_review(period, &settings, &fresh, "Operator Tiga").unwrap().new, 1);

    let wrong = office.folder.path().join("dtks.txt");
    std::fs::write(&wrong, "a,b\n").unwrap();
    assert!(office.registry.read_review(period, &settings, &wrong, "Operator").is_err());
}

#[test]
fn what_looks_like_a_formula_stays_text_in_the_workbook() {
    use calamine::{Data, Reader};

    let mut office = Office::new();
    office.recipients(MONTH, &[row(1, 1, "+A1*2", "1000")]);
    office.import(MONTH, "deaths.csv", &format!("nik,date_of_death\n{},2025-01-05\n", nik(1)));
    let path = office.folder.path().join("tinjau.xlsx");
    let cases = office.cases();
    office.registry.write_review(MONTH.parse().unwrap(), &cases, &path).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let range = book.worksheet_range("F04").unwrap();
    assert_eq!(range.get((2, 1)), Some(&Data::String(nik(1))), "a NIK that is no text");
    assert_eq!(range.get((2, 2)), Some(&Data::String("+A1*2".to_owned())));
    assert_eq!(book.worksheet_formula("F04").unwrap().used_cells().count(), 0);
}
