//! What differs between two releases of a district.

use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::cells::{Place as CellPlace, Prepared};
use catalogue::queries::changes::{self, Filter, Pair};
use catalogue::queries::releases::Release;
use domain::{AreaCode, ProgramCode, Table};
use release::changes::Change;
use serde::{Deserialize, Serialize};

use super::releases::{TwoReleases, stands};
use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, ProgramOrAll, Query, known};
use crate::problem::{Answer, Problem};
use crate::respond::{Asked, Common, write_line};
use crate::state::State;
use crate::views::{CorrectionView, FigureChangeView, ReleaseChangesPage, TableChangesView, cursor_of, write_csv};
use crate::words::Text;

/// Figures of each release looked at in one step.
const BATCH: i64 = 1000;

crate::parameters! {
    /// Filters of the figures that differ.
    ChangesQuery {
        area: AreaCode = known::AREA, table: Table = known::TABLE, program: ProgramOrAll = known::PROGRAM_OR_ALL,
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

/// What differs between two releases of a district
///
/// Every figure that is another in the second release, or that only one of the two has, by all that names a figure but the month: two issues of one month show what a correction changed, two months how figures moved. A figure that was published again unchanged, or stands from an earlier release, does not differ.
#[utoipa::path(
    operation_id = "list_release_changes", tag = "releases",
    params(("before" = String, Path, description = "The id of the release that comes first.", example = "36.71-2025-05"),
           ("after" = String, Path, description = "The id of the release that is held against it, of the same district.", example = "36.71-2025-06"),
           ChangesQuery),
    responses((status = 200, description = "A page of figures that differ; as csv or ndjson all of them.", content(
                  (ReleaseChangesPage = "application/json"), (String = "text/csv", example = "table,area,program,measure,category,value_before,status_before,group_before,value,status,group\npayments,36.71,PKH,paid,,1401,observed,,1412,observed,\n"),
                  (FigureChangeView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 404, description = "There is no such release."),
              (status = 410, description = "One of them was withdrawn; `detail` holds the reason."))
)]
#[get("/v1/releases/{before}/changes/{after}")]
pub async fn list_release_changes(
    request: HttpRequest,
    state: Data<State>,
    TwoReleases(before, after): TwoReleases,
    query: Query<ChangesQuery>,
) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let mut asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    let start: Option<Place> = asked.place()?;
    stands(&asked, before)?;
    stands(&asked, after)?;
    if before.district() != after.district() {
        let (one, other) = (before.district(), after.district());
        return Err(Problem::unknown(
            "after",
            Text::new(
                format!("{after} adalah rilis {other}, {before} rilis {one}: yang dibandingkan dua rilis dari satu kabupaten/kota"),
                format!("{after} is a release of {other}, {before} one of {one}: expected two releases of one kabupaten/kota"),
            ),
        )
        .into());
    }
    let one = |id| asked.reader.releases().get(id).cloned().ok_or_else(|| anyhow::anyhow!("{id} is gone"));
    let releases = (one(before)?, one(after)?);
    let filter = Filter { area: ask.area, table: ask.table, program: ask.program.map(|program| program.0) };
    if asked.paged() {
        return asked.bytes(move |asked, connection| page(asked, connection, &releases, &filter, start)).await;
    }
    let (opening, format) = (asked.opening(FigureChangeView::COLUMNS), asked.format());
    let mut walk: Option<Walk> = None;
    asked
        .stream(opening, move |reader, out| {
            reader.ask(|connection| {
                let walk = match &mut walk {
                    Some(walk) => walk,
                    None => walk.insert(Walk::new(connection, &releases, &filter)?),
                };
                for (_, change) in walk.step(connection)? {
                    let view = FigureChangeView::from(change);
                    match format {
                        Format::Csv => write_csv(&view.fields(), out),
                        _ => write_line(&view, out)?,
                    }
                }
                Ok(!walk.is_over())
            })
        })
        .await
}

/// The figure after which a page starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    table: Table,
    program: ProgramCode,
    low: i64,
    pool: i64,
    measure: i16,
    category: String,
}

