//! Files that are not what they should be: a clear message that names the file
//! (and the place in it), an exit status other than 0, and nothing written.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

const DISTRICT: &str = "12.74";
const PERIOD: &str = "2025-02";

/// An office with one month, to see that nothing is added to it.
static OFFICE: LazyLock<Office> = LazyLock::new(|| {
    let office = Office::open("bad-input", None);
    office.bansos(&["import", prepared::month(DISTRICT, "2025-01").to_str().unwrap()]).succeeds();
    office
});

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| scratch::folder("bad-input-files"));

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = FOLDER.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn import(path: &Path) -> Ran {
    let copy = OFFICE.copy(&format!("bad-input-{}", path.file_name().unwrap().to_str().unwrap().replace('.', "-")));
    let ran = copy.bansos(&["import", path.to_str().unwrap(), "--area", DISTRICT, "--period", PERIOD]);
    if !ran.status.success() {
        // Nothing written: the month cannot be published, and the one before is as it was.
        copy.bansos(&["publish", "--area", DISTRICT, "--period", PERIOD, "--by", "Operator Satu", "--draft"]).fails();
        copy.bansos(&["import", prepared::month(DISTRICT, "2025-01").to_str().unwrap()]).succeeds().says(&["0 new"]);
    }
    ran
}

#[track_caller]
fn refused(path: &Path) -> Ran {
    import(path).fails().says(&[path.file_name().unwrap().to_str().unwrap()])
}

#[test]
fn files_that_are_no_table_are_refused() {
    refused(&file("empty.csv", b""));
    refused(&file("blank.csv", b"\n\n\n"));
    refused(&file("words.csv", b"Ini bukan tabel.\nHanya dua baris kata.\n"));
    let binary: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refused(&file("binary.csv", &binary));
    refused(&file("zip.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml"));
    let folder = FOLDER.join("folder.csv");
    std::fs::create_dir_all(&folder).unwrap();
    refused(&folder);
    import(&FOLDER.join("absent.csv")).fails().says(&["absent.csv"]);
}

#[test]
fn a_layout_that_is_not_known_is_refused_with_what_is() {
    let ran = refused(&file("other.csv", b"kode,nama,jumlah\n1,Ciledug,20\n2,Larangan,30\n"));
    ran.says(&["dtks", "kks", "pbi-jk", "plan", "verification", "deaths"]);
}

#[test]
fn a_quote_that_never_closes_is_refused() {
    let mut dtks = prepared::dtks(DISTRICT, PERIOD);
    let place = 60;
    dtks.rows[place].insert(0, '"');
    let line = dtks.head.lines().count() + place + 1;
    let ran = refused(&file("quotes.csv", (dtks.head + &dtks.rows.join("\n") + "\n").as_bytes()));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains(&line.to_string()), "the message does not name line {line}, where the quote opens: {}", ran.told());
}

/// A line of 64 MB in a command that may use 1 GB of address space, and one of
/// 2 GB (a hole in a sparse file): both refused long before they are read whole.
#[test]
fn a_huge_line_is_refused_in_little_memory() {
    let long = FOLDER.join("long-line.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&long).unwrap());
    out.write_all(prepared::dtks(DISTRICT, PERIOD).head.as_bytes()).unwrap();
    out.write_all(b"\"").unwrap();
    for _ in 0..64 {
        out.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    out.flush().unwrap();
    let sparse = file("sparse-line.csv", prepared::dtks(DISTRICT, PERIOD).head.as_bytes());
    std::fs::OpenOptions::new().write(true).open(&sparse).unwrap().set_len(2 << 30).unwrap();
    for path in [long, sparse] {
        let mut command = Command::new("sh");
        command.args(["-c", r#"ulimit -v 1048576; exec "$@""#, "sh"]).arg(office::bansos()).arg("--data").arg(&OFFICE.data);
        command.args(["import", path.to_str().unwrap(), "--area", DISTRICT, "--period", PERIOD]);
        let name = path.file_name().unwrap().to_str().unwrap();
        let ran = office::run(command, &scratch::print(name)).fails().says(&[name]);
        assert!(!ran.stderr.contains("memory allocation"), "{}", ran.told());
        println!("{name}: refused in {:.1} s", ran.seconds);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    // Long enough that reading it takes a while: the same good rows many times.
    let dtks = prepared::dtks("33.28", PERIOD);
    let path = FOLDER.join("changing.csv");
    let rows = dtks.rows.join("\n") + "\n";
    let mut text = dtks.head;
    while text.len() < 24 << 20 {
        text.push_str(&rows);
    }
    std::fs::write(&path, text).unwrap();
    let done = AtomicBool::new(false);
    let line = &dtks.rows[0];
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
                writeln!(file, "{line}").unwrap();
            }
        });
        let office = Office::open("changing", None);
        let ran = office.bansos(&["import", path.to_str().unwrap(), "--area", "33.28", "--period", PERIOD]);
        done.store(true, Ordering::SeqCst);
        office.bansos(&["publish", "--area", "33.28", "--period", PERIOD, "--by", "Operator Satu", "--draft"]).fails();
        ran
    });
    ran.fails().says(&["changing.csv"]);
}
