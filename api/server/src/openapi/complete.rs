//! What all operations share: headers, 304, errors, whole examples.
//!
//! Everything comes from the tables that the code itself uses: error codes from
//! [`Code::ALL`], quotas from [`Policy::of`], so that the document cannot say
//! one thing and the server do another.

use std::collections::BTreeMap;

use domain::{AreaCode, ProgramCode, ReleaseId};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Components, ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Schema};

use super::example;
use crate::files::media_type;
use crate::limit::Policy;
use crate::limit::draft::QUOTA_EXCEEDED;
use crate::params::Value;
use crate::problem::{Code, ProblemView};

/// Media type of errors.
const PROBLEM: &str = "application/problem+json";
/// Media type of lines of JSON.
const NDJSON: &str = "application/x-ndjson";

/// The headers of answers: name, what it tells, example.
const HEADERS: &[(&str, &str, &str)] = &[
    ("Accept-Ranges", "Ranges of bytes are answered.", "bytes"),
    (
        "Cache-Control",
        "How long the answer may be kept: files for ever, pinned answers a day, others a minute.",
        "public, max-age=60, stale-while-revalidate=600",
    ),
    (
        "Content-Disposition",
        "The name to save it under; that of made-up people begins with SIMULASI-.",
        "attachment; filename=\"recipients.csv\"",
    ),
    ("Content-Encoding", "The coding of the bytes: br, zstd or gzip; absent when there is none.", "br"),
    ("Content-Language", "The language of the words: id or en.", "en"),
    (
        "Content-Location",
        "The same answer pinned to the version that gave it; absent when it was pinned.",
        "/v1/recipients?area=36.71.01&version=7",
    ),
    ("Content-Range", "Which bytes of the file these are, and its length.", "bytes 0-99/4096"),
    ("ETag", "A strong tag of these bytes, for If-None-Match.", "\"7-4f0c1d2a9b8e7f60-json-id-br-0.7.0.2a9f1c\""),
    ("Last-Modified", "When the version was published.", "Fri, 04 Jul 2025 03:12:09 GMT"),
    (
        "Link",
        "The next page of a list (rel=next), what describes a file (rel=describedby), or explains an error (rel=help).",
        "</v1/recipients?cursor=eyJmb3JtIjox>; rel=\"next\"",
    ),
    ("Location", "The lasting address.", "/v1/areas/36.71.01"),
    ("RateLimit", "What is left of the quota: r requests in the next t seconds.", "\"list\";r=299;t=60"),
    ("RateLimit-Policy", "The quota: q requests in w seconds (draft-ietf-httpapi-ratelimit-headers).", "\"list\";q=300;w=60"),
    ("Repr-Digest", "SHA-256 of the bytes in this coding (RFC 9530).", "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:"),
    ("Retry-After", "Seconds to wait before the next request.", "7"),
    ("Vary", "The request headers that the answer depends on.", "Accept, Accept-Encoding, Accept-Language"),
    ("X-Request-Id", "The request's id, also in the server's log.", "6f1b0a529c3de841"),
];

/// How an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// JSON of a version, and perhaps CSV and NDJSON, by what is accepted.
    Answer,
    /// Of a version, in one form whatever is accepted.
    Fixed,
    /// Bytes as they lie, in ranges.
    File,
    /// A small text with a tag.
    Text,
    /// Where something is.
    Redirect,
    /// How the service is.
    Health,
}

impl Kind {
    /// The operations that are not the usual kind.
    fn of(id: &str) -> Kind {
        match id {
            "get_boundary" | "get_release_feed" | "get_data_package" | "get_catalog" | "get_api_catalog" => Kind::Fixed,
            "get_file" | "get_tile" | "get_checkpoint" => Kind::File,
            "get_key" => Kind::Text,
            "get_latest_file" | "get_release_data" => Kind::Redirect,
            "get_liveness" | "get_readiness" => Kind::Health,
            _ => Kind::Answer,
        }
    }

