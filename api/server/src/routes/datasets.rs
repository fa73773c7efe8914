//! Datasets: what files there are, and the files themselves.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::{Release, Releases};
use dataset::{Words, dictionary};
use domain::{AreaCode, ReleaseId};

use super::newest;
use crate::files::{self, IMMUTABLE, Served, media_type};
use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Months, Nothing, Query, known};
use crate::problem::{Answer, Code, Problem};
use crate::respond::{Asked, Common, SIMULATED, all_standing, standing};
use crate::signed::{self, place, taken_back};
use crate::state::State;
use crate::views::{DatasetView, DistributionView, DistributionsPage, Page, Record, cursor_of};
use crate::words::Text;

crate::parameters! {
    /// Filters of the datasets.
    DatasetsQuery {
        area: AreaCode = known::AREA, period: Months = known::PERIOD, release: ReleaseId = known::RELEASE,
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

/// What belongs to a release and not to one of its tables.
const RELEASE: (&str, Words) = (
    signed::RELEASE,
    (
        "Rilis: manifes, tanda tangan, laporan risiko, dan keterangan paket data",
        "A release: manifest, signature, risk report and the description of its files",
    ),
);

/// The datasets in their order, with what they hold.
fn datasets() -> impl Iterator<Item = (&'static str, Words)> {
    dictionary::all().into_iter().map(|dataset| (dataset.name, dataset.title)).chain([RELEASE])
}

fn title(dataset: &str) -> Answer<(&'static str, Words)> {
    datasets().find(|(name, _)| *name == dataset).ok_or_else(|| {
        let all = datasets().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        Problem::new(
            Code::NotFound,
            Text::new(format!("tidak ada dataset itu; yang ada: {all}"), format!("there is no such dataset; there are: {all}")),
        )
        .into()
    })
}

/// All files of some releases, by dataset, then district and month.
fn distributions(
    connection: &mut AnyConnection,
    all: &Releases,
    releases: &[Release],
) -> anyhow::Result<BTreeMap<String, Vec<DistributionView>>> {
    let mut found: BTreeMap<String, Vec<(ReleaseId, DistributionView)>> = BTreeMap::new();
    for one in releases {
        for file in signed::files(connection, all, one)? {
            let Some((dataset, name)) = place(&file.path) else { continue };
            let view = DistributionView {
                dataset: dataset.to_owned(),
                release: one.release.to_string(),
                area: one.release.district().to_string(),
                period: one.release.period().to_string(),
                format: ending(name).to_owned(),
                media_type: media_type(name).to_owned(),
                url: format!("/v1/datasets/{dataset}/{}/{name}", one.release),
                bytes: file.bytes,
                rows: file.rows,
                sha256: file.sha256,
            };
            found.entry(dataset.to_owned()).or_default().push((one.release, view));
        }
    }
    Ok(found
        .into_iter()
        .map(|(dataset, mut files)| {
            files.sort_by_key(|(release, _)| *release);
            (dataset, files.into_iter().map(|(_, view)| view).collect())
        })
        .collect())
}

/// The ending of a file's name.
fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn sources(asked: &Asked, ask: &DatasetsQuery) -> Answer<Vec<Release>> {
    let found: Vec<&Release> = asked
        .releases(ask.area, ask.release)?
        .into_iter()
        .filter(|one| ask.period.is_none_or(|period| period.contains(one.release.period())))
        .collect();
    all_standing(&found)?;
    Ok(found.into_iter().cloned().collect())
}

/// Datasets with their files
///
/// Every dataset, with the files of the releases that answer: format, bytes, rows and SHA-256 of each.
#[utoipa::path(
    operation_id = "list_datasets", tag = "datasets", params(DatasetsQuery),
    responses((status = 200, description = "The datasets; as csv or ndjson all of them.", content(
                  (Page<DatasetView> = "application/json"), (String = "text/csv", example = "dataset,title_id,title_en,files,bytes,rows\nrecipients,\"Daftar penerima yang dianonimkan, satu baris per penerima\",\"Anonymised recipients, a row each\",80,34703805,447865\n"),
                  (DatasetView = "application/x-ndjson"))))
)]
#[get("/v1/datasets")]
pub async fn list_datasets(request: HttpRequest, state: Data<State>, query: Query<DatasetsQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor.clone() };
    let mut asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    // First: a cursor says which version answers.
    asked.place::<u64>()?;
    let releases = sources(&asked, &ask)?;
    asked
        .list_of(move |asked, connection| {
            let mut found = distributions(connection, asked.reader.releases(), &releases)?;
            Ok(datasets()
                .map(|(name, title)| DatasetView {
                    dataset: name.to_owned(),
                    title: title.into(),
                    distributions: found.remove(name).unwrap_or_default(),
                })
                .collect())
        })
        .await
}

