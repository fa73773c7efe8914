//! The lost sixteenth digit. A spreadsheet that takes a NIK for a number keeps
//! 15 digits of it and makes the last one 0. One such number looks like any
//! other, but a column in which nearly all numbers end in 0 does not come about
//! by chance, and nobody can say what the digits were: the file is refused.

use crate::recognise::Recognised;
use crate::records::Record;

/// The least number of numbers that say something about their column.
const LEAST: u64 = 8;

/// A column of numbers of 16 digits.
struct Column {
    place: usize,
    name: String,
    /// Whether it holds family cards, which several rows share.
    is_card: bool,
    /// Numbers; cards that differ from the one above.
    numbers: u64,
    /// Of these, the ones that end in 0 or stand in short form (3.67E+15).
    lost: u64,
    last: Vec<u8>,
}

/// The columns of NIK and family card of a table.
pub(crate) struct LostDigits(Vec<Column>);

/// What is wrong with a column.
pub(crate) struct Lost {
    pub(crate) column: String,
    pub(crate) lost: u64,
    pub(crate) numbers: u64,
}

impl LostDigits {
    pub(crate) fn of(table: &Recognised) -> LostDigits {
        let cards = ["nokk", "no_kk", "nkk", "kkno"];
        let people = ["nik", "nik_ktp", "nik_kk", "nik_usulan", "nik_bnba"];
        let columns = table.columns.iter().enumerate().filter_map(|(place, name)| {
            let is_card = cards.contains(&name.as_str());
            let known = is_card || people.contains(&name.as_str());
            known.then(|| Column { place, name: name.clone(), is_card, numbers: 0, lost: 0, last: Vec::new() })
        });
        LostDigits(columns.collect())
    }

    pub(crate) fn look(&mut self, record: &Record<'_>) {
        for column in &mut self.0 {
            let cell = record.cell(column.place);
            // Rows of one family have one card, which says no more for standing there again.
            if (!column.last.is_empty() && cell == column.last.as_slice()) || !(16..=24).contains(&cell.len()) && !cell.contains(&b'E') {
                continue;
            }
            let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
            let short = digits >= 3 && cell.len() <= 24 && memchr::memmem::find(cell, b"E+1").is_some();
            if digits == 16 && !short {
                column.numbers += 1;
                column.lost += u64::from(cell.iter().rev().find(|byte| byte.is_ascii_digit()) == Some(&b'0'));
            } else if short {
                column.numbers += 1;
                column.lost += 1;
            } else {
                continue;
            }
            if column.is_card {
                column.last.clear();
                column.last.extend_from_slice(cell);
            }
        }
    }

    /// The first column that lost its digits.
    pub(crate) fn found(&self) -> Option<Lost> {
        let column = self.0.iter().find(|column| column.numbers >= LEAST && column.lost * 10 >= column.numbers * 9)?;
        Some(Lost { column: column.name.clone(), lost: column.lost, numbers: column.numbers })
    }
}
