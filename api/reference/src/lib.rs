//! Reference data of the project, embedded in every binary: all areas of
//! Indonesia, the programs, population and boundaries, as of one dated snapshot.
//!
//! A release names the snapshot it was made with (date and SHA-256), so data
//! that a release is checked against cannot change under it unnoticed. That is
//! also why the data are compiled in rather than read from a folder. Origins and
//! licences: `data/SOURCES.md`; how the files are packed: `tools/pack.py`.

mod area;
mod boundary;
mod embedded;
mod find;
mod index;
mod name;
mod population;
mod program;
mod search;
mod snapshot;

use std::sync::LazyLock;

use domain::AreaCode;

pub use area::{Area, Areas, Kind, areas};
pub use boundary::boundary;
pub use find::NoMatch;
pub use name::{normalise, slug};
pub use population::{Population, inhabitants, population};
pub use program::{Amount, Frequency, Program, SourceStatus, Words, program, programs};
pub use search::Filter;
pub use snapshot::{Snapshot, snapshot};

/// The five districts the project was written for: Tapanuli Utara,
/// Tanjungbalai, Natuna, Kabupaten Tegal and Kota Tangerang.
pub static DISTRICTS: LazyLock<[AreaCode; 5]> =
    LazyLock::new(|| ["12.02", "12.74", "21.03", "33.28", "36.71"].map(|code| embedded::parsed(code.parse(), "DISTRICTS")));
