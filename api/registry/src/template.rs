//! Empty files to fill in, for the layouts that offices write themselves: a
//! workbook whose columns are text (so that no NIK loses a digit) with lists to
//! choose from and a sheet that explains each column, or a CSV. A template that
//! comes back without a row is refused, since it was meant to say something.

mod columns;

use domain::{AreaCode, Level};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet,
    XlsxError,
};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::report::harmless;
use crate::rounds::Form;

use columns::{Column, Kind, Template};

/// The words by which a title row tells that a file is one of these templates.
pub(crate) const MARK: &str = "TEMPLAT BANSOS TERBUKA";
const SIMULATED: &str = "DATA SIMULASI - contoh pengisian, bukan data orang sungguhan";
/// Down to which row cells have lists to choose from.
const ROWS: u32 = 20_000;
/// The most characters of a list that Excel holds in a cell's own rule.
const LONGEST_LIST: usize = 250;

/// The layouts that have a template.
pub const TEMPLATES: [Layout; 6] =
    [Layout::Plan, Layout::Verification, Layout::Deaths, Layout::Listing, Layout::Complaints, Layout::Usulan];

/// An empty file of a layout, to be filled in. With a district, its kecamatan
/// can be chosen; with `examples`, it holds rows that are obviously made up and
/// is marked as simulated.
///
/// # Errors
/// When the layout has no template, or examples are asked for without a district.
pub fn template(layout: Layout, form: Form, district: Option<AreaCode>, examples: bool) -> Result<Vec<u8>> {
    let Some(template) = columns::of(layout) else {
        return Err(Error::Request(format!("there is no template for {layout}; there are {}", TEMPLATES.map(Layout::as_str).join(", "))));
    };
    let rows = match (examples, district) {
        (false, _) => Vec::new(),
        (true, Some(district)) => columns::examples(&template, district),
        (true, None) => return Err(Error::Request("examples name areas of a district: give --area".to_owned())),
    };
    let written = match form {
        Form::Xlsx => workbook(layout, &template, district, &rows).map_err(|error| error.to_string()),
        Form::Csv => text(layout, &template, &rows).map_err(|error| error.to_string()),
    };
    written.map_err(|error| Error::Request(format!("the template cannot be written: {error}")))
}

fn title(layout: Layout, template: &Template) -> String {
    format!("{MARK}: {layout} - {}", template.title)
}

fn text(layout: Layout, template: &Template, rows: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record([title(layout, template)])?;
    if !rows.is_empty() {
        writer.write_record([SIMULATED])?;
    }
    writer.write_record(template.columns.iter().map(|column| column.header))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn workbook(layout: Layout, template: &Template, district: Option<AreaCode>, rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let head = Format::new().set_bold().set_background_color(Color::RGB(0xDD_E8_F0)).set_text_wrap().set_align(FormatAlign::VerticalCenter);
    let needed = head.clone().set_background_color(Color::RGB(0xFF_E3_A3));
    let (plain, date) = (Format::new().set_num_format("@"), Format::new().set_num_format("dd/mm/yyyy"));
    let number = Format::new().set_num_format("0");

    let sheet = book.add_worksheet().set_name("Data")?;
    sheet.write_string_with_format(0, 0, title(layout, template), &bold)?;
    let mut header = 1;
    if !rows.is_empty() {
        sheet.write_string_with_format(1, 0, SIMULATED, &bold)?;
        header = 2;
    }
    // Lists too long for a cell's own rule stand on a sheet of their own.
    let mut lists: Vec<Vec<String>> = Vec::new();
    for (column, place) in template.columns.iter().zip(0u16..) {
        sheet.write_string_with_format(header, place, column.header, if column.needed { &needed } else { &head })?;
        sheet.set_column_width(place, column.width)?;
        let format = match column.kind {
            Kind::Date => &date,
            Kind::Number => &number,
            _ => &plain,
        };
        // Text from the first, so that a NIK typed or pasted here stays one.
        sheet.set_column_format(place, format)?;
        if let Some(rule) = rule(column, district, &mut lists)? {
            sheet.add_data_validation(header + 1, place, ROWS, place, &rule)?;
        }
        for (row, line) in rows.iter().zip(header + 1..) {
            let cell = row.get(usize::from(place)).map_or("", String::as_str);
            match column.kind {
                _ if cell.is_empty() => {}
                Kind::Date => {
                    let day = domain::date::parse(cell).map_err(|_| XlsxError::ParameterError("an example is no date".to_owned()))?;
                    let day = ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or(1900), day.month() as u8, day.day() as u8)?;
                    sheet.write_datetime_with_format(line, place, day, format)?;
                }
                Kind::Number => {
                    sheet.write_number_with_format(line, place, cell.parse().unwrap_or(0.0), format)?;
                }
                _ => {
                    sheet.write_string_with_format(line, place, cell, format)?;
                }
            }
        }
    }
    sheet.set_freeze_panes(header + 1, 0)?;
    sheet.set_paper_size(9).set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(header, header)?;
    explain(book.add_worksheet().set_name("Petunjuk")?, layout, template, district)?;
    if !lists.is_empty() {
        let sheet = book.add_worksheet().set_name("Pilihan")?;
        for (list, place) in lists.iter().zip(0u16..) {
            for (word, row) in list.iter().zip(0u32..) {
                sheet.write_string(row, place, word)?;
            }
        }
        sheet.set_hidden(true);
    }
    book.save_to_buffer()
}

