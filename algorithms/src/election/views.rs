//! Who is up, who has started, and who follows whom: what the judges and measures of elections
//! make of observations.

use std::collections::BTreeMap;

use seedbed_node::{Names, NodeId, Observation, Time, What};

use super::{Event, Rank, Request};

/// One node as seen from outside.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct View {
    pub up: bool,
    pub paused: bool,
    /// When it booted or crashed last.
    pub changed: Time,
    /// What it compares by, once it has said so.
    pub rank: Option<Rank>,
    /// Since when it takes part in an election that it does not know the result of.
    pub started: Option<Time>,
    /// When it started last, result known or not.
    pub began: Option<Time>,
    /// Whom it follows.
    pub follows: Option<Followed>,
}

/// A leader as a follower names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Followed {
    pub leader: NodeId,
    pub term: Option<u64>,
    pub since: Time,
}

/// Everybody who has booted at least once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Views(BTreeMap<NodeId, View>);

impl Views {
    /// Takes an observation in.
    pub fn observe(&mut self, seen: &Observation<'_, Request, Event>) {
        let at = seen.at;
        match seen.what {
            What::Boot { node } => {
                let booted = View {
                    up: true,
                    paused: false,
                    changed: at,
                    rank: None,
                    started: None,
                    began: None,
                    follows: None,
                };
                self.0.insert(node, booted);
            }
            What::Crash { node } => self.change(node, |view| {
                (view.up, view.paused, view.changed) = (false, false, at);
                (view.started, view.began, view.follows) = (None, None, None);
            }),
            What::Pause { node } => self.change(node, |view| view.paused = true),
            What::Resume { node } => self.change(node, |view| view.paused = false),
            What::Event { node, event } => self.change(node, |view| match event {
                Event::Standing { rank } => view.rank = Some(*rank),
                Event::Started { .. } => {
                    (view.started, view.began, view.follows) = (Some(at), Some(at), None);
                }
                Event::Elected { leader, term, .. } => {
                    let followed = Followed { leader: *leader, term: *term, since: at };
                    (view.started, view.follows) = (None, Some(followed));
                }
            }),
            What::Request { .. }
            | What::Complete { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }

    fn change(&mut self, node: NodeId, change: impl FnOnce(&mut View)) {
        if let Some(view) = self.0.get_mut(&node) {
            change(view);
        }
    }

    pub fn of(&self, node: NodeId) -> Option<&View> {
        self.0.get(&node)
    }

    pub fn is_up(&self, node: NodeId) -> bool {
        self.of(node).is_some_and(|view| view.up)
    }

    /// Who is up, in ascending order.
    pub fn live(&self) -> impl Iterator<Item = (NodeId, &View)> + Clone {
        self.0.iter().filter(|(_, view)| view.up).map(|(&node, view)| (node, view))
    }

    /// Who is up and can hear: of whom something can be expected.
    pub fn awake(&self) -> impl Iterator<Item = (NodeId, &View)> + Clone {
        self.live().filter(|(_, view)| !view.paused)
    }

    /// Who is up and takes itself for the leader, since when.
    pub fn leaders(&self) -> impl Iterator<Item = (NodeId, Followed)> + Clone {
        self.live().filter_map(|(node, view)| {
            view.follows.filter(|followed| followed.leader == node).map(|followed| (node, followed))
        })
    }

    /// The one leader of all who can hear, whether it is up or not.
    pub fn common_leader(&self) -> Option<Followed> {
        let mut followed = self.awake().map(|(_, view)| view.follows);
        let first = followed.next()??;
        followed
            .all(|other| other.is_some_and(|o| (o.leader, o.term) == (first.leader, first.term)))
            .then_some(first)
    }

    /// Whether all who can hear follow one leader that is up. With nobody up there is nothing to
    /// settle.
    pub fn settled(&self) -> bool {
        self.awake().next().is_none()
            || self.common_leader().is_some_and(|followed| self.is_up(followed.leader))
    }

    /// How opinions differ, in words: "ada follows bob and cyd knows no leader".
    pub fn opinions(&self, names: &Names) -> String {
        let mut by_leader: BTreeMap<Option<(NodeId, Option<u64>)>, Vec<NodeId>> = BTreeMap::new();
        for (node, view) in self.awake() {
            let key = view.follows.map(|followed| (followed.leader, followed.term));
            by_leader.entry(key).or_default().push(node);
        }
        let opinions = by_leader.iter().map(|(leader, nodes)| {
            let (who, one) = (names.list(nodes), nodes.len() == 1);
            match leader {
                None if one => format!("{who} knows no leader"),
                None => format!("{who} know no leader"),
                Some((leader, term)) => {
                    let verb = if one { "follows" } else { "follow" };
                    let itself =
                        if nodes.as_slice() == [*leader] { "itself" } else { &names[*leader] };
                    let down = if self.is_up(*leader) { "" } else { ", which is down" };
                    let term = term.map(|t| format!(" of term {t}")).unwrap_or_default();
                    format!("{who} {verb} {itself}{term}{down}")
                }
            }
        });
        opinions.collect::<Vec<_>>().join("; ")
    }
}
