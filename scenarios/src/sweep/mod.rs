//! Many points of a parameter space, many seeds each.

mod chart;

pub use chart::{Chart, ChartKind, Curve};
