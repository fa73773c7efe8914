//! Releases: when each month was due and when it came, what was corrected or
//! withdrawn and why, and how the newest one is checked.

use serde_json::{Value, json};

use crate::address;
use crate::format;
use crate::gather::{Changed, District, World};
use crate::model::{ChangedFigure, ReleaseEntry};
use crate::pages::writer::{Writer, row};
use crate::pages::{Page, country};
use crate::words::Words;

/// Releases of all districts on the first page: the newest.
const NEWEST: usize = 40;
/// Releases on the page of a district. Older ones stay in the API.
const MOST: usize = 60;
/// Figures of a correction that are told; the API has all.
const TOLD: usize = 12;

/// The list of districts, and what came last.
pub(crate) fn index(world: &World, words: &Words) -> Page {
    super::page(world, words, "/rilis/".to_owned(), "releases", |w| {
        let districts: Vec<Value> = country::all_or_none(w.world)
            .iter()
            .map(|district| {
                let next = district.entry.next.as_ref();
                json!({
                    "name": district.area.name,
                    "url": w.href(&address::releases(&district.area.name)),
                    "period": w.month(district.period()),
                    "published": published(w, district.newest()),
                    "late": w.lateness(district.newest()),
                    "next": next.map(|next| json!({ "period": w.month(&next.period), "expected": format::date(w.lang, &next.expected_on) })),
                })
            })
            .collect();
        let mut all: Vec<(&District, &ReleaseEntry)> =
            w.world.districts.iter().flat_map(|district| district.releases.iter().map(move |one| (district, one))).collect();
        all.sort_by_key(|(_, one)| std::cmp::Reverse(one.version));
        let newest: Vec<Value> = all.into_iter().take(NEWEST).map(|(district, one)| line(w, district, one)).collect();
        (
            w.word("releases_title"),
            w.word("releases_description"),
            json!({ "districts": districts, "provinces": country::links(w), "newest": newest }),
        )
    })
}

/// The releases of a district.
pub(crate) fn page(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::releases(name), "release", |w| {
        let mut releases: Vec<&ReleaseEntry> = district.releases.iter().collect();
        releases.sort_by(|a, b| (&b.period, b.revision).cmp(&(&a.period, a.revision)));
        let more = releases.len().saturating_sub(MOST);
        releases.truncate(MOST);
        let lines: Vec<Value> = releases.iter().map(|one| line(w, district, one)).collect();
        let corrections: Vec<Value> = district.changes.iter().filter_map(|changed| correction(w, changed)).collect();
        let units: Vec<Value> = w
            .programs(district)
            .into_iter()
            .map(|program| json!({ "program": w.program(program), "cells": row([w.units(district, &district.area.code, program)]) }))
            .collect();
        let data = json!({
            "origin": w.origin(district),
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "code": district.area.code,
            "lines": lines,
            "more": (more > 0).then(|| format::integer(w.lang, more as u64)),
            "corrections": corrections,
            "totals": units,
            "next": district.entry.next.as_ref().map(|next| {
                w.fill("next_due", &[("period", &w.month(&next.period)), ("date", &format::date(w.lang, &next.expected_on))])
            }),
        });
        (w.fill("release_title", &[("name", name)]), w.fill("release_description", &[("name", name)]), data)
    })
}

/// The day on which a release was published, in words.
fn published(w: &Writer<'_>, one: Option<&ReleaseEntry>) -> String {
    one.map(|one| format::date(w.lang, one.published_on.as_deref().unwrap_or(&one.admitted_at))).unwrap_or_default()
}

/// A release as a line, with the page it has for good: what it is, when it was due and came, what became of it.
pub(crate) fn line(w: &Writer<'_>, district: &District, one: &ReleaseEntry) -> Value {
    let reason = one.correction.as_ref().map(|correction| correction.reason.name.of(w.lang).to_owned());
    let what = match (one.status.as_str(), one.revision, &one.superseded_by) {
        ("withdrawn", ..) => w.fill("release_withdrawn", &[("reason", one.reason.as_deref().unwrap_or_default())]),
        ("superseded", _, Some(by)) => w.fill("release_superseded", &[("release", by)]),
        (_, 2.., _) => w.fill("release_corrects", &[("reason", reason.as_deref().unwrap_or_default())]),
        _ => w.word("release_stands"),
    };
    json!({
        "release": one.release,
        "name": district.area.name,
        "url": w.href(&address::issue(&district.area.name, one)),
        "period": w.month(&one.period),
        "revision": (one.revision > 1).then(|| w.fill("release_revision", &[("revision", &one.revision.to_string())])),
        "expected": one.expected_on.as_deref().map(|day| format::date(w.lang, day)),
        "published": published(w, Some(one)),
        // Of a revision the month's own lateness would be told twice.
        "late": if one.revision > 1 { Value::Null } else { w.lateness(Some(one)).into() },
        "what": what,
        "withdrawn": one.status == "withdrawn",
    })
}

/// What a correction changed, with the kabupaten's own figures before and after.
fn correction(w: &Writer<'_>, changed: &Changed) -> Option<Value> {
    let one = &changed.release;
    let correction = one.correction.as_ref()?;
    let number = |value: u64| format::integer(w.lang, value);
    let table = |name: &str| w.words.find(w.lang, &format!("table_{name}")).unwrap_or(name).to_owned();
    let tables: Vec<Value> = changed
        .tables
        .iter()
        .map(|one| json!({ "name": table(&one.table), "count": number(one.changed + one.added + one.removed) }))
        .collect();
    let said = |value: Option<u64>, status: Option<&str>, measure: &str| match (value, status) {
        (Some(value), _) if measure.ends_with("_rupiah") => format::rupiah(w.lang, value),
        (Some(value), _) if measure.starts_with("units_per_10000_") => format::hundredths(w.lang, value),
        (Some(value), _) => number(value),
        (None, Some(status)) => w.word(&format!("status_{status}")),
        (None, None) => w.word("status_absent"),
    };
    let figures: Vec<Value> = changed
        .figures
        .iter()
        .take(TOLD)
        .map(|figure: &ChangedFigure| {
            let program = w.world.programs.iter().find(|program| program.code == figure.program);
            json!({
                "table": table(&figure.table),
                "program": program.map_or_else(|| figure.program.clone(), |program| w.short(program)),
                "measure": w.words.find(w.lang, &format!("measure_{}", figure.measure)).unwrap_or(&figure.measure),
                "category": figure.category,
                "before": said(figure.before, figure.status_before.as_deref(), &figure.measure),
                "after": said(figure.after, figure.status_after.as_deref(), &figure.measure),
            })
        })
        .collect();
    Some(json!({
        "release": one.release,
        "of": correction.of,
        "period": w.month(&one.period),
        "published": published(w, Some(one)),
        "reason": correction.reason.name.of(w.lang),
        "total": w.fill("corrections_total", &[("count", &number(changed.total))]),
        "tables": tables,
        "figures": figures,
        "all": format!("/v1/releases/{}/changes/{}?format=csv&bom=1", correction.of, one.release),
    }))
}
