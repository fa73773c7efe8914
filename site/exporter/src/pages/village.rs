//! The page of a kelurahan or desa, which prints as a poster.

use serde_json::{Value, json};

use crate::address;
use crate::format;
use crate::gather::{District, Kecamatan, World};
use crate::model::{Atom, Program};
use crate::pages::writer::{Writer, row};
use crate::pages::{Page, area, tables};
use crate::qr;
use crate::words::Words;

/// The page of the kecamatan's child at that place.
pub(crate) fn page(world: &World, words: &Words, district: &District, kecamatan: &Kecamatan, at: usize) -> Page {
    let own = &kecamatan.area.children[at];
    let path = &kecamatan.pages[at];
    let (name, code, of) = (&own.name, &own.code, &kecamatan.area.name);
    super::page(world, words, path.clone(), "village", |w| {
        let period = w.month(district.period());
        let kind = w.word(&format!("kind_{}", own.kind));
        let parent = w.href(&address::kecamatan(&district.area.name, of));
        let neighbour = |at: Option<usize>| {
            let at = at.filter(|at| *at < kecamatan.pages.len())?;
            Some(json!({ "name": kecamatan.area.children[at].name, "url": w.href(&kecamatan.pages[at]) }))
        };
        let data = json!({
            "origin": w.origin(district),
            "name": name,
            "kind": kind,
            "code": code,
            "district": { "name": district.area.name, "url": w.href(&address::district(&district.area.name)) },
            "kecamatan": { "name": of, "url": parent },
            "headlines": area::headlines(w, district, code),
            "programs": programs(w, district, code),
            "fewer": w.received(district).iter().any(|program| program.sensitive),
            "payments": payments(w, district, code),
            "demographics": demographics(w, district, code),
            "poster": poster(w, district, &format!("{} {name}", tables::lower(&kind)), path),
            "before": neighbour(at.checked_sub(1)),
            "after": neighbour(Some(at + 1)),
        });
        (
            w.fill("village_title", &[("kind", &kind), ("name", name), ("kecamatan", of)]),
            w.fill(
                "village_description",
                &[("kind", &kind), ("name", name), ("kecamatan", of), ("district", &district.area.name), ("period", &period)],
            ),
            data,
        )
    })
}

/// What is printed beside the figures: what to do, at the office of which
/// place, and a code that leads to the page.
pub(crate) fn poster(w: &Writer<'_>, district: &District, place: &str, path: &str) -> Value {
    let full = format!("{}{}", w.world.address, w.href(path));
    let bare = full.split_once("://").map_or(full.as_str(), |(_, rest)| rest);
    json!({
        "qr": qr::image(&full, &w.fill("qr_title", &[("address", bare)])).ok(),
        "address": bare,
        "check": w.word("poster_check"),
        "apply": w.fill("poster_apply", &[("place", place)]),
        "health": w.fill("poster_health", &[("place", place)]),
        "died": w.fill("poster_died", &[("place", place)]),
        "report": w.fill("poster_report", &[("district", &district.area.name)]),
    })
}

/// The programs that the API counts down to here, with who entered and left.
fn programs(w: &Writer<'_>, district: &District, code: &str) -> Value {
    let counted = |program: &&&Program| district.figures.get("totals", code, &program.code, district.period(), "units").is_some();
    let line = |program: &&Program| {
        let flow = |measure| w.cell(district, "flows", code, &program.code, district.period(), measure);
        json!({
            "program": w.program(program),
            "here": w.href(&address::program_in(&program.code, &district.area.name)),
            "cells": row([w.units(district, code, program), flow("entered"), flow("left")]),
        })
    };
    w.received(district).iter().filter(counted).map(line).collect()
}

/// What was due and paid in the last month in which something was due.
fn payments(w: &Writer<'_>, district: &District, code: &str) -> Value {
    let figures = &district.figures;
    let line = |program: &&Program| {
        let value = |period: &str, measure| figures.value("payments", code, &program.code, period, measure);
        let period = district.recent().find(|period| value(period, "due").is_some_and(|due| due > 0))?;
        let cell = |measure| w.cell(district, "payments", code, &program.code, period, measure);
        Some(json!({
            "program": w.program(program),
            "month": format::month(w.lang, period),
            "cells": row([cell("due"), cell("paid")]),
            "share": area::share(value(period, "paid"), value(period, "due")),
        }))
    };
    w.received(district).iter().filter_map(line).collect()
}

