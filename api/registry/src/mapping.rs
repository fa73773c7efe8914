//! A mapping: what the columns of a file mean that nobody has seen before. The
//! operator writes it once, in TOML:
//!
//! ```toml
//! layout = "kks"
//!
//! [columns]                     # the layout's column = the file's header, or its place from 1
//! nik = "Nomor Identitas"
//! nominal_cair = 7
//!
//! [constants]                   # what holds for every row and has no column
//! jenis_bansos = "PKH"
//!
//! [areas]                       # a name or code in the file = a code of Kemendagri
//! "KREO BARU" = "36.71.13.1003"
//! "3671010" = "36.71.01"
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use domain::AreaCode;
use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::layout::{Layout, Verdict, judge, normalise, read_as};
use crate::places::Aliases;

/// The largest mapping; a person writes it.
const LARGEST: u64 = 1 << 20;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    layout: Option<String>,
    sheet: Option<String>,
    #[serde(default)]
    columns: BTreeMap<String, Header>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
    #[serde(default)]
    areas: BTreeMap<String, String>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Header {
    Place(usize),
    Name(String),
}

/// What the columns of a file mean.
#[derive(Debug, Clone)]
pub struct Mapping {
    layout: Option<Layout>,
    pub(crate) sheet: Option<String>,
    /// The layout's column, and the file's: by its name, normalised, or its place from 0.
    columns: Vec<(&'static str, Result<usize, String>)>,
    pub(crate) constants: Arc<Vec<(String, Vec<u8>)>>,
    pub(crate) aliases: Arc<Aliases>,
    /// Whether it is of results of a verification round.
    of_round: bool,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// When the file cannot be read, or names a layout, column or area that is none.
    pub fn read(path: &Path) -> Result<Mapping> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let wrong = |problem: String| Error::Request(format!("{}: {problem}", path.display()));
        if std::fs::metadata(path).map_err(io)?.len() > LARGEST {
            return Err(wrong("a mapping of over 1 MB".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(io)?;
        Mapping::parse(&text).map_err(wrong)
    }

    /// The mapping of files that bring results of a verification round: each row
    /// is of that round, and of `date` where the file has no days. `own` is what
    /// the operator wrote about the file's columns, if anything.
    ///
    /// # Errors
    /// When `own` is about another layout, or says itself of which round the rows are.
    pub fn of_round(own: Option<Mapping>, round: &str, date: Option<Date>) -> Result<Mapping> {
        let mut mapping = match own {
            Some(own) => own,
            None => Mapping::parse("layout = \"verification\"").map_err(Error::Request)?,
        };
        match mapping.layout {
            None | Some(Layout::Verification) => mapping.layout = Some(Layout::Verification),
            Some(other) => {
                return Err(Error::Request(format!("results of a round have the layout verification, and the mapping says {other}")));
            }
        }
        let mut constants = mapping.constants.as_ref().clone();
        let said = |name: &str, constants: &[(String, Vec<u8>)]| {
            constants.iter().any(|(constant, _)| constant == name) || mapping.columns.iter().any(|(column, _)| *column == name)
        };
        if constants.iter().any(|(constant, _)| constant == "round") {
            return Err(Error::Request(
                "the mapping says of which round the rows are, and so does the command; leave it out of the mapping".to_owned(),
            ));
        }
        if !said("round", &constants) {
            constants.push(("round".to_owned(), round.as_bytes().to_vec()));
        }
        if let Some(date) = date.filter(|_| !said("date", &constants)) {
            constants.push(("date".to_owned(), date.to_string().into_bytes()));
        }
        mapping.constants = Arc::new(constants);
        mapping.of_round = true;
        Ok(mapping)
    }

    fn parse(text: &str) -> Result<Mapping, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
        let all = || Layout::ALL.map(Layout::as_str).join(", ");
        let layout = match &written.layout {
            Some(word) => Some(Layout::named(word).ok_or_else(|| format!("layout = {word:?} is none; there are {}", all()))?),
            None => None,
        };
        if layout.is_none() && !(written.columns.is_empty() && written.constants.is_empty()) {
            return Err(format!("columns and constants need `layout = …`; there are {}", all()));
        }
        let known = |name: &str| -> Result<&'static str, String> {
            let layout = layout.ok_or_else(String::new)?;
            let mut columns = layout.required().iter().chain(layout.optional()).copied();
            columns.clone().find(|column| *column == normalise(name)).ok_or_else(|| {
                let all: Vec<&str> = columns.by_ref().collect();
                format!("the layout {layout} has no column {name}; it has {}", all.join(", "))
            })
        };
        let mut columns = Vec::new();
        for (name, header) in &written.columns {
            let place = match header {
                Header::Place(0) => return Err(format!("columns.{name}: places are counted from 1")),
                Header::Place(place) => Ok(place - 1),
                Header::Name(header) => Err(normalise(header)),
            };
            columns.push((known(name)?, place));
        }
        let mut constants = Vec::new();
        for (name, value) in written.constants {
            constants.push((known(&name)?.to_owned(), value.into_bytes()));
        }
        let mut aliases = Aliases::default();
        for (name, code) in written.areas {
            let code: AreaCode = code.parse().map_err(|_| format!("areas.{name:?} is no code of Kemendagri such as 36.71.01.1001"))?;
            if reference::areas().get(code).is_none() {
                return Err(format!("areas.{name:?}: {code} is no area of the reference data"));
            }
            aliases.add(&name, code);
        }
        Ok(Mapping { layout, sheet: written.sheet, columns, constants: Arc::new(constants), aliases: Arc::new(aliases), of_round: false })
    }

    /// Judges a row of normalised cells as this mapping has it.
    pub(crate) fn judge(&self, cells: &[String]) -> Verdict {
        let Some(layout) = self.layout else { return judge(cells) };
        let mut named = Vec::new();
        for (column, place) in &self.columns {
            let at = match place {
                Ok(place) => Some(*place).filter(|place| *place < cells.len()),
                Err(header) => cells.iter().position(|cell| cell == header),
            };
            match at {
                Some(at) => named.push((at, *column)),
                None => return Verdict::No,
            }
        }
        if self.of_round {
            named.extend(outcome_by_another_name(layout, cells, &named));
        }
        match read_as(layout, cells, &named) {
            Verdict::Lacks(layout, missing) => {
                let missing: Vec<&'static str> =
                    missing.into_iter().filter(|name| !self.constants.iter().any(|(constant, _)| constant == name)).collect();
                // A row of which the mapping names nothing is no header for all that its constants say.
                let anything = !named.is_empty() || missing.len() + self.constants.len() < layout.required().len();
                match (missing.is_empty(), anything) {
                    (true, true) => Verdict::Header(layout, crate::layout::names(layout, cells, &named)),
                    (true, false) => Verdict::No,
                    (false, _) if cells.len() > 1 && missing.len() * 2 <= layout.required().len() => Verdict::Lacks(layout, missing),
                    (false, _) => Verdict::No,
                }
            }
            verdict => verdict,
        }
    }
}

/// Offices call what was found a status or a finding, too: words that mean other
/// things in other layouts, and are clear in a file of results.
fn outcome_by_another_name(layout: Layout, cells: &[String], named: &[(usize, &'static str)]) -> Option<(usize, &'static str)> {
    const WORDS: [&str; 8] =
        ["status", "status_verivali", "status_pbi", "status_data", "temuan", "temuan_bpk", "kelompok_penolakan", "alasan_penolakan"];
    let known = match read_as(layout, cells, named) {
        Verdict::Lacks(_, missing) => !missing.contains(&"outcome"),
        _ => true,
    };
    let mut places = cells.iter().enumerate().filter(|(_, cell)| WORDS.contains(&cell.as_str())).map(|(place, _)| place);
    match (known, places.next(), places.next()) {
        (false, Some(place), None) => Some((place, "outcome")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| normalise(name)).collect()
    }

    #[test]
    fn a_mapping_names_columns_by_header_or_place_and_adds_what_has_none() {
        let mapping = Mapping::parse(
            "layout = \"kks\"\n[columns]\nnik = \"Nomor Identitas\"\nnominal_cair = 3\n[constants]\njenis_bansos = \"PKH\"\n[areas]\n\"KREO BARU\" = \"36.71.13.1003\"\n",
        )
        .unwrap();
        assert_eq!(
            mapping.judge(&cells(&["Nomor Identitas", "Orang", "Uang"])),
            Verdict::Header(Layout::Kks, vec!["nik", "", "nominal_cair"])
        );
        assert_eq!(mapping.judge(&cells(&["Daftar", "", ""])), Verdict::No);
        assert_eq!(*mapping.constants, [("jenis_bansos".to_owned(), b"PKH".to_vec())]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, said) in [
            ("layout = \"x\"", "there are dtks"),
            ("layout = \"kks\"\n[columns]\nnikk = 1", "has no column nikk"),
            ("layout = \"kks\"\n[columns]\nnik = 0", "counted from 1"),
            ("[columns]\nnik = 1", "need `layout"),
            ("[areas]\nx = \"99.99\"", "no area"),
            ("[areas]\nx = \"abc\"", "no code"),
            ("colums = 1", "unknown field"),
        ] {
            let error = Mapping::parse(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
