//! The attacks can fail: folders damaged by one violation of a kind
//! (`tests/attack/mutate`), sums and signatures mended, are refused under the
//! name of the attack the violation is for; folders written the same way
//! without damage pass.
//!
//! `BANSOS_SEEDS` says how many seeds of each kind (12), the first of which
//! `BANSOS_FIRST_SEED` gives (1); `BANSOS_RESULTS` names a file for the table of
//! what was found. `make attacks` sets all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use crate::office::{self, Office, Ran};
use crate::scratch;

const KINDS: [&str; 8] = ["k-atoms", "hidden-numbers", "whole-atoms", "differencing", "linkage", "money", "programs", "none"];

/// A year of two districts, the larger of which corrects two of its months, and
/// a quarter of two more with other programs.
static RELEASES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let office = Office::open("mutate", None);
    let files = office.data.with_file_name("files");
    for (scale, months, areas) in [("0.05", "12", ["36.71", "12.74"]), ("0.15", "3", ["33.28", "12.02"])] {
        let simulate = ["simulate", "--out", files.to_str().unwrap(), "--scale", scale, "--seed", "7", "--months", months];
        office.bansos(&[&simulate[..], &["--area", areas[0], "--area", areas[1]]].concat()).succeeds();
    }
    let import = office.bansos(&["import", files.to_str().unwrap()]).succeeds();
    std::fs::remove_dir_all(files).unwrap();
    let mut publish = office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds().seconds;
    for (release, reason) in [("36.71-2025-05", "late-data"), ("36.71-2025-12", "duplicates")] {
        let revise = ["publish", "--revise", release, "--reason", reason, "--by", "Operator Satu", "--yes"];
        publish += office.bansos(&revise).succeeds().seconds;
    }
    println!("thirty months of four districts, two corrections: import {:.1} s, publish {publish:.1} s", import.seconds);
    let mut releases: Vec<PathBuf> = std::fs::read_dir(office.releases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    releases.sort();
    assert_eq!(releases.len(), 32, "30 months, two of them twice");
    releases
});

/// A district's releases in the order they were published.
fn of_district(district: &str) -> Vec<PathBuf> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut releases: Vec<PathBuf> = RELEASES.iter().filter(|path| name(path).starts_with(district)).cloned().collect();
    releases.sort_by_key(|path| name(path).contains("-r"));
    releases
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// `tests/attack/mutate`, as it was built beside the other binaries.
fn mutate(kind: &str, seed: u64, folders: &[PathBuf], out: &Path) -> Ran {
    let mut command = Command::new(office::bansos_audit().with_file_name("mutate"));
    command.args(["--kind", kind, "--seed", &seed.to_string(), "--out"]).arg(out).arg("--in").args(folders);
    office::run(command, &scratch::print("mutate"))
}

fn attack(folders: &Path) -> Ran {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folders).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let mut command = Command::new(office::bansos_audit());
    command.arg("attack").args(all);
    office::run(command, &scratch::print("attack"))
}

/// What a seed did, and whether the right attack said so.
struct Tried {
    kind: &'static str,
    told: String,
    wrong: Option<String>,
}

/// One seed: `none` is given as many of a district's months as the seed says,
/// so that every prefix of its history is attacked, too.
fn attempt(kind: &'static str, seed: u64) -> Tried {
    let releases: Vec<PathBuf> = if kind == "none" {
        let district = of_district(["36.71", "12.74", "33.28", "12.02"][seed as usize % 4]);
        let months = 1 + (seed as usize / 4) % district.len();
        district[..months].to_vec()
    } else {
        RELEASES.clone()
    };
    let out = scratch::root().join(format!("mutate-{kind}-{seed}"));
    let made = mutate(kind, seed, &releases, &out);
    let told = made.stdout.trim_end().to_owned();
    if made.status.code() != Some(0) || !told.starts_with(kind) {
        return Tried { kind, told, wrong: Some(made.told()) };
    }
    let ran = attack(&out);
    let named = ran.stdout.lines().any(|line| line.starts_with(&format!("FAIL {kind} ")));
    let silent = !ran.stdout.contains("FAIL") && !ran.stdout.contains("ALTERED");
    let right = if kind == "none" { ran.status.success() && silent } else { ran.status.code() == Some(1) && named };
    std::fs::remove_dir_all(&out).unwrap();
    Tried { kind, wrong: (!right).then(|| format!("seed {seed}: {told}\n{}", ran.told())), told }
}

