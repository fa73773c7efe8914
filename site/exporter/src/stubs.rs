//! Writes the folder that Zola builds: the site's source, and for each page a
//! stub of content and one small JSON file (one big file makes Zola slow).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::address;
use crate::client;
use crate::format;
use crate::gather::World;
use crate::pages::{Page, cell_names};
use crate::words::{Lang, Words};

/// Files and folders of the source that Zola needs as they are.
const SOURCE: [&str; 4] = ["config.toml", "templates", "sass", "static"];
/// The template of the page for what is not there.
const NOT_FOUND: &str = "404.html";
/// Those that stand in the first share alone.
const ONCE: [&str; 2] = ["sass", "static"];

/// The folder that Zola builds, while it is written.
///
/// Zola reads and forgets all of a site in one thread, which for a country takes
/// a third of its time, and copies all words of its configuration for every page.
/// No page reads anything of another, so the pages of a large site are shared out
/// among as many folders as there are processors, each of one language; each is a
/// site of its own, and what they become is brought together.
pub(crate) struct Work<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) source: &'a Path,
    pub(crate) world: &'a World,
    /// How many folders the pages are shared out among.
    pub(crate) shares: usize,
}

/// Areas from which on a site is large.
const LARGE: usize = 500;

/// Among how many folders the pages of this are shared out.
pub(crate) fn shares(world: &World) -> usize {
    let areas: usize = world.districts.iter().map(|one| one.kecamatan.iter().map(|one| 1 + one.area.children.len()).sum::<usize>()).sum();
    if areas < LARGE { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).max(Lang::ALL.len()) }
}

/// A page that was written for Zola: what is needed to check what becomes of it.
pub(crate) struct Stub {
    /// Its address without language.
    pub(crate) path: String,
    /// The names of the figures that were exported for it, in each language.
    figures: [Arc<BTreeSet<String>>; 2],
}

impl Stub {
    /// The names of the figures that must be on the page.
    pub(crate) fn figures(&self, lang: Lang) -> &BTreeSet<String> {
        &self.figures[lang as usize]
    }
}

impl Work<'_> {
    /// The folder of a share.
    pub(crate) fn share(&self, at: usize) -> PathBuf {
        self.folder.join(at.to_string())
    }

    /// The folder of the first share, which has all that is there once.
    fn first(&self) -> PathBuf {
        self.share(0)
    }

    /// The languages of a share.
    fn langs(&self, share: usize) -> Vec<Lang> {
        let own = |lang: &Lang| self.shares == 1 || share % Lang::ALL.len() == *lang as usize;
        Lang::ALL.into_iter().filter(own).collect()
    }

    /// Where a page in a language belongs: by its address, so that every build is the same.
    fn of(&self, path: &str, lang: Lang) -> PathBuf {
        let sum = path.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let own: Vec<usize> = (0..self.shares).filter(|share| self.langs(*share).contains(&lang)).collect();
        self.share(own.get(sum % own.len().max(1)).copied().unwrap_or_default())
    }

    /// Writes what all pages share.
    pub(crate) fn begin(&self, words: &Words) -> Result<()> {
        let about = about(self.world, self.source)?.to_string();
        for at in 0..self.shares {
            let work = self.share(at);
            std::fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
            for name in SOURCE.iter().filter(|name| at == 0 || !ONCE.contains(name)) {
                let from = self.source.join(name);
                if from.exists() {
                    copy(&from, &work.join(name))?;
                }
            }
            config(&work, words, &self.langs(at))?;
            put(&work.join("data/site.json"), &about)?;
            // In the share that has the page at the root it takes the place of these.
            for lang in Lang::ALL {
                put(&work.join("content").join(stub_name(lang)), "+++\nrender = false\n+++\n")?;
            }
            let pages = work.join("data/pages");
            std::fs::create_dir_all(&pages).with_context(|| format!("cannot make {}", pages.display()))?;
        }
        let (work, world) = (&self.first(), self.world);
        for (lang, feed) in &world.feeds {
            let own = address::localised(*lang, address::FEED);
            // The copy names itself, and not the address it was read at.
            let read_at = format!("rel=\"self\" type=\"application/atom+xml\" href=\"{}\"", client::FEED);
            let named = format!("rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"");
            put(&work.join("static").join(own.trim_start_matches('/')), &feed.replacen(&read_at, &named, 1))?;
        }
        names(work, world)
    }

    /// Writes a page in both languages.
    pub(crate) fn page(&self, page: &Page) -> Result<Stub> {
        for lang in Lang::ALL {
            let work = self.of(&page.path, lang);
            let folder = work.join("content").join(page.path.trim_matches('/'));
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            let name = page.data_name(lang);
            write(&work.join(&name), &page.data(lang).to_string())?;
            let text = match page.prose {
                Some(prose) => prose_of(self.source, prose, lang, self.world)?,
                None => String::new(),
            };
            write(&folder.join(stub_name(lang)), &stub(page, lang, &name, &text))?;
        }
        let [id, en] = Lang::ALL.map(|lang| {
            let mut names = BTreeSet::new();
            names_in(page.data(lang), &mut names);
            names
        });
        // Nearly always the same, and then held once.
        let english = (id != en).then(|| Arc::new(en));
        let id = Arc::new(id);
        let en = english.unwrap_or_else(|| Arc::clone(&id));
        Ok(Stub { path: page.path.clone(), figures: [id, en] })
    }

    /// Removes what Zola has read, the shares side by side: a country's is a hundred
    /// thousand files. What is left is removed with the folder.
    pub(crate) fn remove(&self) {
        (0..self.shares).into_par_iter().for_each(|at| drop(std::fs::remove_dir_all(self.share(at))));
    }

    /// Writes what names all pages.
    pub(crate) fn end(&self, stubs: &[Stub]) -> Result<()> {
        sitemap(&self.first(), self.world, stubs)
    }
}

