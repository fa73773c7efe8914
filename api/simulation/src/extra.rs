//! The layouts that no published table needs, written when all are asked for:
//! proposals, members, other rankings, lists of recipients, audits, open data.
//! They speak of the same people as the other files of the month.
//!
//! A BNBA enrols as the month's DTKS file does. It covers one kelurahan, whose
//! people it names with the same card, place and flags; a folder's files are
//! imported by name, so the DTKS row is the later one and stands.

use std::io;
use std::path::Path;

use anyhow::Result;

use crate::dice::{Lot, lot};
use crate::fate::{RowFate, is_paying};
use crate::files::{Month, STREETS, Written, remove, scrambled};
use crate::layouts::{Spellings, file};
use crate::model::{Class, Family, Person, Role, Sex, mark, program};
use crate::table::{Column, Kind, Table};
use crate::wealth::{desil, is_ranked};

const USULAN: &[Column] = &[
    ("NIK", Kind::Nik),
    ("PROGRAM BANSOS", Kind::Program),
    ("NOKK", Kind::Card),
    ("NAMA", Kind::Name),
    ("TEMPAT LAHIR", Kind::Plain),
    ("TANGGAL LAHIR", Kind::Birth),
    ("IBU KANDUNG", Kind::Plain),
    ("JENIS KELAMIN", Kind::Sex),
    ("JENIS PEKERJAAN", Kind::Plain),
    ("STATUS KAWIN", Kind::Plain),
    ("ALAMAT", Kind::Plain),
    ("RT", Kind::Plain),
    ("RW", Kind::Plain),
    ("PROVINSI", Kind::Above),
    ("KABUPATEN", Kind::Above),
    ("KECAMATAN", Kind::Kecamatan),
    ("KELURAHAN", Kind::Desa),
    ("STATUS DISABILITAS", Kind::Plain),
    ("KODE JENIS DISABILITAS", Kind::Plain),
    ("STATUS HAMIL", Kind::Plain),
    ("TGL MULAI HAMIL", Kind::Plain),
];
const USULAN_RESULT: &[Column] = &[
    ("nama_kec", Kind::Kecamatan),
    ("nama_desa", Kind::Desa),
    ("nik_usulan", Kind::Nik),
    ("program_bansos", Kind::Program),
    ("hasil", Kind::Plain),
    ("padan", Kind::Plain),
    ("nama_lgkp", Kind::Name),
    ("ket_vali", Kind::Plain),
];
const DTSEN_MEMBER: &[Column] = &[
    ("hub_kepala_keluarga", Kind::Plain),
    ("id_keluarga", Kind::Plain),
    ("idsemesta", Kind::Plain),
    ("nama", Kind::Name),
    ("nik", Kind::Nik),
    ("no_kk", Kind::CardOrNone),
    ("pekerjaan_utama", Kind::Plain),
];
const P3KE: &[Column] = &[
    ("id_kpm", Kind::Plain),
    ("nik_kk", Kind::Nik),
    ("nik_pkk", Kind::Plain),
    ("nama_kk", Kind::Name),
    ("nama_pkk", Kind::Plain),
    ("nama_anak", Kind::Plain),
    ("nik_anak", Kind::Plain),
    ("alamat", Kind::Plain),
    ("nama_rt", Kind::Plain),
    ("nama_rw", Kind::Plain),
    ("desa_kelurahan", Kind::Desa),
    ("kecamatan", Kind::Kecamatan),
    ("kabkot", Kind::Above),
    ("district", Kind::Plain),
    ("sumber", Kind::Plain),
    ("desil_p3ke", Kind::Count),
    ("lat", Kind::Plain),
    ("lng", Kind::Plain),
    ("tahun_anggaran", Kind::Count),
];
const PDTT: &[Column] = &[
    ("NIK_MASK", Kind::Mask),
    ("NOKK_MASK", Kind::Plain),
    ("NOREKENING_MASK", Kind::Plain),
    ("Nama_Pengurus", Kind::Plain),
    ("Lembaga_Penyalur", Kind::Plain),
    ("KODE_WILAYAH", Kind::Plain),
    ("PROV", Kind::Above),
    ("KAB", Kind::Above),
    ("KEC", Kind::Kecamatan),
    ("KEL", Kind::Desa),
    ("ALAMAT", Kind::Plain),
    ("RT", Kind::Plain),
    ("RW", Kind::Plain),
    ("KETERANGAN", Kind::Plain),
    ("Kesesuaian", Kind::Plain),
    ("Penjelasan", Kind::Plain),
    ("Pekerjaan", Kind::Plain),
];
const RECIPIENTS: &[Column] = &[
    ("NAMA PENERIMA", Kind::Name),
    ("NIK KTP", Kind::Nik),
    ("TAHAP", Kind::Plain),
    ("BANSOS", Kind::Program),
    ("IDSEMESTA", Kind::Plain),
    ("NO KEL", Kind::Plain),
    ("NM PROV", Kind::Above),
    ("NM KAB", Kind::Above),
    ("NM KEC", Kind::Kecamatan),
    ("NM KEL", Kind::Desa),
    ("ALAMAT", Kind::Plain),
];
const BNBA: &[Column] = &[
    ("id_dtks", Kind::Plain),
    ("province", Kind::Above),
    ("regency", Kind::Above),
    ("district", Kind::Kecamatan),
    ("village", Kind::Desa),
    ("alamat", Kind::Plain),
    ("dusun", Kind::Plain),
    ("rw", Kind::Plain),
    ("rt", Kind::Plain),
    ("nkk", Kind::Card),
    ("nik", Kind::Nik),
    ("nama", Kind::Name),
    ("tgl_lahir", Kind::Birth),
    ("tmp_lahir", Kind::Plain),
    ("jenkel", Kind::Sex),
    ("ibu_kandung", Kind::Plain),
    ("shdk", Kind::Plain),
    ("status", Kind::Plain),
    ("tgl_kejadian", Kind::Plain),
    ("noreg_kejadian", Kind::Plain),
    ("pkh", Kind::Word),
    ("bpnt", Kind::Word),
    ("bst", Kind::Word),
    ("bpnt_ppkm", Kind::Word),
    ("pbi", Kind::Word),
];
const BLT_DD: &[Column] = &[
    ("NO", Kind::Plain),
    ("NIK", Kind::Nik),
    ("NAMA KEPALA KELUARGA", Kind::Name),
    ("JENIS KELAMIN", Kind::Sex),
    ("TANGGAL LAHIR", Kind::Birth),
    ("JUMLAH ANGGOTA KELUARGA", Kind::Plain),
    ("ALAMAT", Kind::Plain),
    ("RT", Kind::Plain),
    ("RW", Kind::Plain),
    ("JENIS PEKERJAAN", Kind::Plain),
    ("KODE_JP", Kind::Plain),
    ("KRITERIA BLT", Kind::Plain),
    ("KODE_KRIT", Kind::Plain),
    ("METODE PEMBAYARAN", Kind::Plain),
    ("KODE_BAYAR", Kind::Plain),
    ("KECAMATAN", Kind::Kecamatan),
    ("DESA_KELURAHAN", Kind::Desa),
];
const BPK: &[Column] = &[
    ("NIK_BNBA", Kind::NikOrNone),
    ("NIK_KTP", Kind::NikOrNone),
    ("NAMA KPM", Kind::Name),
    ("KPM Ditemui BST", Kind::Plain),
    ("KPM Ditemui PKH/BPNT", Kind::Plain),
    ("KPM Tidak Ditemui BST", Kind::Plain),
    ("KPM Tidak Ditemui PKH/BPNT", Kind::Plain),
    ("Keterangan", Kind::Plain),
];
const BDT: &[Column] = &[
    ("IDBDT", Kind::Plain),
    ("NoPBDTKemsos", Kind::Plain),
    ("KDPROP", Kind::Plain),
    ("KDKAB", Kind::Plain),
    ("KDKEC", Kind::Plain),
    ("KDDESA", Kind::Plain),
    ("Alamat", Kind::Plain),
    ("AdaPKH", Kind::Plain),
    ("AdaPBDT", Kind::Plain),
    ("AdaKKS2016", Kind::Plain),
    ("Nama_SLS", Kind::Plain),
    ("Nama_KRT", Kind::Name),
    ("Jumlah_ART", Kind::Plain),
    ("Jumlah_Keluarga", Kind::Plain),
    ("percentile", Kind::Plain),
];
const BDT_MEMBER: &[Column] = &[
    ("IDARTBDT", Kind::Plain),
    ("IDBDT", Kind::Plain),
    ("Nama", Kind::Name),
    ("JnsKel", Kind::Sex),
    ("TmpLahir", Kind::Plain),
    ("TglLahir", Kind::Birth),
    ("HubKRT", Kind::Plain),
    ("NIK", Kind::Nik),
    ("NoKK", Kind::CardOrNone),
    ("Umur", Kind::Plain),
    ("Sta_kawin", Kind::Plain),
];
const OPEN_DATA: &[Column] = &[
    ("id", Kind::Plain),
    ("kode_provinsi", Kind::Plain),
    ("nama_provinsi", Kind::Plain),
    ("bps_kode_kabupaten_kota", Kind::Plain),
    ("bps_nama_kabupaten_kota", Kind::Plain),
    ("bps_kode_kecamatan", Kind::Plain),
    ("bps_nama_kecamatan", Kind::Plain),
    ("bps_kode_desa_kelurahan", Kind::Plain),
    ("bps_nama_desa_kelurahan", Kind::Plain),
    ("kemendagri_kode_kecamatan", Kind::Plain),
    ("kemendagri_nama_kecamatan", Kind::Plain),
    ("kemendagri_kode_desa_kelurahan", Kind::Code),
    ("kemendagri_nama_desa_kelurahan", Kind::Plain),
    ("jumlah_penerima_bansos", Kind::Count),
    ("satuan", Kind::Plain),
    ("tahun", Kind::Plain),
];

