//! What a person sees first at `/docs/`: one question with an answer, quick
//! starts, and below them Swagger UI.

use std::fmt::Write as _;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::docs::ready;
use crate::problem::{Answer, Code, Problem};
use crate::quickstart::{ALL, Example, name};
use crate::site::POLICY;
use crate::state::State;
use crate::words::{Language, pick};

/// The page.
///
/// # Errors
/// None but internal ones: without a release it shows what can be shown.
pub async fn page(request: HttpRequest, state: Data<State>) -> Answer {
    let language = Language::of(request.headers());
    let example = example(&state).await?;
    let body = html(language, &host(&request, &state), example.as_ref())?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(body))
}

/// The page's style sheet.
///
/// # Errors
/// None but internal ones.
pub async fn style(request: HttpRequest, state: Data<State>) -> Answer {
    ready(&request, &state, "docs/start.css", "text/css; charset=utf-8", include_bytes!("../../quickstart/start.css").to_vec()).await
}

/// The page's script.
///
/// # Errors
/// None but internal ones.
pub async fn script(request: HttpRequest, state: Data<State>) -> Answer {
    ready(&request, &state, "docs/start.js", "text/javascript; charset=utf-8", include_bytes!("../../quickstart/start.js").to_vec()).await
}

/// The text of one quick start, filled as on the page.
///
/// # Errors
/// `not-found` for another name, `not-ready` while no release has rows.
pub async fn quickstart(request: HttpRequest, state: Data<State>, path: Path<String>) -> Answer {
    let Some(one) = ALL.iter().find(|one| one.name == path.as_str()) else { return Err(Problem::plain(Code::NotFound).into()) };
    let Some(example) = example(&state).await? else { return Err(Problem::plain(Code::NotReady).into()) };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(one.fill(&host(&request, &state), &example)))
}

/// An example from what answers now; none while there is no release.
async fn example(state: &Data<State>) -> Answer<Option<Example>> {
    let Ok(reader) = state.reader() else { return Ok(None) };
    let found = actix_web::web::block(move || Example::find(&reader, &reader.releases().answering(reader.version())));
    Ok(found.await??)
}

/// The address the reader came to. A name that is none becomes the usual one:
/// it is shown, and copied into programs.
fn host(request: &HttpRequest, state: &State) -> String {
    let text = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let plain =
        |name: &&str| !name.is_empty() && name.len() < 256 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let name = text("host").filter(plain).unwrap_or("127.0.0.1:8080");
    let proxied = state.limits.is_proxy(request.peer_addr().map(|peer| peer.ip()));
    let scheme =
        if proxied && text("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")) { "https" } else { "http" };
    format!("{scheme}://{name}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(language: Language, host: &str, example: Option<&Example>) -> anyhow::Result<String> {
    let say = |id: &'static str, en: &'static str| pick(language, (id, en));
    let mut out = String::with_capacity(16 << 10);
    write!(
        out,
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>API – Bansos Terbuka</title>\
         <link rel=\"stylesheet\" href=\"swagger-ui.css\"><link rel=\"stylesheet\" href=\"index.css\"><link rel=\"stylesheet\" href=\"start.css\">\
         <link rel=\"icon\" type=\"image/png\" href=\"favicon-32x32.png\" sizes=\"32x32\"></head><body>\n<main class=\"start\">\
         <h1>{}</h1><p>{}</p>\n",
        language.tag(),
        say("API Bansos Terbuka", "The API of Bansos Terbuka"),
        say(
            "Tanpa kunci dan tanpa mendaftar. Jawabannya JSON, CSV, atau NDJSON. Alamatnya tidak berubah.",
            "No key, no sign-up. Answers are JSON, CSV or NDJSON. Addresses do not change.",
        ),
    )?;
    match example {
        Some(example) => first(&mut out, language, host, example)?,
        None => write!(out, "<p>{}</p>", say("Belum ada rilis yang diterbitkan di sini.", "Nothing has been published here yet."))?,
    }
    write!(
        out,
        "<h2>{}</h2><ul><li><a href=\"/v1\">/v1</a>: {}</li><li><a href=\"/openapi.json\">/openapi.json</a>: OpenAPI 3.1</li>\
         <li><a href=\"errors/\">/docs/errors/</a>: {}</li><li><a href=\"/v1/dictionary\">/v1/dictionary</a>: {}</li></ul></main>\n\
         <div id=\"swagger-ui\"></div>\n<script src=\"swagger-ui-bundle.js\"></script>\n<script src=\"swagger-ui-standalone-preset.js\"></script>\n\
         <script src=\"swagger-initializer.js\"></script>\n<script type=\"module\" src=\"start.js\"></script>\n</body></html>\n",
        say("Semua alamat", "Every address"),
        say("versi, kabupaten/kota yang menerbitkan, batas permintaan, lisensi", "version, districts that publish, quotas, licence"),
        say("kode kesalahan", "error codes"),
        say("arti setiap kolom dan kode", "what every column and code means"),
    )?;
    Ok(out)
}

