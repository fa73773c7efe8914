//! The datasets of a release: which fields each has, what names a row, and the
//! forms it comes in.

use domain::Table;

use super::fields::*;
use super::{Field, Form, Words};

/// A dataset of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dataset {
    /// Its name in paths and files.
    pub name: &'static str,
    /// Its title.
    pub title: Words,
    /// What it holds, by which rules, and what it is good for.
    pub description: Words,
    /// Its fields, in the order of columns.
    pub fields: &'static [Field],
    /// The fields that together name a row.
    pub key: &'static [&'static str],
    /// The forms it comes in.
    pub forms: &'static [Form],
}

impl Dataset {
    /// The statistics table it holds, if it is one.
    #[must_use]
    pub fn table(&self) -> Option<Table> {
        self.name.parse().ok()
    }
}

const TABLES: &[Form] = &[Form::Csv, Form::Ndjson, Form::Parquet, Form::Xlsx];

/// The fields of every statistics table of programs.
pub const CELLS: &[Field] = &[AREA, PROGRAM, PERIOD, MEASURE, CATEGORY, VALUE, STATUS, GROUP, RELEASE, AS_OF];

/// The same fields, in the tables whose program can be `SEMUA`.
const CELLS_OF_ALL: &[Field] = &[AREA, PROGRAM_OR_ALL, PERIOD, MEASURE, CATEGORY, VALUE, STATUS, GROUP, RELEASE, AS_OF];

/// Anonymised recipients, a row each. The workbook has a line per atom instead,
/// with its count.
pub const RECIPIENTS: Dataset = Dataset {
    name: "recipients",
    title: ("Daftar penerima yang dianonimkan, satu baris per penerima", "Anonymised recipients, a row each"),
    description: (
        "Setiap penerima satu baris, tanpa nama, NIK, atau alamat. Paling sedikit k baris sama dalam semua kolomnya. Program peka dan program yang penerimanya kurang dari k tidak ada di sini. Buku kerja XLSX memuat satu baris per kelompok dengan jumlahnya.",
        "One row for each recipient, without name, identity number or address. At least k rows are alike in all columns. Sensitive programs, and programs with fewer than k recipients, are not here. The XLSX workbook has one line per atom, with its count.",
    ),
    fields: &[ID, EDITION, PROGRAM, AREA, SEX, AGE_BAND, FAMILY_SIZE],
    key: &["id"],
    forms: TABLES,
};

/// Anonymised recipients as equivalence classes.
pub const ATOMS: Dataset = Dataset {
    name: "atoms",
    title: ("Daftar penerima sebagai kelompok setara dengan jumlahnya", "Anonymised recipients as equivalence classes with counts"),
    description: (
        "Isi yang sama dengan recipients, lebih ringkas: satu baris per kelompok penerima yang semua kolomnya sama, dengan jumlahnya.",
        "The same as recipients, shorter: one line for each class of recipients that are alike in all columns, with its count.",
    ),
    fields: &[EDITION, PROGRAM, ATOM, AREA, SEX, AGE_BAND, FAMILY_SIZE, COUNT],
    key: &["edition", "program", "atom"],
    forms: &[Form::Csv, Form::Ndjson, Form::Parquet],
};

/// The areas of the release: the district, what it lies in, its kecamatan and
/// kelurahan/desa, as of the reference snapshot.
pub const AREAS: Dataset = Dataset {
    name: "areas",
    title: ("Wilayah rilis ini", "The areas of the release"),
    description: (
        "Provinsi, kabupaten/kota, kecamatan, dan kelurahan/desa yang disebut dalam rilis, menurut data rujukan yang disebut manifes.",
        "Provinsi, kabupaten/kota, kecamatan and kelurahan/desa named in the release, by the reference data that the manifest names.",
    ),
    fields: &[AREA_CODE, LEVEL, AREA_NAME, PARENT, PEOPLE, PEOPLE_SOURCE],
    key: &["code"],
    forms: TABLES,
};

/// The programs, as of the reference snapshot.
pub const PROGRAMS: Dataset = Dataset {
    name: "programs",
    title: ("Program bantuan sosial", "Programs of social assistance"),
    description: (
        "Program yang dikenal: satuan penerimanya, seberapa sering menyalurkan, apakah peka, dan dasar hukumnya.",
        "The programs that are known: what they count, how often they pay, whether they are sensitive, and their legal basis.",
    ),
    fields: &[PROGRAM_ID, PROGRAM_NAME, UNIT, FREQUENCY, SENSITIVE, LEGAL_BASIS],
    key: &["code"],
    forms: TABLES,
};

