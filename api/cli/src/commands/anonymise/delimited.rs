//! Separated values (RFC 4180) by record, with the bytes as they are.
//!
//! A CSV library gives values and forgets how they were written; here a cell
//! can be replaced while every other byte of the line stays.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};
use std::ops::Range;

/// Separators that are tried, in this order.
pub const SEPARATORS: [u8; 4] = *b";,\t|";

/// Records of a stream, one at a time.
pub struct Records<R> {
    input: R,
    separator: u8,
    /// The record with its line end.
    bytes: Vec<u8>,
    cells: Vec<Range<usize>>,
    first_line: u64,
    next_line: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: the end, or half of a doubled one.
    Closing,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl<R: BufRead> Records<R> {
    pub fn new(input: R, separator: u8) -> Records<R> {
        Records { input, separator, bytes: Vec::new(), cells: Vec::new(), first_line: 0, next_line: 1 }
    }

    /// Reads a record; false at the end.
    pub fn next(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        self.cells.clear();
        self.first_line = self.next_line;
        let (mut state, mut start, mut at) = (State::Start, 0, 0);
        loop {
            if self.input.read_until(b'\n', &mut self.bytes)? == 0 {
                if state == State::Quoted {
                    let what = format!("line {}: a quote is opened and never closed", self.first_line);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
                break;
            }
            self.next_line += 1;
            if self.first_line == 1 && at == 0 && self.bytes.starts_with(BOM) {
                (start, at) = (BOM.len(), BOM.len());
            }
            for byte in &self.bytes[at..] {
                state = match (state, *byte) {
                    (State::Quoted, b'"') => State::Closing,
                    (State::Quoted, _) => State::Quoted,
                    (State::Start, b'"') => State::Quoted,
                    (State::Closing, b'"') => State::Quoted,
                    (_, byte) if byte == self.separator => {
                        self.cells.push(start..at);
                        start = at + 1;
                        State::Start
                    }
                    _ => State::Plain,
                };
                at += 1;
            }
            if state != State::Quoted {
                break;
            }
        }
        if self.bytes.is_empty() {
            return Ok(false);
        }
        let mut end = self.bytes.len();
        for ending in [b'\n', b'\r'] {
            if end > start && self.bytes[end - 1] == ending {
                end -= 1;
            }
        }
        self.cells.push(start..end);
        Ok(true)
    }

    /// The line on which the record begins, from 1.
    pub fn line(&self) -> u64 {
        self.first_line
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// A line with nothing on it, which is no record to other readers either.
    pub fn is_blank(&self) -> bool {
        matches!(self.cells.as_slice(), [only] if only.is_empty())
    }

    /// The record as it stands, with its line end.
    pub fn raw(&self) -> &[u8] {
        &self.bytes
    }

    /// A cell without its quotes.
    pub fn value(&self, cell: usize) -> Cow<'_, [u8]> {
        let written = self.cells.get(cell).map_or(&[][..], |range| &self.bytes[range.clone()]);
        match written {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'"') => Cow::Borrowed(inner),
            [b'"', inner @ .., b'"'] => {
                let mut value = Vec::with_capacity(inner.len());
                let mut bytes = inner.iter().peekable();
                while let Some(byte) = bytes.next() {
                    value.push(*byte);
                    if *byte == b'"' {
                        bytes.next_if(|next| **next == b'"');
                    }
                }
                Cow::Owned(value)
            }
            plain => Cow::Borrowed(plain),
        }
    }

    /// All cells as text, wrong UTF-8 replaced.
    pub fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|cell| String::from_utf8_lossy(&self.value(cell)).into_owned()).collect()
    }

    /// Writes the record with some cells replaced where they differ; a new cell
    /// is quoted if the old one was, or if it must be.
    pub fn write_with(&self, output: &mut impl Write, cells: &[(usize, Cow<'_, str>)]) -> io::Result<()> {
        let mut sorted: Vec<&(usize, Cow<'_, str>)> = cells.iter().collect();
        sorted.sort_unstable_by_key(|(cell, _)| *cell);
        let mut at = 0;
        for (cell, text) in sorted {
            let Some(range) = self.cells.get(*cell).filter(|_| *self.value(*cell) != *text.as_bytes()) else { continue };
            output.write_all(&self.bytes[at..range.start])?;
            let was_quoted = self.bytes[range.clone()].starts_with(b"\"");
            let special = |byte: u8| byte == self.separator || matches!(byte, b'"' | b'\n' | b'\r');
            if was_quoted || text.bytes().any(special) || (text.is_empty() && self.len() == 1) {
                write!(output, "\"{}\"", text.replace('"', "\"\""))?;
            } else {
                output.write_all(text.as_bytes())?;
            }
            at = range.end;
        }
        output.write_all(&self.bytes[at..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), b';');
        let mut all = Vec::new();
        while records.next().unwrap() {
            all.push((records.line(), records.texts()));
        }
        all
    }

    #[test]
    fn records_have_cells_and_lines() {
        let all = read("\u{feff}a;\"b\"\r\n\"x;\"\"1\"\"\ny\";2\n;\nlast;3");
        let cells: Vec<Vec<&str>> = all.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect();
        assert_eq!(cells, [vec!["a", "b"], vec!["x;\"1\"\ny", "2"], vec!["", ""], vec!["last", "3"]]);
        assert_eq!(all.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4, 5]);
    }

    #[test]
    fn a_quote_inside_a_plain_cell_is_a_letter() {
        assert_eq!(read("5\" pipe;2\nb;3\n").len(), 2);
    }

    #[test]
    fn an_open_quote_is_an_error_with_its_line() {
        let mut records = Records::new(&b"a;b\n\"c;d\n"[..], b';');
        assert!(records.next().unwrap());
        assert!(records.next().unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn only_replaced_cells_change() {
        let mut records = Records::new(&b"1;\"two\"; 3 ;\"4\"\r\n"[..], b';');
        assert!(records.next().unwrap());
        let mut output = Vec::new();
        records.write_with(&mut output, &[(3, "4".into()), (0, "a;b".into()), (1, "*".into())]).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), "\"a;b\";\"*\"; 3 ;\"4\"\r\n");
    }
}
