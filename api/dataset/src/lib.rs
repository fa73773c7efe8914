//! Datasets: what each is called and holds ([`dictionary`]), and the forms in
//! which its files are written and read.
//!
//! A dataset is a table of plain values with the same fields in every form, so
//! that whoever reads one form reads what all the others say. Nothing here
//! knows of a release: the crate is told the rows and where they go.

pub mod dictionary;

pub use dictionary::{Dataset, Field, Form, Kind, Words};
