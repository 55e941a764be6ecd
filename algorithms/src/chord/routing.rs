//! Lookups: `find_successor`, recursive and iterative (ToN 2003, section IV-B; SIGCOMM 2001,
//! section 4.3).
//!
//! A position whose successor is the key's takes the last step; any other passes the search to the
//! closest finger that precedes the key. A contact that is not answered in time costs a timeout:
//! the pointer is removed and the next best is tried.
//!
//! A client's lookup ends with the owner's own word, so that a key whose new owner still waits for
//! it is found with the old one; so does a join (`build_fingers` of 2003 asks the successor). The
//! search for a finger ends, as published, with what the owner's predecessor says; in the corrected
//! form with the owner's word too, because nobody is adopted who has not answered.
//!
//! Absent: the shortcut by which a position would answer for its own keys before asking anybody.

use seedbed_node::NodeId;

use super::Event;
use super::identifiers::Peer;
use super::message::{ChordMessage, ChordTimer, Purpose, Quest, Ticket};
use super::node::{Hands, Position, Stage};
use super::params::{ChordMutant, Protocol, Routing};

/// A search that waits for a hop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Search {
    /// As it was before this contact.
    quest: Quest,
    /// Who has been contacted.
    asked: Peer,
    /// Whether that is believed to be the key's successor.
    last: bool,
    /// Who named it, and was itself contacted as the key's successor or not: nobody but oneself
    /// unless the search is iterative.
    teller: Option<(Peer, bool)>,
}

/// What a position knows of the way to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// The key is stored here, or would be.
    Here,
    /// To this one; `last` if it is believed to be the key's successor.
    To { peer: Peer, last: bool },
    /// There is no way on.
    Nowhere,
}

impl Position {
    /// Starts a search for the successor of `key`.
    pub fn seek(&mut self, purpose: Purpose, key: u64, hands: &mut Hands<'_, '_>) {
        let ticket = Ticket { asker: self.me, purpose };
        let quest = Quest { ticket, key, hops: 0, timeouts: 0 };
        if matches!(self.stage, Stage::Member { .. }) {
            let step = self.step(quest, false, self.me, hands);
            self.follow(quest, step, hands);
        }
    }

    /// Starts the search for one's own place, at somebody who is in the ring.
    pub fn seek_place(&mut self, contact: Peer, hands: &mut Hands<'_, '_>) {
        let ticket = Ticket { asker: self.me, purpose: Purpose::Join };
        let quest = Quest { ticket, key: hands.id(self.me), hops: 0, timeouts: 0 };
        self.contact(Search { quest, asked: contact, last: false, teller: None }, hands);
    }

    /// Whom to contact for `quest`, which `from` has brought here: as the last step or on the way.
    fn step(&self, quest: Quest, last: bool, from: Peer, hands: &Hands<'_, '_>) -> Step {
        let (space, key) = (hands.space, quest.key);
        let here = space.id(self.me);
        let Some(&successor) = self.successors.first() else { return Step::Nowhere };
        let mine = |predecessor| space.half_open(space.id(predecessor), key, here);
        let client = matches!(quest.ticket.purpose, Purpose::Client(_));
        match (self.stage, self.predecessor) {
            _ if !last => {}
            _ if hands.params().mutant == ChordMutant::StopsShort => return Step::Here,
            _ if self.keys.contains(&key) => return Step::Here,
            // The keys have not come yet; who had them still answers.
            (Stage::Member { serving: false }, _) if client => {
                return Step::To { peer: successor, last: true };
            }
            // Somebody has joined in front and has the keys already.
            (_, Some(peer)) if ![from, self.me].contains(&peer) && !mine(peer) => {
                return Step::To { peer, last: true };
            }
            _ => return Step::Here,
        }
        let end = space.id(successor);
        let reached = space.half_open(here, key, end);
        let peer = if reached { successor } else { self.closest_preceding(key, hands) };
        Step::To { peer, last: reached || hands.params().mutant == ChordMutant::StopsShort }
    }

