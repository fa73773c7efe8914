//! The answers asked for last, by the very words of the question: a reader that
//! asks what was just asked, in the same words, needs neither parameters read
//! nor a question hashed. It stands before [`crate::cache`], which knows
//! answers by what they mean, and shares its bytes.
//!
//! Kept are answers of [`crate::respond::Asked::made`] alone. They depend on
//! the address, on the headers that their `Vary` names, and on the catalogue as
//! it was found last; when another is found, all of them are forgotten.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpResponse};

use crate::respond::WasHead;

/// Parts with a lock of their own, so that workers do not wait for each other.
const PARTS: usize = 16;
/// Most bytes of answers in all parts together; less where the cache is smaller.
const MOST: u64 = 8 << 20;
/// Largest answer kept, in bytes: of larger ones the way to them is the least part.
const LARGEST: usize = 128 << 10;
/// Longest question kept, headers included, in bytes.
const LONGEST: usize = 1 << 10;

/// Marks an answer that may be kept here.
#[derive(Debug, Clone, Copy)]
pub struct Keep;

/// The pattern of the route that answered: what was kept passes no router.
#[derive(Debug, Clone)]
pub struct Route(pub String);

/// The answers that are ready.
#[derive(Debug)]
pub struct Ready {
    parts: [Mutex<Part>; PARTS],
    hasher: RandomState,
    /// Counts the catalogues that were found.
    catalogue: AtomicU64,
    /// Most bytes of a part.
    most: usize,
}

#[derive(Debug, Default)]
struct Part {
    /// The catalogue that its answers are of.
    catalogue: u64,
    all: HashMap<String, Answer>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Answer {
    headers: std::sync::Arc<[(HeaderName, HeaderValue)]>,
    bytes: Bytes,
    route: std::sync::Arc<str>,
}

/// A question in its very words, and the catalogue when it was asked.
#[derive(Debug)]
pub struct Question {
    words: String,
    catalogue: u64,
}

impl Ready {
    /// For a cache of so many bytes, of which these are part.
    #[must_use]
    pub fn new(cache_bytes: u64) -> Ready {
        let most = MOST.min(cache_bytes / 6) / PARTS as u64;
        Ready {
            parts: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            catalogue: AtomicU64::new(0),
            most: usize::try_from(most).unwrap_or(usize::MAX),
        }
    }

    /// Forgets everything: another catalogue answers from now on. To be called
    /// after it does.
    pub fn forget(&self) {
        self.catalogue.fetch_add(1, Ordering::Release);
    }

    /// The question that a request asks, if its answer may be kept: a plain GET
    /// without conditions.
    #[must_use]
    pub fn question(&self, request: &ServiceRequest) -> Option<Question> {
        if self.most == 0 || *request.method() != Method::GET {
            return None;
        }
        let headers = request.headers();
        let conditional = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::RANGE, header::IF_RANGE];
        if conditional.iter().any(|name| headers.contains_key(name)) || request.extensions().contains::<WasHead>() {
            return None;
        }
        let mut words = String::with_capacity(256);
        for name in [header::ACCEPT, header::ACCEPT_ENCODING, header::ACCEPT_LANGUAGE] {
            // Fields that stand on several lines are one list, and a rare one.
            let mut values = headers.get_all(name);
            let (first, second) = (values.next(), values.next());
            if second.is_some() {
                return None;
            }
            if let Some(value) = first {
                words.push_str(value.to_str().ok()?);
            }
            // No header holds a line's end.
            words.push('\n');
        }
        words.push_str(request.uri().path_and_query()?.as_str());
        (words.len() <= LONGEST).then(|| Question { words, catalogue: self.catalogue.load(Ordering::Acquire) })
    }

    /// The answer, if it is ready.
    #[must_use]
    pub fn get(&self, question: &Question) -> Option<(HttpResponse<BoxBody>, Route)> {
        let answer = {
            let part = self.part(question);
            (part.catalogue == question.catalogue).then(|| part.all.get(&question.words).cloned())??
        };
        let mut response = HttpResponse::build(StatusCode::OK);
        for (name, value) in &*answer.headers {
            response.append_header((name.clone(), value.clone()));
        }
        Some((response.body(answer.bytes), Route(answer.route.as_ref().to_owned())))
    }

    /// Keeps an answer, if it is one of those that may be kept.
    #[must_use]
    pub fn keep(&self, question: Question, mut response: HttpResponse<BoxBody>, route: &str) -> HttpResponse<BoxBody> {
        let Some(Keep) = response.extensions_mut().remove::<Keep>() else { return response };
        let (head, body) = response.into_parts();
        let bytes = match body.try_into_bytes() {
            Ok(bytes) => bytes,
            Err(body) => return head.set_body(body),
        };
        let size = bytes.len() + question.words.len() + 1024;
        if size <= LARGEST.min(self.most) && head.status() == StatusCode::OK {
            let headers = head.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let mut part = self.part(&question);
            if part.catalogue != question.catalogue || part.bytes + size > self.most {
                // One that was asked long ago must not bring its catalogue back.
                if question.catalogue < part.catalogue {
                    drop(part);
                    return head.set_body(BoxBody::new(bytes));
                }
                *part = Part { catalogue: question.catalogue, ..Part::default() };
            }
            let answer = Answer { headers, bytes: bytes.clone(), route: route.into() };
            if part.all.insert(question.words, answer).is_none() {
                part.bytes += size;
            }
        }
        head.set_body(BoxBody::new(bytes))
    }

