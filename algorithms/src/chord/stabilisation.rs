//! Upkeep: stabilise, notify, check the predecessor, fix fingers (ToN 2003, section IV-E).
//!
//! | Form | the successor reports a predecessor `x` in between | at the end | on being notified by `n` |
//! |---|---|---|---|
//! | published | `x` becomes the successor | notifies the successor | `n` becomes the predecessor if there is none, or `n` is nearer |
//! | notes | `x` becomes the successor wherever it lies | nothing | never is |
//! | corrected | `x` is asked for its list; if it answers, it becomes the successor | notifies the successor | as published; else the predecessor is tested, and replaced by `n` if dead |
//!
//! In all forms the successor list is the successor followed by the successor's own list, and a
//! successor that does not answer in time is replaced by the next of the list. Whether the
//! predecessor is alive is tested periodically in the published form and the notes', and on a
//! notification in the corrected one.

use super::identifiers::Peer;
use super::message::{ChordMessage, ChordTimer, Purpose};
use super::node::{Hands, Position, Stage};
use super::params::{ChordMutant, Protocol};

/// Whose neighbours a stabilising position has asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Contact {
    /// Its successor's.
    Successor(Peer),
    /// Those of its successor's predecessor: the second step of the corrected form.
    Candidate(Peer),
}

/// A test whether the predecessor is alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Probe {
    /// Whom it has pinged.
    predecessor: Peer,
    /// Who takes its place if it is dead.
    instead: Option<Peer>,
}

/// How many different phases periodic timers may have.
const PHASES: u32 = 16;

impl Position {
    /// Sets the periodic timers, at a phase of one's own.
    pub fn begin_upkeep(&mut self, hands: &mut Hands<'_, '_>) {
        let params = hands.params();
        let (stabilize, fix) = (params.stabilize, params.fix_fingers);
        for (timer, period) in
            [(ChordTimer::Stabilize(self.me), stabilize), (ChordTimer::FixFingers(self.me), fix)]
        {
            if period.as_nanos() > 0 {
                let phase = 1 + u64::from(hands.cx.choose(PHASES));
                let part = period.as_nanos() / u64::from(PHASES) * phase;
                hands.cx.set_timer(timer, seedbed_node::Duration::from_nanos(part));
            }
        }
    }

    /// The periodic timer: once more.
    pub fn stabilize_again(&mut self, hands: &mut Hands<'_, '_>) {
        let period = hands.params().stabilize;
        hands.cx.set_timer(ChordTimer::Stabilize(self.me), period);
        // A contact that is still open goes on.
        if self.contact.is_none() {
            self.ask_successor(hands);
        }
        if hands.params().variant != Protocol::Corrected && self.probe.is_none() {
            self.check_predecessor(None, hands);
        }
    }

    /// `stabilize`, first step: who is in front of my successor?
    fn ask_successor(&mut self, hands: &mut Hands<'_, '_>) {
        if let Some(successor) = self.successors.first().copied() {
            self.ask_neighbours(Contact::Successor(successor), successor, hands);
        }
    }

    fn ask_neighbours(&mut self, contact: Contact, to: Peer, hands: &mut Hands<'_, '_>) {
        self.contact = Some(contact);
        hands.tell(to, ChordMessage::AskNeighbours { to, from: self.me });
        let timeout = hands.params().timeout;
        hands.cx.set_timer(ChordTimer::Neighbours(self.me), timeout);
    }

    /// Somebody stabilises with me as its successor.
    pub fn tell_neighbours(&mut self, from: Peer, hands: &mut Hands<'_, '_>) {
        let message = ChordMessage::Neighbours {
            to: from,
            from: self.me,
            predecessor: self.predecessor,
            successors: self.successors.clone(),
        };
        hands.tell(from, message);
    }

    /// The contacted has answered: it is alive.
    pub fn neighbours(
        &mut self,
        from: Peer,
        predecessor: Option<Peer>,
        successors: &[Peer],
        hands: &mut Hands<'_, '_>,
    ) {
        match self.contact {
            Some(Contact::Successor(peer) | Contact::Candidate(peer)) if peer == from => {}
            // An answer that comes too late.
            _ => return,
        }
        hands.cx.cancel_timer(ChordTimer::Neighbours(self.me));
        let first_step = self.contact.take() == Some(Contact::Successor(from));
        self.adopt(from, successors, hands);
        let nearer = predecessor.filter(|x| first_step && self.improves(*x, from, hands));
        match (nearer, hands.params().variant) {
            (Some(x), Protocol::Corrected) => {
                return self.ask_neighbours(Contact::Candidate(x), x, hands);
            }
            (Some(x), Protocol::Published | Protocol::Notes) => self.push_front(x, hands),
            (None, _) => {}
        }
        self.notify_successor(hands);
    }

    /// Whether to go over to `x`, the predecessor of the successor: if it lies in between.
    fn improves(&self, x: Peer, successor: Peer, hands: &Hands<'_, '_>) -> bool {
        let untested = hands.params().variant == Protocol::Notes
            || hands.params().mutant == ChordMutant::NoIntervalTest;
        if untested {
            return x != self.me;
        }
        hands.space.open(hands.id(self.me), hands.id(x), hands.id(successor))
    }

