//! `manifest.sig`: a C2SP signed note over the release's id and the SHA-256 of
//! its manifest.

use domain::ReleaseId;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};

use crate::{Error, Result};

/// The first line of the note's text: what kind of statement it is.
const KIND: &str = "bansos-terbuka/release/v1";

fn text(release: ReleaseId, manifest_sha256: &str) -> String {
    format!("{KIND}\n{release}\n{manifest_sha256}\n")
}

pub(crate) fn sign(text: &str, skey: &str) -> Result<String> {
    sign_with(text, &[skey])
}

/// A note signed by several keys.
pub(crate) fn sign_with(text: &str, skeys: &[&str]) -> Result<String> {
    let mut note = Note::new(text.as_bytes(), &[]).map_err(|error| Error::Signature(error.to_string()))?;
    for skey in skeys {
        let signer = StandardSigner::new(skey).map_err(|error| Error::Signature(format!("secret key: {error}")))?;
        note.add_sigs(&[&signer]).map_err(|error| Error::Signature(error.to_string()))?;
    }
    String::from_utf8(note.to_bytes()).map_err(|_| Error::Signature("the note is not text".into()))
}

/// The text of a note that the key `vkey` signed.
pub(crate) fn open(note: &str, vkey: &str) -> Result<String> {
    let verifier = StandardVerifier::new(vkey).map_err(|error| Error::Signature(format!("public key: {error}")))?;
    let note = Note::from_bytes(note.as_bytes()).map_err(|error| Error::Signature(format!("not a signed note: {error}")))?;
    note.verify(&VerifierList::new(vec![Box::new(verifier)])).map_err(|error| Error::Signature(format!("signature: {error}")))?;
    String::from_utf8(note.text().to_vec()).map_err(|_| Error::Signature("the note is not text".into()))
}

/// Signs a manifest; gives the text of `manifest.sig`.
///
/// # Errors
/// When the key cannot be used.
pub fn sign_manifest(release: ReleaseId, manifest_sha256: &str, skey: &str) -> Result<String> {
    sign(&text(release, manifest_sha256), skey)
}

/// Checks `manifest.sig` against the release and the manifest's digest.
///
/// # Errors
/// When the signature is not of this key, or is for another manifest.
pub fn verify_manifest(note: &str, vkey: &str, release: ReleaseId, manifest_sha256: &str) -> Result<()> {
    if open(note, vkey)? == text(release, manifest_sha256) {
        Ok(())
    } else {
        Err(Error::Signature(format!("the signature of {release} is for another manifest")))
    }
}
