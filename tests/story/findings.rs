//! What the files say against each other, from made-up files with one case of
//! each rule through `check` and `review` (in a workbook, in bulk), to the
//! import that is taken back; nothing is lost where the command is killed.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader};

use crate::office::{self, Office, Ran};
use crate::{operator, scratch};

const AREA: &str = "36.71";
const PERIOD: &str = "2025-06";
const PLACE: [&str; 4] = ["--area", AREA, "--period", PERIOD];
const BY: [&str; 2] = ["--by", "Operator Temuan"];
const HEADER: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,BLT,PBI";

/// The nth man; from 90 on children.
fn nik(n: u32) -> String {
    let born = if n >= 90 { "10" } else { "60" };
    format!("3671011203{born}{n:04}")
}

fn card(n: u32) -> String {
    format!("367101120319{n:04}")
}

fn row(n: u32, on: u32, flags: &str) -> String {
    let flags: Vec<&str> = flags.chars().map(|flag| if flag == '1' { "YA" } else { "TIDAK" }).collect();
    let (nik, card) = (nik(n), card(on));
    format!("BANTEN,KOTA TANGERANG,TANGERANG,SUKARASA,{nik},{card},RAHASIA {n},Jalan Rahasia,001,002,{}\n", flags.join(","))
}

/// One case of each exact rule, and one who is left alone.
fn files(name: &str) -> PathBuf {
    let root = scratch::folder(name);
    let folder = root.join(AREA).join(PERIOD);
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let rows = [
        row(1, 1, "1000"),
        row(2, 2, "1000"),
        row(2, 2, "1000"),
        row(3, 3, "1000"),
        row(4, 4, "1000"),
        row(5, 5, "1000"),
        row(6, 6, "1000"),
        row(7, 7, "1000"),
        row(8, 8, "1000"),
        row(9, 9, "1000"),
        row(10, 9, "0010"),
        row(11, 11, "1000"),
        row(91, 12, "1000"),
        row(13, 13, "1000"),
        row(13, 14, "0001"),
    ];
    write("dtks.csv", format!("{HEADER}\n{}", rows.concat()));
    let kks = format!("{},PENYAMARAN,1,PKH,Tahap 2 Tahun 2025,600000\n", nik(3));
    write("kks.csv", format!("nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n{kks}"));
    write("deaths.csv", format!("nik,date_of_death\n{},2025-05-31\n{},2025-06-01\n", nik(4), nik(1)));
    let lists = [(5, "asn"), (6, "bumn"), (7, "pindah")].map(|(n, list)| format!("{},RAHASIA {n},{list},DINAS RAHASIA,\n", nik(n)));
    // On its own, to be taken back.
    std::fs::write(root.join("list.csv"), format!("nik,nama,daftar,instansi,per_tanggal\n{}", lists.concat())).unwrap();
    write("verification.csv", format!("nik,round,date,outcome\n{},R1,2025-05-20,DI HAPUS-TIDAK DITEMUKAN\n", nik(8)));
    write("dtsen.csv", format!("id_keluarga,no_kk,desil_nasional\nK11,{},7\nK1,{},4\n", card(11), card(1)));
    root
}

/// The counts that `check` writes, by rule and state.
fn counts(office: &Office, to: &Path) -> BTreeMap<String, u64> {
    let ran = office.bansos(&[&["check", "--csv", to.to_str().unwrap()], &PLACE[..]].concat()).succeeds();
    nameless(&ran);
    assert!(ran.stdout.contains("F04 meninggal") && ran.stdout.contains("Tangerang"), "{}", ran.told());
    let mut reader = csv::Reader::from_path(to).unwrap();
    let mut counts = BTreeMap::new();
    for record in reader.records().map(Result::unwrap) {
        assert_eq!((&record[0], &record[1]), (AREA, PERIOD));
        *counts.entry(format!("{} {}", &record[2], &record[5])).or_default() += record[6].parse::<u64>().unwrap();
    }
    counts
}

/// Nothing that a command prints without a terminal names anybody.
fn nameless(ran: &Ran) {
    for word in ["RAHASIA", "PENYAMARAN", "367101120360", "367101120319"] {
        assert!(!ran.stdout.contains(word) && !ran.stderr.contains(word), "a name or number is printed: {}", ran.line);
    }
}

fn of<'a>(counts: &'a BTreeMap<String, u64>, state: &str) -> Vec<&'a str> {
    counts.keys().filter_map(|key| key.strip_suffix(state)).map(str::trim_end).collect()
}

/// The workbook's sheets, filled in: each rule's decision, the columns turned round, a row added by hand.
fn filled(from: &Path, to: &Path, decisions: &[(&str, &str)]) {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(from).unwrap();
    let mut out = rust_xlsxwriter::Workbook::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).unwrap();
        let sheet = out.add_worksheet().set_name(&name).unwrap();
        let width = range.width();
        let text = |row: usize, column: usize| match range.get((row, column)) {
            Some(Data::String(text)) => text.clone(),
            _ => String::new(),
        };
        for row in 0..range.height() {
            for column in 0..width {
                let mut cell = text(row, column);
                if row > 1 && text(1, column) == "Keputusan" {
                    cell = decisions.iter().find(|(rule, _)| *rule == name).map_or_else(String::new, |(_, word)| (*word).to_owned());
                }
                sheet.write_string(row as u32, (width - 1 - column) as u16, cell).unwrap();
            }
        }
        sheet.write_string(range.height() as u32 + 3, 0, "diketik di bawah").unwrap();
    }
    out.save(to).unwrap();
}

