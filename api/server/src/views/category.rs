//! The categories of tables in words: what a table's third dimension can say.

use dataset::dictionary::{self, Category};
use domain::Table;
use serde::Serialize;

use super::WordsView;

/// A code with its words.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Term")]
pub struct TermView {
    /// The code as figures write it.
    #[schema(example = "observed")]
    pub code: String,
    /// What it means.
    pub name: WordsView,
}

impl TermView {
    /// A code with its words.
    #[must_use]
    pub fn new(code: &str, words: (&str, &str)) -> TermView {
        TermView { code: code.to_owned(), name: words.into() }
    }
}

/// A category of a measure.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Category")]
pub struct CategoryView {
    /// The measure it belongs to.
    #[schema(example = "units")]
    pub measure: String,
    /// The category as figures and the parameter `category` write it.
    #[schema(example = "not_found")]
    pub category: String,
    /// What it means.
    pub name: WordsView,
}

impl From<Category> for CategoryView {
    fn from(one: Category) -> CategoryView {
        CategoryView { measure: one.measure.to_owned(), category: one.code.to_owned(), name: one.name.into() }
    }
}

/// The categories a table's measures can have, single ones; classes join
/// several by `~`. Empty where the table has none.
#[must_use]
pub fn categories(table: Table) -> Vec<CategoryView> {
    dictionary::categories(table).into_iter().map(CategoryView::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_and_category_has_words() {
        for table in Table::ALL {
            for one in categories(table) {
                assert!(table.measures().contains(&one.measure.as_str()), "{table} {}", one.measure);
                assert!(!one.name.id.is_empty() && !one.name.en.is_empty(), "{table} {}", one.category);
            }
        }
        assert_eq!(categories(Table::Verification).len(), domain::Outcome::ALL.len());
        assert_eq!(categories(Table::Findings).len(), 5 + 2);
        assert_eq!(categories(Table::Targeting).len(), 2 * 11);
        assert_eq!(categories(Table::Reports).len(), 3 * 12);
        // Whatever a class can join has words.
        for table in Table::ALL {
            for word in table.classes().unwrap_or_default() {
                assert!(categories(table).iter().any(|one| one.category == *word), "{table} {word}");
            }
        }
        assert_eq!(categories(Table::Demographics).len(), 4 + 6 + 5);
        assert!(categories(Table::Overlaps).iter().all(|one| one.category != "YAPI"));
    }
}
