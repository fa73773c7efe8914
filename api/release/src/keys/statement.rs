//! Statements beside the keys: that a key took another's place, and what the
//! other had signed until then. Each is a signed note; `keys/{name}.rotations`
//! holds them in order, an empty line between two.

use std::path::Path;

use base64::Engine as _;
use domain::ReleaseId;

use crate::folder::read_bounded;
use crate::merkle::Hash;
use crate::{Error, Result, signing};

/// First line of a statement that the old key made.
const ROTATION: &str = "bansos-terbuka/rotation/v1";
/// First line of a statement without the old key, which was lost.
const LOST: &str = "bansos-terbuka/lost-key/v1";
/// A file of statements larger than this is refused unread.
const MOST: u64 = 1 << 20;

/// What the old key had signed when another took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// Nothing.
    Nothing,
    /// A district's releases up to this one.
    Release {
        /// The last release.
        release: ReleaseId,
        /// SHA-256 of its manifest, hex.
        manifest_sha256: String,
    },
    /// The log's checkpoints up to this one.
    Checkpoint {
        /// Number of entries.
        size: u64,
        /// The root over them.
        root: Hash,
    },
}

impl std::fmt::Display for Until {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Until::Nothing => f.write_str("nothing"),
            Until::Release { release, manifest_sha256 } => write!(f, "release {release} {manifest_sha256}"),
            Until::Checkpoint { size, root } => {
                write!(f, "checkpoint {size} {}", base64::engine::general_purpose::STANDARD.encode(root))
            }
        }
    }
}

impl Until {
    fn parse(text: &str) -> Option<Until> {
        let parts: Vec<&str> = text.split(' ').collect();
        match parts.as_slice() {
            ["nothing"] => Some(Until::Nothing),
            ["release", release, sha256] => {
                let hex = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                hex.then_some(Until::Release { release: release.parse().ok()?, manifest_sha256: (*sha256).to_owned() })
            }
            ["checkpoint", size, root] => {
                let root = base64::engine::general_purpose::STANDARD.decode(root).ok()?;
                Some(Until::Checkpoint { size: size.parse().ok()?, root: root.try_into().ok()? })
            }
            _ => None,
        }
    }
}

/// That the key `new` took the place of `old`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The file name of the key, without ending: `log`, `district-36.71`.
    pub file: String,
    /// The old public key, in text form.
    pub old: String,
    /// The new public key, in text form.
    pub new: String,
    /// What the old key had signed.
    pub until: Until,
    /// Whether the old key was lost, and so did not sign this.
    pub lost: bool,
}

impl Statement {
    fn text(&self) -> String {
        let kind = if self.lost { LOST } else { ROTATION };
        format!("{kind}\n{}\n{}\n{}\n{}\n", self.file, self.old, self.new, self.until)
    }

    /// Signs with the new key, which shows that it is held, and with the old
    /// one, unless it was lost. Gives the note.
    pub(super) fn sign(&self, old: Option<&str>, new: &str) -> Result<String> {
        let keys: Vec<&str> = old.into_iter().chain([new]).collect();
        signing::sign_with(&self.text(), &keys)
    }

    /// Reads a note and checks the signatures that the statement must have.
    fn open(note: &str) -> Result<Statement> {
        let wrong = |what: &str| Error::Signature(format!("not a statement of a change of keys: {what}"));
        let (text, _) = note.rsplit_once("\n\n").ok_or_else(|| wrong("it is not signed"))?;
        let lines: Vec<&str> = text.lines().collect();
        let [kind, file, old, new, until] = lines.as_slice() else { return Err(wrong("expected five lines")) };
        let lost = match *kind {
            ROTATION => false,
            LOST => true,
            _ => return Err(wrong("another first line")),
        };
        let until = Until::parse(until).ok_or_else(|| wrong("its last line"))?;
        let statement = Statement { file: (*file).to_owned(), old: (*old).to_owned(), new: (*new).to_owned(), until, lost };
        if statement.text() != format!("{text}\n") {
            return Err(wrong("not in its one spelling"));
        }
        if old.split('+').next() != new.split('+').next() || old == new {
            return Err(wrong("the keys are not two of one name"));
        }
        signing::open(note, new)?;
        if !lost {
            signing::open(note, old)?;
        }
        // A line more would be of nobody who matters here.
        let lines = note.rsplit_once("\n\n").map_or(0, |(_, lines)| lines.lines().count());
        if lines == 2 - usize::from(lost) { Ok(statement) } else { Err(wrong("signatures of other keys")) }
    }
}

/// The statements about the key `file`, oldest first; none where it never changed.
///
/// # Errors
/// When one is not a statement about this key, or is not signed as it must be.
pub(super) fn read(folder: &Path, file: &str) -> Result<(Vec<Statement>, String)> {
    let path = folder.join(format!("{file}.rotations"));
    let bytes = match read_bounded(&path, MOST) {
        Ok(bytes) => bytes,
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), String::new())),
        Err(error) => return Err(error),
    };
    let whole = String::from_utf8(bytes).map_err(|_| Error::format(&path, "not UTF-8"))?;
    let mut statements = Vec::new();
    // Text, signatures, text, signatures: an empty line between any two.
    let blocks: Vec<&str> = whole.trim_end_matches('\n').split("\n\n").collect();
    let mut again = String::new();
    for pair in blocks.chunks(2) {
        let note = format!("{}\n", pair.join("\n\n"));
        let statement =
            Statement::open(&note).map_err(|error| Error::format(&path, format!("statement {}: {error}", statements.len() + 1)))?;
        if statement.file != file {
            return Err(Error::format(&path, format!("statement {} is about {:?}", statements.len() + 1, statement.file)));
        }
        again += if again.is_empty() { "" } else { "\n" };
        again += &note;
        statements.push(statement);
    }
    if again == whole { Ok((statements, whole)) } else { Err(Error::format(&path, "not statements with one empty line between two")) }
}
