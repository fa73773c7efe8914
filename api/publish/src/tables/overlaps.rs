//! Families that two programs have in common (design: PRIVACY R6), refreshed as
//! R4 says: shown for a kecamatan only where both, and each without the other,
//! are at least k families, zero counted as small.
//!
//! Families, not units, since only they can be in programs of either kind; a
//! family is in a program where its card is, and two programs overlap in a
//! kecamatan where a family has both of them there.

use std::collections::BTreeMap;

use disclosure::sensitive::{Member, join};
use domain::{AreaCode, AreaLabel, Cell, ProgramCode, Status, Table};

use super::groups::{Subject, counts, together};
use super::reading::Reading;
use super::{District, Month, Snapshot, Tables, Units, blank};

/// Categories of a pair: the first program only, the second only, both.
const BOTH: u64 = 2;

/// What is shown of a pair of programs in an area: only the one, only the other, both.
type Shown = BTreeMap<AreaLabel, [u64; 3]>;

/// Families of a program by kecamatan, in order of their numbers.
type Families = Vec<Vec<u64>>;

/// The table of all pairs.
pub(super) fn overlaps(month: &Month<'_>, district: &District, tables: &mut Tables) {
    let open = month.state.programs.iter().filter(|code| reference::program(code).is_some_and(|program| !program.sensitive));
    let programs: Vec<(&ProgramCode, Families)> = open.map(|code| (code, families(month, district, code))).collect();
    let mut pairs: Vec<(usize, usize, Shown)> = Vec::new();
    for (at, (one, families)) in programs.iter().enumerate() {
        for (other_at, (other, others)) in programs.iter().enumerate().skip(at + 1) {
            let codes = [*one, *other];
            let pair = Pair {
                subject: Subject { month, table: Table::Overlaps, programs: &codes, reading: None, flows: tables.of(Table::Flows) },
                district,
            };
            let (cells, snapshots, shown) = pair.lines(families, others);
            if shown.is_empty() || three_give_away(&pairs, (at, other_at, &shown), month.k) {
                continue;
            }
            let now: Shown = snapshots.iter().filter_map(|new| Some((new.area.clone(), *shown.get(&new.area)?))).collect();
            let gives_away = |table: &Table| outcomes_give_away(*table, tables.of(*table), month, codes, &now);
            if [Table::Verification, Table::Freshness, Table::Findings].iter().any(gives_away) {
                continue;
            }
            pairs.push((at, other_at, shown));
            tables.cells(Table::Overlaps).extend(cells);
            tables.shown.extend(snapshots);
        }
    }
}

fn families(month: &Month<'_>, district: &District, code: &ProgramCode) -> Families {
    let mut families: Families = vec![Vec::new(); district.kecamatan.len()];
    for unit in Units::of(month.state, code).units {
        let kecamatan = unit.kelurahan.parent();
        if let Ok(at) = district.kecamatan.binary_search_by_key(&kecamatan, |area| Some(*area)) {
            families[at].push(unit.family.expose());
        }
    }
    for part in &mut families {
        part.sort_unstable();
        part.dedup();
    }
    families
}

/// Families of either program with their category, both lists in order.
fn merged(one: &[u64], other: &[u64]) -> Vec<Member> {
    let mut members = Vec::with_capacity(one.len() + other.len());
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    while let Some(id) = a.peek().into_iter().chain(b.peek()).map(|id| **id).min() {
        let (first, second) = (a.next_if(|next| **next == id).is_some(), b.next_if(|next| **next == id).is_some());
        let category = if first && second { BOTH } else { u64::from(second) };
        members.push(Member { id, category });
    }
    members
}

struct Pair<'a> {
    subject: Subject<'a>,
    district: &'a District,
}

