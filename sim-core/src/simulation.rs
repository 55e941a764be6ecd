//! A run from set-up to outcome.

use seedbed_node::{Checker, Conclusion, Ending, Measure, Message, Names, Node, NodeId, Workload};

use crate::causality::Causality;
use crate::kernel::Kernel;
use crate::outcome::{CheckOutcome, EndedBy, Outcome, Verdict};
use crate::recorder::{Recorded, Recorder};
use crate::setup::{Memory, SetupError};
use crate::trace::{ClockAudit, ClockKind, Clocks, Sink};
use crate::world::World;

/// One run of one algorithm: set it up, watch it, run it.
///
/// ```
/// use seedbed_core::{Simulation, World};
/// # use seedbed_node::*;
/// # #[derive(Clone, PartialEq, Eq, Hash, Debug)] struct Hello;
/// # #[derive(Clone, PartialEq, Eq, Hash, Debug, Message)] struct Hi;
/// # impl Node for Hello {
/// #     type Params = (); type Message = Hi; type Timer = (); type Request = (); type Event = ();
/// #     type Durable = ();
/// #     fn start(_: &(), cx: &mut Context<'_, Self>) -> Self { cx.broadcast(Hi); Hello }
/// #     fn on_message(&mut self, _: NodeId, _: Hi, _: &mut Context<'_, Self>) {}
/// # }
/// let outcome = Simulation::<Hello>::new(&World::new(42, 3), ()).unwrap().run();
/// assert_eq!(outcome.messages.delivered, 6);
/// ```
pub struct Simulation<N: Node> {
    pub(crate) nodes: Vec<Option<N>>,
    pub(crate) params: N::Params,
    pub(crate) kernel: Kernel<N>,
    world: World,
    stage: Stage,
    recorded: Option<Result<Recorded, String>>,
}

/// How far a run has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    SetUp,
    Booted,
    Over,
}

impl<N: Node> Simulation<N> {
    /// Sets up a run of nodes with these parameters in `world`. Nothing happens yet.
    pub fn new(world: &World, params: N::Params) -> Result<Self, SetupError> {
        let kernel = Kernel::new(world, Memory::default())?;
        let nodes = (0..world.members).map(|_| None).collect();
        let (world, stage) = (world.clone(), Stage::SetUp);
        Ok(Simulation { nodes, params, kernel, world, stage, recorded: None })
    }

    /// Sets up another run in the same world but for the seed, in the memory of this one, which is
    /// quicker than a new one for runs that are short. Clients, checks, measures and sinks are
    /// gone and have to be given again. After an error there is nothing to run.
    pub fn reset(&mut self, seed: u64) -> Result<(), SetupError> {
        self.stage = Stage::Over;
        self.world.seed = seed;
        self.nodes.fill_with(|| None);
        self.recorded = None;
        let memory = self.kernel.memory();
        self.kernel = Kernel::new(&self.world, memory)?;
        self.stage = Stage::SetUp;
        Ok(())
    }

    /// Gives the nodes clients.
    pub fn workload(&mut self, workload: Box<dyn Workload<N::Request, N::Event>>) -> &mut Self {
        self.kernel.workload = Some(workload);
        self
    }

    /// Adds a check under a name.
    pub fn check(
        &mut self,
        name: impl Into<String>,
        checker: Box<dyn Checker<N::Request, N::Event>>,
    ) -> &mut Self {
        self.kernel.judges.check(name.into(), checker);
        if self.kernel.judges.need_causality() && self.kernel.causality.is_none() {
            self.kernel.causality = Some(Causality::new(self.kernel.members.count()));
        }
        self
    }

    /// Adds a measure.
    pub fn measure(&mut self, measure: Box<dyn Measure<N::Request, N::Event>>) -> &mut Self {
        self.kernel.judges.measure(measure);
        self
    }

    /// Adds a consumer of the trace.
    pub fn trace(&mut self, sink: Box<dyn Sink>) -> &mut Self {
        self.kernel.tracer.add_sink(sink);
        self
    }

    /// Has every record of the trace stamped with these logical clocks.
    pub fn annotate(&mut self, clocks: &[ClockKind]) -> &mut Self {
        let members = self.kernel.members.count();
        self.kernel.tracer.clocks = Some(Clocks::new(clocks, members));
        self
    }

    /// Adds the check that these logical clocks agree with the true happened-before of the trace;
    /// its outcome comes after those of the checkers.
    pub fn audit_clocks(&mut self, name: impl Into<String>, clocks: &[ClockKind]) -> &mut Self {
        let members = self.kernel.members.count();
        let audit = ClockAudit::new(Clocks::new(clocks, members), members);
        self.kernel.tracer.add_audit(name.into(), audit);
        self
    }

    /// Has a schedule made of the run, to be [fetched](Self::recorded) when it is over.
    pub fn record(&mut self) -> &mut Self {
        self.kernel.tracer.add_recorder(Recorder::new(&self.world));
        self
    }

