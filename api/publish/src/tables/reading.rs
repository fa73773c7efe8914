//! How the people of a classed table are read: which words they are divided
//! into, which lines a group of them shows, and what may be told of those who
//! moved between two times (design: PRIVACY R4). One reading for each table, and
//! one way for all of them to be shown (`classed`).

use disclosure::sensitive::{Member, Rule, classes, few_are_renamed, may_show_again, may_show_cells_again};
use domain::{Freshness, Outcome, Period, PersonFinding, Table};

/// A classed table with the vocabulary of [`Table::classes`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub table: Table,
    words: &'static [&'static str],
    /// Whether its classes may be divided further.
    divided: bool,
}

/// A line of a group: a class of words, and how many are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub table: Table,
    pub measure: &'static str,
    pub class: Vec<usize>,
    pub value: u64,
}

/// What a group of people shows: its lines, and the cells that they divide the
/// keys of people into.
#[derive(Debug, Clone, Default)]
pub(super) struct Display {
    pub lines: Vec<Line>,
    pub cells: Vec<Vec<u64>>,
}

impl Reading {
    /// The reading of a table; of no classes for one that has none.
    pub(super) fn of(table: Table) -> Reading {
        Reading { table, words: table.classes().unwrap_or_default(), divided: true }
    }

    /// The same without divisions of classes.
    pub(super) fn undivided(self) -> Reading {
        Reading { divided: false, ..self }
    }

