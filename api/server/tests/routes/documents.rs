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
    if std::env::var_os("BANSOS_WRITE").is_some() {
        std::fs::write(path, &served.body).unwrap();
    }
    let committed = std::fs::read(path).unwrap_or_default();
    assert!(
        served.body == committed,
        "openapi/openapi.json is not what is served; write it with `bansos-api openapi > openapi/openapi.json` or BANSOS_WRITE=1"
    );
    assert_eq!(served.json()["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Follows a reference inside the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(to) => document.pointer(to.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => value,
    }
}

/// What is missing in a document: everything has a description and an example,
/// names of operations are verb_resource, every answer tells its headers.
fn lint(document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().filter(|tag| text(tag, "description").len() > 8).map(|tag| text(tag, "name")).collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let id = text(operation, "operationId");
            let resource = id.strip_prefix("get_").or_else(|| id.strip_prefix("list_")).unwrap_or_default();
            let plain = !resource.is_empty() && resource.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if !plain || !ids.insert(id.to_owned()) {
                wrong.push(format!("{place}: operation id {id:?}"));
            }
            if operation["tags"].as_array().is_none_or(|all| all.len() != 1 || !all.iter().all(|tag| tags.contains(tag.as_str().unwrap())))
            {
                wrong.push(format!("{place}: not one tag that is described"));
            }
            for key in ["summary", "description"] {
                if text(operation, key).len() < 8 {
                    wrong.push(format!("{place}: no {key}"));
                }
            }
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                let (name, schema) = (text(parameter, "name"), &parameter["schema"]);
                if text(parameter, "description").is_empty() {
                    wrong.push(format!("{place}: parameter {name} has no description"));
                }
                let example = if parameter["example"].is_null() { &schema["examples"][0] } else { &parameter["example"] };
                if example.is_null() {
                    wrong.push(format!("{place}: parameter {name} has no example"));
                }
                if schema["enum"].as_array().is_some_and(|all| !all.contains(example)) {
                    wrong.push(format!("{place}: the example of parameter {name} is none of its values"));
                }
                if schema["type"] == "string" && parameter["in"] == "query" && schema["enum"].is_null() && schema["pattern"].is_null() {
                    wrong.push(format!("{place}: parameter {name} has neither values nor a pattern"));
                }
                if path.contains(&format!("{{{name}}}")) != (parameter["in"] == "path") {
                    wrong.push(format!("{place}: parameter {name} is in the wrong place"));
                }
            }
            answers(document, &place, operation, &mut wrong);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if text(schema, "description").is_empty() {
            wrong.push(format!("{name}: no description"));
        }
        for schema in std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten()) {
            for (field, of) in schema["properties"].as_object().into_iter().flatten() {
                // A field that may be null is described where its type is named.
                let inside = of["oneOf"].as_array().into_iter().flatten();
                let described = std::iter::once(of).chain(inside).any(|of| !text(of, "description").is_empty());
                if !described {
                    wrong.push(format!("{name}.{field}: no description"));
                }
                // A field made of others has their examples.
                let items = &of["items"];
                let composed = !of["$ref"].is_null() || !of["oneOf"].is_null() || !of["allOf"].is_null();
                let composed = composed || ["$ref", "properties", "allOf"].iter().any(|key| !items[*key].is_null());
                // The manifest has a form of its own, documented elsewhere.
                let composed = composed || (of["type"] == "object" && of["properties"].is_null());
                let composed = composed || !of["additionalProperties"]["$ref"].is_null();
                if !composed && of.as_object().is_some_and(|of| !of.contains_key("example")) {
                    wrong.push(format!("{name}.{field}: no example"));
                }
            }
        }
    }
    for (name, header) in document["components"]["headers"].as_object().unwrap() {
        if text(header, "description").is_empty() || header["example"].is_null() {
            wrong.push(format!("header {name}: no description or example"));
        }
    }
    assert!(ids.len() >= 40 || !wrong.is_empty());
    wrong
}

