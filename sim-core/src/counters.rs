//! What became of messages, counted; and the order in which pairs were served.

use std::collections::BTreeMap;

use seedbed_node::{Message, NodeId};

use crate::outcome::{KindTally, Tally};
use crate::trace::DropReason;

/// Counts of one run: by class (the algorithm's own, a transport's) and by kind.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// But for what is counted by kind.
    classes: [Tally; 2],
    kinds: Vec<[u64; 3]>,
    /// Hops travelled.
    pub hops: u64,
    /// By class: a transport's acknowledgement overtakes no message of the algorithm.
    orders: [Order; 2],
}

const SENT: usize = 0;
const DELIVERED: usize = 1;
const BYTES: usize = 2;

impl Counters {
    /// Counters for messages of type `M` among `nodes` nodes; with the memory of earlier ones.
    pub fn new<M: Message>(nodes: u32, count_reordered: bool, memory: Option<Self>) -> Self {
        let [own, transport] = memory.map_or([Order::Uncounted, Order::Uncounted], |c| c.orders);
        Counters {
            classes: [Tally::default(), Tally::default()],
            kinds: vec![[0; 3]; M::KINDS],
            hops: 0,
            orders: [
                own.renewed(nodes, count_reordered),
                transport.renewed(nodes, count_reordered && M::TRANSPORT_FROM < M::KINDS),
            ],
        }
    }

    #[inline]
    fn class(&mut self, transport: bool) -> &mut Tally {
        &mut self.classes[usize::from(transport)]
    }

    /// A node sends.
    #[inline]
    pub fn sent(&mut self, kind: usize, bytes: u32) {
        let counts = &mut self.kinds[kind];
        counts[SENT] += 1;
        counts[BYTES] += u64::from(bytes);
    }

    /// A link makes a second copy.
    pub fn duplicated(&mut self, transport: bool) {
        self.class(transport).duplicated += 1;
    }

    /// A message does not arrive.
    pub fn dropped(&mut self, transport: bool, why: DropReason) {
        let class = self.class(transport);
        match why {
            DropReason::Lost => class.lost += 1,
            DropReason::Corrupted => class.corrupted += 1,
            DropReason::Overflowed => class.overflowed += 1,
            DropReason::Cut => class.cut += 1,
            DropReason::ToDead => class.to_dead += 1,
        }
    }

    /// A message is handled; `number` grows with the instant of sending, copies have one.
    #[inline(always)]
    pub fn delivered(
        &mut self,
        kind: usize,
        transport: bool,
        from: NodeId,
        to: NodeId,
        number: u64,
    ) {
        let overtaken = self.orders[usize::from(transport)].overtaken(from, to, number);
        if overtaken {
            self.class(transport).reordered += 1;
        }
        self.kinds[kind][DELIVERED] += 1;
    }

    /// A message is still on its way when the run ends.
    pub fn in_flight(&mut self, transport: bool) {
        self.class(transport).in_flight += 1;
    }

    /// The final counts: the algorithm's own, a transport's.
    ///
    /// # Panics
    /// If a message was counted twice or not at all: that is a bug of the kernel.
    pub fn finish<M: Message>(&mut self) -> (Tally, Tally) {
        for (kind, counts) in self.kinds.iter().enumerate().filter(|(_, c)| c[SENT] > 0) {
            let class = &mut self.classes[usize::from(kind >= M::TRANSPORT_FROM)];
            class.sent += counts[SENT];
            class.delivered += counts[DELIVERED];
            class.bytes += counts[BYTES];
            class.by_kind.push(KindTally {
                kind: M::kind_name(kind),
                sent: counts[SENT],
                delivered: counts[DELIVERED],
                bytes: counts[BYTES],
            });
        }
        let [own, transport] = std::mem::take(&mut self.classes);
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
#[derive(Clone, Debug, Default)]
enum Order {
    #[default]
    Uncounted,
    /// One word a pair, for few nodes.
    Dense { nodes: usize, latest: Vec<u64> },
    /// Pairs that have spoken, for many.
    Sparse(BTreeMap<(NodeId, NodeId), u64>),
}

const DENSE_NODES_MAX: u32 = 1024;

impl Order {
    /// Nothing delivered yet, in the memory of an earlier run.
    fn renewed(self, nodes: u32, count: bool) -> Self {
        match (count, nodes) {
            (false, _) => Order::Uncounted,
            (true, ..=DENSE_NODES_MAX) => {
                let nodes = nodes as usize;
                let mut latest = match self {
                    Order::Dense { latest, .. } => latest,
                    Order::Uncounted | Order::Sparse(_) => Vec::new(),
                };
                latest.clear();
                latest.resize(nodes * nodes, 0);
                Order::Dense { nodes, latest }
            }
            (true, _) => Order::Sparse(BTreeMap::new()),
        }
    }

    #[inline(always)]
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
