//! What is known of the recipients of a month and of the one before, to count
//! what a file changes. Held while a command imports file after file; where
//! there are more people than memory should hold, what is compared is put aside
//! by number and compared at the file's end, part by part.

use std::path::Path;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Period};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::{ids_of, import_of};
use crate::schema::{dtks_rows, imports};
use crate::spool::{Entry, PARTS, Spool};
use crate::summary::Mode;

/// How many people are held in memory, at some sixty bytes each.
const MOST: usize = 1_200_000;

/// A person's record, as far as comparing needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) digest: i64,
    /// The kelurahan's code within the district: its last six digits.
    pub(crate) kelurahan: u32,
    pub(crate) programs: u32,
    /// The import it came with.
    pub(crate) import: u32,
}

/// What a row does to the month, in counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Change {
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    /// A row of a delta that takes the person's programs away.
    pub(crate) left: u64,
    /// The NIK stood in one of the row's programs in an earlier row of the file.
    pub(crate) duplicate: bool,
}

/// People of the month before and of this one.
#[derive(Default)]
struct People {
    before: NumberMap<u64, Known>,
    now: NumberMap<u64, Known>,
}

/// The same, put aside, with the rows of the file that is read.
struct Aside {
    before: Spool,
    now: Spool,
    rows: Spool,
}

/// Two months of a registry.
pub(crate) struct Month {
    pub(crate) period: Period,
    last: Option<Period>,
    district: AreaCode,
    people: People,
    aside: Option<Aside>,
    most: usize,
}

/// How a file compares with the last snapshot, over an area.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Compared {
    /// Persons of the last month who are not in this one.
    pub(crate) left: u64,
    /// The area and month that the snapshot is compared with.
    pub(crate) with: Option<(AreaCode, Period)>,
    /// Records in that area then and now.
    pub(crate) before: u64,
    pub(crate) now: u64,
}

/// The imports that make up the recipients of `period`, in the order in which
/// they apply: the last snapshot month up to it and all deltas since. Empty when
/// nothing was imported for `period` itself.
pub(crate) fn chain(conn: &mut SqliteConnection, period: Period) -> Result<Vec<i64>> {
    let rows: Vec<(i64, String, String)> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.le(period.to_string())))
        .order((imports::period.desc(), imports::id.desc()))
        .select((imports::id, imports::period, imports::mode))
        .load(conn)?;
    let mut chain = Vec::new();
    if rows.first().is_none_or(|(_, newest, _)| *newest != period.to_string()) {
        return Ok(chain);
    }
    for month in rows.chunk_by(|a, b| a.1 == b.1) {
        chain.extend(month.iter().map(|(id, _, _)| *id));
        if month.iter().any(|(_, _, mode)| mode == Mode::Snapshot.as_str()) {
            break;
        }
    }
    chain.reverse();
    Ok(chain)
}

/// The last month before `period` that has recipients.
fn last_before(conn: &mut SqliteConnection, period: Period) -> Result<Option<Period>> {
    let found: Option<String> = imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.lt(period.to_string())))
        .select(diesel::dsl::max(imports::period))
        .first(conn)?;
    found.map(|text| text.parse().map_err(|error: domain::ParseError| Error::stored("period")(error.to_string()))).transpose()
}

/// The imports of recipients of `period` itself.
fn own(conn: &mut SqliteConnection, period: Period) -> Result<Vec<i64>> {
    Ok(imports::table
        .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.eq(period.to_string())))
        .order(imports::id)
        .select(imports::id)
        .load(conn)?)
}

/// Tells of every record of some imports, in order.
fn scan(conn: &mut SqliteConnection, chain: &[i64], each: &mut dyn FnMut(u64, Known) -> Result<()>) -> Result<()> {
    for import in chain {
        let rows = dtks_rows::table
            .filter(dtks_rows::id.between(ids_of(*import).0, ids_of(*import).1))
            .order(dtks_rows::id)
            .select((dtks_rows::id, dtks_rows::nik, dtks_rows::digest, dtks_rows::kelurahan, dtks_rows::programs))
            .load_iter::<(i64, i64, i64, i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (id, nik, digest, kelurahan, programs) = row?;
            each(nik.cast_unsigned(), Known::new(digest, kelurahan.cast_unsigned(), programs as u32, import_of(id)))?;
        }
    }
    Ok(())
}

impl Known {
    pub(crate) const fn new(digest: i64, kelurahan: u64, programs: u32, import: i64) -> Known {
        Known { digest, kelurahan: (kelurahan % 1_000_000) as u32, programs, import: import as u32 }
    }

    /// Within a file a repeated NIK adds its programs to the first row; a later
    /// file's row replaces the earlier file's.
    fn merge(&mut self, later: Known) {
        if self.import == later.import {
            self.programs |= later.programs;
        } else {
            *self = later;
        }
    }
}

