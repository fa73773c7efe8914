//! What differs between two releases of a district, and the dataset of
//! corrections that follows from it.
//!
//! Everything here is a function of two public releases and tells nothing that
//! whoever holds both does not have. Figures are compared by all that names them
//! but the month, so that a correction is held against the issue it corrects
//! and one month against another in the same way. What counts is what a reader
//! sees: value, status and group. That the same figure was published again, or
//! stands from an earlier release, is no difference.
//!
//! Tables are sorted, so two of them are walked side by side: memory does not
//! depend on their length.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;

use dataset::{Field, Kind, Value};
use domain::{AreaLabel, Cell, EditionId, Period, ProgramCode, ReleaseId, Status, Table};

use crate::manifest::Manifest;
use crate::{Error, Reason, ReleaseFolder, Result};

/// A figure as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The value, where it is observed: units, or whole rupiah.
    pub value: Option<u64>,
    /// What the value is, or why there is none.
    pub status: Status,
    /// The group that shows it, when `status` is `grouped`.
    pub group: Option<AreaLabel>,
}

impl From<Cell> for Figure {
    fn from(cell: Cell) -> Figure {
        Figure { value: cell.value, status: cell.status, group: cell.group }
    }
}

/// A figure that is another in the later release, or that only one of them has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: Table,
    /// The area or pool of areas.
    pub area: AreaLabel,
    /// The program.
    pub program: ProgramCode,
    /// One of the table's measures.
    pub measure: String,
    /// The category; empty where there is none.
    pub category: String,
    /// The figure before; `None` where there was none.
    pub before: Option<Figure>,
    /// The figure after; `None` where there is none any more.
    pub after: Option<Figure>,
}

/// Walks two sorted tables of one kind side by side and gives what differs.
///
/// # Errors
/// Per item: what either table gives, or that it is not in order.
pub fn of_table<A, B>(table: Table, before: A, after: B) -> impl Iterator<Item = Result<Change>>
where
    A: Iterator<Item = Result<Cell>>,
    B: Iterator<Item = Result<Cell>>,
{
    SideBySide {
        table,
        before: Ordered { cells: before, table, last: None }.peekable(),
        after: Ordered { cells: after, table, last: None }.peekable(),
    }
}

/// Everything that differs between two releases, by table and in the order of
/// the tables' files. The files are streamed.
///
/// # Errors
/// When they are not of one district, or a file cannot be read; then per item.
pub fn between(before: &ReleaseFolder, after: &ReleaseFolder) -> Result<impl Iterator<Item = Result<Change>> + use<>> {
    of_one_district(before.manifest(), after.manifest())?;
    let mut walks = Vec::with_capacity(Table::ALL.len());
    for table in Table::ALL {
        walks.push(of_table(table, before.cells(table)?, after.cells(table)?));
    }
    Ok(walks.into_iter().flatten())
}

fn of_one_district(before: &Manifest, after: &Manifest) -> Result<()> {
    if before.district == after.district {
        return Ok(());
    }
    let what = format!("{} and {} are of different districts; compare two releases of one", before.release, after.release);
    Err(Error::Format { path: "changes".to_owned(), what })
}

/// The rows of one program in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsOf {
    /// Their edition.
    pub edition: EditionId,
    /// Rows.
    pub rows: u64,
    /// Atoms that the rows form.
    pub atoms: u32,
}

/// Rows of a program that are others in the later release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsChange {
    /// The program.
    pub program: ProgramCode,
    /// Its rows before; `None` where it had none.
    pub before: Option<RowsOf>,
    /// Its rows after; `None` where it has none any more.
    pub after: Option<RowsOf>,
}

/// Programs whose rows are of another edition, or of another number, by their
/// manifests. Rows have no lasting ids, so no row is held against another.
///
/// # Errors
/// When the releases are not of one district.
pub fn rows(before: &Manifest, after: &Manifest) -> Result<Vec<RowsChange>> {
    of_one_district(before, after)?;
    let mut programs: BTreeMap<&ProgramCode, [Option<RowsOf>; 2]> = BTreeMap::new();
    for (at, manifest) in [before, after].into_iter().enumerate() {
        for total in &manifest.editions {
            let rows = RowsOf { edition: manifest.edition, rows: total.rows, atoms: total.atoms };
            programs.entry(&total.program).or_default()[at] = Some(rows);
        }
    }
    let changed = programs.into_iter().filter(|(_, [before, after])| before != after);
    Ok(changed.map(|(program, [before, after])| RowsChange { program: program.clone(), before, after }).collect())
}

