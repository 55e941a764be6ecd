//! Property tests of one's own node, on a node that is broken on purpose and on one that is not.

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use seedbed::algorithms::RicartAgrawala;
use seedbed::algorithms::mutex::{Event, Mutex, Request};
use seedbed::node::{
    Algorithm, Assumption, Context, Duration, Message, Needs, NoParams, Node, NodeId,
};
use seedbed::scenarios::{Registry, RunOptions, Source, load};
use seedbed::testing::strategies::*;
use seedbed::testing::{Failure, check};

/// Enters if nobody has objected for a while: a bug unless messages arrive within half of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Hasty {
    Idle,
    Asking,
    Inside,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
enum HastyMessage {
    Ask,
    No,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Patience;

const PATIENCE: Duration = Duration::from_millis(50);

impl Node for Hasty {
    type Params = NoParams;
    type Message = HastyMessage;
    type Timer = Patience;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), _cx: &mut Context<'_, Self>) -> Self {
        Hasty::Idle
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match request {
            Request::Acquire => {
                *self = Hasty::Asking;
                cx.broadcast(HastyMessage::Ask);
                cx.set_timer(Patience, PATIENCE);
            }
            Request::Release => *self = Hasty::Idle,
        }
    }

    fn on_message(&mut self, from: NodeId, message: HastyMessage, cx: &mut Context<'_, Self>) {
        match message {
            // The smaller id goes first.
            HastyMessage::Ask if *self == Hasty::Inside => cx.send(from, HastyMessage::No),
            HastyMessage::Ask if *self == Hasty::Asking && cx.me() < from => {
                cx.send(from, HastyMessage::No);
            }
            HastyMessage::No if *self == Hasty::Asking => cx.set_timer(Patience, PATIENCE),
            HastyMessage::Ask | HastyMessage::No => {}
        }
    }

    fn on_timer(&mut self, Patience: Patience, cx: &mut Context<'_, Self>) {
        *self = Hasty::Inside;
        cx.emit(Event::Granted);
    }
}

impl Algorithm for Hasty {
    type Family = Mutex;
    const NAME: &'static str = "Hasty";
    const ABOUT: &'static str = "takes silence for consent";
    const SOURCE: &'static str = "a bug";
    const COMPLEXITY: &'static str = "N-1";
    const NEEDS: Needs = Needs { safety: &[Assumption::NoCrash], liveness: &[] };
}

fn broken(folder: &std::path::Path) -> Failure {
    let test = check::<Hasty>().nodes(4).runs(300).save_in(folder);
    *test.try_run().expect_err("it is broken")
}

#[test]
fn five_lines_find_the_bug_and_make_it_small() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let failure = broken(folder.path());
    let path = failure.saved.as_ref().expect("it is saved");
    let text = std::fs::read_to_string(path).expect("it is there");
    assert_eq!(text, failure.scenario);
    let registry = Registry::empty().with::<Hasty>();
    let plan = load(&registry, &Source::new("saved.ron", &text)).expect("it loads");
    let outcome = plan.run(None, RunOptions::default());
    assert!(plan.expect.met_by(&outcome), "{text}");
    assert_eq!(outcome.checks[0].detail, failure.reason);
    assert!(failure.minimal && plan.nodes() == 2, "{text}");
    assert_eq!(failure, broken(folder.path()), "the same failure every time");
}

#[test]
fn a_failure_panics_with_seed_scenario_and_path() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().to_owned();
    let run = move || check::<Hasty>().nodes(4).runs(300).save_in(place).run();
    let panic = std::panic::catch_unwind(run).expect_err("it is broken");
    let text = panic.downcast_ref::<String>().expect("a message");
    for part in ["failed with seed ", "Scenario(", "expect: Breach(", "saved as /", "Hasty-test"] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn what_a_node_needs_is_not_taken_from_it() {
    check::<Hasty>().nodes(1).faults([]).runs(20).run();
    check::<RicartAgrawala>().nodes(3).runs(40).run();
}

#[test]
fn proptest_draws_the_parts_and_the_failure_comes_back_small() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut runner = TestRunner::deterministic();
    let parts = (faults(3, &[Hazard::Pause, Hazard::Delay], 2_000), seeds());
    let result = runner.run(&parts, |(faults, seed)| {
        check::<Hasty>().with([faults, seed]).save_in(folder.path()).holds()?;
        Ok(())
    });
    let Err(TestError::Fail(why, _)) = result else { panic!("not found: {result:?}") };
    assert!(why.message().contains("Scenario(") && why.message().contains("saved as"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_drawn_part_makes_sense_and_harms_nobody_who_can_bear_it(
        faults in faults(3, &[Hazard::Pause, Hazard::Clock, Hazard::Drift, Hazard::Delay], 1_000),
        network in networks(),
        clocks in clocks(),
        workload in workloads(),
        schedule in (seeds(), ties()),
    ) {
        let (seed, ties) = schedule;
        let parts = [faults, network, clocks, workload, seed, ties];
        check::<RicartAgrawala>().with(parts).holds()?;
    }

    #[test]
    fn a_transport_bears_lossy_networks_too(
        faults in faults(3, &[Hazard::Partition, Hazard::Cut, Hazard::Isolate, Hazard::Loss], 1_000),
        network in lossy_networks(),
    ) {
        let over = check::<RicartAgrawala>().set("transport", "Reliable()");
        over.with([faults, network]).holds()?;
    }
}
