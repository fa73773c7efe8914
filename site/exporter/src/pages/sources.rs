//! The data pages: the datasets, every file of a district's newest release, and
//! the dictionary of fields.

use serde_json::{Value, json};

use crate::address;
use crate::client::HOST;
use crate::format;
use crate::gather::{District, World};
use crate::model::{Dataset, Distribution, Told};
use crate::pages::writer::Writer;
use crate::pages::{Page, country};
use crate::words::Words;

const LICENSE: &str = "https://creativecommons.org/licenses/by/4.0/";

/// The files of a district's newest release, each with its dataset.
fn files<'a>(world: &'a World, district: &'a District) -> impl Iterator<Item = (&'a Dataset, &'a Distribution)> {
    world.files_of(&district.entry.release).filter(|(_, file)| file.area == district.area.code)
}

/// The overview: what there is, and for whom.
pub(crate) fn data(w: &Writer<'_>) -> Value {
    let districts: Vec<Value> = country::all_or_none(w.world)
        .iter()
        .map(|district| {
            let bytes = files(w.world, district).map(|(_, file)| file.bytes).sum();
            json!({
                "origin": w.origin(district),
                "url": w.href(&address::files(&district.area.name)),
                "files": format::integer(w.lang, files(w.world, district).count() as u64),
                "size": format::bytes(w.lang, bytes),
            })
        })
        .collect();
    let datasets: Vec<Value> = w
        .world
        .datasets
        .iter()
        .filter(|dataset| !dataset.distributions.is_empty())
        .map(|dataset| {
            let mut forms: Vec<&str> = Vec::new();
            for file in &dataset.distributions {
                if !forms.contains(&file.format.as_str()) {
                    forms.push(&file.format);
                }
            }
            json!({ "dataset": dataset.dataset, "title": dataset.title.of(w.lang), "forms": forms.join(", ").to_uppercase() })
        })
        .collect();
    let first = w.world.districts.first().map(|one| w.href(&address::files(&one.area.name)));
    let starts: Vec<Value> =
        w.world.quickstarts.iter().map(|(tool, text)| json!({ "tool": tool, "text": text.replace(HOST, &w.world.address) })).collect();
    json!({ "starts": starts, "districts": districts, "provinces": country::links(w), "datasets": datasets, "first": first, "dictionary": w.href(DICTIONARY) })
}

/// The page of a district's files.
pub(crate) fn page(world: &World, words: &Words, district: &District) -> Page {
    let name = &district.area.name;
    super::page(world, words, address::files(name), "files", |w| {
        let period = w.month(district.period());
        let mut groups: Vec<Value> = Vec::new();
        for dataset in &world.datasets {
            let list: Vec<Value> = files(world, district)
                .filter(|(of, _)| of.dataset == dataset.dataset)
                .map(|(_, file)| {
                    json!({
                        "name": file.url.rsplit('/').next(),
                        "rows": format::integer(w.lang, file.rows),
                        "size": format::bytes(w.lang, file.bytes),
                        "sha256": file.sha256,
                        "url": file.url,
                    })
                })
                .collect();
            if !list.is_empty() {
                groups.push(json!({ "dataset": dataset.dataset, "title": dataset.title.of(w.lang), "files": list }));
            }
        }
        let description = w.fill("files_description", &[("name", name), ("period", &period)]);
        let mut schema = dataset(w, district, &description);
        // The forms of the whole dataset, not of each of its parts: a page is small.
        let csv = files(world, district).filter(|(_, file)| file.format == "csv");
        schema["distribution"] =
            csv.map(|(_, file)| json!({ "@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": file.url })).collect();
        let data = json!({
            "origin": w.origin(district),
            "groups": groups,
            "dictionary": w.href(DICTIONARY),
            "schema": script(&schema),
        });
        (w.fill("files_title", &[("name", name)]), description, data)
    })
}

