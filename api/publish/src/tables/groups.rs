//! Which kecamatan stand alone in a sensitive table, which in a pool, and which
//! of them may be shown anew (design: PRIVACY R4).

use std::collections::BTreeSet;

use disclosure::sensitive::{self, Member, Rule};
use domain::{AreaCode, AreaLabel, Cell, ProgramCode, Table};

use super::reading::Reading;
use super::{Month, Snapshot};

/// What is shown of whom: a table about a program, or about two.
pub(super) struct Subject<'a> {
    pub month: &'a Month<'a>,
    pub table: Table,
    pub programs: &'a [&'a ProgramCode],
    /// How its people are read, where it has classes; else their categories
    /// are all there is.
    pub reading: Option<Reading>,
    /// The flows that this release shows.
    pub flows: &'a [Cell],
}

/// A kecamatan, or a pool of them, and the units in it.
pub(super) struct Group {
    pub area: AreaLabel,
    pub members: Vec<Member>,
    /// Whether it is shown anew; else the last figures stand, if there are any.
    pub fresh: bool,
}

impl Subject<'_> {
    /// The subject's name in the registry.
    pub(super) fn name(&self) -> String {
        self.programs.iter().map(|program| program.as_str()).collect::<Vec<_>>().join("+")
    }

    /// The groups: those shown before stay as they are, kecamatan that were never
    /// shown form new ones. Since groups stay, a table begins only when half of
    /// the units are in kecamatan that stand alone: a month earlier it would be
    /// one large pool, for ever; complaints are so few that one is all there is. `sound` says whether these parts may be one group.
    pub(super) fn groups(&self, parts: &[(AreaCode, Vec<Member>)], sound: impl Fn(&[usize]) -> bool) -> Vec<Group> {
        let held = self.programs.iter().any(|program| self.month.past.held.contains(&(self.table, (*program).clone())));
        let known: BTreeSet<&AreaLabel> = self.snapshots().map(|snapshot| &snapshot.area).collect();
        let mut groups = Vec::new();
        for area in &known {
            let inside: Vec<usize> = (0..parts.len()).filter(|at| area.members().contains(&parts[*at].0)).collect();
            let members = together(parts, &inside);
            let fresh = !held
                && sound(&inside)
                && self.snapshots().filter(|shown| shown.area == **area).all(|shown| self.may(shown, &members, area));
            groups.push(Group { area: (*area).clone(), members, fresh });
        }
        let rest: Vec<usize> = (0..parts.len()).filter(|at| !known.iter().any(|area| area.members().contains(&parts[*at].0))).collect();
        let sizes: Vec<u64> = rest.iter().map(|at| parts[*at].1.len() as u64).collect();
        let of_rest = |group: &[usize]| group.iter().map(|at| rest[*at]).collect::<Vec<_>>();
        let mut new = if held { Vec::new() } else { sensitive::groups(&sizes, |group| sound(&of_rest(group))) };
        let alone: u64 = new.iter().filter(|group| group.len() == 1).map(|group| sizes[group[0]]).sum();
        if known.is_empty() && self.table != Table::Reports && alone * 2 < sizes.iter().sum() {
            new.clear();
        }
        for group in new {
            let inside = of_rest(&group);
            if let Ok(area) = AreaLabel::pool(inside.iter().map(|at| parts[*at].0)) {
                groups.push(Group { area, members: together(parts, &inside), fresh: true });
            }
        }
        groups
    }

    /// Everything shown before of the subject.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &Snapshot> {
        let name = self.name();
        self.month.past.snapshots.iter().filter(move |shown| shown.table == self.table && shown.subject == name)
    }

    /// Whether these units may be shown, although `shown` was: by what the
    /// registry knows, and by what anybody can read of the totals and flows.
    pub(super) fn may(&self, shown: &Snapshot, now: &[Member], area: &AreaLabel) -> bool {
        let (k, period) = (self.month.k, self.month.release.period());
        let difference = (shown.members.len() as u64).abs_diff(now.len() as u64);
        let of_totals = shown.as_of != period || difference == 0 || difference >= k;
        of_totals
            && match self.reading {
                Some(reading) => reading.may_show_again((&shown.members, shown.as_of), (now, period), k),
                None => sensitive::may_show_again(&shown.members, now, Rule::shares(None), k),
            }
            && !self.programs.iter().any(|program| self.month.past.few_moved(program, area, (shown.as_of, period), self.flows, k))
    }

    /// What the registry is to keep of a group that is shown anew.
    pub(super) fn snapshot(&self, group: Group) -> Snapshot {
        Snapshot {
            release: self.month.release,
            table: self.table,
            subject: self.name(),
            area: group.area,
            as_of: self.month.release.period(),
            members: group.members,
        }
    }

    /// The figures of an area that stand from before, as lines of this month.
    pub(super) fn standing(&self, program: &ProgramCode, area: &AreaLabel) -> Vec<Cell> {
        self.standing_in(self.table, program, area)
    }

    /// The same of a table that goes with the subject's.
    pub(super) fn standing_in(&self, table: Table, program: &ProgramCode, area: &AreaLabel) -> Vec<Cell> {
        let of_table = self.month.past.standing.iter().filter(|(of, cell)| *of == table && cell.program == *program);
        let of_area = of_table.filter(|(_, cell)| cell.area == *area && cell.value.is_some());
        of_area.map(|(_, cell)| Cell { period: self.month.release.period(), ..cell.clone() }).collect()
    }
}

/// The members of some parts, in order.
pub(super) fn together(parts: &[(AreaCode, Vec<Member>)], inside: &[usize]) -> Vec<Member> {
    let mut members: Vec<Member> = inside.iter().flat_map(|at| parts[*at].1.iter().copied()).collect();
    members.sort_unstable();
    members
}

/// How many members each category has.
pub(super) fn counts(members: &[Member], categories: usize) -> Vec<u64> {
    let mut counts = vec![0; categories];
    for member in members {
        if let Some(count) = usize::try_from(member.category).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    counts
}
