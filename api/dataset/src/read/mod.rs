//! Reading a dataset in any of its forms, a row at a time and in bounded
//! memory. A file that is not exactly of the dataset's fields is refused: other
//! columns, another order of them, values of another kind.

mod csv;
mod geojson;
mod ndjson;
mod parquet;
mod xlsx;

use std::path::Path;

pub use self::parquet::{Chunk, Layout, layout};
pub use self::xlsx::{Part as BookPart, parts as book_parts};
use crate::{Dataset, Error, Form, Result, Value, fields_in};

/// The longest text of a value, in bytes. A pool of every kelurahan of a large
/// kabupaten is shorter.
pub const LONGEST: usize = 1 << 16;

/// The rows of a file.
pub type RowsOf = Box<dyn Iterator<Item = Result<Vec<Value>>> + Send>;

/// The rows of the file at `path`, which is `dataset` in the form `form`, in
/// the order of the file. A workbook of recipients gives atoms (see
/// [`fields_in`]).
///
/// # Errors
/// When the file cannot be read or is not one of the dataset; then per row.
/// After an error there are no more rows.
pub fn rows(dataset: &Dataset, form: Form, path: &Path) -> Result<RowsOf> {
    if !dataset.forms.contains(&form) {
        return Err(Error::form(format!("{} does not come as {}", dataset.name, form.ending())));
    }
    let fields = fields_in(dataset, form);
    match form {
        Form::Csv => csv::rows(fields, path),
        Form::Ndjson => ndjson::rows(fields, path),
        Form::Parquet => parquet::rows(fields, path),
        Form::Xlsx => xlsx::rows(dataset, path),
        Form::Geojson => geojson::rows(fields, path),
    }
}

/// Ends an iterator after its first error.
struct UntilError<I>(Option<I>);

impl<I: Iterator<Item = Result<Vec<Value>>>> Iterator for UntilError<I> {
    type Item = Result<Vec<Value>>;
    fn next(&mut self) -> Option<Self::Item> {
        let item = self.0.as_mut()?.next();
        if !matches!(item, Some(Ok(_))) {
            self.0 = None;
        }
        item
    }
}
