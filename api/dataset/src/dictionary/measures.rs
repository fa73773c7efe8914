//! The measures of every statistics table. Tables are long: a line is a figure,
//! so that what a column is elsewhere is a measure here, and is described so.

use domain::Table;

use super::Words;
use super::fields::UNITS;

/// A measure of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The measure as files write it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: Words,
    /// Satu Data's konsep.
    pub concept: Words,
    /// Satu Data's definisi.
    pub description: Words,
    /// Satu Data's klasifikasi: by what it is broken down beside area, program and month.
    pub classification: Words,
    /// Satu Data's ukuran: what kind of quantity it is.
    pub measure: Words,
    /// Satu Data's satuan.
    pub unit: Words,
    /// Where it comes from.
    pub source: Words,
}

const COUNT: Words = ("jumlah", "count");
const SUM: Words = ("jumlah uang", "amount of money");
const RATIO: Words = ("rasio", "ratio");
const RUPIAH: Words = ("rupiah penuh", "whole rupiah");
const FAMILIES: Words = ("keluarga", "families");
const PERSONS: Words = ("jiwa", "persons");
const COMPLAINTS: Words = ("pengaduan", "complaints");
const PLAIN: Words = ("tidak dirinci lagi", "not broken down further");

const LISTS: Words = ("Berkas penerima yang dimuat kantor", "Recipients' files that the office loaded");
const PLANS: Words = ("Rencana dan berkas penyaluran kantor", "The office's plan and payment files");
const FIELD: Words = ("Hasil verifikasi lapangan kantor", "Outcomes of the office's field verification");
const REGISTERED: Words = ("Data keluarga terdaftar (DTSEN) pada kantor", "Registered families (DTSEN) as the office has them");
const RECKONED: Words = ("Dihitung dari angka yang sudah terbit", "Reckoned from published figures");

impl Measure {
    const fn new(name: &'static str, title: Words, concept: Words, description: Words) -> Measure {
        Measure { name, title, concept, description, classification: PLAIN, measure: COUNT, unit: UNITS, source: LISTS }
    }

    const fn by(mut self, classification: Words) -> Measure {
        self.classification = classification;
        self
    }

    const fn counted(mut self, measure: Words, unit: Words) -> Measure {
        self.measure = measure;
        self.unit = unit;
        self
    }

    const fn from(mut self, source: Words) -> Measure {
        self.source = source;
        self
    }
}

const ENROLLED: Words = ("Penerima bantuan", "Recipients of assistance");
const PAYMENT: Words = ("Penyaluran bantuan", "Payment of assistance");
const BUDGET: Words = ("Rencana bantuan", "Plan of assistance");
const REACH: Words = ("Cakupan bantuan", "Reach of assistance");
const WHO: Words = ("Susunan penerima", "Make-up of recipients");
const WELFARE: Words = ("Kesejahteraan keluarga terdaftar", "Welfare of registered families");
const VOICE: Words = ("Pengaduan masyarakat", "Complaints of the public");

const BY_DESIL: Words = ("Desil kesejahteraan, 1 sampai 10", "Tenths by welfare, 1 to 10");
const BY_JAGA: Words = ("Kategori pengaduan JAGA Bansos (KPK)", "Categories of complaints of JAGA Bansos (KPK)");
const BY_SOURCE: Words = ("Sumber pembanding", "Source of the denominator");
const BY_PROGRAM: Words = ("Program kedua", "The other program");

/// The measures of a table, in the order of files.
#[must_use]
pub const fn measures(table: Table) -> &'static [Measure] {
    match table {
        Table::Totals => TOTALS,
        Table::Payments => PAYMENTS,
        Table::Flows => FLOWS,
        Table::Plan => PLAN,
        Table::Coverage => COVERAGE,
        Table::Demographics => DEMOGRAPHICS,
        Table::Overlaps => OVERLAPS,
        Table::Verification => VERIFICATION,
        Table::Freshness => FRESHNESS,
        Table::Findings => FINDINGS,
        Table::Deciles => DECILES,
        Table::Targeting => TARGETING,
        Table::Reports => REPORTS,
    }
}

const TOTALS: &[Measure] = &[Measure::new(
    "units",
    ("Penerima pada akhir bulan", "Units enrolled at the end of the month"),
    ENROLLED,
    (
        "Banyaknya keluarga atau orang yang tercatat menerima program pada hari terakhir bulan; terdaftar belum tentu sudah dibayar.",
        "How many families or persons are on the program's list on the month's last day; enrolled does not mean paid.",
    ),
)];

