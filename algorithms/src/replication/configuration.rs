//! Who serves, and in which order: what the master decides and everybody else is told.

use seedbed_node::{NodeId, Parameter, Wire};

/// How the servers of a configuration are connected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Parameter)]
pub enum Shape {
    /// Each to the next.
    Chain,
    /// The first to all others.
    Star,
}

/// A configuration. Later ones have higher epochs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Configuration {
    /// Counts configurations, from 1.
    pub epoch: u64,
    /// The servers in their order: head or primary first, tail last.
    pub places: Vec<Place>,
}

/// A server's place in a configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Place {
    /// Who.
    pub node: NodeId,
    /// Which life of it: one that has restarted has forgotten everything, and is another server.
    pub incarnation: u32,
    /// The epoch since which this server has had the one from which it gets its updates. Updates
    /// carry it, so that what was sent over an earlier link is recognised and ignored.
    pub link: u64,
}

impl Configuration {
    /// The one that everybody starts with: nodes `0..servers` in this order.
    pub fn initial(servers: u32) -> Self {
        let place = |node| Place { node: NodeId(node), incarnation: 0, link: 1 };
        Configuration { epoch: 1, places: (0..servers).map(place).collect() }
    }

    /// The servers in their order, each with its life.
    pub fn servers(&self) -> Vec<(NodeId, u32)> {
        self.places.iter().map(|place| (place.node, place.incarnation)).collect()
    }

    /// The head of a chain, or the primary. No configuration is without servers.
    pub fn first(&self) -> NodeId {
        self.places.first().expect("the last server is never removed").node
    }

    /// The tail of a chain.
    pub fn last(&self) -> NodeId {
        self.places.last().expect("the last server is never removed").node
    }

    /// Whether some life of `node` serves.
    pub fn contains(&self, node: NodeId) -> bool {
        self.place(node).is_some()
    }

    /// The place of `node`, in whichever life.
    pub fn place(&self, node: NodeId) -> Option<Place> {
        self.places.iter().copied().find(|place| place.node == node)
    }

    /// Which life of `node` serves, if one does.
    pub fn life(&self, node: NodeId) -> Option<u32> {
        self.place(node).map(|place| place.incarnation)
    }

    /// The place of this life of `node`.
    pub fn place_of(&self, node: NodeId, incarnation: u32) -> Option<Place> {
        self.place(node).filter(|place| place.incarnation == incarnation)
    }

    /// The next server in the order.
    pub fn successor(&self, node: NodeId) -> Option<Place> {
        let mut after = self.places.iter().skip_while(|place| place.node != node);
        after.nth(1).copied()
    }

    /// The server before in the order.
    pub fn predecessor(&self, node: NodeId) -> Option<NodeId> {
        let mut before = self.places.iter().rev().skip_while(|place| place.node != node);
        before.nth(1).map(|place| place.node)
    }

    /// From whom `node` gets its updates, if not from clients.
    pub fn upstream(&self, node: NodeId, shape: Shape) -> Option<NodeId> {
        match shape {
            Shape::Chain => self.predecessor(node),
            Shape::Star => Some(self.first()).filter(|&first| first != node),
        }
    }

    /// The next configuration, without `node`: who got its updates from it gets a new link.
    pub fn without(&self, node: NodeId, shape: Shape) -> Configuration {
        let epoch = self.epoch + 1;
        let mut places = self.places.clone();
        for place in &mut places {
            if self.upstream(place.node, shape) == Some(node) {
                place.link = epoch;
            }
        }
        places.retain(|place| place.node != node);
        Configuration { epoch, places }
    }

    /// The next configuration, with this life of `node` last, and no other.
    pub fn with(&self, node: NodeId, incarnation: u32, shape: Shape) -> Configuration {
        let mut next = self.without(node, shape);
        next.places.push(Place { node, incarnation, link: next.epoch });
        next
    }

    /// The next configuration: without the first, and led by `leader`.
    pub fn led_by(&self, leader: NodeId) -> Configuration {
        let epoch = self.epoch + 1;
        let mut places: Vec<Place> = self.places.iter().skip(1).copied().collect();
        places.sort_by_key(|place| place.node != leader);
        for place in &mut places {
            place.link = epoch;
        }
        Configuration { epoch, places }
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::NodeId;

    use super::{Configuration, Shape};

    #[test]
    fn only_who_loses_its_source_of_updates_gets_a_new_link() {
        let links = |configuration: &Configuration| -> Vec<(u32, u64)> {
            configuration.places.iter().map(|place| (place.node.0, place.link)).collect()
        };
        let chain = Configuration::initial(4);
        assert_eq!(links(&chain.without(NodeId(0), Shape::Chain)), [(1, 2), (2, 1), (3, 1)]);
        assert_eq!(links(&chain.without(NodeId(1), Shape::Chain)), [(0, 1), (2, 2), (3, 1)]);
        assert_eq!(links(&chain.without(NodeId(3), Shape::Chain)), [(0, 1), (1, 1), (2, 1)]);
        assert_eq!(links(&chain.without(NodeId(1), Shape::Star)), [(0, 1), (2, 1), (3, 1)]);
        assert_eq!(links(&chain.led_by(NodeId(2))), [(2, 2), (1, 2), (3, 2)]);
    }

    #[test]
    fn a_new_life_comes_last_and_replaces_the_old_one() {
        let next = Configuration::initial(3).with(NodeId(1), 1, Shape::Chain);
        assert_eq!(next.servers(), [(NodeId(0), 0), (NodeId(2), 0), (NodeId(1), 1)]);
        assert!(next.place_of(NodeId(1), 1).is_some() && next.place_of(NodeId(1), 0).is_none());
        assert_eq!(next.upstream(NodeId(1), Shape::Chain), Some(NodeId(2)));
    }
}
