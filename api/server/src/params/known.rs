//! The parameters of all addresses, each described once.

use super::Param;

/// An area and what lies in it.
pub const AREA: Param = Param {
    name: "area",
    about: "Kemendagri code of an area of any level, dotted; what lies in it is included. An undotted code is redirected to the dotted one.",
    expected: (
        "kode Kemendagri yang ada, 2, 4, 6, atau 10 digit, misalnya 36.71 atau 36.71.01.1001 (lihat /v1/areas)",
        "an existing Kemendagri code of 2, 4, 6 or 10 digits, such as 36.71 or 36.71.01.1001 (see /v1/areas)",
    ),
    example: "36.71.01",
};
/// The area that holds others.
pub const PARENT: Param = Param {
    name: "parent",
    about: "Kemendagri code of an area: its children, or with `level` all areas of that level in it.",
    expected: AREA.expected,
    example: "36.71",
};
/// A level of areas.
pub const LEVEL: Param = Param {
    name: "level",
    about: "Level of the areas wanted.",
    expected: ("provinsi, kabupaten, kecamatan, atau kelurahan", "provinsi, kabupaten, kecamatan or kelurahan"),
    example: "kecamatan",
};
/// A program.
pub const PROGRAM: Param = Param {
    name: "program",
    about: "Code of a program (see /v1/programs).",
    expected: ("kode program dari /v1/programs, misalnya PKH", "a program code of /v1/programs, such as PKH"),
    example: "PKH",
};
/// A program, or all.
pub const PROGRAM_OR_ALL: Param = Param {
    name: "program",
    about: "Code of a program (see /v1/programs), or SEMUA for figures of no one program.",
    expected: (
        "kode program dari /v1/programs, misalnya PKH, atau SEMUA untuk angka yang bukan dari satu program",
        "a program code of /v1/programs, such as PKH, or SEMUA for figures of no one program",
    ),
    example: "SEMUA",
};
/// All programs.
pub const ALL_PROGRAMS: Param = Param {
    name: "program",
    about: "Always SEMUA: the figures are of no one program.",
    expected: ("hanya SEMUA: angka tabel ini bukan dari satu program", "SEMUA only: the figures of this table are of no one program"),
    example: "SEMUA",
};
/// A statistics table.
pub const TABLE: Param = Param {
    name: "table",
    about: "Figures of one table (see /v1/statistics).",
    expected: ("nama tabel dari /v1/statistics, misalnya payments", "the name of a table of /v1/statistics, such as payments"),
    example: "payments",
};
/// A month, or a range.
pub const PERIOD: Param = Param {
    name: "period",
    about: "A month, or a first and a last month joined by two dots. All months when left out.",
    expected: (
        "bulan, misalnya 2025-06, atau rentang, misalnya 2025-01..2025-06",
        "a month such as 2025-06, or a range such as 2025-01..2025-06",
    ),
    example: "2025-06",
};
/// A measure.
pub const MEASURE: Param = Param {
    name: "measure",
    about: "One measure of the table (see /v1/statistics).",
    expected: (
        "ukuran dari tabel ini menurut /v1/statistics, misalnya units untuk totals",
        "a measure of this table as /v1/statistics lists them, such as units for totals",
    ),
    example: "units",
};
/// A source of a denominator.
pub const CATEGORY_OF_COVERAGE: Param = Param {
    name: "category",
    about: "One source of the denominator (see /v1/statistics).",
    expected: (
        "sumber pembanding menurut /v1/statistics, misalnya dukcapil-2024",
        "a source of the denominator as /v1/statistics lists them, such as dukcapil-2024",
    ),
    example: "dukcapil-2024",
};
/// A label of rows.
pub const CATEGORY_OF_DEMOGRAPHICS: Param = Param {
    name: "category",
    about: "One label (see /v1/statistics); `*` are those not broken down.",
    expected: (
        "label menurut /v1/statistics, misalnya F atau 60+ (tanda + ditulis %2B)",
        "a label as /v1/statistics lists them, such as F or 60+ (+ is written %2B)",
    ),
    example: "F",
};
/// The other program.
pub const CATEGORY_OF_OVERLAPS: Param = Param {
    name: "category",
    about: "Code of the other program.",
    expected: (
        "kode program yang tidak peka dari /v1/programs, misalnya SEMBAKO",
        "a code of /v1/programs that is not sensitive, such as SEMBAKO",
    ),
    example: "SEMBAKO",
};
/// An outcome of verification.
pub const CATEGORY_OF_VERIFICATION: Param = Param {
    name: "category",
    about: "One outcome (see /v1/statistics): figures of it, and of the classes that show it together with others, joined by `~`.",
    expected: (
        "hasil verifikasi menurut /v1/statistics, misalnya valid, atau beberapa yang digabung dengan ~",
        "an outcome as /v1/statistics lists them, such as valid, or several joined by ~",
    ),
    example: "valid",
};
/// A reason of leaving.
pub const CATEGORY_OF_FLOWS: Param = Param {
    name: "category",
    about: "One reason of leaving: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
    expected: (
        "alasan keluar, misalnya died, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
        "a reason of leaving, such as died, as /v1/statistics lists them, or several joined by ~",
    ),
    example: "died",
};
/// Months since a check.
pub const CATEGORY_OF_FRESHNESS: Param = Param {
    name: "category",
    about: "Months since the last check: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
    expected: (
        "lama sejak pemeriksaan, misalnya 7-12 atau 25+ (tanda + ditulis %2B), menurut /v1/statistics, atau beberapa yang digabung dengan ~",
        "months since a check, such as 7-12 or 25+ (+ is written %2B), as /v1/statistics lists them, or several joined by ~",
    ),
    example: "7-12",
};
/// A finding.
pub const CATEGORY_OF_FINDINGS: Param = Param {
    name: "category",
    about: "One finding: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
    expected: (
        "temuan, misalnya deceased atau duplicate_nik, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
        "a finding, such as deceased or duplicate_nik, as /v1/statistics lists them, or several joined by ~",
    ),
    example: "deceased",
};
/// A desil.
pub const CATEGORY_OF_DECILES: Param = Param {
    name: "category",
    about: "One desil: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
    expected: (
        "desil 1 sampai 10 atau unknown menurut /v1/statistics, atau beberapa yang digabung dengan ~",
        "desil 1 to 10 or unknown as /v1/statistics lists them, or several joined by ~",
    ),
    example: "1",
};
/// What complaints are about.
pub const CATEGORY_OF_REPORTS: Param = Param {
    name: "category",
    about: "One category of complaints: figures of it, and of the classes that show it together with others, joined by `~` (see /v1/statistics).",
    expected: (
        "kategori pengaduan, misalnya pungutan, menurut /v1/statistics, atau beberapa yang digabung dengan ~",
        "a category of complaints, such as pungutan, as /v1/statistics lists them, or several joined by ~",
    ),
    example: "pungutan",
};
/// An edition of rows.
pub const EDITION: Param = Param {
    name: "edition",
    about: "Edition of the rows; each district's newest when left out. A quarter without a revision means its newest revision; rows issued before it are read with `release`.",
    expected: ("edisi, misalnya 2025Q2 atau 2025Q2-r2", "an edition such as 2025Q2 or 2025Q2-r2"),
    example: "2025Q2",
};
/// A label of sex.
pub const SEX: Param = Param {
    name: "sex",
    about: "Sex of the named cardholder: rows whose label equals this one or lies inside it.",
    expected: ("F, M, unknown, atau *", "F, M, unknown or *"),
    example: "F",
};
/// A label of age.
pub const AGE_BAND: Param = Param {
    name: "age_band",
    about: "Age band of the named cardholder: rows whose label equals this one or lies inside it (see /v1/codebook).",
    expected: (
        "kelompok umur dari /v1/codebook, misalnya 18-59 (tanda + ditulis %2B: 60%2B)",
        "an age band of /v1/codebook, such as 18-59 (+ is written %2B: 60%2B)",
    ),
    example: "18-59",
};
/// A label of family size.
pub const FAMILY_SIZE: Param = Param {
    name: "family_size",
    about: "Family size: rows whose label equals this one or lies inside it (see /v1/codebook).",
    expected: (
        "besar keluarga dari /v1/codebook: 1-2, 3-4, 5+ (ditulis 5%2B), unknown, atau *",
        "a family size of /v1/codebook: 1-2, 3-4, 5+ (written 5%2B), unknown or *",
    ),
    example: "3-4",
};
/// A release.
pub const RELEASE: Param = Param {
    name: "release",
    about: "Only this release.",
    expected: (
        "rilis yang ada, misalnya 36.71-2025-06 (lihat /v1/releases)",
        "an existing release such as 36.71-2025-06 (see /v1/releases)",
    ),
    example: "36.71-2025-06",
};
/// A version.
pub const VERSION: Param = Param {
    name: "version",
    about: "Pins the answer to a version of the catalogue: the same address then always gives the same bytes. The newest version when left out.",
    expected: ("versi yang ada: bilangan dari 1 sampai versi di /v1", "an existing version: a number from 1 to the version at /v1"),
    example: "1",
};
/// A format.
pub const FORMAT: Param = Param {
    name: "format",
    about: "Format of the answer; outweighs the header Accept. csv and ndjson give the whole filtered list unless `limit` is set.",
    expected: ("json, csv, atau ndjson", "json, csv or ndjson"),
    example: "json",
};
/// A byte order mark.
pub const BOM: Param = Param {
    name: "bom",
    about: "1 puts a byte order mark before CSV, which Excel needs to read UTF-8.",
    expected: ("0 atau 1", "0 or 1"),
    example: "0",
};
/// Items on a page.
pub const LIMIT: Param = Param {
    name: "limit",
    about: "Items on a page.",
    expected: ("bilangan dari 1 sampai 1000", "a number from 1 to 1000"),
    example: "100",
};
/// The next page.
pub const CURSOR: Param = Param {
    name: "cursor",
    about: "Where the page starts: taken from `next` of the page before, with the same filters.",
    expected: (
        "kursor dari `next` halaman sebelumnya, dengan saringan yang sama",
        "a cursor from `next` of the page before, with the same filters",
    ),
    example: "",
};
/// A text to search for.
pub const Q: Param = Param {
    name: "q",
    about: "Part of an area's name, without minding spaces, hyphens, case or accents.",
    expected: ("1 sampai 80 huruf", "1 to 80 letters"),
    example: "adiankoting",
};
/// The language of a page.
pub const LANG: Param = Param {
    name: "lang",
    about: "Language of the page; that of Accept-Language when left out.",
    expected: ("id atau en", "id or en"),
    example: "en",
};
