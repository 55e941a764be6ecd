//! Figures that a sweep leaves behind, as its scenario asks for them.

use schemars::JsonSchema;
use serde::Deserialize;

/// One figure of a sweep's results. Columns are those of `results.csv`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// What its files are called, without an ending.
    pub name: String,
    /// What is drawn.
    #[serde(default)]
    pub kind: ChartKind,
    /// The column along the horizontal axis; of a histogram or a CDF, the one whose values are counted.
    pub x: String,
    /// The column along the vertical axis; of a heat map, the second parameter. None for
    /// histograms and CDFs.
    #[serde(default)]
    pub y: Option<String>,
    /// The column that a heat map colours.
    #[serde(default)]
    pub z: Option<String>,
    /// The column that tells lines apart, such as `algorithm`.
    #[serde(default)]
    pub by: Option<String>,
    /// The curve that theory gives.
    #[serde(default)]
    pub theory: Option<Curve>,
    /// Whether the horizontal axis is logarithmic.
    #[serde(default)]
    pub log_x: bool,
    /// Whether the vertical axis is logarithmic.
    #[serde(default)]
    pub log_y: bool,
}

impl Chart {
    /// Whether the columns along the axes must hold numbers: `x`, and `y`. A heat map may have words.
    pub(super) fn needs_numbers(&self) -> (bool, bool) {
        let words = self.kind == ChartKind::Heat;
        (!words, !words)
    }
}

/// What a figure is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
pub enum ChartKind {
    /// Points with intervals of confidence, joined by lines.
    #[default]
    Lines,
    /// How often each value occurs.
    Histogram,
    /// The share of values up to each.
    Cdf,
    /// A colour for each pair of two parameters.
    Heat,
}

/// A curve that theory gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
pub enum Curve {
    /// Messages per operation as the algorithm's row says: columns `theory_low` and `theory_high`.
    Messages,
    /// Half the binary logarithm of x: Chord's expected hops (Stoica et al., SIGCOMM 2001).
    HalfLog2,
}
