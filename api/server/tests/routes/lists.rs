//! The anonymised list.

use serde_json::Value;

use crate::{ONE, World, app, get};

/// Walks a list by `next` and gives its pages' data joined.
macro_rules! walk {
    ($app:expr, $uri:expr) => {{
        let (mut rows, mut uri, mut pages): (Vec<serde_json::Value>, String, usize) = (Vec::new(), $uri.to_string(), 0);
        loop {
            let page = get!($app, uri);
            assert_eq!(page.status, 200, "{uri}: {}", page.text());
            let json = page.json();
            rows.extend(json["data"].as_array().unwrap().iter().cloned());
            pages += 1;
            match json["next"].as_str() {
                Some(next) => {
                    assert_eq!(page.header("link"), format!("<{next}>; rel=\"next\""));
                    assert!(next.ends_with(&format!("cursor={}", json["next_cursor"].as_str().unwrap())));
                    uri = next.to_owned();
                }
                None => break (rows, pages, json),
            }
            assert!(pages < 10_000, "endless");
        }
    }};
}
pub(crate) use walk;

#[actix_web::test]
async fn pages_of_any_size_make_the_same_list() {
    let world = World::of(&["12.74-2025-04", "36.71-2025-04"]);
    let app = app!(world);
    let (rows, _, last) = walk!(app, "/v1/recipients?area=12.74&limit=1000");
    assert_eq!(rows.len() as u64, last["total"].as_u64().unwrap());
    assert!(rows.len() > 1000, "the fixture must be longer than a page");
    for limit in [7, 12, 100, 999] {
        let (other, pages, _) = walk!(app, format!("/v1/recipients?area=12.74&limit={limit}"));
        assert_eq!(pages, rows.len().div_ceil(limit), "limit {limit}");
        assert_eq!(other, rows, "limit {limit}");
    }
    let ids: Vec<domain::RowId> = rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ordered and distinct");
    assert_eq!(ids[0].to_string(), "12.74-2025Q2/PKH/00001/01");
    assert_eq!(rows[0]["area"].as_str().unwrap().split('~').count(), 2, "a pool is named by its members");
    let (both, _, _) = walk!(app, "/v1/recipients?limit=1000");
    assert!(both.len() > rows.len());
    assert!(both.iter().any(|row| row["id"].as_str().unwrap().starts_with("36.71-")));
}

#[actix_web::test]
async fn csv_and_ndjson_are_the_whole_list_and_equal_the_file() {
    let world = World::of(ONE);
    let app = app!(world);
    let file = std::fs::read_to_string(world.data.release("12.74-2025-04".parse().unwrap()).join("data/recipients.csv")).unwrap();
    let csv = get!(app, "/v1/recipients?area=12.74&format=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"SIMULASI-recipients.csv\"",
        "made-up people are marked in the name"
    );
    assert_eq!(csv.text(), file);
    assert_eq!(get!(app, "/v1/recipients", "accept" => "text/csv").text(), file);
    assert_eq!(get!(app, "/v1/recipients?format=csv&bom=1").text(), format!("\u{feff}{file}"));
    let lines = get!(app, "/v1/recipients?format=ndjson").text();
    assert_eq!(lines.lines().count(), file.lines().count() - 1);
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["id"], "12.74-2025Q2/PKH/00001/01");
    // A limit makes a page of it.
    let page = get!(app, "/v1/recipients?format=csv&limit=3");
    assert_eq!(page.text().lines().count(), 4);
    assert!(page.header("link").contains("rel=\"next\""));
    let next = page.header("link").trim_start_matches('<').split('>').next().unwrap().to_owned();
    assert_eq!(get!(app, next).text().lines().nth(1), file.lines().nth(4));
    // And gzip of the stream is the same bytes.
    let zipped = get!(app, "/v1/recipients?format=csv", "accept-encoding" => "br, gzip");
    assert_eq!(zipped.header("content-encoding"), "gzip");
    // Streams know gzip alone: a reader who does not is given plain bytes.
    let plain = get!(app, "/v1/recipients?format=csv", "accept-encoding" => "br, zstd");
    assert_eq!((plain.header("content-encoding"), plain.text()), ("", file.clone()));
    let mut plain = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped.body[..]), &mut plain).unwrap();
    assert_eq!(plain, file);
}

