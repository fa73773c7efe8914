//! The page of a kabupaten or kota.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::address;
use crate::gather::{District, World};
use crate::model::Program;
use crate::pages::map::{self, Rates};
use crate::pages::writer::{Writer, row};
use crate::pages::{Page, area, checks, pictures, tables};
use crate::share;
use crate::words::Words;

pub(crate) fn page(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::district(name), "district", |w| {
        let period = w.month(district.period());
        let province = district.area.parents.first().map(|parent| parent.name.as_str()).unwrap_or_default();
        let headlines = w.headlines(district);
        let programs = w.received(district);
        let rates = Rates::of(district, headlines.first().copied());
        let kecamatan = district.kecamatan.iter().map(|k| &k.area.code);
        let data = json!({
            "origin": w.origin_without_mark(district),
            "share": share::of(w, district),
            "kind": district.area.kind,
            "province": province,
            "code": district.area.code,
            "boundary": district.kecamatan.iter().any(|one| one.boundary.is_some()),
            "population": w.population(district.area.population.as_ref()),
            "headlines": area::headlines(w, district, &district.area.code),
            "map": map::of(w, district, &rates),
            "kecamatan": table(w, district, &programs, &rates),
            "groups": area::groups(w, district, kecamatan),
            "programs": area::programs(w, district, &district.area.code),
            "payments": area::payments(w, district, &district.area.code),
            "pictures": {
                "payments": pictures::payments(w, district, &district.area.code),
                "verification": pictures::verification(w, district, &district.area.code),
                "freshness": pictures::freshness(w, district, &district.area.code),
                "findings": pictures::findings(w, district, &district.area.code),
            },
            "verification": tables::verification(w, district, &district.area.code),
            "freshness": checks::freshness(w, district, &district.area.code),
            "findings": checks::findings(w, district, &district.area.code),
            "targeting": checks::targeting(w, district, &district.area.code),
            "unchecked": checks::unchecked(w, district),
            "corrections": tables::corrections(w, district),
            "trend": area::trend(w, district, &district.area.code, name),
            "details": w.href(&address::details(name)),
            "compare": w.href(&address::compare(name)),
            "villages": w.href(&address::villages(name)),
            "files": w.href(&address::files(name)),
        });
        (w.fill("district_title", &[("name", name)]), w.fill("district_description", &[("name", name), ("period", &period)]), data)
    })
}

/// The page on who a district's recipients are: apart, because the district's
/// own is nearly as heavy as a page may be.
pub(crate) fn details(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    let code = &district.area.code;
    super::page(world, words, address::details(name), "details", |w| {
        let data = json!({
            "origin": w.origin(district),
            "share": share::of(w, district),
            "code": code,
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "demographics": tables::demographics(w, district, code),
            "overlaps": tables::overlaps(w, district, code),
            "coverage": tables::coverage(w, district, code),
            "reasons": checks::reasons(w, district, code),
            "reports": checks::reports(w, district, code),
        });
        let period = w.month(district.period());
        (w.fill("details_title", &[("name", name)]), w.fill("details_description", &[("name", name), ("period", &period)]), data)
    })
}

/// The page that finds a kelurahan or desa by its name; apart, because the list
/// of a large district is as heavy as all its figures.
pub(crate) fn villages(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::villages(name), "villages", |w| {
        let data = json!({
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "letters": letters(w, district),
        });
        (w.fill("villages_title", &[("name", name)]), w.fill("villages_description", &[("name", name)]), data)
    })
}

fn table(w: &Writer<'_>, district: &District, programs: &[&Program], rates: &Rates<'_>) -> Value {
    let rows: Vec<Value> = rates
        .ranked
        .iter()
        .enumerate()
        .map(|(at, (kecamatan, rate))| {
            let cells = row(programs.iter().map(|p| w.units(district, &kecamatan.area.code, p)));
            json!({
                "rank": at + 1,
                "class": rates.class(*rate),
                "name": kecamatan.area.name,
                "url": w.href(&address::kecamatan(&district.area.name, &kecamatan.area.name)),
                "rate": map::rate_text(w, *rate),
                "cells": cells,
            })
        })
        .collect();
    let whole = row(programs.iter().map(|p| w.units(district, &district.area.code, p)));
    json!({ "heads": w.heads(programs), "rows": rows, "whole": whole })
}

/// All kelurahan and desa by first letter, each leading to its page.
fn letters(w: &Writer<'_>, district: &District) -> Value {
    let mut letters: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    for kecamatan in &district.kecamatan {
        for (child, page) in kecamatan.area.children.iter().zip(&kecamatan.pages) {
            let letter: String = child.name.chars().take(1).flat_map(char::to_uppercase).collect();
            letters.entry(letter).or_default().push((child.name.clone(), kecamatan.area.name.clone(), w.href(page)));
        }
    }
    letters
        .into_iter()
        .map(|(letter, mut areas)| {
            areas.sort();
            let areas: Vec<Value> = areas.into_iter().map(|(name, of, url)| json!({ "name": name, "of": of, "url": url })).collect();
            json!({ "letter": letter, "areas": areas })
        })
        .collect()
}
