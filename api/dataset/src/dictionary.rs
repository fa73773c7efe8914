//! The one dictionary of datasets and fields, from which every description is
//! made: the columns of files, the Data Package, DCAT, the pages.

use domain::Table;

/// A text in Indonesian and in English.
pub type Words = (&'static str, &'static str);

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A code of a list or of a hierarchy: text, even where it is digits.
    Code,
    /// A whole number, 0 or more.
    Count,
    /// A month, `2025-06`.
    Month,
    /// Words.
    Text,
}

/// A form in which a dataset's file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Comma-separated values (RFC 4180, UTF-8, line feeds).
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet, zstd.
    Parquet,
    /// A workbook.
    Xlsx,
    /// GeoJSON (RFC 7946).
    Geojson,
}

impl Form {
    /// All forms.
    pub const ALL: [Form; 5] = [Form::Csv, Form::Ndjson, Form::Parquet, Form::Xlsx, Form::Geojson];

    /// The ending of its file names.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
            Form::Parquet => "parquet",
            Form::Xlsx => "xlsx",
            Form::Geojson => "geojson",
        }
    }
}

/// A field of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in files.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it may be empty (`null` in JSON, Parquet and workbooks).
    pub optional: bool,
    /// Its title.
    pub title: Words,
}

const fn field(name: &'static str, kind: Kind, optional: bool, title: Words) -> Field {
    Field { name, kind, optional, title }
}

/// A dataset of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dataset {
    /// Its name in paths and files.
    pub name: &'static str,
    /// Its title.
    pub title: Words,
    /// Its fields, in the order of columns.
    pub fields: &'static [Field],
    /// The fields that together name a row.
    pub key: &'static [&'static str],
    /// The forms it comes in.
    pub forms: &'static [Form],
}

const AREA: Field = field("area", Kind::Code, false, ("wilayah", "area"));
const PROGRAM: Field = field("program", Kind::Code, false, ("program", "program"));
const PERIOD: Field = field("period", Kind::Month, false, ("bulan", "month"));
const EDITION: Field = field("edition", Kind::Code, false, ("edisi", "edition"));
const SEX: Field = field("sex", Kind::Code, false, ("jenis kelamin", "sex"));
const AGE_BAND: Field = field("age_band", Kind::Code, false, ("kelompok umur", "age band"));
const FAMILY_SIZE: Field = field("family_size", Kind::Code, false, ("anggota keluarga", "family size"));
const MEASURE: Field = field("measure", Kind::Code, false, ("ukuran", "measure"));
const CATEGORY: Field = field("category", Kind::Code, true, ("kategori", "category"));
const VALUE: Field = field("value", Kind::Count, true, ("nilai", "value"));
const STATUS: Field = field("status", Kind::Code, false, ("status", "status"));
const RELEASE: Field = field("release", Kind::Code, false, ("rilis", "release"));

const TABLES: &[Form] = &[Form::Csv, Form::Ndjson, Form::Parquet, Form::Xlsx];

/// The fields of every statistics table.
pub const CELLS: &[Field] = &[
    AREA,
    PROGRAM,
    PERIOD,
    MEASURE,
    CATEGORY,
    VALUE,
    STATUS,
    field("group", Kind::Code, true, ("kelompok", "group")),
    RELEASE,
    field("as_of", Kind::Month, false, ("keadaan", "as of")),
];

/// Anonymised recipients, a row each. The workbook has a line per atom instead,
/// with its count.
pub const RECIPIENTS: Dataset = Dataset {
    name: "recipients",
    title: ("Daftar penerima yang dianonimkan, satu baris per penerima", "Anonymised recipients, a row each"),
    fields: &[field("id", Kind::Code, false, ("baris", "row")), EDITION, PROGRAM, AREA, SEX, AGE_BAND, FAMILY_SIZE],
    key: &["id"],
    forms: TABLES,
};

