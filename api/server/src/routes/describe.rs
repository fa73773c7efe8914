//! Descriptions of the data for machines: the dictionary, the Data Package and
//! the DCAT catalogue of this host, and where the API's documents are.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use catalogue::connection::AnyConnection;
use catalogue::queries::releases::{Release, Releases};
use dataset::describe::{self, dcat, linkset, package};
use domain::{AreaCode, ReleaseId};

use super::newest;
use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Nothing, Query, known};
use crate::problem::{Answer, Code, Problem};
use crate::respond::{Asked, Common, all_standing};
use crate::signed;
use crate::state::State;
use crate::views::{DictionaryView, Page};

crate::parameters! {
    /// Parameters of the dictionary.
    DictionaryQuery {
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

crate::parameters! {
    /// Parameters of the Data Package.
    PackageQuery { version: u64 = known::VERSION }
}

crate::parameters! {
    /// Parameters of the catalogue.
    CatalogQuery { area: AreaCode = known::AREA, version: u64 = known::VERSION }
}

/// Dictionary of all fields and measures
///
/// What every field of every dataset is, and every measure of the statistics tables: type, unit, source, codes, and the five columns of Satu Data Indonesia (konsep, definisi, klasifikasi, ukuran, satuan), in both languages.
#[utoipa::path(
    operation_id = "list_dictionary", tag = "datasets", params(DictionaryQuery),
    responses((status = 200, description = "A page of the dictionary; as csv or ndjson all of it.", content(
                  (Page<DictionaryView> = "application/json"), (String = "text/csv", example = "dataset,field,measure,type,optional,title_id,title_en,konsep,concept,definisi,definition,klasifikasi,classification,ukuran,quantity,satuan,unit,sumber,source,pattern,codes\nrecipients,id,,code,false,baris,row,Baris daftar penerima,Row of the list of recipients,\"Nomor baris: kabupaten/kota dan edisi, program, nomor kelompok, tempat di dalamnya. Tempat itu diacak, hanya berlaku pada satu edisi, dan tidak menunjuk orang.\",\"The row's number: kabupaten/kota and edition, program, atom, a place in it. Places are shuffled, hold for one edition only, and point to nobody.\",tidak digolongkan,not classified,kategori,category,kode,a code,Diberikan oleh Bansos Terbuka ketika menerbitkan,Given by Bansos Terbuka on publication,\"^[0-9]{2}\\.[0-9]{2}-[0-9]{4}Q[1-4](-r[0-9]+)?/[A-Z][A-Z0-9_]{0,23}/[0-9]{5,}/[0-9]{2,}$\",\n"),
                  (DictionaryView = "application/x-ndjson"))))
)]
#[get("/v1/dictionary")]
pub async fn list_dictionary(request: HttpRequest, state: Data<State>, query: Query<DictionaryQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    asked.list_of(|_, _| Ok(DictionaryView::all())).await
}

/// A file of a release, as its package names it
///
/// The Data Package of a release names `data/totals.csv`, which holds in its folder; here it is redirected to the file's lasting address.
#[utoipa::path(
    operation_id = "get_release_data", tag = "datasets",
    params(("release" = String, Path, description = "The release.", example = "36.71-2025-06"),
           ("file" = String, Path, description = "The file's name in the folder `data`.", example = "totals.csv"), Nothing),
    responses((status = 308, description = "`Location` holds the file's lasting address."),
              (status = 404, description = "There is no such file."))
)]
#[get("/v1/datasets/release/{release}/data/{file}")]
pub async fn get_release_data(path: Path<(String, String)>, _query: Query<Nothing>) -> Answer {
    let (release, file) = path.into_inner();
    let release: ReleaseId = release.parse().map_err(|_| Problem::plain(Code::NotFound))?;
    let named = describe::File { path: format!("data/{file}"), bytes: 0, rows: 0, sha256: String::new() };
    let (dataset, form) = named.of().ok_or_else(|| Problem::plain(Code::NotFound))?;
    let name = dataset.name;
    Err(crate::problem::Failure::Redirect(format!("/v1/datasets/{name}/{release}/{name}.{}", form.ending())))
}