const PAYMENTS: &[Measure] = &[
    Measure::new(
        "due",
        ("Seharusnya menerima", "Units due"),
        PAYMENT,
        (
            "Penerima yang bantuannya seharusnya disalurkan pada bulan itu; 0 bila program tidak menyalurkan bulan itu.",
            "Recipients whose assistance should be paid in the month; 0 where the program does not pay in it.",
        ),
    )
    .from(PLANS),
    Measure::new(
        "paid",
        ("Sudah tersalur", "Units paid"),
        PAYMENT,
        ("Penerima yang bantuannya sudah sampai menurut berkas penyaluran.", "Recipients whose assistance arrived, by the payment files."),
    )
    .from(PLANS),
    Measure::new(
        "failed",
        ("Gagal salur", "Units whose payment failed"),
        PAYMENT,
        (
            "Penerima yang penyalurannya gagal menurut rencana kantor, diketahui per kecamatan.",
            "Recipients whose payment failed as the office's plan tells, known by kecamatan.",
        ),
    )
    .from(PLANS),
    Measure::new(
        "returned",
        ("Kembali ke kas negara", "Units whose payment was returned"),
        PAYMENT,
        (
            "Penerima yang bantuannya dikembalikan ke kas negara menurut rencana kantor, diketahui per kecamatan.",
            "Recipients whose assistance went back to the treasury as the office's plan tells, known by kecamatan.",
        ),
    )
    .from(PLANS),
    Measure::new(
        "due_rupiah",
        ("Rupiah yang seharusnya", "Rupiah due"),
        PAYMENT,
        ("Uang yang seharusnya disalurkan pada bulan itu.", "The money that should be paid in the month."),
    )
    .counted(SUM, RUPIAH)
    .from(PLANS),
    Measure::new(
        "paid_rupiah",
        ("Rupiah yang tersalur", "Rupiah paid"),
        PAYMENT,
        ("Uang yang sudah sampai menurut berkas penyaluran.", "The money that arrived, by the payment files."),
    )
    .counted(SUM, RUPIAH)
    .from(PLANS),
    Measure::new(
        "failed_rupiah",
        ("Rupiah yang gagal salur", "Rupiah whose payment failed"),
        PAYMENT,
        ("Uang yang penyalurannya gagal.", "The money whose payment failed."),
    )
    .counted(SUM, RUPIAH)
    .from(PLANS),
    Measure::new(
        "returned_rupiah",
        ("Rupiah yang kembali", "Rupiah returned"),
        PAYMENT,
        ("Uang yang dikembalikan ke kas negara.", "The money that went back to the treasury."),
    )
    .counted(SUM, RUPIAH)
    .from(PLANS),
];

const FLOWS: &[Measure] = &[
    Measure::new(
        "entered",
        ("Masuk sejak bulan sebelumnya", "Units that entered since the month before"),
        ("Perubahan penerima", "Change of recipients"),
        (
            "Penerima pada akhir bulan yang pada akhir bulan sebelumnya belum ada di wilayah itu; pindah kelurahan adalah keluar dan masuk.",
            "Recipients at the month's end who were not in the area at the end of the month before; a move between kelurahan is a leaving and an entering.",
        ),
    ),
    Measure::new(
        "left",
        ("Keluar sejak bulan sebelumnya", "Units that left since the month before"),
        ("Perubahan penerima", "Change of recipients"),
        (
            "Penerima pada akhir bulan sebelumnya yang tidak ada lagi di wilayah itu; baris berkategori merinci alasannya.",
            "Recipients at the end of the month before who are no longer in the area; lines with a category tell the reasons.",
        ),
    )
    .by(("Alasan keluar", "Reason of leaving")),
];

const PLAN: &[Measure] = &[
    Measure::new(
        "planned_units",
        ("Sasaran dalam rencana", "Units planned"),
        BUDGET,
        ("Penerima yang direncanakan kantor untuk bulan itu.", "Recipients that the office planned for the month."),
    )
    .from(PLANS),
    Measure::new(
        "planned_rupiah",
        ("Anggaran dalam rencana, rupiah", "Rupiah planned"),
        BUDGET,
        ("Uang yang dianggarkan kantor untuk bulan itu.", "The money that the office budgeted for the month."),
    )
    .counted(SUM, RUPIAH)
    .from(PLANS),
];

