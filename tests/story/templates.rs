//! Files to fill in: refused while they are empty, imported whole once they are filled.

use std::path::Path;

use crate::office::Office;
use crate::scratch;

const LAYOUTS: [&str; 6] = ["plan", "verification", "deaths", "list", "complaints", "usulan"];
const PLACE: [&str; 4] = ["--area", "36.71", "--period", "2025-06"];

fn template(office: &Office, name: &str, flags: &[&str]) -> std::path::PathBuf {
    let out = scratch::folder(name).join("templat");
    office.bansos(&[&["template", "--out", out.to_str().unwrap()], flags].concat()).succeeds().says(&["6 templates"]);
    out
}

fn import(office: &Office, path: &Path) -> crate::office::Ran {
    office.bansos(&[&["import", path.to_str().unwrap()], &PLACE[..]].concat())
}

#[test]
fn an_empty_template_is_refused_and_its_examples_are_imported_whole() {
    let office = Office::open("templates", None);
    let empty = template(&office, "templates-empty", &["--area", "36.71"]);
    let filled = template(&office, "templates-filled", &["--area", "36.71", "--examples"]);
    for layout in LAYOUTS {
        for ending in ["xlsx", "csv"] {
            let name = format!("{layout}.{ending}");
            import(&office, &empty.join(&name)).fails().says(&[&name, "empty template", "fill in the sheet Data"]);
            import(&office, &filled.join(&name)).succeeds().says(&[&format!(": {layout} for 36.71"), "2 read, 2 accepted", "0 rejected"]);
        }
    }
    office.bansos(&["template", "kks", "--out", "x"]).fails().says(&["complaints"]);
    office.bansos(&["template", "plan", "--out", empty.to_str().unwrap()]).fails().says(&["is there already"]);
}

/// Filled in by hand, as an office would: words of the lists, dates as they are written here.
#[test]
fn a_template_filled_in_as_text_is_imported_without_rejection() {
    let office = Office::open("templates-text", None);
    let out = template(&office, "templates-text-files", &[]);
    let nik = |n: u32| format!("'367101520384{n:04}");
    let rows = [
        ("plan", vec!["Tangerang,PKH,2025-06,1.200,Rp900.000.000,12,3,,DPA".to_owned(), "JATIUWUNG,SEMBAKO,2025-06,80,,,,,".to_owned()]),
        (
            "verification",
            vec![format!("{},2025-T2,17 Juni 2025,Tidak ditemukan", nik(9001)), format!("{},2025-T2,2025-06-18,Aktif", nik(9002))],
        ),
        ("deaths", vec![format!("{},02/05/2025", nik(9003))]),
        ("list", vec![format!("{},UJI SATU,PNS,Dinas Contoh,", nik(9004)), format!("{},,Pindah,,01-06-2025", nik(9005))]),
        ("complaints", vec!["03/06/2025,Cek Bansos,Pungutan,Tangerang,PKH,Terbukti,20/06/2025".to_owned()]),
        (
            "usulan",
            vec![format!("{},PKH,'3671011203190001,UJI SATU,UJI,12/03/1984,UJI,PEREMPUAN,,,JALAN UJI,1,2,,,,,TIDAK,,TIDAK,", nik(9006))],
        ),
    ];
    for (layout, rows) in rows {
        let path = out.join(format!("{layout}.csv"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text + &rows.join("\r\n") + "\r\n").unwrap();
        let expected = format!("{} read, {} accepted", rows.len(), rows.len());
        import(&office, &path).succeeds().says(&[&format!(": {layout} for 36.71"), &expected, "0 rejected"]);
    }
}
