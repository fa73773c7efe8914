//! The anonymised list. Rows are never stored: a list is atoms with counts,
//! totals are sums, and a page is a range of places in a few atoms.

use std::collections::HashMap;

use anyhow::Result;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::codebook::{AGE_BAND, Attribute, FAMILY_SIZE, Match, SEX};
use domain::{AreaCode, AreaLabel, ProgramCode};

use super::{IDS, Labels, label, pools_of};
use crate::code;
use crate::connection::AnyConnection;
use crate::rows::{AtomRow, ListRow};
use crate::schema::{atoms, lists};

/// What is asked for; `None` asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Rows in this area.
    pub area: Option<AreaCode>,
    /// A label of [`SEX`].
    pub sex: Option<&'static str>,
    /// A label of [`AGE_BAND`].
    pub age_band: Option<&'static str>,
    /// A label of [`FAMILY_SIZE`].
    pub family_size: Option<&'static str>,
}

/// The recipients of one program in one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its number in the catalogue.
    pub id: i64,
    /// The edition's number.
    pub edition_id: i64,
    /// The program.
    pub program: ProgramCode,
    /// All its rows.
    pub units: u64,
}

/// How many rows answer a filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows whose labels equal the filter or lie inside it.
    pub total: u64,
    /// Rows so generalised that they may match.
    pub possible: u64,
}

/// An atom: `units` equal rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtomView {
    /// Its number in edition and program.
    pub atom: u32,
    /// The finest area its rows keep, or a pool.
    pub area: AreaLabel,
    /// Label of sex.
    pub sex: &'static str,
    /// Label of age.
    pub age_band: &'static str,
    /// Label of family size.
    pub family_size: &'static str,
    /// How many rows.
    pub units: u32,
}

/// The lists of some editions, by edition and program.
///
/// # Errors
/// When the database does not answer.
pub fn lists_of(connection: &mut AnyConnection, editions: &[i64], program: Option<&ProgramCode>) -> Result<Vec<List>> {
    let mut found = Vec::new();
    for ids in editions.chunks(IDS) {
        let mut query = lists::table
            .select(ListRow::as_select())
            .filter(lists::edition_id.eq_any(ids))
            .order((lists::edition_id.asc(), lists::program.asc()))
            .into_boxed();
        if let Some(program) = program {
            query = query.filter(lists::program.eq(program.as_str()));
        }
        for row in query.load(connection)? {
            found.push(List { id: row.id, edition_id: row.edition_id, program: row.program.parse()?, units: u64::try_from(row.units)? });
        }
    }
    Ok(found)
}

/// A filter in the numbers of the catalogue.
#[derive(Debug)]
pub struct Prepared {
    /// The area's range, its holders, and its pools.
    area: Option<AreaNumbers>,
    attributes: [Option<Labels2>; 3],
}

#[derive(Debug)]
struct AreaNumbers {
    low: i64,
    high: i64,
    above: Vec<i64>,
    inside: Vec<i64>,
    touching: Vec<i64>,
}

/// The numbers of the labels that surely match, and of all that may.
#[derive(Debug)]
struct Labels2 {
    surely: Vec<i16>,
    all: Vec<i16>,
}

impl Prepared {
    /// Looks up what the filter means.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn new(connection: &mut AnyConnection, filter: &Filter) -> Result<Prepared> {
        let area = match filter.area {
            None => None,
            Some(area) => {
                let (low, high) = code::range(area);
                let pools = pools_of(connection, area)?;
                Some(AreaNumbers { low, high, above: code::ancestors(area), inside: pools.inside, touching: pools.touching })
            }
        };
        Ok(Prepared {
            area,
            attributes: [labels(&SEX, filter.sex), labels(&AGE_BAND, filter.age_band), labels(&FAMILY_SIZE, filter.family_size)],
        })
    }

    fn is_whole(&self) -> bool {
        self.area.is_none() && self.attributes.iter().all(Option::is_none)
    }
}

