//! What the runs of a hunt have reached, and what they never did.
//!
//! A sink counts while a run goes on. It formats nothing but the first word of a timer or event.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};

use seedbed_core::fault::Fault;
use seedbed_core::trace::{DropReason, Flight, Occurrence, Record, Sink};
use seedbed_node::NodeId;

use super::hazard::Hazard;

/// How often each thing was reached, over all runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// By kind of message.
    pub messages: BTreeMap<String, Fates>,
    /// Events by kind: what nodes told their clients.
    pub events: BTreeMap<String, u64>,
    /// Timers that fired, by kind.
    pub timers: BTreeMap<String, u64>,
    /// Faults that struck, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Rare paths of the algorithm that were taken; 0 for those that never were.
    pub probes: BTreeMap<String, u64>,
    /// Runs in which a kind of trouble was switched on, and how many of them failed.
    pub mixes: BTreeMap<Hazard, (u64, u64)>,
    /// When something was reached for the first time: after this many runs, so many things.
    pub growth: Vec<(u64, u64)>,
}

/// What became of the messages of a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fates {
    /// Sent.
    pub sent: u64,
    /// Handled by their destination.
    pub delivered: u64,
    /// Lost, corrupted, cut, or dropped by a full queue.
    pub lost: u64,
    /// Made twice.
    pub duplicated: u64,
    /// Arrived at a node that was down.
    pub to_dead: u64,
}

impl Fates {
    fn each(self) -> [u64; 5] {
        [self.sent, self.delivered, self.lost, self.duplicated, self.to_dead]
    }

    fn add(&mut self, other: Fates) {
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.to_dead += other.to_dead;
    }
}

impl Coverage {
    /// Nothing reached yet of what there is.
    pub(crate) fn of(kinds: &[&'static str], probes: &[&'static str]) -> Self {
        let mut coverage = Coverage::default();
        // Clients' requests are no messages.
        let kinds = kinds.iter().filter(|kind| **kind != "Request" || count(kinds, kind) > 1);
        coverage.messages.extend(kinds.map(|kind| ((*kind).to_owned(), Fates::default())));
        coverage.probes.extend(probes.iter().map(|probe| ((*probe).to_owned(), 0)));
        coverage
    }

    /// How many different things were reached: a message kind's fate, an event, a timer, a kind of
    /// fault, a rare path.
    pub fn reached(&self) -> u64 {
        let fates = self.messages.values().flat_map(|fates| fates.each());
        let rest = [&self.events, &self.timers, &self.faults, &self.probes];
        let rest = rest.into_iter().flat_map(|counts| counts.values().copied());
        fates.chain(rest).filter(|count| *count > 0).count() as u64
    }

    /// What there is and was never reached, in words.
    pub fn never(&self) -> Vec<String> {
        let messages = self.messages.iter().filter(|(_, fates)| fates.delivered == 0);
        let messages = messages.map(|(kind, fates)| match fates.sent {
            0 => format!("no {kind} was ever sent"),
            _ => format!("no {kind} was ever delivered"),
        });
        let probes = self.probes.iter().filter(|(_, count)| **count == 0);
        messages.chain(probes.map(|(probe, _)| format!("never reached: {probe}"))).collect()
    }

    /// Adds what a run has reached.
    pub(crate) fn add(&mut self, seen: Seen, mix: &[Hazard], failed: bool, runs: u64) {
        let before = self.growth.last().map_or(0, |(_, reached)| *reached);
        for (kind, fates) in seen.messages {
            if let Some(known) = self.messages.get_mut(kind) {
                known.add(fates);
            } else {
                self.messages.insert(kind.to_owned(), fates);
            }
        }
        add(&mut self.events, seen.events);
        add(&mut self.timers, seen.timers);
        add(&mut self.faults, seen.faults.into_iter().map(|(k, n)| (k.to_owned(), n)));
        add(&mut self.probes, seen.probes.into_iter().map(|(k, n)| (k.to_owned(), n)));
        for hazard in mix {
            let (with, failures) = self.mixes.entry(*hazard).or_default();
            *with += 1;
            *failures += u64::from(failed);
        }
        let reached = self.reached();
        if reached > before {
            self.growth.push((runs, reached));
        }
    }
}

fn count(kinds: &[&str], kind: &str) -> usize {
    kinds.iter().filter(|other| **other == kind).count()
}

