//! Transports: nodes that wrap another node and give it a better network than there is.

mod reliable;

pub use reliable::{Frame, Header, Reliable, ReliableParams, ReliableTimer};