#[test]
fn findings_are_counted_decided_and_gone_with_their_import() {
    let office = Office::open("findings", None);
    let files = files("findings-files");
    let out = scratch::folder("findings-out");
    let path = |name: &str| out.join(name).to_str().unwrap().to_owned();
    let csv = out.join("temuan.csv");
    office.bansos(&["import", files.join(AREA).to_str().unwrap()]).succeeds();
    let list = office.bansos(&[&["import", files.join("list.csv").to_str().unwrap()], &PLACE[..]].concat()).succeeds();
    let before = counts(&office, &csv);
    let exact = ["F01", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F11", "F12"];
    assert!(exact.iter().all(|rule| before.get(&format!("{rule} open")) == Some(&1)), "{before:?}");
    assert!(of(&before, "open").len() == before.len());

    // Names are for a terminal or a workbook.
    let ran = office.bansos(&[&["review"], &PLACE[..], &BY[..]].concat()).fails().says(&["terminal", "--out"]);
    nameless(&ran);
    let review = path("tinjau.xlsx");
    nameless(&office.bansos(&[&["review", "--out", &review], &PLACE[..]].concat()).succeeds());
    assert_eq!(std::fs::metadata(&review).unwrap().permissions().mode() & 0o777, 0o600);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&review).unwrap();
    let sheet = book.worksheet_range("F03").unwrap();
    let cells: Vec<String> = sheet.rows().nth(2).unwrap().iter().map(ToString::to_string).collect();
    assert!(cells.contains(&nik(3)) && cells.contains(&"RAHASIA 3".to_owned()) && cells.contains(&"PENYAMARAN".to_owned()), "{cells:?}");

    let done = path("isi.xlsx");
    filled(Path::new(&review), Path::new(&done), &[("F04", "terbukti"), ("F05", "bukan"), ("F08", "SELESAI"), ("F07", "entah")]);
    office.bansos(&[&["review", "--in", &done], &PLACE[..]].concat()).fails().says(&["--by"]);
    let read = [&["review", "--in", &done], &PLACE[..], &BY[..]].concat();
    // Killed before and after it is stored: nothing, then all of it.
    let killed = office.run(&office::bansos(), &read, &[("BANSOS_FAULT", "decide.commit.before")]);
    assert!(killed.killed(), "{}", killed.told());
    assert_eq!(counts(&office, &csv), before, "a killed command stored decisions");
    let ran =
        office.bansos(&read).succeeds().says(&["3 new, 0 unchanged", "1 not taken", "sheet F07, row 3", "terbukti, bukan or selesai"]);
    nameless(&ran);
    office.bansos(&read).succeeds().says(&["0 new, 3 unchanged", "read before"]);

    let bulk = [&["review", "--rule", "F06", "--decide", "confirmed"], &PLACE[..], &BY[..]].concat();
    office.bansos(&bulk).fails().says(&["1 findings would be confirmed", "nothing was decided", "--count 1"]);
    office.bansos(&[&bulk[..], &["--count", "2"]].concat()).fails().says(&["nothing was decided"]);
    office.bansos(&[&bulk[..], &["--count", "1"]].concat()).succeeds().says(&["1 findings confirmed"]);
    let after = counts(&office, &csv);
    assert_eq!(of(&after, "confirmed"), ["F04", "F06"]);
    assert_eq!((of(&after, "dismissed"), of(&after, "resolved")), (vec!["F05"], vec!["F08"]));

    // What the list said is gone with it; what was decided of it is listed as resolved.
    office.bansos(&["import", "--area", AREA, "--undo", &operator::number(&list)]).succeeds();
    let gone = counts(&office, &csv);
    assert_eq!(of(&gone, "resolved"), ["F05", "F06", "F08"]);
    assert!(!gone.keys().any(|key| key.starts_with("F07")), "{gone:?}");
}

#[test]
fn settings_of_the_rules_hold_and_a_wrong_one_is_said() {
    let office = Office::open("findings-settings", None);
    office.bansos(&["import", files("findings-settings-files").join(AREA).to_str().unwrap()]).succeeds();
    let settings = office.data.join("bansos.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.contains("[rules]") && text.contains("# desil = "), "init does not write the rules' settings");
    let with = |rules: &str| std::fs::write(&settings, text.replace("[rules]", &format!("[rules]\n{rules}"))).unwrap();
    let check = [&["check"], &PLACE[..]].concat();
    with("off = \"F03 F12\"\ndesil = \"2025-04: PKH 8\"");
    let csv = scratch::folder("findings-settings-out").join("temuan.csv");
    let counts = counts(&office, &csv);
    for rule in ["F03 open", "F10 open", "F12 open"] {
        assert!(!counts.contains_key(rule), "{counts:?}");
    }
    office.bansos(&check).says(&["dimatikan"]);
    for (wrong, says) in
        [("off = \"F77\"", "F77"), ("desil = \"2025: PKH 4\"", "rules.desil"), ("head = 17", "rules.head is not a setting")]
    {
        with(wrong);
        office.bansos(&check).fails().says(&[says]);
    }
}