/// Programs that are proposed, as templates write them.
const PROPOSED: [&str; 3] = ["BPNT", "PKH", "PBI-JK"];
/// The file names of these layouts.
pub(crate) const NAMES: [&str; 12] = [
    "usulan.csv",
    "usulan-result.csv",
    "dtsen-member.csv",
    "p3ke.csv",
    "pdtt.csv",
    "recipients.csv",
    "bnba.csv",
    "blt-dd.csv",
    "bpk.csv",
    "bdt.csv",
    "bdt-member.csv",
    "open-data.csv",
];

/// Writes the files of these layouts; those of an earlier simulation go.
pub(crate) fn write(month: &Month<'_>, folder: &Path, all: bool, written: &mut Vec<Written>) -> Result<()> {
    let (first, paying) = (month.period == month.district.first, is_paying(month.period));
    let ranked = is_ranked(month.district.first, month.period);
    // Small files, in which a rare defect would seldom stand.
    let rate = (month.rates.cells * 2.5).min(0.5);
    let born = Some(("TANGGAL LAHIR", "(31/01/2000)"));
    if !all {
        return NAMES.into_iter().try_for_each(|name| remove(folder, name));
    }
    let mut add = |wanted: bool,
                   number,
                   name,
                   title,
                   columns: &'static [Column],
                   broken,
                   rows: &dyn Fn(&mut Table<'_>, &mut Vec<u64>) -> io::Result<()>| {
        if !wanted {
            return remove(folder, name);
        }
        written.push(file(month, folder, (number, name, title, broken), columns, rate, rows)?);
        Ok(())
    };
    add(true, 20, "usulan.csv", "Usulan V4", USULAN, born, &|table, _| month.usulan(table))?;
    add(true, 21, "usulan-result.csv", "Hasil usulan", USULAN_RESULT, None, &|table, _| month.usulan_result(table))?;
    add(ranked, 22, "dtsen-member.csv", "Data DTSEN anggota", DTSEN_MEMBER, None, &|table, lost| month.dtsen_member(table, lost))?;
    add(first, 23, "p3ke.csv", "Data P3KE", P3KE, None, &|table, lost| month.p3ke(table, lost))?;
    add(paying, 24, "pdtt.csv", "PDTT", PDTT, None, &|table, _| month.pdtt(table))?;
    add(paying, 25, "recipients.csv", "Daftar penerima PKH dan BPNT", RECIPIENTS, None, &|table, lost| month.recipients(table, lost))?;
    add(month.bnba_place().is_some(), 26, "bnba.csv", "BNBA", BNBA, None, &|table, _| month.bnba(table))?;
    add(true, 27, "blt-dd.csv", "BNBA BLT Dana Desa", BLT_DD, None, &|table, lost| month.blt_dd(table, lost))?;
    add(first, 28, "bpk.csv", "Instrumen uji", BPK, None, &|table, _| month.bpk(table))?;
    add(first, 29, "bdt.csv", "BDT rumah tangga", BDT, None, &|table, _| month.bdt(table))?;
    add(first, 30, "bdt-member.csv", "BDT anggota", BDT_MEMBER, None, &|table, _| month.bdt_member(table))?;
    add(first, 31, "open-data.csv", "Data terbuka", OPEN_DATA, None, &|table, _| month.open_data(table))
}

