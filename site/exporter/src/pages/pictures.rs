//! The pictures above the tables of the checks, of payments, of who the
//! recipients are and of which programs go together.
//!
//! A picture draws what the table below it shows, and nothing else: what is not
//! shown has a word in place of a bar, and what several classes share is drawn
//! as one part that says so.

use serde_json::{Value, json};

use crate::chart::{self, Fill, Plan, Stack};
use crate::figures::Place;
use crate::gather::District;
use crate::model::{Figure, Program};
use crate::pages::area;
use crate::pages::checks::within;
use crate::pages::tables::standing;
use crate::pages::writer::Writer;

/// What a picture shows of a table, and how it is told.
struct Told<'a> {
    /// Makes its ids its own.
    id: &'a str,
    /// The key of its title; with `_d` that of its description.
    words: &'a str,
    /// The names of the parts, in order.
    parts: Vec<String>,
}

/// The picture with its key, for a template; null where no row has a bar.
fn picture(w: &Writer<'_>, told: &Told<'_>, rows: &[Stack]) -> Value {
    let fills = chart::fills(told.parts.len());
    let (title, description) = (w.word(told.words), w.word(&format!("{}_d", told.words)));
    let untold = w.word("not_detailed");
    // Nothing but what is not broken down is no picture: the table says it in words.
    if !rows.iter().any(|row| row.parts.split_last().is_some_and(|(_, told)| told.iter().any(|part| *part > 0))) {
        return Value::Null;
    }
    let Some(svg) = chart::stacks(told.id, &title, &description, &fills, rows, &untold.to_lowercase()) else { return Value::Null };
    // The key names what is drawn somewhere.
    let drawn = |at: &usize| rows.iter().any(|row| row.parts.get(*at).is_some_and(|part| *part > 0));
    let entry = |fill: &Fill, name: &str| json!({ "class": fill.class, "letter": fill.letter, "name": name });
    let names = told.parts.iter().chain([&untold]);
    let key: Vec<Value> =
        fills.iter().zip(names).enumerate().filter(|(at, _)| drawn(at)).map(|(_, (fill, name))| entry(fill, name)).collect();
    json!({ "title": title, "key": key, "svg": svg })
}

/// The label of a row: the program, and whether it is shown with other areas.
fn label(w: &Writer<'_>, program: &Program, group: Option<&str>) -> String {
    let short = w.short(program);
    if group.is_some() { format!("{short} ({})", w.word("status_grouped")) } else { short }
}

/// Whole percents of the first part, rounded down. Some of the last part, which
/// is not broken down, may belong to the first: then it is at least so much,
/// and where nothing is known of the first nothing is said.
fn first_share(parts: &[u64]) -> String {
    let [first, .., untold] = parts else { return String::new() };
    let total: u64 = parts.iter().sum();
    match (first.saturating_mul(100).checked_div(total), untold) {
        (Some(share), 0) => format!("{share}%"),
        (Some(share), _) if *first > 0 => format!("≥ {share}%"),
        _ => String::new(),
    }
}

/// A row for each program whose classes a table shows: `part` says to which
/// part a class of one word belongs.
fn classes(w: &Writer<'_>, district: &District, area: &str, told: &Told<'_>, table: &str, part: impl Fn(&str) -> usize) -> Value {
    let mut rows = Vec::new();
    for program in w.received(district) {
        let (figures, group) = standing(district, &Place { table, area, program: &program.code, period: district.period() });
        let own: Vec<&Figure> = figures.into_iter().filter(|figure| figure.measure == "units").collect();
        if own.is_empty() {
            continue;
        }
        let mut parts = vec![0; told.parts.len() + 1];
        for figure in own {
            let (Some(value), Some(class)) = (figure.value, figure.category.as_deref()) else { continue };
            let mut of = class.split('~').map(&part);
            let first = of.next().unwrap_or_default();
            // A class that lies in two parts is not broken down.
            let at = if of.all(|other| other == first) { first } else { told.parts.len() };
            parts[at] += value;
        }
        let end = first_share(&parts);
        rows.push(Stack { label: label(w, program, group), parts, end });
    }
    picture(w, told, &rows)
}

fn named<'a>(w: &Writer<'_>, id: &'a str, words: &'a str, parts: &[&str]) -> Told<'a> {
    Told { id, words, parts: parts.iter().map(|key| w.word(key)).collect() }
}

