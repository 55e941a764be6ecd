//! Figures of a sweep's results: measured points over what theory says.
//!
//! [`Results`] are read from CSV; [`draw`] makes a [`Drawing`] of what a [`Chart`] asks for, as
//! SVG and as PNG. Figures are laid out as marks on a sheet, with the bundled font's measures;
//! the SVG is written directly, the PNG is painted by plotters' bitmap backend.
//!
//! What is deliberately absent: system fonts, legends (labels stand beside what they name), the
//! platform's mathematics (libm's is the same everywhere), files.

mod axis;
mod cdf;
mod data;
mod error;
mod font;
mod frame;
mod heat;
mod histogram;
mod labels;
mod layers;
mod lines;
mod png;
mod results;
mod samples;
mod scene;
pub(crate) mod stats;
mod svg;
mod theme;
mod units;
mod wanted;

use seedbed_scenarios::sweep::{Chart, ChartKind};
use serde::Serialize;

use crate::json::{self, SCHEMA};

pub use error::Error;
pub use results::{Cell, Results};
pub use theme::Theme;
pub use wanted::Wanted;

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
    let shown = |name: &str| chart.x == name || chart.y.as_deref() == Some(name);
    let several = |column| results.varies(column) && !shown("algorithm");
    let algorithms = || results.find("algorithm").is_some_and(several).then_some("algorithm");
    let by = chart.by.as_deref().or_else(algorithms);
    match chart.kind {
        ChartKind::Lines => lines::draw(results, chart, by, theme),
        ChartKind::Histogram => histogram::draw(results, chart, by, theme),
        ChartKind::Cdf => cdf::draw(results, chart, by, theme),
        ChartKind::Heat => heat::draw(results, chart, by, theme),
    }
}

/// Which files were written: a line each, or one object of JSON.
pub fn files(paths: &[String], as_json: bool) -> String {
    #[derive(Serialize)]
    struct Object<'a> {
        schema: u32,
        files: &'a [String],
    }
    if as_json {
        return json::text(&Object { schema: SCHEMA, files: paths }) + "\n";
    }
    paths.iter().map(|path| format!("{path}\n")).collect()
}

#[cfg(test)]
mod tests;
