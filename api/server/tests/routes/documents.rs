//! The OpenAPI document, its lint, and Swagger UI.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{ONE, World, app, get};

#[actix_web::test]
async fn the_committed_document_is_the_one_served() {
    let world = World::of(&[]);
    let app = app!(world);
    let served = get!(app, "/openapi.json");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");
    let committed = std::fs::read(path).unwrap_or_default();
    assert!(
        served.body == committed,
        "openapi/openapi.json is not what is served; write it with `bansos-api openapi > openapi/openapi.json`"
    );
    assert_eq!(served.json()["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
}

/// Everything has a description and an example, and names of operations are verb_resource.
#[test]
fn lint() {
    let document: Value = serde_json::from_slice(&server::openapi::document()).unwrap();
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            if !(id.starts_with("get_") || id.starts_with("list_")) || !ids.insert(id.to_owned()) {
                wrong.push(format!("{place}: operation id {id:?}"));
            }
            for text in ["summary", "description"] {
                if operation[text].as_str().is_none_or(|text| text.len() < 8) {
                    wrong.push(format!("{place}: no {text}"));
                }
            }
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                let name = parameter["name"].as_str().unwrap();
                if parameter["description"].as_str().is_none_or(str::is_empty) {
                    wrong.push(format!("{place}: parameter {name} has no description"));
                }
                // A cursor is opaque: it has no example that would work.
                if parameter["example"].is_null() && name != "cursor" {
                    wrong.push(format!("{place}: parameter {name} has no example"));
                }
                if path.contains(&format!("{{{name}}}")) != (parameter["in"] == "path") {
                    wrong.push(format!("{place}: parameter {name} is in the wrong place"));
                }
            }
            if !operation["responses"].as_object().unwrap().contains_key("4XX") {
                wrong.push(format!("{place}: no problem is described"));
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for schema in std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten()) {
            for (field, of) in schema["properties"].as_object().into_iter().flatten() {
                // A field that may be null is described where its type is named.
                let inside = of["oneOf"].as_array().into_iter().flatten();
                let described = std::iter::once(of).chain(inside).any(|of| of["description"].as_str().is_some_and(|text| !text.is_empty()));
                if !described {
                    wrong.push(format!("{name}.{field}: no description"));
                }
                let composed = !of["$ref"].is_null() || !of["items"].is_null() || !of["oneOf"].is_null() || !of["allOf"].is_null();
                // The manifest has a form of its own, documented elsewhere.
                let free = of["type"] == "object" && of["properties"].is_null();
                if of["example"].is_null() && !composed && !free && of.as_object().is_some_and(|of| !of.contains_key("example")) {
                    wrong.push(format!("{name}.{field}: no example"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ids.len() >= 20);
}

#[actix_web::test]
async fn every_documented_example_is_answered() {
    let world = World::of(ONE);
    let app = app!(world);
    let document: Value = serde_json::from_slice(&server::openapi::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        // A documented address is an address: with this world's names it answers.
        let uri = path
            .replace("{code}", if path.contains("programs") { "PKH" } else { "12.74" })
            .replace("{release}", "12.74-2025-04")
            .replace("{before}", "12.74-2025-04")
            .replace("{after}", "12.74-2025-04")
            .replace("{dataset}", "totals")
            .replace("latest/{file}", "latest/12.74.csv")
            .replace("keys/{file}", "keys/log.vkey")
            .replace("{file}", "totals.csv")
            .replace("{tile}", "0/000.p/1")
            .replace("{tile:.*}", "0/000.p/1");
        let got = get!(app, uri);
        // The newest file, and a file by its path in the folder, are elsewhere.
        assert!(matches!(got.status, 200 | 307 | 308), "{uri}: {} {}", got.status, got.text());
        for parameter in item["get"]["parameters"].as_array().unwrap_or(&Vec::new()) {
            let (name, example) = (parameter["name"].as_str().unwrap(), &parameter["example"]);
            if parameter["in"] != "query" || example.is_null() || matches!(name, "area" | "parent" | "release" | "measure") {
                continue;
            }
            let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            let got = get!(app, format!("{uri}?{name}={value}"));
            assert_eq!(got.status, 200, "{uri}?{name}={value}: {}", got.text());
        }
    }
}

#[actix_web::test]
async fn swagger_ui_is_offline() {
    let world = World::of(&[]);
    let app = app!(world);
    assert_eq!(get!(app, "/docs").header("location"), "/docs/");
    let page = get!(app, "/docs/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text().contains("id=\"swagger-ui\"") && page.text().contains("swagger-initializer.js"));
    assert!(!page.text().contains("https://"), "nothing from elsewhere");
    assert!(get!(app, "/docs/swagger-initializer.js").text().contains("/openapi.json"));
    assert_eq!(get!(app, "/docs/swagger-ui-bundle.js").status, 200);
}
