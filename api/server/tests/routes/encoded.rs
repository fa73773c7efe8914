//! Files of releases in other codings: chosen, described and cut like any
//! file, and never served when they are not what they were made of.

use std::io::Read;

use crate::{Got, ONE, World, app, get};

const URL: &str = "/v1/datasets/recipients/12.74-2025-04/recipients.csv";

fn coded(world: &World) -> Vec<std::path::PathBuf> {
    let folder = server::encoded::folder(&world.data);
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    found.filter(|path| path.is_dir()).collect()
}

fn follow(world: &World, check: bool) -> server::encoded::Done {
    server::encoded::follow(&world.data, &world.store, check).unwrap()
}

fn plain(got: &Got) -> Vec<u8> {
    let (mut out, bytes) = (Vec::new(), &got.body[..]);
    match got.header("content-encoding") {
        "br" => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap()),
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
        "zstd" => out = zstd::decode_all(bytes).unwrap(),
        _ => out = bytes.to_vec(),
    }
    out
}

fn digest(bytes: &[u8]) -> String {
    server::files::digest(&release::sha256_hex(bytes)).unwrap()
}

#[actix_web::test]
async fn every_coding_is_a_representation_of_its_own() {
    let world = World::of(ONE);
    let app = app!(world);
    let whole = get!(app, URL);
    assert_eq!((whole.header("vary"), whole.header("content-encoding")), ("Accept-Encoding", ""));
    assert!(whole.header("link").contains("/v1/datasets/release/12.74-2025-04/manifest.json>; rel=\"describedby\""));
    // Before anything is ready the plain file is a right answer.
    assert_eq!(get!(app, URL, "accept-encoding" => "br, gzip").body, whole.body);
    assert!(follow(&world, false).made > 3);
    assert_eq!(follow(&world, true).made, 0, "there is nothing more to do");
    let mut tags = vec![whole.header("etag").to_owned()];
    for coding in ["br", "gzip", "zstd"] {
        let got = get!(app, URL, "accept-encoding" => coding);
        assert_eq!((got.status, got.header("content-encoding"), got.header("vary")), (200, coding, "Accept-Encoding"));
        assert!(got.body.len() * 3 < whole.body.len(), "{coding}: {}", got.body.len());
        assert_eq!(plain(&got), whole.body, "{coding}");
        assert_eq!(got.header("repr-digest"), digest(&got.body), "{coding}");
        for same in ["content-type", "content-disposition", "cache-control", "accept-ranges", "link"] {
            assert_eq!(got.header(same), whole.header(same), "{coding}");
        }
        let tag = got.header("etag").to_owned();
        assert!(!tag.starts_with("W/") && !tags.contains(&tag));
        let length = got.body.len();
        let ask = |range: String, tag: &str| {
            actix_web::test::TestRequest::get()
                .uri(URL)
                .insert_header(("accept-encoding", coding))
                .insert_header(("range", range))
                .insert_header(("if-range", tag.to_owned()))
        };
        let part = crate::ask(&app, ask("bytes=10-99".into(), &tag)).await;
        assert_eq!((part.status, &part.body[..]), (206, &got.body[10..100]));
        assert_eq!(part.header("content-range"), format!("bytes 10-99/{length}"));
        assert_eq!(part.header("repr-digest"), got.header("repr-digest"), "of the whole representation");
        let other = crate::ask(&app, ask("bytes=10-99".into(), &tags[0])).await;
        assert_eq!((other.status, other.body == got.body), (200, true), "a part of another coding is of no use");
        assert_eq!(get!(app, URL, "accept-encoding" => coding, "range" => format!("bytes={length}-")).status, 416);
        assert_eq!(get!(app, URL, "accept-encoding" => coding, "if-none-match" => tag.clone()).status, 304);
        assert_eq!(get!(app, URL, "accept-encoding" => coding, "if-none-match" => tags[0].clone()).status, 200);
        tags.push(tag);
    }
}

#[actix_web::test]
async fn what_is_accepted_decides() {
    let world = World::of(ONE);
    let app = app!(world);
    for uri in [URL, "/v1/datasets/release/12.74-2025-04/manifest.json"] {
        assert_eq!(get!(app, uri, "accept-encoding" => "br, identity;q=0").status, 406, "{uri}: nothing is ready yet");
    }
    follow(&world, false);
    for (accept, expected) in [
        ("", ""),
        ("identity", ""),
        ("deflate", ""),
        ("gzip;q=0.2, identity;q=0.8", ""),
        ("gzip;q=0.8, identity;q=0.2", "gzip"),
        ("br;q=0, zstd;q=0, *", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("*;q=0, zstd", "zstd"),
    ] {
        let got = get!(app, URL, "accept-encoding" => accept);
        assert_eq!((got.status, got.header("content-encoding")), (200, expected), "{accept}");
    }
    let inside = "/v1/datasets/totals/12.74-2025-04/totals.parquet";
    assert_eq!(get!(app, inside, "accept-encoding" => "br, gzip, zstd").header("content-encoding"), "", "compressed inside");
    assert_eq!(get!(app, inside, "accept-encoding" => "gzip, identity;q=0").status, 406);
    for accept in ["identity;q=0, deflate", "*;q=0"] {
        let got = get!(app, URL, "accept-encoding" => accept);
        assert_eq!((got.status, got.json()["code"].as_str().unwrap()), (406, "not-acceptable"), "{accept}");
    }
}

#[actix_web::test]
async fn a_damaged_coding_is_not_served_and_is_made_again() {
    let world = World::of(ONE);
    follow(&world, false);
    let all = coded(&world);
    for folder in &all {
        for file in std::fs::read_dir(folder).unwrap().flatten() {
            let mut bytes = std::fs::read(file.path()).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
            std::fs::write(file.path(), bytes).unwrap();
        }
    }
    let app = app!(world);
    let got = get!(app, URL, "accept-encoding" => "br, zstd, gzip");
    assert_eq!((got.status, got.header("content-encoding")), (200, ""));
    assert_eq!(got.header("repr-digest"), digest(&got.body));
    assert_eq!(coded(&world).len(), all.len() - 1, "what was found damaged is taken away");
    assert_eq!(follow(&world, false).made, 1);
    assert_eq!(follow(&world, true).made, all.len() - 1);
    assert_eq!(get!(app, URL, "accept-encoding" => "br").header("content-encoding"), "br");
    assert_eq!(follow(&world, true).made, 0);
}

#[actix_web::test]
async fn what_no_standing_release_names_is_removed() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    follow(&world, false);
    let before = coded(&world);
    world.withdraw("12.74-2025-05", "taken back");
    let done = follow(&world, false);
    assert!(done.removed > 3 && done.made == 0, "{done:?}");
    let after = coded(&world);
    assert_eq!(after.len(), before.len() - done.removed);
    let app = app!(world);
    assert_eq!(get!(app, URL, "accept-encoding" => "zstd").header("content-encoding"), "zstd", "rows that April publishes, too");
    // Left by a killed command.
    std::fs::create_dir(server::encoded::folder(&world.data).join(".tmp-x")).unwrap();
    follow(&world, false);
    assert!(!server::encoded::folder(&world.data).join(".tmp-x").exists());
}
