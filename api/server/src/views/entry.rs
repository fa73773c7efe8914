//! The entry of the API.

use std::collections::BTreeMap;

use serde::Serialize;

/// A district that publishes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "District")]
pub struct DistrictView {
    /// The kabupaten/kota.
    #[schema(example = "36.71")]
    pub code: String,
    /// Its name.
    #[schema(example = "Kota Tangerang")]
    pub name: String,
    /// Its newest release.
    #[schema(example = "36.71-2025-06")]
    pub release: String,
    /// The month of that release.
    #[schema(example = "2025-06")]
    pub period: String,
    /// The edition of its rows.
    #[schema(example = "2025Q2")]
    pub edition: String,
    /// When it was admitted, RFC 3339: how old the figures are.
    #[schema(example = "2025-07-03T02:10:00Z")]
    pub admitted_at: String,
    /// The public key its releases are signed with.
    #[schema(example = "/keys/district-36.71.vkey")]
    pub key: String,
    /// The day by which its month was due.
    #[schema(example = "2025-07-30")]
    pub expected_on: Option<String>,
    /// The day on which the release was admitted, in Indonesia's western time (UTC+7).
    #[schema(example = "2025-07-03")]
    pub published_on: Option<String>,
    /// By how many days the month came late; 0 in time.
    #[schema(example = 0)]
    pub days_late: Option<u64>,
    /// The month that comes next, and when it is due: compare it with today.
    pub next: Option<NextView>,
}

/// The month a district publishes next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Next")]
pub struct NextView {
    /// The month after that of the newest release.
    #[schema(example = "2025-07")]
    pub period: String,
    /// The day by which it is due, if the office goes on giving itself as many days after a month's end.
    #[schema(example = "2025-08-30")]
    pub expected_on: String,
}

/// The licence of the data.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "License")]
pub struct LicenseView {
    /// SPDX id.
    #[schema(example = "CC-BY-4.0")]
    pub id: String,
    /// Name.
    #[schema(example = "Creative Commons Attribution 4.0 International")]
    pub name: String,
    /// Where it can be read.
    #[schema(example = "https://creativecommons.org/licenses/by/4.0/")]
    pub url: String,
}

/// A quota: `q` requests in `w` seconds from one address.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[schema(title = "Limit")]
pub struct LimitView {
    /// Requests.
    #[schema(example = 300)]
    pub q: u32,
    /// Seconds.
    #[schema(example = 60)]
    pub w: u32,
}

/// Where things are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Links")]
pub struct LinksView {
    /// Releases.
    #[schema(example = "/v1/releases")]
    pub releases: String,
    /// What is new, as an Atom feed.
    #[schema(example = "/v1/releases.atom")]
    pub feed: String,
    /// Areas.
    #[schema(example = "/v1/areas")]
    pub areas: String,
    /// Programs.
    #[schema(example = "/v1/programs")]
    pub programs: String,
    /// Codebook.
    #[schema(example = "/v1/codebook")]
    pub codebook: String,
    /// The anonymised list.
    #[schema(example = "/v1/recipients")]
    pub recipients: String,
    /// Statistics tables.
    #[schema(example = "/v1/statistics")]
    pub statistics: String,
    /// Datasets.
    #[schema(example = "/v1/datasets")]
    pub datasets: String,
    /// The transparency log.
    #[schema(example = "/log/checkpoint")]
    pub log: String,
    /// The public key of the transparency log.
    #[schema(example = "/keys/log.vkey")]
    pub log_key: String,
    /// This document in OpenAPI 3.1.
    #[schema(example = "/openapi.json")]
    pub openapi: String,
    /// Documentation to read.
    #[schema(example = "/docs/")]
    pub docs: String,
}

/// The entry of the API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Entry")]
pub struct EntryView {
    /// The service.
    #[schema(example = "Bansos Terbuka")]
    pub name: String,
    /// The version of the catalogue: how many releases, corrections and withdrawals were admitted.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether figures of some district are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// Where things are.
    pub links: LinksView,
    /// The districts that publish, each with its newest release.
    pub districts: Vec<DistrictView>,
    /// The licence of the data.
    pub license: LicenseView,
    /// Quotas by policy; the headers RateLimit and RateLimit-Policy name the one that applies.
    #[schema(example = json!({"list": {"q": 300, "w": 60}}))]
    pub limits: BTreeMap<String, LimitView>,
}
