//! Checks of the built site, before anyone sees it: every page is there, every
//! figure equals the API's, every link inside the site leads somewhere, nothing
//! comes from elsewhere, and no page is heavier than promised.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::Status;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::address;
use crate::gather::World;
use crate::model::Figure;
use crate::pages::Page;
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

/// Checks every page; gives the number of figures compared.
pub(crate) fn site(folder: &Path, pages: &[Page], world: &World) -> Result<usize> {
    let mut faults = Vec::new();
    let mut figures = 0;
    let mut documents = BTreeMap::new();
    for page in pages {
        for lang in Lang::ALL {
            let address = address::localised(lang, &page.path);
            let file = file_of(folder, &address);
            let Ok(html) = std::fs::read_to_string(&file) else {
                faults.push(format!("{address}: the page was not built"));
                continue;
            };
            let document = Document::read(&html);
            let mut fault = |text: String| faults.push(format!("{address}: {text}"));
            figures += check_figures(&document, page, lang, world, &mut fault);
            check_frame(&html, &document, lang, world, &mut fault)?;
            documents.insert(address, document);
        }
    }
    let not_found = folder.join("404.html");
    let html = std::fs::read_to_string(&not_found).with_context(|| format!("{} was not built", not_found.display()))?;
    documents.insert("/404.html".to_owned(), Document::read(&html));
    check_links(folder, &documents, &mut faults);
    for (name, budget) in [("site.css", CSS_BUDGET), ("site.js", JS_BUDGET)] {
        check_weight(folder, name, budget, &mut faults)?;
    }
    if faults.is_empty() {
        return Ok(figures);
    }
    let more = faults.len().saturating_sub(TOLD);
    let mut told = faults.into_iter().take(TOLD).collect::<Vec<_>>().join("\n  ");
    if more > 0 {
        told.push_str(&format!("\n  and {more} more"));
    }
    bail!("the built site failed its checks:\n  {told}")
}

fn file_of(folder: &Path, address: &str) -> PathBuf {
    let file = folder.join(address.trim_start_matches('/'));
    if address.ends_with('/') { file.join("index.html") } else { file }
}

fn find<'a>(world: &'a World, name: &str) -> Option<&'a Figure> {
    world.districts.iter().find_map(|district| district.figures.by_name(name))
}

/// Each figure of the page against the API's, in its attributes and as read by
/// people; and each figure exported for the page must be on it.
fn check_figures(document: &Document, page: &Page, lang: Lang, world: &World, fault: &mut impl FnMut(String)) -> usize {
    let mut seen = HashSet::new();
    for element in &document.elements {
        let Some(name) = element.get("data-cell") else { continue };
        seen.insert(name.to_owned());
        let Some(figure) = find(world, name) else {
            fault(format!("the figure {name} is not in the API"));
            continue;
        };
        let value = figure.value.map(|value| value.to_string()).unwrap_or_default();
        if element.get("data-value") != Some(value.as_str()) || element.get("data-status") != Some(figure.status.as_str()) {
            fault(format!(
                "the figure {name} says {:?} {:?}, the API {value:?} {}",
                element.get("data-value"),
                element.get("data-status"),
                figure.status
            ));
        }
        let digits: String = element.text.chars().filter(char::is_ascii_digit).collect();
        let right = match figure.status {
            // A rate has two decimals: 0,75 is the figure 75.
            Status::Observed => {
                digits == value || name.contains("|units_per_10000_") && digits.trim_start_matches('0') == value.trim_start_matches('0')
            }
            Status::Withheld => !element.text.is_empty() && digits != "0",
            Status::Grouped | Status::Missing => !element.text.is_empty() && digits.is_empty(),
        };
        if !right {
            fault(format!("the figure {name} reads {:?}, the API has {value:?} {}", element.text, figure.status));
        }
    }
    let mut wanted = BTreeSet::new();
    names_in(page.data(lang), &mut wanted);
    for name in wanted.iter().filter(|name| !seen.contains(**name)) {
        fault(format!("the figure {name} was exported and is not on the page"));
    }
    seen.len()
}

/// The names of figures in a page's data.
fn names_in<'a>(value: &'a serde_json::Value, names: &mut BTreeSet<&'a str>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        serde_json::Value::Object(fields) => {
            if let Some(name) = fields.get("k").and_then(|name| name.as_str()) {
                names.insert(name);
            }
            fields.values().for_each(|field| names_in(field, names));
        }
        _ => {}
    }
}

/// What every page must have, and must not.
fn check_frame(html: &str, document: &Document, lang: Lang, world: &World, fault: &mut impl FnMut(String)) -> Result<()> {
    let version = world.entry.version.to_string();
    let root = document.elements.iter().find(|element| element.name == "html");
    if root.is_none_or(|root| root.get("lang") != Some(lang.code()) || root.get("data-version") != Some(&version)) {
        fault(format!("its html element does not say lang {} and version {version}", lang.code()));
    }
    if world.entry.simulated && !document.elements.iter().any(|element| element.get("data-simulated").is_some()) {
        fault("the notice of simulated data is missing".to_owned());
    }
    if let Some((_, rest)) = html.split_once(UNKNOWN) {
        fault(format!("a word is missing: {}", rest.chars().take(40).collect::<String>()));
    }
    for element in &document.elements {
        // The addresses in full of the page and of the other language load nothing.
        if element.get("rel") == Some("canonical") || element.get("hreflang").is_some() {
            continue;
        }
        let source = element.get("src").or_else(|| if element.name == "link" { element.get("href") } else { None });
        if let Some(source) = source
            && (source.contains("://") || source.starts_with("//"))
        {
            fault(format!("it loads {source} from elsewhere"));
        }
    }
    let size = gzipped(html.as_bytes())?;
    if size > HTML_BUDGET {
        fault(format!("it weighs {size} bytes compressed, over {HTML_BUDGET}"));
    }
    Ok(())
}

