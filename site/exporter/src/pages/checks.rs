//! What the office's checks say: how long ago recipients were looked at, what
//! was found of them, why they left, whom aid reaches by desil, and complaints.

use domain::ProgramCode;
use serde_json::{Value, json};

use crate::chart;
use crate::figures::Place;
use crate::format;
use crate::gather::District;
use crate::model::{Figure, Program};
use crate::pages::tables::{lower, members, since, standing};
use crate::pages::writer::{Writer, row};

/// Spans of months since a check, the newest first.
const SPANS: [&str; 6] = ["0-3", "4-6", "7-12", "13-24", "25+", "never"];
/// Those of them within a year.
const YEAR: usize = 3;
/// A class of more words than these is called "others".
const NAMED: usize = 3;

/// The words of a class in the order people read them.
fn words_of<'a>(table: &str, class: &'a str) -> Vec<&'a str> {
    let mut words: Vec<&str> = class.split('~').collect();
    match table {
        "freshness" => words.sort_by_key(|word| SPANS.iter().position(|span| span == word)),
        // Numbers as numbers; what is not known comes last.
        _ => words.sort_by_key(|word| (word.parse::<u8>().unwrap_or(u8::MAX), *word)),
    }
    words
}

/// A class in words; several are marked as merged.
pub(crate) fn class(w: &Writer<'_>, table: &str, class: &str) -> String {
    let words = words_of(table, class);
    let merged = if words.len() > 1 { format!(" ({})", w.word("merged")) } else { String::new() };
    if matches!(table, "deciles" | "targeting") && words.len() > 1 {
        return format!("{}{merged}", desils(w, &words));
    }
    let name = |code: &str| w.world.category(table, code).map_or_else(|| code.to_owned(), |words| words.of(w.lang).to_owned());
    let names: Vec<String> = words.iter().enumerate().map(|(at, code)| if at == 0 { name(code) } else { lower(&name(code)) }).collect();
    format!("{}{merged}", names.join(", "))
}

/// Desil 1, 2, 3 and 10 as `Desil 1–3, 10`.
fn desils(w: &Writer<'_>, words: &[&str]) -> String {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for number in words.iter().filter_map(|word| word.parse::<u8>().ok()) {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == number => *to = number,
            _ => runs.push((number, number)),
        }
    }
    let mut parts: Vec<String> = runs.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}–{to}") }).collect();
    if words.contains(&"unknown") {
        parts.push(w.word("desil_unknown"));
    }
    format!("Desil {}", parts.join(", "))
}

/// Figures of a measure that are shown, in reading order, with the group that shows them.
fn classes<'a>(district: &'a District, place: &Place<'a>, measure: &str) -> (Vec<&'a Figure>, Option<&'a str>) {
    let (mut figures, group) = standing(district, place);
    figures.retain(|figure| figure.measure == measure && figure.value.is_some() && figure.category.is_some());
    let order = |figure: &Figure| {
        let words = words_of(place.table, figure.category.as_deref().unwrap_or_default());
        let first = words.first().copied().unwrap_or_default();
        let at = if place.table == "freshness" {
            SPANS.iter().position(|span| *span == first).unwrap_or(9)
        } else {
            usize::from(first.parse::<u8>().unwrap_or(99))
        };
        (at, first == "none", words.len(), std::cmp::Reverse(figure.value))
    };
    figures.sort_by_key(|figure| order(figure));
    (figures, group)
}

/// One program's table of classes; null where nothing of it is shown.
fn block(w: &Writer<'_>, district: &District, place: &Place<'_>, measure: &str, program: &Program) -> Value {
    let (figures, group) = classes(district, place, measure);
    let total: u64 = figures.iter().filter_map(|figure| figure.value).sum();
    if total == 0 {
        return Value::Null;
    }
    let class_of = |figure: &Figure| figure.category.clone().unwrap_or_default();
    let mut long = figures.iter().map(|figure| class_of(figure)).filter(|class| class.split('~').count() > NAMED);
    let others = long.next().filter(|_| place.table != "freshness" && long.next().is_none());
    let rows: Vec<Value> = figures
        .iter()
        .map(|figure| {
            let own = class_of(figure);
            let name = if others.as_ref() == Some(&own) { w.word("verification_others") } else { class(w, place.table, &own) };
            json!({ "name": name, "cell": w.shown(place.table, Some(figure)), "share": figure.value.unwrap_or_default() * 100 / total })
        })
        .collect();
    json!({
        "program": w.program(program),
        "classes": rows,
        "others": others.as_deref().map(|others| class(w, place.table, others)),
        "since": since(w, district, &figures),
        "group": members(district, group),
        "checked": checked(w, place.table, &figures, total),
    })
}

