//! Bundles of entries: up to 256, each after its length in two bytes.

use super::tiles::{self, Files, TILE};
use crate::merkle::Hash;
use crate::{Error, Result};

/// The most bytes of an entry.
pub(super) const LONGEST: usize = u16::MAX as usize;
/// The most bytes of a bundle.
pub(super) const MOST: u64 = TILE * (LONGEST as u64 + 2);

/// The leaf hash of an entry (RFC 6962: SHA-256 of a zero byte and the entry).
pub(super) fn leaf(entry: &[u8]) -> Hash {
    tlog_tiles::record_hash(entry).0
}

/// Appends an entry to the bytes of a bundle.
pub(super) fn add(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<()> {
    let length =
        u16::try_from(entry.len()).map_err(|_| Error::Log(format!("an entry is longer than {LONGEST} bytes; shorten the reason")))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle of `width`; its bytes must hold them and no more.
pub(super) fn parse(bytes: &[u8], width: u64) -> std::result::Result<Vec<&[u8]>, &'static str> {
    let (mut entries, mut rest) = (Vec::new(), bytes);
    for _ in 0..width {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or("the bundle is cut off")?;
        let (entry, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or("the bundle is cut off")?;
        entries.push(entry);
        rest = tail;
    }
    if rest.is_empty() { Ok(entries) } else { Err("the bundle goes on after its last entry") }
}

/// The bytes of the bundle `n`, which must hold `width` entries.
pub(super) fn read(files: &impl Files, n: u64, width: u64) -> Result<Vec<u8>> {
    let path = tiles::path("entries", n, width);
    let bytes = files.read(&path, MOST)?;
    parse(&bytes, width).map_err(|what| Error::Log(format!("{path}: {what}")))?;
    Ok(bytes)
}

/// Widths of the bundles of a log of `size` entries, by their numbers.
pub(super) fn widths(size: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..size.div_ceil(TILE)).map(move |n| (n, (size - n * TILE).min(TILE)))
}
