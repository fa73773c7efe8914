//! One reading of the imports that a month's cases rest on, into small structs
//! by NIK. RULES.md defines the words: record, recipient, having a program.

use std::collections::hash_map::Entry;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Outcome, Period, ProgramCode, Unit};
use jiff::civil::Date;

use crate::cases::{Rule, RuleSettings, names};
use crate::error::{Error, Result};
use crate::findings;
use crate::layout::Layout;
use crate::month::chain;
use crate::number::{Digest, NumberMap, NumberSet};
use crate::programs::FLAGS;
use crate::rows::{first_day, ids_of};
use crate::schema::{dtks_rows, imports, kks_rows, listing_rows, member_rows, pbi_rows, rank_rows, recipient_rows, verification_rows};

/// The bit of a program: its place in the reference data.
pub(super) fn bit(program: &str) -> u32 {
    reference::programs().iter().position(|known| known.code.as_str() == program).map_or(0, |at| 1 << at)
}

/// The programs of some bits.
pub(super) fn programs(bits: u32) -> impl Iterator<Item = &'static reference::Program> {
    reference::programs().iter().zip(0..).filter(move |(_, at)| bits >> at & 1 == 1).map(|(program, _)| program)
}

/// Where a row stands that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    Record(i64),
    Kks(i64),
    Pbi(i64),
    Recipients(i64),
    Listing(i64),
    Ranking(i64),
    Member(i64),
}

/// A NIK that a file of the month has.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub(super) nik: u64,
    /// The family card of the record; 0 where there is no record.
    pub(super) card: u64,
    /// Ten digits; 0 where no file tells.
    pub(super) kelurahan: u64,
    /// Programs by the record's flags.
    pub(super) flags: u32,
    /// Programs by any file.
    pub(super) programs: u32,
    file: u32,
    pub(super) at: Source,
    pub(super) born: Option<Date>,
    /// The record's name to compare; 0 where there is none.
    name: u64,
}

/// Rows of one file that have a NIK again.
#[derive(Default, Clone, Copy)]
pub(super) struct Again {
    /// Programs whose flag two rows have.
    pub(super) programs: u32,
    /// Another family card than the first row's.
    pub(super) card: Option<u64>,
}

/// A row of a list of people.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    pub(super) person: u32,
    pub(super) list: &'static str,
    pub(super) row: i64,
}

/// The last outcome of verification.
#[derive(Clone)]
pub(super) struct Checked {
    pub(super) date: String,
    pub(super) outcome: Outcome,
}

/// All that the rules look at.
pub(super) struct Gathered {
    pub(super) people: Vec<Person>,
    pub(super) places: NumberMap<u64, u32>,
    /// Of rows of the record's file.
    pub(super) again: NumberMap<u32, Again>,
    /// Programs that a row of another file has twice.
    pub(super) listed_again: NumberMap<u32, u32>,
    /// The earliest day of death before the month, as 20250131.
    pub(super) died: NumberMap<u32, i32>,
    pub(super) checked: NumberMap<u32, Checked>,
    pub(super) lists: Vec<Listed>,
    pub(super) desil_of_card: NumberMap<u64, u8>,
    pub(super) desil_of_person: NumberMap<u32, u8>,
    /// The card that the last row of family members gives, where it is not the record's.
    pub(super) other_card: NumberMap<u32, u64>,
    /// Names that do not agree with the record's.
    pub(super) other_names: NumberMap<u32, Vec<(u64, Source)>>,
}

/// The lists of people that a rule looks at.
const LISTS: [(&str, Rule); 11] = [
    ("asn", Rule::PublicServant),
    ("tni", Rule::PublicServant),
    ("polri", Rule::PublicServant),
    ("pensiunan", Rule::PublicServant),
    ("dprd", Rule::PublicServant),
    ("perangkat_desa", Rule::PublicServant),
    ("sdm_pkh", Rule::PublicServant),
    ("penghasilan", Rule::Earner),
    ("bumn", Rule::Earner),
    ("ahu", Rule::Earner),
    ("pindah", Rule::Moved),
];

/// The rule that looks at a list.
pub(super) fn rule_of(list: &str) -> Option<Rule> {
    LISTS.iter().find(|(known, _)| *known == list).map(|(_, rule)| *rule)
}