#[test]
fn every_violation_is_found_under_its_own_name_and_no_other_folder_is_refused() {
    let seeds = number("BANSOS_SEEDS", 12);
    let first = number("BANSOS_FIRST_SEED", 1);
    LazyLock::force(&RELEASES);
    let work: Vec<(&str, u64)> = KINDS.iter().flat_map(|kind| (first..first + seeds).map(|seed| (*kind, seed))).collect();
    let (next, tried) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((kind, seed)) = work.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let result = attempt(kind, *seed);
                    tried.lock().unwrap().push(result);
                }
            });
        }
    });
    let tried = tried.into_inner().unwrap();
    assert_eq!(tried.len(), work.len());
    let table = table(&tried, first, seeds);
    println!("{table}");
    if let Some(path) = std::env::var_os("BANSOS_RESULTS") {
        // Tests run in their package's folder.
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path), table).unwrap();
    }
    let wrong: Vec<&String> = tried.iter().filter_map(|tried| tried.wrong.as_ref()).collect();
    for wrong in &wrong {
        println!("NOT AS IT SHOULD BE: {}", wrong.lines().next().unwrap_or_default());
    }
    assert!(wrong.is_empty(), "{} of {} seeds:\n{}", wrong.len(), tried.len(), wrong[0]);
}

/// How often each violation was tried and found.
fn table(tried: &[Tried], first: u64, seeds: u64) -> String {
    let mut rows: BTreeMap<(usize, &str), (u64, u64)> = BTreeMap::new();
    for one in tried {
        let place = KINDS.iter().position(|kind| *kind == one.kind).unwrap();
        let row = rows.entry((place, one.told.split(' ').nth(1).unwrap_or("-"))).or_default();
        row.0 += 1;
        row.1 += u64::from(one.wrong.is_none());
    }
    let command = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output();
        output.map_or_else(|_| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let mut text = format!(
        "# Seeded violations and the attacks that find them\n\nWritten by `make attacks`, {}, commit {}. Seeds {first} to {} of each kind, on simulated districts: a year of 36.71 and 12.74 (scale 0.05) with two corrections, a quarter of 33.28 and 12.02 (scale 0.15).\n\n| kind | violation | seeds | found under its name |\n|---|---|---|---|\n",
        command("date", &["-u", "+%F"]),
        command("git", &["rev-parse", "--short", "HEAD"]),
        first + seeds - 1,
    );
    for ((place, damage), (all, right)) in rows {
        let (damage, found) = if KINDS[place] == "none" { ("undamaged", "passed") } else { (damage, "found") };
        let _ = writeln!(text, "| {} | {damage} | {all} | {right} {found} |", KINDS[place]);
    }
    text
}

#[test]
fn what_holds_no_place_is_said_and_nothing_is_written() {
    // One month of one district has no edition before it.
    let out = scratch::root().join("mutate-no-place");
    let ran = mutate("linkage", 1, &of_district("12.74")[..1], &out);
    assert_eq!(ran.status.code(), Some(3), "{}", ran.told());
    assert!(!out.exists() && !ran.stderr.is_empty() && ran.stdout.is_empty(), "{}", ran.told());
}

#[test]
fn a_seed_gives_the_same_folders_again() {
    let (one, other) = (scratch::root().join("mutate-once"), scratch::root().join("mutate-twice"));
    for out in [&one, &other] {
        mutate("differencing", 2, &RELEASES, out).succeeds();
    }
    let changed = |out: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let name = |path: &Path| path.strip_prefix(out).unwrap().to_owned();
        scratch::files(out).into_iter().map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
    };
    assert!(changed(&one) == changed(&other));
    // And they are not those that were given.
    let given = |path: &Path| std::fs::read(RELEASES[0].parent().unwrap().join(path)).unwrap_or_default();
    assert!(changed(&one).iter().any(|(path, bytes)| path.extension().is_some_and(|kind| kind == "csv") && *bytes != given(path)));
}
