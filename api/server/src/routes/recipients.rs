//! The anonymised list.

use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::recipients::{self, AtomView, Filter, List, Prepared};
use catalogue::queries::releases::{Release, Releases};
use domain::{AreaCode, EditionId, ProgramCode, ReleaseId};
use serde::{Deserialize, Serialize};

use crate::negotiate::Format;
use crate::params::{AgeBand, CursorText, FamilySize, Flag, Limit, Query, Sex, known};
use crate::problem::{Answer, ProblemView};
use crate::respond::{Asked, Common, all_standing, write_line};
use crate::state::State;
use crate::views::{EditionView, RecipientView, RecipientsPage, write_csv};

crate::parameters! {
    /// Filters of the anonymised list.
    RecipientsQuery {
        area: AreaCode = known::AREA, program: ProgramCode = known::PROGRAM, edition: EditionId = known::EDITION,
        sex: Sex = known::SEX, age_band: AgeBand = known::AGE_BAND, family_size: FamilySize = known::FAMILY_SIZE,
        release: ReleaseId = known::RELEASE, version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

/// Where a page starts, by what is published.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    district: AreaCode,
    program: ProgramCode,
    atom: u32,
    place: u32,
}

/// One list of the answer: an edition's rows of one program.
#[derive(Debug, Clone)]
struct Segment {
    district: AreaCode,
    edition: EditionId,
    list: List,
}

/// The anonymised list of recipients
///
/// Rows of the newest edition of each district. A filter matches labels equal to or inside its value: `total` rows surely match and are listed, `possible` further ones are so generalised that they may.
#[utoipa::path(
    operation_id = "list_recipients", tag = "recipients", params(RecipientsQuery),
    responses((status = 200, description = "A page of rows; as csv or ndjson the whole list.", content(
                  (RecipientsPage = "application/json"), (String = "text/csv", example = "id,edition,program,area,sex,age_band,family_size\n36.71-2025Q2/PKH/00412/07,2025Q2,PKH,36.71.01.1001,F,40-49,3-4\n"),
                  (RecipientView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn.", body = ProblemView, content_type = "application/problem+json"),
              (status = "4XX", description = "A problem with the request.", body = ProblemView, content_type = "application/problem+json"),
              (status = 503, description = "There is no release yet.", body = ProblemView, content_type = "application/problem+json"))
)]
#[get("/v1/recipients")]
pub async fn list_recipients(request: HttpRequest, state: Data<State>, query: Query<RecipientsQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor.clone() };
    let mut asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    let start: Option<Place> = asked.place()?;
    let filter = Filter {
        area: ask.area,
        sex: ask.sex.map(|label| label.0),
        age_band: ask.age_band.map(|label| label.0),
        family_size: ask.family_size.map(|label| label.0),
    };
    let releases: Vec<Release> = sources(&asked, ask.area, ask.edition, ask.release)?.into_iter().cloned().collect();
    if asked.paged() {
        return asked.bytes(move |asked, connection| page(asked, connection, &releases, ask.program.as_ref(), &filter, start)).await;
    }
    let columns = RecipientView::COLUMNS;
    let (opening, format) = (asked.opening(columns), asked.format());
    let mut walk: Option<Walk> = None;
    Ok(asked.stream(opening, move |reader, out| {
        reader.ask(|connection| {
            let walk = match &mut walk {
                Some(walk) => walk,
                None => {
                    let segments = segments(connection, &releases, ask.program.as_ref())?;
                    walk.insert(Walk { segments, prepared: Prepared::new(connection, &filter)?, at: 0, atom: 0, place: 1 })
                }
            };
            let mut failed = Ok(());
            let more = walk.step(connection, 400, |segment, atom, place| {
                let row = RecipientView::new(segment.district, segment.edition, &segment.list.program, atom, place);
                match format {
                    Format::Csv => write_csv(&row.fields(), out),
                    _ => failed = write_line(&row, out),
                }
                failed.is_ok()
            })?;
            failed.map(|()| more)
        })
    }))
}

/// The releases whose editions answer: those with each district's newest rows,
/// or its newest of the edition asked for.
fn sources(asked: &Asked, area: Option<AreaCode>, edition: Option<EditionId>, only: Option<ReleaseId>) -> Answer<Vec<&Release>> {
    let found = Releases::newest_rows(&asked.releases(area, only)?, edition);
    all_standing(&found)?;
    Ok(found)
}

/// The lists of some editions, by district and program.
fn segments(connection: &mut AnyConnection, releases: &[Release], program: Option<&ProgramCode>) -> anyhow::Result<Vec<Segment>> {
    let editions: Vec<i64> = releases.iter().filter_map(|one| one.edition_id).collect();
    let mut found: Vec<Segment> = Vec::new();
    for list in recipients::lists_of(connection, &editions, program)? {
        let of = releases.iter().find(|one| one.edition_id == Some(list.edition_id));
        if let Some((one, edition)) = of.and_then(|one| Some((one, one.edition?))) {
            found.push(Segment { district: one.release.district(), edition, list });
        }
    }
    found.sort_by(|a, b| (a.district, &a.list.program).cmp(&(b.district, &b.list.program)));
    Ok(found)
}

/// A walk through lists, atom by atom.
struct Walk {
    segments: Vec<Segment>,
    prepared: Prepared,
    /// The list, the atom and the place in it that come next.
    at: usize,
    atom: u32,
    place: u32,
}

impl Walk {
    /// Shows rows of at most `atoms` atoms to `row`, which says whether it wants
    /// more. Gives whether there may be more.
    fn step(
        &mut self,
        connection: &mut AnyConnection,
        atoms: i64,
        mut row: impl FnMut(&Segment, &AtomView, u32) -> bool,
    ) -> anyhow::Result<bool> {
        let Some(segment) = self.segments.get(self.at) else { return Ok(false) };
        let found = recipients::atoms_from(connection, segment.list.id, &self.prepared, self.atom, atoms)?;
        let whole = (found.len() as i64) < atoms;
        for atom in &found {
            // The place belongs to the atom that the page before stopped in.
            let first = if atom.atom == self.atom { self.place } else { 1 };
            for place in first..=atom.units {
                (self.atom, self.place) = (atom.atom, place);
                if !row(segment, atom, place) {
                    return Ok(true);
                }
            }
            (self.atom, self.place) = (atom.atom + 1, 1);
        }
        if whole {
            (self.at, self.atom, self.place) = (self.at + 1, 0, 1);
        }
        Ok(self.at < self.segments.len())
    }
}

fn page(
    asked: &Asked,
    connection: &mut AnyConnection,
    releases: &[Release],
    program: Option<&ProgramCode>,
    filter: &Filter,
    start: Option<Place>,
) -> anyhow::Result<(Vec<u8>, Option<String>)> {
    let mut segments = segments(connection, releases, program)?;
    let lists: Vec<List> = segments.iter().map(|segment| segment.list.clone()).collect();
    let prepared = Prepared::new(connection, filter)?;
    let counts = recipients::count(connection, &lists, &prepared)?;
    let total = counts.values().map(|count| count.total).sum();
    let possible = counts.values().map(|count| count.possible).sum();
    segments.retain(|segment| counts.get(&segment.list.id).is_some_and(|count| count.total > 0));
    let mut walk = Walk { segments, prepared, at: 0, atom: 0, place: 1 };
    if let Some(start) = &start {
        walk.at = walk.segments.partition_point(|segment| (segment.district, &segment.list.program) < (start.district, &start.program));
        let here =
            walk.segments.get(walk.at).is_some_and(|segment| segment.district == start.district && segment.list.program == start.program);
        if here {
            (walk.atom, walk.place) = (start.atom, start.place);
        }
    }
    let mut data: Vec<RecipientView> = Vec::with_capacity(asked.limit);
    let mut next: Option<Place> = None;
    while next.is_none() {
        // An atom has eleven rows and more, as a rule.
        let atoms = (asked.limit - data.len()) as i64 / 11 + 2;
        let more = walk.step(connection, atoms, |segment, atom, place| {
            if data.len() == asked.limit {
                next = Some(Place { district: segment.district, program: segment.list.program.clone(), atom: atom.atom, place });
                return false;
            }
            data.push(RecipientView::new(segment.district, segment.edition, &segment.list.program, atom, place));
            true
        })?;
        if !more {
            break;
        }
    }
    let next = next.map(|place| asked.next(&place));
    let bytes = match asked.format() {
        Format::Json => serde_json::to_vec(&RecipientsPage {
            version: asked.version,
            simulated: releases.iter().any(|one| one.simulated),
            total,
            possible,
            editions: releases.iter().filter_map(edition_view).collect(),
            data,
            next: next.clone(),
        })?,
        _ => asked.lines(RecipientView::COLUMNS, &data, RecipientView::fields)?,
    };
    Ok((bytes, next))
}

fn edition_view(one: &Release) -> Option<EditionView> {
    Some(EditionView {
        area: one.release.district().to_string(),
        edition: one.edition?.to_string(),
        as_of: one.edition_as_of?.to_string(),
        release: one.release.to_string(),
    })
}