/// Anonymised recipients as equivalence classes.
pub const ATOMS: Dataset = Dataset {
    name: "atoms",
    title: ("Daftar penerima sebagai kelompok setara dengan jumlahnya", "Anonymised recipients as equivalence classes with counts"),
    fields: &[
        EDITION,
        PROGRAM,
        field("atom", Kind::Count, false, ("nomor kelompok", "atom")),
        AREA,
        SEX,
        AGE_BAND,
        FAMILY_SIZE,
        field("count", Kind::Count, false, ("jumlah", "count")),
    ],
    key: &["edition", "program", "atom"],
    forms: &[Form::Csv, Form::Ndjson, Form::Parquet],
};

/// The areas of the release: the district, what it lies in, its kecamatan and
/// kelurahan/desa, as of the reference snapshot.
pub const AREAS: Dataset = Dataset {
    name: "areas",
    title: ("Wilayah rilis ini", "The areas of the release"),
    fields: &[
        field("code", Kind::Code, false, ("kode", "code")),
        field("level", Kind::Code, false, ("tingkat", "level")),
        field("name", Kind::Text, false, ("nama", "name")),
        field("parent", Kind::Code, true, ("induk", "parent")),
        field("inhabitants", Kind::Count, true, ("penduduk", "inhabitants")),
        field("inhabitants_source", Kind::Code, true, ("sumber penduduk", "source of inhabitants")),
    ],
    key: &["code"],
    forms: TABLES,
};

/// The programs, as of the reference snapshot.
pub const PROGRAMS: Dataset = Dataset {
    name: "programs",
    title: ("Program bantuan sosial", "Programs of social assistance"),
    fields: &[
        field("code", Kind::Code, false, ("kode", "code")),
        field("name", Kind::Text, false, ("nama", "name")),
        field("unit", Kind::Code, false, ("satuan", "unit")),
        field("frequency", Kind::Code, false, ("frekuensi", "frequency")),
        field("sensitive", Kind::Code, false, ("sensitif", "sensitive")),
        field("legal_basis", Kind::Text, true, ("dasar hukum", "legal basis")),
    ],
    key: &["code"],
    forms: TABLES,
};

/// The boundaries of the district and its kecamatan.
pub const BOUNDARIES: Dataset = Dataset {
    name: "boundaries",
    title: ("Batas kabupaten/kota dan kecamatannya", "Boundaries of the district and its kecamatan"),
    fields: &[
        field("code", Kind::Code, false, ("kode", "code")),
        field("level", Kind::Code, false, ("tingkat", "level")),
        field("name", Kind::Text, false, ("nama", "name")),
    ],
    key: &["code"],
    forms: &[Form::Geojson],
};

/// What a revision changed, a line per figure that is another than in the issue
/// it corrects; empty in a first issue.
pub const CORRECTIONS: Dataset = Dataset {
    name: "corrections",
    title: ("Koreksi: angka yang berubah dan alasannya", "Corrections: figures that changed, and why"),
    fields: &[
        field("table", Kind::Code, false, ("tabel", "table")),
        AREA,
        PROGRAM,
        PERIOD,
        MEASURE,
        CATEGORY,
        field("value_before", Kind::Count, true, ("nilai sebelumnya", "value before")),
        field("status_before", Kind::Code, true, ("status sebelumnya", "status before")),
        field("group_before", Kind::Code, true, ("kelompok sebelumnya", "group before")),
        VALUE,
        field("status", Kind::Code, true, ("status", "status")),
        field("group", Kind::Code, true, ("kelompok", "group")),
        field("corrects", Kind::Code, false, ("mengoreksi", "corrects")),
        field("reason", Kind::Code, false, ("alasan", "reason")),
    ],
    key: &["table", "area", "program", "period", "measure", "category"],
    forms: TABLES,
};

const KEY: &[&str] = &["area", "program", "period", "measure", "category"];

/// The dataset of a statistics table.
#[must_use]
pub const fn statistics(table: Table) -> Dataset {
    Dataset { name: table.as_str(), title: title(table), fields: CELLS, key: KEY, forms: TABLES }
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
