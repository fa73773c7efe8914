//! The API's answers, as far as the site needs them. Fields that are not named
//! here are passed over, as a client should.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::Deserialize;

use crate::words::Both;

/// `GET /v1`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) simulated: bool,
    pub(crate) districts: Vec<DistrictEntry>,
}

/// A district that publishes, with its newest release.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DistrictEntry {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) release: String,
    pub(crate) period: String,
    #[serde(default)]
    pub(crate) admitted_at: String,
    /// The month that comes next.
    #[serde(default)]
    pub(crate) next: Option<NextMonth>,
}

/// A month that is to come.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NextMonth {
    pub(crate) period: String,
    pub(crate) expected_on: String,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) version: Option<u64>,
    pub(crate) data: Vec<T>,
    pub(crate) next: Option<String>,
}

/// How many live in an area.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Population {
    pub(crate) people: u64,
    pub(crate) year: u16,
    #[serde(default)]
    pub(crate) source: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) estimate: bool,
}

/// A name for an area.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AreaRef {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// `GET /v1/areas/{code}`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Area {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) population: Option<Population>,
    /// The area that holds it.
    #[serde(default)]
    pub(crate) parent: Option<String>,
    #[serde(default)]
    pub(crate) parents: Vec<AreaRef>,
    #[serde(default)]
    pub(crate) children: Vec<AreaRef>,
}

/// `GET /v1/areas/{code}/boundary?level=kecamatan`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Features {
    pub(crate) features: Vec<Feature>,
}

/// The boundary of one area.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Feature {
    /// The area's code.
    pub(crate) id: String,
    pub(crate) geometry: Geometry,
}

/// A boundary: polygons of rings of (longitude, latitude).
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
pub(crate) enum Geometry {
    Polygon(Vec<Vec<Vec<f64>>>),
    MultiPolygon(Vec<Vec<Vec<Vec<f64>>>>),
}

/// An amount a program pays.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Amount {
    pub(crate) component: Option<String>,
    pub(crate) rupiah: Option<u64>,
    pub(crate) kg: Option<u64>,
    #[serde(default)]
    pub(crate) per: String,
    pub(crate) per_year: Option<u64>,
}

/// `GET /v1/programs`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Program {
    pub(crate) code: String,
    pub(crate) name: Both,
    pub(crate) unit: domain::Unit,
    pub(crate) sensitive: bool,
    pub(crate) frequency: String,
    #[serde(default)]
    pub(crate) amounts: Vec<Amount>,
    #[serde(default)]
    pub(crate) legal_basis: Option<serde_json::Value>,
    pub(crate) entitled: Both,
    pub(crate) how_to_apply: Both,
    pub(crate) how_to_object: Both,
}

/// One line of a statistics table. A country has millions, whose short words
/// are held in place and not one by one on the heap.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Figure {
    pub(crate) area: CompactString,
    pub(crate) program: CompactString,
    pub(crate) period: CompactString,
    pub(crate) measure: CompactString,
    pub(crate) category: Option<CompactString>,
    pub(crate) value: Option<u64>,
    pub(crate) status: domain::Status,
    pub(crate) group: Option<CompactString>,
    /// The month it was taken in.
    #[serde(default)]
    pub(crate) as_of: CompactString,
}

/// A code with its words.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Term {
    pub(crate) code: String,
    pub(crate) name: Both,
}

/// `GET /v1/statistics`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Table {
    pub(crate) table: String,
    #[serde(default)]
    pub(crate) categories: Vec<Category>,
}

/// A category of a table.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Category {
    pub(crate) category: String,
    pub(crate) name: Both,
}

/// `GET /v1/releases`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ReleaseEntry {
    pub(crate) release: String,
    pub(crate) period: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) revision: u32,
    #[serde(default)]
    pub(crate) admitted_at: String,
    /// The day by which its month was due.
    #[serde(default)]
    pub(crate) expected_on: Option<String>,
    /// The day on which it was published.
    #[serde(default)]
    pub(crate) published_on: Option<String>,
    /// By how many days its month came late.
    #[serde(default)]
    pub(crate) days_late: Option<u64>,
    #[serde(default)]
    pub(crate) superseded_by: Option<String>,
    #[serde(default)]
    pub(crate) simulated: bool,
    /// Why it was withdrawn.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    #[serde(default)]
    pub(crate) correction: Option<Correction>,
}

