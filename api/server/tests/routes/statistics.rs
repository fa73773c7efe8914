//! Figures.

use serde_json::Value;

use crate::lists::walk;
use crate::{ONE, World, app, get};

#[actix_web::test]
async fn csv_equals_the_file_line_by_line() {
    let world = World::of(ONE);
    let app = app!(world);
    for table in domain::Table::ALL {
        let path = world.data.release("12.74-2025-04".parse().unwrap()).join(format!("data/{table}.csv"));
        let mut file: Vec<String> = std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
        let answer = get!(app, format!("/v1/statistics/{table}?area=12.74&format=csv")).text();
        let mut lines: Vec<String> = answer.lines().map(str::to_owned).collect();
        assert_eq!(lines[0], file[0]);
        file.sort();
        lines.sort();
        assert_eq!(lines, file, "{table}");
        let rows = get!(app, format!("/v1/statistics/{table}?area=12.74&format=ndjson")).text();
        assert_eq!(rows.lines().count(), file.len() - 1);
        let total = get!(app, format!("/v1/statistics/{table}?area=12.74&limit=1")).json()["total"].as_u64().unwrap();
        assert_eq!(total as usize, file.len() - 1);
    }
}

#[actix_web::test]
async fn pages_of_any_size_make_the_same_list() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05", "36.71-2025-04"]);
    let app = app!(world);
    let (all, _, last) = walk!(app, "/v1/statistics/payments?limit=1000");
    assert_eq!(all.len() as u64, last["total"].as_u64().unwrap());
    for limit in [3, 10, 64] {
        let (other, pages, _) = walk!(app, format!("/v1/statistics/payments?area=12.74&limit={limit}"));
        let same: Vec<Value> = all.iter().filter(|cell| cell["area"].as_str().unwrap().starts_with("12.74")).cloned().collect();
        assert_eq!(pages, same.len().div_ceil(limit));
        assert_eq!(other, same, "limit {limit}");
    }
}

#[actix_web::test]
async fn filters() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let (cells, _, _) = walk!(app, "/v1/statistics/totals?area=12.74&level=kecamatan&program=PKH&period=2025-04");
    assert_eq!(cells.len(), 6);
    assert!(cells.iter().all(|cell| cell["status"] == "observed" && cell["area"].as_str().unwrap().len() == 8));
    let top = get!(app, "/v1/statistics/totals?area=12.74&level=kabupaten&program=PKH&period=2025-04").json();
    let sum: u64 = cells.iter().map(|cell| cell["value"].as_u64().unwrap()).sum();
    assert_eq!(top["data"][0]["value"], sum);
    assert_eq!(top["data"][0]["category"], Value::Null);
    let (months, _, _) = walk!(app, "/v1/statistics/totals?area=12.74&level=kabupaten&program=PKH&period=2025-04..2025-05");
    assert_eq!(months.len(), 2);
    let (entered, _, _) = walk!(app, "/v1/statistics/flows?area=12.74.01&measure=entered&program=PKH&period=2025-05");
    assert!(entered.iter().all(|cell| cell["measure"] == "entered"));
    assert!(entered.len() > 3);
    let bad = get!(app, "/v1/statistics/totals?measure=paid");
    assert_eq!(bad.status, 400);
    assert!(bad.json()["detail"].as_str().unwrap().contains("units"));
    assert_eq!(get!(app, "/v1/statistics/totals?period=2025-05..2025-04").status, 404);
    assert_eq!(get!(app, "/v1/statistics/deciles?program=SEMUA").status, 200);
    for uri in ["/v1/statistics/deciles?program=PKH", "/v1/statistics/totals?program=SEMUA"] {
        assert_eq!(get!(app, uri.to_owned()).status, 400, "{uri}");
    }
}

