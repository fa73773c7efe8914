//! What differs between two releases.

use domain::ReleaseId;
use release::changes::{Change, Figure, RowsChange, RowsOf};
use serde::Serialize;

use super::CorrectionView;

/// A figure in one of two releases.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Figure")]
pub struct FigureView {
    /// The figure: units or whole rupiah; null unless the status is observed.
    #[schema(example = 1468)]
    pub value: Option<u64>,
    /// observed, grouped, withheld or missing.
    #[schema(example = "observed")]
    pub status: String,
    /// The group that shows it, when grouped; else null.
    #[schema(example = "36.71.01~36.71.02")]
    pub group: Option<String>,
}

impl From<&Figure> for FigureView {
    fn from(figure: &Figure) -> FigureView {
        FigureView { value: figure.value, status: figure.status.to_string(), group: figure.group.as_ref().map(ToString::to_string) }
    }
}

/// A figure that is another in the later release, or that only one of the two has.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "FigureChange")]
pub struct FigureChangeView {
    /// The table.
    #[schema(example = "payments")]
    pub table: String,
    /// The area; a pool of areas has its codes joined by `~`.
    #[schema(example = "36.71.01")]
    pub area: String,
    /// The program; `SEMUA` where the figure is of no one program.
    #[schema(example = "PKH")]
    pub program: String,
    /// The measure.
    #[schema(example = "paid")]
    pub measure: String,
    /// The category within the measure; null where there is none.
    #[schema(example = json!(null))]
    pub category: Option<String>,
    /// The figure in the first release; null where it has none.
    pub before: Option<FigureView>,
    /// The figure in the second release; null where it has none.
    pub after: Option<FigureView>,
}

impl FigureChangeView {
    /// The columns of CSV.
    pub const COLUMNS: &'static [&'static str] =
        &["table", "area", "program", "measure", "category", "value_before", "status_before", "group_before", "value", "status", "group"];

    /// The fields, in the order of the columns.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let parts = |figure: &Option<FigureView>| {
            let figure = figure.as_ref();
            [
                figure.and_then(|figure| figure.value).map(|value| value.to_string()).unwrap_or_default(),
                figure.map(|figure| figure.status.clone()).unwrap_or_default(),
                figure.and_then(|figure| figure.group.clone()).unwrap_or_default(),
            ]
        };
        let named =
            [self.table.clone(), self.area.clone(), self.program.clone(), self.measure.clone(), self.category.clone().unwrap_or_default()];
        named.into_iter().chain(parts(&self.before)).chain(parts(&self.after)).collect()
    }
}

impl From<Change> for FigureChangeView {
    fn from(change: Change) -> FigureChangeView {
        FigureChangeView {
            table: change.table.to_string(),
            area: change.area.to_string(),
            program: change.program.to_string(),
            measure: change.measure,
            category: Some(change.category).filter(|category| !category.is_empty()),
            before: change.before.as_ref().map(FigureView::from),
            after: change.after.as_ref().map(FigureView::from),
        }
    }
}

/// How many figures of a table differ.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "TableChanges")]
pub struct TableChangesView {
    /// The table.
    #[schema(example = "payments")]
    pub table: String,
    /// In both releases, with another value, status or group.
    #[schema(example = 14)]
    pub changed: u64,
    /// In the second release only.
    #[schema(example = 0)]
    pub added: u64,
    /// In the first release only.
    #[schema(example = 0)]
    pub removed: u64,
}

/// Rows of a program in one of two releases.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "RowsOf")]
pub struct RowsOfView {
    /// Their edition.
    #[schema(example = "2025Q2")]
    pub edition: String,
    /// Rows of the anonymised list.
    #[schema(example = 1468)]
    pub rows: u64,
    /// Equivalence classes that the rows form.
    #[schema(example = 61)]
    pub atoms: u32,
}

impl From<&RowsOf> for RowsOfView {
    fn from(rows: &RowsOf) -> RowsOfView {
        RowsOfView { edition: rows.edition.to_string(), rows: rows.rows, atoms: rows.atoms }
    }
}

/// Rows of a program that are of another edition or number.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "RowsChange")]
pub struct RowsChangeView {
    /// The program.
    #[schema(example = "PKH")]
    pub program: String,
    /// Its rows in the first release; null where it has none.
    pub before: Option<RowsOfView>,
    /// Its rows in the second release; null where it has none.
    pub after: Option<RowsOfView>,
}

impl From<RowsChange> for RowsChangeView {
    fn from(change: RowsChange) -> RowsChangeView {
        RowsChangeView {
            program: change.program.to_string(),
            before: change.before.as_ref().map(RowsOfView::from),
            after: change.after.as_ref().map(RowsOfView::from),
        }
    }
}

/// A page of what differs between two releases.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "ReleaseChangesPage")]
pub struct ReleaseChangesPage {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether the people behind one of the releases are synthetic (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// The first release.
    #[schema(value_type = String, example = "36.71-2025-06")]
    pub before: ReleaseId,
    /// The second release.
    #[schema(value_type = String, example = "36.71-2025-06-r2")]
    pub after: ReleaseId,
    /// The reason, where the second release corrects the first; else null.
    pub correction: Option<CorrectionView>,
    /// How many figures differ, by table; tables in which none does are left out.
    pub tables: Vec<TableChangesView>,
    /// Programs whose rows are of another edition or number. Rows have no lasting ids, so no row is held against another; a filter by area or table leaves them as they are.
    pub rows: Vec<RowsChangeView>,
    /// How many figures differ.
    #[schema(example = 14)]
    pub total: u64,
    /// The figures of this page, by table, program, area, measure and category.
    pub data: Vec<FigureChangeView>,
    /// Address of the next page; null on the last one.
    #[schema(example = "/v1/releases/36.71-2025-06/changes/36.71-2025-06-r2?cursor=eyJmb3JtIjox")]
    pub next: Option<String>,
    /// The parameter `cursor` of the next page, for clients that call by parameters; null on the last one.
    #[schema(example = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt")]
    pub next_cursor: Option<String>,
}
