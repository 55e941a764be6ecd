//! True happened-before for checkers that need it: a vector clock that algorithms never see.
//!
//! A transport's acknowledgements and retransmissions carry no stamp: what only the transport
//! knows, the algorithm has not heard.

use seedbed_node::NodeId;

/// The vector clocks of all members.
#[derive(Clone, Debug)]
pub struct Causality {
    clocks: Vec<Vec<u32>>,
}

/// What a message carries.
pub type Stamp = Box<[u32]>;

impl Causality {
    /// All zero, for `members` members.
    pub fn new(members: u32) -> Self {
        Causality { clocks: vec![vec![0; members as usize]; members as usize] }
    }

    /// An event at `node`; gives its clock.
    pub fn tick(&mut self, node: NodeId) -> &[u32] {
        let clock = &mut self.clocks[node.index()];
        clock[node.index()] += 1;
        clock
    }

    /// The stamp of a message that `node` sends now.
    pub fn send(&mut self, node: NodeId) -> Stamp {
        self.tick(node).into()
    }

    /// `node` hears a message.
    pub fn receive(&mut self, node: NodeId, stamp: Option<&[u32]>) {
        if let Some(stamp) = stamp {
            for (own, heard) in self.clocks[node.index()].iter_mut().zip(stamp) {
                *own = (*own).max(*heard);
            }
        }
        self.tick(node);
    }
}
