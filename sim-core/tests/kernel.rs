//! The kernel's semantics, one claim a test.
#![allow(missing_docs)]

mod support;

use seedbed_core::clock::{ClockModel, Spread};
use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::network::{Corruption, LinkModel, Topology};
use seedbed_core::{EndedBy, LinkSet, NodeSet, Stop, StopWhen, Ties, World};
use seedbed_node::{Distribution, Duration, NodeId, Probability, Time};
use support::{Do, only, play};

const MS: u64 = 1_000_000;

fn at(ms: u64, until: Option<u64>, fault: Fault) -> TimedFault {
    TimedFault { at: Time(ms * MS), until: until.map(|ms| Time(ms * MS)), fault }
}

fn exponential() -> LinkModel {
    LinkModel {
        delay: Distribution::Exponential { mean: Duration::from_millis(10) },
        ..LinkModel::default()
    }
}

#[test]
fn a_timer_of_1_0005_s_on_a_clock_500_ppm_fast_fires_at_1_s_and_a_step_does_not_move_it() {
    let mut world = World::new(1, 1).fault(at(
        500,
        None,
        Fault::ClockStep { node: NodeId(0), by_ns: -3_600_000_000_000 },
    ));
    world.clocks.default =
        ClockModel { drift_ppb: Spread::Constant(500_000), ..ClockModel::default() };
    let timer = Do::Timer(7, Duration::from_micros(1_000_500));
    let (_, lines) = play(&world, false, vec![(0, 0, timer)]);
    assert_eq!(only(&lines, "timer"), [(1_000_000_000, 0, "timer 7".into())]);
}

#[test]
fn a_drift_change_rescales_pending_timers() {
    let mut world = World::new(1, 1);
    world = world.fault(at(1_000, None, Fault::Drift { node: NodeId(0), ppb: 1_000_000_000 - 1 }));
    let (_, lines) = play(&world, false, vec![(0, 0, Do::Timer(7, Duration::from_secs(3)))]);
    // One second at rate 1, then the remaining two at (almost) rate 2.
    assert_eq!(only(&lines, "timer"), [(2_000_000_001, 0, "timer 7".into())]);
}

#[test]
fn a_step_moves_the_wall_clock() {
    let world = World::new(1, 1).fault(at(5, None, Fault::ClockStep { node: NodeId(0), by_ns: 7 }));
    let (_, lines) = play(&world, false, vec![(4, 0, Do::Wall), (6, 0, Do::Wall)]);
    let said: Vec<_> = only(&lines, "event Wall").into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(said, ["event Wall(4000000)", "event Wall(6000007)"]);
}

#[test]
fn an_outcome_says_how_far_wall_clocks_are_from_true_time_at_the_end() {
    let step = |node, by_ns| at(5, None, Fault::ClockStep { node: NodeId(node), by_ns });
    let mut world = World::new(1, 3).fault(step(0, 7)).fault(step(2, -9));
    world.clocks.default.drift_ppb = Spread::Constant(1_000_000);
    let (outcome, _) = play(&world, false, vec![(6, 0, Do::Wall)]);
    assert_eq!(outcome.ended_at, Time(6 * MS));
    assert_eq!(outcome.wall_lead_ns, (6_000 - 9, 6_000 + 7), "a thousandth of 6 ms, and the steps");
}

#[test]
fn setting_a_timer_again_replaces_it_and_cancelling_disarms_it() {
    let timer = |ms| Do::Timer(1, Duration::from_millis(ms));
    let script =
        vec![(0, 0, timer(10)), (5, 0, timer(10)), (20, 0, timer(10)), (25, 0, Do::Cancel(1))];
    let (outcome, lines) = play(&World::new(1, 1), false, script);
    assert_eq!(only(&lines, "timer"), [(15 * MS, 0, "timer 1".into())]);
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
}

