//! Chord as published loses its ring, and Chord as corrected does not: explored in atomic events.
//!
//! | Model | Nodes | From | Found |
//! |---|---:|---|---|
//! | [published], as written | 4 | one node | after 5 events the ring is lost |
//! | [published], who joins finds a live successor | 4 | one node | the same |
//! | [published], who stabilises finds one | 4 | one node | after 7 events an appendage is cut off |
//! | [published], both | 4 | one node | after 13 events there are two rings |
//! | [published], as written | 4 | three nodes | after 3 events the ring is lost |
//! | [published], both | 4 | three nodes | after 12 events the ring is out of order |
//! | [by message](by_message), atomic answers | 4 | three nodes | nothing, in 9,054 states |
//! | [by message](by_message), answers travel | 4 | three nodes | after 8 events the ring is lost |
//! | [corrected] | 5 | three nodes, the base | nothing, in 26,340 states; the ring becomes ideal |
//! | [corrected], whoever has failed may come back | 5 | three nodes, the base | nothing, in 67,120 states |
//! | [corrected] | 6 | three nodes, the base | nothing, in 433,635 states; the ring becomes ideal |
//!
//! Failures never leave anybody without a live successor, in none of them. What undoing each repair
//! breaks is in `undone`. The largest run in release only:
//! `cargo test --release -p seedbed-core --test chord_model`.

#[path = "../naive/mod.rs"]
mod naive;

mod by_message;
mod corrected;
mod lost;
mod published;
mod ring;
mod shortest;
mod undone;
