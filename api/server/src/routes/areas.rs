//! Areas, their boundaries and what is published of them.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::cells;
use domain::{AreaCode, Level, Table};
use reference::areas;

use super::{area_in_path, newest, publishers};
use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Query, Search, known};
use crate::problem::{Answer, Code, Problem};
use crate::respond::{Asked, Common};
use crate::state::State;
use crate::views::{AreaDetailView, AreaView, CellView, ChildView, Page, ParentView};
use crate::words::Text;

crate::parameters! {
    /// Filters of the list of areas.
    AreasQuery {
        q: Search = known::Q, level: Level = known::LEVEL, parent: AreaCode = known::PARENT,
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

crate::parameters! {
    /// Parameters of one area.
    AreaQuery { version: u64 = known::VERSION }
}

crate::parameters! {
    /// Parameters of a boundary.
    BoundaryQuery { level: Level = known::LEVEL }
}

/// Areas by name, level or parent
///
/// All areas of Indonesia (Kemendagri). `q` completes names without minding spaces, hyphens, case or accents.
#[utoipa::path(
    operation_id = "list_areas", tag = "areas", params(AreasQuery),
    responses((status = 200, description = "A page of areas; as csv or ndjson all of them.", content(
                  (Page<AreaView> = "application/json"), (String = "text/csv", example = "code,name,kind,level,parent,population,population_year,population_estimate,publishes\n36.71.01,Tangerang,kecamatan,kecamatan,36.71,165574,2024,true,true\n"),
                  (AreaView = "application/x-ndjson"))))
)]
#[get("/v1/areas")]
pub async fn list_areas(request: HttpRequest, state: Data<State>, query: Query<AreasQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let mut asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    let filter = reference::Filter { level: ask.level, parent: ask.parent };
    let text = ask.q.map_or(String::new(), |q| q.0);
    let start = asked.place::<u64>()?.unwrap_or(0);
    // Views are made for the page's areas only: there are 91,599 of them.
    asked
        .bytes(move |asked, _| {
            let found = areas().search(&text, &filter, usize::MAX);
            let total = found.len() as u64;
            let publishing = publishing(asked);
            let (items, next) = asked.slice(found, start);
            let items: Vec<AreaView> = items.into_iter().map(|area| AreaView::new(area, publishes(&publishing, area.code))).collect();
            let simulated = asked.reader.releases().answering(asked.version).iter().any(|one| one.simulated);
            let bytes = asked.page(&items, total, simulated, next.clone())?;
            Ok((bytes, next))
        })
        .await
}

/// One area: parents, children, population, who publishes, headline figures
///
/// What is known of an area, and the units by program in its newest month.
#[utoipa::path(
    operation_id = "get_area", tag = "areas",
    params(("code" = String, Path, description = "Kemendagri code, dotted; an undotted one is redirected.", example = "36.71.01"), AreaQuery),
    responses((status = 200, description = "The area.", body = AreaDetailView),
              (status = 308, description = "The code was not dotted; `Location` holds the lasting address."),
              (status = 404, description = "There is no such area."))
)]
#[get("/v1/areas/{code}")]
pub async fn get_area(request: HttpRequest, state: Data<State>, path: Path<String>, query: Query<AreaQuery>) -> Answer {
    let code = area_in_path(&request, &path)?;
    let common = Common { version: query.ask.version, ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Json])?;
    asked
        .object(move |asked, connection| {
            let area = areas().get(code).ok_or_else(|| anyhow::anyhow!("{code} is gone"))?;
            Ok(AreaDetailView {
                version: asked.version,
                simulated: asked.releases(Some(code), None)?.iter().any(|one| one.simulated),
                area: AreaView::new(area, publishes(&publishing(asked), code)),
                parents: ParentView::of(code),
                children: ChildView::of(code),
                headline: headline(asked, connection, code)?,
                districts: publishers(asked, Some(code)),
            })
        })
        .await
}

/// Boundary of an area, or of the areas in it, as GeoJSON
///
/// A Feature; with `level`, a FeatureCollection of all areas of that level inside. Only districts that publish have boundaries.
#[utoipa::path(
    operation_id = "get_boundary", tag = "areas",
    params(("code" = String, Path, description = "Kemendagri code, dotted; an undotted one is redirected.", example = "36.71"), BoundaryQuery),
    responses((status = 200, description = "GeoJSON.", body = Object, content_type = "application/geo+json", example = json!({"type": "Feature", "id": "36.71"})),
              (status = 308, description = "The code was not dotted; `Location` holds the lasting address."),
              (status = 404, description = "There is no such area, or no boundary of it."))
)]
#[get("/v1/areas/{code}/boundary")]
pub async fn get_boundary(request: HttpRequest, state: Data<State>, path: Path<String>, query: Query<BoundaryQuery>) -> Answer {
    let code = area_in_path(&request, &path)?;
    let level = query.ask.level;
    let missing =
        Problem::new(Code::NotFound, Text::new(format!("tidak ada batas wilayah untuk {code}"), format!("there is no boundary of {code}")));
    if level.is_none() && reference::boundary(code).is_none() {
        return Err(missing.into());
    }
    let asked = Asked::new(&request, &state, query.spelling, Common { format: Some(Format::Json), ..Common::default() }, &[Format::Json])?;
    let mut response = asked
        .bytes(move |_, _| {
            let Some(level) = level else { return Ok((reference::boundary(code).unwrap_or_default().as_bytes().to_vec(), None)) };
            let features: Vec<&str> = areas().inside(code, level).iter().filter_map(|area| reference::boundary(area.code)).collect();
            if features.is_empty() {
                return Err(anyhow::Error::new(crate::problem::Failure::from(missing)));
            }
            Ok((format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(",")).into_bytes(), None))
        })
        .await?;
    if response.headers().contains_key(actix_web::http::header::CONTENT_TYPE) {
        response
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_TYPE, actix_web::http::header::HeaderValue::from_static("application/geo+json"));
    }
    Ok(response)
}

/// The districts that publish at the version asked for.
fn publishing(asked: &Asked) -> BTreeSet<AreaCode> {
    asked.reader.releases().answering(asked.version).iter().map(|one| one.release.district()).collect()
}

fn publishes(districts: &BTreeSet<AreaCode>, code: AreaCode) -> bool {
    match code.district() {
        Some(district) => districts.contains(&district),
        None => districts.iter().any(|district| code.contains(*district)),
    }
}

/// Units by program of an area in its district's newest month.
fn headline(asked: &Asked, connection: &mut AnyConnection, code: AreaCode) -> anyhow::Result<Vec<CellView>> {
    let Some(district) = code.district() else { return Ok(Vec::new()) };
    let Some(one) = newest(asked).into_iter().find(|one| one.release.district() == district) else { return Ok(Vec::new()) };
    crate::respond::standing(one).map_err(crate::problem::Failure::from)?;
    let filter = cells::Filter { area: Some(code), itself: true, ..cells::Filter::default() };
    let prepared = cells::Prepared::new(connection, Table::Totals, &filter)?;
    let mut found = Vec::new();
    for series in cells::series_of(connection, Table::Totals, &[one.id], None)? {
        let cells = cells::cells_after(connection, &series, (Table::Totals, one.release), &prepared, None, 100)?;
        found.extend(cells.into_iter().map(|(_, cell)| CellView::from(cell)));
    }
    Ok(found)
}
