//! Datasets: the files of releases.

use serde::Serialize;

use super::{Record, WordsView};

/// One file.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Distribution")]
pub struct DistributionView {
    /// The dataset.
    #[schema(example = "recipients")]
    pub dataset: String,
    /// The release it belongs to.
    #[schema(example = "36.71-2025-06")]
    pub release: String,
    /// The kabupaten/kota.
    #[schema(example = "36.71")]
    pub area: String,
    /// The month.
    #[schema(example = "2025-06")]
    pub period: String,
    /// The format.
    #[schema(example = "csv")]
    pub format: String,
    /// The media type.
    #[schema(example = "text/csv; charset=utf-8")]
    pub media_type: String,
    /// Its lasting address; the bytes behind it never change.
    #[schema(example = "/v1/datasets/recipients/36.71-2025-06/recipients.csv")]
    pub url: String,
    /// Size in bytes.
    #[schema(example = 104_857)]
    pub bytes: u64,
    /// Lines of data, the header not counted; 0 for a file that is no table, such as a manifest.
    #[schema(example = 1468)]
    pub rows: u64,
    /// SHA-256 of the file, hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

impl Record for DistributionView {
    const COLUMNS: &'static [&'static str] =
        &["dataset", "release", "area", "period", "format", "media_type", "url", "bytes", "rows", "sha256"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.dataset.clone(),
            self.release.clone(),
            self.area.clone(),
            self.period.clone(),
            self.format.clone(),
            self.media_type.clone(),
            self.url.clone(),
            self.bytes.to_string(),
            self.rows.to_string(),
            self.sha256.clone(),
        ]
    }
}

/// A dataset with its files.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Dataset")]
pub struct DatasetView {
    /// Its word in addresses.
    #[schema(example = "recipients")]
    pub dataset: String,
    /// What it holds.
    pub title: WordsView,
    /// Its files: those of the releases that answer, by district and month.
    pub distributions: Vec<DistributionView>,
}

impl Record for DatasetView {
    const COLUMNS: &'static [&'static str] = &["dataset", "title_id", "title_en", "files", "bytes", "rows"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.dataset.clone(),
            self.title.id.clone(),
            self.title.en.clone(),
            self.distributions.len().to_string(),
            self.distributions.iter().map(|file| file.bytes).sum::<u64>().to_string(),
            self.distributions.iter().map(|file| file.rows).sum::<u64>().to_string(),
        ]
    }
}

/// A page of one dataset's files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "DistributionsPage")]
pub struct DistributionsPage {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether the files are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// The dataset.
    #[schema(example = "recipients")]
    pub dataset: String,
    /// What it holds.
    pub title: WordsView,
    /// How many files the whole list has.
    #[schema(example = 30)]
    pub total: u64,
    /// The files of this page, by district and month.
    pub data: Vec<DistributionView>,
    /// Address of the next page; null on the last one.
    #[schema(example = "/v1/datasets/recipients?cursor=eyJmb3JtIjox")]
    pub next: Option<String>,
    /// The parameter `cursor` of the next page, for clients that call by parameters; null on the last one.
    #[schema(example = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt")]
    pub next_cursor: Option<String>,
}