#[actix_web::test]
async fn filters_count_what_is_sure_and_what_is_possible() {
    let world = World::of(ONE);
    let app = app!(world);
    let total = |json: &Value| (json["total"].as_u64().unwrap(), json["possible"].as_u64().unwrap());
    let all = get!(app, "/v1/recipients?program=PKH").json();
    let women = get!(app, "/v1/recipients?program=PKH&sex=F").json();
    let men = get!(app, "/v1/recipients?program=PKH&sex=M").json();
    assert_eq!(total(&women).1, 12, "the pool may hold women");
    assert_eq!(total(&all).0, total(&women).0 + total(&men).0 + 12);
    let old = get!(app, "/v1/recipients?program=PKH&age_band=60%2B").json();
    assert_eq!(total(&old), (0, total(&all).0), "no row keeps its age: all may match");
    assert_eq!(old["data"].as_array().unwrap().len(), 0);
    let kecamatan = get!(app, "/v1/recipients?area=12.74.02&limit=1000").json();
    assert!(kecamatan["data"].as_array().unwrap().iter().all(|row| row["area"].as_str().unwrap().starts_with("12.74.02.")));
    assert_eq!(kecamatan["editions"][0]["edition"], "2025Q2");
    assert_eq!(kecamatan["editions"][0]["as_of"], "2025-04");
    assert_eq!(total(&get!(app, "/v1/recipients?area=31.71").json()), (0, 0));
    assert_eq!(total(&get!(app, "/v1/recipients?program=YAPI").json()), (0, 0), "sensitive programs have no rows");
    assert_eq!(total(&get!(app, "/v1/recipients?edition=2024Q1").json()), (0, 0));
    assert_eq!(total(&get!(app, "/v1/recipients?program=PKH&edition=2025Q2").json()), total(&all));
}

#[actix_web::test]
async fn a_walk_stays_in_its_version_while_releases_appear() {
    let world = World::of(ONE);
    let app = app!(world);
    let first = get!(app, "/v1/recipients?limit=500").json();
    let next = first["next"].as_str().unwrap().to_owned();
    let before = get!(app, next).json();
    world.admit("12.74-2025-07");
    world.admit("36.71-2025-04");
    assert_eq!(get!(app, next).json(), before);
    assert_eq!(before["version"], 1);
    assert_eq!(get!(app, "/v1/recipients?limit=500").json()["version"], 3);
    assert_eq!(get!(app, "/v1/recipients?limit=500&version=1").json()["data"], first["data"]);
}

#[actix_web::test]
async fn cursors_are_strict() {
    let world = World::of(ONE);
    let app = app!(world);
    let next = get!(app, "/v1/recipients?limit=5").json()["next"].as_str().unwrap().to_owned();
    let cursor = next.split("cursor=").nth(1).unwrap();
    // What never was a cursor has not its form; what may have been one leads nowhere.
    for (uri, status, code) in [
        (format!("/v1/recipients?cursor={}", &cursor[1..]), 400, "invalid-parameter"),
        ("/v1/recipients?cursor=".to_owned(), 400, "invalid-parameter"),
        ("/v1/recipients?cursor=%2e%2e".to_owned(), 400, "invalid-parameter"),
        (format!("/v1/recipients?cursor={}", &cursor[..cursor.len() - 4]), 404, "unknown-value"),
        (format!("/v1/recipients?cursor={cursor}&program=PKH"), 404, "unknown-value"),
        (format!("/v1/statistics/totals?cursor={cursor}"), 404, "unknown-value"),
        (format!("/v1/recipients?cursor={cursor}&version=2"), 404, "unknown-value"),
    ] {
        let got = get!(app, uri);
        assert_eq!((got.status, got.json()["code"].as_str().unwrap()), (status, code), "{uri}");
        assert_ne!(got.json()["errors"][0]["parameter"].as_str(), None, "{uri}");
    }
    // Another page size walks the same list.
    assert_eq!(get!(app, format!("/v1/recipients?cursor={cursor}&limit=9")).status, 200);
}

#[actix_web::test]
async fn the_same_answer_holds_the_same_links() {
    let world = World::of(ONE);
    let app = app!(world);
    let plain = get!(app, "/v1/recipients?limit=5");
    for uri in ["/v1/recipients?limit=5&version=1", "/v1/recipients?limit=5&format=json"] {
        let other = get!(app, uri);
        assert_eq!((other.header("etag"), &other.body), (plain.header("etag"), &plain.body), "{uri}");
    }
    // Also when it is computed the other way round, without the cache.
    let fresh = server::state::State::new(world.data.clone(), world.store.clone(), world.state.settings.clone(), None);
    fresh.refresh().unwrap();
    let app = actix_web::test::init_service(server::app(actix_web::web::Data::new(fresh))).await;
    assert!(get!(app, "/v1/recipients?limit=5&version=1&format=json").body == plain.body);
}