const COVERAGE: &[Measure] = &[
    Measure::new(
        "inhabitants",
        ("Penduduk, menurut sumber di kategori", "Inhabitants, by the source in the category"),
        REACH,
        ("Banyaknya penduduk wilayah, sebagai pembanding.", "How many people live in the area, as the denominator."),
    )
    .by(BY_SOURCE)
    .counted(COUNT, PERSONS)
    .from(("Sumber yang disebut di kategori", "The source that the category names")),
    Measure::new(
        "units_per_10000_inhabitants",
        ("Penerima per 10.000 penduduk, dibulatkan ke bawah", "Units per 10,000 inhabitants, rounded down"),
        REACH,
        (
            "Penerima dibagi penduduk, dikalikan 10.000, dibulatkan ke bawah.",
            "Recipients divided by inhabitants, times 10,000, rounded down.",
        ),
    )
    .by(BY_SOURCE)
    .counted(RATIO, ("penerima per 10.000 jiwa", "units per 10,000 persons"))
    .from(RECKONED),
    Measure::new(
        "poor_households",
        ("Keluarga miskin, menurut rencana kantor", "Poor households, by the office's plan"),
        REACH,
        (
            "Banyaknya keluarga miskin di wilayah itu menurut kantor, sebagai pembanding.",
            "How many poor households the office counts in the area, as the denominator.",
        ),
    )
    .by(BY_SOURCE)
    .counted(COUNT, FAMILIES)
    .from(PLANS),
    Measure::new(
        "units_per_10000_poor_households",
        ("Penerima per 10.000 keluarga miskin, dibulatkan ke bawah", "Units per 10,000 poor households, rounded down"),
        REACH,
        (
            "Penerima dibagi keluarga miskin, dikalikan 10.000, dibulatkan ke bawah; dapat melebihi 10.000.",
            "Recipients divided by poor households, times 10,000, rounded down; can exceed 10,000.",
        ),
    )
    .by(BY_SOURCE)
    .counted(RATIO, ("penerima per 10.000 keluarga miskin", "units per 10,000 poor households"))
    .from(RECKONED),
];

const DEMOGRAPHICS: &[Measure] = &[
    Measure::new(
        "sex",
        ("Penerima menurut jenis kelamin", "Units by sex"),
        WHO,
        (
            "Jumlah kelompok utuh dari daftar penerima edisi ini menurut jenis kelamin; `*` yang tidak dirinci.",
            "Sums of whole atoms of the edition's list of recipients, by sex; `*` are those not told.",
        ),
    )
    .by(("Daftar kode sex", "Codebook sex")),
    Measure::new(
        "age_band",
        ("Penerima menurut kelompok umur", "Units by age band"),
        WHO,
        (
            "Jumlah kelompok utuh dari daftar penerima edisi ini menurut kelompok umur; `*` yang tidak dirinci.",
            "Sums of whole atoms of the edition's list of recipients, by age band; `*` are those not told.",
        ),
    )
    .by(("Daftar kode age_band", "Codebook age_band")),
    Measure::new(
        "family_size",
        ("Penerima menurut besar keluarga", "Units by family size"),
        WHO,
        (
            "Jumlah kelompok utuh dari daftar penerima edisi ini menurut besar keluarga; `*` yang tidak dirinci.",
            "Sums of whole atoms of the edition's list of recipients, by family size; `*` are those not told.",
        ),
    )
    .by(("Daftar kode family_size", "Codebook family_size")),
];

const OVERLAPS: &[Measure] = &[
    Measure::new(
        "both",
        ("Keluarga yang menerima keduanya", "Families that receive both"),
        ("Tumpang tindih program", "Overlap of programs"),
        (
            "Keluarga yang menerima program di kolom program dan program di kategori.",
            "Families with the program of the column program and the one of the category.",
        ),
    )
    .by(BY_PROGRAM)
    .counted(COUNT, FAMILIES),
    Measure::new(
        "only",
        ("Keluarga yang tidak menerima program di kategori", "Families without the program in the category"),
        ("Tumpang tindih program", "Overlap of programs"),
        (
            "Keluarga yang menerima program di kolom program, tetapi tidak yang di kategori.",
            "Families with the program of the column program, but not the one of the category.",
        ),
    )
    .by(BY_PROGRAM)
    .counted(COUNT, FAMILIES),
];

const VERIFICATION: &[Measure] = &[Measure::new(
    "units",
    ("Penerima menurut hasil verifikasi", "Units by outcome of verification"),
    ("Verifikasi lapangan", "Field verification"),
    (
        "Penerima menurut hasil terakhir verifikasi lapangan; yang belum dicek dihitung sendiri.",
        "Recipients by the last outcome of field verification; those not yet checked are counted apart.",
    ),
)
.by(("Hasil verifikasi", "Outcome of verification"))
.from(FIELD)];