/// What may be typed into a column.
fn rule(column: &Column, district: Option<AreaCode>, lists: &mut Vec<Vec<String>>) -> Result<Option<DataValidation>, XlsxError> {
    let rule = match column.kind {
        Kind::Date => DataValidation::new()
            .allow_date(DataValidationRule::Between(ExcelDateTime::from_ymd(1900, 1, 1)?, ExcelDateTime::from_ymd(2099, 12, 31)?))
            .set_error_message("Tulis tanggal sebagai hari/bulan/tahun, misalnya 17/06/2025.")?,
        _ => {
            let words = column.words(district);
            if words.is_empty() {
                return Ok(None);
            }
            let fits =
                words.iter().map(|word| word.len() + 1).sum::<usize>() <= LONGEST_LIST && !words.iter().any(|word| word.contains(','));
            let rule = if fits {
                DataValidation::new().allow_list_strings(&words)?
            } else {
                let place = char::from(b'A' + u8::try_from(lists.len()).unwrap_or(0) % 26);
                let range = format!("=Pilihan!${place}$1:${place}${}", words.len());
                lists.push(words);
                DataValidation::new().allow_list_formula(Formula::new(range))
            };
            rule.set_error_message("Pilih salah satu dari daftar; artinya ada di lembar Petunjuk.")?
        }
    };
    // Other spellings are read, too: a word of one's own is asked about, not forbidden.
    Ok(Some(rule.set_error_style(DataValidationErrorStyle::Warning).set_error_title("Periksa isi sel")?))
}

/// The sheet that tells what each column means.
fn explain(sheet: &mut Worksheet, layout: Layout, template: &Template, district: Option<AreaCode>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.write_string_with_format(0, 0, format!("Petunjuk: {}", template.title), &bold)?;
    let place = district.and_then(|code| reference::areas().get(code)).map_or_else(String::new, |area| format!(" ({})", area.name));
    let mut row = 1;
    for line in template.notes.iter().copied().chain([
        "Isi lembar Data mulai di bawah judul kolom, satu baris satu catatan. Kolom kuning wajib diisi.",
        "Sel sudah berformat teks: NIK 16 angka tetap utuh. Bila menempel dari berkas lain, pakai tempel nilai saja.",
    ]) {
        sheet.write_string(row, 0, line)?;
        row += 1;
    }
    sheet.write_string(row, 0, format!("Kirim dengan: bansos import BERKAS --area KODE --period TAHUN-BULAN (susunan {layout}){place}"))?;
    row += 2;
    for (name, column) in ["Kolom", "Wajib", "Arti", "Isi yang dibaca", "Contoh (bukan data sungguhan)"].into_iter().zip(0u16..) {
        sheet.write_string_with_format(row, column, name, &bold)?;
    }
    for (column, at) in template.columns.iter().zip(row + 1..) {
        let words = column.words(district);
        let accepted = if words.is_empty() { column.accepted.to_owned() } else { words.join("; ") };
        let example = columns::example(column, district);
        let cells = [
            column.header.replace('\n', " "),
            if column.needed { "ya" } else { "tidak" }.to_owned(),
            column.meaning.to_owned(),
            accepted,
            example,
        ];
        for (cell, place) in cells.iter().zip(0u16..) {
            sheet.write_string_with_format(at, place, cell, &wrap)?;
        }
    }
    for (width, column) in [24.0, 8.0, 50.0, 60.0, 30.0].into_iter().zip(0u16..) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_paper_size(9).set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

impl Column {
    /// What there is to choose from.
    fn words(&self, district: Option<AreaCode>) -> Vec<String> {
        match self.kind {
            Kind::Choice(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Kind::Outcome => domain::Outcome::sheet_words().iter().map(|(word, _)| (*word).to_owned()).collect(),
            Kind::Program => reference::programs().iter().map(|program| program.code.to_string()).collect(),
            Kind::Kecamatan => district.map_or_else(Vec::new, |district| {
                reference::areas().inside(district, Level::Kecamatan).iter().map(|area| area.name.to_owned()).collect()
            }),
            Kind::Text | Kind::Sixteen | Kind::Date | Kind::Number | Kind::Province | Kind::District | Kind::Kelurahan => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
