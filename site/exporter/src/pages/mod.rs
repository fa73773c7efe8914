//! The pages: what each shows, in both languages, as the data its template reads.

mod area;
mod checks;
mod compare;
mod country;
mod district;
mod home;
mod issue;
mod kecamatan;
mod list;
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
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::address;
use crate::gather::{Depth, District, World};
use crate::stubs;
use crate::terms::{GLOSSARY, Term};
use crate::words::{Both, Lang, Words};
use writer::Writer;
pub(crate) use writer::cell_names;

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

/// Makes all pages of the site, several at once, and hands each on: all of a
/// country are too many to be held. What is given for them comes in their order.
///
/// # Errors
/// The first error in the order of the pages, or two pages of one address.
pub(crate) fn all<T: Send>(world: &World, words: &Words, terms: &[Term], put: impl Fn(Page) -> Result<T> + Sync) -> Result<Vec<T>> {
    let put = |page: Page| {
        let path = page.path.clone();
        Ok((path, put(page)?))
    };
    let mut pages = home::pages(world, words).into_iter().map(put).collect::<Result<Vec<_>>>()?;
    let of_districts: Vec<Vec<(String, T)>> =
        world.districts.par_iter().map(|one| of_district(world, words, one, &put)).collect::<Result<_>>()?;
    pages.extend(of_districts.into_iter().flatten());
    for page in of_country(world, words, terms) {
        pages.push(put(page)?);
    }
    let mut addresses = BTreeSet::new();
    if let Some((twice, _)) = pages.iter().find(|(path, _)| !addresses.insert(path.as_str())) {
        bail!("two pages would have the address {twice}");
    }
    Ok(pages.into_iter().map(|(_, made)| made).collect())
}

/// The pages of a district and of what is in it.
fn of_district<T>(world: &World, words: &Words, district: &District, put: &impl Fn(Page) -> Result<T>) -> Result<Vec<T>> {
    let mut made = vec![
        put(district::page(world, words, district))?,
        put(district::details(world, words, district))?,
        put(district::villages(world, words, district))?,
        put(compare::page(world, words, district))?,
        put(risk::page(world, words, district))?,
        put(releases::page(world, words, district))?,
        put(sources::page(world, words, district))?,
    ];
    for release in &district.releases {
        made.push(put(issue::page(world, words, district, release))?);
    }
    for program in program::inside_programs(world, words, district) {
        made.push(put(program::inside(world, words, district, program))?);
    }
    for kecamatan in &district.kecamatan {
        made.push(put(kecamatan::page(world, words, district, kecamatan))?);
        if world.depth == Depth::Kelurahan {
            for at in 0..kecamatan.pages.len() {
                made.push(put(village::page(world, words, district, kecamatan, at))?);
            }
        }
    }
    Ok(made)
}

/// The pages that are of no one district.
fn of_country(world: &World, words: &Words, terms: &[Term]) -> Vec<Page> {
    let mut pages = vec![program::index(world, words), risk::index(world, words), releases::index(world, words)];
    for program in &world.programs {
        pages.extend(program::pages(world, words, program));
    }
    pages.push(sources::dictionary_page(world, words));
    pages.push(written(world, words, "/data/", "data", sources::data));
    pages.push(written(world, words, "/metode/", "method", |w| json!({ "risks": risk::links(w), "provinces": country::links(w) })));
    pages.push(written(world, words, REPORT, "report", |w| {
        let offices = country::all_or_none(w.world).iter();
        let offices: Vec<Value> =
            offices.map(|d| json!({ "name": d.area.name, "url": w.href(&address::district(&d.area.name)) })).collect();
        json!({ "districts": offices, "provinces": country::links(w) })
    }));
    pages.push(glossary(world, words, terms));
    pages
}
