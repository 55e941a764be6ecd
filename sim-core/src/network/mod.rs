//! The network: links, their features, and what becomes of a message.

mod model;

pub use model::{Bandwidth, Corruption, LinkModel, Loss, NetworkConfig, Topology};
