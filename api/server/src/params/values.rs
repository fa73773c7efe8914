//! What the text of a parameter can mean: read strictly, and described by a
//! schema that says the same.
//!
//! Two things can be wrong with a value. Its form: then the schema refuses it,
//! and the answer is 400. Or it has the form and names nothing (an area, a
//! release, a version, a page): no schema can know that, and the answer is 404.
//! A test holds reader and schema against each other.

use domain::{AreaCode, EditionId, Level, Period, ProgramCode, ReleaseId, Table};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::negotiate::Format;
use crate::views::categories;
use crate::words::Language;

/// Why a text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// It has not the form that the schema tells.
    Form,
    /// It has the form, and names nothing that exists.
    Unknown,
}

/// A type that a parameter's text is read into.
pub trait Value: Sized {
    /// Reads the text.
    ///
    /// # Errors
    /// Whether its form is wrong, or what it names is not there.
    fn read(text: &str) -> Result<Self, Bad>;

    /// The one spelling of the value, where it has several.
    fn spelling(&self) -> Option<String> {
        None
    }

    /// All that is accepted, where that is a list.
    fn list() -> Vec<String> {
        Vec::new()
    }

    /// Its schema in the OpenAPI document.
    fn schema() -> ObjectBuilder;
}

/// A text.
fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// A number.
fn integer() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer))
}

/// One of some words.
fn one_of(words: Vec<String>) -> ObjectBuilder {
    text().enum_values(Some(words))
}

/// The forms of codes and ids, as regular expressions without anchors.
mod form {
    /// Two digits of a provinsi: codes start at 11.
    const PROVINSI: &str = "(?:1[1-9]|[2-9][0-9])";
    /// Two digits below a provinsi.
    const TWO: &str = "(?:0[1-9]|[1-9][0-9])";
    /// Four digits of a kelurahan.
    const FOUR: &str = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";
    /// A month.
    pub const MONTH: &str = "2[01][0-9]{2}-(?:0[1-9]|1[0-2])";
    /// A second issue and later ones.
    const REVISION: &str = "(?:-r(?:[2-9]|[1-9][0-9]{1,8}))?";

    /// An area's code, dotted or not.
    pub fn area() -> String {
        format!("{PROVINSI}(?:\\.{TWO}(?:\\.{TWO}(?:\\.{FOUR})?)?|{TWO}(?:{TWO}(?:{FOUR})?)?)?")
    }

    /// A release's id.
    pub fn release() -> String {
        format!("{PROVINSI}\\.{TWO}-{MONTH}{REVISION}")
    }

    /// An edition's id.
    pub fn edition() -> String {
        format!("2[01][0-9]{{2}}Q[1-4]{REVISION}")
    }

    /// The whole of a text has the form.
    pub fn whole(form: &str) -> String {
        format!("^{form}$")
    }
}

impl Value for AreaCode {
    fn read(text: &str) -> Result<Self, Bad> {
        let code: AreaCode = text.parse().map_err(|_| Bad::Form)?;
        if reference::areas().get(code).is_some() { Ok(code) } else { Err(Bad::Unknown) }
    }

    fn spelling(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn schema() -> ObjectBuilder {
        text().pattern(Some(form::whole(&form::area())))
    }
}

impl Value for ReleaseId {
    fn read(text: &str) -> Result<Self, Bad> {
        text.parse().map_err(|_| Bad::Form)
    }

    fn schema() -> ObjectBuilder {
        text().pattern(Some(form::whole(&form::release())))
    }
}

impl Value for EditionId {
    fn read(text: &str) -> Result<Self, Bad> {
        text.parse().map_err(|_| Bad::Form)
    }

    fn schema() -> ObjectBuilder {
        text().pattern(Some(form::whole(&form::edition())))
    }
}

/// The codes of all programs.
fn programs() -> Vec<String> {
    reference::programs().iter().map(|program| program.code.to_string()).collect()
}

impl Value for ProgramCode {
    fn read(text: &str) -> Result<Self, Bad> {
        text.parse().ok().filter(|code| reference::program(code).is_some()).ok_or(Bad::Form)
    }

