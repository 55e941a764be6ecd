//! The results as a Parquet file: the columns of `results.csv` with their types, uncompressed.
//!
//! Whole numbers are unsigned 64-bit integers, numbers are doubles, texts are UTF-8 strings; all are
//! optional, and what a row says nothing of is null.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use seedbed_scenarios::sweep::{Cell, Column, ColumnKind};

/// So many rows are written as one group.
const GROUP: usize = 1 << 16;

/// Writes rows, each with a cell for every column.
///
/// # Errors
/// If `to` cannot be written.
pub fn write<W: Write + Send>(
    columns: &[Column],
    rows: &[Vec<Cell>],
    to: W,
) -> std::result::Result<(), String> {
    fill(columns, rows, to).map_err(|why| why.to_string())
}

fn fill<W: Write + Send>(columns: &[Column], rows: &[Vec<Cell>], to: W) -> Result<()> {
    let properties = WriterProperties::builder().set_created_by(created_by()).build();
    let mut file = SerializedFileWriter::new(to, Arc::new(schema(columns)?), Arc::new(properties))?;
    for rows in rows.chunks(GROUP) {
        let mut group = file.next_row_group()?;
        for (at, column) in columns.iter().enumerate() {
            let cells = rows.iter().map(|row| &row[at]);
            match column.kind {
                ColumnKind::Whole => write_column::<Int64Type, W>(&mut group, cells, whole)?,
                ColumnKind::Real => write_column::<DoubleType, W>(&mut group, cells, real)?,
                ColumnKind::Text => write_column::<ByteArrayType, W>(&mut group, cells, text)?,
            }
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

fn created_by() -> String {
    format!("seedbed version {}", env!("CARGO_PKG_VERSION"))
}

fn schema(columns: &[Column]) -> Result<Type> {
    let field = |column: &Column| {
        let (physical, logical) = match column.kind {
            ColumnKind::Whole => (Physical::INT64, Some(LogicalType::integer(64, false))),
            ColumnKind::Real => (Physical::DOUBLE, None),
            ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<_>>()?;
    Type::group_type_builder("results").with_fields(fields).build()
}

fn write_column<'a, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'a Cell>,
    value: fn(&Cell) -> Option<T::T>,
) -> Result<()> {
    let (mut values, mut there) = (Vec::new(), Vec::new());
    for cell in cells {
        let value = value(cell);
        there.push(i16::from(value.is_some()));
        values.extend(value);
    }
    let mut column = group.next_column()?.expect("as many columns as in the schema");
    column.typed::<T>().write_batch(&values, Some(&there), None)?;
    column.close()
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        // The schema says that these bits are unsigned.
        Cell::Whole(whole) => Some(whole.cast_signed()),
        Cell::Empty | Cell::Real(_) | Cell::Text(_) => None,
    }
}

fn real(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Real(real) => Some(*real),
        Cell::Empty | Cell::Whole(_) | Cell::Text(_) => None,
    }
}

fn text(cell: &Cell) -> Option<ByteArray> {
    match cell {
        Cell::Text(text) => Some(ByteArray::from(text.as_str())),
        Cell::Empty | Cell::Whole(_) | Cell::Real(_) => None,
    }
}
