//! Checks of the built site, before anyone sees it: every page is there, every
//! figure equals the API's, every link inside the site leads somewhere, nothing
//! comes from elsewhere, and no page is heavier than promised.
//!
//! A country has tens of thousands of pages, so each is read once, several at
//! once, and what it links to is kept only as far as pages share it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::Status;
use flate2::Compression;
use flate2::write::GzEncoder;
use foldhash::{HashMap, HashSet};
use rayon::prelude::*;

use crate::address;
use crate::below;
use crate::document::{self, Element};
use crate::gather::World;
use crate::model::Figure;
use crate::stubs::Stub;
use crate::terms::Linker;
use crate::words::{Lang, UNKNOWN};

/// Most bytes of a page, of the style and of the script, compressed.
const HTML_BUDGET: usize = 15 * 1024;
const CSS_BUDGET: usize = 8 * 1024;
const JS_BUDGET: usize = 10 * 1024;
/// Addresses that the API answers, and not the site.
const API: [&str; 9] =
    ["/v1", "/docs", "/openapi.json", "/log/", "/keys/", "/healthz", "/datapackage.json", "/catalog.jsonld", "/.well-known/"];
/// Faults told before the rest is only counted.
const TOLD: usize = 20;
/// Pages between which what they link to is brought together.
const TOGETHER: usize = 256;

/// What is done to a built page before it is checked.
pub(crate) struct Finish<'a> {
    pub(crate) world: &'a World,
    /// Links the terms of the glossary, for each language.
    pub(crate) linkers: [Linker<'a>; 2],
    /// The path below which the site stands; empty at the root of its host.
    pub(crate) below: &'a str,
}

/// What was found on some pages.
#[derive(Default)]
struct Found {
    figures: usize,
    faults: Vec<String>,
    /// Links within the site: the first page that has each, and how many more have.
    links: HashMap<String, (String, usize)>,
}

impl Found {
    fn fault(&mut self, address: &str, text: impl std::fmt::Display) {
        self.faults.push(format!("{address}: {text}"));
    }

    fn link(&mut self, link: &str, address: &str) {
        match self.links.get_mut(link) {
            Some((_, more)) => *more += 1,
            None => drop(self.links.insert(link.to_owned(), (address.to_owned(), 0))),
        }
    }

    fn and(mut self, other: Found) -> Found {
        self.figures += other.figures;
        self.faults.extend(other.faults);
        for (link, (address, more)) in other.links {
            self.links.entry(link).and_modify(|(_, own)| *own += more + 1).or_insert((address, more));
        }
        self
    }
}

/// Finishes and checks every page; gives the number of figures compared.
pub(crate) fn site(folder: &Path, stubs: &[Stub], finish: &Finish<'_>) -> Result<usize> {
    let some = |stubs: &[Stub]| -> Result<Found> {
        let mut found = Found::default();
        for stub in stubs {
            for lang in Lang::ALL {
                page(folder, stub, lang, finish, &mut found)?;
            }
        }
        Ok(found)
    };
    let parts: Vec<Found> = stubs.par_chunks(TOGETHER).map(some).collect::<Result<_>>()?;
    let mut found = parts.into_iter().fold(Found::default(), Found::and);
    let not_found = folder.join("404.html");
    let html = std::fs::read_to_string(&not_found).with_context(|| format!("{} was not built", not_found.display()))?;
    document::read(&html, |element| note_link(element, "/404.html", &mut found));
    put(&not_found, &html, &below::moved(&html, finish.below))?;
    check_links(folder, &mut found);
    for (name, budget) in [("site.css", CSS_BUDGET), ("site.js", JS_BUDGET)] {
        let bytes = std::fs::read(folder.join(name)).with_context(|| format!("{name} was not built"))?;
        if let Some(size) = over(&bytes, budget)? {
            found.faults.push(format!("{name} weighs {size} bytes compressed, over {budget}"));
        }
    }
    if found.faults.is_empty() {
        return Ok(found.figures);
    }
    let more = found.faults.len().saturating_sub(TOLD);
    let mut told = found.faults.into_iter().take(TOLD).collect::<Vec<_>>().join("\n  ");
    if more > 0 {
        told.push_str(&format!("\n  and {more} more"));
    }
    bail!("the built site failed its checks:\n  {told}")
}