/// A walk through everything that differs.
struct Walk {
    pairs: Vec<Pair>,
    prepared: Prepared,
    at: usize,
    after: Option<CellPlace>,
}

impl Walk {
    fn new(connection: &mut AnyConnection, releases: &(Release, Release), filter: &Filter) -> anyhow::Result<Walk> {
        let pairs = changes::pairs(connection, &releases.0, &releases.1, filter)?;
        Ok(Walk { pairs, prepared: changes::prepare(connection, filter)?, at: 0, after: None })
    }

    /// Goes to where a page starts.
    fn start(&mut self, start: Place) {
        let key = |table: Table, program: &ProgramCode| (Table::ALL.iter().position(|one| *one == table), program.to_string());
        let wanted = key(start.table, &start.program);
        self.at = self.pairs.partition_point(|pair| key(pair.table, &pair.program) < wanted);
        if self.pairs.get(self.at).is_some_and(|pair| key(pair.table, &pair.program) == wanted) {
            self.after = Some(CellPlace { low: start.low, pool: start.pool, measure: start.measure, category: start.category });
        }
    }

    fn is_over(&self) -> bool {
        self.at >= self.pairs.len()
    }

    /// What differs among the next figures; it may be nothing.
    fn step(&mut self, connection: &mut AnyConnection) -> anyhow::Result<Vec<(CellPlace, Change)>> {
        let Some(pair) = self.pairs.get(self.at) else { return Ok(Vec::new()) };
        let step = changes::step(connection, pair, &self.prepared, self.after.as_ref(), BATCH)?;
        self.after = step.next;
        if self.after.is_none() {
            self.at += 1;
        }
        Ok(step.changes)
    }
}

fn page(
    asked: &Asked,
    connection: &mut AnyConnection,
    releases: &(Release, Release),
    filter: &Filter,
    start: Option<Place>,
) -> anyhow::Result<(Vec<u8>, Option<String>)> {
    let mut walk = Walk::new(connection, releases, filter)?;
    let tables = summary(&walk.pairs);
    let total = walk.pairs.iter().map(|pair| pair.counts.total()).sum();
    if let Some(start) = start {
        walk.start(start);
    }
    let mut data: Vec<FigureChangeView> = Vec::with_capacity(asked.limit);
    let mut last: Option<Place> = None;
    let mut more = false;
    while !more && !walk.is_over() {
        for (place, change) in walk.step(connection)? {
            if data.len() == asked.limit {
                more = true;
                break;
            }
            last = Some(Place {
                table: change.table,
                program: change.program.clone(),
                low: place.low,
                pool: place.pool,
                measure: place.measure,
                category: place.category,
            });
            data.push(change.into());
        }
    }
    let next = last.filter(|_| more).map(|place| asked.next(&place));
    let bytes = match asked.format() {
        Format::Json => {
            let (before, after) = releases;
            let correction = after.correction.filter(|correction| correction.of == before.release);
            let rows = changes::rows(connection, before, after, filter.program.as_ref())?;
            serde_json::to_vec(&ReleaseChangesPage {
                version: asked.version,
                simulated: before.simulated || after.simulated,
                before: before.release,
                after: after.release,
                correction: correction.map(CorrectionView::from),
                tables,
                rows: rows.into_iter().map(Into::into).collect(),
                total,
                data,
                next_cursor: cursor_of(next.as_deref()),
                next: next.clone(),
            })?
        }
        _ => asked.lines(FigureChangeView::COLUMNS, &data, FigureChangeView::fields)?,
    };
    Ok((bytes, next))
}

/// Counts by table, in the order of tables.
fn summary(pairs: &[Pair]) -> Vec<TableChangesView> {
    let mut tables: Vec<TableChangesView> = Vec::new();
    for pair in pairs {
        let name = pair.table.as_str();
        if tables.last().is_none_or(|last| last.table != name) {
            tables.push(TableChangesView { table: name.to_owned(), changed: 0, added: 0, removed: 0 });
        }
        if let Some(last) = tables.last_mut() {
            last.changed += pair.counts.changed;
            last.added += pair.counts.added;
            last.removed += pair.counts.removed;
        }
    }
    tables
}
