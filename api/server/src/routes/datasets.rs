//! Datasets: what files there are, and the files themselves.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::{Release, files_of};
use domain::{AreaCode, ReleaseId, Table};

use super::newest;
use crate::files::{self, IMMUTABLE, Served, media_type};
use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Months, Nothing, Query, known};
use crate::problem::{Answer, Code, Problem, ProblemView};
use crate::respond::{Asked, Common, SIMULATED, all_standing};
use crate::state::State;
use crate::views::{DatasetView, DistributionView, DistributionsPage, Page, Record};
use crate::words::Text;

crate::parameters! {
    /// Filters of the datasets.
    DatasetsQuery {
        area: AreaCode = known::AREA, period: Months = known::PERIOD, release: ReleaseId = known::RELEASE,
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

/// The datasets in their order, with what they hold.
const DATASETS: [(&str, (&str, &str)); 16] = [
    ("recipients", ("Daftar penerima yang dianonimkan, satu baris per penerima", "Anonymised recipients, a row each")),
    ("atoms", ("Daftar penerima sebagai kelompok setara dengan jumlahnya", "Anonymised recipients as equivalence classes with counts")),
    ("totals", dataset::dictionary::title(Table::Totals)),
    ("payments", dataset::dictionary::title(Table::Payments)),
    ("flows", dataset::dictionary::title(Table::Flows)),
    ("plan", dataset::dictionary::title(Table::Plan)),
    ("coverage", dataset::dictionary::title(Table::Coverage)),
    ("demographics", dataset::dictionary::title(Table::Demographics)),
    ("overlaps", dataset::dictionary::title(Table::Overlaps)),
    ("verification", dataset::dictionary::title(Table::Verification)),
    ("freshness", dataset::dictionary::title(Table::Freshness)),
    ("findings", dataset::dictionary::title(Table::Findings)),
    ("deciles", dataset::dictionary::title(Table::Deciles)),
    ("targeting", dataset::dictionary::title(Table::Targeting)),
    ("reports", dataset::dictionary::title(Table::Reports)),
    ("release", ("Manifes, tanda tangan, dan laporan risiko rilis", "Manifest, signature and risk report of a release")),
];

fn title(dataset: &str) -> Answer<(&'static str, (&'static str, &'static str))> {
    DATASETS.into_iter().find(|(name, _)| *name == dataset).ok_or_else(|| {
        let all = DATASETS.map(|(name, _)| name).join(", ");
        Problem::new(
            Code::NotFound,
            Text::new(format!("tidak ada dataset itu; yang ada: {all}"), format!("there is no such dataset; there are: {all}")),
        )
        .into()
    })
}

/// Which dataset a file of a release folder belongs to, and its name there.
fn place(path: &str) -> Option<(&str, &str)> {
    match path.strip_prefix("data/") {
        Some(name) => name.split_once('.').map(|(dataset, _)| (dataset, name)),
        None => Some(("release", path)),
    }
}

/// All files of some releases, by dataset, then district and month.
fn distributions(connection: &mut AnyConnection, releases: &[Release]) -> anyhow::Result<BTreeMap<String, Vec<DistributionView>>> {
    let ids: Vec<i64> = releases.iter().map(|one| one.id).collect();
    let mut found: BTreeMap<String, Vec<(ReleaseId, DistributionView)>> = BTreeMap::new();
    let rows = files_of(connection, &ids)?;
    for row in rows {
        let Some(one) = releases.iter().find(|one| one.id == row.release_id) else { continue };
        let Some((dataset, name)) = place(&row.path) else { continue };
        let view = DistributionView {
            dataset: dataset.to_owned(),
            release: one.release.to_string(),
            area: one.release.district().to_string(),
            period: one.release.period().to_string(),
            format: name.rsplit_once('.').map_or("", |(_, ending)| ending).to_owned(),
            url: format!("/v1/datasets/{dataset}/{}/{name}", one.release),
            bytes: u64::try_from(row.bytes)?,
            rows: u64::try_from(row.row_count)?,
            sha256: row.sha256,
        };
        found.entry(dataset.to_owned()).or_default().push((one.release, view));
    }
    Ok(found
        .into_iter()
        .map(|(dataset, mut files)| {
            files.sort_by_key(|(release, _)| *release);
            (dataset, files.into_iter().map(|(_, view)| view).collect())
        })
        .collect())
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
    responses((status = 200, description = "The datasets.", body = Page<DatasetView>),
              (status = "4XX", description = "A problem with the request.", body = ProblemView, content_type = "application/problem+json"),
              (status = 503, description = "There is no release yet.", body = ProblemView, content_type = "application/problem+json"))
)]
#[get("/v1/datasets")]
pub async fn list_datasets(request: HttpRequest, state: Data<State>, query: Query<DatasetsQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor.clone() };
    let asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    let releases = sources(&asked, &ask)?;
    asked
        .list_of(move |_, connection| {
            let mut found = distributions(connection, &releases)?;
            Ok(DATASETS
                .into_iter()
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
    responses((status = 200, description = "A page of files.", body = DistributionsPage),
              (status = 404, description = "There is no such dataset.", body = ProblemView, content_type = "application/problem+json"),
              (status = "4XX", description = "A problem with the request.", body = ProblemView, content_type = "application/problem+json"),
              (status = 503, description = "There is no release yet.", body = ProblemView, content_type = "application/problem+json"))
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
            let all = distributions(connection, &releases)?.remove(name).unwrap_or_default();
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
              (status = 404, description = "There is no such dataset, or the district does not publish.", body = ProblemView, content_type = "application/problem+json"),
              (status = "4XX", description = "A problem with the request.", body = ProblemView, content_type = "application/problem+json"),
              (status = 503, description = "There is no release yet.", body = ProblemView, content_type = "application/problem+json"))
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
    let reader = asked.reader.clone();
    let wanted = format!("data/{name}.{ending}");
    let files = actix_web::web::block(move || reader.ask(|connection| files_of(connection, &[one.id]))).await??;
    if !files.iter().any(|file| file.path == wanted) {
        return Err(missing().into());
    }
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, format!("/v1/datasets/{name}/{}/{name}.{ending}", one.release)))
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
              (status = 404, description = "There is no such file.", body = ProblemView, content_type = "application/problem+json"),
              (status = 410, description = "The release was withdrawn; `detail` holds the reason.", body = ProblemView, content_type = "application/problem+json"),
              (status = 416, description = "The bytes asked for are not in the file.", body = ProblemView, content_type = "application/problem+json"),
              (status = "4XX", description = "A problem with the request.", body = ProblemView, content_type = "application/problem+json"),
              (status = 503, description = "There is no release yet.", body = ProblemView, content_type = "application/problem+json"))
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
    let inside = if name == "release" { file.clone() } else { format!("data/{file}") };
    // What the district signed is known by its hash; of the signature itself nothing is promised.
    let sha256 = match (name, file.as_str()) {
        ("release", "manifest.json") => Some(one.manifest_sha256.clone()),
        ("release", "manifest.sig") => None,
        _ => {
            let reader = asked.reader.clone();
            let id = one.id;
            let files = actix_web::web::block(move || reader.ask(|connection| files_of(connection, &[id]))).await??;
            let known = files.into_iter().find(|row| row.path == inside && place(&row.path).is_some_and(|(dataset, _)| dataset == name));
            Some(known.ok_or_else(missing)?.sha256)
        }
    };
    let caching = if state.draft.is_some() { "no-store" } else { IMMUTABLE };
    let mark = if one.simulated { SIMULATED } else { "" };
    let saved = (name != "release").then(|| format!("{mark}{release}-{file}"));
    let served = Served { path: state.folder(release).join(&inside), kind: media_type(&file), sha256, caching, name: saved };
    files::serve(&request, served).await
}
