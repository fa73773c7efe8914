//! Releases.

use catalogue::queries::releases::{Release, Releases, Standing};
use serde::Serialize;

use super::Record;

/// A release in lists.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Release")]
pub struct ReleaseView {
    /// Id.
    #[schema(example = "36.71-2025-06")]
    pub release: String,
    /// The kabupaten/kota that publishes it.
    #[schema(example = "36.71")]
    pub district: String,
    /// Its name.
    #[schema(example = "Kota Tangerang")]
    pub district_name: String,
    /// The month it is about.
    #[schema(example = "2025-06")]
    pub period: String,
    /// 1 for the first issue, one more with every correction.
    #[schema(example = 1)]
    pub revision: u32,
    /// The edition its rows belong to; null where a withdrawn release's folder is gone.
    #[schema(example = "2025Q2")]
    pub edition: Option<String>,
    /// The month the edition's rows were taken in; null like `edition`.
    #[schema(example = "2025-04")]
    pub edition_as_of: Option<String>,
    /// When the host admitted it, RFC 3339.
    #[schema(example = "2025-07-03T02:10:00Z")]
    pub admitted_at: String,
    /// The version of the catalogue it came with.
    #[schema(example = 7)]
    pub version: u64,
    /// current: it answers for its month; superseded: a later revision does; withdrawn: it was taken back.
    #[schema(example = "current")]
    pub status: String,
    /// Whether the people behind it are synthetic (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// Why it was withdrawn; else null.
    #[schema(example = "Wrong file for June")]
    pub reason: Option<String>,
}

impl ReleaseView {
    /// The view of a release at `version`; `None` before it was admitted.
    #[must_use]
    pub fn new(releases: &Releases, one: &Release, version: u64) -> Option<ReleaseView> {
        let standing = releases.standing(one, version)?;
        Some(ReleaseView {
            release: one.release.to_string(),
            district: one.release.district().to_string(),
            district_name: reference::areas().get(one.release.district()).map_or("", |area| area.name).to_owned(),
            period: one.release.period().to_string(),
            revision: one.release.revision(),
            edition: one.edition.map(|edition| edition.to_string()),
            edition_as_of: one.edition_as_of.map(|period| period.to_string()),
            admitted_at: one.admitted_at.clone(),
            version: one.version(),
            status: match standing {
                Standing::Current => "current",
                Standing::Superseded => "superseded",
                Standing::Withdrawn => "withdrawn",
            }
            .to_owned(),
            simulated: one.simulated,
            reason: one.withdrawn.as_ref().filter(|_| standing == Standing::Withdrawn).map(|withdrawal| withdrawal.reason.clone()),
        })
    }
}

impl Record for ReleaseView {
    const COLUMNS: &'static [&'static str] = &[
        "release",
        "district",
        "district_name",
        "period",
        "revision",
        "edition",
        "edition_as_of",
        "admitted_at",
        "version",
        "status",
        "simulated",
        "reason",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.release.clone(),
            self.district.clone(),
            self.district_name.clone(),
            self.period.clone(),
            self.revision.to_string(),
            self.edition.clone().unwrap_or_default(),
            self.edition_as_of.clone().unwrap_or_default(),
            self.admitted_at.clone(),
            self.version.to_string(),
            self.status.clone(),
            self.simulated.to_string(),
            self.reason.clone().unwrap_or_default(),
        ]
    }
}

/// One release with its manifest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "ReleaseDetail")]
pub struct ReleaseDetailView {
    /// The release.
    #[serde(flatten)]
    pub release: ReleaseView,
    /// The whole manifest: policy, reference snapshot, control totals, commitment, files with their SHA-256.
    #[schema(value_type = Object, example = json!({"format": 1, "release": "36.71-2025-06"}))]
    pub manifest: serde_json::Value,
    /// SHA-256 of manifest.json, hex: what is signed and logged.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub manifest_sha256: String,
    /// The district's signed note over the manifest (manifest.sig).
    #[schema(example = "36.71-2025-06\n…\n\n— district-36.71 …")]
    pub signature: String,
}
