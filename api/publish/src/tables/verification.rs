//! Units by the last outcome of field verification (design: PRIVACY R4): a
//! category stands for itself where it is large enough, the others of a group as
//! one class that names them all.

use disclosure::sensitive::{Member, classes, join, parts_hide_each_other};
use domain::{AreaCode, Cell, Outcome, Status, Table};

use super::groups::{Subject, counts};
use super::{Sheet, Units, blank, key};

const MEASURE: &str = "units";

/// The category of a class: its outcomes by name, sorted, joined by `~`.
fn name(class: &[usize]) -> String {
    let mut names: Vec<&str> = class.iter().filter_map(|at| Outcome::ALL.get(*at)).map(|outcome| outcome.as_str()).collect();
    names.sort_unstable();
    names.join("~")
}

/// The outcomes of a category.
pub(super) fn class(name: &str) -> Vec<usize> {
    let at = |part: &str| Outcome::ALL.iter().position(|outcome| outcome.as_str() == part);
    let mut class: Vec<usize> = name.split('~').filter_map(at).collect();
    class.sort_unstable();
    class
}

impl Sheet<'_> {
    /// The verification table of the program. A sensitive program has none: its
    /// classes would add up to kecamatan that the totals hide.
    pub(super) fn verification(&mut self, units: &Units<'_>) {
        let lines = if self.program.sensitive { Vec::new() } else { self.verified(units) };
        if lines.is_empty() {
            self.observed(Table::Verification, self.district.code, MEASURE, None);
        }
        self.tables.cells(Table::Verification).extend(lines);
    }

    fn verified(&mut self, units: &Units<'_>) -> Vec<Cell> {
        let (k, month, code) = (self.month.k, self.month, &self.program.code);
        let parts = self.parts(units, |unit| Some(unit.outcome as u64));
        let sound = |inside: &[usize]| {
            let totals: Vec<u64> = inside.iter().map(|at| parts[*at].1.len() as u64).collect();
            let all = inside
                .iter()
                .map(|at| counts(&parts[*at].1, Outcome::ALL.len()))
                .reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
            all.is_some_and(|all| classes(&all, k).is_some()) && parts_hide_each_other(&totals, k)
        };
        let programs = [code];
        let (mut shown, mut groups_of_classes, mut new) = (Vec::new(), Vec::new(), Vec::new());
        let flows = self.tables.of(Table::Flows);
        let subject = Subject { month, table: Table::Verification, programs: &programs, plain: Some(Outcome::Unchecked as u64), flows };
        for group in subject.groups(&parts, sound) {
            let counts = counts(&group.members, Outcome::ALL.len());
            let lines: Vec<Cell> = match classes(&counts, k).filter(|_| group.fresh) {
                Some(classes) => classes
                    .iter()
                    .map(|class| Cell {
                        category: name(class),
                        value: Some(class.iter().map(|at| counts[*at]).sum()),
                        status: Status::Observed,
                        ..blank(month.release, code, group.area.clone(), MEASURE)
                    })
                    .collect(),
                None => subject.standing(code, &group.area),
            };
            let Some(first) = lines.first() else { continue };
            groups_of_classes.push(lines.iter().map(|line| class(&line.category)).collect::<Vec<_>>());
            if group.area.single().is_none() {
                let of_group = |member: &AreaCode| Cell {
                    area: (*member).into(),
                    category: String::new(),
                    value: None,
                    status: Status::Grouped,
                    group: Some(group.area.clone()),
                    ..first.clone()
                };
                shown.extend(group.area.members().iter().map(of_group).collect::<Vec<_>>());
            }
            shown.extend(lines);
            if group.fresh {
                new.push(subject.snapshot(group));
            }
        }
        // The kabupaten: what all groups have in common, summed.
        let blocks = groups_of_classes.iter().fold(Vec::new(), |blocks, classes| join(&blocks, classes));
        for block in blocks {
            let inside = |cell: &&Cell| cell.value.is_some() && class(&cell.category).iter().all(|at| block.contains(at));
            let cells: Vec<&Cell> = shown.iter().filter(|cell| cell.area.single() != Some(self.district.code)).filter(inside).collect();
            let as_of = cells.iter().map(|cell| cell.as_of).min().unwrap_or(month.release.period());
            let sum = cells.iter().filter_map(|cell| cell.value).sum();
            let of_kabupaten = blank(month.release, code, self.district.code, MEASURE);
            shown.push(Cell { category: name(&block), value: Some(sum), status: Status::Observed, as_of, ..of_kabupaten });
        }
        self.tables.shown.extend(new);
        shown
    }

    /// The units of each kecamatan with a category, in order of their numbers.
    pub(super) fn parts(&self, units: &Units<'_>, category: impl Fn(&registry::Enrolled) -> Option<u64>) -> Vec<(AreaCode, Vec<Member>)> {
        let mut parts: Vec<(AreaCode, Vec<Member>)> = self.district.kecamatan.iter().map(|kecamatan| (*kecamatan, Vec::new())).collect();
        for unit in &units.units {
            let kecamatan = unit.kelurahan.parent();
            let part = parts.binary_search_by_key(&kecamatan, |(area, _)| Some(*area)).ok().and_then(|at| parts.get_mut(at));
            if let (Some((_, members)), Some(category)) = (part, category(unit)) {
                members.push(Member { id: key(self.program, unit), category });
            }
        }
        for (_, members) in &mut parts {
            members.sort_unstable();
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_name_their_outcomes() {
        assert_eq!(name(&[1]), "valid");
        assert_eq!(name(&[2, 3, 0]), "no_card~other_name~unchecked");
        assert_eq!(class("no_card~other_name~unchecked"), vec![0, 2, 3]);
    }
}