/// The imports of some layouts for a month, or up to it, in the order in which they count.
fn files(conn: &mut SqliteConnection, layouts: &[Layout], period: Period, earlier: bool) -> Result<Vec<(i64, bool)>> {
    let words: Vec<&str> = layouts.iter().map(|layout| layout.as_str()).collect();
    let rows: Vec<(i64, String)> = imports::table
        .filter(imports::layout.eq_any(words).and(imports::period.le(period.to_string())))
        .order((imports::period, imports::id))
        .select((imports::id, imports::period))
        .load(conn)?;
    let own = period.to_string();
    Ok(rows.into_iter().map(|(id, month)| (id, month == own)).filter(|(_, is_own)| earlier || *is_own).collect())
}

/// Names of other files, held against the records'.
struct Names {
    wanted: bool,
    seen: NumberSet<(u32, u64)>,
    pending: Vec<(u32, u64, Source, Box<str>)>,
    found: NumberMap<u32, Vec<(u64, Source)>>,
}

impl Names {
    fn offer(&mut self, place: u32, person: &Person, name: &str, at: Source) {
        if !self.wanted || person.name == 0 {
            return;
        }
        let key = names::key(name);
        if key != 0 && key != person.name && self.seen.insert((place, key)) {
            self.pending.push((place, key, at, name.into()));
        }
    }

    /// Compares what was offered with the records' names.
    fn settle(&mut self, conn: &mut SqliteConnection, people: &[Person]) -> Result<()> {
        let row = |place: u32| match people[place as usize].at {
            Source::Record(row) => row,
            _ => 0,
        };
        self.pending.sort_unstable_by_key(|(place, ..)| row(*place));
        for part in self.pending.chunks(500) {
            let ids: Vec<i64> = part.iter().map(|(place, ..)| row(*place)).collect();
            let records: Vec<(i64, String)> = dtks_rows::table
                .filter(dtks_rows::id.eq_any(&ids))
                .order(dtks_rows::id)
                .select((dtks_rows::id, dtks_rows::name))
                .load(conn)?;
            for (place, key, at, name) in part {
                let Ok(of) = records.binary_search_by_key(&row(*place), |(id, _)| *id) else { continue };
                if !names::agree(&records[of].1, name) {
                    self.found.entry(*place).or_default().push((*key, *at));
                }
            }
        }
        self.pending.clear();
        Ok(())
    }
}

/// Rows of an import, each given to a closure.
macro_rules! each_row {
    ($conn:expr, $import:expr, $table:ident, ($($column:ident),+): ($($type:ty),+), |$($name:ident),+| $body:block) => {{
        let (first, last) = ids_of($import);
        for row in $table::table
            .filter($table::id.between(first, last))
            .order($table::id)
            .select(($($table::$column),+))
            .load_iter::<($($type),+), diesel::connection::DefaultLoadingMode>($conn)?
        {
            let ($($name),+) = row?;
            $body
        }
    }};
}

/// Reads all that a month's cases rest on.
pub(super) fn gather(conn: &mut SqliteConnection, period: Period, settings: &RuleSettings) -> Result<Gathered> {
    let chain = chain(conn, period)?;
    if chain.is_empty() {
        return Err(Error::NoRecipients(period));
    }
    let mut all = Gathered {
        people: Vec::new(),
        places: NumberMap::default(),
        again: NumberMap::default(),
        listed_again: NumberMap::default(),
        died: NumberMap::default(),
        checked: NumberMap::default(),
        lists: Vec::new(),
        desil_of_card: NumberMap::default(),
        desil_of_person: NumberMap::default(),
        other_card: NumberMap::default(),
        other_names: NumberMap::default(),
    };
    let mut names =
        Names { wanted: settings.has(Rule::OtherName), seen: NumberSet::default(), pending: Vec::new(), found: NumberMap::default() };
    all.records(conn, &chain, names.wanted)?;
    all.recipients(conn, period, &mut names)?;
    all.disbursed(conn, period, &mut names)?;
    all.members_of_pbi(conn, period, &mut names)?;
    all.deaths(conn, period)?;
    all.verified(conn, period)?;
    all.listings(conn, period, &mut names)?;
    all.ranking(conn, period, &mut names)?;
    all.family_members(conn, period, &mut names)?;
    all.other_names = names.found;
    Ok(all)
}

