//! The one dictionary of datasets and fields, from which every description is
//! made: the columns of files, the Data Package, DCAT, the pages.
//!
//! A field is told once (`fields`), a dataset lists its fields (`datasets`), a
//! code belongs to a list with words (`codes`, `words`, `categories`), and each
//! measure of a statistics table is described like a field (`measures`), since
//! the tables are long. Every text is in Indonesian and in English.

mod categories;
mod codes;
mod datasets;
mod field;
mod fields;
mod form;
mod measures;
#[cfg(test)]
mod tests;
mod words;

pub use categories::{Category, categories};
pub use codes::{Codes, Term, codes};
pub use datasets::{AREAS, ATOMS, BOUNDARIES, CELLS, CORRECTIONS, Dataset, PROGRAMS, RECIPIENTS, all, find, rules, statistics, title};
pub use field::{Field, Kind};
pub use form::Form;
pub use measures::{Measure, measures};
pub use words::{REASONS, complaint, finding, frequency, freshness, kind, outcome, reason, status, unit};

/// A text in Indonesian and in English.
pub type Words = (&'static str, &'static str);
