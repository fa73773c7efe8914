//! Liveness and readiness.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;

use crate::params::{Nothing, Query};
use crate::problem::{Answer, Code, Problem};
use crate::state::State;
use crate::words::Text;

/// How it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Health")]
pub struct HealthView {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: String,
    /// The version that answers; null for liveness.
    #[schema(example = 7)]
    pub version: Option<u64>,
}

/// Liveness
///
/// Answers as long as the process does.
#[utoipa::path(operation_id = "get_liveness", tag = "health", params(Nothing),
    responses((status = 200, description = "The process is alive.", body = HealthView)))]
#[get("/healthz")]
pub async fn get_liveness(_query: Query<Nothing>) -> Answer {
    Ok(answer(None))
}

/// Readiness
///
/// 200 when the catalogue answers and a release stands; else 503 with the reason.
#[utoipa::path(operation_id = "get_readiness", tag = "health", params(Nothing),
    responses((status = 200, description = "The service is ready.", body = HealthView),
              (status = 503, description = "Not yet; `detail` holds the reason.")))]
#[get("/readyz")]
pub async fn get_readiness(state: Data<State>, _query: Query<Nothing>) -> Answer {
    let not_ready = |detail: Text| Problem::new(Code::NotReady, detail);
    let reader = state.reader().map_err(|_| {
        not_ready(Text::new(
            "belum ada katalog; terima rilis dengan `bansos-api admit`",
            "there is no catalogue yet; admit a release with `bansos-api admit`",
        ))
    })?;
    let version = reader.version();
    if reader.releases().answering(version).is_empty() {
        return Err(not_ready(Text::new("katalog tidak memuat rilis yang berlaku", "the catalogue holds no release that stands")).into());
    }
    let asking = reader.clone();
    let answers = actix_web::web::block(move || asking.ask(|connection| catalogue::queries::releases::files_of(connection, &[1]))).await?;
    if let Err(error) = answers {
        tracing::error!(error = format!("{error:#}"), "the catalogue does not answer");
        return Err(not_ready(Text::new("katalog tidak menjawab", "the catalogue does not answer")).into());
    }
    Ok(answer(Some(version)))
}

fn answer(version: Option<u64>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((actix_web::http::header::CACHE_CONTROL, "no-store"))
        .json(HealthView { status: "ok".to_owned(), version })
}
