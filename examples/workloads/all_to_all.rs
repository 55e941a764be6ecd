//! Rounds in which everybody asks everybody: one long run, or many small ones.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use seedbed_core::{Simulation, World};
use seedbed_node::{Context, Distribution, Duration, Message, Node, NodeId};

use crate::Options;
use crate::measure::{Ready, Report, Stopwatch, world};

/// Asks everybody, and again when everybody has answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Peer {
    round: u64,
    missing: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
enum Talk {
    Ask { round: u64, pad: [u64; 2] },
    Answer { round: u64, pad: [u64; 2] },
}

impl Node for Peer {
    /// How many rounds.
    type Params = u64;
    type Message = Talk;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        cx.broadcast(Talk::Ask { round: 0, pad: [0; 2] });
        Peer { round: 0, missing: cx.members().count() - 1 }
    }

    fn on_message(&mut self, from: NodeId, message: Talk, cx: &mut Context<'_, Self>) {
        match message {
            Talk::Ask { round, pad } => cx.send(from, Talk::Answer { round, pad }),
            Talk::Answer { .. } => {
                self.missing -= 1;
                if self.missing == 0 {
                    self.round += 1;
                    if self.round < *cx.params() {
                        self.missing = cx.members().count() - 1;
                        cx.broadcast(Talk::Ask { round: self.round, pad: [0; 2] });
                    }
                }
            }
        }
    }
}

/// How many messages a round of `n` nodes takes.
pub fn per_round(n: u32) -> u64 {
    2 * u64::from(n) * u64::from(n - 1)
}

/// As many whole rounds of `n` nodes as `messages` messages make, set-up included.
pub fn run(n: u32, messages: u64, options: &Options) -> io::Result<Report> {
    let rounds = messages / per_round(n);
    let watch = Stopwatch::start();
    let ran = Ready::<Peer>::boot(&meeting(n, 1, options), rounds, options)?.run()?;
    let spent = watch.stop();

    let delivered = ran.outcome.messages.delivered;
    assert_eq!(delivered, rounds * per_round(n));
    let params = [("n", n.into())];
    Ok(Report::new("w3", &params, delivered, 0.0, spent).traced(ran.records, spent))
}

/// The nodes of a small run.
const SMALL: u32 = 10;

/// `runs` runs of one round of few nodes, each with a seed of its own, on `threads` threads.
pub fn run_many(runs: u64, threads: u64, options: &Options) -> Report {
    let watch = Stopwatch::start();
    let (next, messages) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let delivered = small_runs(|| next.fetch_add(1, Ordering::Relaxed), runs, options);
                messages.fetch_add(delivered, Ordering::Relaxed);
            });
        }
    });
    let spent = watch.stop();

    let messages = messages.into_inner();
    assert_eq!(messages, runs * per_round(SMALL));
    let params = [("runs", runs), ("threads", threads), ("messages", messages)];
    Report::new("w4", &params, runs, 0.0, spent)
}

/// One thread's share: a run for every seed that `next` gives below `runs`. Tells how many
/// messages were delivered.
fn small_runs(next: impl Fn() -> u64, runs: u64, options: &Options) -> u64 {
    let world = meeting(SMALL, 0, options);
    let mut simulation = Simulation::<Peer>::new(&world, 1).expect("the world is valid");
    std::iter::repeat_with(next)
        .take_while(|seed| *seed < runs)
        .map(|seed| {
            simulation.reset(seed).expect("the world is valid with any seed");
            simulation.run().messages.delivered
        })
        .sum()
}

fn meeting(n: u32, seed: u64, options: &Options) -> World {
    let delay = Distribution::Uniform(Duration::from_millis(500), Duration::from_millis(1500));
    world(seed, n, delay, options)
}
