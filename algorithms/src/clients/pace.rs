//! When demands arise.

use seedbed_node::{Distribution, Duration, NodeId};
use serde::Deserialize;

/// When demands arise, and at which clients.
#[derive(Clone, PartialEq, Hash, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Pace {
    /// Each client has one demand at a time.
    Closed {
        /// From an answer to the next demand; zero saturates the system.
        #[serde(default = "default_pause")]
        think: Distribution,
        /// How often each client asks.
        #[serde(default = "default_requests")]
        requests_per_node: u32,
        /// The nodes that have a client; empty means all.
        #[serde(default)]
        only: Vec<NodeId>,
    },
    /// Demands arise at a rate that does not depend on the system; exponential inter-arrival times
    /// make a Poisson process.
    Open {
        /// From one demand to the next at the same client.
        #[serde(default = "default_pause")]
        every: Distribution,
        /// How often each client asks.
        #[serde(default = "default_requests")]
        requests_per_node: u32,
        /// The nodes that have a client; empty means all.
        #[serde(default)]
        only: Vec<NodeId>,
        /// How many demands of a client may be unanswered at once; further ones wait at the client.
        #[serde(default = "default_at_once")]
        at_once: u32,
    },
}

fn default_pause() -> Distribution {
    Distribution::Exponential { mean: Duration::from_millis(200) }
}

fn default_requests() -> u32 {
    20
}

fn default_at_once() -> u32 {
    1
}

impl Default for Pace {
    /// Closed, with the defaults of its fields.
    fn default() -> Self {
        Pace::Closed {
            think: default_pause(),
            requests_per_node: default_requests(),
            only: Vec::new(),
        }
    }
}

impl Pace {
    /// The distribution of pauses.
    pub(super) fn pause(&self) -> &Distribution {
        let (Pace::Closed { think: pause, .. } | Pace::Open { every: pause, .. }) = self;
        pause
    }

    /// How often each client asks.
    pub fn requests(&self) -> u32 {
        let (Pace::Closed { requests_per_node, .. } | Pace::Open { requests_per_node, .. }) = self;
        *requests_per_node
    }

    /// Whether demands arise whatever becomes of earlier ones.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Pace::Open { .. })
    }

    /// How many operations of a client may be outstanding at once.
    pub(super) fn at_once(&self) -> u32 {
        match self {
            Pace::Closed { .. } => 1,
            Pace::Open { at_once, .. } => *at_once,
        }
    }

    fn only(&self) -> &[NodeId] {
        let (Pace::Closed { only, .. } | Pace::Open { only, .. }) = self;
        only
    }

    /// Whether `node` has a client.
    pub fn takes_part(&self, node: NodeId) -> bool {
        self.only().is_empty() || self.only().contains(&node)
    }

    /// Why this makes no sense among `nodes` members.
    pub fn check(&self, nodes: u32) -> Result<(), String> {
        let name = if self.is_open() { "every" } else { "think" };
        self.pause().check().map_err(|why| format!("{name}: {why}"))?;
        if self.requests() == 0 {
            return Err(
                "requests_per_node: 0 requests exercise nothing; expected at least 1".into()
            );
        }
        if self.at_once() == 0 {
            return Err("at_once: 0 asks never; expected at least 1".into());
        }
        if let Some(stranger) = self.only().iter().find(|node| node.0 >= nodes) {
            return Err(format!("only: {stranger} is not one of the {nodes} members"));
        }
        Ok(())
    }
}
