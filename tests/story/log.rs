//! The transparency log seen by others: a verifier written from the C2SP texts
//! in Python (`tests/log/verify.py`) says of every log, sound or damaged, what
//! the product says; witnesses cosign; keys are changed, and killed at every
//! point of that.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

fn python(folder: &Path, more: &[&str]) -> Ran {
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("log/verify.py")).arg(folder.join("log"));
    command.arg("--key").arg(folder.join("keys/log.vkey")).args(more);
    office::run(command, &scratch::print("verify"))
}

/// `tests/attack/src/made_log.rs`, as it was built beside the other binaries.
fn made_log(args: &[&str]) -> Ran {
    let mut command = Command::new(office::bansos_audit().with_file_name("made-log"));
    command.args(args);
    office::run(command, &scratch::print("made-log"))
}

fn audit(args: &[&str]) -> Ran {
    let mut command = Command::new(office::bansos_audit());
    command.args(args);
    office::run(command, &scratch::print("audit"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Both verifiers find nothing.
#[track_caller]
fn sound(folder: &Path, more: &[&str]) -> Ran {
    made_log(&["verify", text(folder)]).succeeds();
    python(folder, more).succeeds().says(&["nothing is wrong"])
}

/// One bit of a file, in its middle: both verifiers find it, and name the file.
#[track_caller]
fn damaged(folder: &Path, file: &str) {
    let path = folder.join("log").join(file);
    let good = std::fs::read(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut bad = good.clone();
    let at = bad.len() / 2;
    bad[at] ^= 1;
    std::fs::write(&path, &bad).unwrap();
    let told = python(folder, &[]);
    assert_eq!(told.status.code(), Some(1), "{file}: {}", told.told());
    // A changed entry shows at its tile, too.
    let about = file.replacen("entries", "0", 1);
    assert!(
        told.stdout.contains(&format!("WRONG {file}: ")) || told.stdout.contains(&format!("WRONG {about}: ")),
        "{file}: {}",
        told.told()
    );
    let ours = made_log(&["verify", text(folder)]).fails();
    assert!(file == "checkpoint" || ours.stdout.contains(&format!("WRONG {file}: ")), "{file}: {}", ours.told());
    std::fs::write(&path, good).unwrap();
}

/// Log and keys of the shared office.
fn published(name: &str) -> PathBuf {
    let folder = scratch::folder(name).join("data");
    std::fs::create_dir_all(&folder).unwrap();
    for part in ["log", "keys"] {
        scratch::copy(&prepared::published().office.data.join(part), &folder.join(part));
    }
    folder
}

#[test]
fn a_verifier_from_the_specification_agrees_over_an_office() {
    let folder = published("log-office");
    let size = prepared::DISTRICTS.len() * prepared::MONTHS.len();
    sound(&folder, &[]).says(&[&format!("{size} entries"), &format!("inclusion: {size} entries")]);
    for file in [format!("tile/0/000.p/{size}"), format!("tile/entries/000.p/{size}"), "checkpoint".to_owned()] {
        damaged(&folder, &file);
    }
    // The proof of an entry, in a file of its own.
    let proof = folder.join("proof");
    std::fs::write(&proof, made_log(&["prove", text(&folder), "3"]).succeeds().stdout).unwrap();
    python(&folder, &["--proof", text(&proof)]).succeeds().says(&["proves entry 3"]);
    let other = std::fs::read_to_string(&proof).unwrap().replacen("index 3", "index 4", 1);
    std::fs::write(&proof, other).unwrap();
    python(&folder, &["--proof", text(&proof)]).fails().says(&["does not prove its entry"]);
}

#[test]
fn both_agree_over_seventy_thousand_entries() {
    let folder = scratch::folder("log-made");
    made_log(&["make", text(&folder), "65530", "65500"]).succeeds();
    made_log(&["make", text(&folder), "70000", "4000"]).succeeds();
    let kept = |size: u32| folder.join("checkpoints").join(size.to_string());
    for size in [65_500, 65_530, 69_530, 70_000] {
        made_log(&["compare", text(&folder), text(&kept(size))]).succeeds();
    }
    let kept: Vec<PathBuf> = [65_500, 65_530, 69_530].map(kept).into();
    let ran = sound(&folder, &["--kept", text(&kept[0]), "--kept", text(&kept[1]), "--kept", text(&kept[2])]);
    println!("70,000 entries in Python: {:.1} s", ran.seconds);
    // A bit in a tile of each kind: of each level, whole and partial, and of entries.
    for file in
        ["tile/0/012", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/200", "tile/entries/273.p/112"]
    {
        damaged(&folder, file);
    }

    // Truncated: the log is put back to an earlier state.
    let cut = scratch::folder("log-cut").join("data");
    scratch::copy(&folder, &cut);
    std::fs::copy(&kept[1], cut.join("log/checkpoint")).unwrap();
    sound(&cut, &[]);
    let last = folder.join("checkpoints/70000");
    made_log(&["compare", text(&cut), text(&last)]).fails().says(&["entries were dropped"]);
    python(&cut, &["--kept", text(&last)]).fails().says(&["entries were dropped"]);

    // Forked: another history by the same key.
    let fork = scratch::folder("log-fork");
    scratch::copy(&folder.join("keys"), &fork.join("keys"));
    made_log(&["make", text(&fork), "70000", "70000", "68000"]).succeeds();
    sound(&fork, &["--kept", text(&kept[1])]);
    for checkpoint in [&kept[2], &last] {
        made_log(&["compare", text(&fork), text(checkpoint)]).fails().says(&["forked"]);
        python(&fork, &["--kept", text(checkpoint)]).fails().says(&["forked"]);
    }
}

#[test]
fn a_witness_cosigns_offline() {
    let folder = published("log-witness");
    std::fs::remove_dir_all(folder.join("log")).unwrap();
    std::fs::create_dir_all(folder.join("releases")).unwrap();
    let office = Office::at(folder.clone(), None);
    scratch::copy(&prepared::published().office.data.join("log"), &folder.join("log"));
    let own = folder.with_file_name("witness");
    std::fs::create_dir_all(&own).unwrap();
    let (key, memory, log_key) = (own.join("w"), own.join("memory"), folder.join("keys/log.vkey"));
    audit(&["witness-key", "--name", "saksi.example/w1", text(&key)]).succeeds();
    audit(&["witness-key", "--name", "saksi.example/w1", text(&key)]).fails();
    let secret = own.join("w.key");
    let cosign =
        |place: &Path| audit(&["cosign", text(place), "--key", text(&secret), "--log-key", text(&log_key), "--memory", text(&memory)]);
    let line = own.join("line");
    std::fs::write(&line, cosign(&folder).succeeds().stdout).unwrap();
    // The host does not know the witness yet.
    office.api(&["cosign", "--checkpoint", text(&line)]).fails().says(&["witness-NAME.vkey"]);
    std::fs::copy(own.join("w.vkey"), folder.join("keys/witness-w1.vkey")).unwrap();
    let before = std::fs::read_to_string(folder.join("log/checkpoint")).unwrap();
    office.api(&["cosign", "--checkpoint", text(&line)]).succeeds().says(&["cosigned by saksi.example/w1"]);
    let after = std::fs::read_to_string(folder.join("log/checkpoint")).unwrap();
    assert!(after.starts_with(&before) && after.len() > before.len(), "the signed text changed:\n{after}");
    let witness = folder.join("keys/witness-w1.vkey");
    sound(&folder, &["--witness", text(&witness)]).says(&["1 cosignatures"]);
    // A changed cosignature is found.
    let at = after.len() - 20;
    let mut bad = after.clone().into_bytes();
    bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(folder.join("log/checkpoint"), bad).unwrap();
    python(&folder, &["--witness", text(&witness)]).fails().says(&["saksi.example/w1 does not stand"]);
    std::fs::write(folder.join("log/checkpoint"), after).unwrap();

    // What was dropped or rewritten is refused, and the memory stays.
    let kept = std::fs::read(&memory).unwrap();
    let fork = scratch::folder("log-witness-fork");
    scratch::copy(&folder.join("keys"), &fork.join("keys"));
    std::fs::remove_file(fork.join("keys/log.key")).unwrap();
    std::fs::copy(folder.join("keys/log.key"), fork.join("keys/log.key")).unwrap();
    made_log(&["make", text(&fork), "40"]).succeeds();
    cosign(&fork).fails().says(&["not cosigned", "forked"]);
    std::fs::remove_dir_all(fork.join("log")).unwrap();
    made_log(&["make", text(&fork), "5"]).succeeds();
    cosign(&fork).fails().says(&["entries were dropped"]);
    assert!(std::fs::read(&memory).unwrap() == kept);
}

const DISTRICT: &str = "12.74";

fn publish(office: &Office, month: &str) {
    office.bansos(&["import", prepared::month(DISTRICT, month).to_str().unwrap()]).succeeds();
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
}

#[test]
fn keys_are_changed_and_everything_goes_on() {
    let office = Office::open("log-rotate", None);
    publish(&office, "2025-01");
    let kept = office.data.with_file_name("kept");
    std::fs::create_dir_all(&kept).unwrap();
    for file in ["log.vkey", "district-12.74.vkey"] {
        std::fs::copy(office.data.join("keys").join(file), kept.join(file)).unwrap();
    }
    let old = std::fs::read(office.data.join("keys/district-12.74.key")).unwrap();
    office.bansos(&["rotate-key", "--district", DISTRICT]).succeeds().says(&["release 12.74-2025-01"]);
    office.bansos(&["rotate-key", "--log"]).succeeds().says(&["checkpoint 1 "]);
    assert!(std::fs::read(office.data.join("keys/district-12.74.key")).unwrap() != old);
    sound(&office.data, &[]);
    publish(&office, "2025-02");
    office.bansos(&["rotate-key", "--district", DISTRICT]).succeeds().says(&["release 12.74-2025-02"]);
    publish(&office, "2025-03");
    sound(&office.data, &[]);
    audit(&["audit", text(&office.data), "--quick"]).succeeds();
    audit(&["audit", text(&office.data), "--quick", "--keys", text(&kept)]).succeeds();
    // The first release under today's key, and the last under the first, are refused.
    let release = office.releases().join("12.74-2025-01");
    assert!(release.join("manifest.sig").exists());
    let host = Office::open("log-rotate-host", None);
    std::fs::remove_dir_all(host.data.join("keys")).unwrap();
    scratch::copy(&office.data.join("keys"), &host.data.join("keys"));
    let all: Vec<PathBuf> = ["2025-01", "2025-02", "2025-03"].map(|month| office.releases().join(format!("12.74-{month}"))).into();
    let mut args = vec!["admit"];
    args.extend(all.iter().map(|path| text(path)));
    host.api(&args).succeeds().says(&["3 new"]);
    // A district's key that was lost.
    std::fs::remove_file(office.data.join("keys/district-12.74.key")).unwrap();
    office.bansos(&["rotate-key", "--district", DISTRICT]).fails().says(&["not here"]);
    office.bansos(&["rotate-key", "--district", DISTRICT, "--lost"]).succeeds();
    publish(&office, "2025-04");
    audit(&["audit", text(&office.data), "--quick"]).succeeds();
    audit(&["audit", text(&office.data), "--quick", "--keys", text(&kept)]).fails().says(&["break in trust"]);
}

#[test]
fn a_change_of_keys_killed_at_every_point_is_completed() {
    let base = Office::open("log-rotate-faults", None);
    publish(&base, "2025-01");
    for what in [&["rotate-key", "--log"][..], &["rotate-key", "--district", DISTRICT]] {
        let name = what[1].trim_start_matches('-');
        let once = base.copy(&format!("log-rotate-{name}-once"));
        let trace = once.data.with_file_name("trace");
        once.run(&office::bansos(), what, &[("BANSOS_FAULT_TRACE", text(&trace))]).succeeds();
        let points = std::fs::read_to_string(&trace).unwrap();
        let points: Vec<&str> = points.lines().filter(|point| point.starts_with("rotate.")).collect();
        let steps = if name == "log" { 5 } else { 4 };
        assert!(points.len() >= steps * 3, "{points:?}");
        for (n, point) in points.iter().enumerate() {
            let office = base.copy(&format!("log-rotate-{name}-{n}"));
            let ran = office.run(&office::bansos(), what, &[("BANSOS_FAULT", point)]);
            assert!(ran.killed(), "{point}: {}", ran.told());
            // Whatever is left stands under the keys that are published.
            sound(&office.data, &[]);
            office.bansos(what).succeeds();
            sound(&office.data, &[]);
            assert!(!office.data.join(format!("keys/{}.key.next", if name == "log" { "log" } else { "district-12.74" })).exists());
            if n % 4 == 0 {
                publish(&office, "2025-02");
                sound(&office.data, &[]);
            }
        }
        println!("rotate-key {name}: {} points", points.len());
    }
}
