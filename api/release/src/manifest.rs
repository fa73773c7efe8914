//! `manifest.json`: what a release is, what is in it, and what it was made with.

use domain::{AreaCode, EditionId, Period, ProgramCode, ReleaseId, Status, Table};
use serde::{Deserialize, Serialize};

/// The manifest of a release folder. Unknown fields are refused, so that a
/// reader never passes over something it does not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form; 1.
    pub format: u32,
    /// The release's id.
    pub release: ReleaseId,
    /// The kabupaten/kota that publishes it.
    pub district: AreaCode,
    /// The month it is about.
    pub period: Period,
    /// The edition its rows belong to.
    pub edition: EditionId,
    /// The month the edition's rows were taken in.
    pub edition_as_of: Period,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
    /// The privacy policy it was made under.
    pub policy: Policy,
    /// Name and version of the software that made it.
    pub software: String,
    /// The reference data it was made with.
    pub reference: ReferenceSnapshot,
    /// When it was made, RFC 3339, UTC, to the second.
    pub created_at: String,
    /// Every figure at kabupaten level.
    pub control_totals: Vec<ControlTotal>,
    /// Rows and atoms of the edition, a line per program that has rows.
    pub editions: Vec<EditionTotal>,
    /// Commitment to the registry rows behind the release.
    pub commitment: Commitment,
    /// The district's release before this one.
    pub previous: Option<Previous>,
    /// Every data file.
    pub files: Vec<FileEntry>,
}

/// The privacy policy and its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The policy's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Fewest rows, and families, of an atom.
    pub k: u32,
    /// Fewest inhabitants, estimated, behind a label.
    pub min_candidates: u32,
}

impl Policy {
    /// The policy of this software with `k` rows an atom.
    #[must_use]
    pub fn current(k: u32) -> Policy {
        Policy { name: "bansos-terbuka".into(), version: "1".into(), k, min_candidates: 100 }
    }
}

/// Which reference data a release was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSnapshot {
    /// The day the snapshot stands for, ISO.
    pub date: String,
    /// SHA-256 over the data, hex.
    pub sha256: String,
}

/// A figure at kabupaten level, which the tables must repeat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTotal {
    /// The table.
    pub table: Table,
    /// The program.
    pub program: ProgramCode,
    /// The measure: units, or whole rupiah.
    pub measure: String,
    /// The figure, where it is observed.
    pub value: Option<u64>,
    /// Its status.
    pub status: Status,
}

/// How many rows a program has in the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionTotal {
    /// The program.
    pub program: ProgramCode,
    /// Rows: units of the program in the edition's month.
    pub rows: u64,
    /// Atoms the rows form.
    pub atoms: u32,
}

/// A Merkle tree (RFC 6962 prefixes) over salted registry rows, shuffled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// The root, hex.
    pub root: String,
    /// How many leaves.
    pub leaves: u64,
}

/// The district's release before this one: a chain that shows a dropped release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its id.
    pub release: ReleaseId,
    /// SHA-256 of its `manifest.json`, hex.
    pub manifest_sha256: String,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path below the folder, such as `data/totals.csv`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Lines of data, the header not counted.
    pub rows: u64,
    /// SHA-256, hex.
    pub sha256: String,
}
