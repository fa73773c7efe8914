//! The built site at `/`: small files, kept ready in each coding.
//!
//! The folder may be a link that the next build repoints; it is resolved for
//! every request, so a new build shows at once and an old page never mixes with
//! a new style sheet of the same request. Where a path led is remembered with
//! the file it led to: while the same file stands there, one question to the
//! file system is enough.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::cache::Body;
use crate::files::media_type;
use crate::negotiate::Coding;
use crate::params::decode_percent;
use crate::problem::{Answer, Code, Failure, Problem};
use crate::respond::matches;
use crate::state::State;

/// What a page may do: nothing from elsewhere. Charts carry style attributes.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a card may do that others show within their pages (`/sematkan/`): it has
/// no script and no form, and nobody else's page is kept from framing it.
const CARD_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";

/// Where the cards stand, in each language.
const CARDS: [&str; 2] = ["/sematkan/", "/en/sematkan/"];

/// The policy of a page by where it stands; everything but the cards is kept
/// out of frames, a page that is not there too.
fn policy(path: &str, status: StatusCode) -> &'static str {
    let card = status != StatusCode::NOT_FOUND && CARDS.iter().any(|cards| path.starts_with(cards));
    if card { CARD_POLICY } else { POLICY }
}

/// Files above this size are not kept in memory.
const SMALL: u64 = 4 << 20;

/// Paths that are remembered; then all are forgotten.
const REMEMBERED: usize = 4096;

/// The built site.
#[derive(Debug, Default)]
pub struct Site {
    folder: Option<PathBuf>,
    seen: RwLock<HashMap<String, Arc<Target>>>,
}

/// A file of the site.
#[derive(Debug)]
struct Target {
    /// Its name below the folder as it was given, which may pass links.
    name: PathBuf,
    /// Its name without links.
    path: PathBuf,
    stamp: Stamp,
    /// A word for these bytes, for the ETag.
    word: String,
    kind: &'static str,
}

/// Which file it is, and in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Stamp { device: metadata.dev(), inode: metadata.ino(), length: metadata.len(), modified }
    }
}

/// Where a path of the site leads.
enum Found {
    File(Target),
    /// A folder that was asked for without its last slash.
    Folder,
    Nothing,
}

impl Site {
    /// The site in a folder, or none.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Site {
        Site { folder, seen: RwLock::default() }
    }

    /// Answers with a page or file of the site.
    ///
    /// # Errors
    /// `not-found` where there is no site, or it has no page for that.
    pub async fn serve(&self, request: &HttpRequest, state: &State) -> Answer {
        let Some(folder) = &self.folder else { return missing(request) };
        let path = decode_percent(request.path()).unwrap_or_default();
        if let Some(target) = self.remembered(&path) {
            return page(request, state, &target, StatusCode::OK).await;
        }
        let path = path.into_owned();
        let (folder, wanted) = (folder.clone(), path.clone());
        let language = if path == "/en" || path.starts_with("/en/") { "en/404.html" } else { "404.html" };
        let (found, not_found) = actix_web::web::block(move || {
            let found = look(&folder, &wanted);
            let not_found = match found {
                Found::Nothing => [language, "404.html"].into_iter().find_map(|name| match look(&folder, name) {
                    Found::File(target) => Some(target),
                    _ => None,
                }),
                _ => None,
            };
            (found, not_found)
        })
        .await?;
        match (found, not_found) {
            (Found::File(target), _) => {
                let target = Arc::new(target);
                self.remember(path, target.clone());
                page(request, state, &target, StatusCode::OK).await
            }
            (Found::Folder, _) => {
                let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
                Err(Failure::Redirect(format!("{}/{query}", request.path())))
            }
            (Found::Nothing, Some(target)) => page(request, state, &target, StatusCode::NOT_FOUND).await,
            (Found::Nothing, None) => missing(request),
        }
    }

    /// Where a path led before, if the same file still stands there. Asks the
    /// file system once: a name that was looked up a moment ago is in memory.
    fn remembered(&self, path: &str) -> Option<Arc<Target>> {
        let target = self.seen.read().unwrap_or_else(PoisonError::into_inner).get(path)?.clone();
        let metadata = std::fs::metadata(&target.name).ok()?;
        (Stamp::of(&metadata) == target.stamp).then_some(target)
    }

    fn remember(&self, path: String, target: Arc<Target>) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        seen.insert(path, target);
    }
}

fn missing(request: &HttpRequest) -> Answer {
    if request.path() == "/" {
        let text = "<!doctype html><html lang=\"id\"><meta charset=\"utf-8\"><title>Bansos Terbuka</title>\
            <meta name=\"viewport\" content=\"width=device-width\"><h1>Bansos Terbuka</h1>\
            <p>Situs belum dibangun. <a href=\"/v1\">API</a> · <a href=\"/docs/\">Dokumentasi</a></p>\
            <p lang=\"en\">The site is not built yet. <a href=\"/v1\">API</a> · <a href=\"/docs/\">Documentation</a></p></html>\n";
        return Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .body(text));
    }
    Err(Problem::plain(Code::NotFound).into())
}

