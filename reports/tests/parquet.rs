//! Results as Parquet read back, by the format's own reader, as the rows that were written.
#![cfg(feature = "parquet")]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use bytes::Bytes;
use parquet::basic::{LogicalType, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use seedbed_reports::sweep::{cells, parquet as results, record};
use seedbed_scenarios::sweep::{Cell, ColumnKind, Sweep};
use seedbed_scenarios::{Registry, Source, load};

/// Maekawa's algorithm with five nodes has no theory, so that there are empty cells.
const SWEPT: &str = r#"Scenario(
    nodes: 5,
    algorithm: RicartAgrawala(),
    sweep: (
        axes: [
            (name: "algorithm", values: { "Ricart, Agrawala": RicartAgrawala(), "Mækawa": Maekawa() }),
            (name: "loss", sets: "network.loss", values: [0, 0.25]),
        ],
        seeds: "0..3",
    ),
)"#;

#[test]
fn what_is_read_is_what_was_written() {
    let registry = Registry::standard();
    let plan = load(&registry, &Source::new("swept.ron", SWEPT)).unwrap();
    let sweep = Sweep::of(&registry, &plan).unwrap();
    let mut rows = Vec::new();
    let todo: Vec<u64> = (0..sweep.runs()).collect();
    sweep.run(&todo, NonZeroUsize::MIN, &|| false, |row| {
        // By way of the line that the journal has of it.
        rows.push(cells(sweep.columns(), &record(&row.cells)).unwrap());
        assert_eq!(rows.last(), Some(&row.cells));
        ControlFlow::Continue(())
    });
    let mut file = Vec::new();
    results::write(sweep.columns(), &rows, &mut file).unwrap();

    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr().clone();
    assert_eq!(schema.num_columns(), sweep.columns().len());
    for (read, written) in schema.columns().iter().zip(sweep.columns()) {
        assert_eq!(read.name(), written.name);
        let (physical, logical) = match written.kind {
            ColumnKind::Whole => (Physical::INT64, Some(LogicalType::integer(64, false))),
            ColumnKind::Real => (Physical::DOUBLE, None),
            ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        assert_eq!(read.physical_type(), physical, "{}", written.name);
        assert_eq!(read.logical_type_ref(), logical.as_ref(), "{}", written.name);
    }
    let read: Vec<Vec<Cell>> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().get_column_iter().map(|(_, field)| cell(field)).collect())
        .collect();
    assert_eq!(read.len(), 12);
    assert_eq!(read, rows);
    let empty = rows.iter().flatten().filter(|cell| **cell == Cell::Empty).count();
    assert!(empty > 0, "nothing is said of theory for Maekawa with five nodes");
}

fn cell(field: &Field) -> Cell {
    match field {
        Field::Null => Cell::Empty,
        Field::ULong(whole) => Cell::Whole(*whole),
        Field::Double(real) => Cell::Real(*real),
        Field::Str(text) => Cell::Text(text.clone()),
        other => panic!("unexpected: {other:?}"),
    }
}