    fn part(&self, question: &Question) -> MutexGuard<'_, Part> {
        let at = self.hasher.hash_one(&question.words) as usize % PARTS;
        // A part is whole at every moment, so a panic of another thread does not matter.
        self.parts[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(ready: &Ready, path: &str, headers: &[(&'static str, &'static str)]) -> Option<Question> {
        let request = headers.iter().fold(TestRequest::get().uri(path), |request, header| request.insert_header(*header));
        ready.question(&request.to_srv_request())
    }

    fn answer(bytes: usize) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::Ok().insert_header(("etag", "\"1\"")).body(vec![7u8; bytes]);
        response.extensions_mut().insert(Keep);
        response
    }

    fn kept(ready: &Ready, path: &str, bytes: usize) -> bool {
        drop(ready.keep(asked(ready, path, &[]).unwrap(), answer(bytes), "/v1/x"));
        ready.get(&asked(ready, path, &[]).unwrap()).is_some()
    }

    #[actix_web::test]
    async fn the_same_words_find_the_same_answer() {
        let ready = Ready::new(48 << 20);
        assert!(kept(&ready, "/v1/x?a=1", 10));
        let (response, route) = ready.get(&asked(&ready, "/v1/x?a=1", &[]).unwrap()).unwrap();
        assert_eq!(
            (response.status(), response.headers().get("etag").unwrap().as_bytes(), route.0.as_str()),
            (StatusCode::OK, &b"\"1\""[..], "/v1/x")
        );
        assert_eq!(response.into_body().try_into_bytes().unwrap(), vec![7u8; 10]);
        let other = |path, headers: &[_]| asked(&ready, path, headers).is_some_and(|question| ready.get(&question).is_some());
        for header in [("accept", "text/csv"), ("accept-encoding", "gzip"), ("accept-language", "en")] {
            assert!(!other("/v1/x?a=1", &[header]), "{header:?}");
        }
        assert!(!other("/v1/x?a=2", &[]) && !other("/v1/x", &[]));
    }

    #[actix_web::test]
    async fn conditions_and_other_methods_are_no_question_of_this_kind() {
        let ready = Ready::new(48 << 20);
        for header in [("if-none-match", "\"1\""), ("if-modified-since", "x"), ("range", "bytes=0-1")] {
            assert!(asked(&ready, "/v1/x", &[header]).is_none(), "{header:?}");
        }
        assert!(ready.question(&TestRequest::post().uri("/v1/x").to_srv_request()).is_none());
        let was_head = TestRequest::get().uri("/v1/x").to_srv_request();
        was_head.extensions_mut().insert(WasHead);
        assert!(ready.question(&was_head).is_none());
        let twice = TestRequest::get().uri("/v1/x").append_header(("accept", "a/b")).append_header(("accept", "c/d")).to_srv_request();
        assert!(ready.question(&twice).is_none());
        let long = format!("/v1/x?{}", "a".repeat(LONGEST));
        assert!(asked(&ready, &long, &[]).is_none());
        assert!(asked(&Ready::new(0), "/v1/x", &[]).is_none(), "no cache, nothing ready");
    }

    #[actix_web::test]
    async fn another_catalogue_forgets_all_even_what_comes_late() {
        let ready = Ready::new(48 << 20);
        assert!(kept(&ready, "/v1/x", 10));
        let late = asked(&ready, "/v1/x", &[]).unwrap();
        ready.forget();
        assert!(ready.get(&asked(&ready, "/v1/x", &[]).unwrap()).is_none());
        // Asked before, answered after: nobody who asks now may be given it.
        drop(ready.keep(late, answer(10), "/v1/x"));
        assert!(ready.get(&asked(&ready, "/v1/x", &[]).unwrap()).is_none());
        assert!(kept(&ready, "/v1/x", 20));
        let late = Question { words: "\n\n\n/v1/x".to_owned(), catalogue: 0 };
        drop(ready.keep(late, answer(10), "/v1/x"));
        let (response, _) = ready.get(&asked(&ready, "/v1/x", &[]).unwrap()).unwrap();
        assert_eq!(response.into_body().try_into_bytes().unwrap().len(), 20, "the newer one stays");
    }

    #[actix_web::test]
    async fn room_is_bounded_and_only_marked_answers_are_kept() {
        let ready = Ready::new(48 << 20);
        assert!(!kept(&ready, "/v1/x", LARGEST));
        for number in 0..2_000 {
            assert!(kept(&ready, &format!("/v1/x?a={number}"), 50_000));
        }
        let held: usize = ready.parts.iter().map(|part| part.lock().unwrap().bytes).sum();
        assert!(held as u64 <= MOST, "{held}");
        let plain = HttpResponse::Ok().body("x");
        let response = ready.keep(asked(&ready, "/v1/y", &[]).unwrap(), plain, "/v1/y");
        assert_eq!(response.into_body().try_into_bytes().unwrap(), "x");
        assert!(ready.get(&asked(&ready, "/v1/y", &[]).unwrap()).is_none());
    }
}