fn merge(people: &mut NumberMap<u64, Known>, nik: u64, known: Known) {
    people.entry(nik).and_modify(|old| old.merge(known)).or_insert(known);
}

impl People {
    /// Takes in a row of the file that is read, and tells what it changes.
    fn add(&mut self, nik: u64, known: Known, mode: Mode) -> Change {
        let before = self.before.get(&nik);
        let compare = |old: &Known| if old.digest == known.digest { (0, 0, 1) } else { (0, 1, 0) };
        let mut had = before.map_or(0, |old| old.programs);
        let mut duplicate = false;
        let (new, changed, unchanged) = match self.now.entry(nik) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(known);
                before.map_or((1, 0, 0), compare)
            }
            std::collections::hash_map::Entry::Occupied(mut place) => {
                let old = place.get_mut();
                let again = old.import == known.import;
                duplicate = again && old.programs & known.programs != 0;
                had = old.programs;
                let counted = if again { (0, 0, 0) } else { compare(old) };
                old.merge(known);
                counted
            }
        };
        let left = u64::from(mode == Mode::Delta && had != 0 && known.programs == 0);
        Change { new, changed, unchanged, left, duplicate }
    }

    fn len(&self) -> usize {
        self.before.len() + self.now.len()
    }

    /// Adds up what the file leaves of the last month.
    fn compare(&self, district: AreaCode, compared: &mut Compared) {
        compared.left += self.before.keys().filter(|nik| !self.now.contains_key(nik)).count() as u64;
        if let Some((area, _)) = compared.with {
            let full = |known: &Known| district.number() * 1_000_000 + u64::from(known.kelurahan);
            let inside = |people: &NumberMap<u64, Known>| people.values().filter(|known| within(area, full(known))).count() as u64;
            compared.before += inside(&self.before);
            compared.now += inside(&self.now);
        }
    }
}

impl Month {
    /// What the registry knows of `period` and the month before. Much of it may
    /// already be held in `known`, from the file imported before this one.
    /// `folder` is where people may be put aside; without one all are held.
    pub(crate) fn load(
        conn: &mut SqliteConnection,
        (district, period): (AreaCode, Period),
        known: Option<Month>,
        folder: Option<&Path>,
    ) -> Result<Month> {
        let last = last_before(conn, period)?;
        let most = if folder.is_some() { MOST } else { usize::MAX };
        let mut month = Month { period, last, district, people: People::default(), aside: None, most };
        match (known, last) {
            (Some(known), _) if known.period == period => return Ok(known),
            (_, None) => {}
            (Some(known), Some(last)) if known.period == last && own(conn, last)? == chain(conn, last)? => {
                month.people.before = known.people.now;
            }
            (_, Some(last)) => {
                let chain = chain(conn, last)?;
                scan(conn, &chain, &mut |nik, known| month.keep(false, nik, known, folder))?;
            }
        }
        let own = own(conn, period)?;
        scan(conn, &own, &mut |nik, known| month.keep(true, nik, known, folder))?;
        Ok(month)
    }

    fn keep(&mut self, now: bool, nik: u64, known: Known, folder: Option<&Path>) -> Result<()> {
        if let Some(aside) = &mut self.aside {
            let spool = if now { &mut aside.now } else { &mut aside.before };
            return spool.push(Entry { nik, id: 0, known });
        }
        merge(if now { &mut self.people.now } else { &mut self.people.before }, nik, known);
        self.put_aside(folder)
    }

    /// Takes in a row of the file that is read. `None` when what it changes is
    /// only told at the file's end, by [`Month::settle`].
    pub(crate) fn add(&mut self, id: i64, nik: u64, known: Known, mode: Mode, folder: Option<&Path>) -> Result<Option<Change>> {
        if let Some(aside) = &mut self.aside {
            aside.rows.push(Entry { nik, id, known })?;
            return Ok(None);
        }
        let change = self.people.add(nik, known, mode);
        self.put_aside(folder)?;
        Ok(Some(change))
    }

    /// Puts everyone aside when they are too many to hold.
    fn put_aside(&mut self, folder: Option<&Path>) -> Result<()> {
        let Some(folder) = folder.filter(|_| self.people.len() > self.most) else { return Ok(()) };
        let mut aside = Aside { before: Spool::new(folder)?, now: Spool::new(folder)?, rows: Spool::new(folder)? };
        let People { before, now } = std::mem::take(&mut self.people);
        for (people, spool) in [(before, &mut aside.before), (now, &mut aside.now)] {
            for (nik, known) in people {
                spool.push(Entry { nik, id: 0, known })?;
            }
        }
        self.aside = Some(aside);
        Ok(())
    }

    /// Whether people were put aside: such a month cannot be kept for the next file.
    pub(crate) const fn is_aside(&self) -> bool {
        self.aside.is_some()
    }