fn add(counts: &mut BTreeMap<String, u64>, more: impl IntoIterator<Item = (String, u64)>) {
    for (name, count) in more {
        *counts.entry(name).or_default() += count;
    }
}

/// What one run has reached.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    messages: BTreeMap<&'static str, Fates>,
    events: BTreeMap<String, u64>,
    timers: BTreeMap<String, u64>,
    faults: BTreeMap<&'static str, u64>,
    probes: BTreeMap<&'static str, u64>,
    /// The latest message: a duplicate follows its original.
    latest: Option<(Flight, &'static str)>,
}

/// Counts one run. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<Mutex<Seen>>);

impl Counter {
    /// What was counted.
    pub fn take(&self) -> Seen {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Counter {
    fn record(&mut self, record: &Record<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count(&record.what);
    }

    fn reached(&mut self, _node: NodeId, probe: &'static str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen.probes.entry(probe).or_default() += 1;
    }
}

impl Seen {
    fn count(&mut self, what: &Occurrence<'_>) {
        match *what {
            Occurrence::Send { flight, kind, .. } => {
                self.latest = Some((flight, kind));
                self.messages.entry(kind).or_default().sent += 1;
            }
            Occurrence::Duplicate { original, .. } => {
                if let Some((_, kind)) = self.latest.filter(|(flight, _)| *flight == original) {
                    self.messages.entry(kind).or_default().duplicated += 1;
                }
            }
            Occurrence::Drop { kind, why: DropReason::ToDead, .. } => {
                self.messages.entry(kind).or_default().to_dead += 1;
            }
            Occurrence::Drop { kind, .. } => self.messages.entry(kind).or_default().lost += 1,
            Occurrence::Deliver { kind, .. } => {
                self.messages.entry(kind).or_default().delivered += 1;
            }
            Occurrence::Timer(timer) => count_head(&mut self.timers, timer),
            Occurrence::Event(event) => count_head(&mut self.events, event),
            Occurrence::Fault(timed) => {
                *self.faults.entry(fault_name(&timed.fault)).or_default() += 1;
            }
            Occurrence::Boot(_)
            | Occurrence::Crash
            | Occurrence::Pause
            | Occurrence::Resume
            | Occurrence::Request { .. }
            | Occurrence::Complete(_)
            | Occurrence::Write { .. }
            | Occurrence::Undone(_) => {}
        }
    }
}

/// A fault's kind, as scenarios write it.
pub(crate) fn fault_name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Partition(_) => "Partition",
        Fault::Cut(_) => "Cut",
        Fault::Isolate(_) => "Isolate",
        Fault::Degrade { .. } => "Degrade",
        Fault::Crash { after_effects: None, .. } => "Crash",
        Fault::Crash { after_effects: Some(_), .. } => "CrashAfterEffects",
        Fault::Pause(_) => "Pause",
        Fault::Slow { .. } => "Slow",
        Fault::LateBoot(_) => "LateBoot",
        Fault::ClockStep { .. } => "ClockStep",
        Fault::Drift { .. } => "Drift",
    }
}

fn count_head(counts: &mut BTreeMap<String, u64>, value: &dyn Debug) {
    let mut head = Head { bytes: [0; 48], length: 0 };
    // The error says that the first word is complete.
    let _ = write!(head, "{value:?}");
    let word = std::str::from_utf8(&head.bytes[..head.length]).unwrap_or("?");
    match counts.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            counts.insert(word.to_owned(), 1);
        }
    }
}

/// Takes the first word of what is written, and refuses the rest.
struct Head {
    bytes: [u8; 48],
    length: usize,
}

impl Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'(' && self.bytes[..self.length] == *b"Inner" {
                // A transport's name for the timers of the node inside.
                self.length = 0;
                continue;
            }
            let word = byte.is_ascii_alphanumeric() || byte == b'_';
            if !word || self.length == self.bytes.len() {
                return Err(fmt::Error);
            }
            self.bytes[self.length] = byte;
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_word_is_formatted() {
        struct Bomb;
        impl Debug for Bomb {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("Boom { ")?;
                panic!("it went on");
            }
        }
        let mut counts = BTreeMap::new();
        count_head(&mut counts, &Bomb);
        count_head(&mut counts, &Some(3));
        assert_eq!(counts, BTreeMap::from([("Boom".to_owned(), 1), ("Some".to_owned(), 1)]));
    }
}
