//! From a question to an answer: which version, which format, from the cache or
//! computed, whole or as a stream, new or not modified.
//!
//! An answer is a function of version, address and build. So its strong ETag is
//! known before it is computed, and a reader who has it already costs nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue, HttpDate, TryIntoHeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use catalogue::Reader;
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::Release;
use domain::{AreaCode, ReleaseId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cache::Body;
use crate::cursor;
use crate::negotiate::{Coding, Format};
use crate::params::{CursorText, Flag, Limit, Spelling, known};
use crate::problem::{Answer, Code, Failure, Problem};
use crate::ready::Keep;
use crate::state::State;
use crate::views::{Page, Record, cursor_of, write_csv};
use crate::words::{Language, Text};

/// How the name of a file about made-up people begins.
pub const SIMULATED: &str = "SIMULASI-";

/// Set on a request that came as HEAD and was made a GET on its way in.
#[derive(Debug, Clone, Copy)]
pub struct WasHead;

/// The parameters that most addresses share.
#[derive(Debug, Clone, Default)]
pub struct Common {
    /// `?version=`.
    pub version: Option<u64>,
    /// `?format=`.
    pub format: Option<Format>,
    /// `?bom=`.
    pub bom: Option<Flag>,
    /// `?limit=`.
    pub limit: Option<Limit>,
    /// `?cursor=`.
    pub cursor: Option<CursorText>,
}

/// A question, with everything about it that is not the question itself.
pub struct Asked {
    /// The shared state.
    pub state: Data<State>,
    /// The reader of the newest version.
    pub reader: Arc<Reader>,
    /// The version that answers.
    pub version: u64,
    /// Where a page starts, still to be read by its list.
    cursor: Option<CursorText>,
    /// Items on a page.
    pub limit: usize,
    /// Whether a limit or cursor was given: CSV and NDJSON are then pages, too.
    paged: bool,
    pinned: bool,
    format: Format,
    bom: bool,
    language: Language,
    coding: Coding,
    /// The coding of a stream: strong compression would be slower than most readers' lines.
    streaming: Coding,
    path: String,
    spelling: Spelling,
    /// The question, hashed: part of its ETag in every coding.
    question: String,
    none_match: Option<String>,
    modified_since: Option<HttpDate>,
    head: bool,
}

/// Parameters that say how an answer looks, not what is asked.
const LOOKS: [&str; 5] = ["version", "format", "bom", "limit", "cursor"];

impl Asked {
    /// Reads a request. `offered` are the formats of this address.
    ///
    /// # Errors
    /// `not-ready` while there is no catalogue; `not-acceptable`; a bad version.
    pub fn new(request: &HttpRequest, state: &Data<State>, spelling: Spelling, common: Common, offered: &[Format]) -> Answer<Asked> {
        let headers = request.headers();
        let format = match common.format {
            Some(format) => format,
            None => Format::accepted(headers, offered)?,
        };
        let reader = state.reader()?;
        let newest = reader.version();
        if common.version.is_some_and(|version| version == 0 || version > newest) {
            return Err(Problem::unknown(
                known::VERSION.name,
                Text::new(
                    format!("versi itu tidak ada: yang diterima bilangan dari 1 sampai {newest}"),
                    format!("there is no such version: expected a number from 1 to {newest}"),
                ),
            )
            .into());
        }
        let plain = matches!(format, Format::Csv | Format::Ndjson);
        let mut hash = Sha256::new_with_prefix(spelling.address(request.path(), &["version", "format"], &[]));
        // What was taken back is no longer told of older versions, either.
        if let Some(version) = reader.releases().withdrawn() {
            hash.update(version.to_be_bytes());
        }
        let digest = hash.finalize();
        let asked = Asked {
            question: format!("{:016x}", digest.iter().take(8).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))),
            state: state.clone(),
            version: common.version.unwrap_or(newest),
            reader,
            limit: common.limit.map_or(Limit::DEFAULT, |limit| limit.0),
            paged: !plain || common.limit.is_some() || common.cursor.is_some(),
            cursor: common.cursor,
            pinned: common.version.is_some(),
            format,
            bom: common.bom.is_some_and(|flag| flag.0),
            language: Language::of(headers),
            coding: Coding::accepted(headers, &Coding::ALL),
            streaming: Coding::accepted(headers, &[Coding::Gzip, Coding::Identity]),
            path: request.path().to_owned(),
            spelling,
            none_match: headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned),
            modified_since: headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok()),
            head: request.extensions().contains::<WasHead>(),
        };
        Ok(asked)
    }

    /// The list that is walked: path and filters in one spelling.
    fn list(&self) -> String {
        self.spelling.address(&self.path, &LOOKS, &[])
    }

    /// Where the page starts, by the cursor; its version then answers.
    ///
    /// # Errors
    /// A bad cursor, or one that disagrees with `version`.
    pub fn place<T: for<'a> Deserialize<'a>>(&mut self) -> Answer<Option<T>> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let (version, place) = cursor::read(&text.0, self.reader.version(), &self.list())?;
        if self.pinned && version != self.version {
            return Err(Problem::unknown(
                known::VERSION.name,
                Text::new(format!("kursor ini milik versi {version}"), format!("this cursor belongs to version {version}")),
            )
            .into());
        }
        self.version = version;
        self.pinned = true;
        Ok(Some(place))
    }

    /// The address of the page that starts at `place`. The cursor carries the
    /// version, and the format is named only where it is not the usual one, so
    /// that the same answer never holds two different links.
    pub fn next<T: Serialize>(&self, place: &T) -> String {
        let text = cursor::write(self.version, &self.list(), place);
        let format = [("format", self.format.as_str())];
        let format: &[(&str, &str)] = if self.format == Format::Json { &[] } else { &format };
        self.spelling.address(&self.path, &["cursor", "version", "format"], &[format, &[("cursor", &text)]].concat())
    }

    /// The language of words in the answer.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The format of the answer.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether the answer is one page.
    #[must_use]
    pub const fn paged(&self) -> bool {
        self.paged
    }

    /// The releases that answer for `area`; with `only`, that one if it stands.
    ///
    /// # Errors
    /// `withdrawn` when the answer rests on a release that was taken back, at
    /// this version or, for a pinned one, after it; a bad `release`.
    pub fn releases(&self, area: Option<AreaCode>, only: Option<ReleaseId>) -> Answer<Vec<&Release>> {
        let releases = self.reader.releases();
        if let Some(only) = only {
            let one = releases.get(only).filter(|one| one.version() <= self.version).ok_or_else(|| unknown_release(known::RELEASE.name))?;
            standing(one)?;
            let inside = area.is_none_or(|area| area.contains(only.district()) || only.district().contains(area));
            return Ok(if inside { vec![one] } else { Vec::new() });
        }
        Ok(releases
            .answering(self.version)
            .into_iter()
            .filter(|one| {
                let district = one.release.district();
                area.is_none_or(|area| area.contains(district) || district.contains(area))
            })
            .collect())
    }

    /// The ETag in a coding.
    fn tag(&self, coding: Coding) -> String {
        let (version, format) = (self.version, self.format.as_str());
        format!("\"{version}-{}-{format}-{}-{}-{}\"", self.question, self.language.tag(), coding.as_str(), self.state.build)
    }

    /// Whether the reader has this answer already.
    fn is_known(&self, tag: &str) -> bool {
        match &self.none_match {
            Some(text) => matches(text, tag),
            // A change of the build changes answers, too, but has no date.
            None => self
                .modified_since
                .is_some_and(|since| self.modified().is_some_and(|modified| SystemTime::from(modified) <= SystemTime::from(since))),
        }
    }

    fn modified(&self) -> Option<HttpDate> {
        let time = self.reader.releases().time_of(self.version)?;
        let timestamp: jiff::Timestamp = time.parse().ok()?;
        Some(SystemTime::from(timestamp).into())
    }

    /// How long an answer may be kept.
    fn caching(&self) -> HeaderValue {
        HeaderValue::from_static(match (self.state.draft.is_some(), self.pinned) {
            (true, _) => "no-store",
            (false, true) => "public, max-age=86400",
            (false, false) => "public, max-age=60, stale-while-revalidate=600",
        })
    }

    /// The headers that every answer to this question has at this version.
    /// `Content-Location` is for those alone who did not name the version.
    fn headers(&self, next: Option<&str>) -> Vec<(HeaderName, HeaderValue)> {
        let mut all = vec![(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language"))];
        if let Some(Ok(modified)) = self.modified().map(TryIntoHeaderValue::try_into_value) {
            all.push((header::LAST_MODIFIED, modified));
        }
        let version = self.version.to_string();
        let pinned = self.spelling.address(&self.path, &["version"], &[("version", &version)]);
        if let Ok(pinned) = HeaderValue::try_from(pinned) {
            all.push((header::CONTENT_LOCATION, pinned));
        }
        if let Some(Ok(next)) = next.map(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\""))) {
            all.push((header::LINK, next));
        }
        all
    }

    fn head_of<'a>(
        &self,
        status: StatusCode,
        tag: &str,
        headers: impl IntoIterator<Item = &'a (HeaderName, HeaderValue)>,
    ) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, self.caching()));
        for (name, value) in headers {
            if *name != header::CONTENT_LOCATION || !self.pinned {
                response.insert_header((name.clone(), value.clone()));
            }
        }
        response
    }

    fn not_modified(&self, tag: &str) -> HttpResponse {
        self.head_of(StatusCode::NOT_MODIFIED, tag, &self.headers(None)).finish()
    }

    /// Answers with bytes computed once and kept. `compute` runs where it may block.
    ///
    /// # Errors
    /// Whatever `compute` gives.
    pub async fn bytes(
        self,
        compute: impl FnOnce(&Asked, &mut AnyConnection) -> anyhow::Result<(Vec<u8>, Option<String>)> + Send + 'static,
    ) -> Answer {
        self.made(false, |asked| asked.reader.clone().ask(|connection| compute(asked, connection))).await
    }

    /// Answers with bytes computed once and kept. `compute` runs where it may
    /// block, unless it is `quick`: then asking a thread would take longer.
    ///
    /// # Errors
    /// Whatever `compute` gives.
    pub async fn made(
        self,
        quick: bool,
        compute: impl FnOnce(&Asked) -> anyhow::Result<(Vec<u8>, Option<String>)> + Send + 'static,
    ) -> Answer {
        let tag = self.tag(self.coding);
        if self.is_known(&tag) {
            return Ok(self.not_modified(&tag));
        }
        let asked = Arc::new(self);
        let computing = {
            let asked = asked.clone();
            async move {
                let make = move || -> anyhow::Result<Body> {
                    let (bytes, next) = compute(&asked)?;
                    let mut headers = asked.headers(next.as_deref());
                    headers.extend(asked.kind());
                    Ok(Body::new(bytes, headers.into()))
                };
                Ok(if quick { make()? } else { actix_web::web::block(make).await?? })
            }
        };
        let body = asked.state.cache.get(&tag, |coding| asked.tag(coding), asked.coding, computing).await?;
        let mut response = asked.head_of(StatusCode::OK, &tag, &*body.headers);
        if asked.coding != Coding::Identity {
            response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(asked.coding.as_str())));
        }
        response.extensions_mut().insert(Keep);
        Ok(response.body(body.bytes))
    }

    /// Answers with one JSON object.
    ///
    /// # Errors
    /// Whatever `compute` gives.
    pub async fn object<T: Serialize>(
        self,
        compute: impl FnOnce(&Asked, &mut AnyConnection) -> anyhow::Result<T> + Send + 'static,
    ) -> Answer {
        self.bytes(|asked, connection| Ok((serde_json::to_vec(&compute(asked, connection)?)?, None))).await
    }

    /// Answers with a list short enough to be made whole: a page of it as JSON,
    /// or all of it as CSV or NDJSON.
    ///
    /// # Errors
    /// Whatever `compute` gives; a bad cursor.
    pub async fn list_of<T: Record>(
        mut self,
        compute: impl FnOnce(&Asked, &mut AnyConnection) -> anyhow::Result<Vec<T>> + Send + 'static,
    ) -> Answer {
        let start = self.place::<u64>()?.unwrap_or(0);
        self.bytes(move |asked, connection| {
            let all = compute(asked, connection)?;
            let total = all.len() as u64;
            let (items, next) = asked.slice(all, start);
            let simulated = asked.reader.releases().answering(asked.version).iter().any(|one| one.simulated);
            let bytes = asked.page(&items, total, simulated, next.clone())?;
            Ok((bytes, next))
        })
        .await
    }

    /// The bytes of a page of records, in the format asked for.
    ///
    /// # Errors
    /// When an item cannot be written as JSON.
    pub fn page<T: Record>(&self, items: &[T], total: u64, simulated: bool, next: Option<String>) -> anyhow::Result<Vec<u8>> {
        if self.format == Format::Json {
            return Ok(serde_json::to_vec(&Page {
                version: self.version,
                simulated,
                total,
                data: items.iter().collect(),
                next_cursor: cursor_of(next.as_deref()),
                next,
            })?);
        }
        self.lines(T::COLUMNS, items, T::fields)
    }

    /// Items as CSV or NDJSON, a line each.
    ///
    /// # Errors
    /// When an item cannot be written as JSON.
    pub fn lines<'a, T: Serialize, S: AsRef<str>, F: AsRef<[S]>>(
        &self,
        columns: &[&str],
        items: &'a [T],
        fields: impl Fn(&'a T) -> F,
    ) -> anyhow::Result<Vec<u8>> {
        let mut out = self.opening(columns);
        for item in items {
            match self.format {
                Format::Csv => write_csv(fields(item).as_ref(), &mut out),
                _ => write_line(item, &mut out)?,
            }
        }
        Ok(out)
    }

    /// The part of a short list that this page shows, and the next page's address.
    pub fn slice<T>(&self, all: Vec<T>, start: u64) -> (Vec<T>, Option<String>) {
        let total = all.len() as u64;
        let most = if self.paged { self.limit } else { usize::MAX };
        let items: Vec<T> = all.into_iter().skip(usize::try_from(start).unwrap_or(usize::MAX)).take(most).collect();
        let end = start.saturating_add(items.len() as u64);
        let next = (end < total && !items.is_empty()).then(|| self.next(&end));
        (items, next)
    }

    /// The kind of the answer. A table is meant to be saved, so it has a file
    /// name, and one of made-up people says so there: its columns cannot.
    fn kind(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut all = vec![(header::CONTENT_TYPE, HeaderValue::from_static(self.format.media_type()))];
        if self.format == Format::Csv {
            let last = self.path.rsplit('/').next().unwrap_or_default();
            let name: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
            let simulated = self.reader.releases().answering(self.version).iter().any(|one| one.simulated);
            let mark = if simulated { SIMULATED } else { "" };
            if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{mark}{name}.csv\"")) {
                all.push((header::CONTENT_DISPOSITION, value));
            }
        }
        all
    }

    /// What stands before the items: the header line of CSV.
    #[must_use]
    pub fn opening(&self, columns: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        if self.format == Format::Csv {
            if self.bom {
                out.extend_from_slice("\u{feff}".as_bytes());
            }
            write_csv(columns, &mut out);
        }
        out
    }

    /// Answers with a stream of pieces: a list of any length in constant memory.
    /// `pieces` writes the next piece and says whether there is more. The first
    /// is made before the answer begins, so that what fails at once is told as
    /// an error and not as a list that ends before its end.
    ///
    /// # Errors
    /// Whatever `pieces` gives at first; a failure later cuts the stream, which
    /// the reader can tell from its end, since the last chunk is missing.
    pub async fn stream<F>(self, opening: Vec<u8>, pieces: F) -> Answer
    where
        F: FnMut(&Reader, &mut Vec<u8>) -> anyhow::Result<bool> + Send + 'static,
    {
        let coding = self.streaming;
        let tag = self.tag(coding);
        if self.is_known(&tag) {
            return Ok(self.not_modified(&tag));
        }
        let gzip = (coding == Coding::Gzip).then(|| flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        let producer = Producer { reader: self.reader.clone(), pieces, plain: opening, gzip };
        let first = producer.step().await?;
        let mut headers = self.headers(None);
        headers.extend(self.kind());
        let mut response = self.head_of(StatusCode::OK, &tag, &headers);
        if coding == Coding::Gzip {
            response.insert_header((header::CONTENT_ENCODING, coding.as_str()));
        }
        let (sender, receiver) = tokio::sync::mpsc::channel(2);
        if !self.head {
            actix_web::rt::spawn(produce(first, sender));
        }
        Ok(response.body(Pieces(receiver)))
    }
}