/// The boundaries of the district and its kecamatan.
pub const BOUNDARIES: Dataset = Dataset {
    name: "boundaries",
    title: ("Batas kabupaten/kota dan kecamatannya", "Boundaries of the district and its kecamatan"),
    description: (
        "Batas wilayah yang disederhanakan untuk peta, dalam derajat bujur dan lintang (WGS 84). Bukan batas hukum.",
        "Boundaries simplified for maps, in degrees of longitude and latitude (WGS 84). Not the legal boundaries.",
    ),
    fields: &[AREA_CODE, LEVEL, AREA_NAME],
    key: &["code"],
    forms: &[Form::Geojson],
};

/// What a revision changed, a line per figure that is another than in the issue
/// it corrects; empty in a first issue.
pub const CORRECTIONS: Dataset = Dataset {
    name: "corrections",
    title: ("Koreksi: angka yang berubah dan alasannya", "Corrections: figures that changed, and why"),
    description: (
        "Satu baris untuk setiap angka yang lain dari rilis yang dikoreksi, dengan angka sebelumnya dan alasan koreksi. Kosong pada terbitan pertama sebuah bulan.",
        "One line for each figure that differs from the release that is corrected, with the figure before and the reason. Empty in a month's first issue.",
    ),
    fields: &[
        TABLE,
        AREA,
        PROGRAM_OR_ALL,
        PERIOD,
        MEASURE,
        CATEGORY,
        VALUE_BEFORE,
        STATUS_BEFORE,
        GROUP_BEFORE,
        VALUE,
        STATUS_AFTER,
        GROUP,
        CORRECTS,
        REASON,
    ],
    key: &["table", "area", "program", "period", "measure", "category"],
    forms: TABLES,
};

const KEY: &[&str] = &["area", "program", "period", "measure", "category"];

/// The dataset of a statistics table.
#[must_use]
pub const fn statistics(table: Table) -> Dataset {
    let fields = match table {
        Table::Findings | Table::Deciles | Table::Targeting | Table::Reports => CELLS_OF_ALL,
        _ => CELLS,
    };
    Dataset { name: table.as_str(), title: title(table), description: rules(table), fields, key: KEY, forms: TABLES }
}

/// What a statistics table tells.
#[must_use]
pub const fn title(table: Table) -> Words {
    match table {
        Table::Totals => ("Jumlah penerima menurut wilayah, program, dan bulan", "Units enrolled by area, program and month"),
        Table::Payments => (
            "Penyaluran menurut wilayah, program, dan bulan: seharusnya, tersalur, gagal, kembali",
            "Payments by area, program and month: due, paid, failed, returned",
        ),
        Table::Flows => ("Masuk dan keluar menurut wilayah, program, dan bulan", "Entered and left by area, program and month"),
        Table::Plan => (
            "Rencana kantor: sasaran dan anggaran menurut wilayah, program, dan bulan",
            "The office's plan: units and rupiah by area, program and month",
        ),
        Table::Coverage => (
            "Cakupan: penerima dibanding penduduk dan keluarga miskin, dengan sumber pembandingnya",
            "Coverage: recipients in relation to inhabitants and poor households, with the source of the denominator",
        ),
        Table::Demographics => (
            "Jenis kelamin, umur, dan besar keluarga: jumlah kelompok setara utuh",
            "Sex, age and family size: sums of whole equivalence classes",
        ),
        Table::Overlaps => ("Keluarga yang menerima dua program", "Families that two programs have in common"),
        Table::Verification => ("Hasil verifikasi lapangan terakhir", "Last outcome of field verification"),
        Table::Freshness => {
            ("Penerima menurut lama sejak verifikasi lapangan terakhir", "Units by months since field verification last checked them")
        }
        Table::Findings => (
            "Temuan validasi: orang menurut daftar kantor, dan catatan yang keliru",
            "What validation found: persons by the office's lists, and records at fault",
        ),
        Table::Deciles => ("Semua keluarga terdaftar menurut desil", "All registered families by desil"),
        Table::Targeting => {
            ("Keluarga terdaftar menurut desil: menerima program atau tidak", "Registered families by desil: with any program, with none")
        }
        Table::Reports => (
            "Pengaduan tahun ini menurut kategori: diterima, dijawab, terbukti",
            "Complaints of the year so far by category: received, answered, upheld",
        ),
    }
}

