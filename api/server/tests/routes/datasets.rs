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
    // Whatever the manifests name, and the manifest and its signature.
    let mut named = 0;
    for name in ["12.74-2025-04", "12.74-2025-05"] {
        let manifest = get!(app, format!("/v1/datasets/release/{name}/manifest.json")).json();
        named += manifest["files"].as_array().unwrap().len() + 2;
    }
    assert_eq!(files, named);
    let names: Vec<&str> = json["data"].as_array().unwrap().iter().map(|one| one["dataset"].as_str().unwrap()).collect();
    let known: Vec<&str> = dataset::dictionary::all().iter().map(|one| one.name).chain(["release"]).collect();
    assert_eq!(names, known);
    let one = get!(app, "/v1/datasets/totals?limit=1").json();
    let forms = one["total"].as_u64().unwrap() as usize / 2;
    let mut next = one["next"].as_str().unwrap().to_owned();
    for _ in 1..forms {
        next = get!(app, next).json()["next"].as_str().unwrap().to_owned();
    }
    assert_eq!(get!(app, next).json()["data"][0]["release"], "12.74-2025-05");
    assert_eq!(one["data"][0]["media_type"], "text/csv; charset=utf-8");
    let manifest = get!(app, "/v1/datasets/release/12.74-2025-04/manifest.json");
    assert_eq!(release::sha256_hex(&manifest.body), get!(app, "/v1/releases/12.74-2025-04").json()["manifest_sha256"]);
    assert_eq!(get!(app, "/v1/datasets/release/12.74-2025-04/manifest.sig").status, 200);
    assert_eq!(get!(app, "/v1/datasets/release/12.74-2025-04/risk-report.json").json()["k"], 11);
    let latest = get!(app, "/v1/datasets/totals/latest/12.74.csv");
    assert_eq!((latest.status, latest.header("location")), (307, "/v1/datasets/totals/12.74-2025-05/totals.csv"));
    for one in json["data"].as_array().unwrap().iter().flat_map(|one| one["distributions"].as_array().unwrap()) {
        let (dataset, format, url) = (one["dataset"].as_str().unwrap(), one["format"].as_str().unwrap(), one["url"].as_str().unwrap());
        if one["release"] == "12.74-2025-05" && (dataset != "release" || url.contains("manifest")) {
            let latest = get!(app, format!("/v1/datasets/{dataset}/latest/12.74.{format}"));
            assert_eq!((latest.status, latest.header("location")), (307, url));
        }
    }
    for uri in [
        "/v1/datasets/nothing",
        "/v1/datasets/totals/12.74-2025-04/flows.csv",
        "/v1/datasets/totals/12.74-2025-04/nothing.csv",
        "/v1/datasets/release/12.74-2025-04/totals.csv",
        "/v1/datasets/totals/12.74-2025-06/totals.csv",
        "/v1/datasets/totals/latest/36.71.csv",
        "/v1/datasets/totals/latest/12.74.pdf",
        "/v1/datasets/boundaries/latest/12.74.csv",
        "/v1/datasets/totals/latest/12.74.json",
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
async fn what_was_withdrawn_is_gone_in_every_form_and_with_it_what_tells_its_figures() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-04-r2"]);
    let app = app!(world);
    let files = |json: serde_json::Value| -> Vec<String> {
        let all = json["data"].as_array().unwrap().clone();
        all.iter().flat_map(|one| one["distributions"].as_array().unwrap()).map(|one| one["url"].as_str().unwrap().to_owned()).collect()
    };
    let first = files(get!(app, "/v1/datasets?release=12.74-2025-04").json());
    let second = files(get!(app, "/v1/datasets?release=12.74-2025-04-r2").json());
    for url in first.iter().chain(&second) {
        assert_eq!(get!(app, url.clone()).status, 200, "{url}");
    }
    world.withdraw("12.74-2025-04", "taken back");
    for url in &first {
        let gone = get!(app, url.clone());
        assert_eq!((gone.status, gone.json()["code"].as_str().unwrap()), (410, "withdrawn"), "{url}");
        assert!(gone.json()["detail"].as_str().unwrap().contains("taken back"));
    }
    let left = files(get!(app, "/v1/datasets?release=12.74-2025-04-r2").json());
    for url in &second {
        let wanted = if url.contains("/corrections/") { 410 } else { 200 };
        assert_eq!(get!(app, url.clone()).status, wanted, "{url}");
        assert_eq!(left.contains(url), wanted == 200, "{url}");
    }
    for form in ["csv", "ndjson", "parquet", "xlsx"] {
        let gone = get!(app, format!("/v1/datasets/corrections/12.74-2025-04-r2/corrections.{form}"));
        assert_eq!(gone.status, 410, "{form}");
    }
}

#[actix_web::test]
async fn public_keys_are_served_and_secret_ones_never() {
    let world = World::of(ONE);
    let app = app!(world);
    let entry = get!(app, "/v1").json();
    for link in [&entry["links"]["log_key"], &entry["districts"][0]["key"]] {
        let link = link.as_str().unwrap().to_owned();
        let got = get!(app, link);
        let kept = std::fs::read(world.data.path().join(link.trim_start_matches('/'))).unwrap();
        assert_eq!((got.status, &got.body), (200, &kept), "{link}");
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(got.header("cache-control"), "public, max-age=60");
        assert_eq!(got.header("repr-digest"), server::files::digest(&release::sha256_hex(&kept)).unwrap());
        assert_eq!(get!(app, link, "if-none-match" => got.header("etag").to_owned()).status, 304);
    }
    assert_eq!(get!(app, "/keys/log.rotations").status, 404, "never rotated");
    assert!(world.data.keys().join("log.key").exists() && world.data.keys().join("district-12.74.key").exists());
    for name in [
        "",
        "log.key",
        "log",
        "district-12.74.key",
        "district-12.74",
        "..%2fkeys%2flog.key",
        "log.vkey%2f..%2flog.key",
        "log.key%00.vkey",
        "log.key%23.vkey",
        "log.key%3f.vkey",
        "LOG.KEY",
        "log.vkey%2e%2e%2flog.key",
        "%2e%2e%2fcatalogue%2fcurrent",
        "log.key/log.vkey",
        "*.vkey",
    ] {
        let got = get!(app, format!("/keys/{name}"));
        assert!(matches!(got.status, 400 | 404), "{name}: {}", got.status);
        assert!(!got.text().contains("PRIVATE"), "{name}");
    }
}

#[actix_web::test]
async fn the_log_is_served_as_it_lies() {
    let world = World::of(ONE);
    let app = app!(world);
    let checkpoint = get!(app, "/log/checkpoint");
    assert_eq!(checkpoint.body, std::fs::read(world.data.log().join("checkpoint")).unwrap());
    assert_eq!(checkpoint.header("repr-digest"), server::files::digest(&release::sha256_hex(&checkpoint.body)).unwrap());
    assert_eq!(get!(app, "/log/checkpoint", "if-none-match" => checkpoint.header("etag").to_owned()).status, 304);
    for tile in ["0/000.p/1", "entries/000.p/1"] {
        let got = get!(app, format!("/log/tile/{tile}"));
        assert_eq!(got.body, std::fs::read(world.data.log().join("tile").join(tile)).unwrap(), "{tile}");
    }
    for tile in ["", "0", "0/001", "../checkpoint", "%2e%2e/checkpoint", "entries/..%2f..%2fcheckpoint", "0/000.p"] {
        assert_eq!(get!(app, format!("/log/tile/{tile}")).status, 404, "{tile}");
    }
}
