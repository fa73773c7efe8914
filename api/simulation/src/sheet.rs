//! Writes one CSV file, quickly and as differently as offices' files are: with
//! comma or semicolon, as UTF-8 with or without a mark or as Windows-1252, with
//! title rows and broken header lines. None of this is a defect.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::dice::Dice;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf8WithMark,
    Windows1252,
}

/// How a file looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dress {
    separator: u8,
    newline: &'static [u8],
    encoding: Encoding,
    second_title: bool,
    broken_header: bool,
    /// Whether RT and RW keep their leading zeros.
    padded: bool,
    yes_no: (&'static str, &'static str),
    money: Money,
    iso_dates: bool,
}

#[derive(Debug, Clone, Copy)]
enum Money {
    Dotted,
    DottedWithSpace,
    Plain,
}

impl Dress {
    pub(crate) fn draw(dice: &mut Dice) -> Dress {
        Dress {
            separator: if dice.chance(0.65) { b',' } else { b';' },
            newline: if dice.chance(0.6) { b"\n" } else { b"\r\n" },
            encoding: [Encoding::Utf8, Encoding::Utf8WithMark, Encoding::Windows1252][dice.weighted(&[50.0, 25.0, 25.0])],
            second_title: dice.chance(0.3),
            broken_header: dice.chance(0.4),
            padded: dice.chance(0.7),
            yes_no: [("YA", "TIDAK"), ("Y", "T"), ("1", "0")][dice.weighted(&[70.0, 15.0, 15.0])],
            money: [Money::Dotted, Money::DottedWithSpace, Money::Plain][dice.weighted(&[60.0, 20.0, 20.0])],
            iso_dates: dice.chance(0.4),
        }
    }
}

impl Dress {
    /// A date as this file writes dates.
    pub(crate) fn date_text(self, year: u16, month: u8, day: u8) -> String {
        if self.iso_dates { format!("{year:04}-{month:02}-{day:02}") } else { format!("{day:02}/{month:02}/{year:04}") }
    }

    /// Whether dates start with the year.
    pub(crate) const fn iso(self) -> bool {
        self.iso_dates
    }

    /// A flag as this file writes it.
    pub(crate) const fn yes_no(self, yes: bool) -> &'static str {
        if yes { self.yes_no.0 } else { self.yes_no.1 }
    }
}

/// One CSV file being written.
pub(crate) struct Sheet {
    file: File,
    buffer: Vec<u8>,
    dress: Dress,
    /// The physical line on which the next record starts, from 1.
    line: u64,
    rows: u64,
    columns: usize,
    in_row: usize,
}

const FULL: usize = 1 << 20;

impl Sheet {
    /// Starts a file: title rows and header. `broken` names a column whose
    /// header has a second line, in files that are so.
    pub(crate) fn start(
        path: &Path,
        dress: Dress,
        title: &str,
        printed: &str,
        header: &str,
        broken: Option<(&str, &str)>,
    ) -> io::Result<Sheet> {
        let columns: Vec<&str> = header.split(',').collect();
        let mut sheet = Sheet {
            file: File::create(path)?,
            buffer: Vec::with_capacity(FULL + (1 << 12)),
            dress,
            line: 1,
            rows: 0,
            columns: columns.len(),
            in_row: 0,
        };
        if dress.encoding == Encoding::Utf8WithMark {
            sheet.buffer.extend_from_slice(b"\xef\xbb\xbf");
        }
        sheet.title(&format!("SIMULASI – data buatan untuk uji coba – bukan orang sebenarnya – {title}"));
        if dress.second_title {
            sheet.title(printed);
        }
        for column in columns {
            match broken.filter(|(name, _)| *name == column && dress.broken_header) {
                Some((name, below)) => {
                    sheet.text(&format!("{name}\n{below}"));
                    sheet.line += 1;
                }
                None => sheet.raw(column.as_bytes()),
            }
        }
        sheet.end()?;
        sheet.rows = 0;
        Ok(sheet)
    }

    fn title(&mut self, text: &str) {
        self.text(text);
        self.in_row = 0;
        self.buffer.extend_from_slice(self.dress.newline);
        self.line += 1;
    }

    /// The line on which the current or next record starts.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Appends a cell that needs neither quotes nor another encoding.
    pub(crate) fn raw(&mut self, cell: &[u8]) {
        self.next_cell();
        self.buffer.extend_from_slice(cell);
    }

    /// Appends cells that were joined with `separator()` before.
    pub(crate) fn joined(&mut self, cells: &[u8], count: usize) {
        self.next_cell();
        self.buffer.extend_from_slice(cells);
        self.in_row += count - 1;
    }

    /// Appends empty cells.
    pub(crate) fn empty(&mut self, count: usize) {
        for _ in 0..count {
            self.next_cell();
        }
    }

    /// Appends a text, quoted and encoded as needed.
    pub(crate) fn text(&mut self, cell: &str) {
        self.quoted(cell, None);
    }

    /// Appends a street and a number.
    pub(crate) fn address(&mut self, street: &str, number: u16) {
        self.quoted(street, Some(number));
    }

    fn quoted(&mut self, cell: &str, number: Option<u16>) {
        self.next_cell();
        let separator = self.dress.separator;
        let quoted = cell.bytes().any(|byte| byte == separator || matches!(byte, b'"' | b'\n' | b'\r'));
        if quoted {
            self.buffer.push(b'"');
        }
        for c in cell.chars() {
            self.character(c);
        }
        if let Some(number) = number {
            self.buffer.extend_from_slice(b" NO ");
            push_digits(&mut self.buffer, u64::from(number), 1);
        }
        if quoted {
            self.buffer.push(b'"');
        }
    }

