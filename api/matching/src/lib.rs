//! Which records are of one person: probabilistic record linkage after Fellegi
//! and Sunter. RESTRICTED: it holds names and numbers of people while it works.
//!
//! Pure: no files, no database, no clock. The caller describes the columns
//! ([`Description`]), pushes the records ([`Records`]), and gets pairs of places
//! with a weight and a probability ([`dedupe`], [`link`]); what becomes of a pair
//! is decided by a person, never here. Nothing in this crate prints a value, and
//! no type that holds one has `Debug`.
//!
//! How it decides, and what that means for Indonesian names, families and twins,
//! stands in README.md beside this crate.

mod block;
mod compare;
mod describe;
mod model;
mod name;
mod records;
mod run;
mod sound;

pub use describe::{Comparator, Description, Error, Field, Key, Part, Pass};
pub use model::{FieldModel, Model};
pub use records::Records;
pub use run::{Found, Pair, PassReport, Settings, dedupe, link};

/// From which probability on a pair is worth showing to somebody: it is more
/// likely than not that the two are one person. Of all thresholds this one errs
/// least often if the probabilities are right, whatever the data are.
pub const POSSIBLE: f64 = 0.5;