/// Whether a span of months since a check lies within a year.
pub(crate) fn within(span: &str) -> bool {
    SPANS[..YEAR].contains(&span)
}

/// Units checked within a year, where no class mixes them with others.
fn within_year(figures: &[&Figure]) -> Option<u64> {
    let mut sum = 0;
    for figure in figures {
        let mut recent = figure.category.as_deref()?.split('~').map(within);
        let first = recent.next()?;
        if recent.any(|other| other != first) {
            return None;
        }
        sum += figure.value.filter(|_| first).unwrap_or_default();
    }
    Some(sum)
}

fn checked(w: &Writer<'_>, table: &str, figures: &[&Figure], total: u64) -> Option<String> {
    let checked = within_year(figures).filter(|_| table == "freshness")?;
    Some(w.fill("freshness_checked", &[("checked", &format::integer(w.lang, checked)), ("all", &format::integer(w.lang, total))]))
}

/// A table of classes, program by program.
fn by_program(w: &Writer<'_>, district: &District, area: &str, table: &'static str, measure: &str) -> Vec<Value> {
    let one = |program: &&Program| {
        block(w, district, &Place { table, area, program: &program.code, period: district.period() }, measure, program)
    };
    w.received(district).iter().map(one).filter(|block| !block.is_null()).collect()
}

/// How long ago recipients were last looked at.
pub(crate) fn freshness(w: &Writer<'_>, district: &District, area: &str) -> Value {
    json!(by_program(w, district, area, "freshness", "units"))
}

/// What was found of recipients, and records at fault.
pub(crate) fn findings(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let place = Place { table: "findings", area, program: ProgramCode::ALL, period: district.period() };
    let records: Vec<Value> = district
        .figures
        .at(&place)
        .into_iter()
        .filter(|figure| figure.measure == "records" && figure.category.is_some())
        .map(|figure| json!({ "name": class(w, "findings", figure.category.as_deref().unwrap_or_default()), "cell": w.shown("findings", Some(figure)) }))
        .collect();
    json!({ "programs": by_program(w, district, area, "findings", "units"), "records": records })
}

/// Why units left.
pub(crate) fn reasons(w: &Writer<'_>, district: &District, area: &str) -> Value {
    json!(by_program(w, district, area, "flows", "left"))
}

/// Registered families by desil, with and without a program.
pub(crate) fn targeting(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let period = district.period();
    let place = Place { table: "deciles", area, program: ProgramCode::ALL, period };
    let (figures, group) = classes(district, &place, "families");
    if figures.is_empty() {
        return Value::Null;
    }
    let at = Place { table: "targeting", area: group.unwrap_or(area), program: ProgramCode::ALL, period };
    let (mut bars, mut rows, mut rich, mut poor) = (Vec::new(), Vec::new(), Some(0), Some(0));
    for figure in &figures {
        let own = figure.category.as_deref().unwrap_or_default();
        let of = |measure: &str| district.figures.of(&at, measure, own).filter(|figure| figure.value.is_some());
        let (inside, outside) = (of("any_program"), of("no_program"));
        let name = class(w, "deciles", own);
        let (with, without) = (inside.and_then(|figure| figure.value), outside.and_then(|figure| figure.value));
        add(&mut rich, own, 6..=10, with);
        add(&mut poor, own, 1..=4, without);
        if let (Some(inside), Some(outside)) = (with, without) {
            bars.push(chart::Bar { label: name.clone(), inside, outside });
        }
        rows.push(json!({
            "name": name,
            "cells": row([w.shown("deciles", Some(figure)), w.shown("targeting", inside), w.shown("targeting", outside)]),
        }));
    }
    let told = |key: &str, sum: Option<u64>| sum.filter(|sum| *sum > 0).map(|sum| w.fill(key, &[("n", &format::integer(w.lang, sum))]));
    let (title, description) = (w.word("targeting_chart"), w.word("targeting_chart_description"));
    json!({
        "rows": rows,
        "svg": chart::bars("sasar", &title, &description, &bars),
        "rich": told("targeting_rich", rich),
        "poor": told("targeting_poor", poor),
        "since": since(w, district, &figures),
        "group": members(district, group),
    })
}

