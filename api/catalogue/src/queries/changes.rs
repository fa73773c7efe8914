//! What differs between two releases of a district, by their stored figures.
//!
//! A series of the one is held against the series of the same table and program
//! of the other. Numbers are counted by the database; figures are read from both
//! in the order of the index, a batch at a time, so that a page costs what it
//! passes over and a whole list needs no more memory than a page.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use anyhow::{Context, Result};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt, Text};
use domain::{AreaCode, EditionId, ProgramCode, Table};
use release::changes::{Change, Figure, RowsChange, RowsOf};

use super::cells::{self, Place, Prepared};
use super::releases::Release;
use super::{Labels, label, named, pools_in};
use crate::code;
use crate::connection::AnyConnection;
use crate::rows::{CellRow, ListRow, SeriesRow};
use crate::schema::{lists, series};

/// What is asked for; `None` asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Figures of this area and of the areas in it.
    pub area: Option<AreaCode>,
    /// Figures of this table.
    pub table: Option<Table>,
    /// Figures of this program.
    pub program: Option<ProgramCode>,
}

/// The two series of one table and program; one of them may not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The table.
    pub table: Table,
    /// The program.
    pub program: ProgramCode,
    before: Option<i64>,
    after: Option<i64>,
    /// How many figures of it differ.
    pub counts: Counts,
}

/// How many figures differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// In both, with another value, status or group.
    pub changed: u64,
    /// In the later one only.
    pub added: u64,
    /// In the earlier one only.
    pub removed: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.changed + self.added + self.removed
    }
}

/// The pairs of two releases in which figures differ, by table and program, each
/// with its counts.
///
/// # Errors
/// When the database does not answer.
pub fn pairs(connection: &mut AnyConnection, before: &Release, after: &Release, filter: &Filter) -> Result<Vec<Pair>> {
    let rows: Vec<SeriesRow> =
        series::table.select(SeriesRow::as_select()).filter(series::release_id.eq_any([before.id, after.id])).load(connection)?;
    let mut found: BTreeMap<(i16, String), [Option<i64>; 2]> = BTreeMap::new();
    for row in rows {
        let pair = found.entry((row.kind, row.program)).or_default();
        if row.release_id == before.id {
            pair[0] = Some(row.id);
        }
        if row.release_id == after.id {
            pair[1] = Some(row.id);
        }
    }
    let counts = count(connection, before, after, filter)?;
    let mut pairs = Vec::new();
    for (key, counts) in counts {
        let [before, after] = found.get(&key).copied().unwrap_or_default();
        let table = usize::try_from(key.0).ok().and_then(|at| Table::ALL.get(at)).copied();
        let table = table.with_context(|| format!("the catalogue holds a table numbered {}", key.0))?;
        pairs.push(Pair { table, program: key.1.parse()?, before, after, counts });
    }
    Ok(pairs)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = SmallInt)]
    kind: i16,
    #[diesel(sql_type = Text)]
    program: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    alone: i64,
}

