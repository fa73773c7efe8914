//! Query parameters: read strictly, described once.
//!
//! The `parameters!` macro makes one struct from which both the parser and the
//! OpenAPI document come, so that neither can know a parameter that the other
//! does not. An unknown, repeated or bad parameter is an error that names what
//! is accepted.

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::{AreaCode, EditionId, Level, Period, ProgramCode, ReleaseId};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

use crate::problem::{Code, Failure, FieldError, Pair, Problem};
use crate::words::Text;

/// A query parameter, as documented and as named in errors.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it does, in English, for the OpenAPI document.
    pub about: &'static str,
    /// What is accepted, in both languages.
    pub expected: Pair,
    /// An example.
    pub example: &'static str,
}

/// A type that a parameter's text is read into.
pub trait Value: Sized {
    /// Reads the text; `None` when it is not accepted.
    fn read(text: &str) -> Option<Self>;

    /// The one spelling of the value, where it has several.
    fn spelling(&self) -> Option<String> {
        None
    }

    /// Its schema in the OpenAPI document.
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
    }
}

macro_rules! by_parsing {
    ($($type:ty),*) => {
        $(impl Value for $type {
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })*
    };
}

by_parsing!(EditionId, ReleaseId, Period);

impl Value for AreaCode {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|code| reference::areas().get(*code).is_some())
    }

    fn spelling(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for ProgramCode {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|code| reference::program(code).is_some())
    }
}

/// A program's code, or [`ProgramCode::ALL`] for figures of no one program.
#[derive(Debug, Clone)]
pub struct ProgramOrAll(pub ProgramCode);

impl Value for ProgramOrAll {
    fn read(text: &str) -> Option<Self> {
        AllPrograms::read(text).map(|all| all.0).or_else(|| ProgramCode::read(text)).map(ProgramOrAll)
    }
}

/// [`ProgramCode::ALL`] alone, of tables that have no figures of one program.
#[derive(Debug, Clone)]
pub struct AllPrograms(pub ProgramCode);

impl Value for AllPrograms {
    fn read(text: &str) -> Option<Self> {
        (text == ProgramCode::ALL).then(|| AllPrograms(ProgramCode::all()))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some([ProgramCode::ALL]))
    }
}

impl From<ProgramOrAll> for ProgramCode {
    fn from(one: ProgramOrAll) -> ProgramCode {
        one.0
    }
}

impl From<AllPrograms> for ProgramCode {
    fn from(all: AllPrograms) -> ProgramCode {
        all.0
    }
}

impl Value for Level {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(Level::ALL.iter().map(|level| level.as_str()).collect::<Vec<_>>()))
    }
}

impl Value for u64 {
    fn read(text: &str) -> Option<Self> {
        // A plain number only: no sign, no leading zero.
        let number: u64 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)).minimum(Some(1))
    }
}

/// A number of items on a page.
#[derive(Debug, Clone, Copy)]
pub struct Limit(pub usize);

impl Limit {
    /// The most items on a page.
    pub const MOST: usize = 1000;
    /// The usual number.
    pub const DEFAULT: usize = 100;
}

impl Value for Limit {
    fn read(text: &str) -> Option<Self> {
        let number = u64::read(text).and_then(|number| usize::try_from(number).ok())?;
        (1..=Limit::MOST).contains(&number).then_some(Limit(number))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(Limit::MOST))
            .default(Some(Limit::DEFAULT.into()))
    }
}

/// A yes-or-no parameter: `1` or `0`.
#[derive(Debug, Clone, Copy)]
pub struct Flag(pub bool);

impl Value for Flag {
    fn read(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Flag(true)),
            "0" => Some(Flag(false)),
            _ => None,
        }
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(["0", "1"]))
    }
}

/// The format asked for by `?format=`.
impl Value for crate::negotiate::Format {
    fn read(text: &str) -> Option<Self> {
        crate::negotiate::Format::ALL.into_iter().find(|format| format.as_str() == text)
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(crate::negotiate::Format::ALL.map(|format| format.as_str())))
    }
}

/// One month or a range of months, `2025-01..2025-06`.
#[derive(Debug, Clone, Copy)]
pub struct Months {
    /// The first.
    pub from: Period,
    /// The last.
    pub to: Period,
}

impl Value for Months {
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from <= to).then_some(Months { from, to })
    }
}