#[test]
fn a_crash_between_two_effects_sends_half_a_broadcast() {
    let crash = Fault::Crash { node: NodeId(0), after_effects: Some(2) };
    let world = World::new(1, 5).fault(at(0, None, crash));
    let (outcome, lines) = play(&world, false, vec![(1, 0, Do::PingAll(9))]);
    let sent: Vec<_> = only(&lines, "send").into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(sent, ["send #1 to n1: Ping(9)", "send #2 to n2: Ping(9)"]);
    assert_eq!(outcome.messages.delivered, 2, "what was sent still travels");
    assert_eq!(only(&lines, "crash").len(), 1);
}

#[test]
fn a_restart_finds_forced_writes_and_a_prefix_of_lazy_ones_and_no_old_timer() {
    let mut kept = std::collections::BTreeSet::new();
    for seed in 0..60 {
        let crash = Fault::Crash { node: NodeId(0), after_effects: None };
        let world = World::new(seed, 1).fault(at(10, Some(20), crash));
        let script = vec![
            (1, 0, Do::Write(1)),
            (2, 0, Do::Force(2)),
            (3, 0, Do::Write(3)),
            (4, 0, Do::Write(4)),
            (5, 0, Do::Timer(1, Duration::from_millis(100))),
        ];
        let (outcome, lines) = play(&world, false, script);
        let booted = only(&lines, "event Booted");
        assert_eq!(booted[0].2, "event Booted([])");
        kept.insert(booted[1].2.clone());
        assert_eq!(only(&lines, "timer"), []);
        assert_eq!((outcome.writes.forced, outcome.writes.lazy), (1, 3));
    }
    let all: Vec<_> = kept.iter().map(String::as_str).collect();
    assert_eq!(
        all,
        ["event Booted([1, 2, 3, 4])", "event Booted([1, 2, 3])", "event Booted([1, 2])",]
    );
}

#[test]
fn arrivals_at_a_dead_node_are_counted_and_requests_refused() {
    let crash = Fault::Crash { node: NodeId(1), after_effects: None };
    let world = World::new(1, 2).fault(at(0, Some(50), crash));
    let script =
        vec![(10, 0, Do::Ping(NodeId(1), 1)), (10, 1, Do::Wall), (60, 0, Do::Ping(NodeId(1), 2))];
    let (outcome, lines) = play(&world, false, script);
    assert_eq!((outcome.messages.to_dead, outcome.messages.delivered), (1, 1));
    assert_eq!(only(&lines, "request").len(), 2, "the dead node's request never reached it");
}

#[test]
fn a_paused_node_handles_arrivals_and_timers_in_due_order_on_resume() {
    let world = World::new(1, 2).fault(at(5, Some(100), Fault::Pause(NodeId(1))));
    let script = vec![
        (0, 1, Do::Timer(1, Duration::from_millis(30))),
        (10, 0, Do::Ping(NodeId(1), 1)),
        (40, 0, Do::Ping(NodeId(1), 2)),
    ];
    let (_, lines) = play(&world, false, script);
    let handled: Vec<_> = lines
        .iter()
        .filter(|l| {
            l.node == NodeId(1) && l.at.as_nanos() == 100 * MS && l.text.starts_with("event")
        })
        .map(|l| l.text.as_str())
        .collect();
    assert_eq!(handled, ["event Got(n0, 1)", "event Fired(1)", "event Got(n0, 2)"]);
}

#[test]
fn a_node_that_crashes_while_paused_loses_what_waited() {
    let crash = Fault::Crash { node: NodeId(1), after_effects: None };
    let world = World::new(1, 2).fault(at(5, Some(100), Fault::Pause(NodeId(1)))).fault(at(
        50,
        Some(60),
        crash,
    ));
    let script = vec![
        (0, 1, Do::Timer(1, Duration::from_millis(30))),
        (10, 0, Do::Ping(NodeId(1), 1)),
        (70, 0, Do::Ping(NodeId(1), 2)),
    ];
    let (outcome, lines) = play(&world, false, script);
    assert_eq!((outcome.messages.to_dead, outcome.messages.delivered), (1, 1));
    assert_eq!(only(&lines, "event Got"), [(71 * MS, 1, "event Got(n0, 2)".into())]);
    assert_eq!(only(&lines, "timer"), []);
}

