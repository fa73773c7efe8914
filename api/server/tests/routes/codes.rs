//! Every error code, raised by a real request, and its answer kept as it is:
//! the documentation pages show these files. `BANSOS_WRITE=1` writes them anew.

use std::path::{Path, PathBuf};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use server::problem::Code;

use crate::{Got, ONE, World, app, ask};

/// A request that gets a code.
struct Way {
    code: &'static str,
    method: Method,
    uri: String,
    headers: Vec<(&'static str, String)>,
}

impl Way {
    fn get(code: &'static str, uri: &str) -> Way {
        Way { code, method: Method::GET, uri: uri.to_owned(), headers: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Way {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn request(&self, language: &str) -> TestRequest {
        let mut request = TestRequest::default().method(self.method.clone()).uri(&self.uri).insert_header(("accept-language", language));
        for (name, value) in &self.headers {
            request = request.append_header((*name, value.as_str()));
        }
        request
    }
}

/// One way to each code that a world with two releases, one of them taken back, can raise.
fn ways() -> Vec<Way> {
    vec![
        Way::get("invalid-parameter", "/v1/recipients?area=12.74&limit=0"),
        Way::get("unknown-value", "/v1/recipients?area=12.74.99"),
        Way::get("unknown-parameter", "/v1/recipients?area=12.74&programme=PKH"),
        Way::get("invalid-encoding", "/v1/areas?q=%ff"),
        Way::get("bad-request", "/v1").with("host", "one.example").with("host", "other.example"),
        Way::get("not-found", "/v1/areas/12.74.99"),
        Way { method: Method::POST, ..Way::get("method-not-allowed", "/v1/recipients") },
        Way::get("not-acceptable", "/v1/recipients").with("accept", "image/png"),
        Way::get("withdrawn", "/v1/releases/12.74-2025-04"),
        Way::get("payload-too-large", "/v1").with("content-length", "1000000"),
        Way::get("uri-too-long", &format!("/v1/areas?q={}", "a".repeat(9000))),
        Way::get("unsupported-media-type", "/v1").with("content-type", "application/json").with("content-length", "2"),
        Way::get("range-not-satisfiable", "/v1/datasets/plan/12.74-2025-05/plan.csv").with("range", "bytes=99999999-"),
        Way::get("headers-too-large", "/v1").with("cookie", &"a".repeat(40_000)),
        Way::get("internal", "/keys/witness-damaged.vkey"),
    ]
}

/// Headers that a reader of the example learns from; the others are the same everywhere.
const SHOWN: [&str; 7] = ["allow", "content-language", "content-range", "content-type", "link", "retry-after", "vary"];

/// The request and its answer as text, without what differs from run to run.
fn told(way: &Way, language: &str, got: &Got) -> String {
    let shorter = |text: &str| if text.len() > 90 { format!("{}…", &text[..60]) } else { text.to_owned() };
    let mut text = format!("{} {}\nAccept-Language: {language}\n", way.method, shorter(&way.uri));
    let title = |name: &str| {
        let parts: Vec<String> = name.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
        parts.join("-")
    };
    for (name, value) in &way.headers {
        text += &format!("{}: {}\n", title(name), shorter(value));
    }
    let status = actix_web::http::StatusCode::from_u16(got.status).unwrap();
    text += &format!("\nHTTP/1.1 {status}\n");
    for name in SHOWN {
        if !got.header(name).is_empty() {
            text += &format!("{}: {}\n", title(name), got.header(name));
        }
    }
    let mut json: serde_json::Value = serde_json::from_str(&dated(&got.text())).unwrap();
    json["request_id"] = "6f1b0a529c3de841".into();
    text + "\n" + &serde_json::to_string_pretty(&json).unwrap() + "\n"
}

/// The text with one fixed time in place of any other.
fn dated(text: &str) -> String {
    let form = "0000-00-00T00:00:00Z".as_bytes();
    let is_time = |part: &[u8]| part.iter().zip(form).all(|(a, b)| if *b == b'0' { a.is_ascii_digit() } else { a == b });
    match text.as_bytes().windows(form.len()).position(is_time) {
        Some(at) => format!("{}2025-07-04T03:12:09Z{}", &text[..at], &text[at + form.len()..]),
        None => text.to_owned(),
    }
}

fn file(code: &str, language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/problem/examples").join(format!("{code}.{language}.txt"))
}

fn compare(way: &Way, language: &str, got: &Got) {
    assert_eq!(got.header("content-type"), "application/problem+json", "{}: {}", way.code, got.text());
    assert_eq!(got.json()["code"], way.code, "{}", got.text());
    assert_eq!(got.header("access-control-allow-origin"), "*", "{}", way.code);
    assert_eq!(got.json()["request_id"], got.header("x-request-id"), "{}", way.code);
    let (told, file) = (told(way, language, got), file(way.code, language));
    if std::env::var_os("BANSOS_WRITE").is_some() {
        std::fs::write(&file, &told).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == told, "{} is not what is answered now; BANSOS_WRITE=1 writes it anew:\n{told}", file.display());
}

#[actix_web::test]
async fn every_code_is_raised_by_a_request_and_its_answer_is_kept() {
    let world = World::of(&["12.74-2025-04", "12.74-2025-05"]);
    world.withdraw("12.74-2025-04", "Berkas Juni tertukar");
    std::fs::write(world.data.keys().join("witness-damaged.vkey"), [0xff, 0xfe]).unwrap();
    let empty = World::of(&[]);
    let slow = World::with(ONE, |settings| settings.timeout_seconds = 1);
    let scarce = World::with(ONE, |settings| settings.limit_list = "1/3600".parse().unwrap());
    // Nothing of the server itself takes a second of so little data.
    let late = actix_web::App::new()
        .app_data(slow.state.clone())
        .default_service(actix_web::web::to(|| async {
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            ""
        }))
        .wrap(actix_web::middleware::from_fn(server::middleware::observe::observe));
    let late = actix_web::test::init_service(late).await;
    let apps = (app!(world), app!(empty), late, app!(scarce));
    let mut raised = Vec::new();
    for language in ["id", "en"] {
        for way in ways() {
            compare(&way, language, &ask(&apps.0, way.request(language)).await);
            raised.push(way.code);
        }
        let way = Way::get("not-ready", "/v1");
        compare(&way, language, &ask(&apps.1, way.request(language)).await);
        let way = Way::get("timeout", "/v1/recipients");
        compare(&way, language, &ask(&apps.2, way.request(language)).await);
        // The first one is answered, in one of the two rounds.
        let way = Way::get("quota-exceeded", "/v1/programs");
        let _ = ask(&apps.3, way.request(language)).await;
        let mut got = ask(&apps.3, way.request(language)).await;
        let wait: u64 = got.header("retry-after").parse().unwrap();
        assert!((3500..=3600).contains(&wait), "{wait}");
        let text = got.text().replace(&wait.to_string(), "7");
        got.body = text.into_bytes();
        got.headers.insert(actix_web::http::header::RETRY_AFTER, actix_web::http::header::HeaderValue::from_static("7"));
        compare(&way, language, &got);
        raised.extend(["not-ready", "timeout", "quota-exceeded"]);
    }
    for code in Code::ALL {
        assert!(raised.contains(&code.as_str()), "no request here raises {}", code.as_str());
        for language in ["id", "en"] {
            assert!(file(code.as_str(), language).is_file(), "{} has no kept answer in {language}", code.as_str());
        }
    }
    let kept = std::fs::read_dir(file("x", "id").parent().unwrap()).unwrap().count();
    assert_eq!(kept, 2 * Code::ALL.len(), "an example without its code lies in src/problem/examples");
}

#[actix_web::test]
async fn every_code_has_a_page_in_both_languages() {
    let world = World::of(&[]);
    let app = app!(world);
    let page = |uri: String| TestRequest::get().uri(&uri);
    for code in Code::ALL {
        let uri = code.page();
        let (id, en) = (ask(&app, page(uri.clone())).await, ask(&app, page(uri.clone()).insert_header(("accept-language", "en"))).await);
        for (got, language, pick) in [(&id, "id", 0), (&en, "en", 1)] {
            assert_eq!((got.status, got.header("content-language")), (200, language));
            let words = |pair: (&'static str, &'static str)| if pick == 0 { pair.0 } else { pair.1 };
            let text = got.text();
            assert!(text.contains(&format!("<html lang=\"{language}\">")) && text.contains(words(code.title())), "{uri}");
            assert!(text.contains(&format!("HTTP/1.1 {}", code.status())) && text.contains("\"code\":"), "{uri}");
            assert!(text.contains("href=\"/docs/errors/\"") && text.contains("?lang="), "{uri}: a way back, and to the other language");
        }
        // The other language by its link, whatever the browser prefers; the way back keeps it.
        let switched = ask(&app, page(format!("{uri}?lang=en"))).await;
        assert_eq!(switched.header("content-language"), "en");
        assert!(switched.text().contains("href=\"/docs/errors/?lang=en\""));
    }
    assert_eq!(ask(&app, page("/docs/errors/nothing".to_owned())).await.status, 404);
    assert_eq!(ask(&app, page("/docs/errors/not-found?lang=fr".to_owned())).await.status, 400);
    let list = ask(&app, page("/docs/errors/?lang=en".to_owned())).await.text();
    assert!(Code::ALL.iter().all(|code| list.contains(&format!("{}?lang=en", code.page()))));
}