/// Finishes and checks one page in one language.
fn page(folder: &Path, stub: &Stub, lang: Lang, finish: &Finish<'_>, found: &mut Found) -> Result<()> {
    let address = address::localised(lang, &stub.path);
    let file = file_of(folder, &address);
    let Ok(built) = std::fs::read_to_string(&file) else {
        found.fault(&address, "the page was not built");
        return Ok(());
    };
    let html = finish.linkers[lang as usize].link(&built, &stub.path);
    let mut seen = HashSet::default();
    let mut ids = HashSet::default();
    let mut own = Vec::new();
    let (mut root, mut simulated) = (false, false);
    let version = finish.world.entry.version.to_string();
    document::read(&html, |element| {
        if let Some(id) = element.get("id") {
            ids.insert(id);
        }
        if let Some(name) = element.get("data-cell") {
            check_figure(element, &name, finish.world.figure(&name), &address, found);
            seen.insert(name);
        }
        if let Some(name) = element.get("data-was") {
            check_figure(element, &name, finish.world.past_figure(&name), &address, found);
            seen.insert(name);
        }
        if element.name == "html" {
            root |= element.get("lang").as_deref() == Some(lang.code()) && element.get("data-version").as_deref() == Some(&version);
        }
        simulated |= element.has("data-simulated");
        check_source(element, &address, found);
        match element.get("href") {
            Some(link) if link.starts_with('#') => own.push(link),
            _ => note_link(element, &address, found),
        }
    });
    found.figures += seen.len();
    for link in own {
        if !ids.contains(&link[1..]) {
            found.fault(&address, format_args!("the link {link} names no place on its page"));
        }
    }
    for name in stub.figures(lang).iter().filter(|name| !seen.contains(name.as_str())) {
        found.fault(&address, format_args!("the figure {name} was exported and is not on the page"));
    }
    if !root {
        found.fault(&address, format_args!("its html element does not say lang {} and version {version}", lang.code()));
    }
    if finish.world.entry.simulated && !simulated {
        found.fault(&address, "the notice of simulated data is missing");
    }
    if let Some((_, rest)) = html.split_once(UNKNOWN) {
        found.fault(&address, format_args!("a word is missing: {}", rest.chars().take(40).collect::<String>()));
    }
    // As it is sent: below the path at which the site stands.
    let sent = below::moved(&html, finish.below);
    if let Some(size) = over(sent.as_bytes(), HTML_BUDGET)? {
        found.fault(&address, format_args!("it weighs {size} bytes compressed, over {HTML_BUDGET}"));
    }
    put(&file, &built, &sent)
}

/// Writes a page where something was done to it.
fn put(file: &Path, built: &str, sent: &str) -> Result<()> {
    if built == sent {
        return Ok(());
    }
    std::fs::write(file, sent).with_context(|| format!("cannot write {}", file.display()))
}

fn file_of(folder: &Path, address: &str) -> PathBuf {
    let file = folder.join(address.trim_start_matches('/'));
    if address.ends_with('/') { file.join("index.html") } else { file }
}

/// A figure of the page against the API's, in its attributes and as read by people.
fn check_figure(element: &Element<'_>, name: &str, figure: Option<&Figure>, address: &str, found: &mut Found) {
    let Some(figure) = figure else {
        found.fault(address, format_args!("the figure {name} is not in the API"));
        return;
    };
    let value = figure.value.map(|value| value.to_string()).unwrap_or_default();
    let (said, status) = (element.get("data-value"), element.get("data-status"));
    if said.as_deref() != Some(value.as_str()) || status.as_deref() != Some(figure.status.as_str()) {
        found.fault(address, format_args!("the figure {name} says {said:?} {status:?}, the API {value:?} {}", figure.status));
    }
    let text = element.text();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let right = match figure.status {
        // A rate has two decimals: 0,75 is the figure 75.
        Status::Observed => {
            digits == value || name.contains("|units_per_10000_") && digits.trim_start_matches('0') == value.trim_start_matches('0')
        }
        Status::Withheld => !text.is_empty() && digits != "0",
        Status::Grouped | Status::Missing => !text.is_empty() && digits.is_empty(),
    };
    if !right {
        found.fault(address, format_args!("the figure {name} reads {text:?}, the API has {value:?} {}", figure.status));
    }
}

/// Nothing is loaded from elsewhere. The addresses in full of the page and of
/// the other language load nothing.
fn check_source(element: &Element<'_>, address: &str, found: &mut Found) {
    if element.get("rel").as_deref() == Some("canonical") || element.has("hreflang") {
        return;
    }
    let source = element.get("src").or_else(|| if element.name == "link" { element.get("href") } else { None });
    if let Some(source) = source
        && (source.contains("://") || source.starts_with("//"))
    {
        found.fault(address, format_args!("it loads {source} from elsewhere"));
    }
}

