//! A run that is stopped between two events, and what it looks like there, as plain data: for
//! debuggers. Looking changes nothing.

use std::collections::BTreeMap;
use std::fmt::Debug;

use seedbed_node::{LocalTime, Message, Node, NodeId, Operation, Time};

use crate::fault::TimedFault;
use crate::kernel::{Entry, Item, Kernel};
use crate::outcome::EndedBy;
use crate::recorder::Recorded;
use crate::schedule::MessageName;
use crate::simulation::Simulation;

/// How far a run is to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// So many events have happened. While a schedule is followed, the run stops only between its
    /// steps, so that it may have been a few more.
    Events(u64),
    /// The last step of the schedule that it follows is done, and every request served; without a
    /// schedule, the end.
    LastStep,
    /// The end.
    End,
}

/// What a run looks like between two events.
#[derive(Clone, PartialEq, Debug)]
pub struct View {
    /// True time.
    pub now: Time,
    /// How many events have happened.
    pub events: u64,
    /// The members, in the order of their ids.
    pub nodes: Vec<NodeView>,
    /// What waits, in the order in which it is due; in the order of names while a schedule is
    /// followed, where nothing is due.
    pub waiting: Vec<Waiting>,
    /// How much more waits than is listed.
    pub more_waiting: u64,
    /// Why the run is over, if it is.
    pub ended: Option<EndedBy>,
}

/// What a node looks like.
#[derive(Clone, PartialEq, Debug)]
pub struct NodeView {
    /// Its id.
    pub node: NodeId,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// How often it has booted again.
    pub reboots: u32,
    /// Its wall clock.
    pub wall: LocalTime,
    /// Its monotonic clock.
    pub monotonic: LocalTime,
    /// Its volatile state as Rust prints it, if it is up.
    pub state: Option<String>,
    /// What its durable log amounts to.
    pub durable: String,
    /// Writes that nothing has forced to the disk yet.
    pub unforced: Vec<String>,
}

/// Something that is going to happen, unless something else prevents it.
#[derive(Clone, PartialEq, Debug)]
pub struct Waiting {
    /// When it is due; `None` while a schedule is followed.
    pub due: Option<Time>,
    /// What.
    pub what: WaitingFor,
}

/// What is going to happen.
#[derive(Clone, PartialEq, Debug)]
pub enum WaitingFor {
    /// A message is on its way, or waits at its receiver.
    Message {
        /// Who sent it.
        from: NodeId,
        /// To whom.
        to: NodeId,
        /// Its kind by number.
        kind: u32,
        /// Its kind by name.
        kind_name: &'static str,
        /// When it was sent.
        sent_at: Time,
        /// What it is counted for.
        operation: Option<Operation>,
        /// Its place among those on their way with the same ends and the same kind, the one sent
        /// first is 0.
        rank: u32,
        /// Its name in schedules; only known while one is followed.
        name: Option<MessageName>,
        /// Its content as Rust prints it.
        content: String,
    },
    /// A timer is armed.
    Timer {
        /// Whose.
        node: NodeId,
        /// Which, as Rust prints it.
        timer: String,
    },
    /// A client is going to wake up.
    Wake {
        /// Which.
        client: NodeId,
        /// The tag that it asked to be woken with.
        tag: u64,
    },
    /// A client's request is on its way to its node.
    Request {
        /// Whose.
        client: NodeId,
        /// What it asks.
        content: String,
    },
    /// A handler that takes time is going to be done.
    Served(NodeId),
    /// A node that was paused goes on with what waited.
    Resume(NodeId),
    /// A fault strikes.
    Fault(TimedFault),
    /// A fault is undone.
    Undone(TimedFault),
}

impl WaitingFor {
    /// Whom it is about: the receiver of a message; no node in particular for a fault.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            WaitingFor::Message { to: node, .. }
            | WaitingFor::Timer { node, .. }
            | WaitingFor::Wake { client: node, .. }
            | WaitingFor::Request { client: node, .. }
            | WaitingFor::Served(node)
            | WaitingFor::Resume(node) => Some(*node),
            WaitingFor::Fault(_) | WaitingFor::Undone(_) => None,
        }
    }
}

impl<N: Node> Simulation<N> {
    /// Runs on, so far; tells whether the run is over. What is over stays so.
    pub fn run_until(&mut self, until: Until) -> bool {
        self.boot();
        self.guarded(|simulation| match until {
            Until::End => simulation.step_to_end(),
            Until::LastStep if simulation.kernel.follow.is_some() => {
                simulation.follow_until(until);
            }
            Until::LastStep => simulation.step_to_end(),
            Until::Events(events) => simulation.step_until(events),
        });
        self.kernel.ended.is_some()
    }

    /// The schedule of the run so far, if it was [recorded](Self::record). Nothing is recorded from
    /// here on.
    pub fn recorded_so_far(&mut self) -> Option<Result<Recorded, String>> {
        let kernel = &mut self.kernel;
        let recorder = kernel.tracer.take_recorder()?;
        Some(recorder.finish(kernel.now, &EndedBy::ScheduleOver, &kernel.faults))
    }

