//! How answers look. A view is not a row: it is written for the reader, and it
//! may stay as it is while the catalogue changes, and the other way round.

mod area;
mod category;
mod change;
mod codebook;
mod dataset;
mod dictionary;
mod entry;
pub mod feed;
mod program;
mod recipient;
mod release;
mod statistic;

use serde::Serialize;

pub use area::{AreaDetailView, AreaView, ChildView, ParentView, PopulationView};
pub use category::{CategoryView, TermView, categories};
pub use change::{FigureChangeView, FigureView, ReleaseChangesPage, RowsChangeView, RowsOfView, TableChangesView};
pub use codebook::{AttributeView, CodebookView, LabelView};
pub use dataset::{DatasetView, DistributionView, DistributionsPage};
pub use dictionary::DictionaryView;
pub use entry::{DistrictView, EntryView, LicenseView, LimitView, LinksView, NextView};
pub use program::{AmountView, ProgramView};
pub use recipient::{EditionView, ListWords, RecipientView, RecipientsPage};
pub use release::{ChangeView, ChangesView, CorrectionView, LogPlaceView, ReleaseDetailView, ReleaseView};
pub use statistic::{CellView, CellsPage, MissingView, PublisherView, TableView};

/// A text in both languages.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Words")]
pub struct WordsView {
    /// Indonesian.
    #[schema(example = "Program Keluarga Harapan")]
    pub id: String,
    /// English.
    #[schema(example = "Family Hope Program")]
    pub en: String,
}

impl From<&reference::Words> for WordsView {
    fn from(words: &reference::Words) -> WordsView {
        WordsView { id: words.id.clone(), en: words.en.clone() }
    }
}

impl From<(&str, &str)> for WordsView {
    fn from((id, en): (&str, &str)) -> WordsView {
        WordsView { id: id.into(), en: en.into() }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether figures behind the answer are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// How many items the whole list has.
    #[schema(example = 123)]
    pub total: u64,
    /// The items of this page.
    pub data: Vec<T>,
    /// Address of the next page; null on the last one.
    #[schema(example = "/v1/areas?level=kecamatan&cursor=eyJmb3JtIjox")]
    pub next: Option<String>,
    /// The parameter `cursor` of the next page, for clients that call by parameters; null on the last one.
    #[schema(example = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt")]
    pub next_cursor: Option<String>,
}

/// The cursor in the address of a next page: its last parameter.
#[must_use]
pub fn cursor_of(next: Option<&str>) -> Option<String> {
    next.and_then(|next| next.rsplit_once("cursor=")).map(|(_, cursor)| cursor.to_owned())
}

/// An item that also has a flat form for CSV.
pub trait Record: Serialize {
    /// The columns.
    const COLUMNS: &'static [&'static str];
    /// The fields, in the order of the columns.
    fn fields(&self) -> Vec<String>;
}

/// Writes a line of CSV (RFC 4180). A cell that a spreadsheet would run as a
/// formula gets an apostrophe before it.
pub fn write_csv<S: AsRef<str>>(fields: &[S], out: &mut Vec<u8>) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let field = field.as_ref();
        let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if field.contains(['"', ',', '\n', '\r']) {
            out.push(b'"');
            if formula {
                out.push(b'\'');
            }
            out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            if formula {
                out.push(b'\'');
            }
            out.extend_from_slice(field.as_bytes());
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_quoted_and_runs_nothing() {
        let mut out = Vec::new();
        write_csv(&["a", "b,c", "d\"e", "=1+1", "-1,\n2", ""], &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a,\"b,c\",\"d\"\"e\",'=1+1,\"'-1,\n2\",\n");
    }
}