const FRESHNESS: &[Measure] = &[Measure::new(
    "units",
    ("Penerima menurut lama sejak pemeriksaan terakhir", "Units by months since the last check"),
    ("Kebaruan verifikasi", "Freshness of verification"),
    (
        "Penerima menurut banyaknya bulan dari verifikasi lapangan terakhir sampai bulan as_of.",
        "Recipients by the number of months from the last field verification to the month as_of.",
    ),
)
.by(("Lama dalam bulan", "Span of months"))
.from(FIELD)];

const FINDINGS: &[Measure] = &[
    Measure::new(
        "units",
        ("Penerima menurut temuan tentang orangnya", "Units by what was found of the person"),
        ("Temuan validasi", "Findings of validation"),
        (
            "Penerima menurut apa yang tercatat tentang orangnya dalam daftar lain milik kantor; temuan terberat yang dihitung.",
            "Recipients by what other lists of the office say of the person; the gravest finding counts.",
        ),
    )
    .by(("Temuan tentang orang", "Finding of the person")),
    Measure::new(
        "records",
        ("Catatan yang keliru dalam berkas bulan ini", "Records at fault in the month's files"),
        ("Mutu data", "Quality of data"),
        (
            "Baris berkas bulan itu yang NIK-nya ganda atau tidak sah: catatan, bukan orang.",
            "Lines of the month's files whose identity number stands twice or cannot be right: records, not people.",
        ),
    )
    .by(("Kekeliruan catatan", "What is wrong with the record"))
    .counted(COUNT, ("catatan", "records")),
];

const DECILES: &[Measure] = &[Measure::new(
    "families",
    ("Keluarga terdaftar", "Registered families"),
    WELFARE,
    (
        "Semua keluarga terdaftar, menerima atau tidak, menurut desil kesejahteraannya; desil 1 sepersepuluh termiskin.",
        "All registered families, with assistance or without, by their desil; desil 1 is the poorest tenth.",
    ),
)
.by(BY_DESIL)
.counted(COUNT, FAMILIES)
.from(REGISTERED)];

const TARGETING: &[Measure] = &[
    Measure::new(
        "any_program",
        ("Keluarga yang menerima paling sedikit satu program", "Families with at least one program"),
        ("Ketepatan sasaran", "Targeting"),
        (
            "Keluarga terdaftar di desil itu yang menerima satu program atau lebih.",
            "Registered families of the desil that receive one program or more.",
        ),
    )
    .by(BY_DESIL)
    .counted(COUNT, FAMILIES)
    .from(REGISTERED),
    Measure::new(
        "no_program",
        ("Keluarga yang tidak menerima program apa pun", "Families with no program"),
        ("Ketepatan sasaran", "Targeting"),
        ("Keluarga terdaftar di desil itu yang tidak menerima apa pun.", "Registered families of the desil that receive nothing."),
    )
    .by(BY_DESIL)
    .counted(COUNT, FAMILIES)
    .from(REGISTERED),
];

const DESK: Words = ("Daftar pengaduan milik kantor", "The office's own list of complaints");

const REPORTS: &[Measure] = &[
    Measure::new(
        "received",
        ("Pengaduan yang diterima sejak 1 Januari", "Complaints received since 1 January"),
        VOICE,
        (
            "Pengaduan yang masuk ke kantor dari 1 Januari sampai akhir bulan.",
            "Complaints that reached the office from 1 January to the month's end.",
        ),
    )
    .by(BY_JAGA)
    .counted(COUNT, COMPLAINTS)
    .from(DESK),
    Measure::new(
        "answered",
        ("Di antaranya sudah dijawab", "Of these, answered"),
        VOICE,
        ("Pengaduan dari jumlah itu yang sudah dijawab kantor.", "Complaints of that number that the office has answered."),
    )
    .by(BY_JAGA)
    .counted(COUNT, COMPLAINTS)
    .from(DESK),
    Measure::new(
        "upheld",
        ("Di antaranya terbukti", "Of these, upheld"),
        VOICE,
        ("Pengaduan dari jumlah itu yang ternyata benar.", "Complaints of that number that proved right."),
    )
    .by(BY_JAGA)
    .counted(COUNT, COMPLAINTS)
    .from(DESK),
];
