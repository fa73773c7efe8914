//! The same files as workbooks, as offices keep them: an instruction sheet before
//! the table, columns in another order, and headers by other names. Each row
//! stands on the row of the workbook that has the number of its line, so that the
//! answer key holds for both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use rust_xlsxwriter::Workbook;

/// Headers that offices write otherwise, by the layouts' own.
const OTHER_WORDS: [(&str, &str); 16] = [
    ("NIK", "No KTP"),
    ("nik", "NOMOR INDUK\nKEPENDUDUKAN"),
    ("NOKK", "No. Kartu Keluarga"),
    ("Nama", "Nama Lengkap"),
    ("nama", "NAMA PENERIMA"),
    ("provinsi", "Nama Provinsi"),
    ("kabupaten", "Kab/Kota"),
    ("desa_kelurahan", "Desa/Kelurahan"),
    ("BPNT", "Sembako"),
    ("jenis_bansos", "Jenis Bantuan"),
    ("nominal_cair", "Nominal (Rp)"),
    ("tahap_salur", "Tahap"),
    ("date_of_death", "Tanggal Meninggal\n(31/01/2000)"),
    ("outcome", "Hasil Verifikasi"),
    ("round", "Putaran"),
    ("tgllhr", "TGL LAHIR"),
];

/// Turns every CSV below `out` into a workbook beside it, and names these in
/// the answer key. Tells how many there are.
///
/// # Errors
/// When a file cannot be read or written.
pub fn as_workbooks(out: &Path) -> Result<u64> {
    let key = out.join("answer-key.csv");
    let mut tables = Vec::new();
    walk(out, &mut tables)?;
    tables.retain(|path| path.parent() != Some(out));
    for path in &tables {
        convert(path).with_context(|| format!("cannot write {} as a workbook", path.display()))?;
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    let lines = fs::read_to_string(&key).with_context(|| format!("cannot read {}", key.display()))?;
    let lines: String = lines.lines().filter(|line| !line.ends_with(",column_count")).map(|line| format!("{line}\n")).collect();
    fs::write(&key, lines.replace(".csv,", ".xlsx,")).with_context(|| format!("cannot write {}", key.display()))?;
    Ok(tables.len() as u64)
}

fn walk(folder: &Path, tables: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, tables)?;
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            tables.push(path);
        }
    }
    Ok(())
}

fn convert(path: &Path) -> Result<()> {
    let bytes = fs::read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map(str::to_owned).unwrap_or_else(|_| encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned());
    // Titles have at most a few separators, the header has one between all columns.
    let count = |separator: u8| text.lines().take(4).map(|line| line.bytes().filter(|byte| *byte == separator).count()).max().unwrap_or(0);
    let separator = if count(b';') > count(b',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("Petunjuk")?;
    notes.write_string(0, 0, "Isi lembar DATA; jangan mengubah judul kolom.")?;
    let sheet = book.add_worksheet_with_constant_memory()?.set_name("DATA")?;
    let mut header: Option<usize> = None;
    let (mut row, mut counted) = (0u32, 0usize);
    for record in reader.records() {
        let record = record?;
        // A record starts behind the line ends that are before it.
        let start = usize::try_from(record.position().ok_or_else(|| anyhow!("a record without a place"))?.byte())?;
        let start = start + text.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        row += u32::try_from(text.as_bytes()[counted..start].iter().filter(|byte| **byte == b'\n').count())?;
        counted = start;
        let width = record.len();
        let is_header = header.is_none() && width > 1;
        if is_header {
            header = Some(width);
        } else if header.is_some_and(|columns| columns != width) {
            // A row of a workbook has as many cells as any other.
            continue;
        }
        // A title stays on the left.
        let shift = if header.is_some() { width / 3 + 1 } else { 0 };
        for at in 0..width {
            let cell = &record[(at + shift) % width];
            let cell = if is_header { OTHER_WORDS.iter().find(|(own, _)| *own == cell).map_or(cell, |(_, other)| *other) } else { cell };
            if !cell.is_empty() {
                sheet.write_string(row, u16::try_from(at)?, cell)?;
            }
        }
    }
    book.save(path.with_extension("xlsx"))?;
    Ok(())
}
