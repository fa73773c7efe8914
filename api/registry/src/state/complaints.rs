//! The complaints of a year up to a month. Offices send their whole list anew
//! every month, with what has been answered since; so a complaint is known again
//! by day, channel, category, kecamatan and program. Where a list has several
//! that are alike in all of these they are as many complaints, paired with those
//! of the next list in the order in which they were closed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, ComplaintCategory, Level, Period};
use jiff::civil::Date;

use crate::error::Result;
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::{ids_of, import_of};
use crate::schema::{complaint_rows, corrected_rows, imports};

/// A complaint of the office's list, without anything personal.
#[derive(Debug, Clone, Copy)]
pub struct ComplaintLine {
    /// Its number in the registry: that of the first row that brought it.
    pub id: u64,
    /// The kecamatan it is about.
    pub kecamatan: AreaCode,
    /// What it is about.
    pub category: ComplaintCategory,
    /// Whether it was answered by the end of the month.
    pub answered: bool,
    /// Whether the answer was that it is right.
    pub upheld: bool,
}

/// What tells a complaint from others: day, channel, category, kecamatan, program.
type Key = (String, String, String, i64, Option<String>);

/// A complaint as one list has it; an earlier day of closing sorts first, none last.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    closed: (bool, String),
    outcome: String,
    row: i64,
}

/// The complaints received from 1 January of the month's year to its end, with
/// whatever import they came.
pub(super) fn complaints(conn: &mut SqliteConnection, period: Period) -> Result<Vec<ComplaintLine>> {
    let end = period.last_day();
    let from = Date::constant(period.year(), 1, 1).to_string();
    let mut lines: Vec<ComplaintLine> = Vec::new();
    let mut areas = NumberMap::default();
    for ((_, _, category, kecamatan, _), lists) in gather(conn, &from, &end.to_string())? {
        let most = lists.values().map(Vec::len).max().unwrap_or(0);
        for at in 0..most {
            let mut having = lists.iter().filter_map(|((when, _), list)| Some((*when, list.get(at)?)));
            let Some((_, first)) = having.clone().min_by_key(|(_, told)| told.row) else { continue };
            // As the last list up to the month has it, else as the first one after.
            let Some((when, told)) = having.clone().rfind(|(when, _)| *when <= period).or_else(|| having.next()) else {
                continue;
            };
            let (open, closed) = &told.closed;
            let answered = if *open { told.outcome != "proses" && when <= period } else { *closed <= end.to_string() };
            lines.push(ComplaintLine {
                id: first.row.cast_unsigned(),
                kecamatan: super::area(&mut areas, Level::Kecamatan, kecamatan.cast_unsigned())?,
                category: ComplaintCategory::of_word(&category).unwrap_or_default(),
                answered,
                upheld: answered && told.outcome == "terbukti",
            });
        }
    }
    lines.sort_unstable_by_key(|line| line.id);
    Ok(lines)
}

/// The complaints that are alike, by the list that has them; lists in the order
/// of their months and imports.
type Lists = BTreeMap<(Period, i64), Vec<Told>>;

fn gather(conn: &mut SqliteConnection, from: &str, end: &str) -> Result<BTreeMap<Key, Lists>> {
    let files: Vec<(i64, String)> = imports::table
        .filter(imports::layout.eq(Layout::Complaints.as_str()))
        .order((imports::period, imports::id))
        .select((imports::id, imports::period))
        .load(conn)?;
    let mut all: BTreeMap<Key, Lists> = BTreeMap::new();
    for (import, period) in files {
        let list = (crate::ledger::parse_period(&period)?, corrected_list(conn, import)?);
        let (first, last) = ids_of(import);
        type Row = (i64, String, Option<String>, String, String, i64, Option<String>, String);
        let rows: Vec<Row> = complaint_rows::table
            .filter(complaint_rows::id.between(first, last).and(complaint_rows::received.between(from, end)))
            .order(complaint_rows::id)
            .select((
                complaint_rows::id,
                complaint_rows::received,
                complaint_rows::closed,
                complaint_rows::channel,
                complaint_rows::category,
                complaint_rows::kecamatan,
                complaint_rows::program,
                complaint_rows::outcome,
            ))
            .load(conn)?;
        for (row, received, closed, channel, category, kecamatan, program, outcome) in rows {
            let told = Told { closed: (closed.is_none(), closed.unwrap_or_default()), outcome, row };
            all.entry((received, channel, category, kecamatan, program)).or_default().entry(list).or_default().push(told);
        }
    }
    for list in all.values_mut().flat_map(BTreeMap::values_mut) {
        list.sort_unstable();
    }
    Ok(all)
}

/// The list that an import belongs to: rows that came back corrected are part of
/// the list they were rejected from.
fn corrected_list(conn: &mut SqliteConnection, import: i64) -> Result<i64> {
    let row: Option<i64> = corrected_rows::table
        .filter(corrected_rows::corrected_by.eq(import))
        .select(diesel::dsl::min(corrected_rows::row_id))
        .first(conn)?;
    Ok(row.map_or(import, import_of))
}
