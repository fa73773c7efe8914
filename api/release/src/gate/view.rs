//! What the attacks keep of a release: read once, and of the tables only what
//! figures of other releases can be subtracted from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{AreaCode, AreaLabel, Cell, Level, Outcome, Period, ProgramCode, ReleaseId, Table};

use crate::{Atom, Manifest, ReleaseFolder, Result};

/// Every cell of a release, by table.
pub(super) type Tables = BTreeMap<Table, Vec<Cell>>;

/// The tables that show people by classes, with the measure of whole classes.
pub(super) const CLASSED: [(Table, &str); 6] = [
    (Table::Verification, "units"),
    (Table::Freshness, "units"),
    (Table::Findings, "units"),
    (Table::Deciles, "families"),
    (Table::Reports, "received"),
    (Table::Flows, "left"),
];

/// The tables whose figures may stand in later releases.
pub(super) const STANDING: [Table; 7] =
    [Table::Verification, Table::Overlaps, Table::Freshness, Table::Findings, Table::Deciles, Table::Targeting, Table::Reports];

/// Whether a line counts people of a class, whole: neither an exact count nor a
/// part of a class.
pub(super) fn is_of_class(table: Table, cell: &Cell) -> bool {
    let whole = CLASSED.iter().any(|(of, measure)| *of == table && *measure == cell.measure);
    whole && (table != Table::Flows || !cell.category.is_empty())
}

/// Whether a line may stand from an earlier release.
pub(super) fn may_stand(table: Table, cell: &Cell) -> bool {
    STANDING.contains(&table) && (table != Table::Findings || is_of_class(table, cell))
}

/// Words of a table's vocabulary shown as one class, as bits in its order.
pub(super) type Class = u32;

/// Every word of the table's vocabulary; none where it has no classes.
pub(super) fn every(table: Table) -> Class {
    bits(table.classes().map_or(0, <[_]>::len))
}

/// The words that classes of a table may leave out, for nobody had them when
/// the figures were taken: the vocabulary only grows, and figures stand.
fn added(table: Table) -> Class {
    if table == Table::Verification { every(table) & !bits(Outcome::AT_FIRST) } else { 0 }
}

fn bits(words: usize) -> Class {
    u32::try_from(words).ok().and_then(|words| 1u32.checked_shl(words)).map_or(0, |next| next - 1)
}

/// Whether these classes are each word of the table once: of all its words, or of
/// those that it had at first.
pub(super) fn is_partition(table: Table, shown: &[(Class, u64)]) -> bool {
    is_of(shown, every(table)) || is_of_first_words(table, shown)
}

/// Whether they are each of the words once that the table had at first, and
/// none that was added to them.
pub(super) fn is_of_first_words(table: Table, shown: &[(Class, u64)]) -> bool {
    added(table) != 0 && is_of(shown, every(table) & !added(table))
}

fn is_of(shown: &[(Class, u64)], words: Class) -> bool {
    let named = shown.iter().fold(0, |all, (class, _)| all | class);
    let times: u32 = shown.iter().map(|(class, _)| class.count_ones()).sum();
    named == words && times == words.count_ones()
}

/// Whether a class is of all that the table has words for.
pub(super) fn is_everybody(table: Table, class: Class) -> bool {
    class | added(table) == every(table)
}

/// Exact public counts of one program in one area.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Exact {
    pub units: Option<u64>,
    pub entered: Option<u64>,
    pub left: Option<u64>,
    pub paid: Option<u64>,
}

/// Figures of a group of people by classes, and when they were taken.
#[derive(Debug, Clone)]
pub(super) struct Shown<C> {
    /// Where and when the figures say they were first shown; one, if all agree.
    pub from: BTreeSet<(ReleaseId, Period)>,
    /// The same by the other program, where two are compared.
    pub origins: BTreeMap<ProgramCode, BTreeSet<(ReleaseId, Period)>>,
    /// Class and number.
    pub classes: Vec<(C, u64)>,
}

impl<C> Default for Shown<C> {
    fn default() -> Shown<C> {
        Shown { from: BTreeSet::new(), origins: BTreeMap::new(), classes: Vec::new() }
    }
}

