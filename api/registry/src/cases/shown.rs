//! A case as an operator needs it to decide: with the names that the files
//! give, places and programs. For a terminal and for workbooks of mode 0600.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::AreaCode;

use crate::Registry;
use crate::cases::find::NOBODY;
use crate::cases::gather::{Source, programs};
use crate::cases::{Case, Rule};
use crate::error::Result;
use crate::schema::{dtks_rows, kks_rows, listing_rows, member_rows, pbi_rows, rank_rows, recipient_rows};

/// What is shown of a case. RESTRICTED.
#[derive(Clone)]
pub struct Shown {
    /// The rule.
    pub rule: Rule,
    /// The NIK; empty where the case is about a family whose records are gone.
    pub nik: String,
    /// The name by the record, or by the file that names the recipient.
    pub name: String,
    /// The other NIK, or nothing.
    pub other_nik: String,
    /// The other's name, or the names that other files give.
    pub other_name: String,
    /// The family card.
    pub family: String,
    /// The kecamatan by name.
    pub kecamatan: String,
    /// The kelurahan by name.
    pub kelurahan: String,
    /// The programs that are received, by code.
    pub programs: String,
    /// What the case rests on.
    pub evidence: String,
    /// Its state, in the operator's word.
    pub state: &'static str,
    /// Who decided last, and when.
    pub decided: String,
    /// What they noted.
    pub note: String,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").field("rule", &self.rule).finish_non_exhaustive()
    }
}

impl Registry {
    /// The cases with names, in the same order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn shown(&mut self, cases: &[Case]) -> Result<Vec<Shown>> {
        self.shown_of(&cases.iter().collect::<Vec<_>>())
    }

    pub(super) fn shown_of(&mut self, cases: &[&Case]) -> Result<Vec<Shown>> {
        let wanted: BTreeSet<Source> =
            cases.iter().flat_map(|case| case.names.own.iter().chain(&case.names.other).chain(&case.names.further)).copied().collect();
        let names = names(&mut self.conn, &wanted)?;
        let areas = reference::areas();
        let area = |code: Option<AreaCode>| {
            code.map_or_else(String::new, |code| areas.get(code).map_or_else(|| code.to_string(), |area| area.name.to_string()))
        };
        let name = |source: &Option<Source>| source.and_then(|source| names.get(&source).cloned()).unwrap_or_default();
        let shown = cases.iter().map(|case| {
            let mut others: Vec<String> = case.names.further.iter().filter_map(|source| names.get(source).cloned()).collect();
            others.insert(0, name(&case.names.other));
            others.retain(|name| !name.is_empty());
            others.dedup();
            Shown {
                rule: case.rule,
                nik: if case.nik.expose() == NOBODY && !case.stands { String::new() } else { case.nik.expose_text() },
                name: name(&case.names.own),
                other_nik: case.other.map_or_else(String::new, |nik| nik.expose_text()),
                other_name: others.join(" / "),
                family: case.family.map_or_else(String::new, |card| card.expose_text()),
                kecamatan: area(case.kecamatan()),
                kelurahan: area(case.kelurahan),
                programs: programs(case.programs).map(|program| program.code.as_str()).collect::<Vec<_>>().join(" "),
                evidence: case.evidence.clone(),
                state: case.state.words(),
                decided: case.decision.as_ref().map_or_else(String::new, |decision| format!("{}, {}", decision.by, decision.at)),
                note: case.decision.as_ref().map_or_else(String::new, |decision| decision.note.clone()),
            }
        });
        Ok(shown.collect())
    }
}

/// The names that rows have.
fn names(conn: &mut SqliteConnection, wanted: &BTreeSet<Source>) -> Result<HashMap<Source, String>> {
    let mut found = HashMap::new();
    macro_rules! load {
        ($variant:ident, $table:ident) => {
            let ids: Vec<i64> =
                wanted.iter().filter_map(|source| if let Source::$variant(id) = source { Some(*id) } else { None }).collect();
            for part in ids.chunks(500) {
                let rows: Vec<(i64, String)> =
                    $table::table.filter($table::id.eq_any(part)).select(($table::id, $table::name)).load(conn)?;
                found.extend(rows.into_iter().map(|(id, name)| (Source::$variant(id), name)));
            }
        };
    }
    load!(Record, dtks_rows);
    load!(Kks, kks_rows);
    load!(Pbi, pbi_rows);
    load!(Recipients, recipient_rows);
    load!(Ranking, rank_rows);
    load!(Member, member_rows);
    let listed: Vec<i64> = wanted.iter().filter_map(|source| if let Source::Listing(id) = source { Some(*id) } else { None }).collect();
    for part in listed.chunks(500) {
        let rows: Vec<(i64, String, String)> = listing_rows::table
            .filter(listing_rows::id.eq_any(part))
            .select((listing_rows::id, listing_rows::name, listing_rows::institution))
            .load(conn)?;
        // Whom the list means is told by its name and institution together.
        found.extend(rows.into_iter().map(|(id, name, institution)| {
            let text = if institution.is_empty() { name } else { format!("{name} ({institution})") };
            (Source::Listing(id), text)
        }));
    }
    Ok(found)
}
