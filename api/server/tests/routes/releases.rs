//! Releases, versions, withdrawals.

use crate::{World, app, get};

#[actix_web::test]
async fn releases_are_listed_newest_first_with_what_they_are() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05", "12.74-2025-04-r2"]);
    let app = app!(world);
    let json = get!(app, "/v1/releases").json();
    let listed: Vec<(&str, &str)> =
        json["data"].as_array().unwrap().iter().map(|one| (one["release"].as_str().unwrap(), one["status"].as_str().unwrap())).collect();
    assert_eq!(listed, [("12.74-2025-04-r2", "current"), ("12.74-2025-05", "current"), ("12.74-2025-04", "superseded")]);
    assert_eq!(get!(app, "/v1/releases?version=1").json()["data"][0]["status"], "current");
    assert_eq!(get!(app, "/v1/releases?area=36.71").json()["total"], 0);
    assert_eq!(get!(app, "/v1/releases?period=2025-05").json()["total"], 1);
    let one = get!(app, "/v1/releases/12.74-2025-04-r2").json();
    assert_eq!(one["manifest"]["release"], "12.74-2025-04-r2");
    assert_eq!(one["manifest"]["policy"]["k"], 11);
    assert_eq!(one["manifest_sha256"].as_str().unwrap().len(), 64);
    assert!(one["signature"].as_str().unwrap().contains("12.74"));
    for name in ["12.74-2025-06", "x", "1274-2025-04"] {
        assert_eq!(get!(app, format!("/v1/releases/{name}")).status, 404, "{name}");
    }
    assert_eq!(get!(app, "/v1/releases/12.74-2025-05?version=1").status, 404, "not admitted yet then");
    for (version, status) in [("0", 400), ("x", 400), ("01", 400), ("4", 404)] {
        assert_eq!(get!(app, format!("/v1/releases?version={version}")).status, status, "{version}");
    }
}

#[actix_web::test]
async fn a_correction_says_what_it_mends_why_and_what_changed() {
    let world = World::of(&["12.74-2025-07", "12.74-2025-08", "12.74-2025-07-r2"]);
    let app = app!(world);
    let one = get!(app, "/v1/releases/12.74-2025-07-r2").json();
    assert_eq!((&one["revision"], &one["status"], &one["correction"]["of"]), (&2.into(), &"current".into(), &"12.74-2025-07".into()));
    assert_eq!(one["correction"]["reason"]["code"], "payments");
    assert_eq!(one["correction"]["reason"]["name"]["id"], "penyaluran salah dicatat");
    assert!(one["correction"]["reason"]["name"]["en"].as_str().unwrap().contains("payments"));
    assert_eq!(one["changes"]["of"], "12.74-2025-07");
    let files: Vec<&str> = one["changes"]["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert!(files.contains(&"data/payments.csv") && !files.contains(&"data/atoms.csv"), "{files:?}");
    let changed = one["changes"]["figures"].as_array().unwrap();
    let paid = changed.iter().find(|change| change["program"] == "PKH" && change["measure"] == "paid").unwrap();
    assert_eq!(paid["table"], "payments");
    assert!(paid["after"].as_u64().unwrap() > paid["before"].as_u64().unwrap(), "{paid}");
    assert!(changed.iter().all(|change| change["table"] != "totals"));
    // The issue before stays readable, and says what answers now.
    let before = get!(app, "/v1/releases/12.74-2025-07").json();
    assert_eq!((&before["status"], &before["superseded_by"]), (&"superseded".into(), &"12.74-2025-07-r2".into()));
    assert!(before["correction"].is_null() && before["changes"].is_null());
    assert_eq!(get!(app, "/v1/releases/12.74-2025-07?version=2").json()["status"], "current");
    let figure = |query: &str| format!("/v1/statistics/payments?area=12.74&level=kabupaten&program=PKH&measure=paid&period=2025-07{query}");
    let value = paid["before"].as_u64().unwrap();
    assert_eq!(get!(app, figure("&release=12.74-2025-07")).json()["data"][0]["value"], value);
    assert_eq!(get!(app, figure("&version=2")).json()["data"][0]["value"], value);
    let now = get!(app, figure("")).json();
    assert_eq!((&now["data"][0]["value"], &now["data"][0]["release"]), (&paid["after"], &"12.74-2025-07-r2".into()));
    let csv = get!(app, "/v1/releases?format=csv").text();
    assert!(csv.lines().nth(1).unwrap().contains(",12.74-2025-07,payments,"), "{csv}");
    // Of a withdrawn issue nothing is told again.
    world.withdraw("12.74-2025-07", "wrong");
    assert!(get!(app, "/v1/releases/12.74-2025-07-r2").json()["changes"].is_null());
}

#[actix_web::test]
async fn an_edition_is_read_by_its_newest_revision() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let path = crate::fixture::release_of(&world.data, world.folder.path(), "12.74-2025-04-r2", 2);
    catalogue::admit(&world.data, &world.store, &[path]).unwrap();
    world.state.refresh().unwrap();
    let app = app!(world);
    let edition = |json: serde_json::Value| (json["editions"][0]["edition"].clone(), json["editions"][0]["release"].clone());
    let newest = (serde_json::json!("2025Q2-r2"), serde_json::json!("12.74-2025-04-r2"));
    assert_eq!(edition(get!(app, "/v1/recipients").json()), newest);
    assert_eq!(edition(get!(app, "/v1/recipients?edition=2025Q2").json()), newest);
    assert_eq!(edition(get!(app, "/v1/recipients?edition=2025Q2-r2").json()), newest);
    let first = get!(app, "/v1/recipients?release=12.74-2025-05").json();
    assert_eq!(first["editions"][0]["edition"], "2025Q2");
    assert_eq!(first["data"][0]["id"], "12.74-2025Q2/PKH/00001/01");
    assert_eq!(get!(app, "/v1/recipients?edition=2025Q2&version=2").json()["editions"][0]["release"], "12.74-2025-05");
    assert_eq!(get!(app, "/v1/recipients?edition=2025Q2-r3").json()["total"], 0);
}