/// One dataset's files
///
/// The files of the releases that answer, by district and month: format, bytes, rows and SHA-256 of each.
#[utoipa::path(
    operation_id = "get_dataset", tag = "datasets",
    params(("dataset" = String, Path, description = "The dataset: recipients, atoms, a statistics table such as totals, or release.", example = "recipients"), DatasetsQuery),
    responses((status = 200, description = "A page of files; as csv or ndjson all of them.", content(
                  (DistributionsPage = "application/json"), (String = "text/csv", example = "dataset,release,area,period,format,media_type,url,bytes,rows,sha256\ntotals,12.02-2025-01,12.02,2025-01,csv,text/csv; charset=utf-8,/v1/datasets/totals/12.02-2025-01/totals.csv,76468,1104,cede7d91e0f13936abedc01a0da3453cc4da7e74cd45c8092c8729ba4e490e6d\n"),
                  (DistributionView = "application/x-ndjson"))),
              (status = 404, description = "There is no such dataset."))
)]
#[get("/v1/datasets/{dataset}")]
pub async fn get_dataset(request: HttpRequest, state: Data<State>, path: Path<String>, query: Query<DatasetsQuery>) -> Answer {
    let (name, title) = title(&path)?;
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor.clone() };
    let mut asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    let start = asked.place::<u64>()?.unwrap_or(0);
    let releases = sources(&asked, &ask)?;
    asked
        .bytes(move |asked, connection| {
            let all = distributions(connection, asked.reader.releases(), &releases)?.remove(name).unwrap_or_default();
            let total = all.len() as u64;
            let (data, next) = asked.slice(all, start);
            let bytes = match asked.format() {
                Format::Json => serde_json::to_vec(&DistributionsPage {
                    version: asked.version,
                    simulated: releases.iter().any(|one| one.simulated),
                    dataset: name.to_owned(),
                    title: title.into(),
                    total,
                    data,
                    next_cursor: cursor_of(next.as_deref()),
                    next: next.clone(),
                })?,
                _ => asked.lines(DistributionView::COLUMNS, &data, DistributionView::fields)?,
            };
            Ok((bytes, next))
        })
        .await
}