impl Months {
    /// Whether a month lies in the range.
    #[must_use]
    pub fn contains(&self, period: Period) -> bool {
        self.from <= period && period <= self.to
    }
}

/// A short free text to search for.
#[derive(Debug, Clone)]
pub struct Search(pub String);

impl Value for Search {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.chars().count() <= 80 && !text.chars().any(char::is_control)).then(|| Search(text.to_owned()))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).min_length(Some(1)).max_length(Some(80))
    }
}

/// The text of a cursor; what is in it is for [`crate::cursor`] to read.
#[derive(Debug, Clone)]
pub struct CursorText(pub String);

impl Value for CursorText {
    fn read(text: &str) -> Option<Self> {
        (text.len() <= 512 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
            .then(|| CursorText(text.to_owned()))
    }
}

/// A label of the codebook, by attribute.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $attribute:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name(pub &'static str);

        impl Value for $name {
            fn read(text: &str) -> Option<Self> {
                $attribute.label(text).ok().map(|label| $name(label.code))
            }

            fn schema() -> ObjectBuilder {
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .enum_values(Some($attribute.labels.iter().map(|label| label.code).collect::<Vec<_>>()))
            }
        }
    };
}

label!(/** A label of sex. */ Sex, domain::codebook::SEX);
label!(/** A label of age. */ AgeBand, domain::codebook::AGE_BAND);
label!(/** A label of family size. */ FamilySize, domain::codebook::FAMILY_SIZE);

impl Value for domain::Table {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(domain::Table::ALL.iter().map(|table| table.as_str()).collect::<Vec<_>>()))
    }
}

/// A measure of some statistics table.
#[derive(Debug, Clone, Copy)]
pub struct Measure(pub &'static str);

impl Value for Measure {
    fn read(text: &str) -> Option<Self> {
        domain::Table::ALL.into_iter().flat_map(|table| table.measures()).find(|measure| **measure == text).map(|measure| Measure(measure))
    }
}

/// A category of some statistics table, or a class of several joined by `~`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category(pub String);

impl Value for Category {
    fn read(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_+*~.".contains(&b);
        (!text.is_empty() && text.len() <= 200 && text.bytes().all(plain)).then(|| Category(text.to_owned()))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).min_length(Some(1)).max_length(Some(200))
    }
}

/// The parameters shared by several addresses.
pub mod known {
    use super::Param;

