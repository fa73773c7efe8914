//! Comparing two records, field by field, into a pattern: three bits for each
//! field, its level or 7 where one of the two lacks it. From bit 48 on, three
//! bits for each field by frequency: how common the more common value is.

use crate::describe::{Comparator, Description};
use crate::name::Names;
use crate::records::Sorted;

/// In a pattern: one of the two has no value.
pub(crate) const MISSING: u8 = 7;

/// A bit for every letter that stands in the word (or one that shares its bit).
pub(crate) fn letters(word: &str) -> u64 {
    word.chars().fold(0, |all, c| all | 1 << (u32::from(c) % 64))
}

/// Whether two words with their letters and lengths are alike by Jaro-Winkler.
/// Most words have too few letters in common, which is seen without looking at
/// their order: a letter that the other word lacks can have no counterpart.
pub(crate) fn alike(one: (&str, u64, u8), other: (&str, u64, u8), least: f64) -> bool {
    let most = (u32::from(one.2).saturating_sub((one.1 & !other.1).count_ones()))
        .min(u32::from(other.2).saturating_sub((other.1 & !one.1).count_ones()));
    if most == 0 {
        return false;
    }
    let most = f64::from(most);
    let jaro = (most / f64::from(one.2) + most / f64::from(other.2) + 1.0) / 3.0;
    // A common start may add up to 0.4 of what lacks to 1.
    let prefix = one.0.bytes().zip(other.0.bytes()).take(4).take_while(|(a, b)| a == b).count() as f64;
    jaro + 0.1 * prefix * (1.0 - jaro) >= least && strsim::jaro_winkler(one.0, other.0) >= least
}

struct Text {
    joined: Box<str>,
    letters: u64,
    length: u8,
}

/// The values of a field's column, made ready.
enum Prepared {
    /// Numbers tell all there is.
    Plain,
    Texts(Vec<Text>),
    Names(Names),
    /// Eight digits, or `None`, which counts as missing.
    Dates(Vec<Option<[u8; 8]>>),
    Digits(Vec<Box<str>>),
}

struct Ready {
    columns: Vec<usize>,
    comparator: Comparator,
    prepared: Prepared,
}

/// Where the bits of commonness begin.
const COMMON: usize = 48;

/// How common a value of so many records is: 0 for 2 to 4, four times as many for each step, up to 7.
fn commonness(records: u32) -> u8 {
    (records.saturating_sub(1).max(1).ilog2() / 2).min(7) as u8
}

/// How many others have a value of this commonness, about.
pub(crate) fn others_of(commonness: u8) -> f64 {
    2.0 * f64::from(1u32 << (2 * commonness))
}

/// A field whose values are not all equally common.
struct Common {
    field: usize,
    column: usize,
    least: u8,
    of: Vec<u8>,
}

/// All fields, made ready.
pub(crate) struct Comparer {
    fields: Vec<Ready>,
    common: Vec<Common>,
}

/// The lowest level of a field at which it matters how common the value is.
pub(crate) const fn least_common(levels: usize) -> u8 {
    if levels > 2 { 2 } else { 1 }
}

fn date(value: &str) -> Option<[u8; 8]> {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    digits.try_into().ok()
}

/// One digit wrong, two neighbours swapped, or day and month swapped.
fn slip_of_date(a: [u8; 8], b: [u8; 8]) -> bool {
    let wrong = (0..8).filter(|at| a[*at] != b[*at]).count();
    if wrong <= 1 {
        return true;
    }
    let neighbours = wrong == 2 && (0..7).any(|at| a[at] != b[at] && a[at] == b[at + 1] && a[at + 1] == b[at]);
    neighbours || (a[..4] == b[..4] && a[4..6] == b[6..] && a[6..] == b[4..6])
}

fn date_level(a: [u8; 8], b: [u8; 8]) -> u8 {
    if a == b {
        return 3;
    }
    if slip_of_date(a, b) {
        return 2;
    }
    let equal = [0..4, 4..6, 6..8].into_iter().filter(|part| a[part.clone()] == b[part.clone()]).count();
    u8::from(equal >= 2)
}

/// How many slips lead from the one to the other; 3 for more than two.
fn slips(a: &str, b: &str) -> usize {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let (Some((x, rest)), Some((y, other))) = (a.split_first(), b.split_first()) {
        if x != y {
            break;
        }
        (a, b) = (rest, other);
    }
    while let (Some((x, rest)), Some((y, other))) = (a.split_last(), b.split_last()) {
        if x != y {
            break;
        }
        (a, b) = (rest, other);
    }
    match (a.len(), b.len()) {
        (0, n) | (n, 0) => return n.min(3),
        (1, 1) => return 1,
        (1, 2) | (2, 1) => return 2,
        (2, 2) => return if a[0] == b[1] && a[1] == b[0] { 1 } else { 2 },
        (m, n) if m.abs_diff(n) > 2 => return 3,
        _ => {}
    }
    // What remains begins and ends with a difference. Two slips leave at most
    // two bytes of the one that the other lacks.
    let mut balance = [0i8; 256];
    for byte in a.iter().take(100) {
        balance[usize::from(*byte)] += 1;
    }
    for byte in b.iter().take(100) {
        balance[usize::from(*byte)] -= 1;
    }
    if balance.iter().map(|count| i32::from(*count).abs()).sum::<i32>() > 4 {
        return 3;
    }
    match (std::str::from_utf8(a), std::str::from_utf8(b)) {
        (Ok(a), Ok(b)) => strsim::osa_distance(a, b).min(3),
        _ => 3,
    }
}

