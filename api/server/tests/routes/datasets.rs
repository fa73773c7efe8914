//! Datasets, files and the log.

use crate::{ONE, World, app, get};

#[actix_web::test]
async fn every_file_is_what_its_listing_says() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let json = get!(app, "/v1/datasets").json();
    let mut files = 0;
    for dataset in json["data"].as_array().unwrap() {
        for file in dataset["distributions"].as_array().unwrap() {
            let url = file["url"].as_str().unwrap().to_owned();
            let got = get!(app, url);
            assert_eq!(got.status, 200, "{url}");
            assert_eq!(got.body.len() as u64, file["bytes"].as_u64().unwrap(), "{url}");
            assert_eq!(release::sha256_hex(&got.body), file["sha256"].as_str().unwrap(), "{url}");
            assert_eq!(got.header("repr-digest"), server::files::digest(file["sha256"].as_str().unwrap()).unwrap());
            assert_eq!(got.header("cache-control"), "public, max-age=31536000, immutable");
            files += 1;
        }
    }
    // Recipients and atoms, the tables, and the manifest.
    assert_eq!(files, 2 * (3 + domain::Table::ALL.len()));
    let one = get!(app, "/v1/datasets/recipients?limit=1").json();
    assert_eq!(one["total"], 2);
    assert_eq!(get!(app, one["next"].as_str().unwrap().to_owned()).json()["data"][0]["release"], "12.74-2025-05");
    let manifest = get!(app, "/v1/datasets/release/12.74-2025-04/manifest.json");
    assert_eq!(release::sha256_hex(&manifest.body), get!(app, "/v1/releases/12.74-2025-04").json()["manifest_sha256"]);
    assert_eq!(get!(app, "/v1/datasets/release/12.74-2025-04/manifest.sig").status, 200);
    assert_eq!(get!(app, "/v1/datasets/release/12.74-2025-04/risk-report.json").json()["k"], 11);
    let latest = get!(app, "/v1/datasets/totals/latest/12.74.csv");
    assert_eq!((latest.status, latest.header("location")), (307, "/v1/datasets/totals/12.74-2025-05/totals.csv"));
    for uri in [
        "/v1/datasets/nothing",
        "/v1/datasets/totals/12.74-2025-04/flows.csv",
        "/v1/datasets/totals/12.74-2025-04/nothing.csv",
        "/v1/datasets/release/12.74-2025-04/totals.csv",
        "/v1/datasets/totals/12.74-2025-06/totals.csv",
        "/v1/datasets/totals/latest/36.71.csv",
        "/v1/datasets/totals/latest/12.74.xlsx",
        "/v1/datasets/totals/12.74-2025-04/..%2f..%2fkeys%2flog.key",
        "/v1/datasets/release/12.74-2025-04/..%2f..%2f..%2fkeys%2flog.key",
    ] {
        assert_eq!(get!(app, uri.to_owned()).status, 404, "{uri}");
    }
}

#[actix_web::test]
async fn ranges() {
    let world = World::of(ONE);
    let app = app!(world);
    let url = "/v1/datasets/recipients/12.74-2025-04/recipients.csv".to_owned();
    let whole = get!(app, url);
    let length = whole.body.len();
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = get!(app, url, "range" => "bytes=3-9");
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[3..10]));
    assert_eq!(part.header("content-range"), format!("bytes 3-9/{length}"));
    assert_eq!(get!(app, url, "range" => "bytes=-5").body, whole.body[length - 5..]);
    let outside = get!(app, url, "range" => format!("bytes={length}-"));
    assert_eq!((outside.status, outside.header("content-range")), (416, &*format!("bytes */{length}")));
    assert_eq!(outside.json()["code"], "range-not-satisfiable");
    let tag = whole.header("etag").to_owned();
    assert_eq!(get!(app, url, "range" => "bytes=0-1", "if-range" => tag.clone()).status, 206);
    assert_eq!(get!(app, url, "range" => "bytes=0-1", "if-range" => "\"other\"").status, 200);
    assert_eq!(get!(app, url, "if-none-match" => tag).status, 304);
}

#[actix_web::test]
async fn the_log_is_served_as_it_lies() {
    let world = World::of(ONE);
    let app = app!(world);
    let checkpoint = get!(app, "/log/checkpoint");
    assert_eq!(checkpoint.body, std::fs::read(world.data.log().join("checkpoint")).unwrap());
    for tile in ["0/000.p/1", "entries/000.p/1"] {
        let got = get!(app, format!("/log/tile/{tile}"));
        assert_eq!(got.body, std::fs::read(world.data.log().join("tile").join(tile)).unwrap(), "{tile}");
    }
    for tile in ["", "0", "0/001", "../checkpoint", "%2e%2e/checkpoint", "entries/..%2f..%2fcheckpoint", "0/000.p"] {
        assert_eq!(get!(app, format!("/log/tile/{tile}")).status, 404, "{tile}");
    }
}
