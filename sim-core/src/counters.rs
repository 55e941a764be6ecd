//! What became of messages, counted; and the order in which pairs were served.

use std::collections::BTreeMap;

use seedbed_node::{Message, NodeId};

use crate::outcome::{KindTally, Tally};
use crate::trace::DropReason;

/// Counts of one run: by class (the algorithm's own, a transport's) and by kind.
#[derive(Clone, Debug)]
pub struct Counters {
    classes: [Tally; 2],
    kinds: Vec<[u64; 3]>,
    transport_from: usize,
    /// Hops travelled.
    pub hops: u64,
    /// By class: a transport's acknowledgement overtakes no message of the algorithm.
    orders: [Order; 2],
}

const SENT: usize = 0;
const DELIVERED: usize = 1;
const BYTES: usize = 2;

impl Counters {
    /// Counters for messages of type `M` among `nodes` nodes.
    pub fn new<M: Message>(nodes: u32, count_reordered: bool) -> Self {
        Counters {
            classes: [Tally::default(), Tally::default()],
            kinds: vec![[0; 3]; M::KINDS],
            transport_from: M::TRANSPORT_FROM,
            hops: 0,
            orders: [
                Order::new(nodes, count_reordered),
                Order::new(nodes, count_reordered && M::TRANSPORT_FROM < M::KINDS),
            ],
        }
    }

    /// Whether a kind is a transport's own.
    #[inline]
    pub fn is_transport(&self, kind: usize) -> bool {
        kind >= self.transport_from
    }

    #[inline]
    fn class(&mut self, kind: usize) -> &mut Tally {
        &mut self.classes[usize::from(kind >= self.transport_from)]
    }

    /// A node sends.
    #[inline]
    pub fn sent(&mut self, kind: usize, bytes: u32) {
        let class = self.class(kind);
        class.sent += 1;
        class.bytes += u64::from(bytes);
        self.kinds[kind][SENT] += 1;
        self.kinds[kind][BYTES] += u64::from(bytes);
    }

    /// A link makes a second copy.
    pub fn duplicated(&mut self, kind: usize) {
        self.class(kind).duplicated += 1;
    }

    /// A message does not arrive.
    pub fn dropped(&mut self, kind: usize, why: DropReason) {
        let class = self.class(kind);
        match why {
            DropReason::Lost => class.lost += 1,
            DropReason::Corrupted => class.corrupted += 1,
            DropReason::Overflowed => class.overflowed += 1,
            DropReason::Cut => class.cut += 1,
            DropReason::ToDead => class.to_dead += 1,
        }
    }

    /// A message is handled; `number` grows with the instant of sending, copies have one.
    #[inline]
    pub fn delivered(&mut self, kind: usize, from: NodeId, to: NodeId, number: u64) {
        let transport = usize::from(self.is_transport(kind));
        let overtaken = self.orders[transport].overtaken(from, to, number);
        let class = self.class(kind);
        class.delivered += 1;
        class.reordered += u64::from(overtaken);
        self.kinds[kind][DELIVERED] += 1;
    }

    /// A message is still on its way when the run ends.
    pub fn in_flight(&mut self, kind: usize) {
        self.class(kind).in_flight += 1;
    }

    /// The final counts: the algorithm's own, a transport's.
    ///
    /// # Panics
    /// If a message was counted twice or not at all: that is a bug of the kernel.
    pub fn finish<M: Message>(mut self) -> (Tally, Tally) {
        for (kind, counts) in self.kinds.iter().enumerate().filter(|(_, c)| c[SENT] > 0) {
            let class = &mut self.classes[usize::from(kind >= self.transport_from)];
            class.by_kind.push(KindTally {
                kind: M::kind_name(kind),
                sent: counts[SENT],
                delivered: counts[DELIVERED],
                bytes: counts[BYTES],
            });
        }
        let [own, transport] = self.classes;
        for tally in [&own, &transport] {
            assert_eq!(
                tally.sent + tally.duplicated,
                tally.delivered
                    + tally.lost
                    + tally.corrupted
                    + tally.overflowed
                    + tally.cut
                    + tally.to_dead
                    + tally.in_flight,
                "every message has exactly one fate: {tally:?}"
            );
        }
        (own, transport)
    }
}

/// The latest message delivered on each ordered pair, to see what was overtaken.
#[derive(Clone, Debug)]
enum Order {
    Uncounted,
    /// One word a pair, for few nodes.
    Dense {
        nodes: usize,
        latest: Vec<u64>,
    },
    /// Pairs that have spoken, for many.
    Sparse(BTreeMap<(NodeId, NodeId), u64>),
}

const DENSE_NODES_MAX: u32 = 1024;

impl Order {
    fn new(nodes: u32, count: bool) -> Self {
        match (count, nodes) {
            (false, _) => Order::Uncounted,
            (true, ..=DENSE_NODES_MAX) => {
                let nodes = nodes as usize;
                Order::Dense { nodes, latest: vec![0; nodes * nodes] }
            }
            (true, _) => Order::Sparse(BTreeMap::new()),
        }
    }

    #[inline]
    fn overtaken(&mut self, from: NodeId, to: NodeId, number: u64) -> bool {
        let latest = match self {
            Order::Uncounted => return false,
            Order::Dense { nodes, latest } => &mut latest[from.index() * *nodes + to.index()],
            Order::Sparse(latest) => latest.entry((from, to)).or_insert(0),
        };
        let overtaken = number < *latest;
        *latest = number.max(*latest);
        overtaken
    }
}
