//! What is known of the recipients of a month and of the one before, to count
//! what a file changes. Held while a command imports file after file, at some
//! forty bytes a person: bounded by the district's people, not by its files.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Period};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::{ids_of, import_of};
use crate::schema::{dtks_rows, imports};
use crate::summary::Mode;

/// A person's record, as far as comparing needs it.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) digest: i64,
    pub(crate) kelurahan: u64,
    pub(crate) programs: u32,
    /// The import it came with.
    pub(crate) import: i64,
}

/// Two months of a registry.
pub(crate) struct Month {
    pub(crate) period: Period,
    last: Option<Period>,
    pub(crate) before: NumberMap<u64, Known>,
    pub(crate) now: NumberMap<u64, Known>,
}

/// The imports that make up the recipients of `period`, in the order in which
/// they apply: the last snapshot month up to it and all deltas since. Empty when
/// nothing was imported for `period` itself.
pub(crate) fn chain(conn: &mut SqliteConnection, period: Period) -> Result<Vec<i64>> {
    let rows: Vec<(i64, String, String)> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.le(period.to_string())))
        .order((imports::period.desc(), imports::id.desc()))
        .select((imports::id, imports::period, imports::mode))
        .load(conn)?;
    let mut chain = Vec::new();
    if rows.first().is_none_or(|(_, newest, _)| *newest != period.to_string()) {
        return Ok(chain);
    }
    for month in rows.chunk_by(|a, b| a.1 == b.1) {
        chain.extend(month.iter().map(|(id, _, _)| *id));
        if month.iter().any(|(_, _, mode)| mode == Mode::Snapshot.as_str()) {
            break;
        }
    }
    chain.reverse();
    Ok(chain)
}

/// The last month before `period` that has recipients.
fn last_before(conn: &mut SqliteConnection, period: Period) -> Result<Option<Period>> {
    let found: Option<String> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.lt(period.to_string())))
        .select(diesel::dsl::max(imports::period))
        .first(conn)?;
    found.map(|text| text.parse().map_err(|error: domain::ParseError| Error::stored("period")(error.to_string()))).transpose()
}

/// The imports of recipients of `period` itself.
fn own(conn: &mut SqliteConnection, period: Period) -> Result<Vec<i64>> {
    Ok(imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.eq(period.to_string())))
        .order(imports::id)
        .select(imports::id)
        .load(conn)?)
}

fn load(conn: &mut SqliteConnection, chain: &[i64]) -> Result<NumberMap<u64, Known>> {
    let mut people: NumberMap<u64, Known> = NumberMap::default();
    for import in chain {
        let rows = dtks_rows::table
            .filter(dtks_rows::id.between(ids_of(*import).0, ids_of(*import).1))
            .order(dtks_rows::id)
            .select((dtks_rows::id, dtks_rows::nik, dtks_rows::digest, dtks_rows::kelurahan, dtks_rows::programs))
            .load_iter::<(i64, i64, i64, i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (id, nik, digest, kelurahan, programs) = row?;
            let known = Known { digest, kelurahan: kelurahan.cast_unsigned(), programs: programs as u32, import: import_of(id) };
            people.entry(nik.cast_unsigned()).and_modify(|old| old.merge(known)).or_insert(known);
        }
    }
    Ok(people)
}

impl Known {
    /// Within a file a repeated NIK adds its programs to the first row; a later
    /// file's row replaces the earlier file's.
    pub(crate) fn merge(&mut self, later: Known) {
        if self.import == later.import {
            self.programs |= later.programs;
        } else {
            *self = later;
        }
    }
}

impl Month {
    /// What the registry knows of `period` and the month before. Much of it may
    /// already be held in `known`, from the file imported before this one.
    pub(crate) fn load(conn: &mut SqliteConnection, period: Period, known: Option<Month>) -> Result<Month> {
        let last = last_before(conn, period)?;
        let before = match (known, last) {
            (Some(known), _) if known.period == period => return Ok(known),
            (_, None) => NumberMap::default(),
            (Some(known), Some(last)) if known.period == last && own(conn, last)? == chain(conn, last)? => known.now,
            (_, Some(last)) => {
                let chain = chain(conn, last)?;
                load(conn, &chain)?
            }
        };
        let own = own(conn, period)?;
        let now = load(conn, &own)?;
        Ok(Month { period, last, before, now })
    }

    /// Persons of the last month who are not in this one.
    pub(crate) fn left(&self) -> u64 {
        self.before.keys().filter(|nik| !self.now.contains_key(nik)).count() as u64
    }

    /// Over which area this snapshot is to be compared with the last one, and
    /// the records of then and now: the area that last month's file covered,
    /// where one covered this file's area.
    pub(crate) fn compare(&self, conn: &mut SqliteConnection, scope: AreaCode) -> Result<Option<(AreaCode, Period, u64, u64)>> {
        let Some(last) = self.last else { return Ok(None) };
        let scopes: Vec<Option<String>> = imports::table
            .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.eq(last.to_string())))
            .filter(imports::mode.eq(Mode::Snapshot.as_str()))
            .select(imports::scope)
            .load(conn)?;
        let area = scopes
            .iter()
            .flatten()
            .filter_map(|text| text.parse::<AreaCode>().ok())
            .filter(|area| area.contains(scope))
            .max_by_key(|area| area.level())
            .unwrap_or(scope);
        let inside = |people: &NumberMap<u64, Known>| people.values().filter(|known| within(area, known.kelurahan)).count() as u64;
        Ok(Some((area, last, inside(&self.before), inside(&self.now))))
    }
}

/// Whether a kelurahan's ten digits lie in `area`.
pub(crate) fn within(area: AreaCode, kelurahan: u64) -> bool {
    let step = match area.level() {
        Level::Provinsi => 100_000_000,
        Level::Kabupaten => 1_000_000,
        Level::Kecamatan => 10_000,
        Level::Kelurahan => 1,
    };
    kelurahan / step == area.number()
}
