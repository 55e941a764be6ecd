//! Safety: what primary-backup systems need beyond total order (DSN 2011).

use std::collections::BTreeMap;

use seedbed_node::{Breach, Checker, NodeId, Observation, Time, What};

use super::sequence::{Fit, Sequence};
use crate::zab::{Event, Request, Zxid, index};

/// Local primary order: a primary's transactions are delivered in the order of their broadcast,
/// none left out.
#[derive(Clone, Hash, Debug, Default)]
pub struct LocalPrimaryOrder {
    /// What each epoch's primary has broadcast, in order.
    broadcast: BTreeMap<u32, Vec<Zxid>>,
    /// How many of an epoch's transactions a server's incarnation has delivered.
    delivered: BTreeMap<(NodeId, u32), u32>,
}

impl Checker<Request, Event> for LocalPrimaryOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Boot { node } => self.delivered.retain(|(server, _), _| *server != node),
            What::Event { event: Event::Broadcast { zxid, .. }, .. } => {
                self.broadcast.entry(zxid.epoch).or_default().push(*zxid);
            }
            What::Event { node, event: Event::Delivered { zxid, .. } } => {
                let count = self.delivered.entry((node, zxid.epoch)).or_default();
                *count += 1;
                let of_epoch = self.broadcast.get(&zxid.epoch);
                let due = of_epoch.and_then(|all| all.get(index(*count - 1))).copied();
                if let Some(due) = due.filter(|due| due != zxid) {
                    let (at, who) = (seen.at, &seen.names[node]);
                    let why = format!(
                        "{who} delivered {zxid} at {at}; of what the primary of epoch {} \
                         broadcast, {due} was next",
                        zxid.epoch
                    );
                    return Err(Breach { at, why });
                }
            }
            // The rest is no broadcast and no delivery.
            _ => {}
        }
        Ok(())
    }
}

/// Global primary order: an earlier primary's transactions are delivered before a later one's.
#[derive(Clone, Hash, Debug, Default)]
pub struct GlobalPrimaryOrder(BTreeMap<NodeId, Zxid>);

impl Checker<Request, Event> for GlobalPrimaryOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Boot { node } => {
                self.0.remove(&node);
            }
            What::Event { node, event: Event::Delivered { zxid, .. } } => {
                let latest = self.0.entry(node).or_insert(*zxid);
                if zxid.epoch < latest.epoch {
                    let (at, who) = (seen.at, &seen.names[node]);
                    let why = format!("{who} delivered {zxid} at {at}, after {latest}");
                    return Err(Breach { at, why });
                }
                *latest = *zxid;
            }
            // The rest is no broadcast and no delivery.
            _ => {}
        }
        Ok(())
    }
}

/// Primary integrity: before a primary broadcasts, it has delivered every transaction of earlier
/// epochs that anybody ever delivers.
#[derive(Clone, Hash, Debug, Default)]
pub struct PrimaryIntegrity {
    sequence: Sequence,
    /// The latest epoch in which something was broadcast, by whom, since when.
    latest: Option<(u32, NodeId, Time)>,
}

impl Checker<Request, Event> for PrimaryIntegrity {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let fit = self.sequence.observe(seen);
        let (at, names) = (seen.at, seen.names);
        match seen.what {
            What::Event { node, event: Event::Broadcast { zxid, .. } } => {
                let missing = self.sequence.missing(node);
                let passed_over =
                    missing.iter().find(|first| first.transaction.zxid.epoch < zxid.epoch);
                if let Some(first) = passed_over {
                    let (who, whom) = (&names[node], &names[first.node]);
                    let why = format!(
                        "{who} broadcast {zxid} at {at} without having delivered {}, which {whom} \
                         delivered at {}",
                        first.transaction.zxid, first.at
                    );
                    return Err(Breach { at, why });
                }
                if self.latest.is_none_or(|(epoch, ..)| epoch < zxid.epoch) {
                    self.latest = Some((zxid.epoch, node, at));
                }
            }
            What::Event { node, event: Event::Delivered { zxid, .. } } => {
                let overtaken = self.latest.filter(|(epoch, ..)| *epoch > zxid.epoch);
                if let (Some(Fit::New), Some((epoch, primary, since))) = (fit, overtaken) {
                    let (who, whom) = (&names[node], &names[primary]);
                    let why = format!(
                        "{who} delivered {zxid} at {at}, which {whom} had not when it broadcast \
                         in epoch {epoch} at {since}"
                    );
                    return Err(Breach { at, why });
                }
            }
            // The rest is no broadcast and no delivery.
            _ => {}
        }
        Ok(())
    }
}

/// An epoch has one primary, and nobody else broadcasts in it.
#[derive(Clone, Hash, Debug, Default)]
pub struct OnePrimary(BTreeMap<u32, (NodeId, Time)>);

impl Checker<Request, Event> for OnePrimary {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let (at, names) = (seen.at, seen.names);
        match seen.what {
            What::Event { node, event: Event::Established { epoch } } => {
                if let Some((other, since)) = self.0.insert(*epoch, (node, at)) {
                    let (who, whom) = (&names[node], &names[other]);
                    let why = format!(
                        "{who} became the primary of epoch {epoch} at {at}, as {whom} had at \
                         {since}"
                    );
                    return Err(Breach { at, why });
                }
            }
            What::Event { node, event: Event::Broadcast { zxid, .. } }
                if self.0.get(&zxid.epoch).is_none_or(|(primary, _)| *primary != node) =>
            {
                let who = &names[node];
                let why =
                    format!("{who} broadcast {zxid} at {at} and is not the primary of that epoch");
                return Err(Breach { at, why });
            }
            // The rest is no broadcast and no delivery.
            _ => {}
        }
        Ok(())
    }
}