    /// The headers of an answer with content.
    fn headers(self, id: &str, lists: bool) -> Vec<&'static str> {
        let of_version = ["ETag", "Cache-Control", "Vary", "Last-Modified", "Content-Location", "Content-Encoding"];
        let mut names: Vec<&'static str> = match self {
            Kind::Answer | Kind::Fixed => of_version.to_vec(),
            Kind::File => vec!["ETag", "Cache-Control", "Accept-Ranges", "Repr-Digest"],
            Kind::Text => vec!["ETag", "Cache-Control", "Repr-Digest"],
            Kind::Redirect => vec!["Location", "Cache-Control"],
            Kind::Health => vec!["Cache-Control"],
        };
        if lists {
            names.extend(["Link", "Content-Disposition"]);
        }
        if id == "get_api_catalog" {
            names.push("Link");
        }
        if id == "get_file" {
            names.extend(["Content-Disposition", "Content-Encoding", "Link", "Vary"]);
        }
        names
    }

    /// The headers of a 304: what a cache needs to go on.
    fn kept(self, id: &str) -> Vec<&'static str> {
        match self {
            Kind::Answer | Kind::Fixed => vec!["ETag", "Cache-Control", "Vary", "Last-Modified", "Content-Location"],
            Kind::File if id == "get_file" => vec!["ETag", "Cache-Control", "Vary", "Repr-Digest"],
            Kind::File => vec!["ETag", "Cache-Control", "Repr-Digest"],
            Kind::Text => vec!["ETag", "Cache-Control", "Repr-Digest"],
            Kind::Redirect | Kind::Health => Vec::new(),
        }
    }

    /// Statuses of errors that any operation of the kind may answer with.
    fn errors(self, id: &str) -> Vec<u16> {
        let mut all = vec![400, 413, 414, 415, 431, 500, 503];
        if self == Kind::Answer || id == "get_file" {
            all.push(406);
        }
        if self == Kind::File {
            all.push(416);
        }
        all
    }
}

/// Fills in a document.
pub fn complete(document: &mut Document) {
    let components = document.components.get_or_insert_default();
    for (name, about, example) in HEADERS {
        components.headers.insert((*name).to_owned(), header(about, example).into());
    }
    let mut statuses: Vec<u16> = Code::ALL.iter().map(|code| code.status()).filter(|status| *status != 405).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        for limited in [true, false] {
            let response = problem(status, limited);
            components.responses.insert(name_of(status, limited), response.into());
        }
    }
    let components = components.clone();
    for (path, item) in &mut document.paths.paths {
        if let Some(operation) = &mut item.get {
            finish(operation, path, &components);
        }
    }
    document.security = Some(Vec::new());
    prune(document);
}

/// Takes out the components that no operation has.
fn prune(document: &mut Document) {
    let text = serde_json::to_string(document).unwrap_or_default();
    let used = |kind: &str, name: &str| text.contains(&format!("\"#/components/{kind}/{name}\""));
    if let Some(components) = &mut document.components {
        components.responses.retain(|name, _| used("responses", name));
        components.headers.retain(|name, _| used("headers", name));
    }
}

/// The component that stands for an error status, with quota headers or without.
fn name_of(status: u16, limited: bool) -> String {
    let code = Code::ALL.iter().find(|code| code.status() == status);
    let word =
        code.map_or_else(|| status.to_string(), |code| if status == 400 { "bad-request".to_owned() } else { code.as_str().to_owned() });
    let word = if status == 404 {
        "not-found".to_owned()
    } else if status == 503 {
        "unavailable".to_owned()
    } else {
        word
    };
    let camel: String = word.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
    if limited { camel } else { format!("{camel}Unlimited") }
}

