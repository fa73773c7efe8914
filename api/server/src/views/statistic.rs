//! Figures.

use dataset::dictionary;
use domain::{Cell, Table};
use serde::Serialize;

use super::category::{CategoryView, TermView};
use super::{WordsView, categories};

/// A published figure. A value and a status: observed, grouped, withheld and
/// missing are four things, and none of them is zero.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Cell")]
pub struct CellView {
    /// The area it is about; a pool of areas has its codes joined by `~`.
    #[schema(example = "36.71.01")]
    pub area: String,
    /// The program; `SEMUA` where the figure is of no one program.
    #[schema(example = "PKH")]
    pub program: String,
    /// The month.
    #[schema(example = "2025-06")]
    pub period: String,
    /// The measure.
    #[schema(example = "units")]
    pub measure: String,
    /// The category within the measure (see /v1/statistics); categories shown only together are joined by `~`. Null where there is none.
    #[schema(example = "not_found")]
    pub category: Option<String>,
    /// The figure: units or whole rupiah; null unless the status is observed.
    #[schema(example = 1468)]
    pub value: Option<u64>,
    /// observed; grouped: shown only within `group`; withheld: 0 to 10; missing: not collected or not yet publishable.
    #[schema(example = "observed")]
    pub status: String,
    /// The group that shows it, when grouped; else null.
    #[schema(example = "36.71.01~36.71.02")]
    pub group: Option<String>,
    /// The release that first published it: an earlier one where an older figure still stands.
    #[schema(example = "36.71-2025-06")]
    pub release: String,
    /// The month the figure was taken in: differs from `period` where an older figure still stands.
    #[schema(example = "2025-06")]
    pub as_of: String,
}

impl CellView {
    /// The columns of CSV, as in the release's files.
    pub const COLUMNS: &'static [&'static str] =
        &["area", "program", "period", "measure", "category", "value", "status", "group", "release", "as_of"];

    /// The fields, in the order of the columns.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        vec![
            self.area.clone(),
            self.program.clone(),
            self.period.clone(),
            self.measure.clone(),
            self.category.clone().unwrap_or_default(),
            self.value.map(|value| value.to_string()).unwrap_or_default(),
            self.status.clone(),
            self.group.clone().unwrap_or_default(),
            self.release.clone(),
            self.as_of.clone(),
        ]
    }
}

impl From<Cell> for CellView {
    fn from(cell: Cell) -> CellView {
        CellView {
            area: cell.area.to_string(),
            program: cell.program.to_string(),
            period: cell.period.to_string(),
            measure: cell.measure,
            category: Some(cell.category).filter(|category| !category.is_empty()),
            value: cell.value,
            status: cell.status.to_string(),
            group: cell.group.map(|group| group.to_string()),
            release: cell.release.to_string(),
            as_of: cell.as_of.to_string(),
        }
    }
}

/// A district that publishes, with the release that answers for it now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Publisher")]
pub struct PublisherView {
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
}

/// A figure above kabupaten/kota: it is missing, since nothing is summed over
/// districts. Ask for the districts named.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Missing")]
pub struct MissingView {
    /// The provinsi.
    #[schema(example = "36")]
    pub area: String,
    /// Its name.
    #[schema(example = "Banten")]
    pub name: String,
    /// Always null.
    #[schema(example = json!(null))]
    pub value: Option<u64>,
    /// Always `missing`.
    #[schema(example = "missing")]
    pub status: String,
    /// The districts in it that publish.
    pub districts: Vec<PublisherView>,
}

/// A page of figures.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "CellsPage")]
pub struct CellsPage {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether figures of the answer are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// How many figures the whole answer has.
    #[schema(example = 825)]
    pub total: u64,
    /// Areas above kabupaten/kota that were asked for; empty otherwise.
    pub missing: Vec<MissingView>,
    /// The figures of this page, by district, month, program, area, measure and category.
    pub data: Vec<CellView>,
    /// Address of the next page; null on the last one.
    #[schema(example = "/v1/statistics/totals?area=36.71&cursor=eyJmb3JtIjox")]
    pub next: Option<String>,
    /// The parameter `cursor` of the next page, for clients that call by parameters; null on the last one.
    #[schema(example = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt")]
    pub next_cursor: Option<String>,
}

/// What a statistics table holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "StatisticsTable")]
pub struct TableView {
    /// Its word in addresses.
    #[schema(example = "totals")]
    pub table: String,
    /// What it holds.
    pub title: WordsView,
    /// By which rules its figures are shown.
    pub rules: WordsView,
    /// What a figure is broken down by.
    #[schema(example = json!(["area", "program", "period", "measure", "category"]))]
    pub dimensions: Vec<String>,
    /// Its measures; those ending in _rupiah are whole rupiah, the others units of the program.
    #[schema(example = json!(["units"]))]
    pub measures: Vec<String>,
    /// The measures in words, in the same order.
    pub measure_words: Vec<TermView>,
    /// The categories of each measure, in words; empty where the table has none. Figures can join several by `~`.
    pub categories: Vec<CategoryView>,
    /// What a figure's status can be.
    #[schema(example = json!(["observed", "grouped", "withheld", "missing"]))]
    pub statuses: Vec<String>,
    /// The statuses in words, in the same order.
    pub status_words: Vec<TermView>,
    /// Address of the figures.
    #[schema(example = "/v1/statistics/totals")]
    pub url: String,
}

impl TableView {
    /// The description of a table.
    #[must_use]
    pub fn new(table: Table) -> TableView {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        TableView {
            table: table.to_string(),
            title: dictionary::title(table).into(),
            rules: dictionary::rules(table).into(),
            dimensions: words(&["area", "program", "period", "measure", "category"]),
            measures: words(table.measures()),
            measure_words: dictionary::measures(table).iter().map(|one| TermView::new(one.name, one.title)).collect(),
            categories: categories(table),
            statuses: domain::Status::ALL.iter().map(ToString::to_string).collect(),
            status_words: domain::Status::ALL.into_iter().map(|each| TermView::new(each.as_str(), dictionary::status(each))).collect(),
            url: format!("/v1/statistics/{table}"),
        }
    }
}

impl super::Record for TableView {
    const COLUMNS: &'static [&'static str] = &["table", "title_id", "title_en", "measures", "categories", "url"];

    fn fields(&self) -> Vec<String> {
        let mut categories: Vec<&str> = Vec::new();
        for one in &self.categories {
            if !categories.contains(&one.category.as_str()) {
                categories.push(&one.category);
            }
        }
        vec![
            self.table.clone(),
            self.title.id.clone(),
            self.title.en.clone(),
            self.measures.join(" "),
            categories.join(" "),
            self.url.clone(),
        ]
    }
}
