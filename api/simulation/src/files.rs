//! The files of one district and month, each written from the same state and
//! with draws of its own, so that they can be written at the same time.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use domain::{Level, Period};

use crate::Rates;
use crate::defect::{Defect, impossible_nik, misspelt, unknown_program, unreadable_nik};
use crate::dice::{Dice, Purpose};
use crate::district::District;
use crate::extra;
use crate::fate::{KKS_PROGRAMS, KksFate, PBI_STATUS, PbiFate, RowFate, is_flagged, is_paying};
use crate::layouts;
use crate::model::{Birth, Family, Person, Sex, mark, program};
use crate::sheet::{Dress, Sheet};

/// A defect and the line it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyLine {
    pub(crate) line: u64,
    pub(crate) defect: Defect,
}

/// A file that was written.
pub(crate) struct Written {
    pub(crate) name: &'static str,
    pub(crate) rows: u64,
    pub(crate) key: Vec<KeyLine>,
    /// What tells the rows that a right import rejects, where later months rest
    /// on the others: places among the month's rows, or family cards.
    pub(crate) lost: Vec<u64>,
}

const DTKS: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,prop_capil,kab_capil,id_kec,id_desa,rt,rw,ATENSI,Alamat,BLT,BLT_BBM,BNPT_PPKM,BPNT,BST,FIRST_SK,NIK,NOKK,Nama,PBI,PENA,PERMAKANAN,PKH,RUTILAHU,SEMBAKO_ADAPTIF,YAPI,aktorLabel,counter,deleted_label,idsemesta,isAktifHamil,is_nonaktif,is_btn_padankan,is_btn_hidupkan,keterangan_disabilitas,keterangan_meninggal,masih_hidup_label,padankan_at,periode_blt,periode_blt_bbm,periode_bpnt,periode_bpnt_ppkm,periode_bst,periode_pbi,periode_pena,periode_permakanan,periode_pkh,periode_rutilahu,periode_sembako_adaptif,periode_yapi,verifyid";
const KKS: &str = "nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair";
const PBI: &str = "noka,ps_noka,nama,jenkel,tgllhr,tmplhr,nik,nik_siks,pisat,kdstawin,kelas_rawat,kkno,alamat,rt,rw,kodepos,nikayah,nmayah,nikibu,nmibu,ket_aktivasi,kdkepwil,kdkc,nmkc,kdprov,nmprov,status";
const PLAN: &str = "kecamatan,program,period,planned_units,planned_rupiah,failed,returned,poor_households,source";

pub(crate) const STREETS: [&str; 24] = [
    "JL. MELATI",
    "JL. MAWAR",
    "JL. KENANGA",
    "JL. PAHLAWAN",
    "JL. MERDEKA",
    "JL. SUDIRMAN",
    "JL. VETERAN",
    "JL. PASAR LAMA",
    "JL. MASJID",
    "JL. GEREJA",
    "JL. NELAYAN",
    "JL. STASIUN",
    "GG. DAMAI",
    "GG. KELINCI",
    "GG. KAFÉ LAMA",
    "GG. SEPAKAT",
    "DUSUN I",
    "DUSUN II",
    "DUSUN III",
    "LORONG MAJU",
    "KP. BARU, BLOK C",
    "KP. SAWAH",
    "KP. TENGAH",
    "PERUM GRIYA INDAH; BLOK D",
];

/// A file's name, title and header, and a column whose header goes on in a
/// second line in some files.
pub(crate) struct Form<'a> {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) header: &'a str,
    pub(crate) broken: Option<(&'static str, &'static str)>,
}

const fn form<'a>(number: u64, name: &'static str, title: &'static str, header: &'a str) -> Form<'a> {
    Form { number, name, title, header, broken: None }
}

