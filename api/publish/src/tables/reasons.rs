//! Those who left a program, by reason (design: PRIVACY R4). Each month other
//! people leave, so groups are formed anew each month; that they left is exact
//! and public down to kelurahan (R1), why is shown by classes.

use std::collections::{BTreeMap, HashSet};

use disclosure::sensitive::{self, Member, Rule, classes, join, parts_hide_each_other};
use domain::{AreaCode, AreaLabel, Cell, LeaveReason, Status, Table};
use registry::Enrolled;

use super::groups::together;
use super::reading::Reading;
use super::units::TABLES;
use super::{Sheet, Snapshot, Units, blank, key};

const MEASURE: &str = "left";

/// Somebody who left: the unit as it was, and why.
struct Leaver<'a> {
    unit: &'a Enrolled,
    member: Member,
}

/// Kecamatan whose leavers are shown together, and the classes of their reasons.
struct Group {
    area: AreaLabel,
    members: Vec<Member>,
    classes: Vec<Vec<usize>>,
}

impl Sheet<'_> {
    /// The reasons of those who left since the month before, of every kecamatan
    /// where somebody left, or of none.
    pub(super) fn reasons(&mut self, units: &Units<'_>) {
        let code = &self.program.code;
        if self.month.past.held.contains(&(Table::Flows, code.clone())) {
            return;
        }
        let Some(previous) = self.month.previous else { return };
        let before = Units::of(previous, code);
        let leavers = self.leavers(units, &before);
        let parts = self.district.parts(leavers.iter().filter_map(|leaver| Some((leaver.unit.kelurahan.parent()?, leaver.member))));
        let groups = self.groups_of_reasons(&parts, &leavers);
        if groups.is_empty() || !self.fit_what_is_shown_anew(&groups, &leavers) {
            return;
        }
        let (release, reading) = (self.month.release, Reading::of(Table::Flows));
        let line = |area: AreaLabel, class: &[usize], value: u64| Cell {
            category: reading.name(class),
            value: Some(value),
            status: Status::Observed,
            ..blank(release, code, area, MEASURE)
        };
        let number = |group: &Group, class: &[usize]| {
            group.members.iter().filter(|member| class.iter().any(|at| *at as u64 == member.category)).count() as u64
        };
        let mut lines: Vec<Cell> = Vec::new();
        for group in &groups {
            lines.extend(group.classes.iter().map(|class| line(group.area.clone(), class, number(group, class))));
        }
        for block in groups.iter().fold(Vec::new(), |blocks, group| join(&blocks, &group.classes)) {
            let sum = groups.iter().map(|group| number(group, &block)).sum();
            lines.push(line(self.district.code.into(), &block, sum));
        }
        self.tables.cells(Table::Flows).extend(lines);
        self.tables.shown.extend(groups.into_iter().map(|group| Snapshot {
            release,
            table: Table::Flows,
            subject: code.as_str().to_owned(),
            area: group.area,
            as_of: release.period(),
            members: group.members,
        }));
    }

    /// Who was enrolled in a kelurahan the month before and is not any more.
    /// Whoever is now enrolled in another kelurahan of the district moved.
    fn leavers<'b>(&self, units: &Units<'_>, before: &Units<'b>) -> Vec<Leaver<'b>> {
        let now = units.keys(self.program);
        let everywhere: HashSet<u64> = now.iter().map(|(id, _)| *id).collect();
        let left = before.units.iter().filter(|unit| !now.contains(&(key(self.program, unit), unit.kelurahan)));
        left.map(|unit| {
            let id = key(self.program, unit);
            let reason = if everywhere.contains(&id) { LeaveReason::Moved } else { self.month.state.reasons.of(unit) };
            Leaver { unit, member: Member { id, category: reason as u64 } }
        })
        .collect()
    }

    /// The groups: anew each month; in a correction those that its month showed
    /// before, if all of them may be shown again.
    fn groups_of_reasons(&self, parts: &[(AreaCode, Vec<Member>)], leavers: &[Leaver<'_>]) -> Vec<Group> {
        let (k, period) = (self.month.k, self.month.release.period());
        let words = |members: &[Member]| {
            let mut words = vec![0; LeaveReason::ALL.len()];
            members.iter().for_each(|member| words[member.category as usize] += 1);
            words
        };
        // How many left each kelurahan is public: it must not tell how many for a reason.
        let mut by_kelurahan: BTreeMap<AreaCode, u64> = BTreeMap::new();
        leavers.iter().for_each(|leaver| *by_kelurahan.entry(leaver.unit.kelurahan).or_default() += 1);
        let sound = |inside: &[usize]| {
            let totals: Vec<u64> = inside
                .iter()
                .flat_map(|at| by_kelurahan.iter().filter(|(kelurahan, _)| parts[*at].0.contains(**kelurahan)).map(|(_, n)| *n))
                .collect();
            classes(&words(&together(parts, inside)), k).is_some() && parts_hide_each_other(&totals, k)
        };
        let shown: Vec<&Snapshot> = self
            .month
            .past
            .snapshots
            .iter()
            .filter(|shown| shown.table == Table::Flows && shown.subject == self.program.code.as_str() && shown.as_of == period)
            .collect();
        let inside = |area: &AreaLabel| (0..parts.len()).filter(|at| area.members().contains(&parts[*at].0)).collect::<Vec<_>>();
        let chosen: Vec<Vec<usize>> = if shown.is_empty() {
            let sizes: Vec<u64> = parts.iter().map(|(_, members)| members.len() as u64).collect();
            sensitive::groups(&sizes, sound)
        } else {
            let again = shown.iter().all(|shown| {
                let now = together(parts, &inside(&shown.area));
                sound(&inside(&shown.area)) && sensitive::may_show_again(&shown.members, &now, Rule::shares(None), k) && {
                    let cells = |members: &[Member]| -> Vec<Vec<u64>> {
                        let classes = classes(&words(members), k).unwrap_or_default();
                        classes.into_iter().map(|class| class.into_iter().map(|at| at as u64).collect()).collect()
                    };
                    let (earlier, later) = (cells(&shown.members), cells(&now));
                    sensitive::may_show_cells_again((&shown.members, &earlier), (&now, &later), Rule::shares(None), k)
                }
            });
            let mut areas: Vec<&AreaLabel> = shown.iter().map(|shown| &shown.area).collect();
            areas.sort_unstable();
            areas.dedup();
            let everyone =
                parts.iter().all(|(area, members)| members.is_empty() || areas.iter().any(|group| group.members().contains(area)));
            if again && everyone { areas.into_iter().map(inside).collect() } else { Vec::new() }
        };
        let group = |inside: Vec<usize>| {
            let members = together(parts, &inside);
            let area = AreaLabel::pool(inside.iter().map(|at| parts[*at].0)).ok()?;
            Some(Group { area, classes: classes(&words(&members), k)?, members })
        };
        let groups: Vec<Option<Group>> = chosen.into_iter().map(group).collect();
        groups.into_iter().collect::<Option<Vec<Group>>>().unwrap_or_default()
    }

    /// Whether reasons may stand beside the tables of what was known of people:
    /// where one of them is shown anew, its growth tells of those who left what
    /// was said of them before. How many of these left for the reasons of a class
    /// must be nobody or at least k: who was found dead in June and left as dead
    /// in July is not to be counted apart from nine others.
    fn fit_what_is_shown_anew(&self, groups: &[Group], leavers: &[Leaver<'_>]) -> bool {
        let (k, release) = (self.month.k, self.month.release);
        TABLES.iter().filter(|(table, _)| *table != Table::Freshness).all(|(table, read)| {
            let anew = |kecamatan: &AreaCode| {
                let line = |cell: &&Cell| cell.program == self.program.code && cell.release == release && cell.value.is_some();
                let here = self.tables.of(*table).iter().filter(line).any(|cell| cell.area.members().contains(kecamatan));
                let before = |shown: &&Snapshot| shown.table == *table && shown.subject == self.program.code.as_str();
                here && self.month.past.snapshots.iter().filter(before).any(|shown| shown.area.members().contains(kecamatan))
            };
            groups.iter().filter(|group| group.area.members().iter().any(anew)).all(|group| {
                let mut joint: BTreeMap<(u64, usize), u64> = BTreeMap::new();
                let inside = |leaver: &&Leaver<'_>| leaver.unit.kelurahan.parent().is_some_and(|area| group.area.members().contains(&area));
                for leaver in leavers.iter().filter(inside) {
                    let class = group.classes.iter().position(|class| class.contains(&(leaver.member.category as usize)));
                    *joint.entry((read(leaver.unit), class.unwrap_or(usize::MAX))).or_default() += 1;
                }
                // Whom nobody checked, and of whom nothing was found, does not stand out.
                joint.iter().all(|((category, _), n)| *category == 0 || *n >= k)
            })
        })
    }
}
