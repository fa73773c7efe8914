//! What a workbook says about itself on its last sheet: it travels alone, by
//! mail and by memory stick, so it carries its own reading instructions.

use crate::dictionary::ATOMS;
use crate::{Dataset, Form, fields_in};

/// What a workbook is about. Only what lasts as long as the rows goes in: rows
/// that later releases repeat are the same bytes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    /// Lines of name and content, such as `Wilayah` and `Kota Tangerang (36.71)`.
    pub about: Vec<(String, String)>,
    /// The day that the workbook's properties name: year, month, day.
    pub date: (u16, u8, u8),
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
}

/// The name of the sheet.
pub(crate) const SHEET: &str = "Catatan";

const SIMULATED: &str = "SIMULASI. Semua penerima dan angka di sini buatan. Jangan dikutip sebagai kenyataan. (Simulated data: all recipients and figures are made up.)";
const LICENCE: &str = "Creative Commons Attribution 4.0 International (CC BY 4.0)";
const VERIFY: &str = "Angka di berkas ini sama dengan berkas CSV, NDJSON, dan Parquet rilis yang sama. Manifes rilis (manifest.json, ditandatangani kabupaten/kota) memuat SHA-256 berkas ini; `bansos-audit audit` memeriksa semuanya dari berkas publik.";
const STATUS: [(&str, &str); 4] = [
    ("observed", "dihitung; angkanya tepat, termasuk 0"),
    ("grouped", "hanya ditampilkan bersama wilayah lain: lihat kolom kelompok"),
    ("withheld", "antara 0 dan 10: terlalu sedikit untuk ditampilkan tepat"),
    ("missing", "belum dikumpulkan atau belum boleh terbit; ini bukan nol"),
];

/// The lines of the sheet, each a name and a content.
pub(crate) fn lines(dataset: &Dataset, notes: &Notes) -> Vec<(String, String)> {
    let line = |name: &str, content: &str| (name.to_owned(), content.to_owned());
    let fields = fields_in(dataset, Form::Xlsx);
    // The workbook of recipients holds their atoms.
    let title = if fields == dataset.fields { dataset.title } else { ATOMS.title };
    let mut lines = vec![line("Isi", title.0), line("Content", title.1)];
    if notes.simulated {
        lines.insert(0, line("Perhatian", SIMULATED));
    }
    lines.extend(notes.about.iter().cloned());
    lines.extend(fields.iter().map(|field| {
        let means = field.description.0.replace('`', "");
        (format!("Kolom: {}", field.title.0), format!("{means} Namanya di berkas lain: {}.", field.name))
    }));
    if fields.iter().any(|field| field.name == "status") {
        lines.extend(STATUS.iter().map(|(word, means)| line(&format!("Status: {word}"), means)));
    }
    if fields.iter().any(|field| field.name == "age_band") {
        lines.push(line("Kode: *", "tidak dirinci: dilepas supaya tidak ada orang yang dikenali"));
        lines.push(line("Kode: unknown", "tidak ada di data sumber"));
        lines.push(line("Kode: F, M", "perempuan, laki-laki"));
    }
    if fields.iter().any(|field| field.name == "area") {
        lines.push(line("Kode wilayah", "kode Kemendagri; beberapa kode yang disambung ~ adalah satu gabungan wilayah"));
    }
    lines.push(line("Lisensi", LICENCE));
    lines.push(line("Pemeriksaan", VERIFY));
    lines
}
