//! Lamport's mutual exclusion with logical clocks, over channels that keep their order.
//!
//! Leslie Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7),
//! 1978. Published: tlaplus/Examples, `specifications/lamport_mutex`, `MCLamportMutex.cfg`, three
//! processes, clocks up to 6: 724,274 distinct states of 2,729,079 generated, 61 levels; exclusive,
//! and at most three messages in any channel.
//!
//! As there, what lies beyond the bound of the clocks is generated and not counted, and whoever is in
//! the critical section may enter again, which changes nothing.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// Processes with clocks up to a bound.
struct LamportMutex {
    processes: usize,
    clock_max: u8,
    /// A bug: an acknowledgement or a release overtakes a request.
    overtaking: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Message {
    Request(u8),
    Acknowledge,
    Release,
}

use Message::{Acknowledge, Release, Request};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Process {
    clock: u8,
    /// Whose request it knows, with its stamp; 0: nobody's.
    requests: Vec<u8>,
    /// Who has acknowledged its request, as bits.
    acknowledged: u8,
    critical: bool,
    /// What is on its way to each of the others.
    outbox: Vec<Vec<Message>>,
}

#[derive(Clone, PartialEq, Debug)]
enum Action {
    Request(usize),
    Enter(usize),
    Exit(usize),
    /// The receiver, the sender, and the place in the channel.
    Receive(usize, usize, usize),
}

impl LamportMutex {
    fn first(process: &Process, me: usize) -> bool {
        let own = process.requests[me];
        let others = process.requests.iter().enumerate().filter(|(other, _)| *other != me);
        others.into_iter().all(|(other, stamp)| *stamp == 0 || (own, me) < (*stamp, other))
    }

    fn broadcast(process: &mut Process, me: usize, message: Message) {
        let outboxes = process.outbox.iter_mut().enumerate().filter(|(to, _)| *to != me);
        outboxes.for_each(|(_, outbox)| outbox.push(message));
    }
}

impl Model for LamportMutex {
    type State = Vec<Process>;
    type Action = Action;

    fn initial(&self) -> Vec<Vec<Process>> {
        let process = Process {
            clock: 1,
            requests: vec![0; self.processes],
            acknowledged: 0,
            critical: false,
            outbox: vec![Vec::new(); self.processes],
        };
        vec![vec![process; self.processes]]
    }

    fn actions(&self, processes: &Vec<Process>, actions: &mut Vec<Action>) {
        for (me, process) in processes.iter().enumerate() {
            if process.requests[me] == 0 {
                actions.push(Action::Request(me));
            }
            let all = (1u8 << self.processes) - 1;
            if process.acknowledged == all && Self::first(process, me) {
                actions.push(Action::Enter(me));
            }
            if process.critical {
                actions.push(Action::Exit(me));
            }
            for (from, sender) in processes.iter().enumerate() {
                let ready = if self.overtaking { usize::MAX } else { 1 };
                let places = 0..sender.outbox[me].len().min(ready);
                actions.extend(places.map(|place| Action::Receive(me, from, place)));
            }
        }
    }

    fn apply(&self, processes: &mut Vec<Process>, action: &Action) -> bool {
        match *action {
            Action::Request(me) => {
                let process = &mut processes[me];
                process.requests[me] = process.clock;
                process.acknowledged = 1 << me;
                Self::broadcast(process, me, Request(process.clock));
            }
            Action::Enter(me) => processes[me].critical = true,
            Action::Exit(me) => {
                let process = &mut processes[me];
                process.critical = false;
                process.requests[me] = 0;
                process.acknowledged = 0;
                Self::broadcast(process, me, Release);
            }
            Action::Receive(me, from, place) => {
                let message = processes[from].outbox[me].remove(place);
                let process = &mut processes[me];
                match message {
                    Request(stamp) => {
                        process.requests[from] = stamp;
                        process.clock = process.clock.max(stamp) + 1;
                        process.outbox[from].push(Acknowledge);
                    }
                    Acknowledge => process.acknowledged |= 1 << from,
                    Release => process.requests[from] = 0,
                }
            }
        }
        true
    }

    fn within(&self, processes: &Vec<Process>) -> bool {
        processes.iter().all(|process| process.clock <= self.clock_max)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let exclusive = |_: &Self, processes: &Vec<Process>| {
            processes.iter().filter(|process| process.critical).count() <= 1
        };
        let bounded = |_: &Self, processes: &Vec<Process>| {
            processes.iter().flat_map(|process| &process.outbox).all(|outbox| outbox.len() <= 3)
        };
        vec![
            Property::always("mutual exclusion", exclusive),
            Property::always("three messages in a channel", bounded),
        ]
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "724,274 states: in release")]
fn three_processes_have_the_published_states() {
    let model = LamportMutex { processes: 3, clock_max: 6, overtaking: false };
    agrees(&model, Published { unique: 724_274, generated: 2_729_079, levels: 61 });
}

#[test]
fn two_processes_exclude_each_other() {
    agrees(
        &LamportMutex { processes: 2, clock_max: 6, overtaking: false },
        Published::unique(1043),
    );
}

#[test]
fn messages_that_overtake_let_both_in() {
    breaks(&LamportMutex { processes: 2, clock_max: 6, overtaking: true }, "mutual exclusion", 8);
}
