//! Format and coding of an answer, by what the reader accepts.

use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap};

use crate::problem::{Code, Problem};
use crate::words::{Text, weight};

/// The formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A page as one JSON object.
    Json,
    /// RFC 4180, UTF-8.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// An Atom feed (RFC 4287): the only format of its address, never negotiated.
    Atom,
}

impl Format {
    /// The formats of lists, the usual one first.
    pub const ALL: [Format; 3] = [Format::Json, Format::Csv, Format::Ndjson];

    /// The word of `?format=`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Atom => "atom",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Ndjson => "application/x-ndjson",
            Format::Atom => "application/atom+xml; charset=utf-8",
        }
    }

    fn matches(self, range: &str) -> bool {
        match self {
            Format::Json => matches!(range, "application/json" | "application/*" | "*/*" | "application/geo+json" | "text/json"),
            Format::Csv => matches!(range, "text/csv" | "text/*" | "*/*"),
            Format::Ndjson => {
                matches!(range, "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/*" | "*/*")
            }
            Format::Atom => matches!(range, "application/atom+xml" | "application/xml" | "text/xml" | "application/*" | "*/*"),
        }
    }

    /// The format that `Accept` weighs most among `offered`, the first on a tie.
    ///
    /// # Errors
    /// When none is accepted.
    pub fn accepted(headers: &HeaderMap, offered: &[Format]) -> Result<Format, Problem> {
        let mut best: Option<(u16, Format)> = None;
        let mut named = false;
        for value in headers.get_all(ACCEPT) {
            named = true;
            let Ok(text) = value.to_str() else { continue };
            for format in offered {
                // The most specific range that fits decides a format's weight.
                let mut specific: Option<(usize, u16)> = None;
                for item in text.split(',') {
                    let mut parts = item.split(';');
                    let range = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                    let precision = if range == "*/*" { 0 } else { 1 + usize::from(!range.ends_with("/*")) };
                    if format.matches(&range) && specific.is_none_or(|(known, _)| precision > known) {
                        specific = Some((precision, weight(parts)));
                    }
                }
                if let Some((_, weight)) = specific
                    && weight > 0
                    && best.is_none_or(|(known, _)| weight > known)
                {
                    best = Some((weight, *format));
                }
            }
        }
        match (best, named) {
            (Some((_, format)), _) => Ok(format),
            (None, false) => Ok(offered.first().copied().unwrap_or(Format::Json)),
            (None, true) => {
                let list = offered.iter().map(|format| format.media_type()).collect::<Vec<_>>().join(", ");
                Err(Problem::new(Code::NotAcceptable, Text::new(format!("yang tersedia: {list}"), format!("available are: {list}"))))
            }
        }
    }
}

/// The codings of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
    /// Gzip.
    Gzip,
    /// None.
    Identity,
}

impl Coding {
    /// All codings, the smallest answers first.
    pub const ALL: [Coding; 4] = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Identity];

    /// The word of `Content-Encoding`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
            Coding::Identity => "identity",
        }
    }

    /// The coding that `Accept-Encoding` weighs most among `offered`, the
    /// first on a tie. Identity when nothing is named, or nothing fits: a
    /// reader is better served by plain bytes than by a refusal.
    #[must_use]
    pub fn accepted(headers: &HeaderMap, offered: &[Coding]) -> Coding {
        let Some(text) = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else { return Coding::Identity };
        let mut best = (0u16, Coding::Identity);
        for coding in offered {
            let mut found: Option<u16> = None;
            let mut any: Option<u16> = None;
            for item in text.split(',') {
                let mut parts = item.split(';');
                let word = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                if word == coding.as_str() || (*coding == Coding::Gzip && word == "x-gzip") {
                    found = Some(weight(parts));
                } else if word == "*" {
                    any = Some(weight(parts));
                }
            }
            let weight = found.or(any).unwrap_or(0);
            if weight > best.0 {
                best = (weight, *coding);
            }
        }
        best.1
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// When the coder fails, which it does not in memory.
    pub fn encode(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        use std::io::Write;
        match self {
            Coding::Identity => Ok(bytes.to_vec()),
            Coding::Gzip => {
                let mut coder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 4), flate2::Compression::new(6));
                coder.write_all(bytes)?;
                coder.finish()
            }
            Coding::Zstd => zstd::bulk::compress(bytes, 3),
            Coding::Brotli => {
                let mut out = Vec::with_capacity(bytes.len() / 4);
                let mut coder = brotli::CompressorWriter::new(&mut out, 1 << 16, 5, 20);
                coder.write_all(bytes)?;
                coder.flush()?;
                drop(coder);
                Ok(out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn headers(name: actix_web::http::header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn formats() {
        for (accept, expected) in [
            ("*/*", Some(Format::Json)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            ("application/json;q=0.5, text/csv", Some(Format::Csv)),
            ("application/x-ndjson", Some(Format::Ndjson)),
            ("application/json;q=0, */*", Some(Format::Csv)),
            ("image/png", None),
            ("text/html", None),
        ] {
            assert_eq!(Format::accepted(&headers(ACCEPT, accept), &Format::ALL).ok(), expected, "{accept}");
        }
        assert_eq!(Format::accepted(&HeaderMap::new(), &Format::ALL).ok(), Some(Format::Json));
    }

    #[test]
    fn codings() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("br;q=0.1, gzip;q=0.9", Coding::Gzip),
            ("*", Coding::Brotli),
            ("br;q=0, *", Coding::Zstd),
            ("deflate", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(Coding::accepted(&headers(ACCEPT_ENCODING, accept), &Coding::ALL), expected, "{accept}");
        }
        for coding in Coding::ALL {
            assert!(!coding.encode(b"abc").unwrap().is_empty());
        }
    }
}
