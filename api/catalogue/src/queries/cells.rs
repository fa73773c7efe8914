//! Published figures, by series: one program in one table of one release.

use std::collections::HashMap;

use anyhow::Result;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::{AreaCode, Cell, Level, ProgramCode, ReleaseId, Table};

use super::{IDS, Labels, label, named, pools_in};
use crate::code;
use crate::connection::AnyConnection;
use crate::rows::{CellRow, SeriesRow};
use crate::schema::{cells, series};

/// What is asked for; `None` asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Figures of this area and of the areas in it.
    pub area: Option<AreaCode>,
    /// Only figures of this area itself, not of those in it.
    pub itself: bool,
    /// Figures of areas of this level.
    pub level: Option<Level>,
    /// One of the table's measures.
    pub measure: Option<&'static str>,
    /// A category: figures of it, and of the classes that hold it together with others.
    pub category: Option<String>,
}

/// The cells of one program in one table of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its number in the catalogue.
    pub id: i64,
    /// The release's number.
    pub release_id: i64,
    /// The program.
    pub program: ProgramCode,
    /// All its cells.
    pub cells: u64,
}

/// Where a walk through a series stands: the cell that came last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The area's number.
    pub low: i64,
    /// The pool's number, 0 for a single area.
    pub pool: i64,
    /// The measure's number.
    pub measure: i16,
    /// The category.
    pub category: String,
}

/// The series of a table in some releases, by release and program.
///
/// # Errors
/// When the database does not answer.
pub fn series_of(connection: &mut AnyConnection, table: Table, releases: &[i64], program: Option<&ProgramCode>) -> Result<Vec<Series>> {
    let mut found = Vec::new();
    for ids in releases.chunks(IDS) {
        let mut query = series::table
            .select(SeriesRow::as_select())
            .filter(series::release_id.eq_any(ids))
            .filter(series::kind.eq(code::table(table)))
            .order((series::release_id.asc(), series::program.asc()))
            .into_boxed();
        if let Some(program) = program {
            query = query.filter(series::program.eq(program.as_str()));
        }
        for row in query.load(connection)? {
            found.push(Series { id: row.id, release_id: row.release_id, program: row.program.parse()?, cells: u64::try_from(row.cells)? });
        }
    }
    Ok(found)
}

/// A filter in the numbers of the catalogue.
#[derive(Debug)]
pub struct Prepared {
    area: Option<(i64, i64, Vec<i64>)>,
    level: Option<i16>,
    measure: Option<i16>,
    category: Option<Category>,
}

impl Place {
    /// Where a stored cell stands.
    pub(super) fn of(row: &CellRow) -> Place {
        Place { low: row.low, pool: row.pool, measure: row.measure, category: row.category.clone() }
    }
}

/// A category as it stands alone, and the pattern of the classes that hold it.
#[derive(Debug)]
struct Category {
    alone: String,
    within: String,
}

impl Category {
    fn new(category: &str) -> Category {
        let escaped = category.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Category { alone: category.to_owned(), within: format!("%~{escaped}~%") }
    }
}

impl Prepared {
    /// Looks up what the filter means for `table`.
    ///
    /// # Errors
    /// When the database does not answer, or the table lacks the measure.
    pub fn new(connection: &mut AnyConnection, table: Table, filter: &Filter) -> Result<Prepared> {
        let area = match filter.area {
            None => None,
            Some(area) if filter.itself => Some((code::range(area).0, code::range(area).0, Vec::new())),
            Some(area) => {
                let (low, high) = code::range(area);
                Some((low, high, pools_in(connection, area)?))
            }
        };
        Ok(Prepared {
            area,
            level: filter.level.map(code::level),
            measure: filter.measure.map(|measure| code::measure(table, measure)).transpose()?,
            category: filter.category.as_deref().map(Category::new),
        })
    }

    fn is_whole(&self) -> bool {
        self.area.is_none() && self.level.is_none() && self.measure.is_none() && self.category.is_none()
    }
}

