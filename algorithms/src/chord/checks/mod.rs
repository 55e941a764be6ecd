//! The judges of a ring, by the pointers that its members show and the crashes that the world
//! shows.
//!
//! Zave's vocabulary (TSE 2017, section IV): a member's *first live successor* is the first entry
//! of its successor list that is a live member. Members that first live successors lead back to
//! are in the *ring*, the others are *appendages*. A member whose place falls between two
//! neighbours of somebody's *extended list* (itself, then its successors) is *skipped* by it; one
//! that nobody skips is a *principal*.
//!
//! Every check judges the state at the end of an instant: what several nodes do at the same time,
//! such as booting, is one step.

mod answers;
mod ideal;
mod lookups;
mod ring;
mod shape;

pub use answers::Answered;
pub use ideal::RingIdeal;
pub use lookups::LookupsCorrect;
pub use shape::{ConnectedAppendages, OneLiveSuccessor, OneOrderedRing, ValidSuccessorLists};

#[cfg(test)]
mod tests;
