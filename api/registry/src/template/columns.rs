//! What stands in each template: the columns as they are called in it, what they
//! mean, what is read, and examples that nobody takes for real.

use domain::{AreaCode, Level};

use crate::layout::Layout;

/// How a column is filled.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// A number of 16 digits; its examples are the last ten of one.
    Sixteen,
    Date,
    Number,
    Choice(&'static [&'static str]),
    /// What a verification found.
    Outcome,
    /// The code of a program.
    Program,
    Province,
    District,
    Kecamatan,
    Kelurahan,
}

pub(super) struct Column {
    pub(super) header: &'static str,
    pub(super) needed: bool,
    pub(super) kind: Kind,
    pub(super) width: f64,
    pub(super) meaning: &'static str,
    pub(super) accepted: &'static str,
    /// Two examples.
    pub(super) examples: [&'static str; 2],
}

pub(super) struct Template {
    pub(super) title: &'static str,
    pub(super) notes: &'static [&'static str],
    pub(super) columns: &'static [Column],
}

const fn column(
    header: &'static str,
    needed: bool,
    kind: Kind,
    width: f64,
    meaning: &'static str,
    accepted: &'static str,
    examples: [&'static str; 2],
) -> Column {
    Column { header, needed, kind, width, meaning, accepted, examples }
}

const DAY: &str = "hari/bulan/tahun, misalnya 17/06/2025, atau 2025-06-17";
const SIXTEEN: &str = "16 angka sebagai teks, seperti di KTP atau KK; tidak boleh berakhir 0000";
const PROGRAM_MEANING: &str = "Kode program bantuan";
const NIKS: [&str; 2] = ["5203849001", "1203849002"];

const LISTS: &[&str] = &[
    "ASN",
    "TNI",
    "Polri",
    "Pensiunan",
    "BUMN/BUMD",
    "Perangkat desa",
    "Pendamping PKH",
    "AHU",
    "Penghasilan di atas UMK",
    "DPRD",
    "Pindah",
];
const CATEGORIES: &[&str] = &[
    "Penerima fiktif",
    "Data ganda",
    "Pungutan",
    "Jumlah bantuan kurang",
    "Kualitas buruk",
    "Tidak layak menerima",
    "Belum terdaftar",
    "Tidak menerima bantuan",
    "Bantuan tidak dibagikan",
    "Penyelewengan",
    "Masalah kartu",
    "Lainnya",
];
const CHANNELS: &[&str] = &["Cek Bansos", "JAGA", "Loket", "Telepon", "LAPOR", "Lainnya"];
const ANSWERS: &[&str] = &["Proses", "Terbukti", "Tidak terbukti", "Selesai", "Ditolak", "Diteruskan"];
const SEXES: &[&str] = &["LAKI-LAKI", "PEREMPUAN"];
const YES: &[&str] = &["YA", "TIDAK"];

const PLAN: &[Column] = &[
    column("Kecamatan", true, Kind::Kecamatan, 24.0, "Kecamatan penyaluran", "nama kecamatan seperti di Kepmendagri", ["", ""]),
    column("Program", true, Kind::Program, 18.0, PROGRAM_MEANING, "", ["PKH", "SEMBAKO"]),
    column("Periode", true, Kind::Text, 12.0, "Bulan rencana", "tahun-bulan, misalnya 2025-06", ["2025-06", "2025-06"]),
    column(
        "Rencana KPM",
        true,
        Kind::Number,
        14.0,
        "Jumlah keluarga atau orang yang direncanakan menerima",
        "bilangan bulat",
        ["1200", "800"],
    ),
    column("Rencana Anggaran", false, Kind::Number, 18.0, "Rupiah yang direncanakan", "rupiah bulat", ["900000000", "160000000"]),
    column(
        "Gagal Salur",
        false,
        Kind::Number,
        12.0,
        "Jumlah penerima yang gagal disalurkan",
        "bilangan bulat; kosong bila tidak diketahui",
        ["12", ""],
    ),
    column(
        "Retur",
        false,
        Kind::Number,
        10.0,
        "Jumlah penerima yang dananya kembali",
        "bilangan bulat; kosong bila tidak diketahui",
        ["3", ""],
    ),
    column("Rumah Tangga Miskin", false, Kind::Number, 14.0, "Jumlah rumah tangga miskin menurut sumber", "bilangan bulat", ["1500", ""]),
    column("Sumber", false, Kind::Text, 30.0, "Dokumen asal angka", "teks pendek tanpa nama orang", ["Contoh DPA 2025", "Contoh DPA 2025"]),
];

const VERIFICATION: &[Column] = &[
    column("NIK", true, Kind::Sixteen, 20.0, "NIK penerima yang diverifikasi", SIXTEEN, NIKS),
    column("Putaran", true, Kind::Text, 14.0, "Nama putaran verifikasi", "teks pendek, misalnya 2025-T2", ["CONTOH-1", "CONTOH-1"]),
    column("Tanggal", true, Kind::Date, 14.0, "Hari kunjungan", DAY, ["17/06/2025", "18/06/2025"]),
    column("Hasil", true, Kind::Outcome, 24.0, "Hasil kunjungan; kata VeriVali, PBI dan BPK juga dibaca", "", ["Sesuai", "Pindah"]),
];

const DEATHS: &[Column] = &[
    column("NIK", true, Kind::Sixteen, 20.0, "NIK orang yang meninggal", SIXTEEN, NIKS),
    column("Tanggal Meninggal", true, Kind::Date, 18.0, "Hari meninggal menurut akta", DAY, ["02/05/2025", "11/05/2025"]),
];

const LISTING: &[Column] = &[
    column("NIK", true, Kind::Sixteen, 20.0, "NIK orang dalam daftar", SIXTEEN, NIKS),
    column("Nama", false, Kind::Text, 28.0, "Nama orang itu, untuk mencocokkan NIK", "nama seperti di KTP", ["CONTOH SATU", "CONTOH DUA"]),
    column("Daftar", true, Kind::Choice(LISTS), 24.0, "Daftar apa", "", ["ASN", "Pindah"]),
    column("Instansi", false, Kind::Text, 28.0, "Instansi yang memberi daftar", "teks pendek", ["Contoh Instansi", ""]),
    column("Per Tanggal", false, Kind::Date, 14.0, "Hari daftar itu berlaku", DAY, ["01/06/2025", "01/06/2025"]),
];

const COMPLAINTS: &[Column] = &[
    column("Tanggal", true, Kind::Date, 14.0, "Hari pengaduan diterima", DAY, ["03/06/2025", "04/06/2025"]),
    column("Kanal", false, Kind::Choice(CHANNELS), 16.0, "Dari mana pengaduan datang", "", ["Cek Bansos", "Loket"]),
    column("Kategori", true, Kind::Choice(CATEGORIES), 28.0, "Kategori JAGA", "", ["Pungutan", "Tidak layak menerima"]),
    column("Kecamatan", true, Kind::Kecamatan, 24.0, "Kecamatan yang diadukan", "nama kecamatan seperti di Kepmendagri", ["", ""]),
    column("Program", false, Kind::Program, 18.0, PROGRAM_MEANING, "", ["PKH", ""]),
    column("Hasil", true, Kind::Choice(ANSWERS), 18.0, "Apa jadinya pengaduan itu", "", ["Terbukti", "Proses"]),
    column("Tanggal Selesai", false, Kind::Date, 16.0, "Hari pengaduan dijawab; kosong bila belum", DAY, ["20/06/2025", ""]),
];

const USULAN: &[Column] = &[
    column("NIK", true, Kind::Sixteen, 20.0, "NIK yang diusulkan", SIXTEEN, NIKS),
    column("PROGRAM BANSOS", true, Kind::Choice(&["BPNT", "PKH", "PBI"]), 16.0, "Program yang diusulkan", "", ["PKH", "BPNT"]),
    column("NOKK", true, Kind::Sixteen, 20.0, "Nomor kartu keluarga", SIXTEEN, ["1203190001", "1203190002"]),
    column(
        "NAMA",
        true,
        Kind::Text,
        28.0,
        "Nama sesuai KTP",
        "tanpa gelar, koma, titik, petik dan garis miring",
        ["CONTOH SATU", "CONTOH DUA"],
    ),
    column("TEMPAT LAHIR", false, Kind::Text, 18.0, "Tempat lahir", "nama tempat", ["CONTOH", "CONTOH"]),
    column("TANGGAL LAHIR\n(31/01/2000)", false, Kind::Text, 16.0, "Hari lahir", DAY, ["12/03/1984", "12/03/1984"]),
    column("IBU KANDUNG", false, Kind::Text, 22.0, "Nama ibu kandung; tidak disimpan", "nama", ["CONTOH IBU", "CONTOH IBU"]),
    column("JENIS KELAMIN", false, Kind::Choice(SEXES), 14.0, "Jenis kelamin", "", ["PEREMPUAN", "LAKI-LAKI"]),
    column("JENIS PEKERJAAN", false, Kind::Text, 18.0, "Pekerjaan", "teks pendek", ["", ""]),
    column("STATUS KAWIN", false, Kind::Text, 14.0, "Status kawin", "teks pendek", ["", ""]),
    column("ALAMAT", false, Kind::Text, 34.0, "Alamat rumah", "teks pendek", ["JALAN CONTOH 1", "JALAN CONTOH 2"]),
    column("RT", false, Kind::Text, 6.0, "Nomor RT", "3 angka, misalnya 003", ["001", "002"]),
    column("RW", false, Kind::Text, 6.0, "Nomor RW", "3 angka, misalnya 003", ["001", "001"]),
    column("PROVINSI", false, Kind::Province, 18.0, "Provinsi", "nama seperti di Kepmendagri", ["", ""]),
    column("KABUPATEN", false, Kind::District, 22.0, "Kabupaten atau kota", "nama seperti di Kepmendagri", ["", ""]),
    column("KECAMATAN", false, Kind::Kecamatan, 22.0, "Kecamatan", "nama seperti di Kepmendagri", ["", ""]),
    column("KELURAHAN", false, Kind::Kelurahan, 22.0, "Desa atau kelurahan", "nama seperti di Kepmendagri", ["", ""]),
    column("STATUS DISABILITAS", false, Kind::Choice(YES), 14.0, "Apakah penyandang disabilitas; tidak disimpan", "", ["TIDAK", "TIDAK"]),
    column(
        "KODE JENIS DISABILITAS",
        false,
        Kind::Choice(&["PDFSK", "PDINT", "PDMTL", "PDSNS"]),
        14.0,
        "Jenis disabilitas; tidak disimpan",
        "",
        ["", ""],
    ),
    column("STATUS HAMIL", false, Kind::Choice(YES), 12.0, "Apakah hamil; tidak disimpan", "", ["TIDAK", "TIDAK"]),
    column("TGL MULAI HAMIL\n(31/12/2021)", false, Kind::Text, 16.0, "Hari mulai hamil; tidak disimpan", DAY, ["", ""]),
];

/// The template of a layout.
pub(super) const fn of(layout: Layout) -> Option<Template> {
    let (title, notes, columns): (&str, &[&str], &[Column]) = match layout {
        Layout::Plan => (
            "rencana penyaluran per kecamatan",
            &["Rencana satu bulan: satu baris untuk setiap kecamatan dan program. Angka ini diumumkan per kecamatan."],
            PLAN,
        ),
        Layout::Verification => (
            "hasil verifikasi lapangan",
            &[
                "Hasil kunjungan kepada penerima. Untuk putaran yang dibuka dengan bansos verify open, pakai lembar dari bansos verify sheets.",
            ],
            VERIFICATION,
        ),
        Layout::Deaths => ("daftar kematian", &["Orang yang meninggal menurut akta kematian atau laporan desa/kelurahan."], DEATHS),
        Layout::Listing => (
            "daftar orang yang perlu diperiksa",
            &["Orang dalam daftar kepegawaian, penghasilan atau kepindahan. Daftar ini tidak diumumkan."],
            LISTING,
        ),
        Layout::Complaints => (
            "daftar pengaduan",
            &[
                "Satu baris satu pengaduan, dari Cek Bansos, JAGA, LAPOR atau loket.",
                "Jangan menulis nama, NIK, alamat, nomor telepon atau isi pengaduan: yang disimpan hanya kategori, kecamatan, tanggal dan hasil.",
            ],
            COMPLAINTS,
        ),
        Layout::Usulan => (
            "usulan penerima (susunan SIKS-NG V4)",
            &["Satu berkas untuk satu program dan bulan; unggah ke SIKS-NG sebelum sekitar tanggal 15."],
            USULAN,
        ),
        _ => return None,
    };
    Some(Template { title, notes, columns })
}

/// An area of the district whose name is used in examples: the first of its level.
fn first(district: AreaCode, level: Level) -> &'static str {
    reference::areas().inside(district, level).first().map_or("", |area| area.name)
}

