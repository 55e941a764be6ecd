//! Chord (Stoica, Morris, Karger, Kaashoek & Balakrishnan, SIGCOMM 2001) in 144 bytes a node: a
//! ring that starts with stale pointers and stabilises.
//!
//! Assumes that nobody joins, leaves or fails. A node's key grows with its id, so that ids are
//! pointers and a pointer's key is computed from it; nodes use nothing else that they could know
//! from that. Differs from the paper in that a finger is looked up by first asking the node that
//! it points to, and that a key shortly behind a node goes to its predecessor.

use std::num::NonZeroU32;

use seedbed_node::{Context, Duration, LocalTime, Message, Node, NodeId, mix};

/// How many fingers a node has: at distances of 2^63 down to 2^40. The successor list reaches
/// beyond that in rings of up to some hundred million nodes.
pub const FINGERS: usize = 24;
/// The length of the successor list.
pub const SUCCESSORS: usize = 8;
/// How often a node stabilises, and fixes a finger.
pub const PERIOD: Duration = Duration::from_secs(30);

/// A pointer to nobody.
pub const NOBODY: NodeId = NodeId(u32::MAX);

/// The circle of 64-bit keys, cut into one sector a node; a node's key is somewhere in its sector.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Circle {
    nodes: u32,
    sector: u64,
}

impl Circle {
    /// A circle for at least two nodes.
    pub fn of(nodes: u32) -> Self {
        assert!(nodes >= 2, "a ring has at least two nodes");
        Circle { nodes, sector: u64::MAX / u64::from(nodes) }
    }

    /// The key of `node`.
    #[inline]
    pub fn key(self, node: NodeId) -> u64 {
        let random = mix(u64::from(node.0) ^ 0x9E37_79B9_7F4A_7C15);
        let within = ((u128::from(random) * u128::from(self.sector)) >> 64) as u64;
        u64::from(node.0) * self.sector + within
    }

    /// The true owner of `key`: the first node at or after it. Not for nodes to ask.
    pub fn owner(self, key: u64) -> NodeId {
        let at = (key / self.sector).min(u64::from(self.nodes) - 1) as u32;
        if self.key(NodeId(at)) >= key { NodeId(at) } else { self.after(NodeId(at), 1) }
    }

    /// The node `steps` further on.
    pub fn after(self, node: NodeId, steps: u32) -> NodeId {
        NodeId(((u64::from(node.0) + u64::from(steps)) % u64::from(self.nodes)) as u32)
    }
}

/// What a finger points over, as a number from 1, the farthest, to [`FINGERS`].
fn distance(finger: NonZeroU32) -> u64 {
    1 << (64 - finger.get())
}

/// A node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Chord {
    key: u64,
    /// The finger to fix next, from 1.
    next_finger: NonZeroU32,
    pub predecessor: NodeId,
    /// In order around the ring; what is not known yet is nobody.
    pub successors: [NodeId; SUCCESSORS],
    /// From the farthest to the nearest; what is not known yet is nobody.
    pub fingers: [NodeId; FINGERS],
}

const _: () = assert!(size_of::<Option<Chord>>() == 144 && size_of::<Talk>() <= 40);

/// What is fixed for a ring.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ring {
    pub circle: Circle,
    /// After this instant every node that stabilises shows its pointers to the judge.
    pub show_after: LocalTime,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum Talk {
    /// Who are your predecessor and your successors?
    Ask,
    /// These.
    Answer { predecessor: NodeId, successors: [NodeId; SUCCESSORS] },
    /// I may be your predecessor.
    Notify,
    /// Who owns `key`? Tell `asker`, for this finger.
    Find { key: u64, asker: NodeId, finger: u32 },
    /// The owner of the key that this finger points over.
    Found { owner: NodeId, finger: u32 },
}

/// The two timers, both periodic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alarm {
    Stabilise,
    FixFingers,
}

