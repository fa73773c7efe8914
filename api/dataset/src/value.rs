//! The plain values that rows are made of.

use crate::{Field, Kind, Result};

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A code, a month or words; never empty.
    Text(String),
    /// A whole number.
    Count(u64),
    /// None: empty in CSV and workbooks, `null` in JSON and Parquet.
    Empty,
}

impl Value {
    /// The value of a text in a field: a number where it counts, none where the
    /// text is empty.
    ///
    /// # Errors
    /// In words, when it is not a value of the field in its one spelling.
    pub fn parse(field: &Field, text: &str) -> std::result::Result<Value, String> {
        if text.is_empty() {
            return if field.optional { Ok(Value::Empty) } else { Err(format!("{} is empty", field.name)) };
        }
        if field.kind != Kind::Count {
            return Ok(Value::Text(text.to_owned()));
        }
        let digits = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        match text.parse::<u64>() {
            Ok(count) if digits && count <= MOST => Ok(Value::Count(count)),
            _ => Err(format!("{} is {:?}, expected a whole number", field.name, text.chars().take(40).collect::<String>())),
        }
    }

    /// The value, borrowed.
    #[must_use]
    pub fn part(&self) -> Part<'_> {
        match self {
            Value::Text(text) => Part::text(text),
            Value::Count(count) => Part::Count(*count),
            Value::Empty => Part::Empty,
        }
    }
}

/// The largest count that every form holds: Parquet's are signed.
pub const MOST: u64 = i64::MAX.cast_unsigned();

/// A value of a row that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A code, a month or words; never empty.
    Text(&'a str),
    /// A whole number.
    Count(u64),
    /// None.
    Empty,
}

impl<'a> Part<'a> {
    /// A text; none when it is empty.
    #[must_use]
    pub fn text(text: &'a str) -> Part<'a> {
        if text.is_empty() { Part::Empty } else { Part::Text(text) }
    }

    /// A count where there is one.
    #[must_use]
    pub fn count(count: Option<u64>) -> Part<'a> {
        count.map_or(Part::Empty, Part::Count)
    }

    /// The value, held.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Part::Text(text) => Value::Text(text.to_owned()),
            Part::Count(count) => Value::Count(count),
            Part::Empty => Value::Empty,
        }
    }

    /// Whether this can be a value of the field.
    #[must_use]
    pub fn fits(self, field: &Field) -> bool {
        match self {
            Part::Text(text) => field.kind != Kind::Count && !text.is_empty(),
            Part::Count(count) => field.kind == Kind::Count && count <= MOST,
            Part::Empty => field.optional,
        }
    }
}

/// The rows of a file, which can be gone through as often as there are forms,
/// by several threads at once.
pub trait Rows: Sync {
    /// Gives each row in turn, its values in the order of the fields.
    ///
    /// # Errors
    /// Those of `each`, and of the source of the rows.
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> Result<()>) -> Result<()>;
}

impl Rows for [Vec<Value>] {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> Result<()>) -> Result<()> {
        let mut parts = Vec::new();
        for row in self {
            parts.clear();
            // The parts live as long as the rows, not as long as one turn.
            parts.extend(row.iter().map(Value::part));
            each(&parts)?;
        }
        Ok(())
    }
}

impl Rows for Vec<Vec<Value>> {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> Result<()>) -> Result<()> {
        self.as_slice().visit(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::{ATOMS, CELLS};

    #[test]
    fn a_value_has_one_spelling() {
        let (count, optional) = (&ATOMS.fields[7], &CELLS[5]);
        assert_eq!(Value::parse(count, "0"), Ok(Value::Count(0)));
        assert_eq!(Value::parse(optional, ""), Ok(Value::Empty));
        for wrong in ["", "007", "+1", "1.5", "-1", " 1", "9223372036854775808", "99999999999999999999"] {
            assert!(Value::parse(count, wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Value::parse(count, "9223372036854775807"), Ok(Value::Count(MOST)));
        assert!(!Part::Text("").fits(&CELLS[4]) && !Part::Empty.fits(count) && !Part::Text("1").fits(count));
    }
}