/// Counts what differs. A value is never negative and the number of a group
/// never 0, so that these stand for "none" where both databases must agree on a
/// comparison; placeholders stand in the order of their numbers, as SQLite wants.
fn count(connection: &mut AnyConnection, before: &Release, after: &Release, filter: &Filter) -> Result<BTreeMap<(i16, String), Counts>> {
    let area = match filter.area {
        None => String::new(),
        Some(area) => {
            let (low, high) = code::range(area);
            let inside = pools_in(connection, area)?;
            let pools = if inside.is_empty() {
                String::new()
            } else {
                format!(" OR a.pool IN ({})", inside.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
            };
            format!(" AND ((a.pool = 0 AND a.low BETWEEN {low} AND {high}){pools})")
        }
    };
    let table = filter.table.map(|table| format!(" AND s.kind = {}", code::table(table))).unwrap_or_default();
    let sides = |differs: &str| {
        format!(
            "SELECT s.kind AS kind, s.program AS program, COUNT(*) AS number, \
             CAST(SUM(CASE WHEN b.series_id IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS alone \
             FROM series s JOIN cells a ON a.series_id = s.id \
             LEFT JOIN series t ON t.release_id = $1 AND t.kind = s.kind AND t.program = s.program \
             LEFT JOIN cells b ON b.series_id = t.id AND b.low = a.low AND b.pool = a.pool \
             AND b.measure = a.measure AND b.category = a.category \
             WHERE s.release_id = $2 AND ($3 = '' OR s.program = $3){table}{area} AND (b.series_id IS NULL{differs}) \
             GROUP BY s.kind, s.program"
        )
    };
    let differs = " OR a.status <> b.status OR COALESCE(a.value, -1) <> COALESCE(b.value, -1) \
                   OR COALESCE(a.group_id, 0) <> COALESCE(b.group_id, 0)";
    let program = filter.program.as_ref().map_or("", ProgramCode::as_str);
    let mut ask = |text: String, other: &Release, one: &Release| -> Result<Vec<Counted>> {
        let query = diesel::sql_query(text).bind::<BigInt, _>(other.id).bind::<BigInt, _>(one.id).bind::<Text, _>(program);
        Ok(query.load(connection)?)
    };
    let mut counts: BTreeMap<(i16, String), Counts> = BTreeMap::new();
    for row in ask(sides(differs), before, after)? {
        let place = counts.entry((row.kind, row.program)).or_default();
        place.added = u64::try_from(row.alone)?;
        place.changed = u64::try_from(row.number - row.alone)?;
    }
    for row in ask(sides(""), after, before)? {
        counts.entry((row.kind, row.program)).or_default().removed = u64::try_from(row.number)?;
    }
    Ok(counts)
}

/// The part of a filter that chooses cells of a series.
///
/// # Errors
/// When the database does not answer.
pub fn prepare(connection: &mut AnyConnection, filter: &Filter) -> Result<Prepared> {
    // The table matters for measures only, which are not asked for.
    Prepared::new(connection, Table::Totals, &cells::Filter { area: filter.area, ..cells::Filter::default() })
}

/// A step of a walk through a pair.
#[derive(Debug)]
pub struct Step {
    /// What differs, each with the place of its figure.
    pub changes: Vec<(Place, Change)>,
    /// Where the next step begins; `None` at the pair's end.
    pub next: Option<Place>,
}

/// Looks at up to `batch` figures of each release after `start`.
///
/// # Errors
/// When the database does not answer.
pub fn step(connection: &mut AnyConnection, pair: &Pair, prepared: &Prepared, start: Option<&Place>, batch: i64) -> Result<Step> {
    let mut read = |series: Option<i64>| match series {
        Some(series) => cells::rows_after(connection, series, prepared, start, batch),
        None => Ok(Vec::new()),
    };
    let (before, after) = (read(pair.before)?, read(pair.after)?);
    // Beyond the end of a full batch its release may have figures not yet read.
    let full = |rows: &[CellRow]| if rows.len() as i64 >= batch { rows.last().map(Place::of) } else { None };
    let horizon = match (full(&before), full(&after)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let inside = |row: &CellRow| horizon.as_ref().is_none_or(|horizon| Place::of(row) <= *horizon);
    let (mut before, mut after) =
        (before.into_iter().take_while(|row| inside(row)).peekable(), after.into_iter().take_while(|row| inside(row)).peekable());
    let mut known = Labels::new();
    let mut changes = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => Place::of(one).cmp(&Place::of(other)),
        };
        let was = if order == Ordering::Greater { None } else { before.next() };
        let is = if order == Ordering::Less { None } else { after.next() };
        let seen = |row: &CellRow| (row.value, row.status, row.group_id);
        if was.as_ref().map(seen) == is.as_ref().map(seen) {
            continue;
        }
        let Some(place) = was.as_ref().or(is.as_ref()).map(Place::of) else { continue };
        let change = Change {
            table: pair.table,
            area: label(connection, &mut known, place.low, place.pool)?,
            program: pair.program.clone(),
            measure: code::measure_of(pair.table, place.measure)?.to_owned(),
            category: place.category.clone(),
            before: figure(connection, &mut known, was)?,
            after: figure(connection, &mut known, is)?,
        };
        changes.push((place, change));
    }
    Ok(Step { changes, next: horizon })
}

fn figure(connection: &mut AnyConnection, known: &mut Labels, row: Option<CellRow>) -> Result<Option<Figure>> {
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Figure {
        value: row.value.map(u64::try_from).transpose()?,
        status: code::status_of(row.status)?,
        group: row.group_id.map(|group| named(connection, known, group)).transpose()?,
    }))
}

/// Programs whose rows are of another edition or number.
///
/// # Errors
/// When the database does not answer.
pub fn rows(connection: &mut AnyConnection, before: &Release, after: &Release, program: Option<&ProgramCode>) -> Result<Vec<RowsChange>> {
    let mut programs: BTreeMap<ProgramCode, [Option<RowsOf>; 2]> = BTreeMap::new();
    for (at, one) in [before, after].into_iter().enumerate() {
        let (Some(id), Some(edition)) = (one.edition_id, one.edition) else { continue };
        for (program, rows) in of_edition(connection, id, edition)? {
            programs.entry(program).or_default()[at] = Some(rows);
        }
    }
    let changed = programs.into_iter().filter(|(one, [before, after])| before != after && program.is_none_or(|program| program == one));
    Ok(changed.map(|(program, [before, after])| RowsChange { program, before, after }).collect())
}

fn of_edition(connection: &mut AnyConnection, id: i64, edition: EditionId) -> Result<Vec<(ProgramCode, RowsOf)>> {
    let all: Vec<ListRow> = lists::table.select(ListRow::as_select()).filter(lists::edition_id.eq(id)).load(connection)?;
    let one = |list: ListRow| {
        let rows = RowsOf { edition, rows: u64::try_from(list.units)?, atoms: u32::try_from(list.atoms)? };
        Ok((list.program.parse()?, rows))
    };
    all.into_iter().map(one).collect()
}
