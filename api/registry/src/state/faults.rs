//! Records at fault in the month's own files of recipients: exact counts, about nobody.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Period};

use crate::error::Result;
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::reason::{Finding, Reason};
use crate::rows::ids_of;
use crate::schema::{corrected_rows, dtks_rows, findings, imports, rejected_rows};

/// Records at fault in a month's files (design: PRIVACY R1, record findings).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFindings {
    /// Rows of recipients that were rejected for their NIK.
    pub invalid_nik: u64,
    /// Rows whose NIK stood in the same program before, by kelurahan.
    pub duplicate_nik: BTreeMap<AreaCode, u64>,
}

/// The reasons that blame the NIK.
const NIK: [Reason; 4] = [Reason::NikFormat, Reason::NikMissing, Reason::NikDate, Reason::NikSerial];

/// Counts what is at fault in the files of recipients that the month itself
/// brought. A row that came back corrected no longer is; one that came back and
/// is still wrong counts once, under the import it came back with.
pub(super) fn faults(conn: &mut SqliteConnection, period: Period) -> Result<RecordFindings> {
    let files: Vec<i64> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.eq(period.to_string())))
        .select(imports::id)
        .load(conn)?;
    let mut found = RecordFindings::default();
    let mut areas = NumberMap::default();
    for import in files {
        let (first, last) = ids_of(import);
        let invalid: i64 = rejected_rows::table
            .filter(rejected_rows::id.between(first, last).and(rejected_rows::reason.eq_any(NIK.map(Reason::code))))
            .filter(not(exists(corrected_rows::table.filter(corrected_rows::row_id.eq(rejected_rows::id)))))
            .count()
            .get_result(conn)?;
        found.invalid_nik += invalid.cast_unsigned();
        let duplicates: Vec<(i64, i64)> = findings::table
            .inner_join(dtks_rows::table.on(dtks_rows::id.eq(findings::row_id)))
            .filter(findings::row_id.between(first, last).and(findings::kind.eq(Finding::DuplicateNikProgram.code())))
            .group_by(dtks_rows::kelurahan)
            .select((dtks_rows::kelurahan, count_star()))
            .load(conn)?;
        for (kelurahan, count) in duplicates {
            *found.duplicate_nik.entry(super::area(&mut areas, Level::Kelurahan, kelurahan.cast_unsigned())?).or_default() +=
                count.cast_unsigned();
        }
    }
    Ok(found)
}
