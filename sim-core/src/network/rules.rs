//! Which link has which features, and where it keeps what it remembers: tables without hashing.

use seedbed_node::{Duration, NodeId};

use super::link::LinkState;
use super::model::{LinkModel, NetworkConfig};
use super::partition::Ends;

/// Up to this many nodes, tables have one entry for every ordered pair.
const DENSE_NODES_MAX: u32 = 1024;

/// A link's features, with what follows from them.
#[derive(Debug)]
pub(super) struct Link {
    pub model: LinkModel,
    /// Of a link that does nothing else: the delay.
    pub plain_delay: Option<Duration>,
    /// Whether it does nothing but delay, constantly or not.
    pub only_delays: bool,
}

/// The features of every link.
#[derive(Debug)]
pub(super) struct Rules {
    /// The default, then one for each rule.
    links: Box<[Link]>,
    lookup: Lookup,
}

#[derive(Debug)]
enum Lookup {
    /// All links are alike.
    One,
    /// The position in `links` by ordered pair.
    Table { nodes: usize, class: Box<[u16]> },
    /// The rules' ends, in order.
    Scan(Box<[Ends]>),
}

impl Rules {
    pub(super) fn new(config: &NetworkConfig, nodes: u32) -> Self {
        let models = [&config.default].into_iter().chain(config.rules.iter().map(|(_, m)| m));
        let links = models
            .map(|model| Link {
                model: model.clone(),
                plain_delay: model.plain_delay(),
                only_delays: model.only_delays(),
            })
            .collect();
        let ends: Box<[_]> = config.rules.iter().map(|(links, _)| Ends::of(links, nodes)).collect();
        let lookup = match u16::try_from(ends.len()) {
            Ok(0) => Lookup::One,
            Ok(_) if nodes <= DENSE_NODES_MAX => table(&ends, nodes as usize),
            _ => Lookup::Scan(ends),
        };
        Rules { links, lookup }
    }

    /// The features that all links have, if they are alike.
    pub(super) fn one(&self) -> Option<&Link> {
        matches!(self.lookup, Lookup::One).then(|| &self.links[0])
    }

    #[inline(always)]
    pub(super) fn link(&self, from: NodeId, to: NodeId) -> &Link {
        let class = match &self.lookup {
            Lookup::One => 0,
            Lookup::Table { nodes, class } => class[from.index() * nodes + to.index()].into(),
            Lookup::Scan(ends) => {
                ends.iter().position(|ends| ends.contain(from, to)).map_or(0, |rule| rule + 1)
            }
        };
        &self.links[class]
    }
}

/// Later rules first, so that the first that contains a link has the last word.
fn table(ends: &[Ends], nodes: usize) -> Lookup {
    let mut class = vec![0; nodes * nodes].into_boxed_slice();
    for (rule, ends) in ends.iter().enumerate().rev() {
        for from in ends.senders() {
            for to in ends.receivers() {
                class[from * nodes + to] = rule as u16 + 1;
            }
        }
    }
    Lookup::Table { nodes, class }
}

/// What links remember; a link gets a place when first used.
#[derive(Debug)]
pub(super) struct LinkStates {
    states: Vec<LinkState>,
    places: Places,
}

#[derive(Debug)]
enum Places {
    /// By ordered pair: the position in `states`, or [`NOWHERE`].
    Table { nodes: usize, place: Box<[u32]> },
    /// By sender: receivers in ascending order, with positions in `states`.
    Sorted(Box<[Vec<(NodeId, u32)>]>),
}

const NOWHERE: u32 = u32::MAX;

impl LinkStates {
    pub(super) fn new(config: &NetworkConfig, nodes: u32) -> Self {
        let needed =
            config.default.remembers() || config.rules.iter().any(|(_, model)| model.remembers());
        let nodes = if needed { nodes } else { 0 };
        let places = if nodes <= DENSE_NODES_MAX {
            let nodes = nodes as usize;
            Places::Table { nodes, place: vec![NOWHERE; nodes * nodes].into() }
        } else {
            Places::Sorted(vec![Vec::new(); nodes as usize].into())
        };
        LinkStates { states: Vec::new(), places }
    }

    #[inline]
    pub(super) fn of(&mut self, from: NodeId, to: NodeId) -> &mut LinkState {
        let fresh = u32::try_from(self.states.len()).expect("fewer than 2^32 links in use");
        let at = match &mut self.places {
            Places::Table { nodes, place } => {
                let entry = &mut place[from.index() * *nodes + to.index()];
                if *entry == NOWHERE {
                    *entry = fresh;
                }
                *entry
            }
            Places::Sorted(receivers) => {
                let receivers = &mut receivers[from.index()];
                match receivers.binary_search_by_key(&to, |(node, _)| *node) {
                    Ok(found) => receivers[found].1,
                    Err(gap) => {
                        receivers.insert(gap, (to, fresh));
                        fresh
                    }
                }
            }
        };
        if at == fresh {
            self.states.push(LinkState::default());
        }
        &mut self.states[at as usize]
    }
}
