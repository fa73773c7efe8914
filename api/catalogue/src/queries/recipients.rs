//! The anonymised list. Rows are never stored: a list is atoms with counts,
//! totals are sums, and a page is a range of places in a few atoms.
//!
//! An edition is read from the database once and asked in memory
//! ([`crate::held`]). Three sums and orders make a question cheap at any depth
//! and under any filter: all rows of a list, its rows by the three attributes,
//! and its atoms by area.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use anyhow::{Context, Result};
use diesel::prelude::*;
use domain::codebook::{AGE_BAND, ATTRIBUTES, Attribute, FAMILY_SIZE, Match, SEX};
use domain::{AreaCode, AreaLabel, ProgramCode};

use super::{Labels, label};
use crate::code;
use crate::connection::AnyConnection;
use crate::rows::{AtomRow, ListRow};
use crate::schema::{atoms, lists};

/// What is asked for; `None` asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Rows in this area.
    pub area: Option<AreaCode>,
    /// A label of [`SEX`].
    pub sex: Option<&'static str>,
    /// A label of [`AGE_BAND`].
    pub age_band: Option<&'static str>,
    /// A label of [`FAMILY_SIZE`].
    pub family_size: Option<&'static str>,
}

/// How many rows answer a filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows whose labels equal the filter or lie inside it.
    pub total: u64,
    /// Rows so generalised that they may match.
    pub possible: u64,
}

impl Count {
    const fn add(&mut self, class: u8, units: u64) {
        match class {
            SURELY => self.total += units,
            POSSIBLY => self.possible += units,
            _ => {}
        }
    }
}

/// An atom: `units` equal rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtomView<'a> {
    /// Its number in edition and program.
    pub atom: u32,
    /// The finest area its rows keep, or a pool, as text.
    pub area: &'a str,
    /// Label of sex.
    pub sex: &'static str,
    /// Label of age.
    pub age_band: &'static str,
    /// Label of family size.
    pub family_size: &'static str,
    /// How many rows.
    pub units: u32,
}

/// The rows of an edition's content: a list for each program.
#[derive(Debug, Default)]
pub struct Edition {
    lists: Vec<List>,
    /// Where rows can be.
    areas: Vec<Area>,
}

#[derive(Debug)]
struct Area {
    label: AreaLabel,
    text: Box<str>,
}

/// The recipients of one program in one edition.
#[derive(Debug)]
pub struct List {
    program: ProgramCode,
    units: u64,
    /// By number.
    atoms: Vec<Atom>,
    /// Positions in `atoms` by area; those of area `n` are `starts[n]..starts[n + 1]`.
    by_area: Vec<u32>,
    starts: Vec<u32>,
    /// Rows by the labels of the three attributes.
    labels: Vec<([u8; 3], u64)>,
}

#[derive(Debug, Clone, Copy)]
struct Atom {
    atom: u32,
    units: u32,
    area: u32,
    /// Numbers of labels, in the order of [`ATTRIBUTES`].
    labels: [u8; 3],
}

/// How a label answers a filter. Of several filters the least decides.
const NO: u8 = 0;
const POSSIBLY: u8 = 1;
const SURELY: u8 = 2;

/// The most labels of an attribute, and more.
const LABELS: usize = 32;
const _: () = assert!(SEX.labels.len() <= LABELS && AGE_BAND.labels.len() <= LABELS && FAMILY_SIZE.labels.len() <= LABELS);

/// A filter in the numbers of one edition.
#[derive(Debug)]
pub struct Selection {
    /// How each area of the edition answers; `None` where all of them surely do.
    areas: Option<Vec<u8>>,
    /// How each label answers; `None` where none is asked for.
    labels: Option<[[u8; LABELS]; 3]>,
}

impl Selection {
    fn labels(&self, labels: [u8; 3]) -> u8 {
        match &self.labels {
            None => SURELY,
            Some(classes) => classes
                .iter()
                .zip(labels)
                .fold(SURELY, |least, (classes, label)| least.min(classes.get(usize::from(label)).copied().unwrap_or(NO))),
        }
    }

