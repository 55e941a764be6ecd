//! What was asked for, completed by what a reader of the results would ask for.

use seedbed_scenarios::sweep::{Chart, ChartKind, Curve};

use super::data;
use super::error::Error;
use super::results::Results;
use super::units::{Parameter, Unit};

/// A chart of which anything may be left open.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wanted {
    /// What is drawn.
    pub kind: ChartKind,
    /// The horizontal axis, or the column whose values are counted.
    pub x: Option<String>,
    /// The vertical axis.
    pub y: Option<String>,
    /// What a heat map colours.
    pub z: Option<String>,
    /// What tells series apart.
    pub by: Option<String>,
    /// The curve of theory.
    pub theory: Option<Curve>,
    /// Whether the horizontal axis is logarithmic.
    pub log_x: bool,
    /// Whether the vertical axis is logarithmic.
    pub log_y: bool,
}

impl Wanted {
    /// The chart: the sweep's first parameter along x, messages per operation along y.
    pub fn of(self, results: &Results) -> Result<Chart, Error> {
        if results.is_empty() {
            return Err(Error::NoRows);
        }
        let asked = [&self.x, &self.y, &self.z, &self.by];
        for name in asked.into_iter().flatten() {
            results.column(name)?;
        }
        let mut parameters = varying(results).into_iter();
        let mut parameter = |asked: Option<String>, other: Option<&String>| {
            asked.or_else(|| parameters.find(|name| Some(name) != other))
        };
        let nodes = || Error::Incomplete {
            message: "no parameter varies in these results".into(),
            help: "name a column with --x".into(),
        };
        let (x, y, z) = match self.kind {
            ChartKind::Lines => {
                let x = parameter(self.x, self.by.as_ref());
                let x =
                    x.or_else(|| known(results, "nodes")).or_else(|| known(results, "algorithm"));
                (x.ok_or_else(nodes)?, Some(self.y.map_or_else(|| figure(results), Ok)?), None)
            }
            ChartKind::Histogram | ChartKind::Cdf => {
                (self.x.or(self.y).map_or_else(|| figure(results), Ok)?, None, None)
            }
            ChartKind::Heat => {
                let x = parameter(self.x, self.y.as_ref()).ok_or_else(nodes)?;
                let y = parameter(self.y, Some(&x)).ok_or_else(|| Error::Incomplete {
                    message: format!("only {x} varies, and a heat map needs two parameters"),
                    help: "name another column with --y, or draw lines".into(),
                })?;
                (x, Some(y), Some(self.z.map_or_else(|| figure(results), Ok)?))
            }
        };
        let plain = |column: &str| Unit::of(column, 0.0).plain().to_owned();
        let name = match (self.kind, &y, &z) {
            (ChartKind::Histogram, ..) => format!("histogram of {}", plain(&x)),
            (ChartKind::Cdf, ..) => format!("distribution of {}", plain(&x)),
            (_, Some(y), Some(z)) => format!("{} by {} and {}", plain(z), plain(&x), plain(y)),
            (_, Some(y), None) => format!("{} by {}", plain(y), plain(&x)),
            (_, None, _) => plain(&x),
        };
        let Wanted { kind, by, theory, log_x, log_y, .. } = self;
        Ok(Chart { name, kind, x, y, z, by, theory, log_x, log_y })
    }
}

/// Parameters of the sweep that vary, algorithms aside, numbers before words.
fn varying(results: &Results) -> Vec<String> {
    let varies = |name: &&str| {
        *name != "algorithm" && results.find(name).is_some_and(|column| results.varies(column))
    };
    let mut names: Vec<&str> = data::axes(results).into_iter().filter(varies).collect();
    names.sort_by_key(|name| {
        let parameter = results.find(name).map(|column| Parameter::of(results, column));
        matches!(parameter, Some(Parameter::Words(..)))
    });
    names.into_iter().map(str::to_owned).collect()
}

fn known(results: &Results, name: &str) -> Option<String> {
    results.find(name).map(|_| name.to_owned())
}

/// Messages per operation, or the first figure that there is.
fn figure(results: &Results) -> Result<String, Error> {
    let messages = |name: &&str| name.starts_with("messages_per_");
    let figures = results.columns().skip_while(|name| *name != "verdict").skip(1);
    let mut figures = figures.filter(|name| !name.starts_with("theory_"));
    let found = results.columns().find(messages).or_else(|| figures.next());
    found.map(str::to_owned).ok_or_else(|| Error::Incomplete {
        message: "no column of these results is known to hold figures".into(),
        help: "name one with --y, or with --x for a histogram".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "point,seed,network.loss,algorithm,nodes,digest,verdict,\
                        messages_per_entry,latency_p99_ns,theory_low,theory_high\n";

    fn results(rows: &str) -> Results {
        Results::read("x", &format!("{HEAD}{rows}")).unwrap()
    }

    #[test]
    fn the_first_parameter_that_varies_is_x_and_messages_are_y() {
        let both = results("0,1,0,A,3,f,held,6,1,6,6\n1,1,0.1,A,5,f,held,12,1,12,12\n");
        let chart = Wanted::default().of(&both).unwrap();
        assert_eq!(
            (chart.x.as_str(), chart.y.as_deref()),
            ("network.loss", Some("messages_per_entry"))
        );
        let heat = Wanted { kind: ChartKind::Heat, ..Wanted::default() }.of(&both).unwrap();
        assert_eq!((heat.x.as_str(), heat.y.as_deref()), ("network.loss", Some("nodes")));
        assert_eq!(heat.z.as_deref(), Some("messages_per_entry"));
        let nodes = results("0,1,0,A,3,f,held,6,1,6,6\n1,1,0,A,5,f,held,12,1,12,12\n");
        assert_eq!(Wanted::default().of(&nodes).unwrap().x, "nodes");
        let cdf = Wanted { kind: ChartKind::Cdf, ..Wanted::default() }.of(&nodes).unwrap();
        assert_eq!((cdf.x.as_str(), cdf.y), ("messages_per_entry", None));
    }

    #[test]
    fn unknown_columns_and_empty_results_are_told() {
        let one = results("0,1,0,A,3,f,held,6,1,6,6\n");
        let unknown = Wanted { y: Some("mesages_per_entry".into()), ..Wanted::default() };
        assert!(matches!(unknown.of(&one), Err(Error::NoColumn { .. })));
        assert_eq!(Wanted::default().of(&results("")), Err(Error::NoRows));
        let heat = Wanted { kind: ChartKind::Heat, ..Wanted::default() };
        assert!(matches!(heat.of(&one), Err(Error::Incomplete { .. })));
    }
}
