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
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::{Value, json};

use super::place::{bounds, ring};
use super::{LICENSE, Release};
use crate::dictionary::{Dataset, Words, all};

/// The most releases of one answer: some ten megabytes, before compression.
pub const MOST: usize = 120;

/// The catalogue of some releases, which come by district and month. It is
/// written a node at a time: as one value in memory it would take thirty times
/// its bytes.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The releases, by district and month.
    pub releases: Vec<Release>,
    /// How many more there are.
    pub left_out: usize,
}

impl Serialize for Catalogue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("@context", &context())?;
        map.serialize_entry("@graph", &Graph(self))?;
        map.end()
    }
}

/// The nodes: the catalogue and its service, series, publishers and places,
/// then the datasets of each release.
struct Graph<'a>(&'a Catalogue);

impl Serialize for Graph<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Catalogue { releases, left_out } = self.0;
        let series: Vec<Dataset> =
            all().into_iter().filter(|dataset| releases.iter().any(|one| !one.files_of(dataset).is_empty())).collect();
        let places: BTreeMap<AreaCode, String> = releases.iter().map(|one| (one.id.district(), one.publisher())).collect();
        let held = |release: &Release| series.iter().filter(|dataset| !release.files_of(dataset).is_empty()).collect::<Vec<_>>();
        let ids =
            releases.iter().flat_map(|release| held(release).into_iter().map(|dataset| json!({ "@id": of(dataset.name, release.id) })));
        let listed: Vec<Value> = series.iter().map(|one| json!({ "@id": line(one.name) })).chain(ids).collect();
        let mut nodes = serializer.serialize_seq(None)?;
        nodes.serialize_element(&head(&places, listed, *left_out))?;
        nodes.serialize_element(&service())?;
        for dataset in &series {
            nodes.serialize_element(&row(dataset, &places))?;
        }
        for (code, publisher) in &places {
            nodes.serialize_element(&publishes(*code, publisher))?;
            nodes.serialize_element(&located(*code))?;
        }
        let mut previous: BTreeMap<(AreaCode, &str), String> = BTreeMap::new();
        for release in releases {
            for dataset in held(release) {
                let before = previous.insert((release.id.district(), dataset.name), of(dataset.name, release.id));
                nodes.serialize_element(&one(release, dataset, before))?;
            }
        }
        nodes.end()
    }
}

/// The catalogue itself.
fn head(places: &BTreeMap<AreaCode, String>, listed: Vec<Value>, left_out: usize) -> Value {
    json!({
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
    })
}

fn service() -> Value {
    json!({
        "@id": "v1",
        "@type": "dcat:DataService",
        "dct:title": words(("API Bansos Terbuka", "The API of Bansos Terbuka")),
        "dcat:endpointURL": { "@id": "v1" },
        "dcat:endpointDescription": { "@id": "openapi.json" },
        "dct:license": { "@id": LICENSE.1 },
    })
}

/// The series of a dataset.
fn row(dataset: &Dataset, places: &BTreeMap<AreaCode, String>) -> Value {
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
}

fn publishes(code: AreaCode, publisher: &str) -> Value {
    json!({
        "@id": agent(code),
        "@type": ["foaf:Organization", "foaf:Agent"],
        "foaf:name": publisher,
        "dct:spatial": { "@id": place(code) },
    })
}

fn located(code: AreaCode) -> Value {
    let name = reference::areas().get(code).map_or("", |area| area.name);
    let mut node = json!({
        "@id": place(code),
        "@type": ["dct:Location", "skos:Concept"],
        "dct:identifier": code.to_string(),
        "skos:notation": code.to_string(),
        "skos:prefLabel": { "@value": name, "@language": "id" },
    });
    if let Some(corners) = bounds(code) {
        node["dcat:bbox"] = json!({ "@type": "geo:wktLiteral", "@value": ring(corners) });
    }
    node
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
