//! What an audit reads of a page: its version and language, every figure with
//! the words a person reads in it, and where its links lead.
//!
//! Pages are taken for tags of any kind, read as browsers read them; nothing
//! is looked for in the text of a page.

use std::convert::Infallible;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// The largest page that is read.
pub const LARGEST: u64 = 8 << 20;
/// Figures open at once: a figure in a figure is none of ours.
const DEEPEST: usize = 8;
/// Longest text of a figure that is kept.
const LONGEST: usize = 200;
/// Elements that have no content.
const VOID: [&[u8]; 14] =
    [b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source", b"track", b"wbr"];

/// A figure on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `data-cell`: `table|area|program|period|measure|category`.
    pub cell: String,
    /// `data-value`.
    pub value: String,
    /// `data-status`.
    pub status: String,
    /// What a person reads, spaces made one.
    pub text: String,
}

/// A page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `data-version` of the html element.
    pub version: Option<String>,
    /// `lang` of the html element.
    pub lang: String,
    /// Its figures, in order.
    pub figures: Vec<Shown>,
    /// Where its links lead, as written.
    pub links: Vec<String>,
}

struct Open {
    figure: usize,
    name: Vec<u8>,
    depth: usize,
}

impl Page {
    /// Reads a page; whatever it is, something comes of it.
    #[must_use]
    pub fn read(html: &[u8]) -> Page {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut page = Page::default();
        let mut open: Vec<Open> = Vec::new();
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let token: Result<Token, Infallible> = token;
            match token {
                Ok(Token::StartTag(tag)) => page.start(&tag, &mut open),
                Ok(Token::EndTag(tag)) => {
                    for one in open.iter_mut().filter(|one| *one.name == **tag.name) {
                        one.depth -= 1;
                    }
                    open.retain(|one| one.depth > 0);
                }
                Ok(Token::String(text)) if !open.is_empty() => {
                    let text = String::from_utf8_lossy(&text);
                    for one in &open {
                        if let Some(figure) = page.figures.get_mut(one.figure)
                            && figure.text.len() < LONGEST
                        {
                            figure.text.extend(text.chars().take(LONGEST));
                        }
                    }
                }
                Ok(_) => {}
                Err(never) => match never {},
            }
        }
        for figure in &mut page.figures {
            figure.text = figure.text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        page
    }

    fn start(&mut self, tag: &StartTag<()>, open: &mut Vec<Open>) {
        let get = |name: &str| tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(&value.value).into_owned());
        let name: &[u8] = &tag.name;
        if name == b"html" && self.version.is_none() {
            self.version = get("data-version");
            self.lang = get("lang").unwrap_or_default();
        }
        for attribute in ["href", "src", "xlink:href"] {
            self.links.extend(get(attribute));
        }
        if name == b"meta" && get("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh")) {
            let to = get("content").and_then(|content| {
                let (_, to) = content.split_once(';')?;
                let (_, to) = to.split_once('=')?;
                Some(to.trim().trim_matches(['"', '\'']).to_owned())
            });
            self.links.extend(to);
        }
        let closes = tag.self_closing || VOID.contains(&name);
        for one in open.iter_mut().filter(|one| one.name == name && !closes) {
            one.depth += 1;
        }
        if let Some(cell) = get("data-cell") {
            let (value, status) = (get("data-value").unwrap_or_default(), get("data-status").unwrap_or_default());
            self.figures.push(Shown { cell, value, status, text: String::new() });
            if !closes && open.len() < DEEPEST {
                open.push(Open { figure: self.figures.len() - 1, name: name.to_owned(), depth: 1 });
            }
        }
    }
}

/// The addresses that a style sheet loads: `url(…)`.
#[must_use]
pub fn style_links(css: &str) -> Vec<String> {
    let links = css.split("url(").skip(1).filter_map(|rest| rest.split_once(')'));
    links.map(|(link, _)| link.trim().trim_matches(['"', '\'']).to_owned()).filter(|link| !link.starts_with("data:")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures_are_read_as_people_read_them() {
        let html = br##"<!DOCTYPE html><html lang=id data-version=7><!-- <td data-cell="no"> --><script>"<td data-cell='no'>"</script>
            <td class=n data-cell="a|b" data-value=1 data-status="observed">
              1.<b>2</b>34 <!-- 9 --></td><td>8</td><span data-cell='c' data-status=grouped>gabung&shy;an<span>x</span> y</span>
            <text data-cell=d data-value="2">2</text><img data-cell=e><p>3<a href="/x&amp;y">z</a><meta http-equiv=refresh content="0; url=/to/">"##;
        let page = Page::read(html);
        assert_eq!((page.version.as_deref(), page.lang.as_str()), (Some("7"), "id"));
        let read: Vec<(&str, &str)> = page.figures.iter().map(|figure| (figure.cell.as_str(), figure.text.as_str())).collect();
        assert_eq!(read, [("a|b", "1.234"), ("c", "gabung\u{ad}anx y"), ("d", "2"), ("e", "")]);
        assert_eq!(page.links, ["/x&y", "/to/"]);
        assert_eq!((page.figures[0].value.as_str(), page.figures[1].status.as_str()), ("1", "grouped"));
    }

    #[test]
    fn styles_name_what_they_load() {
        assert_eq!(style_links("a{src:url('/f.woff2')}b{background:url(data:x)}c{x:url(/y.svg"), ["/f.woff2"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page(bytes: Vec<u8>, tags in "(<[a-z/!-]{0,4}( data-cell=\"?x)?>?|[^<]){0,40}") {
            let _ = Page::read(&bytes);
            let _ = Page::read(tags.as_bytes());
        }
    }
}
