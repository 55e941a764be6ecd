//! Where types are erased: an algorithm read from a scenario, ready to be run any number of times.

use std::sync::{Arc, Mutex};

use seedbed_algorithms::{Reliable, ReliableParams};
use seedbed_core::explore::nodes::Instance;
use seedbed_core::trace::{ClockKind, Sink};
use seedbed_core::{Outcome, Recorded, Simulation, Until, View, World};
use seedbed_node::{
    Algorithm, Family, Figures, Historian, Mark, Marker, Marks, Measure, Message, Node,
    Observation, Step, Theory, Time,
};
use serde::Deserialize;

use crate::diagnose::Finding;
use crate::explore::{Exploring, Unjudged};
use crate::judged::{judge, judged, reorder};
use crate::lower::{CLOCK_CONDITION, Check};
use crate::schedule::Recording;
use crate::schema::TransportForm;
use crate::text::{Directory, Kind, Reader, Spanned};

/// What an algorithm's row needs of a scenario.
pub(crate) struct Order<'a> {
    pub algorithm: &'a crate::text::Node,
    pub workload: Option<&'a crate::text::Node>,
    pub transport: Option<&'a Spanned<TransportForm>>,
    pub directory: &'a Directory,
}

/// How an algorithm's row reads its part of a scenario.
pub(crate) type Read = fn(&Order<'_>) -> Result<Box<dyn Ready>, Vec<Finding>>;

/// How a run is watched.
#[derive(Default)]
pub(crate) struct Watch {
    pub sink: Option<Box<dyn Sink>>,
    pub clocks: Vec<ClockKind>,
    /// Where the steps of its history go, if it has one.
    pub history: Option<Steps>,
    /// Who is told of the marks of its family, if it has any.
    pub marks: Option<TellMark>,
    /// Where the schedule that repeats it goes.
    pub recording: Option<Recording>,
}

/// The steps of a history, each with its true time.
pub(crate) type Steps = Arc<Mutex<Vec<(Time, Step)>>>;

/// Keeps what a historian reads off a run.
struct Scribe<R, E> {
    historian: Box<dyn Historian<R, E>>,
    latest: Vec<Step>,
    steps: Steps,
}

impl<R, E> Measure<R, E> for Scribe<R, E> {
    fn observe(&mut self, seen: &Observation<'_, R, E>, _figures: &mut dyn Figures) {
        self.historian.observe(seen, &mut self.latest);
        if !self.latest.is_empty() {
            let mut steps = self.steps.lock().expect("nobody panics while holding it");
            steps.extend(self.latest.drain(..).map(|step| (seen.at, step)));
        }
    }
}

/// Takes a mark while it is made.
pub(crate) type TellMark = Box<dyn FnMut(Time, Mark) + Send>;

/// Passes on what a marker reads off a run.
struct Marking<R, E> {
    marker: Box<dyn Marker<R, E>>,
    marks: Marks,
    tell: TellMark,
}

impl<R, E> Measure<R, E> for Marking<R, E> {
    fn observe(&mut self, seen: &Observation<'_, R, E>, _figures: &mut dyn Figures) {
        self.marker.observe(seen, &mut self.marks);
        self.marks.take().for_each(|mark| (self.tell)(seen.at, mark));
    }
}

/// An algorithm with its parameters and clients.
pub(crate) trait Ready: Send + Sync {
    /// What theory says of the messages per operation.
    fn theory(&self) -> Theory;
    /// The kinds of message that handlers may have to deal with, and `Request`.
    fn kinds(&self) -> Vec<&'static str>;
    /// The names of message kinds, each once, in the order of their numbers.
    fn message_kinds(&self) -> Vec<String>;
    /// Why this world cannot be run, if so.
    fn probe(&self, world: &World) -> Result<(), String>;
    /// A small instance of it, to be explored, and what that leaves unjudged.
    fn instance(
        &self,
        world: &World,
        checks: &[Check],
        exploring: &Exploring,
    ) -> Result<(Instance, Vec<Unjudged>), String>;
    /// Runs it; the checks' outcomes are in the order of `checks`, claims left out.
    fn run(&self, world: &World, checks: &[Check], watch: Watch) -> Outcome;
    /// Sets it up to be run bit by bit.
    fn live(&self, world: &World, checks: &[Check], watch: Watch) -> Box<dyn Live>;
}

/// A run that stops where it is told to.
pub(crate) trait Live {
    /// Runs on, so far; tells whether the run is over.
    fn run_until(&mut self, until: Until) -> bool;
    /// What it looks like now, with up to `limit` of what waits.
    fn view(&mut self, limit: usize) -> View;
    /// The schedule of the run so far, if it was recorded.
    fn recorded_so_far(&mut self) -> Option<Result<Recorded, String>>;
    /// Runs to the end; the checks' outcomes in an order of the kernel's own.
    fn finish(&mut self) -> Outcome;
}

impl<N: Node> Live for Simulation<N> {
    fn run_until(&mut self, until: Until) -> bool {
        Simulation::run_until(self, until)
    }

    fn view(&mut self, limit: usize) -> View {
        Simulation::view(self, limit)
    }

    fn recorded_so_far(&mut self) -> Option<Result<Recorded, String>> {
        Simulation::recorded_so_far(self)
    }

    fn finish(&mut self) -> Outcome {
        self.run()
    }
}

/// Reads an algorithm's part of a scenario.
pub(crate) fn read<A: Algorithm>(order: &Order<'_>) -> Result<Box<dyn Ready>, Vec<Finding>> {
    let mut findings = Vec::new();
    let nodes = order.directory.members;
    let params = params::<A>(order).unwrap_or_else(|finding| {
        findings.push(finding);
        A::Params::default()
    });
    let load = match order.workload {
        Some(node) => load::<A>(node, order.directory, nodes),
        None => Ok(Default::default()),
    };
    let load = load.unwrap_or_else(|finding| {
        findings.push(finding);
        Default::default()
    });
    let transport = order.transport.map(|form| (lower_transport(&form.value), form.span));
    if let Some((reliable, span)) = &transport
        && let Err(why) = reliable.check()
    {
        findings.push(Finding::at(*span, why));
    }
    if findings.is_empty() {
        let transport = transport.map(|(reliable, _)| reliable);
        Ok(Box::new(Typed::<A> { params, load, nodes, transport }))
    } else {
        Err(findings)
    }
}

fn params<A: Algorithm>(order: &Order<'_>) -> Result<A::Params, Finding> {
    let node = order.algorithm;
    let reader = |node| Reader::with_names(node, order.directory);
    let params = match (&node.kind, node.variant()) {
        (Kind::Group(_), _) => A::Params::deserialize(reader(node).contents())?,
        (_, Some((_, contents))) => A::Params::deserialize(reader(contents))?,
        _ => A::Params::default(),
    };
    let nodes = order.directory.members;
    A::check_params(&params, nodes).map_err(|why| named(&why, node))?;
    Ok(params)
}

fn load<A: Algorithm>(
    node: &crate::text::Node,
    directory: &Directory,
    nodes: u32,
) -> Result<<A::Family as Family>::Load, Finding> {
    let load = Deserialize::deserialize(Reader::with_names(node, directory))?;
    A::Family::workload(&load, nodes).map_err(|why| named(&why, node))?;
    Ok(load)
}

/// A refusal that begins with a field's name points at that field: "think: …".
fn named(why: &str, node: &crate::text::Node) -> Finding {
    let field = why.split_once(':').and_then(|(name, _)| node.field(name));
    Finding::at(field.map_or(node.head(), |field| field.span), why)
}

fn lower_transport(form: &TransportForm) -> ReliableParams<()> {
    let TransportForm::Reliable { retransmit, retransmit_max, fifo } = *form;
    let default = ReliableParams::new(());
    let retransmit = retransmit.unwrap_or(default.retransmit);
    // A first wait beyond the usual longest one is the longest.
    let longest = default.retransmit_max.max(retransmit);
    ReliableParams {
        inner: (),
        retransmit,
        retransmit_max: retransmit_max.unwrap_or(longest),
        fifo,
    }
}

struct Typed<A: Algorithm> {
    params: A::Params,
    load: <A::Family as Family>::Load,
    nodes: u32,
    transport: Option<ReliableParams<()>>,
}

impl<A: Algorithm> Typed<A> {
    fn wrapped(&self, transport: &ReliableParams<()>) -> ReliableParams<A::Params> {
        let ReliableParams { inner: (), retransmit, retransmit_max, fifo } = *transport;
        ReliableParams { inner: self.params.clone(), retransmit, retransmit_max, fifo }
    }

    fn prepare<N>(
        &self,
        world: &World,
        params: N::Params,
        checks: &[Check],
        watch: Watch,
    ) -> Simulation<N>
    where
        N: Node<Request = A::Request, Event = A::Event>,
    {
        let clients = A::Family::workload(&self.load, self.nodes).expect("tried when loaded");
        let mut simulation = Simulation::<N>::new(world, params).expect("tried when loaded");
        simulation.workload(clients);
        for check in checks {
            match judge::<A::Family>(check) {
                Some(checker) => simulation.check(check.name(), checker),
                None if *check == Check::ClockCondition => {
                    const ALL: [ClockKind; 3] =
                        [ClockKind::Lamport, ClockKind::Vector, ClockKind::Hlc];
                    let stated = if watch.clocks.is_empty() { &ALL } else { &watch.clocks[..] };
                    simulation.audit_clocks(CLOCK_CONDITION, stated)
                }
                // Figures are judged by the plan, the schedule by whoever follows it.
                None => &mut simulation,
            };
        }
        for measure in A::Family::measures() {
            simulation.measure(measure);
        }
        if let (Some(steps), Some(historian)) = (watch.history, A::Family::history()) {
            simulation.measure(Box::new(Scribe { historian, latest: Vec::new(), steps }));
        }
        if let (Some(tell), Some(marker)) = (watch.marks, A::Family::marks()) {
            simulation.measure(Box::new(Marking { marker, marks: Marks::default(), tell }));
        }
        if let Some(sink) = watch.sink {
            simulation.trace(sink);
            if !watch.clocks.is_empty() {
                simulation.annotate(&watch.clocks);
            }
        }
        if watch.recording.is_some() {
            simulation.record();
        }
        simulation
    }

    fn simulate<N>(
        &self,
        world: &World,
        params: N::Params,
        checks: &[Check],
        watch: Watch,
    ) -> Outcome
    where
        N: Node<Request = A::Request, Event = A::Event>,
    {
        let recording = watch.recording.clone();
        let mut simulation = self.prepare::<N>(world, params, checks, watch);
        let mut outcome = simulation.run();
        if let Some(recording) = recording {
            *recording.lock().expect("nobody panics while holding it") = simulation.recorded();
        }
        reorder(&mut outcome, checks);
        outcome
    }
}

fn kinds<M: Message>() -> Vec<&'static str> {
    (0..M::KINDS).map(M::kind_name).chain(["Request"]).collect()
}

