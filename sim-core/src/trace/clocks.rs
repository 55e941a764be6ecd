//! Logical clocks that annotate any run without its algorithm knowing: Lamport's (CACM 1978),
//! vector clocks (Fidge, ACSC 1988; Mattern 1989) and hybrid logical clocks (Kulkarni et al.,
//! OPODIS 2014).
//!
//! Every record of a node is an event of that node; a message carries its sender's stamp.

use std::collections::BTreeMap;

use seedbed_node::LocalTime;

use crate::trace::{Flight, Occurrence, Record};

/// A logical clock that can annotate a trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClockKind {
    /// Lamport's scalar clock.
    Lamport,
    /// A variant that course notes teach: takes the maximum on receipt without adding one, and
    /// sends its clock plus one without advancing. It breaks Lamport's clock condition.
    LamportNotes,
    /// A vector clock.
    Vector,
    /// A hybrid of physical and logical time.
    Hlc,
}

/// The stamps of one event, as far as they were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stamps {
    /// Lamport's clock.
    pub lamport: Option<u64>,
    /// The vector clock.
    pub vector: Option<Vec<u32>>,
    /// The hybrid clock: the largest physical time heard of, and a counter.
    pub hlc: Option<(LocalTime, u32)>,
}

/// The logical clocks of all nodes of a run.
#[derive(Clone, Debug)]
pub struct Clocks {
    kinds: Vec<ClockKind>,
    nodes: Vec<Stamps>,
    flying: BTreeMap<Flight, Stamps>,
}

impl Clocks {
    /// Clocks of these kinds for `nodes` members.
    pub fn new(kinds: &[ClockKind], nodes: u32) -> Self {
        let has = |kind| kinds.contains(&kind);
        let start = Stamps {
            lamport: (has(ClockKind::Lamport) || has(ClockKind::LamportNotes)).then_some(0),
            vector: has(ClockKind::Vector).then(|| vec![0; nodes as usize]),
            hlc: has(ClockKind::Hlc).then_some((LocalTime(i64::MIN), 0)),
        };
        Clocks {
            kinds: kinds.to_vec(),
            nodes: vec![start; nodes as usize],
            flying: BTreeMap::new(),
        }
    }

    /// Advances the clocks for a record; gives the stamps of the event, if it is a node's.
    pub fn stamp(&mut self, record: &Record<'_>) -> Option<&Stamps> {
        let node = record.node.index();
        let mut heard = None;
        match record.what {
            Occurrence::Duplicate { original, copy } => {
                if let Some(stamps) = self.flying.get(&original).cloned() {
                    self.flying.insert(copy, stamps);
                }
                return None;
            }
            Occurrence::Drop { flight, .. } => {
                self.flying.remove(&flight);
                return None;
            }
            Occurrence::Fault(_) | Occurrence::Undone(_) => return None,
            Occurrence::Deliver { flight, .. } => heard = self.flying.remove(&flight),
            Occurrence::Send { .. }
            | Occurrence::Boot(_)
            | Occurrence::Crash
            | Occurrence::Pause
            | Occurrence::Resume
            | Occurrence::Timer(_)
            | Occurrence::Request { .. }
            | Occurrence::Event(_)
            | Occurrence::Complete(_)
            | Occurrence::Write { .. } => {}
        }
        let notes = self.kinds.contains(&ClockKind::LamportNotes);
        let sends = matches!(record.what, Occurrence::Send { .. });
        let own = self.nodes.get_mut(node)?;
        advance(own, node, heard.as_ref(), record.wall, notes, sends);
        if let Occurrence::Send { flight, .. } = record.what {
            let mut carried = own.clone();
            if notes {
                carried.lamport = carried.lamport.map(|clock| clock + 1);
            }
            self.flying.insert(flight, carried);
        }
        Some(&self.nodes[node])
    }
}

/// One event at a node that may have heard of another.
fn advance(
    own: &mut Stamps,
    node: usize,
    heard: Option<&Stamps>,
    physical: LocalTime,
    notes: bool,
    sends: bool,
) {
    if let Some(clock) = &mut own.lamport {
        let other = heard.and_then(|h| h.lamport).unwrap_or(0);
        *clock = match (notes, heard) {
            (false, _) => (*clock).max(other) + 1,
            (true, Some(_)) => (*clock).max(other),
            (true, None) => *clock + u64::from(!sends),
        };
    }
    if let Some(clock) = &mut own.vector {
        for (mine, theirs) in
            clock.iter_mut().zip(heard.and_then(|h| h.vector.as_ref()).into_iter().flatten())
        {
            *mine = (*mine).max(*theirs);
        }
        clock[node] += 1;
    }
    if let Some((l, c)) = &mut own.hlc {
        let (heard_l, heard_c) = heard.and_then(|h| h.hlc).unwrap_or((LocalTime(i64::MIN), 0));
        let latest = (*l).max(heard_l).max(physical);
        let counter = match (latest == *l, latest == heard_l) {
            (true, true) => (*c).max(heard_c) + 1,
            (true, false) => *c + 1,
            (false, true) => heard_c + 1,
            (false, false) => 0,
        };
        (*l, *c) = (latest, counter);
    }
}
