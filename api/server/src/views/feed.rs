//! What is new, as an Atom feed (RFC 4287): an entry for each admission,
//! correction and withdrawal, as the log has them.
//!
//! Ids are `tag:` URIs (RFC 4151) of the log's origin and the entry's index, so
//! they are the same on every host and mirror that shows this log. Links are
//! relative, so that a copy of the feed points into its own copy of the site.

use domain::{AreaCode, Period, ReleaseId};
use jiff::civil::Date;

use super::release::words;
use crate::words::{Language, pick};
use release::Reason;

/// The feed of all districts, or of those in an area.
#[derive(Debug)]
pub struct Feed {
    /// The log's origin: whose ids these are.
    pub origin: String,
    /// Where the feed is read, with its filter.
    pub address: String,
    /// The area it is of; all districts when there is none.
    pub area: Option<AreaCode>,
    /// When the newest entry came, RFC 3339.
    pub updated: String,
    /// The day of the log's first entry, which makes the feed's own id.
    pub since: Option<Date>,
    /// The entries, the newest first.
    pub items: Vec<Item>,
}

/// An entry of the log.
#[derive(Debug)]
pub struct Item {
    /// Its index in the log, from 0.
    pub index: u64,
    /// When, RFC 3339.
    pub at: String,
    /// The release.
    pub release: ReleaseId,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
    /// What happened.
    pub event: Event,
}

/// What an entry of the log records.
#[derive(Debug)]
pub enum Event {
    /// A month was published.
    Published {
        /// When it was due.
        expected: Option<Date>,
        /// By how many days it came late.
        late: Option<u64>,
    },
    /// A month was published again.
    Corrected {
        /// The issue that it corrects.
        of: ReleaseId,
        /// Why.
        reason: Reason,
        /// How many figures are others; `None` where the issue was withdrawn,
        /// whose figures are not told again.
        figures: Option<u64>,
    },
    /// A release was taken back.
    Withdrawn {
        /// Why, as the district said it.
        reason: String,
    },
}

const MONTHS: [(&str, &str); 12] = [
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
];

fn month_name(language: Language, month: i8) -> &'static str {
    let at = usize::try_from(month).unwrap_or(1).clamp(1, 12) - 1;
    pick(language, MONTHS[at])
}

fn month(language: Language, period: Period) -> String {
    format!("{} {}", month_name(language, period.month()), period.year())
}

fn day(language: Language, date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(language, date.month()), date.year())
}

