//! Reading CSV.

use std::fs::File;
use std::path::Path;

use super::{LONGEST, RowsOf, UntilError};
use crate::write::csv::header;
use crate::{Error, Field, Result, Value};

pub(super) fn rows(fields: &'static [Field], path: &Path) -> Result<RowsOf> {
    let wrong = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::Io(error),
        other => Error::form(format!("{other:?}")),
    };
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(File::open(path)?);
    let found = reader.headers().map_err(wrong)?.iter().collect::<Vec<_>>().join(",");
    let expected = header(fields);
    if found != expected {
        return Err(Error::form(format!("columns are {:?}, expected {expected:?}", found.chars().take(400).collect::<String>())));
    }
    let mut record = csv::StringRecord::new();
    let next = move || match reader.read_record(&mut record) {
        Ok(false) => None,
        Ok(true) => {
            let line = record.position().map_or(0, csv::Position::line);
            Some(row(fields, &record).map_err(|what| Error::form(format!("line {line}: {what}"))))
        }
        Err(error) => Some(Err(wrong(error))),
    };
    Ok(Box::new(UntilError(Some(std::iter::from_fn(next)))))
}

fn row(fields: &[Field], record: &csv::StringRecord) -> std::result::Result<Vec<Value>, String> {
    fields
        .iter()
        .zip(record)
        .map(|(field, text)| {
            if text.len() > LONGEST {
                return Err(format!("{} is longer than {LONGEST} bytes", field.name));
            }
            Value::parse(field, text)
        })
        .collect()
}
