//! Rows are alike in tens, checked by a program that shares no code with the
//! product (tests/attack/check_rows.py), at the true size of the five
//! districts and at a small one.

use std::path::Path;
use std::process::Command;

use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

fn check(base: &str, more: &[&str]) -> Ran {
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("attack/check_rows.py")).arg(base).args(more);
    office::run(command, &scratch::print("check-rows"))
}

#[test]
fn classes_are_large_and_rows_keep_their_kelurahan_at_true_size() {
    let files = prepared::simulate("true-size", "1", 1, "11");
    let office = Office::open("true-size-office", None);
    let import = office.bansos(&["import", files.to_str().unwrap()]).succeeds();
    std::fs::remove_dir_all(files).unwrap();
    let publish = office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    println!("scale 1, one month: import {:.1} s, publish {:.1} s", import.seconds, publish.seconds);
    let server = office.serve();
    let checked = check(server.client().base(), &["--kelurahan", "95", "--sex", "90", "--rows", "100000"]);
    println!("{}", checked.stdout.trim_end());
    checked.succeeds();
}

#[test]
fn classes_are_large_in_small_data_too() {
    let office = &prepared::published().office;
    let server = office.serve();
    let checked = check(server.client().base(), &[]);
    println!("{}", checked.stdout.trim_end());
    checked.succeeds();

    // One row taken out of a class of the least size, and the checker must say so.
    let folder = office.releases().join("36.71-2025-04/data/recipients.csv");
    let text = std::fs::read_to_string(folder).unwrap();
    let mut classes: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate().skip(1) {
        classes.entry(line.split_once(',').unwrap().1).or_default().push(number);
    }
    let smallest = classes.values().min_by_key(|rows| rows.len()).unwrap();
    let without: Vec<&str> = lines
        .iter()
        .enumerate()
        .filter(|(number, _)| !smallest[10.min(smallest.len())..].contains(number))
        .map(|(_, line)| *line)
        .collect();
    assert!(without.len() < lines.len());
    let seeded = scratch::folder("seeded-rows").join("recipients.csv");
    std::fs::write(&seeded, without.join("\n") + "\n").unwrap();
    check(server.client().base(), &["--file", seeded.to_str().unwrap()]).fails().says(&["FAIL class"]);
}
