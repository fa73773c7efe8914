//! The built site at `/`: small files, kept ready in each coding.
//!
//! The folder may be a link that the next build repoints; it is resolved for
//! every request, so a new build shows at once and an old page never mixes with
//! a new style sheet of the same request.

use std::path::{Component, Path, PathBuf};

use actix_web::http::StatusCode;
use actix_web::http::header;
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

/// Files above this size are not kept in memory.
const SMALL: u64 = 4 << 20;

/// The built site.
#[derive(Debug, Clone)]
pub struct Site(Option<PathBuf>);

/// Where a path of the site leads.
enum Found {
    File {
        path: PathBuf,
        length: u64,
        modified: u64,
    },
    /// A folder that was asked for without its last slash.
    Folder,
    Nothing,
}

impl Site {
    /// The site in a folder, or none.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Site {
        Site(folder)
    }

    /// Answers with a page or file of the site.
    ///
    /// # Errors
    /// `not-found` where there is no site, or it has no page for that.
    pub async fn serve(&self, request: &HttpRequest, state: &State) -> Answer {
        let Some(folder) = self.0.clone() else { return missing(request) };
        let path = decode_percent(request.path()).unwrap_or_default();
        let language = if path == "/en" || path.starts_with("/en/") { "en/404.html" } else { "404.html" };
        let (found, not_found) = actix_web::web::block(move || {
            let folder = folder.canonicalize().unwrap_or(folder);
            let found = look(&folder, &path);
            let not_found = match found {
                Found::Nothing => match look(&folder, language) {
                    Found::File { path, length, modified } => Some((path, length, modified)),
                    _ => match look(&folder, "404.html") {
                        Found::File { path, length, modified } => Some((path, length, modified)),
                        _ => None,
                    },
                },
                _ => None,
            };
            (found, not_found)
        })
        .await?;
        match (found, not_found) {
            (Found::File { path, length, modified }, _) => page(request, state, path, length, modified, StatusCode::OK).await,
            (Found::Folder, _) => {
                let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
                Err(Failure::Redirect(format!("{}/{query}", request.path())))
            }
            (Found::Nothing, Some((path, length, modified))) => page(request, state, path, length, modified, StatusCode::NOT_FOUND).await,
            (Found::Nothing, None) => missing(request),
        }
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
    if !full.canonicalize().is_ok_and(|real| real.starts_with(folder)) {
        return Found::Nothing;
    }
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    Found::File { path: full, length: metadata.len(), modified: modified.map_or(0, |since| since.as_nanos() as u64) }
}

async fn page(request: &HttpRequest, state: &State, path: PathBuf, length: u64, modified: u64, status: StatusCode) -> Answer {
    let kind = media_type(&path.to_string_lossy());
    if length > SMALL {
        return crate::files::serve(
            request,
            crate::files::Served {
                path,
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
    let digest = Sha256::digest(format!("{}\n{length}\n{modified}", path.display()));
    let word: String = digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    let tag = |coding: Coding| format!("\"{word}-{}\"", coding.as_str());
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::ETAG, tag(coding)))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300, stale-while-revalidate=86400"));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if status == StatusCode::OK && known.is_some_and(|known| matches(known, &tag(coding))) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let read = async move {
        let bytes = actix_web::web::block(move || std::fs::read(&path)).await?.map_err(anyhow::Error::from)?;
        Ok(Body { bytes: bytes.into(), next: None })
    };
    let body = state.cache.get(|coding| format!("site {}", tag(coding)), coding, read).await?;
    if coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, coding.as_str()));
    }
    Ok(response.insert_header((header::CONTENT_TYPE, kind)).body(body.bytes))
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
        assert!(matches!(look(&site, "/a/"), Found::File { .. }));
        assert!(matches!(look(&site, "/a"), Found::Folder));
        for path in ["/../secret", "/a/../../secret", "/.hidden", "/link", "/b", "/a/index.html/"] {
            assert!(matches!(look(&site, path), Found::Nothing), "{path}");
        }
    }
}
