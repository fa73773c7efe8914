//! Writing a dataset in its forms. The same rows are the same bytes: nothing
//! of a clock, of chance or of the machine goes into a file.

pub mod csv;
pub mod geojson;
pub mod ndjson;
pub mod notes;
pub mod parquet;
pub mod xlsx;

use std::io::{BufWriter, Write};

pub use notes::Notes;

use crate::{Dataset, Error, Field, Form, Part, Result, Rows, fields_in};

/// Writes a dataset in one form. Gives the rows: features of a GeoJSON, lines
/// of data of all else. `notes` go into a workbook and nowhere else.
///
/// # Errors
/// When the dataset does not come in the form, a row is not one of its fields,
/// or `out` fails.
pub fn form(dataset: &Dataset, form: Form, rows: &dyn Rows, notes: &Notes, out: impl Write + Send) -> Result<u64> {
    if !dataset.forms.contains(&form) {
        return Err(Error::form(format!("{} does not come as {}", dataset.name, form.ending())));
    }
    let fields = fields_in(dataset, form);
    // Rows come in small pieces, and a digest is cheaper on long ones.
    let mut out = BufWriter::with_capacity(1 << 17, out);
    let written = match form {
        Form::Csv => csv::write(fields, rows, &mut out),
        Form::Ndjson => ndjson::write(fields, rows, &mut out),
        Form::Parquet => parquet::write(fields, rows, &mut out),
        Form::Xlsx => xlsx::write(dataset, rows, notes, &mut out),
        Form::Geojson => geojson::write(fields, rows, &mut out),
    }?;
    out.flush()?;
    Ok(written)
}

/// Whether a row is one of these fields.
fn check(fields: &[Field], row: &[Part<'_>]) -> Result<()> {
    if row.len() != fields.len() {
        return Err(Error::form(format!("a row of {} values, expected {}", row.len(), fields.len())));
    }
    match fields.iter().zip(row).find(|(field, part)| !part.fits(field)) {
        Some((field, part)) => Err(Error::form(format!("{part:?} is no value of {}", field.name))),
        None => Ok(()),
    }
}
