//! How well-off the registered families are: DTSEN by family card, P3KE by the
//! NIK of the head. The percentile of the old BDT is of 2015 and no desil; it is
//! not used.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, LeaveReason, Level, Period};

use crate::error::Result;
use crate::layout::Layout;
use crate::number::NumberMap;
use crate::rows::ids_of;
use crate::schema::{imports, rank_rows};
use crate::state::People;

/// A registered family and its desil. RESTRICTED.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// The family card, or a number that stands for it where the ranking names none.
    pub family: u64,
    /// Where it lives.
    pub kecamatan: AreaCode,
    /// 1 (poorest tenth) to 10; `None` where no ranking tells.
    pub desil: Option<u8>,
    /// Whether any program of the month has somebody of the family.
    pub receives: bool,
}

/// The highest desil that any national program takes: a family beyond it is
/// better off than every limit. The limit of each program, by date, is a rule of
/// findings; why somebody left is told without asking what from.
pub(crate) const LIMIT: u8 = 5;

/// Marks a number that stands for a family of which only the head's NIK is known.
const ALONE: u64 = 1 << 63;

/// A family as the rankings and the month's recipients have it.
#[derive(Clone, Copy)]
struct Family {
    /// Ten digits; 0 where none is known.
    kelurahan: u64,
    /// The ranking that tells its desil: one that names its card over one that
    /// names its head, then the later.
    told_by: u32,
    /// 0 where no ranking tells.
    desil: u8,
    /// The lowest desil that any ranking gave it; 0 where none did.
    lowest: u8,
    receives: bool,
    /// Whether the month's recipients have its card.
    here: bool,
}

/// The rankings up to a month, joined with its recipients.
#[derive(Default)]
pub(crate) struct Ranks {
    families: NumberMap<u64, Family>,
    /// The family of each head whom DTSEN or P3KE names.
    heads: NumberMap<u64, u64>,
    /// Cards of a ranking whose family now has another, and that one.
    other_cards: Vec<(u64, u64)>,
}

/// A row of a ranking.
struct Row {
    nik: Option<u64>,
    nokk: Option<u64>,
    kelurahan: Option<u64>,
    desil: Option<u8>,
}

/// Reads the rankings up to the month. Without any, no family is told of: that
/// nothing is known of all of them is not a figure.
pub(super) fn ranks(conn: &mut SqliteConnection, period: Period, people: &People, programs: u32) -> Result<Ranks> {
    let files: Vec<(i64, String)> = imports::table
        .filter(imports::layout.eq_any([Layout::DtsenFamily, Layout::P3ke].map(Layout::as_str)))
        .filter(imports::period.le(period.to_string()))
        .order((imports::period, imports::id))
        .select((imports::id, imports::layout))
        .load(conn)?;
    let mut ranks = Ranks::default();
    if files.is_empty() {
        return Ok(ranks);
    }
    for person in &people.list {
        let family = ranks.families.entry(person.nokk).or_insert(Family {
            kelurahan: person.kelurahan,
            told_by: 0,
            desil: 0,
            lowest: 0,
            receives: false,
            here: true,
        });
        family.receives |= person.programs & programs != 0;
    }
    let card_of = |nik: u64| people.places.get(&nik).map(|place| people.list[*place as usize].nokk);
    // P3KE last: it knows heads only, and DTSEN the cards of many of them.
    for dtsen in [true, false] {
        let layout = if dtsen { Layout::DtsenFamily } else { Layout::P3ke };
        for (order, (import, _)) in (1u32..).zip(&files).filter(|(_, (_, word))| word == layout.as_str()) {
            each(conn, *import, &mut |row| match (row.nokk, row.nik) {
                (Some(nokk), nik) => {
                    let named = ranks.families.get(&nokk).is_some_and(|family| family.here);
                    let key = if named { nokk } else { nik.and_then(card_of).unwrap_or(nokk) };
                    if key != nokk {
                        ranks.other_cards.push((nokk, key));
                    }
                    if let Some(nik) = nik {
                        ranks.heads.insert(nik, key);
                    }
                    ranks.rank(key, &row, order | u32::from(key == nokk) << 31);
                }
                (None, Some(nik)) => {
                    let key = card_of(nik).or_else(|| ranks.heads.get(&nik).copied()).unwrap_or(nik | ALONE);
                    ranks.heads.insert(nik, key);
                    ranks.rank(key, &row, order);
                }
                (None, None) => {}
            })?;
        }
    }
    Ok(ranks)
}

