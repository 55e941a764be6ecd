//! From a column's name to an axis's title: words, and a unit in which numbers read well.

use std::collections::BTreeMap;
use std::str::FromStr;

use seedbed_node::Duration;

use super::results::{Cell, Results, drawable};

/// What an axis says, and by what its numbers are divided.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Unit {
    /// Words, with the unit in brackets if there is one.
    pub title: String,
    /// How many of the column's own units are one of the axis's.
    pub scale: f64,
}

/// How many nanoseconds each unit of time is, from large to small.
const TIMES: [(&str, f64); 4] = [("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0)];

/// The same for bytes.
const BYTES: [(&str, f64); 4] = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("bytes", 1.0)];

/// Endings of columns that summarise samples; a unit stands before them.
const SUMMARIES: [&str; 6] = ["_mean", "_p50", "_p95", "_p99", "_max", "_min"];

/// Columns of every sweep that hold nanoseconds without saying so.
const NANOSECONDS: [&str; 3] = ["latency", "virtual_time", "wall_lead"];

impl Unit {
    /// For a column of numbers of which `largest` is the largest without its sign.
    pub(super) fn of(column: &str, largest: f64) -> Self {
        let summary =
            SUMMARIES.into_iter().find(|ending| column.ends_with(ending)).unwrap_or_default();
        let stem = &column[..column.len() - summary.len()];
        if NANOSECONDS.contains(&stem) {
            return Unit::scaled(column, largest, 1.0, &TIMES);
        }
        for (suffix, to_base, units) in
            [("_ns", 1.0, TIMES), ("_us", 1e3, TIMES), ("_ms", 1e6, TIMES), ("_bytes", 1.0, BYTES)]
        {
            if let Some(stem) = stem.strip_suffix(suffix) {
                return Unit::scaled(&format!("{stem}{summary}"), largest, to_base, &units);
            }
        }
        // The longer ending first.
        for (suffix, unit) in
            [("_ppm", "ppm"), ("_ppb", "ppb"), ("_percent", "%"), ("_per_s", "per s"), ("_s", "s")]
        {
            if let Some(stem) = stem.strip_suffix(suffix) {
                return Unit {
                    title: format!("{} ({unit})", words(&format!("{stem}{summary}"))),
                    scale: 1.0,
                };
            }
        }
        Unit { title: words(column), scale: 1.0 }
    }

    /// For a column of durations in nanoseconds, written as `12ms`.
    pub(super) fn of_durations(column: &str, largest: f64) -> Self {
        Unit::scaled(column, largest, 1.0, &TIMES)
    }

    fn scaled(stem: &str, largest: f64, to_base: f64, units: &[(&str, f64)]) -> Self {
        let fitting = units.iter().find(|(_, size)| largest * to_base >= *size);
        let (unit, size) = fitting.or(units.last()).expect("units are listed");
        Unit { title: format!("{} ({unit})", words(stem)), scale: size / to_base }
    }

    /// Whether its numbers are times, sizes or shares, and no counts.
    pub(super) fn has_symbol(&self) -> bool {
        self.title.ends_with(')')
    }

    /// The title without its unit, for sentences.
    pub(super) fn plain(&self) -> &str {
        self.title.split(" (").next().unwrap_or_default()
    }
}

/// A column's name as words.
pub(super) fn words(column: &str) -> String {
    column.replace(['_', '-'], " ").trim().to_owned()
}

/// The same, to open a line with.
pub(super) fn sentence(column: &str) -> String {
    let words = words(column);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A column's cells as numbers, if all of them are: durations count as nanoseconds.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Parameter {
    /// Numbers; none where a cell is empty or cannot be drawn.
    Numbers(Vec<Option<f64>>),
    /// Durations in nanoseconds.
    Durations(Vec<Option<f64>>),
    /// Words, in the order of their first appearance, and which of them each row has.
    Words(Vec<String>, Vec<usize>),
}

impl Parameter {
    /// What the column holds.
    pub(super) fn of(results: &Results, column: usize) -> Self {
        let cells = || (0..results.len()).map(|row| results.cell(row, column));
        if cells().all(|cell| !matches!(cell, Cell::Text(_))) {
            let number = |cell: &Cell| match cell {
                Cell::Number(number) => drawable(*number),
                _ => None,
            };
            return Parameter::Numbers(cells().map(number).collect());
        }
        if let Some(durations) = cells().map(duration).collect() {
            return Parameter::Durations(durations);
        }
        let mut words: Vec<String> = Vec::new();
        let mut places = BTreeMap::new();
        let which = (0..results.len()).map(|row| {
            let word = results.text(row, column);
            *places.entry(word).or_insert_with_key(|word| {
                words.push(word.clone());
                words.len() - 1
            })
        });
        let which = which.collect();
        Parameter::Words(words, which)
    }
}

/// A cell as a duration: `Some(None)` is an empty one.
fn duration(cell: &Cell) -> Option<Option<f64>> {
    match cell {
        Cell::Empty => Some(None),
        Cell::Number(_) => None,
        Cell::Text(text) => {
            Duration::from_str(text).ok().map(|duration| Some(duration.as_nanos() as f64))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_scaled_to_what_reads_well() {
        let unit = Unit::of("latency_p99_ns", 25e6);
        assert_eq!((unit.title.as_str(), unit.scale), ("latency p99 (ms)", 1e6));
        assert_eq!(Unit::of("latency_ns", 3e9).title, "latency (s)");
        assert_eq!(Unit::of("sync_delay_ns_mean", 3e6).title, "sync delay mean (ms)");
        assert_eq!(Unit::of("latency_p99", 3e6).title, "latency p99 (ms)");
        assert_eq!(Unit::of("path_length_mean", 3e6).title, "path length mean");
        assert_eq!(Unit::of("latency_ns", 0.0).title, "latency (ns)");
        assert_eq!(Unit::of("delay_ms", 2500.0), Unit { title: "delay (s)".into(), scale: 1e3 });
        assert_eq!(Unit::of("sent_bytes", 2.5e4).title, "sent (kB)");
        assert_eq!(Unit::of("drift_ppm", 2.5e4).title, "drift (ppm)");
        assert_eq!(Unit::of("updates_per_s", 2.5e4).title, "updates (per s)");
        assert_eq!(Unit::of("messages_per_entry", 1.0).title, "messages per entry");
        assert_eq!(sentence("mutex-complexity"), "Mutex complexity");
    }

    #[test]
    fn durations_are_numbers_and_words_are_not() {
        let results = Results::read("x", "delay,who,n\n1ms,ada,1\n2s,bob,\n,ada,3\n").unwrap();
        let of = |column| Parameter::of(&results, column);
        assert_eq!(of(0), Parameter::Durations(vec![Some(1e6), Some(2e9), None]));
        assert_eq!(of(1), Parameter::Words(vec!["ada".into(), "bob".into()], vec![0, 1, 0]));
        assert_eq!(of(2), Parameter::Numbers(vec![Some(1.0), None, Some(3.0)]));
    }
}
