//! Records of a CSV file, one at a time, in bounded memory.
//!
//! The state machine of `csv-core` splits the bytes; what is added here is
//! what a careful importer needs and the crate `csv` does not tell: the line a
//! record starts on, an end to how long a record may grow, and whether the
//! file ends inside a quoted cell.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, ReaderBuilder};

/// The longest record, in bytes. Real ones are under two thousand.
pub(crate) const LONGEST: usize = 1 << 20;
/// The most cells of a record.
pub(crate) const MOST_CELLS: usize = 4096;
/// The most lines of a record: an unclosed quote would otherwise swallow rows
/// up to the next one.
const MOST_LINES: u64 = 40;
const CHUNK: usize = 256 * 1024;

/// Why the next record could not be read; `line` is where it starts.
#[derive(Debug, Clone)]
pub(crate) enum RecordError {
    Io(std::sync::Arc<io::Error>),
    TooLong {
        line: u64,
    },
    TooManyCells {
        line: u64,
    },
    OpenQuote {
        line: u64,
        lines: u64,
        at_end: bool,
    },
    /// A workbook that cannot be read on.
    Workbook {
        place: String,
        problem: String,
        remedy: &'static str,
    },
}

/// A source of records: a file of text, or a sheet.
pub(crate) trait Rows {
    /// The next record; `None` at the end.
    fn next(&mut self) -> Result<Option<Record<'_>>, RecordError>;
}

impl<R: Read> Rows for Records<R> {
    fn next(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        Records::next(self)
    }
}

impl RecordError {
    /// Where and what, and what to do.
    pub(crate) fn told(&self) -> (String, String, &'static str) {
        match self {
            RecordError::Io(error) => ("whole file".to_owned(), format!("reading failed: {error}"), "check the disk and try again"),
            RecordError::Workbook { place, problem, remedy } => (place.clone(), problem.clone(), remedy),
            RecordError::TooLong { line } => {
                (format!("line {line}"), format!("a record of more than {LONGEST} bytes"), "export the table again, one record a line")
            }
            RecordError::TooManyCells { line } => {
                (format!("line {line}"), format!("a record of more than {MOST_CELLS} cells"), "export the table again, one record a line")
            }
            RecordError::OpenQuote { line, at_end: true, .. } => (
                format!("line {line}"),
                "a quotation mark is opened in this record and the file ends before it is closed".to_owned(),
                "the file seems cut off: copy or export it again",
            ),
            RecordError::OpenQuote { line, lines, .. } => (
                format!("line {line}"),
                format!("a quotation mark is opened in this record and not closed within {lines} lines"),
                "close or remove the quotation mark",
            ),
        }
    }
}

/// One record: its cells as bytes, without quotes, and the line it starts on.
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    pub(crate) line: u64,
    /// What a mapping says of every record, behind its own cells.
    constants: &'a [Vec<u8>],
}

/// The place of the first constant: beyond every record.
pub(crate) const CONSTANTS: usize = MOST_CELLS * 4;

impl<'a> Record<'a> {
    /// A record of cells that end in `bytes` at `ends`.
    pub(crate) const fn of(bytes: &'a [u8], ends: &'a [usize], line: u64) -> Record<'a> {
        Record { bytes, ends, line, constants: &[] }
    }

    /// The same record with what a mapping says of every record.
    pub(crate) const fn with(self, constants: &'a [Vec<u8>]) -> Record<'a> {
        Record { constants, ..self }
    }

    /// The cell at `place`; empty where the record has none.
    pub(crate) fn cell(&self, place: usize) -> &[u8] {
        let Some(end) = self.ends.get(place) else {
            return place.checked_sub(CONSTANTS).and_then(|place| self.constants.get(place)).map_or(b"", Vec::as_slice);
        };
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..*end]
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|place| self.cell(place))
    }

    /// Whether no cell holds anything: spreadsheets write such rows.
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Reads records from `source`.
pub(crate) struct Records<R> {
    source: R,
    core: csv_core::Reader,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    begun: bool,
    finished: bool,
    /// Whether the last byte was a carriage return that ended a record or an empty line.
    returned: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line of the next unread byte.
    line: u64,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(source: R, separator: u8) -> Self {
        Records {
            source,
            core: ReaderBuilder::new().delimiter(separator).build(),
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            begun: false,
            finished: false,
            returned: false,
            bytes: vec![0; 4096],
            ends: vec![0; 128],
            line: 1,
        }
    }

