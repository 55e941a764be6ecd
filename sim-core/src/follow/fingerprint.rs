//! The state of a run as a few fingerprints, to see whether it comes back.
//!
//! Absent on purpose: counts, clocks, how often a node has booted, and how far the clients' draws
//! have come; a node or a client that goes by them shows it in its own state.

use seedbed_node::{Node, NodeId};

use crate::outcome::Digest128;
use crate::schedule::{Scheduled, ScheduledStep};
use crate::simulation::Simulation;
use crate::trace::Digest;

/// What the state is made of, each part by its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fingerprint([Digest128; PARTS.len()]);

const PARTS: [&str; 5] = [
    "the nodes",
    "the durable logs",
    "the armed timers",
    "the messages on their way",
    "the clients",
];

impl Fingerprint {
    /// What is not as it was.
    pub fn difference(&self, after: &Fingerprint) -> Option<String> {
        let pairs = self.0.iter().zip(&after.0);
        let changed = PARTS.iter().zip(pairs).filter(|(_, (a, b))| a != b);
        let changed: Vec<_> = changed.map(|(part, _)| *part).collect();
        let are = "are not as they were before that step";
        (!changed.is_empty()).then(|| format!("{} {are}", changed.join(", ")))
    }
}

/// The fingerprint of something.
fn of(feed: impl FnOnce(&mut Digest)) -> Digest128 {
    let mut digest = Digest::default();
    feed(&mut digest);
    digest.so_far()
}

/// The fingerprint of a bag of fingerprints.
fn of_bag(mut bag: Vec<Digest128>) -> Digest128 {
    bag.sort_unstable();
    of(|digest| bag.iter().for_each(|one| digest.value(&one.0)))
}

impl<N: Node> Simulation<N> {
    /// Everything on which it depends what can happen next, which are these steps. What is on its
    /// way to a node that is down and boots in none of them makes no difference.
    pub(super) fn fingerprint(&self, steps: &[Scheduled]) -> Fingerprint {
        let kernel = &self.kernel;
        let follow = kernel.follow.as_ref().expect("only called while following");
        let nodes = of(|digest| digest.value(&self.nodes));
        let logs = of(|digest| {
            for node in kernel.members.iter() {
                let rest = kernel.hosts.rest(node);
                digest.value(&rest.durable);
                digest.value(&rest.lazy);
            }
        });
        let mut timers = Vec::new();
        for (node, slots) in &follow.timers {
            for armed in slots.iter().filter_map(|&slot| kernel.timers.armed(slot)) {
                timers.push(of(|digest| digest.value(&(node, armed))));
            }
        }
        let boots = |node: NodeId| {
            let of_node = |s: &Scheduled| {
                matches!(s.step, ScheduledStep::Boot { .. }) && s.step.node() == node
            };
            steps.iter().any(of_node)
        };
        let mut messages = Vec::new();
        for (name, slots) in &follow.on_way {
            if !kernel.hosts.get(name.to).up && !boots(name.to) {
                continue;
            }
            for &slot in slots {
                let (head, message) = (kernel.flights.head(slot), kernel.flights.message(slot));
                let (from, to, operation) = (head.origin, head.destination, head.operation());
                messages.push(of(|digest| digest.value(&(from, to, operation, message))));
            }
        }
        let clients = of(|digest| {
            digest.value(&kernel.workload.as_deref());
            for (name, slots) in &follow.wakes {
                digest.value(&(name, slots.len() as u64));
            }
            for (client, slot) in &follow.requests {
                let ask = &kernel.asks[*slot as usize];
                digest.value(&(client, ask.operation, &ask.request));
            }
        });
        Fingerprint([nodes, logs, of_bag(timers), of_bag(messages), clients])
    }
}
