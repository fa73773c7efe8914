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

    /// The coding that `Accept-Encoding` weighs most among `offered`, the first
    /// on a tie; identity last, unless it is asked for. Nothing when identity is
    /// refused (`identity;q=0`, `*;q=0`) and nothing else fits (RFC 9110, 12.5.3).
    #[must_use]
    pub fn choose(headers: &HeaderMap, offered: &[Coding]) -> Option<Coding> {
        let mut named = false;
        let mut weights: Vec<(String, u16)> = Vec::new();
        for text in headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()) {
            named = true;
            for item in text.split(',') {
                let mut parts = item.split(';');
                let word = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                weights.push((if word == "x-gzip" { "gzip".to_owned() } else { word }, weight(parts)));
            }
        }
        if !named {
            return Some(Coding::Identity);
        }
        let of = |word: &str| weights.iter().find(|(one, _)| one == word).map(|(_, weight)| *weight);
        let any = of("*");
        let mut best: Option<(u16, Coding)> = None;
        for coding in offered.iter().filter(|coding| **coding != Coding::Identity).chain([&Coding::Identity]) {
            let weight = of(coding.as_str()).or(any);
            let weight = match (*coding, weight) {
                (_, Some(0)) => continue,
                (Coding::Identity, None) => 0,
                (_, None) => continue,
                (_, Some(weight)) => weight,
            };
            if best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, *coding));
            }
        }
        best.map(|(_, coding)| coding)
    }

    /// Writes what `pump` gives in this coding, in constant memory. Levels are
    /// those at which a list of a million rows costs a few seconds.
    ///
    /// # Errors
    /// Those of writing.
    pub fn encode_to<W: std::io::Write>(
        self,
        out: W,
        pump: &mut dyn FnMut(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> std::io::Result<W> {
        match self {
            Coding::Identity => {
                let mut out = out;
                pump(&mut out)?;
                Ok(out)
            }
            Coding::Gzip => {
                let mut coder = flate2::write::GzEncoder::new(out, flate2::Compression::new(6));
                pump(&mut coder)?;
                coder.finish()
            }
            Coding::Zstd => {
                let mut coder = zstd::stream::write::Encoder::new(out, 6)?;
                pump(&mut coder)?;
                coder.finish()
            }
            Coding::Brotli => {
                let mut coder = brotli::CompressorWriter::new(out, 1 << 16, 5, 22);
                pump(&mut coder)?;
                Ok(coder.into_inner())
            }
        }
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
    fn codings_of_files() {
        use Coding::{Brotli, Gzip, Identity, Zstd};
        for (accept, offered, expected) in [
            ("gzip, deflate, br, zstd", &[Zstd, Brotli, Gzip][..], Some(Zstd)),
            ("gzip, deflate, br", &[Zstd, Brotli, Gzip], Some(Brotli)),
            ("br;q=0.1, gzip;q=0.9", &[Brotli, Gzip], Some(Gzip)),
            ("gzip;q=0.5, identity;q=0.9", &[Gzip], Some(Identity)),
            ("gzip;q=0.5, identity", &[Gzip], Some(Identity)),
            ("gzip, identity", &[Gzip], Some(Gzip)),
            ("gzip;q=0.1", &[Gzip], Some(Gzip)),
            ("gzip;q=0", &[Gzip], Some(Identity)),
            ("gzip", &[], Some(Identity)),
            ("", &[Gzip], Some(Identity)),
            ("deflate", &[Gzip], Some(Identity)),
            ("*", &[Gzip], Some(Gzip)),
            ("*;q=0", &[Gzip], None),
            ("*;q=0, gzip", &[Gzip], Some(Gzip)),
            ("*;q=0, identity;q=0.1", &[Gzip], Some(Identity)),
            ("identity;q=0", &[Gzip], None),
            ("identity;q=0, x-gzip", &[Gzip], Some(Gzip)),
            ("identity;q=0, br", &[], None),
            ("identity;q=0, *", &[Brotli], Some(Brotli)),
            ("GZIP ; q=1.000 , identity ; q=0", &[Gzip], Some(Gzip)),
        ] {
            assert_eq!(Coding::choose(&headers(ACCEPT_ENCODING, accept), offered), expected, "{accept:?} of {offered:?}");
        }
        assert_eq!(Coding::choose(&HeaderMap::new(), &[Gzip]), Some(Identity));
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
