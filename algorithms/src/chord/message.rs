//! What positions say to each other, and the names of their timers.

use seedbed_node::{Message, Wire};

use super::identifiers::Peer;

/// What is being looked up, by whom, and what it has cost so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Quest {
    /// Whose search it is.
    pub ticket: Ticket,
    /// The identifier whose successor is sought.
    pub key: u64,
    /// Forwardings so far: contacts with other members, the last step excluded.
    pub hops: u32,
    /// Contacts that were not answered in time.
    pub timeouts: u32,
}

/// A search, by who started it and why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub struct Ticket {
    /// Who started it and is told the answer.
    pub asker: Peer,
    /// Why.
    pub purpose: Purpose,
}

/// Why something is looked up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Wire)]
pub enum Purpose {
    /// For a client, which tells its lookups apart by number.
    Client(u32),
    /// For the finger at a distance of two to this power.
    Finger(u8),
    /// To join.
    Join,
}

/// What is said. `to` and `from` are positions; a member may have several.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ChordMessage {
    /// Find the successor of the key (recursive). `last`: you are it, as far as I can tell.
    Seek {
        /// The contacted.
        to: Peer,
        /// Who contacts it.
        from: Peer,
        /// What is sought.
        quest: Quest,
        /// Whether `to` is believed to be the key's successor.
        last: bool,
    },
    /// I have taken the search on.
    Taken {
        /// Who handed it over.
        to: Peer,
        /// Who has it now.
        from: Peer,
        /// Which.
        ticket: Ticket,
    },
    /// Whom should I ask next (iterative)?
    Ask {
        /// The contacted.
        to: Peer,
        /// What is sought; the asker asks.
        quest: Quest,
        /// Whether `to` is believed to be the key's successor.
        last: bool,
        /// Whom `to` has named before, and who does not answer.
        dead: Option<Peer>,
    },
    /// Ask this one.
    Refer {
        /// The asker.
        to: Peer,
        /// Who was asked.
        from: Peer,
        /// Which search.
        ticket: Ticket,
        /// Whom to ask next; nobody if there is no way on.
        next: Option<Peer>,
        /// Whether that is believed to be the key's successor.
        last: bool,
    },
    /// The end of a search.
    Owner {
        /// What was sought.
        quest: Quest,
        /// The key's successor.
        owner: Peer,
        /// Whether the key is stored there.
        held: bool,
        /// The owner's successors, for those who join.
        successors: Vec<Peer>,
    },
    /// Who are your neighbours?
    AskNeighbours {
        /// The contacted.
        to: Peer,
        /// Who stabilises.
        from: Peer,
    },
    /// These.
    Neighbours {
        /// Who stabilises.
        to: Peer,
        /// The contacted.
        from: Peer,
        /// Its predecessor.
        predecessor: Option<Peer>,
        /// Its successors, nearest first.
        successors: Vec<Peer>,
    },
    /// I may be your predecessor.
    Notify {
        /// The contacted.
        to: Peer,
        /// Who notifies.
        from: Peer,
        /// Whether it still waits for the keys that would be its own.
        needs_keys: bool,
    },
    /// Are you alive?
    Ping {
        /// The contacted.
        to: Peer,
        /// Who wants to know.
        from: Peer,
    },
    /// Yes.
    Pong {
        /// Who wants to know.
        to: Peer,
        /// The contacted.
        from: Peer,
    },
    /// These keys are yours now.
    Keys {
        /// The new holder.
        to: Peer,
        /// The old holder.
        from: Peer,
        /// Their identifiers.
        keys: Vec<u64>,
    },
    /// I have stored them.
    Kept {
        /// The old holder.
        to: Peer,
        /// The new holder.
        from: Peer,
    },
    /// I leave.
    Leaving {
        /// The predecessor or successor.
        to: Peer,
        /// Who leaves.
        from: Peer,
        /// Its predecessor.
        predecessor: Option<Peer>,
        /// Its successors.
        successors: Vec<Peer>,
    },
}

impl ChordMessage {
    /// The position that a message is for.
    pub(super) fn to(&self) -> Peer {
        use ChordMessage::*;
        match self {
            Seek { to, .. }
            | Taken { to, .. }
            | Ask { to, .. }
            | Refer { to, .. }
            | AskNeighbours { to, .. }
            | Neighbours { to, .. }
            | Notify { to, .. }
            | Ping { to, .. }
            | Pong { to, .. }
            | Keys { to, .. }
            | Kept { to, .. }
            | Leaving { to, .. } => *to,
            Owner { quest, .. } => quest.ticket.asker,
        }
    }
}

/// The timers of a position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChordTimer {
    /// To stabilise again.
    Stabilize(Peer),
    /// To look up the next finger.
    FixFingers(Peer),
    /// The contacted has not told its neighbours.
    Neighbours(Peer),
    /// The predecessor has not answered.
    Probe(Peer),
    /// A hop of this search has not answered.
    Contact(Peer, Ticket),
    /// The join has come to nothing.
    Join(Peer),
}

impl ChordTimer {
    /// The position whose timer it is.
    pub(super) fn of(self) -> Peer {
        match self {
            ChordTimer::Stabilize(peer)
            | ChordTimer::FixFingers(peer)
            | ChordTimer::Neighbours(peer)
            | ChordTimer::Probe(peer)
            | ChordTimer::Contact(peer, _)
            | ChordTimer::Join(peer) => peer,
        }
    }
}
