//! The service model against queueing theory: M/M/1, M/M/c, M/M/1/K, and a closed loop of clients
//! and a server (exact mean value analysis: Reiser & Lavenberg, JACM 1980).
#![allow(missing_docs)]

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::service::ServiceConfig;
use seedbed_core::{Outcome, Simulation, World};
use seedbed_node::{
    Client, Context, Distribution, Duration, Message, Node, NodeId, Operation, Time, Workload,
};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
enum Call {
    Ask(Ticket),
    Answer(Ticket),
}

/// The caller's operation, so that the answer is told to the right one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, seedbed_node::Wire)]
struct Ticket {
    number: u32,
}

/// Serves its own client; with a server elsewhere (the parameter), passes the request on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Desk;

impl Node for Desk {
    type Params = Option<NodeId>;
    type Message = Call;
    type Timer = ();
    type Request = u32;
    type Event = u32;
    type Durable = ();
    fn start((): &(), _: &mut Context<'_, Self>) -> Self {
        Desk
    }
    fn on_message(&mut self, from: NodeId, message: Call, cx: &mut Context<'_, Self>) {
        match message {
            Call::Ask(number) => cx.send(from, Call::Answer(number)),
            Call::Answer(number) => cx.emit(number.number),
        }
    }
    fn on_request(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        match *cx.params() {
            None => cx.emit(number),
            Some(server) => cx.send(server, Call::Ask(Ticket { number })),
        }
    }
}

/// Customers: open (the next comes after `every` whatever happens) or closed (after the answer).
#[derive(Clone, Hash)]
struct Customers {
    every: Distribution,
    closed: bool,
    left: u32,
    refused: u32,
    first: u32,
}

impl Customers {
    fn call(&mut self, cx: &mut Client<'_, u32>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let operation = cx.begin();
        cx.request(operation, operation.number);
        if !self.closed {
            self.wait(cx);
        }
    }
    fn wait(&mut self, cx: &mut Client<'_, u32>) {
        let after = self.every.sample(cx.draws());
        cx.wake(after, 0);
    }
}

impl Workload<u32, u32> for Customers {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, u32>) {
        if client.0 >= self.first {
            self.wait(cx);
        }
    }
    fn on_event(&mut self, client: NodeId, number: &u32, cx: &mut Client<'_, u32>) {
        cx.complete(Operation { client, number: *number });
        if self.closed {
            self.wait(cx);
        }
    }
    fn on_wake(&mut self, _: NodeId, _: u64, cx: &mut Client<'_, u32>) {
        self.call(cx);
    }
    fn on_refused(&mut self, _: NodeId, _: u32, _: &mut Client<'_, u32>) {
        self.refused += 1;
    }
    fn on_restart(&mut self, _: NodeId, _: &mut Client<'_, u32>) {}
    fn finished(&self) -> bool {
        self.left == 0
    }
}

const US: u64 = 1_000;

fn exponential(mean_us: u64) -> Distribution {
    Distribution::Exponential { mean: Duration::from_micros(mean_us) }
}

fn service(time: Distribution, cores: u32, queue_max: Option<u32>) -> ServiceConfig {
    ServiceConfig { default: time, by_kind: vec![], cores, queue_max }
}

/// An open queue: arrivals every `every_us`, served in `mean_us` on `cores`.
fn open(every_us: u64, mean_us: u64, cores: u32, queue_max: Option<u32>, slow: u32) -> Outcome {
    let mut world = World::new(11, 1);
    world.service = Some(service(exponential(mean_us), cores, queue_max));
    if slow != 1000 {
        let fault = Fault::Slow { node: NodeId(0), permille: slow };
        world = world.fault(TimedFault { at: Time::ZERO, until: None, fault });
    }
    let mut simulation = Simulation::<Desk>::new(&world, None).unwrap();
    let customers = Customers {
        every: exponential(every_us),
        closed: false,
        left: 400_000,
        refused: 0,
        first: 0,
    };
    simulation.workload(Box::new(customers));
    simulation.run()
}

