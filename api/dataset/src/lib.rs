//! Datasets: what each is called and holds ([`dictionary`]), and the forms in
//! which its files are written ([`mod@write`]) and read ([`read`]).
//!
//! A dataset is a table of plain values with the same fields in every form, so
//! that whoever reads one form reads what all the others say. Nothing here
//! knows of a release: the crate is told the rows and where they go.

pub mod describe;
pub mod dictionary;
mod error;
pub mod read;
mod value;
pub mod write;

pub use dictionary::{Dataset, Field, Form, Kind, Words};
pub use error::{Error, Result};
pub use value::{MOST, Part, Rows, Value};

/// The fields of a dataset in one of its forms: the same in all, but that the
/// workbook of recipients has a line per atom, since it could not hold a line
/// for each of a large district.
#[must_use]
pub fn fields_in(dataset: &Dataset, form: Form) -> &'static [Field] {
    if form == Form::Xlsx && dataset.name == dictionary::RECIPIENTS.name { dictionary::ATOMS.fields } else { dataset.fields }
}
