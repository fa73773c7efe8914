//! A district of made-up people of which a test knows every one: real areas, one
//! file of each layout a month, and what a fair reader of the releases would
//! have to know to check them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The district: six kecamatan of five kelurahan.
pub const AREA: &str = "12.74";

/// Its kecamatan with five kelurahan each, as offices write them.
const PLACES: [(&str, [(&str, &str); 5]); 6] = [
    (
        "TANJUNGBALAI SELATAN",
        [
            ("1001", "TANJUNGBALAI KOTA I"),
            ("1002", "TANJUNGBALAI KOTA II"),
            ("1003", "PERWIRA"),
            ("1004", "KARYA"),
            ("1005", "PANTAI BURUNG"),
        ],
    ),
    (
        "TANJUNGBALAI UTARA",
        [
            ("1001", "TANJUNGBALAI KOTA III"),
            ("1002", "TANJUNGBALAI KOTA IV"),
            ("1003", "SEJAHTERA"),
            ("1004", "KUALA SILO BESTARI"),
            ("1005", "MATAHALASAN"),
        ],
    ),
    (
        "SEI TUALANG RASO",
        [("1001", "KERAMAT KUBAH"), ("1002", "SUMBER SARI"), ("1003", "MUARA SENTOSA"), ("1004", "PASAR BARU"), ("1005", "SEI RAJA")],
    ),
    (
        "TELUK NIBUNG",
        [
            ("1001", "SEI MERBAU"),
            ("1002", "PEMATANG PASIR"),
            ("1003", "PERJUANGAN"),
            ("1004", "KAPIAS PULAU BUAYA"),
            ("1005", "BETING KUALA KAPIAS"),
        ],
    ),
    ("DATUK BANDAR", [("1003", "GADING"), ("1004", "SIRANTAU"), ("1005", "SIJAMBI"), ("1006", "PAHANG"), ("1010", "PANTAI JOHOR")]),
    (
        "DATUK BANDAR TIMUR",
        [
            ("1001", "PULAU SIMARDAN"),
            ("1002", "SEMULA JADI"),
            ("1003", "SELAT LANCANG"),
            ("1004", "BUNGA TANJUNG"),
            ("1005", "SELAT TANJUNG MEDAN"),
        ],
    ),
];

/// Outcomes: the code in releases, and the office's word.
pub const OUTCOMES: [(&str, &str); 11] = [
    ("unchecked", "Belum Cek"),
    ("valid", "Valid"),
    ("other_name", "NIK Padan Beda Nama"),
    ("no_card", "Tidak Memiliki E-KTP"),
    ("not_found", "Di Hapus-Tidak Ditemukan"),
    ("deceased", "Di Hapus-Meninggal"),
    ("duplicate", "Di Hapus-NIK Sudah Terdaftar"),
    ("invalid", "Invalid"),
    ("moved", "Pindah"),
    ("refused", "Menolak"),
    ("ineligible", "Tidak layak"),
];

/// Places of outcomes in [`OUTCOMES`].
pub const UNCHECKED: usize = 0;
pub const VALID: usize = 1;
pub const OTHER_NAME: usize = 2;
pub const NO_CARD: usize = 3;
pub const NOT_FOUND: usize = 4;
pub const DECEASED: usize = 5;
pub const INVALID: usize = 7;

/// Programs whose units are persons.
pub const PERSONS: [&str; 2] = ["PBI_JK", "YAPI"];

/// Flag columns of layout 2 with the program that each enrols in.
const FLAGS: [(&str, &str); 5] = [("pkh", "PKH"), ("bpnt", "SEMBAKO"), ("pbi", "PBI_JK"), ("yapi", "YAPI"), ("blt", "BLT_DD")];

/// Somebody.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: u32,
    pub family: u32,
    /// Kecamatan × 5 + kelurahan.
    pub place: usize,
    pub programs: BTreeSet<&'static str>,
    /// Place in [`OUTCOMES`]. A later "unchecked" takes nothing back.
    pub outcome: usize,
    /// What PKH pays; 0 for nothing.
    pub amount: u64,
}

/// The district in a month.
#[derive(Debug, Clone, Default)]
pub struct District {
    pub people: Vec<Person>,
    next: u32,
}

