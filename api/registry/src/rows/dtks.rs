//! Layout 2: recipients by desa, with a flag for each program.

use diesel::prelude::*;
use domain::{AreaCode, Level};

use crate::cells;
use crate::layout::Layout;
use crate::month::{Known, within};
use crate::number::Digest;
use crate::places::Places;
use crate::programs::FLAGS;
use crate::reason::{Finding, Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::dtks_rows;
use crate::summary::Mode;

pub(super) struct Dtks {
    areas: [usize; 4],
    nik: usize,
    nokk: usize,
    name: usize,
    address: usize,
    rt: usize,
    rw: usize,
    sex: usize,
    birth_date: usize,
    /// Place in the file, bit and name of the flags that the file has.
    flags: Vec<(usize, u32, &'static str)>,
    places: Places,
    scope: Option<AreaCode>,
}

impl Dtks {
    pub(super) fn new(recognised: &Recognised, district: AreaCode) -> Dtks {
        debug_assert_eq!(recognised.layout, Layout::Dtks);
        let place = |name| recognised.place(name);
        Dtks {
            areas: ["provinsi", "kabupaten", "kecamatan", "desa_kelurahan"].map(place),
            nik: place("nik"),
            nokk: place("nokk"),
            name: place("nama"),
            address: place("alamat"),
            rt: place("rt"),
            rw: place("rw"),
            sex: place("jenis_kelamin"),
            birth_date: place("tanggal_lahir"),
            flags: FLAGS
                .iter()
                .zip(0..)
                .map(|((name, _), bit)| (place(name), bit, *name))
                .filter(|(place, _, _)| *place != usize::MAX)
                .collect(),
            places: Places::of(district),
            scope: None,
        }
    }

    fn widen(&mut self, kelurahan: AreaCode) {
        self.scope = match self.scope {
            None => Some(kelurahan),
            Some(scope) if within(scope, kelurahan.number()) => Some(scope),
            Some(scope) => std::iter::successors(scope.parent(), |area| area.parent()).find(|area| area.contains(kelurahan)),
        };
    }
}

impl Sink for Dtks {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let nokk = cells::family_card("nokk", record.cell(self.nokk))?;
        let names = self.areas.map(|place| record.cell(place));
        let kelurahan = self.places.kelurahan(names).map_err(|column| {
            let at = ["provinsi", "kabupaten", "kecamatan"].iter().position(|name| *name == column).unwrap_or(3);
            Rejection::of(column, Reason::AreaUnknown, names[at])
        })?;
        let mut programs = 0u32;
        for (place, bit, column) in &self.flags {
            if cells::flag(column, record.cell(*place))? {
                programs |= 1 << bit;
            }
        }
        let sex = cells::optional_sex("jenis_kelamin", record.cell(self.sex))?;
        let birth_date = cells::optional_date("tanggal_lahir", record.cell(self.birth_date))?;
        let name = cells::kept("nama", record.cell(self.name))?;
        let address = cells::kept("alamat", record.cell(self.address))?;
        let rt = cells::neighbourhood("rt", record.cell(self.rt))?;
        let rw = cells::neighbourhood("rw", record.cell(self.rw))?;

        if u64::from(nik.area_prefix()) != kelurahan.number() / 10_000 {
            cx.tally.warn(Warning::NikAreaDiffers);
        }
        if birth_date.is_some_and(|date| !nik.born_on(date)) {
            cx.tally.warn(Warning::BirthDateDiffers);
        }
        if sex.is_some_and(|sex| sex != nik.sex().label()) {
            cx.tally.warn(Warning::SexDiffers);
        }
        let birth_date = birth_date.map(|date| date.to_string());
        let digest = Digest::new()
            .number(nokk.expose())
            .number(kelurahan.number())
            .number(u64::from(programs))
            .text(sex.unwrap_or(""))
            .text(birth_date.as_deref().unwrap_or(""))
            .text(&name)
            .text(&address)
            .text(&rt)
            .text(&rw)
            .stored();

        diesel::insert_into(dtks_rows::table)
            .values((
                dtks_rows::id.eq(id),
                dtks_rows::nik.eq(nik.expose().cast_signed()),
                dtks_rows::nokk.eq(nokk.expose().cast_signed()),
                dtks_rows::kelurahan.eq(kelurahan.number().cast_signed()),
                dtks_rows::programs.eq(i64::from(programs)),
                dtks_rows::sex.eq(sex),
                dtks_rows::birth_date.eq(birth_date.as_deref()),
                dtks_rows::name.eq(&*name),
                dtks_rows::address.eq(&*address),
                dtks_rows::rt.eq(&*rt),
                dtks_rows::rw.eq(&*rw),
                dtks_rows::digest.eq(digest),
            ))
            .execute(cx.conn)?;

        self.widen(kelurahan);
        cx.tally.programs |= programs;
        let known = Known { digest, kelurahan: kelurahan.number(), programs, import: cx.import };
        let mut duplicate = false;
        if let Some(month) = cx.month.as_deref_mut() {
            let key = nik.expose();
            let before = month.before.get(&key);
            let compare = |old: &Known| if old.digest == digest { (0, 0, 1) } else { (0, 1, 0) };
            let mut had = before.map_or(0, |old| old.programs);
            let (new, changed, unchanged) = match month.now.entry(key) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(known);
                    before.map_or((1, 0, 0), compare)
                }
                std::collections::hash_map::Entry::Occupied(mut place) => {
                    let old = place.get_mut();
                    let again = old.import == cx.import;
                    duplicate = again && old.programs & programs != 0;
                    had = old.programs;
                    let counted = if again { (0, 0, 0) } else { compare(old) };
                    old.merge(known);
                    counted
                }
            };
            cx.tally.new += new;
            cx.tally.changed += changed;
            cx.tally.unchanged += unchanged;
            if cx.mode == Mode::Delta && had != 0 && programs == 0 {
                cx.tally.left += 1;
            }
        }
        if duplicate {
            cx.find(id, Finding::DuplicateNikProgram)?;
        }
        cx.find_deceased(id, nik)?;
        Ok(())
    }

    fn scope(&self) -> Option<AreaCode> {
        self.scope.filter(|scope| scope.level() >= Level::Kabupaten)
    }
}
