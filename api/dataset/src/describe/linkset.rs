//! `/.well-known/api-catalog` (RFC 9727): where the API and its documents are,
//! as a linkset (RFC 9264).

use serde_json::{Value, json};

/// The media type of the answer, with the profile that RFC 9727 asks for.
pub const MEDIA_TYPE: &str = "application/linkset+json; profile=\"https://www.rfc-editor.org/info/rfc9727\"";

/// The header that an answer to HEAD tells it by.
pub const LINK: &str = "</.well-known/api-catalog>; rel=\"api-catalog\"; type=\"application/linkset+json\"";

/// The linkset. Its addresses are references from the host's root.
#[must_use]
pub fn linkset() -> Value {
    let link = |href: &str, kind: &str| json!([{ "href": href, "type": kind }]);
    json!({
        "linkset": [
            { "anchor": "/.well-known/api-catalog", "item": link("/v1", "application/json") },
            {
                "anchor": "/v1",
                "service-desc": link("/openapi.json", "application/json"),
                "service-doc": link("/docs/", "text/html"),
                "service-meta": [
                    { "href": "/catalog.jsonld", "type": "application/ld+json" },
                    { "href": "/datapackage.json", "type": "application/json" },
                    { "href": "/v1/dictionary", "type": "application/json" },
                ],
                "status": link("/readyz", "application/json"),
                "license": [{ "href": super::LICENSE.1 }],
            },
        ],
    })
}
