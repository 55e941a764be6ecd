//! ZooKeeper's elections: who is elected, what a late joiner believes, and what breaks them.

use seedbed_algorithms::election::{Election, Event, Load, Request};
use seedbed_algorithms::zab::ballot::BallotMutant;
use seedbed_algorithms::zab::{
    FastLeaderElectionParams, ZooKeeperNotesMutant, ZooKeeperNotesParams,
};
use seedbed_algorithms::{FastLeaderElection, ZooKeeperNotes};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::LinkModel;
use seedbed_core::{Outcome, Simulation, StopWhen, Verdict, World};
use seedbed_node::{
    Algorithm, Breach, Checker, Conclusion, Distribution, Duration, Ending, Family, NodeId,
    Observation, What,
};

use crate::support::{assert_held, at, breached, check, ms};

/// Links of 1 to 40 ms; nothing goes wrong.
fn world(seed: u64, nodes: u32) -> World {
    let mut world = World::new(seed, nodes);
    let delay = Distribution::Uniform(ms(1), ms(40));
    world.network.default = LinkModel { delay, fifo: true, ..LinkModel::default() };
    world.stop.when = StopWhen::At(at(10_000));
    world
}

fn run<A: Algorithm<Family = Election>>(
    world: &World,
    params: A::Params,
    load: &str,
    expected: Option<NodeId>,
) -> Outcome {
    let load: Load = ron::from_str(load).expect("a load");
    let mut simulation = Simulation::<A>::new(world, params).expect("a sensible world");
    simulation.workload(Election::workload(&load, world.members).expect("a sensible load"));
    for row in Election::checks().iter().filter(|row| row.name != "NoOverlap") {
        simulation.check(row.name, (row.build)());
    }
    for row in Election::goals() {
        simulation.check(row.name, (row.build)(Some(Duration::from_secs(3))));
    }
    if let Some(leader) = expected {
        simulation.check("Expected", Box::new(Expected(leader)));
    }
    simulation.run()
}

/// Nobody but this node is ever followed.
#[derive(Clone, Hash)]
struct Expected(NodeId);

impl Checker<Request, Event> for Expected {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match seen.what {
            What::Event { node, event: Event::Elected { leader, .. } } if *leader != self.0 => {
                Err(Breach { at: seen.at, why: format!("{node} elected {leader}") })
            }
            _ => Ok(()),
        }
    }
    fn finish(&mut self, _: &Ending<'_>) -> Conclusion {
        Conclusion::Held
    }
}

