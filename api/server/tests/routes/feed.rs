//! The Atom feed.

use crate::{World, app, get};

#[actix_web::test]
async fn the_feed_tells_of_every_entry_of_the_log() {
    let world = World::of(&["12.74-2025-04", "36.71-2025-04", "12.74-2025-04-r2"]);
    world.withdraw("36.71-2025-04", "Wrong <file>");
    let app = app!(world);
    let got = get!(app, "/v1/releases.atom", "accept" => "text/html, image/png", "accept-language" => "en");
    assert_eq!((got.status, got.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    let text = got.text();
    assert_eq!(text.matches("<entry>").count(), 4);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    // The newest first, with ids that are the log's.
    assert!(at(":log/3</id>") < at(":log/2</id>") && at(":log/2</id>") < at(":log/0</id>"));
    assert!(text.contains("<id>tag:test-log,"), "{text}");
    assert!(text.contains("Wrong &lt;file&gt;") && text.contains("payments were recorded wrongly"), "{text}");
    assert!(text.contains("rel=\"self\" type=\"application/atom+xml\" href=\"/v1/releases.atom\""), "{text}");
    let again = get!(app, "/v1/releases.atom", "accept-language" => "en", "if-none-match" => got.header("etag"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = get!(app, "/v1/releases.atom", "if-none-match" => got.header("etag"));
    assert_eq!(other.status, 200, "another language is another answer");
    assert!(other.text().contains("xml:lang=\"id\"") && other.text().contains("ditarik"));
    let one = get!(app, "/v1/releases.atom?area=12.74").text();
    assert_eq!(one.matches("<entry>").count(), 2);
    assert!(one.contains("href=\"/v1/releases.atom?area=12.74\""), "{one}");
    assert_eq!(get!(app, "/v1/releases.atom?version=1").text().matches("<entry>").count(), 1);
    assert_eq!(get!(app, "/v1/releases.atom?limit=1").status, 400);
    assert_eq!(get!(app, "/v1/releases.atom?area=1274").header("location"), "/v1/releases.atom?area=12.74");
}
