//! A path that stands alone: offered load in; throughput, latency, busy cores and drops out.

use std::collections::VecDeque;

use seedbed_node::Time;

use super::machine::{Agenda, HostEvent, Machine};
use super::nic::WireIn;
use super::outcome::{PathOutcome, Tally};
use super::packet::{Exit, Left, Packet, Place};
use super::traffic::{Arrivals, Generator};
use super::{Path, Ps, Traffic};
use crate::queue::Queue;
use crate::rng::Keys;
use crate::trace::Digest;

/// One path under one load.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// The path.
    pub path: Path,
    /// The load.
    pub traffic: Traffic,
    /// The seed.
    pub seed: u64,
    /// What happens before counts for nothing but conservation.
    pub warmup: Ps,
    /// How long the figures are taken after that.
    pub length: Ps,
}

/// What a trial waits for.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A packet comes back for the next one.
    Credit,
    /// The oldest packet on its way to the host is in memory.
    InMemory,
    Host(HostEvent),
}

/// The queue of a trial: instants are picoseconds, whatever the queue calls them.
#[derive(Default)]
struct Waiting {
    queue: Queue<Event>,
    sequence: u64,
}

impl Waiting {
    #[inline]
    fn push(&mut self, time: Ps, event: Event) {
        self.queue.push(Time(time.0), self.sequence, event);
        self.sequence += 1;
    }
}

impl Agenda for Waiting {
    #[inline]
    fn add(&mut self, time: Ps, event: HostEvent) {
        self.push(time, Event::Host(event));
    }
}

struct Running<'a> {
    trial: &'a Trial,
    end: Ps,
    machine: Machine,
    generator: Generator,
    wire: WireIn,
    waiting: Waiting,
    /// On their way into memory, the oldest first.
    on_the_way: VecDeque<Packet>,
    tally: Tally,
    digest: Digest,
}

impl Trial {
    /// 64-byte frames at these instants, measured for `length` after a tenth of it.
    pub fn new(path: Path, arrivals: Arrivals, length: Ps) -> Self {
        let warmup = Ps(length.0 / 10);
        Trial { path, traffic: Traffic::plain(arrivals, 64), seed: 1, warmup, length }
    }

    /// Simulates it; the error says what of the path or the traffic makes no sense.
    pub fn run(&self) -> Result<PathOutcome, String> {
        self.traffic.check()?;
        let keys = Keys::of_seed(self.seed);
        let machine = Machine::new(&self.path, &keys, 0)?;
        if self.length == Ps::ZERO {
            return Err("length: nothing can be measured in no time".into());
        }
        let running = Running {
            trial: self,
            end: self.warmup + self.length,
            machine,
            generator: Generator::new(&self.traffic, &keys),
            wire: WireIn::new(self.path.nic),
            waiting: Waiting::default(),
            on_the_way: VecDeque::new(),
            tally: Tally::new(self.path.stages.len()),
            digest: Digest::default(),
        };
        Ok(running.run())
    }
}

impl Running<'_> {
    fn run(mut self) -> PathOutcome {
        self.begin();
        self.until(self.trial.warmup);
        // What was counted so far is forgotten.
        self.machine.take_counts(self.trial.warmup);
        self.until(self.end);
        let (stages, busy) = self.machine.take_counts(self.end);
        self.tally.inside = self.machine.inside() + self.on_the_way.len() as u64;
        let digest = self.digest.so_far();
        PathOutcome::new(self.trial, digest, self.tally, stages, &busy)
    }

    fn begin(&mut self) {
        match self.trial.traffic.arrivals {
            Arrivals::Closed { credits, .. } => {
                (0..credits).for_each(|_| self.waiting.push(Ps::ZERO, Event::Credit));
            }
            _ => self.offer_next(),
        }
    }

    /// Handles what is due before or at `end`.
    fn until(&mut self, end: Ps) {
        while self.waiting.queue.next_time().is_some_and(|next| next.as_nanos() <= end.0) {
            let (time, _, event) = self.waiting.queue.pop().expect("it has a next time");
            let now = Ps(time.as_nanos());
            match event {
                Event::InMemory => {
                    let packet = self.on_the_way.pop_front().expect("on its way");
                    self.machine.receive(now, packet, &mut self.waiting);
                    self.offer_next();
                }
                Event::Credit => {
                    self.offer(now);
                }
                Event::Host(event) => self.machine.handle(now, event, &mut self.waiting),
            }
            self.see_off();
        }
    }

    /// Offers packets until one gets as far as the host's memory.
    #[inline]
    fn offer_next(&mut self) {
        while let Some(time) = self.generator.next_time() {
            if time > self.end || self.offer(time) {
                return;
            }
        }
    }

    /// Offers a packet; whether wire and bus carry it.
    #[inline]
    fn offer(&mut self, now: Ps) -> bool {
        let (number, bytes, flow) = self.generator.next_packet();
        let packet = Packet { number, born: now, bytes, flow };
        self.tally.offered += 1;
        self.tally.offered_measured += u64::from(now > self.trial.warmup);
        match self.wire.carry(now, bytes) {
            Ok(at) => {
                self.on_the_way.push_back(packet);
                self.waiting.push(at, Event::InMemory);
                true
            }
            Err(place) => {
                self.account(Left { packet, at: now, exit: Exit::Dropped(place) });
                false
            }
        }
    }

    /// Accounts for what has left the machine.
    #[inline]
    fn see_off(&mut self) {
        let mut left = std::mem::take(&mut self.tally.leaving);
        left.extend(self.machine.take_left());
        for gone in left.drain(..) {
            self.account(gone);
        }
        self.tally.leaving = left;
    }

    #[inline]
    fn account(&mut self, gone: Left) {
        let Left { packet, at, exit } = gone;
        let code = match exit {
            Exit::Wire => 0,
            Exit::Host => 1,
            Exit::Dropped(Place::Wire) => 2,
            Exit::Dropped(Place::Bus) => 3,
            Exit::Dropped(Place::Transmit) => 4,
            Exit::Dropped(Place::Ring(stage)) => 5 + u64::from(stage),
        };
        self.digest.words([at.0, packet.number, u64::from(packet.bytes) << 32 | code]);
        let measured = at > self.trial.warmup && at <= self.end;
        let through = at + self.trial.path.fixed;
        self.tally.account(gone, through.saturating_sub(packet.born), measured, at <= self.end);
        if let Arrivals::Closed { away, .. } = self.trial.traffic.arrivals {
            self.waiting.push(through + away, Event::Credit);
        }
    }
}