    /// The table and measure of whole classes first, then of their divisions.
    pub(super) const fn measures(self) -> &'static [(Table, &'static str)] {
        match self.table {
            Table::Flows => &[(Table::Flows, "left")],
            Table::Deciles | Table::Targeting => {
                &[(Table::Deciles, "families"), (Table::Targeting, "any_program"), (Table::Targeting, "no_program")]
            }
            Table::Reports => &[(Table::Reports, "received"), (Table::Reports, "answered"), (Table::Reports, "upheld")],
            Table::Findings => &[(Table::Findings, "units")],
            Table::Freshness => &[(Table::Freshness, "units")],
            _ => &[(Table::Verification, "units")],
        }
    }

    /// The measure of whole classes.
    pub(super) const fn measure(self) -> &'static str {
        self.measures()[0].1
    }

    /// What is asked of those who moved. That nobody checked somebody, and when
    /// somebody came by, tells of the office; that nothing was found of somebody
    /// does not stand out, but those of whom something was do.
    pub(super) const fn rule(self) -> Rule {
        match self.table {
            Table::Verification => Rule::shares(Some(Outcome::Unchecked as u64)),
            Table::Freshness => Rule::NUMBERS,
            Table::Findings => Rule::counted(PersonFinding::None as u64),
            _ => Rule::shares(None),
        }
    }

    /// Keys that people are divided by: each is of one word, and of one cell.
    const fn keys(self) -> usize {
        self.words.len() * self.divisions()
    }

    const fn divisions(self) -> usize {
        match self.table {
            Table::Deciles => 2,
            Table::Reports => 4,
            _ => 1,
        }
    }

    /// The key of a member's category, seen in a month: the category is what
    /// changes when something happens, the key what it is called.
    pub(super) fn key(self, category: u64, seen: Period) -> u64 {
        match self.table {
            Table::Freshness => Freshness::of(month(category), seen) as u64,
            _ => category,
        }
    }

    fn word(self, key: usize) -> usize {
        key / self.divisions()
    }

    /// How many members each key has.
    fn count(self, members: &[Member], seen: Period) -> Vec<u64> {
        let mut counts = vec![0; self.keys()];
        for member in members {
            if let Some(count) = usize::try_from(self.key(member.category, seen)).ok().and_then(|key| counts.get_mut(key)) {
                *count += 1;
            }
        }
        counts
    }

    /// How many members each word has.
    pub(super) fn words_of(self, members: &[Member], seen: Period) -> Vec<u64> {
        let mut words = vec![0; self.words.len()];
        for (key, n) in self.count(members, seen).iter().enumerate() {
            words[self.word(key)] += n;
        }
        words
    }

    /// The tables that its lines stand in.
    pub(super) fn tables(self) -> Vec<Table> {
        let mut tables: Vec<Table> = self.measures().iter().map(|(table, _)| *table).collect();
        tables.dedup();
        tables
    }

    /// What a group shows; `None` where it cannot be shown.
    pub(super) fn display(self, members: &[Member], seen: Period, k: u64) -> Option<Display> {
        let keys = self.count(members, seen);
        let classes = classes(&self.words_of(members, seen), k)?;
        let of = |class: &[usize], wanted: &dyn Fn(usize) -> bool| -> Vec<u64> {
            let inside = (0..keys.len()).filter(|key| class.contains(&self.word(*key)) && wanted(key % self.divisions()));
            inside.map(|key| key as u64).collect()
        };
        let number = |cell: &[u64]| cell.iter().filter_map(|key| keys.get(usize::try_from(*key).ok()?)).sum::<u64>();
        let mut display = Display::default();
        let mut show = |at: usize, class: &[usize], cell: &[u64]| {
            let (table, measure) = self.measures()[at];
            display.lines.push(Line { table, measure, class: class.to_vec(), value: number(cell) });
        };
        let mut cells = Vec::new();
        let wholes: Vec<Vec<u64>> = classes.iter().map(|class| of(class, &|_| true)).collect();
        classes.iter().zip(&wholes).for_each(|(class, whole)| show(0, class, whole));
        let parts = |wanted: &dyn Fn(usize) -> bool| classes.iter().map(|class| of(class, wanted)).collect::<Vec<_>>();
        match self.table {
            Table::Deciles if self.divided => {
                let (any, none) = (parts(&|receives| receives == 1), parts(&|receives| receives == 0));
                let numbers: Vec<[u64; 2]> = any.iter().zip(&none).map(|(any, none)| [number(any), number(none)]).collect();
                for (at, split) in split(&numbers, k).into_iter().enumerate() {
                    if split {
                        show(1, &classes[at], &any[at]);
                        show(2, &classes[at], &none[at]);
                        cells.extend([any[at].clone(), none[at].clone()]);
                    } else {
                        cells.push(wholes[at].clone());
                    }
                }
            }
            Table::Reports if self.divided => {
                let answered = |answer: usize| answer & 2 != 0;
                let (yes, no) = (parts(&answered), parts(&|answer| !answered(answer)));
                let (right, other) = (parts(&|answer| answer == 3), parts(&|answer| answer == 2));
                let both = |one: &[u64], other: &[u64]| number(one) >= k && number(other) >= k;
                for at in 0..classes.len() {
                    if !both(&yes[at], &no[at]) {
                        cells.push(wholes[at].clone());
                        continue;
                    }
                    show(1, &classes[at], &yes[at]);
                    cells.push(no[at].clone());
                    if both(&right[at], &other[at]) {
                        show(2, &classes[at], &right[at]);
                        cells.extend([right[at].clone(), other[at].clone()]);
                    } else {
                        cells.push(yes[at].clone());
                    }
                }
            }
            _ => cells = wholes,
        }
        display.cells = cells;
        Some(display)
    }

    /// Whether a group that was shown may be shown anew, by what the registry
    /// knows of its people at both times.
    pub(super) fn may_show_again(self, earlier: (&[Member], Period), now: (&[Member], Period), k: u64) -> bool {
        if !may_show_again(earlier.0, now.0, self.rule(), k) {
            return false;
        }
        let renamed = self.table == Table::Freshness
            && few_are_renamed(earlier.0, now.0, |category| self.key(category, earlier.1), |category| self.key(category, now.1), k);
        let cells = |(members, seen): (&[Member], Period)| self.display(members, seen, k).map(|display| display.cells);
        let (Some(before), Some(after)) = (cells(earlier), cells(now)) else { return !renamed };
        let by_key = |(members, seen): (&[Member], Period)| -> Vec<Member> {
            members.iter().map(|member| Member { category: self.key(member.category, seen), ..*member }).collect()
        };
        !renamed && may_show_cells_again((&by_key(earlier), &before), (&by_key(now), &after), self.rule(), k)
    }

    /// The category of a class: its words, sorted, joined by `~`.
    pub(super) fn name(self, class: &[usize]) -> String {
        let mut names: Vec<&str> = class.iter().filter_map(|at| self.words.get(*at)).copied().collect();
        names.sort_unstable();
        names.join("~")
    }

    /// The words of a category.
    pub(super) fn class(self, name: &str) -> Vec<usize> {
        let at = |part: &str| self.words.iter().position(|word| *word == part);
        let mut class: Vec<usize> = name.split('~').filter_map(at).collect();
        class.sort_unstable();
        class
    }
}

