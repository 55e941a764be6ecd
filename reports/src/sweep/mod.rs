//! The results of a sweep: rows as CSV and as Parquet, the journal and the manifest that let a sweep be
//! taken up again, and a summary for people and programs.
//!
//! A row exists in one form only, the line that `results.csv` has of it; the journal keeps these lines.

pub mod journal;
pub mod manifest;
#[cfg(feature = "parquet")]
pub mod parquet;
mod summary;

pub use summary::{Summary, json, table};

use seedbed_scenarios::sweep::{Cell, Column, ColumnKind};

/// The header of `results.csv`, with its line break.
pub fn header(columns: &[Column]) -> String {
    line(columns.iter().map(|column| column.name.as_str())) + "\n"
}

/// A row as `results.csv` has it, without a line break.
pub fn record(cells: &[Cell]) -> String {
    let field = |cell: &Cell| match cell {
        Cell::Empty => String::new(),
        Cell::Whole(whole) => whole.to_string(),
        // The shortest digits that read back as the same number.
        Cell::Real(real) => real.to_string(),
        Cell::Text(text) => text.clone(),
    };
    line(cells.iter().map(field))
}

/// `results.csv`: every record, in order of points and seeds.
pub fn csv<'a>(columns: &[Column], records: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = header(columns);
    for record in records {
        text.push_str(record);
        text.push('\n');
    }
    text
}

/// The cells of a record.
///
/// # Errors
/// If it does not have these columns.
pub fn cells(columns: &[Column], record: &str) -> Result<Vec<Cell>, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(record.as_bytes());
    let fields = reader.records().next().ok_or("a row without columns")?;
    let fields = fields.map_err(|why| why.to_string())?;
    if fields.len() != columns.len() {
        return Err(format!("{} columns instead of {}", fields.len(), columns.len()));
    }
    let cell = |(column, field): (&Column, &str)| {
        let bad = || format!("{field:?} in the column {}", column.name);
        Ok(match column.kind {
            ColumnKind::Text => Cell::Text(field.to_owned()),
            _ if field.is_empty() => Cell::Empty,
            ColumnKind::Whole => Cell::Whole(field.parse().map_err(|_| bad())?),
            ColumnKind::Real => Cell::Real(field.parse().map_err(|_| bad())?),
        })
    };
    columns.iter().zip(fields.iter()).map(cell).collect()
}

/// The point and the seed of a record, which it begins with.
pub fn point_and_seed(record: &str) -> Option<(u64, u64)> {
    let mut fields = record.split(',');
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn line<T: AsRef<[u8]>>(fields: impl IntoIterator<Item = T>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields).expect("memory takes everything");
    let bytes = writer.into_inner().expect("memory takes everything");
    let mut text = String::from_utf8(bytes).expect("texts went in");
    text.truncate(text.trim_end_matches('\n').len());
    assert!(!text.contains('\n'), "a row is one line");
    text
}
