//! The surroundings of every node: a few words for each, and more for those that need it.

use std::collections::VecDeque;

use seedbed_node::{Draws, Durable, Node, NodeId, Time};

use crate::clock::{Clock, ClockConfig, ClockModel};
use crate::kernel::Item;
use crate::rng::{Keys, NameKeys, Purpose};
use crate::station::Station;
use crate::timers;

/// No [`Rest`].
const NONE: u32 = u32::MAX;

/// What every node has.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    pub up: bool,
    /// Whether it was ever booted.
    booted: bool,
    /// Where its [`Rest`] is.
    rest: u32,
    /// The chain of its armed timers.
    pub timers: u32,
    /// Where its entry for the current instant is, if it has one.
    pub instant: u32,
}

impl Host {
    /// Whether it is up and nothing else is to be known about it.
    #[inline]
    pub fn ordinary(&self) -> bool {
        self.up && self.rest == NONE
    }
}

/// What a node has that was harmed, that writes to its log or whose handlers take time.
pub(crate) struct Rest<N: Node> {
    /// The faults that keep it down, paused or slow (and how slow): each until it is undone.
    pub held_by: Vec<u32>,
    pub paused_by: Vec<u32>,
    pub slowed_by: Vec<(u32, u32)>,
    /// How often it has booted again.
    pub reboots: u32,
    pub durable: N::Durable,
    /// Records that the next forced write makes durable.
    pub lazy: Vec<<N::Durable as Durable>::Write>,
    /// How many services were drawn.
    pub services: u64,
    /// Crash in the next handler that has more effects than this, by this fault.
    pub crash_after: Option<(u32, u32)>,
    /// What became due while paused, in order.
    pub backlog: VecDeque<Item>,
    pub station: Station,
}

impl<N: Node> Default for Rest<N> {
    fn default() -> Self {
        Rest {
            held_by: Vec::new(),
            paused_by: Vec::new(),
            slowed_by: Vec::new(),
            reboots: 0,
            durable: N::Durable::default(),
            lazy: Vec::new(),
            services: 0,
            crash_after: None,
            backlog: VecDeque::new(),
            station: Station::default(),
        }
    }
}

impl<N: Node> Rest<N> {
    pub fn paused(&self) -> bool {
        !self.paused_by.is_empty()
    }

    /// How many times as long services take, in thousandths: the latest slowness decides.
    pub fn slow_permille(&self) -> u32 {
        self.slowed_by.last().map_or(1000, |&(_, permille)| permille)
    }
}

/// The surroundings of all nodes.
pub(crate) struct Hosts<N: Node> {
    hosts: Vec<Host>,
    rests: Vec<Rest<N>>,
    /// What a node without a [`Rest`] has.
    nothing: Rest<N>,
    /// How often each node has chosen; empty until one does.
    choices: Vec<u32>,
    pub clocks: HostClocks,
}

impl<N: Node> Hosts<N> {
    pub fn new(nodes: u32, clocks: HostClocks, mut hosts: Vec<Host>) -> Self {
        let host =
            Host { up: false, booted: false, rest: NONE, timers: timers::NONE, instant: NONE };
        hosts.clear();
        hosts.resize(nodes as usize, host);
        let (rests, choices) = Default::default();
        Hosts { hosts, rests, nothing: Rest::default(), choices, clocks }
    }

    /// Gives up the memory, for another run.
    pub fn take_memory(&mut self) -> Vec<Host> {
        std::mem::take(&mut self.hosts)
    }

    #[inline]
    pub fn get(&self, node: NodeId) -> &Host {
        &self.hosts[node.index()]
    }

    /// Whether there is such a member, and it is up and nothing else is to be known about it.
    #[inline(always)]
    pub fn ordinary(&self, node: NodeId) -> bool {
        self.hosts.get(node.index()).is_some_and(Host::ordinary)
    }

    #[inline]
    pub fn get_mut(&mut self, node: NodeId) -> &mut Host {
        &mut self.hosts[node.index()]
    }

    /// What a node has beyond a [`Host`].
    #[inline]
    pub fn rest(&self, node: NodeId) -> &Rest<N> {
        match self.hosts[node.index()].rest {
            NONE => &self.nothing,
            rest => &self.rests[rest as usize],
        }
    }

    /// The same to be changed.
    pub fn rest_mut(&mut self, node: NodeId) -> &mut Rest<N> {
        let host = &mut self.hosts[node.index()];
        if host.rest == NONE {
            host.rest = self.rests.len() as u32;
            self.rests.push(Rest::default());
        }
        &mut self.rests[host.rest as usize]
    }

