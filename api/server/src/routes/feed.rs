//! What is new, as an Atom feed.

use std::io::Read;

use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::{self, Release};
use domain::AreaCode;

use crate::negotiate::Format;
use crate::params::{Query, known};
use crate::problem::Answer;
use crate::respond::{Asked, Common};
use crate::state::State;
use crate::views::feed::{Event, Feed, Item};

/// Entries of a feed: the newest.
const ENTRIES: usize = 50;
/// An origin is a line of a checkpoint, and short.
const ORIGIN: u64 = 512;
/// Lines of this file are figures that changed.
const CORRECTIONS: &str = "data/corrections.csv";

crate::parameters! {
    /// Parameters of the feed.
    FeedQuery { area: AreaCode = known::AREA, version: u64 = known::VERSION }
}

/// What is new, as an Atom feed
///
/// The newest 50 admissions, corrections and withdrawals of the log, the newest first: when a month was due and when it came, why a month was corrected and how many figures changed, why a release was withdrawn. In Indonesian, or in English by `Accept-Language`. Ids of entries last; links are relative to this host.
#[utoipa::path(
    operation_id = "get_release_feed", tag = "releases", params(FeedQuery),
    responses((status = 200, description = "The feed (RFC 4287).", body = String, content_type = "application/atom+xml",
               example = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"id\">…</feed>\n"),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."))
)]
#[get("/v1/releases.atom")]
pub async fn get_release_feed(request: HttpRequest, state: Data<State>, query: Query<FeedQuery>) -> Answer {
    let area = query.ask.area;
    let address = query.spelling.address(request.path(), &["version"], &[]);
    // Readers of feeds say in many ways what they accept; there is one answer.
    let common = Common { version: query.ask.version, format: Some(Format::Atom), ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Atom])?;
    let language = asked.language();
    asked.bytes(move |asked, connection| Ok((feed(asked, connection, area, address)?.render(language).into_bytes(), None))).await
}

fn feed(asked: &Asked, connection: &mut AnyConnection, area: Option<AreaCode>, address: String) -> anyhow::Result<Feed> {
    let all = asked.reader.releases();
    let wanted = |one: &&Release| {
        let district = one.release.district();
        area.is_none_or(|area| area.contains(district) || district.contains(area))
    };
    // Every version is an admission or a withdrawal.
    let mut found: Vec<(u64, &Release, bool)> = Vec::new();
    for one in all.all().iter().filter(wanted) {
        found.push((one.version(), one, false));
        found.extend(one.withdrawn.as_ref().map(|withdrawal| (withdrawal.version, one, true)));
    }
    found.retain(|(version, ..)| *version <= asked.version);
    found.sort_unstable_by_key(|(version, ..)| std::cmp::Reverse(*version));
    found.truncate(ENTRIES);
    let revisions: Vec<i64> = found.iter().filter(|(_, one, _)| one.correction.is_some()).map(|(_, one, _)| one.id).collect();
    let files = releases::files_of(connection, &revisions)?;
    let lines = |one: &Release| files.iter().find(|file| file.release_id == one.id && file.path == CORRECTIONS).map(|file| file.row_count);
    let mut items = Vec::with_capacity(found.len());
    for (version, one, withdrawn) in found {
        let event = match (&one.withdrawn, &one.correction) {
            (Some(withdrawal), _) if withdrawn => Event::Withdrawn { reason: withdrawal.reason.clone() },
            (_, Some(correction)) => {
                let gone = all.get(correction.of).and_then(|of| of.withdrawn.as_ref()).is_some_and(|of| of.version < version);
                let figures = lines(one).filter(|_| !gone).map(u64::try_from).transpose()?;
                Event::Corrected { of: correction.of, reason: correction.reason, figures }
            }
            _ => Event::Published { expected: one.expected_on, late: all.days_late(one) },
        };
        let at = all.time_of(version).unwrap_or(&one.admitted_at).to_owned();
        items.push(Item { index: version - 1, at, release: one.release, simulated: one.simulated, event });
    }
    let updated = items.first().map(|item| item.at.clone()).or_else(|| all.time_of(asked.version).map(str::to_owned));
    Ok(Feed {
        origin: origin(asked.state.data.log().join("checkpoint")),
        address,
        area,
        updated: updated.unwrap_or_default(),
        since: all.time_of(1).and_then(release::days::day_of),
        items,
    })
}

/// The log's origin: the first line of its checkpoint. It never changes.
fn origin(checkpoint: std::path::PathBuf) -> String {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(checkpoint).and_then(|file| file.take(ORIGIN).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    match read {
        Ok(_) => text.lines().next().unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    }
}
