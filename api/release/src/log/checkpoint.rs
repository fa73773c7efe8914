//! Checkpoints (C2SP tlog-checkpoint): what a log says of itself at a size,
//! signed by the host, perhaps cosigned by witnesses; and checkpoints that one
//! kept, against which a log of today is held.

use std::path::Path;

use signed_note::Signature;
use tlog_tiles::Checkpoint;

use super::proofs;
use super::tiles::Files;
use crate::folder::read_bounded;
use crate::merkle::Hash;
use crate::{Error, Result, signing};

/// A log larger than this is refused: no such log of releases can be.
const MOST_ENTRIES: u64 = 1 << 40;
/// A checkpoint file larger than this is refused unread.
const MOST_BYTES: u64 = 64 << 10;

/// What a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The log's name.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the Merkle tree (RFC 6962) over them.
    pub root: Hash,
}

/// A signature line of a checkpoint: the host's, or a witness's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: u32,
    /// What the key made; its form is the key's.
    pub signature: Vec<u8>,
}

impl Line {
    /// Reads a line, without its newline.
    ///
    /// # Errors
    /// When it is no signature line of a signed note.
    pub fn parse(line: &str) -> Result<Line> {
        let wrong =
            || Error::Signature(format!("{:?} is not a signature line of a signed note", line.chars().take(80).collect::<String>()));
        let read = Signature::from_bytes(line.as_bytes()).map_err(|_| wrong())?;
        let found = Line { name: read.name().to_owned(), id: read.id(), signature: read.signature().to_vec() };
        if found.to_string() == line { Ok(found) } else { Err(wrong()) }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use base64::Engine as _;
        let bytes = [&self.id.to_be_bytes()[..], &self.signature].concat();
        write!(f, "— {} {}", self.name, base64::engine::general_purpose::STANDARD.encode(bytes))
    }
}

/// A checkpoint with its signature lines, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    head: Head,
    text: String,
    lines: Vec<Line>,
}

impl SignedHead {
    /// Reads a checkpoint; other spellings of the same are refused.
    ///
    /// # Errors
    /// When the bytes are no checkpoint, or of a log larger than 2^40 entries.
    pub fn parse(bytes: &[u8]) -> Result<SignedHead> {
        let wrong = |what: &str| Error::Log(format!("not a checkpoint: {what}"));
        let whole = std::str::from_utf8(bytes).map_err(|_| wrong("not UTF-8"))?;
        let (text, lines) = whole.rsplit_once("\n\n").ok_or_else(|| wrong("no signatures"))?;
        let text = format!("{text}\n");
        let lines = lines.strip_suffix('\n').ok_or_else(|| wrong("its end is missing"))?;
        let lines = lines.split('\n').map(Line::parse).collect::<Result<Vec<_>>>()?;
        if lines.len() > 100 {
            return Err(wrong("more than 100 signatures"));
        }
        let head = parse_text(&text)?;
        let read = SignedHead { head, text, lines };
        if read.to_string().as_bytes() == bytes { Ok(read) } else { Err(wrong("not in the one spelling of C2SP tlog-checkpoint")) }
    }

    /// Reads the checkpoint in a file.
    ///
    /// # Errors
    /// When it is not there or no checkpoint.
    pub fn read(path: &Path) -> Result<SignedHead> {
        let bytes = read_bounded(path, MOST_BYTES)?;
        SignedHead::parse(&bytes).map_err(|error| Error::format(path, error.to_string()))
    }

    /// Signs a head; the key's name must be the log's.
    pub(crate) fn sign(head: &Head, skey: &str) -> Result<SignedHead> {
        let checkpoint = Checkpoint::new(&head.origin, head.size, tlog_tiles::Hash(head.root), "").map_err(super::wrong)?;
        let text = String::from_utf8(checkpoint.to_bytes()).map_err(super::wrong)?;
        SignedHead::parse(signing::sign(&text, skey)?.as_bytes())
    }

    /// What it states.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The text that is signed, its last newline included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its signature lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Puts lines in place of those of the same keys, or after the others.
    pub(crate) fn with(&self, lines: &[Line]) -> SignedHead {
        let mut new = self.clone();
        for line in lines {
            match new.lines.iter_mut().find(|known| known.name == line.name && known.id == line.id) {
                Some(known) => *known = line.clone(),
                None => new.lines.push(line.clone()),
            }
        }
        new
    }

