//! The glossary: its terms, and the links to them. On every page each term is
//! linked where the running text first says it, so that no writer can forget one.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, Result, bail};
use memchr::{memchr, memmem};

use crate::address;
use crate::words::{Both, Lang};

/// The page of the glossary, without language.
pub(crate) const GLOSSARY: &str = "/istilah/";

/// A term.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    /// Its place on the page of the glossary.
    pub(crate) id: String,
    pub(crate) name: Both,
    pub(crate) text: Both,
    /// How the text says it, beside its name.
    #[serde(default)]
    pub(crate) also: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    term: Vec<Term>,
}

/// Reads the terms.
pub(crate) fn read(path: &Path) -> Result<Vec<Term>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the glossary at {}", path.display()))?;
    let file: File = toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
    let mut ids = BTreeSet::new();
    if let Some(twice) = file.term.iter().find(|term| !ids.insert(term.id.as_str())) {
        bail!("{}: the term {} stands twice", path.display(), twice.id);
    }
    Ok(file.term)
}

/// Names that hold a term and are none.
const NAMES: [&str; 1] = ["Bansos Terbuka"];

/// What an element says of the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is running text.
    Text,
    /// It is not linked: it is a link, a heading or a name.
    Closed,
    /// The same, and nothing in it is looked at: a table, a drawing, a program.
    /// None of these stands in another of its name.
    Passed,
    /// Nothing.
    Other,
}

fn kind(name: &str) -> Kind {
    match name {
        "p" | "li" | "dd" => Kind::Text,
        "a" | "h1" | "h2" | "h3" | "code" | "pre" | "nav" | "summary" | "button" | "dt" => Kind::Closed,
        "table" | "svg" | "script" | "style" => Kind::Passed,
        _ => Kind::Other,
    }
}

/// Links terms on pages of one language.
pub(crate) struct Linker<'a> {
    lang: Lang,
    ids: Vec<&'a str>,
    /// How the text may say a term, by the first letter in lower case: the
    /// term's place, and the words.
    names: HashMap<char, Vec<(usize, &'a str)>>,
    /// Names that hold another term, which is not meant there.
    masks: Vec<&'a str>,
}

impl<'a> Linker<'a> {
    /// Of these terms, in this language.
    pub(crate) fn new(terms: &'a [Term], lang: Lang) -> Linker<'a> {
        let mut names: HashMap<char, Vec<(usize, &str)>> = HashMap::new();
        let mut masks: Vec<&str> = NAMES.to_vec();
        for (which, term) in terms.iter().enumerate() {
            for name in std::iter::once(term.name.of(lang)).chain(term.also.iter().map(String::as_str)) {
                names.entry(lower(name)).or_default().push((which, name));
                if name.contains(' ') {
                    masks.push(name);
                }
            }
        }
        // Of two that begin at one place, the longer is meant.
        names.values_mut().for_each(|some| some.sort_by_key(|(which, name)| (std::cmp::Reverse(name.len()), *which)));
        Linker { lang, ids: terms.iter().map(|term| term.id.as_str()).collect(), names, masks }
    }

    /// The page at an address (without language), with each term linked where
    /// the text of `main` first says it. On the page of the glossary none is.
    pub(crate) fn link<'h>(&self, html: &'h str, path: &str) -> Cow<'h, str> {
        let Some((start, end)) = html.find("<main").zip(html.rfind("</main>")).filter(|_| path != GLOSSARY) else {
            return Cow::Borrowed(html);
        };
        let mut done = vec![false; self.ids.len()];
        let mut out = String::with_capacity(html.len() + 1024);
        out.push_str(&html[..start]);
        let (mut text, mut closed) = (0_usize, 0_usize);
        let mut rest = &html[start..end];
        while !rest.is_empty() {
            let at = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            if text > 0 && closed == 0 {
                self.link_text(&rest[..at], &mut done, &mut out);
            } else {
                out.push_str(&rest[..at]);
            }
            rest = &rest[at..];
            let Some(close) = memchr(b'>', rest.as_bytes()) else { break };
            let tag = &rest[1..close];
            let (ends, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
            let name = &name[..name.bytes().position(|byte| byte.is_ascii_whitespace() || byte == b'/').unwrap_or(name.len())];
            let mut after = close + 1;
            if !tag.ends_with('/') {
                let deeper = |depth: usize| if ends { depth.saturating_sub(1) } else { depth + 1 };
                match kind(name) {
                    Kind::Text => text = deeper(text),
                    Kind::Closed => closed = deeper(closed),
                    Kind::Passed if !ends => after += memmem::find(&rest.as_bytes()[after..], format!("</{name}").as_bytes()).unwrap_or(0),
                    Kind::Passed | Kind::Other => {}
                }
            }
            out.push_str(&rest[..after]);
            rest = &rest[after..];
        }
        out.push_str(rest);
        out.push_str(&html[end..]);
        Cow::Owned(out)
    }

    /// Writes a piece of text, the terms in it linked; those linked are done with.
    fn link_text(&self, text: &str, done: &mut [bool], out: &mut String) {
        let mut rest = text;
        while let Some((at, name, which)) = self.first(rest, done) {
            done[which] = true;
            let glossary = address::localised(self.lang, GLOSSARY);
            out.push_str(&rest[..at]);
            out.push_str(&format!("<a href=\"{glossary}#{}\">{}</a>", self.ids[which], &rest[at..at + name.len()]));
            rest = &rest[at + name.len()..];
        }
        out.push_str(rest);
    }

