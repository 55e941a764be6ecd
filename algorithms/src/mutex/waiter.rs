//! An entry of a queue that travels in a message: who waits, and for which operation.

use seedbed_node::{NodeId, Operation, Wire};

/// Who waits. The operation is the world's account of what the grant is counted for: it takes no
/// room on the wire, and noise does not touch it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Waiter {
    /// The node.
    pub node: NodeId,
    /// For which operation.
    pub operation: Option<Operation>,
}

impl Wire for Waiter {
    fn wire_bytes(&self) -> u32 {
        self.node.wire_bytes()
    }
    fn alter(&mut self, entropy: u64) {
        self.node.alter(entropy);
    }
}
