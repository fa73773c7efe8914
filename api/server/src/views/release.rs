//! Releases.

use std::collections::BTreeMap;

use catalogue::queries::releases::{self, Release, Releases, Standing};
use release::{ControlTotal, FileEntry, Reason};
use serde::{Deserialize, Serialize};

use super::{Record, TermView};

/// What a revision corrects, and why.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Correction")]
pub struct CorrectionView {
    /// The issue whose place it takes.
    #[schema(example = "36.71-2025-06")]
    pub of: String,
    /// The reason, from a closed list, with its words.
    pub reason: TermView,
}

impl From<releases::Correction> for CorrectionView {
    fn from(correction: releases::Correction) -> CorrectionView {
        CorrectionView { of: correction.of.to_string(), reason: TermView::new(correction.reason.as_str(), words(correction.reason)) }
    }
}

/// The words of a reason.
pub(crate) fn words(reason: Reason) -> (&'static str, &'static str) {
    let code = reason.as_str();
    dataset::dictionary::REASONS.into_iter().find(|(known, _)| *known == code).map_or((code, code), |(_, words)| words)
}

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
    /// The day by which its month was due, as the manifest says; null where a withdrawn release's folder is gone.
    #[schema(example = "2025-07-30")]
    pub expected_on: Option<String>,
    /// The day of `admitted_at` in Indonesia's western time (UTC+7).
    #[schema(example = "2025-07-03")]
    pub published_on: Option<String>,
    /// By how many days the month came late: from the day it was due to the day of its first issue, 0 in time. A correction does not make a month late.
    #[schema(example = 0)]
    pub days_late: Option<u64>,
    /// The version of the catalogue it came with.
    #[schema(example = 7)]
    pub version: u64,
    /// current: it answers for its month; superseded: a later revision does; withdrawn: it was taken back.
    #[schema(example = "current")]
    pub status: String,
    /// The release that first published the rows: itself, or the one whose rows it repeats; null like `edition`.
    #[schema(example = "36.71-2025-04")]
    pub rows_from: Option<String>,
    /// What it corrects and why; null where it is a first issue.
    pub correction: Option<CorrectionView>,
    /// The revision that answers in its place; null where it answers itself or was withdrawn.
    #[schema(example = "36.71-2025-06-r2")]
    pub superseded_by: Option<String>,
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
            expected_on: one.expected_on.map(|day| day.to_string()),
            published_on: one.published_on().map(|day| day.to_string()),
            days_late: releases.days_late(one),
            version: one.version(),
            status: match standing {
                Standing::Current => "current",
                Standing::Superseded => "superseded",
                Standing::Withdrawn => "withdrawn",
            }
            .to_owned(),
            rows_from: one.rows_from.map(|release| release.to_string()),
            correction: one.correction.map(CorrectionView::from),
            superseded_by: (standing == Standing::Superseded)
                .then(|| releases.answers_for(one.release, version))
                .flatten()
                .map(|other| other.release.to_string()),
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
        "expected_on",
        "published_on",
        "days_late",
        "version",
        "status",
        "rows_from",
        "corrects",
        "correction_reason",
        "superseded_by",
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
            self.expected_on.clone().unwrap_or_default(),
            self.published_on.clone().unwrap_or_default(),
            self.days_late.map(|days| days.to_string()).unwrap_or_default(),
            self.version.to_string(),
            self.status.clone(),
            self.rows_from.clone().unwrap_or_default(),
            self.correction.as_ref().map(|correction| correction.of.clone()).unwrap_or_default(),
            self.correction.as_ref().map(|correction| correction.reason.code.clone()).unwrap_or_default(),
            self.superseded_by.clone().unwrap_or_default(),
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
    #[schema(value_type = Object, example = json!({"format": 3, "release": "36.71-2025-06"}))]
    pub manifest: serde_json::Value,
    /// SHA-256 of manifest.json, hex: what is signed and logged.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub manifest_sha256: String,
    /// The district's signed note over the manifest (manifest.sig).
    #[schema(example = "36.71-2025-06\n…\n\n— district-36.71 …")]
    pub signature: String,
    /// Its place in the transparency log.
    pub log: LogPlaceView,
    /// What a revision changed against the issue it corrects; null where it is a first issue, or where that issue was withdrawn.
    pub changes: Option<ChangesView>,
}