/// Every way to give histories to nodes.
fn assignments(nodes: u32, histories: &[(u32, u32)]) -> Vec<Vec<(u32, u32)>> {
    let mut all = vec![Vec::new()];
    for _ in 0..nodes {
        let longer = |shorter: &Vec<(u32, u32)>| {
            let shorter = shorter.clone();
            histories.iter().map(move |next| [shorter.clone(), vec![*next]].concat())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

fn fle(histories: &[(u32, u32)]) -> FastLeaderElectionParams {
    let (epochs, zxids) = histories.iter().copied().unzip();
    FastLeaderElectionParams { epochs, zxids, ..Default::default() }
}

fn best(histories: &[(u32, u32)]) -> NodeId {
    let ranked = histories.iter().zip(0..).map(|(history, id)| (*history, NodeId(id)));
    ranked.max().expect("there are nodes").1
}

#[test]
fn fast_leader_election_elects_by_epoch_then_zxid_then_id() {
    let mut runs = 0;
    for nodes in 1..=4 {
        for histories in assignments(nodes, &[(1, 1), (1, 2), (2, 1), (0, 3)]) {
            let leader = Some(best(&histories));
            let world = world(runs, nodes);
            let outcome = run::<FastLeaderElection>(&world, fle(&histories), "Detected", leader);
            assert_held(&outcome);
            runs += 1;
        }
    }
    assert_eq!(runs, 4 + 16 + 64 + 256);
}

#[test]
fn elections_that_are_asked_for_again_and_again_elect_the_same() {
    for seed in 0..100 {
        let nodes = 3 + (seed % 7) as u32;
        let histories: Vec<_> = (0..nodes).map(|node| (1, (node * 3 + seed as u32) % 5)).collect();
        let load = "Repeated(every: Exponential(mean: \"1s\"), elections_per_node: 4)";
        let leader = Some(best(&histories));
        let world = quiet(seed, nodes);
        assert_held(&run::<FastLeaderElection>(&world, fle(&histories), load, leader));
    }
}

fn late(node: u32, at_ms: u64) -> TimedFault {
    TimedFault { at: at(at_ms), until: None, fault: Fault::LateBoot(NodeId(node)) }
}

fn dies(node: u32, at_ms: u64) -> TimedFault {
    let fault = Fault::Crash { node: NodeId(node), after_effects: None };
    TimedFault { at: at(at_ms), until: None, fault }
}

#[test]
fn a_late_joiner_follows_whoever_leads_however_good_it_is_itself() {
    for seed in 0..100 {
        let mut world = world(seed, 5);
        world.faults.planned.push(late(4, 3_000));
        let histories = [(1, 1), (1, 1), (1, 2), (1, 1), (9, 9)];
        let leader = Some(NodeId(2));
        assert_held(&run::<FastLeaderElection>(&world, fle(&histories), "Detected", leader));
    }
}

/// The leader is dead and nobody has noticed when the joiner comes; later its followers do.
#[test]
fn a_joiner_that_believes_followers_follows_the_dead() {
    let load = "Script(elections: [(at: \"5s\", nodes: [NodeId(0), NodeId(1), NodeId(2)])])";
    let outcome = |mutant| {
        let mut world = world(1, 5);
        world.faults.planned = vec![dies(3, 2_000), late(4, 3_000)];
        let params =
            FastLeaderElectionParams { mutant, ..fle(&[(1, 1), (1, 1), (1, 1), (1, 2), (1, 1)]) };
        run::<FastLeaderElection>(&world, params, load, None)
    };
    assert_held(&outcome(BallotMutant::None));
    let credulous = outcome(BallotMutant::AnyWord);
    let why = &check(&credulous, "BestLeader").detail;
    assert!(why.starts_with("n4 elected n3") && why.ends_with("which is down since 2s"), "{why}");
}

#[test]
fn the_mutants_of_fast_leader_election_are_found() {
    for (mutant, name) in
        [(BallotMutant::IdOnly, "BestLeader"), (BallotMutant::NoQuorum, "OneLeader")]
    {
        let found = (0..200).any(|seed| {
            let mut world = world(seed, 5);
            // Half a second lies between the first boot and the last, and finalizeWait is 200 ms.
            world.faults.planned = (2..5).map(|node| late(node, u64::from(node) * 110)).collect();
            let histories = [(1, 3), (1, 2), (1, 4), (1, 1), (1, 2)];
            let params = FastLeaderElectionParams { mutant, ..fle(&histories) };
            breached(&run::<FastLeaderElection>(&world, params, "Detected", None), name)
        });
        assert!(found, "{mutant:?}: no seed breaches {name}");
    }
}

/// What finalizeWait assumes: that whatever is under way arrives within it.
#[test]
fn delays_beyond_finalize_wait_elect_two_leaders_of_one_round() {
    let outcome = |seed, finalize_wait| {
        let mut world = world(seed, 5);
        let delay = Distribution::Exponential { mean: ms(60) };
        world.network.default = LinkModel { delay, fifo: true, ..LinkModel::default() };
        let params = FastLeaderElectionParams { finalize_wait, ..Default::default() };
        run::<FastLeaderElection>(&world, params, "Detected", None)
    };
    let broken = (0..400).filter(|seed| breached(&outcome(*seed, ms(10)), "OneLeader"));
    assert!(broken.count() > 0, "no seed elects two");
    for seed in 0..400 {
        assert_held(&outcome(seed, ms(1_500)));
    }
}

/// Rounds are in memory: two that restart and cannot hear the leader lead its round again.
#[test]
fn rounds_that_a_crash_forgets_are_led_twice() {
    let mut world = world(1, 3);
    let groups = vec![vec![NodeId(0), NodeId(1)], vec![NodeId(2)]];
    world.faults.planned = vec![crash_for(0), crash_for(1)];
    world.faults.planned.push(TimedFault {
        at: at(2_000),
        until: None,
        fault: Fault::Partition(groups),
    });
    let outcome = run::<FastLeaderElection>(&world, Default::default(), "Detected", None);
    let why = &check(&outcome, "OneLeader").detail;
    assert!(why.starts_with("n1 leads term 1") && why.contains("which n2 has led"), "{why}");
}

fn crash_for(node: u32) -> TimedFault {
    TimedFault { until: Some(at(2_500)), ..dies(node, 2_100) }
}

fn quiet(seed: u64, nodes: u32) -> World {
    let mut world = world(seed, nodes);
    world.stop.when = StopWhen::Quiet;
    world
}

#[test]
fn the_notes_election_elects_the_latest_transaction_if_only_one_node_has_it() {
    for seed in 0..100 {
        let nodes = 3 + (seed % 7) as u32;
        let transactions: Vec<u64> =
            (0..nodes).map(|node| (u64::from(node) + seed) % u64::from(nodes)).collect();
        let latest = transactions.iter().position(|t| *t == u64::from(nodes) - 1);
        let leader = latest.map(|at| NodeId(at as u32));
        let params = ZooKeeperNotesParams { transactions, ..Default::default() };
        assert_held(&run::<ZooKeeperNotes>(&quiet(seed, nodes), params, "Detected", leader));
    }
}

#[test]
fn the_notes_election_elects_everybody_when_all_transactions_are_equal() {
    for nodes in 2..=9 {
        let world = quiet(1, nodes);
        let outcome = run::<ZooKeeperNotes>(&world, Default::default(), "Detected", None);
        assert_eq!(check(&outcome, "OneLeader").verdict, Verdict::Failed, "{nodes} nodes");
        let why = &check(&outcome, "OneLeader").detail;
        let follow_themselves = (0..nodes).all(|n| why.contains(&format!("n{n} follows itself")));
        assert!(follow_themselves, "{why}");
        let fast = run::<FastLeaderElection>(&world, Default::default(), "Detected", None);
        assert_held(&fast);
    }
}

#[test]
fn the_mutants_of_the_notes_election_are_found() {
    use ZooKeeperNotesMutant::{Alone, Earliest};
    for (mutant, name) in [(Earliest, "BestLeader"), (Alone, "OneLeader")] {
        let found = (0..100).any(|seed| {
            let mut world = quiet(seed, 5);
            world.faults.planned = (1..5).map(|node| late(node, u64::from(node) * 300)).collect();
            let transactions = vec![1, 2, 3, 4, 5];
            let params = ZooKeeperNotesParams { transactions, mutant, ..Default::default() };
            breached(&run::<ZooKeeperNotes>(&world, params, "Detected", None), name)
        });
        assert!(found, "{mutant:?}: no seed breaches {name}");
    }
}