    fn area(&self, area: u32) -> u8 {
        self.areas.as_ref().map_or(SURELY, |areas| areas.get(area as usize).copied().unwrap_or(NO))
    }
}

fn classes(attribute: &Attribute, wanted: Option<&'static str>) -> [u8; LABELS] {
    let mut classes = [SURELY; LABELS];
    if let Some(wanted) = wanted {
        for (class, label) in classes.iter_mut().zip(attribute.labels) {
            *class = match attribute.matches(wanted, label.code) {
                Match::Surely => SURELY,
                Match::Possibly => POSSIBLY,
                Match::No => NO,
            };
        }
    }
    classes
}

impl Edition {
    /// Reads the edition `id`.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be.
    pub fn load(connection: &mut AnyConnection, id: i64) -> Result<Edition> {
        let rows: Vec<ListRow> =
            lists::table.select(ListRow::as_select()).filter(lists::edition_id.eq(id)).order(lists::program.asc()).load(connection)?;
        let mut loading = Loading::default();
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let atoms: Vec<AtomRow> =
                atoms::table.select(AtomRow::as_select()).filter(atoms::list_id.eq(row.id)).order(atoms::atom.asc()).load(connection)?;
            let atoms = atoms.iter().map(|one| loading.atom(one)).collect::<Result<Vec<Atom>>>()?;
            let program: ProgramCode = row.program.parse()?;
            found.push((program, u64::try_from(row.units)?, atoms));
        }
        let mut known = Labels::new();
        let areas = loading.areas.into_iter().map(|(low, pool)| {
            let label = label(connection, &mut known, low, pool)?;
            Ok(Area { text: label.to_string().into(), label })
        });
        let areas = areas.collect::<Result<Vec<Area>>>()?;
        let mut lists: Vec<List> = found.into_iter().map(|(program, units, atoms)| List::new(program, units, atoms, areas.len())).collect();
        lists.sort_by(|a, b| a.program.cmp(&b.program));
        Ok(Edition { lists, areas })
    }

    /// The lists, by program.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(List::bytes).sum();
        let areas: usize = self.areas.iter().map(|area| size_of::<Area>() + area.text.len() + size_of_val(area.label.members())).sum();
        size_of::<Edition>() + lists + areas
    }

    /// What a filter means here.
    #[must_use]
    pub fn select(&self, filter: &Filter) -> Selection {
        let wanted = [filter.sex, filter.age_band, filter.family_size];
        let labels = wanted.iter().any(Option::is_some).then(|| {
            let mut all = [[SURELY; LABELS]; 3];
            for ((one, attribute), wanted) in all.iter_mut().zip(ATTRIBUTES).zip(wanted) {
                *one = classes(attribute, wanted);
            }
            all
        });
        let areas = filter.area.map(|area| {
            let class = |one: &Area| match (one.label.inside(area), one.label.touches(area)) {
                (true, _) => SURELY,
                (false, true) => POSSIBLY,
                (false, false) => NO,
            };
            self.areas.iter().map(class).collect::<Vec<u8>>()
        });
        Selection { areas: areas.filter(|areas| areas.iter().any(|class| *class != SURELY)), labels }
    }

    /// How many rows of a list answer.
    #[must_use]
    pub fn count(&self, list: &List, selection: &Selection) -> Count {
        let mut count = Count::default();
        match (&selection.areas, &selection.labels) {
            (None, None) => count.total = list.units,
            (None, Some(_)) => list.labels.iter().for_each(|(labels, units)| count.add(selection.labels(*labels), *units)),
            (Some(areas), _) => {
                for (area, class) in areas.iter().enumerate().filter(|(_, class)| **class != NO) {
                    for atom in list.of_area(area) {
                        count.add(selection.labels(atom.labels).min(*class), u64::from(atom.units));
                    }
                }
            }
        }
        count
    }

    /// The atoms of a list that surely match, from number `from` on, by number.
    pub fn atoms<'a>(&'a self, list: &'a List, selection: &'a Selection, from: u32) -> impl Iterator<Item = AtomView<'a>> {
        list.matching(selection, from).filter_map(move |atom| {
            let [sex, age_band, family_size] = atom.labels;
            Some(AtomView {
                atom: atom.atom,
                area: &self.areas.get(atom.area as usize)?.text,
                sex: word(&SEX, sex)?,
                age_band: word(&AGE_BAND, age_band)?,
                family_size: word(&FAMILY_SIZE, family_size)?,
                units: atom.units,
            })
        })
    }
}

