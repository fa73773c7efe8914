//! Parquet: codes, months and words as strings, counts as 64-bit integers,
//! zstd. Row groups are small and carry the least and the greatest value of
//! every column, so that a reader who asks for an area skips what is not in it;
//! whoever calls puts the rows in the order of areas for that.
//!
//! Nothing else is in the file: no key-value metadata, no indexes, no name of
//! a library's version, so that the same rows stay the same bytes.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::check;
use crate::{Error, Field, Kind, Part, Result, Rows};

/// The most rows of a row group.
pub const GROUP: usize = 65_536;
/// Who the files say wrote them.
pub const CREATED_BY: &str = "bansos-terbuka";

fn wrong(error: parquet::errors::ParquetError) -> Error {
    Error::form(error.to_string())
}

/// The schema of a file of these fields.
///
/// # Errors
/// When the library refuses a name.
pub fn schema(fields: &[Field]) -> Result<Type> {
    let columns = fields.iter().map(|field| {
        let repetition = if field.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let column = if field.kind == Kind::Count {
            Type::primitive_type_builder(field.name, Physical::INT64)
        } else {
            Type::primitive_type_builder(field.name, Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String))
        };
        column.with_repetition(repetition).build().map(Arc::new)
    });
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>().map_err(wrong)?;
    Type::group_type_builder("schema").with_fields(columns).build().map_err(wrong)
}

fn properties(fields: &[Field]) -> Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(wrong)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(None)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(Some(GROUP));
    // Ids are all different: each tells what it has in common with the one before.
    if let Some(id) = fields.iter().find(|field| field.name == "id") {
        let path = ColumnPath::from(id.name);
        properties = properties.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
    }
    Ok(properties.build())
}

pub(super) fn write(fields: &[Field], rows: &dyn Rows, out: &mut (impl Write + Send)) -> Result<u64> {
    let mut writer = SerializedFileWriter::new(out, Arc::new(schema(fields)?), Arc::new(properties(fields)?)).map_err(wrong)?;
    let mut columns: Vec<Column> = fields.iter().map(Column::new).collect();
    let (mut count, mut held) = (0u64, 0usize);
    let mut flush = |columns: &mut [Column]| -> Result<()> {
        let mut group = writer.next_row_group().map_err(wrong)?;
        columns.iter_mut().try_for_each(|column| column.write(&mut group))?;
        group.close().map_err(wrong)?;
        Ok(())
    };
    rows.visit(&mut |row| {
        check(fields, row)?;
        columns.iter_mut().zip(row).for_each(|(column, part)| column.push(*part));
        (count, held) = (count + 1, held + 1);
        if held == GROUP {
            held = 0;
            flush(&mut columns)?;
        }
        Ok(())
    })?;
    if held > 0 {
        flush(&mut columns)?;
    }
    writer.close().map_err(wrong)?;
    Ok(count)
}

/// The values of a row group in one column.
struct Column {
    optional: bool,
    /// 1 where there is a value.
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Counts(Vec<i64>),
    Texts {
        /// All texts, one after the other.
        bytes: Vec<u8>,
        /// Where each ends. One that repeats the one before ends where that ends.
        spans: Vec<(usize, usize)>,
    },
}

impl Column {
    fn new(field: &Field) -> Column {
        let values =
            if field.kind == Kind::Count { Values::Counts(Vec::new()) } else { Values::Texts { bytes: Vec::new(), spans: Vec::new() } };
        Column { optional: field.optional, levels: Vec::new(), values }
    }

    fn push(&mut self, part: Part<'_>) {
        if self.optional {
            self.levels.push(i16::from(part != Part::Empty));
        }
        match (&mut self.values, part) {
            (Values::Counts(counts), Part::Count(count)) => counts.push(count.cast_signed()),
            (Values::Texts { bytes, spans }, Part::Text(text)) => match spans.last().copied() {
                Some((from, to)) if bytes.get(from..to) == Some(text.as_bytes()) => spans.push((from, to)),
                _ => {
                    let from = bytes.len();
                    bytes.extend_from_slice(text.as_bytes());
                    spans.push((from, bytes.len()));
                }
            },
            // Empty ones have a level only; others were refused before.
            _ => {}
        }
    }

    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, impl Write + Send>) -> Result<()> {
        let Some(mut column) = group.next_column().map_err(wrong)? else { return Err(Error::form("a column too many")) };
        let levels = self.optional.then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Counts(counts) => {
                column.typed::<Int64Type>().write_batch(counts, levels, None).map_err(wrong)?;
                counts.clear();
            }
            Values::Texts { bytes, spans } => {
                let whole = ByteArray::from(std::mem::take(bytes));
                let texts: Vec<ByteArray> = spans.drain(..).map(|(from, to)| whole.slice(from, to - from)).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None).map_err(wrong)?;
            }
        }
        self.levels.clear();
        column.close().map_err(wrong)
    }
}
