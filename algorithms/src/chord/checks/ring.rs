//! The ring as its members show it.

use std::collections::BTreeMap;
use std::ops::Bound;

use seedbed_node::{Names, NodeId, Observation, Time, What};

use crate::chord::{Event, Request};

/// One member's pointers, all by identifier.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct View {
    pub host: NodeId,
    pub predecessor: Option<u64>,
    pub successors: Vec<u64>,
    pub serving: bool,
}

/// All members that are alive, by identifier.
#[derive(Clone, Hash, Debug, Default)]
pub struct Ring {
    pub members: BTreeMap<u64, View>,
    /// Whose every position is, or was.
    hosts: BTreeMap<u64, NodeId>,
    /// When the members, or their pointers, changed last, if nobody has judged that yet.
    unjudged: Option<Time>,
}

/// What an observation has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// Some member's pointers.
    Pointers,
    /// Who is a member.
    Membership,
}

impl Ring {
    /// Takes in what has happened.
    pub fn see(&mut self, seen: &Observation<'_, Request, Event>) -> Change {
        let change = self.change(&seen.what);
        if change != Change::Nothing {
            self.unjudged = Some(seen.at);
        }
        change
    }

    fn change(&mut self, what: &What<'_, Request, Event>) -> Change {
        match what {
            What::Event {
                node,
                event: Event::Pointers { position, predecessor, successors, serving, .. },
            } => {
                let view = View {
                    host: *node,
                    predecessor: *predecessor,
                    successors: successors.clone(),
                    serving: *serving,
                };
                self.hosts.insert(*position, *node);
                match self.members.insert(*position, view.clone()) {
                    None => Change::Membership,
                    Some(before) if before == view => Change::Nothing,
                    Some(_) => Change::Pointers,
                }
            }
            What::Event { event: Event::Left { position }, .. } => {
                let was = self.members.remove(position);
                was.map_or(Change::Nothing, |_| Change::Membership)
            }
            What::Crash { node } => {
                let before = self.members.len();
                self.members.retain(|_, view| view.host != *node);
                let changed = self.members.len() < before;
                if changed { Change::Membership } else { Change::Nothing }
            }
            What::Event { event: Event::Found { .. } | Event::Joined { .. }, .. }
            | What::Request { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => Change::Nothing,
        }
    }

    /// Has the ring judged anew at the end of this instant.
    pub fn touch(&mut self, now: Time) {
        self.unjudged = Some(now);
    }

    /// The instant of the last change, once it is over and unless it has been judged.
    pub fn settled(&mut self, now: Time) -> Option<Time> {
        self.unjudged.take_if(|changed| *changed < now)
    }

    /// The same at the end, when every instant is over.
    pub fn settled_at_last(&mut self) -> Option<Time> {
        self.unjudged.take()
    }

    /// A member's first live successor.
    pub fn first_live(&self, view: &View) -> Option<u64> {
        view.successors.iter().copied().find(|id| self.members.contains_key(id))
    }

    /// The first member at or after `id`: the one that is responsible for it.
    pub fn owner(&self, id: u64) -> Option<u64> {
        let ahead = self.members.range(id..).next();
        ahead.or_else(|| self.members.first_key_value()).map(|(owner, _)| *owner)
    }

    /// The members strictly between two identifiers, clockwise; between one and itself, all others.
    pub fn between(&self, from: u64, to: u64) -> impl Iterator<Item = u64> + '_ {
        use Bound::{Excluded, Unbounded};
        let (first, second) = match from < to {
            true => ((Excluded(from), Excluded(to)), None),
            false => ((Excluded(from), Unbounded), Some((Unbounded, Excluded(to)))),
        };
        let second = second.into_iter().flat_map(|range| self.members.range(range));
        self.members.range(first).chain(second).map(|(id, _)| *id)
    }

    /// Why the ring is not ideal: the first pointer that is wrong, in words. An ideal ring's
    /// members all have the right predecessor, and successor lists that are the next members in
    /// order without a gap.
    pub fn flaw(&self, names: &Names) -> Option<String> {
        let mut before = self.members.last_key_value().map(|(id, _)| *id);
        for (id, view) in &self.members {
            let alone = before == Some(*id);
            let right = view.predecessor == before || alone && view.predecessor.is_none();
            if !right {
                let (name, should) = (self.name(*id, names), self.maybe(before, names));
                let is = self.maybe(view.predecessor, names);
                return Some(format!("{name}'s predecessor is {is} instead of {should}"));
            }
            if let Some(why) = self.list_flaw(*id, view, names) {
                return Some(why);
            }
            if !view.serving {
                let name = self.name(*id, names);
                return Some(format!("{name} has not received its keys"));
            }
            before = Some(*id);
        }
        None
    }

    fn list_flaw(&self, id: u64, view: &View, names: &Names) -> Option<String> {
        let ahead = self.members.range((Bound::Excluded(id), Bound::Unbounded));
        let round = ahead.chain(self.members.range(..=id)).map(|(next, _)| *next);
        let name = || self.name(id, names);
        if view.successors.is_empty() {
            return Some(format!("{} has no successor", name()));
        }
        let listed = view.successors.iter().copied();
        let wrong = listed.zip(round.map(Some).chain(std::iter::repeat(None)));
        let wrong = wrong.into_iter().find(|(is, should)| Some(*is) != *should);
        wrong.map(|(is, should)| {
            let (is, should) = (self.name(is, names), self.maybe(should, names));
            format!("{}'s successor list has {is} instead of {should}", name())
        })
    }

    /// What people call a position: its member's name, with the identifier where that has several.
    pub fn name(&self, id: u64, names: &Names) -> String {
        let Some(host) = self.hosts.get(&id) else { return format!("position {id}") };
        let several = self.hosts.values().filter(|other| *other == host).nth(1).is_some();
        let name = &names[*host];
        if several { format!("{name}@{id}") } else { name.to_owned() }
    }

    fn maybe(&self, id: Option<u64>, names: &Names) -> String {
        id.map_or_else(|| "nobody".to_owned(), |id| self.name(id, names))
    }

    /// Several positions in words.
    pub fn list(&self, ids: impl IntoIterator<Item = u64>, names: &Names) -> String {
        const SHOWN_MAX: u64 = 8;
        let (mut text, mut count) = (String::new(), 0);
        for id in ids {
            count += 1;
            if count <= SHOWN_MAX {
                text.push_str(if count > 1 { ", " } else { "" });
                text.push_str(&self.name(id, names));
            }
        }
        match count {
            0 => "nobody".to_owned(),
            _ if count > SHOWN_MAX => format!("{text} and {} more", count - SHOWN_MAX),
            _ => text,
        }
    }
}
