//! `bansos-audit attack` from public files alone: sealed folders pass, and a
//! folder with a seeded violation fails by the name of the attack.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::office::{self, Ran};
use crate::{prepared, scratch, totals};

fn attack(folders: &[PathBuf]) -> Ran {
    let mut command = Command::new(office::bansos_audit());
    command.arg("attack").args(folders);
    office::run(command, &scratch::print("attack"))
}

/// A copy of a release with one file changed, and the manifest's entry of it
/// made to fit, so that only the attack can find it.
fn changed(name: &str, release: &str, file: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let folder = scratch::folder(name).join(release);
    scratch::copy(&prepared::published().office.releases().join(release), &folder);
    let path = folder.join("data").join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "the seeded violation changed nothing");
    std::fs::write(&path, &after).unwrap();
    refit(&folder, file, &after);
    folder
}

fn refit(folder: &Path, file: &str, text: &str) {
    let path = folder.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let entry = manifest["files"].as_array_mut().unwrap().iter_mut().find(|entry| entry["path"] == format!("data/{file}")).unwrap();
    entry["sha256"] = totals::sha256(text.as_bytes()).into();
    entry["bytes"] = text.len().into();
    entry["rows"] = (text.lines().count() - 1).into();
    // Canonical JSON: the manifest's keys are ASCII, and serde_json sorts them.
    std::fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

#[track_caller]
fn found(ran: Ran, attack: &str, release: &str) {
    assert_eq!(ran.status.code(), Some(1), "exit status: {}", ran.told());
    let line = ran.stdout.lines().find(|line| line.starts_with(&format!("FAIL {attack} {release} ")));
    assert!(line.is_some(), "no line `FAIL {attack} {release} TABLE CELL`: {}", ran.told());
}

#[test]
fn sealed_releases_pass() {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(prepared::published().office.releases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let ran = attack(&folders).succeeds();
    assert!(!ran.stdout.contains("FAIL"), "{}", ran.told());
    println!("attacks on {} sealed releases: {:.1} s", folders.len(), ran.seconds);
}

#[test]
fn an_atom_under_k_is_found() {
    let release = "36.71-2025-04";
    // One atom left with ten members, in atoms and in rows alike.
    let folder = changed("attack-k", release, "atoms.csv", |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let first = lines[1].rsplit_once(',').unwrap().0.to_owned();
        lines[1] = format!("{first},10");
        lines.join("\n") + "\n"
    });
    let atoms = std::fs::read_to_string(folder.join("data/atoms.csv")).unwrap();
    let fields: Vec<&str> = atoms.lines().nth(1).unwrap().split(',').collect();
    let rows = std::fs::read_to_string(folder.join("data/recipients.csv")).unwrap();
    let atom: u32 = fields[2].parse().unwrap();
    let mut kept = 0;
    let fewer: Vec<&str> = rows
        .lines()
        .filter(|line| {
            let parts: Vec<&str> = line.split(',').next().unwrap().split('/').collect();
            let member = parts.len() == 4 && parts[1] == fields[1] && parts[2].parse() == Ok(atom);
            kept += u32::from(member);
            !member || kept <= 10
        })
        .collect();
    let fewer = fewer.join("\n") + "\n";
    std::fs::write(folder.join("data/recipients.csv"), &fewer).unwrap();
    refit(&folder, "recipients.csv", &fewer);
    found(attack(&[folder]), "k-atoms", release);
}

#[test]
fn a_total_that_is_no_sum_of_whole_atoms_is_found() {
    let release = "36.71-2025-04";
    // An exact kelurahan total beside recoded rows: one more person than the
    // atoms of the kelurahan can hold, taken from a sibling.
    let folder = changed("attack-whole", release, "totals.csv", |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines
            .iter()
            .position(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                fields[0].len() == 13 && fields[1] == "PBI_JK" && fields[5].parse::<u64>().is_ok_and(|value| value > 20)
            })
            .expect("no kelurahan total of PBI_JK");
        let mut fields: Vec<String> = lines[at].split(',').map(str::to_owned).collect();
        fields[5] = (fields[5].parse::<u64>().unwrap() + 1).to_string();
        lines[at] = fields.join(",");
        lines.join("\n") + "\n"
    });
    found(attack(&[folder]), "whole-atoms", release);
}

#[test]
fn a_changed_file_is_not_taken_for_the_release() {
    let release = "12.74-2025-04";
    let folder = scratch::folder("attack-changed").join(release);
    scratch::copy(&prepared::published().office.releases().join(release), &folder);
    let path = folder.join("data/flows.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + " ").unwrap();
    attack(&[folder]).fails().says(&["flows.csv"]);
}