#[test]
fn a_late_node_is_down_until_it_boots() {
    let world = World::new(1, 2).fault(at(50, None, Fault::LateBoot(NodeId(1))));
    let script = vec![(10, 0, Do::Ping(NodeId(1), 1)), (60, 0, Do::Ping(NodeId(1), 2))];
    let (outcome, lines) = play(&world, false, script);
    assert_eq!((outcome.messages.to_dead, outcome.messages.delivered), (1, 1));
    assert_eq!(only(&lines, "boot"), [(0, 0, "boot 0".into()), (50 * MS, 1, "boot 0".into())]);
}

#[test]
fn a_message_is_cut_at_departure_and_at_arrival() {
    let split = Fault::Partition(vec![vec![NodeId(0)], vec![NodeId(1)]]);
    let mut world = World::new(1, 2).fault(at(10, Some(20), split));
    world.network.default.delay = Distribution::Constant(Duration::from_millis(5));
    // Sent before the cut and arriving in it; sent in it; sent in it and due after it; sent after.
    let script = [7, 12, 17, 20].map(|ms| (ms, 0, Do::Ping(NodeId(1), ms as u32))).to_vec();
    let (outcome, lines) = play(&world, false, script);
    assert_eq!((outcome.messages.cut, outcome.messages.delivered), (3, 1));
    assert_eq!(only(&lines, "event Got"), [(25 * MS, 1, "event Got(n0, 20)".into())]);
}

#[test]
fn a_one_way_cut_leaves_the_other_direction() {
    let cut = Fault::Cut(LinkSet { from: NodeSet::one(NodeId(0)), to: NodeSet::All });
    let world = World::new(1, 2).fault(at(0, None, cut));
    let script = vec![(1, 0, Do::Ping(NodeId(1), 1)), (1, 1, Do::Ping(NodeId(0), 2))];
    let (outcome, _) = play(&world, true, script);
    assert_eq!((outcome.messages.cut, outcome.messages.delivered), (2, 1), "ping and pong are cut");
}

#[test]
fn messages_travel_hop_by_hop_through_relays() {
    let mut world = World::new(1, 2);
    let relay = world.names.push("relay");
    let edges = vec![(NodeId(0), relay, 1), (relay, NodeId(1), 1)];
    world.network.topology = Some(Topology { edges });
    let (outcome, lines) = play(&world, false, vec![(0, 0, Do::Ping(NodeId(1), 1))]);
    assert_eq!(only(&lines, "event Got"), [(2 * MS, 1, "event Got(n0, 1)".into())]);
    assert_eq!((outcome.messages.sent, outcome.hops), (1, 2), "forwarded once, counted once");
}

#[test]
fn what_one_hop_altered_a_later_hops_checksum_may_find() {
    let mut world = World::new(1, 2);
    let relay = world.names.push("relay");
    let edges = vec![(NodeId(0), relay, 1), (relay, NodeId(1), 1)];
    world.network.topology = Some(Topology { edges });
    let noisy = |undetected| {
        let corrupt = Corruption { chance: Probability::ALWAYS, undetected };
        LinkModel { corrupt, ..LinkModel::default() }
    };
    world.network.rules = vec![
        (LinkSet::one(NodeId(0), relay), noisy(true)),
        (LinkSet::one(relay, NodeId(1)), noisy(false)),
    ];
    let (outcome, _) = play(&world, false, vec![(0, 0, Do::Ping(NodeId(1), 1))]);
    assert_eq!((outcome.messages.corrupted, outcome.messages.delivered), (1, 0));
}

