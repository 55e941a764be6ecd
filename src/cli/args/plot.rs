//! What may be typed after `plot`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seedbed_reports::plot::Theme;
use seedbed_scenarios::sweep::{ChartKind, Curve};

/// What `plot --help` ends with.
pub(super) const PLOT_HELP: &str = "Examples:\n  \
    seedbed plot runs/latest                        messages per operation over the first parameter\n  \
    seedbed plot runs/mutex-complexity --x nodes --y messages_per_entry --theory\n  \
    seedbed plot runs/latest --y latency_p99_ns --log-y --out latency.png --theme dark\n  \
    seedbed plot runs/latest --kind cdf --x latency_p50_ns\n  \
    seedbed plot runs/latest --kind heat --x network.loss --y nodes --z messages_per_entry\n\n\
    Columns are those of results.csv, or of any CSV file with a line of names. Without --out the\n\
    figure is written beside the results, as SVG and as PNG. Theory is what the algorithm's row\n\
    promises (columns theory_low and theory_high), or half-log2: ½ log₂ x, Chord's expected hops.";

/// `plot`.
#[derive(Debug, Args)]
pub struct Plot {
    /// A file of results, or the folder of a sweep
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The column along the horizontal axis, or whose values are counted; without it, the first
    /// parameter that varies
    #[arg(long, value_name = "COLUMN")]
    pub x: Option<String>,
    /// The column along the vertical axis; without it, messages per operation
    #[arg(long, value_name = "COLUMN")]
    pub y: Option<String>,
    /// The column that a heat map colours; without it, messages per operation
    #[arg(long, value_name = "COLUMN")]
    pub z: Option<String>,
    /// The column that tells series apart; without it, algorithms if there are several
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Draw what theory says, too
    #[arg(long, value_name = "CURVE", num_args = 0..=1, require_equals = true, default_missing_value = "messages")]
    pub theory: Option<Theory>,
    /// What to draw
    #[arg(long, value_name = "KIND", default_value = "lines")]
    pub kind: Kind,
    /// Make the horizontal axis logarithmic
    #[arg(long)]
    pub log_x: bool,
    /// Make the vertical axis logarithmic
    #[arg(long)]
    pub log_y: bool,
    /// Write to this file, whose ending is .svg or .png
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// On what to draw
    #[arg(long, value_name = "THEME", default_value = "light")]
    pub theme: Ground,
}

/// The curves that theory gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Theory {
    /// What the algorithm's row promises
    Messages,
    /// Half the binary logarithm of x
    HalfLog2,
}

/// The kinds of figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    /// Points with intervals of confidence, joined by lines
    Lines,
    /// How often each value occurs
    Histogram,
    /// The share of values up to each
    Cdf,
    /// A colour for each pair of two parameters
    Heat,
}

/// The themes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Ground {
    /// Black on white
    Light,
    /// White on black
    Dark,
}

impl From<Theory> for Curve {
    fn from(theory: Theory) -> Curve {
        match theory {
            Theory::Messages => Curve::Messages,
            Theory::HalfLog2 => Curve::HalfLog2,
        }
    }
}

impl From<Kind> for ChartKind {
    fn from(kind: Kind) -> ChartKind {
        match kind {
            Kind::Lines => ChartKind::Lines,
            Kind::Histogram => ChartKind::Histogram,
            Kind::Cdf => ChartKind::Cdf,
            Kind::Heat => ChartKind::Heat,
        }
    }
}

impl From<Ground> for Theme {
    fn from(ground: Ground) -> Theme {
        match ground {
            Ground::Light => Theme::Light,
            Ground::Dark => Theme::Dark,
        }
    }
}
