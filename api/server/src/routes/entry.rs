//! The entry: links, version, districts and their age, licence, limits.

use actix_web::web::Data;
use actix_web::{HttpRequest, get};

use super::newest;
use crate::limit::Policy;
use crate::negotiate::Format;
use crate::params::{Query, known};
use crate::problem::Answer;
use crate::respond::{Asked, Common};
use crate::state::State;
use crate::views::{DistrictView, EntryView, LicenseView, LimitView, LinksView, NextView};

crate::parameters! {
    /// Parameters of the entry.
    EntryQuery { version: u64 = known::VERSION }
}

/// Entry: links, version, districts, licence, limits
///
/// Where a program starts: the version of the catalogue, the districts that publish with their newest release and its age, the licence of the data and the quotas.
#[utoipa::path(
    operation_id = "get_entry", tag = "entry", params(EntryQuery),
    responses((status = 200, description = "The entry.", body = EntryView))
)]
#[get("/v1")]
pub async fn get_entry(request: HttpRequest, state: Data<State>, query: Query<EntryQuery>) -> Answer {
    let common = Common { version: query.ask.version, ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Json])?;
    asked.object(|asked, _| Ok(view(asked))).await
}

fn view(asked: &Asked) -> EntryView {
    let districts: Vec<DistrictView> = newest(asked)
        .into_iter()
        .map(|one| DistrictView {
            code: one.release.district().to_string(),
            name: reference::areas().get(one.release.district()).map_or("", |area| area.name).to_owned(),
            release: one.release.to_string(),
            period: one.release.period().to_string(),
            edition: one.edition.map(|edition| edition.to_string()).unwrap_or_default(),
            admitted_at: one.admitted_at.clone(),
            key: format!("/keys/{}.vkey", release::keys::district(one.release.district())),
            expected_on: one.expected_on.map(|day| day.to_string()),
            published_on: one.published_on().map(|day| day.to_string()),
            days_late: asked.reader.releases().days_late(one),
            next: one.next_due().map(|(period, day)| NextView { period: period.to_string(), expected_on: day.to_string() }),
        })
        .collect();
    let limits = Policy::ALL.map(|policy| {
        let quota = asked.state.limits.quota(policy);
        (policy.as_str().to_owned(), LimitView { q: quota.requests, w: quota.seconds })
    });
    let link = str::to_owned;
    EntryView {
        name: "Bansos Terbuka".to_owned(),
        version: asked.version,
        simulated: asked.reader.releases().answering(asked.version).iter().any(|one| one.simulated),
        links: LinksView {
            releases: link("/v1/releases"),
            feed: link("/v1/releases.atom"),
            areas: link("/v1/areas"),
            programs: link("/v1/programs"),
            codebook: link("/v1/codebook"),
            recipients: link("/v1/recipients"),
            statistics: link("/v1/statistics"),
            datasets: link("/v1/datasets"),
            log: link("/log/checkpoint"),
            log_key: format!("/keys/{}.vkey", release::keys::LOG),
            openapi: link("/openapi.json"),
            docs: link("/docs/"),
        },
        districts,
        license: LicenseView {
            id: "CC-BY-4.0".to_owned(),
            name: "Creative Commons Attribution 4.0 International".to_owned(),
            url: "https://creativecommons.org/licenses/by/4.0/".to_owned(),
        },
        limits: limits.into_iter().collect(),
    }
}
