//! Lamport's total order of requests: logical time, ties broken by id (CACM 1978, "⇒").

use seedbed_node::{NodeId, Wire};

/// A request's place in the total order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Stamp {
    /// The logical time at which it was made.
    pub time: u64,
    /// Who made it. Two requests of equal time are ordered by id.
    pub node: NodeId,
}

impl Stamp {
    /// Whether this request comes before `other`; a mutant that dropped the tie-break says yes
    /// only if the times differ.
    #[inline]
    pub(super) fn before(self, other: Stamp, tie_break: bool) -> bool {
        if tie_break { self < other } else { self.time < other.time }
    }
}
