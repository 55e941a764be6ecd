//! What the forms promise and what they do not: joins, leaving, keys on the move, and worlds that
//! are worse than assumed.

use seedbed_algorithms::chord::{ChordParams, Event, Move, Placement, Protocol, Request, Turn};
use seedbed_core::{Outcome, Verdict, World};
use seedbed_node::{Breach, Checker, Duration, Names, NodeId, Observation, What};

use crate::support::{
    Run, assert_held, at, at_rest, check, crash, idle, jittery, late_boot, load, until,
};

const FORMS: [Protocol; 2] = [Protocol::Published, Protocol::Corrected];
const SEEDS: u64 = 20;

fn quick(variant: Protocol, founders: u32, salt: u64) -> ChordParams {
    let timeout = Duration::from_millis(100);
    ChordParams { variant, founders, salt, timeout, ..Default::default() }
}

/// `joiners` come one a second after `founders`.
fn growing(seed: u64, founders: u32, joiners: u32) -> World {
    let mut world = until(jittery(seed, founders + joiners), 40);
    let boots = (0..joiners).map(|i| late_boot(founders + i, at(1_000 * (1 + u64::from(i)))));
    world.faults.planned.extend(boots);
    world
}

/// Fails as soon as anybody else points to this position.
#[derive(Clone, Hash)]
struct PointedTo(NodeId, Option<u64>);

impl Checker<Request, Event> for PointedTo {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        let What::Event { node, event } = seen.what else { return Ok(()) };
        match event {
            Event::Joined { position } if node == self.0 => self.1 = Some(*position),
            Event::Pointers { predecessor, successors, .. }
                if node != self.0
                    && self
                        .1
                        .is_some_and(|me| *predecessor == Some(me) || successors.contains(&me)) =>
            {
                return Err(Breach { at: seen.at, why: format!("{node} points to it") });
            }
            _ => {}
        }
        Ok(())
    }
}

fn one_joins(variant: Protocol, seed: u64) -> Outcome {
    let world = growing(seed, 5, 1);
    let run = Run::new(&world, quick(variant, 5, seed), idle(6));
    let ideal = Some(Duration::from_secs(20));
    Run { checked: false, ideal, ..run }.watched(|simulation| {
        simulation.check("PointedTo", Box::new(PointedTo(NodeId(5), None)));
    })
}

#[test]
fn the_notes_stabilise_never_integrates_who_joins_between_two_others() {
    for seed in 0..SEEDS {
        let outcome = one_joins(Protocol::Notes, seed);
        assert_eq!(check(&outcome, "RingIdeal").verdict, Verdict::Failed, "seed {seed}");
        let pointed = check(&outcome, "PointedTo");
        assert_eq!(pointed.verdict, Verdict::Held, "seed {seed}: {}", pointed.detail);
    }
}

#[test]
fn the_other_forms_integrate_it() {
    for (seed, variant) in (0..SEEDS).flat_map(|seed| FORMS.map(|form| (seed, form))) {
        let outcome = one_joins(variant, seed);
        assert_eq!(check(&outcome, "PointedTo").verdict, Verdict::Failed, "seed {seed}");
    }
}

#[test]
fn a_ring_grows_from_one_node() {
    for (seed, variant) in (0..SEEDS).flat_map(|seed| FORMS.map(|form| (seed, form))) {
        let world = growing(seed, 1, 9);
        let run = Run::new(&world, quick(variant, 1, seed), idle(10));
        let ideal = Some(Duration::from_secs(20));
        let outcome = Run { checked: false, ideal, ..run }.outcome();
        assert_held(&outcome);
        assert_eq!(outcome.measures["members"], 10.0);
    }
}

/// ToN 2003, section IV-E.1: keys move to who joins, and can be found all the while.
#[test]
fn every_key_is_found_while_keys_move_to_who_joins() {
    for (seed, variant) in (0..SEEDS).flat_map(|seed| FORMS.map(|form| (seed, form))) {
        let world = growing(seed, 6, 6);
        let founders: Vec<_> = (0..6).map(|node| format!("NodeId({node})")).collect();
        let pace = "Closed(think: Exponential(mean: \"50ms\"), requests_per_node: 150, only: ";
        let load =
            load(&format!("(pace: {pace}[{}]), keys: Uniform(count: 300))", founders.join(", ")));
        let params = ChordParams { keys: 300, ..quick(variant, 6, seed) };
        let outcome = Run::new(&world, params, load).outcome();
        assert_held(&outcome);
        assert_eq!(outcome.operations.count, 6 * 150);
        assert_eq!(outcome.measures["failed_lookups"], 0.0, "seed {seed}, {variant:?}");
        let stored = outcome.measures["keys_per_node_mean"] * 12.0;
        assert!((stored - 300.0).abs() < 1e-6, "every key has one holder: {stored}");
    }
}

