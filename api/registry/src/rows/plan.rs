//! Layout 15: the plan of a month by kecamatan and program, with what failed
//! and came back.

use std::sync::Arc;

use diesel::prelude::*;
use domain::Period;

use crate::cells;
use crate::places::{self, Aliases};
use crate::programs;
use crate::reason::{Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::plan_rows;

pub(super) struct Plan {
    kecamatan: usize,
    program: usize,
    period: usize,
    planned_units: usize,
    planned_rupiah: usize,
    failed: usize,
    returned: usize,
    poor_households: usize,
    source: usize,
    aliases: Arc<Aliases>,
}

impl Plan {
    pub(super) fn new(recognised: &Recognised, aliases: Arc<Aliases>) -> Plan {
        let place = |name| recognised.place(name);
        Plan {
            kecamatan: place("kecamatan"),
            program: place("program"),
            period: place("period"),
            planned_units: place("planned_units"),
            planned_rupiah: place("planned_rupiah"),
            failed: place("failed"),
            returned: place("returned"),
            poor_households: place("poor_households"),
            source: place("source"),
            aliases,
        }
    }
}

impl Sink for Plan {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let cell = record.cell(self.kecamatan);
        let kecamatan =
            places::kecamatan(&self.aliases, cx.district, cell).map_err(|missed| Rejection::area("kecamatan", cell, &missed))?;
        if kecamatan.by_sound {
            cx.warn(id, Warning::AreaSpelling, "kecamatan")?;
        }
        let kecamatan = kecamatan.code;
        let cell = record.cell(self.program);
        let program = programs::named(&cells::text(cell)).ok_or_else(|| Rejection::of("program", Reason::ProgramUnknown, cell))?;
        let cell = record.cell(self.period);
        let period = if cells::absent(cell) {
            cx.period
        } else {
            cells::text(cell).parse::<Period>().map_err(|_| Rejection::of("period", Reason::DateInvalid, cell))?
        };
        let planned_units = cells::optional_count("planned_units", record.cell(self.planned_units))?;
        let planned_rupiah = cells::optional_rupiah("planned_rupiah", record.cell(self.planned_rupiah))?;
        let failed = cells::optional_count("failed", record.cell(self.failed))?;
        let returned = cells::optional_count("returned", record.cell(self.returned))?;
        let poor_households = cells::optional_count("poor_households", record.cell(self.poor_households))?;
        let source = cells::kept("source", record.cell(self.source))?;
        diesel::insert_into(plan_rows::table)
            .values((
                plan_rows::id.eq(id),
                plan_rows::period.eq(period.to_string()),
                plan_rows::kecamatan.eq(kecamatan.number().cast_signed()),
                plan_rows::program.eq(program.as_str()),
                plan_rows::planned_units.eq(planned_units),
                plan_rows::planned_rupiah.eq(planned_rupiah),
                plan_rows::failed.eq(failed),
                plan_rows::returned.eq(returned),
                plan_rows::poor_households.eq(poor_households),
                plan_rows::source.eq(&*source),
            ))
            .execute(cx.conn)?;
        cx.tally.new += 1;
        Ok(())
    }
}
