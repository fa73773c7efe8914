//! Randomness for shuffles and salts: from the operating system, always.
//!
//! Only a build with `test-hooks` lets `BANSOS_SEED` take its place, so that a
//! test can compare two runs; a shipped binary cannot be seeded.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::{Error, Result};

/// A generator seeded with 256 fresh bits.
///
/// # Errors
/// When the system has no randomness to give.
pub(crate) fn generator() -> Result<ChaCha20Rng> {
    let mut seed = [0u8; 32];
    #[cfg(feature = "test-hooks")]
    if let Some(number) = std::env::var("BANSOS_SEED").ok().and_then(|text| text.parse::<u64>().ok()) {
        return Ok(ChaCha20Rng::seed_from_u64(number));
    }
    getrandom::fill(&mut seed).map_err(|error| Error::NotNow(format!("the system has no randomness: {error}")))?;
    Ok(ChaCha20Rng::from_seed(seed))
}
