//! From rows to series: which runs belong together, and what theory says of them.

use std::collections::BTreeMap;

use super::error::Error;
use super::results::Results;
use super::units::{Parameter, Unit, words};

/// More series than this cannot be told apart by colour and shape.
pub(super) const SERIES_MAX: usize = 32;

/// Runs that differ in one parameter only.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Series {
    /// The value of the column that tells series apart.
    pub name: String,
    /// In the order of x.
    pub groups: Vec<Group>,
}

/// Runs of one series at one value of x.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Group {
    /// In units of the axis.
    pub x: f64,
    /// What was measured, in units of the axis.
    pub runs: Vec<Run>,
    /// What theory allows, from and to.
    pub theory: Option<(f64, f64)>,
}

/// One run's figure.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Run {
    /// The figure, in units of the axis.
    pub value: f64,
    /// What tells it from the others: its seed.
    pub seed: String,
}

/// The rows that belong to each value of a column, in the order of their first appearance; all
/// rows under no name if there is no column.
pub(super) fn split(
    results: &Results,
    by: Option<usize>,
) -> Result<Vec<(String, Vec<usize>)>, Error> {
    let Some(column) = by else {
        return Ok(vec![(String::new(), (0..results.len()).collect())]);
    };
    // A word speaks for itself, a number does not.
    let words_only = matches!(Parameter::of(results, column), Parameter::Words(..));
    let named = results.columns().nth(column).filter(|_| !words_only);
    let prefix = named.map_or_else(String::new, |name| words(name) + " ");
    let mut places = BTreeMap::new();
    let mut parts: Vec<(String, Vec<usize>)> = Vec::new();
    for row in 0..results.len() {
        let name = format!("{prefix}{}", results.text(row, column));
        let place = *places.entry(name.clone()).or_insert_with(|| {
            parts.push((name, Vec::new()));
            parts.len() - 1
        });
        parts[place].1.push(row);
    }
    if parts.len() > SERIES_MAX {
        return Err(Error::TooMany { what: "series".into(), count: parts.len(), most: SERIES_MAX });
    }
    // Numbers in their order, as `2` before `10`; words as they come.
    if let Parameter::Numbers(_) | Parameter::Durations(_) = Parameter::of(results, column) {
        let order = numeric(results, column);
        parts.sort_by(|a, b| order[a.1[0]].total_cmp(&order[b.1[0]]));
    }
    Ok(parts)
}

fn numeric(results: &Results, column: usize) -> Vec<f64> {
    match Parameter::of(results, column) {
        Parameter::Numbers(numbers) | Parameter::Durations(numbers) => {
            numbers.into_iter().map(|x| x.unwrap_or(f64::NEG_INFINITY)).collect()
        }
        Parameter::Words(_, which) => which.into_iter().map(|x| x as f64).collect(),
    }
}

/// A column as positions along an axis.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Positions {
    /// Of every row, in units of the axis.
    pub values: Vec<Option<f64>>,
    /// What the axis says.
    pub unit: Unit,
    /// The words that stand at 0, 1, 2…; none if the column holds numbers.
    pub words: Option<Vec<String>>,
}

impl Positions {
    /// The positions of a parameter.
    pub(super) fn of(results: &Results, name: &str) -> Result<Self, Error> {
        let column = results.column(name)?;
        let (numbers, unit) = match Parameter::of(results, column) {
            Parameter::Numbers(numbers) => {
                let unit = Unit::of(name, largest(&numbers));
                (numbers, unit)
            }
            Parameter::Durations(numbers) => {
                let unit = Unit::of_durations(name, largest(&numbers));
                (numbers, unit)
            }
            Parameter::Words(words, which) => {
                let values = which.into_iter().map(|x| Some(x as f64)).collect();
                let unit = Unit { title: super::units::words(name), scale: 1.0 };
                return Ok(Positions { values, unit, words: Some(words) });
            }
        };
        let values = numbers.into_iter().map(|x| x.map(|x| x / unit.scale)).collect();
        Ok(Positions { values, unit, words: None })
    }
}

