//! The home page, and the list of all areas.

use serde_json::{Value, json};

use crate::address;
use crate::gather::{District, World};
use crate::pages::writer::Writer;
use crate::pages::{Page, area, country};
use crate::words::Words;

/// The pages on which one begins: home, all areas and, of a country, the provinces.
pub(crate) fn pages(world: &World, words: &Words) -> Vec<Page> {
    let mut pages = vec![home(world, words), areas(world, words)];
    pages.extend(country::pages(world, words));
    pages
}

fn home(world: &World, words: &Words) -> Page {
    super::page(world, words, "/".to_owned(), "home", |w| {
        let districts: Vec<Value> = country::all_or_none(w.world).iter().map(|d| with_figures(w, d)).collect();
        let programs: Vec<Value> = w.all_programs().iter().map(|p| w.named(p)).collect();
        (
            w.word("home_title"),
            w.word("home_description"),
            json!({ "districts": districts, "provinces": country::links(w), "programs": programs }),
        )
    })
}

fn areas(world: &World, words: &Words) -> Page {
    super::page(world, words, "/wilayah/".to_owned(), "areas", |w| {
        let districts: Vec<Value> = country::all_or_none(w.world).iter().map(|d| district(w, d)).collect();
        (w.word("areas_title"), w.word("areas_description"), json!({ "districts": districts, "provinces": country::links(w) }))
    })
}

fn with_figures(w: &Writer<'_>, of: &District) -> Value {
    let mut value = district(w, of);
    value["headlines"] = area::headlines(w, of, &of.area.code);
    value
}

fn district(w: &Writer<'_>, district: &District) -> Value {
    let name = &district.area.name;
    let mut names: Vec<&String> = district.kecamatan.iter().map(|k| &k.area.name).collect();
    names.sort();
    let kecamatan: Vec<Value> = names.iter().map(|own| json!({ "name": own, "url": w.href(&address::kecamatan(name, own)) })).collect();
    let villages: usize = district.kecamatan.iter().map(|k| k.area.children.len()).sum();
    json!({
        "origin": w.origin(district),
        "url": w.href(&address::district(name)),
        "villages_url": w.href(&address::villages(name)),
        "province": country::province(district),
        "kecamatan": kecamatan,
        "villages": villages,
    })
}