/// Gives the words to the templates as part of the configuration: what they load
/// themselves is copied whenever it is handed on, and what Zola gives them only
/// once a page. So these are the words that templates name, in the languages of
/// the share; the page for what is not there speaks all.
fn config(work: &Path, words: &Words, langs: &[Lang]) -> Result<()> {
    let path = work.join("config.toml");
    let mut text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let templates = work.join("templates");
    let (mut named, mut of_all) = (BTreeSet::new(), BTreeSet::new());
    for entry in std::fs::read_dir(&templates).with_context(|| format!("cannot read {}", templates.display()))? {
        let entry = entry?;
        let template = std::fs::read_to_string(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
        let of = if entry.file_name() == NOT_FOUND { &mut of_all } else { &mut named };
        of.extend(fields(&template).map(str::to_owned));
    }
    for lang in Lang::ALL {
        text.push_str(&format!("\n[extra.words.{}]\n", lang.code()));
        let wanted = |key: &str| of_all.contains(key) || langs.contains(&lang) && named.contains(key);
        for (key, word) in words.of(lang).into_iter().filter(|(key, _)| wanted(key)) {
            // JSON strings are TOML strings as well.
            text.push_str(&format!("{key} = {}\n", json!(word)));
        }
    }
    write(&path, &text)
}

/// All names that follow a point in a template: those of words, and others.
fn fields(template: &str) -> impl Iterator<Item = &str> {
    let name = |text: &'_ str| text.bytes().position(|byte| !byte.is_ascii_alphanumeric() && byte != b'_').unwrap_or(text.len());
    template.split('.').skip(1).map(move |text| &text[..name(text)]).filter(|name| !name.is_empty())
}

/// The names of figures in a page's data.
fn names_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| names_in(field, names)),
        Value::String(text) => names.extend(cell_names(text).map(std::borrow::Cow::into_owned)),
        _ => {}
    }
}

/// The address for pages to call their own; none where only this machine finds
/// it, since a page would then name one that is not there for others.
fn public(address: &str) -> Option<&str> {
    let host = address.split("://").nth(1)?.split(['/', ':']).next()?;
    let own = host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host.starts_with('[');
    (!own).then_some(address)
}

/// What the search box completes: a small file a district, and the list of them.
/// Addresses are without language, and each below that of what holds it.
fn names(work: &Path, world: &World) -> Result<()> {
    let below = |path: &str, of: &str| path.strip_prefix(of).unwrap_or(path).to_owned();
    let mut districts = Vec::new();
    for district in &world.districts {
        let own = address::district(&district.area.name);
        let kecamatan: Vec<Value> = district
            .kecamatan
            .iter()
            .map(|one| {
                let page = address::kecamatan(&district.area.name, &one.area.name);
                let children = one.area.children.iter().zip(&one.pages);
                let children: Vec<Value> = children.map(|(area, path)| json!([area.name, below(path, &page)])).collect();
                json!([one.area.name, below(&page, &own), children])
            })
            .collect();
        let file = address::names(&district.area.code);
        put(&work.join("static").join(file.trim_start_matches('/')), &Value::Array(kecamatan).to_string())?;
        districts.push(json!([district.area.name, own, file]));
    }
    put(&work.join("static/cari/indeks.json"), &Value::Array(districts).to_string())
}

/// Most addresses of one file of a sitemap, and so in two languages fewer than
/// the 50,000 that search engines take.
const SITEMAP: usize = 20_000;