    /// Compares what was put aside, telling of each row, and how the month
    /// stands beside the last one over the area of `scope`.
    pub(crate) fn settle(
        &mut self,
        conn: &mut SqliteConnection,
        scope: AreaCode,
        mode: Mode,
        each: &mut dyn FnMut(&mut SqliteConnection, i64, Change) -> Result<()>,
    ) -> Result<Compared> {
        let mut compared = Compared { with: self.compared_with(conn, scope)?, ..Compared::default() };
        let Some(mut aside) = self.aside.take() else {
            self.people.compare(self.district, &mut compared);
            return Ok(compared);
        };
        for part in 0..PARTS {
            let mut people = People::default();
            aside.before.read(part, &mut |entry| {
                merge(&mut people.before, entry.nik, entry.known);
                Ok(())
            })?;
            aside.now.read(part, &mut |entry| {
                merge(&mut people.now, entry.nik, entry.known);
                Ok(())
            })?;
            aside.rows.read(part, &mut |entry| {
                let change = people.add(entry.nik, entry.known, mode);
                each(conn, entry.id, change)
            })?;
            people.compare(self.district, &mut compared);
        }
        self.aside = Some(aside);
        Ok(compared)
    }

    /// Over which area this snapshot is to be compared with the last one: the
    /// area that last month's file covered, where one covered this file's area.
    fn compared_with(&self, conn: &mut SqliteConnection, scope: AreaCode) -> Result<Option<(AreaCode, Period)>> {
        let Some(last) = self.last else { return Ok(None) };
        let scopes: Vec<Option<String>> = imports::table
            .filter(imports::layout.eq(Layout::Dtks.as_str()).and(imports::period.eq(last.to_string())))
            .filter(imports::mode.eq(Mode::Snapshot.as_str()))
            .select(imports::scope)
            .load(conn)?;
        let area = scopes
            .iter()
            .flatten()
            .filter_map(|text| text.parse::<AreaCode>().ok())
            .filter(|area| area.contains(scope))
            .max_by_key(|area| area.level())
            .unwrap_or(scope);
        Ok(Some((area, last)))
    }
}

/// Whether a kelurahan's ten digits lie in `area`.
pub(crate) fn within(area: AreaCode, kelurahan: u64) -> bool {
    let step = match area.level() {
        Level::Provinsi => 100_000_000,
        Level::Kabupaten => 1_000_000,
        Level::Kecamatan => 10_000,
        Level::Kelurahan => 1,
    };
    kelurahan / step == area.number()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(most: usize) -> Month {
        Month {
            period: "2025-06".parse().unwrap(),
            last: None,
            district: "36.71".parse().unwrap(),
            people: People::default(),
            aside: None,
            most,
        }
    }

    /// What two files after a month of `before` change, with at most `most` people held.
    fn told(before: &[(u64, u32)], files: &[Vec<(u64, u32)>], mode: Mode, most: usize) -> (Vec<(i64, Change)>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let at = Some(folder.path());
        let mut month = month(most);
        let known = |import: i64, programs: u32| Known::new(i64::from(programs), 3_671_011_001, programs, import);
        for (nik, programs) in before {
            month.keep(false, *nik, known(1, *programs), at).unwrap();
        }
        let (mut changes, mut left) = (Vec::new(), 0);
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        for (file, import) in files.iter().zip(2i64..) {
            for ((nik, programs), line) in file.iter().zip(0i64..) {
                let id = (import << 32) + line;
                if let Some(change) = month.add(id, *nik, known(import, *programs), mode, at).unwrap() {
                    changes.push((id, change));
                }
            }
            let scope = "36.71".parse().unwrap();
            let compared = month
                .settle(&mut conn, scope, mode, &mut |_, id, change| {
                    changes.push((id, change));
                    Ok(())
                })
                .unwrap();
            left = compared.left;
            if month.is_aside() {
                // As the registry does: all is read again for the next file.
                let mut again = self::month(most);
                for (nik, programs) in before {
                    again.keep(false, *nik, known(1, *programs), at).unwrap();
                }
                for (file, import) in files.iter().zip(2..=import) {
                    for (nik, programs) in file {
                        again.keep(true, *nik, known(import, *programs), at).unwrap();
                    }
                }
                month = again;
            }
        }
        changes.sort_by_key(|(id, _)| *id);
        (changes, left)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_put_aside_is_told_as_what_is_held(
            before in proptest::collection::vec((0u64..40, 0u32..4), 0..40),
            files in proptest::collection::vec(proptest::collection::vec((0u64..40, 0u32..4), 0..40), 1..3),
            most in 0usize..60,
            delta in any::<bool>(),
        ) {
            let mode = if delta { Mode::Delta } else { Mode::Snapshot };
            prop_assert_eq!(told(&before, &files, mode, most), told(&before, &files, mode, usize::MAX));
        }
    }
}