fn assert_within(measured: f64, theory: f64, tolerance: f64, what: &str) {
    let error = (measured - theory).abs() / theory;
    assert!(error <= tolerance, "{what}: measured {measured}, theory {theory}, off by {error:.4}");
}

fn mean_sojourn_us(outcome: &Outcome) -> f64 {
    outcome.operations.latency_ns.expect("some were served").mean / US as f64
}

/// Mean time in an M/M/c queue (Erlang 1917).
fn mmc(every: f64, mean: f64, cores: u32) -> f64 {
    let load = mean / every;
    let c = f64::from(cores);
    let mut term = 1.0;
    let mut sum = 0.0;
    for k in 0..cores {
        sum += term;
        term *= load / f64::from(k + 1);
    }
    let last = term * c / (c - load);
    let wait = last / (sum + last);
    wait * mean / (c - load) + mean
}

#[test]
fn one_server_is_m_m_1() {
    let outcome = open(1000, 600, 1, None, 1000);
    assert_within(mean_sojourn_us(&outcome), 600.0 / (1.0 - 0.6), 0.02, "M/M/1");
    assert_within(mmc(1000.0, 600.0, 1), 1500.0, 1e-12, "the formula itself");
}

#[test]
fn several_servers_are_m_m_c() {
    for cores in [2, 4] {
        let mean = 700 * u64::from(cores);
        let outcome = open(1000, mean, cores, None, 1000);
        assert_within(mean_sojourn_us(&outcome), mmc(1000.0, mean as f64, cores), 0.02, "M/M/c");
    }
}

#[test]
fn a_slow_node_serves_slower_by_its_factor() {
    let outcome = open(1000, 300, 1, None, 2000);
    assert_within(mean_sojourn_us(&outcome), 600.0 / (1.0 - 0.6), 0.02, "M/M/1 at half speed");
}

#[test]
fn a_finite_queue_refuses_as_m_m_1_k() {
    // Capacity K = 1 in service + 4 waiting; load 0.9.
    let outcome = open(1000, 900, 1, Some(4), 1000);
    let load: f64 = 0.9;
    let powers: Vec<f64> = (0..=5)
        .scan(1.0, |p, _| {
            let now = *p;
            *p *= load;
            Some(now)
        })
        .collect();
    let blocked = powers[5] / powers.iter().sum::<f64>();
    let refused = 1.0 - outcome.operations.count as f64 / 400_000.0;
    assert_within(refused, blocked, 0.02, "blocking");
}

#[test]
fn a_closed_loop_follows_mean_value_analysis() {
    for clients in [1u32, 3, 8] {
        let mut world = World::new(5, clients + 1);
        world.network.default = LinkModel {
            delay: Distribution::Constant(Duration::from_micros(50)),
            ..LinkModel::default()
        };
        let mut model = service(Distribution::Constant(Duration::ZERO), 1, None);
        model.by_kind = vec![("Ask".into(), exponential(200))];
        world.service = Some(model);
        let mut simulation = Simulation::<Desk>::new(&world, Some(NodeId(0))).unwrap();
        let customers = Customers {
            every: exponential(900),
            closed: true,
            left: 300_000,
            refused: 0,
            first: 1,
        };
        simulation.workload(Box::new(customers));
        let outcome = simulation.run();

        let (think, serve) = (900.0 + 2.0 * 50.0, 200.0);
        let mut queued = 0.0;
        let mut throughput = 0.0;
        for n in 1..=clients {
            let response = serve * (1.0 + queued);
            throughput = f64::from(n) / (think + response);
            queued = throughput * response;
        }
        let measured = outcome.operations.count as f64 / (outcome.ended_at.as_nanos() / US) as f64;
        assert_within(measured, throughput, 0.02, "closed loop");
    }
}
