//! Complaints as an office keeps them: a list that grows through the year and is
//! sent whole each month, with what has become of them by then.

use domain::Period;

use crate::dice::{Dice, Purpose};
use crate::district::District;
use crate::model::{Birth, days};

/// Complaints a month for each family in the registry.
const RATE: f64 = 0.01;

/// Categories of JAGA Bansos in an office's words, and how common they are.
pub(crate) const CATEGORIES: [(&str, f64); 12] = [
    ("Belum terdaftar", 24.0),
    ("Terdaftar, tidak menerima", 20.0),
    ("Penerima tidak layak", 16.0),
    ("Bantuan kurang dari seharusnya", 8.0),
    ("Kartu KKS ditahan", 7.0),
    ("Pungutan liar", 5.0),
    ("Kualitas bahan buruk", 5.0),
    ("Bantuan tidak dibagikan", 4.0),
    ("Data ganda", 4.0),
    ("Penerima fiktif", 2.0),
    ("Penyelewengan", 1.0),
    ("Lainnya", 4.0),
];
const CHANNELS: [(&str, f64); 6] =
    [("Cek Bansos", 40.0), ("JAGA", 15.0), ("Loket kantor", 25.0), ("Telepon", 8.0), ("LAPOR", 8.0), ("Surat", 4.0)];
const PROGRAMS: [(&str, f64); 5] = [("", 25.0), ("SEMBAKO", 35.0), ("PKH", 22.0), ("PBI-JK", 13.0), ("BLT-DD", 5.0)];
/// What a complaint ends with.
const ANSWERS: [(&str, f64); 4] = [("Selesai", 35.0), ("Terbukti", 30.0), ("Tidak terbukti", 25.0), ("Ditolak", 10.0)];

/// A complaint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Complaint {
    pub(crate) received: Birth,
    pub(crate) category: u8,
    pub(crate) channel: u8,
    pub(crate) program: u8,
    /// Place of its kecamatan in the district.
    pub(crate) kecamatan: u8,
    /// The day of the answer, and which it is.
    closed: Birth,
    answer: u8,
}

impl Complaint {
    pub(crate) const fn channel(&self) -> &'static str {
        CHANNELS[self.channel as usize].0
    }

    pub(crate) const fn category(&self) -> &'static str {
        CATEGORIES[self.category as usize].0
    }

    pub(crate) const fn program(&self) -> &'static str {
        PROGRAMS[self.program as usize].0
    }

    /// What it has come to by the end of a month, and when.
    pub(crate) fn outcome(&self, until: Birth) -> (&'static str, Option<Birth>) {
        if self.closed <= until {
            (ANSWERS[usize::from(self.answer)].0, Some(self.closed))
        } else if (until.year, until.month) == (self.received.year, self.received.month) {
            ("Proses", None)
        } else {
            ("Diteruskan", None)
        }
    }
}

fn draw(dice: &mut Dice, words: &[(&str, f64)]) -> u8 {
    let weights: Vec<f64> = words.iter().map(|(_, weight)| *weight).collect();
    dice.weighted(&weights) as u8
}

impl District {
    /// Draws the complaints received in the month; those of the year before are forgotten.
    pub(crate) fn complain(&mut self, period: Period) {
        let mut dice = self.dice(period, Purpose::Complaints as u64);
        let (year, month) = (period.year().unsigned_abs(), period.month().unsigned_abs());
        self.complaints.retain(|complaint| complaint.received.year == year);
        let families = self.families.len();
        let count = (families as f64 * RATE).round() as usize;
        for _ in 0..count {
            // Where families live, people complain.
            let place = self.families[dice.below(families as u32) as usize].place;
            let day = dice.between(1, u32::from(days(year, month))) as u8;
            let received = Birth { year, month, day };
            let closed = later(received, if dice.chance(0.8) { dice.between(2, 75) } else { 2000 });
            self.complaints.push(Complaint {
                received,
                category: draw(&mut dice, &CATEGORIES),
                channel: draw(&mut dice, &CHANNELS),
                program: draw(&mut dice, &PROGRAMS),
                kecamatan: self.places.all[usize::from(place)].kecamatan as u8,
                closed,
                answer: draw(&mut dice, &ANSWERS),
            });
        }
        self.complaints.sort_by_key(|complaint| complaint.received);
    }
}

/// The day some days later.
fn later(mut day: Birth, count: u32) -> Birth {
    for _ in 0..count {
        day.day += 1;
        if day.day > days(day.year, day.month) {
            (day.day, day.month) = (1, day.month + 1);
        }
        if day.month > 12 {
            (day.month, day.year) = (1, day.year + 1);
        }
    }
    day
}