impl Pair<'_> {
    fn lines(&self, one: &Families, other: &Families) -> (Vec<Cell>, Vec<Snapshot>, Shown) {
        let k = self.subject.month.k;
        let parts: Vec<(AreaCode, Vec<Member>)> = self
            .district
            .kecamatan
            .iter()
            .zip(one.iter().zip(other))
            .map(|(kecamatan, (one, other))| (*kecamatan, merged(one, other)))
            .collect();
        let of = |at: usize| counts(&parts[at].1, 3);
        let sound = |inside: &[usize]| {
            let all = counts(&together(&parts, inside), 3);
            all.iter().all(|n| *n >= k) && hide_each_other(&inside.iter().map(|at| of(*at)).collect::<Vec<_>>(), k)
        };
        let (mut cells, mut snapshots, mut shown) = (Vec::new(), Vec::new(), Shown::new());
        let mut whole = [0u64; 3];
        let mut as_of = self.subject.month.release.period();
        for group in self.subject.groups(&parts, sound) {
            let lines = if group.fresh {
                let counts = counts(&group.members, 3);
                self.cells(group.area.clone(), [counts[0], counts[1], counts[2]])
            } else {
                self.subject.programs.iter().flat_map(|program| self.standing(program, &group.area)).collect()
            };
            let Some(first) = lines.first().cloned() else { continue };
            let value = |program: usize, measure: &str| {
                lines
                    .iter()
                    .find(|cell| cell.program == *self.subject.programs[program] && cell.measure == measure)
                    .and_then(|cell| cell.value)
            };
            let (Some(a), Some(b), Some(both)) = (value(0, "only"), value(1, "only"), value(0, "both")) else { continue };
            for (sum, n) in whole.iter_mut().zip([a, b, both]) {
                *sum += n;
            }
            as_of = as_of.min(first.as_of);
            shown.insert(group.area.clone(), [a, b, both]);
            if group.area.single().is_none() {
                for member in group.area.members() {
                    cells.extend(self.mirrored().map(|(program, category)| Cell {
                        area: (*member).into(),
                        program: program.clone(),
                        measure: "both".to_owned(),
                        category: category.to_string(),
                        value: None,
                        status: Status::Grouped,
                        group: Some(group.area.clone()),
                        ..first.clone()
                    }));
                }
            }
            cells.extend(lines);
            if group.fresh {
                snapshots.push(self.subject.snapshot(group));
            }
        }
        if !shown.is_empty() {
            cells.extend(self.cells(self.district.code.into(), whole).into_iter().map(|cell| Cell { as_of, ..cell }));
            shown.insert(self.district.code.into(), whole);
        }
        (cells, snapshots, shown)
    }

    /// Each program of the pair with the other one.
    fn mirrored(&self) -> impl Iterator<Item = (&ProgramCode, &ProgramCode)> {
        let programs = self.subject.programs;
        [(programs[0], programs[1]), (programs[1], programs[0])].into_iter()
    }

    fn cells(&self, area: AreaLabel, [a, b, both]: [u64; 3]) -> Vec<Cell> {
        let only = [a, b];
        let line = |program: &ProgramCode, category: &ProgramCode, measure: &str, value: u64| Cell {
            category: category.to_string(),
            value: Some(value),
            status: Status::Observed,
            ..blank(self.subject.month.release, program, area.clone(), measure)
        };
        self.mirrored()
            .zip(only)
            .flat_map(|((program, category), only)| [line(program, category, "both", both), line(program, category, "only", only)])
            .collect()
    }

    fn standing(&self, program: &ProgramCode, area: &AreaLabel) -> Vec<Cell> {
        let other = self.subject.programs.iter().find(|other| **other != program);
        let mut cells = self.subject.standing(program, area);
        cells.retain(|cell| other.is_some_and(|other| cell.category == other.as_str()));
        cells
    }
}

/// Whether the parts of a pool leave each other's number of families with both
/// programs `k` possible values, or as many as their totals allow: what a part
/// holds at most is the smaller of its two programs.
fn hide_each_other(parts: &[Vec<u64>], k: u64) -> bool {
    let most: Vec<u64> = parts.iter().map(|part| part[0].min(part[1]) + part[2]).collect();
    let (sum, room) = (parts.iter().map(|part| part[2]).sum::<u64>(), most.iter().sum::<u64>());
    parts.len() < 2
        || most.iter().all(|most| {
            let (low, high) = (sum.saturating_sub(room - most), sum.min(*most));
            high - low + 1 >= k.min(most + 1)
        })
}

/// Attack 7 on three programs: with the overlaps of each two of them, the
/// families with all three have bounds; every region of the three is one of
/// them away from it, so too few values for the one are too few for all.
fn three_give_away(pairs: &[(usize, usize, Shown)], (a, b, shown): (usize, usize, &Shown), k: u64) -> bool {
    let with =
        |one: usize, other: usize| pairs.iter().find(|(x, y, _)| (*x, *y) == (one.min(other), one.max(other))).map(|(_, _, shown)| shown);
    let others = pairs.iter().flat_map(|(x, y, _)| [*x, *y]).collect::<std::collections::BTreeSet<_>>();
    others.into_iter().filter(|c| *c != a && *c != b).any(|c| {
        let (Some(ac), Some(bc)) = (with(a, c), with(b, c)) else { return false };
        shown.iter().any(|(area, [a_only, b_only, ab])| {
            let (Some(in_ac), Some(in_bc)) = (ac.get(area), bc.get(area)) else { return false };
            let c_all = in_ac[usize::from(a < c)] + in_ac[2];
            range(&[a_only + ab, b_only + ab, c_all], &[*ab, in_ac[2], in_bc[2]]) < k
        })
    })
}

