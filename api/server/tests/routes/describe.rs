//! The dictionary, the Data Package, the catalogue and the linkset.

use crate::{ONE, World, app, get};

#[actix_web::test]
async fn the_dictionary_is_a_list() {
    let world = World::of(ONE);
    let app = app!(world);
    let page = get!(app, "/v1/dictionary?limit=1000").json();
    let all = page["data"].as_array().unwrap();
    assert_eq!(page["total"], all.len());
    for dataset in dataset::dictionary::all() {
        for field in dataset.fields {
            assert!(all.iter().any(|one| one["dataset"] == dataset.name && one["field"] == field.name && one["measure"].is_null()));
        }
    }
    let units = all.iter().find(|one| one["dataset"] == "totals" && one["measure"] == "units").unwrap();
    assert_eq!(units["field"], "value");
    assert!(units["definition"]["en"].as_str().unwrap().contains("enrolled does not mean paid"));
    let csv = get!(app, "/v1/dictionary?format=csv");
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    assert!(text.starts_with("dataset,field,measure,type,optional,title_id,title_en,konsep,concept,definisi,"));
    assert_eq!(text.lines().count(), all.len() + 1);
}

#[actix_web::test]
async fn the_package_names_the_newest_files_by_their_addresses() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let got = get!(app, "/datapackage.json", "accept" => "application/vnd.datapackage+json");
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    let package = got.json();
    assert_eq!(
        package["packages"],
        serde_json::json!(["v1/datasets/release/12.74-2025-04/datapackage.json", "v1/datasets/release/12.74-2025-05/datapackage.json"])
    );
    let mut files = 0;
    for resource in package["resources"].as_array().unwrap() {
        let others = resource["forms"].as_array().map_or(&[][..], Vec::as_slice);
        for one in others.iter().chain([resource]) {
            let file = get!(app, format!("/{}", one["path"].as_str().unwrap()));
            assert_eq!((file.status, file.body.len() as u64), (200, one["bytes"].as_u64().unwrap()));
            assert_eq!(format!("sha256:{}", release::sha256_hex(&file.body)), one["hash"].as_str().unwrap());
            files += 1;
        }
    }
    let manifest = get!(app, "/v1/datasets/release/12.74-2025-05/manifest.json").json();
    assert_eq!(
        files,
        manifest["files"].as_array().unwrap().iter().filter(|one| one["path"].as_str().unwrap().starts_with("data/")).count()
    );
    // A release's own package holds on disk; here its paths are redirected.
    let own = get!(app, "/v1/datasets/release/12.74-2025-05/datapackage.json").json();
    assert_eq!(own["resources"][2]["path"], "data/totals.csv");
    let moved = get!(app, "/v1/datasets/release/12.74-2025-05/data/totals.csv");
    assert_eq!((moved.status, moved.header("location")), (308, "/v1/datasets/totals/12.74-2025-05/totals.csv"));
    for uri in ["/v1/datasets/release/12.74-2025-05/data/nothing.csv", "/v1/datasets/release/x/data/totals.csv"] {
        assert_eq!(get!(app, uri).status, 404, "{uri}");
    }
    let tag = got.header("etag").to_owned();
    assert_eq!(get!(app, "/datapackage.json", "if-none-match" => tag).status, 304);
}

#[actix_web::test]
async fn the_catalogue_is_json_ld() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let got = get!(app, "/catalog.jsonld", "accept" => "application/ld+json");
    assert_eq!((got.status, got.header("content-type")), (200, "application/ld+json"));
    let graph = got.json();
    let node = |id: &str| graph["@graph"].as_array().unwrap().iter().find(|one| one["@id"] == id).cloned().unwrap();
    assert_eq!(node("v1/datasets/totals?release=12.74-2025-05")["dcat:prev"]["@id"], "v1/datasets/totals?release=12.74-2025-04");
    assert_eq!(get!(app, "/catalog.jsonld?area=12.74").body, got.body);
    assert_eq!(get!(app, "/catalog.jsonld?area=1274").status, 308);
    assert_eq!(get!(app, "/catalog.jsonld?release=12.74-2025-04").status, 400);
}

#[actix_web::test]
async fn the_linkset_names_what_answers() {
    let world = World::of(ONE);
    let app = app!(world);
    let got = get!(app, "/.well-known/api-catalog");
    assert_eq!(got.status, 200);
    assert!(got.header("content-type").starts_with("application/linkset+json; profile="));
    assert!(got.header("link").contains("rel=\"api-catalog\""));
    for context in got.json()["linkset"].as_array().unwrap() {
        for (relation, targets) in context.as_object().unwrap() {
            for target in targets.as_array().unwrap_or(&Vec::new()) {
                let href = target["href"].as_str().unwrap().to_owned();
                if href.starts_with('/') {
                    assert_eq!(get!(app, href).status, 200, "{relation} {href}");
                }
            }
        }
    }
}