/// The newest file of a district
///
/// Redirects to the lasting address of the file in the district's newest release.
#[utoipa::path(
    operation_id = "get_latest_file", tag = "datasets",
    params(("dataset" = String, Path, description = "The dataset.", example = "recipients"),
           ("file" = String, Path, description = "Kabupaten/kota and format.", example = "36.71.csv"), Nothing),
    responses((status = 307, description = "`Location` holds the file's lasting address."),
              (status = 404, description = "There is no such dataset, or the district does not publish."))
)]
#[get("/v1/datasets/{dataset}/latest/{file}")]
pub async fn get_latest_file(request: HttpRequest, state: Data<State>, path: Path<(String, String)>, query: Query<Nothing>) -> Answer {
    let (dataset, file) = path.into_inner();
    let (name, _) = title(&dataset)?;
    let missing = || {
        Problem::new(
            Code::NotFound,
            Text::new(
                "yang diterima kode kabupaten/kota yang menerbitkan dan format, misalnya 36.71.csv",
                "expected the code of a kabupaten/kota that publishes and a format, such as 36.71.csv",
            ),
        )
    };
    let asked = Asked::new(&request, &state, query.spelling, Common { format: Some(Format::Json), ..Common::default() }, &[Format::Json])?;
    let (code, ending) = file.rsplit_once('.').ok_or_else(missing)?;
    let area: AreaCode = code.parse().map_err(|_| missing())?;
    let one = newest(&asked).into_iter().find(|one| one.release.district() == area).cloned().ok_or_else(missing)?;
    let file = match (name, ending) {
        ("release", "json" | "sig") => format!("manifest.{ending}"),
        _ => format!("{name}.{ending}"),
    };
    let wanted = if name == RELEASE.0 { file.clone() } else { format!("data/{file}") };
    let files = state.signed.of(&asked.reader, &one).await?;
    if !files.iter().any(|file| file.path == wanted) {
        return Err(missing().into());
    }
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, format!("/v1/datasets/{name}/{}/{file}", one.release)))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60, stale-while-revalidate=600"))
        .finish())
}

/// One file of a release
///
/// The bytes as the district signed them. They never change: `Repr-Digest` and the manifest hold their SHA-256. Ranges are answered.
#[utoipa::path(
    operation_id = "get_file", tag = "datasets",
    params(("dataset" = String, Path, description = "The dataset.", example = "recipients"),
           ("release" = String, Path, description = "The release's id.", example = "36.71-2025-06"),
           ("file" = String, Path, description = "The file.", example = "recipients.csv"), Nothing),
    responses((status = 200, description = "The file.", body = String, content_type = "text/csv", example = "id,edition,program,area,sex,age_band,family_size\n"),
              (status = 206, description = "The bytes asked for by Range."),
              (status = 404, description = "There is no such file."),
              (status = 410, description = "The release was withdrawn; `detail` holds the reason."),
              (status = 416, description = "The bytes asked for are not in the file."))
)]
#[get("/v1/datasets/{dataset}/{release}/{file}")]
pub async fn get_file(request: HttpRequest, state: Data<State>, path: Path<(String, String, String)>, query: Query<Nothing>) -> Answer {
    let (dataset, release, file) = path.into_inner();
    let (name, _) = title(&dataset)?;
    let asked = Asked::new(&request, &state, query.spelling, Common { format: Some(Format::Json), ..Common::default() }, &[Format::Json])?;
    let release = super::releases::find(&asked, &release)?;
    let missing = || {
        Problem::new(
            Code::NotFound,
            Text::new("rilis ini tidak memuat berkas itu; lihat /v1/datasets", "this release holds no such file; see /v1/datasets"),
        )
    };
    let one = asked.reader.releases().get(release).cloned().ok_or_else(missing)?;
    if name == dictionary::CORRECTIONS.name
        && let Some(of) = taken_back(asked.reader.releases(), &one)
    {
        standing(of)?;
    }
    let inside = if name == RELEASE.0 { file.clone() } else { format!("data/{file}") };
    let files = state.signed.of(&asked.reader, &one).await?;
    let known = files.iter().find(|row| row.path == inside && place(&row.path).is_some_and(|(dataset, _)| dataset == name));
    let known = known.ok_or_else(missing)?;
    let caching = if state.draft.is_some() { "no-store" } else { IMMUTABLE };
    let mark = if one.simulated { SIMULATED } else { "" };
    let kind = if name == RELEASE.0 { "inline" } else { "attachment" };
    let served = Served {
        path: state.folder(release).join(&inside),
        kind: media_type(&file),
        sha256: Some(known.sha256.clone()),
        caching,
        disposition: Some(format!("{kind}; filename=\"{mark}{release}-{file}\"")),
        described_by: (file != "manifest.json").then(|| format!("/v1/datasets/{}/{release}/manifest.json", RELEASE.0)),
        encoded: Some(state.encoded.clone()),
    };
    files::serve(&request, served).await
}
