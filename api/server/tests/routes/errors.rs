//! Errors of every layer have one form.

use actix_web::test::TestRequest;

use crate::{Got, ONE, World, app, ask, get};

fn is_problem(got: &Got, status: u16, code: &str) {
    assert_eq!(got.status, status, "{}", got.text());
    assert_eq!(got.header("content-type"), "application/problem+json", "{}", got.text());
    let json = got.json();
    assert_eq!(json["code"], code);
    assert_eq!(json["status"], status);
    // The one type that is registered for all software.
    let registered = "https://iana.org/assignments/http-problem-types#quota-exceeded".to_owned();
    assert_eq!(json["type"], if code == "quota-exceeded" { registered } else { format!("/docs/errors/{code}") });
    assert_eq!(json["request_id"], got.header("x-request-id"));
    assert_eq!(got.header("access-control-allow-origin"), "*");
    for text in ["title", "detail"] {
        assert!(!json[text].as_str().unwrap().is_empty());
    }
}

#[actix_web::test]
async fn one_form() {
    let world = World::of(ONE);
    let app = app!(world);
    is_problem(&get!(app, "/v1/nothing"), 404, "not-found");
    is_problem(&get!(app, "/nothing"), 404, "not-found");
    is_problem(&get!(app, "/docs/nothing.js"), 404, "not-found");
    is_problem(&get!(app, "/v1/recipients?are=36"), 400, "unknown-parameter");
    is_problem(&get!(app, "/v1/areas/12.74?x=1"), 400, "unknown-parameter");
    for uri in
        ["/healthz", "/openapi.json", "/docs/index.html", "/docs/errors/", "/docs/errors/internal", "/log/checkpoint", "/catalog.jsonld"]
    {
        is_problem(&get!(app, format!("{uri}?x=1")), 400, "unknown-parameter");
    }
    is_problem(&get!(app, "/v1/recipients?limit=1001"), 400, "invalid-parameter");
    is_problem(&get!(app, "/v1/areas?q=%ff"), 400, "invalid-encoding");
    is_problem(&get!(app, "/v1/areas/%ff"), 400, "invalid-encoding");
    is_problem(&get!(app, "/v1/areas/%"), 400, "invalid-encoding");
    is_problem(&get!(app, "/%00"), 400, "invalid-encoding");
    is_problem(&get!(app, "/v1/recipients", "accept" => "image/png"), 406, "not-acceptable");
    is_problem(&get!(app, format!("/v1/areas?q={}", "a".repeat(9000))), 414, "uri-too-long");
    is_problem(&get!(app, "/v1", "x-long" => "a".repeat(40_000)), 431, "headers-too-large");
    let post = ask(&app, TestRequest::post().uri("/v1/recipients")).await;
    is_problem(&post, 405, "method-not-allowed");
    assert_eq!(post.header("allow"), "GET, HEAD, OPTIONS");
    is_problem(&ask(&app, TestRequest::delete().uri("/")).await, 405, "method-not-allowed");
    is_problem(&get!(app, "/v1", "content-length" => "99999999"), 413, "payload-too-large");
    is_problem(&get!(app, "/v1", "content-length" => "2"), 415, "unsupported-media-type");
    is_problem(&get!(app, "/v1", "transfer-encoding" => "chunked"), 415, "unsupported-media-type");
    assert_eq!(get!(app, "/v1", "content-length" => "0", "content-type" => "application/json").status, 200);
    let twice = ask(&app, TestRequest::get().uri("/v1").append_header(("host", "a")).append_header(("host", "b"))).await;
    is_problem(&twice, 400, "bad-request");
    // The form is wrong, or what has the form is not there.
    is_problem(&get!(app, "/v1/recipients?area=12.7"), 400, "invalid-parameter");
    for uri in ["area=12.74.99", "release=12.74-2031-01", "version=99", "area=99.99&version=1"] {
        is_problem(&get!(app, format!("/v1/recipients?{uri}")), 404, "unknown-value");
    }
    is_problem(&get!(app, "/v1/statistics/totals?period=2025-04..2025-01"), 404, "unknown-value");
    is_problem(&get!(app, "/v1/statistics/totals?measure=paid"), 400, "invalid-parameter");
}

