//! What an attacker can work out of hidden numbers: a system of linear equations
//! between whole numbers, each between two bounds, and the least and most that
//! every one of them can be.
//!
//! Bounds are first pushed through the equations until nothing moves. Where no
//! equations form a circle that is the answer, and it takes no time; a circle
//! goes to linear programs. Most unknowns are decided without one of their own:
//! any solution is a value they can have.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

/// The most unknowns and equations that are looked at together; more is a finding.
const LARGEST: usize = 3_000;
/// Numbers above this are beyond what floating point tells apart after a sum.
const HIGHEST: i128 = 1 << 45;
/// A single linear program takes milliseconds; one that takes this is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much work linear programs may still do: a folder made to take forever
/// gets a finding instead of an answer.
#[derive(Debug, Clone)]
pub struct Budget(u64);

impl Default for Budget {
    /// About half a minute.
    fn default() -> Budget {
        Budget(2_000_000_000)
    }
}

impl Budget {
    fn take(&mut self, work: u64) -> bool {
        let enough = self.0 >= work;
        self.0 = self.0.saturating_sub(work);
        enough
    }

    /// Nothing left.
    #[must_use]
    pub const fn none() -> Budget {
        Budget(0)
    }
}

/// Unknown whole numbers and the equations between them.
#[derive(Debug, Clone, Default)]
pub struct System {
    unknowns: Vec<Unknown>,
    equations: Vec<(Vec<(usize, i8)>, i128)>,
}

#[derive(Debug, Clone)]
struct Unknown {
    name: String,
    least: i128,
    most: Option<i128>,
    values: u64,
}

/// What is known of an unknown that has too few possible values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It lies between these.
    Between(u64, u64),
    /// With others that are not shown it makes this, which is few.
    Sum(u64),
    /// Too much hangs together to tell.
    TooLarge,
}

impl System {
    /// Adds a number called `name`, at least `least` and, where that is known, at
    /// most `most`, that should keep `values` possible values (0: no matter).
    pub fn unknown(&mut self, name: impl Into<String>, least: u64, most: Option<u64>, values: u64) -> usize {
        self.unknowns.push(Unknown { name: name.into(), least: least.into(), most: most.map(i128::from), values });
        self.unknowns.len() - 1
    }

    /// Adds an equation: these unknowns, each added or subtracted, make `sum`.
    /// Numbers that [`System::unknown`] did not give are left out.
    pub fn equation(&mut self, terms: impl IntoIterator<Item = (usize, i8)>, sum: i64) {
        let mut of: BTreeMap<usize, i8> = BTreeMap::new();
        for (at, sign) in terms {
            if at < self.unknowns.len() {
                of.insert(at, sign.signum());
            }
        }
        self.equations.push((of.into_iter().filter(|(_, sign)| *sign != 0).collect(), sum.into()));
    }

    /// Sums of hidden numbers that are 1..k-1 themselves: of an equation, and of
    /// what is left of it less all others that lie within it apart. Each number
    /// in them may have enough possible values; together they tell of few.
    #[must_use]
    pub fn small_sums(&self, k: u64) -> Vec<(Vec<String>, u64)> {
        let sums: Vec<(BTreeSet<usize>, i128)> = self
            .equations
            .iter()
            .filter(|(terms, _)| !terms.is_empty() && terms.iter().all(|(_, sign)| *sign > 0))
            .map(|(terms, sum)| (terms.iter().map(|(at, _)| *at).collect(), *sum))
            .collect();
        let mut found = BTreeSet::new();
        for (whole, sum) in &sums {
            let (mut rest, mut left) = (whole.clone(), *sum);
            for (part, sum) in sums.iter().filter(|(part, _)| part.len() < whole.len()) {
                if part.is_subset(&rest) {
                    rest = &rest - part;
                    left -= sum;
                }
            }
            for (members, sum) in [(whole.clone(), *sum), (rest, left)] {
                if let Ok(sum) = u64::try_from(sum)
                    && (1..k).contains(&sum)
                    && !members.is_empty()
                {
                    found.insert((members.into_iter().map(|at| self.unknowns[at].name.clone()).collect::<Vec<_>>(), sum));
                }
            }
        }
        found.into_iter().collect()
    }

