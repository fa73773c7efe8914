//! Descriptions of releases for machines, made from the dictionary: Data Package
//! v2 ([`package`]), DCAT 3 ([`dcat`]) and the list of an API's documents
//! ([`linkset`]). Pure functions: the same release is the same bytes; nothing
//! here reads a clock, a file or the name of a host.
//!
//! Every address is relative, so that a host, a mirror on another server and a
//! downloaded folder can hold the same bytes:
//! - the package of a release lies beside `data/` and names `data/totals.csv`:
//!   it holds in the release folder and wherever the folder is copied;
//! - the package and the catalogue of a host lie at its root and name
//!   `v1/datasets/totals/36.71-2025-06/totals.csv`: they hold under any address,
//!   and in a mirror on disk.

pub mod dcat;
pub mod linkset;
pub mod package;
mod place;
mod schema;
#[cfg(test)]
mod tests;

use domain::{EditionId, Period, ReleaseId};

use crate::dictionary::{self, Dataset, Form, Words};

pub use place::bounds;

/// The licence of all data: its name at SPDX and the Open Definition, its
/// address and its title.
pub const LICENSE: (&str, &str, &str) =
    ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "Creative Commons Attribution 4.0 International");

/// What is said of data about made-up people.
pub const SIMULATED: Words = (
    "SIMULASI: data ini dibuat-buat untuk percobaan dan tidak tentang orang yang ada.",
    "SIMULATION: these data are made up for trials and are about nobody.",
);

/// A release, as far as its description goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The edition of its rows, and the month in which they were taken.
    pub edition: Option<(EditionId, Period)>,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
    /// What it corrects.
    pub corrects: Option<ReleaseId>,
    /// When it was admitted, RFC 3339; not known in its own folder.
    pub issued: Option<String>,
    /// Its files.
    pub files: Vec<File>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path below the release's folder, such as `data/totals.csv`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Lines of data, the header not counted.
    pub rows: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

impl File {
    /// Which dataset the file is of, and in which form; `None` of the manifest
    /// and whatever else is no data.
    #[must_use]
    pub fn of(&self) -> Option<(Dataset, Form)> {
        let (name, ending) = self.path.strip_prefix("data/")?.rsplit_once('.')?;
        Some((dictionary::find(name)?, Form::of_ending(ending)?))
    }
}

impl Release {
    /// The office that publishes it.
    fn publisher(&self) -> String {
        format!("Dinas Sosial {}", self.district())
    }

    /// The district's name.
    fn district(&self) -> String {
        let code = self.id.district();
        reference::areas().get(code).map_or_else(|| code.to_string(), |area| area.name.to_owned())
    }

    /// Its version, in the form that packages and catalogues order by (SemVer):
    /// year, month, issue.
    fn version(&self) -> String {
        let period = self.id.period();
        format!("{}.{}.{}", period.year(), period.month(), self.id.revision())
    }

    /// The files of a dataset, in the order of forms.
    fn files_of(&self, dataset: &Dataset) -> Vec<(Form, &File)> {
        let mut found: Vec<(Form, &File)> = self
            .files
            .iter()
            .filter_map(|file| file.of().filter(|(of, _)| of.name == dataset.name).map(|(_, form)| (form, file)))
            .collect();
        found.sort_by_key(|(form, _)| *form);
        found
    }

    /// Where a file of it is served, from the host's root.
    fn address(&self, dataset: &Dataset, form: Form) -> String {
        let name = dataset.name;
        format!("v1/datasets/{name}/{}/{name}.{}", self.id, form.ending())
    }

    fn said(&self, words: Words) -> (String, String) {
        let note = |text: &str, note: &str| if self.simulated { format!("{text} {note}") } else { text.to_owned() };
        (note(words.0, SIMULATED.0), note(words.1, SIMULATED.1))
    }
}