/// Writes one item as a line of NDJSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn write_line<T: Serialize>(item: &T, out: &mut Vec<u8>) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, item)?;
    out.push(b'\n');
    Ok(())
}

/// Whether a list of entity tags names this one (`If-None-Match` compares
/// weakly: a `W/` before a tag does not matter).
#[must_use]
pub fn matches(list: &str, tag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// An error for a release that is not there.
#[must_use]
pub fn unknown_release(parameter: &str) -> Problem {
    Problem::unknown(
        parameter,
        Text::new(
            format!("tidak ada: yang diterima {}", known::RELEASE.expected.0),
            format!("is not there: expected {}", known::RELEASE.expected.1),
        ),
    )
}

/// Refuses a release that was taken back: even an old version does not show it.
///
/// # Errors
/// `withdrawn`, with the reason.
pub fn standing(one: &Release) -> Result<(), Problem> {
    match &one.withdrawn {
        None => Ok(()),
        Some(withdrawal) => Err(Problem::new(
            Code::Withdrawn,
            Text::new(
                format!("{} ditarik pada {} (versi {}): {}", one.release, withdrawal.at, withdrawal.version, withdrawal.reason),
                format!("{} was withdrawn at {} (version {}): {}", one.release, withdrawal.at, withdrawal.version, withdrawal.reason),
            ),
        )),
    }
}

/// Refuses an answer that rests on a release which was taken back later.
///
/// # Errors
/// `withdrawn`, with the reason of the first.
pub fn all_standing(all: &[&Release]) -> Result<(), Problem> {
    all.iter().try_for_each(|one| standing(one))
}

type Sender = tokio::sync::mpsc::Sender<Result<Bytes, String>>;

/// What makes the pieces of a stream.
struct Producer<F> {
    reader: Arc<Reader>,
    pieces: F,
    plain: Vec<u8>,
    gzip: Option<flate2::write::GzEncoder<Vec<u8>>>,
}

/// A piece, and who makes the next one, if there is one.
type Step<F> = (Bytes, Option<Producer<F>>);

impl<F> Producer<F>
where
    F: FnMut(&Reader, &mut Vec<u8>) -> anyhow::Result<bool> + Send + 'static,
{
    /// Makes a piece in a short task that may block, so that slow readers hold
    /// neither threads nor connections of the database.
    async fn step(mut self) -> Result<Step<F>, Failure> {
        let made = actix_web::web::block(move || self.piece().map(|(bytes, more)| (bytes, more.then_some(self)))).await?;
        Ok(made?)
    }

    fn piece(&mut self) -> anyhow::Result<(Bytes, bool)> {
        use std::io::Write;
        let more = (self.pieces)(&self.reader, &mut self.plain)?;
        let Some(mut coder) = self.gzip.take() else { return Ok((std::mem::take(&mut self.plain).into(), more)) };
        coder.write_all(&self.plain)?;
        self.plain.clear();
        let mut bytes = std::mem::take(coder.get_mut());
        if more {
            self.gzip = Some(coder);
        } else {
            bytes.extend(coder.finish()?);
        }
        Ok((bytes.into(), more))
    }
}

/// Sends pieces as they are taken.
async fn produce<F>(first: Step<F>, sender: Sender)
where
    F: FnMut(&Reader, &mut Vec<u8>) -> anyhow::Result<bool> + Send + 'static,
{
    let (mut bytes, mut rest) = first;
    loop {
        // A reader who has left is no error.
        if !bytes.is_empty() && sender.send(Ok(bytes)).await.is_err() {
            return;
        }
        let Some(producer) = rest else { return };
        match producer.step().await {
            Ok((next, more)) => (bytes, rest) = (next, more),
            Err(error) => {
                tracing::error!(error = error.to_string(), "a streamed answer was cut");
                let _ = sender.send(Err("the answer was cut".to_owned())).await;
                return;
            }
        }
    }
}

/// The body of a streamed answer.
pub struct Pieces(pub(crate) tokio::sync::mpsc::Receiver<Result<Bytes, String>>);

impl MessageBody for Pieces {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map_err(Into::into)))
    }
}
