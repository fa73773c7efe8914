//! A country of districts, which no one page can hold: its lists are told by
//! province, and each district leads to all that is told of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::address;
use crate::gather::{District, World};
use crate::pages::writer::Writer;
use crate::pages::{Page, area};
use crate::words::Words;

/// Districts that one page can hold with their figures.
const AT_ONCE: usize = 16;

/// Whether lists of districts are told by province.
pub(crate) fn is_many(world: &World) -> bool {
    world.districts.len() > AT_ONCE
}

/// The districts that a page names itself: none where there are too many.
pub(crate) fn all_or_none(world: &World) -> &[District] {
    if is_many(world) { &[] } else { &world.districts }
}

/// Provinces with their districts, in the order of their names.
pub(crate) fn provinces(world: &World) -> Vec<(&str, Vec<&District>)> {
    let mut provinces: BTreeMap<&str, Vec<&District>> = BTreeMap::new();
    if is_many(world) {
        for district in &world.districts {
            provinces.entry(province(district)).or_default().push(district);
        }
    }
    provinces.into_iter().collect()
}

/// The name of the province that a district is in.
pub(crate) fn province(district: &District) -> &str {
    district.area.parents.first().map(|parent| parent.name.as_str()).unwrap_or_default()
}

/// A link to the page of each province; nothing where districts are listed themselves.
pub(crate) fn links(w: &Writer<'_>) -> Value {
    let link = |(name, districts): &(&str, Vec<&District>)| json!({ "name": name, "url": w.href(&address::province(name)), "count": districts.len() });
    provinces(w.world).iter().map(link).collect()
}

/// The page of each province.
pub(crate) fn pages(world: &World, words: &Words) -> Vec<Page> {
    provinces(world).into_iter().map(|(name, districts)| page(world, words, name, &districts)).collect()
}

fn page(world: &World, words: &Words, name: &str, districts: &[&District]) -> Page {
    super::page(world, words, address::province(name), "province", |w| {
        let lines: Vec<Value> = districts
            .iter()
            .map(|district| {
                let own = &district.area.name;
                json!({
                    "name": own,
                    "url": w.href(&address::district(own)),
                    "period": w.month(district.period()),
                    "kecamatan": district.kecamatan.len(),
                    "villages_url": w.href(&address::villages(own)),
                    "releases": w.href(&address::releases(own)),
                    "files": w.href(&address::files(own)),
                    "risk": w.href(&address::risk(own)),
                    "headlines": area::headlines(w, district, &district.area.code),
                })
            })
            .collect();
        (
            w.fill("province_title", &[("name", name)]),
            w.fill("province_description", &[("name", name)]),
            json!({ "name": name, "districts": lines }),
        )
    })
}