    /// `closest_preceding_node`: the farthest finger in the open interval between here and the
    /// key. The successor is a finger, and precedes every key that is not its own.
    fn closest_preceding(&self, key: u64, hands: &Hands<'_, '_>) -> Peer {
        let space = hands.space;
        let here = space.id(self.me);
        let closed = hands.params().mutant == ChordMutant::ClosedInterval;
        let precedes = |peer: &&Peer| match closed {
            true => space.half_open(here, space.id(**peer), key),
            false => space.open(here, space.id(**peer), key),
        };
        let ahead = |peer: &Peer| space.distance(here, space.id(*peer));
        let finger = self.fingers.iter().rev().flatten().find(precedes);
        let listed = match hands.params().lists_route {
            true => self.successors.iter().rfind(precedes),
            false => self.successors.first(),
        };
        let best = finger.into_iter().chain(listed).copied().max_by_key(ahead);
        best.unwrap_or(self.me)
    }

    /// Takes a step of a search that is in one's own hands.
    fn follow(&mut self, quest: Quest, step: Step, hands: &mut Hands<'_, '_>) {
        match step {
            Step::Here => self.answer(quest, hands),
            Step::To { peer, last: true } if !asks_owner(quest, hands) => {
                self.conclude(quest, peer, false, Vec::new(), hands);
            }
            Step::To { peer, last } => {
                self.contact(Search { quest, asked: peer, last, teller: None }, hands);
            }
            // The client asks again, a finger has its next turn, and who joins tries elsewhere.
            Step::Nowhere => {}
        }
    }

    /// Contacts the next hop.
    fn contact(&mut self, search: Search, hands: &mut Hands<'_, '_>) {
        self.contact_instead(None, search, hands);
    }

    /// The same again, because whom it named then is dead.
    fn contact_instead(&mut self, dead: Option<Peer>, search: Search, hands: &mut Hands<'_, '_>) {
        let Search { mut quest, asked: to, last, .. } = search;
        quest.hops += self.forwarding(to, last, hands);
        let message = match hands.params().lookup {
            Routing::Recursive => ChordMessage::Seek { to, from: self.me, quest, last },
            Routing::Iterative => ChordMessage::Ask { to, quest, last, dead },
        };
        self.searches.insert(quest.ticket, search);
        hands.tell_for(quest.ticket.purpose, to, message);
        let timer = ChordTimer::Contact(self.me, quest.ticket);
        hands.cx.set_timer(timer, hands.params().timeout);
    }

    /// How much a contact adds to the length of the path: nothing if it is the last step, or stays
    /// within the member.
    fn forwarding(&self, to: Peer, last: bool, hands: &Hands<'_, '_>) -> u32 {
        u32::from(!last && hands.space.host(to) != hands.space.host(self.me))
    }

    /// A recursive search arrives.
    pub fn sought(&mut self, from: Peer, quest: Quest, last: bool, hands: &mut Hands<'_, '_>) {
        let Quest { ticket, .. } = quest;
        let taken = ChordMessage::Taken { to: from, from: self.me, ticket };
        hands.tell_for(ticket.purpose, from, taken);
        let step = self.step(quest, last, from, hands);
        self.follow(quest, step, hands);
    }

    /// The next hop has taken a recursive search on.
    pub fn taken(&mut self, from: Peer, ticket: Ticket, hands: &mut Hands<'_, '_>) {
        if self.searches.get(&ticket).is_some_and(|search| search.asked == from) {
            self.end_search(ticket, hands);
        }
    }

    /// An iterative search asks for the next hop.
    pub fn asked(
        &mut self,
        quest: Quest,
        last: bool,
        dead: Option<Peer>,
        hands: &mut Hands<'_, '_>,
    ) {
        if let Some(dead) = dead {
            self.forget(dead);
        }
        let Ticket { asker, purpose } = quest.ticket;
        let refer = |next, last| ChordMessage::Refer {
            to: asker,
            from: self.me,
            ticket: quest.ticket,
            next,
            last,
        };
        match self.step(quest, last, self.me, hands) {
            Step::Here => self.answer(quest, hands),
            Step::To { peer, last: true } if !asks_owner(quest, hands) => {
                self.conclude(quest, peer, false, Vec::new(), hands);
            }
            Step::To { peer, last } => hands.tell_for(purpose, asker, refer(Some(peer), last)),
            Step::Nowhere => hands.tell_for(purpose, asker, refer(None, false)),
        }
    }