    /// Reads more when all was used; false at the end of the source. A byte
    /// order mark is passed over here, since `csv-core` misses one that two
    /// reads divide.
    fn fill(&mut self) -> io::Result<bool> {
        if !self.begun {
            self.begun = true;
            while self.end < 3 && !self.finished {
                match self.source.read(&mut self.buffer[self.end..]) {
                    Ok(0) => self.finished = true,
                    Ok(read) => self.end += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            if self.buffer[..self.end].starts_with(b"\xef\xbb\xbf") {
                self.start = 3;
            }
        }
        while self.start == self.end && !self.finished {
            match self.source.read(&mut self.buffer) {
                Ok(0) => self.finished = true,
                Ok(read) => (self.start, self.end) = (0, read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.start < self.end)
    }

    /// Passes over line ends, so that a record's line is that of its first byte.
    /// A carriage return without a line feed ends a line, too, as `csv-core` has
    /// it: two records never share a line.
    fn skip_line_ends(&mut self) -> io::Result<bool> {
        while self.fill()? {
            let byte = self.buffer[self.start];
            if byte == b'\n' || self.returned {
                self.line += 1;
            }
            self.returned = byte == b'\r';
            if !matches!(byte, b'\n' | b'\r') {
                return Ok(true);
            }
            self.start += 1;
        }
        Ok(false)
    }

    /// The next record; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        if !self.skip_line_ends().map_err(|error| RecordError::Io(error.into()))? {
            return Ok(None);
        }
        let line = self.line;
        let (mut written, mut cells, mut taken) = (0, 0, 0usize);
        loop {
            let more = self.fill().map_err(|error| RecordError::Io(error.into()))?;
            // At the end, a line end closes the record, unless a quote is open.
            let input = if more { &self.buffer[self.start..self.end] } else { b"\n".as_slice() };
            let (result, read, wrote, ended) = self.core.read_record(input, &mut self.bytes[written..], &mut self.ends[cells..]);
            if more {
                self.line += memchr::memchr_iter(b'\n', &input[..read]).count() as u64;
                self.start += read;
                taken += read;
            }
            written += wrote;
            cells += ended;
            match result {
                ReadRecordResult::Record => {
                    self.returned = more && read > 0 && input[read - 1] == b'\r';
                    break;
                }
                ReadRecordResult::End => return Ok(None),
                _ if taken > LONGEST => return Err(RecordError::TooLong { line }),
                _ if self.line - line > MOST_LINES => {
                    return Err(RecordError::OpenQuote { line, lines: MOST_LINES, at_end: false });
                }
                ReadRecordResult::InputEmpty if !more => {
                    return Err(RecordError::OpenQuote { line, lines: self.line - line + 1, at_end: true });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    let longer = self.bytes.len() * 4;
                    self.bytes.resize(longer, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() >= MOST_CELLS {
                        return Err(RecordError::TooManyCells { line });
                    }
                    let longer = self.ends.len() * 4;
                    self.ends.resize(longer, 0);
                }
            }
        }
        // The line end behind the record is counted, too; a wide quoted cell is not.
        if self.line - line > MOST_LINES + 1 {
            return Err(RecordError::OpenQuote { line, lines: MOST_LINES, at_end: false });
        }
        Ok(Some(Record { bytes: &self.bytes[..written], ends: &self.ends[..cells], line, constants: &[] }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8], separator: u8) -> Result<Vec<(u64, Vec<String>)>, RecordError> {
        // One byte at a time, so that every boundary of a chunk is met.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
                buffer[0] = *first;
                self.0 = rest;
                Ok(1)
            }
        }
        let mut records = Records::new(Slow(text), separator);
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            all.push((record.line, record.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()));
        }
        Ok(all)
    }

    fn rows(expected: &[(u64, &[&str])]) -> Vec<(u64, Vec<String>)> {
        expected.iter().map(|(line, cells)| (*line, cells.iter().map(ToString::to_string).collect())).collect()
    }

    #[test]
    fn lines_are_physical_and_start_at_one() {
        let text = "SIMULASI\r\n\r\na;\"b\nc\";d\r\n1;2;3\n\n\n4;5;6";
        assert_eq!(
            read(text.as_bytes(), b';').unwrap(),
            rows(&[(1, &["SIMULASI"]), (3, &["a", "b\nc", "d"]), (5, &["1", "2", "3"]), (8, &["4", "5", "6"])])
        );
    }

    #[test]
    fn quotes_commas_and_a_byte_order_mark() {
        let text = "\u{feff}a,\"b,\"\"c\"\"\"\n,\n";
        assert_eq!(read(text.as_bytes(), b',').unwrap(), rows(&[(1, &["a", "b,\"c\""]), (2, &["", ""])]));
        // A quote at the very end of the file closes its cell.
        assert_eq!(read(b"a,\"b\"", b',').unwrap(), rows(&[(1, &["a", "b"])]));
        assert_eq!(read(b"a\rb\r\r\nc\r\nd", b',').unwrap(), rows(&[(1, &["a"]), (2, &["b"]), (4, &["c"]), (5, &["d"])]));
        assert_eq!(read(b"", b',').unwrap(), rows(&[]));
        assert_eq!(read(b"\r\n\n", b',').unwrap(), rows(&[]));
    }

    #[test]
    fn an_open_quote_is_told_with_its_line() {
        assert!(matches!(read(b"a,b\n1,\"x\n2,y\n", b','), Err(RecordError::OpenQuote { line: 2, at_end: true, .. })));
        let mut text = b"a,b\n1,\"x\n".to_vec();
        text.extend(b"2,y\n".repeat(100));
        text.extend(b"3,\"z\"\n");
        assert!(matches!(read(&text, b','), Err(RecordError::OpenQuote { line: 2, at_end: false, .. })));
    }

    #[test]
    fn a_record_cannot_grow_without_end() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len() as u64;
                assert!(self.0 < 4 * LONGEST as u64, "read on after the limit");
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let mut records = Records::new(Endless(0), b',');
        assert!(matches!(records.next(), Err(RecordError::TooLong { line: 1 })));
        assert!(records.bytes.len() <= 8 * LONGEST);
        assert!(matches!(read(&[b','; 10_000], b','), Err(RecordError::TooManyCells { line: 1 })));
    }

    proptest! {
        #[test]
        fn reads_what_the_csv_crate_writes(table in proptest::collection::vec(proptest::collection::vec("[a-z ,;\"\n]{0,12}", 3), 1..8)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let found: Vec<Vec<String>> = read(&text, b',').unwrap().into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(found, table);
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&text, b';');
        }
    }
}
