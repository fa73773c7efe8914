//! The home page, and the list of all areas.

use serde_json::{Value, json};

use crate::address;
use crate::gather::{District, World};
use crate::pages::writer::Writer;
use crate::pages::{Page, area};
use crate::words::Words;

pub(crate) fn home(world: &World, words: &Words) -> Page {
    super::page(world, words, "/".to_owned(), "home", |w| {
        let districts: Vec<Value> = w.world.districts.iter().map(|d| with_figures(w, d)).collect();
        let programs: Vec<Value> = w.all_programs().iter().map(|p| w.program(p)).collect();
        (w.word("home_title"), w.word("home_description"), json!({ "districts": districts, "programs": programs }))
    })
}

pub(crate) fn areas(world: &World, words: &Words) -> Page {
    super::page(world, words, "/wilayah/".to_owned(), "areas", |w| {
        let districts: Vec<Value> = w.world.districts.iter().map(|d| district(w, d)).collect();
        (w.word("areas_title"), w.word("areas_description"), json!({ "districts": districts }))
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
        "province": district.area.parents.first().map(|parent| parent.name.as_str()).unwrap_or_default(),
        "kecamatan": kecamatan,
        "villages": villages,
    })
}
