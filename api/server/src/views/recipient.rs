//! Rows of the anonymised list.

use domain::{AreaCode, EditionId, ProgramCode};
use serde::Serialize;

use catalogue::queries::recipients::AtomView;

/// An anonymised row. It has no identity: rows of one atom are equal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Recipient")]
pub struct RecipientView<'a> {
    /// District, edition, program, atom and place in it. The place says nothing: which person stands in it is a secret shuffle.
    #[schema(example = "36.71-2025Q2/PKH/00412/07")]
    pub id: String,
    /// Edition.
    #[schema(example = "2025Q2")]
    pub edition: &'a str,
    /// Program.
    #[schema(example = "PKH")]
    pub program: &'a str,
    /// The finest area the row keeps; a pool of areas has its codes joined by `~`.
    #[schema(example = "36.71.01.1001")]
    pub area: &'a str,
    /// Sex of the named cardholder (see /v1/codebook).
    #[schema(example = "F")]
    pub sex: &'a str,
    /// Age band of the named cardholder (see /v1/codebook).
    #[schema(example = "40-49")]
    pub age_band: &'a str,
    /// Family size (see /v1/codebook).
    #[schema(example = "3-4")]
    pub family_size: &'a str,
}

/// What all rows of one list say alike.
#[derive(Debug)]
pub struct ListWords {
    /// The id up to the atom's number.
    head: String,
    edition: String,
    program: ProgramCode,
}

impl ListWords {
    /// The words of a program's rows in a district's edition.
    #[must_use]
    pub fn new(district: AreaCode, edition: EditionId, program: &ProgramCode) -> ListWords {
        ListWords { head: format!("{district}-{edition}/{program}/"), edition: edition.to_string(), program: program.clone() }
    }

    /// The row at `place` of an atom. Its id is that of [`domain::RowId`].
    #[must_use]
    pub fn row<'a>(&'a self, atom: &AtomView<'a>, place: u32) -> RecipientView<'a> {
        RecipientView {
            id: format!("{}{:05}/{place:02}", self.head, atom.atom),
            edition: &self.edition,
            program: self.program.as_str(),
            area: atom.area,
            sex: atom.sex,
            age_band: atom.age_band,
            family_size: atom.family_size,
        }
    }
}

impl RecipientView<'_> {
    /// The columns of CSV, as in the release's files.
    pub const COLUMNS: &'static [&'static str] = &["id", "edition", "program", "area", "sex", "age_band", "family_size"];

    /// The fields, in the order of the columns.
    #[must_use]
    pub fn fields(&self) -> [&str; 7] {
        [&self.id, self.edition, self.program, self.area, self.sex, self.age_band, self.family_size]
    }
}

/// An edition that rows of the answer come from.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Edition")]
pub struct EditionView {
    /// The kabupaten/kota.
    #[schema(example = "36.71")]
    pub area: String,
    /// The edition.
    #[schema(example = "2025Q2")]
    pub edition: String,
    /// The month its rows were taken in.
    #[schema(example = "2025-04")]
    pub as_of: String,
    /// The release that it is answered from.
    #[schema(example = "36.71-2025-06")]
    pub release: String,
}

/// A page of rows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "RecipientsPage")]
pub struct RecipientsPage<'a> {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether rows of the answer are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// Rows that surely match: their labels equal the filters or lie inside them.
    #[schema(example = 1234)]
    pub total: u64,
    /// Further rows, so generalised that they may match. They are counted here and not listed.
    #[schema(example = 56)]
    pub possible: u64,
    /// The editions that were asked, one a district.
    pub editions: Vec<EditionView>,
    /// The rows of this page, by district, program, atom and place.
    pub data: Vec<RecipientView<'a>>,
    /// Address of the next page; null on the last one.
    #[schema(example = "/v1/recipients?area=36.71.01&program=PKH&cursor=eyJmb3JtIjox")]
    pub next: Option<String>,
    /// The parameter `cursor` of the next page, for clients that call by parameters; null on the last one.
    #[schema(example = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt")]
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::RowId;

    #[test]
    fn an_id_is_that_of_a_row() {
        let (district, edition, program): (AreaCode, EditionId, ProgramCode) =
            ("36.71".parse().unwrap(), "2025Q2-r2".parse().unwrap(), "PBI_JK".parse().unwrap());
        let words = ListWords::new(district, edition, &program);
        for (atom, place) in [(1, 1), (412, 7), (99_999, 99), (100_000, 100)] {
            let view = AtomView { atom, area: "36.71", sex: "F", age_band: "*", family_size: "*", units: 200 };
            let id = RowId { district, edition, program: program.clone(), atom, place };
            assert_eq!(words.row(&view, place).id, id.to_string());
        }
    }
}
