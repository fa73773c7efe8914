//! What a page says beside totals, payments and flows: verification,
//! demographics, overlaps, coverage, and which months were corrected.

use serde_json::{Value, json};

use crate::figures::Place;
use crate::format;
use crate::gather::District;
use crate::model::{Figure, Program};
use crate::pages::pictures;
use crate::pages::writer::{Head, Writer, line, row};

/// Attributes of rows, with the categories shown of each, the undetailed last.
const ATTRIBUTES: [(&str, &[&str]); 3] = [
    ("sex", &["F", "M", "unknown", "*"]),
    ("age_band", &["0-17", "18-39", "40-59", "60+", "unknown", "*"]),
    ("family_size", &["1-2", "3-4", "5+", "unknown", "*"]),
];
/// A class of more outcomes than these is called "others".
const NAMED: usize = 3;
/// Pairs of programs shown of an area.
const PAIRS: usize = 8;

/// The figures of an area, or of the group that shows it, with that group's members.
pub(crate) fn standing<'a>(district: &'a District, place: &Place<'a>) -> (Vec<&'a Figure>, Option<&'a str>) {
    let own = district.figures.at(place);
    match own.iter().find_map(|figure| figure.group.as_deref()) {
        Some(group) => {
            let of_group: Vec<&Figure> = district.figures.at(&Place { area: group, ..*place });
            (if of_group.is_empty() { own } else { of_group }, Some(group))
        }
        None => (own, None),
    }
}

/// The names of a group's members.
pub(crate) fn members(district: &District, group: Option<&str>) -> Option<String> {
    group.map(|group| group.split('~').map(|code| district.name_of(code)).collect::<Vec<_>>().join(", "))
}

/// The oldest month of some figures, when it is not the month they are shown for.
pub(crate) fn since(w: &Writer<'_>, district: &District, figures: &[&Figure]) -> Option<String> {
    let oldest = figures.iter().map(|figure| figure.as_of.as_str()).filter(|month| !month.is_empty()).min()?;
    (oldest != district.period()).then(|| w.month(oldest))
}

/// The last outcomes of verification, program by program.
pub(crate) fn verification(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let mut programs = Vec::new();
    for program in w.received(district) {
        let place = Place { table: "verification", area, program: &program.code, period: district.period() };
        let (mut figures, group) = standing(district, &place);
        figures.retain(|figure| figure.value.is_some());
        let total: u64 = figures.iter().filter_map(|figure| figure.value).sum();
        if figures.is_empty() || total == 0 {
            continue;
        }
        figures.sort_by_key(|figure| {
            let class = figure.category.as_deref().unwrap_or_default();
            (class.split('~').count(), class != "valid", std::cmp::Reverse(figure.value))
        });
        // One long class is "others", told below the table; several would be mixed up.
        let class_of = |figure: &Figure| figure.category.clone().unwrap_or_default();
        let mut long = figures.iter().map(|figure| class_of(figure)).filter(|class| class.split('~').count() > NAMED);
        let others = long.next().filter(|_| long.next().is_none());
        let classes: Vec<Value> = figures
            .iter()
            .map(|figure| {
                let value = figure.value.unwrap_or_default();
                let is_others = others.is_some() && others == figure.category;
                json!({
                    "name": if is_others { w.word("verification_others") } else { class(w, &class_of(figure)) },
                    "cell": w.shown("verification", Some(figure)),
                    "share": value * 100 / total,
                })
            })
            .collect();
        programs.push(json!({
            "program": w.program(program),
            "classes": classes,
            "others": others.as_deref().map(|others| class(w, others)),
            "since": since(w, district, &figures),
            "group": members(district, group),
        }));
    }
    Value::Array(programs)
}

/// A class of outcomes in words.
fn class(w: &Writer<'_>, class: &str) -> String {
    let name = |code: &str| w.world.category("verification", code).map_or_else(|| code.to_owned(), |words| words.of(w.lang).to_owned());
    class.split('~').enumerate().map(|(at, code)| if at == 0 { name(code) } else { lower(&name(code)) }).collect::<Vec<_>>().join(", ")
}

/// The first letter small, unless the word is an abbreviation.
pub(crate) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// The first letter large.
pub(crate) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A category of rows in words.
pub(crate) fn rows_name(w: &Writer<'_>, category: &str) -> String {
    let words = w.world.category("demographics", category);
    match category {
        "*" => w.word("not_detailed"),
        "18-59" => w.word("age_18_59"),
        code => words.map_or_else(|| code.replace('-', "–"), |words| upper(words.of(w.lang))),
    }
}

