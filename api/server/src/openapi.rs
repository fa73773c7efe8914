//! The OpenAPI document: collected from the handlers themselves, so that it
//! cannot name an address that is not served, nor miss one that is.

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_actix_web::AppExt as _;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bansos Terbuka",
        version = "1",
        description = "What social assistance was given where: anonymised lists, statistics and the files of signed releases. \
            Keyless and read-only. Every answer is a function of a version of the catalogue; `?version=` pins it. \
            Errors are `application/problem+json`, in Indonesian or English by `Accept-Language`. \
            Malformed HTTP that never becomes a request gets the parser's empty answer.",
        license(name = "Apache-2.0 (software), CC BY 4.0 (data)")
    ),
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
    let (_, document) =
        actix_web::App::new().into_utoipa_app().openapi(Base::openapi()).configure(crate::routes::documented).split_for_parts();
    document
}

/// The document as it is served and committed: pretty JSON with a last newline.
#[must_use]
pub fn document() -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(&build()).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
