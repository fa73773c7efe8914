//! What an attacker may reckon from a district's data, in words: the risk
//! report of its newest release.

use serde_json::{Value, json};

use crate::address;
use crate::format;
use crate::gather::{District, World};
use crate::model::{Program, RiskRows};
use crate::pages::writer::Writer;
use crate::pages::{Page, country};
use crate::words::Words;

/// Attributes of rows, in the order in which they are kept.
const ATTRIBUTES: [&str; 3] = ["sex", "age_band", "family_size"];

/// The list of districts with a report.
pub(crate) fn index(world: &World, words: &Words) -> Page {
    super::page(world, words, "/risiko/".to_owned(), "risks", |w| {
        (w.word("risks_title"), w.word("risks_description"), json!({ "districts": links(w), "provinces": country::links(w) }))
    })
}

/// A link to each district's report.
pub(crate) fn links(w: &Writer<'_>) -> Value {
    let one = |district: &District| json!({ "origin": w.origin(district), "url": w.href(&address::risk(&district.area.name)) });
    country::all_or_none(w.world).iter().map(one).collect()
}

pub(crate) fn page(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::risk(name), "risk", |w| {
        let policy = &district.release.manifest.policy;
        let risk = &district.risk;
        let k = policy.k.to_string();
        let below = policy.k.saturating_sub(1).to_string();
        let candidates = format::integer(w.lang, policy.min_candidates);
        let data = json!({
            "origin": w.origin(district),
            "district": { "name": name, "url": w.href(&address::district(name)) },
            "edition": { "name": risk.edition, "as_of": w.month(&risk.edition_as_of) },
            "protected": w.fill("risk_protected", &[("k", &k), ("below", &below), ("candidates", &candidates), ("version", &policy.version)]),
            "rows": rows(w, &risk.rows),
            "programs": programs(w, district),
            "merged": merged(w, district),
            "attacks": attacks(w, district),
        });
        (w.fill("risk_title", &[("name", name)]), w.fill("risk_description", &[("name", name)]), data)
    })
}

/// One in how many: the number behind a risk.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of people")]
fn one_in(risk: f64) -> Option<u64> {
    (risk > 0.0 && risk <= 1.0).then(|| (1.0 / risk).round() as u64)
}

/// All rows in words; null where a release has none.
fn rows(w: &Writer<'_>, rows: &RiskRows) -> Value {
    if rows.rows == 0 {
        return Value::Null;
    }
    let number = |value: u64| format::integer(w.lang, value);
    let size = &rows.atom_size;
    let median = size.quartiles.get(1).copied().unwrap_or(size.smallest);
    let values = [
        ("rows", number(rows.rows)),
        ("atoms", number(rows.atoms)),
        ("smallest", number(size.smallest)),
        ("median", number(median)),
        ("largest", number(size.largest)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // Not fewer than one in so many, since the share is written with four decimals.
    let journalist = one_in(rows.journalist_risk).map(number).unwrap_or_else(|| w.word("risk_many"));
    let details: Vec<Value> = ATTRIBUTES
        .iter()
        .filter_map(|attribute| {
            let (kept, loss) = (rows.kept.get(*attribute)?, rows.loss.get(*attribute)?);
            Some(json!({
                "name": w.word(&format!("attribute_{attribute}")),
                "kept": format::percent(*kept),
                "loss": format::percent(*loss),
                "words": w.word(loss_words(*loss)),
            }))
        })
        .collect();
    json!({
        "sizes": w.fill("risk_sizes", &values),
        "prosecutor": w.fill("risk_prosecutor_text", &[("n", &number(size.smallest))]),
        "journalist": w.fill("risk_journalist_text", &[("n", &journalist)]),
        "marketer": w.fill("risk_marketer_text", &[("share", &format::percent(rows.marketer_risk))]),
        "kelurahan": rows.kept.get("kelurahan").map(|share| w.fill("risk_kelurahan", &[("share", &format::percent(*share))])),
        "details": details,
    })
}

/// A loss in a word.
fn loss_words(loss: f64) -> &'static str {
    match loss {
        loss if loss < 0.05 => "loss_least",
        loss if loss < 0.3 => "loss_some",
        loss if loss < 0.7 => "loss_much",
        _ => "loss_most",
    }
}

/// The programs with rows, each a line.
fn programs(w: &Writer<'_>, district: &District) -> Value {
    let known = |code: &str| w.world.programs.iter().find(|program| program.code == code);
    let mut found: Vec<(&Program, &RiskRows)> =
        district.risk.programs.iter().filter_map(|(code, rows)| Some((known(code)?, rows))).filter(|(_, rows)| rows.rows > 0).collect();
    found.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then_with(|| a.0.code.cmp(&b.0.code)));
    let share = |rows: &RiskRows, name: &str| rows.kept.get(name).map_or_else(|| "–".to_owned(), |share| format::percent(*share));
    found
        .into_iter()
        .map(|(program, rows)| {
            json!({
                "program": w.program(program),
                "rows": format::integer(w.lang, rows.rows),
                "atoms": format::integer(w.lang, rows.atoms),
                "smallest": format::integer(w.lang, rows.atom_size.smallest),
                "kelurahan": share(rows, "kelurahan"),
                "sex": share(rows, "sex"),
                "age": share(rows, "age_band"),
                "family": share(rows, "family_size"),
            })
        })
        .collect()
}

/// What is shown together only, by program.
fn merged(w: &Writer<'_>, district: &District) -> Value {
    let names = |label: &str| label.split('~').map(|code| district.name_of(code)).collect::<Vec<_>>().join(", ");
    let mut found = Vec::new();
    for program in w.all_programs() {
        let pools = district.risk.programs.get(&program.code).map(|rows| rows.pools.as_slice()).unwrap_or_default();
        let of_rows: Vec<String> = pools.iter().map(|pool| names(pool)).collect();
        let mut groups: Vec<String> = Vec::new();
        for group in district.risk.groups.iter().filter(|group| group.program == program.code) {
            let table = w.words.find(w.lang, &format!("table_{}", group.table)).unwrap_or(&group.table).to_owned();
            groups.push(format!("{table}: {}", names(&group.group)));
        }
        groups.sort();
        groups.dedup();
        if !of_rows.is_empty() || !groups.is_empty() {
            found.push(json!({ "program": w.program(program), "pools": of_rows, "groups": groups }));
        }
    }
    Value::Array(found)
}

/// What each attack tried, in the reader's language.
fn attacks(w: &Writer<'_>, district: &District) -> Value {
    let one = |attack: &crate::model::RiskAttack| {
        let key = attack.attack.replace('-', "_");
        let name = w.words.find(w.lang, &format!("attack_{key}")).unwrap_or(&attack.attack);
        let tried = w.words.find(w.lang, &format!("attack_{key}_tried")).unwrap_or_default();
        let found = if attack.findings == 0 { w.word("attack_found_nothing") } else { format::integer(w.lang, attack.findings) };
        json!({ "code": attack.attack, "name": name, "tried": tried, "found": found })
    };
    district.risk.attacks.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risks_are_one_in_so_many() {
        assert_eq!(one_in(0.0909), Some(11));
        assert_eq!(one_in(0.01), Some(100));
        assert_eq!(one_in(0.0), None, "too small for four decimals");
        assert_eq!((loss_words(0.0), loss_words(0.95)), ("loss_least", "loss_most"));
    }
}