/// Looks a path up, never outside the folder and never at a hidden file
/// (`.well-known` is none).
fn look(folder: &Path, path: &str) -> Found {
    let mut full = folder.to_owned();
    for part in Path::new(path.trim_start_matches('/')).components() {
        match part {
            Component::Normal(name) if !name.to_string_lossy().starts_with('.') || name == ".well-known" => full.push(name),
            Component::CurDir => {}
            _ => return Found::Nothing,
        }
    }
    let Ok(metadata) = std::fs::metadata(&full) else { return Found::Nothing };
    let (full, metadata) = if metadata.is_dir() {
        let index = full.join("index.html");
        match std::fs::metadata(&index) {
            Ok(_) if !path.ends_with('/') && !path.is_empty() => return Found::Folder,
            Ok(metadata) => (index, metadata),
            Err(_) => return Found::Nothing,
        }
    } else if path.ends_with('/') {
        return Found::Nothing;
    } else {
        (full, metadata)
    };
    // A link inside the site must not lead out of it.
    let (Ok(folder), Ok(real)) = (folder.canonicalize(), full.canonicalize()) else { return Found::Nothing };
    if !real.starts_with(folder) {
        return Found::Nothing;
    }
    let stamp = Stamp::of(&metadata);
    let digest = Sha256::digest(format!("{}\n{}\n{:?}", real.display(), stamp.length, stamp.modified));
    Found::File(Target {
        kind: media_type(&real.to_string_lossy()),
        word: digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect(),
        name: full,
        path: real,
        stamp,
    })
}

async fn page(request: &HttpRequest, state: &State, target: &Target, status: StatusCode) -> Answer {
    let Target { path, kind, word, stamp, .. } = target;
    if stamp.length > SMALL {
        return crate::files::serve(
            request,
            crate::files::Served {
                path: path.clone(),
                kind,
                sha256: None,
                caching: "public, max-age=300",
                disposition: None,
                described_by: None,
                encoded: None,
            },
        )
        .await;
    }
    let compressible = kind.starts_with("text/") || kind.contains("json") || kind.contains("xml") || kind.contains("svg");
    let coding = if compressible { Coding::accepted(request.headers(), &Coding::ALL) } else { Coding::Identity };
    let tag = |coding: Coding| format!("\"{word}-{}\"", coding.as_str());
    // Decoded once, as the file was looked up: `/%73ematkan/` is no other place.
    let asked = decode_percent(request.path()).unwrap_or_default();
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::ETAG, tag(coding)))
        .insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")))
        .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy(&asked, status))))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400")));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if status == StatusCode::OK && known.is_some_and(|known| matches(known, &tag(coding))) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let path = path.clone();
    let read = async move {
        let bytes = actix_web::web::block(move || std::fs::read(&path)).await?.map_err(anyhow::Error::from)?;
        Ok(Body::plain(bytes))
    };
    let key = |coding| format!("site {}", tag(coding));
    let body = state.cache.get(&key(coding), key, coding, read).await?;
    if coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str())));
    }
    Ok(response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(kind))).body(body.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_or_hidden_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().canonicalize().unwrap().join("site");
        std::fs::create_dir_all(site.join("a/.well-known")).unwrap();
        std::fs::write(site.join("a/index.html"), "x").unwrap();
        std::fs::write(site.join(".hidden"), "x").unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), site.join("link")).unwrap();
        assert!(matches!(look(&site, "/a/"), Found::File(_)));
        assert!(matches!(look(&site, "/a"), Found::Folder));
        for path in ["/../secret", "/a/../../secret", "/.hidden", "/link", "/b", "/a/index.html/"] {
            assert!(matches!(look(&site, path), Found::Nothing), "{path}");
        }
    }

    #[test]
    fn only_cards_may_be_framed() {
        for path in ["/sematkan/kota-tangerang/ciledug/pkh/", "/en/sematkan/kota-tangerang/pkh/"] {
            assert!(policy(path, StatusCode::OK).contains("frame-ancestors *"), "{path}");
            assert!(policy(path, StatusCode::NOT_FOUND).contains("frame-ancestors 'none'"), "{path}");
        }
        for path in ["/", "/wilayah/sematkan/", "/sematkan", "/sematkanlah/", "//sematkan/", "/en/wilayah/", "/v1"] {
            assert!(policy(path, StatusCode::OK).contains("frame-ancestors 'none'"), "{path}");
        }
        assert!(!CARD_POLICY.contains("script-src") && !CARD_POLICY.contains("unsafe"));
    }

    #[test]
    fn what_is_remembered_is_forgotten_when_another_file_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let (current, site) = (folder.path().join("current"), |name: &str| folder.path().join(name));
        for name in ["one", "two"] {
            std::fs::create_dir(site(name)).unwrap();
            std::fs::write(site(name).join("index.html"), name).unwrap();
        }
        std::os::unix::fs::symlink(site("one"), &current).unwrap();
        let served = Site::new(Some(current.clone()));
        let Found::File(target) = look(&current, "/") else { panic!("the page is there") };
        served.remember("/".to_owned(), Arc::new(target));
        assert!(served.remembered("/").is_some_and(|target| target.path.ends_with("one/index.html")));
        // The next build takes the place of this one.
        std::os::unix::fs::symlink(site("two"), site("next")).unwrap();
        std::fs::rename(site("next"), &current).unwrap();
        assert!(served.remembered("/").is_none());
        std::fs::remove_file(site("two").join("index.html")).unwrap();
        assert!(served.remembered("/").is_none());
    }
}