    /// An area and what lies in it.
    pub const AREA: Param = Param {
        name: "area",
        about: "Kemendagri code of an area of any level, dotted; what lies in it is included. An undotted code is redirected to the dotted one.",
        expected: (
            "kode Kemendagri yang ada, 2, 4, 6, atau 10 digit, misalnya 36.71 atau 36.71.01.1001 (lihat /v1/areas)",
            "an existing Kemendagri code of 2, 4, 6 or 10 digits, such as 36.71 or 36.71.01.1001 (see /v1/areas)",
        ),
        example: "36.71.01",
    };
    /// The area that holds others.
    pub const PARENT: Param = Param {
        name: "parent",
        about: "Kemendagri code of an area: its children, or with `level` all areas of that level in it.",
        expected: AREA.expected,
        example: "36.71",
    };
    /// A level of areas.
    pub const LEVEL: Param = Param {
        name: "level",
        about: "Level of the areas wanted.",
        expected: ("provinsi, kabupaten, kecamatan, atau kelurahan", "provinsi, kabupaten, kecamatan or kelurahan"),
        example: "kecamatan",
    };
    /// A program.
    pub const PROGRAM: Param = Param {
        name: "program",
        about: "Code of a program (see /v1/programs).",
        expected: ("kode program dari /v1/programs, misalnya PKH", "a program code of /v1/programs, such as PKH"),
        example: "PKH",
    };
    /// A program, or all.
    pub const PROGRAM_OR_ALL: Param = Param {
        name: "program",
        about: "Code of a program (see /v1/programs), or SEMUA for figures of no one program.",
        expected: (
            "kode program dari /v1/programs, misalnya PKH, atau SEMUA untuk angka yang bukan dari satu program",
            "a program code of /v1/programs, such as PKH, or SEMUA for figures of no one program",
        ),
        example: "SEMUA",
    };
    /// All programs.
    pub const ALL_PROGRAMS: Param = Param {
        name: "program",
        about: "Always SEMUA: the figures are of no one program.",
        expected: ("hanya SEMUA: angka tabel ini bukan dari satu program", "SEMUA only: the figures of this table are of no one program"),
        example: "SEMUA",
    };
    /// A statistics table.
    pub const TABLE: Param = Param {
        name: "table",
        about: "Figures of one table (see /v1/statistics).",
        expected: ("nama tabel dari /v1/statistics, misalnya payments", "the name of a table of /v1/statistics, such as payments"),
        example: "payments",
    };
    /// A month, or a range.
    pub const PERIOD: Param = Param {
        name: "period",
        about: "A month, or a first and a last month joined by two dots. All months when left out.",
        expected: (
            "bulan, misalnya 2025-06, atau rentang, misalnya 2025-01..2025-06",
            "a month such as 2025-06, or a range such as 2025-01..2025-06",
        ),
        example: "2025-06",
    };
    /// A measure.
    pub const MEASURE: Param = Param {
        name: "measure",
        about: "One measure of the table (see /v1/statistics).",
        expected: (
            "ukuran dari tabel ini menurut /v1/statistics, misalnya units untuk totals",
            "a measure of this table as /v1/statistics lists them, such as units for totals",
        ),
        example: "units",
    };
    /// A source of a denominator.
    pub const CATEGORY_OF_COVERAGE: Param = Param {
        name: "category",
        about: "One source of the denominator (see /v1/statistics).",
        expected: (
            "sumber pembanding menurut /v1/statistics, misalnya dukcapil-2024",
            "a source of the denominator as /v1/statistics lists them, such as dukcapil-2024",
        ),
        example: "dukcapil-2024",
    };
    /// A label of rows.
    pub const CATEGORY_OF_DEMOGRAPHICS: Param = Param {
        name: "category",
        about: "One label (see /v1/statistics); `*` are those not broken down.",
        expected: (
            "label menurut /v1/statistics, misalnya F atau 60+ (tanda + ditulis %2B)",
            "a label as /v1/statistics lists them, such as F or 60+ (+ is written %2B)",
        ),
        example: "F",
    };
    /// The other program.
    pub const CATEGORY_OF_OVERLAPS: Param = Param {
        name: "category",
        about: "Code of the other program.",
        expected: (
            "kode program yang tidak peka dari /v1/programs, misalnya SEMBAKO",
            "a code of /v1/programs that is not sensitive, such as SEMBAKO",
        ),
        example: "SEMBAKO",
    };
    /// An outcome of verification.
    pub const CATEGORY_OF_VERIFICATION: Param = Param {
        name: "category",
        about: "One outcome (see /v1/statistics): figures of it, and of the classes that show it together with others, joined by `~`.",
        expected: (
            "hasil verifikasi menurut /v1/statistics, misalnya valid, atau beberapa yang digabung dengan ~",
            "an outcome as /v1/statistics lists them, such as valid, or several joined by ~",
        ),
        example: "valid",
    };
    /// A reason of leaving.
    pub const CATEGORY_OF_FLOWS: Param = Param {
        name: "category",
        about: "One reason of leaving: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
        expected: (
            "alasan keluar, misalnya died, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
            "a reason of leaving, such as died, as /v1/statistics lists them, or several joined by ~",
        ),
        example: "died",
    };
    /// Months since a check.
    pub const CATEGORY_OF_FRESHNESS: Param = Param {
        name: "category",
        about: "Months since the last check: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
        expected: (
            "lama sejak pemeriksaan, misalnya 7-12 atau 25+ (tanda + ditulis %2B), menurut /v1/statistics, atau beberapa yang digabung dengan ~",
            "months since a check, such as 7-12 or 25+ (+ is written %2B), as /v1/statistics lists them, or several joined by ~",
        ),
        example: "7-12",
    };
    /// A finding.
    pub const CATEGORY_OF_FINDINGS: Param = Param {
        name: "category",
        about: "One finding: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
        expected: (
            "temuan, misalnya deceased atau duplicate_nik, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
            "a finding, such as deceased or duplicate_nik, as /v1/statistics lists them, or several joined by ~",
        ),
        example: "deceased",
    };
    /// A desil.
    pub const CATEGORY_OF_DECILES: Param = Param {
        name: "category",
        about: "One desil: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
        expected: (
            "desil 1 sampai 10 atau unknown menurut /v1/statistics, atau beberapa yang digabung dengan ~",
            "desil 1 to 10 or unknown as /v1/statistics lists them, or several joined by ~",
        ),
        example: "1",
    };
    /// What complaints are about.
    pub const CATEGORY_OF_REPORTS: Param = Param {
        name: "category",
        about: "One category of complaints: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
        expected: (
            "kategori pengaduan, misalnya pungutan, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
            "a category of complaints, such as pungutan, as /v1/statistics lists them, or several joined by ~",
        ),
        example: "pungutan",
    };
    /// An edition of rows.
    pub const EDITION: Param = Param {
        name: "edition",
        about: "Edition of the rows; each district's newest when left out. A quarter without a revision means its newest revision; rows issued before it are read with `release`.",
        expected: ("edisi, misalnya 2025Q2 atau 2025Q2-r2", "an edition such as 2025Q2 or 2025Q2-r2"),
        example: "2025Q2",
    };
    /// A label of sex.
    pub const SEX: Param = Param {
        name: "sex",
        about: "Sex of the named cardholder: rows whose label equals this one or lies inside it.",
        expected: ("F, M, unknown, atau *", "F, M, unknown or *"),
        example: "F",
    };
    /// A label of age.
    pub const AGE_BAND: Param = Param {
        name: "age_band",
        about: "Age band of the named cardholder: rows whose label equals this one or lies inside it (see /v1/codebook).",
        expected: (
            "kelompok umur dari /v1/codebook, misalnya 18-59 (tanda + ditulis %2B: 60%2B)",
            "an age band of /v1/codebook, such as 18-59 (+ is written %2B: 60%2B)",
        ),
        example: "18-59",
    };
    /// A label of family size.
    pub const FAMILY_SIZE: Param = Param {
        name: "family_size",
        about: "Family size: rows whose label equals this one or lies inside it (see /v1/codebook).",
        expected: (
            "besar keluarga dari /v1/codebook: 1-2, 3-4, 5+ (ditulis 5%2B), unknown, atau *",
            "a family size of /v1/codebook: 1-2, 3-4, 5+ (written 5%2B), unknown or *",
        ),
        example: "3-4",
    };
    /// A release.
    pub const RELEASE: Param = Param {
        name: "release",
        about: "Only this release.",
        expected: (
            "rilis yang ada, misalnya 36.71-2025-06 (lihat /v1/releases)",
            "an existing release such as 36.71-2025-06 (see /v1/releases)",
        ),
        example: "36.71-2025-06",
    };
    /// A version.
    pub const VERSION: Param = Param {
        name: "version",
        about: "Pins the answer to a version of the catalogue: the same address then always gives the same bytes. The newest version when left out.",
        expected: ("versi yang ada: bilangan dari 1 sampai versi di /v1", "an existing version: a number from 1 to the version at /v1"),
        example: "1",
    };
    /// A format.
    pub const FORMAT: Param = Param {
        name: "format",
        about: "Format of the answer; outweighs the header Accept. csv and ndjson give the whole filtered list unless `limit` is set.",
        expected: ("json, csv, atau ndjson", "json, csv or ndjson"),
        example: "json",
    };
    /// A byte order mark.
    pub const BOM: Param = Param {
        name: "bom",
        about: "1 puts a byte order mark before CSV, which Excel needs to read UTF-8.",
        expected: ("0 atau 1", "0 or 1"),
        example: "0",
    };
    /// Items on a page.
    pub const LIMIT: Param = Param {
        name: "limit",
        about: "Items on a page.",
        expected: ("bilangan dari 1 sampai 1000", "a number from 1 to 1000"),
        example: "100",
    };
    /// The next page.
    pub const CURSOR: Param = Param {
        name: "cursor",
        about: "Where the page starts: taken from `next` of the page before, with the same filters.",
        expected: (
            "kursor dari `next` halaman sebelumnya, dengan saringan yang sama",
            "a cursor from `next` of the page before, with the same filters",
        ),
        example: "",
    };
    /// A text to search for.
    pub const Q: Param = Param {
        name: "q",
        about: "Part of an area's name, without minding spaces, hyphens, case or accents.",
        expected: ("1 sampai 80 huruf", "1 to 80 letters"),
        example: "adiankoting",
    };
}