    /// The unknowns that do not keep their values, by name. Figures that
    /// contradict each other tell nothing here; their sums are another attack's.
    #[must_use]
    pub fn narrow(&self, budget: &mut Budget) -> Vec<(String, Verdict)> {
        let mut found = Vec::new();
        for component in self.components() {
            found.extend(component.narrow(budget));
        }
        found.into_iter().map(|(at, verdict)| (self.unknowns[at].name.clone(), verdict)).collect()
    }

    fn components(&self) -> Vec<Component<'_>> {
        let mut root: Vec<usize> = (0..self.unknowns.len()).collect();
        fn find(root: &mut [usize], mut at: usize) -> usize {
            while root[at] != at {
                root[at] = root[root[at]];
                at = root[at];
            }
            at
        }
        for (terms, _) in &self.equations {
            for pair in terms.windows(2) {
                let (one, other) = (find(&mut root, pair[0].0), find(&mut root, pair[1].0));
                root[one] = other;
            }
        }
        let mut components: BTreeMap<usize, Component<'_>> = BTreeMap::new();
        let new = || Component { system: self, members: Vec::new(), equations: BTreeMap::new(), sound: true };
        for at in 0..self.unknowns.len() {
            components.entry(find(&mut root, at)).or_insert_with(new).members.push(at);
        }
        for (terms, sum) in &self.equations {
            let Some((first, _)) = terms.first() else { continue };
            let component = components.entry(find(&mut root, *first)).or_insert_with(new);
            // The same equation twice is no circle; with two sums it is a contradiction.
            component.sound &= component.equations.insert(terms.clone(), *sum).is_none_or(|before| before == *sum);
        }
        components.into_values().collect()
    }
}

/// Unknowns that hang together.
struct Component<'a> {
    system: &'a System,
    members: Vec<usize>,
    equations: BTreeMap<Vec<(usize, i8)>, i128>,
    sound: bool,
}

/// Bounds by unknown; an absent upper one is none.
type Bounds = BTreeMap<usize, (i128, Option<i128>)>;

