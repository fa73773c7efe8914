//! What somebody can do who holds the right keys: sign manifests anew, and write
//! another log. From the texts of C2SP and RFC 6962, with nothing of the product.

use std::path::Path;

use ed25519_dalek::{Signer, SigningKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::totals::sha256;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn unbase64(text: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        text.trim_end_matches('=').bytes().map(|byte| ALPHABET.iter().position(|digit| *digit == byte).unwrap() as u32).collect();
    let mut bytes = Vec::new();
    for chunk in digits.chunks(4) {
        let word = chunk.iter().fold(0, |word, digit| word << 6 | digit) << (6 * (4 - chunk.len()));
        bytes.extend((0..chunk.len() - 1).map(|at| (word >> (16 - 8 * at)) as u8));
    }
    bytes
}

/// A signed note (C2SP signed-note) over `text` by a secret key of `keys/`.
pub fn sign(text: &str, skey: &str) -> String {
    let parts: Vec<&str> = skey.trim().splitn(5, '+').collect();
    let (name, id, key) = (parts[2], parts[3], unbase64(parts[4]));
    let key = SigningKey::from_bytes(key[1..].try_into().unwrap());
    let mut signature = u32::from_str_radix(id, 16).unwrap().to_be_bytes().to_vec();
    signature.extend(key.sign(text.as_bytes()).to_bytes());
    format!("{text}\n— {name} {}\n", base64(&signature))
}

/// The entries of a log of fewer than 256.
pub fn entries(log: &Path) -> Vec<Value> {
    raw(log).iter().map(|entry| serde_json::from_slice(entry).unwrap()).collect()
}

fn raw(log: &Path) -> Vec<Vec<u8>> {
    let size: usize = std::fs::read_to_string(log.join("checkpoint")).unwrap().lines().nth(1).unwrap().parse().unwrap();
    let bytes = std::fs::read(log.join(format!("tile/entries/000.p/{size}"))).unwrap();
    let (mut rest, mut entries) = (bytes.as_slice(), Vec::new());
    while let [a, b, tail @ ..] = rest {
        let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes([*a, *b])));
        entries.push(entry.to_vec());
        rest = tail;
    }
    assert_eq!(entries.len(), size);
    entries
}

fn root(hashes: &[[u8; 32]]) -> [u8; 32] {
    match hashes {
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            Sha256::new().chain_update([1]).chain_update(root(left)).chain_update(root(right)).finalize().into()
        }
    }
}

/// Writes another log in the place of one, signed by the host's own key.
pub fn rewrite_log(data: &Path, entries: &[Value]) {
    let log = data.join("log");
    let origin = std::fs::read_to_string(log.join("checkpoint")).unwrap().lines().next().unwrap().to_owned();
    // What is not changed keeps its bytes.
    let known: Vec<(Value, Vec<u8>)> = raw(&log).into_iter().map(|bytes| (serde_json::from_slice(&bytes).unwrap(), bytes)).collect();
    let text = |entry: &Value| {
        let same = known.iter().find(|(value, _)| value == entry).map(|(_, bytes)| bytes.clone());
        same.unwrap_or_else(|| serde_json::to_vec(entry).unwrap())
    };
    let texts: Vec<Vec<u8>> = entries.iter().map(text).collect();
    let leaves: Vec<[u8; 32]> = texts.iter().map(|text| Sha256::new().chain_update([0]).chain_update(text).finalize().into()).collect();
    let mut bundle = Vec::new();
    for text in &texts {
        bundle.extend((text.len() as u16).to_be_bytes());
        bundle.extend(text);
    }
    std::fs::remove_dir_all(log.join("tile")).unwrap();
    for (level, bytes) in [("entries", bundle), ("0", leaves.concat())] {
        let folder = log.join(format!("tile/{level}/000.p"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(entries.len().to_string()), bytes).unwrap();
    }
    let text = format!("{origin}\n{}\n{}\n", entries.len(), base64(&root(&leaves)));
    let skey = std::fs::read_to_string(data.join("keys/log.key")).unwrap();
    std::fs::write(log.join("checkpoint"), sign(&text, &skey)).unwrap();
}

/// Changes a release's manifest and signs it anew with the district's own key;
/// gives the digest of the new one.
pub fn resign(data: &Path, release: &str, change: impl Fn(&mut Value)) -> String {
    let folder = data.join("releases").join(release);
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    change(&mut manifest);
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let digest = sha256(&bytes);
    let skey = std::fs::read_to_string(data.join(format!("keys/district-{}.key", &release[..5]))).unwrap();
    std::fs::write(folder.join("manifest.json"), bytes).unwrap();
    std::fs::write(folder.join("manifest.sig"), sign(&format!("bansos-terbuka/release/v1\n{release}\n{digest}\n"), &skey)).unwrap();
    digest
}

/// Makes the manifest's entry of a file fit the file as it is now.
pub fn refit(manifest: &mut Value, path: &str, bytes: &[u8]) {
    let entry = manifest["files"].as_array_mut().unwrap().iter_mut().find(|entry| entry["path"] == path).unwrap();
    entry["sha256"] = sha256(bytes).into();
    entry["bytes"] = bytes.len().into();
}