/// The question to try, further ones, and the quick starts.
fn first(out: &mut String, language: Language, host: &str, example: &Example) -> anyhow::Result<()> {
    let say = |id: &'static str, en: &'static str| pick(language, (id, en));
    let question = escape(&example.question());
    let (place, program) = (escape(name(example.area)), example.program.as_str());
    writeln!(
        out,
        "<h2 id=\"coba\">{}</h2><div class=\"try\"><p>{}</p><p><code>GET {question}</code></p><p><a class=\"run\" href=\"{question}\">{}</a></p>\
         <pre id=\"answer\" tabindex=\"0\" aria-live=\"polite\" aria-label=\"{}\" hidden></pre></div>",
        say("Coba sekarang", "Try it now"),
        match language {
            Language::Indonesian => format!("Berapa penerima {program} di tiap kecamatan {place}, {}?", example.period),
            Language::English => format!("How many receive {program} in each kecamatan of {place}, {}?", example.period),
        },
        say("Lihat jawabannya", "See the answer"),
        say("Jawaban", "The answer"),
    )?;
    let more = [
        (
            format!("/v1/recipients?area={}&program={program}", example.kecamatan),
            say("daftar penerima tanpa nama di satu kecamatan", "the anonymised list of one kecamatan"),
        ),
        (format!("/v1/areas/{}", example.area), say("tentang kabupaten/kota ini", "about this kabupaten/kota")),
        ("/v1/areas?q=adian+koting".to_owned(), say("cari wilayah dengan nama", "find an area by its name")),
    ];
    out.push_str("<ul>");
    for (address, words) in more {
        let address = escape(&address);
        write!(out, "<li><a href=\"{address}\"><code>{address}</code></a>: {words}</li>")?;
    }
    write!(out, "</ul>\n<h2 id=\"mulai\">{}</h2>\n", say("Mulai cepat", "Quick starts"))?;
    for one in &ALL {
        let how = pick(language, one.how);
        let how = if how.is_empty() { String::new() } else { format!("<p>{}</p>", escape(how)) };
        writeln!(
            out,
            "<details{}><summary>{}</summary>{how}<pre tabindex=\"0\"><code id=\"{}\">{}</code></pre></details>",
            if one.name == "curl.sh" { " open" } else { "" },
            one.tool,
            one.name,
            escape(&one.fill(host, example))
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use actix_web::test::TestRequest;
    use catalogue::{DataFolder, Store};

    fn host_of(settings: Settings, headers: &[(&str, &str)]) -> String {
        let data = DataFolder::new(std::path::Path::new("/nowhere"));
        let store = Store::of(&data, None).unwrap();
        let state = State::new(data, store, settings, None);
        let mut request = TestRequest::default().peer_addr("10.0.0.9:1".parse().unwrap());
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        host(&request.to_http_request(), &state)
    }

    #[test]
    fn a_host_is_what_the_reader_came_to_and_nothing_else() {
        assert_eq!(host_of(Settings::default(), &[("host", "data.example.id:8443")]), "http://data.example.id:8443");
        assert_eq!(host_of(Settings::default(), &[("host", "[::1]:80")]), "http://[::1]:80");
        for wrong in ["a\"><script>", "a b", "a/b", "a@b", "'; rm"] {
            assert_eq!(host_of(Settings::default(), &[("host", wrong)]), "http://127.0.0.1:8080", "{wrong}");
        }
        let headers = [("host", "data.example.id"), ("x-forwarded-proto", "https")];
        assert_eq!(host_of(Settings::default(), &headers), "http://data.example.id", "no proxy is trusted");
        let trusting = Settings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Settings::default() };
        assert_eq!(host_of(trusting, &headers), "https://data.example.id");
    }

    #[test]
    fn without_a_release_the_page_still_shows_every_address() {
        let page = html(Language::English, "http://x", None).unwrap();
        assert!(page.contains("Nothing has been published") && page.contains("swagger-ui-bundle.js") && !page.contains("class=\"run\""));
    }
}
