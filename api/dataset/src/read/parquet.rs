//! Reading Parquet: a batch of rows at a time, whatever the row groups are.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;

use super::{LONGEST, RowsOf, UntilError};
use crate::write::parquet::{GROUP, schema};
use crate::{Error, Field, Kind, Result, Value};

/// Rows that are held at a time.
const BATCH: usize = 4096;
/// The most bytes that a column chunk of a row group unpacks to.
const CHUNK: i64 = 64 << 20;

fn wrong(error: parquet::errors::ParquetError) -> Error {
    Error::form(error.to_string())
}

/// What a file says of itself beside its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Who wrote it.
    pub created_by: Option<String>,
    /// Pairs of key and value that it carries for anybody, of the file and its columns.
    pub metadata: usize,
    /// Rows.
    pub rows: u64,
    /// The columns of each row group, in the order of the file.
    pub groups: Vec<Vec<Chunk>>,
    /// The bytes that belong to no column, beside the four that begin the file
    /// and the footer that ends it.
    pub stray: u64,
}

/// A column in a row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The least and the greatest value by its statistics, as bytes; text is
    /// UTF-8, a number little-endian.
    pub bounds: Option<(Vec<u8>, Vec<u8>)>,
    /// Where its bytes stand in the file: from, and how many.
    pub place: (u64, u64),
}

/// The library trusts some numbers of a file so far that it panics where they
/// cannot be: such a file is no worse than any other that is damaged.
fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Error::form("damaged: the file contradicts itself")))
}

fn open(fields: &[Field], path: &Path) -> Result<SerializedFileReader<File>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let reader = guarded(|| SerializedFileReader::new(file).map_err(wrong))?;
    let found = reader.metadata().file_metadata().schema();
    let expected = schema(fields)?;
    if !same(found, &expected) {
        return Err(Error::form(format!("columns are {}, expected {}", told(found), told(&expected))));
    }
    for group in reader.metadata().row_groups() {
        let large = group.columns().iter().any(|column| !(0..=CHUNK).contains(&column.uncompressed_size()));
        if !(0..=i64::try_from(GROUP).unwrap_or(i64::MAX)).contains(&group.num_rows()) || large {
            return Err(Error::form("a row group larger than any that is written"));
        }
        if !group.columns().iter().all(|column| lies_within(column, size)) {
            return Err(Error::form("a column that does not lie in the file"));
        }
    }
    Ok(reader)
}

/// Whether a column's bytes are in a file of this size.
fn lies_within(column: &parquet::file::metadata::ColumnChunkMetaData, size: u64) -> bool {
    let from = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let numbers = (u64::try_from(from), u64::try_from(column.data_page_offset()), u64::try_from(column.compressed_size()));
    matches!(numbers, (Ok(from), Ok(data), Ok(length)) if from <= data && from.checked_add(length).is_some_and(|end| end <= size))
}

/// Whether two schemas have the same columns; the names of the whole do not matter.
fn same(found: &parquet::schema::types::Type, expected: &parquet::schema::types::Type) -> bool {
    let (found, expected) = (found.get_fields(), expected.get_fields());
    found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| {
            let (f, e) = (found.get_basic_info(), expected.get_basic_info());
            found.is_primitive()
                && f.name() == e.name()
                && f.repetition() == e.repetition()
                && f.logical_type_ref() == e.logical_type_ref()
                && found.get_physical_type() == expected.get_physical_type()
        })
}

fn told(schema: &parquet::schema::types::Type) -> String {
    let one = |column: &Arc<parquet::schema::types::Type>| {
        let kind = if column.is_primitive() { format!("{:?}", column.get_physical_type()) } else { "GROUP".to_owned() };
        format!("{}:{kind}", column.name().chars().take(40).collect::<String>())
    };
    schema.get_fields().iter().take(64).map(one).collect::<Vec<_>>().join(",")
}

/// What the file at `path` says of itself, once it is known to have these fields.
///
/// # Errors
/// When it cannot be read or has other columns.
pub fn layout(fields: &[Field], path: &Path) -> Result<Layout> {
    let size = std::fs::metadata(path)?.len();
    let reader = open(fields, path)?;
    let metadata = reader.metadata();
    let groups: Vec<Vec<Chunk>> = metadata.row_groups().iter().map(|group| group.columns().iter().map(chunk).collect()).collect();
    let footer = footer(path, size)?;
    let inside: u64 = groups.iter().flatten().map(|chunk| chunk.place.1).sum();
    // Chunks follow one another without a gap, or else bytes would stand between.
    let mut at = 4;
    let gapless = groups.iter().flatten().all(|chunk| {
        let right = chunk.place.0 == at;
        at += chunk.place.1;
        right
    });
    let data = size.saturating_sub(4 + footer);
    let file = metadata.file_metadata();
    Ok(Layout {
        created_by: file.created_by().map(ToOwned::to_owned),
        metadata: file.key_value_metadata().map_or(0, Vec::len) + extras(metadata),
        rows: u64::try_from(file.num_rows()).map_err(|_| Error::form("fewer than no rows"))?,
        stray: if gapless && inside == data { 0 } else { data.abs_diff(inside).max(1) },
        groups,
    })
}

/// Indexes and filters, which no file here has.
fn extras(metadata: &ParquetMetaData) -> usize {
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    columns
        .filter(|column| {
            column.bloom_filter_offset().is_some()
                || column.column_index_offset().is_some()
                || column.offset_index_offset().is_some()
                || column.file_path().is_some()
        })
        .count()
}

