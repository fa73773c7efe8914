//! Records at fault in a month's files: exact, since a file and not a person is
//! counted (design: PRIVACY R1).

use domain::{Cell, ProgramCode, Status, Table};

use super::{District, Month, Tables, blank};

const MEASURE: &str = "records";

/// The lines of records in the table of findings.
pub(super) fn records(month: &Month<'_>, district: &District, tables: &mut Tables) {
    let (all, records) = (ProgramCode::all(), &month.state.records);
    let mut put = |area: domain::AreaCode, category: &str, value: u64| {
        let line = blank(month.release, &all, area, MEASURE);
        tables.cells(Table::Findings).push(Cell { category: category.to_owned(), value: Some(value), status: Status::Observed, ..line });
    };
    let inside = |area: domain::AreaCode| -> u64 {
        records.duplicate_nik.iter().filter(|(kelurahan, _)| area.contains(**kelurahan)).map(|(_, n)| n).sum()
    };
    put(district.code, "invalid_nik", records.invalid_nik);
    put(district.code, "duplicate_nik", inside(district.code));
    for kecamatan in &district.kecamatan {
        put(*kecamatan, "duplicate_nik", inside(*kecamatan));
    }
}