/// The decoded parameters of one request, in their order.
pub struct Pairs {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
    /// Names and one spelling of the values taken, to be part of cache keys and links.
    taken: Vec<(&'static str, String)>,
    respelt: bool,
}

impl Pairs {
    /// Splits and decodes a query string.
    ///
    /// # Errors
    /// When it is not valid percent-encoding, or names what is not accepted or
    /// the same parameter twice.
    pub fn new(query: &str, accepted: &[&'static Param]) -> Result<Pairs, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut unknown: Vec<FieldError> = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else { return Err(Problem::plain(Code::InvalidEncoding)) };
            if !accepted.iter().any(|param| param.name == name) {
                let list = accepted.iter().map(|param| param.name).collect::<Vec<_>>().join(", ");
                let shown: String = name.chars().take(40).collect();
                let detail = if accepted.is_empty() {
                    Text::new("alamat ini tidak menerima parameter", "this address takes no parameters")
                } else {
                    Text::new(format!("tidak dikenal; yang diterima: {list}"), format!("unknown; accepted are: {list}"))
                };
                unknown.push(FieldError { parameter: shown, detail });
            } else if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Problem::parameter(
                    &name,
                    Text::new("disebut dua kali; tulis satu kali saja", "named twice; write it once only"),
                ));
            } else {
                pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        if let Some(first) = unknown.first() {
            let detail =
                Text::new(format!("{}: {}", first.parameter, first.detail.id), format!("{}: {}", first.parameter, first.detail.en));
            let mut problem = Problem::new(Code::UnknownParameter, detail);
            problem.errors = unknown;
            return Err(problem);
        }
        Ok(Pairs { pairs, errors: Vec::new(), taken: Vec::new(), respelt: false })
    }

