//! SHA-256 of bytes and files, hex.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Of bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    release::hex(&Sha256::digest(bytes))
}

/// Size and digest of a file, read in pieces.
///
/// # Errors
/// When it cannot be read.
pub fn of_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut sha256, mut bytes, mut buffer) = (Sha256::new(), 0u64, vec![0u8; 1 << 17]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, release::hex(&sha256.finalize()))),
            n => {
                sha256.update(buffer.get(..n).unwrap_or_default());
                bytes += n as u64;
            }
        }
    }
}