impl Gathered {
    fn records(&mut self, conn: &mut SqliteConnection, chain: &[i64], wants_names: bool) -> Result<()> {
        let bits: Vec<u32> = FLAGS.iter().map(|(_, code)| code.map_or(0, bit)).collect();
        let known = |flags: i64| bits.iter().enumerate().filter(|(at, _)| flags >> at & 1 == 1).fold(0, |all, (_, bit)| all | bit);
        let expected: Option<i64> =
            imports::table.filter(imports::id.eq_any(chain)).select(diesel::dsl::max(imports::accepted_rows)).first(conn)?;
        let expected = usize::try_from(expected.unwrap_or(0)).unwrap_or(0);
        self.people.reserve(expected);
        self.places.reserve(expected);
        for (file, import) in (0u32..).zip(chain) {
            each_row!(conn, *import, dtks_rows,
                (id, nik, nokk, kelurahan, programs, birth_date, name): (i64, i64, i64, i64, i64, Option<String>, String),
                |id, nik, nokk, kelurahan, flags, born, name| {
                let flags = known(flags);
                let person = Person {
                    nik: nik.cast_unsigned(),
                    card: nokk.cast_unsigned(),
                    kelurahan: kelurahan.cast_unsigned(),
                    flags,
                    programs: flags,
                    file,
                    at: Source::Record(id),
                    born: born.and_then(|text| text.parse().ok()),
                    name: if wants_names { names::key(&name) } else { 0 },
                };
                match self.places.entry(person.nik) {
                    Entry::Vacant(place) => {
                        place.insert(self.people.len() as u32);
                        self.people.push(person);
                    }
                    Entry::Occupied(place) => {
                        let place = *place.get();
                        let held = &mut self.people[place as usize];
                        if held.file != file {
                            *held = person;
                            self.again.remove(&place);
                            continue;
                        }
                        let twice = held.flags & flags;
                        let other = (held.card != person.card).then_some(person.card);
                        if twice != 0 || other.is_some() {
                            let again = self.again.entry(place).or_default();
                            again.programs |= twice;
                            again.card = again.card.or(other);
                        }
                        held.flags |= flags;
                        held.programs |= flags;
                    }
                }
            });
        }
        Ok(())
    }

    /// The place of a NIK that a file names as having a program.
    fn has(&mut self, nik: i64, program: u32, kelurahan: Option<i64>, at: Source) -> u32 {
        let nik = nik.cast_unsigned();
        let kelurahan = kelurahan.map_or(0, i64::cast_unsigned);
        let place = *self.places.entry(nik).or_insert_with(|| {
            let person = Person { nik, card: 0, kelurahan, flags: 0, programs: 0, file: u32::MAX, at, born: None, name: 0 };
            self.people.push(person);
            self.people.len() as u32 - 1
        });
        let person = &mut self.people[place as usize];
        person.programs |= program;
        if person.kelurahan == 0 {
            person.kelurahan = kelurahan;
        }
        place
    }