/// Attack 7 on outcomes, and on whatever else is said of a cardholder: a family
/// has one, so one outcome, one last check and one finding in both programs. How many of either program are in a class then bounds how many of
/// both are, and of either alone, where all of it is shown now. `now` are the
/// overlaps that are.
fn outcomes_give_away(table: Table, cells: &[Cell], month: &Month<'_>, programs: [&ProgramCode; 2], now: &Shown) -> bool {
    if programs.iter().any(|code| reference::program(code).is_none_or(|program| program.unit != domain::Unit::Family)) {
        return false;
    }
    let class = |name: &str| Reading::of(table).class(name);
    let shown = programs.map(|program| {
        cells
            .iter()
            .filter(|cell| cell.program == *program && cell.release == month.release)
            .filter(|cell| cell.area.members().iter().all(|area| area.level() == domain::Level::Kecamatan))
            .filter_map(|cell| Some((cell.area.members().to_vec(), class(&cell.category), cell.value?)))
            .collect::<Vec<_>>()
    });
    let areas = |lines: &[(Vec<AreaCode>, Vec<usize>, u64)]| lines.iter().map(|(area, _, _)| area.clone()).collect::<Vec<_>>();
    let overlaps: Vec<Vec<AreaCode>> = now.keys().map(|area| area.members().to_vec()).collect();
    // Kecamatan for which all three have sums.
    join(&overlaps, &join(&areas(&shown[0]), &areas(&shown[1]))).into_iter().any(|block| {
        let inside = |area: &[AreaCode]| area.iter().all(|area| block.contains(area));
        let covers = |areas: Vec<Vec<AreaCode>>| {
            let mut covered: Vec<AreaCode> = areas.into_iter().filter(|area| inside(area)).flatten().collect();
            covered.sort_unstable();
            covered.dedup();
            covered == block
        };
        if !(covers(overlaps.clone()) && covers(areas(&shown[0])) && covers(areas(&shown[1]))) {
            return false;
        }
        let of = |at: usize| now.iter().filter(|(area, _)| inside(area.members())).map(|(_, counts)| counts[at]).sum::<u64>();
        let [only_a, only_b, both] = [of(0), of(1), of(2)];
        let lines = || shown.iter().flatten().filter(|(area, _, _)| inside(area));
        let classes = lines().fold(Vec::new(), |classes, (_, class, _)| join(&classes, std::slice::from_ref(class)));
        classes.iter().any(|class| {
            let [a, b] = [0, 1].map(|program: usize| {
                let of_class = shown[program].iter().filter(|(area, part, _)| inside(area) && part.iter().all(|at| class.contains(at)));
                of_class.map(|(_, _, n)| n).sum::<u64>()
            });
            let (low, high) = (a.saturating_sub(only_a).max(b.saturating_sub(only_b)), both.min(a).min(b));
            (high + 1).saturating_sub(low) < month.k
        })
    })
}

/// How many values the families with all of three programs can take. Totals are
/// of A, B and C, overlaps of AB, AC and BC.
fn range([a, b, c]: &[u64; 3], [ab, ac, bc]: &[u64; 3]) -> u64 {
    let low = [(ab + ac).saturating_sub(*a), (ab + bc).saturating_sub(*b), (ac + bc).saturating_sub(*c)].into_iter().max().unwrap_or(0);
    let high = *ab.min(ac).min(bc);
    (high + 1).saturating_sub(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_of_two_programs() {
        let members = merged(&[1, 3, 5], &[3, 4]);
        let found: Vec<(u64, u64)> = members.iter().map(|member| (member.id, member.category)).collect();
        assert_eq!(found, vec![(1, 0), (3, 2), (4, 1), (5, 0)]);
    }

    #[test]
    fn three_overlaps_can_give_a_region_away() {
        assert_eq!(range(&[100, 100, 100], &[50, 50, 50]), 51);
        // AB and AC leave at least 80 of A with all three, and B and C share 82.
        assert_eq!(range(&[120, 110, 110], &[100, 100, 82]), 3);
    }

    #[test]
    fn a_small_part_gives_a_large_one_away() {
        assert!(!hide_each_other(&[vec![40, 40, 40], vec![1, 1, 2]], 11));
        assert!(hide_each_other(&[vec![40, 40, 40], vec![20, 20, 20]], 11));
    }
}
