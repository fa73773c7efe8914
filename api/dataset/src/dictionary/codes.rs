//! The lists that codes are of, each with its words.

use domain::{ProgramCode, Status, Table, Unit, codebook};
use reference::Frequency;

use super::words::{ANSWERS, REASONS, SOURCES, frequency, kind, status, unit};
use super::{Dataset, Field, Words, categories, measures, title};

/// Which list the codes of a field are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codes {
    /// None: the values are no codes, or made by a rule (a release's id).
    None,
    /// Kemendagri's codes of areas: too many to list here.
    Areas,
    /// Labels of the codebook.
    Sex,
    /// Labels of the codebook.
    AgeBand,
    /// Labels of the codebook.
    FamilySize,
    /// Programs.
    Programs,
    /// Programs, and `SEMUA`.
    ProgramsOrAll,
    /// The measures of the dataset's table.
    Measures,
    /// The categories of the dataset's table; several can be joined by `~`.
    Categories,
    /// What a figure's status can be.
    Statuses,
    /// What areas are called in administration.
    Levels,
    /// What programs count in.
    Units,
    /// How often programs pay.
    Frequencies,
    /// Yes and no.
    Answers,
    /// Who counted inhabitants.
    PeopleSources,
    /// Statistics tables.
    Tables,
    /// Reasons for corrections.
    Reasons,
}

/// A code with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The code as files write it.
    pub code: &'static str,
    /// What it means.
    pub name: Words,
    /// The next wider code, in a hierarchy.
    pub parent: Option<&'static str>,
}

impl Term {
    fn plain(code: &'static str, name: Words) -> Term {
        Term { code, name, parent: None }
    }
}

impl Codes {
    /// Whether a value can be no other than one of the list. Not so where the
    /// list is Kemendagri's, grows with the office's programs, or has codes that
    /// can be joined.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        !matches!(self, Codes::None | Codes::Areas | Codes::Programs | Codes::ProgramsOrAll | Codes::Categories)
    }
}

/// The codes that a field of a dataset can have, in the order in which they are
/// told; empty where there is no list.
#[must_use]
pub fn codes(dataset: &Dataset, field: &Field) -> Vec<Term> {
    let labels = |attribute: &'static codebook::Attribute| {
        attribute.labels.iter().map(|label| Term { code: label.code, name: label.words, parent: label.parent }).collect()
    };
    let pairs = |pairs: &[(&'static str, Words)]| pairs.iter().map(|(code, name)| Term::plain(code, *name)).collect();
    let tables = || dataset.table().map_or_else(|| Table::ALL.to_vec(), |table| vec![table]);
    match field.codes {
        Codes::None | Codes::Areas => Vec::new(),
        Codes::Sex => labels(&codebook::SEX),
        Codes::AgeBand => labels(&codebook::AGE_BAND),
        Codes::FamilySize => labels(&codebook::FAMILY_SIZE),
        Codes::Programs => programs(),
        Codes::ProgramsOrAll => {
            let all = Term::plain(ProgramCode::ALL, ("Tidak tentang satu program saja", "Of no one program"));
            programs().into_iter().chain([all]).collect()
        }
        Codes::Measures => each_once(tables().into_iter().flat_map(measures).map(|one| Term::plain(one.name, one.title))),
        Codes::Categories => each_once(tables().into_iter().flat_map(categories).map(|one| Term::plain(one.code, one.name))),
        Codes::Statuses => Status::ALL.into_iter().map(|each| Term::plain(each.as_str(), status(each))).collect(),
        Codes::Levels => reference::Kind::ALL.into_iter().map(|each| Term::plain(each.as_str(), kind(each))).collect(),
        Codes::Units => [(Unit::Family, "family"), (Unit::Person, "person")].map(|(each, code)| Term::plain(code, unit(each))).to_vec(),
        Codes::Frequencies => [Frequency::Monthly, Frequency::Quarterly, Frequency::Yearly, Frequency::Once, Frequency::Daily]
            .map(|each| Term::plain(each.as_str(), frequency(each)))
            .to_vec(),
        Codes::Answers => pairs(&ANSWERS),
        Codes::PeopleSources => pairs(&SOURCES).into_iter().filter(|one: &Term| one.code != "plan").collect(),
        Codes::Tables => Table::ALL.into_iter().map(|table| Term::plain(table.as_str(), title(table))).collect(),
        Codes::Reasons => pairs(&REASONS),
    }
}

fn programs() -> Vec<Term> {
    reference::programs().iter().map(|one| Term::plain(one.code.as_str(), (one.name.id.as_str(), one.name.en.as_str()))).collect()
}

/// Drops codes that came before: tables share measures and categories.
fn each_once(terms: impl Iterator<Item = Term>) -> Vec<Term> {
    let mut found: Vec<Term> = Vec::new();
    for term in terms {
        if !found.iter().any(|known| known.code == term.code) {
            found.push(term);
        }
    }
    found
}
