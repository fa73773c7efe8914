use super::*;
use crate::log::{Action, append};

struct Made {
    folder: tempfile::TempDir,
    log: Log,
}

impl Made {
    fn new(entries: u64) -> Made {
        let folder = tempfile::tempdir().unwrap();
        keys::create(folder.path(), keys::LOG, "log.example").unwrap();
        keys::create_of(folder.path(), "witness-a", "witness.example/a", Kind::Witness).unwrap();
        let made = Made { log: Log::open(folder.path()).unwrap(), folder };
        made.grow(entries)
    }

    fn grow(mut self, entries: u64) -> Made {
        let from = self.log.size();
        let action = |n| Action::Withdraw { release: "36.71-2025-06".parse().unwrap(), reason: format!("entry {n}"), at: String::new() };
        let actions: Vec<Action> = (from..from + entries).map(action).collect();
        append(&self.path("log"), &actions, &self.key("log", true)).unwrap();
        self.log = Log::open(&self.path("log")).unwrap();
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, file: &str, secret: bool) -> String {
        if secret { keys::secret(self.folder.path(), file).unwrap() } else { keys::public(self.folder.path(), file).unwrap() }
    }

    fn signed(&self) -> &SignedHead {
        self.log.signed().unwrap()
    }

    fn act(&self, signed: &SignedHead, files: &impl Files) -> Result<Line> {
        act(signed, files, &self.key("log", false), &self.path("memory"), &self.key("witness-a", true), 1_750_000_000)
    }
}

/// The vector of C2SP tlog-cosignature: the message that is signed.
#[test]
fn the_message_of_the_specification() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message(text, 1_679_315_147), format!("cosignature/v1\ntime 1679315147\n{text}"));
}

#[test]
fn a_witness_signs_what_continues_and_nothing_else() {
    let made = Made::new(5);
    let line = made.act(made.signed(), &NoFiles).unwrap();
    let witness = Witness::parse(&made.key("witness-a", false)).unwrap();
    assert_eq!(witness.verify(&line, made.signed().text()).unwrap(), 1_750_000_000);
    assert_eq!(line.signature.len(), 72);
    // Again the same: no tiles are needed.
    made.act(made.signed(), &NoFiles).unwrap();

    let made = made.grow(300);
    assert!(made.act(made.signed(), &NoFiles).unwrap_err().to_string().contains("give the folder"));
    let first = std::fs::read(made.path("memory")).unwrap();
    made.act(made.signed(), &made.log.files()).unwrap();
    assert_ne!(std::fs::read(made.path("memory")).unwrap(), first);

    // A fork at a later size, and a shorter log, by the right key.
    for entries in [400, 3] {
        let other = Made::new(0);
        std::fs::copy(made.path("log.key"), other.path("log.key")).unwrap();
        let kept = std::fs::read(made.path("memory")).unwrap();
        let fork = other.grow(1);
        let fork = fork.grow(entries);
        let error = act(
            fork.signed(),
            &fork.log.files(),
            &made.key("log", false),
            &made.path("memory"),
            &made.key("witness-a", true),
            1_750_000_000,
        );
        // The entries are the same texts here: only the size differs.
        assert_eq!(error.is_err(), entries == 3);
        if entries == 3 {
            assert_eq!(std::fs::read(made.path("memory")).unwrap(), kept, "nothing is remembered of what was refused");
        }
        std::fs::write(made.path("memory"), kept).unwrap();
    }
    let forged = SignedHead::sign(&crate::log::Head { root: [9; 32], ..made.log.head().unwrap().clone() }, &made.key("log", true)).unwrap();
    let error = made.act(&forged, &made.log.files()).unwrap_err().to_string();
    assert!(error.contains("forked"), "{error}");
}

#[test]
fn lines_are_attached_and_the_signed_text_stays() {
    let made = Made::new(7);
    let line = made.act(made.signed(), &NoFiles).unwrap();
    let all = witnesses(made.folder.path()).unwrap();
    let log = made.path("log");
    let before = made.signed().clone();
    assert_eq!(attach(&log, std::slice::from_ref(&line), &all, 1_750_000_001).unwrap()[0].name, "witness.example/a");
    let after = SignedHead::read(&log.join("checkpoint")).unwrap();
    assert_eq!((after.text(), after.lines().len()), (before.text(), 2));
    after.verify(&made.key("log", false)).unwrap();
    Log::open(&log).unwrap().verify(&made.key("log", false)).unwrap();
    let report = lines(&after, &[made.key("log", false)], &all);
    assert_eq!((report.checked.len(), report.wrong.len()), (1, 0), "{report:?}");
    assert_eq!(lines(&after, &[made.key("log", false)], &[]).wrong.len(), 1, "a line that nobody explains");

    // Twice is once; an older line does not take the place of a newer one.
    attach(&log, std::slice::from_ref(&line), &all, 1_750_000_001).unwrap();
    let older = sign(&after, &made.key("witness-a", true), 1_740_000_000).unwrap();
    attach(&log, &[older], &all, 1_750_000_001).unwrap();
    assert_eq!(SignedHead::read(&log.join("checkpoint")).unwrap(), after);

    // Refused: unknown, of the future, changed, over another checkpoint.
    assert!(attach(&log, std::slice::from_ref(&line), &[], 1_750_000_001).is_err());
    assert!(attach(&log, std::slice::from_ref(&line), &all, 1_000).is_err());
    let mut changed = line.clone();
    changed.signature[40] ^= 1;
    assert!(attach(&log, &[changed], &all, 1_750_000_001).is_err());
    let made = made.grow(1);
    assert_eq!(made.signed().lines().len(), 1, "a new checkpoint begins without cosignatures");
    assert!(attach(&log, &[line], &all, 1_750_000_001).unwrap_err().to_string().contains("another checkpoint"));
}

#[test]
fn requests_and_answers() {
    let made = Made::new(9).grow(300);
    for old in [0, 9, 256, 309] {
        let body = request(made.signed(), &made.log.files(), old).unwrap();
        let (size, proof, signed) = read_request(&body).unwrap();
        assert_eq!((size, &signed), (old, made.signed()));
        assert_eq!(proof.is_empty(), old == 0 || old == 309);
    }
    assert!(request(made.signed(), &made.log.files(), 310).is_err());
    for bad in ["", "old 1\n", "old 01\n\nx", "old x\n\nx", "new 1\n\nx"] {
        assert!(read_request(bad).is_err(), "{bad}");
    }
    let line = sign(made.signed(), &made.key("witness-a", true), 1).unwrap();
    assert_eq!(read_answer(&format!("{line}\n")).unwrap(), [line]);
    for bad in ["", "ok", "— a b\n", "— a AAAA\n"] {
        assert!(read_answer(bad).is_err(), "{bad}");
    }
}

#[test]
fn keys_of_another_kind_are_refused() {
    let made = Made::new(1);
    assert!(Witness::parse(&made.key("log", false)).is_err());
    assert!(sign(made.signed(), &made.key("log", true), 1).is_err());
    let vkey = made.key("witness-a", false);
    for bad in [vkey.replacen("witness.example/a", "witness.example/b", 1), vkey[..vkey.len() - 1].to_owned(), String::new()] {
        assert!(Witness::parse(&bad).is_err(), "{bad}");
    }
}
