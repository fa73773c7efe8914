//! A site that stands below a path of its host, such as `https://kota.go.id/bansos/`.
//!
//! Pages are made and checked for the root of a host; this is the last step.

use std::borrow::Cow;

/// What leads to another page or file, and to the API beside the site.
const LINKS: [&str; 4] = [" href=\"/", " src=\"/", " action=\"/", "\"contentUrl\":\"/"];

/// The path of an address, without a slash at its end; empty at the root.
pub(crate) fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("", |at| rest[at..].trim_end_matches('/'))
}

/// The page with every link in it beginning with the path.
pub(crate) fn moved<'a>(html: &'a str, path: &str) -> Cow<'a, str> {
    if path.is_empty() {
        return Cow::Borrowed(html);
    }
    Cow::Owned(LINKS.iter().fold(html.to_owned(), |html, link| html.replace(link, &format!("{}{path}/", link.trim_end_matches('/')))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_address() {
        assert_eq!(path_of("https://bansos.example.go.id"), "");
        assert_eq!(path_of("https://kota.example.go.id/bansos"), "/bansos");
        assert_eq!(path_of("http://127.0.0.1:8080/"), "");
    }

    #[test]
    fn links_move_and_texts_do_not() {
        let html =
            r##"<a href="/wilayah/">/wilayah/</a><a href="#isi"><a href="https://x.org/"><form action="/en/"><script src="/site.js">"##;
        let moved = moved(html, "/bansos");
        assert_eq!(
            moved,
            r##"<a href="/bansos/wilayah/">/wilayah/</a><a href="#isi"><a href="https://x.org/"><form action="/bansos/en/"><script src="/bansos/site.js">"##
        );
    }
}
