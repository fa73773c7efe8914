//! The dictionary: what every field and measure is.

use dataset::dictionary::{self, Dataset, Field, Measure};
use serde::Serialize;

use super::category::TermView;
use super::{Record, WordsView};

/// A field of a dataset, or a measure of a statistics table: a table has one
/// column of values, so that its measures are described like fields.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "DictionaryEntry")]
pub struct DictionaryView {
    /// The dataset.
    #[schema(example = "totals")]
    pub dataset: String,
    /// The field.
    #[schema(example = "value")]
    pub field: String,
    /// The measure of the field `value` that the entry is about; null where it is about a field.
    #[schema(example = "units")]
    pub measure: Option<String>,
    /// code, count, month or text.
    #[schema(example = "count")]
    pub r#type: String,
    /// Whether it may be empty.
    #[schema(example = true)]
    pub optional: bool,
    /// Its title.
    pub title: WordsView,
    /// Satu Data's konsep: the idea behind it.
    pub concept: WordsView,
    /// Satu Data's definisi: what it says and what it does not.
    pub definition: WordsView,
    /// Satu Data's klasifikasi: by what its values are ordered.
    pub classification: WordsView,
    /// Satu Data's ukuran: what kind of quantity it is.
    pub quantity: WordsView,
    /// Satu Data's satuan: what it is counted in.
    pub unit: WordsView,
    /// Where its values come from.
    pub source: WordsView,
    /// What every value looks like, as a regular expression; null where any value of the type can stand.
    #[schema(example = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub pattern: Option<String>,
    /// The codes it can have, in words; empty where there is no list of them.
    pub codes: Vec<TermView>,
}

impl DictionaryView {
    fn of_field(dataset: &Dataset, field: &Field) -> DictionaryView {
        DictionaryView {
            dataset: dataset.name.to_owned(),
            field: field.name.to_owned(),
            measure: None,
            r#type: field.kind.as_str().to_owned(),
            optional: field.optional,
            title: field.title.into(),
            concept: field.concept.into(),
            definition: field.description.into(),
            classification: field.classification.into(),
            quantity: field.measure.into(),
            unit: field.unit.into(),
            source: field.source.into(),
            pattern: field.pattern.map(str::to_owned),
            codes: dictionary::codes(dataset, field).iter().map(|term| TermView::new(term.code, term.name)).collect(),
        }
    }

    fn of_measure(dataset: &Dataset, table: domain::Table, one: &Measure) -> DictionaryView {
        let codes = dictionary::categories(table).into_iter().filter(|each| each.measure == one.name);
        DictionaryView {
            dataset: dataset.name.to_owned(),
            field: "value".to_owned(),
            measure: Some(one.name.to_owned()),
            r#type: dictionary::Kind::Count.as_str().to_owned(),
            optional: true,
            title: one.title.into(),
            concept: one.concept.into(),
            definition: one.description.into(),
            classification: one.classification.into(),
            quantity: one.measure.into(),
            unit: one.unit.into(),
            source: one.source.into(),
            pattern: None,
            codes: codes.map(|each| TermView::new(each.code, each.name)).collect(),
        }
    }

    /// Every entry: by dataset, its fields and then its measures.
    #[must_use]
    pub fn all() -> Vec<DictionaryView> {
        let mut all = Vec::new();
        for dataset in dictionary::all() {
            all.extend(dataset.fields.iter().map(|field| DictionaryView::of_field(&dataset, field)));
            if let Some(table) = dataset.table() {
                all.extend(dictionary::measures(table).iter().map(|one| DictionaryView::of_measure(&dataset, table, one)));
            }
        }
        all
    }
}

impl Record for DictionaryView {
    const COLUMNS: &'static [&'static str] = &[
        "dataset",
        "field",
        "measure",
        "type",
        "optional",
        "title_id",
        "title_en",
        "konsep",
        "concept",
        "definisi",
        "definition",
        "klasifikasi",
        "classification",
        "ukuran",
        "quantity",
        "satuan",
        "unit",
        "sumber",
        "source",
        "pattern",
        "codes",
    ];

    fn fields(&self) -> Vec<String> {
        let mut fields = vec![
            self.dataset.clone(),
            self.field.clone(),
            self.measure.clone().unwrap_or_default(),
            self.r#type.clone(),
            self.optional.to_string(),
        ];
        for words in [&self.title, &self.concept, &self.definition, &self.classification, &self.quantity, &self.unit, &self.source] {
            fields.extend([words.id.clone(), words.en.clone()]);
        }
        fields.push(self.pattern.clone().unwrap_or_default());
        fields.push(self.codes.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(" "));
        fields
    }
}
