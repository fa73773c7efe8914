//! Changing a key for another, so that a kill at any instant leaves what a
//! verifier accepts, and running it again completes it:
//!
//! 1. the new secret key is put beside the old one (`{file}.key.next`): until
//!    the end nothing can be signed with either;
//! 2. the signed statement is appended to `{file}.rotations`;
//! 3. of the log: the checkpoint gets the new key's signature beside the old;
//! 4. the new public key takes the place of the old;
//! 5. the new secret key takes the place of the old, which is gone.

use std::path::Path;

use super::statement::{self, Statement, Until};
use super::{Chain, Kind, generate, parse_secret, public, public_of, read, write};
use crate::log::SignedHead;
use crate::{Error, Result};

/// What a change of keys did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The key that was in force.
    pub old: String,
    /// The key that is.
    pub new: String,
    /// What the old one had signed.
    pub until: Until,
    /// Whether a change that had been cut off was completed.
    pub completed: bool,
}

/// Changes the key `file` in `folder` for a new one. `until` is what the old key
/// signed last; `lost` says that the old secret key is gone, so that the new one
/// alone signs; `log` is the folder of the log, where the key is the log's. The
/// caller holds the locks.
///
/// # Errors
/// When the keys there are not what they seem, or a file cannot be written; run
/// again it goes on where it stopped.
pub fn rotate(folder: &Path, file: &str, until: Until, lost: bool, log: Option<&Path>) -> Result<Rotated> {
    let chain = Chain::open(folder, None, file)?;
    let (secret, next) = (folder.join(format!("{file}.key")), folder.join(format!("{file}.key.next")));
    let completed = next.exists();
    if completed {
        durable::remove_unfinished(folder).map_err(|error| Error::io(folder, error))?;
    } else {
        let name = chain.current().split('+').next().unwrap_or_default();
        if !lost && public_of(&read(&secret)?, Kind::Note)? != chain.current() {
            return Err(Error::format(&secret, format!("this is not the secret half of {file}.vkey: nothing was changed")));
        }
        write(folder, &format!("{file}.key.next"), &generate(name, Kind::Note)?.0, 0o600, "rotate.next")?;
    }
    let new_secret = read(&next)?;
    let new = public_of(&new_secret, Kind::Note)?;

    let (statements, before) = statement::read(folder, file)?;
    let stated = statements.into_iter().next_back().filter(|last| last.new == new);
    let statement = match stated {
        Some(stated) => stated,
        None => {
            let statement = Statement { file: file.to_owned(), old: chain.current().to_owned(), new: new.clone(), until, lost };
            let old_secret = if lost { None } else { Some(read(&secret)?) };
            let note = statement.sign(old_secret.as_deref(), &new_secret)?;
            let all = if before.is_empty() { note } else { format!("{before}\n{note}") };
            let path = folder.join(format!("{file}.rotations"));
            durable::write_file(&path, all.as_bytes(), 0o644, "rotate.statement").map_err(|error| Error::io(&path, error))?;
            statement
        }
    };
    if let Some(log) = log {
        sign_checkpoint(log, &new_secret)?;
    }
    if public(folder, file)? != new {
        write(folder, &format!("{file}.vkey"), &new, 0o644, "rotate.vkey")?;
    }
    durable::rename(&next, &secret, "rotate.key").map_err(|error| Error::io(&secret, error))?;
    Ok(Rotated { old: statement.old, new, until: statement.until, completed })
}

/// Adds the new key's signature to the checkpoint; what is signed stays as it is.
fn sign_checkpoint(log: &Path, skey: &str) -> Result<()> {
    let path = log.join("checkpoint");
    if !path.exists() {
        return Ok(());
    }
    let signed = SignedHead::read(&path)?;
    let again = SignedHead::sign(signed.head(), skey)?;
    let (name, _) = parse_secret(skey, Kind::Note)?;
    if name != signed.head().origin || again.text() != signed.text() {
        return Err(Error::format(&path, format!("this checkpoint is not of the log {name:?}")));
    }
    let both = signed.with(again.lines());
    if both == signed {
        return Ok(());
    }
    durable::write_file(&path, both.to_string().as_bytes(), 0o644, "rotate.checkpoint").map_err(|error| Error::io(&path, error))
}
