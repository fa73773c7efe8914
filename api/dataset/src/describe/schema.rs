//! A dataset's fields as a Table Schema (Data Package v2).

use serde_json::{Map, Value, json};

use crate::dictionary::{Codes, Dataset, Field, Kind, Words, codes, measures};

/// A text in both languages, Indonesian first, as CommonMark.
pub(super) fn both((id, en): (&str, &str)) -> String {
    format!("{id}\n\n{en}")
}

/// The Table Schema of a dataset. `resource` names the resource of a dataset of
/// the same release, or gives nothing where it has none.
pub(super) fn schema(dataset: &Dataset, resource: impl Fn(&str) -> Option<String>) -> Value {
    let fields: Vec<Value> = dataset.fields.iter().map(|one| field(dataset, one)).collect();
    let mut schema = json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        "fieldsMatch": "exact",
        "missingValues": [""],
        "primaryKey": dataset.key,
    });
    let mut keys = Vec::new();
    for one in dataset.fields {
        // Only where every value is a code that the other dataset lists: not of
        // pools of areas, and not of `SEMUA`.
        let (field, other) = match (dataset.name, one.name) {
            ("areas", "parent") => ("parent", Some(String::new())),
            ("programs", _) => continue,
            _ if one.codes == Codes::Programs => (one.name, resource("programs")),
            _ => continue,
        };
        if let Some(other) = other {
            keys.push(json!({ "fields": [field], "reference": { "resource": other, "fields": ["code"] } }));
        }
    }
    if !keys.is_empty() {
        schema["foreignKeys"] = Value::Array(keys);
    }
    schema
}

fn field(dataset: &Dataset, field: &Field) -> Value {
    let (id, en) = (|words: Words| words.0, |words: Words| words.1);
    let list = codes(dataset, field);
    let mut constraints = Map::new();
    if !field.optional {
        constraints.insert("required".into(), true.into());
    }
    let closed = field.codes.is_closed() && !list.is_empty();
    if closed {
        constraints.insert("enum".into(), list.iter().map(|term| term.code).collect());
    } else if let Some(pattern) = field.pattern.filter(|_| field.kind != Kind::Month) {
        constraints.insert("pattern".into(), pattern.into());
    }
    if field.kind == Kind::Count {
        constraints.insert("minimum".into(), 0.into());
    }
    if dataset.key == [field.name] {
        constraints.insert("unique".into(), true.into());
    }
    let mut told = json!({
        "name": field.name,
        "type": match field.kind {
            Kind::Count => "integer",
            Kind::Month => "yearmonth",
            Kind::Code | Kind::Text => "string",
        },
        "title": id(field.title),
        "title_en": en(field.title),
        "description": both(field.description),
        "source": id(field.source),
        "source_en": en(field.source),
        "unit": id(field.unit),
        "unit_en": en(field.unit),
        // Satu Data Indonesia (Perpres 39/2019 article 4), in its own words.
        "konsep": id(field.concept),
        "definisi": id(field.description),
        "klasifikasi": id(field.classification),
        "ukuran": id(field.measure),
        "satuan": id(field.unit),
    });
    // A category that is empty is a value: the line that is not broken down.
    // Were it missing, the key could not hold it.
    if field.optional && dataset.key.contains(&field.name) {
        told["missingValues"] = json!([]);
    }
    if closed {
        let labels = list.iter().map(|term| json!({ "value": term.code, "label": id(term.name), "label_en": en(term.name) }));
        told["categories"] = labels.collect();
    }
    if field.codes == Codes::Measures {
        told["measures"] = match dataset.table() {
            Some(table) => measures(table).iter().map(measure).collect(),
            None => Value::Array(Vec::new()),
        };
    }
    if !constraints.is_empty() {
        told["constraints"] = Value::Object(constraints);
    }
    told
}

/// A measure of a long table, described like a field.
fn measure(one: &crate::dictionary::Measure) -> Value {
    json!({
        "name": one.name,
        "title": one.title.0,
        "title_en": one.title.1,
        "description": both(one.description),
        "source": one.source.0,
        "source_en": one.source.1,
        "unit": one.unit.0,
        "unit_en": one.unit.1,
        "konsep": one.concept.0,
        "definisi": one.description.0,
        "klasifikasi": one.classification.0,
        "ukuran": one.measure.0,
        "satuan": one.unit.0,
    })
}
