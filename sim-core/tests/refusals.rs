//! Worlds that make no sense are refused before anything runs, with the reason.
#![allow(missing_docs)]

mod support;

use seedbed_core::fault::{Fault, RandomFaults, RandomKind, TimedFault};
use seedbed_core::service::ServiceConfig;
use seedbed_core::{Simulation, Window, World};
use seedbed_node::{Distribution, Duration, Names, NodeId, Time};
use support::Puppet;

fn refusal(world: &World) -> String {
    let refused = Simulation::<Puppet>::new(world, false).err();
    refused.expect("this world makes no sense").to_string()
}

fn upside_down() -> Distribution {
    Distribution::Uniform(Duration::from_secs(2), Duration::from_secs(1))
}

fn service() -> ServiceConfig {
    let default = Distribution::Constant(Duration::from_millis(1));
    ServiceConfig { default, by_kind: vec![], cores: 1, queue_max: None }
}

#[test]
fn services_that_nobody_could_render() {
    for (service, word) in [
        (ServiceConfig { cores: 0, ..service() }, "core"),
        (ServiceConfig { default: upside_down(), ..service() }, "lower bound"),
        (ServiceConfig { by_kind: vec![("Ping".into(), upside_down())], ..service() }, "Ping"),
    ] {
        let why = refusal(&World { service: Some(service), ..World::new(1, 2) });
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn random_faults_of_impossible_length() {
    let mut world = World::new(1, 2);
    world.faults.random = Some(RandomFaults {
        window: Window { from: Time::ZERO, until: Time(1_000) },
        count_max: 3,
        lasting: upside_down(),
        kinds: vec![RandomKind::Pause],
        down_max: 1,
    });
    assert!(refusal(&world).contains("lower bound"), "{}", refusal(&world));
}

#[test]
fn an_end_of_what_has_none() {
    let node = NodeId(1);
    let momentary =
        [Fault::LateBoot(node), Fault::ClockStep { node, by_ns: 1 }, Fault::Drift { node, ppb: 1 }];
    for fault in momentary {
        let timed = TimedFault { at: Time(1), until: Some(Time(2)), fault };
        let why = refusal(&World::new(1, 2).fault(timed));
        assert!(why.contains("not undone"), "{why}");
    }
}

#[test]
fn two_nodes_of_one_name() {
    let why = refusal(&World::named(1, Names::new(["ada", "bob", "ada"])));
    assert!(why.contains("ada"), "draws are keyed by names: {why}");
}
