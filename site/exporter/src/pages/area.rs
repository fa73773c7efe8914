//! The parts that pages of a kabupaten and of a kecamatan share.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::chart;
use crate::figures::name;
use crate::format;
use crate::gather::District;
use crate::model::{Figure, Program};
use crate::pages::writer::{Head, Writer, line, row};

/// Months shown of the past.
const MONTHS: usize = 12;

/// The large figures at the head of the page.
pub(crate) fn headlines(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let figure = |program: &&Program| json!({ "program": w.program(program), "cell": w.units(district, area, program) });
    w.headlines(district).iter().map(figure).collect()
}

/// Each program with its units and who entered and left, as lines of a table.
pub(crate) fn programs(w: &Writer<'_>, district: &District, area: &str) -> String {
    let period = district.period();
    let line = |program: &&Program| {
        let flow = |measure| w.cell(district, "flows", area, &program.code, period, measure);
        w.line(program, true, &row([w.units(district, area, program), flow("entered"), flow("left")]))
    };
    w.programs(district).iter().map(line).collect()
}

/// The programs that paid, each with the last month, of the three newest, in
/// which something was due.
pub(crate) fn paying<'a>(w: &Writer<'a>, district: &'a District, area: &str) -> Vec<(&'a Program, &'a String)> {
    let due =
        |program: &Program, period: &str| district.figures.value("payments", area, &program.code, period, "due").is_some_and(|due| due > 0);
    let one = |program: &'a Program| Some((program, district.recent().find(|period| due(program, period))?));
    w.received(district).into_iter().filter_map(one).collect()
}

/// What was planned, due and paid: for each program the last month, of the
/// three newest, in which something was due.
pub(crate) fn payments(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let figures = &district.figures;
    paying(w, district, area)
        .into_iter()
        .map(|(program, period)| {
            let code = &program.code;
            let cell = |measure| w.cell(district, "payments", area, code, period, measure);
            let plan = |measure| w.cell(district, "plan", area, code, period, measure);
            let share = share(figures.value("payments", area, code, period, "paid"), figures.value("payments", area, code, period, "due"));
            json!({
                "program": w.program(program),
                "month": format::month(w.lang, period),
                "share": share,
                "cells": row([
                    plan("planned_units"),
                    cell("due"),
                    cell("paid"),
                    cell("failed"),
                    cell("returned"),
                    plan("planned_rupiah"),
                    cell("due_rupiah"),
                    cell("paid_rupiah"),
                ]),
            })
        })
        .collect()
}

/// The share paid in the last month in which something was due.
pub(crate) fn share_paid(district: &District, area: &str, program: &Program) -> Value {
    let value = |period: &str, measure| district.figures.value("payments", area, &program.code, period, measure);
    match district.recent().find(|period| value(period, "due").is_some_and(|due| due > 0)) {
        Some(period) => share(value(period, "paid"), value(period, "due")),
        None => Value::Null,
    }
}

/// Whole percents, rounded down, so that 100 means all.
pub(crate) fn share(part: Option<u64>, whole: Option<u64>) -> Value {
    match (part, whole) {
        (Some(part), Some(whole)) if whole > 0 => json!(part.saturating_mul(100) / whole),
        _ => Value::Null,
    }
}

/// The months past of the leading programs. The others have theirs on the page
/// of the program in the district: a year of all would be too heavy here.
pub(crate) fn trend(w: &Writer<'_>, district: &District, area: &str, place: &str) -> Value {
    trend_of(w, district, area, place, &w.headlines(district))
}

/// The months past: a line for each program, and a table of all months.
pub(crate) fn trend_of(w: &Writer<'_>, district: &District, area: &str, place: &str, programs: &[&Program]) -> Value {
    let shown: Vec<&String> = district.periods.iter().rev().take(MONTHS).rev().collect();
    let rows: String = shown
        .iter()
        .rev()
        .map(|period| {
            let cells = programs.iter().map(|p| w.cell(district, "totals", area, &p.code, period, "units"));
            line(&Head { name: &format::short_month(w.lang, period), ..Head::default() }, &row(cells))
        })
        .collect();
    let lines: Vec<Value> = programs
        .iter()
        .filter_map(|program| {
            let points: Vec<chart::Point> = shown
                .iter()
                .filter_map(|period| {
                    let value = district.figures.value("totals", area, &program.code, period, "units")?;
                    Some(chart::Point {
                        label: format::short_month(w.lang, period),
                        value,
                        text: format::integer(w.lang, value),
                        cell: name("totals", area, &program.code, period, "units", ""),
                    })
                })
                .collect();
            let title = w.fill("trend_line_title", &[("program", &w.short(program)), ("place", place)]);
            let (first, last) = (points.first()?, points.last()?);
            let description = w.fill(
                "trend_line_description",
                &[("from", &first.label), ("first", &first.text), ("to", &last.label), ("last", &last.text)],
            );
            let id = format!("line-{}", crate::address::slug(&program.code));
            let svg = chart::line(&id, &title, &description, &points)?;
            Some(json!({ "program": w.program(program), "svg": svg }))
        })
        .collect();
    json!({ "lines": lines, "heads": w.heads(programs), "rows": rows })
}

/// The groups that stand for figures of these areas, each with what it shows.
pub(crate) fn groups<'a>(w: &Writer<'_>, district: &District, areas: impl Iterator<Item = &'a String> + Clone) -> Value {
    let units = |area: &str, program: &Program| district.figures.get("totals", area, &program.code, district.period(), "units");
    groups_of(w, district, areas, &w.received(district), units, |figure| w.shown("totals", figure))
}

/// The same for these programs, from these units.
pub(crate) fn groups_of<'a, 'f>(
    w: &Writer<'_>,
    district: &District,
    areas: impl Iterator<Item = &'a String> + Clone,
    programs: &[&Program],
    units: impl Fn(&str, &Program) -> Option<&'f Figure>,
    show: impl Fn(Option<&Figure>) -> Value,
) -> Value {
    let mut seen = BTreeSet::new();
    let mut notes = Vec::new();
    for program in programs {
        for area in areas.clone() {
            let Some(group) = units(area, program).and_then(|figure| figure.group.as_ref()) else { continue };
            if !seen.insert((program.code.clone(), group.clone())) {
                continue;
            }
            let members: Vec<&str> = group.split('~').map(|code| district.name_of(code)).collect();
            notes.push(json!({
                "program": w.program(program),
                "members": members.join(", "),
                "cell": show(units(group, program)),
            }));
        }
    }
    Value::Array(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_never_rounds_up_to_all() {
        assert_eq!(share(Some(999), Some(1000)), json!(99));
        assert_eq!(share(Some(1000), Some(1000)), json!(100));
        assert_eq!(share(Some(0), Some(0)), Value::Null);
        assert_eq!(share(None, Some(5)), Value::Null);
    }
}
