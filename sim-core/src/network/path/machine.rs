//! A host at work: rings that fill, interrupts that steal the core, polls that find batches.
//!
//! The machine owns no clock and no queue: whoever drives it gives it packets and its own events
//! back when they are due, and takes out what has left. One that stands alone and one under each
//! node of a run differ in nothing else. Absent on purpose: caches of lines, speculation, memory
//! bandwidth; what they cost is in the costs of the stages.

use seedbed_node::Draws;

use std::collections::VecDeque;

use super::cpu::{Core, Job, Part, Turn};
use super::model::{Next, Notify, Path, Rearm};
use super::nic::WireOut;
use super::packet::{Exit, Left, Packet, Place};
use super::station::{StageCounts, Station, Status};
use super::{Priority, Ps};
use crate::rng::Keys;

/// Something that a machine waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostEvent {
    /// The adapter interrupts for a stage.
    Interrupt(u16),
    /// A core has woken up for a stage's interrupt.
    Awake(u16),
    /// A stage has waited long enough for its batch to fill; the number tells old waits apart.
    Filled(u16, u32),
    /// A core has done a job; the number tells preempted jobs apart.
    Done(u16, u32),
}

// Events of a run are small.
const _: () = assert!(size_of::<HostEvent>() == 8);

/// Where a machine's events wait.
pub trait Agenda {
    /// `event` is due at `time`.
    fn add(&mut self, time: Ps, event: HostEvent);
}

/// One host's path at work.
#[derive(Clone, Debug)]
pub struct Machine {
    stations: Vec<Station>,
    ingress: Vec<u16>,
    egress: Option<u16>,
    sleep: Option<super::Sleep>,
    cores: Vec<Core>,
    /// Cores with new jobs that have not been looked after yet.
    stirred: Vec<u16>,
    wire: WireOut,
    keys: Keys,
    name: u64,
    left: Vec<Left>,
    /// By core: work of the host's own that is not done, each with its token.
    own: Vec<VecDeque<(u64, Ps)>>,
    /// Tokens of what is done.
    done: Vec<u64>,
}

impl Machine {
    /// The machine of the host whose name has the word `name`; the error says what does not fit.
    pub fn new(path: &Path, keys: &Keys, name: u64) -> Result<Self, String> {
        path.check()?;
        let mut stations: Vec<Station> = path.stages.iter().map(Station::new).collect();
        for (stage, place) in path.stages.iter().zip(0..) {
            if let (true, Next::Stage(next)) = (stage.feedback, stage.then) {
                stations[usize::from(next)].watchers.push(place);
            }
        }
        Ok(Machine {
            stations,
            ingress: path.ingress.clone(),
            egress: path.egress,
            sleep: path.sleep,
            cores: vec![Core::default(); path.cores()],
            stirred: Vec::new(),
            wire: WireOut::new(path.nic),
            keys: keys.clone(),
            name,
            left: Vec::new(),
            own: vec![VecDeque::new(); path.cores()],
            done: Vec::new(),
        })
    }

    /// The adapter has put a packet from the wire into memory.
    #[inline]
    pub fn receive(&mut self, now: Ps, packet: Packet, agenda: &mut impl Agenda) {
        let queue = match self.ingress.len() {
            1 => 0,
            queues => Draws::keyed(u64::from(packet.flow)).below(queues as u64) as usize,
        };
        self.arrive(now, self.ingress[queue], packet, agenda);
        self.look_after(now, agenda);
    }

    /// The host's application sends a packet.
    ///
    /// # Panics
    /// If the path has no `egress`.
    pub fn send(&mut self, now: Ps, packet: Packet, agenda: &mut impl Agenda) {
        let stage = self.egress.expect("a path of a host that sends");
        self.arrive(now, stage, packet, agenda);
        self.look_after(now, agenda);
    }

    /// Work of the host's own takes a core for `cost`, as a process among others; `token` comes out
    /// of [`Machine::take_done`] once it is done.
    ///
    /// # Panics
    /// If there is no such core.
    pub fn occupy(&mut self, now: Ps, core: u16, cost: Ps, token: u64, agenda: &mut impl Agenda) {
        let job = Job { stage: core, part: Part::Own, priority: Priority::Process };
        self.own[usize::from(core)].push_back((token, cost));
        self.cores[usize::from(core)].add(job);
        self.stirred.push(core);
        self.look_after(now, agenda);
    }

