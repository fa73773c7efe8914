//! Proofs: that an entry is in a log (inclusion), and that a log is the
//! continuation of a smaller one (consistency). Made from the tiles, which are
//! checked against the head on the way; checked from a head alone.

use base64::Engine as _;
use tlog_tiles::HashReader;

use super::checkpoint::{Head, SignedHead};
use super::tiles::{Checked, Files};
use crate::merkle::{self, Hash};
use crate::{Error, Result};

/// No proof has more hashes: a tree has at most 2^63 leaves.
pub const LONGEST: usize = 63;

/// Runs a function of `tlog_tiles` over tiles that are checked against `head`.
fn over<T, F: Files>(files: &F, head: &Head, run: impl FnOnce(&Checked<'_, F>) -> std::result::Result<T, tlog_tiles::Error>) -> Result<T> {
    let tiles = Checked::new(files, head)?;
    run(&tiles).map_err(|error| tiles.explain(&error))
}

fn plain(hashes: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| hash.0).collect()
}

/// The leaf hash of the entry at `index`, from its tile.
///
/// # Errors
/// When there is no such entry, or a tile is missing or not the head's.
pub fn leaf(files: &impl Files, head: &Head, index: u64) -> Result<Hash> {
    within(head, index)?;
    let found = over(files, head, |reader| reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]))?;
    found.first().map(|hash| hash.0).ok_or_else(|| Error::Log(format!("no leaf {index}")))
}

fn within(head: &Head, index: u64) -> Result<()> {
    if index < head.size { Ok(()) } else { Err(Error::Log(format!("there is no entry {index}: the log has {}", head.size))) }
}

/// The proof that the entry at `index` is in the log: nearest sibling first.
///
/// # Errors
/// When there is no such entry, or a tile is missing or not the head's.
pub fn inclusion(files: &impl Files, head: &Head, index: u64) -> Result<Vec<Hash>> {
    within(head, index)?;
    over(files, head, |reader| tlog_tiles::prove_record(head.size, index, reader)).map(plain)
}

/// Checks that the entry with the leaf hash `leaf` is at `index` of the log.
///
/// # Errors
/// When the proof leads to another root.
pub fn check_inclusion(head: &Head, index: u64, leaf: Hash, proof: &[Hash]) -> Result<()> {
    if merkle::root_from(leaf, index, head.size, proof) == Some(head.root) {
        Ok(())
    } else {
        Err(Error::Log(format!("the proof does not show entry {index} in the log of {} entries", head.size)))
    }
}

/// The proof that the log is the continuation of its first `old` entries.
///
/// # Errors
/// When it is smaller, or a tile is missing or not the head's.
pub fn consistency(files: &impl Files, head: &Head, old: u64) -> Result<Vec<Hash>> {
    if old > head.size {
        return Err(Error::Log(format!("the log has {} entries, fewer than {old}", head.size)));
    }
    if old == 0 || old == head.size {
        return Ok(Vec::new());
    }
    over(files, head, |reader| tlog_tiles::prove_tree(head.size, old, reader)).map(plain)
}

/// Checks that the log `new` is the continuation of the log `old`.
///
/// # Errors
/// When the proof does not lead from the one root to the other.
pub fn check_consistency(old: &Head, new: &Head, proof: &[Hash]) -> Result<()> {
    let wrong = || Error::Log(format!("the log of {} entries is not shown to continue that of {}", new.size, old.size));
    if old.size > new.size || proof.len() > LONGEST {
        return Err(wrong());
    }
    if old.size == 0 {
        return if proof.is_empty() && old.root == tlog_tiles::EMPTY_HASH.0 { Ok(()) } else { Err(wrong()) };
    }
    let proof = proof.iter().map(|hash| tlog_tiles::Hash(*hash)).collect();
    tlog_tiles::check_tree(&proof, new.size, tlog_tiles::Hash(new.root), old.size, tlog_tiles::Hash(old.root)).map_err(|_| wrong())
}

/// The proof of an entry as a file of its own (C2SP tlog-proof), with the
/// checkpoint and all its signatures: whoever has the keys needs nothing else.
///
/// # Errors
/// As [`inclusion`].
pub fn file(files: &impl Files, signed: &SignedHead, index: u64) -> Result<String> {
    let mut text = format!("c2sp.org/tlog-proof@v1\nindex {index}\n");
    for hash in inclusion(files, signed.head(), index)? {
        text += &base64::engine::general_purpose::STANDARD.encode(hash);
        text.push('\n');
    }
    Ok(format!("{text}\n{signed}"))
}
