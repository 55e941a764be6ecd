//! The Update Propagation Invariant (van Renesse & Schneider, OSDI 2004, section 3): whatever a
//! server has applied is a prefix of what the server before it has applied.
//!
//! Histories are put together from the single updates that servers apply, in the order of the
//! configuration that the master has decided. A server that takes over a copy is believed nothing:
//! the copy must be what the updates of the server before it lead to.

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, Operation, What};

use crate::replication::{Event, Request, Shape};

/// What a server has applied is a prefix of what the server before it has: in a chain the one
/// before, in a star the first.
#[derive(Clone, Hash, Debug, Default)]
pub struct UpdatePropagation {
    servers: Vec<Life>,
    star: bool,
    /// How often each server has crashed. Its last life's history stays until the master knows.
    crashes: BTreeMap<NodeId, u32>,
    histories: BTreeMap<Life, Vec<Applied>>,
}

/// A server from its start to its crash.
type Life = (NodeId, u32);

/// An entry of a history: the request, its key, the value.
type Applied = (Operation, u32, u64);

type Seen<'a> = Observation<'a, Request, Event>;

impl Checker<Request, Event> for UpdatePropagation {
    fn observe(&mut self, seen: &Seen<'_>) -> Result<(), Breach> {
        match seen.what {
            What::Crash { node } => {
                *self.crashes.entry(node).or_default() += 1;
                Ok(())
            }
            What::Event { event: Event::Reconfigured { servers, shape }, .. } => {
                self.reconfigured(servers, *shape, seen)
            }
            What::Event { node, event } => {
                let life = (node, self.crashes.get(&node).copied().unwrap_or(0));
                if !self.servers.contains(&life) {
                    // It does not know yet that it was removed: it may do what it likes.
                    return Ok(());
                }
                match event {
                    Event::Applied { sequence, operation, key, value } => {
                        self.applied(life, *sequence, (*operation, *key, *value), seen)
                    }
                    Event::Installed { sequence, values } => {
                        self.installed(life, *sequence, values, seen)
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

impl UpdatePropagation {
    fn reconfigured(
        &mut self,
        servers: &[Life],
        shape: Shape,
        seen: &Seen<'_>,
    ) -> Result<(), Breach> {
        // Who joins has an empty history.
        let joined = servers.iter().filter(|server| !self.servers.contains(server));
        joined.for_each(|server| drop(self.histories.remove(server)));
        // Nobody compares with what is not part of a configuration, nor ever will.
        self.histories.retain(|life, _| servers.contains(life));
        self.servers = servers.to_vec();
        self.star = shape == Shape::Star;
        servers.iter().try_for_each(|&server| self.judge(server, true, seen))
    }

    fn applied(
        &mut self,
        life: Life,
        sequence: u64,
        entry: Applied,
        seen: &Seen<'_>,
    ) -> Result<(), Breach> {
        let history = self.histories.entry(life).or_default();
        history.push(entry);
        let length = history.len() as u64;
        if sequence != length {
            let name = &seen.names[life.0];
            return Err(breach(
                seen,
                format!("{name} applied update {length} of its history as number {sequence}"),
            ));
        }
        self.judge(life, false, seen)
    }

    fn installed(
        &mut self,
        life: Life,
        sequence: u64,
        values: &BTreeMap<u32, u64>,
        seen: &Seen<'_>,
    ) -> Result<(), Breach> {
        let Some(upstream) = self.upstream(life) else { return Ok(()) };
        let source = self.histories.get(&upstream).map_or(&[][..], Vec::as_slice);
        let within = source.iter().zip(1u64..).take_while(|(_, place)| *place <= sequence);
        let prefix: Vec<Applied> = within.map(|(entry, _)| *entry).collect();
        let replayed: BTreeMap<u32, u64> =
            prefix.iter().map(|&(_, key, value)| (key, value)).collect();
        if (prefix.len() as u64) < sequence || replayed != *values {
            let (name, from) = (&seen.names[life.0], &seen.names[upstream.0]);
            return Err(breach(
                seen,
                format!(
                    "{name} took over a copy that is not what the first {sequence} updates of \
                     {from} lead to"
                ),
            ));
        }
        self.histories.insert(life, prefix);
        self.judge(life, true, seen)
    }

    fn upstream(&self, life: Life) -> Option<Life> {
        let at = self.servers.iter().position(|&server| server == life)?;
        let before = if self.star { 0 } else { at.checked_sub(1)? };
        (before != at).then(|| self.servers[before])
    }

    /// Compares a server's history, the whole or its last entry, with the one before it. The
    /// servers after it had less already.
    fn judge(&self, life: Life, whole: bool, seen: &Seen<'_>) -> Result<(), Breach> {
        let (Some(upstream), Some(own)) = (self.upstream(life), self.histories.get(&life)) else {
            return Ok(());
        };
        let source = self.histories.get(&upstream).map_or(&[][..], Vec::as_slice);
        let start = if whole { 0 } else { own.len() - 1 };
        for (place, entry) in own.iter().enumerate().skip(start) {
            if source.get(place) != Some(entry) {
                let (name, from) = (&seen.names[life.0], &seen.names[upstream.0]);
                let (operation, key, value) = entry;
                let has = match source.get(place) {
                    Some((other, ..)) => format!("has {other:?} there"),
                    None => "has fewer updates".to_owned(),
                };
                return Err(breach(
                    seen,
                    format!(
                        "update {} of {name} is {operation:?} (key {key} = {value}), and {from}, \
                         which comes before it, {has}",
                        place + 1
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn breach(seen: &Seen<'_>, why: String) -> Breach {
    Breach { at: seen.at, why }
}
