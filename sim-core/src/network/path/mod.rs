//! The path of packets through a host, packet by packet.
//!
//! To an algorithm a network is links; to a packet it is also the host at either end: a ring in
//! the adapter, an interrupt or a poll, a driver's batch, a queue, copies, an application, a
//! transmit ring. Here that is a mechanism, not a formula: rings fill, polls find batches,
//! interrupts steal the core. The formulas stand beside it, in [`theory`], as its test.
//!
//! [`Path`] is the data, [`Machine`] the mechanism, [`Trial`] an experiment with a path alone, under
//! generated [`Traffic`]; [`Preset`] knows paths that were measured, and which figures of theirs were.
//! [`rpc`] does for remote calls, whose latency is a sum, what paths do for throughput; [`sdn`] has
//! the flow caches of switches and the queue before their controllers.
//! Time is counted in picoseconds ([`Ps`]), for at 43.5 million packets a second one takes 22.99 ns.

mod chain;
mod cpu;

mod machine;
mod model;
mod nic;
mod outcome;
mod packet;
mod preset;
mod presets;
mod ps;
pub mod rpc;
pub mod sdn;
mod station;
pub mod theory;
mod traffic;
mod trial;

pub use chain::{Chain, Chaining};
pub use machine::{Agenda, HostEvent, Machine};
pub use model::{
    Cache, Cost, Law, Next, Nic, Notify, Path, Priority, Rearm, Sleep, Stage, WIRE_OVERHEAD,
};
pub use outcome::{CoreUse, PathOutcome, Totals};
pub use packet::{Exit, Left, Packet, Place};
pub use preset::{Basis, Figure, Preset};
pub use ps::Ps;
pub use station::StageCounts;
pub use traffic::{Arrivals, Flows, Generator, Sizes, Traffic};
pub use trial::Trial;
