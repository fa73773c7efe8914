//! Releases.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::{Data, Path};
use actix_web::{FromRequest, HttpRequest, get};
use catalogue::queries::releases;
use domain::{AreaCode, ReleaseId};
use release::log::Action;

use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Months, Query, known};
use crate::problem::{Answer, Code, Failure, Problem};
use crate::respond::{Asked, Common, standing};
use crate::state::State;
use crate::views::{ChangesView, LogPlaceView, Page, ReleaseDetailView, ReleaseView};
use crate::words::Text;

crate::parameters! {
    /// Filters of the list of releases.
    ReleasesQuery {
        area: AreaCode = known::AREA, period: Months = known::PERIOD,
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

crate::parameters! {
    /// Parameters of one release.
    ReleaseQuery { version: u64 = known::VERSION }
}

/// Releases, newest first
///
/// Every release ever admitted, with corrections and withdrawals, the last admitted first.
#[utoipa::path(
    operation_id = "list_releases", tag = "releases", params(ReleasesQuery),
    responses((status = 200, description = "A page of releases; as csv or ndjson all of them.", content(
                  (Page<ReleaseView> = "application/json"), (String = "text/csv", example = "release,district,district_name,period,revision,edition,edition_as_of,admitted_at,expected_on,published_on,days_late,version,status,rows_from,corrects,correction_reason,superseded_by,simulated,reason\n36.71-2025-04,36.71,Kota Tangerang,2025-04,1,2025Q2,2025-04,2025-07-04T03:12:09Z,2025-05-30,2025-07-04,541,20,current,36.71-2025-04,,,,true,\n"),
                  (ReleaseView = "application/x-ndjson"))))
)]
#[get("/v1/releases")]
pub async fn list_releases(request: HttpRequest, state: Data<State>, query: Query<ReleasesQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let (area, period) = (ask.area, ask.period);
    let asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    asked
        .list_of(move |asked, _| {
            let all = asked.reader.releases();
            let wanted = |one: &releases::Release| {
                let district = one.release.district();
                area.is_none_or(|area| area.contains(district) || district.contains(area))
                    && period.is_none_or(|period| period.contains(one.release.period()))
            };
            Ok(all.all().iter().rev().filter(|one| wanted(one)).filter_map(|one| ReleaseView::new(all, one, asked.version)).collect())
        })
        .await
}

/// One release: manifest, control totals, digests, signature
///
/// The release as it was admitted, with its whole manifest; of a revision also what it corrects, why, and what changed. A withdrawn release answers 410 with the reason.
#[utoipa::path(
    operation_id = "get_release", tag = "releases",
    params(("release" = String, Path, description = "The release's id.", example = "36.71-2025-06"), ReleaseQuery),
    responses((status = 200, description = "The release.", body = ReleaseDetailView),
              (status = 404, description = "There is no such release."),
              (status = 410, description = "It was withdrawn; `detail` holds the reason."))
)]
#[get("/v1/releases/{release}")]
pub async fn get_release(request: HttpRequest, state: Data<State>, path: Path<String>, query: Query<ReleaseQuery>) -> Answer {
    let common = Common { version: query.ask.version, ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Json])?;
    let release = find(&asked, &path)?;
    asked
        .object(move |asked, connection| {
            let all = asked.reader.releases();
            let one = all.get(release).ok_or_else(|| anyhow::anyhow!("{release} is gone"))?;
            let (manifest, signature) = releases::manifest(connection, one)?;
            // What was withdrawn is not told again as "before".
            let corrected = one.correction.and_then(|correction| all.get(correction.of)).filter(|of| of.withdrawn.is_none());
            let changes = match corrected {
                Some(of) => Some(ChangesView::between(&of.release.to_string(), &releases::manifest(connection, of)?.0, &manifest)?),
                None => None,
            };
            Ok(ReleaseDetailView {
                release: ReleaseView::new(all, one, asked.version).ok_or_else(|| anyhow::anyhow!("{release} is not there yet"))?,
                manifest: serde_json::from_str(&manifest)?,
                manifest_sha256: one.manifest_sha256.clone(),
                signature,
                log: LogPlaceView {
                    index: one.version() - 1,
                    leaf_sha256: release::hex(
                        &Action::Admit { release, manifest_sha256: one.manifest_sha256.clone(), at: one.admitted_at.clone() }.leaf()?,
                    ),
                },
                changes,
            })
        })
        .await
}

/// The release of a path, if it stands.
///
/// # Errors
/// `not-found`, or `withdrawn` with the reason.
pub fn find(asked: &Asked, text: &str) -> Answer<ReleaseId> {
    let release = text.parse().map_err(|_| missing())?;
    stands(asked, release)?;
    Ok(release)
}

/// Whether a release is there and stands.
///
/// # Errors
/// As of [`find`].
pub fn stands(asked: &Asked, release: ReleaseId) -> Result<(), Problem> {
    let one = asked.reader.releases().get(release).filter(|one| one.version() <= asked.version).ok_or_else(missing)?;
    standing(one)
}

fn missing() -> Problem {
    Problem::new(
        Code::NotFound,
        Text::new("tidak ada rilis dengan nama itu; lihat /v1/releases", "there is no release of that name; see /v1/releases"),
    )
}

/// The two releases of a path, by their form. A handler takes it before its
/// parameters: these redirect a code that is not dotted, and nobody is sent on to
/// an address that cannot be right.
#[derive(Debug, Clone, Copy)]
pub struct TwoReleases(pub ReleaseId, pub ReleaseId);

impl FromRequest for TwoReleases {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = Path::<(String, String)>::from_request(request, payload).into_inner();
        let read = || {
            let path = path.map_err(|_| missing())?;
            let release = |text: &str| text.parse().map_err(|_| missing());
            Ok(TwoReleases(release(&path.0)?, release(&path.1)?))
        };
        ready(read())
    }
}