impl<C> Shown<C> {
    /// The release and month, where the figures agree on them.
    pub fn origin(&self) -> Option<(ReleaseId, Period)> {
        self.from.iter().next().copied().filter(|_| self.from.len() == 1)
    }
}

impl Shown<Overlap> {
    /// Where the figures of one pair of programs come from.
    pub fn origin_of(&self, other: &ProgramCode) -> BTreeSet<(ReleaseId, Period)> {
        self.origins.get(other).cloned().unwrap_or_default()
    }
}

/// Figures of an area by program.
pub(super) type ByArea<T> = BTreeMap<AreaLabel, T>;

/// A measure of overlaps and the other program.
pub(super) type Overlap = (String, ProgramCode);

/// A release as other releases meet it.
pub(super) struct View<'a> {
    pub folder: &'a ReleaseFolder,
    pub atoms: Vec<Atom>,
    /// By program and area, of open programs.
    pub exact: HashMap<ProgramCode, HashMap<AreaCode, Exact>>,
    /// Totals, flows and payments of sensitive programs.
    pub sensitive: BTreeMap<ProgramCode, Vec<(Table, Cell)>>,
    /// People by classes: by table, program and group, without the kabupaten.
    classed: BTreeMap<Table, BTreeMap<ProgramCode, ByArea<Shown<Class>>>>,
    /// By program and group, without the kabupaten.
    pub overlaps: BTreeMap<ProgramCode, ByArea<Shown<Overlap>>>,
    /// Cells of the tables whose figures may stand in later releases.
    standing: BTreeMap<Table, Vec<Cell>>,
    /// Rupiah paid of programs whose amounts vary, by area.
    pub rupiah: BTreeMap<ProgramCode, ByArea<u64>>,
}

impl<'a> View<'a> {
    /// Reads a release whole: what other releases need of it, and all its cells.
    pub fn read(folder: &'a ReleaseFolder) -> Result<(View<'a>, Tables)> {
        let atoms = folder.atoms()?.collect::<Result<Vec<Atom>>>()?;
        let mut tables = Tables::new();
        for table in Table::ALL {
            let cells = folder.cells(table)?.collect::<Result<Vec<Cell>>>()?;
            if !cells.is_empty() {
                tables.insert(table, cells);
            }
        }
        let mut view = View {
            folder,
            atoms,
            exact: HashMap::new(),
            sensitive: BTreeMap::new(),
            classed: BTreeMap::new(),
            overlaps: BTreeMap::new(),
            standing: BTreeMap::new(),
            rupiah: BTreeMap::new(),
        };
        for (table, cells) in &tables {
            cells.iter().for_each(|cell| view.keep(*table, cell));
        }
        Ok((view, tables))
    }

    /// The cells of a table whose figures may stand in later releases.
    pub fn kept_cells(&self, table: Table) -> &[Cell] {
        self.standing.get(&table).map_or(&[], Vec::as_slice)
    }

    /// What a table shows by classes: a program's groups.
    pub fn classed(&self, table: Table) -> impl Iterator<Item = (&ProgramCode, &ByArea<Shown<Class>>)> {
        self.classed.get(&table).into_iter().flatten()
    }

    /// The same of one program.
    pub fn classed_of(&self, table: Table, program: &ProgramCode) -> Option<&ByArea<Shown<Class>>> {
        self.classed.get(&table)?.get(program)
    }

    /// How many people of these areas a table divides into classes, where exact
    /// figures tell: the units of a program, or those who left it.
    pub fn divided(&self, table: Table, program: &ProgramCode, areas: &[AreaCode]) -> Option<u64> {
        match table {
            Table::Verification | Table::Freshness | Table::Findings => self.units(program, areas),
            Table::Flows => self.sum(program, areas, |exact| exact.left),
            _ => None,
        }
    }