/// Whom a list of recipients leaves out: a few are always missing in it.
const MISSING: f64 = 0.004;

impl Month<'_> {
    fn spellings(&self, table: &mut Table<'_>) -> Spellings {
        Spellings::draw(self.district, table.dice)
    }

    /// Families that are in no program are proposed for one.
    fn proposed(&self) -> impl Iterator<Item = (&Family, &'static str)> {
        let month = u64::from(self.period.ordinal().unsigned_abs());
        self.district.families.iter().filter(|family| family.class == Class::Registered).filter_map(move |family| {
            let lot = lot(self.district.lots, Lot::Proposed as u64 + month, u64::from(family.number));
            (lot < 0.1).then(|| (family, PROPOSED[(lot * 10.0 * PROPOSED.len() as f64) as usize]))
        })
    }

    /// Layout 1.
    fn usulan(&self, table: &mut Table<'_>) -> io::Result<()> {
        let names = self.spellings(table);
        for (family, program) in self.proposed() {
            let (head, place) = (family.holder(), usize::from(family.place));
            let area = &self.district.places.all[place];
            table.digits(head.nik, 16).put(program).digits(family.nokk, 16).name(head.name.parts(head.sex)).empty(1).date(head.birth);
            table.empty(1).put(sex(head, &["PEREMPUAN", "LAKI-LAKI"])).put(job(head)).put("KAWIN").put(&address(family));
            table.digits(u64::from(family.rt), 3).digits(u64::from(family.rw), 3).put(&names.province).put(&names.district);
            table.put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]).empty(4);
            table.end(&self.facts(head.nik, head.birth, head.sex, place))?;
        }
        Ok(())
    }

    /// Layout 12.
    fn usulan_result(&self, table: &mut Table<'_>) -> io::Result<()> {
        let names = self.spellings(table);
        let results = [("DISETUJUI", 70.0), ("DITOLAK", 20.0), ("PROSES", 10.0)];
        for (family, program) in self.proposed() {
            let (head, place) = (family.holder(), usize::from(family.place));
            let area = &self.district.places.all[place];
            let at = table.dice.weighted(&results.map(|(_, weight)| weight));
            table.put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]).digits(head.nik, 16).put(program).put(results[at].0);
            table.put("PADAN").name(head.name.parts(head.sex)).put("");
            table.end(&self.facts(head.nik, head.birth, head.sex, place))?;
        }
        Ok(())
    }

    /// Layout 3: the members of the registry's families.
    fn dtsen_member(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        for family in &self.district.families {
            for person in &family.members {
                let card = self.district.other_card(family, person).unwrap_or(family.nokk);
                table.put(relation(person)).digits(family.nokk % 10_000_000_000, 10).digits(scrambled(person.nik), 13);
                table.name(person.name.parts(person.sex)).digits(person.nik, 16).digits(card, 16).put(job(person));
                if !table.end(&self.facts(person.nik, person.birth, person.sex, usize::from(family.place)))? {
                    lost.push(person.nik);
                }
            }
        }
        Ok(())
    }

    /// Layout 4: an older ranking, of some families.
    fn p3ke(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        let names = self.spellings(table);
        for family in self.district.families.iter().filter(|family| in_p3ke(family)) {
            let (head, place) = (&family.members[0], usize::from(family.place));
            let area = &self.district.places.all[place];
            table.digits(family.nokk % 1_000_000_000, 9).digits(head.nik, 16).empty(1).name(head.name.parts(head.sex)).empty(3);
            table.put(&address(family)).digits(u64::from(family.rt), 3).digits(u64::from(family.rw), 3).put(&names.desa[place]);
            table.put(&names.kecamatan[area.kecamatan]).put(&names.district).empty(1).put("SIMULASI");
            table.digits(u64::from(p3ke_desil(family)), 1).empty(2).put("2023");
            if !table.end(&self.facts(head.nik, head.birth, head.sex, place))? {
                lost.push(head.nik);
            }
        }
        Ok(())
    }

    /// Layout 5: an audit's sample, with masked numbers.
    fn pdtt(&self, table: &mut Table<'_>) -> io::Result<()> {
        let names = self.spellings(table);
        for family in self.district.families.iter().filter(|family| family.programs & (program::PKH | program::SEMBAKO) != 0) {
            if !table.dice.chance(0.03) {
                continue;
            }
            let (head, place) = (family.holder(), usize::from(family.place));
            let area = &self.district.places.all[place];
            let fits = table.dice.chance(0.85);
            table.put(&format!("{:06}******{:04}", head.nik / 10_000_000_000, head.nik % 10_000));
            table
                .put(&format!("{:010}******", family.nokk / 1_000_000))
                .empty(1)
                .name(head.name.parts(head.sex))
                .put("BANK SIMULASI")
                .empty(1);
            table.put(&names.province).put(&names.district).put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]);
            table.put(&address(family)).digits(u64::from(family.rt), 3).digits(u64::from(family.rw), 3).empty(1);
            table.put(if fits { "Sesuai" } else { "Tidak Sesuai" }).put(if fits { "" } else { "RUMAH LAYAK" }).put(job(head));
            table.end(&self.facts(head.nik, head.birth, head.sex, place))?;
        }
        Ok(())
    }

    /// Layout 8: who receives PKH and BPNT this quarter; a few stand twice.
    fn recipients(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        let names = self.spellings(table);
        let stage = format!("TAHAP {}", (self.period.month() - 1) / 3 + 1);
        for family in &self.district.families {
            let (head, place) = (family.holder(), usize::from(family.place));
            let area = &self.district.places.all[place];
            for (bit, name) in [(program::PKH, "PKH"), (program::SEMBAKO, "BPNT")] {
                let row = |table: &mut Table<'_>| {
                    table
                        .name(head.name.parts(head.sex))
                        .digits(head.nik, 16)
                        .put(&stage)
                        .put(name)
                        .digits(scrambled(head.nik), 13)
                        .empty(1);
                    table.put(&names.province).put(&names.district).put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]);
                    table.put(&address(family));
                };
                if family.programs & bit == 0 || self.is_missing(head, u64::from(bit)) {
                    continue;
                }
                row(table);
                let key = head.nik << 3 | u64::from(bit);
                if !table.end(&self.facts(head.nik, head.birth, head.sex, place))? {
                    lost.push(key);
                } else if self.district.recipient_twice(self.period, key, self.rates.duplicate) {
                    row(table);
                    table.end_whole()?;
                }
            }
        }
        Ok(())
    }

    /// Whether a list of recipients leaves somebody out.
    pub(crate) fn is_missing(&self, head: &Person, bit: u64) -> bool {
        head.has(mark::GHOST) || lot(self.district.lots, Lot::Missing as u64 + bit, head.nik) < MISSING
    }

    /// The kelurahan that the BNBA covers: the one with most families that has no
    /// Village Fund, since BLT Dana Desa has no flag there.
    pub(crate) fn bnba_place(&self) -> Option<usize> {
        let mut counts = vec![0u32; self.district.places.all.len()];
        for family in &self.district.families {
            counts[usize::from(family.place)] += 1;
        }
        let open = (0..counts.len()).filter(|place| !self.district.places.all[*place].village_fund && counts[*place] > 0);
        open.max_by_key(|place| (counts[*place], std::cmp::Reverse(*place)))
    }

    /// Layout 9.
    fn bnba(&self, table: &mut Table<'_>) -> io::Result<()> {
        let names = self.spellings(table);
        let Some(place) = self.bnba_place() else { return Ok(()) };
        let area = &self.district.places.all[place];
        let yes_no = |table: &Table<'_>, yes| table.sheet.dress().yes_no(yes);
        for family in self.district.families.iter().filter(|family| usize::from(family.place) == place) {
            for (at, person) in family.members.iter().enumerate() {
                // What the DTKS file does not enrol, another file must not.
                let unflagged = person.has(mark::YAPI | mark::PERMAKANAN) && !person.has(mark::PBI);
                if !person.row.accepted() || person.has(mark::GHOST) || person.row == RowFate::Elsewhere || unflagged {
                    continue;
                }
                let programs = if at == family.holder { family.programs } else { 0 };
                table.digits(scrambled(person.nik), 13).put(&names.province).put(&names.district);
                table.put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]).put(&address(family)).empty(1);
                table.digits(u64::from(family.rw), 3).digits(u64::from(family.rt), 3).digits(family.nokk, 16).digits(person.nik, 16);
                table.name(person.name.parts(person.sex)).date(person.birth).empty(1).put(sex(person, &["P", "L"])).empty(1);
                table.put(relation(person)).put("AKTIF").empty(2);
                for yes in [programs & program::PKH != 0, programs & program::SEMBAKO != 0, false, false, person.has(mark::PBI)] {
                    let word = yes_no(table, yes);
                    table.put(word);
                }
                table.end(&self.facts(person.nik, person.birth, person.sex, place))?;
            }
        }
        Ok(())
    }

    /// Layout 10.
    fn blt_dd(&self, table: &mut Table<'_>, lost: &mut Vec<u64>) -> io::Result<()> {
        let names = self.spellings(table);
        let families = self.district.families.iter().filter(|family| family.programs & program::BLT_DD != 0);
        for (number, family) in (1..).zip(families) {
            let (head, place) = (family.holder(), usize::from(family.place));
            let area = &self.district.places.all[place];
            if head.has(mark::GHOST) {
                continue;
            }
            table.digits(number, 1).digits(head.nik, 16).name(head.name.parts(head.sex)).put(sex(head, &["PEREMPUAN", "LAKI-LAKI"]));
            table.date(head.birth).digits(family.members.len() as u64, 1).put(&address(family)).digits(u64::from(family.rt), 3);
            table.digits(u64::from(family.rw), 3).put(job(head)).put("1").put("KEHILANGAN MATA PENCAHARIAN").put("2").put("TUNAI").put("1");
            table.put(&names.kecamatan[area.kecamatan]).put(&names.desa[place]);
            if !table.end(&self.facts(head.nik, head.birth, head.sex, place))? {
                lost.push(head.nik);
            }
        }
        Ok(())
    }

    /// Layout 11: whom an audit met.
    fn bpk(&self, table: &mut Table<'_>) -> io::Result<()> {
        for family in self.district.families.iter().filter(|family| family.programs & (program::PKH | program::SEMBAKO) != 0) {
            if !table.dice.chance(0.01) {
                continue;
            }
            let head = family.holder();
            let met = table.dice.chance(0.9);
            table.digits(head.nik, 16);
            if met {
                table.digits(head.nik, 16);
            } else {
                table.empty(1);
            }
            table
                .name(head.name.parts(head.sex))
                .empty(1)
                .put(if met { "V" } else { "" })
                .empty(1)
                .put(if met { "" } else { "V" })
                .empty(1);
            table.end(&self.facts(head.nik, head.birth, head.sex, usize::from(family.place)))?;
        }
        Ok(())
    }

    /// Layout 13: households of the old warehouse, by codes of BPS.
    fn bdt(&self, table: &mut Table<'_>) -> io::Result<()> {
        for family in self.district.families.iter().filter(|family| in_bdt(family)) {
            let (head, place) = (&family.members[0], usize::from(family.place));
            let [province, district, kecamatan, desa] = self.bps(place);
            table
                .digits(family.nokk % 100_000_000, 8)
                .empty(1)
                .put(&province)
                .put(&district)
                .put(&kecamatan)
                .put(&desa)
                .put(&address(family));
            table.put(if family.programs & program::PKH == 0 { "0" } else { "1" }).put("1").empty(2).name(head.name.parts(head.sex));
            table.digits(family.members.len() as u64, 1).put("1").digits(u64::from(family.score / 10_000) + 1, 1);
            table.end(&self.facts(head.nik, head.birth, head.sex, place))?;
        }
        Ok(())
    }

    /// Layout 13: their members.
    fn bdt_member(&self, table: &mut Table<'_>) -> io::Result<()> {
        for family in self.district.families.iter().filter(|family| in_bdt(family)) {
            for (number, person) in (1..).zip(&family.members) {
                let household = family.nokk % 100_000_000;
                table.put(&format!("{household:08}{number:02}")).digits(household, 8).name(person.name.parts(person.sex));
                table.put(sex(person, &["P", "L"])).empty(1).date(person.birth).put(relation(person)).digits(person.nik, 16);
                table.digits(family.nokk, 16).digits(u64::from(person.birth.age(self.period)), 1).put("KAWIN");
                table.end(&self.facts(person.nik, person.birth, person.sex, usize::from(family.place)))?;
            }
        }
        Ok(())
    }

    /// Layout 14: families in Sembako by desa, with the codes of BPS and of Kemendagri side by side.
    fn open_data(&self, table: &mut Table<'_>) -> io::Result<()> {
        let mut counts = vec![0u64; self.district.places.all.len()];
        for family in self.district.families.iter().filter(|family| family.programs & program::SEMBAKO != 0) {
            counts[usize::from(family.place)] += 1;
        }
        let name = |code| reference::areas().get(code).map_or("", |area| area.name).to_uppercase();
        let code = self.district.code;
        for (place, area) in self.district.places.all.iter().enumerate() {
            let kecamatan = self.district.places.kecamatan[area.kecamatan];
            let Ok(desa) = reference::areas().find(kecamatan, domain::Level::Kelurahan, area.name) else { continue };
            let [province, district, kec, des] = self.bps(place);
            table.digits(place as u64 + 1, 1).put(&province).put(&code.parent().map_or(String::new(), name));
            table.put(&format!("{province}{district}")).put(&name(code)).put(&format!("{province}{district}{kec}")).put(&name(kecamatan));
            table
                .put(&format!("{province}{district}{kec}{des}"))
                .put(&area.name.to_uppercase())
                .put(&kecamatan.to_string())
                .put(&name(kecamatan));
            table
                .put(&desa.to_string())
                .put(&area.name.to_uppercase())
                .digits(counts[place], 1)
                .put("KELUARGA")
                .digits(u64::from(self.period.year().unsigned_abs()), 4);
            table.end(&self.facts(0, crate::model::Birth { year: 2000, month: 1, day: 1 }, Sex::Male, place))?;
        }
        Ok(())
    }

    /// Codes as BPS counts: kecamatan in tens, desa by one. Made up; the true ones are not at hand.
    fn bps(&self, place: usize) -> [String; 4] {
        let area = &self.district.places.all[place];
        let first = self.district.places.all.iter().position(|other| other.kecamatan == area.kecamatan).unwrap_or(place);
        let code = self.district.code.number();
        [
            format!("{:02}", code / 100),
            format!("{:02}", code % 100),
            format!("{:03}", (area.kecamatan + 1) * 10),
            format!("{:03}", place - first + 1),
        ]
    }
}