impl Component<'_> {
    fn narrow(&self, budget: &mut Budget) -> Vec<(usize, Verdict)> {
        let wanted: Vec<usize> = self.members.iter().copied().filter(|at| self.system.unknowns[*at].values > 0).collect();
        if wanted.is_empty() || !self.sound {
            return Vec::new();
        }
        let too_large = || wanted.iter().map(|at| (*at, Verdict::TooLarge)).collect();
        let extreme = self.equations.values().any(|sum| sum.abs() > HIGHEST)
            || self.members.iter().any(|at| self.system.unknowns[*at].least > HIGHEST);
        if self.members.len() > LARGEST || self.equations.len() > LARGEST || extreme {
            return too_large();
        }
        let (bounds, settled) = match self.push() {
            Some(pushed) => pushed,
            None => return Vec::new(),
        };
        let narrow = |at: usize, least: i128, most: Option<i128>| {
            let most = most?;
            let few = most - least + 1 < i128::from(self.system.unknowns[at].values);
            few.then(|| (at, Verdict::Between(u64::try_from(least).unwrap_or(0), u64::try_from(most).unwrap_or(u64::MAX))))
        };
        if settled && self.without_circles(&bounds) {
            return wanted.iter().filter_map(|at| bounds.get(at).and_then(|(least, most)| narrow(*at, *least, *most))).collect();
        }
        match self.by_programs(&bounds, &wanted, budget) {
            Programs::Ranges(ranges) => ranges.into_iter().filter_map(|(at, (least, most))| narrow(at, least, Some(most))).collect(),
            Programs::Contradiction => Vec::new(),
            Programs::TooLarge => too_large(),
        }
    }

    /// Pushes bounds through the equations; and whether nothing moved in the end.
    /// `None` where they contradict each other.
    fn push(&self) -> Option<(Bounds, bool)> {
        let of = |at: &usize| (*at, (self.system.unknowns[*at].least, self.system.unknowns[*at].most));
        let mut bounds: Bounds = self.members.iter().map(of).collect();
        for _ in 0..200 {
            let mut moved = false;
            for (terms, sum) in &self.equations {
                // The sum of the terms' least and most, and how many have no most.
                let (mut low, mut high, mut no_low, mut no_high) = (0i128, 0i128, 0, 0);
                let side = |bounds: &Bounds, at: usize, sign: i8| {
                    let (least, most) = bounds[&at];
                    if sign > 0 { (Some(least), most) } else { (most.map(|most| -most), Some(-least)) }
                };
                for (at, sign) in terms {
                    let (least, most) = side(&bounds, *at, *sign);
                    least.map_or_else(|| no_low += 1, |least| low += least);
                    most.map_or_else(|| no_high += 1, |most| high += most);
                }
                if (no_low == 0 && low > *sum) || (no_high == 0 && high < *sum) {
                    return None;
                }
                for (at, sign) in terms {
                    let (least, most) = side(&bounds, *at, *sign);
                    // What the others leave at most and at least.
                    let others_low =
                        if least.is_none() { (no_low == 1).then_some(low) } else { (no_low == 0).then(|| low - least.unwrap_or(0)) };
                    let others_high =
                        if most.is_none() { (no_high == 1).then_some(high) } else { (no_high == 0).then(|| high - most.unwrap_or(0)) };
                    let (new_most, new_least) = (others_low.map(|low| sum - low), others_high.map(|high| sum - high));
                    let (new_least, new_most) =
                        if *sign > 0 { (new_least, new_most) } else { (new_most.map(|n| -n), new_least.map(|n| -n)) };
                    let (old_least, old_most) = bounds[at];
                    let least = new_least.map_or(old_least, |new| new.max(old_least));
                    let most = match (new_most, old_most) {
                        (Some(new), Some(old)) => Some(new.min(old)),
                        (new, old) => new.or(old),
                    };
                    if most.is_some_and(|most| most < least) {
                        return None;
                    }
                    if (least, most) != (old_least, old_most) {
                        moved = true;
                        bounds.insert(*at, (least, most));
                        // Sums of this equation are reckoned again in the next round.
                        break;
                    }
                }
            }
            if !moved {
                return Some((bounds, true));
            }
        }
        Some((bounds, false))
    }

    /// Whether the unknowns that are still open and their equations form no circle.
    fn without_circles(&self, bounds: &Bounds) -> bool {
        let open = |at: &usize| bounds.get(at).is_some_and(|(least, most)| Some(*least) != *most);
        let mut root: BTreeMap<usize, usize> = BTreeMap::new();
        fn find(root: &BTreeMap<usize, usize>, mut at: usize) -> usize {
            while let Some(up) = root.get(&at).filter(|up| **up != at) {
                at = *up;
            }
            at
        }
        let mut seen: BTreeSet<Vec<(usize, i8)>> = BTreeSet::new();
        for terms in self.equations.keys() {
            let mut left: Vec<(usize, i8)> = terms.iter().copied().filter(|(at, _)| open(at)).collect();
            // One equation, whichever way round it was written.
            if left.first().is_some_and(|(_, sign)| *sign < 0) {
                left.iter_mut().for_each(|(_, sign)| *sign = -*sign);
            }
            if left.is_empty() || !seen.insert(left.clone()) {
                continue;
            }
            let Some((first, _)) = left.first() else { continue };
            for (at, _) in &left[1..] {
                let (one, other) = (find(&root, *first), find(&root, *at));
                if one == other {
                    return false;
                }
                root.insert(one, other);
            }
        }
        true
    }

    fn by_programs(&self, bounds: &Bounds, wanted: &[usize], budget: &mut Budget) -> Programs {
        let needed = |at: &usize| i128::from(self.system.unknowns[*at].values);
        // What was seen of each: any solution is a possible value.
        let mut seen: BTreeMap<usize, (i128, i128)> = BTreeMap::new();
        let decided =
            |seen: &BTreeMap<usize, (i128, i128)>, at: &usize| seen.get(at).is_some_and(|(least, most)| most - least + 1 >= needed(at));
        let mut solve = |costs: &BTreeMap<usize, f64>, seen: &mut BTreeMap<usize, (i128, i128)>| {
            let work = (self.members.len() * (self.equations.len() + 8)) as u64;
            if !budget.take(work) {
                return Err(Programs::TooLarge);
            }
            let solution = self.maximise(bounds, costs)?;
            for at in wanted {
                let value = solution.get(at).copied().unwrap_or(0.0);
                let (low, high) = ((value - 1e-6).ceil() as i128, (value + 1e-6).floor() as i128);
                let range = seen.entry(*at).or_insert((low, high));
                *range = (range.0.min(low), range.1.max(high));
            }
            Ok(())
        };
        // A few programs over all that are open decide most of them.
        for round in 0..8u64 {
            let sign =
                |n: usize| if round < 2 { round == 0 } else { (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (round + 40) & 1 == 0 };
            let open = wanted.iter().filter(|at| !decided(&seen, at));
            let costs: BTreeMap<usize, f64> = open.enumerate().map(|(n, at)| (*at, if sign(n) { 1.0 } else { -1.0 })).collect();
            if costs.is_empty() {
                break;
            }
            if let Err(end) = solve(&costs, &mut seen) {
                return end;
            }
        }
        for at in wanted {
            for cost in [1.0, -1.0] {
                if !decided(&seen, at)
                    && let Err(end) = solve(&BTreeMap::from([(*at, cost)]), &mut seen)
                {
                    return end;
                }
            }
        }
        Programs::Ranges(seen)
    }

    fn maximise(&self, bounds: &Bounds, costs: &BTreeMap<usize, f64>) -> Result<BTreeMap<usize, f64>, Programs> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        problem.set_time_limit(PATIENCE);
        // Nothing that is unbounded needs to grow further than this to be wide.
        let ceiling = HIGHEST as f64;
        let variables: BTreeMap<usize, Variable> = bounds
            .iter()
            .map(|(at, (least, most))| {
                let most = most.map_or(ceiling, |most| most as f64);
                (*at, problem.add_var(costs.get(at).copied().unwrap_or(0.0), (*least as f64, most)))
            })
            .collect();
        for (terms, sum) in &self.equations {
            let terms: Vec<(Variable, f64)> = terms.iter().filter_map(|(at, sign)| Some((*variables.get(at)?, f64::from(*sign)))).collect();
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, *sum as f64);
        }
        let outcome = match problem.solve() {
            Ok(outcome) => outcome,
            Err(microlp::Error::Infeasible) => return Err(Programs::Contradiction),
            Err(_) => return Err(Programs::TooLarge),
        };
        let solution = outcome.into_solution().map_err(|_| Programs::TooLarge)?;
        Ok(variables.into_iter().map(|(at, variable)| (at, solution.var_value(variable))).collect())
    }
}

