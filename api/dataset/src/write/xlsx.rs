//! Workbooks: titles in Indonesian over a frozen line, numbers as numbers,
//! codes as text, and a sheet of notes.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError};

use super::{Notes, check, notes};
use crate::{Dataset, Error, Field, Form, Kind, Part, Result, Rows, fields_in};

/// The lines of data that a sheet holds below its titles.
pub const SHEET_ROWS: u32 = 1_048_575;
/// The widest a column becomes, in characters.
const WIDEST: usize = 48;

fn wrong(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::Io(error),
        other => Error::form(other.to_string()),
    }
}

/// The name of the nth sheet of data, from 0.
pub(crate) fn sheet_name(at: usize) -> String {
    if at == 0 { "Data".to_owned() } else { format!("Data {}", at + 1) }
}

/// The library panics when its temporary file cannot be written, so a full disk
/// is made an error here.
pub(super) fn write(dataset: &Dataset, rows: &dyn Rows, notes: &Notes, out: &mut (impl Write + Send)) -> Result<u64> {
    let written = catch_unwind(AssertUnwindSafe(|| write_sheets(dataset, rows, notes, SHEET_ROWS, out)));
    written.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("no reason is known");
        Err(Error::Io(std::io::Error::other(format!(
            "the workbook {} could not be written, is the temporary folder full? {text}",
            dataset.name
        ))))
    })
}

/// The same with fewer lines a sheet, for tests.
fn write_sheets(dataset: &Dataset, rows: &dyn Rows, notes: &Notes, most: u32, out: &mut (impl Write + Send)) -> Result<u64> {
    let fields = fields_in(dataset, Form::Xlsx);
    let (year, month, day) = notes.date;
    let day = ExcelDateTime::from_ymd(year, month, day).map_err(wrong)?;
    let title = if notes.simulated { format!("SIMULASI: {}", dataset.title.0) } else { dataset.title.0.to_owned() };
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&day));
    let mut sheet = Data::new(&mut book, dataset, fields, 0)?;
    let (mut count, mut sheets) = (0u64, 1usize);
    rows.visit(&mut |row| {
        check(fields, row)?;
        if sheet.next > most {
            let next = Data::new(&mut book, dataset, fields, sheets)?;
            sheets += 1;
            std::mem::replace(&mut sheet, next).finish(&mut book)?;
        }
        sheet.push(row)?;
        count += 1;
        Ok(())
    })?;
    sheet.finish(&mut book)?;
    explain(book.add_worksheet(), dataset, notes)?;
    book.save_to_writer(out).map_err(wrong)?;
    Ok(count)
}

/// A sheet of data that is being filled.
struct Data<'a> {
    sheet: Worksheet,
    fields: &'a [Field],
    text: Format,
    numbers: Vec<Format>,
    widths: Vec<usize>,
    /// The line that comes next.
    next: u32,
}

impl<'a> Data<'a> {
    fn new(book: &mut Workbook, dataset: &Dataset, fields: &'a [Field], at: usize) -> Result<Data<'a>> {
        // Lines go to a temporary file; only the texts, each once, stay in memory.
        let mut sheet = book.new_worksheet_with_low_memory().map_err(wrong)?;
        sheet.set_name(sheet_name(at)).map_err(wrong)?;
        let head =
            Format::new().set_bold().set_background_color(Color::RGB(0xDD_E8_F0)).set_text_wrap().set_align(FormatAlign::VerticalCenter);
        for (at, field) in (0u16..).zip(fields) {
            sheet.write_string_with_format(0, at, field.title.0, &head).map_err(wrong)?;
        }
        // A number that names something has no thousands in it.
        let plain = |field: &Field| dataset.key.contains(&field.name) || field.name == "atom";
        let numbers = fields.iter().map(|field| Format::new().set_num_format(if plain(field) { "0" } else { "#,##0" })).collect();
        let widths = fields.iter().map(|field| field.title.0.chars().count().max(8)).collect();
        Ok(Data { sheet, fields, text: Format::new().set_num_format("@"), numbers, widths, next: 1 })
    }

    fn push(&mut self, row: &[Part<'_>]) -> Result<()> {
        for (at, part) in (0u16..).zip(row) {
            let place = usize::from(at);
            match part {
                // Written as a string, so that nothing in it is ever reckoned as a formula.
                Part::Text(text) => {
                    self.sheet.write_string_with_format(self.next, at, *text, &self.text).map_err(wrong)?;
                    self.widths[place] = self.widths[place].max(text.chars().count());
                }
                Part::Count(count) => {
                    // Beyond 2^53 a spreadsheet would round.
                    if *count > 1 << 53 {
                        return Err(Error::form(format!("{count} is more than a workbook can hold exactly")));
                    }
                    #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
                    self.sheet.write_number_with_format(self.next, at, *count as f64, &self.numbers[place]).map_err(wrong)?;
                }
                Part::Empty => {}
            }
        }
        self.next += 1;
        Ok(())
    }

    fn finish(mut self, book: &mut Workbook) -> Result<()> {
        let last = (self.next - 1).max(1);
        let columns = u16::try_from(self.fields.len()).map_err(|_| Error::form("too many fields for a sheet"))?;
        self.sheet.set_freeze_panes(1, 0).map_err(wrong)?;
        self.sheet.autofilter(0, 0, last, columns - 1).map_err(wrong)?;
        for ((at, field), width) in (0u16..).zip(self.fields).zip(&self.widths) {
            #[expect(clippy::cast_precision_loss, reason = "at most 48 and a little")]
            self.sheet.set_column_width(at, (*width).min(WIDEST) as f64 + 2.0).map_err(wrong)?;
            if field.kind != Kind::Count {
                // 36.71 is a code: no spreadsheet needs to offer to make it a number.
                self.sheet.ignore_error_range(1, at, last, at, IgnoreError::NumberStoredAsText).map_err(wrong)?;
            }
        }
        book.push_worksheet(self.sheet);
        Ok(())
    }
}

fn explain(sheet: &mut Worksheet, dataset: &Dataset, about: &Notes) -> Result<()> {
    sheet.set_name(notes::SHEET).map_err(wrong)?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_num_format("@");
    sheet.set_column_width(0, 28).map_err(wrong)?;
    sheet.set_column_width(1, 96).map_err(wrong)?;
    for (at, (name, content)) in (0u32..).zip(notes::lines(dataset, about)) {
        sheet.write_string_with_format(at, 0, name, &bold).map_err(wrong)?;
        sheet.write_string_with_format(at, 1, content, &wrap).map_err(wrong)?;
    }
    Ok(())
}
