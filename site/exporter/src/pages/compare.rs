//! The kecamatan of a district side by side.

use serde_json::{Value, json};

use crate::address;
use crate::gather::{District, World};
use crate::pages::map::{self, Rates};
use crate::pages::writer::row;
use crate::pages::{Page, area, checks};
use crate::words::Words;

pub(crate) fn page(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::compare(name), "compare", |w| {
        let programs = w.headlines(district);
        let rates: Vec<Rates<'_>> = programs.iter().map(|program| Rates::of(district, Some(program))).collect();
        let unchecked = programs
            .iter()
            .copied()
            .find(|program| district.kecamatan.iter().any(|k| checks::unchecked_in(w, district, program, &k.area.code).is_some()));
        let mut kecamatan: Vec<_> = district.kecamatan.iter().collect();
        kecamatan.sort_by(|a, b| a.area.name.cmp(&b.area.name));
        let rows: Vec<Value> = kecamatan
            .iter()
            .map(|one| {
                let code = &one.area.code;
                let rate = |rates: &Rates<'_>| {
                    let own = rates.ranked.iter().find(|(k, _)| k.area.code == *code);
                    map::rate_text(w, own.and_then(|(_, rate)| *rate))
                };
                json!({
                    "name": one.area.name,
                    "url": w.href(&address::kecamatan(name, &one.area.name)),
                    "units": row(programs.iter().map(|program| w.units(district, code, program))),
                    "rates": rates.iter().map(rate).collect::<Vec<_>>(),
                    "shares": programs.iter().map(|program| area::share_paid(district, code, program)).collect::<Vec<_>>(),
                    "unchecked": unchecked.and_then(|program| checks::unchecked_in(w, district, program, code)),
                })
            })
            .collect();
        let data = json!({
            "origin": w.origin(district),
            "code": district.area.code,
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "columns": programs.iter().map(|program| w.program(program)).collect::<Vec<_>>(),
            "rows": rows,
            "whole": row(programs.iter().map(|program| w.units(district, &district.area.code, program))),
            "rest": programs.len() * 2 + if unchecked.is_some() { 2 } else { 0 },
            "unchecked": unchecked.map(|program| w.program(program)),
        });
        (
            w.fill("compare_title", &[("name", name)]),
            w.fill("compare_description", &[("name", name), ("period", &w.month(district.period()))]),
            data,
        )
    })
}
