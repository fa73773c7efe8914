//! Encoded answers, ready in each coding, bounded in bytes.
//!
//! The key is the answer's ETag, which names everything the bytes depend on, so
//! nothing in here ever becomes wrong; it only becomes old. Concurrent misses
//! of one answer compute it once.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;

use crate::negotiate::Coding;
use crate::problem::Failure;

/// An answer, in one coding.
#[derive(Debug, Clone)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// The headers that are made once with them, not for every reader.
    pub headers: Arc<[(HeaderName, HeaderValue)]>,
}

impl Body {
    /// An answer without headers of its own.
    #[must_use]
    pub fn plain(bytes: Vec<u8>) -> Body {
        Body { bytes: bytes.into(), headers: Arc::from([]) }
    }
}

/// The cache.
#[derive(Debug, Clone)]
pub struct Cache(moka::future::Cache<String, Body>, Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
}

/// What the cache holds, and how often it had what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Answers that were there, in the coding asked for.
    pub hits: u64,
    /// Answers that were computed, or encoded anew.
    pub misses: u64,
    /// Answers that another request was computing already.
    pub coalesced: u64,
    /// Answers in memory, each coding for itself.
    pub entries: u64,
    /// What they weigh, in bytes.
    pub bytes: u64,
}

impl Cache {
    /// A cache of at most `bytes` bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Cache {
        let weigh = |key: &String, body: &Body| {
            let headers: usize = body.headers.iter().map(|(_, value)| value.len() + 64).sum();
            let size = key.len() + body.bytes.len() + headers + 256;
            u32::try_from(size).unwrap_or(u32::MAX)
        };
        Cache(moka::future::Cache::builder().max_capacity(bytes).weigher(weigh).build(), Arc::default())
    }

    /// The answer `tag`, which is `key` in `coding`; `compute` makes its plain bytes.
    ///
    /// # Errors
    /// Whatever `compute` gives; errors are not kept.
    pub async fn get(
        &self,
        tag: &str,
        key: impl Fn(Coding) -> String,
        coding: Coding,
        compute: impl Future<Output = Result<Body, Failure>>,
    ) -> Result<Body, Failure> {
        if let Some(body) = self.0.get(tag).await {
            self.1.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(body);
        }
        // Whoever computes, here or for the coding, did not wait for another.
        let own = Own { ran: AtomicBool::new(false), counts: &self.1 };
        let compute = async {
            own.ran.store(true, Ordering::Relaxed);
            compute.await
        };
        let plain = self.0.try_get_with(key(Coding::Identity), compute).await?;
        if coding == Coding::Identity {
            return Ok(plain);
        }
        let ran = &own.ran;
        let encode = async move {
            ran.store(true, Ordering::Relaxed);
            let bytes = plain.bytes.clone();
            let encoded = actix_web::web::block(move || coding.encode(&bytes)).await?;
            let bytes = encoded.map_err(|error| Failure::Internal(format!("{}: {error}", coding.as_str()).into()))?;
            Ok::<Body, Failure>(Body { bytes: bytes.into(), headers: plain.headers })
        };
        Ok(self.0.try_get_with(tag.to_owned(), encode).await?)
    }

    /// What the cache has done and holds.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Seen {
            hits: load(&self.1.hits),
            misses: load(&self.1.misses),
            coalesced: load(&self.1.coalesced),
            entries: self.0.entry_count(),
            bytes: self.0.weighted_size(),
        }
    }

    /// Brings what it says of itself up to date.
    pub async fn settle(&self) {
        self.0.run_pending_tasks().await;
    }
}

/// Counts a request that found nothing ready, once, however it ends.
struct Own<'a> {
    ran: AtomicBool,
    counts: &'a Counts,
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let count = if *self.ran.get_mut() { &self.counts.misses } else { &self.counts.coalesced };
        count.fetch_add(1, Ordering::Relaxed);
    }
}