/// Where a release stands in the transparency log. That it does is proved by the
/// tiles below `/log/tile/`, from which anybody computes the path to the root of `/log/checkpoint`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "LogPlace")]
pub struct LogPlaceView {
    /// Index of its entry, from 0. The version it came with is one more, and is the size of the log then.
    #[schema(example = 6)]
    pub index: u64,
    /// Leaf hash of the entry (RFC 6962), hex: the hash at this index of the tiles of level 0.
    #[schema(example = "c2d4f1b0a9e8d7c6b5a4938271605f4e3d2c1b0a99887766554433221100ffee")]
    pub leaf_sha256: String,
}

/// What a revision changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Changes")]
pub struct ChangesView {
    /// The issue it is held against.
    #[schema(example = "36.71-2025-06")]
    pub of: String,
    /// Data files whose bytes differ, or that only one of the two has.
    #[schema(example = json!(["data/payments.csv"]))]
    pub files: Vec<String>,
    /// Figures of the whole district that differ.
    pub figures: Vec<ChangeView>,
}

/// A figure of the whole district before and after a correction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Change")]
pub struct ChangeView {
    /// The table.
    #[schema(example = "payments")]
    pub table: String,
    /// The program.
    #[schema(example = "PKH")]
    pub program: String,
    /// The measure.
    #[schema(example = "paid")]
    pub measure: String,
    /// The category; null where there is none.
    #[schema(example = json!(null))]
    pub category: Option<String>,
    /// The figure before; null where it was not observed.
    #[schema(example = 1401)]
    pub before: Option<u64>,
    /// Its status before; null where there was no such figure.
    #[schema(example = "observed")]
    pub status_before: Option<String>,
    /// The figure now; null where it is not observed.
    #[schema(example = 1412)]
    pub after: Option<u64>,
    /// Its status now; null where there is no such figure any more.
    #[schema(example = "observed")]
    pub status_after: Option<String>,
}

/// As much of a manifest as a comparison needs.
#[derive(Debug, Deserialize)]
struct Compared {
    control_totals: Vec<ControlTotal>,
    files: Vec<FileEntry>,
}

impl ChangesView {
    /// The difference of two manifests, as their files hold them.
    ///
    /// # Errors
    /// When one is not a manifest.
    pub fn between(of: &str, before: &str, after: &str) -> serde_json::Result<ChangesView> {
        let (before, after): (Compared, Compared) = (serde_json::from_str(before)?, serde_json::from_str(after)?);
        let mut files: BTreeMap<&str, [Option<&str>; 2]> = BTreeMap::new();
        let mut figures: BTreeMap<_, [Option<&ControlTotal>; 2]> = BTreeMap::new();
        for (at, manifest) in [&before, &after].into_iter().enumerate() {
            // The report names its release, so it always differs and tells nothing.
            for file in manifest.files.iter().filter(|file| file.path.starts_with("data/")) {
                files.entry(&file.path).or_default()[at] = Some(&file.sha256);
            }
            for total in &manifest.control_totals {
                let place = (total.table, &total.program, &total.measure, &total.category);
                figures.entry(place).or_default()[at] = Some(total);
            }
        }
        let value = |total: Option<&ControlTotal>| total.and_then(|total| total.value);
        let status = |total: Option<&ControlTotal>| total.map(|total| total.status.to_string());
        Ok(ChangesView {
            of: of.to_owned(),
            files: files.into_iter().filter(|(_, [before, after])| before != after).map(|(path, _)| path.to_owned()).collect(),
            figures: figures
                .into_iter()
                .filter(|(_, [before, after])| before != after)
                .map(|((table, program, measure, category), [before, after])| ChangeView {
                    table: table.to_string(),
                    program: program.to_string(),
                    measure: measure.clone(),
                    category: Some(category.clone()).filter(|category| !category.is_empty()),
                    before: value(before),
                    status_before: status(before),
                    after: value(after),
                    status_after: status(after),
                })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words_in_the_dictionary() {
        let known: Vec<&str> = dataset::dictionary::REASONS.iter().map(|(code, _)| *code).collect();
        assert_eq!(known, Reason::ALL.map(Reason::as_str));
        assert_eq!(words(Reason::Deaths).1, "recipients who had died were still counted");
    }
}