#[actix_web::test]
async fn a_withdrawn_release_is_gone_everywhere_with_its_reason() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let pinned = "/v1/statistics/totals?period=2025-05&version=2";
    assert_eq!(get!(app, pinned.to_owned()).status, 200);
    let file = "/v1/datasets/totals/12.74-2025-05/totals.csv";
    assert_eq!(get!(app, file.to_owned()).status, 200);
    world.withdraw("12.74-2025-05", "Wrong file for May");
    for uri in [
        "/v1/releases/12.74-2025-05",
        file,
        "/v1/datasets/release/12.74-2025-05/manifest.json",
        "/v1/recipients?release=12.74-2025-05",
        "/v1/recipients?release=12.74-2025-05&format=csv",
        "/v1/statistics/totals?release=12.74-2025-05",
        pinned,
    ] {
        let got = get!(app, uri.to_owned(), "accept-language" => "en");
        assert_eq!((got.status, got.json()["code"].as_str().unwrap()), (410, "withdrawn"), "{uri}");
        assert!(got.json()["detail"].as_str().unwrap().contains("Wrong file for May"), "{uri}");
    }
    // The month before answers, and the list shows the tombstone.
    assert_eq!(get!(app, "/v1").json()["districts"][0]["release"], "12.74-2025-04");
    let json = get!(app, "/v1/releases").json();
    assert_eq!((&json["data"][0]["status"], &json["data"][0]["reason"]), (&"withdrawn".into(), &"Wrong file for May".into()));
    assert_eq!(get!(app, "/v1/statistics/totals?period=2025-05").json()["total"], 0);
    assert!(get!(app, "/v1/recipients").json()["total"].as_u64().unwrap() > 0);
    assert!(get!(app, "/v1/recipients?version=1").json()["total"].as_u64().unwrap() > 0);
}

#[actix_web::test]
async fn a_rebuilt_catalogue_gives_the_same_bytes() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05", "12.74-2025-04-r2", "36.71-2025-04"]);
    world.withdraw("12.74-2025-05", "wrong");
    let uris: Vec<String> = ["/v1", "/v1/releases", "/v1/areas/12.74.01", "/v1/datasets", "/v1/releases/12.74-2025-04-r2"]
        .into_iter()
        .map(str::to_owned)
        .chain(domain::Table::ALL.iter().flat_map(|table| {
            let program = if table.is_of_all_programs() { "&program=SEMUA" } else { "&program=PKH" };
            ["", "&area=12.74.02", program, "&level=kecamatan&area=36.71", "&format=csv"]
                .map(|filter| format!("/v1/statistics/{table}?limit=50{filter}"))
        }))
        .chain(
            ["", "&area=12.74.02", "&program=SEMBAKO", "&sex=F", "&format=ndjson", "&version=1"]
                .map(|f| format!("/v1/recipients?limit=70{f}")),
        )
        .collect();
    let app = app!(world);
    let mut before = Vec::new();
    for uri in &uris {
        let got = get!(app, uri);
        assert_eq!(got.status, 200, "{uri}");
        before.push(got.body);
    }
    let cursor = get!(app, "/v1/recipients?limit=70").json()["next"].as_str().unwrap().to_owned();
    let page = get!(app, cursor).body;
    std::fs::remove_dir_all(world.data.catalogue()).unwrap();
    catalogue::rebuild(&world.data, &world.store).unwrap();
    assert_eq!(world.state.refresh().unwrap(), Some(5), "another build is another reader");
    // A state without a warm cache.
    let fresh = server::state::State::new(world.data.clone(), world.store.clone(), world.state.settings.clone(), None);
    fresh.refresh().unwrap();
    let app = actix_web::test::init_service(server::app(actix_web::web::Data::new(fresh))).await;
    for (uri, before) in uris.iter().zip(&before) {
        assert!(get!(app, uri).body == *before, "{uri}");
    }
    assert!(get!(app, cursor).body == page, "a cursor survives a rebuild");
}