impl Comparer {
    pub(crate) fn of(description: &Description, records: &Sorted) -> Comparer {
        let fields = description
            .fields
            .iter()
            .map(|field| {
                let values = &records.values[field.columns[0]];
                let prepared = match field.comparator {
                    Comparator::Exact | Comparator::Nested => Prepared::Plain,
                    Comparator::Text => Prepared::Texts(
                        values
                            .iter()
                            .map(|value| {
                                let joined: String = value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
                                Text {
                                    letters: letters(&joined),
                                    length: u8::try_from(joined.chars().count()).unwrap_or(u8::MAX),
                                    joined: joined.into(),
                                }
                            })
                            .collect(),
                    ),
                    Comparator::Name => Prepared::Names(Names::of(values)),
                    Comparator::Date => Prepared::Dates(values.iter().map(|value| date(value)).collect()),
                    Comparator::Digits => Prepared::Digits(values.clone()),
                };
                Ready { columns: field.columns.clone(), comparator: field.comparator, prepared }
            })
            .collect();
        let common = description
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.by_frequency)
            .map(|(place, field)| Common {
                field: place,
                column: field.columns[0],
                least: least_common(description.levels(place)),
                of: records.counts[field.columns[0]].iter().map(|count| commonness(*count)).collect(),
            })
            .collect();
        Comparer { fields, common }
    }

    fn level(&self, field: &Ready, one: &[u32], other: &[u32]) -> u8 {
        if field.comparator == Comparator::Nested {
            let mut known = false;
            for (place, column) in field.columns.iter().enumerate() {
                let (a, b) = (one[*column], other[*column]);
                if a != 0 && b != 0 {
                    known = true;
                    if a == b {
                        return (field.columns.len() - place) as u8;
                    }
                }
            }
            return if known { 0 } else { MISSING };
        }
        let column = field.columns[0];
        let (a, b) = (one[column].min(other[column]), one[column].max(other[column]));
        if a == 0 {
            return MISSING;
        }
        let (a, b) = (a as usize - 1, b as usize - 1);
        match &field.prepared {
            Prepared::Plain => u8::from(a == b),
            Prepared::Texts(texts) => {
                let (x, y) = (&texts[a], &texts[b]);
                if a == b || x.joined == y.joined {
                    return 3;
                }
                let alike = |least| alike((&x.joined, x.letters, x.length), (&y.joined, y.letters, y.length), least);
                if !alike(0.80) { 0 } else { 1 + u8::from(alike(0.92)) }
            }
            Prepared::Names(_) if a == b => 5,
            Prepared::Names(names) => names.level(a, b),
            Prepared::Dates(dates) => match (dates[a], dates[b]) {
                (Some(x), Some(y)) => date_level(x, y),
                _ => MISSING,
            },
            Prepared::Digits(_) if a == b => 3,
            Prepared::Digits(values) => 3 - slips(&values[a], &values[b]) as u8,
        }
    }

    /// The pattern of two records.
    pub(crate) fn pattern(&self, one: &[u32], other: &[u32]) -> u64 {
        let mut pattern = 0;
        for (place, field) in self.fields.iter().enumerate() {
            pattern |= u64::from(self.level(field, one, other)) << (3 * place);
        }
        for (place, common) in self.common.iter().enumerate() {
            let level = level_in(pattern, common.field);
            if level != MISSING && level >= common.least {
                let of = |row: &[u32]| common.of[row[common.column] as usize];
                pattern |= u64::from(of(one).max(of(other))) << (COMMON + 3 * place);
            }
        }
        pattern
    }

    pub(crate) fn bytes(&self) -> usize {
        self.fields
            .iter()
            .map(|field| match &field.prepared {
                Prepared::Plain => 0,
                Prepared::Texts(texts) => texts.iter().map(|text| text.joined.len() + 48).sum(),
                Prepared::Names(names) => names.bytes(),
                Prepared::Dates(dates) => dates.len() * 9,
                Prepared::Digits(values) => values.iter().map(|value| value.len() + 32).sum(),
            })
            .sum()
    }
}

/// The level of a field in a pattern.
pub(crate) const fn level_in(pattern: u64, field: usize) -> u8 {
    (pattern >> (3 * field) & 7) as u8
}

/// The commonness in a pattern, of the fields by frequency in their order.
pub(crate) const fn common_in(pattern: u64, place: usize) -> u8 {
    (pattern >> (COMMON + 3 * place) & 7) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates() {
        for (a, b, level) in [
            ("19840312", "1984-03-12", 3),
            ("19840312", "19840321", 2),
            ("19840312", "19841203", 2),
            ("19840312", "19480312", 2),
            ("19840312", "19850312", 2),
            ("19840312", "19840329", 1),
            ("19840312", "19840429", 0),
        ] {
            assert_eq!(date_level(date(a).unwrap(), date(b).unwrap()), level, "{a} {b}");
        }
        assert!(date("1984").is_none());
    }

    #[test]
    fn slips_of_numbers() {
        for (a, b, expected) in
            [("123456", "123456", 0), ("123456", "124356", 1), ("123456", "23456", 1), ("123456", "234567", 2), ("123456", "654321", 3)]
        {
            assert_eq!(slips(a, b), expected, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn slips_are_edit_distance(a in "[0-3]{0,9}", b in "[0-3]{0,9}") {
            prop_assert_eq!(slips(&a, &b), strsim::osa_distance(&a, &b).min(3));
        }

        #[test]
        fn the_short_cut_never_hides_likeness(a in "[A-F]{1,8}", b in "[A-F]{1,8}", least in 0.71f64..1.0) {
            let of = |word: &str| (letters(word), word.len() as u8);
            let quick = alike((&a, of(&a).0, of(&a).1), (&b, of(&b).0, of(&b).1), least);
            prop_assert_eq!(quick, strsim::jaro_winkler(&a, &b) >= least);
        }
    }
}