    /// The asker of an iterative search hears whom to ask next.
    pub fn referred(
        &mut self,
        from: Peer,
        ticket: Ticket,
        next: Option<Peer>,
        last: bool,
        hands: &mut Hands<'_, '_>,
    ) {
        let Some(search) = self.searches.get(&ticket).copied() else { return };
        if search.asked != from {
            return;
        }
        self.end_search(ticket, hands);
        let Some(asked) = next else { return };
        let mut quest = search.quest;
        quest.hops += self.forwarding(from, search.last, hands);
        self.contact(Search { quest, asked, last, teller: Some((from, search.last)) }, hands);
    }

    /// A hop does not answer: its pointer goes, and the next best is tried.
    pub fn no_answer(&mut self, ticket: Ticket, hands: &mut Hands<'_, '_>) {
        let Some(search) = self.searches.remove(&ticket) else { return };
        let Search { mut quest, asked: dead, teller, .. } = search;
        quest.timeouts += 1;
        hands.cx.reached("hop timed out");
        self.forget(dead);
        match (teller, self.stage) {
            // The one that named it knows another; that contact is not counted twice.
            (Some((asked, last)), _) => {
                quest.hops -= self.forwarding(asked, last, hands);
                let again = Search { quest, asked, last, teller: None };
                self.contact_instead(Some(dead), again, hands);
            }
            (None, Stage::Member { .. }) => {
                let step = self.step(quest, false, self.me, hands);
                self.follow(quest, step, hands);
            }
            (None, Stage::Joining) => self.join_again(hands),
            (None, Stage::Out) => {}
        }
    }

    fn end_search(&mut self, ticket: Ticket, hands: &mut Hands<'_, '_>) {
        if self.searches.remove(&ticket).is_some() {
            hands.cx.cancel_timer(ChordTimer::Contact(self.me, ticket));
        }
    }

    /// This is where the key is, or would be.
    fn answer(&mut self, quest: Quest, hands: &mut Hands<'_, '_>) {
        let held = self.keys.contains(&quest.key);
        let successors = match quest.ticket.purpose {
            // As published, the first stabilisation fetches the list.
            Purpose::Join if hands.params().variant == Protocol::Corrected => {
                self.successors.clone()
            }
            Purpose::Join | Purpose::Client(_) | Purpose::Finger(_) => Vec::new(),
        };
        self.conclude(quest, self.me, held, successors, hands);
    }

    /// Tells the asker.
    fn conclude(
        &mut self,
        quest: Quest,
        owner: Peer,
        held: bool,
        successors: Vec<Peer>,
        hands: &mut Hands<'_, '_>,
    ) {
        let Ticket { asker, purpose } = quest.ticket;
        if asker == self.me {
            self.found_owner(quest, owner, held, &successors, hands);
        } else {
            let message = ChordMessage::Owner { quest, owner, held, successors };
            hands.tell_for(purpose, asker, message);
        }
    }

    /// The asker hears the answer.
    pub fn found_owner(
        &mut self,
        quest: Quest,
        owner: Peer,
        held: bool,
        successors: &[Peer],
        hands: &mut Hands<'_, '_>,
    ) {
        let Quest { ticket, key, hops, timeouts } = quest;
        self.end_search(ticket, hands);
        match (ticket.purpose, self.stage) {
            (Purpose::Client(lookup), Stage::Member { .. }) => {
                let owner = hands.id(owner);
                hands.cx.emit(Event::Found { lookup, key, owner, hops, timeouts, held });
            }
            (Purpose::Finger(power), Stage::Member { .. }) => self.set_finger(power, owner),
            (Purpose::Join, Stage::Joining) => self.enter(owner, successors, hands),
            (Purpose::Client(_) | Purpose::Finger(_), Stage::Out | Stage::Joining)
            | (Purpose::Join, Stage::Out | Stage::Member { .. }) => {}
        }
    }

    /// Sets a finger; one that points to oneself is of no use.
    pub fn set_finger(&mut self, power: u8, owner: Peer) {
        let me = self.me;
        let place = u32::from(power).checked_sub(1).map(|place| NodeId(place).index());
        if let Some(finger) = place.and_then(|place| self.fingers.get_mut(place)) {
            *finger = Some(owner).filter(|owner| *owner != me);
        }
    }
}

/// Whether a search is to hear the owner's own word.
fn asks_owner(quest: Quest, hands: &Hands<'_, '_>) -> bool {
    match quest.ticket.purpose {
        Purpose::Client(_) | Purpose::Join => true,
        Purpose::Finger(_) => hands.params().variant == Protocol::Corrected,
    }
}
