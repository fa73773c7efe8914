//! DCAT 3 as JSON-LD, with its context inside, so that it can be read without a
//! network: a catalogue, a series for each dataset, a dataset for each of these
//! in each release, and its files as distributions with their checksums.
//!
//! The catalogue holds as many releases as it is given; [`MOST`] bounds one
//! answer. Kemendagri publishes no addresses for its area codes: the place of a
//! release is this host's lasting address of the area, with the code as
//! `skos:notation` and a box around its boundary.

use std::collections::BTreeMap;

use domain::{AreaCode, ReleaseId};
use serde_json::{Value, json};

use super::place::{bounds, ring};
use super::{LICENSE, Release};
use crate::dictionary::{Dataset, Words, all};

/// The most releases of one answer: some ten megabytes, before compression.
pub const MOST: usize = 120;

/// The catalogue of some releases, which come by district and month. `left_out`
/// says how many more there are.
#[must_use]
pub fn catalogue(releases: &[Release], left_out: usize) -> Value {
    let mut graph = Vec::new();
    let mut ids = Vec::new();
    let mut places: BTreeMap<AreaCode, String> = BTreeMap::new();
    let mut previous: BTreeMap<(AreaCode, &str), String> = BTreeMap::new();
    let series: Vec<Dataset> = all().into_iter().filter(|dataset| releases.iter().any(|one| !one.files_of(dataset).is_empty())).collect();
    for release in releases {
        places.insert(release.id.district(), release.publisher());
        for dataset in &series {
            if release.files_of(dataset).is_empty() {
                continue;
            }
            let id = of(dataset.name, release.id);
            let before = previous.insert((release.id.district(), dataset.name), id.clone());
            graph.push(one(release, dataset, before));
            ids.push(json!({ "@id": id }));
        }
    }
    let listed = [series.iter().map(|one| json!({ "@id": line(one.name) })).collect::<Vec<_>>(), ids].concat();
    let mut whole = vec![json!({
        "@id": "catalog.jsonld#catalog",
        "@type": "dcat:Catalog",
        "dct:title": words(("Bansos Terbuka: katalog data", "Bansos Terbuka: catalogue of data")),
        "dct:description": words(catalogue_words(left_out)),
        "dct:license": { "@id": LICENSE.1 },
        "dct:language": [language("IND"), language("ENG")],
        "dct:conformsTo": { "@id": "https://www.w3.org/TR/vocab-dcat-3/" },
        "dct:publisher": places.keys().map(|code| json!({ "@id": agent(*code) })).collect::<Vec<_>>(),
        "dct:spatial": places.keys().map(|code| json!({ "@id": place(*code) })).collect::<Vec<_>>(),
        "dcat:dataset": listed,
        "dcat:service": { "@id": "v1" },
    })];
    whole.push(json!({
        "@id": "v1",
        "@type": "dcat:DataService",
        "dct:title": words(("API Bansos Terbuka", "The API of Bansos Terbuka")),
        "dcat:endpointURL": { "@id": "v1" },
        "dcat:endpointDescription": { "@id": "openapi.json" },
        "dct:license": { "@id": LICENSE.1 },
    }));
    whole.extend(series.iter().map(|dataset| {
        json!({
            "@id": line(dataset.name),
            "@type": "dcat:DatasetSeries",
            "dct:identifier": dataset.name,
            "dct:title": words(dataset.title),
            "dct:description": words(dataset.description),
            "dct:license": { "@id": LICENSE.1 },
            "dct:publisher": places.keys().map(|code| json!({ "@id": agent(*code) })).collect::<Vec<_>>(),
            "dct:accrualPeriodicity": { "@id": periodicity(dataset) },
        })
    }));
    for (code, publisher) in &places {
        whole.push(json!({
            "@id": agent(*code),
            "@type": ["foaf:Organization", "foaf:Agent"],
            "foaf:name": publisher,
            "dct:spatial": { "@id": place(*code) },
        }));
        let name = reference::areas().get(*code).map_or("", |area| area.name);
        let mut node = json!({
            "@id": place(*code),
            "@type": ["dct:Location", "skos:Concept"],
            "dct:identifier": code.to_string(),
            "skos:notation": code.to_string(),
            "skos:prefLabel": { "@value": name, "@language": "id" },
        });
        if let Some(corners) = bounds(*code) {
            node["dcat:bbox"] = json!({ "@type": "geo:wktLiteral", "@value": ring(corners) });
        }
        whole.push(node);
    }
    whole.extend(graph);
    json!({ "@context": context(), "@graph": whole })
}

