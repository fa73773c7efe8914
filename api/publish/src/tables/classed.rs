//! Tables of people by a sensitive word (design: PRIVACY R4): a word stands for
//! itself where enough people have it, the others of a group as one class that
//! names them all. Which groups there are and which of them are shown anew is
//! said in `groups`, how each table reads its people in `reading`.

use disclosure::sensitive::{Member, classes, join, parts_hide_each_other};
use domain::{AreaCode, AreaLabel, Cell, Period, ProgramCode, ReleaseId, Status, Table};

use super::groups::Subject;
use super::reading::Reading;
use super::{Snapshot, Tables, blank};

/// A line and the table it stands in.
type Lines = Vec<(Table, Cell)>;

/// A group as it would be shown now, and as it stands from before.
pub(super) struct Choice {
    pub area: AreaLabel,
    members: Vec<Member>,
    fresh: Lines,
    standing: Lines,
}

impl Choice {
    /// What is shown of the group.
    pub(super) fn lines(&self) -> &Lines {
        if self.fresh.is_empty() { &self.standing } else { &self.fresh }
    }

    /// Whether it is shown anew.
    pub(super) fn is_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Takes the last figures instead of new ones.
    pub(super) fn stand(&mut self) {
        self.fresh.clear();
    }

    /// Shows neither.
    pub(super) fn drop(&mut self) {
        self.fresh.clear();
        self.standing.clear();
    }

    /// The release and month of what is shown.
    pub(super) fn origin(&self) -> Option<(ReleaseId, Period)> {
        self.lines().first().map(|(_, cell)| (cell.release, cell.as_of))
    }
}

/// What one table shows of a program's units, of all families or of all
/// complaints.
pub(super) struct Classed<'a> {
    pub reading: Reading,
    subject: Subject<'a>,
    code: &'a ProgramCode,
    pub groups: Vec<Choice>,
}

