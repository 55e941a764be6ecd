//! Results of a sweep as a table: one row a run, cells numbers or text.

use seedbed_scenarios::nearest;

use super::error::Error;

/// What is larger is not drawn: ratios of what is drawn stay within the range of a double.
const MAGNITUDE_MAX: f64 = 1e100;

/// What is smaller is zero, for the same reason.
const MAGNITUDE_MIN: f64 = 1e-100;

/// Columns and rows, as `results.csv` has them.
#[derive(Clone, PartialEq, Debug)]
pub struct Results {
    /// Whose they are, for captions: the scenario's name.
    pub name: String,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, PartialEq, Debug)]
struct Row {
    /// Where it stands in the text, from 1.
    line: u64,
    cells: Vec<Cell>,
}

/// What stands in a column of a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing: this run has no such figure.
    Empty,
    /// A number, which may be infinite or none at all.
    Number(f64),
    /// Anything else.
    Text(String),
}

impl Cell {
    fn read(text: &str) -> Self {
        let text = text.trim();
        match text.parse() {
            _ if text.is_empty() => Cell::Empty,
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::Text(text.to_owned()),
        }
    }
}

impl Results {
    /// Reads CSV with a line of column names. Of columns with one name, the first counts.
    pub fn read(name: &str, csv: &str) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|column| column.trim().to_owned()).collect(),
            Err(error) => return Err(unreadable(&error)),
        };
        if columns.iter().all(String::is_empty) {
            return Err(Error::Table { line: 1, message: "no columns are named here".into() });
        }
        let row = |record: Result<csv::StringRecord, csv::Error>| {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            Ok(Row { line, cells: record.iter().map(Cell::read).collect() })
        };
        let rows = reader.records().map(row).collect::<Result<_, Error>>()?;
        Ok(Results { name: name.to_owned(), columns, rows })
    }

    /// The columns' names, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where a column stands.
    pub(super) fn column(&self, name: &str) -> Result<usize, Error> {
        self.find(name).ok_or_else(|| {
            let help = match nearest(name, self.columns()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the columns are {}", self.columns.join(", ")),
            };
            Error::NoColumn { name: name.to_owned(), help }
        })
    }

    /// The same, for a column that may be absent.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The cell of a row.
    pub(super) fn cell(&self, row: usize, column: usize) -> &Cell {
        &self.rows[row].cells[column]
    }

    /// A cell as it reads: what tells runs apart.
    pub(super) fn text(&self, row: usize, column: usize) -> String {
        match self.cell(row, column) {
            Cell::Empty => "(none)".into(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
        }
    }

    /// The number in a cell; none if it is empty or cannot be drawn.
    pub(super) fn number(&self, row: usize, column: usize) -> Result<Option<f64>, Error> {
        match self.cell(row, column) {
            Cell::Empty => Ok(None),
            Cell::Number(number) => Ok(drawable(*number)),
            Cell::Text(text) => Err(Error::NotANumber {
                line: self.rows[row].line,
                column: self.columns[column].clone(),
                text: text.clone(),
            }),
        }
    }

    /// Whether a column's cells are not all the same.
    pub(super) fn varies(&self, column: usize) -> bool {
        (1..self.len()).any(|row| self.text(row, column) != self.text(0, column))
    }
}

/// The number, if an axis can hold it.
pub(super) fn drawable(number: f64) -> Option<f64> {
    let size = number.abs();
    let kept = if size < MAGNITUDE_MIN { 0.0 } else { number };
    (size <= MAGNITUDE_MAX).then_some(kept)
}

fn unreadable(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let cells = if *len == 1 { "cell" } else { "cells" };
            format!("{len} {cells}, where the first line names {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "this is not text in UTF-8".into(),
        _ => error.to_string(),
    };
    Error::Table { line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_or_text() {
        let results = Results::read("x", "a,b\n1,two\n,NaN\n1e3,-inf\n").unwrap();
        assert_eq!(results.columns().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(results.cell(0, 0), &Cell::Number(1.0));
        assert_eq!(results.cell(0, 1), &Cell::Text("two".into()));
        assert_eq!(results.cell(1, 0), &Cell::Empty);
        assert_eq!(results.number(1, 1), Ok(None));
        assert_eq!(results.number(2, 0), Ok(Some(1000.0)));
        assert_eq!(results.number(2, 1), Ok(None));
    }

    #[test]
    fn errors_name_line_and_column() {
        let results = Results::read("x", "a,b\n1,2\n3,four\n").unwrap();
        let error = results.number(1, 1).unwrap_err();
        assert_eq!(error.to_string(), "line 3, column `b`: `four` is not a number");
        let ragged = Results::read("x", "a,b\n1,2\n3\n").unwrap_err();
        assert_eq!(ragged.to_string(), "line 3: 1 cell, where the first line names 2 columns");
        assert!(Results::read("x", "").is_err());
    }

    #[test]
    fn an_unknown_column_has_a_nearest_name() {
        let results = Results::read("x", "nodes,messages_per_entry\n1,2\n").unwrap();
        let error = results.column("message_per_entry").unwrap_err();
        assert_eq!(error.help().as_deref(), Some("did you mean `messages_per_entry`?"));
        let error = results.column("zzzzz").unwrap_err();
        assert_eq!(error.help().as_deref(), Some("the columns are nodes, messages_per_entry"));
    }
}
