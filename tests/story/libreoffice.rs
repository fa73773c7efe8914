//! Files that LibreOffice wrote (tests/fixtures/libreoffice tells how), imported
//! like those of any other program. `make libreoffice` does the same live, both ways.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::office::{Office, Ran};
use crate::scratch;

const PLACE: [&str; 4] = ["--area", "36.71", "--period", "2025-06"];

fn fixture(name: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/libreoffice").join(name)
}

fn import(office: &Office, name: &str, more: &[&str]) -> Ran {
    office.bansos(&[&["import", fixture(name).to_str().unwrap()], &PLACE[..], more].concat())
}

/// What the report says, without the names of files and sheets.
fn reported(office: &Office, name: &str) -> BTreeSet<(String, String, String)> {
    let path = scratch::root().join(format!("libreoffice-{name}-report.csv"));
    import(office, name, &["--report", path.to_str().unwrap()]).succeeds();
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(Result::unwrap).map(|line| (line[2].to_owned(), line[3].to_owned(), line[5].to_owned())).collect()
}

#[test]
fn workbooks_say_the_same_as_the_text_they_were_made_of() {
    let mut first = None;
    for ending in ["csv", "xlsx", "ods", "xls"] {
        let office = Office::open(&format!("libreoffice-{ending}"), None);
        let name = format!("penerima.{ending}");
        let found = reported(&office, &name);
        assert_eq!(found.len(), 2, "{name}: {found:?}");
        assert_eq!(first.get_or_insert_with(|| found.clone()), &found, "{name}");
        import(&office, &name, &[]).succeeds().says(&["0 new"]);
        // Days stand in them as days, and three of the recipients died.
        import(&office, &format!("kematian.{ending}"), &[]).succeeds().says(&["3 read, 3 accepted", "3 findings"]);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_do() {
    let office = Office::open("libreoffice-refused", None);
    for (name, words) in [
        ("penerima-sandi.xlsx", ["protected by a password", "remove the password"]),
        ("penerima-angka.xlsx", ["lost the last", "cannot be restored"]),
        ("penerima-utf16.csv", ["UTF-16", "save it as CSV (UTF-8)"]),
        ("biner.xlsb", ["binary workbook (.xlsb)", "save the table as .xlsx"]),
    ] {
        import(&office, name, &[]).fails().says(&[name]).says(&words);
    }
    office.bansos(&["publish", "--area", "36.71", "--period", "2025-06", "--by", "Operator Satu", "--draft"]).fails();
}

#[test]
fn a_sheet_filled_in_and_saved_by_libreoffice_is_read_back() {
    let office = Office::open("libreoffice-sheet", None);
    import(&office, "penerima.csv", &[]).succeeds();
    let open = ["verify", "open", "--area", "36.71", "--period", "2025-06", "--name", "UJI-1", "--by", "Operator Satu"];
    office.bansos(&open).succeeds().says(&["10 to visit"]);
    for ending in ["xlsx", "ods"] {
        let office = office.copy(&format!("libreoffice-sheet-{ending}"));
        let sheet = fixture(&format!("lembar.{ending}"));
        let ran = office.bansos(&["verify", "import", "UJI-1", sheet.to_str().unwrap(), "--area", "36.71"]).succeeds();
        ran.says(&["2 read, 2 accepted", "2 not filled in yet", "2 of 10 visited", "0 rejected"]);
        office.bansos(&["verify", "status", "UJI-1", "--area", "36.71"]).succeeds().says(&["2025-06-17", "Meninggal"]);
    }
}
