//! Figures. One typed operation a table; all walk the same way.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::cells::{self, Filter, Place as CellPlace, Prepared, Series};
use catalogue::queries::releases::Release;
use domain::{AreaCode, Cell, Level, ProgramCode, ReleaseId, Table};
use serde::{Deserialize, Serialize};

use super::publishers;
use crate::negotiate::Format;
use crate::params::{AllPrograms, Category, CursorText, Flag, Limit, Measure, Months, ProgramOrAll, Query, known};
use crate::problem::Answer;
use crate::respond::{Asked, Common, all_standing, write_line};
use crate::state::State;
use crate::views::{CellView, CellsPage, MissingView, Page, TableView, cursor_of, write_csv};

crate::parameters! {
    /// Parameters of the list of tables.
    TablesQuery {
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

/// A piece of a stream ends after so many bytes, or after so many series were
/// looked through: the figures of a district are many short ones, and a thread
/// that is woken for each takes longer for that than for its work.
const PIECE: usize = 32 * 1024;
const SERIES: usize = 32;

/// What is asked of a table.
struct Cells {
    area: Option<AreaCode>,
    level: Option<Level>,
    program: Option<ProgramCode>,
    period: Option<Months>,
    measure: Option<&'static str>,
    category: Option<String>,
    release: Option<ReleaseId>,
    common: Common,
}

/// The parameters of a table: its own measures, what it knows programs by, and
/// where it has categories one more, so that nothing can be asked of a table
/// that it does not have.
macro_rules! cells_query {
    ($name:ident of $table:ident, $program:ty = $of:expr $(, $category:ident = $param:expr)?) => {
        $crate::parameters! {
            #[doc = concat!("Filters of the table ", stringify!($table), ".")]
            $name {
                area: AreaCode = known::AREA, level: Level = known::LEVEL, program: $program = $of,
                period: Months = known::PERIOD, measure: Measure<{ Table::$table as usize }> = known::MEASURE,
                $($category: Category<{ Table::$table as usize }> = $param,)?
                release: ReleaseId = known::RELEASE, version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
                limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
            }
        }

        impl From<$name> for Cells {
            fn from(ask: $name) -> Cells {
                let category: Option<String> = None;
                $(let category = category.or(ask.$category.map(|category| category.0));)?
                Cells {
                    area: ask.area,
                    level: ask.level,
                    program: ask.program.map(ProgramCode::from),
                    period: ask.period,
                    measure: ask.measure.map(|measure| measure.0),
                    category,
                    release: ask.release,
                    common: Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor },
                }
            }
        }
    };
}

cells_query!(TotalsQuery of Totals, ProgramCode = known::PROGRAM);
cells_query!(PaymentsQuery of Payments, ProgramCode = known::PROGRAM);
cells_query!(FlowsQuery of Flows, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_FLOWS);
cells_query!(PlanQuery of Plan, ProgramCode = known::PROGRAM);
cells_query!(CoverageQuery of Coverage, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_COVERAGE);
cells_query!(DemographicsQuery of Demographics, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_DEMOGRAPHICS);
cells_query!(OverlapsQuery of Overlaps, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_OVERLAPS);
cells_query!(VerificationQuery of Verification, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_VERIFICATION);
cells_query!(FreshnessQuery of Freshness, ProgramCode = known::PROGRAM, category = known::CATEGORY_OF_FRESHNESS);
cells_query!(FindingsQuery of Findings, ProgramOrAll = known::PROGRAM_OR_ALL, category = known::CATEGORY_OF_FINDINGS);
cells_query!(DecilesQuery of Deciles, AllPrograms = known::ALL_PROGRAMS, category = known::CATEGORY_OF_DECILES);
cells_query!(TargetingQuery of Targeting, AllPrograms = known::ALL_PROGRAMS, category = known::CATEGORY_OF_DECILES);
cells_query!(ReportsQuery of Reports, AllPrograms = known::ALL_PROGRAMS, category = known::CATEGORY_OF_REPORTS);

/// Statistics tables
///
/// Each with its dimensions, measures, units and status words.
#[utoipa::path(
    operation_id = "list_tables", tag = "statistics", params(TablesQuery),
    responses((status = 200, description = "The tables; as csv or ndjson all of them.", content(
                  (Page<TableView> = "application/json"), (String = "text/csv", example = "table,title_id,title_en,measures,categories,url\ntotals,\"Jumlah penerima menurut wilayah, program, dan bulan\",\"Units enrolled by area, program and month\",units,,/v1/statistics/totals\n"),
                  (TableView = "application/x-ndjson"))))
)]
#[get("/v1/statistics")]
pub async fn list_tables(request: HttpRequest, state: Data<State>, query: Query<TablesQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    asked.list_of(|_, _| Ok(Table::ALL.into_iter().map(TableView::new).collect())).await
}