enum Programs {
    Ranges(BTreeMap<usize, (i128, i128)>),
    Contradiction,
    TooLarge,
}

/// The bounds of Fréchet: how many are in both a row of `row` and a column of
/// `column` of a table of `whole`, of which only the margins are shown.
#[must_use]
pub fn frechet(row: u64, column: u64, whole: u64) -> (u64, u64) {
    (row.saturating_add(column).saturating_sub(whole), row.min(column))
}

/// By how much the published number that entered exceeds the least that the
/// changes of the parts ask for: each part's number lies within that of its
/// least, so below k - 1 it is as good as shown. `None` where the figures
/// contradict each other.
#[must_use]
pub fn flow_slack(entered: u64, changes: &[i64]) -> Option<u64> {
    let least: u64 = changes.iter().map(|change| u64::try_from(*change).unwrap_or(0)).fold(0, u64::saturating_add);
    entered.checked_sub(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn narrow(system: &System) -> Vec<(String, Verdict)> {
        system.narrow(&mut Budget::default())
    }

    /// A whole of parts, of which one is hidden and nothing else.
    #[test]
    fn a_small_sum_of_hidden_numbers_is_found() {
        let mut system = System::default();
        let at: Vec<usize> = ["a", "b", "c", "d"].map(|name| system.unknown(name, 0, None, 11)).to_vec();
        system.equation([(at[0], 1), (at[1], 1)], 40);
        system.equation(at.iter().map(|at| (*at, 1)), 50);
        // Between 0 and 10 each, which is 11 values, and 10 together.
        assert_eq!(system.narrow(&mut Budget::default()), []);
        assert_eq!(system.small_sums(11), [(vec!["c".to_owned(), "d".to_owned()], 10)]);
        assert_eq!(system.small_sums(10), []);
    }

    #[test]
    fn primary_suppression_alone_is_undone() {
        let mut system = System::default();
        let hidden = system.unknown("a", 0, None, 11);
        system.equation([(hidden, 1)], 5);
        assert_eq!(narrow(&system), [("a".into(), Verdict::Between(5, 5))]);
    }

    #[test]
    fn visible_zeros_give_away_a_sum_near_its_bounds() {
        let group = |sum: i64, least: u64| {
            let mut system = System::default();
            let members: Vec<_> = (0..12).map(|n| system.unknown(format!("{n}"), least, Some(12), 11)).collect();
            system.equation(members.iter().map(|at| (*at, 1)), sum);
            narrow(&system)
        };
        assert!(group(12, 0).is_empty());
        // Zeros are shown, so these twelve are one each.
        assert_eq!(group(12, 1).len(), 12);
        assert!(group(12, 1).iter().all(|(_, verdict)| *verdict == Verdict::Between(1, 1)));
        assert_eq!(group(21, 1).len(), 12, "1 to 10 is ten values");
        assert!(group(22, 1).is_empty());
        assert_eq!(group(140, 0).len(), 12, "near the most");
    }

    /// Stock minus stock is entered minus left: one month hides, the other shows.
    #[test]
    fn flows_from_month_to_month_couple_what_each_hides() {
        let months = |left: u64, shown: bool| {
            let mut system = System::default();
            let (a, b) = (system.unknown("a", 0, None, 11), system.unknown("b", 0, None, 11));
            system.equation([(a, 1), (b, 1)], 60);
            if shown {
                // 30 the month before, 4 entered, `left` left.
                let stock = 30 + 4 - left as i64;
                system.equation([(a, 1)], stock);
            }
            narrow(&system).len()
        };
        assert_eq!(months(3, false), 0);
        assert_eq!(months(3, true), 2);
    }

    #[test]
    fn what_is_too_large_is_a_finding_and_not_a_pass() {
        let mut system = System::default();
        let cells: Vec<Vec<usize>> =
            (0..4).map(|row| (0..4).map(|at| system.unknown(format!("{row}{at}"), 0, None, 11)).collect()).collect();
        for n in 0..4 {
            system.equation(cells[n].iter().map(|at| (*at, 1)), 40);
            system.equation(cells.iter().map(|row| (row[n], 1)), 40);
        }
        assert!(narrow(&system).is_empty());
        let found = system.narrow(&mut Budget::none());
        assert!(found.len() == 16 && found.iter().all(|(_, verdict)| *verdict == Verdict::TooLarge));
        let mut system = System::default();
        let one = system.unknown("one", 0, None, 11);
        system.equation([(one, 1), (77, 1)], i64::MAX);
        assert_eq!(narrow(&system)[0].1, Verdict::TooLarge);
        let mut system = System::default();
        let many: Vec<_> = (0..=LARGEST).map(|n| system.unknown(format!("{n}"), 0, None, 11)).collect();
        system.equation(many.iter().map(|at| (*at, 1)), 1_000_000);
        assert!(narrow(&system).iter().all(|(_, verdict)| *verdict == Verdict::TooLarge) && !narrow(&system).is_empty());
    }

    #[test]
    fn contradictions_end() {
        let mut system = System::default();
        let (a, b) = (system.unknown("a", 5, Some(3), 11), system.unknown("b", 0, None, 11));
        system.equation([(a, 1), (b, 1)], 4);
        system.equation([(a, 1), (b, -1)], 1);
        system.equation([(a, 1), (b, 1)], 9);
        system.equation([], 3);
        assert!(narrow(&system).is_empty());
    }

    /// Every way to fill a system of small numbers, by trying.
    fn by_trying(most: &[u64], equations: &[(Vec<(usize, i8)>, i64)]) -> Option<Vec<(u64, u64)>> {
        let mut ranges: Option<Vec<(u64, u64)>> = None;
        let mut values = vec![0u64; most.len()];
        loop {
            let holds = equations
                .iter()
                .all(|(terms, sum)| terms.iter().map(|(at, sign)| values[*at] as i64 * i64::from(*sign)).sum::<i64>() == *sum);
            if holds {
                let ranges = ranges.get_or_insert_with(|| values.iter().map(|n| (*n, *n)).collect());
                for (range, n) in ranges.iter_mut().zip(&values) {
                    *range = (range.0.min(*n), range.1.max(*n));
                }
            }
            let Some(at) = (0..most.len()).find(|at| values[*at] < most[*at]) else { return ranges };
            values[..at].fill(0);
            values[at] += 1;
        }
    }

    fn ranges(most: &[u64], equations: &[(Vec<(usize, i8)>, i64)]) -> BTreeMap<String, Verdict> {
        let mut system = System::default();
        for (n, most) in most.iter().enumerate() {
            system.unknown(n.to_string(), 0, Some(*most), 1_000);
        }
        for (terms, sum) in equations {
            system.equation(terms.clone(), *sum);
        }
        narrow(&system).into_iter().collect()
    }

    proptest! {
        /// Two-way tables have circles: linear programs against trying, and
        /// against the closed form.
        #[test]
        fn margins_of_a_table_bound_its_cells_as_frechet_says(cells in proptest::collection::vec(0u64..5, 6)) {
            let equations: Vec<(Vec<(usize, i8)>, i64)> = (0..2)
                .map(|row| (0..3).map(|at| row * 3 + at).collect::<Vec<usize>>())
                .chain((0..3).map(|column| vec![column, 3 + column]))
                .map(|of| (of.iter().map(|at| (*at, 1)).collect(), of.iter().map(|at| cells[*at] as i64).sum()))
                .collect();
            let whole: u64 = cells.iter().sum();
            let found = ranges(&[8; 6], &equations);
            let tried = by_trying(&[8; 6], &equations);
            for row in 0..2 {
                for column in 0..3 {
                    let at = row * 3 + column;
                    let (least, most) = frechet(equations[row].1 as u64, equations[2 + column].1 as u64, whole);
                    prop_assert_eq!(&found[&at.to_string()], &Verdict::Between(least, most.min(8)));
                    prop_assert_eq!(tried.as_ref().map(|tried| tried[at]), Some((least, most.min(8))));
                }
            }
        }

        /// Groups within groups have none: pushing bounds against trying.
        #[test]
        fn nested_sums_are_bounded_exactly(cells in proptest::collection::vec(0u64..4, 5), split in 1usize..4) {
            let sum = |of: &[usize]| of.iter().map(|at| cells[*at] as i64).sum::<i64>();
            let first: Vec<usize> = (0..=split).collect();
            let all: Vec<usize> = (split..5).collect();
            let equations: Vec<(Vec<(usize, i8)>, i64)> =
                [first, all].iter().map(|of| (of.iter().map(|at| (*at, 1)).collect(), sum(of))).collect();
            let (found, tried) = (ranges(&[4; 5], &equations), by_trying(&[4; 5], &equations).unwrap());
            for (at, (least, most)) in tried.iter().enumerate() {
                prop_assert_eq!(&found[&at.to_string()], &Verdict::Between(*least, *most));
            }
        }

        /// Who entered and left each part, when the whole's numbers are shown.
        #[test]
        fn the_slack_of_flows_is_the_width_of_every_part(before in proptest::collection::vec(3u64..6, 3), entered in proptest::collection::vec(0u64..4, 3), left in proptest::collection::vec(0u64..4, 3)) {
            let changes: Vec<i64> = (0..3).map(|at| entered[at] as i64 - left[at] as i64).collect();
            let mut system = System::default();
            let parts: Vec<(usize, usize)> = (0..3).map(|at| (system.unknown(format!("e{at}"), 0, None, 1_000), system.unknown(format!("l{at}"), 0, None, 1_000))).collect();
            for (at, (e, l)) in parts.iter().enumerate() {
                system.equation([(*e, 1), (*l, -1)], changes[at]);
            }
            system.equation(parts.iter().map(|(e, _)| (*e, 1)), entered.iter().sum::<u64>() as i64);
            system.equation(parts.iter().map(|(_, l)| (*l, 1)), left.iter().sum::<u64>() as i64);
            let slack = flow_slack(entered.iter().sum(), &changes).unwrap();
            prop_assert!(before.len() == 3);
            for (name, verdict) in narrow(&system) {
                let at: usize = name[1..].parse().unwrap();
                let least = if name.starts_with('e') { changes[at].max(0) } else { (-changes[at]).max(0) } as u64;
                prop_assert_eq!(verdict, Verdict::Between(least, least + slack), "{}", name);
            }
        }
    }
}
