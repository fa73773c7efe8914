//! Files served as they lie on disk: ranges, digests, constant memory.

use std::fs::File;
use std::future::Future;
use std::io::IoSliceMut;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use base64::Engine as _;
use rustix::fs::{Advice, fadvise};
use rustix::io::{Errno, ReadWriteFlags, preadv2};

use crate::encoded::Encoded;
use crate::negotiate::Coding;
use crate::problem::{Answer, Code, Problem};
use crate::respond::{WasHead, matches};
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
    /// Address of what describes it.
    pub described_by: Option<String>,
    /// Where other codings of it may be ready; `sha256` finds them.
    pub encoded: Option<Arc<Encoded>>,
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

/// A file that was opened, in the coding that is served.
struct Opened {
    file: File,
    length: u64,
    coding: Coding,
    /// SHA-256 of these bytes, where it is known.
    sha256: Option<String>,
    /// A word for these bytes.
    tag: String,
    /// All of them, when there are few.
    whole: Option<Bytes>,
}

/// Answers with a file, or a range of it; in another coding where that is ready
/// and wanted. Ranges, digest and ETag are then those of the coded bytes.
///
/// # Errors
/// `not-found` when it is not there, `range-not-satisfiable`, `not-acceptable`
/// when no coding that is there is accepted.
pub async fn serve(request: &HttpRequest, served: Served) -> Answer {
    let headers = request.headers();
    let mut accepted = HeaderMap::new();
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        accepted.append(header::ACCEPT_ENCODING, value.clone());
    }
    let Served { path, kind, sha256, caching, disposition, described_by, encoded } = served;
    let varies = encoded.is_some();
    let signed = sha256.is_some();
    let opened = actix_web::web::block(move || open(&path, sha256, encoded.as_deref(), &accepted)).await?;
    let opened = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            return Err(Problem::new(
                Code::NotAcceptable,
                Text::new(
                    "berkas ini tersedia tanpa pengodean (identity)",
                    "this file is available as it is (identity), and in no coding that is accepted",
                ),
            )
            .into());
        }
        // The catalogue names it, so the question is right and this host is at fault.
        Err(error) if signed && error.kind() == std::io::ErrorKind::NotFound => {
            tracing::error!(error = %error, "a file of a release is missing");
            return Err(Problem::new(
                Code::NotReady,
                Text::new(
                    "berkas ini terdaftar dalam rilis tetapi sedang tidak ada di server ini; coba lagi nanti, atau ambil dari cermin",
                    "this file is listed in its release but is not on this server now; try again later, or take it from a mirror",
                ),
            )
            .into());
        }
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) => {
            return Err(Problem::plain(Code::NotFound).into());
        }
        Err(error) => return Err(anyhow::Error::from(error).into()),
    };
    let (tag, length) = (&opened.tag, opened.length);
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if varies {
        response.insert_header((header::VARY, "Accept-Encoding"));
    }
    if let Some(digest) = opened.sha256.as_deref().and_then(digest) {
        response.insert_header(("Repr-Digest", digest));
    }
    if let Some(address) = described_by {
        response.insert_header((header::LINK, format!("<{address}>; rel=\"describedby\"")));
    }
    if text(header::IF_NONE_MATCH).is_some_and(|list| matches(list, tag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    response.insert_header((header::CONTENT_TYPE, kind));
    if opened.coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, opened.coding.as_str()));
    }
    if let Some(disposition) = &disposition {
        response.insert_header((header::CONTENT_DISPOSITION, disposition.as_str()));
    }
    // Ranges are defined for GET alone.
    let head = request.extensions().contains::<WasHead>();
    let wanted = text(header::RANGE).filter(|_| !head && text(header::IF_RANGE).is_none_or(|known| known.trim() == tag));
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
    if head {
        response.no_chunking(end - start);
        return Ok(response.body(Nothing(end - start)));
    }
    if let Some(whole) = opened.whole {
        let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
        return Ok(response.body(whole.slice(start..end)));
    }
    Ok(response.body(Reading::new(opened.file, start, end - start)))
}

/// Opens a file in the coding that is wanted; nothing when none is accepted.
fn open(path: &Path, sha256: Option<String>, encoded: Option<&Encoded>, accepted: &HeaderMap) -> std::io::Result<Option<Opened>> {
    if let (Some(encoded), Some(source), false) = (encoded, &sha256, accepted.is_empty()) {
        let mut ready = encoded.variants(source);
        loop {
            let offered: Vec<Coding> = ready.iter().map(|one| one.coding).collect();
            match Coding::choose(accepted, &offered) {
                None => return Ok(None),
                Some(Coding::Identity) => break,
                Some(coding) => {
                    let Some(at) = ready.iter().position(|one| one.coding == coding) else { break };
                    let variant = ready.remove(at);
                    // What is damaged or was taken away meanwhile is not offered.
                    if let Some(file) = encoded.ready(&variant) {
                        return with(file, coding, Some(variant.sha256)).map(Some);
                    }
                }
            }
        }
    } else if Coding::choose(accepted, &[]).is_none() && encoded.is_some() {
        return Ok(None);
    }
    with(File::open(path)?, Coding::Identity, sha256).map(Some)
}

fn with(file: File, coding: Coding, sha256: Option<String>) -> std::io::Result<Opened> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let length = metadata.len();
    let mut whole: Option<Bytes> = None;
    if length <= PIECE as u64 {
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, 0)?;
        whole = Some(bytes.into());
    }
    // Of few bytes the digest costs nothing: tiles and checkpoints of the log have one, too.
    let sha256 = sha256.or_else(|| whole.as_ref().map(|bytes| release::sha256_hex(bytes)));
    let tag = match &sha256 {
        Some(sha256) => format!("\"{sha256}\""),
        None => {
            let since = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            format!("\"{length:x}-{:x}\"", since.map_or(0, |since| since.as_nanos() as u64))
        }
    };
    Ok(Opened { file, length, coding, sha256, tag, whole })
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

