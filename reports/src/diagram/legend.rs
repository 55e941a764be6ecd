//! What colours and signs mean, as far as they occur.

use serde::Serialize;

use super::labels::{text_width, tidy};
use super::layout::SIZE;
use super::words::shortened;
use super::{Bar, Diagram, End};

/// From a sign to its text.
pub(super) const TEXT_AT: f64 = 31.0;

/// From one row to the next.
const ROW: f64 = 16.0;

/// An item of the legend.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Item {
    /// Where: left and middle.
    pub at: [f64; 2],
    /// What is drawn.
    pub sign: Sign,
    /// What it means.
    pub text: String,
}

/// What the legend explains.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// The colour of a kind of message.
    Kind(usize),
    /// The colour of a sort of bar.
    Sort {
        /// Which.
        sort: usize,
        /// Whether the node only waits for it.
        waiting: bool,
    },
    /// The cross of what does not arrive.
    Lost,
    /// A link's second copy.
    Copy,
}

/// Items in rows, from here on.
pub(super) fn legend(diagram: &Diagram, [left, top]: [f64; 2]) -> Vec<Item> {
    let right = diagram.plot[2];
    let (mut x, mut y) = (left, top + ROW);
    let place = |(sign, text): (Sign, String)| {
        let text = shortened(&text, 40);
        let width = TEXT_AT + text_width(&text, SIZE) + 14.0;
        if x > left && x + width > right {
            (x, y) = (left, y + ROW);
        }
        let at = [tidy(x), y];
        x += width;
        Item { at, sign, text }
    };
    meanings(diagram).into_iter().map(place).collect()
}

fn meanings(diagram: &Diagram) -> Vec<(Sign, String)> {
    let Diagram { arrows, bars, .. } = diagram;
    let mut all = Vec::new();
    for (kind, name) in diagram.kinds.iter().enumerate() {
        if arrows.iter().any(|arrow| arrow.kind == kind) {
            all.push((Sign::Kind(kind), name.clone()));
        }
    }
    for (sort, name) in diagram.sorts.iter().enumerate() {
        let has = |waiting| move |bar: &Bar| bar.sort == sort && bar.waiting == waiting;
        let (held, awaited) = (bars.iter().any(has(false)), bars.iter().any(has(true)));
        if held {
            all.push((Sign::Sort { sort, waiting: false }, (*name).to_owned()));
        }
        if awaited {
            let text = if held { format!("waits for {name}") } else { (*name).to_owned() };
            all.push((Sign::Sort { sort, waiting: true }, text));
        }
    }
    if arrows.iter().any(|arrow| !matches!(arrow.end, End::Delivered | End::After)) {
        all.push((Sign::Lost, "does not arrive".to_owned()));
    }
    if arrows.iter().any(|arrow| arrow.copy) {
        all.push((Sign::Copy, "second copy".to_owned()));
    }
    all
}