macro_rules! filtered {
    ($query:expr, $prepared:expr) => {{
        let mut query = $query;
        if let Some((low, high, pools)) = &$prepared.area {
            let single = cells::pool.eq(0).and(cells::low.between(*low, *high));
            query = query.filter(single.or(cells::pool.eq_any(pools.clone())));
        }
        if let Some(level) = $prepared.level {
            query = query.filter(cells::level.eq(level));
        }
        if let Some(measure) = $prepared.measure {
            query = query.filter(cells::measure.eq(measure));
        }
        if let Some(category) = &$prepared.category {
            // A class is its categories joined by `~`.
            let within = "~".into_sql::<Text>().concat(cells::category).concat("~").like(category.within.clone()).escape('\\');
            query = query.filter(cells::category.eq(category.alone.clone()).or(within));
        }
        query
    }};
}

/// How many cells of each series answer, by series.
///
/// # Errors
/// When the database does not answer.
pub fn count(connection: &mut AnyConnection, all: &[Series], prepared: &Prepared) -> Result<HashMap<i64, u64>> {
    if prepared.is_whole() {
        return Ok(all.iter().map(|one| (one.id, one.cells)).collect());
    }
    let mut counts = HashMap::new();
    let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
    for ids in ids.chunks(IDS) {
        let query = cells::table
            .group_by(cells::series_id)
            .select((cells::series_id, diesel::dsl::count_star()))
            .filter(cells::series_id.eq_any(ids.to_vec()))
            .into_boxed();
        let found: Vec<(i64, i64)> = filtered!(query, prepared).load(connection)?;
        for (id, count) in found {
            counts.insert(id, u64::try_from(count)?);
        }
    }
    Ok(counts)
}

/// Up to `limit` cells of a series after `after`, in order of area, measure and
/// category. `release` is the release the series belongs to.
///
/// # Errors
/// When the database does not answer.
pub fn cells_after(
    connection: &mut AnyConnection,
    one: &Series,
    (table, release): (Table, ReleaseId),
    prepared: &Prepared,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<(Place, Cell)>> {
    let rows = rows_after(connection, one.id, prepared, after, limit)?;
    let mut known = Labels::new();
    rows.into_iter()
        .map(|row| {
            let cell = Cell {
                area: label(connection, &mut known, row.low, row.pool)?,
                program: one.program.clone(),
                period: release.period(),
                measure: code::measure_of(table, row.measure)?.to_owned(),
                category: row.category.clone(),
                value: row.value.map(u64::try_from).transpose()?,
                status: code::status_of(row.status)?,
                group: row.group_id.map(|group| named(connection, &mut known, group)).transpose()?,
                release: row.issue.map_or(Ok(release), |issue| code::issue_of(release.district(), issue))?,
                as_of: code::period(row.as_of)?,
            };
            Ok((Place { low: row.low, pool: row.pool, measure: row.measure, category: row.category }, cell))
        })
        .collect()
}

/// Up to `limit` cells of a series after `after` as they are stored, in order of
/// area, measure and category.
pub(super) fn rows_after(
    connection: &mut AnyConnection,
    series: i64,
    prepared: &Prepared,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<CellRow>> {
    let mut query = cells::table
        .select(CellRow::as_select())
        .filter(cells::series_id.eq(series))
        .order((cells::low.asc(), cells::pool.asc(), cells::measure.asc(), cells::category.asc()))
        .limit(limit)
        .into_boxed();
    if let Some(place) = after {
        // The first comparison is what lets the database start at the place.
        query = query.filter(cells::low.ge(place.low)).filter(
            cells::low.gt(place.low).or(cells::pool.gt(place.pool)).or(cells::pool.eq(place.pool).and(
                cells::measure.gt(place.measure).or(cells::measure.eq(place.measure).and(cells::category.gt(place.category.clone()))),
            )),
        );
    }
    Ok(filtered!(query, prepared).load(connection)?)
}
