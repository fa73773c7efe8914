//! The sheet that an office's people take along: one workbook (or CSV) for each
//! kelurahan, to print on A4 or to fill in a spreadsheet. It is layout 16 with
//! what one needs to find a household, so it is read back by the import. Names
//! and addresses stand in it: whoever writes it writes it for the office alone.

use diesel::prelude::*;
use domain::{AreaCode, Level, Outcome};
use identity::Nik;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    ProtectionOptions, Workbook, XlsxError,
};

use crate::Registry;
use crate::error::{Error, Result};
use crate::programs::FLAGGED;
use crate::report::harmless;
use crate::rounds::Round;
use crate::schema::{dtks_rows, round_people};

/// The columns, as the sheet calls them and the import reads them.
const COLUMNS: [&str; 10] = ["No", "NIK", "Nama", "Alamat", "RT", "RW", "Program", "Hasil", "Tanggal", "Putaran"];
/// How wide they are, in characters.
const WIDTHS: [f64; 10] = [5.0, 19.0, 28.0, 38.0, 5.0, 5.0, 20.0, 21.0, 13.0, 10.0];
const RESULT: u16 = 7;
const DATE: u16 = 8;
const ROUND: u16 = 9;

const SIMULATED: &str = "DATA SIMULASI - bukan data orang sungguhan";
const TITLE: &str = "Lembar verifikasi lapangan";
const HOW: &str = "Isi Hasil dari pilihan dan Tanggal kunjungan (hari/bulan/tahun). Biarkan keduanya kosong bila belum dikunjungi. \
                   Jangan menambah catatan tentang orang; kolom lain tidak dibaca.";

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A workbook, to print or to fill.
    Xlsx,
    /// Text, to be filled in anything.
    Csv,
}

/// Somebody to visit. RESTRICTED.
#[derive(Debug, Clone)]
pub struct Visit {
    pub(super) nik: Nik,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) rt: String,
    pub(super) rw: String,
    pub(super) programs: String,
}

impl Registry {
    /// The kelurahan of a round and how many people are to be visited in each.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn round_kelurahan(&mut self, round: &Round) -> Result<Vec<(AreaCode, u64)>> {
        let found: Vec<(i64, i64)> = round_people::table
            .filter(round_people::round.eq(round.id))
            .group_by(round_people::kelurahan)
            .order(round_people::kelurahan)
            .select((round_people::kelurahan, diesel::dsl::count_star()))
            .load(&mut self.conn)?;
        found
            .into_iter()
            .map(|(number, count)| {
                let code = AreaCode::from_number(Level::Kelurahan, number.cast_unsigned())
                    .map_err(|error| Error::stored("area")(error.to_string()))?;
                Ok((code, count.cast_unsigned()))
            })
            .collect()
    }

    /// Whom to visit in a kelurahan, by RW, RT and name. Name and address are
    /// empty where the import that brought them was undone.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn visits(&mut self, round: &Round, kelurahan: AreaCode) -> Result<Vec<Visit>> {
        type Row = (i64, i64, Option<(i64, String, String, String, String)>);
        let rows: Vec<Row> = round_people::table
            .left_join(dtks_rows::table.on(dtks_rows::id.eq(round_people::row_id)))
            .filter(round_people::round.eq(round.id).and(round_people::kelurahan.eq(kelurahan.number().cast_signed())))
            .select((
                round_people::nik,
                round_people::programs,
                (dtks_rows::nik, dtks_rows::name, dtks_rows::address, dtks_rows::rt, dtks_rows::rw).nullable(),
            ))
            .load(&mut self.conn)?;
        let mut visits = rows
            .into_iter()
            .map(|(nik, programs, row)| {
                // Only the person's own row may tell name and address.
                let (_, name, address, rt, rw) = row.filter(|row| row.0 == nik).unwrap_or_default();
                let codes = FLAGGED.iter().filter(|flagged| programs >> flagged.bit & 1 == 1).map(|flagged| flagged.code.as_str());
                let programs = codes.collect::<Vec<_>>().join(", ");
                let nik = Nik::from_number(nik.cast_unsigned()).map_err(|error| Error::stored("NIK")(error.to_string()))?;
                Ok(Visit { nik, name, address, rt, rw, programs })
            })
            .collect::<Result<Vec<Visit>>>()?;
        visits.sort_by(|a, b| (&a.rw, &a.rt, &a.name, a.nik.expose()).cmp(&(&b.rw, &b.rt, &b.name, b.nik.expose())));
        Ok(visits)
    }
}

/// The sheet of a kelurahan: the name of its file, and what stands in it.
///
/// # Errors
/// When there are more people than a sheet has rows.
pub fn sheet(round: &Round, kelurahan: AreaCode, visits: &[Visit], form: Form) -> Result<(String, Vec<u8>)> {
    let name = reference::areas().get(kelurahan).map_or("", |area| area.name);
    let mark = if round.simulated { "SIMULASI-" } else { "" };
    let (ending, bytes) = match form {
        Form::Xlsx => ("xlsx", workbook(round, kelurahan, visits).map_err(|error| unwritable(&error))?),
        Form::Csv => ("csv", text(round, visits).map_err(|error| unwritable(&error))?),
    };
    Ok((format!("{mark}{kelurahan}-{}.{ending}", reference::slug(name)), bytes))
}

fn unwritable(error: &dyn std::fmt::Display) -> Error {
    Error::Request(format!("the sheet cannot be written: {error}"))
}