fn check_links(folder: &Path, documents: &BTreeMap<String, Document>, faults: &mut Vec<String>) {
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for (address, document) in documents {
        for link in document.elements.iter().filter_map(|element| element.get("href")) {
            let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
            let path = path.split('?').next().unwrap_or(path);
            if path.contains(':') || API.iter().any(|own| path.starts_with(own)) {
                continue;
            }
            if !path.is_empty() && !path.starts_with('/') {
                faults.push(format!("{address}: the link {link} does not start at the root"));
                continue;
            }
            let target = if path.is_empty() { address.as_str() } else { path };
            if !*known.entry(target).or_insert_with(|| file_of(folder, target).is_file()) {
                faults.push(format!("{address}: the link {link} leads nowhere"));
            } else if let (Some(fragment), Some(other)) = (fragment, documents.get(target))
                && !other.ids.contains(fragment)
            {
                faults.push(format!("{address}: the link {link} names no place on its page"));
            }
        }
    }
}

fn check_weight(folder: &Path, name: &str, budget: usize, faults: &mut Vec<String>) -> Result<()> {
    let size = gzipped(&std::fs::read(folder.join(name)).with_context(|| format!("{name} was not built"))?)?;
    if size > budget {
        faults.push(format!("{name} weighs {size} bytes compressed, over {budget}"));
    }
    Ok(())
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// An element's start tag and the text right after it.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// As much of a page as the checks look at. The templates are ours, so their
/// attributes are all quoted, and no parser of arbitrary HTML is needed.
#[derive(Debug)]
struct Document {
    elements: Vec<Element>,
    ids: HashSet<String>,
}

impl Document {
    fn read(html: &str) -> Document {
        let mut elements = Vec::new();
        let mut ids = HashSet::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
                continue;
            }
            let name_end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
            let name = rest[..name_end].to_ascii_lowercase();
            rest = &rest[name_end..];
            let attributes = attributes(&mut rest);
            let text = decode(rest[..rest.find('<').unwrap_or(rest.len())].trim());
            if let Some((_, id)) = attributes.iter().find(|(own, _)| own == "id") {
                ids.insert(id.clone());
            }
            if !attributes.is_empty() {
                elements.push(Element { name, attributes, text });
            }
        }
        Document { elements, ids }
    }
}

/// Reads the attributes up to the end of the tag, and leaves `rest` after it.
fn attributes(rest: &mut &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        *rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return found;
        }
        if let Some(after) = rest.strip_prefix('>') {
            *rest = after;
            return found;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        *rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let quote = if after.starts_with('\'') { '\'' } else { '"' };
            let open = after.strip_prefix(quote).unwrap_or(after);
            let close = open.find(quote).unwrap_or(open.len());
            value = decode(&open[..close]);
            *rest = open.get(close + 1..).unwrap_or_default();
        }
        found.push((name, value));
    }
}

fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2F;", "/")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_their_attributes_and_text() {
        let html = r#"<!doctype html><html lang="id" data-version="3"><p hidden id="a">x</p><td data-cell="a|b" data-value="1">1.234</td><a href="/x&#x2F;y">&amp;</a>"#;
        let document = Document::read(html);
        assert_eq!(document.elements[0].get("data-version"), Some("3"));
        assert!(document.ids.contains("a"));
        let cell = document.elements.iter().find(|e| e.get("data-cell").is_some()).unwrap();
        assert_eq!((cell.get("data-cell"), cell.text.as_str()), (Some("a|b"), "1.234"));
        let link = document.elements.last().unwrap();
        assert_eq!((link.get("href"), link.text.as_str()), (Some("/x/y"), "&"));
    }

    #[test]
    fn a_tag_that_never_ends_ends_the_reading() {
        assert_eq!(Document::read("<a href=\"x").elements.len(), 1);
    }

    #[test]
    fn links_are_followed_to_files_and_places() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/index.html"), "").unwrap();
        let mut documents = BTreeMap::new();
        documents.insert(
            "/a/".to_owned(),
            Document::read(r##"<a id="x" href="#x"><a href="/a/#x"><a href="/v1/areas"><a href="https://x.org/">"##),
        );
        let mut faults = Vec::new();
        check_links(folder.path(), &documents, &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        documents.insert("/b/".to_owned(), Document::read(r#"<a href="/a/#y"><a href="/c/"><a href="c/">"#));
        check_links(folder.path(), &documents, &mut faults);
        assert_eq!(faults.len(), 3, "{faults:?}");
    }
}