/// Units enrolled by area, program and month
///
/// Measure `units`: families or persons, by the program's unit. `area` selects the area and all inside it, with `level` those of that level.
#[utoipa::path(
    operation_id = "list_totals", tag = "statistics", params(TotalsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,units,,1468,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/totals")]
pub async fn list_totals(request: HttpRequest, state: Data<State>, query: Query<TotalsQuery>) -> Answer {
    answer(Table::Totals, &request, &state, query).await
}

/// Payments by area, program and month
///
/// Measures `due`, `paid`, `failed` and `returned` in units, and each with `_rupiah` in whole rupiah.
#[utoipa::path(
    operation_id = "list_payments", tag = "statistics", params(PaymentsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,SEMBAKO,2025-06,paid,,1401,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/payments")]
pub async fn list_payments(request: HttpRequest, state: Data<State>, query: Query<PaymentsQuery>) -> Answer {
    answer(Table::Payments, &request, &state, query).await
}

/// Entered and left by area, program and month
///
/// Measures `entered` and `left` in units, since the month before. A move between two kelurahan is a leaving and an entering. Lines of `left` with a category tell the reasons, by kecamatan or group: their sum is the line without one.
#[utoipa::path(
    operation_id = "list_flows", tag = "statistics", params(FlowsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,entered,,12,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/flows")]
pub async fn list_flows(request: HttpRequest, state: Data<State>, query: Query<FlowsQuery>) -> Answer {
    answer(Table::Flows, &request, &state, query).await
}

/// The office's plan by area, program and month
///
/// Measures `planned_units` and `planned_rupiah`: the budget of the month, at kabupaten and kecamatan; of sensitive programs at kabupaten only.
#[utoipa::path(
    operation_id = "list_plan", tag = "statistics", params(PlanQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,planned_units,,1500,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/plan")]
pub async fn list_plan(request: HttpRequest, state: Data<State>, query: Query<PlanQuery>) -> Answer {
    answer(Table::Plan, &request, &state, query).await
}

/// Units in relation to inhabitants and poor households
///
/// Measures `inhabitants`, `units_per_10000_inhabitants`, `poor_households` and `units_per_10000_poor_households`. The category names the source of the denominator.
#[utoipa::path(
    operation_id = "list_coverage", tag = "statistics", params(CoverageQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,units_per_10000_inhabitants,dukcapil-2024,75,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/coverage")]
pub async fn list_coverage(request: HttpRequest, state: Data<State>, query: Query<CoverageQuery>) -> Answer {
    answer(Table::Coverage, &request, &state, query).await
}

/// Sex, age and family size by area and program
///
/// Measures `sex`, `age_band` and `family_size`, a category each; `*` are those not broken down. Sums of whole atoms of the edition's rows, taken in `as_of`.
#[utoipa::path(
    operation_id = "list_demographics", tag = "statistics", params(DemographicsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,sex,F,1102,observed,,36.71-2025-04,2025-04\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/demographics")]
pub async fn list_demographics(request: HttpRequest, state: Data<State>, query: Query<DemographicsQuery>) -> Answer {
    answer(Table::Demographics, &request, &state, query).await
}

/// Families that two programs have in common
///
/// Measures `both` and `only`, counted in families; the category is the other program. At kecamatan or group and above; older figures stand until they can be renewed safely (`as_of`).
#[utoipa::path(
    operation_id = "list_overlaps", tag = "statistics", params(OverlapsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,both,SEMBAKO,1320,observed,,36.71-2025-06,2025-04\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/overlaps")]
pub async fn list_overlaps(request: HttpRequest, state: Data<State>, query: Query<OverlapsQuery>) -> Answer {
    answer(Table::Overlaps, &request, &state, query).await
}

/// Units by last outcome of field verification
///
/// Measure `units`; the category is an outcome, or several joined by `~` that are shown together. By kecamatan or group; older figures stand until they can be renewed safely (`as_of`).
#[utoipa::path(
    operation_id = "list_verification", tag = "statistics", params(VerificationQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,units,valid,1210,observed,,36.71-2025-06,2025-04\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/verification")]
pub async fn list_verification(request: HttpRequest, state: Data<State>, query: Query<VerificationQuery>) -> Answer {
    answer(Table::Verification, &request, &state, query).await
}

/// Units by months since the last check
///
/// Measure `units`; the category is a span of months since field freshness last checked, or several joined by `~`. Spans are counted at `as_of`. By kecamatan or group; older figures stand until they can be renewed safely.
#[utoipa::path(
    operation_id = "list_freshness", tag = "statistics", params(FreshnessQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,PKH,2025-06,units,7-12,412,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/freshness")]
pub async fn list_freshness(request: HttpRequest, state: Data<State>, query: Query<FreshnessQuery>) -> Answer {
    answer(Table::Freshness, &request, &state, query).await
}

/// What validation found
///
/// Measure `units`: units by what the lists of the office say of the person, as classes joined by `~`. Measure `records`, program SEMUA: records at fault in the month, exact.
#[utoipa::path(
    operation_id = "list_findings", tag = "statistics", params(FindingsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,SEMUA,2025-06,records,duplicate_nik,17,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/findings")]
pub async fn list_findings(request: HttpRequest, state: Data<State>, query: Query<FindingsQuery>) -> Answer {
    answer(Table::Findings, &request, &state, query).await
}

/// Registered families by desil
///
/// Measure `families`, program SEMUA; the category is a desil (1 the poorest tenth) or several joined by `~`. By kecamatan or group; older figures stand until they can be renewed safely (`as_of`).
#[utoipa::path(
    operation_id = "list_deciles", tag = "statistics", params(DecilesQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,SEMUA,2025-06,families,1,1210,observed,,36.71-2025-06,2025-04\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/deciles")]
pub async fn list_deciles(request: HttpRequest, state: Data<State>, query: Query<DecilesQuery>) -> Answer {
    answer(Table::Deciles, &request, &state, query).await
}

/// Registered families by desil, with and without a program
///
/// Measures `any_program` and `no_program`, program SEMUA: a line of the table deciles in two parts that add up to it. A line whose parts are too small has none here.
#[utoipa::path(
    operation_id = "list_targeting", tag = "statistics", params(TargetingQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,SEMUA,2025-06,no_program,1,310,observed,,36.71-2025-06,2025-04\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/targeting")]
pub async fn list_targeting(request: HttpRequest, state: Data<State>, query: Query<TargetingQuery>) -> Answer {
    answer(Table::Targeting, &request, &state, query).await
}

/// Complaints by category
///
/// Measures `received`, `answered` and `upheld`, program SEMUA: complaints of the year up to the month, by the categories of JAGA Bansos or several joined by `~`. By kecamatan or group.
#[utoipa::path(
    operation_id = "list_reports", tag = "statistics", params(ReportsQuery),
    responses((status = 200, description = "A page of figures; as csv or ndjson all of them.", content(
                  (CellsPage = "application/json"), (String = "text/csv", example = "area,program,period,measure,category,value,status,group,release,as_of\n36.71,SEMUA,2025-06,received,pungutan,23,observed,,36.71-2025-06,2025-06\n"),
                  (CellView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/v1/statistics/reports")]
pub async fn list_reports(request: HttpRequest, state: Data<State>, query: Query<ReportsQuery>) -> Answer {
    answer(Table::Reports, &request, &state, query).await
}

/// The cell after which a page starts, by what is published.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    release: ReleaseId,
    program: ProgramCode,
    low: i64,
    pool: i64,
    measure: i16,
    category: String,
}

/// One series of the answer.
#[derive(Debug, Clone)]
struct Segment {
    release: ReleaseId,
    series: Series,
}

async fn answer<Q: Into<Cells>>(table: Table, request: &HttpRequest, state: &Data<State>, query: Query<Q>) -> Answer {
    let ask: Cells = query.ask.into();
    let mut asked = Asked::new(request, state, query.spelling, ask.common, &Format::ALL)?;
    let start: Option<Place> = asked.place()?;
    let filter = Filter { area: ask.area, itself: false, level: ask.level, measure: ask.measure, category: ask.category };
    let mut releases = asked.releases(ask.area, ask.release)?;
    releases.retain(|one| ask.period.is_none_or(|period| period.contains(one.release.period())));
    all_standing(&releases)?;
    let releases: Vec<i64> = releases.iter().map(|one| one.id).collect();
    let program = ask.program;
    if asked.paged() {
        return asked
            .bytes(move |asked, connection| {
                let releases = asked.reader.releases().of(&releases);
                page(asked, connection, table, &releases, program.as_ref(), &filter, start)
            })
            .await;
    }
    let (opening, format) = (asked.opening(CellView::COLUMNS), asked.format());
    let mut walk: Option<Walk> = None;
    asked
        .stream(opening, move |reader, out| {
            reader.ask(|connection| {
                let walk = match &mut walk {
                    Some(walk) => walk,
                    None => {
                        let segments = segments(connection, table, &reader.releases().of(&releases), program.as_ref())?;
                        walk.insert(Walk { table, segments, prepared: Prepared::new(connection, table, &filter)?, at: 0, after: None })
                    }
                };
                let mut failed = Ok(());
                let mut more = true;
                for _ in 0..SERIES {
                    more = walk.step(connection, 1000, |_, _, cell| {
                        let view = CellView::from(cell);
                        match format {
                            Format::Csv => write_csv(&view.fields(), out),
                            _ => failed = write_line(&view, out),
                        }
                        failed.is_ok()
                    })?;
                    if !more || failed.is_err() || out.len() >= PIECE {
                        break;
                    }
                }
                failed.map(|()| more)
            })
        })
        .await
}

/// The series of some releases, by district, month and program.
fn segments(
    connection: &mut AnyConnection,
    table: Table,
    releases: &[&Release],
    program: Option<&ProgramCode>,
) -> anyhow::Result<Vec<Segment>> {
    let ids: Vec<i64> = releases.iter().map(|one| one.id).collect();
    let mut found: Vec<Segment> = Vec::new();
    for series in cells::series_of(connection, table, &ids, program)? {
        if let Some(one) = releases.iter().find(|one| one.id == series.release_id) {
            found.push(Segment { release: one.release, series });
        }
    }
    found.sort_by(|a, b| (a.release, &a.series.program).cmp(&(b.release, &b.series.program)));
    Ok(found)
}

/// A walk through series, cell by cell.
struct Walk {
    table: Table,
    segments: Vec<Segment>,
    prepared: Prepared,
    at: usize,
    /// The cell that came last in the series at `at`.
    after: Option<CellPlace>,
}

impl Walk {
    /// Shows at most `limit` cells to `cell`, which says whether it took it and
    /// wants more. Gives whether there may be more.
    fn step(
        &mut self,
        connection: &mut AnyConnection,
        limit: i64,
        mut cell: impl FnMut(&Segment, Option<&CellPlace>, Cell) -> bool,
    ) -> anyhow::Result<bool> {
        let Some(segment) = self.segments.get(self.at) else { return Ok(false) };
        let found =
            cells::cells_after(connection, &segment.series, (self.table, segment.release), &self.prepared, self.after.as_ref(), limit)?;
        let whole = (found.len() as i64) < limit;
        for (place, one) in found {
            if !cell(segment, self.after.as_ref(), one) {
                return Ok(true);
            }
            self.after = Some(place);
        }
        if whole {
            (self.at, self.after) = (self.at + 1, None);
        }
        Ok(self.at < self.segments.len())
    }
}

fn page(
    asked: &Asked,
    connection: &mut AnyConnection,
    table: Table,
    releases: &[&Release],
    program: Option<&ProgramCode>,
    filter: &Filter,
    start: Option<Place>,
) -> anyhow::Result<(Vec<u8>, Option<String>)> {
    let mut segments = segments(connection, table, releases, program)?;
    let prepared = Prepared::new(connection, table, filter)?;
    let all: Vec<Series> = segments.iter().map(|segment| segment.series.clone()).collect();
    let counts = cells::count(connection, &all, &prepared)?;
    let total = counts.values().sum();
    segments.retain(|segment| counts.get(&segment.series.id).is_some_and(|count| *count > 0));
    let mut walk = Walk { table, segments, prepared, at: 0, after: None };
    if let Some(start) = start {
        walk.at = walk.segments.partition_point(|segment| (segment.release, &segment.series.program) < (start.release, &start.program));
        let here = walk.segments.get(walk.at).is_some_and(|one| one.release == start.release && one.series.program == start.program);
        if here {
            walk.after = Some(CellPlace { low: start.low, pool: start.pool, measure: start.measure, category: start.category });
        }
    }
    // A page ends after a cell; the next one starts after that cell.
    let mut data: Vec<CellView> = Vec::with_capacity(asked.limit);
    let mut full = false;
    let mut last: Option<(ReleaseId, ProgramCode)> = None;
    let mut place: Option<Place> = None;
    while !full {
        let wanted = (asked.limit - data.len()) as i64 + 1;
        let more = walk.step(connection, wanted, |segment, before, cell| {
            if data.len() == asked.limit {
                full = true;
                place = match (before, &last) {
                    (Some(before), _) => Some((segment.release, segment.series.program.clone(), before.clone())),
                    // The page ended with the series before: this one starts at its start.
                    (None, Some(_)) => Some((
                        segment.release,
                        segment.series.program.clone(),
                        CellPlace { low: -1, pool: 0, measure: 0, category: String::new() },
                    )),
                    (None, None) => None,
                }
                .map(|(release, program, at)| Place {
                    release,
                    program,
                    low: at.low,
                    pool: at.pool,
                    measure: at.measure,
                    category: at.category,
                });
                return false;
            }
            last = Some((segment.release, segment.series.program.clone()));
            data.push(cell.into());
            true
        })?;
        if !more {
            break;
        }
    }
    let next = place.map(|place| asked.next(&place));
    let bytes = match asked.format() {
        Format::Json => serde_json::to_vec(&CellsPage {
            version: asked.version,
            simulated: releases.iter().any(|one| one.simulated),
            total,
            missing: missing(asked, filter),
            data,
            next_cursor: cursor_of(next.as_deref()),
            next: next.clone(),
        })?,
        _ => asked.lines(CellView::COLUMNS, &data, CellView::fields)?,
    };
    Ok((bytes, next))
}

/// The provinsi that were asked for: nothing is summed over districts, so their
/// figures are missing, and the districts that publish are named instead.
fn missing(asked: &Asked, filter: &Filter) -> Vec<MissingView> {
    let wanted: BTreeSet<AreaCode> = match (filter.area, filter.level) {
        (Some(area), None | Some(Level::Provinsi)) if area.level() == Level::Provinsi => [area].into(),
        (None, Some(Level::Provinsi)) => {
            asked.reader.releases().answering(asked.version).iter().filter_map(|one| one.release.district().parent()).collect()
        }
        _ => BTreeSet::new(),
    };
    wanted
        .into_iter()
        .map(|area| MissingView {
            area: area.to_string(),
            name: reference::areas().get(area).map_or("", |area| area.name).to_owned(),
            value: None,
            status: domain::Status::Missing.to_string(),
            districts: publishers(asked, Some(area)),
        })
        .collect()
}
