//! As much of a built page as is looked at: its tags with their attributes, and
//! the text right after each. The templates are ours, so their attributes are
//! all quoted, and no parser of arbitrary HTML is needed.

use std::borrow::Cow;

use memchr::memchr;

/// An element's start tag and the text right after it.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    /// Its name as written.
    pub(crate) name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    text: &'a str,
}

impl<'a> Element<'a> {
    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes.iter().find(|(own, _)| *own == name).map(|(_, value)| decode(value))
    }

    /// Whether it has an attribute.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(own, _)| *own == name)
    }

    /// The text up to the next tag.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        decode(self.text.trim())
    }
}

/// Shows every element that has attributes, in one pass over the page.
///
/// A country's pages are a gigabyte, so this looks at bytes: all that ends a
/// name or a value is ASCII, and no part of another letter.
pub(crate) fn read<'a>(html: &'a str, mut show: impl FnMut(&Element<'a>)) {
    let mut element = Element { name: "", attributes: Vec::new(), text: "" };
    let mut rest = html;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        rest = &rest[at + 1..];
        if !rest.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let (name, after) = before(rest, |byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        element.name = name;
        element.attributes.clear();
        rest = attributes(after, &mut element.attributes);
        if !element.attributes.is_empty() {
            element.text = &rest[..memchr(b'<', rest.as_bytes()).unwrap_or(rest.len())];
            show(&element);
        }
    }
}

/// A text cut before its first byte of a kind.
fn before(text: &str, kind: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(kind).unwrap_or(text.len()))
}

/// Reads the attributes up to the end of the tag; gives what follows it.
fn attributes<'a>(mut rest: &'a str, found: &mut Vec<(&'a str, &'a str)>) -> &'a str {
    loop {
        (_, rest) = before(rest, |byte| !byte.is_ascii_whitespace() && byte != b'/');
        if let Some(after) = rest.strip_prefix('>') {
            return after;
        }
        if rest.is_empty() {
            return rest;
        }
        let (name, after) = before(rest, |byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/'));
        rest = after;
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let quote = if after.starts_with('\'') { b'\'' } else { b'"' };
            let open = after.strip_prefix(char::from(quote)).unwrap_or(after);
            let close = memchr(quote, open.as_bytes()).unwrap_or(open.len());
            value = &open[..close];
            rest = open.get(close + 1..).unwrap_or_default();
        }
        found.push((name, value));
    }
}

/// Text without the entities that the templates write.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let decoded = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2F;", "/")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&");
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each element its name, the attribute asked for, and its text.
    fn all(html: &str, attribute: &str) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        read(html, |element| {
            if let Some(value) = element.get(attribute) {
                found.push((element.name.to_owned(), value.into_owned(), element.text().into_owned()));
            }
        });
        found
    }

    fn triple(name: &str, value: &str, text: &str) -> (String, String, String) {
        (name.to_owned(), value.to_owned(), text.to_owned())
    }

    #[test]
    fn tags_are_read_with_their_attributes_and_text() {
        let html = r#"<!doctype html><html lang="id" data-version="3"><p hidden id="a">x</p><td data-cell="a|b" data-value="1"> 1.234</td><a href="/x&#x2F;y">&amp;</a>"#;
        assert_eq!(all(html, "data-version"), [triple("html", "3", "")]);
        assert_eq!(all(html, "id"), [triple("p", "a", "x")]);
        assert_eq!(all(html, "hidden"), [triple("p", "", "x")]);
        assert_eq!(all(html, "data-cell"), [triple("td", "a|b", "1.234")]);
        assert_eq!(all(html, "href"), [triple("a", "/x/y", "&")]);
    }

    #[test]
    fn a_tag_that_never_ends_ends_the_reading() {
        assert_eq!(all("<a href=\"x", "href"), [triple("a", "x", "")]);
    }
}
