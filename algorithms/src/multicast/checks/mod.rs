//! The judges of multicast, by what clients ask and are told alone.
//!
//! The definitions are those of Hadzilacos & Toueg (Cornell TR 94-1425, 1994): integrity, FIFO
//! order, causal order, total order (section 3), and validity with agreement as the goal
//! [`AllDeliver`].

mod delivery;
mod integrity;
mod order;
mod total;

pub use delivery::AllDeliver;
pub use integrity::Integrity;
pub use order::{CausalOrder, FifoOrder};
pub use total::TotalOrder;

use seedbed_node::NodeId;

/// A message's name: its sender, and the sender's number for it.
type Name = (NodeId, u32);

#[cfg(test)]
mod tests;