/// Writes every file of the month.
pub(crate) fn write_month(district: &District, period: Period, rates: &Rates, all: bool, folder: &Path) -> Result<Vec<Written>> {
    let month = Month { district, period, rates };
    let dtks = Form { broken: Some(("keterangan_disabilitas", "(PDFSK PDINT PDMTL PDSNS)")), ..form(1, "dtks.csv", "Data DTKS", DTKS) };
    let pbi = Form { broken: Some(("ket_aktivasi", "(bila ada)")), ..form(3, "pbi-jk.csv", "Data PBI-JK", PBI) };
    let (dtks, pbi) = rayon::join(
        || month.file(folder, &dtks, |dice, sheet| month.dtks(dice, sheet)),
        || month.file(folder, &pbi, |dice, sheet| month.pbi(dice, sheet)),
    );
    let mut written = vec![dtks?];
    let kks = form(2, "kks.csv", "Penyaluran KKS", KKS);
    if is_paying(period) {
        written.push(month.file(folder, &kks, |dice, sheet| month.kks(dice, sheet))?);
    } else {
        remove(folder, kks.name)?;
    }
    written.push(pbi?);
    let plan = form(4, "plan.csv", "Rencana penyaluran", PLAN);
    written.push(month.file(folder, &plan, |dice, sheet| month.plan(dice, sheet))?);
    layouts::write(&month, folder, &mut written)?;
    extra::write(&month, folder, all, &mut written)?;
    Ok(written)
}

/// Removes a file of an earlier simulation, whose months had it.
pub(crate) fn remove(folder: &Path, name: &str) -> Result<()> {
    let path = folder.join(name);
    if path.exists() {
        fs::remove_file(&path).with_context(|| format!("cannot replace {}", path.display()))?;
    }
    Ok(())
}

/// What the files of a month are written from.
pub(crate) struct Month<'a> {
    pub(crate) district: &'a District,
    pub(crate) period: Period,
    pub(crate) rates: &'a Rates,
}

