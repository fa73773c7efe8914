use std::path::PathBuf;

use super::*;
use crate::log::{Action, Log, append};

const FILE: &str = "district-36.71";

fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), FILE, "host.example/36.71").unwrap();
    folder
}

fn sha(n: usize) -> String {
    crate::sha256_hex(&n.to_le_bytes())
}

fn until(n: usize) -> Until {
    Until::Release { release: format!("36.71-2025-{n:02}").parse().unwrap(), manifest_sha256: sha(n) }
}

fn order(n: usize) -> Order {
    let mut order = Order::default();
    (1..=n).for_each(|n| order.push(&sha(n), (n > 1).then(|| sha(n - 1)).as_deref()));
    order
}

fn keep(folder: &Path) -> tempfile::TempDir {
    let kept = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join(format!("{FILE}.vkey")), kept.path().join(format!("{FILE}.vkey"))).unwrap();
    kept
}

#[test]
fn each_release_has_the_key_of_its_place() {
    let folder = made();
    let first = public(folder.path(), FILE).unwrap();
    let kept = keep(folder.path());
    let second = rotate(folder.path(), FILE, until(2), false, None).unwrap().new;
    let third = rotate(folder.path(), FILE, until(4), false, None).unwrap().new;
    assert_eq!(public_of(&secret(folder.path(), FILE).unwrap(), Kind::Note).unwrap(), third);

    let chain = Chain::open(folder.path(), Some(kept.path()), FILE).unwrap();
    assert_eq!((chain.keys(), chain.current()), (&[first.clone(), second.clone(), third.clone()][..], third.as_str()));
    let keys: Vec<&str> = (1..=6).map(|n| chain.in_force(&order(6), &sha(n)).unwrap()).collect();
    assert_eq!(keys, [&first, &first, &second, &second, &third, &third]);
    assert!(chain.in_force(&order(3), &sha(4)).is_err(), "not in the chain");
    // The last release by the second key has not come here: what came is older.
    let keys: Vec<&str> = (1..=3).map(|n| chain.in_force(&order(3), &sha(n)).unwrap()).collect();
    assert_eq!(keys, [&first, &first, &second]);
    // It never came, but what follows it names it.
    let mut gap = order(3);
    gap.push(&sha(5), Some(&sha(4)));
    assert_eq!(chain.in_force(&gap, &sha(5)).unwrap(), third);
    // Sealed one after the other, brought here together.
    let mut later = order(1);
    let pairs = [(5, 4), (3, 2), (2, 1), (4, 3)].map(|(n, before)| (sha(n), sha(before)));
    later.extend(pairs.iter().map(|(sha256, previous)| (sha256.as_str(), Some(previous.as_str()))));
    assert_eq!(later.sequence(), order(5).sequence());
}

#[test]
fn a_key_exchanged_without_a_statement_is_found() {
    let (folder, other) = (made(), made());
    let kept = keep(folder.path());
    rotate(folder.path(), FILE, Until::Nothing, false, None).unwrap();
    Chain::open(folder.path(), Some(kept.path()), FILE).unwrap();
    std::fs::copy(other.path().join(format!("{FILE}.vkey")), folder.path().join(format!("{FILE}.vkey"))).unwrap();
    assert!(Chain::open(folder.path(), None, FILE).unwrap_err().to_string().contains("leads to"));
    std::fs::remove_file(folder.path().join(format!("{FILE}.rotations"))).unwrap();
    assert!(Chain::open(folder.path(), Some(kept.path()), FILE).unwrap_err().to_string().contains("exchanged"));
    // Statements of somebody else's keys, under this name.
    rotate(other.path(), FILE, Until::Nothing, false, None).unwrap();
    for ending in ["vkey", "rotations"] {
        std::fs::copy(other.path().join(format!("{FILE}.{ending}")), folder.path().join(format!("{FILE}.{ending}"))).unwrap();
    }
    assert!(Chain::open(folder.path(), Some(kept.path()), FILE).is_err());
}