/// By which rules a table's figures are shown, in both languages.
#[must_use]
pub const fn rules(table: Table) -> Words {
    match table {
        Table::Totals => (
            "Tepat sampai kelurahan. Program peka: kabupaten dan kecamatan saja, yang kecil dalam gabungan bernama.",
            "Exact down to kelurahan. Sensitive programs: kabupaten and kecamatan only, small ones in a named group.",
        ),
        Table::Flows => (
            "Tepat sampai kelurahan. Program peka: kabupaten saja. Alasan keluar (kategori): per kecamatan atau gabungan, bila paling sedikit k di dalam kelas dan k di luarnya.",
            "Exact down to kelurahan. Sensitive programs: kabupaten only. Reasons of leaving (categories): by kecamatan or group, with at least k in a class and k outside.",
        ),
        Table::Payments => (
            "Unit tepat sampai kelurahan. Jumlah rupiah yang berbeda antarkeluarga: kecamatan ke atas, dengan paling sedikit k penerima per angka.",
            "Units are exact down to kelurahan. Amounts that differ between families: kecamatan and above, at least k recipients behind a figure.",
        ),
        Table::Plan => ("Rencana kantor, bukan orang: tepat.", "The office's plan, not people: exact."),
        Table::Coverage => (
            "Hitungan dari angka yang sudah terbit. Kategori menyebut sumber pembanding.",
            "Reckoned from published figures alone. The category names the source of the denominator.",
        ),
        Table::Demographics => (
            "Jumlah atom utuh dari daftar penerima edisi ini; yang lebih kasar dihitung sebagai `*`.",
            "Sums of whole atoms of the edition's rows; what is coarser counts as `*`.",
        ),
        Table::Overlaps => (
            "Per kecamatan atau gabungan, hanya bila keduanya dan masing-masing saja paling sedikit k keluarga. Angka lama tetap berlaku sampai aman diperbarui.",
            "By kecamatan or group, only where both and each alone are at least k families. Older figures stand until they can be renewed safely.",
        ),
        Table::Verification => (
            "Sebuah kelas tampil bila paling sedikit k di dalamnya dan k di luarnya; sisanya digabung dengan `~`. Angka lama tetap berlaku sampai aman diperbarui; lihat as_of.",
            "A class is shown with at least k in it and k outside; the others are joined by `~`. Older figures stand until they can be renewed safely; see as_of.",
        ),
        Table::Freshness => (
            "Seperti verifikasi. Lama dihitung pada bulan `as_of`: angka yang masih berlaku tidak menua di sini.",
            "As verification. Months are counted at `as_of`: a figure that stands does not grow older here.",
        ),
        Table::Findings => (
            "`units` seperti verifikasi, dan tidak untuk program peka. `records` tepat: program SEMUA, kabupaten; `duplicate_nik` juga per kecamatan.",
            "`units` as verification, and not of sensitive programs. `records` are exact: program SEMUA, at kabupaten; `duplicate_nik` by kecamatan, too.",
        ),
        Table::Deciles => (
            "Program SEMUA, per kecamatan atau gabungan. Sebuah kelas tampil bila paling sedikit k keluarga di dalamnya dan k di luarnya; sisanya digabung dengan `~`.",
            "Program SEMUA, by kecamatan or group. A class is shown with at least k families in it and k outside; the others are joined by `~`.",
        ),
        Table::Targeting => (
            "Program SEMUA. Kelas dari tabel deciles dibagi dua, hanya bila masing-masing bagian paling sedikit k; jumlah keduanya sama dengan deciles.",
            "Program SEMUA. A class of the table deciles in two parts, only where each holds at least k; they add up to the line of deciles.",
        ),
        Table::Reports => (
            "Program SEMUA, dari 1 Januari sampai akhir bulan. Kelas tampil bila paling sedikit k di dalamnya dan k di luarnya; dijawab dan terbukti hanya bila kedua bagiannya paling sedikit k.",
            "Program SEMUA, from 1 January to the month's end. A class is shown with at least k in it and k outside; answered and upheld only where both parts are at least k.",
        ),
    }
}

/// Every dataset of a release, in the order in which they are told.
#[must_use]
pub fn all() -> Vec<Dataset> {
    let tables = Table::ALL.into_iter().map(statistics);
    [RECIPIENTS, ATOMS].into_iter().chain(tables).chain([CORRECTIONS, AREAS, PROGRAMS, BOUNDARIES]).collect()
}

/// The dataset of a name.
#[must_use]
pub fn find(name: &str) -> Option<Dataset> {
    all().into_iter().find(|dataset| dataset.name == name)
}
