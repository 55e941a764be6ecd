//! Safety: readings of different nodes against each other (Lamport's PC2 and "no anomalous
//! behaviour", CACM 1978).

use std::collections::VecDeque;

use seedbed_node::{Breach, Checker, Duration, LocalTime, NodeId, Observation, Time, What};

use crate::time::{Event, Group, Request};

/// Readings of one instant and one round differ by no more than their nodes promise together.
#[derive(Clone, Hash, Debug, Default)]
pub struct MutuallyClose {
    /// The readings of the present instant.
    present: Vec<Reading>,
}

#[derive(Clone, Copy, Hash, Debug)]
struct Reading {
    at: Time,
    node: NodeId,
    wall: LocalTime,
    group: Group,
}

impl Checker<Request, Event> for MutuallyClose {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Reading { wall, promise } } = seen.what else {
            return Ok(());
        };
        let Some(group) = promise.group else {
            return Ok(());
        };
        self.present.retain(|other| other.at == seen.at);
        for other in self.present.iter().filter(|other| other.group.round == group.round) {
            let apart = Duration::from_nanos(wall.0.abs_diff(other.wall.0));
            let allowed = group.within + other.group.within;
            if apart > allowed {
                let (at, names) = (seen.at, seen.names);
                let why = format!(
                    "at {at} {}'s clock read {wall} and {}'s {}: {apart} apart, while they \
                     promised {allowed} at most",
                    &names[node], &names[other.node], other.wall
                );
                return Err(Breach { at, why });
            }
        }
        self.present.push(Reading { at: seen.at, node, wall: *wall, group });
        Ok(())
    }
}

/// A reading is later than all that are older than its node promises.
#[derive(Clone, Hash, Debug, Default)]
pub struct NoAnomaly {
    /// The latest reading of those that are old enough.
    latest: Option<(LocalTime, NodeId, Time)>,
    /// Those that are not.
    recent: VecDeque<(LocalTime, NodeId, Time)>,
}

impl Checker<Request, Event> for NoAnomaly {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event: Event::Reading { wall, promise } } = seen.what else {
            return Ok(());
        };
        let Some(after) = promise.order_after else {
            return Ok(());
        };
        while let Some(&(earlier, of, at)) = self.recent.front()
            && at + after <= seen.at
        {
            self.recent.pop_front();
            self.latest = self.latest.max(Some((earlier, of, at)));
        }
        self.recent.push_back((*wall, node, seen.at));
        match self.latest {
            Some((earlier, of, before)) if earlier >= *wall => {
                let (at, names) = (seen.at, seen.names);
                let why = format!(
                    "{}'s clock read {wall} at {at}, no later than {}'s, which had read \
                     {earlier} at {before}",
                    &names[node], &names[of]
                );
                Err(Breach { at, why })
            }
            _ => Ok(()),
        }
    }
}
