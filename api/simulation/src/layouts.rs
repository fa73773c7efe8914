//! The layouts whose rows are put together cell by cell: rankings, lists,
//! complaints, field verification and deaths.

use std::io;
use std::path::Path;

use anyhow::Result;
use domain::{AreaCode, Period};

use crate::dice::Dice;
use crate::district::District;
use crate::extra::{in_p3ke, p3ke_desil};
use crate::files::{Form, Month, STREETS, Written, spelt};
use crate::model::{Birth, Sex, days};
use crate::names::Name;
use crate::table::{Column, Facts, Kind, Table};
use crate::wealth::{desil, is_ranked};

const VERIFICATION: &[Column] = &[("nik", Kind::Nik), ("round", Kind::Plain), ("date", Kind::Date), ("outcome", Kind::Plain)];
const DEATHS: &[Column] = &[("nik", Kind::Nik), ("date_of_death", Kind::Date)];
const LIST: &[Column] =
    &[("nik", Kind::Nik), ("nama", Kind::Name), ("daftar", Kind::Word), ("instansi", Kind::Plain), ("per_tanggal", Kind::Date)];
const COMPLAINTS: &[Column] = &[
    ("tanggal", Kind::Date),
    ("kanal", Kind::Plain),
    ("kategori", Kind::Word),
    ("kecamatan", Kind::Kecamatan),
    ("program", Kind::Program),
    ("hasil", Kind::Word),
    ("tanggal_selesai", Kind::Date),
];
const DTSEN: &[Column] = &[
    ("alamat", Kind::Plain),
    ("desil_nasional", Kind::Count),
    ("id_keluarga", Kind::Plain),
    ("id_wilayah", Kind::Plain),
    ("nama_kepala_keluarga", Kind::Name),
    ("no_kk", Kind::Card),
    ("peringkat_nasional", Kind::Count),
    ("kabupaten", Kind::Above),
    ("kecamatan", Kind::Kecamatan),
    ("kelurahan", Kind::Desa),
    ("rt", Kind::Plain),
    ("rw", Kind::Plain),
    ("nik", Kind::NikOrNone),
    ("provinsi", Kind::Above),
    ("percentile_nasional", Kind::Plain),
    ("peringkat_kab_kota", Kind::Count),
    ("peringkat_provinsi", Kind::Count),
];

/// Families of the country and of a province, to number the places of a ranking.
const FAMILIES: u64 = 93_000_000;
const FAMILIES_OF_PROVINCE: u64 = 4_500_000;

/// Names of areas as a file writes them, by kecamatan and by place.
pub(crate) struct Spellings {
    pub(crate) province: String,
    pub(crate) district: String,
    pub(crate) kecamatan: Vec<String>,
    pub(crate) desa: Vec<String>,
}

impl Spellings {
    pub(crate) fn draw(district: &District, dice: &mut Dice) -> Spellings {
        let name = |code: AreaCode| reference::areas().get(code).map_or("", |area| area.name);
        Spellings {
            province: district.code.parent().map_or(String::new(), |code| name(code).to_uppercase()),
            district: name(district.code).to_uppercase(),
            kecamatan: district.places.kecamatan.iter().map(|code| spelt(name(*code), dice)).collect(),
            desa: district.places.all.iter().map(|place| spelt(place.name, dice)).collect(),
        }
    }
}

/// A family as a ranking lists it.
struct Ranked {
    nokk: u64,
    nik: u64,
    name: Name,
    sex: Sex,
    birth: Birth,
    place: u16,
    score: u32,
    street: u16,
    house: u16,
    rt: u8,
    rw: u8,
}