impl<'a> Classed<'a> {
    /// The groups of parts, each with new figures if it may show them.
    pub(super) fn of(reading: Reading, subject: Subject<'a>, code: &'a ProgramCode, parts: &[(AreaCode, Vec<Member>)]) -> Classed<'a> {
        let (k, seen) = (subject.month.k, subject.month.release.period());
        let of_parts: Vec<Vec<u64>> = parts.iter().map(|(_, members)| reading.words_of(members, seen)).collect();
        let sound = |inside: &[usize]| {
            let totals: Vec<u64> = inside.iter().map(|at| parts[*at].1.len() as u64).collect();
            let all = inside.iter().map(|at| of_parts[*at].clone()).reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
            all.is_some_and(|all| classes(&all, k).is_some()) && parts_hide_each_other(&totals, k)
        };
        let mut groups = Vec::new();
        for group in subject.groups(parts, sound) {
            let display = reading.display(&group.members, seen, k).filter(|_| group.fresh);
            let fresh = display.map_or_else(Vec::new, |display| {
                let line = |line: super::reading::Line| {
                    let of_group = blank(subject.month.release, code, group.area.clone(), line.measure);
                    let category = reading.name(&line.class);
                    (line.table, Cell { category, value: Some(line.value), status: Status::Observed, ..of_group })
                };
                display.lines.into_iter().map(line).collect()
            });
            let standing = reading.tables().into_iter().flat_map(|table| {
                subject.standing_in(table, code, &group.area).into_iter().map(move |cell| (table, cell)).collect::<Vec<_>>()
            });
            let standing = standing.filter(|(table, cell)| reading.measures().contains(&(*table, measure_of(&cell.measure)))).collect();
            groups.push(Choice { area: group.area, members: group.members, fresh, standing });
        }
        groups.retain(|group| !group.lines().is_empty());
        Classed { reading, subject, code, groups }
    }

    /// The people that the figures shown of a group are about, at their time.
    pub(super) fn people<'b>(&'b self, group: &'b Choice) -> Option<&'b [Member]> {
        if group.is_fresh() {
            return Some(&group.members);
        }
        let (release, _) = group.origin()?;
        self.subject.snapshots().find(|shown| shown.release == release && shown.area == group.area).map(|shown| shown.members.as_slice())
    }

    /// The classes of a group, with the number of people in each.
    pub(super) fn classes_of(&self, group: &Choice) -> Vec<(Vec<usize>, u64)> {
        let measure = self.reading.measure();
        let whole = group.lines().iter().filter(|(table, cell)| *table == self.reading.table && cell.measure == measure);
        whole.filter_map(|(_, cell)| Some((self.reading.class(&cell.category), cell.value?))).collect()
    }

    /// Writes the lines of all groups and of the kabupaten.
    pub(super) fn write(self, district: AreaCode, tables: &mut Tables) {
        let (reading, release, code) = (self.reading, self.subject.month.release, self.code);
        let mut lines: Lines = Vec::new();
        for group in &self.groups {
            let whole = group.lines().iter().find(|(table, _)| *table == reading.table);
            if let Some((table, first)) = whole.filter(|_| group.area.single().is_none() && reading.table != Table::Flows) {
                lines.extend(group.area.members().iter().map(|member| {
                    let of_member = Cell {
                        area: (*member).into(),
                        category: String::new(),
                        value: None,
                        status: Status::Grouped,
                        group: Some(group.area.clone()),
                        ..first.clone()
                    };
                    (*table, of_member)
                }));
            }
            lines.extend(group.lines().iter().cloned());
        }
        lines.extend(self.kabupaten(district));
        if reading.table != Table::Flows {
            for table in reading.tables() {
                if lines.iter().all(|(of, _)| *of != table) {
                    let measures = reading.measures().iter().filter(|(of, _)| *of == table);
                    let measures = measures.take(if table == Table::Targeting { 2 } else { 1 });
                    lines.extend(measures.map(|(_, measure)| (table, blank(release, code, district, measure))).collect::<Vec<_>>());
                }
            }
        }
        for (table, cell) in lines {
            tables.cells(table).push(cell);
        }
        let new = self.groups.into_iter().filter(Choice::is_fresh).map(|group| Snapshot {
            release,
            table: reading.table,
            subject: self.subject.name(),
            area: group.area,
            as_of: release.period(),
            members: group.members,
        });
        tables.shown.extend(new.collect::<Vec<_>>());
    }

    /// The kabupaten: what all groups have in common, summed; a division of a
    /// class where all groups divide all of it.
    fn kabupaten(&self, district: AreaCode) -> Lines {
        let (reading, release) = (self.reading, self.subject.month.release);
        let blocks = self.groups.iter().fold(Vec::new(), |blocks: Vec<Vec<usize>>, group| {
            let classes: Vec<Vec<usize>> = self.classes_of(group).into_iter().map(|(class, _)| class).collect();
            join(&blocks, &classes)
        });
        let mut lines = Vec::new();
        for block in blocks {
            let inside = |cell: &Cell| reading.class(&cell.category).iter().all(|at| block.contains(at));
            let of = |group: &'_ Choice, (table, measure): (Table, &str)| -> Vec<(u64, Period)> {
                let cells = group.lines().iter().filter(|(of, cell)| *of == table && cell.measure == measure && inside(cell));
                cells.filter_map(|(_, cell)| Some((cell.value?, cell.as_of))).collect()
            };
            for wanted in reading.measures() {
                let parts: Vec<_> = self.groups.iter().map(|group| (of(group, *wanted), of(group, reading.measures()[0]))).collect();
                if parts.iter().any(|(parts, wholes)| parts.len() != wholes.len()) {
                    continue;
                }
                let parts: Vec<(u64, Period)> = parts.into_iter().flat_map(|(parts, _)| parts).collect();
                let as_of = parts.iter().map(|(_, as_of)| *as_of).min().unwrap_or(release.period());
                let sum = parts.iter().map(|(n, _)| n).sum();
                let whole = blank(release, self.code, district, wanted.1);
                lines.push((wanted.0, Cell { category: reading.name(&block), value: Some(sum), status: Status::Observed, as_of, ..whole }));
            }
        }
        lines
    }
}

