//! Layout 16: what field verification found of a person.

use diesel::prelude::*;

use crate::cells;
use crate::reason::{Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::verification_rows;

pub(super) struct Verification {
    nik: usize,
    round: usize,
    date: usize,
    outcome: usize,
}

impl Verification {
    pub(super) fn new(recognised: &Recognised) -> Verification {
        let place = |name| recognised.place(name);
        Verification { nik: place("nik"), round: place("round"), date: place("date"), outcome: place("outcome") }
    }
}

impl Sink for Verification {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let round = cells::kept("round", record.cell(self.round))?;
        let date = cells::date("date", record.cell(self.date))?;
        let cell = record.cell(self.outcome);
        let outcome = cells::kept("outcome", cell)?;
        if outcome.is_empty() {
            return Err(Rejection::of("outcome", Reason::ValueInvalid, cell).into());
        }
        if domain::Outcome::of_word(&outcome).is_none() {
            cx.warn(id, Warning::StatusUnknown, "outcome")?;
        }
        diesel::insert_into(verification_rows::table)
            .values((
                verification_rows::id.eq(id),
                verification_rows::nik.eq(nik.expose().cast_signed()),
                verification_rows::round.eq(&*round),
                verification_rows::date.eq(date.to_string()),
                verification_rows::outcome.eq(&*outcome),
            ))
            .execute(cx.conn)?;
        cx.tally.new += 1;
        Ok(())
    }
}
