//! How one answer leads to the next question: the links of the document, which
//! clients and testers can follow.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{OpenApi as Document, RefOr};

/// An operation, the name of a link of its answer, where it leads, and with
/// which parameters.
type Link = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const LINKS: &[Link] = &[
    (
        "get_entry",
        "release",
        "get_release",
        &[("release", "$response.body#/districts/0/release")],
        "The newest release of the first district.",
    ),
    ("get_entry", "district", "get_area", &[("code", "$response.body#/districts/0/code")], "The first district that publishes."),
    ("get_entry", "recipients", "list_recipients", &[("area", "$response.body#/districts/0/code")], "Its rows."),
    (
        "get_entry",
        "totals",
        "list_totals",
        &[("area", "$response.body#/districts/0/code"), ("version", "$response.body#/version")],
        "Its figures at this version.",
    ),
    ("get_entry", "releases", "list_releases", &[("area", "$response.body#/districts/0/code")], "Its releases."),
    ("get_entry", "files", "list_datasets", &[("release", "$response.body#/districts/0/release")], "The files of its newest release."),
    (
        "get_entry",
        "file",
        "get_file",
        &[("dataset", "totals"), ("release", "$response.body#/districts/0/release"), ("file", "totals.csv")],
        "A file of it.",
    ),
    (
        "get_entry",
        "file_in_package",
        "get_release_data",
        &[("release", "$response.body#/districts/0/release"), ("file", "totals.csv")],
        "The same file, as its Data Package names it.",
    ),
    (
        "get_entry",
        "latest",
        "get_latest_file",
        &[("dataset", "totals"), ("file", "{$response.body#/districts/0/code}.csv")],
        "The newest file of the district.",
    ),
    ("get_entry", "key", "get_key", &[("file", "district-{$response.body#/districts/0/code}.vkey")], "Its public key."),
    (
        "get_readiness",
        "tile",
        "get_tile",
        &[("tile", "0/000.p/{$response.body#/version}")],
        "The log's hashes, while it has fewer than 256 entries: one for each version.",
    ),
    ("get_release", "recipients", "list_recipients", &[("release", "$response.body#/release")], "Its rows."),
    ("get_release", "payments", "list_payments", &[("release", "$response.body#/release")], "Its payments."),
    (
        "get_release",
        "changes",
        "list_release_changes",
        &[("before", "$response.body#/release"), ("after", "$response.body#/release")],
        "Held against another release of the district, named in `after`; against itself nothing differs.",
    ),
    ("get_area", "boundary", "get_boundary", &[("code", "$response.body#/code")], "Its boundary."),
    ("get_area", "children", "list_areas", &[("parent", "$response.body#/code")], "Areas in it."),
    ("get_area", "recipients", "list_recipients", &[("area", "$response.body#/code")], "Its rows."),
    ("get_area", "payments", "list_payments", &[("area", "$response.body#/code")], "Its payments."),
    ("get_program", "totals", "list_totals", &[("program", "$response.body#/code")], "Its figures."),
    ("list_programs", "program", "get_program", &[("code", "$response.body#/data/0/code")], "The first program."),
    ("list_datasets", "dataset", "get_dataset", &[("dataset", "$response.body#/data/0/dataset")], "The first dataset."),
];

/// Puts the links into a document: those above, and from each page to the next.
pub fn link(document: &mut Document) {
    for item in document.paths.paths.values_mut() {
        let Some(operation) = &mut item.get else { continue };
        let id = operation.operation_id.clone().unwrap_or_default();
        if let Some(link) = next_page(operation, &id) {
            put(operation, "next_page", link);
        }
        for (_, name, to, parameters, about) in LINKS.iter().filter(|(from, ..)| *from == id) {
            let mut link = LinkBuilder::new().operation_id(*to).description(*about);
            for (parameter, expression) in *parameters {
                link = link.parameter(*parameter, *expression);
            }
            put(operation, name, link);
        }
    }
}

fn put(operation: &mut Operation, name: &str, link: LinkBuilder) {
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        response.links.insert(name.to_owned(), link.build().into());
    }
}

/// The link to the next page of a list. Its filters are those of this one: a
/// link cannot name what may have been left out.
fn next_page(operation: &Operation, id: &str) -> Option<LinkBuilder> {
    let named = |one: &RefOr<Parameter>| if let RefOr::T(one) = one { Some((one.name.clone(), one.parameter_in.clone())) } else { None };
    let parameters: Vec<_> = operation.parameters.iter().flatten().filter_map(named).collect();
    parameters.iter().find(|(name, _)| name == "cursor")?;
    let mut link = LinkBuilder::new()
        .operation_id(id)
        .description("The next page: the cursor, with the same filters.")
        .parameter("cursor", "$response.body#/next_cursor");
    for (name, _) in parameters.iter().filter(|(_, place)| *place == ParameterIn::Path) {
        link = link.parameter(name, format!("$request.path.{name}"));
    }
    Some(link)
}
