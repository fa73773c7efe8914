use proptest::prelude::*;

use super::*;
use crate::keys;

fn action(n: u64) -> Action {
    Action::Admit {
        release: format!("36.71-2025-06-r{}", n + 2).parse().unwrap(),
        manifest_sha256: "0".repeat(64),
        at: "2025-07-01T00:00:00Z".into(),
    }
}

struct Made {
    folder: tempfile::TempDir,
    skey: String,
    vkey: String,
}

impl Made {
    fn new() -> Made {
        let folder = tempfile::tempdir().unwrap();
        keys::create(folder.path(), keys::LOG, "log.example").unwrap();
        let (skey, vkey) = (keys::secret(folder.path(), keys::LOG).unwrap(), keys::public(folder.path(), keys::LOG).unwrap());
        Made { folder, skey, vkey }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn log(&self) -> Log {
        Log::open(&self.path()).unwrap()
    }

    fn grow(&self, batches: &[u64]) -> Log {
        for batch in batches {
            let from = self.log().size();
            let actions: Vec<Action> = (from..from + batch).map(action).collect();
            assert_eq!(append(&self.path(), &actions, &self.skey).unwrap(), from + batch);
        }
        self.log()
    }
}

#[test]
fn grows_past_a_tile_and_verifies() {
    let made = Made::new();
    for batch in [1, 4, 250, 1, 3] {
        let log = made.grow(&[batch]);
        log.verify(&made.vkey).unwrap();
        assert_eq!(log.entries().unwrap().len() as u64, log.size());
    }
    assert_eq!(made.log().size(), 259);
    let there = |path: &str| made.path().join(path).exists();
    assert!(there("tile/0/000") && there("tile/0/001.p/3") && there("tile/1/000.p/1") && there("tile/entries/000"));
}

#[test]
fn another_key_is_refused() {
    let (made, other) = (Made::new(), Made::new());
    let log = made.grow(&[1]);
    assert!(log.verify(&other.vkey).is_err());
    keys::create(other.folder.path(), "else", "else.example").unwrap();
    let skey = keys::secret(other.folder.path(), "else").unwrap();
    let error = append(&made.path(), &[action(1)], &skey).unwrap_err().to_string();
    assert!(error.contains("else.example") && made.log().size() == 1, "{error}");
}

fn files_of(folder: &Path, at: &str, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder.join(at)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        if folder.join(&path).is_dir() { files_of(folder, &path, all) } else { all.push(path) }
    }
}

#[test]
fn a_changed_byte_in_any_file_is_found_and_named() {
    let made = Made::new();
    // Partial tiles of earlier sizes stay, and are checked, too.
    let log = made.grow(&[3, 254, 260, 7]);
    let mut files = Vec::new();
    files_of(&made.path(), "", &mut files);
    files.sort();
    assert_eq!(files.len(), 15, "{files:?}");
    for path in files {
        let full = made.path().join(&path);
        let good = std::fs::read(&full).unwrap();
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&full, &bad).unwrap();
            let found = Log::open(&made.path()).and_then(|log| log.verify(&made.vkey).map(|()| log));
            let error = found.map(|_| ()).expect_err(&path).to_string();
            if path == "checkpoint" {
                continue;
            }
            assert!(error.contains(&format!("{path}: ")), "byte {at} of {path}: {error}");
            assert_eq!(log.damages().unwrap().len(), 1, "byte {at} of {path}: {error}");
        }
        let longer = [good.as_slice(), b"\0"].concat();
        std::fs::write(&full, longer).unwrap();
        assert!(Log::open(&made.path()).and_then(|log| log.verify(&made.vkey)).is_err(), "{path} made longer");
        std::fs::remove_file(&full).unwrap();
        let needed = path == "checkpoint" || log.damages().unwrap().iter().any(|line| line.contains(&path));
        let old = ["000.p/3", "001.p/1", "002.p/5", "000.p/1"].iter().any(|part| path.ends_with(part));
        assert!(needed || old, "{path} removed");
        std::fs::write(&full, good).unwrap();
    }
    log.verify(&made.vkey).unwrap();
    std::fs::write(made.path().join("tile/0/notes.txt"), "x").unwrap();
    assert!(log.verify(&made.vkey).unwrap_err().to_string().contains("tile/0/notes.txt: this is no file of the log"));
}

#[test]
fn a_rewritten_log_is_told_from_its_checkpoint() {
    let (made, other) = (Made::new(), Made::new());
    let log = made.grow(&[300]);
    let actions: Vec<Action> = (0..300).map(|n| action(n + u64::from(n == 270))).collect();
    append(&other.path(), &actions, &other.skey).unwrap();
    // All files of another history under the old checkpoint.
    std::fs::copy(log.folder().join("checkpoint"), other.path().join("checkpoint")).unwrap();
    let error = other.log().verify(&made.vkey).unwrap_err().to_string();
    assert!(error.contains("root"), "{error}");
    assert_eq!(log.first_difference(&other.log()).unwrap(), Some(270));
    assert_eq!(log.first_difference(&log).unwrap(), None);
}

