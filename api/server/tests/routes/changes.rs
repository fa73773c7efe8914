//! What differs between two releases.

use std::collections::BTreeSet;

use release::ReleaseFolder;
use release::changes::between;

use crate::{World, app, get};

fn world() -> World {
    World::of(&["12.74-2025-04", "12.74-2025-05", "12.74-2025-05-r2", "36.71-2025-04"])
}

#[actix_web::test]
async fn every_figure_that_differs_is_told_on_some_page_and_no_other() {
    let world = world();
    let app = app!(world);
    let open = |name: &str| ReleaseFolder::open(&world.data.release(name.parse().unwrap())).unwrap();
    for (before, after) in
        [("12.74-2025-04", "12.74-2025-05"), ("12.74-2025-05", "12.74-2025-05-r2"), ("12.74-2025-05-r2", "12.74-2025-05")]
    {
        let expected: Vec<String> = between(&open(before), &open(after))
            .unwrap()
            .map(|change| {
                let change = change.unwrap();
                let value = |figure: &Option<release::changes::Figure>| {
                    figure.as_ref().and_then(|figure| figure.value).map(|value| value.to_string()).unwrap_or_default()
                };
                let (was, is) = (value(&change.before), value(&change.after));
                format!("{}|{}|{}|{}|{}|{was}|{is}", change.table, change.area, change.program, change.measure, change.category)
            })
            .collect();
        let expected: BTreeSet<String> = expected.into_iter().collect();
        let address = format!("/v1/releases/{before}/changes/{after}");
        let (mut next, mut told, mut pages) = (Some(format!("{address}?limit=37")), Vec::new(), 0);
        while let Some(page) = next {
            let json = get!(app, page).json();
            assert_eq!(json["total"], expected.len() as u64);
            for one in json["data"].as_array().unwrap() {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                let value = |side: &str| one[side]["value"].as_u64().map(|value| value.to_string()).unwrap_or_default();
                told.push(
                    ["table", "area", "program", "measure", "category"]
                        .map(text)
                        .into_iter()
                        .chain([value("before"), value("after")])
                        .collect::<Vec<_>>()
                        .join("|"),
                );
            }
            let counted: u64 = json["tables"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|one| ["changed", "added", "removed"].map(|kind| one[kind].as_u64().unwrap()))
                .sum();
            assert_eq!(counted, expected.len() as u64);
            next = json["next"].as_str().map(str::to_owned);
            pages += 1;
        }
        assert_eq!(told.len(), expected.len(), "each once");
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected, "{address}");
        assert!(pages > 1 && expected.len() > 20, "{pages} pages: the releases are too much alike");
        // A table of all of them, in one go.
        let csv = get!(app, format!("{address}?format=csv"));
        assert_eq!(csv.text().lines().count(), expected.len() + 1);
        assert!(csv.text().starts_with("table,area,program,measure,category,value_before,"));
        assert_eq!(get!(app, format!("{address}?format=ndjson")).text().lines().count(), expected.len());
    }
}

#[actix_web::test]
async fn a_correction_has_its_reason_and_only_what_it_mends() {
    let world = world();
    let app = app!(world);
    let address = "/v1/releases/12.74-2025-05/changes/12.74-2025-05-r2";
    let json = get!(app, address).json();
    assert_eq!((json["before"].as_str(), json["after"].as_str()), (Some("12.74-2025-05"), Some("12.74-2025-05-r2")));
    assert_eq!((&json["correction"]["reason"]["code"], &json["correction"]["of"]), (&"payments".into(), &"12.74-2025-05".into()));
    let tables: Vec<&str> = json["tables"].as_array().unwrap().iter().map(|one| one["table"].as_str().unwrap()).collect();
    assert_eq!(tables, ["payments"]);
    assert_eq!(json["rows"], serde_json::json!([]), "the rows are repeated");
    let one = &get!(app, format!("{address}?program=PKH&area=12.74.01&limit=1")).json()["data"][0];
    assert_eq!((&one["program"], &one["before"]["status"]), (&"PKH".into(), &"observed".into()));
    assert!(one["after"]["value"].as_u64() > one["before"]["value"].as_u64(), "{one}");
    // The other way round, and against another month, nothing is corrected.
    assert!(get!(app, "/v1/releases/12.74-2025-05-r2/changes/12.74-2025-05").json()["correction"].is_null());
    assert!(get!(app, "/v1/releases/12.74-2025-04/changes/12.74-2025-05").json()["correction"].is_null());
    let same = get!(app, "/v1/releases/12.74-2025-05/changes/12.74-2025-05").json();
    assert_eq!((&same["total"], &same["tables"]), (&0.into(), &serde_json::json!([])));
}

#[actix_web::test]
async fn what_cannot_be_compared_is_refused() {
    let world = world();
    let app = app!(world);
    let status = async |uri: &str| get!(app, uri.to_owned(), "accept-language" => "en");
    let got = status("/v1/releases/12.74-2025-04/changes/36.71-2025-04").await;
    assert_eq!((got.status, got.json()["errors"][0]["parameter"].as_str()), (404, Some("after")), "{}", got.text());
    for (uri, wanted) in [
        ("/v1/releases/12.74-2025-04/changes/12.74-2025-09", 404),
        ("/v1/releases/12.74-2025-09/changes/12.74-2025-04", 404),
        ("/v1/releases/x/changes/y", 404),
        ("/v1/releases/12.74-2025-04/changes/12.74-2025-05?version=1", 404),
        ("/v1/releases/12.74-2025-04/changes/12.74-2025-05?table=atoms", 400),
        ("/v1/releases/12.74-2025-04/changes/12.74-2025-05?period=2025-05", 400),
    ] {
        assert_eq!(status(uri).await.status, wanted, "{uri}");
    }
    world.withdraw("12.74-2025-05", "Wrong file for May");
    for uri in ["/v1/releases/12.74-2025-05/changes/12.74-2025-05-r2", "/v1/releases/12.74-2025-04/changes/12.74-2025-05?format=csv"] {
        let got = status(uri).await;
        assert_eq!(got.status, 410, "{uri}");
        assert!(got.text().contains("Wrong file for May"), "{uri}");
    }
}

#[actix_web::test]
async fn a_release_says_when_it_was_due_and_when_it_came() {
    let world = world();
    let app = app!(world);
    let json = get!(app, "/v1/releases?area=12.74").json();
    let today = release::days::day_of(&jiff::Timestamp::now().to_string()).unwrap();
    for one in json["data"].as_array().unwrap() {
        let expected = release::due(one["period"].as_str().unwrap().parse().unwrap(), release::DUE_DAYS);
        assert_eq!(one["expected_on"], expected.to_string());
        let published: jiff::civil::Date = one["published_on"].as_str().unwrap().parse().unwrap();
        assert!((0..=1).contains(&release::days::between(published, today)), "{published} {today}");
        assert_eq!(one["days_late"], release::days::late(expected, published));
    }
    let entry = &get!(app, "/v1").json()["districts"][0];
    assert_eq!((&entry["period"], &entry["expected_on"]), (&"2025-05".into(), &"2025-06-30".into()));
    assert_eq!(entry["next"], serde_json::json!({"period": "2025-06", "expected_on": "2025-07-30"}));
}
