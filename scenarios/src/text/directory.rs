//! Who the nodes' names mean.

use std::collections::BTreeMap;

use seedbed_node::Names;

use crate::diagnose::Finding;

/// The nodes by name: members first, then relays.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Directory {
    pub names: Names,
    pub members: u32,
    index: BTreeMap<String, u32>,
}

impl Directory {
    /// Members by these names, which differ.
    pub fn new(names: Names) -> Self {
        let index = names.iter().zip(0..).map(|(name, id)| (name.to_owned(), id)).collect();
        Directory { members: names.count(), names, index }
    }

    /// The node called `name`.
    pub fn find(&self, name: &str) -> Option<seedbed_node::NodeId> {
        self.index.get(name).copied().map(seedbed_node::NodeId)
    }

    /// Adds a relay; `false` if the name is taken.
    pub fn add_relay(&mut self, name: &str) -> bool {
        if self.index.contains_key(name) {
            return false;
        }
        let id = self.names.push(name);
        self.index.insert(name.to_owned(), id.0);
        true
    }

    /// Why there is no node called `name`. Among very many names, only the first are compared.
    pub fn unknown(&self, name: &str) -> Finding {
        const COMPARED_MAX: usize = 1_000;
        let names: Vec<_> = self.names.iter().take(COMPARED_MAX).collect();
        Finding::unknown("node", name, names)
    }
}
