//! Published figures, read from release folders, API answers and pages by
//! code of the tests' own.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// The tables of figures.
pub const TABLES: [&str; 13] = [
    "totals",
    "payments",
    "flows",
    "plan",
    "coverage",
    "demographics",
    "overlaps",
    "verification",
    "freshness",
    "findings",
    "deciles",
    "targeting",
    "reports",
];

/// Those without categories, made anew each month.
pub const MONTHLY: [&str; 3] = ["totals", "payments", "flows"];

/// The columns of every table of figures (FORMATS, Columns).
pub const COLUMNS: [&str; 10] = ["area", "program", "period", "measure", "category", "value", "status", "group", "release", "as_of"];

/// What a figure is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub table: String,
    pub area: String,
    pub program: String,
    pub period: String,
    pub measure: String,
    pub category: String,
}

impl Key {
    /// The key as pages write it in `data-cell`.
    pub fn cell(&self) -> String {
        [&self.table, &self.area, &self.program, &self.period, &self.measure, &self.category].map(String::as_str).join("|")
    }

    /// The figure of another area.
    pub fn of(&self, area: &str) -> Key {
        Key { area: area.to_owned(), ..self.clone() }
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub value: Option<u64>,
    pub status: String,
    pub group: String,
    pub release: String,
    pub as_of: String,
}

/// Figures by what they are about.
pub type Figures = BTreeMap<Key, Figure>;

/// One release folder.
#[derive(Debug)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// Its manifest.
    pub manifest: Value,
    /// The figures of its tables.
    pub figures: Figures,
}

impl Release {
    /// Reads a release folder.
    pub fn read(folder: &Path) -> Release {
        let bytes = std::fs::read(folder.join("manifest.json")).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let manifest: Value = serde_json::from_slice(&bytes).unwrap();
        let mut figures = Figures::new();
        for table in TABLES {
            let path = folder.join(format!("data/{table}.csv"));
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read_table(table, &bytes, &path.display().to_string(), &mut figures);
        }
        Release { id: folder.file_name().unwrap().to_str().unwrap().to_owned(), manifest, figures }
    }

    /// Every release folder of a data folder, by name.
    pub fn all(releases: &Path) -> Vec<Release> {
        let mut folders: Vec<_> =
            std::fs::read_dir(releases).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders.iter().map(|folder| Release::read(folder)).collect()
    }

    /// A text field of the manifest.
    pub fn text(&self, field: &str) -> &str {
        self.manifest[field].as_str().unwrap_or_else(|| panic!("{}: manifest.json has no {field}", self.id))
    }
}

/// Reads one table, checking its form.
#[track_caller]
pub fn read_table(table: &str, csv: &[u8], place: &str, figures: &mut Figures) {
    let mut reader = csv::Reader::from_reader(csv);
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS, "columns of {place}");
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("{place}: {error}"));
        let key = Key {
            table: table.to_owned(),
            area: record[0].to_owned(),
            program: record[1].to_owned(),
            period: record[2].to_owned(),
            measure: record[3].to_owned(),
            category: record[4].to_owned(),
        };
        let value = (!record[5].is_empty()).then(|| record[5].parse().unwrap_or_else(|_| panic!("{place}: value {:?}", &record[5])));
        let status = &record[6];
        assert!(["observed", "grouped", "withheld", "missing"].contains(&status), "{place}: status {status:?} of {}", key.cell());
        assert_eq!(value.is_some(), status == "observed", "{place}: {} has status {status} and value {value:?}", key.cell());
        assert_eq!(!record[7].is_empty(), status == "grouped", "{place}: {} has status {status} and group {:?}", key.cell(), &record[7]);
        let figure = Figure {
            value,
            status: status.to_owned(),
            group: record[7].to_owned(),
            release: record[8].to_owned(),
            as_of: record[9].to_owned(),
        };
        let cell = key.cell();
        assert!(figures.insert(key, figure).is_none(), "{place}: {cell} stands twice");
    }
}

/// A figure in a page.
#[derive(Debug)]
pub struct Shown {
    pub cell: String,
    pub value: String,
    pub status: String,
}

/// Every element of a page that carries `data-cell`.
pub fn shown(page: &str) -> Vec<Shown> {
    let mut found = Vec::new();
    for tag in page.split('<').skip(1) {
        let Some(end) = tag.find('>') else { continue };
        let tag = &tag[..end];
        let Some(cell) = attribute(tag, "data-cell") else { continue };
        let wanted = |name: &str| attribute(tag, name).unwrap_or_else(|| panic!("{cell}: the element has no {name}"));
        found.push(Shown { value: wanted("data-value"), status: wanted("data-status"), cell });
    }
    found
}

/// An attribute of a tag, quoted or (as minified HTML may be) not.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &tag[at..];
    let value = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next()?,
        _ => rest.split_ascii_whitespace().next().unwrap_or(""),
    };
    Some(value.replace("&amp;", "&"))
}

/// The level of an area by the length of its code; pools have none.
pub fn level(area: &str) -> &'static str {
    match (area.contains('~'), area.len()) {
        (false, 5) => "kabupaten",
        (false, 8) => "kecamatan",
        (false, 13) => "kelurahan",
        _ => "pool",
    }
}