    fn list() -> Vec<String> {
        programs()
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
    }
}

/// A program's code, or [`ProgramCode::ALL`] for figures of no one program.
#[derive(Debug, Clone)]
pub struct ProgramOrAll(pub ProgramCode);

impl Value for ProgramOrAll {
    fn read(text: &str) -> Result<Self, Bad> {
        AllPrograms::read(text).map(|all| all.0).or_else(|_| ProgramCode::read(text)).map(ProgramOrAll)
    }

    fn list() -> Vec<String> {
        [AllPrograms::list(), programs()].concat()
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
    }
}

/// [`ProgramCode::ALL`] alone, of tables that have no figures of one program.
#[derive(Debug, Clone)]
pub struct AllPrograms(pub ProgramCode);

impl Value for AllPrograms {
    fn read(text: &str) -> Result<Self, Bad> {
        if text == ProgramCode::ALL { Ok(AllPrograms(ProgramCode::all())) } else { Err(Bad::Form) }
    }

    fn list() -> Vec<String> {
        vec![ProgramCode::ALL.to_owned()]
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
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
    fn read(text: &str) -> Result<Self, Bad> {
        text.parse().map_err(|_| Bad::Form)
    }

    fn list() -> Vec<String> {
        Level::ALL.iter().map(|level| level.as_str().to_owned()).collect()
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
    }
}

/// The largest number that every reader of JSON keeps exactly.
const LARGEST: u64 = (1 << 53) - 1;

impl Value for u64 {
    fn read(text: &str) -> Result<Self, Bad> {
        // A plain number only: no sign, no leading zero.
        let number: u64 = text.parse().map_err(|_| Bad::Form)?;
        if number.to_string() == text && (1..=LARGEST).contains(&number) { Ok(number) } else { Err(Bad::Form) }
    }

    fn schema() -> ObjectBuilder {
        integer().minimum(Some(1)).maximum(Some(LARGEST as usize))
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
    fn read(text: &str) -> Result<Self, Bad> {
        let number = usize::try_from(u64::read(text)?).map_err(|_| Bad::Form)?;
        if (1..=Limit::MOST).contains(&number) { Ok(Limit(number)) } else { Err(Bad::Form) }
    }

    fn schema() -> ObjectBuilder {
        integer().minimum(Some(1)).maximum(Some(Limit::MOST)).default(Some(Limit::DEFAULT.into()))
    }
}

/// A yes-or-no parameter: `1` or `0`.
#[derive(Debug, Clone, Copy)]
pub struct Flag(pub bool);

impl Value for Flag {
    fn read(text: &str) -> Result<Self, Bad> {
        match text {
            "1" => Ok(Flag(true)),
            "0" => Ok(Flag(false)),
            _ => Err(Bad::Form),
        }
    }

    fn schema() -> ObjectBuilder {
        one_of(vec!["0".to_owned(), "1".to_owned()])
    }
}

impl Value for Language {
    fn read(text: &str) -> Result<Self, Bad> {
        [Language::Indonesian, Language::English].into_iter().find(|language| language.tag() == text).ok_or(Bad::Form)
    }

    fn schema() -> ObjectBuilder {
        one_of(vec!["id".to_owned(), "en".to_owned()])
    }
}

/// The format asked for by `?format=`.
impl Value for Format {
    fn read(text: &str) -> Result<Self, Bad> {
        Format::ALL.into_iter().find(|format| format.as_str() == text).ok_or(Bad::Form)
    }

    fn schema() -> ObjectBuilder {
        one_of(Format::ALL.map(|format| format.as_str().to_owned()).into())
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
    fn read(text: &str) -> Result<Self, Bad> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (from, to) = (from.parse().map_err(|_| Bad::Form)?, to.parse().map_err(|_| Bad::Form)?);
        // A range that ends before it starts has the form, and no month in it.
        if from <= to { Ok(Months { from, to }) } else { Err(Bad::Unknown) }
    }