/// Data Package of this host
///
/// Data Package v2 of the newest release of each district: every table with its Table Schema, size and SHA-256, paths relative to this address. `packages` lists the package of every release that answers.
#[utoipa::path(
    operation_id = "get_data_package", tag = "datasets", params(PackageQuery),
    responses((status = 200, description = "The package.", body = Object, content_type = "application/json", example = json!({"name": "bansos-terbuka", "resources": [{"name": "36.71-2025-06.totals", "path": "v1/datasets/totals/36.71-2025-06/totals.csv"}]})),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/datapackage.json")]
pub async fn get_data_package(request: HttpRequest, state: Data<State>, query: Query<PackageQuery>) -> Answer {
    let asked = fixed(&request, &state, query.spelling, query.ask.version)?;
    let all = asked.releases(None, None)?;
    all_standing(&all)?;
    let all: Vec<ReleaseId> = all.into_iter().map(|one| one.release).collect();
    let last: Vec<Release> = newest(&asked).into_iter().cloned().collect();
    asked.object(move |asked, connection| Ok(package::of_host(&described(connection, asked.reader.releases(), &last)?, &all))).await
}

/// DCAT catalogue of this host
///
/// DCAT 3 as JSON-LD with its context inside: a series for each dataset, a dataset for each of these in each release, its files with sizes and checksums. Addresses are relative to this one. Withdrawn releases are absent. The newest 120 releases; with `area` those of a kabupaten/kota.
#[utoipa::path(
    operation_id = "get_catalog", tag = "datasets", params(CatalogQuery),
    responses((status = 200, description = "The catalogue.", body = Object, content_type = "application/ld+json", example = json!({"@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@graph": [{"@id": "catalog.jsonld#catalog", "@type": "dcat:Catalog"}]})),
              (status = 308, description = "A code was not dotted; `Location` holds the lasting address."),
              (status = 410, description = "The answer rests on a release that was withdrawn."))
)]
#[get("/catalog.jsonld")]
pub async fn get_catalog(request: HttpRequest, state: Data<State>, query: Query<CatalogQuery>) -> Answer {
    let asked = fixed(&request, &state, query.spelling, query.ask.version)?;
    let found = asked.releases(query.ask.area, None)?;
    all_standing(&found)?;
    let mut releases: Vec<Release> = found.into_iter().cloned().collect();
    let left_out = releases.len().saturating_sub(dcat::MOST);
    releases.sort_by_key(|one| std::cmp::Reverse((one.release.period(), one.release.district())));
    releases.truncate(dcat::MOST);
    releases.sort_by_key(|one| one.release);
    let answer = asked
        .object(move |asked, connection| {
            Ok(dcat::Catalogue { releases: described(connection, asked.reader.releases(), &releases)?, left_out })
        })
        .await;
    answer.map(|response| of_type(response, "application/ld+json"))
}

/// Where the API and its documents are
///
/// RFC 9727: a linkset (RFC 9264) that names the API, its OpenAPI document, its documentation and the descriptions of its data. The answer, to HEAD as well, names itself in `Link`.
#[utoipa::path(
    operation_id = "get_api_catalog", tag = "entry", params(Nothing),
    responses((status = 200, description = "The linkset.", body = Object, content_type = "application/linkset+json", example = json!({"linkset": [{"anchor": "/v1", "service-desc": [{"href": "/openapi.json"}]}]})))
)]
#[get("/.well-known/api-catalog")]
pub async fn get_api_catalog(request: HttpRequest, state: Data<State>, query: Query<Nothing>) -> Answer {
    let asked = fixed(&request, &state, query.spelling, None)?;
    let mut response = of_type(asked.object(|_, _| Ok(linkset::linkset())).await?, linkset::MEDIA_TYPE);
    response.headers_mut().append(header::LINK, HeaderValue::from_static(linkset::LINK));
    Ok(response)
}

/// A question that has one form of answer, whatever the reader accepts.
fn fixed(request: &HttpRequest, state: &Data<State>, spelling: crate::params::Spelling, version: Option<u64>) -> Answer<Asked> {
    Asked::new(request, state, spelling, Common { version, format: Some(Format::Json), ..Common::default() }, &[Format::Json])
}

/// The answer with the media type that it has beside being JSON.
fn of_type(mut response: HttpResponse, kind: &'static str) -> HttpResponse {
    if response.headers().contains_key(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// Releases with those of their files that may be had.
fn described(connection: &mut AnyConnection, all: &Releases, releases: &[Release]) -> anyhow::Result<Vec<describe::Release>> {
    let mut found = Vec::with_capacity(releases.len());
    for one in releases {
        let files = signed::files(connection, all, one)?.into_iter();
        found.push(describe::Release {
            id: one.release,
            edition: one.edition.zip(one.edition_as_of),
            simulated: one.simulated,
            corrects: one.correction.map(|correction| correction.of),
            issued: Some(one.admitted_at.clone()),
            files: files.map(|file| describe::File { path: file.path, bytes: file.bytes, rows: file.rows, sha256: file.sha256 }).collect(),
        });
    }
    Ok(found)
}
