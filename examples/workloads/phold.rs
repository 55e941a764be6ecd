//! PHOLD (Fujimoto, SCS Multiconference 1990): every event schedules one at a random other process.

use std::io;

use seedbed_node::{Context, Distribution, Duration, Message, Node, NodeId, mix};

use crate::Options;
use crate::measure::{Ready, Report, Stopwatch, world};

/// A process, with a random stream of its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Process {
    stream: u64,
    count: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Job;

impl Node for Process {
    /// With how many jobs each process starts.
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

impl Process {
    fn pass_on(&mut self, cx: &mut Context<'_, Self>) {
        self.stream = self.stream.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let others = u64::from(cx.members().count() - 1);
        let skip = ((mix(self.stream) >> 32) * others) >> 32;
        let to = (u64::from(cx.me().0) + 1 + skip) % (others + 1);
        cx.send(NodeId(to as u32), Job);
    }
}

/// Processes `events` events of `n` processes that start with `m` jobs each.
pub fn run(n: u32, m: u32, events: u64, options: &Options) -> io::Result<Report> {
    let setup = Stopwatch::start();
    let delay = Distribution::Exponential { mean: Duration::from_secs(1) };
    let mut world = world(1, n, delay, options);
    world.stop.events_max = events;
    let ready = Ready::<Process>::boot(&world, m, options)?;
    let setup_s = setup.stop().wall_s;

    let watch = Stopwatch::start();
    let ran = ready.run()?;
    let spent = watch.stop();

    assert_eq!(ran.outcome.events, events);
    let params = [("n", n.into()), ("m", m.into())];
    Ok(Report::new("w1", &params, events, setup_s, spent).traced(ran.records, spent))
}
