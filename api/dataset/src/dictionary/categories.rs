//! The categories of tables: what a table's third dimension can say.

use domain::vocabulary::DESIL_WORDS;
use domain::{ComplaintCategory, Freshness, LeaveReason, Outcome, PersonFinding, Table, codebook};

use super::Words;
use super::words::{DESIL, RECORDS, SOURCES, complaint, finding, freshness, outcome, reason};

/// A category of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// The measure it belongs to.
    pub measure: &'static str,
    /// The category as files write it.
    pub code: &'static str,
    /// What it means.
    pub name: Words,
}

/// The categories a table's measures can have, single ones; classes join
/// several by `~`. Empty where the table has none.
#[must_use]
pub fn categories(table: Table) -> Vec<Category> {
    let one = |measure: &'static str, code: &'static str, name: Words| Category { measure, code, name };
    match table {
        Table::Totals | Table::Payments | Table::Plan => Vec::new(),
        Table::Flows => LeaveReason::ALL.into_iter().map(|each| one("left", each.as_str(), reason(each))).collect(),
        Table::Coverage => {
            let of_people = SOURCES.iter().filter(|(code, _)| *code != "plan");
            let people = of_people.flat_map(|(code, words)| table.measures()[..2].iter().map(|measure| one(measure, code, *words)));
            let plan = SOURCES.iter().filter(|(code, _)| *code == "plan");
            people.chain(plan.flat_map(|(code, words)| table.measures()[2..].iter().map(|measure| one(measure, code, *words)))).collect()
        }
        Table::Demographics => codebook::ATTRIBUTES
            .into_iter()
            .flat_map(|attribute| {
                let shown: &[&str] = match attribute.name {
                    "sex" => &["F", "M"],
                    "age_band" => &["0-17", "18-39", "40-59", "60+"],
                    _ => &["1-2", "3-4", "5+"],
                };
                let labels = shown.iter().filter_map(|code| attribute.label(code).ok()).map(|label| (label.code, label.words));
                labels
                    .chain([
                        (codebook::UNKNOWN, ("Tidak tercatat di sumber", "Not recorded in the source")),
                        (
                            codebook::ANY,
                            ("Tidak dirinci, agar penerima tidak dikenali", "Not broken down, so that nobody can be recognised"),
                        ),
                    ])
                    .map(|(code, words)| one(attribute.name, code, words))
                    .collect::<Vec<_>>()
            })
            .collect(),
        Table::Overlaps => {
            let open = reference::programs().iter().filter(|program| !program.sensitive);
            open.flat_map(|program| {
                table
                    .measures()
                    .iter()
                    .map(|measure| one(measure, program.code.as_str(), (program.name.id.as_str(), program.name.en.as_str())))
            })
            .collect()
        }
        Table::Verification => Outcome::ALL.into_iter().map(|each| one("units", each.as_str(), outcome(each))).collect(),
        Table::Freshness => Freshness::ALL.into_iter().map(|each| one("units", each.as_str(), freshness(each))).collect(),
        Table::Findings => {
            let people = PersonFinding::ALL.into_iter().map(|each| one("units", each.as_str(), finding(each)));
            people.chain(RECORDS.map(|(code, words)| one("records", code, words))).collect()
        }
        Table::Deciles | Table::Targeting => {
            let of = |measure: &&'static str| {
                DESIL_WORDS.into_iter().zip(DESIL).map(|(code, words)| one(measure, code, words)).collect::<Vec<_>>()
            };
            table.measures().iter().flat_map(of).collect()
        }
        Table::Reports => {
            let of = |measure: &&'static str| ComplaintCategory::ALL.map(|each| one(measure, each.as_str(), complaint(each)));
            table.measures().iter().flat_map(of).collect()
        }
    }
}
