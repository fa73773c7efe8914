//! Files served as they lie on disk: ranges, digests, constant memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use base64::Engine as _;

use crate::problem::{Answer, Code, Problem};
use crate::respond::{Pieces, WasHead, matches};
use crate::words::Text;

/// How a file is answered.
#[derive(Debug)]
pub struct Served {
    /// Where it lies.
    pub path: PathBuf,
    /// Media type.
    pub kind: &'static str,
    /// SHA-256, hex, when it is known: becomes ETag and `Repr-Digest`.
    pub sha256: Option<String>,
    /// `Cache-Control`.
    pub caching: &'static str,
    /// `Content-Disposition`: whether a browser saves or shows it, and the name.
    pub disposition: Option<String>,
}

/// Caching of bytes that never change.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The media type by a file name's ending.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "jsonld" => "application/ld+json",
        "geojson" => "application/geo+json",
        "csv" => "text/csv; charset=utf-8",
        "ndjson" => "application/x-ndjson",
        "xml" => "application/xml; charset=utf-8",
        "atom" => "application/atom+xml; charset=utf-8",
        "txt" | "sig" | "vkey" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "pdf" => "application/pdf",
        "webmanifest" => "application/manifest+json",
        "parquet" => "application/vnd.apache.parquet",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "gz" => "application/gzip",
        "zst" => "application/zstd",
        _ => "application/octet-stream",
    }
}

/// Answers with a file, or a range of it.
///
/// # Errors
/// `not-found` when it is not there, `range-not-satisfiable`.
pub async fn serve(request: &HttpRequest, served: Served) -> Answer {
    let path = served.path.clone();
    let opened = actix_web::web::block(move || open(&path)).await?;
    let (file, length, modified) = match opened {
        Ok(opened) => opened,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) => {
            return Err(Problem::plain(Code::NotFound).into());
        }
        Err(error) => return Err(anyhow::Error::from(error).into()),
    };
    let tag = match &served.sha256 {
        Some(sha256) => format!("\"{sha256}\""),
        None => format!("\"{length:x}-{modified:x}\""),
    };
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, served.caching))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(digest) = served.sha256.as_deref().and_then(digest) {
        response.insert_header(("Repr-Digest", digest));
    }
    if text(header::IF_NONE_MATCH).is_some_and(|list| matches(list, &tag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    response.insert_header((header::CONTENT_TYPE, served.kind));
    if let Some(disposition) = &served.disposition {
        response.insert_header((header::CONTENT_DISPOSITION, disposition.as_str()));
    }
    let wanted = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known.trim() == tag));
    let (start, end) = match wanted.map(|range| parse_range(range, length)) {
        None | Some(Range::Ignored) => (0, length),
        Some(Range::Part(start, end)) => {
            response.status(StatusCode::PARTIAL_CONTENT);
            response.insert_header((header::CONTENT_RANGE, format!("bytes {start}-{}/{length}", end - 1)));
            (start, end)
        }
        Some(Range::Outside) => {
            let range = HeaderValue::from_str(&format!("bytes */{length}"));
            let problem = Problem::new(
                Code::RangeNotSatisfiable,
                Text::new(format!("berkas ini {length} byte"), format!("this file has {length} bytes")),
            );
            return Err(match range {
                Ok(range) => problem.header(header::CONTENT_RANGE, range),
                Err(_) => problem,
            }
            .into());
        }
    };
    if request.extensions().contains::<WasHead>() {
        response.no_chunking(end - start);
        return Ok(response.body(Nothing(end - start)));
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    actix_web::rt::spawn(read(file, start, end - start, sender));
    Ok(response.body(Sized { pieces: Pieces(receiver), length: end - start }))
}

fn open(path: &Path) -> std::io::Result<(File, u64, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as u64);
    Ok((file, metadata.len(), modified))
}

/// `Repr-Digest` (RFC 9530) of a hex SHA-256.
#[must_use]
pub fn digest(sha256: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..sha256.len()).step_by(2).map(|at| sha256.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
    Some(format!("sha-256=:{}:", base64::engine::general_purpose::STANDARD.encode(bytes?)))
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// From a byte to before a byte.
    Part(u64, u64),
    /// Nothing of it is in the file.
    Outside,
    /// Not understood, or several at once: the whole file is a right answer.
    Ignored,
}

fn parse_range(text: &str, length: u64) -> Range {
    let Some(range) = text.trim().strip_prefix("bytes=") else { return Range::Ignored };
    let Some((from, to)) = range.split_once('-') else { return Range::Ignored };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (from.trim(), to.trim()) {
        ("", last) => match number(last) {
            Some(0) => Range::Outside,
            Some(_) if length == 0 => Range::Outside,
            Some(last) => Range::Part(length.saturating_sub(last), length),
            None => Range::Ignored,
        },
        (from, to) => match (number(from), to.is_empty(), number(to)) {
            (None, ..) | (_, false, None) => Range::Ignored,
            (Some(from), ..) if from >= length => Range::Outside,
            (Some(from), true, _) => Range::Part(from, length),
            (Some(from), false, Some(to)) if to >= from => Range::Part(from, to.saturating_add(1).min(length)),
            _ => Range::Ignored,
        },
    }
}

type Sender = tokio::sync::mpsc::Sender<Result<actix_web::web::Bytes, String>>;

async fn read(file: File, start: u64, length: u64, sender: Sender) {
    let (mut file, mut left, mut first) = (file, length, true);
    while left > 0 {
        let size = left.min(256 << 10);
        let step = actix_web::web::block(move || {
            if first {
                file.seek(SeekFrom::Start(start))?;
            }
            let mut buffer = vec![0; size as usize];
            file.read_exact(&mut buffer)?;
            Ok::<_, std::io::Error>((file, buffer))
        })
        .await;
        first = false;
        match step {
            Ok(Ok((back, buffer))) => {
                file = back;
                left -= size;
                if sender.send(Ok(buffer.into())).await.is_err() {
                    return;
                }
            }
            _ => {
                let _ = sender.send(Err("the file was cut".to_owned())).await;
                return;
            }
        }
    }
}

/// A stream whose length is known.
struct Sized {
    pieces: Pieces,
    length: u64,
}

impl actix_web::body::MessageBody for Sized {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> actix_web::body::BodySize {
        actix_web::body::BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<actix_web::web::Bytes, Self::Error>>> {
        std::pin::Pin::new(&mut self.pieces).poll_next(context)
    }
}

/// The body of an answer to HEAD: a length without bytes.
struct Nothing(u64);

impl actix_web::body::MessageBody for Nothing {
    type Error = std::convert::Infallible;

    fn size(&self) -> actix_web::body::BodySize {
        actix_web::body::BodySize::Sized(self.0)
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<actix_web::web::Bytes, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("bytes=0-0", Range::Part(0, 1)),
            ("bytes=2-", Range::Part(2, 10)),
            ("bytes=-3", Range::Part(7, 10)),
            ("bytes=-99", Range::Part(0, 10)),
            ("bytes=5-99", Range::Part(5, 10)),
            ("bytes=10-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=5-2", Range::Ignored),
            ("bytes=0-1,3-4", Range::Ignored),
            ("lines=0-1", Range::Ignored),
            ("bytes=x-", Range::Ignored),
        ] {
            assert_eq!(parse_range(text, 10), expected, "{text}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Range::Outside);
    }

    #[test]
    fn digests_are_in_base64() {
        assert_eq!(digest("00ff").unwrap(), "sha-256=:AP8=:");
        assert!(digest("0g").is_none());
    }
}