/// Attributes of rows, with the values shown of each and what each takes in.
/// Labels are never split, so a coarse one stands for itself.
type Shown = (&'static str, &'static [(&'static str, &'static [&'static str])]);
const ATTRIBUTES: [Shown; 3] = [
    ("sex", &[("F", &["F"]), ("M", &["M"]), ("unknown", &["unknown"]), ("*", &["*"])]),
    (
        "age_band",
        &[
            ("0-17", &["0-17", "0-5", "6-17"]),
            ("18-39", &["18-39", "18-29", "30-39"]),
            ("40-59", &["40-59", "40-49", "50-59"]),
            ("18-59", &["18-59"]),
            ("60+", &["60+", "60-69", "70+"]),
            ("unknown", &["unknown"]),
            ("*", &["*"]),
        ],
    ),
    ("family_size", &[("1-2", &["1-2"]), ("3-4", &["3-4"]), ("5+", &["5+"]), ("unknown", &["unknown"]), ("*", &["*"])]),
];

/// Sex, age and family size of the leading programs: sums of whole atoms of the
/// list of recipients, which has no finer table. Where too few receive a
/// program, the list names this area with another, and tells nothing more.
fn demographics(w: &Writer<'_>, district: &District, code: &str) -> Value {
    let headlines = w.headlines(district);
    let atoms_of = |area: &str, program: &Program| -> Vec<&Atom> {
        district.atoms.get(area).into_iter().flatten().filter(|atom| atom.program == program.code).collect()
    };
    let columns: Vec<(&Program, Vec<&Atom>)> =
        headlines.iter().map(|program| (*program, atoms_of(code, program))).filter(|(_, atoms)| !atoms.is_empty()).collect();
    let pooled: Vec<Value> = headlines
        .iter()
        .filter(|program| !columns.iter().any(|(own, _)| own.code == program.code))
        .filter(|program| district.figures.value("totals", code, &program.code, district.period(), "units") != Some(0))
        .map(|program| {
            let pool = district.atoms.iter().find(|(area, atoms)| {
                area.split('~').count() > 1
                    && area.split('~').any(|one| one == code)
                    && atoms.iter().any(|atom| atom.program == program.code)
            });
            json!({ "program": w.program(program), "members": pool.and_then(|(area, _)| tables::members(district, Some(area))) })
        })
        .collect();
    let attributes: Vec<Value> = ATTRIBUTES
        .iter()
        .map(|(attribute, values)| {
            let value_of = |atom: &Atom| -> String {
                match *attribute {
                    "sex" => &atom.sex,
                    "age_band" => &atom.age_band,
                    _ => &atom.family_size,
                }
                .clone()
            };
            let sum = |atoms: &[&Atom], takes: &[&str]| -> u64 {
                atoms.iter().filter(|atom| takes.contains(&value_of(atom).as_str())).map(|atom| atom.count).sum()
            };
            let rows: Vec<Value> = values
                .iter()
                .filter(|(_, takes)| columns.iter().any(|(_, atoms)| sum(atoms, takes) > 0))
                .map(|(value, takes)| {
                    let cell = |(_, atoms): &(&Program, Vec<&Atom>)| match sum(atoms, takes) {
                        // No row says so; some of those not broken down may be so, thus no 0.
                        0 => "–".to_owned(),
                        count => format::integer(w.lang, count),
                    };
                    json!({ "name": tables::rows_name(w, value), "cells": columns.iter().map(cell).collect::<Vec<_>>() })
                })
                .collect();
            json!({ "name": w.word(&format!("attribute_{attribute}")), "rows": rows })
        })
        .collect();
    let programs: Vec<&Program> = columns.iter().map(|(program, _)| *program).collect();
    json!({
        "heads": w.heads(&programs),
        "span": programs.len() + 1,
        "attributes": if columns.is_empty() { Vec::new() } else { attributes },
        "pooled": pooled,
        "as_of": w.month(&district.risk.edition_as_of),
    })
}
