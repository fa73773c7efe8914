//! Programs.

use reference::{Amount, Program};
use serde::Serialize;

use super::{Record, WordsView};

/// What one component of a program gives at a time.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Amount")]
pub struct AmountView {
    /// The component's key; null where a program has one amount.
    #[schema(example = "ibu_hamil")]
    pub component: Option<String>,
    /// The component in words; null where a program has one amount.
    pub component_name: Option<WordsView>,
    /// Whole rupiah; null where it is not money.
    #[schema(example = 750_000)]
    pub rupiah: Option<u64>,
    /// Kilograms; null where it is not rice.
    #[schema(example = 10)]
    pub kg: Option<u64>,
    /// For how long, or for what: day, month, quarter, year, stage or once.
    #[schema(example = "quarter")]
    pub per: String,
    /// Whole rupiah in a full year, where that is known.
    #[schema(example = 3_000_000)]
    pub per_year: Option<u64>,
    /// Whether the amount is an upper limit.
    #[schema(example = false)]
    pub maximum: bool,
    /// How far the amount was checked: verified, historical or unverified.
    #[schema(example = "verified")]
    pub source_status: String,
}

/// A program of social assistance.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Program")]
pub struct ProgramView {
    /// Code.
    #[schema(example = "PKH")]
    pub code: String,
    /// Name.
    pub name: WordsView,
    /// What it counts in: family or person.
    #[schema(example = "family")]
    pub unit: String,
    /// Whether receiving it tells of health, childhood or disability; such programs have no rows.
    #[schema(example = false)]
    pub sensitive: bool,
    /// How often it pays: monthly, quarterly, yearly, once or daily.
    #[schema(example = "quarterly")]
    pub frequency: String,
    /// What it gives, by component.
    pub amounts: Vec<AmountView>,
    /// Whole rupiah per unit and payment where that is the same for every unit; else null.
    #[schema(example = 600_000)]
    pub fixed_amount: Option<u64>,
    /// The last year of a program that has ended; else null.
    #[schema(example = 2025)]
    pub ended: Option<u16>,
    /// Laws and regulations behind it.
    #[schema(example = "Permensos 1/2018")]
    pub legal_basis: String,
    /// Who is entitled.
    pub entitled: WordsView,
    /// How to apply.
    pub how_to_apply: WordsView,
    /// How to object.
    pub how_to_object: WordsView,
}

impl From<&Amount> for AmountView {
    fn from(amount: &Amount) -> AmountView {
        AmountView {
            component: amount.component.clone(),
            component_name: match (&amount.component_id, &amount.component_en) {
                (Some(id), Some(en)) => Some(WordsView { id: id.clone(), en: en.clone() }),
                _ => None,
            },
            rupiah: amount.rupiah,
            kg: amount.kg,
            per: amount.per.clone(),
            per_year: amount.per_year,
            maximum: amount.maximum,
            source_status: match amount.source_status {
                reference::SourceStatus::Verified => "verified",
                reference::SourceStatus::Historical => "historical",
                reference::SourceStatus::Unverified => "unverified",
            }
            .to_owned(),
        }
    }
}

impl From<&Program> for ProgramView {
    fn from(program: &Program) -> ProgramView {
        ProgramView {
            code: program.code.to_string(),
            name: (&program.name).into(),
            unit: match program.unit {
                domain::Unit::Family => "family",
                domain::Unit::Person => "person",
            }
            .to_owned(),
            sensitive: program.sensitive,
            frequency: program.frequency.as_str().to_owned(),
            amounts: program.amounts.iter().map(Into::into).collect(),
            fixed_amount: program.fixed_amount.map(domain::Rupiah::get),
            ended: program.ended,
            legal_basis: program.legal_basis.clone(),
            entitled: (&program.entitled).into(),
            how_to_apply: (&program.how_to_apply).into(),
            how_to_object: (&program.how_to_object).into(),
        }
    }
}

impl Record for ProgramView {
    const COLUMNS: &'static [&'static str] =
        &["code", "name_id", "name_en", "unit", "sensitive", "frequency", "fixed_amount", "ended", "legal_basis"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.id.clone(),
            self.name.en.clone(),
            self.unit.clone(),
            self.sensitive.to_string(),
            self.frequency.clone(),
            self.fixed_amount.map(|amount| amount.to_string()).unwrap_or_default(),
            self.ended.map(|year| year.to_string()).unwrap_or_default(),
            self.legal_basis.clone(),
        ]
    }
}
