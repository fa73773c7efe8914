//! How the vocabulary is kept as small numbers, both ways.
//!
//! Numbers keep the catalogue small and make an area's inside a range. None of
//! them is published, so a form may change with a migration and a rebuild.

use anyhow::{Result, anyhow};
use domain::codebook::Attribute;
use domain::{AreaCode, AreaLabel, Level, Period, ReleaseId, Status, Table};

/// The range of numbers an area covers: its own code filled with zeros to ten
/// digits, up to the last code that lies in it.
///
/// A filled code is the number of one area only, since no part of a code is zero.
#[must_use]
pub fn range(area: AreaCode) -> (i64, i64) {
    let step = step(area.level());
    let low = area.number() as i64 * step;
    (low, low + step - 1)
}

/// The areas that hold `area`, as numbers.
#[must_use]
pub fn ancestors(area: AreaCode) -> Vec<i64> {
    std::iter::successors(area.parent(), |above| above.parent()).map(|above| range(above).0).collect()
}

/// The area whose filled code is `low`.
///
/// # Errors
/// When no area can have this number.
pub fn area(low: i64) -> Result<AreaCode> {
    let level = match low {
        n if n % step(Level::Provinsi) == 0 => Level::Provinsi,
        n if n % step(Level::Kabupaten) == 0 => Level::Kabupaten,
        n if n % step(Level::Kecamatan) == 0 => Level::Kecamatan,
        _ => Level::Kelurahan,
    };
    Ok(AreaCode::from_number(level, u64::try_from(low / step(level))?)?)
}

const fn step(level: Level) -> i64 {
    match level {
        Level::Provinsi => 100_000_000,
        Level::Kabupaten => 1_000_000,
        Level::Kecamatan => 10_000,
        Level::Kelurahan => 1,
    }
}

/// The number of a pool: 63 bits of FNV-1a of its label, so that it does not
/// depend on the order in which releases were loaded. Loading refuses two
/// labels of one number.
#[must_use]
pub fn pool(label: &AreaLabel) -> i64 {
    let hash =
        label.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    ((hash >> 1) as i64).max(1)
}

/// A level as a number, 0 for provinsi.
#[must_use]
pub const fn level(level: Level) -> i16 {
    match level {
        Level::Provinsi => 0,
        Level::Kabupaten => 1,
        Level::Kecamatan => 2,
        Level::Kelurahan => 3,
    }
}

/// The month of an ordinal.
///
/// # Errors
/// When it is not a month of [`Period`]'s range.
pub fn period(ordinal: i32) -> Result<Period> {
    Ok(Period::new(i16::try_from(ordinal.div_euclid(12))?, ordinal.rem_euclid(12) as i8 + 1)?)
}

/// A release of a known district as a number: its month and its revision.
#[must_use]
pub fn issue(release: ReleaseId) -> i64 {
    i64::from(release.period().ordinal()) << REVISION_BITS | i64::from(release.revision())
}

/// The release of `district` that a number stands for.
///
/// # Errors
/// When no release can have this number.
pub fn issue_of(district: AreaCode, number: i64) -> Result<ReleaseId> {
    let month = period(i32::try_from(number >> REVISION_BITS)?)?;
    Ok(ReleaseId::new(district, month, u32::try_from(number & ((1 << REVISION_BITS) - 1))?)?)
}

const REVISION_BITS: u32 = 16;

/// A table as a number.
#[must_use]
pub fn table(table: Table) -> i16 {
    position(&Table::ALL, &table).unwrap_or(-1)
}

/// A measure of a table as a number.
///
/// # Errors
/// When the table has no such measure.
pub fn measure(table: Table, measure: &str) -> Result<i16> {
    position(table.measures(), &measure)
        .ok_or_else(|| anyhow!("table {table} has no measure {measure:?}: expected one of {}", table.measures().join(", ")))
}

/// The measure of a number.
///
/// # Errors
/// When the table has none of this number.
pub fn measure_of(table: Table, number: i16) -> Result<&'static str> {
    usize::try_from(number).ok().and_then(|n| table.measures().get(n)).copied().ok_or_else(|| anyhow!("no measure {number} in {table}"))
}

/// A status as a number.
#[must_use]
pub fn status(status: Status) -> i16 {
    position(&Status::ALL, &status).unwrap_or(-1)
}

/// The status of a number.
///
/// # Errors
/// When there is none of this number.
pub fn status_of(number: i16) -> Result<Status> {
    usize::try_from(number).ok().and_then(|n| Status::ALL.get(n)).copied().ok_or_else(|| anyhow!("no status {number}"))
}

/// A codebook label as a number.
///
/// # Errors
/// When the attribute has no such label.
pub fn label(attribute: &Attribute, code: &str) -> Result<i16> {
    let at = attribute.labels.iter().position(|label| label.code == code);
    at.and_then(|at| i16::try_from(at).ok()).ok_or_else(|| anyhow!("{} has no label {code:?}", attribute.name))
}

/// The codebook label of a number.
///
/// # Errors
/// When the attribute has none of this number.
pub fn label_of(attribute: &Attribute, number: i16) -> Result<&'static str> {
    let label = usize::try_from(number).ok().and_then(|n| attribute.labels.get(n));
    label.map(|label| label.code).ok_or_else(|| anyhow!("{} has no label {number}", attribute.name))
}

fn position<T: PartialEq>(all: &[T], wanted: &T) -> Option<i16> {
    all.iter().position(|one| one == wanted).and_then(|at| i16::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_ranges_that_nest() {
        let codes: Vec<AreaCode> = ["36", "36.71", "36.71.01", "36.71.01.1001"].iter().map(|c| c.parse().unwrap()).collect();
        for pair in codes.windows(2) {
            let (outer, inner) = (range(pair[0]), range(pair[1]));
            assert!(outer.0 < inner.0 && inner.1 <= outer.1);
        }
        for code in &codes {
            assert_eq!(area(range(*code).0).unwrap(), *code);
        }
        assert_eq!(ancestors(codes[2]), vec![range(codes[1]).0, range(codes[0]).0]);
    }

    #[test]
    fn words_read_back() {
        let june: Period = "2025-06".parse().unwrap();
        assert_eq!(period(june.ordinal()).unwrap(), june);
        for table in Table::ALL {
            for word in table.measures() {
                assert_eq!(measure_of(table, measure(table, word).unwrap()).unwrap(), *word);
            }
        }
        for attribute in domain::codebook::ATTRIBUTES {
            for entry in attribute.labels {
                assert_eq!(label_of(attribute, label(attribute, entry.code).unwrap()).unwrap(), entry.code);
            }
        }
        for text in ["36.71-2025-06", "36.71-2025-06-r2", "36.71-2031-12-r65535"] {
            let release: ReleaseId = text.parse().unwrap();
            assert_eq!(issue_of(release.district(), issue(release)).unwrap(), release);
        }
        assert!(measure(Table::Totals, "paid").is_err());
    }

    #[test]
    fn a_pools_number_depends_on_its_members_only() {
        let pool_of = |text: &str| pool(&text.parse().unwrap());
        assert_eq!(pool_of("36.71.01.1001~36.71.01.1002"), pool_of("36.71.01.1002~36.71.01.1001"));
        assert_ne!(pool_of("36.71.01.1001~36.71.01.1002"), pool_of("36.71.01.1001~36.71.01.1003"));
    }
}
