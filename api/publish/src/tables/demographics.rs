//! Sex, age and family size of the rows (design: PRIVACY R3): sums of whole
//! atoms and of nothing else, so that they say no more than the rows do. What a
//! row does not say is counted as `*`.

use std::collections::BTreeMap;

use domain::codebook::{self, ANY, Match};
use domain::{AreaCode, AreaLabel, Cell, Level, Status, Table};
use release::Atom;

use super::Sheet;

/// The categories under which rows are counted, per attribute.
const CUT: [&[&str]; 3] = [&["F", "M", "unknown"], &["0-17", "18-39", "40-59", "60+", "unknown"], &["1-2", "3-4", "5+", "unknown"]];

impl Sheet<'_> {
    /// Counts of the program's rows at kabupaten and kecamatan.
    pub(super) fn demographics(&mut self) {
        let (atoms, as_of, release) = self.month.atoms;
        let mut sums: BTreeMap<(AreaLabel, &str, &str), u64> = BTreeMap::new();
        let mut pools: BTreeMap<AreaCode, AreaLabel> = BTreeMap::new();
        for atom in atoms.iter().filter(|atom| atom.program == self.program.code) {
            let Ok(area) = AreaLabel::pool(atom.area.members().iter().filter_map(|area| area.at(Level::Kecamatan))) else { continue };
            if area.single().is_none() {
                pools.extend(area.members().iter().map(|member| (*member, area.clone())));
            }
            for (attribute, cut) in codebook::ATTRIBUTES.iter().zip(CUT) {
                let category = category(atom, attribute, cut);
                for area in [area.clone(), self.district.code.into()] {
                    *sums.entry((area, attribute.name, category)).or_default() += u64::from(atom.count);
                }
            }
        }
        let mut lines = Vec::new();
        for ((area, measure, category), value) in sums {
            let line = self.cell(area, measure);
            lines.push(Cell { category: category.to_owned(), value: Some(value), status: Status::Observed, as_of, release, ..line });
        }
        for (member, pool) in pools {
            for attribute in codebook::ATTRIBUTES {
                let line = self.cell(member, attribute.name);
                lines.push(Cell { status: Status::Grouped, group: Some(pool.clone()), as_of, release, ..line });
            }
        }
        self.tables.cells(Table::Demographics).extend(lines);
    }
}

fn category(atom: &Atom, attribute: &codebook::Attribute, cut: &[&'static str]) -> &'static str {
    let label = match attribute.name {
        "sex" => &atom.sex,
        "age_band" => &atom.age_band,
        _ => &atom.family_size,
    };
    cut.iter().find(|category| attribute.matches(category, label) == Match::Surely).copied().unwrap_or(ANY)
}
