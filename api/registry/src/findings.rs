//! Findings that join rows of different imports. Who died is looked up when a
//! recipient is imported, and recipients are looked through when a death list
//! is, so the order of the two does not matter.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::Period;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::reason::Finding;
use crate::rows::{first_day, ids_of};
use crate::schema::{death_rows, dtks_rows, findings, imports, kks_rows, pbi_rows};

/// The earliest day of death that any list gives, by NIK.
pub(crate) fn deaths(conn: &mut SqliteConnection) -> Result<NumberMap<u64, i32>> {
    let mut days = NumberMap::default();
    let rows = death_rows::table
        .select((death_rows::nik, death_rows::date_of_death))
        .load_iter::<(i64, String), diesel::connection::DefaultLoadingMode>(conn)?;
    for row in rows {
        let (nik, date) = row?;
        // Stored as 2025-01-31, so its digits are the number of the day.
        let day: i32 = date.replace('-', "").parse().map_err(|_| Error::stored("date of death")("not a date".to_owned()))?;
        days.entry(nik.cast_unsigned()).and_modify(|known: &mut i32| *known = day.min(*known)).or_insert(day);
    }
    Ok(days)
}

/// Looks through the recipients of all months for persons of `deaths` who died
/// before the month, and records what was not known yet as found by the import
/// `found_by`. Tells how many.
pub(crate) fn mark_deceased(conn: &mut SqliteConnection, deaths: &NumberMap<u64, i32>, found_by: i64) -> Result<u64> {
    let Some(earliest) = deaths.values().min().copied() else { return Ok(0) };
    let files: Vec<(i64, String, String)> = imports::table
        .filter(imports::layout.eq_any([Layout::Dtks, Layout::Kks, Layout::PbiJk].map(Layout::as_str)))
        .order(imports::id)
        .select((imports::id, imports::layout, imports::period))
        .load(conn)?;
    let mut found = 0;
    for (import, layout, period) in files {
        let period: Period = period.parse().map_err(|error: domain::ParseError| Error::stored("period")(error.to_string()))?;
        let first = first_day(period);
        if earliest >= first {
            continue;
        }
        let dead = |nik: i64| deaths.get(&nik.cast_unsigned()).is_some_and(|day| *day < first);
        for row in matching(conn, &layout, import, dead)? {
            found += diesel::insert_or_ignore_into(findings::table)
                .values((findings::row_id.eq(row), findings::kind.eq(Finding::Deceased.code()), findings::found_by.eq(found_by)))
                .execute(conn)? as u64;
        }
    }
    Ok(found)
}

/// The rows of an import whose NIK passes.
fn matching(conn: &mut SqliteConnection, layout: &str, import: i64, passes: impl Fn(i64) -> bool) -> Result<Vec<i64>> {
    let (first, last) = ids_of(import);
    let mut found = Vec::new();
    macro_rules! look_through {
        ($table:ident) => {
            for row in $table::table
                .filter($table::id.between(first, last))
                .select(($table::id, $table::nik))
                .load_iter::<(i64, i64), diesel::connection::DefaultLoadingMode>(conn)?
            {
                let (id, nik) = row?;
                if passes(nik) {
                    found.push(id);
                }
            }
        };
    }
    match Layout::named(layout) {
        Some(Layout::Dtks) => look_through!(dtks_rows),
        Some(Layout::Kks) => look_through!(kks_rows),
        Some(Layout::PbiJk) => look_through!(pbi_rows),
        _ => {}
    }
    Ok(found)
}
