//! Released files in the hands of those who use them: DuckDB, pandas and
//! pyarrow open every form with the right types and find the same rows
//! (tests/datasets; LibreOffice is in `make libreoffice`, since it is large).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::prepared;

/// The folder of the Python checks.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")
}

/// The Python that has what tests/datasets/requirements.txt names, made by
/// `scripts/need`.
pub fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made = Command::new(root.join("scripts/need")).arg("python:tests/datasets").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join("python/datasets/bin/python")
}

#[test]
fn every_form_opens_in_the_tools_that_people_have() {
    let releases = prepared::published().office.releases();
    // A release that took its rows, one that repeats them, and a kabupaten.
    let folders = ["36.71-2025-01", "36.71-2025-02", "33.28-2025-04"].map(|release| releases.join(release));
    let output = Command::new(python()).arg(folder().join("forms.py")).args(&folders).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_figure_that_differs_in_one_form_is_seen() {
    let release = prepared::published().office.releases().join("12.74-2025-01");
    let copy = crate::scratch::folder("datasets-damaged").join("12.74-2025-01");
    crate::scratch::copy(&release, &copy);
    let path = copy.join("data/totals.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    let damaged = text.replacen("\"value\":", "\"value\":1", 1);
    assert_ne!(text, damaged);
    // A file of its own: the copy may share the first one's bytes.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, damaged).unwrap();
    let output = Command::new(python()).arg(folder().join("forms.py")).arg(&copy).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("totals.ndjson"), "{said}");
}