/// Whether the older ranking has a family.
pub(crate) const fn in_p3ke(family: &Family) -> bool {
    family.number % 5 < 2
}

/// Its desil there: of two years ago, so at times another one.
pub(crate) const fn p3ke_desil(family: &Family) -> u8 {
    let known = desil(family.score);
    if family.number.is_multiple_of(7) && known > 1 { known - 1 } else { known }
}

/// Whether the old warehouse has a family.
const fn in_bdt(family: &Family) -> bool {
    family.number.is_multiple_of(12)
}

const fn sex(person: &Person, words: &[&'static str; 2]) -> &'static str {
    words[person.sex as usize]
}

fn address(family: &Family) -> String {
    format!("{} NO {}", STREETS[usize::from(family.street) % STREETS.len()], family.house)
}

const fn relation(person: &Person) -> &'static str {
    match person.role {
        Role::Head => "KEPALA KELUARGA",
        Role::Spouse => "ISTRI",
        Role::Child => "ANAK",
        Role::Elder => "ORANG TUA",
    }
}

const fn job(person: &Person) -> &'static str {
    const JOBS: [&str; 8] =
        ["PETANI", "BURUH HARIAN LEPAS", "PEDAGANG", "NELAYAN", "MENGURUS RUMAH TANGGA", "BELUM BEKERJA", "WIRASWASTA", "SOPIR"];
    match person.role {
        Role::Child => "BELUM BEKERJA",
        _ => JOBS[(person.nik / 3 % 8) as usize],
    }
}