    pub fn manifest(&self) -> &'a Manifest {
        self.folder.manifest()
    }

    pub fn release(&self) -> ReleaseId {
        self.manifest().release
    }

    /// Whether it was made when the vocabulary was as it is: since version 3 of
    /// the policy. A version that is no number is taken for a later one.
    pub fn has_all_words(&self) -> bool {
        self.manifest().policy.version.parse::<u32>().map_or(true, |version| version >= 3)
    }

    pub fn period(&self) -> Period {
        self.manifest().period
    }

    /// The exact number of units of these areas together.
    pub fn units(&self, program: &ProgramCode, areas: &[AreaCode]) -> Option<u64> {
        self.sum(program, areas, |exact| exact.units)
    }

    /// The sum of an exact count over areas; `None` where one is not shown.
    pub fn sum(&self, program: &ProgramCode, areas: &[AreaCode], of: fn(&Exact) -> Option<u64>) -> Option<u64> {
        let by_area = self.exact.get(program)?;
        areas.iter().try_fold(0u64, |sum, area| sum.checked_add(of(by_area.get(area)?)?))
    }

    fn keep(&mut self, table: Table, cell: &Cell) {
        if may_stand(table, cell) && cell.value.is_some() {
            self.standing.entry(table).or_default().push(cell.clone());
        }
        if sensitive(&cell.program) {
            if matches!(table, Table::Totals | Table::Flows | Table::Payments) {
                self.sensitive.entry(cell.program.clone()).or_default().push((table, cell.clone()));
            }
            if !is_of_class(table, cell) || table == Table::Flows {
                return;
            }
        }
        match (table, cell.measure.as_str()) {
            _ if is_of_class(table, cell) => {
                if let (Some(value), Some(class)) = (cell.value.filter(|_| !self.is_whole(cell)), class(table, &cell.category)) {
                    let of_program = self.classed.entry(table).or_default().entry(cell.program.clone()).or_default();
                    let shown = of_program.entry(cell.area.clone()).or_default();
                    shown.from.insert((cell.release, cell.as_of));
                    shown.classes.push((class, value));
                }
            }
            (Table::Totals | Table::Flows | Table::Payments, "units" | "entered" | "left" | "paid") => self.keep_exact(cell),
            (Table::Payments, "paid_rupiah") if varies(&cell.program) => {
                if let Some(value) = cell.value {
                    self.rupiah.entry(cell.program.clone()).or_default().insert(cell.area.clone(), value);
                }
            }
            (Table::Overlaps, measure) => {
                if let (Some(value), Ok(other)) = (cell.value.filter(|_| !self.is_whole(cell)), cell.category.parse::<ProgramCode>()) {
                    let measure = measure.to_owned();
                    let shown = self.overlaps.entry(cell.program.clone()).or_default().entry(cell.area.clone()).or_default();
                    shown.from.insert((cell.release, cell.as_of));
                    shown.origins.entry(other.clone()).or_default().insert((cell.release, cell.as_of));
                    shown.classes.push(((measure, other), value));
                }
            }
            _ => {}
        }
    }

    fn is_whole(&self, cell: &Cell) -> bool {
        cell.area.single() == Some(self.manifest().district)
    }

    fn keep_exact(&mut self, cell: &Cell) {
        let Some(area) = cell.area.single().filter(|area| area.level() <= Level::Kelurahan) else { return };
        let by_area = match self.exact.get_mut(&cell.program) {
            Some(by_area) => by_area,
            None => self.exact.entry(cell.program.clone()).or_default(),
        };
        let exact = by_area.entry(area).or_default();
        match cell.measure.as_str() {
            "units" => exact.units = cell.value,
            "entered" => exact.entered = cell.value,
            "left" => exact.left = cell.value,
            _ => exact.paid = cell.value,
        }
    }
}

/// Whether a program is sensitive; one that is not known is taken for it.
/// Figures of no one program are not.
pub(super) fn sensitive(program: &ProgramCode) -> bool {
    !program.is_all() && reference::program(program).is_none_or(|program| program.sensitive)
}

/// Whether a program pays money in amounts that differ from one to the next.
pub(super) fn varies(program: &ProgramCode) -> bool {
    reference::program(program).is_some_and(|program| {
        !program.sensitive && program.fixed_amount.is_none() && program.amounts.iter().all(|amount| amount.kg.is_none())
    })
}

