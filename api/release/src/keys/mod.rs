//! Keys: one Ed25519 key per district, which signs manifests, and one of the
//! host, which signs the log's checkpoints. In the text forms of C2SP
//! signed-note; the secret half has file mode 0600. How a key is changed for
//! another, and how readers follow, stands in KEYS.md.

mod chain;
mod rotate;
mod statement;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use domain::AreaCode;
use ed25519_dalek::SigningKey;

pub use chain::{Chain, Order};
pub use rotate::{Rotated, rotate};
pub use statement::{Statement, Until};

use crate::folder::read_bounded;
use crate::{Error, Result};

/// The folder of keys in a data folder.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("keys")
}

/// The file name, without ending, of a district's key.
#[must_use]
pub fn district(area: AreaCode) -> String {
    format!("district-{area}")
}

/// The file name, without ending, of the log's key.
pub const LOG: &str = "log";

/// What a key is for: the type byte of C2SP signed-note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Signs notes: 0x01.
    Note,
    /// Cosigns checkpoints as a witness, with the time: 0x04.
    Witness,
}

impl Kind {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Kind::Note => 1,
            Kind::Witness => 4,
        }
    }
}

/// A fresh key under `name`: secret and public half, in the text forms of signed notes.
fn generate(name: &str, kind: Kind) -> Result<(String, String)> {
    let plain = !name.is_empty() && name.len() <= 200 && !name.contains('+') && !name.chars().any(|c| c.is_whitespace() || c.is_control());
    if !plain {
        return Err(Error::Signature(format!("{name:?} is no name for a key: no spaces, no plus, 1 to 200 bytes, such as a domain")));
    }
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|error| Error::Signature(format!("no randomness: {error}")))?;
    let key = SigningKey::from_bytes(&secret);
    Ok((secret_text(name, &key, kind), public_text(name, &key, kind)))
}

fn public_text(name: &str, key: &SigningKey, kind: Kind) -> String {
    let public = [&[kind.byte()][..], key.verifying_key().as_bytes()].concat();
    format!("{name}+{:08x}+{}", signed_note::key_id(name, &public), base64::engine::general_purpose::STANDARD.encode(public))
}

fn secret_text(name: &str, key: &SigningKey, kind: Kind) -> String {
    let public = [&[kind.byte()][..], key.verifying_key().as_bytes()].concat();
    let private = [&[kind.byte()][..], key.as_bytes()].concat();
    let id = signed_note::key_id(name, &public);
    format!("PRIVATE+KEY+{name}+{id:08x}+{}", base64::engine::general_purpose::STANDARD.encode(private))
}

/// A secret key from its text form: its name and the key.
pub(crate) fn parse_secret(skey: &str, kind: Kind) -> Result<(String, SigningKey)> {
    let wrong = || Error::Signature("the secret key is malformed, or of another kind".into());
    let mut parts = skey.splitn(5, '+');
    let (Some("PRIVATE"), Some("KEY"), Some(name), Some(_), Some(key)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    let bytes = base64::engine::general_purpose::STANDARD.decode(key).map_err(|_| wrong())?;
    let Some((byte, seed)) = bytes.split_first() else { return Err(wrong()) };
    let seed: &[u8; 32] = seed.try_into().map_err(|_| wrong())?;
    let key = SigningKey::from_bytes(seed);
    if *byte == kind.byte() && secret_text(name, &key, kind) == skey { Ok((name.to_owned(), key)) } else { Err(wrong()) }
}

/// The public half of a secret key, in text form.
///
/// # Errors
/// When the secret key is malformed or of another kind.
pub fn public_of(skey: &str, kind: Kind) -> Result<String> {
    parse_secret(skey, kind).map(|(name, key)| public_text(&name, &key, kind))
}

/// Makes the key `file` under the name `name` unless it, or its public half
/// alone, is there; gives whether it was made. `name` is the key's name in signatures: no spaces, no plus.
///
/// # Errors
/// When randomness or the file system fails.
pub fn create(folder: &Path, file: &str, name: &str) -> Result<bool> {
    create_of(folder, file, name, Kind::Note)
}

/// The same for a key of any kind.
///
/// # Errors
/// As [`create`].
pub fn create_of(folder: &Path, file: &str, name: &str, kind: Kind) -> Result<bool> {
    let there = |ending: &str| folder.join(format!("{file}.{ending}")).exists();
    let made = !there("key");
    if made {
        // A public half alone is somebody else's, or what is left of a lost key: it must not be written over.
        if there("vkey") {
            return Ok(false);
        }
        write(folder, &format!("{file}.key"), &generate(name, kind)?.0, 0o600, "init.key")?;
    }
    if !there("vkey") {
        let vkey = public_of(&read(&folder.join(format!("{file}.key")))?, kind)?;
        write(folder, &format!("{file}.vkey"), &vkey, 0o644, "init.key")?;
    }
    Ok(made)
}

fn write(folder: &Path, file: &str, text: &str, mode: u32, step: &str) -> Result<()> {
    let path = folder.join(file);
    durable::write_file(&path, format!("{text}\n").as_bytes(), mode, step).map_err(|error| Error::io(&path, error))
}

/// The secret key `file`, in the text form of signed notes.
///
/// # Errors
/// When it is not there, or a change of it was cut off; the message says what to do.
pub fn secret(folder: &Path, file: &str) -> Result<String> {
    let next = folder.join(format!("{file}.key.next"));
    if next.exists() {
        return Err(Error::format(&next, "a change of this key was cut off: run `bansos rotate-key` again, which completes it"));
    }
    read(&folder.join(format!("{file}.key")))
}

/// The public key `file`, in the text form of signed notes.
///
/// # Errors
/// When it is not there; the message says how to make it.
pub fn public(folder: &Path, file: &str) -> Result<String> {
    read(&folder.join(format!("{file}.vkey")))
}

fn read(path: &Path) -> Result<String> {
    match read_bounded(path, 4096) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(_) => Err(Error::format(path, "not a key in the text form of signed notes")),
        },
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::format(path, "this key is not here: `bansos --data DIR init` makes keys, or copy the district's .vkey here"))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