impl Month<'_> {
    pub(crate) fn file<F>(&self, folder: &Path, form: &Form<'_>, rows: F) -> Result<Written>
    where
        F: FnOnce(&mut Dice, Sheet) -> io::Result<(Sheet, Vec<KeyLine>)>,
    {
        let path = folder.join(form.name);
        let mut dice = self.district.dice(self.period, Purpose::File as u64 + form.number);
        let dress = Dress::draw(&mut dice);
        let name = reference::areas().get(self.district.code).map_or("", |area| area.name);
        let title = format!("{} {name} {}", form.title, self.period);
        let printed = format!("Dicetak 28/{:02}/{} untuk {name}", self.period.month(), self.period.year());
        let write = || -> io::Result<(u64, Vec<KeyLine>)> {
            let sheet = Sheet::start(&path, dress, &title, &printed, form.header, form.broken)?;
            let (sheet, key) = rows(&mut dice, sheet)?;
            Ok((sheet.finish()?, key))
        };
        let (rows, key) = write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Written { name: form.name, rows, key, lost: Vec::new() })
    }

    /// Layout 2: every registered person, kelurahan by kelurahan.
    fn dtks(&self, dice: &mut Dice, mut sheet: Sheet) -> io::Result<(Sheet, Vec<KeyLine>)> {
        let mut key = Vec::new();
        let mut twice: Vec<(&Family, usize)> = Vec::new();
        let families = &self.district.families;
        let mut start = 0;
        for (place, area) in self.district.places.all.iter().enumerate() {
            let end = start + families[start..].partition_point(|family| usize::from(family.place) == place);
            let area_cells = self.area_cells(area.kecamatan, area.name, dice, sheet.separator());
            for family in &families[start..end] {
                for (at, person) in family.members.iter().enumerate() {
                    let line = sheet.line();
                    let misspelt = match self.district.elsewhere(place).filter(|_| person.row == RowFate::Elsewhere) {
                        Some(other) => {
                            let other = &self.district.places.all[other];
                            Some(self.area_cells(other.kecamatan, other.name, dice, sheet.separator()))
                        }
                        None => self.misspelt_cells(person.row, area.kecamatan, area.name, dice, sheet.separator()),
                    };
                    sheet.joined(misspelt.as_deref().unwrap_or(&area_cells), 8);
                    let nik = match person.row {
                        RowFate::NikFormat => unreadable_nik(person.nik, dice),
                        RowFate::NikDate => format!("{:016}", impossible_nik(person.nik, dice)),
                        RowFate::NikMissing => ["-", "0", "0000000000000000"][dice.below(3) as usize].to_owned(),
                        _ => String::new(),
                    };
                    let defect = match person.row {
                        RowFate::NikMissing => Some(Defect::NikMissing),
                        RowFate::Card => Some(Defect::Card),
                        RowFate::Flag => Some(Defect::Value),
                        RowFate::Short => Some(Defect::Columns),
                        RowFate::Late => Some(Defect::NameDeceased),
                        RowFate::NikFormat => Some(Defect::NikFormat),
                        RowFate::NikDate => Some(Defect::NikDate),
                        RowFate::AreaDesa | RowFate::AreaKecamatan => Some(Defect::Area),
                        RowFate::Fine if person.has(mark::GHOST) => Some(Defect::Deceased),
                        RowFate::Fine | RowFate::Twice | RowFate::Elsewhere | RowFate::TwoCards => None,
                    };
                    key.extend(defect.map(|defect| KeyLine { line, defect }));
                    if matches!(person.row, RowFate::Twice | RowFate::TwoCards) {
                        twice.push((family, at));
                    }
                    person_cells(&mut sheet, family, at, &nik, family.nokk, family.rt)?;
                }
            }
            // The second of two equal rows stands some way below, with another RT.
            for (family, at) in twice.drain(..) {
                key.push(KeyLine { line: sheet.line(), defect: Defect::Duplicate });
                sheet.joined(&area_cells, 8);
                let other = family.members[at].row == RowFate::TwoCards;
                let card = if other { crate::persons::other_number(family.nokk) } else { family.nokk };
                person_cells(&mut sheet, family, at, "", card, family.rt % 12 + 1)?;
            }
            start = end;
        }
        Ok((sheet, key))
    }

    /// The cells `provinsi` to `id_desa` of a kelurahan, as this file writes them.
    fn area_cells(&self, kecamatan: usize, desa: &str, dice: &mut Dice, separator: u8) -> Vec<u8> {
        let kecamatan = reference::areas().get(self.district.places.kecamatan[kecamatan]).map_or("", |area| area.name);
        let kecamatan = spelt(kecamatan, dice);
        self.joined_areas(&kecamatan, &spelt(desa, dice), separator)
    }

    fn misspelt_cells(&self, fate: RowFate, kecamatan: usize, desa: &str, dice: &mut Dice, separator: u8) -> Option<Vec<u8>> {
        let district = self.district.code;
        let code = self.district.places.kecamatan[kecamatan];
        let name = reference::areas().get(code).map_or("", |area| area.name);
        match fate {
            RowFate::AreaDesa => {
                let desa = misspelt(desa, district, code, Level::Kelurahan, dice);
                Some(self.joined_areas(&name.to_uppercase(), &desa, separator))
            }
            RowFate::AreaKecamatan => {
                let name = misspelt(name, district, district, Level::Kecamatan, dice);
                Some(self.joined_areas(&name, &desa.to_uppercase(), separator))
            }
            _ => None,
        }
    }

    fn joined_areas(&self, kecamatan: &str, desa: &str, separator: u8) -> Vec<u8> {
        let areas = reference::areas();
        let name = |code| areas.get(code).map_or(String::new(), |area| area.name.to_uppercase());
        let district = self.district.code;
        let mut cells = Vec::with_capacity(80);
        for cell in [district.parent().map_or(String::new(), name), name(district), kecamatan.to_owned(), desa.to_owned()] {
            cells.extend_from_slice(cell.as_bytes());
            cells.push(separator);
        }
        // prop_capil, kab_capil, id_kec, id_desa: keys of other systems.
        cells.extend_from_slice(&[separator; 3]);
        cells
    }

    /// Layout 6: what was disbursed in the quarter, in its last month.
    fn kks(&self, dice: &mut Dice, mut sheet: Sheet) -> io::Result<(Sheet, Vec<KeyLine>)> {
        let mut key = Vec::new();
        let stage = format!("Tahap {} Tahun {}", (self.period.month() - 1) / 3 + 1, self.period.year());
        for family in &self.district.families {
            for ((bit, name), fate) in KKS_PROGRAMS.iter().zip(family.kks) {
                let defect = match fate {
                    KksFate::Absent => continue,
                    KksFate::Paid => None,
                    KksFate::NikMissing => Some(Defect::NikMissing),
                    KksFate::Amount => Some(Defect::Amount),
                    KksFate::Short => Some(Defect::Columns),
                    KksFate::NikFormat => Some(Defect::NikFormat),
                    KksFate::NikDate => Some(Defect::NikDate),
                    KksFate::ProgramUnknown => Some(Defect::Program),
                };
                key.extend(defect.map(|defect| KeyLine { line: sheet.line(), defect }));
                let holder = family.holder();
                nik_cell(&mut sheet, holder.nik, defect, dice);
                sheet.name(holder.name.parts(holder.sex));
                // No card has a number that starts with zeros.
                sheet.digits(u64::from(family.number) + 1, 16);
                sheet.raw(if fate == KksFate::ProgramUnknown { unknown_program(dice) } else { name }.as_bytes());
                sheet.raw(stage.as_bytes());
                match fate {
                    KksFate::Amount => sheet.raw(["Rp", "gagal", "-"][dice.below(3) as usize].as_bytes()),
                    KksFate::Short => {
                        sheet.end_short()?;
                        continue;
                    }
                    _ => sheet.money(family.rupiah(*bit, self.period)),
                }
                sheet.end()?;
            }
        }
        Ok((sheet, key))
    }

    /// Layout 7: health insurance contributions.
    fn pbi(&self, dice: &mut Dice, mut sheet: Sheet) -> io::Result<(Sheet, Vec<KeyLine>)> {
        let mut key = Vec::new();
        let province = self.district.code.parent();
        let code = province.map_or(String::new(), |code| code.to_string());
        let name = province.and_then(|code| reference::areas().get(code)).map_or(String::new(), |area| area.name.to_uppercase());
        for family in &self.district.families {
            for person in &family.members {
                let defect = match person.pbi {
                    PbiFate::Absent => continue,
                    PbiFate::Fine => None,
                    PbiFate::NikMissing => Some(Defect::NikMissing),
                    PbiFate::Date => Some(Defect::Date),
                    PbiFate::Short => Some(Defect::Columns),
                    PbiFate::Swapped => Some(Defect::Swapped),
                    PbiFate::BirthDate => Some(Defect::BirthDate),
                    PbiFate::Late => Some(Defect::NameDeceased),
                    PbiFate::NikFormat => Some(Defect::NikFormat),
                    PbiFate::NikDate => Some(Defect::NikDate),
                };
                key.extend(defect.map(|defect| KeyLine { line: sheet.line(), defect }));
                sheet.digits(scrambled(person.nik), 13);
                sheet.empty(1);
                match self.district.shown_name(person) {
                    Some(shown) => sheet.text(&shown.text),
                    None => sheet.name(person.name.parts(person.sex)),
                }
                if person.pbi == PbiFate::Late {
                    sheet.more(b" (ALM)");
                }
                sheet.raw(if person.sex == Sex::Female { b"P" } else { b"L" });
                let Birth { year, month, day } = person.birth;
                match person.pbi {
                    PbiFate::Date => sheet.raw(["31/02/1984", "13/13/1984", "tidak tahu"][dice.below(3) as usize].as_bytes()),
                    PbiFate::Swapped => sheet.date(year, day, month),
                    PbiFate::BirthDate => sheet.date(year - 1, month, day),
                    _ => sheet.date(year, month, day),
                }
                sheet.empty(1);
                nik_cell(&mut sheet, person.nik, defect, dice);
                sheet.empty(3);
                sheet.raw(b"3");
                sheet.digits(family.nokk, 16);
                sheet.empty(1);
                sheet.rt(family.rt);
                sheet.rt(family.rw);
                sheet.empty(9);
                sheet.raw(code.as_bytes());
                sheet.raw(name.as_bytes());
                if person.pbi == PbiFate::Short {
                    sheet.end_short()?;
                    continue;
                }
                sheet.raw(PBI_STATUS[usize::from(person.pbi_status)].as_bytes());
                sheet.end()?;
            }
        }
        Ok((sheet, key))
    }

    /// Layout 15: what was planned for each kecamatan, and what did not arrive.
    fn plan(&self, dice: &mut Dice, mut sheet: Sheet) -> io::Result<(Sheet, Vec<KeyLine>)> {
        let mut key = Vec::new();
        let plans = self.plans();
        let period = self.period.to_string();
        let source = format!("SIMULASI rencana penyaluran {}", self.period.year());
        for (kecamatan, code) in self.district.places.kecamatan.iter().enumerate() {
            let people = reference::inhabitants(*code) as f64;
            // About four people to a poor household.
            let poor = (people * self.district.target.poor_per_mille / 1000.0 / 4.0 * self.district.scale).round() as u64;
            let name = reference::areas().get(*code).map_or("", |area| area.name);
            let name = spelt(name, dice);
            for (at, program) in PLANNED.iter().enumerate() {
                let Some(plan) = plans[kecamatan][at] else { continue };
                sheet.text(&name);
                sheet.raw(program.as_bytes());
                sheet.raw(period.as_bytes());
                sheet.number(plan.units);
                sheet.number(plan.rupiah);
                match plan.failed {
                    Some(failed) => {
                        sheet.number(failed);
                        sheet.number(failed * 6 / 10);
                    }
                    None => sheet.empty(2),
                }
                sheet.number(poor);
                sheet.text(&source);
                sheet.end()?;
            }
        }
        // A row of a program that is none, in about a fifth of the files at the default rate.
        if dice.chance((self.rates.program * 200.0).min(1.0)) {
            let kecamatan = dice.below(self.district.places.kecamatan.len() as u32) as usize;
            let name = reference::areas().get(self.district.places.kecamatan[kecamatan]).map_or("", |area| area.name);
            key.push(KeyLine { line: sheet.line(), defect: Defect::Program });
            sheet.text(&name.to_uppercase());
            sheet.raw(unknown_program(dice).as_bytes());
            sheet.raw(period.as_bytes());
            sheet.number(1);
            sheet.number(100_000);
            sheet.empty(3);
            sheet.text(&source);
            sheet.end()?;
        }
        // Rows beside the right ones that a clerk wrote wrongly, in as many files.
        if dice.chance((self.rates.cells * 50.0).min(1.0)) {
            let defect = [Defect::Area, Defect::Date, Defect::Amount, Defect::Value, Defect::Columns][dice.below(5) as usize];
            key.push(KeyLine { line: sheet.line(), defect });
            let name = reference::areas().get(self.district.places.kecamatan[0]).map_or("", |area| area.name);
            if defect == Defect::Area {
                let code = self.district.code;
                sheet.text(&misspelt(name, code, code, Level::Kecamatan, dice));
            } else {
                sheet.text(&name.to_uppercase());
            }
            sheet.raw(b"PKH");
            sheet.raw(if defect == Defect::Date { b"2025-13" } else { period.as_bytes() });
            sheet.raw(if defect == Defect::Value { b"sepuluh" } else { b"10" });
            sheet.raw(if defect == Defect::Amount { b"banyak" } else { b"" });
            sheet.empty(3);
            if defect == Defect::Columns {
                sheet.end_short()?;
            } else {
                sheet.text(&source);
                sheet.end()?;
            }
        }
        Ok((sheet, key))
    }

    /// Plans by kecamatan and program, over the rows that a right import accepts:
    /// what is planned less what is paid is exactly what failed.
    fn plans(&self) -> Vec<[Option<Plan>; PLANNED.len()]> {
        let places = &self.district.places;
        let mut plans: Vec<[Option<Plan>; PLANNED.len()]> = vec![[None; PLANNED.len()]; places.kecamatan.len()];
        for place in &places.all {
            let plan = &mut plans[place.kecamatan];
            if is_paying(self.period) {
                plan[PKH].get_or_insert(Plan::with_payments());
                plan[SEMBAKO].get_or_insert(Plan::with_payments());
            }
            plan[PBI_JK].get_or_insert(Plan::with_payments());
            if place.village_fund {
                // Villages report no single payments.
                plan[BLT_DD].get_or_insert(Plan::default());
            }
        }
        for family in &self.district.families {
            let plan = &mut plans[places.all[usize::from(family.place)].kecamatan];
            if family.holder().row.accepted() {
                for (at, bit) in [(PKH, program::PKH), (SEMBAKO, program::SEMBAKO)] {
                    if family.programs & bit != 0 {
                        let paid = family.kks[at] == KksFate::Paid;
                        add(&mut plan[at], family.rupiah(bit, self.period), paid);
                    }
                }
                if family.programs & program::BLT_DD != 0 {
                    add(&mut plan[BLT_DD], 300_000, true);
                }
            }
            for person in family.members.iter().filter(|person| person.row.accepted() && person.has(mark::PBI)) {
                add(&mut plan[PBI_JK], 42_000, person.pbi.accepted() && person.pbi_status == 0);
            }
        }
        plans
    }
}

