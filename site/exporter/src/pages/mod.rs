//! The pages: what each shows, in both languages, as the data its template reads.

mod area;
mod checks;
mod compare;
mod district;
mod home;
mod kecamatan;
pub(crate) mod map;
mod pictures;
mod program;
mod releases;
mod risk;
mod sources;
mod tables;
mod village;
pub(crate) mod writer;

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::address;
use crate::gather::World;
use crate::stubs;
use crate::terms::{GLOSSARY, Term};
use crate::words::{Both, Lang, Words};
use writer::Writer;

/// A page, in both languages.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its address without language.
    pub(crate) path: String,
    /// Its template, without ending.
    pub(crate) template: &'static str,
    pub(crate) title: Both,
    pub(crate) description: Both,
    /// The written text it holds, by its name in `site/prose`.
    pub(crate) prose: Option<&'static str>,
    data: [Value; 2],
}

impl Page {
    /// What its template reads in that language.
    pub(crate) fn data(&self, lang: Lang) -> &Value {
        match lang {
            Lang::Id => &self.data[0],
            Lang::En => &self.data[1],
        }
    }

    /// Where that is put for Zola.
    pub(crate) fn data_name(&self, lang: Lang) -> String {
        let name = self.path.trim_matches('/').replace('/', "_");
        format!("data/pages/{}.{}.json", if name.is_empty() { "home" } else { &name }, lang.code())
    }
}

/// Makes a page by asking for its title, description and data in each language.
fn page(world: &World, words: &Words, path: String, template: &'static str, make: impl Fn(&Writer<'_>) -> (String, String, Value)) -> Page {
    let [id, en] = Lang::ALL.map(|lang| make(&Writer { world, words, lang }));
    Page { path, template, title: Both { id: id.0, en: en.0 }, description: Both { id: id.1, en: en.1 }, prose: None, data: [id.2, en.2] }
}

/// A page whose text is written and not computed.
fn written(world: &World, words: &Words, path: &str, template: &'static str, data: impl Fn(&Writer<'_>) -> Value) -> Page {
    let mut page = page(world, words, path.to_owned(), template, |w| {
        (w.word(&format!("{template}_title")), w.word(&format!("{template}_description")), data(w))
    });
    page.prose = Some(template);
    page
}

/// The page on whom to tell of a problem, without language.
const REPORT: &str = "/lapor/";

/// The glossary, in the order of its words.
fn glossary(world: &World, words: &Words, terms: &[Term]) -> Page {
    page(world, words, GLOSSARY.to_owned(), "glossary", |w| {
        let mut sorted: Vec<&Term> = terms.iter().collect();
        sorted.sort_by_key(|term| term.name.of(w.lang).to_lowercase());
        let k = stubs::ks(w.world).0;
        let list: Vec<Value> = sorted
            .into_iter()
            .map(|term| json!({ "id": term.id, "name": tables::upper(term.name.of(w.lang)), "text": term.text.of(w.lang).replace("{k}", &k) }))
            .collect();
        (w.word("glossary_title"), w.word("glossary_description"), json!({ "terms": list }))
    })
}

/// All pages of the site.
pub(crate) fn all(world: &World, words: &Words, terms: &[Term]) -> Result<Vec<Page>> {
    let mut pages = vec![home::home(world, words), home::areas(world, words), program::index(world, words), risk::index(world, words)];
    pages.push(releases::index(world, words));
    for district in &world.districts {
        pages.push(district::page(world, words, district));
        pages.push(district::details(world, words, district));
        pages.push(district::villages(world, words, district));
        pages.push(compare::page(world, words, district));
        pages.push(risk::page(world, words, district));
        pages.push(releases::page(world, words, district));
        pages.push(sources::page(world, words, district));
        for program in program::inside_programs(world, words, district) {
            pages.push(program::inside(world, words, district, program));
        }
        for kecamatan in &district.kecamatan {
            pages.push(kecamatan::page(world, words, district, kecamatan));
            for at in 0..kecamatan.pages.len() {
                pages.push(village::page(world, words, district, kecamatan, at));
            }
        }
    }
    for program in &world.programs {
        pages.push(program::page(world, words, program));
    }
    pages.push(sources::dictionary_page(world, words));
    pages.push(written(world, words, "/data/", "data", sources::data));
    pages.push(written(world, words, "/metode/", "method", |w| json!({ "risks": risk::links(w) })));
    pages.push(written(world, words, REPORT, "report", |w| {
        let offices = w.world.districts.iter();
        json!({ "districts": offices.map(|d| json!({ "name": d.area.name, "url": w.href(&address::district(&d.area.name)) })).collect::<Vec<_>>() })
    }));
    pages.push(glossary(world, words, terms));
    let mut addresses = BTreeSet::new();
    if let Some(twice) = pages.iter().find(|page| !addresses.insert(page.path.as_str())) {
        bail!("two pages would have the address {}", twice.path);
    }
    Ok(pages)
}
