//! Requests that are wrong get a problem document that says what is accepted;
//! a server without a release says so, and serves one as soon as it appears.

use crate::office::Office;
use crate::prepared;

#[test]
fn a_wrong_parameter_is_named_with_what_is_accepted() {
    let server = prepared::published().office.serve();
    let client = server.client();
    // Path, the parameter at fault, and a word of what is accepted.
    for (path, parameter, accepted) in [
        ("/v1/recipients?area=36.71.01&programme=PKH", "programme", "program"),
        ("/v1/recipients?area=abc", "area", "36.71"),
        ("/v1/recipients?program=NOPE", "program", "PKH"),
        ("/v1/recipients?sex=X", "sex", "F"),
        ("/v1/recipients?age_band=7", "age_band", "60"),
        ("/v1/recipients?family_size=9", "family_size", "5"),
        ("/v1/recipients?edition=2025-06", "edition", "2025Q2"),
        ("/v1/recipients?limit=1001", "limit", "1000"),
        ("/v1/recipients?limit=0", "limit", "1"),
        ("/v1/recipients?limit=99999999999999999999999", "limit", "1000"),
        ("/v1/recipients?cursor=xyz", "cursor", ""),
        ("/v1/recipients?format=xml", "format", "csv"),
        ("/v1/statistics/totals?period=2025-13", "period", "2025"),
        ("/v1/statistics/totals?level=rt", "level", "kecamatan"),
        ("/v1/statistics/totals?measure=money", "measure", "units"),
        ("/v1/areas?level=planet", "level", "kecamatan"),
        ("/v1/areas?parent=x", "parent", ""),
        ("/v1/releases?area=36.71&foo=1", "foo", "area"),
        ("/v1/programs?q=1", "q", ""),
    ] {
        let problem = client.get(path).problem(400);
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{path}: no errors[] in {problem}"));
        assert!(errors.iter().any(|error| error["parameter"] == parameter), "{path}: errors[] does not name {parameter}: {problem}");
        assert!(problem.to_string().contains(accepted), "{path}: does not say that {accepted} is accepted: {problem}");
    }
    // The right form, and nothing of that name.
    for (path, parameter) in [
        ("/v1/recipients?area=99.99", "area"),
        ("/v1/recipients?area=36.71.99", "area"),
        ("/v1/recipients?release=36.71-2031-01", "release"),
        ("/v1/recipients?version=999999", "version"),
        ("/v1/statistics/totals?period=2025-04..2025-01", "period"),
    ] {
        let problem = client.get(path).problem(404);
        assert_eq!(
            (problem["code"].as_str(), problem["errors"][0]["parameter"].as_str()),
            (Some("unknown-value"), Some(parameter)),
            "{path}"
        );
    }
}

#[test]
fn every_refusal_is_a_problem_document() {
    let server = prepared::published().office.serve();
    let client = server.client();
    for (path, status) in [
        ("/v1/nothing", 404),
        ("/v1/areas/99.99", 404),
        ("/v1/programs/NOPE", 404),
        ("/v1/releases/36.71-2031-01", 404),
        ("/v1/statistics/nothing", 404),
        ("/v1/datasets/recipients/36.71-2025-01/other.csv", 404),
        ("/v1/datasets/recipients/36.71-2025-01/..%2fmanifest.json", 404),
        ("/v1/areas?q=%ff", 400),
    ] {
        let reply = client.get(path);
        let problem = reply.problem(status);
        assert!(problem["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{path}: no request_id: {problem}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = client.ask(method, "/v1/programs", &[]);
        assert!(reply.header("allow").contains("GET"), "{method}: 405 without Allow: {:?}", reply.headers);
        reply.problem(405);
    }
    client.ask("GET", "/v1/programs", &[("accept", "application/xml")]).problem(406);
    let head = client.ask("HEAD", "/v1/programs", &[("accept-encoding", "identity")]).is(200);
    assert!(head.body.is_empty() && !head.header("etag").is_empty());
    for (path, to) in [("/v1/areas/3671", "/v1/areas/36.71"), ("/v1/areas/367101", "/v1/areas/36.71.01")] {
        assert_eq!(client.get(path).is(308).header("location"), to, "{path}");
    }
    client.get("/openapi.json").is(200).json();
    client.get("/docs/").is(200);
}

#[test]
fn headers_of_an_ordinary_answer() {
    let server = prepared::published().office.serve();
    let client = server.client();
    let reply = client.get("/v1/recipients?area=36.71.01&program=PKH").is(200);
    let json = reply.json();
    assert!(
        json["total"].as_u64().is_some_and(|total| total > 0) && !json["data"].as_array().unwrap().is_empty(),
        "no rows: {}",
        reply.start()
    );
    assert_eq!(json["simulated"], true);
    for header in [
        "etag",
        "vary",
        "access-control-allow-origin",
        "ratelimit-policy",
        "ratelimit",
        "x-content-type-options",
        "content-location",
        "cache-control",
    ] {
        assert!(!reply.header(header).is_empty(), "no {header}: {:?}", reply.headers);
    }
    let etag = reply.header("etag").to_owned();
    let again = client.ask("GET", "/v1/recipients?area=36.71.01&program=PKH", &[("if-none-match", &etag)]);
    assert_eq!(again.status, 304, "the same question with its ETag");
    // Next pages, by the cursor, end with the last row and repeat none.
    let mut path = "/v1/recipients?area=36.71.01&program=PKH&limit=7".to_owned();
    let mut ids = Vec::new();
    let total = json["total"].as_u64().unwrap() + json["possible"].as_u64().unwrap();
    while ids.len() <= total as usize {
        let page = client.get(&path).is(200).json();
        ids.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) if ids.len() < 400 => path = next.to_owned(),
            _ => break,
        }
    }
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "a row stands on two pages");
    let whole = client.get("/v1/recipients?area=36.71.01&program=PKH&format=csv").is(200);
    let listed: Vec<&str> = whole.text().lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.iter().map(String::as_str).collect::<Vec<_>>(), &listed[..ids.len()], "pages and the whole list");
}

#[test]
fn without_a_release_the_server_waits_for_one() {
    let office = Office::open("waiting", None);
    let server = office.serve();
    let client = server.client();
    client.get("/healthz").is(200);
    client.get("/readyz").problem(503);
    office.bansos(&["import", prepared::month("12.74", "2025-01").to_str().unwrap()]).succeeds();
    client.get("/readyz").problem(503);
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    client.wait("/readyz", 200);
    client.get("/v1/releases/12.74-2025-01").is(200);
}
