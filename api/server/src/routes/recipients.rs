//! The anonymised list.

use std::cmp::Ordering;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use catalogue::Reader;
use catalogue::queries::recipients::{AtomView, Count, Edition, Filter, List, Selection};
use catalogue::queries::releases::{Release, Releases};
use domain::{AreaCode, EditionId, ProgramCode, ReleaseId};
use serde::{Deserialize, Serialize};

use crate::negotiate::Format;
use crate::params::{AgeBand, CursorText, FamilySize, Flag, Limit, Query, Sex, known};
use crate::problem::Answer;
use crate::respond::{Asked, Common, all_standing, write_line};
use crate::state::State;
use crate::views::{EditionView, ListWords, RecipientView, RecipientsPage, cursor_of, write_csv};

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

/// An edition whose rows answer.
#[derive(Debug, Clone, Copy)]
struct Source {
    id: i64,
    district: AreaCode,
    edition: EditionId,
}

/// Editions of so many bytes together are looked through faster than a thread
/// is asked to do so.
const QUICK: usize = 8 << 20;

/// How many bytes of a streamed list are made at once.
const PIECE: usize = 64 << 10;

/// The anonymised list of recipients
///
/// Rows of the newest edition of each district. A filter matches labels equal to or inside its value: `total` rows surely match and are listed, `possible` further ones are so generalised that they may.
#[utoipa::path(
    operation_id = "list_recipients", tag = "recipients", params(RecipientsQuery),
    responses((status = 200, description = "A page of rows; as csv or ndjson the whole list.", content(
                  (RecipientsPage = "application/json"), (String = "text/csv", example = "id,edition,program,area,sex,age_band,family_size\n36.71-2025Q2/PKH/00412/07,2025Q2,PKH,36.71.01.1001,F,40-49,3-4\n"),
                  (RecipientView = "application/x-ndjson"))),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
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
    let releases = releases(&asked, ask.area, ask.edition, ask.release)?;
    let sources = sources(&releases);
    let ids: Vec<i64> = releases.iter().map(|one| one.id).collect();
    if asked.paged() {
        let held: Option<Vec<Arc<Edition>>> = sources.iter().map(|one| asked.reader.edition_held(one.id)).collect();
        let quick = held.is_some_and(|held| held.iter().map(|one| one.bytes()).sum::<usize>() < QUICK);
        return asked.made(quick, move |asked| page(asked, &ids, &sources, ask.program.as_ref(), &filter, start)).await;
    }
    let (opening, format) = (asked.opening(RecipientView::COLUMNS), asked.format());
    let mut walk = Walk { sources, program: ask.program, filter, source: 0, list: 0, place: (0, 1), edition: None };
    asked.stream(opening, move |reader, out| walk.step(reader, format, out)).await
}

/// The releases whose editions answer: those with each district's newest rows,
/// or its newest of the edition asked for.
fn releases(asked: &Asked, area: Option<AreaCode>, edition: Option<EditionId>, only: Option<ReleaseId>) -> Answer<Vec<&Release>> {
    let found = Releases::newest_rows(&asked.releases(area, only)?, edition);
    all_standing(&found)?;
    Ok(found)
}

/// The editions of some releases, by district.
fn sources(releases: &[&Release]) -> Vec<Source> {
    let source = |one: &&Release| Some(Source { id: one.edition_id?, district: one.release.district(), edition: one.edition? });
    let mut found: Vec<Source> = releases.iter().filter_map(source).collect();
    found.sort_by_key(|source| source.district);
    found
}

/// The rows of a list that surely match, from a place in an atom on.
fn rows<'a>(
    edition: &'a Edition,
    list: &'a List,
    selection: &'a Selection,
    (from, first): (u32, u32),
) -> impl Iterator<Item = (AtomView<'a>, u32)> {
    edition.atoms(list, selection, from).flat_map(move |atom| {
        // The place belongs to the atom that the page before stopped in.
        let first = if atom.atom == from { first } else { 1 };
        (first..=atom.units).map(move |place| (atom, place))
    })
}