/// What is missing in the answers of an operation.
fn answers(document: &Value, place: &str, operation: &Value, wrong: &mut Vec<String>) {
    let all = operation["responses"].as_object().unwrap();
    let has = |response: &Value, header: &str| response["headers"].as_object().is_some_and(|all| all.contains_key(header));
    for status in ["400", "413", "414", "415", "431", "500", "503"] {
        if !all.contains_key(status) {
            wrong.push(format!("{place}: {status} is not described"));
        }
    }
    for (status, response) in all {
        let response = resolved(document, response);
        let place = format!("{place} {status}");
        if text(response, "description").len() < 8 {
            wrong.push(format!("{place}: no description"));
        }
        if !has(response, "X-Request-Id") {
            wrong.push(format!("{place}: no X-Request-Id"));
        }
        let number: u16 = status.parse().unwrap_or(0);
        let needed: &[&str] = match number {
            206 => &["Content-Range", "ETag"],
            304 => &["ETag", "Cache-Control"],
            307 | 308 => &["Location"],
            416 => &["Content-Range"],
            429 => &["Retry-After", "RateLimit", "RateLimit-Policy"],
            503 => &["Retry-After"],
            _ => &["Cache-Control"],
        };
        wrong.extend(needed.iter().filter(|name| !has(response, name)).map(|name| format!("{place}: no {name}")));
        if number == 200 && has(response, "ETag") && !all.contains_key("304") {
            wrong.push(format!("{place}: an ETag, and no 304"));
        }
        if number == 200 && has(response, "RateLimit") && !all.contains_key("429") {
            wrong.push(format!("{place}: a quota, and no 429"));
        }
        let content = response["content"].as_object();
        if matches!(number, 200 | 206 | 400..) && content.is_none() {
            wrong.push(format!("{place}: no content"));
        }
        for (kind, content) in content.into_iter().flatten() {
            if number >= 400 && (kind != "application/problem+json" || content["schema"]["$ref"] != "#/components/schemas/ProblemView") {
                wrong.push(format!("{place}: an error that is no problem"));
            }
            if content["schema"].is_null() {
                wrong.push(format!("{place}: {kind} has no schema"));
            }
            if content["example"].is_null() && content["examples"].is_null() && content["schema"]["format"] != "binary" {
                wrong.push(format!("{place}: {kind} has no example"));
            }
        }
        for (name, link) in response["links"].as_object().into_iter().flatten() {
            if text(link, "description").is_empty() || text(link, "operationId").is_empty() {
                wrong.push(format!("{place}: link {name} says not what or where"));
            }
        }
    }
}

#[test]
fn everything_in_the_document_is_described_and_has_an_example() {
    let document: Value = serde_json::from_slice(&server::openapi::document()).unwrap();
    let wrong = lint(&document);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lint_sees_what_is_missing() {
    let document: Value = serde_json::from_slice(&server::openapi::document()).unwrap();
    let get = "/paths/~1v1~1recipients/get";
    for (at, key, expected) in [
        (get.to_owned(), "operationId", "operation id"),
        (get.to_owned(), "tags", "not one tag"),
        (get.to_owned(), "summary", "no summary"),
        (format!("{get}/parameters/0"), "description", "parameter area has no description"),
        (format!("{get}/parameters/0"), "example", "parameter area has no example"),
        (format!("{get}/parameters/0/schema"), "pattern", "neither values nor a pattern"),
        (format!("{get}/responses"), "304", "an ETag, and no 304"),
        (format!("{get}/responses"), "429", "a quota, and no 429"),
        (format!("{get}/responses"), "500", "500 is not described"),
        (format!("{get}/responses/200"), "headers", "no X-Request-Id"),
        (format!("{get}/responses/200/content/text~1csv"), "example", "text/csv has no example"),
        ("/components/headers/ETag".to_owned(), "example", "header ETag"),
        ("/components/schemas/RecipientView".to_owned(), "description", "RecipientView: no description"),
        ("/components/schemas/RecipientView/properties/sex".to_owned(), "example", "RecipientView.sex: no example"),
        ("/components/schemas/RecipientView/properties/sex".to_owned(), "description", "RecipientView.sex: no description"),
    ] {
        let mut poorer = document.clone();
        let removed = poorer.pointer_mut(&at).unwrap_or_else(|| panic!("{at}")).as_object_mut().unwrap().remove(key);
        assert!(removed.is_some(), "{at} {key}");
        let wrong = lint(&poorer);
        assert!(wrong.iter().any(|one| one.contains(expected)), "{at} without {key}: {wrong:?}");
    }
}

/// The lines that a reader of CSV sees are those of the document.
#[actix_web::test]
async fn examples_of_csv_have_the_columns_of_the_answers() {
    let world = World::of(ONE);
    let app = app!(world);
    let document: Value = serde_json::from_slice(&server::openapi::document()).unwrap();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(example) = item["get"]["responses"]["200"]["content"]["text/csv"]["example"].as_str() else { continue };
        if path.contains("{file}") {
            continue;
        }
        let uri = path.replace("{before}", "12.74-2025-04").replace("{after}", "12.74-2025-04").replace("{dataset}", "totals");
        let got = get!(app, format!("{uri}?format=csv&limit=1"));
        assert_eq!(got.status, 200, "{uri}: {}", got.text());
        assert_eq!(got.text().lines().next(), example.lines().next(), "{uri}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
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
            if parameter["in"] != "query" || example.is_null() || matches!(name, "area" | "parent" | "release") {
                continue;
            }
            let value = example.as_str().map_or_else(|| example.to_string(), |text| text.replace('+', "%2B"));
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