    /// Takes a parameter; a bad value is kept as an error for [`Pairs::finish`].
    pub fn take<T: Value>(&mut self, param: &'static Param) -> Option<T> {
        let (_, text) = self.pairs.iter().find(|(name, _)| name == param.name)?;
        match T::read(text) {
            Some(value) => {
                let spelling = value.spelling();
                self.respelt |= spelling.as_ref().is_some_and(|spelling| spelling != text);
                self.taken.push((param.name, spelling.unwrap_or_else(|| text.clone())));
                Some(value)
            }
            None => {
                let shown: String = text.chars().take(40).collect();
                self.errors.push(FieldError {
                    parameter: param.name.to_owned(),
                    detail: Text::new(
                        format!("\"{shown}\" tidak diterima: yang diterima {}", param.expected.0),
                        format!("\"{shown}\" is not accepted: expected {}", param.expected.1),
                    ),
                });
                None
            }
        }
    }

    /// The parameters in one spelling and order.
    ///
    /// # Errors
    /// All bad parameters at once, or a redirect when a code was not in its one spelling.
    pub fn finish(self, path: &str) -> Result<Spelling, Failure> {
        if let Some(first) = self.errors.first() {
            let detail =
                Text::new(format!("{}: {}", first.parameter, first.detail.id), format!("{}: {}", first.parameter, first.detail.en));
            let mut problem = Problem::new(Code::InvalidParameter, detail);
            problem.errors = self.errors;
            return Err(problem.into());
        }
        let spelling = Spelling(self.taken);
        if self.respelt { Err(Failure::Redirect(spelling.address(path, &[], &[]))) } else { Ok(spelling) }
    }
}

/// The parameters of a request in one spelling and order.
#[derive(Debug, Clone, Default)]
pub struct Spelling(Vec<(&'static str, String)>);

impl Spelling {
    /// The address with these parameters, without those of `without` and with
    /// those of `with`.
    #[must_use]
    pub fn address(&self, path: &str, without: &[&str], with: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !without.contains(name)).map(|(name, value)| (*name, value.as_str()));
        let mut out = path.to_owned();
        for (at, (name, value)) in kept.chain(with.iter().copied()).enumerate() {
            out.push(if at == 0 { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            encode(value, &mut out);
        }
        out
    }
}

/// Decodes a part of a query string; `None` when it is not valid.
#[must_use]
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    decode_percent(&spaced).map(Cow::Owned)
}

/// Decodes percent-encoding alone, as in paths; `None` when it is not valid UTF-8.
#[must_use]
pub fn decode_percent(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = (rest.next()? as char).to_digit(16)?;
            let low = (rest.next()? as char).to_digit(16)?;
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Writes `text` so that it stands for itself in a query string.
pub fn encode(text: &str, out: &mut String) {
    use std::fmt::Write;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~*".contains(&byte) {
            out.push(byte as char);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A struct of parameters, made by `parameters!`.
pub trait Parameters: Sized {
    /// Every parameter it takes.
    fn accepted() -> Vec<&'static Param>;
    /// Takes them.
    fn take(pairs: &mut Pairs) -> Self;
}

/// One parameter for the OpenAPI document.
pub fn describe<T: Value>(param: &'static Param) -> Parameter {
    let example = match param.example {
        "" => None,
        text => Some(text.parse::<u64>().map_or_else(|_| serde_json::Value::from(text), serde_json::Value::from)),
    };
    let schema: RefOr<Schema> = T::schema().into();
    ParameterBuilder::new()
        .name(param.name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(format!("{} Accepted: {}.", param.about, param.expected.1)))
        .schema(Some(schema))
        .example(example)
        .build()
}

/// Makes a struct of optional query parameters, its parser and its description.
#[macro_export]
macro_rules! parameters {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty = $param:expr),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name { $(#[doc = concat!("The parameter `", stringify!($field), "`.")] pub $field: Option<$type>),* }

        impl $crate::params::Parameters for $name {
            fn accepted() -> Vec<&'static $crate::params::Param> {
                vec![$(&$param),*]
            }

            #[allow(unused_variables)]
            fn take(pairs: &mut $crate::params::Pairs) -> Self {
                Self { $($field: pairs.take::<$type>(&$param)),* }
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::params::describe::<$type>(&$param)),*]
            }
        }
    };
}

/// The extractor of a struct of parameters.
#[derive(Debug)]
pub struct Query<T> {
    /// The parameters.
    pub ask: T,
    /// Their one spelling.
    pub spelling: Spelling,
}

impl<T: Parameters> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let mut pairs = Pairs::new(request.query_string(), &T::accepted())?;
            let ask = T::take(&mut pairs);
            let spelling = pairs.finish(request.path())?;
            Ok(Query { ask, spelling })
        };
        ready(read())
    }
}