/// Where it is: `Kelurahan Sukarasa (36.71.01.1001), Kecamatan Tangerang, Kota Tangerang`.
fn place(kelurahan: AreaCode) -> String {
    let name = |area: Option<AreaCode>| area.and_then(|area| reference::areas().get(area)).map_or("", |area| area.name);
    format!(
        "Desa/Kelurahan {} ({kelurahan}), Kecamatan {}, {}",
        name(Some(kelurahan)),
        name(kelurahan.at(Level::Kecamatan)),
        name(kelurahan.district())
    )
}

impl Visit {
    fn cells(&self, number: u32, round: &Round) -> [String; 10] {
        [
            number.to_string(),
            self.nik.expose_text(),
            self.name.clone(),
            self.address.clone(),
            self.rt.clone(),
            self.rw.clone(),
            self.programs.clone(),
            String::new(),
            String::new(),
            round.name.clone(),
        ]
    }
}

fn text(round: &Round, visits: &[Visit]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    if round.simulated {
        writer.write_record([SIMULATED])?;
    }
    writer.write_record(COLUMNS)?;
    for (visit, number) in visits.iter().zip(1..) {
        writer.write_record(visit.cells(number, round).iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn workbook(round: &Round, kelurahan: AreaCode, visits: &[Visit]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let title = format!("{TITLE}, putaran {}", round.name);
    book.set_properties(&DocProperties::new().set_title(if round.simulated { format!("{title} (SIMULASI)") } else { title.clone() }));
    let bold = Format::new().set_bold();
    let warning = Format::new().set_bold().set_font_color(Color::RGB(0xB0_00_20));
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0xDD_E8_F0))
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    let cell = Format::new().set_num_format("@").set_border(FormatBorder::Hair).set_align(FormatAlign::VerticalCenter).set_text_wrap();
    let count = Format::new().set_border(FormatBorder::Hair).set_align(FormatAlign::VerticalCenter).set_align(FormatAlign::Center);
    let choice = cell.clone().set_unlocked().set_background_color(Color::RGB(0xFF_FB_E6));
    let date = choice.clone().set_num_format("dd/mm/yyyy");
    let line = Format::new().set_unlocked().set_border_bottom(FormatBorder::Thin);

    let sheet = book.add_worksheet().set_name("Verifikasi")?;
    let mut row = 0;
    if round.simulated {
        sheet.write_string_with_format(row, 0, SIMULATED, &warning)?;
        row += 1;
    }
    sheet.write_string_with_format(row, 0, &title, &bold)?;
    sheet.write_string(row + 1, 0, format!("{}; penerima bulan {}; {} orang", place(kelurahan), round.period, visits.len()))?;
    sheet.write_string(row + 2, 0, HOW)?;
    // Nothing of these cells is read.
    sheet.write_string(row + 3, 0, "Petugas:")?;
    sheet.write_blank(row + 3, 2, &line)?;
    sheet.write_string(row + 3, 3, "Tanggal dan tanda tangan:")?;
    for column in [6, 7, 8] {
        sheet.write_blank(row + 3, column, &line)?;
    }
    sheet.set_row_height(row + 3, 28)?;
    sheet.set_row_height(row + 4, 6)?;
    let header = row + 5;
    for ((name, width), column) in COLUMNS.iter().zip(WIDTHS).zip(0u16..) {
        sheet.write_string_with_format(header, column, *name, &head)?;
        sheet.set_column_width(column, width)?;
    }
    let first = header + 1;
    for (visit, number) in visits.iter().zip(1u32..) {
        let row = header + number;
        sheet.write_number_with_format(row, 0, f64::from(number), &count)?;
        // Written as text, so that nothing in it is taken for a formula or a number.
        for (text, column) in visit.cells(number, round).iter().zip(0u16..).skip(1) {
            match column {
                RESULT => sheet.write_blank(row, column, &choice)?,
                DATE => sheet.write_blank(row, column, &date)?,
                _ => sheet.write_string_with_format(row, column, text, &cell)?,
            };
        }
        sheet.set_row_height(row, 22)?;
    }
    let last = header + u32::try_from(visits.len()).unwrap_or(u32::MAX).max(1);
    let words: Vec<&str> = Outcome::sheet_words().iter().map(|(word, _)| *word).collect();
    let results = DataValidation::new()
        .allow_list_strings(&words)?
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("Hasil")?
        .set_error_message("Pilih salah satu hasil dari daftar, atau kosongkan bila belum dikunjungi.")?;
    sheet.add_data_validation(first, RESULT, last, RESULT, &results)?;
    let days = DataValidation::new()
        .allow_date(DataValidationRule::Between(ExcelDateTime::from_ymd(2015, 1, 1)?, ExcelDateTime::from_ymd(2099, 12, 31)?))
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("Tanggal")?
        .set_error_message("Tulis tanggal kunjungan sebagai hari/bulan/tahun, misalnya 17/06/2025.")?;
    sheet.add_data_validation(first, DATE, last, DATE, &days)?;
    // The round tells itself; nobody has to read it.
    sheet.set_column_hidden(ROUND)?;
    sheet.set_freeze_panes(first, 0)?;
    sheet.protect_with_options(&ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::new() });

    sheet.set_paper_size(9).set_landscape();
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(header, header)?;
    sheet.set_print_area(0, 0, last, DATE)?;
    let mark = if round.simulated { "DATA SIMULASI  " } else { "" };
    sheet.set_header(format!("&L{mark}{}&R{}", plain(&title), plain(&place(kelurahan))));
    sheet.set_footer("&LRahasia: memuat nama dan NIK, hanya untuk petugas&RHalaman &P dari &N");
    book.save_to_buffer()
}

/// Text in a page's header, where `&` begins a code.
fn plain(text: &str) -> String {
    text.replace('&', "&&").chars().take(110).collect()
}