#[test]
fn a_message_to_oneself_is_the_next_event_and_not_counted() {
    let (outcome, lines) = play(&World::new(1, 2), false, vec![(3, 0, Do::Ping(NodeId(0), 1))]);
    assert_eq!(only(&lines, "event Got"), [(3 * MS, 0, "event Got(n0, 1)".into())]);
    assert_eq!((outcome.messages.sent, outcome.messages.delivered), (0, 0));
}

#[test]
fn a_panic_in_a_node_is_attributed() {
    let (outcome, _) = play(&World::new(1, 2), false, vec![(3, 1, Do::Panic)]);
    let EndedBy::Panic { node, message } = outcome.ended_by else {
        panic!("{:?}", outcome.ended_by)
    };
    assert_eq!((node.as_str(), message.as_str()), ("n1", "told to"));
}

#[test]
fn a_run_stops_at_its_time_and_at_its_event_limit() {
    let mut world = World::new(1, 2);
    world.stop = Stop { when: StopWhen::At(Time(15 * MS)), events_max: 1_000 };
    let script = vec![(10, 0, Do::Ping(NodeId(1), 1)), (20, 0, Do::Ping(NodeId(1), 1))];
    let (outcome, _) = play(&world, false, script.clone());
    assert_eq!((outcome.ended_by, outcome.ended_at), (EndedBy::Time, Time(15 * MS)));
    assert_eq!(outcome.messages.sent, 1);
    world.stop.events_max = 2;
    let (outcome, _) = play(&world, false, script);
    assert_eq!((outcome.ended_by, outcome.events), (EndedBy::EventLimit, 2));
}

#[test]
fn ties_keep_their_order_or_are_shuffled_by_the_seed() {
    let script: Vec<_> = (0..8).map(|i| (1, 0, Do::Ping(NodeId(1), i))).collect();
    let order = |seed, ties| {
        let world = World { ties, ..World::new(seed, 2) };
        let (_, lines) = play(&world, false, script.clone());
        only(&lines, "event Got").into_iter().map(|(_, _, text)| text).collect::<Vec<_>>()
    };
    let kept = order(1, Ties::Insertion);
    assert_eq!(kept, (0..8).map(|i| format!("event Got(n0, {i})")).collect::<Vec<_>>());
    let shuffled = order(1, Ties::Shuffled);
    assert_ne!(shuffled, kept);
    assert_eq!(shuffled, order(1, Ties::Shuffled));
    assert_ne!(shuffled, order(2, Ties::Shuffled));
}

