//! Handlers, a noun a file. A handler reads a question, asks the catalogue and
//! makes a view; it does nothing else.

pub mod areas;
pub mod changes;
pub mod codebook;
pub mod datasets;
pub mod describe;
pub mod docs;
pub mod entry;
pub mod errors;
pub mod feed;
pub mod health;
pub mod keys;
pub mod log;
pub mod programs;
pub mod recipients;
pub mod releases;
pub mod start;
pub mod statistics;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use catalogue::queries::releases::Release;
use domain::AreaCode;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Answer, Code, Problem};
use crate::respond::Asked;
use crate::state::State;
use crate::views::PublisherView;
use crate::words::Text;

/// Every documented address, with its place in the OpenAPI document.
pub fn documented(config: &mut ServiceConfig) {
    // Routes are tried one after the other: an address without a name in it is
    // compared, one with a name is searched for, which takes longer.
    config
        .service(recipients::list_recipients)
        .service(statistics::list_tables)
        .service(statistics::list_totals)
        .service(statistics::list_payments)
        .service(statistics::list_flows)
        .service(statistics::list_plan)
        .service(statistics::list_coverage)
        .service(statistics::list_demographics)
        .service(statistics::list_overlaps)
        .service(statistics::list_verification)
        .service(statistics::list_freshness)
        .service(statistics::list_findings)
        .service(statistics::list_deciles)
        .service(statistics::list_targeting)
        .service(statistics::list_reports)
        .service(entry::get_entry)
        .service(areas::list_areas)
        .service(releases::list_releases)
        .service(feed::get_release_feed)
        .service(programs::list_programs)
        .service(codebook::get_codebook)
        .service(datasets::list_datasets)
        .service(describe::list_dictionary)
        .service(describe::get_data_package)
        .service(describe::get_catalog)
        .service(describe::get_api_catalog)
        .service(log::get_checkpoint)
        .service(health::get_liveness)
        .service(health::get_readiness);
    config
        .service(areas::get_area)
        .service(areas::get_boundary)
        .service(releases::get_release)
        .service(changes::list_release_changes)
        .service(programs::get_program)
        .service(datasets::get_dataset)
        .service(datasets::get_latest_file)
        .service(datasets::get_file)
        .service(describe::get_release_data)
        .service(log::get_tile)
        .service(keys::get_key);
}

/// Whatever no other handler takes: the site, or nothing.
pub async fn fallback(request: HttpRequest, state: Data<State>) -> Answer<HttpResponse> {
    let path = request.path();
    let api = ["/v1", "/log", "/keys", "/healthz", "/readyz", "/openapi.json", "/docs"];
    if api.iter().any(|start| path == *start || path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/'))) {
        return Err(Problem::plain(Code::NotFound).into());
    }
    state.site.serve(&request, &state).await
}

/// A code in a path: an area that exists, in its dotted spelling.
fn area_in_path(request: &HttpRequest, text: &str) -> Answer<AreaCode> {
    let code: AreaCode = text.parse().map_err(|_| {
        Problem::parameter(
            "code",
            Text::new(
                "bukan kode Kemendagri: yang diterima 2, 4, 6, atau 10 digit, misalnya 36.71.01",
                "not a Kemendagri code: expected 2, 4, 6 or 10 digits, such as 36.71.01",
            ),
        )
    })?;
    let dotted = code.to_string();
    if dotted != text {
        let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
        return Err(crate::problem::Failure::Redirect(format!("{}{query}", request.path().replacen(text, &dotted, 1))));
    }
    if reference::areas().get(code).is_none() {
        return Err(Problem::new(
            Code::NotFound,
            Text::new(
                format!("tidak ada wilayah berkode {dotted}; cari dengan /v1/areas?q="),
                format!("there is no area with the code {dotted}; search with /v1/areas?q="),
            ),
        )
        .into());
    }
    Ok(code)
}

/// The districts that publish in or around an area, each with its newest release.
fn publishers(asked: &Asked, area: Option<AreaCode>) -> Vec<PublisherView> {
    let mut found: Vec<PublisherView> = Vec::new();
    for one in newest(asked) {
        let district = one.release.district();
        if area.is_none_or(|area| area.contains(district) || district.contains(area)) {
            found.push(PublisherView {
                code: district.to_string(),
                name: reference::areas().get(district).map_or("", |area| area.name).to_owned(),
                release: one.release.to_string(),
                period: one.release.period().to_string(),
            });
        }
    }
    found
}

/// The newest release of each district, by district.
fn newest(asked: &Asked) -> Vec<&Release> {
    let mut found: Vec<&Release> = Vec::new();
    // They come by district and month, so the last of a district is its newest.
    for one in asked.reader.releases().answering(asked.version) {
        match found.last_mut() {
            Some(last) if last.release.district() == one.release.district() => *last = one,
            _ => found.push(one),
        }
    }
    found
}
