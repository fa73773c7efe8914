//! Areas, programs, codebook.

use crate::lists::walk;
use crate::{ONE, World, app, get};

#[actix_web::test]
async fn names_are_completed_without_minding_spelling() {
    let world = World::of(ONE);
    let app = app!(world);
    for q in ["Adian%20Koting", "adiankoting", "ADIAN-KOTING"] {
        let json = get!(app, format!("/v1/areas?q={q}")).json();
        assert_eq!(json["data"][0]["code"], "12.02.03", "{q}: {json}");
    }
    let (kecamatan, _, last) = walk!(app, "/v1/areas?parent=12.74&level=kecamatan&limit=4");
    assert_eq!((kecamatan.len() as u64, last["total"].as_u64().unwrap()), (6, 6));
    assert!(kecamatan.iter().all(|area| area["publishes"] == true && area["parent"] == "12.74"));
    let csv = get!(app, "/v1/areas?level=provinsi&format=csv").text();
    assert!(csv.lines().count() > 34 && csv.starts_with("code,name,kind"));
    assert_eq!(get!(app, "/v1/areas?level=desa").status, 400);
}

#[actix_web::test]
async fn an_area_knows_its_place_and_its_figures() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    let app = app!(world);
    let json = get!(app, "/v1/areas/12.74.01").json();
    assert_eq!(json["parents"][0]["code"], "12");
    assert_eq!(json["parents"][1]["code"], "12.74");
    assert!(json["children"].as_array().unwrap().len() > 3);
    let headline = json["headline"].as_array().unwrap();
    assert!(headline.iter().all(|cell| cell["period"] == "2025-05" && cell["area"] == "12.74.01"), "{headline:?}");
    assert!(headline.iter().any(|cell| cell["program"] == "PKH" && cell["status"] == "observed"));
    assert!(headline.iter().any(|cell| cell["program"] == "YAPI" && cell["status"] == "grouped"));
    let provinsi = get!(app, "/v1/areas/12").json();
    assert_eq!(provinsi["headline"].as_array().unwrap().len(), 0);
    assert_eq!(provinsi["districts"][0]["release"], "12.74-2025-05");
    assert_eq!(get!(app, "/v1/areas/31.71").json()["publishes"], false);
}

#[actix_web::test]
async fn undotted_codes_are_redirected() {
    let world = World::of(ONE);
    let app = app!(world);
    for (from, to) in [
        ("/v1/areas/127401", "/v1/areas/12.74.01"),
        ("/v1/areas/127401?version=1", "/v1/areas/12.74.01?version=1"),
        ("/v1/areas/1274/boundary", "/v1/areas/12.74/boundary"),
        ("/v1/recipients?program=PKH&area=127401", "/v1/recipients?area=12.74.01&program=PKH"),
    ] {
        let got = get!(app, from.to_owned());
        assert_eq!((got.status, got.header("location")), (308, to));
    }
    assert_eq!(get!(app, "/v1/areas/99.99").status, 404);
    assert_eq!(get!(app, "/v1/areas/1-2").status, 400);
    assert_eq!(get!(app, "/v1/recipients?area=99.99").status, 404);
}

#[actix_web::test]
async fn boundaries() {
    let world = World::of(ONE);
    let app = app!(world);
    let one = get!(app, "/v1/areas/12.74/boundary");
    assert_eq!(one.header("content-type"), "application/geo+json");
    assert_eq!(one.json()["type"], "Feature");
    let all = get!(app, "/v1/areas/12.74/boundary?level=kecamatan").json();
    assert_eq!(all["features"].as_array().unwrap().len(), 6);
    assert_eq!(get!(app, "/v1/areas/31.71/boundary").status, 404);
    assert_eq!(get!(app, "/v1/areas/31.71/boundary?level=kecamatan").status, 404);
}

#[actix_web::test]
async fn programs_and_codebook() {
    let world = World::of(ONE);
    let app = app!(world);
    let (programs, _, _) = walk!(app, "/v1/programs?limit=5");
    assert!(programs.iter().any(|program| program["code"] == "YAPI" && program["sensitive"] == true));
    let pkh = get!(app, "/v1/programs/PKH").json();
    assert_eq!(pkh["unit"], "family");
    assert!(pkh["how_to_object"]["id"].as_str().unwrap().len() > 3);
    let missing = get!(app, "/v1/programs/XYZ");
    assert_eq!(missing.status, 404);
    assert!(missing.json()["detail"].as_str().unwrap().contains("PKH"));
    let codebook = get!(app, "/v1/codebook").json();
    assert_eq!(codebook["data"][1]["attribute"], "age_band");
    assert!(get!(app, "/v1/programs?format=csv").text().starts_with("code,name_id"));
}