/// A column of figures, all of which have to be numbers.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Figures {
    /// Of every row, in units of the axis.
    pub values: Vec<Option<f64>>,
    /// What the axis says.
    pub unit: Unit,
}

impl Figures {
    /// The figures in a column.
    pub(super) fn of(results: &Results, name: &str) -> Result<Self, Error> {
        let column = results.column(name)?;
        let numbers = (0..results.len()).map(|row| results.number(row, column));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let unit = Unit::of(name, largest(&numbers));
        let values = numbers.into_iter().map(|x| x.map(|x| x / unit.scale)).collect();
        Ok(Figures { values, unit })
    }

    /// Figures that share their axis, and so its scale, with others.
    pub(super) fn of_scaled(
        results: &Results,
        name: &str,
        scale: f64,
    ) -> Result<Vec<Option<f64>>, Error> {
        let column = results.column(name)?;
        let number = |row| Ok(results.number(row, column)?.map(|x| x / scale));
        (0..results.len()).map(number).collect()
    }
}

fn largest(numbers: &[Option<f64>]) -> f64 {
    numbers.iter().flatten().map(|x| x.abs()).fold(0.0, f64::max)
}

/// Where the runs are from: the scenario's name and the seeds.
pub(super) fn origin(results: &Results) -> Vec<String> {
    let name = Some(results.name.clone()).filter(|name| !name.is_empty());
    let words: Vec<String> = name.into_iter().chain(seeds(results)).collect();
    if words.is_empty() { Vec::new() } else { vec![words.join(", ")] }
}

fn seeds(results: &Results) -> Option<String> {
    let column = results.find("seed")?;
    let seed = |row| results.text(row, column).parse::<u64>().ok();
    let mut seeds = (0..results.len()).map(seed).collect::<Option<Vec<_>>>()?;
    seeds.sort_unstable();
    seeds.dedup();
    let (first, last) = (seeds.first()?, seeds.last()?);
    Some(match seeds.len() {
        1 => format!("seed {first}"),
        n if last - first == n as u64 - 1 => format!("seeds {first} to {last}"),
        n => format!("{n} seeds"),
    })
}

/// Parameters of the sweep that vary where those shown do not, in words.
pub(super) fn hidden_words(results: &Results, shown: &[&str]) -> Option<String> {
    let fixed: Vec<usize> = shown.iter().filter_map(|name| results.find(name)).collect();
    let key =
        |row: usize| fixed.iter().map(|column| results.text(row, *column)).collect::<Vec<_>>();
    let keys: Vec<_> = (0..results.len()).map(key).collect();
    let varies = |name: &&str| {
        let Some(column) = results.find(name) else { return false };
        let mut seen = BTreeMap::new();
        keys.iter().enumerate().any(|(row, key)| {
            let value = results.text(row, column);
            *seen.entry(key).or_insert_with(|| value.clone()) != value
        })
    };
    let hidden: Vec<&str> = axes(results).into_iter().filter(varies).collect();
    (!hidden.is_empty()).then(|| format!("over all values of {}", hidden.join(", ")))
}

/// How many runs have no place in the figure, in words.
pub(super) fn left_out_words(count: usize, of: usize) -> Option<String> {
    (count > 0).then(|| format!("{count} of {of} runs have no such figure"))
}

/// The columns of a sweep's parameters: those between `seed` and `algorithm`, with `nodes` and
/// `algorithm` themselves.
pub(super) fn axes(results: &Results) -> Vec<&str> {
    let columns: Vec<&str> = results.columns().collect();
    let at = |name: &str| columns.iter().position(|column| *column == name);
    let (Some(seed), Some(algorithm)) = (at("seed"), at("algorithm")) else {
        return Vec::new();
    };
    let between = columns.get(seed + 1..algorithm).unwrap_or_default();
    let mut axes = between.to_vec();
    // Where nodes are an axis they already are among them.
    let known = |name: &&str| columns.contains(name) && !between.contains(name);
    axes.extend(["nodes", "algorithm"].iter().filter(|name| known(name)));
    axes
}
