//! Safety: agreement, validity, isolation, and that nobody is blocked.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use super::keys;
use crate::commit::{Doubts, Event, Request, Transaction};

type Seen<'a> = Observation<'a, Request, Event>;

fn event<'a>(seen: &Seen<'a>) -> Option<(NodeId, &'a Event)> {
    match seen.what {
        What::Event { node, event } => Some((node, event)),
        _ => None,
    }
}

fn word(commit: bool) -> &'static str {
    if commit { "committed" } else { "aborted" }
}

/// No two nodes decide differently about a transaction, whatever crashes lie between (AC1 and AC2
/// of Bernstein, Hadzilacos and Goodman, section 7.3).
#[derive(Clone, Hash, Debug, Default)]
pub struct Agreement {
    first: BTreeMap<Transaction, (NodeId, bool, Time)>,
}

impl Checker<Request, Event> for Agreement {
    fn observe(&mut self, seen: &Seen<'_>) -> Result<(), Breach> {
        let Some((node, Event::Decided { transaction, commit })) = event(seen) else {
            return Ok(());
        };
        let &mut (other, before, since) =
            self.first.entry(*transaction).or_insert((node, *commit, seen.at));
        if before == *commit {
            return Ok(());
        }
        let (at, who, whom) = (seen.at, &seen.names[node], &seen.names[other]);
        let (did, had) = (word(*commit), word(before));
        let whom = if node == other { "it" } else { whom };
        let why = format!("{who} {did} {transaction} at {at}, which {whom} had {had} at {since}");
        Err(Breach { at, why })
    }
}

/// Only a transaction that every participant voted for, and that nobody refuses or withdraws, is
/// committed (AC3).
#[derive(Clone, Hash, Debug, Default)]
pub struct Validity {
    begun: BTreeMap<Transaction, Begun>,
}

#[derive(Clone, Hash, Debug)]
struct Begun {
    withdrawn: bool,
    /// Who cannot do its part.
    refusers: BTreeSet<NodeId>,
    /// Who has not voted, or voted NO at last.
    missing: BTreeSet<NodeId>,
}

impl Checker<Request, Event> for Validity {
    fn observe(&mut self, seen: &Seen<'_>) -> Result<(), Breach> {
        if let What::Request { request, .. } = seen.what {
            let Request::Begin { transaction, work, withdrawn } = request;
            let refusers = work.iter().filter(|(_, part)| part.refuses).map(|(node, _)| *node);
            let (refusers, missing) = (refusers.collect(), work.keys().copied().collect());
            self.begun.insert(*transaction, Begun { withdrawn: *withdrawn, refusers, missing });
        }
        let Some((node, event)) = event(seen) else { return Ok(()) };
        match event {
            Event::Prepared { transaction, .. } | Event::Left { transaction } => {
                if let Some(begun) = self.begun.get_mut(transaction) {
                    begun.missing.remove(&node);
                }
            }
            Event::Refused { transaction } => {
                if let Some(begun) = self.begun.get_mut(transaction) {
                    begun.missing.insert(node);
                }
            }
            Event::Decided { transaction, commit: true } => {
                return self.committed(node, *transaction, seen);
            }
            Event::Decided { commit: false, .. } | Event::Blocked { .. } => {}
        }
        Ok(())
    }
}

impl Validity {
    fn committed(
        &self,
        node: NodeId,
        transaction: Transaction,
        seen: &Seen<'_>,
    ) -> Result<(), Breach> {
        let because = match self.begun.get(&transaction) {
            None => "which nobody had begun".into(),
            Some(begun) if begun.withdrawn => "which its client had withdrawn".into(),
            Some(begun) => match begun.refusers.iter().chain(&begun.missing).next() {
                Some(&who) => format!("for which {} had not voted", &seen.names[who]),
                None => return Ok(()),
            },
        };
        let (at, name) = (seen.at, &seen.names[node]);
        Err(Breach { at, why: format!("{name} committed {transaction} at {at}, {because}") })
    }
}

/// No two transactions are in doubt about the same key of a node: what is prepared stays locked
/// until the decision (strictness).
#[derive(Clone, Hash, Debug, Default)]
pub struct LocksExclusive {
    held: Doubts,
}

impl Checker<Request, Event> for LocksExclusive {
    fn observe(&mut self, seen: &Seen<'_>) -> Result<(), Breach> {
        let Some((node, event)) = event(seen) else { return Ok(()) };
        match event {
            Event::Prepared { transaction, locks } => {
                self.held.remove(&(*transaction, node));
                let clash = self.held.iter().find_map(|((other, holder), (since, held))| {
                    let common: BTreeSet<u32> = held & locks;
                    (*holder == node && !common.is_empty()).then(|| (*other, *since, keys(&common)))
                });
                if let Some((other, since, keys)) = clash {
                    let (at, name) = (seen.at, &seen.names[node]);
                    let why = format!(
                        "{name} prepared {transaction} at {at} with {keys}, which {other} had \
                         locked there since {since}"
                    );
                    return Err(Breach { at, why });
                }
                self.held.insert((*transaction, node), (seen.at, locks.clone()));
            }
            Event::Decided { transaction, .. } => {
                self.held.remove(&(*transaction, node));
            }
            Event::Left { .. } | Event::Refused { .. } | Event::Blocked { .. } => {}
        }
        Ok(())
    }
}

/// No participant finds itself in doubt with nobody to ask.
#[derive(Clone, Hash, Debug, Default)]
pub struct NonBlocking {
    doubts: Doubts,
}

impl Checker<Request, Event> for NonBlocking {
    fn observe(&mut self, seen: &Seen<'_>) -> Result<(), Breach> {
        let Some((node, event)) = event(seen) else { return Ok(()) };
        match event {
            Event::Prepared { transaction, locks } => {
                self.doubts.insert((*transaction, node), (seen.at, locks.clone()));
            }
            Event::Decided { transaction, .. } => {
                self.doubts.remove(&(*transaction, node));
            }
            Event::Blocked { transaction } => {
                let (at, name) = (seen.at, &seen.names[node]);
                let mut why = format!("{name} was blocked in {transaction} at {at}");
                if let Some((since, locks)) = self.doubts.get(&(*transaction, node)) {
                    why.push_str(&format!(", in doubt and holding {} since {since}", keys(locks)));
                }
                return Err(Breach { at, why });
            }
            Event::Left { .. } | Event::Refused { .. } => {}
        }
        Ok(())
    }
}
