//! Messages on their way, in a slab of their own: what every one of them needs in one compact
//! cell, what few of them need beside it.

use seedbed_node::{NodeId, Operation, Time};
use slab::Slab;

use crate::causality::Stamp;
use crate::network::{Envelope, Noise};

/// No slot, and no further data.
const NONE: u32 = u32::MAX;

/// What is known of a message on its way, apart from its contents.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub origin: NodeId,
    pub destination: NodeId,
    pub sent_at: Time,
    /// The number that it was sent with: grows with the instant of sending; a copy has its
    /// original's.
    pub sent: u64,
    pub ordinal: u32,
    /// Where its [`Rare`] is; the next vacant cell, if vacant.
    link: u32,
    /// Client and number of the operation that it is counted for; [`NO_OPERATION`] for none. One
    /// word, because two halves in memory cannot be read as a whole before they are written back.
    operation: u64,
}

const NO_OPERATION: u64 = u64::MAX;

impl Head {
    /// That of a vacant cell behind which there is no other.
    const NOTHING: Head = Head {
        origin: NodeId(0),
        destination: NodeId(0),
        sent_at: Time::ZERO,
        sent: 0,
        ordinal: 0,
        link: NONE,
        operation: NO_OPERATION,
    };

    pub fn new(envelope: &Envelope, sent: u64, operation: Option<Operation>) -> Self {
        let Envelope { origin, destination, sent_at, ordinal, .. } = *envelope;
        let word = |o: Operation| u64::from(o.client.0) << 32 | u64::from(o.number);
        let operation = operation.map_or(NO_OPERATION, word);
        Head { origin, destination, sent_at, sent, ordinal, link: NONE, operation }
    }

    #[inline]
    pub fn operation(&self) -> Option<Operation> {
        let (client, number) = (NodeId((self.operation >> 32) as u32), self.operation as u32);
        (self.operation != NO_OPERATION).then_some(Operation { client, number })
    }

    /// False for messages to oneself, which are events rather than messages.
    #[inline]
    pub fn counted(&self) -> bool {
        self.origin != self.destination
    }

    /// The digest's word for who said what kind of thing.
    #[inline]
    pub fn said(&self, kind: usize) -> u64 {
        u64::from(self.origin.0) << 32 | kind as u64
    }

    /// That of a copy, which has further data of its own.
    pub fn copied(self) -> Head {
        Head { link: NONE, ..self }
    }

    /// Whether there is nothing to know about it that is not in here.
    #[inline]
    pub fn plain(&self) -> bool {
        self.link == NONE
    }
}

/// What is known of messages that are forwarded, harmed, copied or stamped.
#[derive(Clone, Debug)]
pub struct Rare {
    /// The two ends of the hop that it is on.
    pub hop: (NodeId, NodeId),
    /// See [`Envelope::lineage`].
    pub lineage: u32,
    /// Its number in the trace.
    pub number: u64,
    pub noise: Noise,
    pub stamp: Option<Stamp>,
}

impl Rare {
    /// Noise on a hop, on top of earlier hops': what was altered stays so, unless a checksum finds
    /// the message out later.
    pub fn suffer(&mut self, noise: Noise) {
        self.noise = match (self.noise, noise) {
            (Noise::None, noise) => noise,
            (_, Noise::Detected) => Noise::Detected,
            (earlier, Noise::None | Noise::Altered(_)) => earlier,
        };
    }
}

#[derive(Clone, Debug)]
struct Cell<M> {
    head: Head,
    /// `None` if the cell is vacant.
    message: Option<M>,
}

/// All messages on their way.
#[derive(Clone, Debug)]
pub struct Flights<M> {
    cells: Vec<Cell<M>>,
    vacant: u32,
    rare: Slab<Rare>,
}

impl<M> Default for Flights<M> {
    fn default() -> Self {
        Flights { cells: Vec::new(), vacant: NONE, rare: Slab::new() }
    }
}

impl<M> Flights<M> {
    #[inline(always)]
    pub fn insert(&mut self, head: Head, message: M) -> u32 {
        if self.vacant == NONE {
            self.grow();
        }
        let slot = self.vacant;
        let cell = &mut self.cells[slot as usize];
        self.vacant = cell.head.link;
        (cell.head, cell.message) = (head, Some(message));
        slot
    }

    /// Adds a vacant cell.
    #[inline(never)]
    fn grow(&mut self) {
        let slot = u32::try_from(self.cells.len()).ok().filter(|slot| *slot != NONE);
        self.vacant = slot.expect("fewer than 2^32 messages on their way");
        self.cells.push(Cell { head: Head::NOTHING, message: None });
    }

    /// Takes a message off; with what few have, if it has it.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) -> (Head, M, Option<Rare>) {
        let cell = &mut self.cells[slot as usize];
        let head = cell.head;
        let message = cell.message.take().expect("a message on its way");
        cell.head.link = std::mem::replace(&mut self.vacant, slot);
        let rare = (head.link != NONE).then(|| self.rare.remove(head.link as usize));
        (head, message, rare)
    }

    /// Takes a plain message off, after a last look at it.
    #[inline(always)]
    pub fn remove_plain<T>(&mut self, slot: u32, look: impl FnOnce(&Head, &M) -> T) -> (T, M) {
        let cell = &mut self.cells[slot as usize];
        let message = cell.message.as_ref().expect("a message on its way");
        let seen = look(&cell.head, message);
        cell.head.link = std::mem::replace(&mut self.vacant, slot);
        (seen, cell.message.take().expect("just seen"))
    }

    /// Reads a little of a cell, whose memory is then in the cache.
    #[inline]
    pub fn touch(&self, slot: u32) -> usize {
        let cell = &self.cells[slot as usize];
        usize::from(cell.head.plain()) + usize::from(cell.message.is_some())
    }

    #[inline]
    pub fn head(&self, slot: u32) -> &Head {
        &self.cells[slot as usize].head
    }

    pub fn message(&self, slot: u32) -> &M {
        self.cells[slot as usize].message.as_ref().expect("a message on its way")
    }

    pub fn message_mut(&mut self, slot: u32) -> &mut M {
        self.cells[slot as usize].message.as_mut().expect("a message on its way")
    }

    /// What few messages have: as of a plain one, if this is one.
    pub fn rare(&self, slot: u32) -> Rare {
        let head = self.head(slot);
        match head.link {
            NONE => plain(head),
            link => self.rare[link as usize].clone(),
        }
    }

    /// The same to be changed; the message is not plain any more.
    pub fn rare_mut(&mut self, slot: u32) -> &mut Rare {
        let head = &mut self.cells[slot as usize].head;
        if head.link == NONE {
            head.link = self.rare.insert(plain(head)) as u32;
        }
        &mut self.rare[head.link as usize]
    }

    /// What the network is shown of a message of this length.
    pub fn envelope(&self, slot: u32, bytes: u32) -> Envelope {
        let head = self.head(slot);
        let Head { origin, destination, sent_at, ordinal, link, .. } = *head;
        let lineage = if link == NONE { 0 } else { self.rare[link as usize].lineage };
        Envelope { origin, destination, sent_at, ordinal, lineage, bytes }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Head, &M)> {
        self.cells.iter().filter_map(|cell| Some((&cell.head, cell.message.as_ref()?)))
    }

    /// Drops everything but the memory.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.vacant = NONE;
        self.rare.clear();
    }
}

fn plain(head: &Head) -> Rare {
    let hop = (head.origin, head.destination);
    Rare { hop, lineage: 0, number: head.sent, noise: Noise::None, stamp: None }
}
