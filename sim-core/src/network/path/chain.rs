//! Chains of network functions: how packets get from one to the next decides what a chain costs.

use serde::{Deserialize, Serialize};

use super::Ps;
use super::model::{Cost, Next, Nic, Path, Stage};

/// Functions in a row on one host.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The adapter.
    pub nic: Nic,
    /// What receiving from the adapter costs, on a core of its own unless all share one.
    pub receive: Cost,
    /// What each function costs.
    pub functions: Vec<Cost>,
    /// How packets get from one to the next.
    pub how: Chaining,
    /// Packets that fit the adapter's receive ring.
    pub rx_ring: u32,
    /// Packets that fit the ring before a function.
    pub ring: u32,
    /// Packets that are taken at a time.
    pub batch: u32,
}

/// How packets get from one function to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Chaining {
    /// Through a switch (or a manager's thread) on a core of its own, which touches every packet
    /// before the first function and after each.
    ViaSwitch {
        /// Its cost for the first time, in the place of `receive`.
        first: Ps,
        /// Its cost after each function.
        hop: Ps,
    },
    /// Each function puts packets into the next one's ring; a core each.
    Direct {
        /// Enqueue and dequeue, paid by every function.
        hop: Ps,
    },
    /// The same with all functions on one core.
    SharedCore {
        /// Enqueue and dequeue, paid for every ring: one more than there are functions.
        hop: Ps,
    },
}

impl Chain {
    /// The path of a host with this chain.
    pub fn path(&self) -> Path {
        let stages = match self.how {
            Chaining::ViaSwitch { first, hop } => self.via_switch(first, hop),
            Chaining::Direct { hop } => {
                self.in_a_row(self.receive, hop, |function| function as u16)
            }
            Chaining::SharedCore { hop } => {
                let mut receive = self.receive;
                receive.packet += hop;
                self.in_a_row(receive, hop, |_| 0)
            }
        };
        Path { nic: self.nic, stages, ingress: vec![0], egress: None, sleep: None, fixed: Ps::ZERO }
    }

    /// Receiving, then the functions, each on the core that `core` says; 0 receives.
    fn in_a_row(&self, receive: Cost, hop: Ps, core: impl Fn(usize) -> u16) -> Vec<Stage> {
        let mut stages = vec![self.stage("receive", 0, self.rx_ring, receive)];
        for (index, &cost) in self.functions.iter().enumerate() {
            let cost = Cost { packet: cost.packet + hop, ..cost };
            let name = format!("function {}", index + 1);
            stages.push(self.stage(&name, core(index + 1), self.ring, cost));
        }
        link(stages)
    }

    fn via_switch(&self, first: Ps, hop: Ps) -> Vec<Stage> {
        let mut stages = vec![self.stage("switch", 0, self.rx_ring, Cost::per_packet(first))];
        for (index, &cost) in self.functions.iter().enumerate() {
            let name = format!("function {}", index + 1);
            stages.push(self.stage(&name, index as u16 + 1, self.ring, cost));
            let name = format!("switch after function {}", index + 1);
            stages.push(self.stage(&name, 0, self.ring, Cost::per_packet(hop)));
        }
        link(stages)
    }

    fn stage(&self, name: &str, core: u16, ring: u32, cost: Cost) -> Stage {
        Stage { ring, batch: self.batch, cost, ..Stage::new(name, core, Next::Wire) }
    }
}

/// Each stage hands on to the next, the last to the wire.
fn link(mut stages: Vec<Stage>) -> Vec<Stage> {
    let last = stages.len() - 1;
    for (stage, place) in stages[..last].iter_mut().zip(1..) {
        stage.then = Next::Stage(place);
    }
    stages
}
