//! Standard simulator workloads through Seedbed's public interface, one JSON line a run:
//!
//! ```text
//! cargo run --release --example workloads -- w1 N M EVENTS     PHOLD: N processes, M events each
//! cargo run --release --example workloads -- w2 N TOKENS MESSAGES   tokens around a ring
//! cargo run --release --example workloads -- w3 N MESSAGES     all-to-all rounds
//! cargo run --release --example workloads -- w4 RUNS [THREADS] many small runs, set-up included
//! ```
//!
//! PHOLD is Fujimoto's (SCS Multiconference, 1990). Counters and the digest are on, as in any run.
//! Times include the set-up.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use seedbed_core::{Simulation, Stop, StopWhen, World};
use seedbed_node::{Context, Distribution, Duration, Message, Node, NodeId, mix};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|w| w.replace('_', "").parse::<u64>().ok());
    let begun = Instant::now();
    let (params, events) = match (
        words.first().map(String::as_str),
        number(1),
        number(2),
        number(3),
    ) {
        (Some("w1"), Some(n), Some(m), Some(events)) => {
            (format!("\"n\":\"{n}\",\"m\":\"{m}\""), phold(n as u32, m as u32, events))
        }
        (Some("w2"), Some(n), Some(tokens), Some(messages)) => (
            format!("\"n\":\"{n}\",\"tokens\":\"{tokens}\""),
            ring(n as u32, tokens as u32, messages),
        ),
        (Some("w3"), Some(n), Some(messages), _) => {
            (format!("\"n\":\"{n}\""), all_to_all(1, n as u32, messages / (2 * n * (n - 1))))
        }
        (Some("w4"), Some(runs), threads, _) => {
            (format!("\"runs\":\"{runs}\""), small_runs(runs, threads.unwrap_or(1)))
        }
        _ => {
            eprintln!(
                "usage: workloads w1 N M EVENTS | w2 N TOKENS MESSAGES | w3 N MESSAGES | w4 RUNS [THREADS]"
            );
            return ExitCode::from(2);
        }
    };
    let wall = begun.elapsed().as_secs_f64();
    let rate = events as f64 / wall;
    println!(
        "{{\"peer\":\"seedbed\",\"workload\":\"{}\",\"params\":{{{params}}},\"events\":{events},\"wall_s\":{wall:.4},\"cpu_s\":{},\"events_per_s\":{rate:.0},\"peak_rss_mb\":{:.1}}}",
        words[0],
        cpu_s().map_or_else(|| "null".to_owned(), |cpu| format!("{cpu:.2}")),
        peak_rss_mb(),
    );
    ExitCode::SUCCESS
}

/// CPU seconds of the whole process, set-up included, to a hundredth; where the system tells.
fn cpu_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // User and system time in ticks of 10 ms are the 14th and 15th field; the second, the
    // program's name in parentheses, may contain spaces.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u32>().ok());
    Some(f64::from(ticks.sum::<Option<u32>>()?) / 100.0)
}

/// The process's largest resident set, where the system tells.
fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()).unwrap_or(0.0)
        / 1024.0
}

/// A process of PHOLD: passes every event on to a random other process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Process {
    stream: u64,
    count: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Job;

impl Process {
    fn pass_on(&mut self, cx: &mut Context<'_, Self>) {
        self.stream = self.stream.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let others = u64::from(cx.members().count() - 1);
        let skip = ((mix(self.stream) >> 32) * others) >> 32;
        let to = (u64::from(cx.me().0) + 1 + skip) % (others + 1);
        cx.send(NodeId(to as u32), Job);
    }
}

impl Node for Process {
    type Params = u32;
    type Message = Job;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();
    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let mut process = Process { stream: mix(u64::from(cx.me().0)), count: 0 };
        for _ in 0..*cx.params() {
            process.pass_on(cx);
        }
        process
    }
    fn on_message(&mut self, _: NodeId, Job: Job, cx: &mut Context<'_, Self>) {
        self.count += 1;
        self.pass_on(cx);
    }
}

fn phold(n: u32, m: u32, events: u64) -> u64 {
    let mut world = world(1, n, Distribution::Exponential { mean: Duration::from_secs(1) });
    world.stop = Stop { when: StopWhen::Quiet, events_max: events };
    Simulation::<Process>::new(&world, m).expect("a valid world").run().events
}

/// A node of the ring.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Link {
    seen: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Token {
    hops: u64,
    pad: [u64; 3],
}

/// How far apart the tokens start, and how many hops each makes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct RingParams {
    apart: u32,
    hops: u64,
}

impl Node for Link {
    type Params = RingParams;
    type Message = Token;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();
    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        if cx.me().0.is_multiple_of(cx.params().apart) {
            cx.send(cx.members().successor(cx.me()), Token { hops: 1, pad: [0; 3] });
        }
        Link { seen: 0 }
    }
    fn on_message(&mut self, _: NodeId, token: Token, cx: &mut Context<'_, Self>) {
        self.seen += 1;
        if token.hops < cx.params().hops {
            cx.send(cx.members().successor(cx.me()), Token { hops: token.hops + 1, ..token });
        }
    }
}

fn ring(n: u32, tokens: u32, messages: u64) -> u64 {
    let world = world(1, n, Distribution::Constant(Duration::from_secs(1)));
    let params = RingParams { apart: n / tokens, hops: messages / u64::from(tokens) };
    Simulation::<Link>::new(&world, params).expect("a valid world").run().messages.delivered
}

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

fn all_to_all(seed: u64, n: u32, rounds: u64) -> u64 {
    let delay = Distribution::Uniform(Duration::from_millis(500), Duration::from_millis(1500));
    let world = world(seed, n, delay);
    Simulation::<Peer>::new(&world, rounds).expect("a valid world").run().messages.delivered
}

fn small_runs(runs: u64, threads: u64) -> u64 {
    let (next, messages) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    messages.fetch_add(all_to_all(seed, 10, 1), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(messages.into_inner(), runs * 180);
    runs
}

fn world(seed: u64, nodes: u32, delay: Distribution) -> World {
    let mut world = World::new(seed, nodes);
    world.network.default.delay = delay;
    world.stop.events_max = u64::MAX;
    world
}