fn chunk(column: &parquet::file::metadata::ColumnChunkMetaData) -> Chunk {
    let bounds = |statistics: &Statistics| Some((statistics.min_bytes_opt()?.to_vec(), statistics.max_bytes_opt()?.to_vec()));
    Chunk { bounds: column.statistics().and_then(bounds), place: column.byte_range() }
}

/// How long the footer is: metadata, its length, and the four last bytes.
fn footer(path: &Path, size: u64) -> Result<u64> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    let mut tail = [0u8; 8];
    file.seek(SeekFrom::Start(size.saturating_sub(8)))?;
    file.read_exact(&mut tail)?;
    let [a, b, c, d, ..] = tail;
    Ok(u64::from(u32::from_le_bytes([a, b, c, d])) + 8)
}

pub(super) fn rows(fields: &'static [Field], path: &Path) -> Result<RowsOf> {
    let reader = open(fields, path)?;
    let mut groups = 0..reader.num_row_groups();
    let mut group: Option<Group> = None;
    let mut batch = Vec::new().into_iter();
    let next = move || loop {
        if let Some(row) = batch.next() {
            return Some(Ok(row));
        }
        let Some(open) = &mut group else {
            let at = groups.next()?;
            match guarded(|| Group::open(fields, &reader, at)) {
                Ok(opened) => group = Some(opened),
                Err(error) => return Some(Err(error)),
            }
            continue;
        };
        match guarded(|| open.batch()) {
            Ok(rows) if rows.is_empty() => group = None,
            Ok(rows) => batch = rows.into_iter(),
            Err(error) => return Some(Err(error)),
        }
    };
    Ok(Box::new(UntilError(Some(std::iter::from_fn(next)))))
}

/// A row group that is being read.
struct Group {
    fields: &'static [Field],
    columns: Vec<ColumnReader>,
    left: usize,
}

impl Group {
    fn open(fields: &'static [Field], reader: &SerializedFileReader<File>, at: usize) -> Result<Group> {
        let group = reader.get_row_group(at).map_err(wrong)?;
        let columns = (0..fields.len()).map(|column| group.get_column_reader(column)).collect::<std::result::Result<_, _>>();
        let left = usize::try_from(group.metadata().num_rows()).map_err(|_| Error::form("fewer than no rows"))?;
        Ok(Group { fields, columns: columns.map_err(wrong)?, left })
    }

    fn batch(&mut self) -> Result<Vec<Vec<Value>>> {
        let wanted = self.left.min(BATCH);
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let mut rows: Vec<Vec<Value>> = (0..wanted).map(|_| Vec::with_capacity(self.fields.len())).collect();
        let columns = std::mem::take(&mut self.columns);
        for (field, column) in self.fields.iter().zip(columns) {
            self.columns.push(fill(field, column, &mut rows)?);
        }
        self.left -= wanted;
        Ok(rows)
    }
}

/// Reads one value of the column into each row.
fn fill(field: &Field, column: ColumnReader, rows: &mut [Vec<Value>]) -> Result<ColumnReader> {
    let mut levels: Vec<i16> = Vec::with_capacity(rows.len());
    let few = || Error::form(format!("{} has fewer values than there are rows", field.name));
    if field.kind == Kind::Count {
        let mut typed = get_typed_column_reader::<Int64Type>(column);
        let mut counts: Vec<i64> = Vec::with_capacity(rows.len());
        read(rows.len(), field, &mut levels, |wanted, levels| typed.read_records(wanted, levels, None, &mut counts)).ok_or_else(few)??;
        let mut counts = counts.into_iter();
        place(field, &levels, rows, || counts.next().and_then(|count| u64::try_from(count).ok()).map(Value::Count))?;
        Ok(ColumnReader::Int64ColumnReader(typed))
    } else {
        let mut typed = get_typed_column_reader::<ByteArrayType>(column);
        let mut texts: Vec<ByteArray> = Vec::with_capacity(rows.len());
        read(rows.len(), field, &mut levels, |wanted, levels| typed.read_records(wanted, levels, None, &mut texts)).ok_or_else(few)??;
        let mut texts = texts.iter();
        place(field, &levels, rows, || {
            let text = std::str::from_utf8(texts.next()?.data()).ok()?;
            (!text.is_empty() && text.len() <= LONGEST).then(|| Value::Text(text.to_owned()))
        })?;
        Ok(ColumnReader::ByteArrayColumnReader(typed))
    }
}

type Read = std::result::Result<(usize, usize, usize), parquet::errors::ParquetError>;

/// Reads until there is a level, or a value, for every row; `None` if there are too few.
fn read(
    rows: usize,
    field: &Field,
    levels: &mut Vec<i16>,
    mut more: impl FnMut(usize, Option<&mut Vec<i16>>) -> Read,
) -> Option<Result<()>> {
    let mut have = 0;
    while have < rows {
        match more(rows - have, field.optional.then_some(&mut *levels)) {
            Ok((0, _, _)) => return None,
            Ok((records, _, _)) => have += records,
            Err(error) => return Some(Err(wrong(error))),
        }
    }
    Some(Ok(()))
}

fn place(field: &Field, levels: &[i16], rows: &mut [Vec<Value>], mut next: impl FnMut() -> Option<Value>) -> Result<()> {
    for (at, row) in rows.iter_mut().enumerate() {
        let value = if field.optional && levels.get(at) == Some(&0) { Some(Value::Empty) } else { next() };
        row.push(value.ok_or_else(|| Error::form(format!("{} holds what is no value of it", field.name)))?);
    }
    Ok(())
}
