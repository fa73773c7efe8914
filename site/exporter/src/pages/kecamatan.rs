//! The page of a kecamatan.

use serde_json::{Value, json};

use crate::address;
use crate::embed;
use crate::gather::{Depth, District, Kecamatan, World};
use crate::pages::writer::{DENSE, Head, Writer, line, row};
use crate::pages::{Page, area, checks, list, pictures, sources, tables, village};
use crate::share;
use crate::words::Words;

pub(crate) fn page(world: &World, words: &Words, district: &District, kecamatan: &Kecamatan) -> Page {
    let (name, of) = (&kecamatan.area.name, &district.area.name);
    let code = &kecamatan.area.code;
    super::page(world, words, address::kecamatan(of, name), "kecamatan", |w| {
        let period = w.month(district.period());
        let programs = w.received(district);
        // What the API does not have for any kelurahan (sensitive programs) is no column.
        let inner: Vec<_> = programs
            .iter()
            .copied()
            .filter(|p| {
                kecamatan
                    .area
                    .children
                    .iter()
                    .any(|c| district.figures.get("totals", &c.code, &p.code, district.period(), "units").is_some())
            })
            .collect();
        let mut children: Vec<_> = kecamatan.area.children.iter().zip(&kecamatan.pages).collect();
        children.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let rows: String = children
            .iter()
            .map(|(child, page)| {
                let cells = row(inner.iter().map(|p| w.units(district, &child.code, p)));
                let url = (w.world.depth == Depth::Kelurahan).then(|| w.href(page));
                line(&Head { id: &address::line(&child.code), name: &child.name, url, note: &child.kind }, &cells)
            })
            .collect();
        let whole = row(inner.iter().map(|p| w.units(district, code, p)));
        let help: Vec<Value> = w.received(district).iter().filter(|p| !p.sensitive).map(|p| w.program(p)).collect();
        let data = json!({
            "origin": w.origin_without_mark(district),
            "share": share::of(w, district),
            "name": name,
            "code": code,
            "boundary": kecamatan.boundary.is_some(),
            "schema": sources::script(&sources::short(w, district, name, code)),
            "district": { "name": of, "url": w.href(&address::district(of)) },
            "population": w.population(kecamatan.area.population.as_ref()),
            "headlines": area::headlines(w, district, code),
            "children": { "heads": w.heads(&inner), "rows": rows, "dense": children.len() > DENSE, "whole": whole },
            "fewer": inner.len() < programs.len(),
            "groups": area::groups(w, district, std::iter::once(code)),
            "programs": area::programs(w, district, code),
            "payments": area::payments(w, district, code),
            "coverage": tables::coverage(w, district, code),
            "pictures": {
                "payments": pictures::payments(w, district, code),
                "verification": pictures::verification(w, district, code),
                "freshness": pictures::freshness(w, district, code),
                "findings": pictures::findings(w, district, code),
            },
            "verification": tables::verification(w, district, code),
            "freshness": checks::freshness(w, district, code),
            "findings": checks::findings(w, district, code),
            "reasons": checks::reasons(w, district, code),
            "targeting": checks::targeting(w, district, code),
            "reports": checks::reports(w, district, code),
            "demographics": tables::demographics(w, district, code),
            "overlaps": tables::overlaps(w, district, code),
            "list": list::first(w, district, code),
            "corrections": tables::corrections(w, district),
            "trend": area::trend(w, district, code, name),
            "poster": village::poster(w, district, &w.word("poster_place"), &address::kecamatan(of, name)),
            "help": help,
            "embed": cards(w, district, name, code),
        });
        (
            w.fill("kecamatan_title", &[("name", name), ("district", of)]),
            w.fill("kecamatan_description", &[("name", name), ("district", of), ("period", &period)]),
            data,
        )
    })
}

/// The line that shows the leading program's card elsewhere, and the cards of the others.
fn cards(w: &Writer<'_>, district: &District, name: &str, code: &str) -> Value {
    let programs = embed::programs(w, district, code);
    let folder = address::embeds(&district.area.name, Some(name));
    let others: Vec<Value> = programs
        .iter()
        .skip(1)
        .map(|program| json!({ "short": w.short(program), "url": w.href(&address::embed(&folder, &program.code)) }))
        .collect();
    json!({ "snippet": programs.first().map(|program| embed::snippet(w, district, Some(name), program)), "others": others })
}