    /// The contacted does not answer.
    pub fn no_neighbours(&mut self, hands: &mut Hands<'_, '_>) {
        match self.contact.take() {
            Some(Contact::Successor(dead)) => {
                hands.cx.reached("successor timed out");
                if hands.params().mutant != ChordMutant::KeepsDead {
                    self.forget(dead);
                }
                self.ask_successor(hands);
            }
            // The successor stays; notified, it tests the predecessor that it has reported.
            Some(Contact::Candidate(_)) => self.notify_successor(hands),
            None => {}
        }
    }

    fn notify_successor(&mut self, hands: &mut Hands<'_, '_>) {
        let silent = hands.params().variant == Protocol::Notes
            || hands.params().mutant == ChordMutant::NoNotify;
        if let Some(to) = self.successors.first().copied().filter(|_| !silent) {
            let needs_keys = self.stage == Stage::Member { serving: false };
            hands.tell(to, ChordMessage::Notify { to, from: self.me, needs_keys });
        }
    }

    /// `notify`, or `rectify` in the corrected form: `from` believes to be the predecessor.
    pub fn notified(&mut self, from: Peer, needs_keys: bool, hands: &mut Hands<'_, '_>) {
        let Some(predecessor) = self.predecessor else {
            return self.adopt_predecessor(from, hands);
        };
        let space = hands.space;
        if space.open(space.id(predecessor), space.id(from), space.id(self.me)) {
            self.adopt_predecessor(from, hands);
        } else if predecessor != from && hands.params().variant == Protocol::Corrected {
            self.check_predecessor(Some(from), hands);
        } else if predecessor == from && needs_keys {
            // It was away for so short a time that nobody has noticed.
            self.send_keys(from, hands);
        }
    }

    /// `check_predecessor`: if it is dead, `instead` takes its place.
    fn check_predecessor(&mut self, instead: Option<Peer>, hands: &mut Hands<'_, '_>) {
        if let Some(probe) = &mut self.probe {
            // Whoever came last is the most likely to be still there.
            probe.instead = instead;
            return;
        }
        let Some(predecessor) = self.predecessor.filter(|peer| *peer != self.me) else { return };
        self.probe = Some(Probe { predecessor, instead });
        hands.tell(predecessor, ChordMessage::Ping { to: predecessor, from: self.me });
        let timeout = hands.params().timeout;
        hands.cx.set_timer(ChordTimer::Probe(self.me), timeout);
    }

    /// The predecessor is alive.
    pub fn alive(&mut self, from: Peer, hands: &mut Hands<'_, '_>) {
        if self.probe.is_some_and(|probe| probe.predecessor == from) {
            self.probe = None;
            hands.cx.cancel_timer(ChordTimer::Probe(self.me));
        }
    }

    /// The predecessor is dead.
    pub fn no_pong(&mut self, hands: &mut Hands<'_, '_>) {
        let Some(Probe { predecessor, instead }) = self.probe.take() else { return };
        if self.predecessor != Some(predecessor) {
            return;
        }
        self.predecessor = None;
        if let Some(instead) = instead {
            self.adopt_predecessor(instead, hands);
        }
    }

    pub fn adopt_predecessor(&mut self, predecessor: Peer, hands: &mut Hands<'_, '_>) {
        self.predecessor = Some(predecessor);
        self.send_keys(predecessor, hands);
    }

    /// Takes `successor`, and its list, for one's own: up to `r`, and at most once around.
    pub fn adopt(&mut self, successor: Peer, list: &[Peer], hands: &Hands<'_, '_>) {
        let me = self.me;
        let whole = hands.params().mutant != ChordMutant::SkipsSuccessor || list.is_empty();
        let first = Some(successor).filter(|_| whole);
        let rest = list.iter().copied().take_while(|peer| ![me, successor].contains(peer));
        let length = match hands.params().mutant {
            ChordMutant::ListsGrow => u8::MAX,
            _ => hands.params().successors,
        };
        self.successors = first.into_iter().chain(rest).take(length.into()).collect();
    }

    /// Puts `successor` in front of the list, which keeps its length.
    fn push_front(&mut self, successor: Peer, hands: &Hands<'_, '_>) {
        self.successors.retain(|peer| *peer != successor);
        self.successors.insert(0, successor);
        self.successors.truncate(hands.params().successors.into());
    }

    /// `fix_fingers`: looks up the next finger that the successor does not answer for; those
    /// before it, at once.
    pub fn fix_next_finger(&mut self, hands: &mut Hands<'_, '_>) {
        let (space, bits, period) = (hands.space, hands.params().bits, hands.params().fix_fingers);
        hands.cx.set_timer(ChordTimer::FixFingers(self.me), period);
        let Some(successor) = self.successors.first().copied() else { return };
        let here = space.id(self.me);
        self.fingers.resize((bits - 1).into(), None);
        for _ in 1..bits {
            let power = self.next_finger;
            self.next_finger = if power + 1 < bits { power + 1 } else { 1 };
            let far = u8::from(hands.params().mutant == ChordMutant::FarFingers);
            let target = space.ahead(here, (power + far).min(bits - 1));
            if !space.half_open(here, target, space.id(successor)) {
                return self.seek(Purpose::Finger(power), target, hands);
            }
            self.set_finger(power, successor);
        }
    }
}