/// The columns by which figures are compared, in the order of files.
type Place<'a> = (&'a AreaLabel, &'a ProgramCode, &'a str, &'a str);

fn place(cell: &Cell) -> Place<'_> {
    (&cell.area, &cell.program, &cell.measure, &cell.category)
}

/// Refuses a table that is not in order: two such tables would seem to differ
/// where they do not.
struct Ordered<I> {
    cells: I,
    table: Table,
    last: Option<Cell>,
}

impl<I: Iterator<Item = Result<Cell>>> Iterator for Ordered<I> {
    type Item = Result<Cell>;
    fn next(&mut self) -> Option<Self::Item> {
        let cell = match self.cells.next()? {
            Ok(cell) => cell,
            Err(error) => return Some(Err(error)),
        };
        if let Some(last) = &self.last
            && (place(last) >= place(&cell) || last.period != cell.period)
        {
            let (area, program, measure, category) = place(&cell);
            let what = format!(
                "{area}, {program}, {}, {measure}, {category:?} does not come after the line before it: lines are of one month, sorted by area, program, measure and category, each once",
                cell.period
            );
            return Some(Err(Error::Format { path: format!("data/{}.csv", self.table), what }));
        }
        self.last = Some(cell.clone());
        Some(Ok(cell))
    }
}

struct SideBySide<A: Iterator, B: Iterator> {
    table: Table,
    before: Peekable<A>,
    after: Peekable<B>,
}

impl<A, B> Iterator for SideBySide<A, B>
where
    A: Iterator<Item = Result<Cell>>,
    B: Iterator<Item = Result<Cell>>,
{
    type Item = Result<Change>;
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let order = match (self.before.peek(), self.after.peek()) {
                (None, None) => return None,
                (Some(Err(_)), _) | (Some(Ok(_)), None) => Ordering::Less,
                (_, Some(Err(_))) | (None, Some(Ok(_))) => Ordering::Greater,
                (Some(Ok(before)), Some(Ok(after))) => place(before).cmp(&place(after)),
            };
            let taken = (
                if order == Ordering::Greater { None } else { self.before.next() },
                if order == Ordering::Less { None } else { self.after.next() },
            );
            let (before, after) = match (taken.0.transpose(), taken.1.transpose()) {
                (Ok(before), Ok(after)) => (before, after),
                (Err(error), _) | (_, Err(error)) => return Some(Err(error)),
            };
            let Some(named) = before.as_ref().or(after.as_ref()) else { continue };
            let (area, program, measure, category) =
                (named.area.clone(), named.program.clone(), named.measure.clone(), named.category.clone());
            let (before, after) = (before.map(Figure::from), after.map(Figure::from));
            if before != after {
                return Some(Ok(Change { table: self.table, area, program, measure, category, before, after }));
            }
        }
    }
}

/// A line of the dataset of corrections: a figure that is another than in the
/// issue which the release corrects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What changed.
    pub change: Change,
    /// The month.
    pub period: Period,
    /// The issue that is corrected.
    pub corrects: ReleaseId,
    /// Why, from the closed list.
    pub reason: Reason,
}

impl Correction {
    /// The line as a row of its dataset.
    #[must_use]
    pub fn row(&self) -> Vec<Value> {
        let fields = dataset::dictionary::CORRECTIONS.fields.iter().zip(self.fields());
        let value = |(field, text): (&Field, String)| match text.parse() {
            Ok(count) if field.kind == Kind::Count => Value::Count(count),
            _ if text.is_empty() => Value::Empty,
            _ => Value::Text(text),
        };
        fields.map(value).collect()
    }

