//! The API's answers, as far as the site needs them. Fields that are not named
//! here are passed over, as a client should.

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
    #[serde(default)]
    pub(crate) parents: Vec<AreaRef>,
    #[serde(default)]
    pub(crate) children: Vec<AreaRef>,
}

/// `GET /v1/areas/{code}/boundary`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Feature {
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

/// One line of a statistics table.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Figure {
    pub(crate) area: String,
    pub(crate) program: String,
    pub(crate) period: String,
    pub(crate) measure: String,
    pub(crate) category: Option<String>,
    pub(crate) value: Option<u64>,
    pub(crate) status: domain::Status,
    pub(crate) group: Option<String>,
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
}

/// `GET /v1/datasets`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dataset {
    pub(crate) dataset: String,
    pub(crate) title: Both,
    pub(crate) distributions: Vec<Distribution>,
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
