//! Sums of amounts that vary from family to family (design: PRIVACY R5): of
//! kecamatan and above, at least k contributors, and never so that two sums of
//! different months, subtracted, leave the amounts of few. What would is summed
//! over more kecamatan.

use std::collections::BTreeMap;

use disclosure::merge_small;
use disclosure::sensitive::{Member, join};
use domain::{AreaCode, AreaLabel, Cell, ReleaseId, Rupiah, Status, Table};

use super::groups::{Group, Subject, together};
use super::{Sheet, Snapshot, Units};

const MEASURE: &str = "paid_rupiah";

impl Sheet<'_> {
    /// The sums that were paid of a program without a fixed amount.
    pub(super) fn paid_rupiah(&mut self, units: &Units<'_>) {
        let is_money = self.program.amounts.iter().all(|amount| amount.kg.is_none());
        if !is_money || self.program.fixed_amount.is_some() {
            return;
        }
        let collected = self.month.state.disbursements.contains(&self.program.code);
        let contributors = |unit: &registry::Enrolled| unit.paid.map(Rupiah::get).filter(|amount| *amount > 0);
        let parts = if collected { self.parts(units, contributors) } else { Vec::new() };
        let groups = self.summed(&parts);
        let Some(groups) = groups else {
            for area in std::iter::once(self.district.code).chain(self.district.kecamatan.iter().copied()) {
                self.observed(Table::Payments, area, MEASURE, None);
            }
            return;
        };
        let mut whole = 0;
        for (area, members) in parts.iter().filter(|(_, members)| members.is_empty()) {
            self.observed(Table::Payments, *area, MEASURE, Some(members.len() as u64));
        }
        for group in groups {
            let members = together(&parts, &group);
            let sum = members.iter().map(|member| member.category).sum();
            let Ok(area) = AreaLabel::pool(group.iter().map(|at| parts[*at].0)) else { continue };
            whole += sum;
            if area.single().is_none() {
                for member in area.members() {
                    self.put(Table::Payments, *member, MEASURE, None, Status::Grouped, Some(area.clone()));
                }
            }
            self.put(Table::Payments, area.clone(), MEASURE, Some(sum), Status::Observed, None);
            let shown = self.subject(|subject| subject.snapshot(Group { area, members, fresh: true }));
            self.tables.shown.push(shown);
        }
        self.observed(Table::Payments, self.district.code, MEASURE, Some(whole));
    }

    fn subject<T>(&self, ask: impl FnOnce(&Subject<'_>) -> T) -> T {
        let flows: &[Cell] = self.tables.of(Table::Flows);
        ask(&Subject { month: self.month, table: Table::Payments, programs: &[&self.program.code], reading: None, flows })
    }

    /// The kecamatan whose sums are shown together; `None` when none can be.
    fn summed(&self, parts: &[(AreaCode, Vec<Member>)]) -> Option<Vec<Vec<usize>>> {
        let k = self.month.k;
        if parts.is_empty() || self.month.past.held.contains(&(Table::Payments, self.program.code.clone())) {
            return None;
        }
        let alone = (0..parts.len()).filter(|at| !parts[*at].1.is_empty()).map(|at| vec![at]).collect();
        let size = |group: &Vec<usize>| group.iter().map(|at| parts[*at].1.len() as u64).sum::<u64>();
        let joined = |mut one: Vec<usize>, other: Vec<usize>| {
            one.extend(other);
            one.sort_unstable();
            one
        };
        let mut groups: Vec<Vec<usize>> = merge_small(alone, |group| few(&together(parts, group), k), size, joined);
        loop {
            match groups
                .iter()
                .position(|group| few(&together(parts, group), k))
                .map(|at| groups[at].clone())
                .or_else(|| self.given_away(parts, &groups))
            {
                None => return Some(groups),
                // The block is one of whole groups: it takes in the smallest of the others.
                Some(block) => {
                    let (inside, mut outside): (Vec<_>, Vec<_>) =
                        groups.into_iter().partition(|group| group.iter().any(|at| block.contains(at)));
                    let next = (0..outside.len()).min_by_key(|at| (size(&outside[*at]), *at))?;
                    let next = outside.swap_remove(next);
                    outside.push(joined(inside.concat(), next));
                    outside.sort();
                    groups = outside;
                }
            }
        }
    }

    /// The first block of kecamatan whose sum, less its sum in an earlier
    /// month, would tell of few.
    fn given_away(&self, parts: &[(AreaCode, Vec<Member>)], groups: &[Vec<usize>]) -> Option<Vec<usize>> {
        self.subject(|subject| {
            let mut earlier: BTreeMap<ReleaseId, Vec<&Snapshot>> = BTreeMap::new();
            for shown in subject.snapshots() {
                earlier.entry(shown.release).or_default().push(shown);
            }
            let now: Vec<Vec<AreaCode>> = groups.iter().map(|group| group.iter().map(|at| parts[*at].0).collect()).collect();
            for shown in earlier.into_values() {
                let then: Vec<Vec<AreaCode>> = shown.iter().map(|shown| shown.area.members().to_vec()).collect();
                for block in join(&now, &then) {
                    let inside: Vec<usize> = (0..parts.len()).filter(|at| block.contains(&parts[*at].0)).collect();
                    let mut members: Vec<Member> = shown
                        .iter()
                        .filter(|shown| shown.area.members().iter().any(|area| block.contains(area)))
                        .flat_map(|shown| shown.members.iter().copied())
                        .collect();
                    members.sort_unstable();
                    let (Some(first), Ok(area)) = (shown.first(), AreaLabel::pool(block.iter().copied())) else { continue };
                    let before = Snapshot { members, area: area.clone(), ..(*first).clone() };
                    if !subject.may(&before, &together(parts, &inside), &area) {
                        return Some(inside);
                    }
                }
            }
            None
        })
    }
}

/// Whether a sum over these would tell of few: fewer than k contribute, or
/// fewer than k get another amount than the most common one.
fn few(members: &[Member], k: u64) -> bool {
    let mut amounts: BTreeMap<u64, u64> = BTreeMap::new();
    for member in members {
        *amounts.entry(member.category).or_default() += 1;
    }
    let (all, most) = (members.len() as u64, amounts.values().max().copied().unwrap_or(0));
    all < k || all - most < k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_nearly_equal_amounts_tells_of_the_others() {
        let paid = |amounts: &[(u64, u64)]| {
            let each = amounts.iter().flat_map(|(amount, n)| (0..*n).map(move |_| *amount)).zip(0..);
            each.map(|(category, id)| Member { id, category }).collect::<Vec<_>>()
        };
        assert!(few(&paid(&[(225_000, 10)]), 11));
        assert!(few(&paid(&[(225_000, 400), (375_000, 3)]), 11));
        assert!(!few(&paid(&[(225_000, 400), (375_000, 11)]), 11));
    }
}
