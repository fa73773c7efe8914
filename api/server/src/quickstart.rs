//! Quick starts: short programs that people copy. Their texts lie in
//! `quickstart/`, one file each, and are shown as they are tested: the test
//! takes them from the page, runs them and compares what they print.

use anyhow::Result;
use catalogue::Reader;
use catalogue::queries::recipients::Filter;
use catalogue::queries::releases::Release;
use domain::{AreaCode, Level, ProgramCode};

/// A quick start.
#[derive(Debug)]
pub struct Quickstart {
    /// Its name in addresses and on the page.
    pub name: &'static str,
    /// What it is for.
    pub tool: &'static str,
    /// What to do with it, in Indonesian and in English; may be empty.
    pub how: (&'static str, &'static str),
    /// Its text, with places to fill.
    text: &'static str,
}

/// All quick starts, in the order in which they are shown.
pub static ALL: [Quickstart; 6] = [
    Quickstart { name: "curl.sh", tool: "curl", how: ("", ""), text: include_str!("../quickstart/curl.sh") },
    Quickstart {
        name: "python.py",
        tool: "Python",
        how: ("Tanpa paket tambahan.", "Without further packages."),
        text: include_str!("../quickstart/python.py"),
    },
    Quickstart {
        name: "r.R",
        tool: "R",
        how: ("Tanpa paket tambahan.", "Without further packages."),
        text: include_str!("../quickstart/r.R"),
    },
    Quickstart {
        name: "javascript.mjs",
        tool: "JavaScript",
        how: ("Di peramban, atau dengan Node 18 ke atas.", "In a browser, or with Node 18 and newer."),
        text: include_str!("../quickstart/javascript.mjs"),
    },
    Quickstart {
        name: "duckdb.sql",
        tool: "DuckDB",
        how: ("Unduh dahulu berkas Parquet dengan baris pertama.", "Download the Parquet file first, by the first line."),
        text: include_str!("../quickstart/duckdb.sql"),
    },
    Quickstart {
        name: "excel.pq",
        tool: "Excel",
        how: (
            "Data › Ambil Data › Dari Sumber Lain › Kueri Kosong › Editor Tingkat Lanjut, lalu tempel. Atau unduh CSV dari alamat itu: bom=1 membuat Excel membacanya sebagai UTF-8.",
            "Data › Get Data › From Other Sources › Blank Query › Advanced Editor, then paste. Or download the CSV from that address: bom=1 makes Excel read it as UTF-8.",
        ),
        text: include_str!("../quickstart/excel.pq"),
    },
];

/// What the places in the texts are filled with: a district that publishes, its
/// newest month, a program and a kecamatan that have rows.
#[derive(Debug, Clone)]
pub struct Example {
    /// The kabupaten/kota.
    pub area: AreaCode,
    /// Its month.
    pub period: String,
    /// A program with rows there.
    pub program: ProgramCode,
    /// A kecamatan with rows of the program; the district itself where there is none.
    pub kecamatan: AreaCode,
}

/// The program that most people ask for, where it is published.
const USUAL: &str = "PKH";

impl Example {
    /// An example among `releases`; none where none of them has rows. Blocks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn find(reader: &Reader, releases: &[&Release]) -> Result<Option<Example>> {
        let newest = releases.iter().filter_map(|one| Some((one, one.edition_id?)));
        let newest = newest.max_by_key(|(one, _)| (one.release.period(), std::cmp::Reverse(one.release.district())));
        let Some((release, edition)) = newest else { return Ok(None) };
        let edition = reader.edition(edition)?;
        let usual = edition.lists().iter().find(|list| list.program().as_str() == USUAL);
        let Some(list) = usual.or(edition.lists().first()) else { return Ok(None) };
        let area = release.release.district();
        let has_rows = |one: &&AreaCode| {
            let selection = edition.select(&Filter { area: Some(**one), ..Filter::default() });
            edition.count(list, &selection).total > 0
        };
        Ok(Some(Example {
            area,
            period: release.release.period().to_string(),
            program: list.program().clone(),
            kecamatan: reference::areas().children(area).iter().find(has_rows).copied().unwrap_or(area),
        }))
    }

    /// A question with an answer that is worth seeing: units by kecamatan.
    #[must_use]
    pub fn question(&self) -> String {
        let Example { area, period, program, .. } = self;
        format!("/v1/statistics/totals?area={area}&level={}&program={program}&period={period}", Level::Kecamatan.as_str())
    }
}

/// The name of an area.
#[must_use]
pub fn name(area: AreaCode) -> &'static str {
    reference::areas().get(area).map_or("", |area| area.name)
}

impl Quickstart {
    /// The text, filled for `host` (scheme and authority, without a slash).
    #[must_use]
    pub fn fill(&self, host: &str, example: &Example) -> String {
        let places = [
            ("host", host),
            ("area", &example.area.to_string()),
            ("name", name(example.area)),
            ("period", &example.period),
            ("program", example.program.as_str()),
            ("kecamatan", &example.kecamatan.to_string()),
            ("kecamatan_name", name(example.kecamatan)),
        ];
        places.iter().fold(self.text.to_owned(), |text, (place, value)| text.replace(&format!("{{{{{place}}}}}"), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_filled() {
        let example = Example {
            area: "36.71".parse().unwrap(),
            period: "2025-06".to_owned(),
            program: "PKH".parse().unwrap(),
            kecamatan: "36.71.01".parse().unwrap(),
        };
        for one in &ALL {
            let text = one.fill("http://127.0.0.1:8080", &example);
            assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
            assert!(text.contains("http://127.0.0.1:8080") && text.contains("/v1/"), "{text}");
            assert!(text.ends_with('\n') && text.lines().count() < 30, "short, and a whole file");
        }
    }
}
