//! Who is who: node identifiers, their names, the membership, and client operations.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// A node's identifier: its dense index in the membership, from 0.
///
/// Algorithms that need ids from 1 or ids that differ from positions take them as parameters.
///
/// Serde sees a newtype struct called `NodeId`: by that, scenarios read names where ids are meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The position in tables that hold one entry a node.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// One operation of a client: a critical-section entry, an election, a lookup, a transaction.
///
/// The identity is the client and the ordinal of the operation at that client, so that it does
/// not depend on how the operations of different clients interleave.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The client (for co-located clients: the node) that asked.
    pub client: NodeId,
    /// How many operations this client had begun before, from 0.
    pub number: u32,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}#{}", self.client, self.number)
    }
}

/// The membership that an algorithm is started with: the nodes `0..count`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Members(pub u32);

impl Members {
    /// How many nodes take part in the algorithm.
    #[inline]
    pub const fn count(self) -> u32 {
        self.0
    }

    /// All members in ascending order.
    #[inline]
    pub fn iter(self) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        (0..self.0).map(NodeId)
    }

    /// The member after `node` on the ring of ascending ids.
    #[inline]
    pub const fn successor(self, node: NodeId) -> NodeId {
        NodeId((node.0 + 1) % self.0)
    }
}

/// The names by which people know the nodes, in the order of their ids.
///
/// Clones share the names. Those of numbered nodes are only written out when somebody asks for one.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    count: u32,
    /// Whether the names are `n0`, `n1`, … and nothing else.
    numbered: bool,
    names: OnceLock<Vec<String>>,
}

impl Names {
    /// Names in the order of ids.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let count = u32::try_from(names.len()).expect("node counts are below 2^32");
        Names(Arc::new(Inner { count, numbered: false, names: names.into() }))
    }

    /// `n0`, `n1`, … for `count` nodes.
    pub fn numbered(count: u32) -> Self {
        Names(Arc::new(Inner { count, numbered: true, names: OnceLock::new() }))
    }

    /// Whether the names were made by [`Names::numbered`].
    #[inline]
    pub fn are_numbered(&self) -> bool {
        self.0.numbered
    }

    /// How many names there are.
    #[inline]
    pub fn count(&self) -> u32 {
        self.0.count
    }

    /// The name of `node`, or "(unnamed)" where it has none.
    pub fn of(&self, node: NodeId) -> &str {
        self.written().get(node.index()).map_or("(unnamed)", String::as_str)
    }

    /// The node called `name`.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        let at = self.iter().position(|n| n == name)?;
        Some(NodeId(u32::try_from(at).expect("node counts are below 2^32")))
    }

    /// All names in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.written().iter().map(String::as_str)
    }

    /// Adds a name and gives its id.
    pub fn push(&mut self, name: impl Into<String>) -> NodeId {
        self.written();
        let inner = Arc::make_mut(&mut self.0);
        inner.numbered = false;
        inner.names.get_mut().expect("just written out").push(name.into());
        inner.count = inner.count.checked_add(1).expect("node counts are below 2^32");
        NodeId(self.count() - 1)
    }

    fn written(&self) -> &[String] {
        let Inner { count, names, .. } = &*self.0;
        names.get_or_init(|| (0..*count).map(|i| format!("n{i}")).collect())
    }

    /// `nodes` as "ada", "ada and bob", "ada, bob and cyd".
    pub fn list(&self, nodes: &[NodeId]) -> String {
        match nodes {
            [] => "nobody".into(),
            [one] => self.of(*one).into(),
            [init @ .., last] => {
                let init: Vec<_> = init.iter().map(|n| self.of(*n)).collect();
                format!("{} and {}", init.join(", "), self.of(*last))
            }
        }
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        let alike = self.0.numbered && other.0.numbered && self.0.count == other.0.count;
        alike || self.written() == other.written()
    }
}

impl Eq for Names {}

impl std::ops::Index<NodeId> for Names {
    type Output = str;
    fn index(&self, node: NodeId) -> &str {
        self.of(node)
    }
}