#[actix_web::test]
async fn an_unknown_parameter_is_named_with_what_is_accepted_in_the_readers_language() {
    let world = World::of(ONE);
    let app = app!(world);
    let english = get!(app, "/v1/recipients?programme=PKH", "accept-language" => "en-GB, id;q=0.3");
    let json = english.json();
    assert_eq!(json["errors"][0]["parameter"], "programme");
    let detail = json["detail"].as_str().unwrap();
    assert!(detail.contains("accepted are") && detail.contains("program") && detail.contains("age_band"), "{detail}");
    assert_eq!(english.header("content-language"), "en");
    let indonesian = get!(app, "/v1/recipients?programme=PKH");
    assert!(indonesian.json()["detail"].as_str().unwrap().contains("yang diterima"));
    let several = get!(app, "/v1/recipients?limit=0&sex=X&area=99.99").json();
    assert_eq!(several["errors"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_panic_is_answered_and_the_next_request_too() {
    use actix_web::middleware::from_fn;
    let world = World::of(ONE);
    async fn panics() -> &'static str {
        panic!("on purpose")
    }
    async fn slow() -> &'static str {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        ""
    }
    async fn teapot() -> actix_web::HttpResponse {
        actix_web::HttpResponse::ImATeapot().body("internal text")
    }
    let mut world = world;
    let settings = server::config::Settings { timeout_seconds: 1, ..Default::default() };
    world.state = actix_web::web::Data::new(server::state::State::new(world.data.clone(), world.store.clone(), settings, None));
    let app = actix_web::test::init_service(
        actix_web::App::new()
            .app_data(world.state.clone())
            .route("/panics", actix_web::web::get().to(panics))
            .route("/slow", actix_web::web::get().to(slow))
            .route("/teapot", actix_web::web::get().to(teapot))
            .wrap(from_fn(server::middleware::observe::observe)),
    )
    .await;
    is_problem(&get!(app, "/panics"), 500, "internal");
    is_problem(&get!(app, "/slow"), 503, "timeout");
    let teapot = get!(app, "/teapot");
    is_problem(&teapot, 400, "bad-request");
    assert!(!teapot.text().contains("internal text"));
    is_problem(&get!(app, "/panics"), 500, "internal");
}

#[actix_web::test]
async fn quotas_are_told_and_kept() {
    let world = World::with(ONE, |settings| {
        settings.limit_list = "3/60".parse().unwrap();
        settings.limit_statistics = "2/60".parse().unwrap();
    });
    let app = app!(world);
    let first = get!(app, "/v1/programs");
    assert_eq!(first.header("ratelimit-policy"), "\"list\";q=3;w=60");
    assert_eq!(first.header("ratelimit"), "\"list\";r=2;t=40");
    let tag = first.header("etag").to_owned();
    for _ in 0..10 {
        assert_eq!(get!(app, "/v1/programs", "if-none-match" => tag.clone()).status, 304, "a 304 costs nothing");
    }
    assert_eq!(get!(app, "/v1/programs").status, 200);
    assert_eq!(get!(app, "/v1/nothing").status, 404);
    let refused = get!(app, "/v1/programs");
    is_problem(&refused, 429, "quota-exceeded");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait));
    assert_eq!(refused.header("ratelimit").split(';').nth(1).unwrap(), "r=0");
    assert_eq!(refused.json()["violated-policies"], serde_json::json!(["list"]));
    assert_eq!(refused.header("link"), "</docs/errors/quota-exceeded>; rel=\"help\"");
    assert!(first.json().get("violated-policies").is_none());
    // A made-up tag does not get around the quota.
    is_problem(&get!(app, "/v1/programs", "if-none-match" => "\"x\""), 429, "quota-exceeded");
    assert_eq!(get!(app, "/v1/statistics/totals").header("ratelimit-policy"), "\"statistics\";q=2;w=60");
    assert_eq!(get!(app, "/healthz").status, 200);
    assert_eq!(get!(app, "/").status, 200);
}
