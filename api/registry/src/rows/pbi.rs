//! Layout 7: PBI-JK members, and whether their membership is active.

use diesel::prelude::*;

use crate::cells;
use crate::number::NumberSet;
use crate::reason::{Finding, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::pbi_rows;

/// The status that means a premium was paid.
const ACTIVE: &str = "AKTIF";
/// The other statuses in use.
const INACTIVE: [&str; 8] = ["MENINGGAL DUNIA", "GANDA", "PINDAH", "TIDAK DITEMUKAN", "MENOLAK", "BELUM CEK", "NONAKTIF", "TIDAK AKTIF"];

pub(super) struct PbiJk {
    nik: usize,
    status: usize,
    card_number: usize,
    name: usize,
    birth_date: usize,
    seen: NumberSet<u64>,
}

impl PbiJk {
    pub(super) fn new(recognised: &Recognised) -> PbiJk {
        let place = |name| recognised.place(name);
        PbiJk {
            nik: place("nik"),
            status: place("status"),
            card_number: place("noka"),
            name: place("nama"),
            birth_date: place("tgllhr"),
            seen: NumberSet::default(),
        }
    }
}

impl Sink for PbiJk {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let birth_date = cells::birth_date("tgllhr", record.cell(self.birth_date), nik)?;
        let status = cells::kept("status", record.cell(self.status))?;
        let card_number = cells::kept("noka", record.cell(self.card_number))?;
        let name = cells::kept("nama", record.cell(self.name))?;
        let active = status.eq_ignore_ascii_case(ACTIVE);
        if !active && !INACTIVE.iter().any(|known| status.eq_ignore_ascii_case(known)) {
            cx.warn(id, Warning::StatusUnknown, "status")?;
        }
        if let Some((_, Some(warning))) = birth_date {
            cx.warn(id, warning, "tgllhr")?;
        }
        cx.look_at_name(id, "nama", &name)?;
        diesel::insert_into(pbi_rows::table)
            .values((
                pbi_rows::id.eq(id),
                pbi_rows::nik.eq(nik.expose().cast_signed()),
                pbi_rows::active.eq(active),
                pbi_rows::status.eq(&*status),
                pbi_rows::card_number.eq(&*card_number),
                pbi_rows::name.eq(&*name),
            ))
            .execute(cx.conn)?;
        cx.tally.new += 1;
        if !self.seen.insert(nik.expose()) {
            cx.find(id, Finding::DuplicateNikProgram)?;
        }
        cx.find_deceased(id, nik)?;
        Ok(())
    }
}
