//! The page of a program, and the list of programs.

use serde_json::{Value, json};

use crate::address;
use crate::embed;
use crate::format;
use crate::gather::{District, World};
use crate::model::{Amount, Program};
use crate::pages::map::{self, Rates};
use crate::pages::writer::{Writer, row};
use crate::pages::{Page, area, country};
use crate::words::{Lang, Words};

pub(crate) fn index(world: &World, words: &Words) -> Page {
    super::page(world, words, "/program/".to_owned(), "programs", |w| {
        let programs: Vec<Value> = w
            .all_programs()
            .iter()
            .map(|p| {
                json!({
                    "program": w.named(p),
                    "frequency": w.word(&format!("frequency_{}", p.frequency)),
                    "amounts": amounts(w, p).first(),
                    "more": p.amounts.len() > 1,
                })
            })
            .collect();
        (w.word("programs_title"), w.word("programs_description"), json!({ "programs": programs }))
    })
}

/// The page of a program and, of a country, that of the program in each province.
pub(crate) fn pages(world: &World, words: &Words, program: &Program) -> Vec<Page> {
    let mut pages = vec![page(world, words, program)];
    for (name, districts) in country::provinces(world) {
        pages.push(in_province(world, words, program, name, &districts));
    }
    pages
}

fn page(world: &World, words: &Words, program: &Program) -> Page {
    super::page(world, words, address::program(&program.code), "program", |w| {
        let name = program.name.of(w.lang);
        let figures: Vec<Value> = country::all_or_none(w.world).iter().filter_map(|d| district(w, d, program)).collect();
        let provinces: Vec<Value> = country::provinces(w.world)
            .iter()
            .map(|(name, districts)| {
                json!({ "name": name, "url": w.href(&address::program_province(&program.code, name)), "count": districts.len() })
            })
            .collect();
        let data = json!({
            "program": w.program(program),
            "code": program.code,
            "sensitive": program.sensitive,
            "frequency": w.word(&format!("frequency_{}", program.frequency)),
            "amounts": amounts(w, program),
            "legal_basis": program.legal_basis.as_ref().and_then(|text| w.text_of(text)),
            "entitled": program.entitled.of(w.lang),
            "apply": program.how_to_apply.of(w.lang),
            "object": program.how_to_object.of(w.lang),
            "districts": figures,
            "provinces": provinces,
        });
        (w.fill("program_title", &[("name", name)]), w.fill("program_description", &[("name", name)]), data)
    })
}

/// The page of a program in a province: its figures by district.
fn in_province(world: &World, words: &Words, program: &Program, province: &str, districts: &[&District]) -> Page {
    super::page(world, words, address::program_province(&program.code, province), "program_province", |w| {
        let rows: Vec<Value> = districts
            .iter()
            .map(|d| {
                let (code, name) = (&d.area.code, &d.area.name);
                let flow = |measure| w.cell(d, "flows", code, &program.code, d.period(), measure);
                let received = d.figures.value("totals", code, &program.code, d.period(), "units") != Some(0)
                    && d.figures.get("totals", code, &program.code, d.period(), "units").is_some();
                let url = if received { address::program_in(&program.code, name) } else { address::district(name) };
                json!({
                    "name": name,
                    "url": w.href(&url),
                    "period": w.month(d.period()),
                    "cells": row([w.units(d, code, program), flow("entered"), flow("left")]),
                })
            })
            .collect();
        let data = json!({ "program": w.program(program), "province": { "name": province, "url": w.href(&address::province(province)) }, "rows": rows });
        let short = w.short(program);
        (
            w.fill("program_province_title", &[("program", &short), ("name", province)]),
            w.fill("program_province_description", &[("program", program.name.of(w.lang)), ("name", province)]),
            data,
        )
    })
}

/// The programs that have a page of their own in a district.
pub(crate) fn inside_programs<'a>(world: &'a World, words: &'a Words, district: &District) -> Vec<&'a Program> {
    Writer { world, words, lang: Lang::Id }.received(district)
}

/// The page of a program in one district: where its recipients live, how they
/// were paid, and how their number moved.
pub(crate) fn inside(world: &World, words: &Words, district: &District, program: &Program) -> Page {
    let name = &district.area.name;
    let code = &program.code;
    super::page(world, words, address::program_in(code, name), "program_area", |w| {
        let period = district.period();
        let short = w.short(program);
        let rates = Rates::of(district, Some(program));
        let flow = |area: &str, measure| w.cell(district, "flows", area, code, period, measure);
        let line = |area: &str| row([w.units(district, area, program), flow(area, "entered"), flow(area, "left")]);
        let mut map = map::of(w, district, &rates);
        if !rates.ranked.iter().any(|(_, rate)| rate.is_some()) {
            map = Value::Null;
        }
        let rows: Vec<Value> = rates
            .ranked
            .iter()
            .enumerate()
            .map(|(at, (kecamatan, rate))| {
                json!({
                    "rank": at + 1,
                    "class": rates.class(*rate),
                    "name": kecamatan.area.name,
                    "url": w.href(&address::kecamatan(name, &kecamatan.area.name)),
                    "rate": map::rate_text(w, *rate),
                    "cells": line(&kecamatan.area.code),
                })
            })
            .collect();
        let data = json!({
            "origin": w.origin(district),
            "program": w.program(program),
            "code": code,
            "area": district.area.code,
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "units": w.units(district, &district.area.code, program),
            "map": map,
            "rows": rows,
            "whole": line(&district.area.code),
            "groups": groups(w, district, program),
            "payments": payments(w, district, program),
            "trend": area::trend_of(w, district, &district.area.code, name, &[program]),
            "sensitive": program.sensitive,
            "embed": json!({ "snippet": embed::snippet(w, district, None, program) }),
        });
        (
            w.fill("program_area_title", &[("program", &short), ("name", name)]),
            w.fill("program_area_description", &[("program", program.name.of(w.lang)), ("name", name), ("period", &w.month(period))]),
            data,
        )
    })
}