/// ToN 2003, section IV-E.3: who leaves takes no key with it.
#[test]
fn who_leaves_hands_its_keys_on() {
    for (seed, variant) in (0..SEEDS).flat_map(|seed| FORMS.map(|form| (seed, form))) {
        let world = until(jittery(seed, 8), 40);
        let mut load = idle(8);
        let leave = |(node, second)| {
            let (node, at) = (NodeId(node), Duration::from_secs(second));
            Move { at, node, what: Turn::Leave }
        };
        load.moves = [(5, 2), (2, 5), (6, 9)].map(leave).into();
        let params = ChordParams { keys: 400, ..quick(variant, 0, seed) };
        let run = Run::new(&world, params, load);
        let outcome = Run { ideal: Some(Duration::from_secs(20)), ..run }.outcome();
        assert_held(&outcome);
        assert_eq!(outcome.measures["members"], 5.0);
        let stored = outcome.measures["keys_per_node_mean"] * 5.0;
        assert!((stored - 400.0).abs() < 1e-6, "seed {seed}, {variant:?}: {stored}");
    }
}

/// No node keeps more than `r` neighbours: when `r` of them go at once, the ring is cut.
#[test]
fn as_many_neighbours_gone_as_a_list_is_long_cut_the_ring() {
    for variant in FORMS {
        let mut world = until(jittery(3, 12), 20);
        let params = ChordParams {
            successors: 2,
            bits: 8,
            identifiers: Placement::Even,
            ..quick(variant, 0, 0)
        };
        world.faults.planned.extend([4, 5].map(|node| crash(node, at(5_100), None)));
        let outcome = Run::new(&world, params.clone(), idle(12)).outcome();
        let cut = check(&outcome, "OneLiveSuccessor");
        assert_eq!(cut.verdict, Verdict::Failed, "{variant:?}");
        assert_eq!(cut.detail, "at 5.1s, n3 has no live successor: its list is n4, n5");
        // One at a time, nothing happens.
        world.faults.planned.pop();
        world.faults.planned.push(crash(5, at(8_000), None));
        assert_held(&Run::new(&world, params, idle(12)).outcome());
    }
}

/// Who answers later than `timeout` is held for dead.
#[test]
fn delays_beyond_the_timeout_break_either_form() {
    for variant in FORMS {
        let broken = |seed| {
            let world = until(jittery(seed, 8), 30);
            let params =
                ChordParams { timeout: Duration::from_millis(12), ..quick(variant, 0, seed) };
            Run::new(&world, params, idle(8)).outcome().verdict() == Verdict::Failed
        };
        assert!((0..SEEDS).any(broken), "{variant:?}");
    }
}

/// Lookups with the successor list are shorter, and right.
#[test]
fn lists_that_route_shorten_paths() {
    let mean = |lists_route| {
        let world = World::new(1, 256);
        let params = ChordParams { lists_route, successors: 16, ..at_rest() };
        let pace = "Closed(think: Constant(\"1ms\"), requests_per_node: 8)";
        let load = load(&format!("(pace: {pace}, keys: Uniform(count: 100000))"));
        let outcome = Run::new(&world, params, load).outcome();
        assert_held(&outcome);
        outcome.measures["path_length_mean"]
    };
    let (without, with) = (mean(false), mean(true));
    assert!(with < without - 0.5, "{with} with, {without} without");
}

/// Published, a node adopts whom its successor names, dead or alive, and drops the end of its list
/// for it: then one more failure is one too many. Corrected, it asks first.
#[test]
fn a_dead_node_that_is_adopted_takes_the_place_of_a_live_one() {
    let names = ["ada", "bob", "cyd", "dee", "eve", "fay", "gus", "hal"];
    let outcome = |variant, seed| {
        let mut world = World::named(seed, Names::new(names));
        world.network.default = jittery(0, 1).network.default;
        let mut world = until(world, 20);
        // Hal joins between gus and ada, and crashes; then ada does.
        world.faults.planned.push(late_boot(7, at(1_000)));
        world.faults.planned.push(crash(7, at(3_000), None));
        world.faults.planned.push(crash(0, at(4_500), None));
        let params = ChordParams {
            bits: 4,
            identifiers: Placement::Even,
            successors: 2,
            stabilize: Duration::from_secs(2),
            ..quick(variant, 7, 0)
        };
        Run::new(&world, params, idle(8)).outcome()
    };
    let verdicts: Vec<_> =
        (0..60).map(|seed| FORMS.map(|variant| outcome(variant, seed).verdict())).collect();
    assert!(verdicts.contains(&[Verdict::Failed, Verdict::Held]), "timing decides");
    assert!(!verdicts.contains(&[Verdict::Held, Verdict::Failed]), "never the other way round");
}