fn finish(operation: &mut Operation, path: &str, components: &Components) {
    let id = operation.operation_id.clone().unwrap_or_default();
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in == ParameterIn::Path
        {
            in_path(parameter, path);
        }
    }
    let kind = Kind::of(&id);
    let limited = Policy::of(path).is_some();
    let names: Vec<String> = operation.parameters.iter().flatten().filter_map(|one| named(one).map(str::to_owned)).collect();
    let has = |name: &str| names.iter().any(|one| one == name);
    let lists = has("cursor");
    let responses = &mut operation.responses.responses;

    if !kind.kept(&id).is_empty() {
        let mut response = Response::new("The reader has this answer already: its tag was in If-None-Match.");
        add(&mut response, &kind.kept(&id));
        responses.insert("304".to_owned(), response.into());
    }
    if kind == Kind::File {
        responses.entry("206".to_owned()).or_insert_with(|| Response::new("The bytes asked for by Range.").into());
        if let (Some(RefOr::T(whole)), true) = (responses.get("200").cloned(), id == "get_checkpoint")
            && let Some(RefOr::T(part)) = responses.get_mut("206")
        {
            part.content = whole.content;
        }
    }
    if kind == Kind::Redirect {
        responses.insert("200".to_owned(), Response::new("What a client that follows the redirect gets: the file (see get_file).").into());
    }
    for status in kind.errors(&id) {
        responses.entry(status.to_string()).or_insert_with(|| Ref::from_response_name(name_of(status, limited)).into());
    }
    // An undotted code has a lasting, dotted address.
    if has("area") || has("parent") || (has("code") && path.starts_with("/v1/areas/")) {
        responses
            .entry("308".to_owned())
            .or_insert_with(|| Response::new("A code was not dotted; `Location` holds the lasting address.").into());
    }
    let names_things = path.contains('{') || ["area", "parent", "release", "version", "period", "cursor"].iter().any(|name| has(name));
    if names_things {
        responses.entry("404".to_owned()).or_insert_with(|| Ref::from_response_name(name_of(404, limited)).into());
    }
    if limited {
        responses.entry("429".to_owned()).or_insert_with(|| Ref::from_response_name(name_of(429, true)).into());
    }
    for (status, answer) in responses.iter_mut() {
        let RefOr::T(response) = answer else { continue };
        let Ok(status) = status.parse::<u16>() else { continue };
        if status >= 400 {
            // What this operation says of it, with all that any such error has.
            let mut shared = Ref::from_response_name(name_of(status, limited));
            shared.description = std::mem::take(&mut response.description);
            *answer = RefOr::Ref(shared);
            continue;
        }
        match status {
            200 if kind == Kind::Redirect => add(response, &["Cache-Control", "Accept-Ranges", "Repr-Digest", "Content-Disposition"]),
            200 => add(response, &kind.headers(&id, lists)),
            206 => add(response, &[&kind.headers(&id, lists)[..], &["Content-Range"]].concat()),
            307 | 308 => add(response, &["Location", "Cache-Control"]),
            _ => {}
        }
        if matches!(kind, Kind::File | Kind::Redirect) && matches!(status, 200 | 206) {
            bytes(response, &id);
        }
        add(response, &["X-Request-Id"]);
        if limited {
            add(response, &["RateLimit", "RateLimit-Policy"]);
        }
        examples(response, components);
    }
}

/// The form of a part of a path. Only of an area's code is a wrong form refused
/// as such; any other text is simply not there.
fn in_path(parameter: &mut Parameter, path: &str) {
    let schema = match (&*parameter.name, path.starts_with("/v1/areas/")) {
        ("code", true) => AreaCode::schema(),
        ("release" | "before" | "after", _) => ReleaseId::schema(),
        ("code", false) => ProgramCode::schema(),
        _ => return,
    };
    parameter.schema = Some(schema.into());
}

/// The media types of files, with the beginning of one where it can be read.
const FORMS: &[(&str, &str)] = &[
    ("csv", "id,edition,program,area,sex,age_band,family_size\n36.71-2025Q2/PKH/00412/07,2025Q2,PKH,36.71.01.1001,F,40-49,3-4\n"),
    ("ndjson", "{\"id\":\"36.71-2025Q2/PKH/00412/07\",\"edition\":\"2025Q2\",\"program\":\"PKH\"}\n"),
    ("parquet", ""),
    ("xlsx", ""),
    ("json", "{\"release\": \"36.71-2025-06\"}\n"),
    ("geojson", "{\"type\": \"FeatureCollection\", \"features\": []}\n"),
    ("sig", "district-36.71+5f3b8c1e\n"),
];

