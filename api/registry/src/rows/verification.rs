//! Layout 16: what field verification found of a person. Rows that name a round
//! of the office must be of people on its list; rounds that the office never
//! opened here are taken as they come.

use diesel::prelude::*;
use domain::Outcome;

use crate::cells;
use crate::reason::{Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rounds::{News, Rounds};
use crate::rows::{Context, Refusal, Sink};
use crate::schema::verification_rows;

pub(super) struct Verification {
    nik: usize,
    round: usize,
    date: usize,
    outcome: usize,
    rounds: Rounds,
    /// No visit was later than this: today, where the day begins first.
    today: jiff::civil::Date,
}

impl Verification {
    pub(super) fn new(recognised: &Recognised) -> Verification {
        let place = |name| recognised.place(name);
        Verification {
            nik: place("nik"),
            round: place("round"),
            date: place("date"),
            outcome: place("outcome"),
            rounds: Rounds::default(),
            today: jiff::tz::Offset::constant(14).to_datetime(jiff::Timestamp::now()).date(),
        }
    }
}

impl Sink for Verification {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let (result, day) = (record.cell(self.outcome), record.cell(self.date));
        if cells::absent(result) && cells::absent(day) {
            return Err(Refusal::Unfilled);
        }
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let mut round = cells::kept("round", record.cell(self.round))?;
        match cx.round {
            Some(asked) if round.is_empty() => round = asked.into(),
            Some(asked) if round != asked => return Err(Rejection::of("round", Reason::RoundOther, record.cell(self.round)).into()),
            _ => {}
        }
        let word = cells::kept("outcome", result)?;
        let Some(outcome) = Outcome::of_word(&word) else {
            return Err(Rejection::of("outcome", Reason::OutcomeUnknown, result).into());
        };
        let date = cells::date("date", day)?;
        let news = match self.rounds.of(cx.conn, &round)? {
            None => News::First,
            Some(known) => {
                let refused = |reason, column, cell| Err(Refusal::Row(Rejection::of(column, reason, cell)));
                if known.closed {
                    return refused(Reason::RoundClosed, "round", record.cell(self.round));
                }
                if !known.has(nik.expose()) {
                    return refused(Reason::NotInRound, "nik", record.cell(self.nik));
                }
                if date > self.today {
                    return refused(Reason::DateFuture, "date", day);
                }
                let (news, contradicts) = known.take(nik.expose(), &date.to_string(), outcome, id);
                if contradicts {
                    cx.warn(id, Warning::ResultsDiffer, "outcome")?;
                }
                news
            }
        };
        diesel::insert_into(verification_rows::table)
            .values((
                verification_rows::id.eq(id),
                verification_rows::nik.eq(nik.expose().cast_signed()),
                verification_rows::round.eq(&*round),
                verification_rows::date.eq(date.to_string()),
                verification_rows::outcome.eq(&*word),
            ))
            .execute(cx.conn)?;
        match news {
            News::First => cx.tally.new += 1,
            News::Changed => cx.tally.changed += 1,
            News::Nothing => cx.tally.unchanged += 1,
        }
        Ok(())
    }
}