    /// The schedule that a run which follows it repeats the last run by, or why there is none;
    /// `None` unless it was [recorded](Self::record).
    pub fn recorded(&mut self) -> Option<Result<Recorded, String>> {
        self.recorded.take()
    }

    /// Boots all nodes that start at the beginning, as [`run`](Self::run) would: to tell set-up
    /// from run when measuring either.
    pub fn boot(&mut self) -> &mut Self {
        if self.stage == Stage::SetUp {
            self.stage = Stage::Booted;
            self.guarded(Self::boot_all);
        }
        self
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// If this run is over; [`reset`](Self::reset) makes another.
    pub fn run(&mut self) -> Outcome {
        assert!(self.stage != Stage::Over, "a run has one end");
        self.boot();
        self.stage = Stage::Over;
        self.guarded(Self::step_to_end);
        let mut waits_for = self.ask_whom_nodes_wait_for();
        if self.kernel.judges.watching() {
            waits_for.resize(self.nodes.len(), Vec::new());
        }
        self.finish(&waits_for)
    }

    fn finish(&mut self, waits_for: &[Vec<NodeId>]) -> Outcome {
        let kernel = &mut self.kernel;
        for (_, message) in kernel.flights.iter().filter(|(head, _)| head.counted()) {
            kernel.counters.in_flight(message.kind() >= N::Message::TRANSPORT_FROM);
        }
        let ended_by = kernel.ended.take().unwrap_or(EndedBy::Quiet);
        let down: Vec<NodeId> =
            kernel.members.iter().filter(|node| !kernel.hosts.get(*node).up).collect();
        let ending = Ending {
            at: kernel.ended_at,
            quiet: matches!(ended_by, EndedBy::Quiet | EndedBy::ScheduleRepeats),
            down: &down,
            pending: &kernel.ledger.pending(),
            waits_for,
            names: &kernel.names,
        };
        let (mut checks, measures) = std::mem::take(&mut kernel.judges).finish(&ending);
        // Sinks end here: they may write the rest of what they hold.
        let tracer = std::mem::take(&mut kernel.tracer);
        let (audit, recorder) = tracer.finish();
        if let Some((name, audit)) = audit {
            checks.push(audited(name, &audit, &kernel.names));
        }
        if let Some(follow) = &kernel.follow {
            checks.push(follow.judged());
        }
        self.recorded =
            recorder.map(|recorder| recorder.finish(kernel.ended_at, &ended_by, &kernel.faults));
        let clocks_at = kernel.ended_at.max(kernel.now);
        let (messages, transport) = kernel.counters.finish::<N::Message>();
        Outcome {
            seed: self.world.seed,
            nodes: kernel.members.count(),
            digest: kernel.digest.so_far(),
            events: kernel.events,
            ended_at: kernel.ended_at,
            ended_by,
            checks,
            operations: kernel.ledger.finish::<N::Message>(messages.sent),
            messages,
            transport,
            hops: kernel.counters.hops,
            writes: kernel.writes,
            timers_fired: kernel.timers_fired,
            wall_lead_ns: kernel.hosts.clocks.wall_lead(clocks_at),
            measures,
            faults: std::mem::take(&mut kernel.faults),
        }
    }
}

fn audited(name: String, audit: &ClockAudit, names: &Names) -> CheckOutcome {
    let (conclusion, detail) = audit.judge(names);
    let (verdict, at) = match conclusion {
        Conclusion::Held => (Verdict::Held, None),
        Conclusion::Failed(breach) => (Verdict::Failed, Some(breach.at)),
        Conclusion::Inconclusive(_) => (Verdict::Inconclusive, None),
    };
    CheckOutcome { name, verdict, detail, at }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use seedbed_node::{Context, Message};

    use super::*;

    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Hello;

    #[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
    struct Hi;

    impl Node for Hello {
        type Params = ();
        type Message = Hi;
        type Timer = ();
        type Request = ();
        type Event = ();
        type Durable = ();
        fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
            cx.broadcast(Hi);
            Hello
        }
        fn on_message(&mut self, _: NodeId, Hi: Hi, _: &mut Context<'_, Self>) {}
    }

    #[test]
    fn after_a_reset_that_failed_there_is_nothing_to_run() {
        let mut simulation = Simulation::<Hello>::new(&World::new(1, 3), ()).expect("valid");
        simulation.world.members = 0;
        assert!(simulation.reset(2).is_err());
        let run = catch_unwind(AssertUnwindSafe(|| simulation.run()));
        assert_eq!(run.unwrap_err().downcast_ref(), Some(&"a run has one end"));
        simulation.world.members = 3;
        simulation.reset(2).expect("valid again");
        assert_eq!(simulation.run().messages.delivered, 6);
    }
}
