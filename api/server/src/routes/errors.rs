//! A page for each error code, for whoever follows `type` of a problem: what it
//! means, what to do, and a real answer as an example; in both languages.

use std::fmt::Write as _;

use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::params::{Query, known};
use crate::problem::{Answer, Code, Pair, Problem};
use crate::site::POLICY;
use crate::words::{Language, pick};

crate::parameters! {
    /// Parameters of a page.
    PageQuery { lang: Language = known::LANG }
}

const STYLE: &str = "body{margin:0 auto;max-width:46rem;padding:1rem 1rem 3rem;font:1rem/1.6 system-ui,sans-serif;color:#1b1b1b;background:#fff}\
    nav{display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap}h1{line-height:1.25}h2{margin-top:2rem;font-size:1.15rem}\
    a{color:#0b57a4}code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{padding:1rem;overflow-x:auto;background:#f1f3f5;border-radius:.3rem}\
    table{border-collapse:collapse;width:100%}th,td{padding:.4rem .6rem;border-bottom:1px solid #c9cdd2;text-align:left;vertical-align:top}\
    @media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#16181b}a{color:#8ab8ff}pre{background:#24272b}th,td{border-color:#454a50}}";

/// The list of error codes.
///
/// # Errors
/// An unknown parameter.
pub async fn list(request: HttpRequest, query: Query<PageQuery>) -> Answer {
    let language = query.ask.lang.unwrap_or_else(|| Language::of(request.headers()));
    let say = |pair: Pair| pick(language, pair);
    let mut body = format!(
        "<p>{}</p>",
        said(say((
            "Setiap kesalahan API berbentuk `application/problem+json` (RFC 9457). `code` adalah kata yang tetap dan dapat diandalkan program; `type` menunjuk halaman di bawah ini.",
            "Every error of the API is an `application/problem+json` (RFC 9457). `code` is a lasting word that programs may rely on; `type` points to a page below.",
        )))
    );
    let _ = write!(
        body,
        "<table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">HTTP</th><th scope=\"col\">{}</th></tr></thead><tbody>",
        say(("Kode", "Code")),
        say(("Artinya", "Meaning"))
    );
    for code in Code::ALL {
        let (word, title) = (code.as_str(), say(code.title()));
        let _ = write!(
            body,
            "<tr><td><a href=\"{}{}\"><code>{word}</code></a></td><td>{}</td><td>{title}</td></tr>",
            code.page(),
            kept(&query.ask),
            code.status()
        );
    }
    body.push_str("</tbody></table>");
    Ok(page(language, say(("Kode kesalahan", "Error codes")), "/docs/errors/", &body, ("/docs/", ("Dokumentasi API", "API documentation"))))
}

/// The page of one error code.
///
/// # Errors
/// `not-found` for another word; an unknown parameter.
pub async fn one(request: HttpRequest, path: Path<String>, query: Query<PageQuery>) -> Answer {
    let Some(code) = Code::parse(&path) else { return Err(Problem::plain(Code::NotFound).into()) };
    let language = query.ask.lang.unwrap_or_else(|| Language::of(request.headers()));
    let say = |pair: Pair| pick(language, pair);
    let body = format!(
        "<p><code>{}</code> · HTTP {}</p><h2>{}</h2><p>{}</p><h2>{}</h2><p>{}</p><h2>{}</h2><pre tabindex=\"0\">{}</pre>",
        code.as_str(),
        code.status(),
        say(("Artinya", "What it means")),
        said(say(code.about())),
        say(("Yang dapat Anda lakukan", "What you can do")),
        said(say(code.remedy())),
        say(("Contoh permintaan dan jawabannya", "An example of a request and its answer")),
        escaped(say(code.example())),
    );
    let back = format!("/docs/errors/{}", kept(&query.ask));
    Ok(page(language, say(code.title()), &code.page(), &body, (&back, ("Semua kode kesalahan", "All error codes"))))
}

/// The language that was chosen, for the next page.
fn kept(ask: &PageQuery) -> String {
    ask.lang.map_or(String::new(), |language| format!("?lang={}", language.tag()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Words with `code` in them, and addresses of this host as links.
fn said(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in escaped(text).split('`').enumerate() {
        let _ = if at % 2 == 1 { write!(out, "<code>{part}</code>") } else { write!(out, "{}", linked(part)) };
    }
    out
}

fn linked(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let address = word.trim_end_matches(['.', ',', ';', ':']);
        let whole = ["/v1", "/docs", "/readyz"].iter().any(|start| address.starts_with(start)) && !address.ends_with('=');
        if whole { format!("<a href=\"{address}\">{address}</a>{}", &word[address.len()..]) } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn page(language: Language, title: &str, path: &str, body: &str, (back, words): (&str, Pair)) -> HttpResponse {
    let (other, name) = match language {
        Language::Indonesian => (Language::English, "English"),
        Language::English => (Language::Indonesian, "Bahasa Indonesia"),
    };
    let tag = other.tag();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} – Bansos Terbuka</title><link rel=\"alternate\" hreflang=\"{tag}\" href=\"{path}?lang={tag}\"><style>{STYLE}</style></head>\
             <body><nav><a href=\"{back}\">← {}</a><a href=\"{path}?lang={tag}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a></nav>\
             <main><h1>{title}</h1>{body}</main></body></html>\n",
            language.tag(),
            pick(language, words),
        ))
}
