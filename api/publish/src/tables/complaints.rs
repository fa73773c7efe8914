//! Complaints of the year so far by category, how many of them were answered
//! and how many of the answers said that they are right (design: PRIVACY R4).

use disclosure::sensitive::Member;
use domain::{ProgramCode, Table};

use super::classed::Classed;
use super::groups::Subject;
use super::reading::Reading;
use super::{District, Month, Tables};

/// The table of a month.
pub(super) fn complaints(month: &Month<'_>, district: &District, tables: &mut Tables) {
    let (all, reading) = (ProgramCode::all(), Reading::of(Table::Reports));
    let members = month.state.complaints.iter().map(|complaint| {
        let upheld = complaint.answered && complaint.upheld;
        let category = complaint.category as u64 * 4 + u64::from(complaint.answered) * 2 + u64::from(upheld);
        (complaint.kecamatan, Member { id: complaint.id, category })
    });
    let parts = district.parts(members);
    let programs = [&all];
    let subject = Subject { month, table: Table::Reports, programs: &programs, reading: Some(reading), flows: &[] };
    Classed::of(reading, subject, &all, &parts).write(district.code, tables);
}