impl Node for Chord {
    type Params = Ring;
    type Message = Talk;
    type Timer = Alarm;
    type Request = ();
    /// A copy of the node, for the judge.
    type Event = Box<Chord>;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        for alarm in [Alarm::Stabilise, Alarm::FixFingers] {
            let phase_us = cx.choose((PERIOD.as_nanos() / 1_000) as u32);
            cx.set_timer(alarm, Duration::from_micros(u64::from(phase_us)));
        }
        Chord::stale(cx.me(), cx.params().circle)
    }

    fn on_timer(&mut self, alarm: Alarm, cx: &mut Context<'_, Self>) {
        cx.set_timer(alarm, PERIOD);
        match alarm {
            Alarm::Stabilise => {
                cx.send(self.successors[0], Talk::Ask);
                if cx.monotonic() > cx.params().show_after {
                    cx.emit(Box::new(self.clone()));
                }
            }
            Alarm::FixFingers => self.fix_finger(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Talk, cx: &mut Context<'_, Self>) {
        let circle = cx.params().circle;
        match message {
            Talk::Ask => {
                let (predecessor, successors) = (self.predecessor, self.successors);
                cx.send(from, Talk::Answer { predecessor, successors });
            }
            Talk::Answer { predecessor, successors } => {
                self.adopt(from, &successors, cx.me());
                if self.between(predecessor, from, circle) {
                    self.adopt(predecessor, &self.successors.clone(), cx.me());
                }
                cx.send(self.successors[0], Talk::Notify);
            }
            Talk::Notify => {
                let nearer = |old| self.ahead(from, circle) > self.ahead(old, circle);
                if self.predecessor == NOBODY || nearer(self.predecessor) {
                    self.predecessor = from;
                }
            }
            Talk::Find { key, asker, finger } => match self.owner(key, cx.me(), circle) {
                Some(owner) => cx.send(asker, Talk::Found { owner, finger }),
                None => cx.send(self.towards(key, circle), Talk::Find { key, asker, finger }),
            },
            Talk::Found { owner, finger } => self.fingers[finger as usize - 1] = owner,
        }
    }
}

impl Chord {
    /// The node at `me` before it has spoken to anybody: it knows its successor. Its fingers come
    /// from counting ids, which is wrong by one about every other time; one in four is missing.
    pub fn stale(me: NodeId, circle: Circle) -> Self {
        let missing = mix(u64::from(me.0));
        let finger = |index: usize| match (missing >> (2 * index)) & 3 {
            0 => NOBODY,
            _ => circle.after(me, (circle.nodes >> (index + 1)).max(1)),
        };
        let mut successors = [NOBODY; SUCCESSORS];
        successors[0] = circle.after(me, 1);
        let next_finger = NonZeroU32::new(1 + (missing >> 48) as u32 % FINGERS as u32);
        Chord {
            key: circle.key(me),
            next_finger: next_finger.expect("counted from 1"),
            predecessor: NOBODY,
            successors,
            fingers: std::array::from_fn(finger),
        }
    }

    /// Looks up the next finger that the successor list does not answer; those before it, at once.
    fn fix_finger(&mut self, cx: &mut Context<'_, Self>) {
        let (me, circle) = (cx.me(), cx.params().circle);
        for _ in 0..FINGERS {
            let finger = self.next_finger;
            let index = finger.get() as usize - 1;
            let key = self.key.wrapping_add(distance(finger));
            self.next_finger = finger.saturating_add(1);
            if self.next_finger.get() as usize > FINGERS {
                self.next_finger = NonZeroU32::MIN;
            }
            if let Some(owner) = self.owner(key, me, circle) {
                self.fingers[index] = owner;
                continue;
            }
            let first = match self.fingers[index] {
                NOBODY => self.towards(key, circle),
                known => known,
            };
            return cx.send(first, Talk::Find { key, asker: me, finger: finger.get() });
        }
    }

    /// The owner of `key` if this node can tell: itself, or one of its successor list.
    fn owner(&self, key: u64, me: NodeId, circle: Circle) -> Option<NodeId> {
        let behind = self.key.wrapping_sub(key);
        if self.predecessor != NOBODY && behind < self.behind(self.predecessor, circle) {
            return Some(me);
        }
        let ahead = key.wrapping_sub(self.key);
        let known = self.successors.iter().take_while(|node| **node != NOBODY);
        known.copied().find(|node| ahead <= self.ahead(*node, circle))
    }

    /// Whom to send on what is to reach the owner of `key`, which this node does not know: its
    /// predecessor if the key is as close behind as the successor list reaches ahead; else the
    /// closest preceding node that it knows.
    fn towards(&self, key: u64, circle: Circle) -> NodeId {
        let ahead = key.wrapping_sub(self.key);
        let last = self.successors.iter().rfind(|node| **node != NOBODY);
        let last = *last.expect("everybody has a successor");
        let reach = self.ahead(last, circle);
        if self.predecessor != NOBODY && self.key.wrapping_sub(key) <= reach {
            return self.predecessor;
        }
        // Fingers that point over `key` are no use.
        let candidates = self.fingers.iter().skip(ahead.leading_zeros() as usize);
        let preceding = candidates
            .copied()
            .find(|node| *node != NOBODY && (reach..ahead).contains(&self.ahead(*node, circle)));
        preceding.unwrap_or(last)
    }

    /// Takes `first` and then those of `rest` as successors, up to once around the ring.
    fn adopt(&mut self, first: NodeId, rest: &[NodeId; SUCCESSORS], me: NodeId) {
        self.successors = [NOBODY; SUCCESSORS];
        self.successors[0] = first;
        let rest = rest.iter().take_while(|node| **node != me);
        for (slot, node) in self.successors[1..].iter_mut().zip(rest) {
            *slot = *node;
        }
    }

    /// Whether `node` is somebody that lies strictly between this node and `end`.
    fn between(&self, node: NodeId, end: NodeId, circle: Circle) -> bool {
        node != NOBODY && (1..self.ahead(end, circle)).contains(&self.ahead(node, circle))
    }

    /// How far `node` is ahead on the circle.
    fn ahead(&self, node: NodeId, circle: Circle) -> u64 {
        circle.key(node).wrapping_sub(self.key)
    }

    /// How far `node` is behind on the circle.
    fn behind(&self, node: NodeId, circle: Circle) -> u64 {
        self.key.wrapping_sub(circle.key(node))
    }
}

/// How many pointers of a ring are right.
#[derive(Clone, Copy, Default)]
pub struct Right {
    pub nodes: u64,
    pub successors: u64,
    pub successor_lists: u64,
    pub predecessors: u64,
    pub fingers: u64,
}

impl Right {
    /// Counts what is right of `node`, by comparing with the circle.
    pub fn count(&mut self, me: NodeId, node: &Chord, circle: Circle) {
        let listed = |index| match index as u32 + 1 {
            steps if steps < circle.nodes => circle.after(me, steps),
            _ => NOBODY,
        };
        let key = |index| circle.key(me).wrapping_add(1u64 << (63 - index));
        let right = |(index, finger): &(usize, &NodeId)| **finger == circle.owner(key(*index));
        self.nodes += 1;
        self.successors += u64::from(node.successors[0] == listed(0));
        self.successor_lists += u64::from(node.successors == std::array::from_fn(listed));
        self.predecessors += u64::from(circle.after(node.predecessor, 1) == me);
        self.fingers += node.fingers.iter().enumerate().filter(right).count() as u64;
    }
}