/// The last payment of a program in each kecamatan; null where none was due in
/// the three newest months.
fn payments(w: &Writer<'_>, district: &District, program: &Program) -> Value {
    let figures = &district.figures;
    let value = |area: &str, period: &str, measure| figures.value("payments", area, &program.code, period, measure);
    let whole = &district.area.code;
    let Some(period) = district.recent().find(|period| value(whole, period, "due").is_some_and(|due| due > 0)) else {
        return Value::Null;
    };
    let line = |area: &str| {
        let cell = |measure| w.cell(district, "payments", area, &program.code, period, measure);
        let cells = row(["due", "paid", "failed", "returned"].map(cell));
        json!({ "share": area::share(value(area, period, "paid"), value(area, period, "due")), "cells": cells })
    };
    let rows: Vec<Value> = district.kecamatan.iter().map(|k| json!({ "name": k.area.name, "line": line(&k.area.code) })).collect();
    json!({ "month": format::month(w.lang, period), "rows": rows, "whole": line(whole) })
}

/// The figures of a district; `None` where the program has none there.
fn district(w: &Writer<'_>, district: &District, program: &Program) -> Option<Value> {
    let code = &district.area.code;
    let period = district.period();
    let whole = district.figures.get("totals", code, &program.code, period, "units")?;
    let line = |code: &str| {
        let flow = |measure| w.cell(district, "flows", code, &program.code, period, measure);
        row([w.units(district, code, program), flow("entered"), flow("left")])
    };
    // Where nobody receives it, one figure says so, and not a table of zeros.
    let nobody = whole.value == Some(0);
    let kecamatan: Vec<Value> = if nobody {
        Vec::new()
    } else {
        district
            .kecamatan
            .iter()
            .map(|k| json!({ "name": k.area.name, "url": w.href(&address::kecamatan(&district.area.name, &k.area.name)), "cells": line(&k.area.code) }))
            .collect()
    };
    Some(json!({
        "origin": w.origin(district),
        "code": code,
        "url": w.href(&address::district(&district.area.name)),
        "inside": (!nobody).then(|| w.href(&address::program_in(&program.code, &district.area.name))),
        "units": w.units(district, code, program),
        "cells": (!nobody).then(|| line(code)),
        "kecamatan": kecamatan,
        "groups": groups(w, district, program),
    }))
}

/// The groups of this program alone.
fn groups(w: &Writer<'_>, district: &District, program: &Program) -> Value {
    let kecamatan = district.kecamatan.iter().map(|k| &k.area.code);
    match area::groups(w, district, kecamatan) {
        Value::Array(mut notes) => {
            let url = w.program(program)["url"].clone();
            notes.retain(|note| note["program"]["url"] == url);
            Value::Array(notes)
        }
        other => other,
    }
}

/// Each amount in words: what for, how much, how often.
fn amounts(w: &Writer<'_>, program: &Program) -> Vec<Value> {
    program
        .amounts
        .iter()
        .filter_map(|amount| {
            let text = amount_text(w, amount)?;
            let component = amount.component.as_deref().filter(|name| !name.is_empty()).map(|name| component(w, name));
            let year = amount.per_year.map(|rupiah| format::rupiah(w.lang, rupiah));
            Some(json!({ "component": component, "text": text, "year": year }))
        })
        .collect()
}

fn amount_text(w: &Writer<'_>, amount: &Amount) -> Option<String> {
    let size = match (amount.rupiah, amount.kg) {
        (Some(rupiah), _) => format::rupiah(w.lang, rupiah),
        (None, Some(kg)) => format!("{}\u{a0}kg", format::integer(w.lang, kg)),
        (None, None) => return None,
    };
    let per = if amount.per.is_empty() { String::new() } else { w.word(&format!("per_{}", amount.per)) };
    Some(if per.is_empty() { size } else { format!("{size} {per}") })
}

fn component(w: &Writer<'_>, name: &str) -> String {
    w.words.find(w.lang, &format!("component_{name}")).map_or_else(|| name.replace('_', " "), str::to_owned)
}