/// Writes one file; `head` is its number, name, title, and a column whose header goes on below.
pub(crate) fn file(
    month: &Month<'_>,
    folder: &Path,
    (number, name, title, broken): (u64, &'static str, &'static str, Option<(&'static str, &'static str)>),
    columns: &'static [Column],
    rate: f64,
    rows: &dyn Fn(&mut Table<'_>, &mut Vec<u64>) -> io::Result<()>,
) -> Result<Written> {
    let header = crate::table::header(columns);
    let form = Form { number, name, title, header: &header, broken };
    let mut lost = Vec::new();
    let mut done = month.file(folder, &form, |dice, sheet| {
        let mut table = Table::new(sheet, dice, columns, rate, month.district.code);
        rows(&mut table, &mut lost)?;
        let Table { sheet, key, .. } = table;
        Ok((sheet, key))
    })?;
    done.lost = lost;
    Ok(done)
}

/// Writes the files of these layouts.
pub(crate) fn write(month: &Month<'_>, folder: &Path, written: &mut Vec<Written>) -> Result<()> {
    let rate = month.rates.cells;
    let head = |number, name, title| (number, name, title, None);
    written.push(file(month, folder, head(5, "verification.csv", "Hasil verifikasi"), VERIFICATION, rate, &|table, lost| {
        month.verification(table, lost)
    })?);
    written.push(file(month, folder, head(6, "deaths.csv", "Laporan kematian"), DEATHS, 0.0, &|table, _| month.deaths(table))?);
    written.push(file(month, folder, head(7, "list.csv", "Daftar pembanding"), LIST, rate, &|table, lost| month.list(table, lost))?);
    written.push(file(month, folder, head(8, "complaints.csv", "Pengaduan"), COMPLAINTS, rate, &|table, _| month.complaints(table))?);
    if is_ranked(month.district.first, month.period) {
        written
            .push(file(month, folder, head(9, "dtsen.csv", "Data DTSEN keluarga"), DTSEN, rate, &|table, lost| month.dtsen(table, lost))?);
    } else {
        crate::files::remove(folder, "dtsen.csv")?;
    }
    Ok(())
}

impl Month<'_> {
    /// What defects need to know of a row about somebody.
    pub(crate) fn facts(&self, nik: u64, birth: Birth, sex: Sex, place: usize) -> Facts {
        let place = &self.district.places.all[place];
        Facts { nik, birth, sex, kecamatan: self.district.places.kecamatan[place.kecamatan], desa: place.name }
    }

    /// The last day of the month.
    pub(crate) fn last_day(&self) -> Birth {
        last_day(self.period)
    }

    /// Layout 16: outcomes of field verification.
    fn verification(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        for (at, check) in (0..).zip(&self.district.checks) {
            table.digits(check.nik, 16).put(&check.round()).date(check.on).put(check.word());
            if !table.end(&self.facts(check.nik, check.birth, check.sex, 0))? {
                lost.push(at);
            }
        }
        Ok(())
    }

    /// Layout 17: deaths reported this month. What others rest on is whole; a
    /// few are reported again, illegibly.
    fn deaths(&self, table: &mut Table<'_>) -> io::Result<()> {
        for (nik, day) in &self.district.deaths {
            table.digits(*nik, 16).date(*day).end_whole()?;
            if table.dice.chance((self.rates.cells * 10.0).min(1.0)) {
                table.digits(*nik, 16).date(*day).end_spoilt(&self.facts(*nik, *day, Sex::Male, 0))?;
            }
        }
        Ok(())
    }

    /// Ours: civil servants, earners, moved people.
    fn list(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        for (at, row) in (0..).zip(&self.district.listings) {
            table.digits(row.nik, 16);
            match self.district.listed_name(row.nik, row.name, row.sex) {
                Some(shown) => table.put(&shown.text),
                None => table.name(row.name.parts(row.sex)),
            };
            table.put(row.word).put(row.institution).date(row.on);
            if !table.end(&self.facts(row.nik, row.birth, row.sex, 0))? {
                lost.push(at);
            }
        }
        Ok(())
    }

    /// Ours: complaints of the year so far.
    fn complaints(&self, table: &mut Table<'_>) -> io::Result<()> {
        let spellings = Spellings::draw(self.district, table.dice);
        let until = self.last_day();
        for complaint in &self.district.complaints {
            let (outcome, closed) = complaint.outcome(until);
            let kecamatan = usize::from(complaint.kecamatan);
            table
                .date(complaint.received)
                .put(complaint.channel())
                .put(complaint.category())
                .put(&spellings.kecamatan[kecamatan])
                .put(complaint.program())
                .put(outcome);
            match closed {
                Some(day) => table.date(day),
                None => table.empty(1),
            };
            let kecamatan = self.district.places.kecamatan[kecamatan];
            table.end(&Facts { nik: 0, birth: complaint.received, sex: Sex::Male, kecamatan, desa: "" })?;
        }
        Ok(())
    }

    /// Layout 3: families with their place in the ranking, those outside the registry among them.
    fn dtsen(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        let spellings = Spellings::draw(self.district, table.dice);
        let mut families = self.ranked();
        families.sort_unstable_by_key(|family| (family.place, family.nokk));
        let mut order: Vec<(u32, u64)> = families.iter().map(|family| (family.score, family.nokk)).collect();
        order.sort_unstable();
        for family in &families {
            let place = usize::from(family.place);
            let area = &self.district.places.all[place];
            let share = |of: u64| u64::from(family.score) * of / 1_000_000 + 1;
            let rank = order.binary_search(&(family.score, family.nokk)).unwrap_or(0) as u64 + 1;
            let street = STREETS[usize::from(family.street) % STREETS.len()];
            table.put(&format!("{street} NO {}", family.house));
            table.digits(u64::from(desil(family.score)), 1).digits(family.nokk % 10_000_000_000, 10);
            table.put("").name(family.name.parts(family.sex)).digits(family.nokk, 16).digits(share(FAMILIES), 1);
            table.put(&spellings.district).put(&spellings.kecamatan[area.kecamatan]).put(&spellings.desa[place]);
            table.digits(u64::from(family.rt), 3).digits(u64::from(family.rw), 3).digits(family.nik, 16).put(&spellings.province);
            table.digits(share(100), 1).digits(rank, 1).digits(share(FAMILIES_OF_PROVINCE), 1);
            if !table.end(&self.facts(family.nik, family.birth, family.sex, place))? {
                lost.push(family.nokk);
            }
        }
        Ok(())
    }

    fn ranked(&self) -> Vec<Ranked> {
        let inside = self.district.families.iter().map(|family| {
            let head = &family.members[0];
            Ranked {
                nokk: family.nokk,
                nik: head.nik,
                name: head.name,
                sex: head.sex,
                birth: head.birth,
                place: family.place,
                score: family.score,
                street: family.street,
                house: family.house,
                rt: family.rt,
                rw: family.rw,
            }
        });
        let outside = self.district.outsiders.iter().map(|head| Ranked {
            nokk: head.nokk,
            nik: head.nik,
            name: head.name,
            sex: head.sex,
            birth: head.birth,
            place: head.place,
            score: head.score,
            street: (head.nokk / 7 % 97) as u16,
            house: (head.nokk % 120) as u16,
            rt: (head.nokk % 11) as u8 + 1,
            rw: (head.nokk % 7) as u8 + 1,
        });
        inside.chain(outside).collect()
    }
}

