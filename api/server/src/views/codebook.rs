//! The codebook of anonymised rows.

use domain::codebook::{ATTRIBUTES, Attribute};
use serde::Serialize;

use super::WordsView;

/// One label of an attribute.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Label")]
pub struct LabelView {
    /// The label as rows and filters write it.
    #[schema(example = "18-59")]
    pub code: String,
    /// The next more general label; null for `*`.
    #[schema(example = "*")]
    pub parent: Option<String>,
    /// The label in words.
    pub name: WordsView,
    /// Approximate share of the inhabitants that the label stands for, in thousandths.
    #[schema(example = 613)]
    pub share_permille: u32,
}

/// An attribute of rows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Attribute")]
pub struct AttributeView {
    /// The column's and parameter's name.
    #[schema(example = "age_band")]
    pub attribute: String,
    /// The attribute in words.
    pub name: WordsView,
    /// Every label, parents before children.
    pub labels: Vec<LabelView>,
}

/// Every attribute with its hierarchy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Codebook")]
pub struct CodebookView {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// The attributes, in the order in which they are kept when rows are generalised.
    pub data: Vec<AttributeView>,
}

impl CodebookView {
    /// The codebook at `version`.
    #[must_use]
    pub fn new(version: u64) -> CodebookView {
        CodebookView { version, data: ATTRIBUTES.into_iter().map(Into::into).collect() }
    }
}

impl From<&Attribute> for AttributeView {
    fn from(attribute: &Attribute) -> AttributeView {
        AttributeView {
            attribute: attribute.name.to_owned(),
            name: attribute.words.into(),
            labels: attribute
                .labels
                .iter()
                .map(|label| LabelView {
                    code: label.code.to_owned(),
                    parent: label.parent.map(str::to_owned),
                    name: label.words.into(),
                    share_permille: label.share_permille,
                })
                .collect(),
        }
    }
}
