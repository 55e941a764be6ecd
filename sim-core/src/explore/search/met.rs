//! What depth-first search keeps with the fingerprint of a state.

use super::super::table::Link;

/// What a search keeps of the depth at which it met a state.
pub(super) trait Met: Link {
    fn at(depth: u32) -> Self;
    /// Whether this is less deep than before.
    fn improves(self, depth: u32) -> bool;
    /// Whether what is known can be of interest again.
    const MATTERS: bool;
}

/// Nothing, where depth does not matter.
impl Met for () {
    const MATTERS: bool = false;

    #[inline]
    fn at(_: u32) {}
    #[inline]
    fn improves(self, _: u32) -> bool {
        false
    }
}

/// The least depth, where what lies beyond a depth is left for later: what was cut off below a state
/// may be within reach once the state is met higher up.
impl Met for u32 {
    const MATTERS: bool = true;

    #[inline]
    fn at(depth: u32) -> u32 {
        depth
    }
    #[inline]
    fn improves(self, depth: u32) -> bool {
        depth < self
    }
}
