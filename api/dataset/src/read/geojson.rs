//! Reading the rows of a GeoJSON: the properties of its features.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value as Json;

use super::{RowsOf, ndjson};
use crate::{Error, Field, Result, Value};

/// The largest file: the boundaries of a whole province are smaller.
const LARGEST: u64 = 64 << 20;

pub(super) fn rows(fields: &'static [Field], path: &Path) -> Result<RowsOf> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::form(format!("larger than {LARGEST} bytes")));
    }
    let whole: Json = serde_json::from_slice(&bytes).map_err(|error| Error::form(error.to_string()))?;
    let features = whole.get("features").and_then(Json::as_array).filter(|_| is(&whole, "FeatureCollection"));
    let features = features.ok_or_else(|| Error::form("no FeatureCollection"))?;
    let rows = features
        .iter()
        .enumerate()
        .map(|(at, feature)| row(fields, feature).map_err(|what| Error::form(format!("feature {}: {what}", at + 1))));
    // Every row is looked at before the first is given: the file is held anyway.
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok(Box::new(rows.into_iter().map(Ok)))
}

fn is(json: &Json, kind: &str) -> bool {
    json.get("type").and_then(Json::as_str) == Some(kind)
}

fn row(fields: &[Field], feature: &Json) -> std::result::Result<Vec<Value>, String> {
    let properties = feature.get("properties").and_then(Json::as_object).filter(|_| is(feature, "Feature"));
    let properties = properties.ok_or("no Feature with properties")?;
    if properties.len() != fields.len() {
        return Err(format!("{} properties, expected {}", properties.len(), fields.len()));
    }
    let one = |field: &Field| {
        let json = properties.get(field.name).ok_or_else(|| format!("{} is missing", field.name))?;
        ndjson::value(field, json.clone())
    };
    fields.iter().map(one).collect()
}