impl Feed {
    /// The document.
    #[must_use]
    pub fn render(&self, language: Language) -> String {
        let mut out = String::with_capacity(1024 + 1024 * self.items.len());
        let tag = language.tag();
        let root = pick(language, ("/rilis/", "/en/rilis/"));
        let about = pick(
            language,
            (
                "Setiap rilis, koreksi, dan penarikan data bantuan sosial, sebagaimana tercatat di log transparansi.",
                "Every release, correction and withdrawal of data on social assistance, as the transparency log has them.",
            ),
        );
        let scope = self.area.map(|area| format!(": {}", name_of(area))).unwrap_or_default();
        let what = pick(language, ("rilis dan koreksi", "releases and corrections"));
        let since = self.since.map_or_else(|| "2025-01-01".to_owned(), |since| since.to_string());
        let of = self.area.map(|area| format!("/{area}")).unwrap_or_default();
        line(&mut out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        line(&mut out, &format!("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">"));
        element(&mut out, 1, "id", &format!("tag:{},{since}:releases{of}/{tag}", authority(&self.origin)));
        element(&mut out, 1, "title", &format!("Bansos Terbuka{scope}: {what}"));
        element(&mut out, 1, "subtitle", about);
        element(&mut out, 1, "updated", &self.updated);
        line(&mut out, &format!("  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>", escape(&self.address)));
        line(&mut out, &format!("  <link rel=\"alternate\" type=\"text/html\" hreflang=\"{tag}\" href=\"{root}\"/>"));
        line(&mut out, "  <author><name>Bansos Terbuka</name></author>");
        element(&mut out, 1, "rights", "CC BY 4.0");
        line(&mut out, "  <generator>bansos-terbuka</generator>");
        for item in &self.items {
            self.item(&mut out, language, root, item);
        }
        line(&mut out, "</feed>");
        out
    }

    fn item(&self, out: &mut String, language: Language, root: &str, item: &Item) {
        let on = release::days::day_of(&item.at);
        let logged = on.map_or_else(|| "2025-01-01".to_owned(), |day| day.to_string());
        let release = item.release;
        line(out, "  <entry>");
        element(out, 2, "id", &format!("tag:{},{logged}:log/{}", authority(&self.origin), item.index));
        element(out, 2, "title", &item.title(language));
        element(out, 2, "updated", &item.at);
        element(out, 2, "published", &item.at);
        line(out, &format!("    <link rel=\"alternate\" type=\"text/html\" hreflang=\"{}\" href=\"{root}#{release}\"/>", language.tag()));
        line(out, &format!("    <link rel=\"related\" type=\"application/json\" href=\"/v1/releases/{release}\"/>"));
        if let Event::Corrected { of, figures: Some(_), .. } = &item.event {
            line(out, &format!("    <link rel=\"related\" type=\"application/json\" href=\"/v1/releases/{of}/changes/{release}\"/>"));
        }
        line(out, &format!("    <category term=\"{}\" label=\"{}\"/>", release.district(), escape(name_of(release.district()))));
        line(out, &format!("    <category term=\"{}\"/>", item.event.kind()));
        if item.simulated {
            line(out, "    <category term=\"simulation\"/>");
        }
        element(out, 2, "summary", &item.summary(language, on));
        line(out, "  </entry>");
    }
}

impl Event {
    /// The event as a word that programs may rely on.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Event::Published { .. } => "published",
            Event::Corrected { .. } => "corrected",
            Event::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Item {
    fn title(&self, language: Language) -> String {
        let (place, month) = (name_of(self.release.district()), month(language, self.release.period()));
        let what = match (&self.event, language) {
            (Event::Published { .. }, Language::Indonesian) => format!("{place}: data {month} terbit"),
            (Event::Published { .. }, Language::English) => format!("{place}: data of {month} published"),
            (Event::Corrected { .. }, Language::Indonesian) => format!("{place}: data {month} dikoreksi"),
            (Event::Corrected { .. }, Language::English) => format!("{place}: data of {month} corrected"),
            (Event::Withdrawn { .. }, Language::Indonesian) => format!("{place}: data {month} ditarik"),
            (Event::Withdrawn { .. }, Language::English) => format!("{place}: data of {month} withdrawn"),
        };
        if self.simulated { format!("{} {what}", pick(language, ("[SIMULASI]", "[SIMULATION]"))) } else { what }
    }

    fn summary(&self, language: Language, on: Option<Date>) -> String {
        let on = on.map(|on| day(language, on)).unwrap_or_default();
        let release = self.release;
        let indonesian = language == Language::Indonesian;
        match &self.event {
            Event::Published { expected, late } => {
                let due = expected.map(|expected| day(language, expected));
                match (due, late, indonesian) {
                    (Some(due), Some(0), true) => format!("{release} terbit {on}, tepat waktu: paling lambat {due}."),
                    (Some(due), Some(0), false) => format!("{release} was published on {on}, in time: it was due by {due}."),
                    (Some(due), Some(late), true) => {
                        format!("{release} terbit {on}, terlambat {late} hari: seharusnya paling lambat {due}.")
                    }
                    (Some(due), Some(late), false) => {
                        let days = if *late == 1 { "day" } else { "days" };
                        format!("{release} was published on {on}, {late} {days} late: it was due by {due}.")
                    }
                    (_, _, true) => format!("{release} terbit {on}."),
                    (_, _, false) => format!("{release} was published on {on}."),
                }
            }
            Event::Corrected { of, reason, figures } => {
                let why = pick(language, words(*reason));
                match (figures, indonesian) {
                    (Some(figures), true) => format!("{release} terbit {on} menggantikan {of}: {why}. Angka yang berubah: {figures}."),
                    (Some(figures), false) => {
                        format!("{release} was published on {on} in the place of {of}: {why}. Figures that changed: {figures}.")
                    }
                    (None, true) => format!("{release} terbit {on} menggantikan {of}, yang sudah ditarik: {why}."),
                    (None, false) => format!("{release} was published on {on} in the place of {of}, which had been withdrawn: {why}."),
                }
            }
            Event::Withdrawn { reason } if indonesian => format!("{release} ditarik {on}: {reason}"),
            Event::Withdrawn { reason } => format!("{release} was withdrawn on {on}: {reason}"),
        }
    }
}

fn name_of(area: AreaCode) -> &'static str {
    reference::areas().get(area).map_or("", |area| area.name)
}

/// The naming authority of an origin such as `bansos.example.go.id/log`: what a
/// `tag:` URI takes as a domain name.
fn authority(origin: &str) -> String {
    let host = origin.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let plain: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    if plain.is_empty() { "bansos-terbuka".to_owned() } else { plain }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn element(out: &mut String, depth: usize, name: &str, text: &str) {
    line(out, &format!("{}<{name}>{}</{name}>", "  ".repeat(depth), escape(text)));
}

/// Text as XML 1.0 takes it; characters that it has no place for are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(event: Event) -> Feed {
        let item = Item { index: 7, at: "2025-07-03T17:10:00Z".into(), release: "36.71-2025-06".parse().unwrap(), simulated: true, event };
        Feed {
            origin: "Bansos.Example.go.id/log".into(),
            address: "/v1/releases.atom?area=36.71&x".into(),
            area: "36.71".parse().ok(),
            updated: "2025-07-03T17:10:00Z".into(),
            since: "2025-01-31".parse().ok(),
            items: vec![item],
        }
    }

    #[test]
    fn an_entry_tells_when_how_late_and_why() {
        let late = feed(Event::Published { expected: "2025-07-01".parse().ok(), late: Some(3) });
        let text = late.render(Language::Indonesian);
        assert!(text.contains("<id>tag:bansos.example.go.id,2025-07-04:log/7</id>"), "{text}");
        assert!(text.contains("<id>tag:bansos.example.go.id,2025-01-31:releases/36.71/id</id>"), "{text}");
        assert!(text.contains("[SIMULASI] Kota Tangerang: data Juni 2025 terbit"), "{text}");
        assert!(text.contains("terbit 4 Juli 2025, terlambat 3 hari: seharusnya paling lambat 1 Juli 2025."), "{text}");
        assert!(late.render(Language::English).contains("published on 4 July 2025, 3 days late: it was due by 1 July 2025."));
        let of = "36.71-2025-06".parse().unwrap();
        let text = feed(Event::Corrected { of, reason: Reason::Payments, figures: Some(14) }).render(Language::English);
        assert!(text.contains("payments were recorded wrongly. Figures that changed: 14."), "{text}");
        assert!(text.contains("/v1/releases/36.71-2025-06/changes/"), "{text}");
    }

    #[test]
    fn nothing_that_is_told_becomes_markup() {
        let text = feed(Event::Withdrawn { reason: "a <b> & \"c\" \u{0}\u{8}\n'd'".into() }).render(Language::English);
        assert!(text.contains("a &lt;b&gt; &amp; &quot;c&quot;  &#39;d&#39;"), "{text}");
        assert!(text.contains("href=\"/v1/releases.atom?area=36.71&amp;x\""));
        assert_eq!(authority("<x>/log"), "x");
        assert_eq!(authority("/"), "bansos-terbuka");
    }
}
