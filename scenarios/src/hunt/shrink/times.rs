//! Rounder instants and shorter faults.

use seedbed_node::Duration;

use super::Shrinker;
use crate::hunt::draft::{
    Draft, at_mut, duration_of, field_mut, find_all, number, set_field, text, whole_of,
};
use crate::text::Node;

/// Units to which times are rounded, coarsest first, in nanoseconds.
const UNITS: [u64; 10] = [
    10_000_000_000,
    1_000_000_000,
    100_000_000,
    10_000_000,
    5_000_000,
    1_000_000,
    100_000,
    10_000,
    1_000,
    100,
];

/// Lengths of faults that read well, shortest first, in milliseconds.
const LENGTHS_MS: [u64; 15] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

/// How many requests each client makes.
pub(super) const REQUESTS: &str = "requests_per_node";

/// Into how many parts the time of one request is divided when faults are moved.
const STEPS: u64 = 16;

impl Shrinker<'_> {
    /// Rounds instants and lengths of time as coarsely as possible.
    pub(super) fn rounder_times(&mut self) {
        for place in 0..self.best.faults().len() {
            self.round_fault(place);
        }
        for section in ["network", "service", "workload", "clocks"] {
            self.round_section(section);
        }
    }

    /// Fewer requests, with all faults as much sooner as the requests before them took: what fails
    /// in the fortieth operation may fail in the first.
    pub(super) fn sooner(&mut self) {
        let counted = |node: &Node| node.field(REQUESTS).and_then(whole_of).is_some();
        let Some(workload) = self.best.get("workload") else { return };
        let Some(path) = find_all(workload, &counted).pop() else { return };
        let count = at_mut(&mut workload.clone(), &path).field(REQUESTS).and_then(whole_of);
        let (Some(first), Some(count)) = (starts(&self.best).min(), count) else { return };
        let period = first.as_nanos() / count.max(1);
        for fewer in (1..count).take(4) {
            for step in 0..STEPS * (fewer + 1) {
                let start = Duration::from_nanos(period / STEPS * step);
                let mut draft = shifted(&self.best, first.saturating_sub(start));
                if let Some(workload) = draft.get_mut("workload") {
                    set_field(at_mut(workload, &path), REQUESTS, number(fewer));
                }
                if start < first && self.attempt(draft) {
                    return;
                }
            }
        }
    }

    fn round_fault(&mut self, place: usize) {
        let Some((at, until)) = times(&self.best.faults()[place]) else { return };
        if let Some(until) = until {
            let length = until.saturating_sub(at);
            let shorter = LENGTHS_MS.iter().map(|ms| Duration::from_millis(*ms));
            for shorter in shorter.filter(|shorter| *shorter < length) {
                let draft = retimed(&self.best, place, at, Some(at + shorter));
                if self.attempt(draft) {
                    break;
                }
            }
        }
        let Some((at, until)) = times(&self.best.faults()[place]) else { return };
        let length = until.map(|until| until.saturating_sub(at));
        for rounder in rounder(at) {
            let moved = length.map(|length| rounder + length);
            // Where the end stays put if the beginning alone may move.
            let candidates = [(rounder, moved), (rounder, until)];
            let mut drafts =
                candidates.into_iter().filter(|(at, until)| until.is_none_or(|u| u > *at));
            if drafts.any(|(at, until)| self.attempt(retimed(&self.best, place, at, until))) {
                break;
            }
        }
        let Some((at, Some(until))) = times(&self.best.faults()[place]) else { return };
        for rounder in rounder(until).into_iter().filter(|rounder| *rounder > at) {
            if self.attempt(retimed(&self.best, place, at, Some(rounder))) {
                break;
            }
        }
    }

    fn round_section(&mut self, section: &str) {
        let Some(root) = self.best.get(section) else { return };
        for path in find_all(root, &|node| duration_of(node).is_some()) {
            let mut draft = self.best.clone();
            let Some(value) = draft.get_mut(section).map(|root| at_mut(root, &path)) else {
                return;
            };
            let Some(now) = duration_of(value) else { return };
            // Without any delay, nothing would keep messages from going in circles at once.
            let some = |time: &Duration| section != "network" || *time > Duration::ZERO;
            for rounder in rounder(now).into_iter().filter(some) {
                let mut draft = self.best.clone();
                if let Some(root) = draft.get_mut(section) {
                    *at_mut(root, &path) = text(rounder.to_string());
                }
                if self.attempt(draft) {
                    break;
                }
            }
        }
    }
}

/// All faults that end, longer by so much.
pub(super) fn lengthened(draft: &Draft, by: Duration) -> Draft {
    let entries = draft.faults().iter().enumerate();
    let places: Vec<_> =
        entries.filter_map(|(place, entry)| Some((place, times(entry)?))).collect();
    places.into_iter().fold(draft.clone(), |draft, (place, (at, until))| {
        retimed(&draft, place, at, until.map(|until| until + by))
    })
}

/// When each fault strikes.
pub(super) fn starts(draft: &Draft) -> impl Iterator<Item = Duration> {
    draft.faults().iter().filter_map(times).map(|(at, _)| at)
}

/// All faults earlier by so much.
pub(super) fn shifted(draft: &Draft, by: Duration) -> Draft {
    let entries = draft.faults().iter().enumerate();
    let places: Vec<_> =
        entries.filter_map(|(place, entry)| Some((place, times(entry)?))).collect();
    places.into_iter().fold(draft.clone(), |draft, (place, (at, until))| {
        let until = until.map(|until| until.saturating_sub(by));
        retimed(&draft, place, at.saturating_sub(by), until)
    })
}

fn times(entry: &Node) -> Option<(Duration, Option<Duration>)> {
    let at = entry.field("at").and_then(duration_of)?;
    Some((at, entry.field("until").and_then(duration_of)))
}

fn retimed(draft: &Draft, place: usize, at: Duration, until: Option<Duration>) -> Draft {
    let mut draft = draft.clone();
    let mut entries = draft.faults().to_vec();
    for (name, value) in [("at", Some(at)), ("until", until)] {
        if let (Some(old), Some(value)) = (field_mut(&mut entries[place], name), value) {
            *old = text(value.to_string());
        }
    }
    draft.set_faults(entries);
    draft
}

/// Multiples of ever finer units near a time, until one is the time itself; down, then up.
fn rounder(now: Duration) -> Vec<Duration> {
    let ns = now.as_nanos();
    let mut values = Vec::new();
    for unit in UNITS.into_iter().take_while(|unit| !ns.is_multiple_of(*unit)) {
        let down = ns / unit * unit;
        // Rounding a small time by a large unit says "never" or "for ever", not "about then".
        if down > 0 || ns < 100_000_000 {
            values.push(Duration::from_nanos(down));
        }
        if let Some(up) = down.checked_add(unit).filter(|_| down > 0) {
            values.push(Duration::from_nanos(up));
        }
    }
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_from_coarse_to_fine_and_ends_at_round_times() {
        let ms = Duration::from_millis;
        let all = rounder(Duration::from_micros(1_234_500));
        assert_eq!(all[..2], [ms(1_000), ms(2_000)]);
        assert!(all.contains(&ms(1_234)) && !all.contains(&Duration::from_micros(1_234_500)));
        assert_eq!(rounder(ms(10_000)), []);
    }
}
