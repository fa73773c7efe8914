//! Where the recipients of a program live: rates by kecamatan, and their map.

use serde_json::{Value, json};

use crate::address;
use crate::format;
use crate::gather::{District, Kecamatan};
use crate::map::{Classes, Shape, choropleth};
use crate::model::Program;
use crate::pages::writer::Writer;

/// Classes of the map; fewer where there are few kecamatan.
const CLASSES: usize = 4;
/// A rate is units per 1,000 inhabitants, in tenths.
const PER: u64 = 10_000;

/// Families (or persons) of the map's program per 1,000 inhabitants, in tenths.
pub(crate) struct Rates<'a> {
    pub(crate) program: Option<&'a Program>,
    /// Kecamatan with a rate, the highest first, then those without.
    pub(crate) ranked: Vec<(&'a Kecamatan, Option<u64>)>,
    pub(crate) classes: Classes,
}

impl<'a> Rates<'a> {
    /// The rates of a program in the newest month.
    pub(crate) fn of(district: &'a District, program: Option<&'a Program>) -> Rates<'a> {
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

    /// The style of a rate's class.
    pub(crate) fn class(&self, rate: Option<u64>) -> String {
        rate.map_or_else(|| "cx".to_owned(), |rate| format!("c{}", self.classes.of(rate)))
    }
}

/// A rate as people read it.
pub(crate) fn rate_text(w: &Writer<'_>, rate: Option<u64>) -> String {
    rate.map_or_else(|| w.word("status_absent"), |rate| format::tenths(w.lang, rate))
}

/// A class of rates as people read it.
pub(crate) fn key_range(w: &Writer<'_>, (low, high): (u64, u64)) -> String {
    let (from, to) = (format::tenths(w.lang, low), format::tenths(w.lang, high));
    if low == high { from } else { format!("{from}–{to}") }
}

/// The map with its key; null where there is nothing to draw.
pub(crate) fn of(w: &Writer<'_>, district: &District, rates: &Rates<'_>) -> Value {
    let Some(program) = rates.program else { return Value::Null };
    let short = w.short(program);
    let unit = w.unit(program);
    let shapes: Vec<Shape<'_>> = rates
        .ranked
        .iter()
        .enumerate()
        .filter_map(|(at, (kecamatan, rate))| {
            Some(Shape {
                boundary: kecamatan.boundary.as_ref()?,
                class: rate.map(|rate| rates.classes.of(rate)),
                label: (at + 1).to_string(),
                title: format!("{}. {}: {}", at + 1, kecamatan.area.name, rate_text(w, *rate)),
                href: w.href(&address::kecamatan(&district.area.name, &kecamatan.area.name)),
            })
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
        .map(|(class, range)| json!({ "class": format!("c{class}"), "range": key_range(w, *range) }))
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