    fn recipients(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        for (import, _) in files(conn, &[Layout::Recipients, Layout::BltDd], period, false)? {
            let mut seen: NumberSet<(u32, u64)> = NumberSet::default();
            each_row!(conn, import, recipient_rows,
                (id, nik, program, stage, kelurahan, name): (i64, i64, String, String, Option<i64>, String),
                |id, nik, program, stage, kelurahan, name| {
                let program = bit(&program);
                let at = Source::Recipients(id);
                let place = self.has(nik, program, kelurahan, at);
                let stage = Digest::new().number(u64::from(program)).text(stage.trim()).stored();
                if !seen.insert((place, stage.cast_unsigned())) {
                    *self.listed_again.entry(place).or_default() |= program;
                }
                names.offer(place, &self.people[place as usize], &name, at);
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }

    fn disbursed(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        for (import, _) in files(conn, &[Layout::Kks], period, false)? {
            let mut seen: NumberSet<(u32, u64)> = NumberSet::default();
            each_row!(conn, import, kks_rows,
                (id, nik, program, stage, amount, name): (i64, i64, String, i64, i64, String),
                |id, nik, program, stage, amount, name| {
                let program = bit(&program);
                let at = Source::Kks(id);
                let place = self.has(nik, if amount > 0 { program } else { 0 }, None, at);
                if !seen.insert((place, stage.cast_unsigned() << 32 | u64::from(program))) {
                    *self.listed_again.entry(place).or_default() |= program;
                }
                names.offer(place, &self.people[place as usize], &name, at);
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }

    fn members_of_pbi(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        let program = bit("PBI_JK");
        for (import, _) in files(conn, &[Layout::PbiJk], period, false)? {
            each_row!(conn, import, pbi_rows, (id, nik, active, name): (i64, i64, bool, String), |id, nik, active, name| {
                let at = Source::Pbi(id);
                let place = self.has(nik, if active { program } else { 0 }, None, at);
                names.offer(place, &self.people[place as usize], &name, at);
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }

    fn deaths(&mut self, conn: &mut SqliteConnection, period: Period) -> Result<()> {
        let first = first_day(period);
        for (nik, day) in findings::deaths(conn)? {
            if day < first
                && let Some(place) = self.places.get(&nik)
            {
                self.died.insert(*place, day);
            }
        }
        Ok(())
    }

    fn verified(&mut self, conn: &mut SqliteConnection, period: Period) -> Result<()> {
        for (import, _) in files(conn, &[Layout::Verification], period, true)? {
            each_row!(conn, import, verification_rows, (nik, date, outcome): (i64, String, String), |nik, date, word| {
                let Some(place) = self.places.get(&nik.cast_unsigned()) else { continue };
                let Some(outcome) = Outcome::of_word(&word) else { continue };
                match self.checked.entry(*place) {
                    Entry::Vacant(free) => {
                        free.insert(Checked { date, outcome });
                    }
                    Entry::Occupied(mut held) => {
                        let held = held.get_mut();
                        let first = held.outcome == Outcome::Unchecked;
                        if outcome != Outcome::Unchecked && (first || date >= held.date) {
                            *held = Checked { date, outcome };
                        }
                    }
                }
            });
        }
        Ok(())
    }

    fn listings(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        let last_day = period.last_day().to_string();
        for (import, _) in files(conn, &[Layout::Listing], period, true)? {
            each_row!(conn, import, listing_rows,
                (id, nik, list, listed_on, name): (i64, i64, String, Option<String>, String),
                |id, nik, list, listed_on, name| {
                let Some(place) = self.places.get(&nik.cast_unsigned()).copied() else { continue };
                if listed_on.is_some_and(|day| day > last_day) {
                    continue;
                }
                if let Some((list, _)) = LISTS.iter().find(|(known, _)| *known == list) {
                    self.lists.push(Listed { person: place, list, row: id });
                }
                names.offer(place, &self.people[place as usize], &name, Source::Listing(id));
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }

    fn ranking(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        let cards: NumberSet<u64> = self.people.iter().map(|person| person.card).collect();
        for (import, _) in files(conn, &[Layout::DtsenFamily, Layout::P3ke], period, true)? {
            each_row!(conn, import, rank_rows,
                (id, nik, nokk, desil, name): (i64, Option<i64>, Option<i64>, Option<i64>, String),
                |id, nik, nokk, desil, name| {
                let desil = desil.and_then(|desil| u8::try_from(desil).ok()).filter(|desil| (1..=10).contains(desil));
                let place = nik.and_then(|nik| self.places.get(&nik.cast_unsigned()).copied());
                if let Some(desil) = desil {
                    if let Some(card) = nokk.map(i64::cast_unsigned).filter(|card| cards.contains(card)) {
                        self.desil_of_card.insert(card, desil);
                    }
                    if let Some(place) = place {
                        self.desil_of_person.insert(place, desil);
                    }
                }
                if let Some(place) = place {
                    names.offer(place, &self.people[place as usize], &name, Source::Ranking(id));
                }
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }

    fn family_members(&mut self, conn: &mut SqliteConnection, period: Period, names: &mut Names) -> Result<()> {
        for (import, _) in files(conn, &[Layout::DtsenMember, Layout::BdtMember], period, true)? {
            each_row!(conn, import, member_rows, (id, nik, nokk, name): (i64, i64, Option<i64>, String), |id, nik, nokk, name| {
                let Some(place) = self.places.get(&nik.cast_unsigned()).copied() else { continue };
                let person = &self.people[place as usize];
                match nokk.map(i64::cast_unsigned) {
                    Some(card) if person.card != 0 && card != person.card => {
                        self.other_card.insert(place, card);
                    }
                    Some(_) => {
                        self.other_card.remove(&place);
                    }
                    None => {}
                }
                names.offer(place, person, &name, Source::Member(id));
            });
            names.settle(conn, &self.people)?;
        }
        Ok(())
    }
}

/// The unit of a program.
pub(super) fn unit(program: &ProgramCode) -> Unit {
    reference::program(program).map_or(Unit::Family, |program| program.unit)
}
