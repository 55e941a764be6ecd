//! The coordinator's client: it hands over transactions at its pace.
//!
//! What is absent: retries. What becomes of a transaction that a crash has interrupted is for the
//! protocol to settle; the client goes on with the next.

use std::collections::{BTreeMap, BTreeSet};

use seedbed_node::{Draws, NodeId, Operation, Probability, Time, Workload};
use serde::Deserialize;

use super::{COORDINATOR, Event, Part, Request, Transaction};
use crate::clients::{Clients, Demand, Heard, Keys, Pace, Popularity};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Hash, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When transactions begin. Only node 0, the coordinator, has a client.
    pub pace: Pace,
    /// How many participants a transaction touches, drawn for each; all by default.
    pub participants: Option<u32>,
    /// The keys of each participant.
    pub keys: Keys,
    /// How many keys a transaction locks at each participant (at most: draws may coincide).
    pub keys_per_participant: u32,
    /// The chance that a participant cannot do its part, and votes NO.
    pub refuse: Probability,
    /// The chance that a participant only reads.
    pub read_only: Probability,
    /// The chance that the client withdraws a transaction while votes are collected.
    pub withdraw: Probability,
    /// Participants that always vote NO.
    pub refusers: BTreeSet<NodeId>,
    /// Participants that always only read.
    pub readers: BTreeSet<NodeId>,
}

impl Default for Load {
    /// Everybody takes part with one key out of a hundred, and can do its part.
    fn default() -> Self {
        Load {
            pace: Pace::default(),
            participants: None,
            keys: Keys::Uniform { count: 100 },
            keys_per_participant: 1,
            refuse: Probability::NEVER,
            read_only: Probability::NEVER,
            withdraw: Probability::NEVER,
            refusers: BTreeSet::new(),
            readers: BTreeSet::new(),
        }
    }
}

/// The client, or why the load makes no sense.
pub(super) fn clients(
    load: &Load,
    nodes: u32,
) -> Result<Box<dyn Workload<Request, Event>>, String> {
    let others = nodes.saturating_sub(1);
    if others == 0 {
        return Err("the coordinator is alone: expected at least one participant".into());
    }
    if load.participants.is_some_and(|count| count == 0 || count > others) {
        return Err(format!("participants: expected from 1 to {others}, which the run has"));
    }
    for (name, set) in [("refusers", &load.refusers), ("readers", &load.readers)] {
        if let Some(stranger) = set.iter().find(|node| node.0 == 0 || node.0 >= nodes) {
            return Err(format!("{name}: {stranger} is no participant"));
        }
    }
    let mut pace = load.pace.clone();
    let (Pace::Closed { only, .. } | Pace::Open { only, .. }) = &mut pace;
    if only.iter().any(|node| *node != COORDINATOR) {
        return Err("pace: only: the coordinator, node 0, is the one that has a client".into());
    }
    *only = vec![COORDINATOR];
    let popularity = Popularity::new(&load.keys).map_err(|why| format!("keys: {why}"))?;
    let demand = Transactions { load: load.clone(), nodes, popularity };
    Ok(Box::new(Clients::new(&pace, None, nodes, demand)?))
}

#[derive(Clone, Hash)]
struct Transactions {
    load: Load,
    nodes: u32,
    popularity: Popularity,
}

impl Transactions {
    fn part(&self, participant: NodeId, draws: &mut Draws) -> Part {
        let Load { keys_per_participant, refuse, read_only, refusers, readers, .. } = &self.load;
        let keys = (0..*keys_per_participant).map(|_| self.popularity.draw(draws)).collect();
        let reads_only = read_only.hits(draws) || readers.contains(&participant);
        let refuses = refuse.hits(draws) || refusers.contains(&participant);
        Part { keys, reads_only, refuses }
    }
}

impl Demand<Request, Event> for Transactions {
    fn request(&mut self, operation: Operation, _now: Time, draws: &mut Draws) -> Request {
        let mut participants: Vec<NodeId> = (1..self.nodes).map(NodeId).collect();
        if let Some(count) = self.load.participants {
            draws.shuffle(&mut participants);
            participants.truncate(NodeId(count).index());
            participants.sort_unstable();
        }
        let parts = participants.into_iter().map(|node| (node, self.part(node, draws)));
        let work: BTreeMap<NodeId, Part> = parts.collect();
        let withdrawn = self.load.withdraw.hits(draws);
        Request::Begin { transaction: Transaction(operation.number), work, withdrawn }
    }

    fn hear(&mut self, _client: NodeId, event: &Event) -> Heard {
        match event {
            Event::Decided { transaction, .. } => Heard::DoneFor(transaction.operation()),
            Event::Prepared { .. }
            | Event::Left { .. }
            | Event::Refused { .. }
            | Event::Blocked { .. } => Heard::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Draws, NodeId, Operation, Time};

    use super::super::{Event, Request, Transaction};
    use super::{Load, Transactions, clients};
    use crate::clients::{Demand, Heard, Popularity};

    #[test]
    fn transactions_are_as_the_load_says() {
        let load: Load = ron::from_str(
            "(participants: Some(3), keys: Uniform(count: 5), keys_per_participant: 2, \
             refusers: [NodeId(1)], readers: [NodeId(2)], withdraw: 1.0)",
        )
        .expect("a load");
        let popularity = Popularity::new(&load.keys).expect("sensible");
        let mut demand = Transactions { load, nodes: 6, popularity };
        let mut draws = Draws::keyed(3);
        let mut seen = [0; 6];
        for number in 0..100 {
            let operation = Operation { client: NodeId(0), number };
            let Request::Begin { transaction, work, withdrawn } =
                demand.request(operation, Time::ZERO, &mut draws);
            assert_eq!((transaction, withdrawn, work.len()), (Transaction(number), true, 3));
            for (node, part) in work {
                seen[node.index()] += 1;
                assert!((1..=2).contains(&part.keys.len()) && part.keys.iter().all(|key| *key < 5));
                assert_eq!((part.refuses, part.reads_only), (node.0 == 1, node.0 == 2));
            }
        }
        assert!(seen[0] == 0 && seen[1..].iter().all(|count| *count > 30), "{seen:?}");
    }

    #[test]
    fn the_decision_is_the_answer() {
        let load = Load::default();
        let popularity = Popularity::new(&load.keys).expect("sensible");
        let mut demand = Transactions { load, nodes: 3, popularity };
        let transaction = Transaction(4);
        let decided = Event::Decided { transaction, commit: false };
        let operation = Operation { client: NodeId(0), number: 4 };
        assert_eq!(demand.hear(NodeId(0), &decided), Heard::DoneFor(operation));
        assert_eq!(demand.hear(NodeId(0), &Event::Refused { transaction }), Heard::Nothing);
    }

    #[test]
    fn loads_that_make_no_sense_are_refused_with_a_reason() {
        for (load, nodes, word) in [
            ("()", 1, "at least one participant"),
            ("(participants: Some(3))", 3, "participants"),
            ("(refusers: [NodeId(0)])", 3, "refusers"),
            ("(readers: [NodeId(3)])", 3, "readers"),
            ("(pace: Closed(only: [NodeId(1)]))", 3, "only"),
            ("(keys: Uniform(count: 0))", 3, "keys"),
        ] {
            let load: Load = ron::from_str(load).expect("it parses");
            let why = clients(&load, nodes).map(drop).expect_err("it makes no sense");
            assert!(why.contains(word), "{why}");
        }
    }
}