    /// The first term in a text that is not done with: where it stands, how the
    /// text says it, and which it is. It is a whole word, and not in a longer
    /// name; its first letter may be large or small.
    fn first(&self, text: &str, done: &[bool]) -> Option<(usize, &'a str, usize)> {
        let is_letter = |c: char| c.is_alphanumeric() || c == '-';
        let mut before = None;
        for (at, letter) in text.char_indices() {
            let begins = before.replace(letter).is_none_or(|c| !is_letter(c));
            if !begins || !letter.is_alphabetic() {
                continue;
            }
            let own = if letter.is_ascii() { letter.to_ascii_lowercase() } else { letter.to_lowercase().next().unwrap_or(letter) };
            let tail = &text[at + letter.len_utf8()..];
            let found = self.names.get(&own).into_iter().flatten().find(|(which, name)| {
                let rest = name.strip_prefix(|_: char| true).unwrap_or_default();
                !done[*which]
                    && tail.strip_prefix(rest).is_some_and(|after| after.chars().next().is_none_or(|c| !is_letter(c)))
                    && !self.masked(text, at, name)
            });
            if let Some((which, name)) = found {
                return Some((at, name, *which));
            }
        }
        None
    }

    /// Whether what stands there is part of a longer name.
    fn masked(&self, text: &str, at: usize, name: &str) -> bool {
        let within = |mask: &&str| text.match_indices(*mask).any(|(from, _)| from <= at && at < from + mask.len());
        self.masks.iter().filter(|mask| mask.len() > name.len()).any(within)
    }
}

/// The first letter in lower case.
fn lower(name: &str) -> char {
    name.chars().next().and_then(|letter| letter.to_lowercase().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(id: &str, name: &str, also: &[&str]) -> Term {
        let both = || Both { id: name.to_owned(), en: name.to_owned() };
        Term { id: id.to_owned(), name: both(), text: both(), also: also.iter().map(|one| (*one).to_owned()).collect() }
    }

    #[test]
    fn the_first_in_the_text_is_linked_and_nothing_else() {
        let terms = [term("pkh", "PKH", &[]), term("rilis", "rilis", &["terbitan"]), term("atom", "atom", &[])];
        let html = "<p>PKH</p><main><h1>PKH</h1><p>Ada <a href=\"/\">PKH</a> dan PKH, PKH. Terbitan ini</p><table><td>atom</td></table><p>PKH rilis</p></main><p>rilis</p>";
        let linked = Linker::new(&terms, Lang::Id).link(html, "/").into_owned();
        assert_eq!(
            linked,
            "<p>PKH</p><main><h1>PKH</h1><p>Ada <a href=\"/\">PKH</a> dan <a href=\"/istilah/#pkh\">PKH</a>, PKH. \
             <a href=\"/istilah/#rilis\">Terbitan</a> ini</p><table><td>atom</td></table><p>PKH rilis</p></main><p>rilis</p>"
        );
        assert_eq!(Linker::new(&[], Lang::Id).link(&linked, "/"), linked);
        let passed = "<main><svg/><p>atom <svg><text>PKH</text></svg></p><table><td><p>rilis</p></td></table><p>PKH</p></main>";
        let linked = Linker::new(&terms, Lang::Id).link(passed, "/").into_owned();
        assert_eq!(linked.matches("<a ").count(), 2, "{linked}");
        assert!(linked.contains("<p><a href=\"/istilah/#pkh\">PKH</a></p>"), "{linked}");
        // One that never ends does not take the rest of the page with it.
        let open = "<main><table><p>PKH</p></main>";
        assert!(Linker::new(&terms, Lang::Id).link(open, "/").contains("#pkh"));
        assert_eq!(Linker::new(&terms, Lang::Id).link(html, GLOSSARY), html);
    }

    #[test]
    fn a_part_of_a_word_is_no_term() {
        let find = |text: &str, word: &str| {
            let terms = [term("it", word, &[])];
            Linker::new(&terms, Lang::Id).first(text, &[false]).map(|(at, ..)| at)
        };
        assert_eq!(find("atomik, data-atom, Atom", "atom"), Some(19));
        assert_eq!(find("Bansos Terbuka, lalu bansos", "bansos"), Some(21));
        assert_eq!(find("éatom", "atom"), None);
        assert_eq!(find("PBI-JK", "PBI"), None);
    }

    #[test]
    fn of_two_at_one_place_the_longer_is_linked() {
        let terms = [term("bansos", "bansos", &[]), term("cek", "Cek Bansos", &[]), term("data", "data terpadu", &["data"])];
        let linker = Linker::new(&terms, Lang::Id);
        let linked = linker.link("<main><p>Cek Bansos; data terpadu; bansos; data</p></main>", "/").into_owned();
        assert_eq!(
            linked,
            "<main><p><a href=\"/istilah/#cek\">Cek Bansos</a>; <a href=\"/istilah/#data\">data terpadu</a>; \
             <a href=\"/istilah/#bansos\">bansos</a>; data</p></main>"
        );
    }
}