/// Programs of the plan file; the first two stand where `Family::kks` has them.
const PLANNED: [&str; 4] = ["PKH", "SEMBAKO", "PBI_JK", "BLT_DD"];
const PKH: usize = 0;
const SEMBAKO: usize = 1;
const PBI_JK: usize = 2;
const BLT_DD: usize = 3;

#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    units: u64,
    rupiah: u64,
    /// Unknown where no payments are reported.
    failed: Option<u64>,
}

impl Plan {
    const fn with_payments() -> Plan {
        Plan { units: 0, rupiah: 0, failed: Some(0) }
    }
}

fn add(plan: &mut Option<Plan>, rupiah: u64, paid: bool) {
    if let Some(plan) = plan {
        plan.units += 1;
        plan.rupiah += rupiah;
        if let Some(failed) = &mut plan.failed {
            *failed += u64::from(!paid);
        }
    }
}

/// The cells of a DTKS row behind the area. `nik` replaces the person's own
/// where it is not empty.
fn person_cells(sheet: &mut Sheet, family: &Family, at: usize, nik: &str, card: u64, rt: u8) -> io::Result<()> {
    let person: &Person = &family.members[at];
    let family_programs = if at == family.holder { family.programs } else { 0 };
    debug_assert!(!matches!(person.row, RowFate::Twice | RowFate::TwoCards) || is_flagged(person, at == family.holder, family.programs));
    sheet.rt(rt);
    sheet.rt(family.rw);
    sheet.flag(false);
    let street = STREETS[usize::from(family.street) % STREETS.len()];
    sheet.address(street, family.house);
    sheet.flag(family_programs & program::BLT_DD != 0);
    sheet.flag(false);
    sheet.flag(false);
    sheet.flag(family_programs & program::SEMBAKO != 0);
    sheet.flag(false);
    sheet.empty(1);
    if nik.is_empty() {
        sheet.digits(person.nik, 16)
    } else {
        sheet.raw(nik.as_bytes())
    }
    sheet.digits(card, if person.row == RowFate::Card { 17 } else { 16 });
    sheet.name(person.name.parts(person.sex));
    if person.row == RowFate::Late {
        sheet.more(b" (ALM)");
    }
    if person.row == RowFate::Flag {
        sheet.raw(b"MUNGKIN");
    } else {
        sheet.flag(person.has(mark::PBI));
    }
    sheet.flag(false);
    sheet.flag(person.has(mark::PERMAKANAN));
    sheet.flag(family_programs & program::PKH != 0);
    sheet.flag(false);
    sheet.flag(false);
    sheet.flag(person.has(mark::YAPI));
    sheet.empty(3);
    sheet.digits(scrambled(person.nik), 13);
    if person.row == RowFate::Short {
        sheet.empty(20);
        return sheet.end_short();
    }
    sheet.empty(21);
    sheet.end()
}

