//! The OpenAPI document: collected from the handlers themselves, so that it
//! cannot name an address that is not served, nor miss one that is.
//!
//! A handler says what is its own: words, parameters, the body of its answer.
//! What all answers share ([`complete`]: headers, errors, 304) and how one
//! answer leads to the next question ([`links`]) is added here, once.

mod complete;
mod example;
mod links;

use std::sync::{Arc, LazyLock};

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_actix_web::AppExt as _;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bansos Terbuka",
        version = "1",
        description = "What social assistance was given where: anonymised lists, statistics and the files of signed releases. \
            Keyless and read-only; a GET can be a HEAD, too. Every answer is a function of a version of the catalogue; `?version=` pins it. \
            Answers name themselves by `ETag`: `If-None-Match` is answered 304. `Accept-Encoding` may be br, zstd or gzip. \
            Errors are `application/problem+json` (RFC 9457), in Indonesian or English by `Accept-Language`; \
            400 where a parameter has not its form, 404 where it names nothing. Their codes are explained at /docs/errors/. \
            Quotas are listed at /v1, and every answer tells what is left in `RateLimit`. \
            Malformed HTTP that never becomes a request gets the parser's empty answer.",
        license(name = "CC BY 4.0 (data; the software is Apache-2.0)", identifier = "CC-BY-4.0")
    ),
    components(schemas(crate::problem::ProblemView)),
    servers((url = "/", description = "This host.")),
    tags(
        (name = "entry", description = "Where a program starts."),
        (name = "releases", description = "What was published, when, and signed by whom."),
        (name = "areas", description = "Areas of Indonesia by Kemendagri code."),
        (name = "programs", description = "Programs of social assistance."),
        (name = "recipients", description = "The anonymised list and its codebook."),
        (name = "statistics", description = "Figures by area, program and month."),
        (name = "datasets", description = "Whole files, with digests."),
        (name = "log", description = "The transparency log."),
        (name = "health", description = "For operators.")
    )
)]
struct Base;

/// The document.
#[must_use]
pub fn build() -> Document {
    let (_, mut document) =
        actix_web::App::new().into_utoipa_app().openapi(Base::openapi()).configure(crate::routes::documented).split_for_parts();
    complete::complete(&mut document);
    links::link(&mut document);
    document
}

/// The document as it is served and committed: pretty JSON with a last newline.
#[must_use]
pub fn document() -> Arc<Vec<u8>> {
    static DOCUMENT: LazyLock<Arc<Vec<u8>>> = LazyLock::new(|| {
        let mut bytes = serde_json::to_vec_pretty(&build()).unwrap_or_default();
        bytes.push(b'\n');
        Arc::new(bytes)
    });
    DOCUMENT.clone()
}