/// Verification and freshness divide the same units, and nobody unchecked was
/// ever checked: where one of them shows those alone and the other only with
/// others, subtracting leaves the others. What is left must be at least k, and
/// what can be hidden have k possible values; else new figures wait, first those
/// of freshness, then those of verification.
pub(super) fn settle<'a>(verification: &mut Classed<'a>, freshness: &mut Classed<'a>, k: u64) {
    while let Some(block) = unchecked_give_away(verification, freshness, k) {
        let inside = |group: &Choice| group.area.members().iter().any(|area| block.contains(area));
        let fresh = |table: &Classed<'_>| table.groups.iter().any(|group| inside(group) && group.is_fresh());
        let (table, stand) = if fresh(freshness) {
            (&mut *freshness, true)
        } else if fresh(verification) {
            (&mut *verification, true)
        } else {
            (&mut *freshness, false)
        };
        for group in table.groups.iter_mut().filter(|group| inside(group)) {
            if stand { group.stand() } else { group.drop() }
        }
        table.groups.retain(|group| !group.lines().is_empty());
    }
}

/// What is told of the unchecked in some groups: exactly for those that show
/// them alone, and for the others the class they are in and how many others
/// are in it.
#[derive(Default)]
struct Unchecked {
    known: u64,
    within: u64,
    others: u64,
    mixed: bool,
}

fn unchecked_in(table: &Classed<'_>, block: &[AreaCode]) -> Option<Unchecked> {
    let mut all = Unchecked::default();
    for group in table.groups.iter().filter(|group| group.area.members().iter().any(|area| block.contains(area))) {
        let (class, n) = table.classes_of(group).into_iter().find(|(class, _)| class.contains(&0))?;
        let unchecked = table.people(group)?.iter().filter(|member| member.category == 0).count() as u64;
        if class.len() == 1 {
            all.known += n;
        } else {
            all.mixed = true;
            all.within += n;
            all.others += n.saturating_sub(unchecked);
        }
    }
    Some(all)
}

/// Kecamatan in which the two tables, subtracted, tell of fewer than k.
fn unchecked_give_away(verification: &Classed<'_>, freshness: &Classed<'_>, k: u64) -> Option<Vec<AreaCode>> {
    let areas = |table: &Classed<'_>| table.groups.iter().map(|group| group.area.members().to_vec()).collect::<Vec<_>>();
    let (of_verification, of_freshness) = (areas(verification), areas(freshness));
    join(&of_verification, &of_freshness).into_iter().find(|block| {
        let covers = |areas: &[Vec<AreaCode>]| areas.iter().filter(|area| area.iter().any(|area| block.contains(area))).count();
        let (one, other) = (covers(&of_verification), covers(&of_freshness));
        // Where only one of them shows anything there is nothing to subtract.
        if one == 0 || other == 0 {
            return false;
        }
        let whole = |areas: &[Vec<AreaCode>]| areas.iter().flatten().filter(|area| block.contains(area)).count() == block.len();
        let (Some(a), Some(b)) = (unchecked_in(verification, block), unchecked_in(freshness, block)) else { return true };
        match (a.mixed, b.mixed) {
            (false, false) => false,
            // Groups that cross each other, or leave kecamatan out.
            _ if (one > 1 && other > 1) || !whole(&of_verification) || !whole(&of_freshness) => true,
            (false, true) => b.others < k || a.known.saturating_sub(b.known) < k,
            (true, false) => a.others < k || b.known.saturating_sub(a.known) < k,
            (true, true) => {
                let (least, most) = (a.known.max(b.known), (a.known + a.within).min(b.known + b.within));
                (most + 1).saturating_sub(least) < k
            }
        }
    })
}

/// A measure's name as the readings have it.
fn measure_of(name: &str) -> &'static str {
    let known = Table::ALL.iter().flat_map(|table| table.measures());
    known.copied().find(|known| *known == name).unwrap_or_default()
}