#[test]
fn proofs_of_every_entry_and_between_all_sizes() {
    let made = Made::new();
    let mut heads = vec![Head { origin: "log.example".into(), size: 0, root: tlog_tiles::EMPTY_HASH.0 }];
    for _ in 0..20 {
        heads.push(made.grow(&[1]).head().unwrap().clone());
    }
    for batch in [230, 6, 1, 20] {
        heads.push(made.grow(&[batch]).head().unwrap().clone());
    }
    let (log, files) = (made.log(), made.log().files());
    let entries = log.entries().unwrap();
    for head in &heads {
        for index in (0..head.size).filter(|index| head.size < 30 || index % 17 == 0 || index + 3 > head.size) {
            let leaf = entries[index as usize].action.leaf().unwrap();
            assert_eq!(proofs::leaf(&files, head, index).unwrap(), leaf);
            let proof = proofs::inclusion(&files, head, index).unwrap();
            proofs::check_inclusion(head, index, leaf, &proof).unwrap();
            assert!(proofs::check_inclusion(head, (index + 1) % head.size, leaf, &proof).is_err() || head.size == 1);
            assert!(proofs::check_inclusion(head, index, [7; 32], &proof).is_err());
        }
        for old in heads.iter().filter(|old| old.size <= head.size) {
            let proof = proofs::consistency(&files, head, old.size).unwrap();
            proofs::check_consistency(old, head, &proof).unwrap();
            let other = Head { root: [7; 32], ..old.clone() };
            assert!(proofs::check_consistency(&other, head, &proof).is_err());
        }
        assert!(proofs::inclusion(&files, head, head.size).is_err());
    }
}

#[test]
fn a_kept_checkpoint_is_compared() {
    let made = Made::new();
    let kept = Remembered(made.grow(&[5]).head().unwrap().clone());
    let log = made.grow(&[300]);
    let (now, files) = (log.head().unwrap(), log.files());
    assert_eq!(kept.compare(now, &files).unwrap(), Since::Grown { from: 5, to: 305 });
    assert_eq!(Remembered(now.clone()).compare(now, &files).unwrap(), Since::Same);
    let forked = |size| Remembered(Head { root: [1; 32], size, ..now.clone() });
    assert_eq!(forked(305).compare(now, &files).unwrap(), Since::Forked { from: 305, to: 305 });
    assert_eq!(forked(7).compare(now, &files).unwrap(), Since::Forked { from: 7, to: 305 });
    assert_eq!(forked(306).compare(now, &files).unwrap(), Since::Shrunk { from: 306, to: 305 });
    let other = Remembered(Head { origin: "else".into(), ..now.clone() });
    assert!(!other.compare(now, &files).unwrap().is_good());
    // A tile that is not the checkpoint's proves nothing, either way.
    let path = made.path().join("tile/0/000");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(kept.compare(now, &files).is_err());
}

#[test]
fn what_a_cut_off_append_left_is_removed() {
    let (made, other) = (Made::new(), Made::new());
    made.grow(&[250, 5]);
    let checkpoint = std::fs::read(made.path().join("checkpoint")).unwrap();
    // Other entries were on their way, and were killed before the checkpoint.
    let later: Vec<Action> = (0..600).map(|n| action(n + 1000)).collect();
    append(&made.path(), &later, &made.skey).unwrap();
    std::fs::write(made.path().join("tile/0/.tmp-x"), "half").unwrap();
    std::fs::write(made.path().join("checkpoint"), checkpoint).unwrap();
    made.log().verify(&made.vkey).unwrap();
    let log = made.grow(&[2]);
    log.verify(&made.vkey).unwrap();
    let (mut left, mut clean) = (Vec::new(), Vec::new());
    files_of(&made.path(), "", &mut left);
    other.grow(&[250, 5, 2]);
    files_of(&other.path(), "", &mut clean);
    left.sort();
    clean.sort();
    assert_eq!(left, clean);
}

#[test]
fn a_broken_right_edge_is_not_built_on() {
    for path in ["tile/0/001.p/4", "tile/1/000.p/1", "tile/entries/001.p/4"] {
        let made = Made::new();
        made.grow(&[260]);
        let full = made.path().join(path);
        let mut bytes = std::fs::read(&full).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&full, bytes).unwrap();
        let error = append(&made.path(), &[action(260)], &made.skey).unwrap_err().to_string();
        assert!(error.contains("nothing was appended"), "{path}: {error}");
        assert_eq!(made.log().size(), 260);
    }
}

#[test]
fn hostile_checkpoints_are_refused() {
    let made = Made::new();
    let good = made.grow(&[3]).signed().unwrap().to_string();
    SignedHead::parse(good.as_bytes()).unwrap();
    let huge = good.replacen("\n3\n", "\n18446744073709551615\n", 1);
    let others = [
        huge,
        good.replacen("\n3\n", "\n03\n", 1),
        good.replacen("\n3\n", "\n-3\n", 1),
        good.clone() + "\n",
        good.trim_end().to_owned(),
        good.replacen("— ", "- ", 1),
        String::new(),
        format!("{good}{}", "— a AAAAAAAA\n".repeat(101)),
    ];
    for other in others {
        assert!(SignedHead::parse(other.as_bytes()).is_err(), "{other}");
    }
    let twice = format!("{good}{}\n", good.lines().last().unwrap());
    assert!(SignedHead::parse(twice.as_bytes()).unwrap().verify(&made.vkey).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    /// However the entries come, the files are those of one append, and each
    /// earlier checkpoint is consistent with the last.
    #[test]
    fn any_batches_make_the_same_log(batches in prop::collection::vec(1u64..200, 1..6)) {
        let (made, other) = (Made::new(), Made::new());
        let mut kept = Vec::new();
        for batch in &batches {
            kept.push(Remembered(made.grow(&[*batch]).head().unwrap().clone()));
        }
        let log = made.log();
        prop_assert!(log.verify(&made.vkey).is_ok());
        let once = other.grow(&[batches.iter().sum()]);
        prop_assert_eq!(once.head().unwrap().root, log.head().unwrap().root);
        for kept in kept {
            prop_assert!(kept.compare(log.head().unwrap(), &log.files()).unwrap().is_good());
        }
    }
}