/// How far verification is: in order, something else found, not checked yet.
pub(crate) fn verification(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let told = named(w, "pv", "picture_verification", &["part_valid", "part_other", "part_unchecked"]);
    classes(w, district, area, &told, "verification", |class| match class {
        "valid" => 0,
        "unchecked" => 2,
        _ => 1,
    })
}

/// Who was looked at within a year.
pub(crate) fn freshness(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let told = named(w, "pf", "picture_freshness", &["part_recent", "part_old"]);
    classes(w, district, area, &told, "freshness", |class| usize::from(!within(class)))
}

/// Of whom something was found.
pub(crate) fn findings(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let told = named(w, "pt", "picture_findings", &["part_clean", "part_found"]);
    classes(w, district, area, &told, "findings", |class| usize::from(class != "none"))
}

/// A characteristic of the recipients of each program that heads the page.
pub(crate) fn characteristic(w: &Writer<'_>, of: &[(&Program, Vec<&Figure>)], measure: &str, categories: &[(&str, String)]) -> Value {
    let told = Told {
        id: &format!("p{measure}"),
        words: &format!("picture_{measure}"),
        parts: categories.iter().filter(|(code, _)| *code != "*").map(|(_, name)| name.clone()).collect(),
    };
    let rows: Vec<Stack> = of
        .iter()
        .map(|(program, figures)| {
            let own: Vec<&&Figure> = figures.iter().filter(|figure| figure.measure == measure).collect();
            // Where one of them stands in a group, the rest is no whole.
            let whole = !own.iter().any(|figure| figure.value.is_none());
            let of = |code: &str| {
                own.iter().find(|figure| figure.category.as_deref() == Some(code)).and_then(|figure| figure.value).unwrap_or(0)
            };
            let mut parts: Vec<u64> = categories.iter().filter(|(code, _)| *code != "*").map(|(code, _)| of(code)).collect();
            parts.push(of("*"));
            let parts = if whole { parts } else { Vec::new() };
            Stack { label: w.short(program), end: first_share(&parts), parts }
        })
        .collect();
    picture(w, &told, &rows)
}

/// Two programs, and the families with both, with the first only, with the second only.
pub(crate) struct Pair {
    pub(crate) label: String,
    pub(crate) figures: [Option<u64>; 3],
}

/// Which programs go together.
pub(crate) fn overlaps(w: &Writer<'_>, pairs: &[Pair]) -> Value {
    let told = named(w, "pg", "picture_overlaps", &["part_both", "part_first", "part_second"]);
    let rows: Vec<Stack> = pairs
        .iter()
        .map(|pair| {
            let mut parts: Vec<u64> = pair.figures.iter().copied().collect::<Option<Vec<u64>>>().unwrap_or_default();
            if !parts.is_empty() {
                parts.push(0);
            }
            Stack { label: pair.label.clone(), end: first_share(&parts), parts }
        })
        .collect();
    picture(w, &told, &rows)
}

/// What was planned, due and paid in the months that the table shows.
pub(crate) fn payments(w: &Writer<'_>, district: &District, area: &str) -> Value {
    let rows: Vec<Plan> = area::paying(w, district, area)
        .into_iter()
        .map(|(program, period)| {
            let value = |table: &str, measure: &str| district.figures.value(table, area, &program.code, period, measure);
            let (planned, paid) = (value("plan", "planned_units"), value("payments", "paid"));
            let end = match area::share(paid, planned).as_u64() {
                Some(share) => format!("{share}%"),
                None if planned.is_none() => w.word("plan_missing"),
                None => w.word("status_missing"),
            };
            Plan { label: w.short(program), planned, due: value("payments", "due"), paid, end }
        })
        .collect();
    let (title, description) = (w.word("picture_payments"), w.word("picture_payments_d"));
    chart::plans("pp", &title, &description, &rows).map_or(Value::Null, |svg| json!({ "title": title, "svg": svg }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_down_and_nothing_has_none() {
        assert_eq!(first_share(&[999, 1, 0]), "99%");
        assert_eq!(first_share(&[999, 0, 1]), "≥ 99%");
        assert_eq!(first_share(&[0, 1, 1]), "");
        assert_eq!(first_share(&[0, 1, 0]), "0%");
        assert_eq!(first_share(&[0, 0]), "");
        assert_eq!(first_share(&[]), "");
    }
}