/// Bytes read at once: with the copy in the connection's buffer this stays in
/// the processor's cache, and in the buffer the connection keeps.
const PIECE: usize = 64 << 10;
/// What the system is told to read ahead when it must go to the disk.
const AHEAD: u64 = 1 << 20;

/// A part of a file as a body. What the system has in memory is read where the
/// connection is served; only what must come from the disk goes to the threads
/// that may block, so that a slow reader holds none of them. Holds one piece.
struct Reading {
    file: Arc<File>,
    at: u64,
    left: u64,
    /// Whether the file system can say that it would have to wait.
    says: bool,
    spare: Spare,
    waiting: Option<Waiting>,
}

type Waiting = Pin<Box<dyn Future<Output = Result<std::io::Result<Vec<u8>>, actix_web::error::BlockingError>>>>;
type Spare = Arc<Mutex<Option<Vec<u8>>>>;

/// A piece that gives its buffer back when it was sent.
struct Piece {
    bytes: Vec<u8>,
    home: Spare,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if let Ok(mut home) = self.home.lock() {
            *home = Some(std::mem::take(&mut self.bytes));
        }
    }
}

impl Reading {
    fn new(file: File, start: u64, length: u64) -> Reading {
        Reading { file: Arc::new(file), at: start, left: length, says: true, spare: Spare::default(), waiting: None }
    }

    fn give(&mut self, bytes: Vec<u8>) -> Poll<Option<Result<Bytes, Cut>>> {
        self.at += bytes.len() as u64;
        self.left -= bytes.len() as u64;
        Poll::Ready(Some(Ok(Bytes::from_owner(Piece { bytes, home: self.spare.clone() }))))
    }

    /// The connection is closed before the promised length is reached, which
    /// the reader can tell.
    fn cut(&mut self, error: &str) -> Poll<Option<Result<Bytes, Cut>>> {
        tracing::error!(error, "a file was cut while it was sent");
        self.left = 0;
        Poll::Ready(Some(Err("the file was cut".into())))
    }
}

type Cut = Box<dyn std::error::Error>;

impl MessageBody for Reading {
    type Error = Cut;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let this = self.get_mut();
        if let Some(waiting) = &mut this.waiting {
            let read = std::task::ready!(waiting.as_mut().poll(context));
            this.waiting = None;
            return match read {
                Ok(Ok(bytes)) => this.give(bytes),
                Ok(Err(error)) => this.cut(&error.to_string()),
                Err(error) => this.cut(&error.to_string()),
            };
        }
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let size = this.left.min(PIECE as u64) as usize;
        let mut bytes = this.spare.lock().ok().and_then(|mut spare| spare.take()).unwrap_or_default();
        bytes.resize(size, 0);
        if this.says {
            match preadv2(&this.file, &mut [IoSliceMut::new(&mut bytes)], this.at, ReadWriteFlags::NOWAIT) {
                Ok(0) => return this.cut("it is shorter than it was"),
                Ok(read) => {
                    bytes.truncate(read);
                    return this.give(bytes);
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(_) => this.says = false,
            }
        }
        let (file, at) = (this.file.clone(), this.at);
        let mut waiting: Waiting = Box::pin(actix_web::web::block(move || {
            // Only advice: where it cannot be given, reading is as right.
            let _ = fadvise(&file, at, NonZeroU64::new(AHEAD), Advice::WillNeed);
            file.read_exact_at(&mut bytes, at)?;
            Ok(bytes)
        }));
        match waiting.as_mut().poll(context) {
            Poll::Pending => {
                this.waiting = Some(waiting);
                Poll::Pending
            }
            Poll::Ready(Ok(Ok(bytes))) => this.give(bytes),
            Poll::Ready(Ok(Err(error))) => this.cut(&error.to_string()),
            Poll::Ready(Err(error)) => this.cut(&error.to_string()),
        }
    }
}

/// The body of an answer to HEAD: a length without bytes.
struct Nothing(u64);

impl MessageBody for Nothing {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
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

    async fn read(mut body: Reading) -> Result<(Vec<u8>, usize), String> {
        let (mut all, mut pieces) = (Vec::new(), 0);
        while let Some(piece) = std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            all.extend_from_slice(&piece.map_err(|error| error.to_string())?);
            pieces += 1;
        }
        Ok((all, pieces))
    }

    #[actix_web::test]
    async fn parts_of_files_are_read_whole_with_and_without_the_systems_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let bytes: Vec<u8> = (0..3 * PIECE + 17).map(|at| (at * 7 % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        for (start, length) in [(0, bytes.len()), (1, PIECE), (PIECE - 1, PIECE + 2), (5, 0), (bytes.len() - 1, 1)] {
            for says in [true, false] {
                let mut body = Reading::new(File::open(&path).unwrap(), start as u64, length as u64);
                body.says = says;
                let (all, pieces) = read(body).await.unwrap();
                assert!(all == bytes[start..start + length], "{start} {length} {says}");
                assert!(pieces >= length.div_ceil(PIECE));
            }
        }
        for says in [true, false] {
            let mut body = Reading::new(File::open(&path).unwrap(), 0, bytes.len() as u64 + 1);
            body.says = says;
            assert_eq!(read(body).await.unwrap_err(), "the file was cut");
        }
    }

    #[test]
    fn digests_are_in_base64() {
        assert_eq!(digest("00ff").unwrap(), "sha-256=:AP8=:");
        assert!(digest("0g").is_none());
    }
}