    fn character(&mut self, c: char) {
        match c {
            '"' => self.buffer.extend_from_slice(b"\"\""),
            c if c.is_ascii() => self.buffer.push(c as u8),
            c if self.dress.encoding == Encoding::Windows1252 => self.buffer.push(windows_1252(c)),
            c => self.buffer.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    /// Appends a name of capitals: a word or two.
    pub(crate) fn name(&mut self, (first, last): (&str, Option<&str>)) {
        self.raw(first.as_bytes());
        if let Some(last) = last {
            self.buffer.push(b' ');
            self.buffer.extend_from_slice(last.as_bytes());
        }
    }

    /// Appends to the cell before.
    pub(crate) fn more(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
    }

    /// Appends a number of exactly `width` digits.
    pub(crate) fn digits(&mut self, number: u64, width: usize) {
        self.next_cell();
        push_digits(&mut self.buffer, number, width);
    }

    /// Appends a number.
    pub(crate) fn number(&mut self, number: u64) {
        self.digits(number, 1);
    }

    /// Appends an RT or RW.
    pub(crate) fn rt(&mut self, number: u8) {
        self.digits(u64::from(number), if self.dress.padded { 3 } else { 1 });
    }

    /// Appends YA or TIDAK.
    pub(crate) fn flag(&mut self, yes: bool) {
        let word = if yes { self.dress.yes_no.0 } else { self.dress.yes_no.1 };
        self.raw(word.as_bytes());
    }

    /// Appends an amount of rupiah.
    pub(crate) fn money(&mut self, rupiah: u64) {
        self.next_cell();
        let start = match self.dress.money {
            Money::Plain => {
                push_digits(&mut self.buffer, rupiah, 1);
                return;
            }
            Money::Dotted => "Rp",
            Money::DottedWithSpace => "Rp ",
        };
        self.buffer.extend_from_slice(start.as_bytes());
        let mut digits = Vec::with_capacity(16);
        push_digits(&mut digits, rupiah, 1);
        for (at, digit) in digits.iter().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                self.buffer.push(b'.');
            }
            self.buffer.push(*digit);
        }
    }

    /// Appends a date, as `31/01/2000` or `2000-01-31` throughout the file.
    pub(crate) fn date(&mut self, year: u16, month: u8, day: u8) {
        self.next_cell();
        let (parts, sign) = if self.dress.iso_dates {
            ([(u64::from(year), 4), (u64::from(month), 2), (u64::from(day), 2)], b'-')
        } else {
            ([(u64::from(day), 2), (u64::from(month), 2), (u64::from(year), 4)], b'/')
        };
        for (at, (part, width)) in parts.into_iter().enumerate() {
            if at > 0 {
                self.buffer.push(sign);
            }
            push_digits(&mut self.buffer, part, width);
        }
    }

    /// Ends the record.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        debug_assert_eq!(self.in_row, self.columns, "cells in line {}", self.line);
        self.in_row = 0;
        self.line += 1;
        self.rows += 1;
        self.buffer.extend_from_slice(self.dress.newline);
        if self.buffer.len() >= FULL {
            self.file.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Ends a record that lacks its last cells.
    pub(crate) fn end_short(&mut self) -> io::Result<()> {
        self.in_row = self.columns;
        self.end()
    }

    /// How the file looks.
    pub(crate) const fn dress(&self) -> Dress {
        self.dress
    }

    /// Writes what is left and says how many records there are.
    pub(crate) fn finish(mut self) -> io::Result<u64> {
        self.file.write_all(&self.buffer)?;
        Ok(self.rows)
    }

    pub(crate) fn separator(&self) -> u8 {
        self.dress.separator
    }

    fn next_cell(&mut self) {
        if self.in_row > 0 {
            self.buffer.push(self.dress.separator);
        }
        self.in_row += 1;
    }
}

/// The byte of the few signs beyond ASCII that the simulation writes.
fn windows_1252(c: char) -> u8 {
    match c {
        '–' => 0x96,
        c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    }
}

fn push_digits(buffer: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    buffer.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_physical_and_cells_are_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let dress = Dress {
            separator: b';',
            newline: b"\r\n",
            encoding: Encoding::Windows1252,
            second_title: true,
            broken_header: true,
            padded: true,
            yes_no: ("YA", "TIDAK"),
            money: Money::Dotted,
            iso_dates: false,
        };
        let mut sheet = Sheet::start(&path, dress, "x", "Dicetak", "a,b,c,d", Some(("b", "(contoh)"))).unwrap();
        // Two titles, then a header of two lines.
        assert_eq!(sheet.line(), 5);
        sheet.text("GG. KAFÉ; 3");
        sheet.money(1_350_000);
        sheet.rt(7);
        sheet.date(2000, 1, 31);
        sheet.end().unwrap();
        assert_eq!(sheet.finish().unwrap(), 1);
        let bytes = std::fs::read(path).unwrap();
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("SIMULASI \u{96} "), "{}", lines[0]);
        assert_eq!(&lines[1..], ["Dicetak", "a;\"b", "(contoh)\";c;d", "\"GG. KAFÉ; 3\";Rp1.350.000;007;31/01/2000"]);
    }
}