    /// The line's fields as text, in the order of
    /// [`dataset::dictionary::CORRECTIONS`]; empty where there is nothing.
    #[must_use]
    pub fn fields(&self) -> [String; 14] {
        let change = &self.change;
        let text = |figure: &Option<Figure>| -> [String; 3] {
            let Some(figure) = figure else { return Default::default() };
            [
                figure.value.map(|value| value.to_string()).unwrap_or_default(),
                figure.status.to_string(),
                figure.group.as_ref().map(ToString::to_string).unwrap_or_default(),
            ]
        };
        let ([value_before, status_before, group_before], [value, status, group]) = (text(&change.before), text(&change.after));
        [
            change.table.to_string(),
            change.area.to_string(),
            change.program.to_string(),
            self.period.to_string(),
            change.measure.clone(),
            change.category.clone(),
            value_before,
            status_before,
            group_before,
            value,
            status,
            group,
            self.corrects.to_string(),
            self.reason.as_str().to_owned(),
        ]
    }
}

/// The lines of a revision's dataset of corrections. `corrected` is the issue it
/// corrects; its figures are told as "before", so it must be one that stands.
///
/// # Errors
/// When `after` does not correct `corrected`; then per line.
pub fn corrections(corrected: &ReleaseFolder, after: &ReleaseFolder) -> Result<impl Iterator<Item = Result<Correction>> + use<>> {
    let (of, manifest) = (corrected.manifest(), after.manifest());
    let Some(correction) = manifest.correction.as_ref().filter(|correction| correction.of == of.release) else {
        let what = format!("{} does not correct {}", manifest.release, of.release);
        return Err(Error::format(&after.path().join("manifest.json"), what));
    };
    let (period, corrects, reason) = (manifest.period, correction.of, correction.reason);
    Ok(between(corrected, after)?.map(move |change| Ok(Correction { change: change?, period, corrects, reason })))
}

