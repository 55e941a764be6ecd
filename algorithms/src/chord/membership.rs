//! Joining, leaving, and whose keys are whose (ToN 2003, sections IV-E.1 and IV-E.3).
//!
//! Who joins finds its successor by way of somebody in the ring; stabilisation does the rest. The
//! keys of `(predecessor, me]` move when the successor, notified, takes the newcomer for its
//! predecessor: it sends them, and keeps them until the newcomer confirms. Lookups that reach the
//! newcomer before are referred to the old holder.
//!
//! Who leaves hands its keys to its successor. In the published form it also introduces its
//! predecessor and successor to each other; in the corrected one its silence is a failure like any
//! other.

use seedbed_node::NodeId;

use super::Event;
use super::identifiers::Peer;
use super::message::{ChordMessage, ChordTimer};
use super::node::{Hands, Position, Stage};
use super::params::{ChordMutant, Protocol};

impl Position {
    /// Starts to join, unless in the ring or on the way.
    pub fn join(&mut self, hands: &mut Hands<'_, '_>) {
        if self.stage == Stage::Out {
            self.stage = Stage::Joining;
            self.join_again(hands);
        }
    }

    /// Asks somebody for one's own place.
    pub fn join_again(&mut self, hands: &mut Hands<'_, '_>) {
        if self.stage != Stage::Joining {
            return;
        }
        let patience = hands.params().rejoin;
        hands.cx.set_timer(ChordTimer::Join(self.me), patience);
        // Anybody in the ring would do; of those who formed it, some are still there.
        let me = hands.cx.me();
        let founders = hands.params().founders(hands.cx.members());
        let others = founders - u32::from(me.0 < founders);
        if others > 0 {
            let drawn = hands.cx.choose(others);
            let host = NodeId(drawn + u32::from(drawn >= me.0));
            let Some(contact) = hands.space.of(host).next() else { return };
            match hands.params().mutant {
                ChordMutant::JoinsAnywhere => self.enter(contact, &[], hands),
                _ => self.seek_place(contact, hands),
            }
        }
    }

    /// Joins behind nobody in front of `successor`, whose successors are these if it has told them.
    pub fn enter(&mut self, successor: Peer, list: &[Peer], hands: &mut Hands<'_, '_>) {
        // Only with an `Even` placement: somebody has not noticed that this node was away.
        if successor == self.me {
            return;
        }
        hands.cx.cancel_timer(ChordTimer::Join(self.me));
        *self = Position { stage: Stage::Member { serving: false }, ..Position::out(self.me) };
        self.adopt(successor, list, hands);
        self.begin_upkeep(hands);
        hands.cx.emit(Event::Joined { position: hands.id(self.me) });
    }

    /// Leaves the ring, or gives up joining it.
    pub fn leave(&mut self, hands: &mut Hands<'_, '_>) {
        if let Stage::Member { .. } = self.stage {
            self.say_goodbye(hands);
        }
        let me = self.me;
        let searches = self.searches.keys().map(|ticket| ChordTimer::Contact(me, *ticket));
        let timers = [
            ChordTimer::Stabilize(me),
            ChordTimer::FixFingers(me),
            ChordTimer::Neighbours(me),
            ChordTimer::Probe(me),
            ChordTimer::Join(me),
        ];
        for timer in timers.into_iter().chain(searches) {
            hands.cx.cancel_timer(timer);
        }
        hands.cx.emit(Event::Left { position: hands.id(me) });
        *self = Position::out(hands.space.later(me, 1));
    }

    fn say_goodbye(&mut self, hands: &mut Hands<'_, '_>) {
        let (me, predecessor) = (self.me, self.predecessor);
        let Some(successor) = self.successors.first().copied().filter(|peer| *peer != me) else {
            return;
        };
        let keys = self.keys.iter().copied().collect();
        hands.tell(successor, ChordMessage::Keys { to: successor, from: me, keys });
        if hands.params().variant == Protocol::Corrected {
            return;
        }
        for to in [Some(successor), predecessor].into_iter().flatten() {
            let successors = self.successors.clone();
            hands.tell(to, ChordMessage::Leaving { to, from: me, predecessor, successors });
        }
    }

    /// A neighbour leaves: its other neighbours take its place.
    pub fn deserted(
        &mut self,
        from: Peer,
        predecessor: Option<Peer>,
        successors: &[Peer],
        hands: &mut Hands<'_, '_>,
    ) {
        let (me, length) = (self.me, u64::from(hands.params().successors));
        let was_predecessor = self.predecessor == Some(from);
        let was_successor = self.successors.contains(&from);
        self.forget(from);
        if let Some(peer) = predecessor.filter(|peer| was_predecessor && *peer != me) {
            self.adopt_predecessor(peer, hands);
        }
        // The end of the leaver's list is the end of one's own.
        let last = successors.last().filter(|last| **last != me && !self.successors.contains(last));
        if was_successor && (self.successors.len() as u64) < length {
            self.successors.extend(last.copied());
        }
        if self.successors.is_empty() && was_successor {
            self.successors.push(me);
        }
    }

    /// Sends a new predecessor the keys that are now its own. They stay here until it has them.
    pub fn send_keys(&mut self, to: Peer, hands: &mut Hands<'_, '_>) {
        if to != self.me {
            let keys = self.keys_of(to, hands);
            if hands.params().mutant == ChordMutant::LosesKeys {
                self.keys.retain(|key| !keys.contains(key));
            }
            hands.tell(to, ChordMessage::Keys { to, from: self.me, keys });
        }
    }

    /// The stored keys that belong to `predecessor` or to somebody before it.
    fn keys_of(&self, predecessor: Peer, hands: &Hands<'_, '_>) -> Vec<u64> {
        let space = hands.space;
        let (from, here) = (space.id(predecessor), space.id(self.me));
        let not_mine = |key: &&u64| !space.half_open(from, **key, here);
        self.keys.iter().filter(not_mine).copied().collect()
    }

    /// Keys arrive, from the successor or from a predecessor that leaves.
    pub fn store(&mut self, from: Peer, keys: Vec<u64>, hands: &mut Hands<'_, '_>) {
        self.keys.extend(keys);
        hands.tell(from, ChordMessage::Kept { to: from, from: self.me });
        let by_successor = self.successors.first() == Some(&from);
        if by_successor || self.predecessor != Some(from) {
            self.stage = Stage::Member { serving: true };
        }
        // Some may belong further back: to somebody who has joined meanwhile.
        if let Some(predecessor) = self.predecessor.filter(|peer| *peer != from)
            && !self.keys_of(predecessor, hands).is_empty()
        {
            self.send_keys(predecessor, hands);
        }
    }

    /// The predecessor has its keys.
    pub fn hand_over(&mut self, from: Peer, hands: &mut Hands<'_, '_>) {
        for key in self.keys_of(from, hands) {
            self.keys.remove(&key);
        }
    }
}
