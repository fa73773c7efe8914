//! The imports of a registry as a ledger: listing, undoing, sealing.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::Period;

use crate::Registry;
use crate::error::{Error, Result};
use crate::findings as found;
use crate::layout::Layout;
use crate::rows::{ids_of, table_of};
use crate::schema::{
    corrected_rows, death_rows, dtks_rows, findings, import_columns, import_sheets, imports, kks_rows, pbi_rows, plan_rows, rejected_rows,
    sealed_periods, verification_rows, warnings,
};

/// An import that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its id.
    pub id: i64,
    /// The file's layout.
    pub layout: Layout,
    /// The month.
    pub period: Period,
    /// The file, as reports call it.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Whether it holds made-up data.
    pub simulated: bool,
    /// Rows read.
    pub read: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Rows kept aside.
    pub rejected: u64,
    /// When, in UTC.
    pub imported_at: String,
}

/// What undoing an import removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// Accepted rows.
    pub rows: u64,
    /// Rows kept aside.
    pub rejected: u64,
    /// Findings that are none any more.
    pub findings: u64,
}

type Stored = (i64, String, String, String, String, bool, i64, i64, i64, String);

impl Registry {
    /// The imports that stand, in the order they were made.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn imports(&mut self) -> Result<Vec<ImportRecord>> {
        let rows: Vec<Stored> = imports::table
            .order(imports::id)
            .select((
                imports::id,
                imports::layout,
                imports::period,
                imports::file,
                imports::sha256,
                imports::simulated,
                imports::read_rows,
                imports::accepted_rows,
                imports::rejected_rows,
                imports::imported_at,
            ))
            .load(&mut self.conn)?;
        rows.into_iter()
            .map(|(id, layout, period, file, sha256, simulated, read, accepted, rejected, imported_at)| {
                Ok(ImportRecord {
                    id,
                    layout: Layout::named(&layout).ok_or_else(|| Error::stored("layout")(layout))?,
                    period: parse_period(&period)?,
                    file,
                    sha256,
                    simulated,
                    read: read.cast_unsigned(),
                    accepted: accepted.cast_unsigned(),
                    rejected: rejected.cast_unsigned(),
                    imported_at,
                })
            })
            .collect()
    }

    /// Takes back an import with all it brought: rows, rejected rows, findings.
    ///
    /// # Errors
    /// When there is no such import, or its month is sealed.
    pub fn undo(&mut self, import: i64) -> Result<Undone> {
        let undone = self.conn.immediate_transaction(|conn| -> Result<Undone> {
            let stored: Option<(String, String)> =
                imports::table.find(import).select((imports::layout, imports::period)).first(conn).optional()?;
            let (layout, period) = stored.ok_or(Error::NoImport(import))?;
            let period = parse_period(&period)?;
            if is_sealed(conn, period)? {
                return Err(Error::Sealed { import, period });
            }
            let layout = Layout::named(&layout).ok_or_else(|| Error::stored("layout")(layout))?;
            let (first, last) = ids_of(import);
            macro_rules! delete {
                ($table:ident, $id:ident) => {
                    diesel::delete($table::table.filter($table::$id.between(first, last))).execute(conn)? as u64
                };
            }
            let rows = match layout {
                Layout::Dtks | Layout::Bnba => delete!(dtks_rows, id),
                Layout::Kks => delete!(kks_rows, id),
                Layout::PbiJk => delete!(pbi_rows, id),
                Layout::Plan => delete!(plan_rows, id),
                Layout::Verification => delete!(verification_rows, id),
                Layout::Deaths => delete!(death_rows, id),
                other => match table_of(other) {
                    Some(table) => diesel::sql_query(format!("DELETE FROM {table} WHERE id BETWEEN ? AND ?"))
                        .bind::<diesel::sql_types::BigInt, _>(first)
                        .bind::<diesel::sql_types::BigInt, _>(last)
                        .execute(conn)? as u64,
                    None => 0,
                },
            };
            if matches!(layout, Layout::Dtks | Layout::Bnba) {
                crate::duplicates::forget_from(conn, period)?;
            }
            delete!(warnings, row_id);
            diesel::delete(import_columns::table.filter(import_columns::import.eq(import))).execute(conn)?;
            diesel::delete(import_sheets::table.filter(import_sheets::import.eq(import))).execute(conn)?;
            // What it corrected is wrong again, and what was corrected of it is nobody's any more.
            diesel::delete(corrected_rows::table.filter(corrected_rows::corrected_by.eq(import))).execute(conn)?;
            delete!(corrected_rows, row_id);
            let rejected = delete!(rejected_rows, id);
            let mut gone = delete!(findings, row_id);
            gone += diesel::delete(findings::table.filter(findings::found_by.eq(import))).execute(conn)? as u64;
            if layout == Layout::Deaths {
                // Findings made while this list stood may rest on it or on another:
                // make them anew. Those of the last standing list are named by it.
                gone += diesel::delete(findings::table.filter(findings::kind.eq(crate::Finding::Deceased.code()))).execute(conn)? as u64;
                let standing: Option<i64> = imports::table
                    .filter(imports::layout.eq(Layout::Deaths.as_str()).and(imports::id.ne(import)))
                    .select(diesel::dsl::max(imports::id))
                    .first(conn)?;
                if let Some(standing) = standing {
                    let deaths = found::deaths(conn)?;
                    gone -= found::mark_deceased(conn, &deaths, standing)?.min(gone);
                }
            }
            diesel::delete(imports::table.find(import)).execute(conn)?;
            durable::fault_point("undo.commit.before");
            Ok(Undone { rows, rejected, findings: gone })
        })?;
        durable::fault_point("undo.commit.after");
        tracing::info!(import, rows = undone.rows, rejected = undone.rejected, findings = undone.findings, "import undone");
        Ok(undone)
    }

    /// Findings in the rows of a month, by kind.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_findings(&mut self, period: Period) -> Result<BTreeMap<String, u64>> {
        let ids: Vec<i64> = imports::table.filter(imports::period.eq(period.to_string())).select(imports::id).load(&mut self.conn)?;
        let mut counts = BTreeMap::new();
        for import in ids {
            let (first, last) = ids_of(import);
            let kinds: Vec<(String, i64)> = findings::table
                .filter(findings::row_id.between(first, last))
                .group_by(findings::kind)
                .select((findings::kind, diesel::dsl::count_star()))
                .load(&mut self.conn)?;
            for (kind, count) in kinds {
                *counts.entry(kind).or_default() += count.cast_unsigned();
            }
        }
        Ok(counts)
    }

    /// Marks a month as published: its imports stay. Marking it again changes nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn seal_period(&mut self, period: Period) -> Result<()> {
        durable::fault_point("registry.seal.before");
        diesel::insert_or_ignore_into(sealed_periods::table)
            .values((
                sealed_periods::period.eq(period.to_string()),
                sealed_periods::sealed_at.eq(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ))
            .execute(&mut self.conn)?;
        durable::fault_point("registry.seal.after");
        Ok(())
    }

    /// Whether a month is sealed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_sealed(&mut self, period: Period) -> Result<bool> {
        is_sealed(&mut self.conn, period)
    }
}

fn is_sealed(conn: &mut diesel::sqlite::SqliteConnection, period: Period) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(sealed_periods::table.find(period.to_string()))).get_result(conn)?)
}

pub(crate) fn parse_period(text: &str) -> Result<Period> {
    text.parse().map_err(|error: domain::ParseError| Error::stored("period")(error.to_string()))
}
