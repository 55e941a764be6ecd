//! The figures of a sweep: each chart of its scenario, in light and dark.

use std::path::PathBuf;

use seedbed_reports::plot::{Results, Theme, draw};
use seedbed_reports::sweep::csv;
use seedbed_scenarios::sweep::Sweep;

use super::folder::{Folder, Records, Trouble};
use crate::cli::screen::Screen;

/// Draws all charts; gives what was written. A chart that cannot be drawn is told, and left out.
pub fn draw_all(
    sweep: &Sweep,
    folder: &Folder,
    records: &Records,
    screen: &Screen,
) -> Result<Vec<PathBuf>, Trouble> {
    let text = csv(sweep.columns(), records.values().map(String::as_str));
    let results = Results::read(&sweep.name, &text).map_err(|why| Trouble::new(why.to_string()))?;
    let mut written = Vec::new();
    for chart in sweep.charts() {
        let name = &chart.name;
        let themes = [Theme::Light, Theme::Dark].map(|theme| draw(&results, chart, theme));
        match themes {
            [Ok(light), Ok(dark)] => written.extend([
                folder.write(&format!("{name}.svg"), light.svg.as_bytes())?,
                folder.write(&format!("{name}-dark.svg"), dark.svg.as_bytes())?,
                folder.write(&format!("{name}.png"), &light.png)?,
            ]),
            [Err(why), _] | [_, Err(why)] => screen.warn(&format!("no figure {name}: {why}")),
        }
    }
    Ok(written)
}
