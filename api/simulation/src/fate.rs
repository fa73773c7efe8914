//! What becomes of each row this month, decided before any file is written:
//! so the plan, the payments and the answer key speak of the same rows.

use domain::Period;

use crate::Rates;
use crate::dice::Dice;
use crate::model::{Family, Person, mark, program};

/// A DTKS row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFate {
    Fine,
    NikFormat,
    NikDate,
    AreaDesa,
    AreaKecamatan,
    /// Stands twice; the first of the two is fine.
    Twice,
    NikMissing,
    /// A family card of fifteen digits.
    Card,
    /// A flag that says neither yes nor no.
    Flag,
    /// Lacks its last cell.
    Short,
    /// `ALM` behind the name: accepted, with a warning.
    Late,
    /// In another kelurahan than the family's other rows.
    Elsewhere,
    /// Stands twice, the second time with another family card.
    TwoCards,
}

impl RowFate {
    /// Whether a right import accepts the row.
    pub(crate) const fn accepted(self) -> bool {
        matches!(self, RowFate::Fine | RowFate::Twice | RowFate::Late | RowFate::Elsewhere | RowFate::TwoCards)
    }
}

/// A PBI row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PbiFate {
    Absent,
    Fine,
    NikFormat,
    NikDate,
    NikMissing,
    /// A birth date that never was.
    Date,
    Short,
    /// Accepted with a warning: the birth date's day and month the other way
    /// round, of another year, `ALM` behind the name.
    Swapped,
    BirthDate,
    Late,
}

impl PbiFate {
    /// Whether a right import accepts the row.
    pub(crate) const fn accepted(self) -> bool {
        matches!(self, PbiFate::Fine | PbiFate::Swapped | PbiFate::BirthDate | PbiFate::Late)
    }
}

/// A KKS payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KksFate {
    /// Not due, or not disbursed.
    Absent,
    Paid,
    NikFormat,
    NikDate,
    ProgramUnknown,
    NikMissing,
    /// No amount of rupiah.
    Amount,
    Short,
}

/// The words of a PBI row's status; only the first means that the contribution is paid.
pub(crate) const PBI_STATUS: [&str; 7] = ["Aktif", "Belum Cek", "Tidak Ditemukan", "Pindah", "Ganda", "Menolak", "Meninggal Dunia"];

/// How common each status is among people newly listed.
const PBI_STATUS_WEIGHTS: [f64; 7] = [970.0, 12.0, 6.0, 6.0, 3.0, 2.0, 1.0];

/// Draws a status that lasts.
pub(crate) fn pbi_status(dice: &mut Dice) -> u8 {
    dice.weighted(&PBI_STATUS_WEIGHTS) as u8
}

/// Whether PKH and SEMBAKO are disbursed in this month: the last of a quarter.
pub(crate) fn is_paying(period: Period) -> bool {
    period.month() % 3 == 0
}

/// The programs of a family that the KKS file pays, with their names there.
pub(crate) const KKS_PROGRAMS: [(u8, &str); 2] = [(program::PKH, "PKH"), (program::SEMBAKO, "SEMBAKO")];

/// Decides a family's rows of the month.
pub(crate) fn decide(family: &mut Family, period: Period, rates: &Rates, dice: &mut Dice) {
    let holder = family.holder;
    let programs = family.programs;
    for (at, person) in family.members.iter_mut().enumerate() {
        let flagged = is_flagged(person, at == holder, programs);
        person.row = row(person, flagged, rates, dice);
        person.pbi = pbi(person, rates, dice);
    }
    for (place, (bit, _)) in KKS_PROGRAMS.iter().enumerate() {
        family.kks[place] =
            if is_paying(period) && family.programs & bit != 0 { kks(family, *bit, period, rates, dice) } else { KksFate::Absent };
    }
}

/// Whether the person's DTKS row says YA for any program.
pub(crate) fn is_flagged(person: &Person, is_holder: bool, programs: u8) -> bool {
    person.has(mark::PBI | mark::YAPI | mark::PERMAKANAN) || (is_holder && programs != 0)
}

fn row(person: &Person, flagged: bool, rates: &Rates, dice: &mut Dice) -> RowFate {
    // One draw, so that a row never has two defects.
    let mut draw = dice.share();
    let desa = dice.chance(0.7);
    // Those who died are listed as they were, or the defect would hide behind another.
    if person.has(mark::GHOST | mark::DIED) {
        return RowFate::Fine;
    }
    let twice = if flagged { rates.duplicate } else { 0.0 };
    for (rate, fate) in [
        (rates.nik_format, RowFate::NikFormat),
        (rates.nik_date, RowFate::NikDate),
        (rates.area, if desa { RowFate::AreaDesa } else { RowFate::AreaKecamatan }),
        (twice, RowFate::Twice),
        (rates.cells / 8.0, RowFate::NikMissing),
        (rates.cells / 8.0, RowFate::Card),
        (rates.cells / 8.0, RowFate::Flag),
        (rates.cells / 16.0, RowFate::Short),
        (rates.cells / 16.0, RowFate::Late),
    ] {
        if draw < rate {
            return fate;
        }
        draw -= rate;
    }
    RowFate::Fine
}

fn pbi(person: &mut Person, rates: &Rates, dice: &mut Dice) -> PbiFate {
    if !person.has(mark::PBI) {
        return PbiFate::Absent;
    }
    let mut draw = dice.share();
    if dice.chance(0.01) {
        person.pbi_status = pbi_status(dice);
    }
    if person.has(mark::GHOST) {
        return PbiFate::Absent;
    }
    let swappable = person.birth.day != person.birth.month && person.birth.day <= 12;
    let shiftable = !(person.birth.month == 2 && person.birth.day == 29);
    for (rate, fate) in [
        (rates.nik_format, PbiFate::NikFormat),
        (rates.nik_date, PbiFate::NikDate),
        (0.002, PbiFate::Absent),
        (rates.cells / 8.0, PbiFate::NikMissing),
        (rates.cells / 8.0, PbiFate::Date),
        (rates.cells / 16.0, PbiFate::Short),
        (if swappable { rates.cells / 4.0 } else { 0.0 }, PbiFate::Swapped),
        (if shiftable { rates.cells / 8.0 } else { 0.0 }, PbiFate::BirthDate),
        (rates.cells / 16.0, PbiFate::Late),
    ] {
        if draw < rate {
            return fate;
        }
        draw -= rate;
    }
    PbiFate::Fine
}

fn kks(family: &Family, bit: u8, period: Period, rates: &Rates, dice: &mut Dice) -> KksFate {
    let mut draw = dice.share();
    if family.holder().has(mark::GHOST) || family.rupiah(bit, period) == 0 {
        return KksFate::Absent;
    }
    for (rate, fate) in [
        (rates.unpaid, KksFate::Absent),
        (rates.nik_format, KksFate::NikFormat),
        (rates.nik_date, KksFate::NikDate),
        (rates.program, KksFate::ProgramUnknown),
        (rates.cells / 8.0, KksFate::NikMissing),
        (rates.cells / 8.0, KksFate::Amount),
        (rates.cells / 16.0, KksFate::Short),
    ] {
        if draw < rate {
            return fate;
        }
        draw -= rate;
    }
    KksFate::Paid
}
