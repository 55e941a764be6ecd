//! The axis of time: true to scale, or by the order of events.

use seedbed_node::Time;

use super::words::time;
use super::{Tick, labels::text_width};

/// Where times and events are along the axis.
pub(super) struct Axis {
    /// The time and the event of each column, if they stand by order.
    columns: Option<Vec<(Time, u64)>>,
    from: Time,
    to: Time,
    left: f64,
    right: f64,
}

/// Between the last event and the end of the axis.
const MARGIN: f64 = 14.0;

/// Ticks stand at least this far apart.
const TICK_GAP: f64 = 90.0;

impl Axis {
    /// To scale.
    pub fn of_time(from: Time, to: Time, left: f64, right: f64) -> Self {
        Axis { columns: None, from, to: to.max(Time(from.0 + 1)), left, right }
    }

    /// A column for each event.
    pub fn of_order(columns: Vec<(Time, u64)>, left: f64, right: f64) -> Self {
        let from = columns.first().map_or(Time::ZERO, |column| column.0);
        let to = columns.last().map_or(from, |column| column.0);
        Axis { columns: Some(columns), from, to, left, right }
    }

    /// Whether events stand at equal distances.
    pub fn by_order(&self) -> bool {
        self.columns.is_some()
    }

    /// Where an event is.
    pub fn event(&self, at: Time, event: u64) -> f64 {
        match &self.columns {
            None => self.time(at),
            Some(columns) => self.column(columns.partition_point(|column| column.1 < event)),
        }
    }

    /// Where a time is, seen from the events around it: before those that happen then.
    pub fn time(&self, at: Time) -> f64 {
        match &self.columns {
            None => {
                let share =
                    at.since(self.from).as_secs_f64() / self.to.since(self.from).as_secs_f64();
                let (left, right) = (self.left + MARGIN, self.right - MARGIN);
                if at < self.from {
                    self.left
                } else if share > 1.0 {
                    self.right
                } else {
                    left + (right - left) * share
                }
            }
            Some(columns) if at < self.from && !columns.is_empty() => self.left,
            Some(_) if at > self.to => self.right,
            Some(columns) => {
                let behind = columns.partition_point(|column| column.0 < at);
                (self.column(behind) - self.pitch() / 2.0).clamp(self.left, self.right)
            }
        }
    }

    fn pitch(&self) -> f64 {
        let count = self.columns.as_ref().map_or(0, Vec::len);
        (self.right - self.left - 2.0 * MARGIN) / (count.max(2) - 1) as f64
    }

    fn column(&self, place: usize) -> f64 {
        (self.left + MARGIN + self.pitch() * place as f64).min(self.right)
    }

    /// Lines across the axis, with room for their texts.
    pub fn ticks(&self) -> Vec<Tick> {
        match &self.columns {
            None => self.even_ticks(),
            Some(columns) => {
                let mut ticks: Vec<Tick> = Vec::new();
                let mut free = self.left;
                for (place, (at, _)) in columns.iter().enumerate() {
                    let (x, text) = (self.column(place), brief(at.0));
                    let half = text_width(&text, 10.0) / 2.0;
                    let new = place == 0 || columns[place - 1].0 != *at;
                    if new && x - half >= free - 20.0 && x + half <= self.right + 20.0 {
                        free = x + half + TICK_GAP / 2.0;
                        ticks.push(Tick { x, text });
                    }
                }
                ticks
            }
        }
    }

    /// At round times: steps of 1, 2 or 5 times a power of ten.
    fn even_ticks(&self) -> Vec<Tick> {
        let wanted = ((self.right - self.left) / TICK_GAP).max(2.0) as u64;
        let length = self.to.0 - self.from.0;
        let mut step = 1u64;
        let mut factors = [2, 5, 10].into_iter().cycle();
        let mut decade = 1u64;
        while length / step > wanted {
            let factor = factors.next().expect("it goes on for ever");
            step = decade.saturating_mul(factor);
            if factor == 10 {
                decade = step;
            }
        }
        let first = self.from.0.div_ceil(step) * step;
        let times = (0..).map(|n| first + n * step).take_while(|at| *at <= self.to.0);
        times.map(|at| Tick { x: self.time(Time(at)), text: time(at) }).collect()
    }
}

/// A time with at most six digits: between columns nobody needs more.
fn brief(at_ns: u64) -> String {
    let rounded = match at_ns {
        0..1_000_000 => at_ns,
        1_000_000..1_000_000_000 => at_ns / 1_000 * 1_000,
        _ => at_ns / 1_000_000 * 1_000_000,
    };
    time(rounded)
}
