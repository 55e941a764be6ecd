//! Figures of a sweep's results: measured points over what theory says.
//!
//! [`Results`] are read from CSV; [`draw`] makes a [`Drawing`] of what a [`Chart`] asks for, as
//! SVG and as PNG. Figures are laid out as marks on a sheet, with the bundled font's measures;
//! the SVG is written directly, the PNG is painted by plotters' bitmap backend.
//!
//! What is deliberately absent: system fonts, legends (labels stand beside what they name), the
//! platform's mathematics (libm's is the same everywhere), files.

mod axis;
mod data;
mod error;
mod font;
mod frame;
mod labels;
mod lines;
mod png;
mod results;
mod scene;
pub(crate) mod stats;
mod svg;
mod theme;
mod units;

use seedbed_scenarios::sweep::{Chart, ChartKind};

pub use error::Error;
pub use results::{Cell, Results};
pub use theme::Theme;

/// A finished figure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawing {
    /// The figure as SVG: the same bytes on every machine.
    pub svg: String,
    /// The same as PNG, with two pixels for one of the SVG.
    pub png: Vec<u8>,
}

/// Draws what a chart asks for.
///
/// If the chart does not say what tells series apart, algorithms do wherever there are several.
pub fn draw(results: &Results, chart: &Chart, theme: Theme) -> Result<Drawing, Error> {
    let scene = scene(results, chart, theme)?;
    Ok(Drawing { svg: svg::write(&scene), png: png::write(&scene) })
}

fn scene(results: &Results, chart: &Chart, theme: Theme) -> Result<scene::Scene, Error> {
    if results.is_empty() {
        return Err(Error::NoRows);
    }
    let algorithms = || {
        let varies = |column| results.varies(column) && chart.x != "algorithm";
        results.find("algorithm").is_some_and(varies).then_some("algorithm")
    };
    let by = chart.by.as_deref().or_else(algorithms);
    match chart.kind {
        ChartKind::Lines => lines::draw(results, chart, by, theme),
        ChartKind::Histogram | ChartKind::Cdf | ChartKind::Heat => {
            lines::draw(results, chart, by, theme)
        }
    }
}