/// Sex, age and family size of the programs that head the page: a row per
/// category, a column per program.
pub(crate) fn demographics(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let place = |program: &'_ Program| -> Vec<&Figure> {
        let found = district.figures.at(&Place { table: "demographics", area, program: &program.code, period: district.period() });
        found.into_iter().filter(|figure| figure.area == area).collect()
    };
    let columns: Vec<(&Program, Vec<&Figure>)> =
        w.headlines(district).into_iter().map(|program| (program, place(program))).filter(|(_, figures)| !figures.is_empty()).collect();
    if columns.is_empty() {
        return Value::Null;
    }
    let cell = |figures: &[&Figure], measure: &str, category: &str| {
        let own: Vec<&&Figure> = figures.iter().filter(|figure| figure.measure == measure).collect();
        let is_category = |figure: &&&Figure| figure.category.as_deref().unwrap_or_default() == category;
        match own.iter().copied().find(is_category).or_else(|| own.iter().copied().find(|figure| figure.group.is_some())) {
            Some(figure) => w.shown("demographics", Some(figure)),
            // No row says so; some of those not broken down may be so, thus no 0.
            None if own.iter().any(|figure| figure.value.is_some()) => Value::from(">–"),
            None => w.shown("demographics", None),
        }
    };
    let attributes: Vec<Value> = ATTRIBUTES
        .iter()
        .map(|(measure, categories)| {
            let known = |category: &&&str| {
                **category == "*"
                    || columns.iter().any(|(_, all)| all.iter().any(|f| f.measure == *measure && f.category.as_deref() == Some(**category)))
            };
            let rows: String = categories
                .iter()
                .filter(known)
                .map(|category| {
                    let cells = columns.iter().map(|(_, figures)| cell(figures, measure, category));
                    line(&Head { name: &rows_name(w, category), ..Head::default() }, &row(cells))
                })
                .collect();
            let names: Vec<(&str, String)> = categories.iter().filter(known).map(|category| (*category, rows_name(w, category))).collect();
            let picture = pictures::characteristic(w, &columns, measure, &names);
            json!({ "name": w.word(&format!("attribute_{measure}")), "rows": rows, "picture": picture })
        })
        .collect();
    let all: Vec<&Figure> = columns.iter().flat_map(|(_, figures)| figures.iter().copied()).collect();
    let programs: Vec<&Program> = columns.iter().map(|(program, _)| *program).collect();
    json!({ "heads": w.heads(&programs), "span": programs.len() + 1, "attributes": attributes, "since": since(w, district, &all) })
}

/// Families with two programs, the pairs with most of them first.
pub(crate) fn overlaps(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let programs = w.received(district);
    let mut pairs: Vec<(u64, Value, pictures::Pair)> = Vec::new();
    let mut seen: Vec<&Figure> = Vec::new();
    for (at, one) in programs.iter().enumerate() {
        for other in &programs[at + 1..] {
            let place = Place { table: "overlaps", area, program: &one.code, period: district.period() };
            let Some(both) = district.figures.of(&place, "both", &other.code) else { continue };
            let group = both.group.as_deref();
            let shown = |program: &Program, measure: &str, category: &str| -> Option<&Figure> {
                let area = group.unwrap_or(area);
                district.figures.of(
                    &Place { table: "overlaps", area, program: &program.code, period: district.period() },
                    measure,
                    category,
                )
            };
            let cells = [shown(one, "both", &other.code), shown(one, "only", &other.code), shown(other, "only", &one.code)];
            let Some(value) = cells[0].and_then(|figure| figure.value) else { continue };
            seen.extend(cells.iter().flatten());
            pairs.push((
                value,
                json!({
                    "one": w.program(one),
                    "other": w.program(other),
                    "cells": row(cells.map(|figure| w.shown("overlaps", figure))),
                    "group": members(district, group),
                }),
                pictures::Pair {
                    label: format!("{} + {}", w.short(one), w.short(other)),
                    figures: cells.map(|figure| figure.and_then(|figure| figure.value)),
                },
            ));
        }
    }
    pairs.sort_by_key(|(value, ..)| std::cmp::Reverse(*value));
    let more = pairs.len() > PAIRS;
    let (list, drawn): (Vec<Value>, Vec<_>) = pairs.into_iter().take(PAIRS).map(|(_, pair, drawn)| (pair, drawn)).unzip();
    json!({ "pairs": list, "picture": pictures::overlaps(w, &drawn), "more": more, "since": since(w, district, &seen) })
}

/// Each program in relation to inhabitants and poor households.
pub(crate) fn coverage(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let mut rows = String::new();
    let mut inhabitants = Vec::new();
    for program in w.received(district) {
        let place = Place { table: "coverage", area, program: &program.code, period: district.period() };
        let figures = district.figures.at(&place);
        let of = |measure: &str| figures.iter().copied().find(|figure| figure.measure == measure && figure.value.is_some());
        let (people, poor) = (of("units_per_10000_inhabitants"), of("units_per_10000_poor_households"));
        if people.is_none() && poor.is_none() {
            continue;
        }
        // The same for every program, so that it is told once.
        if inhabitants.is_empty() {
            for figure in figures.iter().filter(|figure| figure.measure == "inhabitants" && figure.value.is_some()) {
                let source = figure.category.as_deref().unwrap_or_default();
                let words = w.world.category("coverage", source).map_or_else(|| source.to_owned(), |words| words.of(w.lang).to_owned());
                inhabitants.push(json!({ "cell": w.shown("coverage", Some(figure)), "source": words }));
            }
        }
        rows.push_str(&w.line(program, false, &row([people, poor, of("poor_households")].map(|figure| w.shown("coverage", figure)))));
    }
    json!({ "rows": rows, "inhabitants": inhabitants })
}

/// The months of the district that were corrected, the newest first.
pub(crate) fn corrections(w: &Writer<'_>, district: &District) -> Value {
    let one = |entry: &crate::model::ReleaseEntry| {
        let correction = entry.correction.as_ref()?;
        Some(json!({
            "release": entry.release,
            "of": correction.of,
            "code": correction.reason.code,
            "month": w.month(&entry.period),
            "date": format::date(w.lang, &entry.admitted_at),
            "reason": correction.reason.name.of(w.lang),
            "newest": entry.period == district.period(),
        }))
    };
    district.corrections.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_stay_large() {
        assert_eq!(lower("NIK cocok"), "NIK cocok");
        assert_eq!(lower("Meninggal"), "meninggal");
        assert_eq!(upper("perempuan"), "Perempuan");
    }
}