/// The class of a category of a table; `None` for a word that it does not have.
pub(super) fn class(table: Table, category: &str) -> Option<Class> {
    let words = table.classes()?;
    category.split('~').try_fold(0, |class: Class, word| {
        let at = words.iter().position(|known| *known == word)?;
        let bit = 1 << at;
        (class & bit == 0).then_some(class | bit)
    })
}

/// The category of a class: its words in sorted order.
pub(super) fn category(table: Table, class: Class) -> String {
    let words = table.classes().unwrap_or_default().iter().enumerate();
    let mut words: Vec<&str> = words.filter(|(at, _)| class & (1 << at) != 0).map(|(_, word)| *word).collect();
    words.sort_unstable();
    words.join("~")
}

/// The finest classes that are unions of classes of each of these lists.
pub(super) fn coarsened(lists: &[Vec<Class>]) -> Vec<Class> {
    let mut joined: Vec<Class> = Vec::new();
    for class in lists.iter().flatten() {
        let (meets, apart): (Vec<Class>, Vec<Class>) = joined.iter().partition(|other| **other & class != 0);
        joined = apart;
        joined.push(meets.iter().fold(*class, |all, other| all | other));
    }
    joined.sort_unstable();
    joined
}

/// The number in a class that is a union of the classes shown; `None` if it is none.
/// Nobody has a word that was not there yet when the figures were taken.
pub(super) fn number_in(table: Table, shown: &[(Class, u64)], class: Class) -> Option<u64> {
    let class = if is_of_first_words(table, shown) { class & !added(table) } else { class };
    let inside: Vec<&(Class, u64)> = shown.iter().filter(|(part, _)| part & class != 0).collect();
    let covers = inside.iter().fold(0, |all, (part, _)| all | part) == class;
    covers.then(|| inside.iter().map(|(_, n)| n).try_fold(0u64, |sum, n| sum.checked_add(*n))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_name_their_words() {
        for table in Table::ALL.into_iter().filter(|table| table.classes().is_some()) {
            let words = table.classes().unwrap();
            assert_eq!(every(table).count_ones() as usize, words.len(), "{table}");
            for (at, word) in words.iter().enumerate() {
                assert_eq!((class(table, word), category(table, 1 << at)), (Some(1 << at), (*word).to_owned()));
            }
            assert_eq!(class(table, &category(table, every(table))), Some(every(table)));
            assert_eq!((class(table, "gone"), class(table, ""), class(table, &[words[0]; 2].join("~"))), (None, None, None));
        }
        assert_eq!(class(Table::Totals, "valid"), None);
    }

    #[test]
    fn figures_of_a_shorter_list_of_words_say_that_nobody_has_the_others() {
        let (table, first) = (Table::Verification, bits(Outcome::AT_FIRST));
        let (valid, added) = (0b10, every(table) & !first);
        let old = [(valid, 40), (first & !valid, 12)];
        let new = [(valid, 41), (every(table) & !valid, 15)];
        assert!(is_partition(table, &old) && is_partition(table, &new) && is_of_first_words(table, &old));
        assert!(!is_of_first_words(table, &new) && is_everybody(table, first) && is_everybody(table, every(table)));
        assert!(!is_partition(table, &old[..1]) && !is_partition(table, &[(valid, 40), (first, 12)]));
        // What both can be summed up to.
        let joined = coarsened(&[old.map(|(class, _)| class).to_vec(), new.map(|(class, _)| class).to_vec()]);
        assert_eq!(joined, [valid, every(table) & !valid]);
        let numbers = |shown: &[(Class, u64)]| joined.iter().map(|class| number_in(table, shown, *class)).collect::<Vec<_>>();
        assert_eq!((numbers(&old), numbers(&new)), (vec![Some(40), Some(12)], vec![Some(41), Some(15)]));
        assert_eq!((number_in(table, &old, added), number_in(table, &new, added)), (Some(0), None));
        // Other tables have no such time.
        assert!(!is_partition(Table::Reports, &[(bits(8), 50)]));
    }
}
