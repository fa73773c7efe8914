//! Keys: one Ed25519 key per district, which signs manifests, and one of the
//! host, which signs the log's checkpoints. In the text forms of C2SP
//! signed-note; the secret half has file mode 0600.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use domain::AreaCode;
use ed25519_dalek::SigningKey;

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

/// Makes the key `file` under the name `name` unless it is there; gives whether
/// it was made. `name` is the key's name in signatures: no spaces, no plus.
///
/// # Errors
/// When randomness or the file system fails.
pub fn create(folder: &Path, file: &str, name: &str) -> Result<bool> {
    if folder.join(format!("{file}.key")).exists() {
        return Ok(false);
    }
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|error| Error::Signature(format!("no randomness: {error}")))?;
    let key = SigningKey::from_bytes(&secret);
    let vkey = signed_note::new_ed25519_verifier_key(name, &key.verifying_key());
    let public = [&[1u8][..], key.verifying_key().as_bytes()].concat();
    let private = [&[1u8][..], &secret].concat();
    let id = signed_note::key_id(name, &public);
    let skey = format!("PRIVATE+KEY+{name}+{id:08x}+{}", base64::engine::general_purpose::STANDARD.encode(private));
    let write = |ending: &str, text: &str, mode| {
        let path = folder.join(format!("{file}.{ending}"));
        durable::write_file(&path, format!("{text}\n").as_bytes(), mode, "init.key").map_err(|error| Error::io(&path, error))
    };
    write("vkey", &vkey, 0o644)?;
    write("key", &skey, 0o600)?;
    Ok(true)
}

/// The secret key `file`, in the text form of signed notes.
///
/// # Errors
/// When it is not there; the message says how to make it.
pub fn secret(folder: &Path, file: &str) -> Result<String> {
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
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::format(path, "this key is not here: `bansos --data DIR init` makes keys, or copy the district's .vkey here"))
        }
        Err(error) => Err(Error::io(path, error)),
    }
}
