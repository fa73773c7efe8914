//! All registered families by desil, and how many of each have any program
//! (design: PRIVACY R4, targeting). Both tables are one: a family's category is
//! its desil and whether it receives, and a line of targeting divides a line of
//! deciles.

use disclosure::sensitive::Member;
use domain::{ProgramCode, Table};

use super::classed::Classed;
use super::groups::Subject;
use super::reading::Reading;
use super::{District, Month, Tables};

/// Both tables of a month.
pub(super) fn families(month: &Month<'_>, district: &District, tables: &mut Tables) {
    let all = ProgramCode::all();
    let reading = Reading::of(Table::Deciles);
    let reading = if month.past.held.contains(&(Table::Targeting, all.clone())) { reading.undivided() } else { reading };
    let category = |desil: Option<u8>, receives: bool| u64::from(desil.unwrap_or(0)) * 2 + u64::from(receives);
    let members = month.state.families.iter().map(|family| {
        let member = Member { id: family.family, category: category(family.desil, family.receives) };
        (family.kecamatan, member)
    });
    let parts = district.parts(members);
    let programs = [&all];
    let subject = Subject { month, table: Table::Deciles, programs: &programs, reading: Some(reading), flows: &[] };
    Classed::of(reading, subject, &all, &parts).write(district.code, tables);
}
