//! Within which bounds an instance is explored.

use seedbed_node::{Duration, NodeId};

/// Within which bounds an instance is explored: what may go wrong, how often, and what time is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bounds {
    /// How long things take.
    pub time: Timing,
    /// How many messages may be lost.
    pub losses: u16,
    /// How many messages may be delivered twice.
    pub duplications: u16,
    /// How many crashes there may be.
    pub crashes: u16,
    /// How many restarts there may be.
    pub restarts: u16,
    /// Whether crashes also happen between two effects of one handler.
    pub between_effects: bool,
    /// Nodes that crash; empty means any.
    pub victims: Vec<NodeId>,
    /// Nodes that are down at first and may boot at any time.
    pub late: Vec<NodeId>,
}

/// How long things take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Timing {
    /// Any time: every message on its way may arrive, every armed timer may expire, every client
    /// may wake up. What holds then holds whatever delays and clocks are like. Nodes that read a
    /// clock cannot be explored so.
    #[default]
    Asynchronous,
    /// Whole ticks. No tick passes while something is overdue.
    Bounded {
        /// A message arrives after at least so many ticks.
        min: u32,
        /// And after at most so many.
        max: u32,
        /// How long a tick is: timers and pauses are rounded up to whole ticks.
        tick: Duration,
        /// After so many ticks the exploration does not go on; needed if nodes read clocks.
        ticks: Option<u32>,
    },
}
