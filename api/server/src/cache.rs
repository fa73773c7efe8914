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
use tokio::sync::Semaphore;

use crate::negotiate::Coding;
use crate::problem::Failure;

/// Coders that work at once: each takes memory of its own for as long as it
/// does, and many more of them than processors make nobody's answer come sooner.
static CODERS: Semaphore = Semaphore::const_new(4);

/// An answer, in one coding.
#[derive(Debug, Clone)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// The headers that are made once with them, not for every reader.
    pub headers: Arc<[(HeaderName, HeaderValue)]>,
}

impl Body {
    /// An answer with the headers that are made with it. What the bytes had
    /// room for besides is given back: coders ask for room for the worst case,
    /// and the cache counts bytes, not room.
    #[must_use]
    pub fn new(bytes: Vec<u8>, headers: Arc<[(HeaderName, HeaderValue)]>) -> Body {
        Body { bytes: bytes.into_boxed_slice().into(), headers }
    }

    /// An answer without headers of its own.
    #[must_use]
    pub fn plain(bytes: Vec<u8>) -> Body {
        Body::new(bytes, Arc::from([]))
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
            let turn = CODERS.acquire().await;
            let encoded = actix_web::web::block(move || coding.encode(&bytes)).await?;
            drop(turn);
            let bytes = encoded.map_err(|error| Failure::Internal(format!("{}: {error}", coding.as_str()).into()))?;
            Ok::<Body, Failure>(Body::new(bytes, plain.headers))
        };
        Ok(self.0.try_get_with(tag.to_owned(), encode).await?)
    }

    /// Counts an answer that was ready before it was looked for here.
    pub fn was_ready(&self) {
        self.1.hits.fetch_add(1, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::problem::{Code, Problem};

    fn key(name: &str) -> impl Fn(Coding) -> String {
        let name = name.to_owned();
        move |coding| format!("{name}-{}", coding.as_str())
    }

    fn body(text: &str) -> Body {
        Body::plain(text.as_bytes().to_vec())
    }

    /// The answer `name` in a coding.
    async fn ask(cache: &Cache, name: &str, coding: Coding, compute: impl Future<Output = Result<Body, Failure>>) -> Result<Body, Failure> {
        let key = key(name);
        cache.get(&key(coding), key, coding, compute).await
    }

    fn plain(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        use std::io::Read as _;
        let mut out = Vec::new();
        match coding {
            Coding::Identity => out.extend_from_slice(bytes),
            Coding::Gzip => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
            Coding::Zstd => out = zstd::decode_all(bytes).unwrap(),
            Coding::Brotli => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap()),
        }
        out
    }

    #[actix_web::test]
    async fn every_coding_holds_the_same_and_is_computed_from_one_answer() {
        let cache = Cache::new(1 << 20);
        let computed = AtomicUsize::new(0);
        let text = "a figure, ".repeat(1000);
        for _ in 0..2 {
            for coding in Coding::ALL {
                let compute = async {
                    computed.fetch_add(1, Ordering::SeqCst);
                    Ok(body(&text))
                };
                let got = ask(&cache, "one", coding, compute).await.unwrap();
                assert_eq!(plain(coding, &got.bytes), text.as_bytes(), "{}", coding.as_str());
                assert!(coding == Coding::Identity || got.bytes.len() < text.len() / 10);
            }
        }
        assert_eq!(computed.load(Ordering::SeqCst), 1);
    }

    #[actix_web::test]
    async fn an_answer_in_the_cache_takes_no_more_room_than_its_bytes() {
        let cache = Cache::new(1 << 20);
        let text = "a figure, ".repeat(10_000);
        for coding in Coding::ALL {
            let mut roomy = Vec::with_capacity(1 << 18);
            roomy.extend_from_slice(text.as_bytes());
            drop(ask(&cache, "one", coding, async { Ok(Body::plain(roomy)) }).await.unwrap());
            // The cache holds one of its own until its tasks have run.
            let kept = cache.0.remove(&key("one")(coding)).await.unwrap().bytes;
            cache.settle().await;
            let kept = kept.try_into_mut().unwrap();
            assert_eq!(kept.capacity(), kept.len(), "{}", coding.as_str());
        }
    }

    #[actix_web::test]
    async fn a_hundred_who_ask_at_once_wait_for_one_computation() {
        let cache = Cache::new(1 << 20);
        let computed = Arc::new(AtomicUsize::new(0));
        let mut all = Vec::new();
        for number in 0..100 {
            let (cache, computed) = (cache.clone(), computed.clone());
            let coding = Coding::ALL[number % 4];
            all.push(actix_web::rt::spawn(async move {
                let compute = async move {
                    computed.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok(body("the answer"))
                };
                plain(coding, &ask(&cache, "one", coding, compute).await.unwrap().bytes)
            }));
        }
        for one in all {
            assert_eq!(one.await.unwrap(), b"the answer");
        }
        assert_eq!(computed.load(Ordering::SeqCst), 1);
    }

    #[actix_web::test]
    async fn an_error_is_told_to_all_who_wait_and_not_kept() {
        let cache = Cache::new(1 << 20);
        let mut all = Vec::new();
        for _ in 0..10 {
            let cache = cache.clone();
            all.push(actix_web::rt::spawn(async move {
                let compute = async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Err(Problem::plain(Code::NotReady).into())
                };
                ask(&cache, "one", Coding::Gzip, compute).await
            }));
        }
        for one in all {
            assert!(matches!(one.await.unwrap(), Err(Failure::Problem(problem)) if problem.code == Code::NotReady));
        }
        let got = ask(&cache, "one", Coding::Identity, async { Ok(body("well again")) }).await.unwrap();
        assert_eq!(&got.bytes[..], b"well again");
    }

    #[actix_web::test]
    async fn a_panic_or_a_client_that_leaves_does_not_stop_those_who_wait() {
        let cache = Cache::new(1 << 20);
        // The first leaves while its answer is computed.
        let leaving = {
            let cache = cache.clone();
            actix_web::rt::spawn(async move {
                let never = async {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                    Ok(body("never"))
                };
                ask(&cache, "left", Coding::Identity, never).await
            })
        };
        tokio::time::sleep(Duration::from_millis(20)).await;
        let waiting = {
            let cache = cache.clone();
            actix_web::rt::spawn(async move { ask(&cache, "left", Coding::Identity, async { Ok(body("computed anew")) }).await })
        };
        tokio::time::sleep(Duration::from_millis(20)).await;
        leaving.abort();
        assert_eq!(&waiting.await.unwrap().unwrap().bytes[..], b"computed anew");
        // A panic where answers are computed comes as a failure of that answer.
        let failing = async {
            actix_web::web::block(|| panic!("on purpose")).await?;
            Ok(body("never"))
        };
        assert!(matches!(ask(&cache, "fails", Coding::Identity, failing).await, Err(Failure::Internal(_))));
        let got = ask(&cache, "fails", Coding::Zstd, async { Ok(body("well again")) }).await.unwrap();
        assert_eq!(plain(Coding::Zstd, &got.bytes), b"well again");
    }

    #[actix_web::test]
    async fn bytes_are_bounded_whatever_is_asked() {
        const MOST: u64 = 1 << 20;
        let cache = Cache::new(MOST);
        for number in 0..2000 {
            // Not to be compressed, so that what is kept is as large as it looks.
            let bytes: Vec<u8> =
                (0..4096u32).map(|at| (at.wrapping_mul(2_654_435_761) ^ number).wrapping_mul(40_503).to_be_bytes()[0]).collect();
            let compute = async { Ok(Body::plain(bytes)) };
            ask(&cache, &number.to_string(), Coding::ALL[number as usize % 4], compute).await.unwrap();
            if number % 100 == 99 {
                cache.0.run_pending_tasks().await;
                assert!(cache.0.weighted_size() <= MOST, "{} bytes after {number}", cache.0.weighted_size());
            }
        }
        assert!(cache.0.weighted_size() > MOST / 2, "the cache is hardly used: {} bytes", cache.0.weighted_size());
    }
}