    /// Checks that the log's key `vkey` signed it, and that the key is this log's.
    ///
    /// # Errors
    /// When the signature is missing or does not stand, there are two of it, or
    /// the key's name is not the log's.
    pub fn verify(&self, vkey: &str) -> Result<()> {
        let name = vkey.split('+').next().unwrap_or_default();
        if name != self.head.origin {
            return Err(Error::Signature(format!("the key of {name:?} is not that of the log {:?}", self.head.origin)));
        }
        signing::open(&self.to_string(), vkey)?;
        let mut keys: Vec<_> = self.lines.iter().map(|line| (&line.name, line.id)).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::Signature("the checkpoint has two signatures of one key".into()));
        }
        Ok(())
    }
}

impl std::fmt::Display for SignedHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Reads the text of a checkpoint.
fn parse_text(text: &str) -> Result<Head> {
    let read = Checkpoint::from_bytes(text.as_bytes()).map_err(super::wrong)?;
    if read.to_bytes() != text.as_bytes() {
        return Err(Error::Log("not a checkpoint: not in the one spelling of C2SP tlog-checkpoint".into()));
    }
    if read.size() > MOST_ENTRIES {
        return Err(Error::Log(format!("a checkpoint of {} entries: more than any log of releases holds", read.size())));
    }
    Ok(Head { origin: read.origin().to_owned(), size: read.size(), root: read.hash().0 })
}

/// A checkpoint that one kept: a file that was once the log's `checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered(pub Head);

/// What became of a log since a checkpoint was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Nothing was added.
    Same,
    /// It has grown, and everything kept is in it as it was.
    Grown {
        /// The size that was kept.
        from: u64,
        /// The size now.
        to: u64,
    },
    /// It is shorter: entries were dropped.
    Shrunk {
        /// The size that was kept.
        from: u64,
        /// The size now.
        to: u64,
    },
    /// Another history: what was kept is not the beginning of what is there now.
    Forked {
        /// The size that was kept.
        from: u64,
        /// The size now.
        to: u64,
    },
    /// Another log.
    Other {
        /// The name that was kept.
        kept: String,
        /// The name now.
        now: String,
    },
}

impl Since {
    /// Whether the log kept its word.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Since::Same | Since::Grown { .. })
    }
}

impl std::fmt::Display for Since {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Since::Same => f.write_str("the log is as it was when its checkpoint was kept"),
            Since::Grown { from, to } => write!(f, "the log grew from {from} to {to} entries, the first {from} as they were"),
            Since::Shrunk { from, to } => {
                write!(f, "entries were dropped: the log has {to} entries, the kept checkpoint is of {from}")
            }
            Since::Forked { from, to } => {
                write!(f, "the log was rewritten (forked): its {to} entries do not begin with the {from} of the kept checkpoint")
            }
            Since::Other { kept, now } => write!(f, "another log: {now:?}, the kept checkpoint is of {kept:?}"),
        }
    }
}

impl Remembered {
    /// Reads a kept checkpoint. Its signature is not asked for: whoever kept the
    /// file vouches for it, and the key may have been rotated since.
    ///
    /// # Errors
    /// When it is not there or no checkpoint.
    pub fn read(path: &Path) -> Result<Remembered> {
        SignedHead::read(path).map(|signed| Remembered(signed.head))
    }

    /// What became of the log, whose files are `files` and whose verified head
    /// is `now`. Reads the few tiles that a consistency proof needs, and checks
    /// them against `now`.
    ///
    /// # Errors
    /// When a tile is missing or not the one that `now` stands for: nothing can
    /// be said then.
    pub fn compare(&self, now: &Head, files: &impl Files) -> Result<Since> {
        let kept = &self.0;
        let (from, to) = (kept.size, now.size);
        if kept.origin != now.origin {
            return Ok(Since::Other { kept: kept.origin.clone(), now: now.origin.clone() });
        }
        if to < from {
            return Ok(Since::Shrunk { from, to });
        }
        if to == from {
            return Ok(if kept.root == now.root { Since::Same } else { Since::Forked { from, to } });
        }
        let proof = proofs::consistency(files, now, from)?;
        Ok(if proofs::check_consistency(kept, now, &proof).is_ok() { Since::Grown { from, to } } else { Since::Forked { from, to } })
    }
}