/// Which decile classes may be divided into families with any program and with
/// none: those where both are at least k. What is left undivided is at least k
/// and leaves 2k others, and there always is some: else the families with any
/// program would be known, and with those of each program the others (R6).
fn split(numbers: &[[u64; 2]], k: u64) -> Vec<bool> {
    let mut split: Vec<bool> = numbers.iter().map(|both| both.iter().all(|n| *n >= k)).collect();
    loop {
        let whole = || numbers.iter().zip(&split).filter(|(_, split)| !**split).map(|(both, _)| *both);
        let left = whole().fold([0, 0], |[any, none], [more, others]| [any + more, none + others]);
        if left[0] >= k && left[1] >= 2 * k {
            return split;
        }
        match (0..split.len()).filter(|at| split[*at]).min_by_key(|at| numbers[*at].iter().sum::<u64>()) {
            Some(at) => split[at] = false,
            None => return split,
        }
    }
}

/// The number of a month, 0 for none: the category of freshness.
pub(super) fn month_number(month: Option<Period>) -> u64 {
    month.map_or(0, |month| u64::try_from(month.year()).unwrap_or(0) * 12 + u64::try_from(month.month()).unwrap_or(0))
}

/// The month of a number.
fn month(number: u64) -> Option<Period> {
    let months = number.checked_sub(1)?;
    Period::new(i16::try_from(months / 12).ok()?, i8::try_from(months % 12 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: u64 = 11;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    fn members(counts: &[(u64, u64)]) -> Vec<Member> {
        let each = counts.iter().flat_map(|(category, n)| (0..*n).map(move |_| *category));
        each.zip(0..).map(|(category, id)| Member { id, category }).collect()
    }

    fn shown(reading: Reading, counts: &[(u64, u64)]) -> Vec<(&'static str, String, u64)> {
        let display = reading.display(&members(counts), period("2025-06"), K).unwrap();
        display.lines.iter().map(|line| (line.measure, reading.name(&line.class), line.value)).collect()
    }

    #[test]
    fn categories_name_their_words() {
        let reading = Reading::of(Table::Verification);
        assert_eq!(reading.name(&[1]), "valid");
        assert_eq!(reading.name(&[2, 3, 0]), "no_card~other_name~unchecked");
        assert_eq!(reading.class("no_card~other_name~unchecked"), vec![0, 2, 3]);
        assert_eq!(Reading::of(Table::Freshness).class("0-3~never"), vec![0, 1]);
    }

    #[test]
    fn months_read_back() {
        for text in ["2024-12", "2025-01", "2025-11"] {
            assert_eq!(month(month_number(Some(period(text)))), Some(period(text)));
        }
        assert_eq!(month(month_number(None)), None);
    }

    #[test]
    fn freshness_is_seen_from_a_month() {
        let of = |text: &str| month_number(Some(period(text)));
        let lines = shown(
            Reading::of(Table::Freshness),
            &[(0, 40), (of("2025-05"), 50), (of("2025-03"), 3), (of("2024-01"), 20), (of("2023-01"), 12)],
        );
        assert_eq!(
            lines,
            // Twelve and nobody in two words are told apart from 20 by no sum: all four are one.
            [("units", "never".to_owned(), 40), ("units", "0-3".to_owned(), 53), ("units", "13-24~25+~4-6~7-12".to_owned(), 32)]
        );
    }

    #[test]
    fn a_decile_is_divided_where_the_rest_stays_open() {
        // Desil 1 and 2: with and without a program; desil 9: hardly any with one.
        let desil = |desil: u64, none: u64, any: u64| [(desil * 2, none), (desil * 2 + 1, any)];
        let reading = Reading::of(Table::Deciles);
        let counts = [desil(1, 30, 80), desil(2, 40, 60), desil(9, 200, 12), desil(10, 300, 2)].concat();
        let lines = shown(reading, &counts);
        let of = |measure: &str| lines.iter().filter(|line| line.0 == measure).map(|line| (line.1.as_str(), line.2)).collect::<Vec<_>>();
        // Desil 10 alone has two with a program: 9, the smallest that can join it, is not divided either.
        assert!(of("any_program").len() < of("families").len(), "{lines:?}");
        let [any, none] = ["any_program", "no_program"].map(|measure| of(measure).iter().map(|(_, n)| n).sum::<u64>());
        assert!(154 - any >= K && 570 - none >= 2 * K, "{lines:?}");
        let whole = reading.undivided();
        assert!(shown(whole, &counts).iter().all(|line| line.0 == "families"));
        assert_eq!(split(&[[20, 25], [20, 30]], K), [false, true]);
        assert_eq!(split(&[[20, 20], [5, 8]], K), [false, false]);
        assert_eq!(split(&[[20, 20], [30, 30], [0, 40]], K), [false, true, false]);
    }

    #[test]
    fn complaints_are_divided_twice() {
        let answers =
            |category: u64, open: u64, wrong: u64, right: u64| [(category * 4, open), (category * 4 + 2, wrong), (category * 4 + 3, right)];
        let lines = shown(Reading::of(Table::Reports), &[answers(1, 20, 11, 12), answers(2, 20, 9, 3), answers(3, 5, 30, 30)].concat());
        let of = |measure: &str| lines.iter().filter(|line| line.0 == measure).map(|line| (line.1.as_str(), line.2)).collect::<Vec<_>>();
        assert_eq!(of("answered").len(), 2, "{lines:?}");
        assert_eq!(of("upheld"), [("fiktif", 12)]);
    }

    #[test]
    fn what_is_new_of_a_few_is_not_shown() {
        let seen = period("2025-06");
        let reading = Reading::of(Table::Findings);
        let before = members(&[(0, 300), (1, 20), (2, 15)]);
        let again = |now: &[Member]| reading.may_show_again((&before, seen), (now, period("2025-07")), K);
        assert!(again(&before));
        // Twelve more found, then one of them only.
        let found = |n: usize| {
            let mut now = before.clone();
            now[..n].iter_mut().for_each(|member| member.category = 1);
            now
        };
        assert!(!again(&found(1)) && !again(&found(10)) && !again(&found(12)), "all of the changed are deceased now");
        let mut now = found(14);
        now[14..28].iter_mut().for_each(|member| member.category = 2);
        assert!(again(&now));
        now[28].category = 3;
        assert!(!again(&now), "one moved");
        // Twenty join, two of them earners.
        let mut now = before.clone();
        now.extend((1000..1020).map(|id| Member { id, category: if id < 1002 { 3 } else { 0 } }));
        assert!(!again(&now));
    }

    #[test]
    fn time_that_passes_moves_few_or_many() {
        let of = |text: &str| month_number(Some(period(text)));
        let reading = Reading::of(Table::Freshness);
        for (few, may) in [(3, false), (12, true)] {
            let people = members(&[(0, 100), (of("2025-03"), few), (of("2025-05"), 60)]);
            // In July those of March are four months old.
            assert_eq!(reading.may_show_again((&people, period("2025-06")), (&people, period("2025-07")), K), may, "{few}");
        }
    }
}