/// Adds a class to a sum over desil; a class that lies half in it, or a value
/// that is not shown, makes the sum unknown.
fn add(sum: &mut Option<u64>, class: &str, of: std::ops::RangeInclusive<u8>, value: Option<u64>) {
    let mut inside = class.split('~').map(|word| word.parse::<u8>().is_ok_and(|desil| of.contains(&desil)));
    let first = inside.next().unwrap_or_default();
    if inside.any(|other| other != first) {
        *sum = None;
    } else if first {
        *sum = sum.zip(value).map(|(sum, value)| sum + value);
    }
}

/// Complaints of the year so far.
pub(crate) fn reports(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let period = district.period();
    let (figures, group) = classes(district, &Place { table: "reports", area, program: ProgramCode::ALL, period }, "received");
    let at = Place { table: "reports", area: group.unwrap_or(area), program: ProgramCode::ALL, period };
    let rows: Vec<Value> = figures
        .iter()
        .map(|figure| {
            let own = figure.category.as_deref().unwrap_or_default();
            let of = |measure: &str| w.shown("reports", district.figures.of(&at, measure, own));
            json!({ "name": class(w, "reports", own), "cells": row([w.shown("reports", Some(figure)), of("answered"), of("upheld")]) })
        })
        .collect();
    json!({ "rows": rows, "since": since(w, district, &figures), "group": members(district, group) })
}

/// What share of a program's units in a kecamatan nobody looked at within a
/// year; `None` where that is shown for a group only, or not at all.
pub(crate) fn unchecked_in(w: &Writer<'_>, district: &District, program: &Program, area: &str) -> Option<Value> {
    let place = Place { table: "freshness", area, program: &program.code, period: district.period() };
    let (figures, group) = classes(district, &place, "units");
    let total: u64 = figures.iter().filter_map(|figure| figure.value).sum();
    let checked = within_year(&figures).filter(|_| total > 0 && group.is_none())?;
    let month = figures.iter().map(|figure| figure.as_of.as_str()).min().unwrap_or_default();
    Some(json!({ "share": (total - checked) * 100 / total, "month": w.month(month) }))
}

/// Kecamatan, or groups of them, by the share of a program's units that nobody
/// looked at within a year, the largest share first.
pub(crate) fn unchecked(w: &Writer<'_>, district: &District) -> Value {
    let one = |program: &&Program| {
        let mut seen: Vec<String> = Vec::new();
        let mut rows: Vec<(u64, u64, Value)> = Vec::new();
        for kecamatan in &district.kecamatan {
            let place = Place { table: "freshness", area: &kecamatan.area.code, program: &program.code, period: district.period() };
            let (figures, group) = classes(district, &place, "units");
            let shown = group.unwrap_or(&kecamatan.area.code).to_owned();
            let total: u64 = figures.iter().filter_map(|figure| figure.value).sum();
            let Some(checked) = within_year(&figures).filter(|_| total > 0 && !seen.contains(&shown)) else { continue };
            seen.push(shown);
            let name = members(district, group).unwrap_or_else(|| kecamatan.area.name.clone());
            let month = figures.iter().map(|figure| figure.as_of.as_str()).min().unwrap_or_default();
            let row = json!({
                "name": name, "share": (total - checked) * 100 / total, "month": w.month(month),
                "left": format::integer(w.lang, total - checked), "all": format::integer(w.lang, total),
            });
            rows.push((total - checked, total, row));
        }
        rows.sort_by(|a, b| (u128::from(b.0) * u128::from(a.1)).cmp(&(u128::from(a.0) * u128::from(b.1))));
        let list: Vec<Value> = rows.into_iter().map(|(_, _, row)| row).collect();
        (list.len() > 1).then(|| json!({ "program": w.program(program), "rows": list }))
    };
    w.received(district).iter().find_map(one).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_people_read_them() {
        assert_eq!(words_of("deciles", "1~10~2~unknown"), ["1", "2", "10", "unknown"]);
        assert_eq!(words_of("freshness", "13-24~25+~never"), ["13-24", "25+", "never"]);
    }

    #[test]
    fn sums_over_desil_are_told_only_where_they_are_known() {
        let mut sum = Some(0);
        for (class, value) in [("6", Some(20)), ("7~8", Some(30)), ("1~2", None), ("unknown", None)] {
            add(&mut sum, class, 6..=10, value);
        }
        assert_eq!(sum, Some(50));
        add(&mut sum, "5~9", 6..=10, Some(11));
        assert_eq!(sum, None);
    }
}