fn catalogue_words(left_out: usize) -> Words {
    if left_out == 0 {
        (
            "Dataset setiap rilis yang berlaku. Rilis yang ditarik tidak ada di sini.",
            "The datasets of every release that answers. Withdrawn releases are absent.",
        )
    } else {
        (
            "Dataset rilis terbaru. Katalog lengkap satu kabupaten/kota: tambahkan ?area= dengan kodenya. Rilis yang ditarik tidak ada di sini.",
            "The datasets of the newest releases. The whole catalogue of one kabupaten/kota: add ?area= with its code. Withdrawn releases are absent.",
        )
    }
}

/// A dataset in a release.
fn one(release: &Release, dataset: &Dataset, before: Option<String>) -> Value {
    let district = release.district();
    let period = release.id.period();
    let title = |text: &str| format!("{text}: {district}, {period}");
    let (id, en) = release.said(dataset.description);
    let name = dataset.name;
    // Rows are those of their edition's month until the next edition.
    let taken = match release.edition {
        Some((_, month)) if matches!(name, "recipients" | "atoms") => month,
        _ => period,
    };
    let mut node = json!({
        "@id": of(name, release.id),
        "@type": "dcat:Dataset",
        "dct:identifier": format!("{name}/{}", release.id),
        "dct:title": words((&title(dataset.title.0), &title(dataset.title.1))),
        "dct:description": words((&id, &en)),
        "dct:publisher": { "@id": agent(release.id.district()) },
        "dct:spatial": { "@id": place(release.id.district()) },
        "dct:license": { "@id": LICENSE.1 },
        "dct:accrualPeriodicity": { "@id": periodicity(dataset) },
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": { "@type": "xsd:date", "@value": format!("{taken}-01") },
            "dcat:endDate": { "@type": "xsd:date", "@value": taken.last_day().to_string() },
        },
        "dcat:inSeries": { "@id": line(name) },
        "dcat:version": release.version(),
        "dcat:landingPage": { "@id": format!("v1/releases/{}", release.id) },
        "dcat:distribution": release.files_of(dataset).iter().map(|(form, file)| {
            let address = release.address(dataset, *form);
            json!({
                "@id": format!("catalog.jsonld#{name}/{}/{}", release.id, form.ending()),
                "@type": "dcat:Distribution",
                "dct:title": words(form.words()),
                "dct:license": { "@id": LICENSE.1 },
                "dcat:accessURL": { "@id": line(name) },
                "dcat:downloadURL": { "@id": address },
                "dcat:mediaType": { "@id": format!("https://www.iana.org/assignments/media-types/{}", form.media_type()) },
                "dct:format": form.ending(),
                "dcat:byteSize": { "@type": "xsd:nonNegativeInteger", "@value": file.bytes.to_string() },
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": { "@id": "spdx:checksumAlgorithm_sha256" },
                    "spdx:checksumValue": { "@type": "xsd:hexBinary", "@value": file.sha256 },
                },
            })
        }).collect::<Vec<_>>(),
    });
    if let Some(before) = before {
        node["dcat:prev"] = json!({ "@id": before });
    }
    if let Some(corrected) = release.corrects {
        node["dcat:previousVersion"] = json!({ "@id": of(name, corrected) });
    }
    if let Some(issued) = &release.issued {
        node["dct:issued"] = json!({ "@type": "xsd:dateTime", "@value": issued });
    }
    node
}

fn words((id, en): (&str, &str)) -> Value {
    json!([{ "@value": id, "@language": "id" }, { "@value": en, "@language": "en" }])
}

fn language(code: &str) -> Value {
    json!({ "@id": format!("http://publications.europa.eu/resource/authority/language/{code}") })
}

fn periodicity(dataset: &Dataset) -> String {
    let often = if matches!(dataset.name, "recipients" | "atoms") { "QUARTERLY" } else { "MONTHLY" };
    format!("http://publications.europa.eu/resource/authority/frequency/{often}")
}

/// The series of a dataset.
fn line(dataset: &str) -> String {
    format!("v1/datasets/{dataset}")
}

/// A dataset in a release.
fn of(dataset: &str, release: ReleaseId) -> String {
    format!("v1/datasets/{dataset}?release={release}")
}

fn place(area: AreaCode) -> String {
    format!("v1/areas/{area}")
}

fn agent(area: AreaCode) -> String {
    format!("catalog.jsonld#publisher-{area}")
}

fn context() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "spdx": "http://spdx.org/rdf/terms#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}
