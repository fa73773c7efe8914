//! Programs of social assistance: what each gives, to whom, and how to apply
//! or object. Everything here is shown to readers as it stands.

use std::sync::LazyLock;

use domain::{ProgramCode, Rupiah, Unit};

use crate::embedded::{parsed, text};

/// A text in Indonesian and in English.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Indonesian.
    pub id: String,
    /// English.
    pub en: String,
}

/// How often a program pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// Every month.
    Monthly,
    /// Once in a quarter.
    Quarterly,
    /// Once a year.
    Yearly,
    /// Once, or in single stages.
    Once,
    /// Every day.
    Daily,
}

impl Frequency {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Frequency::Monthly => "monthly",
            Frequency::Quarterly => "quarterly",
            Frequency::Yearly => "yearly",
            Frequency::Once => "once",
            Frequency::Daily => "daily",
        }
    }
}

/// How far an amount was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceStatus {
    /// Found in an official or news source.
    Verified,
    /// Verified, and no longer in force.
    Historical,
    /// Commonly known, but no source is at hand.
    Unverified,
}

/// What one component of a program gives at a time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// The component's key, such as `ibu_hamil`; `None` where a program has one amount.
    pub component: Option<String>,
    /// The component in Indonesian.
    pub component_id: Option<String>,
    /// The component in English.
    pub component_en: Option<String>,
    /// Rupiah, where it is money.
    pub rupiah: Option<u64>,
    /// Kilograms, where it is rice.
    pub kg: Option<u64>,
    /// `day`, `month`, `quarter`, `year`, `stage` or `once`.
    pub per: String,
    /// Rupiah in a full year, where that is known.
    pub per_year: Option<u64>,
    /// Whether the amount is an upper limit.
    #[serde(default)]
    pub maximum: bool,
    /// How far the amount was checked.
    pub source_status: SourceStatus,
}

/// A program of social assistance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its code, such as `PKH`.
    pub code: ProgramCode,
    /// Its name.
    pub name: Words,
    /// What it counts in.
    pub unit: Unit,
    /// Whether receiving it tells of health, childhood or disability (design: PRIVACY R1).
    pub sensitive: bool,
    /// How often it pays.
    pub frequency: Frequency,
    /// What it gives, by component; empty where amounts are not known.
    #[serde(rename(deserialize = "amount"), default)]
    pub amounts: Vec<Amount>,
    /// Rupiah per unit and payment where that is the same for every unit;
    /// `None` where it varies (PKH, PENA, PIP) or is not money (BERAS).
    pub fixed_amount: Option<Rupiah>,
    /// The last year of a program that has ended.
    pub ended: Option<u16>,
    /// Laws and regulations behind it, by their Indonesian titles.
    pub legal_basis: String,
    /// Who is entitled.
    pub entitled: Words,
    /// How to apply.
    pub how_to_apply: Words,
    /// How to object.
    pub how_to_object: Words,
}

#[derive(serde::Deserialize)]
struct File {
    program: Vec<Program>,
}

const FILE: &str = "programs.toml";

static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| parsed(toml::from_str::<File>(text(FILE)), FILE).program);

/// Every program, the most common first.
#[must_use]
pub fn programs() -> &'static [Program] {
    &PROGRAMS
}

/// The program with this code.
#[must_use]
pub fn program(code: &ProgramCode) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.code == *code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn get(code: &str) -> &'static Program {
        program(&code.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_programs_are_those_of_the_brief() {
        let codes: BTreeSet<&str> = programs().iter().map(|program| program.code.as_str()).collect();
        let expected = [
            "ATENSI",
            "BERAS",
            "BLTS_KESRA",
            "BLT_BBM",
            "BLT_DD",
            "BST",
            "PBI_JK",
            "PENA",
            "PERMAKANAN",
            "PIP",
            "PKH",
            "RUTILAHU",
            "SEMBAKO",
            "SEMBAKO_ADAPTIF",
            "YAPI",
        ];
        assert_eq!(codes, BTreeSet::from(expected));
        assert_eq!(programs().len(), codes.len());
        let sensitive: BTreeSet<&str> = programs().iter().filter(|p| p.sensitive).map(|p| p.code.as_str()).collect();
        assert_eq!(sensitive, BTreeSet::from(["ATENSI", "PERMAKANAN", "PIP", "YAPI"]));
    }

    #[test]
    fn what_money_rests_on() {
        let fixed = |code: &str| get(code).fixed_amount.map(Rupiah::get);
        for (code, amount, frequency) in [
            ("SEMBAKO", Some(600_000), Frequency::Quarterly),
            ("PBI_JK", Some(42_000), Frequency::Monthly),
            ("BLT_DD", Some(300_000), Frequency::Monthly),
            ("YAPI", Some(200_000), Frequency::Monthly),
            ("PKH", None, Frequency::Quarterly),
            ("PENA", None, Frequency::Once),
            ("PIP", None, Frequency::Yearly),
            ("BERAS", None, Frequency::Monthly),
        ] {
            assert_eq!((fixed(code), get(code).frequency), (amount, frequency), "{code}");
        }
        assert_eq!(get("PKH").amounts.len(), 8);
        assert_eq!(get("BERAS").amounts[0].kg, Some(10));
        assert_eq!(get("PBI_JK").unit, Unit::Person);
        assert_eq!(get("BLT_DD").unit, Unit::Family);
    }

    #[test]
    fn amounts_hold_together() {
        for program in programs() {
            for amount in &program.amounts {
                assert!(amount.rupiah.is_some() != amount.kg.is_some(), "{}", program.code);
                assert_eq!(amount.component.is_some(), amount.component_id.is_some() && amount.component_en.is_some());
                let times = match amount.per.as_str() {
                    "quarter" => 4,
                    "month" => 12,
                    "year" => 1,
                    "day" | "once" | "stage" => 0,
                    other => panic!("{}: {other}", program.code),
                };
                if let (Some(rupiah), Some(per_year)) = (amount.rupiah, amount.per_year) {
                    assert_eq!(rupiah * times, per_year, "{} {:?}", program.code, amount.component);
                }
            }
        }
    }

    #[test]
    fn both_languages_say_something_of_their_own() {
        for program in programs() {
            for words in [&program.name, &program.entitled, &program.how_to_apply, &program.how_to_object] {
                assert!(words.id.len() > 5 && words.en.len() > 5, "{}", program.code);
                assert!(words.id != words.en || program.code.as_str() == "BST", "{}", program.code);
            }
            assert!(!program.legal_basis.is_empty());
        }
    }
}