/// The names of kinds; of several that are called alike, a transport's come last and say so.
fn message_kinds<M: Message>() -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(M::KINDS);
    for kind in 0..M::KINDS {
        let plain = M::kind_name(kind).to_owned();
        let forms = [plain.clone(), format!("transport {plain}"), format!("{plain} {kind}")];
        let free = forms.into_iter().find(|form| !names.contains(form));
        names.push(free.unwrap_or(plain));
    }
    names
}

impl<A: Algorithm> Ready for Typed<A> {
    fn theory(&self) -> Theory {
        A::theory(self.nodes, &self.params)
    }

    fn kinds(&self) -> Vec<&'static str> {
        match self.transport {
            Some(_) => kinds::<<Reliable<A> as Node>::Message>(),
            None => kinds::<A::Message>(),
        }
    }

    fn message_kinds(&self) -> Vec<String> {
        match self.transport {
            Some(_) => message_kinds::<<Reliable<A> as Node>::Message>(),
            None => message_kinds::<A::Message>(),
        }
    }

    fn probe(&self, world: &World) -> Result<(), String> {
        let probed = match &self.transport {
            Some(transport) => {
                Simulation::<Reliable<A>>::new(world, self.wrapped(transport)).map(drop)
            }
            None => Simulation::<A>::new(world, self.params.clone()).map(drop),
        };
        probed.map_err(|e| e.to_string())
    }

    fn instance(
        &self,
        world: &World,
        checks: &[Check],
        exploring: &Exploring,
    ) -> Result<(Instance, Vec<Unjudged>), String> {
        if self.transport.is_some() {
            return Err(
                "what is explored has no transport: remove it, and allow what it hides".into()
            );
        }
        let clients = A::Family::workload(&self.load, self.nodes).expect("tried when loaded");
        let (judged, unjudged) = judged::<A::Family>(checks, exploring.says_checks);
        let instance = Instance::new::<A>(
            world,
            self.params.clone(),
            clients,
            judged,
            exploring.bounds.clone(),
        );
        Ok((instance.map_err(|why| why.to_string())?, unjudged))
    }

    fn run(&self, world: &World, checks: &[Check], watch: Watch) -> Outcome {
        match &self.transport {
            Some(transport) => {
                self.simulate::<Reliable<A>>(world, self.wrapped(transport), checks, watch)
            }
            None => self.simulate::<A>(world, self.params.clone(), checks, watch),
        }
    }

    fn live(&self, world: &World, checks: &[Check], watch: Watch) -> Box<dyn Live> {
        match &self.transport {
            Some(transport) => {
                Box::new(self.prepare::<Reliable<A>>(world, self.wrapped(transport), checks, watch))
            }
            None => Box::new(self.prepare::<A>(world, self.params.clone(), checks, watch)),
        }
    }
}