fn labels(attribute: &Attribute, wanted: Option<&'static str>) -> Option<Labels2> {
    let wanted = wanted?;
    let (mut surely, mut all) = (Vec::new(), Vec::new());
    for (label, number) in attribute.labels.iter().zip(0i16..) {
        match attribute.matches(wanted, label.code) {
            Match::Surely => {
                surely.push(number);
                all.push(number);
            }
            Match::Possibly => all.push(number),
            Match::No => {}
        }
    }
    Some(Labels2 { surely, all })
}

/// The atoms of a filter: those that surely match, or all that may.
macro_rules! filtered {
    ($query:expr, $prepared:expr, $surely:expr) => {{
        let mut query = $query;
        if let Some(area) = &$prepared.area {
            let single = atoms::pool.eq(0).and(atoms::low.between(area.low, area.high));
            query = if $surely {
                query.filter(single.or(atoms::pool.eq_any(area.inside.clone())))
            } else {
                query.filter(
                    single.or(atoms::pool.eq(0).and(atoms::low.eq_any(area.above.clone()))).or(atoms::pool.eq_any(area.touching.clone())),
                )
            };
        }
        let pick =
            |labels: &Option<Labels2>| labels.as_ref().map(|labels| if $surely { labels.surely.clone() } else { labels.all.clone() });
        if let Some(numbers) = pick(&$prepared.attributes[0]) {
            query = query.filter(atoms::sex.eq_any(numbers));
        }
        if let Some(numbers) = pick(&$prepared.attributes[1]) {
            query = query.filter(atoms::age_band.eq_any(numbers));
        }
        if let Some(numbers) = pick(&$prepared.attributes[2]) {
            query = query.filter(atoms::family_size.eq_any(numbers));
        }
        query
    }};
}

/// How many rows of each list answer, by list.
///
/// # Errors
/// When the database does not answer.
pub fn count(connection: &mut AnyConnection, lists: &[List], prepared: &Prepared) -> Result<HashMap<i64, Count>> {
    if prepared.is_whole() {
        return Ok(lists.iter().map(|list| (list.id, Count { total: list.units, possible: 0 })).collect());
    }
    let mut counts: HashMap<i64, Count> = HashMap::new();
    let ids: Vec<i64> = lists.iter().map(|list| list.id).collect();
    for ids in ids.chunks(IDS) {
        for surely in [true, false] {
            let query = atoms::table
                .group_by(atoms::list_id)
                .select((atoms::list_id, sql::<BigInt>("CAST(SUM(units) AS BIGINT)")))
                .filter(atoms::list_id.eq_any(ids.to_vec()))
                .into_boxed();
            let sums: Vec<(i64, i64)> = filtered!(query, prepared, surely).load(connection)?;
            for (list, sum) in sums {
                let count = counts.entry(list).or_default();
                let sum = u64::try_from(sum)?;
                if surely {
                    count.total = sum;
                } else {
                    count.possible = sum.saturating_sub(count.total);
                }
            }
        }
    }
    Ok(counts)
}

/// Up to `limit` atoms of a list that surely match, from number `from` on.
///
/// # Errors
/// When the database does not answer.
pub fn atoms_from(connection: &mut AnyConnection, list: i64, prepared: &Prepared, from: u32, limit: i64) -> Result<Vec<AtomView>> {
    let query = atoms::table
        .select(AtomRow::as_select())
        .filter(atoms::list_id.eq(list))
        .filter(atoms::atom.ge(i64::from(from)))
        .order(atoms::atom.asc())
        .limit(limit)
        .into_boxed();
    let rows: Vec<AtomRow> = filtered!(query, prepared, true).load(connection)?;
    let mut known = Labels::new();
    rows.into_iter()
        .map(|row| {
            Ok(AtomView {
                atom: u32::try_from(row.atom)?,
                area: label(connection, &mut known, row.low, row.pool)?,
                sex: code::label_of(&SEX, row.sex)?,
                age_band: code::label_of(&AGE_BAND, row.age_band)?,
                family_size: code::label_of(&FAMILY_SIZE, row.family_size)?,
                units: u32::try_from(row.units)?,
            })
        })
        .collect()
}
