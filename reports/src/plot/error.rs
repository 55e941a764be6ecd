//! Why there is no figure.

use std::fmt;

/// What is wrong with results, or with what is asked of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// The text is not a table.
    Table {
        /// The line in it, from 1.
        line: u64,
        /// What is wrong there.
        message: String,
    },
    /// No column is called so.
    NoColumn {
        /// What was asked for.
        name: String,
        /// The nearest name, or all of them.
        help: String,
    },
    /// A cell that has to be a number is not.
    NotANumber {
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What it says.
        text: String,
    },
    /// There are columns and no rows.
    NoRows,
    /// There are rows, and nothing in them can be drawn.
    Nothing {
        /// Why.
        why: String,
    },
    /// This kind of figure needs something that the chart does not have.
    Incomplete {
        /// What.
        message: String,
        /// How to give it.
        help: String,
    },
    /// More than can be told apart.
    TooMany {
        /// Of what.
        what: String,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}

impl Error {
    /// What to do about it, if that can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::NoColumn { help, .. } | Error::Incomplete { help, .. } => Some(help.clone()),
            Error::TooMany { .. } => Some("choose another column, or fewer values".into()),
            Error::NotANumber { .. } => Some("choose a column of numbers".into()),
            Error::Table { .. } | Error::NoRows | Error::Nothing { .. } => None,
        }
    }

    /// The line that it is about, from 1.
    pub fn line(&self) -> Option<u64> {
        match self {
            Error::Table { line, .. } | Error::NotANumber { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// Whether there is no data, rather than a mistake in what was asked.
    pub fn is_empty(&self) -> bool {
        matches!(self, Error::NoRows | Error::Nothing { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Table { line, message } => write!(f, "line {line}: {message}"),
            Error::NoColumn { name, .. } => write!(f, "no column is called `{name}`"),
            Error::NotANumber { line, column, text } => {
                write!(f, "line {line}, column `{column}`: `{text}` is not a number")
            }
            Error::NoRows => f.write_str("the results hold no runs"),
            Error::Nothing { why } => write!(f, "there is nothing to draw: {why}"),
            Error::Incomplete { message, .. } => f.write_str(message),
            Error::TooMany { what, count, most } => {
                write!(f, "{count} {what} are more than the {most} that a figure can tell apart")
            }
        }
    }
}

impl std::error::Error for Error {}