parameters! {
    /// For addresses that take no parameters.
    Nothing {}
}

#[cfg(test)]
mod tests {
    use super::*;

    parameters! {
        Sample { area: AreaCode = known::AREA, limit: Limit = known::LIMIT, age_band: AgeBand = known::AGE_BAND }
    }

    fn read(query: &str) -> Result<(Sample, Spelling), Failure> {
        let mut pairs = Pairs::new(query, &Sample::accepted())?;
        let ask = Sample::take(&mut pairs);
        Ok((ask, pairs.finish("/x")?))
    }

    #[test]
    fn good_parameters_have_one_spelling() {
        let (ask, spelling) = read("limit=7&area=36.71").unwrap();
        assert_eq!(ask.limit.unwrap().0, 7);
        assert_eq!(ask.area.unwrap().to_string(), "36.71");
        assert_eq!(spelling.address("/x", &["limit"], &[("cursor", "a+b")]), "/x?area=36.71&cursor=a%2Bb");
        assert_eq!(read("age_band=60%2B").unwrap().0.age_band.unwrap().0, "60+");
        assert!(matches!(read("area=3671&limit=1"), Err(Failure::Redirect(to)) if to == "/x?area=36.71&limit=1"));
    }

    #[test]
    fn bad_parameters_are_named() {
        for (query, code, name) in [
            ("areaa=36", Code::UnknownParameter, "areaa"),
            ("area=36.7", Code::InvalidParameter, "area"),
            ("area=99.99", Code::InvalidParameter, "area"),
            ("area=", Code::InvalidParameter, "area"),
            ("limit=0", Code::InvalidParameter, "limit"),
            ("limit=1001", Code::InvalidParameter, "limit"),
            ("limit=+5", Code::InvalidParameter, "limit"),
            ("limit=1&limit=2", Code::InvalidParameter, "limit"),
        ] {
            match read(query) {
                Err(Failure::Problem(problem)) => {
                    assert_eq!(problem.code, code, "{query}");
                    assert_eq!(problem.errors[0].parameter, name, "{query}");
                }
                other => panic!("{query}: {other:?}"),
            }
        }
        for query in ["area=%ff", "area=%4", "%zz=1"] {
            assert!(matches!(read(query), Err(Failure::Problem(problem)) if problem.code == Code::InvalidEncoding), "{query}");
        }
    }
}