/// The list of all pages for search engines, in files of a size they take.
fn sitemap(work: &Path, world: &World, pages: &[Stub]) -> Result<()> {
    let full = |path: &str| format!("{}{path}", world.address);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let space = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
    let mut files = Vec::new();
    for some in pages.chunks(SITEMAP) {
        let mut text = format!("{head}<urlset {space}>\n");
        for page in some {
            for lang in Lang::ALL {
                text.push_str(&format!("<url><loc>{}</loc></url>\n", full(&address::localised(lang, &page.path))));
            }
        }
        text.push_str("</urlset>\n");
        files.push(text);
    }
    if let [one] = files.as_slice() {
        put(&work.join("static/sitemap.xml"), one)?;
    } else {
        let mut text = format!("{head}<sitemapindex {space}>\n");
        for (at, file) in files.iter().enumerate() {
            let name = format!("/sitemap-{}.xml", at + 1);
            put(&work.join("static").join(name.trim_start_matches('/')), file)?;
            text.push_str(&format!("<sitemap><loc>{}</loc></sitemap>\n", full(&name)));
        }
        text.push_str("</sitemapindex>\n");
        put(&work.join("static/sitemap.xml"), &text)?;
    }
    // Answers of the API are data, and a search engine that reads them all uses up its quota.
    put(&work.join("static/robots.txt"), &format!("User-agent: *\nDisallow: /v1/\nSitemap: {}\n", full("/sitemap.xml")))
}

/// What stands for the content of a file, or of all files of a folder: an address
/// with it changes when they do, and a browser asks anew.
pub(crate) fn mark(path: &Path) -> Result<String> {
    let mut files = if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?
    } else {
        vec![path.to_owned()]
    };
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect())
}

/// What every page says of the whole: version, simulation, age.
fn about(world: &World, source: &Path) -> Result<Value> {
    let newest = world.entry.districts.iter().map(|d| d.admitted_at.as_str()).max().unwrap_or_default();
    let age = |lang| json!({ "updated": format::date(lang, newest) });
    Ok(json!({
        "version": world.entry.version,
        "simulated": world.entry.simulated,
        "style": mark(&source.join("sass"))?,
        "script": mark(&source.join("static/site.js"))?,
        "address": public(&world.address),
        "id": age(Lang::Id),
        "en": age(Lang::En),
    }))
}

/// A page's written text, in Markdown, from the source; `{k}` stands for the
/// k of the newest releases.
fn prose_of(source: &Path, prose: &str, lang: Lang, world: &World) -> Result<String> {
    let path = source.join("prose").join(format!("{prose}.{}.md", lang.code()));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (k, below) = ks(world);
    Ok(text.replace("{k}", &k).replace("{k-1}", &below))
}

/// The k of the newest releases, and one less than the least of them.
pub(crate) fn ks(world: &World) -> (String, String) {
    let mut all: Vec<u64> = world.districts.iter().map(|d| d.release.manifest.policy.k).collect();
    all.sort_unstable();
    all.dedup();
    let k = all.iter().map(u64::to_string).collect::<Vec<_>>().join("–");
    let below = all.first().map_or(0, |k| k.saturating_sub(1)).to_string();
    (k, below)
}

/// What a page's stub is called in its folder.
fn stub_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Id => "_index.md",
        Lang::En => "_index.en.md",
    }
}

fn stub(page: &Page, lang: Lang, data: &str, text: &str) -> String {
    let other = match lang {
        Lang::Id => Lang::En,
        Lang::En => Lang::Id,
    };
    // JSON strings are TOML strings as well.
    format!(
        "+++\ntitle = {}\ndescription = {}\ntemplate = {}\n[extra]\ndata = {}\npart = {}\nother = {}\npath = {}\n+++\n{text}",
        json!(page.title.of(lang)),
        json!(page.description.of(lang)),
        json!(format!("{}.html", page.template)),
        json!(data),
        // What `is matching` would find, which compiles an expression whenever it is asked.
        json!(page.path.split('/').nth(1).unwrap_or_default()),
        json!(address::localised(other, &page.path)),
        json!(address::localised(lang, &page.path)),
    )
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    write(path, text)
}

/// Writes a file in a folder that is there.
fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_a_template_are_found() {
        let names: Vec<_> = fields("{{ w.nav_areas | lower }} {{d.a.b}} 1.5 x. {{ w.end").collect();
        assert_eq!(names, ["nav_areas", "a", "b", "5", "end"]);
    }

    #[test]
    fn an_address_of_this_machine_is_not_told_to_others() {
        assert_eq!(public("https://bansos.example.go.id"), Some("https://bansos.example.go.id"));
        for own in ["http://127.0.0.1:8080", "http://localhost:80", "https://bansos-terbuka.localhost", "http://[::1]:1"] {
            assert_eq!(public(own), None, "{own}");
        }
    }
}