fn nik_cell(sheet: &mut Sheet, nik: u64, defect: Option<Defect>, dice: &mut Dice) {
    match defect {
        Some(Defect::NikFormat) => sheet.raw(unreadable_nik(nik, dice).as_bytes()),
        Some(Defect::NikDate) => sheet.digits(impossible_nik(nik, dice), 16),
        Some(Defect::NikMissing) => sheet.raw(["-", "0", "0000000000000000"][dice.below(3) as usize].as_bytes()),
        _ => sheet.digits(nik, 16),
    }
}

/// A number of at most 13 digits that stays with the person, for cards and IDs of other systems.
pub(crate) fn scrambled(nik: u64) -> u64 {
    nik.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_000_000_000_000 + 9_000_000_000_000
}

/// An area's name as an office writes it: mostly in capitals, at times with
/// other spaces. All of these are the same name.
pub(crate) fn spelt(name: &str, dice: &mut Dice) -> String {
    match dice.weighted(&[82.0, 6.0, 5.0, 3.0, 4.0]) {
        0 => name.to_uppercase(),
        1 => name.to_owned(),
        2 => name.to_uppercase().split_whitespace().collect(),
        3 => {
            let letters: Vec<String> = name.to_uppercase().split_whitespace().collect::<String>().chars().map(String::from).collect();
            letters.join(" ")
        }
        _ => name.to_uppercase().replace('-', " ").replace(' ', "-"),
    }
}
