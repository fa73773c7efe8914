//! Encoded answers, ready in each coding, bounded in bytes.
//!
//! The key is the answer's ETag, which names everything the bytes depend on, so
//! nothing in here ever becomes wrong; it only becomes old. Concurrent misses
//! of one answer compute it once.

use std::future::Future;

use actix_web::web::Bytes;

use crate::negotiate::Coding;
use crate::problem::Failure;

/// An answer before it is encoded.
#[derive(Debug, Clone)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// Address of the next page.
    pub next: Option<String>,
}

/// The cache.
#[derive(Debug, Clone)]
pub struct Cache(moka::future::Cache<String, Body>);

impl Cache {
    /// A cache of at most `bytes` bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Cache {
        let weigh = |key: &String, body: &Body| {
            let size = key.len() + body.bytes.len() + body.next.as_ref().map_or(0, String::len) + 256;
            u32::try_from(size).unwrap_or(u32::MAX)
        };
        Cache(moka::future::Cache::builder().max_capacity(bytes).weigher(weigh).build())
    }

    /// The answer `key` in `coding`; `compute` makes its plain bytes.
    ///
    /// # Errors
    /// Whatever `compute` gives; errors are not kept.
    pub async fn get(
        &self,
        key: impl Fn(Coding) -> String,
        coding: Coding,
        compute: impl Future<Output = Result<Body, Failure>>,
    ) -> Result<Body, Failure> {
        if let Some(body) = self.0.get(&key(coding)).await {
            return Ok(body);
        }
        let plain = self.0.try_get_with(key(Coding::Identity), compute).await?;
        if coding == Coding::Identity {
            return Ok(plain);
        }
        let encode = async move {
            let bytes = plain.bytes.clone();
            let encoded = actix_web::web::block(move || coding.encode(&bytes)).await?;
            let bytes = encoded.map_err(|error| Failure::Internal(format!("{}: {error}", coding.as_str()).into()))?;
            Ok::<Body, Failure>(Body { bytes: bytes.into(), next: plain.next })
        };
        Ok(self.0.try_get_with(key(coding), encode).await?)
    }
}
