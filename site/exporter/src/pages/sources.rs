//! The data page: every file of the newest releases.

use serde_json::{Value, json};

use crate::format;
use crate::model::Distribution;
use crate::pages::writer::Writer;

pub(crate) fn data(w: &Writer<'_>) -> Value {
    let districts: Vec<Value> = w
        .world
        .districts
        .iter()
        .map(|district| {
            let newest = |file: &&Distribution| file.release == district.entry.release && file.area == district.area.code;
            let files: Vec<Value> = w
                .world
                .datasets
                .iter()
                .flat_map(|dataset| dataset.distributions.iter().filter(newest).map(move |file| (dataset, file)))
                .map(|(dataset, file)| {
                    json!({
                        "dataset": dataset.dataset,
                        "title": dataset.title.of(w.lang),
                        "format": file.format.to_uppercase(),
                        "rows": format::integer(w.lang, file.rows),
                        "size": format::bytes(w.lang, file.bytes),
                        "sha256": file.sha256,
                        "url": file.url,
                    })
                })
                .collect();
            json!({ "origin": w.origin(district), "code": district.area.code, "files": files })
        })
        .collect();
    json!({ "districts": districts })
}
