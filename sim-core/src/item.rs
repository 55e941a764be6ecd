//! What waits in the queue, and how it is kept there: in one word.

use seedbed_node::NodeId;

/// Nodes have numbers below this, so that an [`Entry`] can hold one.
pub(crate) const NODES_MAX: u32 = 1 << 28;

/// What waits in the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    /// A message reaches the far end of a hop, the node given.
    Arrive(NodeId, u32),
    /// A message that has passed the network is to be handled.
    Deliver(NodeId, u32),
    /// A client's request reaches its node.
    Request(NodeId, u32),
    /// A timer is due.
    Timer(NodeId, u32),
    /// A client wakes.
    Wake(NodeId, u32),
    /// A service is complete.
    Served(NodeId, u32),
    /// A clock's rate wanders.
    Wander(NodeId),
    /// A node that was paused handles the next of what waited.
    Resume(NodeId),
    /// A fault strikes.
    Fault(u32),
    /// A fault is undone.
    Undo(u32),
}

/// An [`Item`] in one word: four bits of kind, 28 of node, 32 of slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry(u64);

impl Entry {
    /// Node and slot, if this is a message: one that arrives, or that is to be handled.
    #[inline(always)]
    pub fn message(self) -> Option<(NodeId, u32)> {
        (self.0 & 0xE == 0).then_some((NodeId(self.0 as u32 >> 4), (self.0 >> 32) as u32))
    }

    /// Whether this is a message that arrives.
    #[inline(always)]
    pub fn arrives(self) -> bool {
        self.0 & 0xF == 0
    }
}

impl From<Item> for Entry {
    #[inline]
    fn from(item: Item) -> Entry {
        let entry = |kind: u64, node: NodeId, slot: u32| {
            Entry(kind | u64::from(node.0) << 4 | u64::from(slot) << 32)
        };
        match item {
            Item::Arrive(node, slot) => entry(0, node, slot),
            Item::Deliver(node, slot) => entry(1, node, slot),
            Item::Request(node, slot) => entry(2, node, slot),
            Item::Timer(node, slot) => entry(3, node, slot),
            Item::Wake(node, slot) => entry(4, node, slot),
            Item::Served(node, ticket) => entry(5, node, ticket),
            Item::Wander(node) => entry(6, node, 0),
            Item::Resume(node) => entry(7, node, 0),
            Item::Fault(index) => entry(8, NodeId(0), index),
            Item::Undo(index) => entry(9, NodeId(0), index),
        }
    }
}

impl From<Entry> for Item {
    #[inline]
    fn from(Entry(word): Entry) -> Item {
        let (node, slot) = (NodeId(word as u32 >> 4), (word >> 32) as u32);
        match word & 0xF {
            0 => Item::Arrive(node, slot),
            1 => Item::Deliver(node, slot),
            2 => Item::Request(node, slot),
            3 => Item::Timer(node, slot),
            4 => Item::Wake(node, slot),
            5 => Item::Served(node, slot),
            6 => Item::Wander(node),
            7 => Item::Resume(node),
            8 => Item::Fault(slot),
            _ => Item::Undo(slot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_holds_every_item_whole() {
        let kinds: [fn(NodeId, u32) -> Item; 10] = [
            Item::Arrive,
            Item::Deliver,
            Item::Request,
            Item::Timer,
            Item::Wake,
            Item::Served,
            |node, _| Item::Wander(node),
            |node, _| Item::Resume(node),
            |_, index| Item::Fault(index),
            |_, index| Item::Undo(index),
        ];
        for kind in kinds {
            for node in [0, 1, 0x0AAA_AAAA, NODES_MAX - 1] {
                for slot in [0, 1, 0xAAAA_AAAA, u32::MAX] {
                    let item = kind(NodeId(node), slot);
                    assert_eq!(Item::from(Entry::from(item)), item);
                }
            }
        }
    }
}