/// The same in few words, of a district or a part of it: the pages of areas are
/// nearly as heavy as they may be.
pub(crate) fn short(w: &Writer<'_>, district: &District, name: &str, code: &str) -> Value {
    json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": w.fill("files_title", &[("name", name)]),
        "description": w.fill("files_description", &[("name", name), ("period", &w.month(district.period()))]),
        "license": LICENSE,
        "creator": { "@type": "Organization", "name": format!("Dinas Sosial {}", district.area.name) },
        "temporalCoverage": district.period(),
        "spatialCoverage": name,
        "distribution": { "@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": format!("/v1/statistics/totals?area={code}&format=csv") },
    })
}

/// A district's figures as a schema.org Dataset, for search engines.
pub(crate) fn dataset(w: &Writer<'_>, district: &District, description: &str) -> Value {
    let name = &district.area.name;
    json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": w.fill("files_title", &[("name", name)]),
        "description": description,
        "license": LICENSE,
        "isAccessibleForFree": true,
        "creator": { "@type": "GovernmentOrganization", "name": format!("Dinas Sosial {name}") },
        "temporalCoverage": district.period(),
        "spatialCoverage": { "@type": "Place", "name": name, "identifier": district.area.code },
        "identifier": district.entry.release,
    })
}

/// JSON that can stand in an element `script`: nothing in it ends one.
pub(crate) fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

/// The page of the dictionary, without language.
pub(crate) const DICTIONARY: &str = "/data/kamus/";

/// The dictionary: every field once, with the datasets that have it, and every
/// measure by table.
pub(crate) fn dictionary(w: &Writer<'_>) -> Value {
    let mut fields: Vec<(&Told, Vec<&str>)> = Vec::new();
    for one in w.world.dictionary.iter().filter(|one| one.measure.is_none()) {
        match fields.iter_mut().find(|(known, _)| known.field == one.field && known.definition.id == one.definition.id) {
            Some((_, datasets)) => datasets.push(&one.dataset),
            None => fields.push((one, vec![&one.dataset])),
        }
    }
    // The statistics tables are those with measures: "all tables" is shorter than thirteen names.
    let is_table = |dataset: &str| w.world.dictionary.iter().any(|one| one.measure.is_some() && one.dataset == dataset);
    let tables = w.world.datasets.iter().filter(|one| is_table(&one.dataset)).count();
    let fields: Vec<Value> = fields
        .into_iter()
        .map(|(one, datasets)| {
            let all = datasets.iter().filter(|name| is_table(name)).count() == tables && tables > 1;
            let mut names: Vec<String> = datasets.iter().filter(|name| !(all && is_table(name))).map(|name| (*name).to_owned()).collect();
            if all {
                names.push(w.word("dictionary_tables"));
            }
            // A list that a table decides is told with its measures.
            let listed =
                if matches!(one.field.as_str(), "measure" | "category" | "table" | "program" | "code") { &[] } else { &one.codes[..] };
            json!({
                "field": one.field,
                "title": one.title.of(w.lang),
                "definition": one.definition.of(w.lang),
                "type": w.word(&format!("kind_{}", one.r#type)),
                "unit": (one.r#type == "count").then(|| one.unit.of(w.lang)),
                "source": one.source.of(w.lang),
                "datasets": names.join(", "),
                "codes": listed.iter().map(|code| json!({ "code": code.code, "name": code.name.of(w.lang) })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut measures: Vec<Value> = Vec::new();
    for dataset in &w.world.datasets {
        let rows: Vec<Value> = w
            .world
            .dictionary
            .iter()
            .filter(|one| one.dataset == dataset.dataset)
            .filter_map(|one| {
                Some(json!({
                    "measure": one.measure.as_ref()?,
                    "title": one.title.of(w.lang),
                    "definition": one.definition.of(w.lang),
                    "unit": one.unit.of(w.lang),
                }))
            })
            .collect();
        if !rows.is_empty() {
            measures.push(json!({ "dataset": dataset.dataset, "title": dataset.title.of(w.lang), "rows": rows }));
        }
    }
    json!({ "fields": fields, "measures": measures })
}

/// The page of the dictionary.
pub(crate) fn dictionary_page(world: &World, words: &Words) -> Page {
    super::page(world, words, DICTIONARY.to_owned(), "dictionary", |w| {
        (w.word("dictionary_title"), w.word("dictionary_description"), dictionary(w))
    })
}
