//! Layout 6: what was disbursed on Kartu Keluarga Sejahtera.

use diesel::prelude::*;

use crate::cells;
use crate::number::NumberSet;
use crate::programs;
use crate::reason::{Finding, Reason, Rejection};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};
use crate::schema::kks_rows;

pub(super) struct Kks {
    nik: usize,
    program: usize,
    stage: usize,
    amount: usize,
    card_number: usize,
    name: usize,
    /// NIK and program of the rows so far.
    seen: NumberSet<u64>,
    /// The programs met so far, whose place is part of the key in `seen`.
    programs: Vec<domain::ProgramCode>,
}

impl Kks {
    pub(super) fn new(recognised: &Recognised) -> Kks {
        let place = |name| recognised.place(name);
        Kks {
            nik: place("nik"),
            program: place("jenis_bansos"),
            stage: place("tahap_salur"),
            amount: place("nominal_cair"),
            card_number: place("nomor_kks"),
            name: place("nama"),
            seen: NumberSet::default(),
            programs: Vec::new(),
        }
    }
}

/// Year times 100 plus number of a tahap such as `Tahap 2 Tahun 2025`; 0 where
/// there is none. It only keeps two payments of a month apart, so a tahap
/// written otherwise costs nothing but that.
fn stage(text: &str) -> i64 {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<i64>().ok());
    let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let (number, year) = if first >= 1900 { (second, first) } else { (first, second) };
    year.min(9999) * 100 + number.min(99)
}

impl Sink for Kks {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = cells::nik("nik", record.cell(self.nik))?;
        let cell = record.cell(self.program);
        let text = cells::text(cell);
        let known = self.programs.iter().position(|code| code.as_str() == &*text);
        let at = match known {
            Some(at) => at,
            None => {
                let code = programs::named(&text).ok_or_else(|| Rejection::of("jenis_bansos", Reason::ProgramUnknown, cell))?;
                self.programs.iter().position(|known| *known == code).unwrap_or_else(|| {
                    self.programs.push(code);
                    self.programs.len() - 1
                })
            }
        };
        let amount = cells::rupiah("nominal_cair", record.cell(self.amount))?;
        let stage = stage(&cells::text(record.cell(self.stage)));
        let card_number = cells::kept("nomor_kks", record.cell(self.card_number))?;
        let name = cells::kept("nama", record.cell(self.name))?;
        diesel::insert_into(kks_rows::table)
            .values((
                kks_rows::id.eq(id),
                kks_rows::nik.eq(nik.expose().cast_signed()),
                kks_rows::program.eq(self.programs[at].as_str()),
                kks_rows::stage.eq(stage),
                kks_rows::amount.eq(amount),
                kks_rows::card_number.eq(&*card_number),
                kks_rows::name.eq(&*name),
            ))
            .execute(cx.conn)?;
        cx.look_at_name(id, "nama", &name)?;
        cx.tally.new += 1;
        // There are fewer than 64 programs, and a NIK has 54 bits.
        if !self.seen.insert(nik.expose() << 6 | at as u64) {
            cx.find(id, Finding::DuplicateNikProgram)?;
        }
        cx.find_deceased(id, nik)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn stages() {
        for (text, stage) in [("Tahap 2 Tahun 2025", 202_502), ("2025 tahap 1", 202_501), ("Tahap II", 0), ("", 0), ("3", 3)] {
            assert_eq!(super::stage(text), stage, "{text}");
        }
    }
}