#[test]
fn a_lost_key_is_a_break_in_trust() {
    let folder = made();
    let kept = keep(folder.path());
    std::fs::remove_file(folder.path().join(format!("{FILE}.key"))).unwrap();
    let error = rotate(folder.path(), FILE, until(1), false, None).unwrap_err().to_string();
    assert!(error.contains("not here"), "{error}");
    rotate(folder.path(), FILE, until(1), true, None).unwrap();
    let error = Chain::open(folder.path(), Some(kept.path()), FILE).unwrap_err().to_string();
    assert!(error.contains("a break in trust"), "{error}");
    // Whoever takes the new key for good accepts what the old one signed till then.
    let renewed = keep(folder.path());
    let chain = Chain::open(folder.path(), Some(renewed.path()), FILE).unwrap();
    assert_eq!(chain.in_force(&order(2), &sha(1)).unwrap(), chain.keys()[0]);
    rotate(folder.path(), FILE, until(2), false, None).unwrap();
    Chain::open(folder.path(), Some(renewed.path()), FILE).unwrap();
    assert!(Chain::open(folder.path(), Some(kept.path()), FILE).is_err());
}

#[test]
fn a_changed_statement_is_refused() {
    let folder = made();
    rotate(folder.path(), FILE, until(1), false, None).unwrap();
    rotate(folder.path(), FILE, until(2), false, None).unwrap();
    let path = folder.path().join(format!("{FILE}.rotations"));
    let good = std::fs::read_to_string(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[at] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        assert!(Chain::open(folder.path(), None, FILE).is_err(), "byte {at}");
    }
    let (first, second) = good.split_at(good.match_indices("\n\nbansos").next().unwrap().0 + 1);
    let others = [
        first.to_owned(),
        format!("{}\n{first}", second.trim_start()),
        good.clone() + "\n",
        format!("\n{good}"),
        good.replacen("rotation/v1", "lost-key/v1", 1),
        "x".to_owned(),
    ];
    for other in others {
        std::fs::write(&path, &other).unwrap();
        assert!(Chain::open(folder.path(), None, FILE).is_err(), "{other}");
    }
    std::fs::write(&path, good).unwrap();
    Chain::open(folder.path(), None, FILE).unwrap();
}

#[test]
fn the_log_is_signed_by_both_keys_until_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), LOG, "log.example").unwrap();
    let log: PathBuf = folder.path().join("log");
    let action = |n: u32| Action::Withdraw { release: "36.71-2025-06".parse().unwrap(), reason: n.to_string(), at: String::new() };
    append(&log, &[action(1)], &secret(folder.path(), LOG).unwrap()).unwrap();
    let (old, head) = (public(folder.path(), LOG).unwrap(), Log::open(&log).unwrap().head().unwrap().clone());
    let until = Until::Checkpoint { size: head.size, root: head.root };
    let new = rotate(folder.path(), LOG, until, false, Some(&log)).unwrap().new;
    for vkey in [&old, &new] {
        Log::open(&log).unwrap().verify(vkey).unwrap();
    }
    append(&log, &[action(2)], &secret(folder.path(), LOG).unwrap()).unwrap();
    Log::open(&log).unwrap().verify(&new).unwrap();
    assert!(Log::open(&log).unwrap().verify(&old).is_err());
}

#[test]
fn a_secret_of_another_key_is_not_exchanged() {
    let (folder, other) = (made(), made());
    std::fs::copy(other.path().join(format!("{FILE}.key")), folder.path().join(format!("{FILE}.key"))).unwrap();
    let error = rotate(folder.path(), FILE, Until::Nothing, false, None).unwrap_err().to_string();
    assert!(error.contains("nothing was changed"), "{error}");
    assert!(!folder.path().join(format!("{FILE}.key.next")).exists());
}

#[test]
fn names_that_would_break_a_note_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
        assert!(create(folder.path(), "x", name).is_err(), "{name:?}");
    }
}

#[test]
fn a_public_key_alone_is_not_written_over() {
    let folder = made();
    let vkey = public(folder.path(), FILE).unwrap();
    std::fs::remove_file(folder.path().join(format!("{FILE}.key"))).unwrap();
    assert!(!create(folder.path(), FILE, "host.example/36.71").unwrap());
    assert_eq!(public(folder.path(), FILE).unwrap(), vkey);
    // What a kill between the two files left is completed.
    create(folder.path(), "other", "host.example/other").unwrap();
    let vkey = public(folder.path(), "other").unwrap();
    std::fs::remove_file(folder.path().join("other.vkey")).unwrap();
    assert!(!create(folder.path(), "other", "host.example/other").unwrap());
    assert_eq!(public(folder.path(), "other").unwrap(), vkey);
}
