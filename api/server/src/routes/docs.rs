//! Documentation: OpenAPI and Swagger UI (vendored, so it works offline).

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::cache::Body;
use crate::negotiate::Coding;
use crate::params::{Nothing, Query};
use crate::problem::{Answer, Code, Failure, Problem};
use crate::respond::matches;
use crate::site::POLICY;
use crate::state::State;

static SWAGGER: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json").try_it_out_enabled(true).deep_linking(true)));

/// The OpenAPI document.
///
/// # Errors
/// An unknown parameter.
pub async fn openapi(request: HttpRequest, state: Data<State>, _query: Query<Nothing>) -> Answer {
    let bytes = state.openapi.clone();
    ready(&request, &state, "openapi.json", "application/json", bytes.to_vec()).await
}

/// A file of Swagger UI.
///
/// # Errors
/// `not-found`.
pub async fn swagger(request: HttpRequest, state: Data<State>, path: Path<String>, _query: Query<Nothing>) -> Answer {
    let found = utoipa_swagger_ui::serve(&path, SWAGGER.clone()).map_err(|error| Failure::Internal(error.to_string().into()))?;
    let Some(file) = found else { return Err(Problem::plain(Code::NotFound).into()) };
    let bytes = if file.gzpipped {
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&file.bytes[..]), &mut plain).map_err(anyhow::Error::from)?;
        plain
    } else {
        file.bytes.to_vec()
    };
    ready(&request, &state, &format!("docs/{path}"), &file.content_type, bytes).await
}

/// `/docs` without its slash.
///
/// # Errors
/// Always a redirect.
pub async fn to_docs() -> Answer {
    Err(Failure::Redirect("/docs/".to_owned()))
}

/// Fixed bytes of this build, in each coding.
pub(super) async fn ready(request: &HttpRequest, state: &Data<State>, name: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    let coding = Coding::accepted(request.headers(), &Coding::ALL);
    let tag = |coding: Coding| format!("\"{}-{}-{}\"", name.replace(['/', '"'], "-"), coding.as_str(), state.build);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag(coding)))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| matches(known, &tag(coding))) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let compute = async move { Ok(Body::plain(bytes)) };
    let body = state.cache.get(&tag(coding), tag, coding, compute).await?;
    if coding != Coding::Identity {
        response.insert_header((header::CONTENT_ENCODING, coding.as_str()));
    }
    Ok(response.insert_header((header::CONTENT_TYPE, kind)).body(body.bytes))
}