    /// Which of the host's own work was done since the last call, in order.
    pub fn take_done(&mut self) -> std::vec::Drain<'_, u64> {
        self.done.drain(..)
    }

    /// One of the machine's events is due.
    pub fn handle(&mut self, now: Ps, event: HostEvent, agenda: &mut impl Agenda) {
        match event {
            HostEvent::Interrupt(stage) => self.interrupt(now, stage, agenda),
            HostEvent::Awake(stage) => self.enter(stage),
            HostEvent::Filled(stage, number) => {
                let station = &mut self.stations[usize::from(stage)];
                if station.waiting && station.fill_number == number {
                    (station.waiting, station.flush) = (false, true);
                    self.stir(stage, now, agenda);
                }
            }
            HostEvent::Done(core, generation) => {
                if let Some(job) = self.cores[usize::from(core)].finish(now, generation) {
                    self.stirred.push(core);
                    self.done(now, job, agenda);
                }
            }
        }
        self.look_after(now, agenda);
    }

    /// What has left since the last call.
    #[inline]
    pub fn take_left(&mut self) -> std::vec::Drain<'_, Left> {
        self.left.drain(..)
    }

    /// How many packets are in rings or being worked on.
    pub fn inside(&self) -> u64 {
        self.stations.iter().map(|s| (s.ring.len() + s.hand.len()) as u64).sum()
    }

    /// What the stages have seen, and how long each core was busy at each priority, since the last
    /// call.
    pub fn take_counts(&mut self, now: Ps) -> (Vec<StageCounts>, Vec<[Ps; Priority::COUNT]>) {
        let fresh = |s: &mut Station| {
            let empty = StageCounts::for_stage(&s.model);
            std::mem::replace(&mut s.statistics, empty)
        };
        let counts = self.stations.iter_mut().map(fresh).collect();
        let busy = self.cores.iter_mut().map(|core| {
            core.settle(now);
            std::mem::take(&mut core.busy)
        });
        (counts, busy.collect())
    }

    /// A packet comes to a stage.
    #[inline]
    fn arrive(&mut self, now: Ps, stage: u16, packet: Packet, agenda: &mut impl Agenda) {
        let station = &mut self.stations[usize::from(stage)];
        if station.ring.len() >= station.model.ring as usize {
            let exit = Exit::Dropped(Place::Ring(stage));
            self.left.push(Left { packet, at: now, exit });
            return;
        }
        station.statistics.occupancy[station.ring.len()] += 1;
        station.ring.push_back(packet);
        if station.status == Status::Asleep {
            self.stir(stage, now, agenda);
        }
    }

    /// Sets a sleeping stage going if it has something to do.
    #[inline]
    fn stir(&mut self, stage: u16, now: Ps, agenda: &mut impl Agenda) {
        let room = self.room_after(stage);
        let station = &mut self.stations[usize::from(stage)];
        if station.status != Status::Asleep || station.ring.is_empty() || room == 0 {
            return;
        }
        if let Notify::Interrupt { window, .. } = station.model.notify {
            station.status = Status::Pending;
            agenda.add(now + window, HostEvent::Interrupt(stage));
        } else if station.is_filled() {
            station.blocked = true;
            self.make_ready(stage, false);
        } else {
            station.wait_to_fill(stage, now, agenda);
        }
    }

    /// The stage's next batch waits for its core.
    fn make_ready(&mut self, stage: u16, in_turn: bool) {
        let station = &mut self.stations[usize::from(stage)];
        station.status = Status::Working;
        let priority = if in_turn && station.model.yields && station.full {
            Priority::Process
        } else {
            station.model.priority
        };
        self.cores[usize::from(station.model.core)].add(Job { stage, part: Part::Batch, priority });
        self.stirred.push(station.model.core);
    }

    /// The adapter interrupts: at once, or once the core has woken up.
    fn interrupt(&mut self, now: Ps, stage: u16, agenda: &mut impl Agenda) {
        let station = &mut self.stations[usize::from(stage)];
        station.statistics.interrupts += 1;
        let core = &self.cores[usize::from(station.model.core)];
        match self.sleep {
            Some(sleep) if core.idle(now) >= sleep.after => {
                agenda.add(now + sleep.wake, HostEvent::Awake(stage));
            }
            _ => self.enter(stage),
        }
    }

    /// The core enters the interrupt.
    fn enter(&mut self, stage: u16) {
        let model = &self.stations[usize::from(stage)].model;
        match model.notify {
            Notify::Interrupt { entry, .. } if entry > Ps::ZERO => {
                let job = Job { stage, part: Part::Entry, priority: Priority::Interrupt };
                self.cores[usize::from(model.core)].add(job);
                self.stirred.push(model.core);
            }
            _ => self.make_ready(stage, false),
        }
    }

    /// A core has done a job.
    fn done(&mut self, now: Ps, job: Job, agenda: &mut impl Agenda) {
        match job.part {
            Part::Entry => return self.make_ready(job.stage, false),
            Part::Own => {
                // Processes do not preempt each other: what a core began first is done first.
                let own = self.own[usize::from(job.stage)].pop_front();
                return self.done.extend(own.map(|(token, _)| token));
            }
            Part::Batch => {}
        }
        let place = usize::from(job.stage);
        let mut hand = std::mem::take(&mut self.stations[place].hand);
        match self.stations[place].model.then {
            Next::Stage(next) => {
                for packet in hand.drain(..) {
                    self.arrive(now, next, packet, agenda);
                }
            }
            Next::Wire => {
                for packet in hand.drain(..) {
                    let (at, exit) = match self.wire.send(now, packet.bytes) {
                        Some(at) => (at, Exit::Wire),
                        None => (now, Exit::Dropped(Place::Transmit)),
                    };
                    self.left.push(Left { packet, at, exit });
                }
            }
            Next::Host => {
                self.left.extend(hand.drain(..).map(|packet| Left {
                    packet,
                    at: now,
                    exit: Exit::Host,
                }));
            }
        }
        self.stations[place].hand = hand;
        self.go_on(now, job.stage, agenda);
    }

    /// A stage has handed on its batch: it takes the next, or sleeps.
    fn go_on(&mut self, now: Ps, stage: u16, agenda: &mut impl Agenda) {
        let room = self.room_after(stage);
        let station = &mut self.stations[usize::from(stage)];
        if station.ring.is_empty() || room == 0 {
            station.status = Status::Asleep;
        } else if let Notify::Interrupt { rearm: Rearm::EachBatch, .. } = station.model.notify {
            station.status = Status::Pending;
            self.interrupt(now, stage, agenda);
        } else if station.is_filled() {
            self.make_ready(stage, true);
        } else {
            station.status = Status::Asleep;
            station.wait_to_fill(stage, now, agenda);
        }
    }

    /// How many packets the next ring has room for, if the stage minds.
    #[inline]
    fn room_after(&self, stage: u16) -> usize {
        let model = &self.stations[usize::from(stage)].model;
        match model.then {
            Next::Stage(next) if model.feedback => {
                let next = &self.stations[usize::from(next)];
                next.model.ring as usize - next.ring.len()
            }
            _ => usize::MAX,
        }
    }

    /// Gives the cores whose jobs have changed something to do.
    #[inline]
    fn look_after(&mut self, now: Ps, agenda: &mut impl Agenda) {
        while let Some(core) = self.stirred.pop() {
            self.give_turn(now, core, agenda);
        }
    }

    fn give_turn(&mut self, now: Ps, place: u16, agenda: &mut impl Agenda) {
        loop {
            let core = usize::from(place);
            let until = match self.cores[core].turn(now) {
                Turn::Stay => return,
                Turn::Resumed(until) => until,
                Turn::Begin(job) => match self.begin(now, job, agenda) {
                    Some(cost) => self.cores[core].run(job, now, cost),
                    None => continue,
                },
            };
            let generation = self.cores[core].generation;
            return agenda.add(until, HostEvent::Done(place, generation));
        }
    }

    /// A job begins; what it costs, or `None` if there is nothing to do after all.
    fn begin(&mut self, now: Ps, job: Job, agenda: &mut impl Agenda) -> Option<Ps> {
        if job.part == Part::Own {
            return self.own[usize::from(job.stage)].front().map(|(_, cost)| *cost);
        }
        let room = self.room_after(job.stage);
        let station = &mut self.stations[usize::from(job.stage)];
        if let (Part::Entry, Notify::Interrupt { entry, .. }) = (job.part, station.model.notify) {
            return Some(entry);
        }
        let taken = station.take_batch(room);
        if taken == 0 {
            station.status = Status::Asleep;
            return None;
        }
        let cost = station.cost(&self.keys, self.name, job.stage);
        for place in 0..station.watchers.len() {
            let watcher = self.stations[usize::from(job.stage)].watchers[place];
            self.stir_watcher(watcher, now, agenda);
        }
        Some(cost)
    }

    /// A ring that a stage watches has room again: the stage polls, without an interrupt.
    fn stir_watcher(&mut self, stage: u16, now: Ps, agenda: &mut impl Agenda) {
        let station = &self.stations[usize::from(stage)];
        let stopped = station.status == Status::Asleep && !station.ring.is_empty();
        match station.model.notify {
            Notify::Interrupt { .. } if stopped => self.make_ready(stage, false),
            _ => self.stir(stage, now, agenda),
        }
    }
}
