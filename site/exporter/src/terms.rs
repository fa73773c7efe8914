//! The glossary: its terms, and the links to them. On every page each term is
//! linked where the running text first says it, so that no writer can forget one.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::address;
use crate::pages::Page;
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

/// Links the terms on every built page.
pub(crate) fn link_all(folder: &Path, pages: &[Page], terms: &[Term]) -> Result<()> {
    for page in pages.iter().filter(|page| page.path != GLOSSARY) {
        for lang in Lang::ALL {
            let own = address::localised(lang, &page.path);
            let file = folder.join(own.trim_start_matches('/')).join("index.html");
            // A page that was not built is told by the checks.
            let Ok(html) = std::fs::read_to_string(&file) else { continue };
            let linked = link(&html, terms, lang);
            if linked != html {
                std::fs::write(&file, linked).with_context(|| format!("cannot write {}", file.display()))?;
            }
        }
    }
    Ok(())
}

/// Names that hold a term and are none.
const NAMES: [&str; 1] = ["Bansos Terbuka"];
/// Text in these is running text.
const TEXT: [&str; 3] = ["p", "li", "dd"];
/// Text in these is not linked: it is a link, a heading, a figure or a drawing.
const CLOSED: [&str; 14] = ["a", "h1", "h2", "h3", "table", "svg", "script", "style", "code", "pre", "nav", "summary", "button", "dt"];

/// The page with each term linked where the text of `main` first says it.
fn link(html: &str, terms: &[Term], lang: Lang) -> String {
    let Some((start, end)) = html.find("<main").zip(html.find("</main>")) else { return html.to_owned() };
    let mut left: Vec<(&str, Vec<&str>)> = terms
        .iter()
        .map(|term| (term.id.as_str(), std::iter::once(term.name.of(lang)).chain(term.also.iter().map(String::as_str)).collect()))
        .collect();
    let mut out = String::with_capacity(html.len() + 1024);
    out.push_str(&html[..start]);
    // Names that hold another term, which is not meant there.
    let masks: Vec<&str> =
        left.iter().flat_map(|(_, names)| names.iter().copied()).filter(|name| name.contains(' ')).chain(NAMES).collect();
    let (mut text, mut closed) = (0_usize, 0_usize);
    let mut rest = &html[start..end];
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        if text > 0 && closed == 0 {
            link_text(&rest[..at], &mut left, &masks, lang, &mut out);
        } else {
            out.push_str(&rest[..at]);
        }
        rest = &rest[at..];
        let Some(close) = rest.find('>') else { break };
        let tag = &rest[1..close];
        let (ends, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        for (names, depth) in [(&TEXT[..], &mut text), (&CLOSED[..], &mut closed)] {
            if names.contains(&name) && !tag.ends_with('/') {
                *depth = if ends { depth.saturating_sub(1) } else { *depth + 1 };
            }
        }
        out.push_str(&rest[..=close]);
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out.push_str(&html[end..]);
    out
}

/// Writes a piece of text, the terms in it linked; those linked are done with.
fn link_text(text: &str, left: &mut Vec<(&str, Vec<&str>)>, masks: &[&str], lang: Lang, out: &mut String) {
    let mut rest = text;
    loop {
        // The first in the text; of two at one place, the longer.
        let found = left
            .iter()
            .enumerate()
            .flat_map(|(which, (_, names))| {
                names.iter().filter_map(move |name| Some((find(rest, name, masks)?, std::cmp::Reverse(name.len()), which)))
            })
            .min();
        let Some((at, std::cmp::Reverse(length), which)) = found else { break };
        let (id, _) = left.remove(which);
        let glossary = address::localised(lang, GLOSSARY);
        out.push_str(&rest[..at]);
        out.push_str(&format!("<a href=\"{glossary}#{id}\">{}</a>", &rest[at..at + length]));
        rest = &rest[at + length..];
    }
    out.push_str(rest);
}

/// Where a whole word stands in a text, and not in a longer name; its first
/// letter may be large or small.
fn find(text: &str, word: &str, masks: &[&str]) -> Option<usize> {
    let (first, tail) = word.split_at(word.chars().next()?.len_utf8());
    let is_letter = |c: char| c.is_alphanumeric() || c == '-';
    text.match_indices(tail).find_map(|(at, _)| {
        let start = at.checked_sub(first.len()).filter(|start| text.is_char_boundary(*start))?;
        let same = text[start..at].to_lowercase() == first.to_lowercase();
        let before = text[..start].chars().next_back().is_none_or(|c| !is_letter(c));
        let after = text[start + word.len()..].chars().next().is_none_or(|c| !is_letter(c));
        let within =
            |mask: &&str| mask.len() > word.len() && text.match_indices(*mask).any(|(from, _)| from <= start && start < from + mask.len());
        (same && before && after && !masks.iter().any(within)).then_some(start)
    })
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
        let linked = link(html, &terms, Lang::Id);
        assert_eq!(
            linked,
            "<p>PKH</p><main><h1>PKH</h1><p>Ada <a href=\"/\">PKH</a> dan <a href=\"/istilah/#pkh\">PKH</a>, PKH. \
             <a href=\"/istilah/#rilis\">Terbitan</a> ini</p><table><td>atom</td></table><p>PKH rilis</p></main><p>rilis</p>"
        );
        assert_eq!(link(&linked, &[], Lang::Id), linked);
    }

    #[test]
    fn a_part_of_a_word_is_no_term() {
        assert_eq!(find("atomik, data-atom, Atom", "atom", &[]), Some(19));
        assert_eq!(find("Cek Bansos, lalu bansos", "bansos", &["Cek Bansos"]), Some(17));
        assert_eq!(find("éatom", "atom", &[]), None);
        assert_eq!(find("PBI-JK", "PBI", &[]), None);
    }
}