#[test]
fn shuffled_ties_keep_the_order_of_a_fifo_link_and_no_event_shuffles_others() {
    let burst: Vec<_> = (0..8).map(|i| (1, 0, Do::Ping(NodeId(1), i))).collect();
    for seed in 0..20 {
        let mut world = World { ties: Ties::Shuffled, ..World::new(seed, 3) };
        world.network.default.fifo = true;
        world.network.default.duplicate = Probability::new(0.5).unwrap();
        let (_, lines) = play(&world, false, burst.clone());
        let got: Vec<u32> = only(&lines, "event Got")
            .iter()
            .map(|(_, _, text)| {
                text.trim_end_matches(')').rsplit(' ').next().unwrap().parse().unwrap()
            })
            .collect();
        assert!(got.is_sorted() && got.len() > 8, "seed {seed}: {got:?}");

        let world = World { ties: Ties::Shuffled, ..World::new(seed, 3) };
        let order = |extra: bool| {
            let mut script = burst.clone();
            script.extend(extra.then_some((0, 2, Do::Ping(NodeId(0), 99))));
            let (_, lines) = play(&world, false, script);
            let got = only(&lines, "event Got").into_iter().filter(|(_, node, _)| *node == 1);
            got.map(|(_, _, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(order(false), order(true), "seed {seed}");
    }
}

#[test]
fn choices_come_from_the_nodes_own_stream() {
    let choose = |seed, extra: bool| {
        let mut script: Vec<_> = (0..5).map(|i| (i, 0, Do::Choose(1_000_000))).collect();
        if extra {
            script.extend((0..5).map(|i| (i, 1, Do::Choose(1_000_000))));
            script.push((2, 0, Do::PingAll(1)));
        }
        let (_, lines) = play(&World::new(seed, 2), false, script);
        let own = lines.iter().filter(|l| l.node == NodeId(0) && l.text.starts_with("event Chose"));
        own.map(|l| l.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(choose(1, false), choose(1, true));
    assert_ne!(choose(1, false), choose(2, false));
}

/// (instant, sender, destination) of every message, with its fate in the transcript's words.
fn fates(world: &World, script: &[(u64, u32, Do)]) -> std::collections::BTreeMap<String, String> {
    let (_, lines) = play(world, true, script.to_vec());
    let mut sent = std::collections::BTreeMap::new();
    let mut fates = std::collections::BTreeMap::new();
    for line in &lines {
        let mut words = line.text.split_whitespace();
        let (verb, flight) = (words.next().unwrap(), words.next().unwrap_or_default().to_owned());
        match verb {
            "send" => {
                let what = line.text.split_once(" to ").unwrap().1;
                sent.insert(flight, format!("{} n{} to {what}", line.at, line.node.0));
            }
            "deliver" => drop(fates.insert(sent[&flight].clone(), format!("arrived {}", line.at))),
            "drop" => drop(
                fates.insert(sent[&flight].clone(), line.text.rsplit(' ').next().unwrap().into()),
            ),
            _ => {}
        }
    }
    fates
}

#[test]
fn a_further_node_link_or_fault_changes_the_fate_of_no_other_message() {
    let mut world = World::new(3, 4);
    world.network.default = exponential();
    world.network.default.loss =
        seedbed_core::network::Loss::Bernoulli(Probability::new(0.2).unwrap());
    let script: Vec<_> = (0..50).map(|i| (i * 20, (i % 4) as u32, Do::PingAll(i as u32))).collect();
    let plain = fates(&world, &script);
    assert!(plain.values().any(|fate| fate == "Lost") && plain.len() > 200);

    let mut relayed = world.clone();
    relayed.names.push("outsider");
    let mut linked = world.clone();
    linked.network.rules.push((LinkSet::one(NodeId(3), NodeId(0)), LinkModel::default()));
    let cut = Fault::Isolate(NodeSet::one(NodeId(2)));
    let faulted = world.clone().fault(at(700, None, cut));

    assert_eq!(fates(&relayed, &script), plain);
    for changed in [linked, faulted] {
        let other = fates(&changed, &script);
        let mut same = 0;
        for (message, fate) in &other {
            let concerned = message.contains("n3 to n0") || message.contains("n2");
            let Some(before) = plain.get(message).filter(|_| !concerned) else { continue };
            assert_eq!(fate, before, "{message}");
            same += 1;
        }
        assert!(same > 60, "the comparison covers {same} messages");
        assert_ne!(other, plain, "the change itself shows");
    }
}

#[test]
fn the_digest_depends_on_what_happens_and_on_nothing_else() {
    let mut world = World::new(3, 4);
    world.network.default = exponential();
    let script = vec![(0, 0, Do::PingAll(1)), (5, 2, Do::Ping(NodeId(1), 2))];
    let (traced, _) = play(&world, true, script.clone());
    let mut simulation = seedbed_core::Simulation::<support::Puppet>::new(&world, true).unwrap();
    simulation.workload(support::Script::new(script.clone()));
    let untraced = simulation.run();
    assert_eq!(traced.digest, untraced.digest);
    assert_ne!(
        traced.digest,
        play(&World { seed: 4, ..world.clone() }, true, script.clone()).0.digest
    );
    let altered = vec![script[0].clone(), (5, 2, Do::Ping(NodeId(1), 3))];
    assert_ne!(traced.digest, play(&world, true, altered).0.digest);
    assert_ne!(traced.digest, play(&world, false, script).0.digest);
}
