//! Query parameters: read strictly, described once.
//!
//! The `parameters!` macro makes one struct from which both the parser and the
//! OpenAPI document come, so that neither can know a parameter that the other
//! does not. An unknown, repeated or bad parameter is an error that names what
//! is accepted.

pub mod known;
mod values;

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

pub use values::{
    AgeBand, AllPrograms, Bad, Category, CursorText, FamilySize, Flag, Limit, Measure, Months, ProgramOrAll, Search, Sex, Value,
};

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

/// The decoded parameters of one request, in their order.
pub struct Pairs {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
    /// The worst thing wrong with any value.
    bad: Option<Bad>,
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
        Ok(Pairs { pairs, errors: Vec::new(), bad: None, taken: Vec::new(), respelt: false })
    }

    /// Takes a parameter; a bad value is kept as an error for [`Pairs::finish`].
    pub fn take<T: Value>(&mut self, param: &'static Param) -> Option<T> {
        let (_, text) = self.pairs.iter().find(|(name, _)| name == param.name)?;
        match T::read(text) {
            Ok(value) => {
                let spelling = value.spelling();
                self.respelt |= spelling.as_ref().is_some_and(|spelling| spelling != text);
                self.taken.push((param.name, spelling.unwrap_or_else(|| text.clone())));
                Some(value)
            }
            Err(bad) => {
                if self.bad != Some(Bad::Form) {
                    self.bad = Some(bad);
                }
                let shown: String = text.chars().take(40).collect();
                let list = T::list().join(", ");
                let expected = |words: &str| if list.is_empty() { words.to_owned() } else { list.clone() };
                let (id, en) = (expected(param.expected.0), expected(param.expected.1));
                let detail = match bad {
                    Bad::Form => Text::new(
                        format!("\"{shown}\" tidak diterima: yang diterima {id}"),
                        format!("\"{shown}\" is not accepted: expected {en}"),
                    ),
                    Bad::Unknown => {
                        Text::new(format!("\"{shown}\" tidak ada: yang diterima {id}"), format!("\"{shown}\" is not there: expected {en}"))
                    }
                };
                self.errors.push(FieldError { parameter: param.name.to_owned(), detail });
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
            let code = if self.bad == Some(Bad::Unknown) { Code::UnknownValue } else { Code::InvalidParameter };
            let mut problem = Problem::new(code, detail);
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
    decode_percent(&spaced).map(|text| Cow::Owned(text.into_owned()))
}

/// Decodes percent-encoding alone, as in paths; `None` when it is not valid UTF-8.
#[must_use]
pub fn decode_percent(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
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
    String::from_utf8(bytes).ok().map(Cow::Owned)
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
    // Each table has measures of its own.
    let list = T::list();
    let text = if list.is_empty() || list.iter().any(|one| one == param.example) { param.example } else { list[0].as_str() };
    let example = if text.is_empty() { None } else { Some(serde_json::Value::from(text)) };
    let schema: RefOr<Schema> = T::schema().into();
    // A number's example is a number; a code of digits alone stays a text.
    let number = matches!(&schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Integer));
    let example = if number { param.example.parse::<u64>().ok().map(serde_json::Value::from) } else { example };
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
    use domain::AreaCode;

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
            ("area=99.99", Code::UnknownValue, "area"),
            ("area=36.71.99&limit=5", Code::UnknownValue, "area"),
            ("area=99.99&limit=0", Code::InvalidParameter, "area"),
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