/// Shows every row of a ranking that says who it is about.
fn each(conn: &mut SqliteConnection, import: i64, see: &mut dyn FnMut(Row)) -> Result<()> {
    let (first, last) = ids_of(import);
    let rows = rank_rows::table
        .filter(rank_rows::id.between(first, last))
        .order(rank_rows::id)
        .select((rank_rows::nik, rank_rows::nokk, rank_rows::kelurahan, rank_rows::desil))
        .load_iter::<(Option<i64>, Option<i64>, Option<i64>, Option<i64>), diesel::connection::DefaultLoadingMode>(conn)?;
    for row in rows {
        let (nik, nokk, kelurahan, desil) = row?;
        see(Row {
            nik: nik.map(i64::cast_unsigned),
            nokk: nokk.map(i64::cast_unsigned),
            kelurahan: kelurahan.map(i64::cast_unsigned),
            desil: desil.and_then(|desil| u8::try_from(desil).ok()).filter(|desil| (1..=10).contains(desil)),
        });
    }
    Ok(())
}

impl Ranks {
    fn rank(&mut self, key: u64, row: &Row, told_by: u32) {
        let family =
            self.families.entry(key).or_insert(Family { kelurahan: 0, told_by: 0, desil: 0, lowest: 0, receives: false, here: false });
        // A row without a desil leaves what an earlier one told.
        let Some(desil) = row.desil else {
            if family.kelurahan == 0 {
                family.kelurahan = row.kelurahan.unwrap_or(0);
            }
            return;
        };
        family.lowest = if family.lowest == 0 { desil } else { family.lowest.min(desil) };
        if told_by >= family.told_by {
            family.told_by = told_by;
            family.desil = desil;
            family.kelurahan = row.kelurahan.unwrap_or(family.kelurahan);
        }
    }

    /// The families of which it is known where they live.
    pub(super) fn families(&self) -> Result<Vec<Ranked>> {
        let mut areas = NumberMap::default();
        let placed = self.families.iter().filter(|(_, family)| family.kelurahan != 0);
        placed
            .map(|(key, family)| {
                Ok(Ranked {
                    family: *key,
                    kecamatan: super::area(&mut areas, Level::Kecamatan, family.kelurahan / 10_000)?,
                    desil: (family.desil != 0).then_some(family.desil),
                    receives: family.receives,
                })
            })
            .collect()
    }

    /// Tells of every family beyond the limit, by its card or the NIK of its
    /// head (then with `true`): graduated if a ranking once had it within the
    /// limit, else never entitled.
    pub(super) fn better_off(&self, tell: &mut dyn FnMut(u64, bool, LeaveReason)) {
        let reason =
            |key: &u64| self.families.get(key).filter(|family| family.desil > LIMIT).map(|family| of_desils(family.desil, family.lowest));
        for (key, family) in self.families.iter().filter(|(key, family)| *key & ALONE == 0 && family.desil > LIMIT) {
            tell(*key, false, of_desils(family.desil, family.lowest));
        }
        for (card, key) in &self.other_cards {
            if let Some(reason) = reason(key) {
                tell(*card, false, reason);
            }
        }
        for (nik, key) in &self.heads {
            if let Some(reason) = reason(key) {
                tell(*nik, true, reason);
            }
        }
    }
}

/// Why a family leaves, by its desil now and the lowest that it ever had.
pub(crate) const fn of_desils(desil: u8, lowest: u8) -> LeaveReason {
    match (desil > LIMIT, lowest <= LIMIT) {
        (true, true) => LeaveReason::Graduated,
        (true, false) => LeaveReason::Ineligible,
        (false, _) => LeaveReason::Unknown,
    }
}