    /// What it looks like now, with up to `limit` of what waits.
    pub fn view(&mut self, limit: usize) -> View {
        let members = self.kernel.members;
        let nodes = members.iter().map(|node| self.node_view(node)).collect();
        let kernel = &mut self.kernel;
        let (mut waiting, more_waiting) = match &kernel.follow {
            Some(_) => kernel.waiting_for_step(limit),
            None => kernel.waiting_in_queue(limit),
        };
        rank(&mut waiting);
        let (now, events, ended) = (kernel.now, kernel.events, kernel.ended.clone());
        View { now, events, nodes, waiting, more_waiting, ended }
    }

    fn node_view(&self, node: NodeId) -> NodeView {
        let hosts = &self.kernel.hosts;
        let (rest, clock) = (hosts.rest(node), hosts.clocks.of(node));
        NodeView {
            node,
            up: hosts.get(node).up,
            paused: rest.paused(),
            reboots: rest.reboots,
            wall: clock.wall(self.kernel.now),
            monotonic: clock.monotonic(self.kernel.now),
            state: self.nodes[node.index()].as_ref().map(|state| pretty(state)),
            durable: pretty(&rest.durable),
            unforced: rest.lazy.iter().map(|record| plain(record)).collect(),
        }
    }
}

fn pretty(value: &dyn Debug) -> String {
    format!("{value:#?}")
}

fn plain(value: &dyn Debug) -> String {
    format!("{value:?}")
}

/// Counts messages of the same ends and kind; they are in the order of sending, or of names.
fn rank(waiting: &mut [Waiting]) {
    let mut order: Vec<&mut WaitingFor> = waiting.iter_mut().map(|w| &mut w.what).collect();
    order.sort_by_key(|what| match what {
        WaitingFor::Message { sent_at, name, .. } => (*sent_at, name.map_or(0, |name| name.nth)),
        _ => (Time::ZERO, 0),
    });
    let mut seen: BTreeMap<(NodeId, NodeId, u32), u32> = BTreeMap::new();
    for what in order {
        if let WaitingFor::Message { from, to, kind, rank, .. } = what {
            let count = seen.entry((*from, *to, *kind)).or_default();
            *rank = *count;
            *count += 1;
        }
    }
}

impl<N: Node> Kernel<N> {
    /// The first of the queue that still stand. They are taken out and put back as they were.
    fn waiting_in_queue(&mut self, limit: usize) -> (Vec<Waiting>, u64) {
        let mut taken: Vec<(Time, u64, Entry)> = Vec::new();
        let mut waiting = Vec::new();
        while waiting.len() < limit {
            let Some((at, order, entry)) = self.queue.pop() else { break };
            taken.push((at, order, entry));
            if let Some(what) = self.waiting_for(entry.into(), None) {
                waiting.push(Waiting { due: Some(at), what });
            }
        }
        let more = self.queue.len().saturating_sub(self.wandering + self.outdated);
        for (at, order, entry) in taken {
            self.queue.push(at, order, entry);
        }
        (waiting, more as u64)
    }

    /// What waits until a step is about it.
    fn waiting_for_step(&self, limit: usize) -> (Vec<Waiting>, u64) {
        let items = self.follow.as_ref().map(|follow| follow.items()).unwrap_or_default();
        let all: Vec<Waiting> = items
            .into_iter()
            .filter_map(|(item, name)| self.waiting_for(item, name))
            .map(|what| Waiting { due: None, what })
            .collect();
        let more = all.len().saturating_sub(limit) as u64;
        (all.into_iter().take(limit).collect(), more)
    }

    /// An item in words; `None` if nothing comes of it, or nothing that anybody sees.
    fn waiting_for(&self, item: Item, name: Option<MessageName>) -> Option<WaitingFor> {
        Some(match item {
            Item::Arrive(_, slot) | Item::Deliver(_, slot) => {
                let (head, message) = (self.flights.head(slot), self.flights.message(slot));
                WaitingFor::Message {
                    from: head.origin,
                    to: head.destination,
                    kind: message.kind() as u32,
                    kind_name: N::Message::kind_name(message.kind()),
                    sent_at: head.sent_at,
                    operation: head.operation(),
                    rank: 0,
                    name,
                    content: plain(message),
                }
            }
            Item::Timer(node, slot) => {
                let (timer, _) = self.timers.armed(slot)?;
                WaitingFor::Timer { node, timer: plain(timer) }
            }
            Item::Wake(client, slot) => WaitingFor::Wake { client, tag: self.wakes[slot as usize] },
            Item::Request(client, slot) => {
                WaitingFor::Request { client, content: plain(&self.asks[slot as usize].request) }
            }
            Item::Served(node, _) => WaitingFor::Served(node),
            Item::Resume(node) => WaitingFor::Resume(node),
            Item::Fault(index) => WaitingFor::Fault(self.faults[index as usize].clone()),
            Item::Undo(index) => WaitingFor::Undone(self.faults[index as usize].clone()),
            Item::Wander(_) => return None,
        })
    }
}
