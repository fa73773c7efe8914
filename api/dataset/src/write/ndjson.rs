//! NDJSON: a JSON object a line with every field, empty ones `null`.

use std::io::Write;

use super::{check, csv::number};
use crate::{Error, Field, Part, Result, Rows};

pub(super) fn write(fields: &[Field], rows: &dyn Rows, out: &mut impl Write) -> Result<u64> {
    let keys = keys(fields);
    let mut line: Vec<u8> = Vec::with_capacity(512);
    let mut count = 0;
    rows.visit(&mut |row| {
        check(fields, row)?;
        line.clear();
        append(&keys, row, &mut line)?;
        out.write_all(&line)?;
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// What stands before each value of a line: `{"area":`, `,"program":`.
fn keys(fields: &[Field]) -> Vec<String> {
    fields.iter().enumerate().map(|(at, field)| format!("{}\"{}\":", if at == 0 { '{' } else { ',' }, field.name)).collect()
}

fn append(keys: &[String], row: &[Part<'_>], line: &mut Vec<u8>) -> Result<()> {
    for (key, part) in keys.iter().zip(row) {
        line.extend_from_slice(key.as_bytes());
        match part {
            // Codes need no escapes, and there are many of them.
            Part::Text(text) if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') => {
                line.push(b'"');
                line.extend_from_slice(text.as_bytes());
                line.push(b'"');
            }
            Part::Text(text) => serde_json::to_writer(&mut *line, text).map_err(|error| Error::form(error.to_string()))?,
            Part::Count(count) => number(*count, line),
            Part::Empty => line.extend_from_slice(b"null"),
        }
    }
    line.extend_from_slice(b"}\n");
    Ok(())
}