    /// The node boots; gives how often it had booted before.
    pub fn boot(&mut self, node: NodeId) -> u32 {
        let host = &mut self.hosts[node.index()];
        host.up = true;
        if !std::mem::replace(&mut host.booted, true) {
            return 0;
        }
        let rest = self.rest_mut(node);
        rest.reboots += 1;
        rest.reboots
    }

    /// How often the node has chosen, counted up. After 2^32 choices of one node the count, and
    /// with it what is drawn, starts over.
    pub fn next_choice(&mut self, node: NodeId) -> u32 {
        if self.choices.is_empty() {
            self.choices.resize(self.hosts.len(), 0);
        }
        let choices = &mut self.choices[node.index()];
        let choice = *choices;
        *choices = choices.wrapping_add(1);
        choice
    }
}

/// The clocks of all nodes. While all are perfect, there is only one.
pub(crate) struct HostClocks {
    perfect: Clock,
    own: Vec<(Clock, Draws)>,
    nodes: u32,
}

impl HostClocks {
    pub fn new(config: &ClockConfig, nodes: u32, names: &NameKeys, keys: &Keys) -> Self {
        let perfect = Clock::new(&ClockModel::default(), &mut Draws::keyed(0));
        let mut clocks = HostClocks { perfect, own: Vec::new(), nodes };
        if *config != ClockConfig::default() {
            clocks.own = (0..nodes)
                .map(|node| {
                    let node = NodeId(node);
                    let mut draws = keys.draws(Purpose::Clock, names.get(node), 0, 0);
                    (Clock::new(config.model(node), &mut draws), draws)
                })
                .collect();
        }
        clocks
    }

    #[inline]
    pub fn of(&self, node: NodeId) -> &Clock {
        self.own.get(node.index()).map_or(&self.perfect, |(clock, _)| clock)
    }

    /// A node's clock and its stream, to be changed: each node now needs its own.
    pub fn of_mut(&mut self, node: NodeId) -> &mut (Clock, Draws) {
        if self.own.is_empty() {
            // A perfect clock does not wander and draws nothing.
            let one = (self.perfect.clone(), Draws::keyed(0));
            self.own = vec![one; self.nodes as usize];
        }
        &mut self.own[node.index()]
    }

    /// Whether some clock's rate wanders.
    pub fn wander(&self) -> bool {
        self.own.iter().any(|(clock, _)| clock.wander_every().is_some())
    }

    /// How far the wall clocks are ahead of true time: the least and the greatest.
    pub fn wall_lead(&self, at: Time) -> (i64, i64) {
        let now = i64::try_from(at.0).unwrap_or(i64::MAX);
        let lead = |clock: &Clock| clock.wall(at).0.saturating_sub(now);
        let leads = self.own.iter().map(|(clock, _)| lead(clock));
        let widest = leads.fold(None, |widest: Option<(i64, i64)>, lead| {
            let (least, greatest) = widest.unwrap_or((lead, lead));
            Some((least.min(lead), greatest.max(lead)))
        });
        widest.unwrap_or_else(|| (lead(&self.perfect), lead(&self.perfect)))
    }
}

/// The messages that nodes have sent in the current instant.
#[derive(Clone, Debug)]
pub(crate) struct Instant {
    at: Time,
    /// One entry for each node that has sent: its last destination and ordinal.
    senders: Vec<(NodeId, NodeId, u32)>,
}

impl Default for Instant {
    fn default() -> Self {
        Instant { at: Time::MAX, senders: Vec::new() }
    }
}

impl Instant {
    /// Tells messages of one instant from a node to the same destination apart. Counts how often
    /// the destinations stopped ascending, so that in a broadcast one destination more or less
    /// leaves the fates of the others as they were. `place` is the node's in here, if it has one.
    #[inline]
    pub fn ordinal(&mut self, now: Time, place: &mut u32, node: NodeId, to: NodeId) -> u32 {
        if self.at != now {
            self.at = now;
            self.senders.clear();
        }
        match self.senders.get_mut(*place as usize) {
            Some((sender, last, ordinal)) if *sender == node => {
                *ordinal += u32::from(to <= *last);
                *last = to;
                *ordinal
            }
            _ => {
                *place = self.senders.len() as u32;
                self.senders.push((node, to, 0));
                0
            }
        }
    }
}
