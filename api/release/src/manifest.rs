//! `manifest.json`: what a release is, what is in it, and what it was made with.
//!
//! The file is canonical JSON ([`crate::canonical`]): keys in order, no spaces,
//! no newline at the end, whole numbers to 2^53-1. Other bytes are refused.

use domain::{AreaCode, EditionId, Period, ProgramCode, ReleaseId, Status, Table};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The manifest of a release folder. Unknown fields are refused, so that a
/// reader never passes over something it does not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form; 3.
    pub format: u32,
    /// The release's id.
    pub release: ReleaseId,
    /// The kabupaten/kota that publishes it.
    pub district: AreaCode,
    /// The month it is about.
    pub period: Period,
    /// The day by which the month was due, ISO: [`due`] by the office's setting
    /// when the release was made.
    #[serde(with = "iso_date")]
    pub expected_on: Date,
    /// The edition its rows belong to.
    pub edition: EditionId,
    /// The month the edition's rows were taken in.
    pub edition_as_of: Period,
    /// The release that first published these rows: itself, or an earlier one
    /// of which they are repeated.
    pub rows_from: ReleaseId,
    /// What it corrects and why, when it is a revision.
    pub correction: Option<Correction>,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
    /// The privacy policy it was made under.
    pub policy: Policy,
    /// Name and version of the software that made it.
    pub software: String,
    /// The reference data it was made with.
    pub reference: ReferenceSnapshot,
    /// When it was made, RFC 3339, UTC, to the second.
    pub created_at: String,
    /// Every figure at kabupaten level.
    pub control_totals: Vec<ControlTotal>,
    /// Rows and atoms of the edition, a line per program that has rows.
    pub editions: Vec<EditionTotal>,
    /// Commitment to the registry rows behind the release.
    pub commitment: Commitment,
    /// The district's release before this one.
    pub previous: Option<Previous>,
    /// Every data file.
    pub files: Vec<FileEntry>,
}

/// Days after a month's end by which it is due, unless the office says otherwise.
pub const DUE_DAYS: u16 = 30;

/// The day by which a month is due: `days` after its last day.
#[must_use]
pub fn due(period: Period, days: u16) -> Date {
    // Years end at 2199: no sum leaves the calendar.
    period.last_day().saturating_add(jiff::Span::new().days(days))
}

/// A date in manifests: `2025-07-30`, in this spelling only.
mod iso_date {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        date.ok_or_else(|| D::Error::custom("expected a date such as 2025-07-30"))
    }
}

/// Why a month was issued again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The issue it takes the place of.
    pub of: ReleaseId,
    /// The reason, from a closed list: a free text could name somebody.
    pub reason: Reason,
}

/// The reasons for a correction, told at kabupaten level only (design: PRIVACY R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A file that belonged to the month came late.
    LateData,
    /// Recipients stood twice.
    Duplicates,
    /// Recipients were shown in a wrong area.
    WrongArea,
    /// Recipients who had died were still counted.
    Deaths,
    /// Payments were recorded wrongly.
    Payments,
    /// The plan was wrong.
    Plan,
    /// The software reckoned wrongly.
    Software,
    /// An earlier issue was withdrawn.
    Withdrawn,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 8] = [
        Reason::LateData,
        Reason::Duplicates,
        Reason::WrongArea,
        Reason::Deaths,
        Reason::Payments,
        Reason::Plan,
        Reason::Software,
        Reason::Withdrawn,
    ];

    /// The code in manifests and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::LateData => "late-data",
            Reason::Duplicates => "duplicates",
            Reason::WrongArea => "wrong-area",
            Reason::Deaths => "deaths",
            Reason::Payments => "payments",
            Reason::Plan => "plan",
            Reason::Software => "software",
            Reason::Withdrawn => "withdrawn",
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = String;
    fn from_str(text: &str) -> Result<Reason, String> {
        Reason::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or_else(|| {
            let all = Reason::ALL.map(Reason::as_str).join(", ");
            format!("{:?} is no reason for a correction: expected one of {all}", text.chars().take(40).collect::<String>())
        })
    }
}

/// The privacy policy and its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The policy's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Fewest rows, and families, of an atom.
    pub k: u32,
    /// Fewest inhabitants, estimated, behind a label.
    pub min_candidates: u32,
}

impl Policy {
    /// The policy of this software with `k` rows an atom.
    #[must_use]
    pub fn current(k: u32) -> Policy {
        Policy { name: "bansos-terbuka".into(), version: "3".into(), k, min_candidates: 100 }
    }
}

/// Which reference data a release was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSnapshot {
    /// The day the snapshot stands for, ISO.
    pub date: String,
    /// SHA-256 over the data, hex.
    pub sha256: String,
}

/// A figure at kabupaten level, which the tables must repeat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTotal {
    /// The table.
    pub table: Table,
    /// The program.
    pub program: ProgramCode,
    /// The measure: units, or whole rupiah.
    pub measure: String,
    /// The category within the measure; left out where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// The figure, where it is observed.
    pub value: Option<u64>,
    /// Its status.
    pub status: Status,
}

/// How many rows a program has in the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionTotal {
    /// The program.
    pub program: ProgramCode,
    /// Rows: units of the program in the edition's month.
    pub rows: u64,
    /// Atoms the rows form.
    pub atoms: u32,
}

/// A Merkle tree (RFC 6962 prefixes) over salted registry rows, shuffled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// The root, hex.
    pub root: String,
    /// How many leaves.
    pub leaves: u64,
}

/// The district's release before this one: a chain that shows a dropped release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its id.
    pub release: ReleaseId,
    /// SHA-256 of its `manifest.json`, hex.
    pub manifest_sha256: String,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path below the folder, such as `data/totals.csv`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Lines of data, the header not counted.
    pub rows: u64,
    /// SHA-256, hex.
    pub sha256: String,
}
