//! Caching, codings, languages, headers, the site.

use actix_web::test::TestRequest;

use crate::{ONE, World, app, ask, get};

#[actix_web::test]
async fn tags_differ_by_coding_and_are_answered_304() {
    let world = World::of(ONE);
    let app = app!(world);
    let uri = "/v1/areas?parent=12.74";
    let plain = get!(app, uri);
    let mut tags = vec![plain.header("etag").to_owned()];
    for coding in ["gzip", "br", "zstd"] {
        let got = get!(app, uri, "accept-encoding" => coding);
        assert_eq!(got.header("content-encoding"), coding);
        let decoded = match coding {
            "gzip" => {
                let mut out = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&got.body[..]), &mut out).unwrap();
                out
            }
            "br" => {
                let mut out = Vec::new();
                std::io::Read::read_to_end(&mut brotli::Decompressor::new(&got.body[..], 4096), &mut out).unwrap();
                out
            }
            _ => zstd::decode_all(&got.body[..]).unwrap(),
        };
        assert_eq!(decoded, plain.body, "{coding}");
        tags.push(got.header("etag").to_owned());
        let known = get!(app, uri, "accept-encoding" => coding, "if-none-match" => got.header("etag").to_owned());
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(known.header("etag"), got.header("etag"));
    }
    tags.push(get!(app, uri, "accept-language" => "en").header("etag").to_owned());
    tags.push(get!(app, "/v1/areas?parent=12.74&format=csv").header("etag").to_owned());
    tags.push(get!(app, "/v1/areas?parent=12.74&limit=2").header("etag").to_owned());
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "each its own: {tags:?}");
    assert!(tags.iter().all(|tag| tag.starts_with("\"1-")), "strong, and named by version");
    assert_eq!(plain.header("vary"), "Accept, Accept-Encoding, Accept-Language");
    world.admit("12.74-2025-05");
    let old = tags[0].clone();
    assert_eq!(get!(app, uri, "if-none-match" => old).status, 200, "a new version is a new answer");
}

#[actix_web::test]
async fn unpinned_answers_name_their_version() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let got = get!(app, "/v1/statistics/totals?program=PKH&area=12.74");
    assert_eq!(got.header("content-location"), "/v1/statistics/totals?area=12.74&program=PKH&version=2");
    assert_eq!(got.header("cache-control"), "public, max-age=60, stale-while-revalidate=600");
    let pinned = get!(app, got.header("content-location").to_owned());
    assert_eq!(pinned.json()["data"], got.json()["data"]);
    assert_eq!(pinned.header("cache-control"), "public, max-age=86400");
    assert_eq!(pinned.header("content-location"), "");
    let modified = got.header("last-modified").to_owned();
    assert!(modified.ends_with("GMT"), "{modified}");
    assert_eq!(get!(app, "/v1/programs", "if-modified-since" => modified).status, 304);
    assert_eq!(get!(app, "/v1/programs", "if-modified-since" => "Mon, 01 Jan 2001 00:00:00 GMT").status, 200);
}

#[actix_web::test]
async fn every_answer_carries_the_same_headers() {
    let world = World::of(ONE);
    let app = app!(world);
    let mut ids = Vec::new();
    for uri in ["/", "/v1", "/healthz", "/nothing", "/openapi.json", "/log/checkpoint", "/docs/", "/v1/recipients?x=1"] {
        let got = get!(app, uri);
        assert_eq!(got.header("access-control-allow-origin"), "*", "{uri}");
        assert!(got.header("access-control-expose-headers").contains("Repr-Digest"), "{uri}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{uri}");
        assert!(got.header("content-security-policy").contains("default-src 'none'"), "{uri}");
        assert!(!got.header("referrer-policy").is_empty(), "{uri}");
        ids.push(got.header("x-request-id").to_owned());
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let preflight = ask(&app, TestRequest::default().method(actix_web::http::Method::OPTIONS).uri("/v1/recipients")).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
}

#[actix_web::test]
async fn the_site_is_served_beside_the_api() {
    let world = World::of(ONE);
    let site = world.folder.path().join("site");
    for (path, text) in [
        ("index.html", "<p>beranda"),
        ("404.html", "<p>tidak ada"),
        ("en/404.html", "<p>not there"),
        ("wilayah/kota-tangerang/index.html", "<p>Kota Tangerang"),
        ("style.css", "p{}"),
        ("sematkan/kota-tangerang/pkh/index.html", "<p>kartu"),
    ] {
        let path = site.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let app = app!(world);
    assert_eq!(get!(app, "/").text(), "<p>beranda");
    let page = get!(app, "/wilayah/kota-tangerang/", "accept-encoding" => "gzip");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-encoding"), "gzip");
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let tag = page.header("etag").to_owned();
    assert_eq!(get!(app, "/wilayah/kota-tangerang/", "accept-encoding" => "gzip", "if-none-match" => tag).status, 304);
    let folder = get!(app, "/wilayah/kota-tangerang");
    assert_eq!((folder.status, folder.header("location")), (308, "/wilayah/kota-tangerang/"));
    assert_eq!(get!(app, "/style.css").header("content-type"), "text/css; charset=utf-8");
    let missing = get!(app, "/wilayah/tidak-ada/");
    assert_eq!((missing.status, missing.text().as_str()), (404, "<p>tidak ada"));
    assert_eq!(get!(app, "/en/nothing/").text(), "<p>not there");
    assert_eq!(get!(app, "/v1/nothing").header("content-type"), "application/problem+json");
    for uri in ["/../data/keys/log.key", "/%2e%2e/data/keys/log.key", "/..%2fdata%2fkeys%2flog.key"] {
        assert_eq!(get!(app, uri).status, 404, "{uri}");
    }
    // A card may be shown within other pages, and nothing else may: no page, and no answer of the API.
    for (uri, framed) in [
        ("/sematkan/kota-tangerang/pkh/", true),
        ("/sematkan/tidak-ada/", false),
        ("/wilayah/kota-tangerang/", false),
        ("/", false),
        ("/v1", false),
    ] {
        let answer = get!(app, uri);
        let allowed = answer.header("content-security-policy").contains("frame-ancestors *");
        assert_eq!(allowed, framed, "{uri}: {}", answer.header("content-security-policy"));
        assert_eq!(answer.header("x-frame-options"), "", "{uri}");
    }
    // A rebuilt page shows at once.
    std::fs::write(site.join("index.html"), "<p>beranda baru").unwrap();
    assert_eq!(get!(app, "/").text(), "<p>beranda baru");
}