impl District {
    /// Adds somebody with a family card of his own.
    pub fn join(&mut self, place: usize, programs: &[&'static str], outcome: usize, amount: u64) -> &mut Person {
        self.next += 1;
        let (id, programs) = (self.next, programs.iter().copied().collect());
        self.people.push(Person { id, family: id, place, programs, outcome, amount });
        self.people.last_mut().unwrap()
    }

    /// The same with numbers for newcomers that `later` has not given away.
    pub fn before(&self, later: &District) -> District {
        District { people: self.people.clone(), next: later.next }
    }

    /// Adds a family of `size`, all in the programs.
    pub fn join_family(&mut self, place: usize, programs: &[&'static str], size: u32) {
        let family = self.next + 1;
        for _ in 0..size {
            self.join(place, programs, UNCHECKED, 0).family = family;
        }
    }

    /// Up to `n` people of a kecamatan in a program, with places to change them at.
    pub fn some(&self, kecamatan: usize, program: &str, n: usize) -> Vec<usize> {
        let inside = |person: &Person| person.place / 5 == kecamatan && person.programs.contains(program);
        (0..self.people.len()).filter(|at| inside(&self.people[*at])).take(n).collect()
    }

    /// Takes people out of every program. They stay in the file, as a corrected
    /// row does: a file of the same month forgets nobody.
    pub fn leave(&mut self, places: &[usize]) {
        for at in places {
            self.people[*at].programs.clear();
        }
    }

    /// Writes the files of a month under `files`. A correction has a later `day`.
    pub fn write(&self, files: &Path, period: &str, day: u32, paying: bool) {
        let folder = files.join(AREA).join(period);
        std::fs::create_dir_all(&folder).unwrap();
        let notice = "DATA SIMULASI\n";
        let mut dtks = format!("{notice}provinsi,kabupaten,kecamatan,desa_kelurahan,nik,nokk,nama,pkh,bpnt,pbi,yapi,blt\n");
        let mut kks = format!("{notice}nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n");
        let mut verification = format!("{notice}nik,round,date,outcome\n");
        let (year, month) = period.split_once('-').unwrap();
        for person in &self.people {
            let (kecamatan, kelurahan) = PLACES[person.place / 5];
            let flags = FLAGS.map(|(_, program)| if person.programs.contains(program) { "YA" } else { "TIDAK" }).join(",");
            let (nik, nokk) = (person.nik(), number(person.family, 0));
            let desa = kelurahan[person.place % 5].1;
            writeln!(dtks, "SUMATERA UTARA,KOTA TANJUNGBALAI,{kecamatan},{desa},{nik},{nokk},WARGA SIMULASI,{flags}").unwrap();
            // Also of 0: a file of the same month takes nothing back by silence.
            if person.programs.contains("PKH") {
                writeln!(kks, "{nik},WARGA SIMULASI,0000000000000001,PKH,Tahap 1 Tahun {year},{}", person.amount).unwrap();
            }
            if person.outcome != UNCHECKED {
                writeln!(verification, "{nik},{year}-1,{day:02}/{month}/{year},{}", OUTCOMES[person.outcome].1).unwrap();
            }
        }
        std::fs::write(folder.join("dtks.csv"), dtks).unwrap();
        if verification.lines().count() > 2 {
            std::fs::write(folder.join("verification.csv"), verification).unwrap();
        }
        if paying && kks.lines().count() > 2 {
            std::fs::write(folder.join("kks.csv"), kks).unwrap();
        }
    }

    /// Units of a program by kecamatan's code: what tells them apart, and the
    /// person or cardholder.
    pub fn units(&self, program: &str) -> BTreeMap<(String, u32), &Person> {
        let mut units = BTreeMap::new();
        for person in self.people.iter().filter(|person| person.programs.contains(program)) {
            let key = if PERSONS.contains(&program) { person.id } else { person.family };
            units.entry((person.kecamatan(), key)).or_insert(person);
        }
        units
    }
}

impl Person {
    /// The kecamatan's code.
    pub fn kecamatan(&self) -> String {
        format!("{AREA}.0{}", self.place / 5 + 1)
    }

    /// The sex that the NIK tells.
    pub fn sex(&self) -> &'static str {
        if self.id.is_multiple_of(2) { "F" } else { "M" }
    }

    /// The age at the end of a month, by the NIK.
    pub fn age(&self, period: &str) -> u32 {
        let (year, month) = period.split_once('-').unwrap();
        let (year, month): (u32, u32) = (year.parse().unwrap(), month.parse().unwrap());
        let (_, born_month, born_year) = born(self.id);
        year - 1900 - born_year - u32::from(born_month > month)
    }

    fn nik(&self) -> String {
        number(self.id, if self.sex() == "F" { 40 } else { 0 })
    }
}

/// Sixteen digits: an area, a day (of women 40 more), a serial over 9000, where
/// the civil registry's count does not reach.
fn number(id: u32, more: u32) -> String {
    let (day, month, year) = born(id);
    format!("127401{:02}{month:02}{year:02}{:04}", day + more, 9001 + id / 15_120)
}

/// Day, month and year (of the century) of the births that numbers tell of.
fn born(id: u32) -> (u32, u32, u32) {
    (1 + id % 28, 1 + id / 28 % 12, 50 + id / 336 % 45)
}

/// The code of a kelurahan.
pub fn kelurahan(place: usize) -> String {
    format!("{AREA}.0{}.{}", place / 5 + 1, PLACES[place / 5].1[place % 5].0)
}
