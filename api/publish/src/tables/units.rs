//! The classed tables of a program's units: outcomes of field verification, how
//! long ago it came by, what lists of the office say of the person.

use disclosure::sensitive::Member;
use domain::{AreaCode, Cell, Level, ProgramCode, Table};
use registry::Enrolled;

use super::classed::{Classed, settle};
use super::groups::Subject;
use super::reading::{Reading, month_number};
use super::{Sheet, Units, key};

/// A table, and what it reads of a unit.
pub(super) type Read = (Table, fn(&Enrolled) -> u64);

/// The tables of a program's units.
pub(super) const TABLES: [Read; 3] = [
    (Table::Verification, |unit| unit.outcome as u64),
    (Table::Freshness, |unit| month_number(unit.verified)),
    (Table::Findings, |unit| unit.finding as u64),
];

impl Sheet<'_> {
    /// The classed tables of the program. A sensitive program has none: its
    /// classes would add up to kecamatan that the totals hide.
    pub(super) fn classed(&mut self, units: &Units<'_>) {
        if self.program.sensitive {
            for (table, _) in TABLES {
                self.observed(table, self.district.code, Reading::of(table).measure(), None);
            }
            return;
        }
        let (month, district) = (self.month, self.district.code);
        let code: &ProgramCode = &self.program.code;
        let (programs, flows) = ([code], self.kecamatan_flows());
        let classed = |(table, category): Read| {
            let reading = Reading::of(table);
            let subject = Subject { month, table, programs: &programs, reading: Some(reading), flows: &flows };
            Classed::of(reading, subject, code, &self.parts(units, |unit| Some(category(unit))))
        };
        let [mut verification, mut freshness, findings] = TABLES.map(classed);
        settle(&mut verification, &mut freshness, month.k);
        for table in [verification, freshness, findings] {
            table.write(district, self.tables);
        }
    }

    /// Who entered and left the program's kecamatan, as this release shows it.
    pub(super) fn kecamatan_flows(&self) -> Vec<Cell> {
        let of_program = self.tables.of(Table::Flows).iter().filter(|cell| cell.program == self.program.code && cell.category.is_empty());
        of_program.filter(|cell| cell.area.single().is_some_and(|area| area.level() == Level::Kecamatan)).cloned().collect()
    }

    /// The units of each kecamatan with a category, in order of their numbers.
    pub(super) fn parts(&self, units: &Units<'_>, category: impl Fn(&Enrolled) -> Option<u64>) -> Vec<(AreaCode, Vec<Member>)> {
        let members = units.units.iter().filter_map(|unit| {
            let member = Member { id: key(self.program, unit), category: category(unit)? };
            Some((unit.kelurahan.parent()?, member))
        });
        self.district.parts(members)
    }
}
