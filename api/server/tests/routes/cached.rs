//! What the cache keeps, and what it may not tell any more.

use crate::{World, app, get};

#[actix_web::test]
async fn a_withdrawn_figure_is_not_told_from_the_cache_of_an_older_version() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let pinned = ["/v1/areas/12.74?version=2", "/v1/recipients?version=2", "/v1/statistics/totals?version=2", "/v1/datasets?version=2"];
    let mut known = Vec::new();
    for uri in pinned {
        for _ in 0..2 {
            let got = get!(app, uri);
            assert_eq!(got.status, 200, "{uri}");
            known.push((uri, got.header("etag").to_owned()));
        }
    }
    world.withdraw("12.74-2025-05", "wrong month");
    for uri in pinned {
        let got = get!(app, uri);
        assert_eq!(got.status, 410, "{uri}: {}", got.text());
        assert!(got.text().contains("wrong month"));
    }
    // Nor is a reader who has it told that it still holds.
    for (uri, tag) in known {
        assert_eq!(get!(app, uri, "if-none-match" => tag).status, 410, "{uri}");
    }
    assert_eq!(get!(app, "/v1/areas/12.74?version=1").status, 200);
    assert_eq!(get!(app, "/v1/areas/12.74").json()["version"], 3);
}

#[actix_web::test]
async fn an_old_cursor_walks_on_in_its_version() {
    let world = World::of(&["12.74-2025-04"]);
    let app = app!(world);
    let whole = get!(app, "/v1/recipients?format=ndjson").text();
    let first = get!(app, "/v1/recipients?limit=30").json();
    world.admit("12.74-2025-05");
    world.admit("12.74-2025-04-r2");
    let mut rows: Vec<String> = first["data"].as_array().unwrap().iter().map(ToString::to_string).collect();
    let mut next = first["next"].as_str().map(str::to_owned);
    while let Some(uri) = next {
        let page = get!(app, uri).json();
        assert_eq!(page["version"], 1);
        rows.extend(page["data"].as_array().unwrap().iter().map(ToString::to_string));
        next = page["next"].as_str().map(str::to_owned);
    }
    let lines: Vec<String> = whole.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap().to_string()).collect();
    assert_eq!(rows, lines);
    assert_eq!(get!(app, "/v1/recipients?limit=30").json()["version"], 3);
}