/// An example of a column; areas are of the district, where one is given.
pub(super) fn example(column: &Column, district: Option<AreaCode>) -> String {
    cell(column, 0, district)
}

fn cell(column: &Column, at: usize, district: Option<AreaCode>) -> String {
    if matches!(column.kind, Kind::Sixteen) {
        let kecamatan = district.and_then(|district| reference::areas().inside(district, Level::Kecamatan).first());
        let area = kecamatan.map_or_else(|| "367101".to_owned(), |area| area.code.undotted());
        return format!("{area}{}", column.examples[at]);
    }
    let Some(district) = district else { return column.examples[at].to_owned() };
    let named = |code: Option<AreaCode>| code.and_then(|code| reference::areas().get(code)).map_or("", |area| area.name);
    match column.kind {
        Kind::Province => named(district.at(Level::Provinsi)).to_owned(),
        Kind::District => named(Some(district)).to_owned(),
        Kind::Kecamatan => first(district, Level::Kecamatan).to_owned(),
        // The first by code, so in the first kecamatan.
        Kind::Kelurahan => first(district, Level::Kelurahan).to_owned(),
        _ => column.examples[at].to_owned(),
    }
}

/// Two rows that are obviously made up.
pub(super) fn examples(template: &Template, district: AreaCode) -> Vec<Vec<String>> {
    (0..2).map(|at| template.columns.iter().map(|column| cell(column, at, Some(district))).collect()).collect()
}
