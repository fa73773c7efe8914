//! CSV: RFC 4180 in UTF-8 with line feeds; values stand in quotation marks only
//! where they must.

use std::io::Write;

use super::check;
use crate::{Field, Part, Result, Rows};

pub(super) fn write(fields: &[Field], rows: &dyn Rows, out: &mut impl Write) -> Result<u64> {
    let mut line: Vec<u8> = Vec::with_capacity(256);
    line.extend_from_slice(header(fields).as_bytes());
    line.push(b'\n');
    out.write_all(&line)?;
    let mut count = 0;
    rows.visit(&mut |row| {
        check(fields, row)?;
        line.clear();
        append(row, &mut line);
        out.write_all(&line)?;
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// The first line of a file of these fields, without its line feed.
#[must_use]
pub fn header(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(",")
}

/// Appends a row as a line.
pub fn append(row: &[Part<'_>], line: &mut Vec<u8>) {
    for (at, part) in row.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        match part {
            Part::Text(text) if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) => {
                line.push(b'"');
                line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
                line.push(b'"');
            }
            Part::Text(text) => line.extend_from_slice(text.as_bytes()),
            Part::Count(count) => number(*count, line),
            Part::Empty => {}
        }
    }
    line.push(b'\n');
}

/// Appends a number in decimal digits.
pub(super) fn number(mut count: u64, line: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(count % 10).unwrap_or(0);
        count /= 10;
        if count == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}
