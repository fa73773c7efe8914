//! Layout 17: deaths.

use diesel::prelude::*;
use domain::Period;
use jiff::civil::Date;

use crate::cells;
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::death_rows;

pub(super) struct Deaths {
    nik: usize,
    date: usize,
}

impl Deaths {
    pub(super) fn new(recognised: &Recognised) -> Deaths {
        Deaths { nik: recognised.place("nik"), date: recognised.place("date_of_death") }
    }
}

/// A day as a number that orders as the days do: 20250131.
fn day_number(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

/// The first day of a period, as `day_number`.
pub(crate) fn first_day(period: Period) -> i32 {
    i32::from(period.year()) * 10_000 + i32::from(period.month()) * 100 + 1
}

impl Sink for Deaths {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let date = cells::date("date_of_death", record.cell(self.date))?;
        diesel::insert_into(death_rows::table)
            .values((death_rows::id.eq(id), death_rows::nik.eq(nik.expose().cast_signed()), death_rows::date_of_death.eq(date.to_string())))
            .execute(cx.conn)?;
        match cx.deaths.get(&nik.expose()) {
            None => cx.tally.new += 1,
            Some(day) if *day == day_number(date) => cx.tally.unchanged += 1,
            Some(_) => cx.tally.changed += 1,
        }
        Ok(())
    }
}