    fn schema() -> ObjectBuilder {
        text().pattern(Some(form::whole(&format!("{0}(?:\\.\\.{0})?", form::MONTH))))
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
    fn read(text: &str) -> Result<Self, Bad> {
        let plain = (1..=80).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if plain { Ok(Search(text.trim().to_owned())) } else { Err(Bad::Form) }
    }

    fn schema() -> ObjectBuilder {
        text().min_length(Some(1)).max_length(Some(80)).pattern(Some("^[^\\x00-\\x1F\\x7F-\\x9F]*$"))
    }
}

/// The text of a cursor; what is in it is for [`crate::cursor`] to read.
#[derive(Debug, Clone)]
pub struct CursorText(pub String);

impl CursorText {
    /// How every cursor begins: the form of its content, encoded.
    pub const START: &str = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo";
    /// One of a version, list and place that are not there.
    pub const EXAMPLE: &str = "eyJmb3JtIjoxLCJ2ZXJzaW9uIjo3LCJsaXN0IjoxLCJwbGFjZSI6MTAwfbY0QhVt";
    /// The length of the rest, in bytes.
    const REST: std::ops::RangeInclusive<usize> = 24..=485;
}

impl Value for CursorText {
    fn read(text: &str) -> Result<Self, Bad> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let rest = text.strip_prefix(Self::START).ok_or(Bad::Form)?;
        if Self::REST.contains(&rest.len()) && rest.bytes().all(plain) { Ok(CursorText(text.to_owned())) } else { Err(Bad::Form) }
    }

    fn schema() -> ObjectBuilder {
        let (least, most) = (Self::REST.start(), Self::REST.end());
        let pattern = format!("^{}[A-Za-z0-9_-]{{{least},{most}}}$", Self::START);
        // Beside the schema, not the parameter: forms would fill it in, and it leads nowhere.
        text().pattern(Some(pattern)).examples([Self::EXAMPLE])
    }
}

/// A label of the codebook, by attribute.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $attribute:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name(pub &'static str);

        impl Value for $name {
            fn read(text: &str) -> Result<Self, Bad> {
                $attribute.label(text).map(|label| $name(label.code)).map_err(|_| Bad::Form)
            }

            fn list() -> Vec<String> {
                $attribute.labels.iter().map(|label| label.code.to_owned()).collect()
            }

            fn schema() -> ObjectBuilder {
                one_of(Self::list())
            }
        }
    };
}

label!(/** A label of sex. */ Sex, domain::codebook::SEX);
label!(/** A label of age. */ AgeBand, domain::codebook::AGE_BAND);
label!(/** A label of family size. */ FamilySize, domain::codebook::FAMILY_SIZE);

impl Value for Table {
    fn read(text: &str) -> Result<Self, Bad> {
        text.parse().map_err(|_| Bad::Form)
    }

    fn list() -> Vec<String> {
        Table::ALL.iter().map(|table| table.as_str().to_owned()).collect()
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
    }
}

/// A measure of the table with this place in [`Table::ALL`].
#[derive(Debug, Clone, Copy)]
pub struct Measure<const TABLE: usize>(pub &'static str);

impl<const TABLE: usize> Value for Measure<TABLE> {
    fn read(text: &str) -> Result<Self, Bad> {
        Table::ALL[TABLE].measures().iter().find(|measure| **measure == text).map(|measure| Measure(measure)).ok_or(Bad::Form)
    }

    fn list() -> Vec<String> {
        Table::ALL[TABLE].measures().iter().map(|measure| (*measure).to_owned()).collect()
    }

    fn schema() -> ObjectBuilder {
        one_of(Self::list())
    }
}

/// A category of the table with this place in [`Table::ALL`], or several joined
/// by `~`. Of coverage it is a source of the denominator, and those may be new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category<const TABLE: usize>(pub String);

impl<const TABLE: usize> Category<TABLE> {
    /// The longest text.
    const LONGEST: usize = 200;
    /// Whether any plain word may be one.
    const OPEN: bool = matches!(Table::ALL[TABLE], Table::Coverage);
}

impl<const TABLE: usize> Value for Category<TABLE> {
    fn read(text: &str) -> Result<Self, Bad> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let known = Self::list();
        let good = |part: &str| if Self::OPEN { !part.is_empty() && part.bytes().all(plain) } else { known.iter().any(|one| one == part) };
        if text.len() <= Self::LONGEST && text.split('~').all(good) { Ok(Category(text.to_owned())) } else { Err(Bad::Form) }
    }

    fn list() -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        for one in categories(Table::ALL[TABLE]) {
            if !list.contains(&one.category) {
                list.push(one.category);
            }
        }
        list
    }