#[actix_web::test]
async fn categories() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let base = "/v1/statistics/verification?area=12.74&program=PKH&period=2025-05";
    let (classes, _, _) = walk!(app, format!("{base}&level=kabupaten"));
    let names: Vec<&str> = classes.iter().map(|cell| cell["category"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused", "unchecked", "valid"],
        "in order"
    );
    // A figure that stands says since when; the sum over all is new.
    assert!(classes.iter().all(|cell| cell["as_of"] == "2025-04" && cell["release"] == "12.74-2025-05"));
    let (valid, _, _) = walk!(app, format!("{base}&level=kecamatan&category=valid"));
    assert_eq!(valid.len(), 6);
    assert!(valid.iter().all(|cell| cell["category"] == "valid" && cell["release"] == "12.74-2025-04" && cell["period"] == "2025-05"));
    let (within, _, _) = walk!(app, format!("{base}&category=not_found"));
    assert_eq!(within.len(), 7);
    assert!(within.iter().all(|cell| cell["category"] == names[0]));
    assert_eq!(walk!(app, format!("{base}&category={}", names[0])).0, within, "a class by its whole name");
    // Pages of any size, with categories as the last part of the order.
    for table in ["verification", "overlaps", "demographics", "coverage"] {
        let (all, _, last) = walk!(app, format!("/v1/statistics/{table}?limit=1000"));
        assert_eq!(all.len() as u64, last["total"].as_u64().unwrap());
        for limit in [2, 7] {
            assert_eq!(walk!(app, format!("/v1/statistics/{table}?limit={limit}")).0, all, "{table} by {limit}");
        }
        let lines = get!(app, format!("/v1/statistics/{table}?format=csv")).text();
        assert_eq!(lines.lines().count(), all.len() + 1);
    }
    let (pool, _, _) = walk!(app, "/v1/statistics/demographics?measure=sex&program=PKH&period=2025-04&category=*&level=kelurahan");
    let statuses: Vec<&str> = pool.iter().map(|cell| cell["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["grouped", "observed", "grouped"], "a pool stands by its first member");
    // What a table does not have is refused by name.
    for (uri, word) in [
        ("/v1/statistics/verification?category=F", "unchecked"),
        ("/v1/statistics/verification?category=valid~F", "unchecked"),
        ("/v1/statistics/demographics?category=valid", "40-59"),
        ("/v1/statistics/overlaps?category=YAPI", "SEMBAKO"),
        ("/v1/statistics/verification?category=a%27b", "valid"),
        ("/v1/statistics/totals?category=valid", "accepted"),
    ] {
        let got = get!(app, uri.to_owned(), "accept-language" => "en");
        assert_eq!(got.status, 400, "{uri}");
        assert!(got.json()["detail"].as_str().unwrap().contains(word), "{uri}: {}", got.text());
    }
    assert_eq!(get!(app, "/v1/statistics/demographics?category=60%2B").status, 200);
}

#[actix_web::test]
async fn groups_have_a_value_and_their_members_point_to_them() {
    let world = World::of(ONE);
    let app = app!(world);
    let (cells, _, _) = walk!(app, "/v1/statistics/totals?area=12.74&level=kecamatan&program=YAPI");
    let group = cells.iter().find(|cell| cell["area"].as_str().unwrap().contains('~')).unwrap();
    assert_eq!((&group["value"], &group["status"]), (&14.into(), &"observed".into()));
    let members: Vec<&Value> = cells.iter().filter(|cell| cell["status"] == "grouped").collect();
    assert_eq!(members.len(), 2);
    assert!(members.iter().all(|cell| cell["value"].is_null() && cell["group"] == group["area"]));
}

#[actix_web::test]
async fn nothing_is_summed_over_districts() {
    let world = World::of(&["12.74-2025-04", "36.71-2025-04"]);
    let app = app!(world);
    let json = get!(app, "/v1/statistics/totals?area=12&limit=1").json();
    let missing = &json["missing"][0];
    assert_eq!((&missing["area"], &missing["status"], &missing["value"]), (&"12".into(), &"missing".into(), &Value::Null));
    let codes: Vec<&str> = missing["districts"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["12.74"]);
    let level = get!(app, "/v1/statistics/totals?level=provinsi").json();
    assert_eq!(level["data"].as_array().unwrap().len(), 0);
    assert_eq!(level["missing"].as_array().unwrap().len(), 2);
    assert_eq!(get!(app, "/v1/statistics/totals?area=12.74").json()["missing"].as_array().unwrap().len(), 0);
}

#[actix_web::test]
async fn the_tables_are_described() {
    let world = World::of(ONE);
    let app = app!(world);
    let json = get!(app, "/v1/statistics").json();
    assert_eq!(json["total"], domain::Table::ALL.len());
    for table in json["data"].as_array().unwrap() {
        let url = table["url"].as_str().unwrap();
        let found = get!(app, format!("{url}?limit=1000")).json();
        // What figures say is described: measures, categories, statuses, each in both languages.
        let terms = |list: &str| -> Vec<String> {
            let named = |term: &Value| {
                assert!(!term["name"]["id"].as_str().unwrap().is_empty() && !term["name"]["en"].as_str().unwrap().is_empty());
                term["code"].as_str().unwrap().to_owned()
            };
            table[list].as_array().unwrap().iter().map(named).collect()
        };
        let (measures, statuses) = (terms("measure_words"), terms("status_words"));
        assert_eq!(table["measures"], serde_json::json!(measures));
        assert_eq!(table["statuses"], serde_json::json!(statuses));
        let categories = table["categories"].as_array().unwrap();
        for cell in found["data"].as_array().unwrap() {
            assert!(measures.iter().any(|measure| cell["measure"] == *measure), "{url} {cell}");
            for part in cell["category"].as_str().unwrap_or_default().split('~').filter(|part| !part.is_empty()) {
                let known = categories.iter().any(|one| one["category"] == part && one["measure"] == cell["measure"]);
                assert!(known, "{url}: {part} of {} has no words", cell["measure"]);
            }
        }
    }
    let csv = get!(app, "/v1/statistics?format=csv").text();
    assert!(csv.lines().any(|line| line.starts_with("verification,") && line.contains("not_found")), "{csv}");
}