/// Whether a revision keeps silent although figures of the issue it corrects
/// are others now: right only where that issue had been withdrawn before.
///
/// # Errors
/// When `after` does not correct `corrected`, or a file cannot be read.
pub fn untold(corrected: &ReleaseFolder, after: &ReleaseFolder) -> Result<bool> {
    let path = format!("data/{}.csv", dataset::dictionary::CORRECTIONS.name);
    let silent = after.manifest().files.iter().all(|file| file.path != path || file.rows == 0);
    Ok(silent && corrections(corrected, after)?.next().transpose()?.is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(area: &str, measure: &str, value: Option<u64>, release: &str) -> Cell {
        let release: ReleaseId = release.parse().unwrap();
        Cell {
            area: area.parse().unwrap(),
            program: "PKH".parse().unwrap(),
            period: release.period(),
            measure: measure.into(),
            category: String::new(),
            value,
            status: if value.is_some() { Status::Observed } else { Status::Missing },
            group: None,
            release,
            as_of: release.period(),
        }
    }

    fn differ(before: Vec<Cell>, after: Vec<Cell>) -> Result<Vec<Change>> {
        of_table(Table::Flows, before.into_iter().map(Ok), after.into_iter().map(Ok)).collect()
    }

    const MAY: &str = "12.74-2025-05";
    const JUNE: &str = "12.74-2025-06";
    const AGAIN: &str = "12.74-2025-06-r2";

    #[test]
    fn what_is_the_same_again_is_no_change() {
        let before = vec![cell("12.74", "entered", Some(3), JUNE), cell("12.74", "left", None, JUNE)];
        let after = vec![cell("12.74", "entered", Some(3), AGAIN), cell("12.74", "left", None, AGAIN)];
        assert_eq!(differ(before.clone(), after).unwrap(), []);
        // Nor against another month, though everything is of another month there.
        let may = vec![cell("12.74", "entered", Some(3), MAY), cell("12.74", "left", None, MAY)];
        assert_eq!(differ(may, before).unwrap(), []);
    }

    #[test]
    fn changed_added_and_removed_figures_are_told() {
        let before =
            vec![cell("12.74", "entered", Some(3), JUNE), cell("12.74", "left", Some(5), JUNE), cell("12.74.01", "left", Some(1), JUNE)];
        let after =
            vec![cell("12.74", "entered", Some(4), AGAIN), cell("12.74", "left", None, AGAIN), cell("12.74.02", "left", Some(9), AGAIN)];
        let told: Vec<(String, Option<u64>, Option<u64>)> = differ(before, after)
            .unwrap()
            .into_iter()
            .map(|change| {
                let value = |figure: &Option<Figure>| figure.as_ref().and_then(|figure| figure.value);
                (format!("{} {}", change.area, change.measure), value(&change.before), value(&change.after))
            })
            .collect();
        let expected = [
            ("12.74 entered".to_owned(), Some(3), Some(4)),
            ("12.74 left".to_owned(), Some(5), None),
            ("12.74.01 left".to_owned(), Some(1), None),
            ("12.74.02 left".to_owned(), None, Some(9)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn another_group_is_a_change() {
        let grouped = |release: &str, group: &str| Cell {
            status: Status::Grouped,
            group: Some(group.parse().unwrap()),
            ..cell("12.74.01", "left", None, release)
        };
        let changes = differ(vec![grouped(JUNE, "12.74.01~12.74.02")], vec![grouped(AGAIN, "12.74.01~12.74.02~12.74.03")]).unwrap();
        assert_eq!(changes.len(), 1);
        let line = Correction {
            change: changes[0].clone(),
            period: "2025-06".parse().unwrap(),
            corrects: JUNE.parse().unwrap(),
            reason: Reason::WrongArea,
        };
        let names: Vec<&str> = dataset::dictionary::CORRECTIONS.fields.iter().map(|field| field.name).collect();
        let fields = line.fields();
        let value = |name: &str| fields[names.iter().position(|one| *one == name).unwrap()].as_str();
        assert_eq!(names.len(), fields.len());
        assert_eq!(value("table"), "flows");
        assert_eq!(value("status_before"), "grouped");
        assert_eq!(value("group_before"), "12.74.01~12.74.02");
        assert_eq!(value("value_before"), "");
        assert_eq!(value("group"), "12.74.01~12.74.02~12.74.03");
        assert_eq!((value("period"), value("corrects"), value("reason")), ("2025-06", JUNE, "wrong-area"));
    }

    #[test]
    fn a_table_out_of_order_is_refused() {
        let wrong = vec![cell("12.74.02", "left", Some(1), JUNE), cell("12.74.01", "left", Some(1), JUNE)];
        let error = differ(wrong.clone(), Vec::new()).unwrap_err().to_string();
        assert!(error.contains("data/flows.csv") && error.contains("12.74.01") && error.contains("sorted"), "{error}");
        assert!(differ(Vec::new(), wrong).is_err());
        let twice = vec![cell("12.74", "left", Some(1), JUNE), cell("12.74", "left", Some(1), JUNE)];
        assert!(differ(twice, Vec::new()).is_err());
        let months = vec![cell("12.74", "left", Some(1), JUNE), cell("12.74.01", "left", Some(1), MAY)];
        assert!(differ(months, Vec::new()).is_err());
    }

    proptest! {
        /// The walk tells exactly what two maps differ in, whatever they hold.
        #[test]
        fn the_walk_is_the_difference_of_two_maps(
            before in proptest::collection::btree_map(0u8..40, 0u64..3, 0..40),
            after in proptest::collection::btree_map(0u8..40, 0u64..3, 0..40),
        ) {
            let cells = |map: &BTreeMap<u8, u64>, release: &str| -> Vec<Cell> {
                map.iter().map(|(n, value)| cell(&format!("12.74.{:02}.10{:02}", 1 + n / 10, 1 + n % 10), "left", Some(*value), release)).collect()
            };
            let told = differ(cells(&before, JUNE), cells(&after, AGAIN)).unwrap();
            let keys: std::collections::BTreeSet<u8> = before.keys().chain(after.keys()).copied().collect();
            let expected: Vec<(Option<u64>, Option<u64>)> = keys
                .into_iter()
                .map(|key| (before.get(&key).copied(), after.get(&key).copied()))
                .filter(|(before, after)| before != after)
                .collect();
            let value = |figure: &Option<Figure>| figure.as_ref().and_then(|figure| figure.value);
            let told: Vec<_> = told.iter().map(|change| (value(&change.before), value(&change.after))).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
