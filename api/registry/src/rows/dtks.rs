//! Layouts 2 and 9: recipients by desa, with a flag for each program.

use std::sync::Arc;

use diesel::prelude::*;
use domain::{AreaCode, Level};

use crate::cells;
use crate::month::{Known, within};
use crate::number::Digest;
use crate::places::{Aliases, Places};
use crate::programs::FLAGS;
use crate::reason::{Finding, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::dtks_rows;

/// What the columns are called in a layout.
pub(super) struct Names {
    areas: [&'static str; 4],
    nokk: &'static str,
    sex: &'static str,
    birth_date: &'static str,
    flags: &'static [(&'static str, &'static str)],
}

/// Layout 2.
pub(super) const SIKS_NG: Names = Names {
    areas: ["provinsi", "kabupaten", "kecamatan", "desa_kelurahan"],
    nokk: "nokk",
    sex: "jenis_kelamin",
    birth_date: "tanggal_lahir",
    flags: &[],
};

/// Layout 9; its flag of the extra BPNT is spelt otherwise.
pub(super) const BNBA: Names = Names {
    areas: ["province", "regency", "district", "village"],
    nokk: "nkk",
    sex: "jenkel",
    birth_date: "tgl_lahir",
    flags: &[("bnpt_ppkm", "bpnt_ppkm")],
};

pub(super) struct Dtks {
    names: &'static Names,
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
    pub(super) fn new(recognised: &Recognised, names: &'static Names, district: AreaCode, aliases: Arc<Aliases>) -> Dtks {
        let place = |name| recognised.place(name);
        Dtks {
            names,
            areas: names.areas.map(place),
            nik: place("nik"),
            nokk: place(names.nokk),
            name: place("nama"),
            address: place("alamat"),
            rt: place("rt"),
            rw: place("rw"),
            sex: place(names.sex),
            birth_date: place(names.birth_date),
            flags: FLAGS
                .iter()
                .zip(0..)
                .map(|((name, _), bit)| {
                    let name = names.flags.iter().find(|(known, _)| known == name).map_or(*name, |(_, own)| *own);
                    (place(name), bit, name)
                })
                .filter(|(place, _, _)| *place != usize::MAX)
                .collect(),
            places: Places::of(district, [true; 2], aliases),
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
        let nokk = cells::family_card(self.names.nokk, record.cell(self.nokk))?;
        let names = self.areas.map(|place| record.cell(place));
        let found =
            self.places.kelurahan(names).map_err(|missed| Rejection::area(self.names.areas[missed.at], names[missed.at], &missed))?;
        let kelurahan = found.code;
        let mut programs = 0u32;
        for (place, bit, column) in &self.flags {
            if cells::flag(column, record.cell(*place))? {
                programs |= 1 << bit;
            }
        }
        let sex = cells::optional_sex(self.names.sex, record.cell(self.sex))?;
        let birth_date = cells::birth_date(self.names.birth_date, record.cell(self.birth_date), nik)?;
        let name = cells::kept("nama", record.cell(self.name))?;
        let address = cells::kept("alamat", record.cell(self.address))?;
        let rt = cells::neighbourhood("rt", record.cell(self.rt))?;
        let rw = cells::neighbourhood("rw", record.cell(self.rw))?;

        if u64::from(nik.area_prefix()) != kelurahan.number() / 10_000 {
            cx.tally.warn(Warning::NikAreaDiffers);
        }
        if found.by_sound {
            cx.warn(id, Warning::AreaSpelling, self.names.areas[3])?;
        }
        if let Some((_, Some(warning))) = birth_date {
            cx.warn(id, warning, self.names.birth_date)?;
        }
        if sex.is_some_and(|sex| sex != nik.sex().label()) {
            cx.warn(id, Warning::SexDiffers, self.names.sex)?;
        }
        cx.look_at_name(id, "nama", &name)?;
        let birth_date = birth_date.map(|(date, _)| date.to_string());
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
        let known = Known::new(digest, kelurahan.number(), programs, cx.import);
        if let Some(month) = cx.month.as_deref_mut()
            && let Some(change) = month.add(id, nik.expose(), known, cx.mode, cx.folder)?
        {
            cx.tally.change(change);
            if change.duplicate {
                cx.find(id, Finding::DuplicateNikProgram)?;
            }
        }
        cx.find_deceased(id, nik)?;
        Ok(())
    }

    fn scope(&self) -> Option<AreaCode> {
        self.scope.filter(|scope| scope.level() >= Level::Kabupaten)
    }
}