fn word(attribute: &Attribute, number: u8) -> Option<&'static str> {
    attribute.labels.get(usize::from(number)).map(|label| label.code)
}

/// An area that holds fewer than one in so many atoms of a list is looked
/// through by area and sorted, instead of looking through the list.
const FEW: usize = 16;

impl List {
    fn new(program: ProgramCode, units: u64, atoms: Vec<Atom>, areas: usize) -> List {
        let mut starts = vec![0u32; areas + 1];
        for atom in &atoms {
            starts[atom.area as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut by_area = vec![0u32; atoms.len()];
        let mut labels: BTreeMap<[u8; 3], u64> = BTreeMap::new();
        for (at, atom) in (0u32..).zip(&atoms) {
            let place = &mut next[atom.area as usize];
            by_area[*place as usize] = at;
            *place += 1;
            *labels.entry(atom.labels).or_default() += u64::from(atom.units);
        }
        List { program, units, atoms, by_area, starts, labels: labels.into_iter().collect() }
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &ProgramCode {
        &self.program
    }

    /// All its rows.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    fn bytes(&self) -> usize {
        size_of::<List>()
            + size_of_val(&*self.atoms)
            + size_of_val(&*self.by_area)
            + size_of_val(&*self.starts)
            + size_of_val(&*self.labels)
    }

    fn range(&self, area: usize) -> Range<usize> {
        match (self.starts.get(area), self.starts.get(area + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }

    fn of_area(&self, area: usize) -> impl Iterator<Item = &Atom> {
        self.by_area[self.range(area)].iter().filter_map(|at| self.atoms.get(*at as usize))
    }

    fn matching<'a>(&'a self, selection: &'a Selection, from: u32) -> impl Iterator<Item = &'a Atom> {
        let start = self.atoms.partition_point(|atom| atom.atom < from);
        let few = self.few(selection, start);
        let all = if few.is_some() { &[] } else { self.atoms.get(start..).unwrap_or_default() };
        let few = few.into_iter().flatten().filter_map(|at| self.atoms.get(at as usize));
        let surely = |atom: &&Atom| selection.area(atom.area) == SURELY && selection.labels(atom.labels) == SURELY;
        few.chain(all).filter(surely)
    }

    /// The positions of the atoms that surely lie in the area asked for, where
    /// they are few.
    fn few(&self, selection: &Selection, start: usize) -> Option<Vec<u32>> {
        let areas = selection.areas.as_ref()?;
        let inside = || areas.iter().enumerate().filter(|(_, class)| **class == SURELY).map(|(area, _)| self.range(area));
        if inside().map(|range| range.len()).sum::<usize>() > self.atoms.len() / FEW {
            return None;
        }
        let mut found: Vec<u32> = inside().flat_map(|range| &self.by_area[range]).copied().filter(|at| *at as usize >= start).collect();
        found.sort_unstable();
        Some(found)
    }
}

/// Areas by the number they were first seen with.
#[derive(Default)]
struct Loading {
    numbers: HashMap<(i64, i64), u32>,
    areas: Vec<(i64, i64)>,
}

impl Loading {
    fn atom(&mut self, row: &AtomRow) -> Result<Atom> {
        let next = u32::try_from(self.areas.len())?;
        let areas = &mut self.areas;
        let area = *self.numbers.entry((row.low, row.pool)).or_insert_with(|| {
            areas.push((row.low, row.pool));
            next
        });
        let number = |attribute: &Attribute, number: i16| {
            code::label_of(attribute, number)?;
            u8::try_from(number).context("the number of a label")
        };
        Ok(Atom {
            atom: u32::try_from(row.atom)?,
            units: u32::try_from(row.units)?,
            area,
            labels: [number(&SEX, row.sex)?, number(&AGE_BAND, row.age_band)?, number(&FAMILY_SIZE, row.family_size)?],
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Kecamatan and kelurahan of two districts, a district, and pools.
    const AREAS: [&str; 12] = [
        "36.71.01.1001",
        "36.71.01.1002",
        "36.71.01",
        "36.71.02.1001",
        "36.71.02",
        "36.71",
        "36.72.01.1001",
        "36.72",
        "36.71.01.1001~36.71.01.1002",
        "36.71.01.1002~36.71.02.1001",
        "36.71.02~36.72.01.1001",
        "36.71.01~36.71.02",
    ];
    const ASKED: [&str; 8] = ["36", "36.71", "36.71.01", "36.71.01.1001", "36.71.02", "36.71.02.1001", "36.72.01", "12.74"];

    fn edition(atoms: Vec<Atom>) -> Edition {
        let areas = AREAS.map(|text| Area { label: text.parse().unwrap(), text: text.into() }).into();
        let units = atoms.iter().map(|atom| u64::from(atom.units)).sum();
        Edition { lists: vec![List::new("PKH".parse().unwrap(), units, atoms, AREAS.len())], areas }
    }

    fn an_atom() -> impl Strategy<Value = (u32, u32, u32, [u8; 3])> {
        let labels = (0..SEX.labels.len(), 0..AGE_BAND.labels.len(), 0..FAMILY_SIZE.labels.len());
        (1..4u32, 1..30u32, 0..AREAS.len() as u32, labels.prop_map(|(a, b, c)| [a as u8, b as u8, c as u8]))
    }

    fn a_label(attribute: &'static Attribute) -> impl Strategy<Value = Option<&'static str>> {
        proptest::option::of((0..attribute.labels.len()).prop_map(|at| attribute.labels[at].code))
    }

    proptest! {
        /// Sums and orders made beforehand give what asking each atom gives.
        #[test]
        fn every_filter_finds_what_each_atom_says(
            atoms in proptest::collection::vec(an_atom(), 0..200),
            area in proptest::option::of(0..ASKED.len()),
            sex in a_label(&SEX),
            age_band in a_label(&AGE_BAND),
            family_size in a_label(&FAMILY_SIZE),
            from in 0..300u32,
        ) {
            let mut number = 0;
            let atoms: Vec<Atom> = atoms
                .into_iter()
                .map(|(step, units, area, labels)| {
                    number += step;
                    Atom { atom: number, units, area, labels }
                })
                .collect();
            let filter = Filter { area: area.map(|at| ASKED[at].parse().unwrap()), sex, age_band, family_size };
            let mut expected = Count::default();
            let mut listed = Vec::new();
            for atom in &atoms {
                let label: AreaLabel = AREAS[atom.area as usize].parse().unwrap();
                let mut answers = vec![match filter.area {
                    Some(area) if label.inside(area) => Match::Surely,
                    Some(area) if label.touches(area) => Match::Possibly,
                    Some(_) => Match::No,
                    None => Match::Surely,
                }];
                for ((attribute, wanted), number) in ATTRIBUTES.iter().zip([sex, age_band, family_size]).zip(atom.labels) {
                    answers.extend(wanted.map(|wanted| attribute.matches(wanted, attribute.labels[usize::from(number)].code)));
                }
                if answers.iter().all(|one| *one == Match::Surely) {
                    expected.total += u64::from(atom.units);
                    if atom.atom >= from {
                        listed.push((atom.atom, AREAS[atom.area as usize], atom.units));
                    }
                } else if answers.iter().all(|one| *one != Match::No) {
                    expected.possible += u64::from(atom.units);
                }
            }
            let edition = edition(atoms);
            let (list, selection) = (&edition.lists()[0], edition.select(&filter));
            prop_assert_eq!(edition.count(list, &selection), expected);
            let found: Vec<_> = edition.atoms(list, &selection, from).map(|atom| (atom.atom, atom.area, atom.units)).collect();
            prop_assert_eq!(found, listed);
        }
    }
}