    fn schema() -> ObjectBuilder {
        let escape = |word: &String| word.replace('+', "\\+").replace('*', "\\*").replace('.', "\\.");
        let one = if Self::OPEN {
            "[A-Za-z0-9_.-]+".to_owned()
        } else {
            format!("(?:{})", Self::list().iter().map(escape).collect::<Vec<_>>().join("|"))
        };
        text().min_length(Some(1)).max_length(Some(Self::LONGEST)).pattern(Some(format!("^{one}(?:~{one})*$")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use utoipa::openapi::{RefOr, Schema};

    fn of<T: Value>() -> utoipa::openapi::Object {
        match T::schema().into() {
            RefOr::T(Schema::Object(object)) => object,
            _ => panic!("a schema of a value is an object"),
        }
    }

    /// Texts that the schema accepts.
    fn good<T: Value>() -> BoxedStrategy<String> {
        let schema = of::<T>();
        match (schema.pattern, schema.enum_values) {
            (Some(pattern), _) => {
                let most = schema.max_length.unwrap_or(usize::MAX);
                let least = schema.min_length.unwrap_or(0);
                let fits = move |text: &String| (least..=most).contains(&text.chars().count());
                proptest::string::string_regex(pattern.trim_start_matches('^').trim_end_matches('$'))
                    .unwrap()
                    .prop_filter("length", fits)
                    .boxed()
            }
            (None, Some(words)) => {
                let words: Vec<String> = words.into_iter().map(|word| word.as_str().unwrap().to_owned()).collect();
                proptest::sample::select(words).boxed()
            }
            (None, None) => Just("1".to_owned()).boxed(),
        }
    }

    /// What the schema accepts has a good form for the reader, too.
    fn agrees<T: Value>() {
        let mut runner = proptest::test_runner::TestRunner::default();
        runner
            .run(&good::<T>(), |text| {
                prop_assert!(!matches!(T::read(&text), Err(Bad::Form)), "{text:?} is good by the schema and refused by the reader");
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn reader_and_schema_agree() {
        agrees::<AreaCode>();
        agrees::<ReleaseId>();
        agrees::<EditionId>();
        agrees::<Months>();
        agrees::<ProgramCode>();
        agrees::<ProgramOrAll>();
        agrees::<AllPrograms>();
        agrees::<Level>();
        agrees::<u64>();
        agrees::<Limit>();
        agrees::<Flag>();
        agrees::<Format>();
        agrees::<Search>();
        agrees::<CursorText>();
        agrees::<Sex>();
        agrees::<AgeBand>();
        agrees::<FamilySize>();
        agrees::<Table>();
        agrees::<Measure<{ Table::Payments as usize }>>();
        agrees::<Category<{ Table::Demographics as usize }>>();
        agrees::<Category<{ Table::Coverage as usize }>>();
        agrees::<Category<{ Table::Flows as usize }>>();
        assert!(CursorText::read(CursorText::EXAMPLE).is_ok());
    }

    #[test]
    fn tables_are_numbered_by_their_order() {
        for (at, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table as usize, at);
        }
        assert_eq!(Measure::<{ Table::Totals as usize }>::list(), ["units"]);
    }

    #[test]
    fn a_bad_form_and_a_name_of_nothing_are_two_things() {
        assert_eq!(AreaCode::read("36.7"), Err(Bad::Form));
        assert_eq!(AreaCode::read("36.71.99"), Err(Bad::Unknown));
        assert!(matches!(Months::read("2025-13"), Err(Bad::Form)));
        assert!(matches!(Months::read("2025-04..2025-01"), Err(Bad::Unknown)));
        assert!(u64::read("0").is_err() && u64::read("9007199254740992").is_err() && u64::read("9007199254740991").is_ok());
        assert!(CursorText::read("xyz").is_err());
        assert!(Search::read("").is_err() && Search::read(&"a".repeat(81)).is_err() && Search::read("a\u{1}").is_err());
        assert!(Category::<{ Table::Verification as usize }>::read("valid~nothing").is_err());
    }
}