/// A walk through whole lists, a piece at a time. Between pieces it holds the
/// edition it is in and nothing else.
struct Walk {
    sources: Vec<Source>,
    program: Option<ProgramCode>,
    filter: Filter,
    source: usize,
    list: usize,
    /// The atom and the place in it that come next.
    place: (u32, u32),
    edition: Option<(i64, Arc<Edition>)>,
}

impl Walk {
    /// Writes the next rows; says whether there may be more.
    fn step(&mut self, reader: &Reader, format: Format, out: &mut Vec<u8>) -> anyhow::Result<bool> {
        while let Some(source) = self.sources.get(self.source) {
            let edition = match &self.edition {
                Some((id, edition)) if *id == source.id => edition.clone(),
                _ => reader.edition(source.id)?,
            };
            self.edition = Some((source.id, edition.clone()));
            let selection = edition.select(&self.filter);
            while let Some(list) = edition.lists().get(self.list) {
                if self.program.as_ref().is_none_or(|program| program == list.program()) {
                    let words = ListWords::new(source.district, source.edition, list.program());
                    for (atom, place) in rows(&edition, list, &selection, self.place) {
                        if out.len() >= PIECE {
                            self.place = (atom.atom, place);
                            return Ok(true);
                        }
                        let row = words.row(&atom, place);
                        match format {
                            Format::Csv => write_csv(&row.fields(), out),
                            _ => write_line(&row, out)?,
                        }
                    }
                }
                (self.list, self.place) = (self.list + 1, (0, 1));
            }
            (self.source, self.list) = (self.source + 1, 0);
        }
        Ok(false)
    }
}

/// One list of the answer: an edition's rows of one program.
struct Segment<'a> {
    district: AreaCode,
    edition: &'a Edition,
    list: &'a List,
    selection: &'a Selection,
    words: ListWords,
}

fn page(
    asked: &Asked,
    releases: &[i64],
    sources: &[Source],
    program: Option<&ProgramCode>,
    filter: &Filter,
    start: Option<Place>,
) -> anyhow::Result<(Vec<u8>, Option<String>)> {
    let editions = sources.iter().map(|one| asked.reader.edition(one.id)).collect::<anyhow::Result<Vec<Arc<Edition>>>>()?;
    let selections: Vec<Selection> = editions.iter().map(|edition| edition.select(filter)).collect();
    let mut count = Count::default();
    let mut segments: Vec<Segment> = Vec::new();
    for ((source, edition), selection) in sources.iter().zip(&editions).zip(&selections) {
        for list in edition.lists().iter().filter(|list| program.is_none_or(|program| program == list.program())) {
            let found = edition.count(list, selection);
            count.total += found.total;
            count.possible += found.possible;
            if found.total > 0 {
                let words = ListWords::new(source.district, source.edition, list.program());
                segments.push(Segment { district: source.district, edition, list, selection, words });
            }
        }
    }
    let at =
        |segment: &Segment| start.as_ref().map(|start| (segment.district, segment.list.program()).cmp(&(start.district, &start.program)));
    let mut data: Vec<RecipientView> = Vec::with_capacity(asked.limit);
    let mut next: Option<Place> = None;
    'page: for segment in segments.iter().filter(|segment| at(segment) != Some(Ordering::Less)) {
        let from = match &start {
            Some(start) if at(segment) == Some(Ordering::Equal) => (start.atom, start.place),
            _ => (0, 1),
        };
        for (atom, place) in rows(segment.edition, segment.list, segment.selection, from) {
            if data.len() == asked.limit {
                let program = segment.list.program().clone();
                next = Some(Place { district: segment.district, program, atom: atom.atom, place });
                break 'page;
            }
            data.push(segment.words.row(&atom, place));
        }
    }
    let next = next.map(|place| asked.next(&place));
    let releases = asked.reader.releases().of(releases);
    let bytes = match asked.format() {
        Format::Json => serde_json::to_vec(&RecipientsPage {
            version: asked.version,
            simulated: releases.iter().any(|one| one.simulated),
            total: count.total,
            possible: count.possible,
            editions: releases.iter().copied().filter_map(edition_view).collect(),
            data,
            next_cursor: cursor_of(next.as_deref()),
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
