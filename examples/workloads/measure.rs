//! What every workload needs around its run: worlds, stopwatch, memory, trace, and the JSON line.

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use seedbed_core::trace::{Record, Sink};
use seedbed_core::{EndedBy, Outcome, Simulation, World};
use seedbed_node::{Distribution, Node};
use seedbed_reports::trace::{Errors, JsonLines};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Options;

/// A world of `n` nodes whose links delay by `delay` and do nothing else.
pub fn world(seed: u64, n: u32, delay: Distribution, options: &Options) -> World {
    let mut world = World::new(seed, n);
    world.network.default.delay = delay;
    world.stop.events_max = u64::MAX;
    world.digest = !options.no_digest;
    world
}

/// Wall time and the CPU time of all threads, user and system, in seconds.
#[derive(Clone, Copy)]
pub struct Spent {
    pub wall_s: f64,
    pub cpu_s: f64,
}

impl Spent {
    /// For what measures no time.
    pub const NOTHING: Spent = Spent { wall_s: 0.0, cpu_s: 0.0 };
}

/// Runs from its start.
pub struct Stopwatch {
    wall: Instant,
    cpu_s: f64,
}

impl Stopwatch {
    pub fn start() -> Self {
        Stopwatch { wall: Instant::now(), cpu_s: cpu_s() }
    }

    pub fn stop(&self) -> Spent {
        Spent { wall_s: self.wall.elapsed().as_secs_f64(), cpu_s: cpu_s() - self.cpu_s }
    }
}

fn cpu_s() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 * 1e-9
}

/// Bytes of memory that are resident now; where the system tells.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most bytes of memory that were ever resident; where the system tells.
pub fn resident_peak() -> Option<u64> {
    status("VmHWM:")
}

fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The trace of a run on its way into a file.
pub struct Tracing {
    records: Arc<AtomicU64>,
    errors: Errors,
}

impl Tracing {
    /// Has `simulation` streamed into the file that the options name, if they name one.
    pub fn of<N: Node>(
        simulation: &mut Simulation<N>,
        world: &World,
        options: &Options,
    ) -> io::Result<Option<Self>> {
        let Some(path) = &options.trace else { return Ok(None) };
        let file = File::create(path)?;
        let lines = JsonLines::new(world.names.clone(), file);
        let tracing = Tracing { records: Arc::default(), errors: lines.errors() };
        simulation.trace(Box::new(Counted { lines, records: tracing.records.clone() }));
        Ok(Some(tracing))
    }
}

/// Counts the records that pass.
struct Counted {
    lines: JsonLines<File>,
    records: Arc<AtomicU64>,
}

impl Sink for Counted {
    fn record(&mut self, record: &Record<'_>) {
        self.records.fetch_add(1, Ordering::Relaxed);
        self.lines.record(record);
    }
}

/// A run that is set up and booted, and what that took.
pub struct Ready<N: Node> {
    simulation: Simulation<N>,
    tracing: Option<Tracing>,
}

impl<N: Node> Ready<N> {
    /// Sets up and boots.
    pub fn boot(world: &World, params: N::Params, options: &Options) -> io::Result<Self> {
        Self::boot_with(world, params, options, |_| {})
    }

    /// The same, once `prepare` has had its hands on the simulation.
    pub fn boot_with(
        world: &World,
        params: N::Params,
        options: &Options,
        prepare: impl FnOnce(&mut Simulation<N>),
    ) -> io::Result<Self> {
        let mut simulation = Simulation::new(world, params).expect("the worlds here are valid");
        let tracing = Tracing::of(&mut simulation, world, options)?;
        prepare(&mut simulation);
        simulation.boot();
        Ok(Ready { simulation, tracing })
    }

    /// Runs to the end; with a trace, until all of it is handed to the file.
    ///
    /// # Panics
    /// If a node did.
    pub fn run(mut self) -> io::Result<Ran> {
        let outcome = self.simulation.run();
        if let EndedBy::Panic { node, message } = &outcome.ended_by {
            panic!("{node}: {message}");
        }
        let records = self.tracing.as_ref().map(|t| t.records.load(Ordering::Relaxed));
        self.tracing.map_or(Ok(()), |tracing| tracing.errors.first())?;
        Ok(Ran { outcome, records })
    }
}

/// A run that is over.
pub struct Ran {
    pub outcome: Outcome,
    /// How many records its trace has, if it was traced.
    pub records: Option<u64>,
}

/// The JSON line.
#[derive(Serialize)]
pub struct Report {
    peer: &'static str,
    workload: &'static str,
    params: Map<String, Value>,
    events: u64,
    setup_s: f64,
    wall_s: f64,
    cpu_s: f64,
    events_per_s: f64,
    peak_rss_mb: Option<f64>,
    /// What only some workloads tell.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Report {
    pub fn new(
        workload: &'static str,
        params: &[(&str, u64)],
        events: u64,
        setup_s: f64,
        spent: Spent,
    ) -> Self {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
        Report {
            peer: "seedbed",
            workload,
            params: params.map(|(name, value)| (name, value.into())).collect(),
            events,
            setup_s: rounded(setup_s, 1e4),
            wall_s: rounded(spent.wall_s, 1e6),
            cpu_s: rounded(spent.cpu_s, 1e6),
            events_per_s: rate(events, spent),
            peak_rss_mb: resident_peak().map(|bytes| rounded(bytes as f64 / 1_048_576.0, 10.0)),
            more: Map::new(),
        }
    }

    /// Adds a figure.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a parameter.
    pub fn param(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string().into());
        self
    }

    /// Adds how fast the trace was written, if it was.
    pub fn traced(self, records: Option<u64>, spent: Spent) -> Self {
        let Some(records) = records else { return self };
        self.with("records", records).with("records_per_s", rate(records, spent))
    }

    /// Prints the line.
    pub fn print(&self) -> ExitCode {
        let line = serde_json::to_string(self).expect("plain data");
        match writeln!(io::stdout(), "{line}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }
}

fn rate(count: u64, spent: Spent) -> f64 {
    if spent.wall_s > 0.0 { rounded(count as f64 / spent.wall_s, 1.0) } else { 0.0 }
}

/// `value` with as many decimals as `scale` has zeros.
pub fn rounded(value: f64, scale: f64) -> f64 {
    (value * scale).round() / scale
}
