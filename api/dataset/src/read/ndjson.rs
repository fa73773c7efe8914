//! Reading NDJSON.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::Value as Json;

use super::{LONGEST, RowsOf, UntilError};
use crate::{Error, Field, Kind, MOST, Result, Value};

/// The longest line, in bytes.
const LINE: u64 = 16 * LONGEST as u64;

pub(super) fn rows(fields: &'static [Field], path: &Path) -> Result<RowsOf> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut line, mut number) = (Vec::new(), 0u64);
    let next = move || {
        line.clear();
        number += 1;
        match file.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) if line.last() != Some(&b'\n') => {
                Some(Err(Error::form(format!("line {number}: it does not end, or is longer than {LINE} bytes"))))
            }
            Ok(_) => Some(row(fields, &line).map_err(|error| Error::form(format!("line {number}: {error}")))),
            Err(error) => Some(Err(error.into())),
        }
    };
    Ok(Box::new(UntilError(Some(std::iter::from_fn(next)))))
}

fn row(fields: &[Field], line: &[u8]) -> std::result::Result<Vec<Value>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let row = Object(fields).deserialize(&mut json)?;
    json.end()?;
    Ok(row)
}

/// An object with exactly these fields, in their order.
struct Object<'a>(&'a [Field]);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Vec<Value>;
    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> std::result::Result<Vec<Value>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of the dataset's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Vec<Value>, A::Error> {
        let mut row = Vec::with_capacity(self.0.len());
        while let Some(key) = map.next_key::<String>()? {
            let Some(field) = self.0.get(row.len()).filter(|field| field.name == key) else {
                let expected = self.0.get(row.len()).map_or("no more", |field| field.name);
                return Err(A::Error::custom(format!("{:?}, expected {expected}", key.chars().take(40).collect::<String>())));
            };
            row.push(value(field, map.next_value()?).map_err(A::Error::custom)?);
        }
        if row.len() < self.0.len() {
            return Err(A::Error::custom(format!("{} is missing", self.0[row.len()].name)));
        }
        Ok(row)
    }
}

/// The value of a field.
pub(super) fn value(field: &Field, json: Json) -> std::result::Result<Value, String> {
    match json {
        Json::Null if field.optional => Ok(Value::Empty),
        Json::String(text) if field.kind != Kind::Count && !text.is_empty() && text.len() <= LONGEST => Ok(Value::Text(text)),
        Json::Number(number) if field.kind == Kind::Count => match number.as_u64().filter(|count| *count <= MOST) {
            Some(count) => Ok(Value::Count(count)),
            None => Err(format!("{} is {number}, expected a whole number", field.name)),
        },
        _ => Err(format!("{} is of another kind", field.name)),
    }
}