/// Notes where an element leads, unless the API answers there.
fn note_link(element: &Element<'_>, address: &str, found: &mut Found) {
    let Some(link) = element.get("href") else { return };
    let (path, _) = parts(&link);
    if path.contains(':') || API.iter().any(|own| path.starts_with(own)) {
        return;
    }
    if path.is_empty() {
        // A place on the page itself, with a query before it.
        return found.link(&format!("{address}{link}"), address);
    }
    found.link(&link, address);
}

/// The path of a link, and the place on its page.
fn parts(link: &str) -> (&str, Option<&str>) {
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    (path.split('?').next().unwrap_or(path), fragment)
}

/// Every link leads to a file, and to a place on its page where it names one.
fn check_links(folder: &Path, found: &mut Found) {
    let links: BTreeMap<String, (String, usize)> = std::mem::take(&mut found.links).into_iter().collect();
    let links: Vec<_> = links.iter().map(|(link, first)| (parts(link), link, first)).collect();
    // Those to one page stand together, so that it is looked for, and read, once.
    let pages: Vec<_> = links.chunk_by(|one, other| one.0.0 == other.0.0).collect();
    let faults: Vec<Vec<String>> = pages
        .into_par_iter()
        .map(|links| {
            let Some(((path, _), ..)) = links.first() else { return Vec::new() };
            let mut faults = Vec::new();
            let mut fault = |link: &str, (address, more): &(String, usize), what: &str| {
                let more = if *more == 0 { String::new() } else { format!(", there and {more} times more") };
                faults.push(format!("{address}: the link {link} {what}{more}"));
            };
            let file = file_of(folder, path);
            let what = match path {
                _ if !path.starts_with('/') => Some("does not start at the root"),
                _ if !file.is_file() => Some("leads nowhere"),
                _ => None,
            };
            if let Some(what) = what {
                links.iter().for_each(|(_, link, first)| fault(link, first, what));
                return faults;
            }
            let mut places: Option<BTreeSet<String>> = None;
            for ((_, fragment), link, first) in links {
                let Some(fragment) = fragment else { continue };
                let places = places.get_or_insert_with(|| {
                    let mut ids = BTreeSet::new();
                    let html = std::fs::read_to_string(&file).unwrap_or_default();
                    document::read(&html, |element| ids.extend(element.get("id").map(std::borrow::Cow::into_owned)));
                    ids
                });
                if !places.contains(*fragment) {
                    fault(link, first, "names no place on its page");
                }
            }
            faults
        })
        .collect();
    found.faults.extend(faults.into_iter().flatten());
}

/// What it weighs compressed, when that is over the budget. A quick compression
/// that stays below it says enough: what is sent is compressed at least as well.
fn over(bytes: &[u8], budget: usize) -> Result<Option<usize>> {
    if bytes.len() <= budget || gzipped(bytes, Compression::fast())? <= budget {
        return Ok(None);
    }
    let size = gzipped(bytes, Compression::default())?;
    Ok((size > budget).then_some(size))
}

/// How many bytes it has when compressed.
fn gzipped(bytes: &[u8], level: Compression) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_to_files_and_places() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/index.html"), r#"<p id="x">"#).unwrap();
        let faults = |html: &str| {
            let mut found = Found::default();
            document::read(html, |element| note_link(element, "/b/", &mut found));
            check_links(folder.path(), &mut found);
            found.faults
        };
        assert!(faults(r##"<a href="/a/"><a href="/a/#x"><a href="/a/?q=1#x"><a href="/v1/areas"><a href="https://x.org/">"##).is_empty());
        let told = faults(r#"<a href="/a/#y"><a href="/c/"><a href="/c/"><a href="c/">"#);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.contains(&"/b/: the link /c/ leads nowhere, there and 1 times more".to_owned()), "{told:?}");
    }

    #[test]
    fn a_weight_is_told_only_when_it_is_over_the_budget() {
        // Digits of chance: four bits each.
        let mut state = 1_u64;
        let digits: String = (0..40_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'a' + (state >> 60) as u8)
            })
            .collect();
        let bytes = digits.as_bytes();
        let size = gzipped(bytes, Compression::default()).unwrap();
        assert_eq!(over(bytes, size - 1).unwrap(), Some(size));
        assert_eq!(over(bytes, size).unwrap(), None);
        assert_eq!(over(bytes, bytes.len()).unwrap(), None);
    }
}
