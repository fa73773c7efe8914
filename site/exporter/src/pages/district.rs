//! The page of a kabupaten or kota.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::address;
use crate::format;
use crate::gather::{District, Kecamatan, World};
use crate::map::{Classes, Shape, choropleth};
use crate::model::Program;
use crate::pages::writer::Writer;
use crate::pages::{Page, area, checks, tables};
use crate::words::Words;

/// Classes of the map; fewer where there are few kecamatan.
const CLASSES: usize = 4;
/// A rate is units per 1,000 inhabitants, in tenths.
const PER: u64 = 10_000;

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
            "kind": district.area.kind,
            "province": province,
            "code": district.area.code,
            "population": w.population(district.area.population.as_ref()),
            "headlines": area::headlines(w, district, &district.area.code),
            "map": map(w, district, &rates),
            "kecamatan": table(w, district, &programs, &rates),
            "groups": area::groups(w, district, kecamatan),
            "programs": area::programs(w, district, &district.area.code),
            "payments": area::payments(w, district, &district.area.code),
            "coverage": tables::coverage(w, district, &district.area.code),
            "verification": tables::verification(w, district, &district.area.code),
            "freshness": checks::freshness(w, district, &district.area.code),
            "findings": checks::findings(w, district, &district.area.code),
            "reasons": checks::reasons(w, district, &district.area.code),
            "targeting": checks::targeting(w, district, &district.area.code),
            "reports": checks::reports(w, district, &district.area.code),
            "unchecked": checks::unchecked(w, district),
            "demographics": tables::demographics(w, district, &district.area.code),
            "overlaps": tables::overlaps(w, district, &district.area.code),
            "corrections": tables::corrections(w, district),
            "trend": area::trend(w, district, &district.area.code, name),
            "villages": w.href(&address::villages(name)),
            "files": w.href(&address::files(name)),
        });
        (w.fill("district_title", &[("name", name)]), w.fill("district_description", &[("name", name), ("period", &period)]), data)
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

/// Families (or persons) of the map's program per 1,000 inhabitants, in tenths.
struct Rates<'a> {
    program: Option<&'a Program>,
    /// Kecamatan with a rate, the highest first, then those without.
    ranked: Vec<(&'a Kecamatan, Option<u64>)>,
    classes: Classes,
}

impl<'a> Rates<'a> {
    fn of(district: &'a District, program: Option<&'a Program>) -> Rates<'a> {
        let rate = |kecamatan: &Kecamatan| {
            let units = district.figures.value("totals", &kecamatan.area.code, &program?.code, district.period(), "units")?;
            let people = kecamatan.area.population.as_ref()?.people;
            (people > 0).then(|| (units * PER + people / 2) / people)
        };
        let mut ranked: Vec<(&Kecamatan, Option<u64>)> = district.kecamatan.iter().map(|k| (k, rate(k))).collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.area.code.cmp(&b.0.area.code)));
        let values: Vec<u64> = ranked.iter().filter_map(|(_, rate)| *rate).collect();
        let classes = Classes::quantiles(&values, CLASSES.min(values.len().div_ceil(2)).max(1));
        Rates { program, ranked, classes }
    }
}

fn map(w: &Writer<'_>, district: &District, rates: &Rates<'_>) -> Value {
    let Some(program) = rates.program else { return Value::Null };
    let short = w.short(program);
    let unit = w.unit(program);
    let rate_text = |rate: Option<u64>| rate.map_or_else(|| w.word("status_absent"), |rate| format::tenths(w.lang, rate));
    let shapes: Vec<Shape<'_>> = rates
        .ranked
        .iter()
        .enumerate()
        .map(|(at, (kecamatan, rate))| Shape {
            boundary: &kecamatan.boundary,
            class: rate.map(|rate| rates.classes.of(rate)),
            label: (at + 1).to_string(),
            title: format!("{}. {}: {}", at + 1, kecamatan.area.name, rate_text(*rate)),
            href: w.href(&address::kecamatan(&district.area.name, &kecamatan.area.name)),
        })
        .collect();
    let values = [("program", short.as_str()), ("unit", unit.as_str()), ("place", district.area.name.as_str())];
    let title = w.fill("map_title", &values);
    let highest = rates.ranked.first().map(|(k, _)| k.area.name.as_str()).unwrap_or_default();
    let lowest = rates.ranked.iter().rev().find(|(_, rate)| rate.is_some()).map(|(k, _)| k.area.name.as_str()).unwrap_or_default();
    let description = w.fill("map_description", &[("highest", highest), ("lowest", lowest)]);
    let key: Vec<Value> = rates
        .classes
        .ranges
        .iter()
        .enumerate()
        .map(|(class, (low, high))| {
            let range = if low == high {
                format::tenths(w.lang, *low)
            } else {
                format!("{}–{}", format::tenths(w.lang, *low), format::tenths(w.lang, *high))
            };
            json!({ "class": format!("c{class}"), "range": range })
        })
        .collect();
    let without = rates.ranked.iter().any(|(_, rate)| rate.is_none());
    let estimate = district.kecamatan.iter().any(|k| k.area.population.as_ref().is_some_and(|p| p.estimate));
    match choropleth("map", &title, &description, &shapes) {
        Some(svg) => json!({
            "svg": svg, "title": title, "key": key, "without": without, "estimate": estimate,
            "program": w.program(program), "classes": rates.classes.ranges.len(),
        }),
        None => Value::Null,
    }
}

fn table(w: &Writer<'_>, district: &District, programs: &[&Program], rates: &Rates<'_>) -> Value {
    let rows: Vec<Value> = rates
        .ranked
        .iter()
        .enumerate()
        .map(|(at, (kecamatan, rate))| {
            let cells: Vec<Value> = programs.iter().map(|p| w.units(district, &kecamatan.area.code, p)).collect();
            json!({
                "rank": at + 1,
                "class": rate.map_or_else(|| "cx".to_owned(), |rate| format!("c{}", rates.classes.of(rate))),
                "name": kecamatan.area.name,
                "url": w.href(&address::kecamatan(&district.area.name, &kecamatan.area.name)),
                "rate": rate.map_or_else(|| w.word("status_absent"), |rate| format::tenths(w.lang, rate)),
                "cells": cells,
            })
        })
        .collect();
    let whole: Vec<Value> = programs.iter().map(|p| w.units(district, &district.area.code, p)).collect();
    json!({ "columns": area::columns(w, programs), "rows": rows, "whole": whole })
}

/// All kelurahan and desa by first letter, each leading to its line on the page
/// of its kecamatan.
fn letters(w: &Writer<'_>, district: &District) -> Value {
    let mut letters: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    for kecamatan in &district.kecamatan {
        let page = w.href(&address::kecamatan(&district.area.name, &kecamatan.area.name));
        for child in &kecamatan.area.children {
            let letter: String = child.name.chars().take(1).flat_map(char::to_uppercase).collect();
            let url = format!("{page}#{}", anchor(&child.code));
            letters.entry(letter).or_default().push((child.name.clone(), kecamatan.area.name.clone(), url));
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

/// The place of a kelurahan on its kecamatan's page.
pub(crate) fn anchor(code: &str) -> String {
    format!("k{}", code.replace('.', ""))
}