/// `GET /v1/releases/{before}/changes/{after}`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Changes {
    pub(crate) version: u64,
    pub(crate) total: u64,
    pub(crate) tables: Vec<ChangedTable>,
}

/// How many figures of a table differ.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ChangedTable {
    pub(crate) table: String,
    pub(crate) changed: u64,
    pub(crate) added: u64,
    pub(crate) removed: u64,
}

/// A figure of the whole district that a correction changed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ChangedFigure {
    pub(crate) table: String,
    pub(crate) program: String,
    pub(crate) measure: String,
    pub(crate) category: Option<String>,
    pub(crate) before: Option<u64>,
    pub(crate) status_before: Option<String>,
    pub(crate) after: Option<u64>,
    pub(crate) status_after: Option<String>,
}

/// The part of `GET /v1/releases/{release}` that says what a correction changed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CorrectedRelease {
    #[serde(default)]
    pub(crate) changes: Option<CorrectedFigures>,
}

/// Figures of the whole district before and after.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CorrectedFigures {
    pub(crate) figures: Vec<ChangedFigure>,
}

/// What a release corrects.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Correction {
    pub(crate) of: String,
    pub(crate) reason: Term,
}

/// `GET /v1/releases/{release}`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Release {
    pub(crate) manifest: Manifest,
    #[serde(default)]
    pub(crate) manifest_sha256: String,
}

/// The part of a manifest that readers are told.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) policy: Policy,
}

/// The policy a release was anonymised by.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Policy {
    pub(crate) k: u64,
    #[serde(default)]
    pub(crate) min_candidates: u64,
    #[serde(default)]
    pub(crate) version: String,
}

/// `risk-report.json` of a release: what an attacker may reckon, and what
/// anonymisation cost the reader. What a report does not say is left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Risk {
    pub(crate) edition: String,
    pub(crate) edition_as_of: String,
    pub(crate) rows: RiskRows,
    pub(crate) programs: BTreeMap<String, RiskRows>,
    pub(crate) groups: Vec<RiskGroup>,
    pub(crate) attacks: Vec<RiskAttack>,
}

/// Risk and loss of the rows of a program, or of all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RiskRows {
    pub(crate) rows: u64,
    pub(crate) atoms: u64,
    pub(crate) atom_size: AtomSize,
    pub(crate) prosecutor_risk: f64,
    pub(crate) journalist_risk: f64,
    pub(crate) marketer_risk: f64,
    pub(crate) kept: BTreeMap<String, f64>,
    pub(crate) loss: BTreeMap<String, f64>,
    pub(crate) pools: Vec<String>,
}

/// Rows per atom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AtomSize {
    pub(crate) smallest: u64,
    pub(crate) quartiles: Vec<u64>,
    pub(crate) largest: u64,
}

/// A group of areas that a table shows in the place of its members.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RiskGroup {
    pub(crate) table: String,
    pub(crate) program: String,
    pub(crate) group: String,
}

/// An attack, and what it found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RiskAttack {
    pub(crate) attack: String,
    pub(crate) findings: u64,
}

/// `GET /v1/datasets`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dataset {
    pub(crate) dataset: String,
    pub(crate) title: Both,
    pub(crate) distributions: Vec<Distribution>,
}

/// `GET /v1/dictionary`: a field of a dataset, or a measure of a table.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Told {
    pub(crate) dataset: String,
    pub(crate) field: String,
    pub(crate) measure: Option<String>,
    pub(crate) r#type: String,
    pub(crate) title: Both,
    pub(crate) definition: Both,
    pub(crate) unit: Both,
    pub(crate) source: Both,
    pub(crate) codes: Vec<Term>,
}

/// A line of the dataset `atoms`: rows that are alike.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Atom {
    pub(crate) edition: String,
    pub(crate) program: String,
    /// Its number in the edition of the program.
    pub(crate) atom: u64,
    pub(crate) area: String,
    pub(crate) sex: String,
    pub(crate) age_band: String,
    pub(crate) family_size: String,
    pub(crate) count: u64,
}

/// One file of a dataset.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Distribution {
    pub(crate) release: String,
    pub(crate) area: String,
    pub(crate) format: String,
    pub(crate) url: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}