/// The content of an answer with bytes: of every form that a release holds, or
/// of the one that the handler named.
fn bytes(response: &mut Response, id: &str) {
    let binary =
        || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    if id == "get_file" || Kind::of(id) == Kind::Redirect {
        response.content.clear();
        for (ending, example) in FORMS {
            let kind = media_type(&format!("x.{ending}"));
            let kind = kind.split(';').next().unwrap_or(kind);
            // A document of JSON could be any value; the others are texts or bytes.
            let schema: RefOr<Schema> = match (*ending, *example) {
                ("json" | "geojson", _) => ObjectBuilder::new().into(),
                (_, "") => binary().into(),
                _ => ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).into(),
            };
            let shown = match *ending {
                "json" | "geojson" => serde_json::from_str(example).ok(),
                _ => Some(example).filter(|text| !text.is_empty()).map(|text| (*text).into()),
            };
            response.content.insert(kind.to_owned(), ContentBuilder::new().schema(Some(schema)).example(shown).build().into());
        }
    } else if id == "get_tile" {
        response.content.insert("application/octet-stream".to_owned(), ContentBuilder::new().schema(Some(binary())).build().into());
    }
}

fn named(parameter: &RefOr<Parameter>) -> Option<&str> {
    match parameter {
        RefOr::T(parameter) => Some(&parameter.name),
        RefOr::Ref(_) => None,
    }
}

/// Gives every content a whole example. Lines of JSON are a text: a schema
/// would be that of one line.
fn examples(response: &mut Response, components: &Components) {
    for (kind, content) in &mut response.content {
        let RefOr::T(content) = content else { continue };
        if content.example.is_some() || !content.examples.is_empty() {
            continue;
        }
        let Some(schema) = &content.schema else { continue };
        let whole = example::of(schema, components);
        if kind == NDJSON {
            content.example = Some(format!("{whole}\n").into());
            let about = "One JSON object a line, each as the items of `data` are.";
            content.schema = Some(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).description(Some(about)).into());
        } else if !whole.is_null() {
            content.example = Some(whole);
        }
    }
}

fn header(about: &str, example: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    HeaderBuilder::new().description(Some(about)).schema(Some(schema)).example(Some(example.into())).build()
}

fn add(response: &mut Response, names: &[&str]) {
    for name in names {
        let known = response.headers.keys().any(|other| other.eq_ignore_ascii_case(name));
        if !known {
            response.headers.insert((*name).to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
        }
    }
}

/// An error answer of a status, with an example of each code that has it.
fn problem(status: u16, limited: bool) -> Response {
    let codes: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.status() == status).collect();
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemView")));
    for code in &codes {
        // The one type that is registered for all software; `Link` names our page.
        let quota = *code == Code::QuotaExceeded;
        let view = ProblemView {
            r#type: if quota { QUOTA_EXCEEDED.to_owned() } else { code.page() },
            code: code.as_str().to_owned(),
            title: code.title().1.to_owned(),
            status,
            detail: code.about().1.to_owned(),
            errors: Vec::new(),
            violated_policies: if quota { vec![Policy::List.as_str().to_owned()] } else { Vec::new() },
            request_id: "6f1b0a529c3de841".to_owned(),
        };
        let value = serde_json::to_value(view).unwrap_or_default();
        content = content.examples_from_iter(BTreeMap::from([(
            code.as_str(),
            ExampleBuilder::new().summary(code.title().1).value(Some(value)).build(),
        )]));
    }
    let words = codes.iter().map(|code| format!("{} (`{}`)", code.title().1, code.as_str())).collect::<Vec<_>>().join("; ");
    let mut response = ResponseBuilder::new().description(format!("{words}.")).content(PROBLEM, content.build()).build();
    add(&mut response, &["Content-Language", "Vary", "Cache-Control", "X-Request-Id"]);
    match status {
        416 => add(&mut response, &["Content-Range"]),
        429 => add(&mut response, &["Retry-After", "Link"]),
        503 => add(&mut response, &["Retry-After"]),
        _ => {}
    }
    if limited {
        add(&mut response, &["RateLimit", "RateLimit-Policy"]);
    }
    response
}
