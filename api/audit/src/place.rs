//! Where an address of the public space lies in a folder, and back: the same
//! path, so that any file server can serve the folder.

use std::path::{Path, PathBuf};

use domain::ReleaseId;

/// Longest path, and longest name in it, that is written to disk.
const LONGEST: (usize, usize) = (1000, 200);

/// The file below a folder for the path of an address, `/` becoming
/// `index.html`. None when the path has a query, or a name that is not safe on
/// a disk: hidden, `..`, with a separator or control characters, or very long.
#[must_use]
pub fn file_of(path: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix('/')?;
    if path.len() > LONGEST.0 || rest.contains(['?', '#']) {
        return None;
    }
    let mut file = PathBuf::new();
    let mut parts = rest.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.is_empty() && parts.peek().is_none() {
            file.push("index.html");
            break;
        }
        let name = decode(part)?;
        let hidden = name.starts_with('.') && name != ".well-known";
        let unsafe_char = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{fffd}');
        if name.is_empty() || name.len() > LONGEST.1 || hidden || name.contains(unsafe_char) {
            return None;
        }
        file.push(name);
    }
    Some(file)
}

/// Undoes `%xx`; none when it is not UTF-8.
fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let pair = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(pair).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The address of a page's file: `/a/` for `a/index.html`.
#[must_use]
pub fn address_of(file: &Path) -> String {
    let text = format!("/{}", file.to_string_lossy());
    match text.strip_suffix("index.html") {
        Some(folder) if folder.ends_with('/') => folder.to_owned(),
        _ => text,
    }
}

/// The address of a file of a release folder; none where it has none.
#[must_use]
pub fn release_file(release: ReleaseId, path: &str) -> Option<String> {
    let plain = |name: &str| {
        name.len() <= LONGEST.1
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    match path.strip_prefix("data/") {
        Some(file) if plain(file) => {
            let (dataset, _) = file.split_once('.')?;
            Some(format!("/v1/datasets/{dataset}/{release}/{file}"))
        }
        None if plain(path) => Some(format!("/v1/datasets/release/{release}/{path}")),
        _ => None,
    }
}

/// The path in a release folder of a file found at `/v1/datasets/{dataset}/{release}/{file}`;
/// none when no release has such a file.
#[must_use]
pub fn in_release(dataset: &str, file: &str) -> Option<String> {
    if dataset == "release" {
        return Some(file.to_owned());
    }
    (file.split_once('.')?.0 == dataset).then(|| format!("data/{file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_files() {
        for (path, file) in [
            ("/", Some("index.html")),
            ("/wilayah/kota-tangerang/", Some("wilayah/kota-tangerang/index.html")),
            ("/site.css", Some("site.css")),
            ("/.well-known/api-catalog", Some(".well-known/api-catalog")),
            ("/a%20b", Some("a b")),
            ("/../x", None),
            ("/a/%2e%2e/x", None),
            ("/a%2Fb", None),
            ("/a\\b", None),
            ("/.ssh/x", None),
            ("/a%00", None),
            ("/a%ff", None),
            ("/a%f", None),
            ("/a//b", None),
            ("/a?b=1", None),
            ("a", None),
        ] {
            assert_eq!(file_of(path), file.map(PathBuf::from), "{path}");
        }
        assert!(file_of(&format!("/{}", "a".repeat(201))).is_none());
        assert_eq!(address_of(Path::new("a/index.html")), "/a/");
        assert_eq!(address_of(Path::new("404.html")), "/404.html");
    }

    #[test]
    fn files_of_a_release() {
        let release: ReleaseId = "36.71-2025-06-r2".parse().unwrap();
        for (path, address) in [
            ("data/totals.csv", Some("/v1/datasets/totals/36.71-2025-06-r2/totals.csv")),
            ("risk-report.json", Some("/v1/datasets/release/36.71-2025-06-r2/risk-report.json")),
            ("data/a/b.csv", None),
            ("data/../manifest.json", None),
            ("data/totals", None),
            ("..", None),
        ] {
            assert_eq!(release_file(release, path).as_deref(), address, "{path}");
        }
        assert_eq!(in_release("totals", "totals.csv").as_deref(), Some("data/totals.csv"));
        assert_eq!(in_release("release", "manifest.sig").as_deref(), Some("manifest.sig"));
        assert_eq!(in_release("totals", "plan.csv"), None);
    }
}