/// The last day of a month.
pub(crate) fn last_day(period: Period) -> Birth {
    let (year, month) = (period.year().unsigned_abs(), period.month().unsigned_abs());
    Birth { year, month, day: days(year, month) }
}

impl District {
    /// Takes in what the month's files say, but for rows that no import accepts.
    pub(crate) fn tell(&mut self, period: Period, written: &[Written]) {
        let lost = |name: &str| -> std::collections::HashSet<u64> {
            written.iter().filter(|file| file.name == name).flat_map(|file| file.lost.iter().copied()).collect()
        };
        let (checks, listings, ranks) = (lost("verification.csv"), lost("list.csv"), lost("dtsen.csv"));
        for (at, check) in (0u64..).zip(&self.checks) {
            if !checks.contains(&at) {
                self.told.check(check.nik, check.on, check.meaning());
            }
        }
        for (at, row) in (0u64..).zip(&self.listings) {
            if !listings.contains(&at) {
                self.told.listed.entry(row.nik).or_default().push((row.group, row.list, row.on));
                if self.listed_name(row.nik, row.name, row.sex).is_some_and(|shown| !shown.agrees) {
                    self.told.other_name.insert(row.nik);
                }
            }
        }
        for (nik, day) in &self.deaths {
            self.told.died.entry(*nik).or_insert(*day);
        }
        let (heads, members) = (lost("p3ke.csv"), lost("dtsen-member.csv"));
        let has = |name: &str| written.iter().any(|file| file.name == name);
        let (p3ke, dtsen, ranked) = (has("p3ke.csv"), has("dtsen-member.csv"), is_ranked(self.first, period));
        // In the order of the files' names, in which a folder is imported.
        for family in &self.families {
            let head = family.members[0].nik;
            if ranked && !ranks.contains(&family.nokk) {
                self.told.desil.insert(family.nokk, desil(family.score));
                self.told.desil_of_person.insert(head, desil(family.score));
            }
            if p3ke && in_p3ke(family) && !heads.contains(&head) {
                self.told.desil_of_person.insert(head, p3ke_desil(family));
            }
            for person in &family.members {
                let other = if dtsen { self.other_card(family, person) } else { None };
                // Only a card that differs needs to be kept. The old warehouse has the record's.
                if dtsen && !members.contains(&person.nik) {
                    match other {
                        Some(card) => drop(self.told.member_card.insert(person.nik, card)),
                        None => drop(self.told.member_card.remove(&person.nik)),
                    }
                }
            }
        }
    }
}
