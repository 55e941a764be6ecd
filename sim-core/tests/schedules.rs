//! Runs that follow an exact order: what each step does, and what cannot happen.

mod support;

use std::sync::Arc;

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::trace::Transcript;
use seedbed_core::{
    EndedBy, MessageName, Outcome, Schedule, Scheduled, ScheduledStep, Simulation, Stop, StopWhen,
    Ties, Verdict, World,
};
use seedbed_node::{Duration, Names, NodeId, Time};
use support::{Do, Puppet, Script};

const PING: u32 = 0;
const PONG: u32 = 1;
const MS: u64 = 1_000_000;

fn name(from: u32, to: u32, kind: u32, nth: u32) -> MessageName {
    MessageName { from: NodeId(from), to: NodeId(to), kind, nth }
}

fn deliver(from: u32, to: u32, kind: u32, nth: u32) -> ScheduledStep {
    ScheduledStep::Deliver(name(from, to, kind, nth))
}

fn wake(client: u32, tag: u64) -> ScheduledStep {
    ScheduledStep::Wake { client: NodeId(client), tag }
}

fn timer(node: u32, timer: &str) -> ScheduledStep {
    ScheduledStep::Timer { node: NodeId(node), timer: timer.into() }
}

fn crash(node: u32, writes_kept: u32) -> ScheduledStep {
    ScheduledStep::Crash { node: NodeId(node), writes_kept }
}

fn boot(node: u32) -> ScheduledStep {
    ScheduledStep::Boot { node: NodeId(node) }
}

/// One step a millisecond, from 1 ms.
fn steps(steps: impl IntoIterator<Item = ScheduledStep>) -> Schedule {
    let at = (1..).map(|ms| Time(ms * MS));
    let steps = at.zip(steps).map(|(at, step)| Scheduled::new(at, step)).collect();
    Schedule { steps, ..Schedule::default() }
}

fn world(schedule: Schedule) -> World {
    let names = Names::new(["ada", "bob", "cyd"]);
    World { schedule: Some(Arc::new(schedule)), ..World::named(1, names) }
}

/// Lines of the transcript without those about boots and sending.
fn follow(schedule: Schedule, script: Vec<(u64, u32, Do)>) -> (Outcome, Vec<String>) {
    follow_in(&world(schedule), script)
}

fn follow_in(world: &World, script: Vec<(u64, u32, Do)>) -> (Outcome, Vec<String>) {
    let transcript = Transcript::default();
    let mut simulation = Simulation::<Puppet>::new(world, true).expect("a valid world");
    simulation.workload(Script::new(script)).trace(Box::new(transcript.clone()));
    let outcome = simulation.run();
    let lines = transcript.lines().into_iter();
    let lines = lines.filter(|line| {
        ["event", "drop", "crash", "boot", "timer", "request"]
            .iter()
            .any(|what| line.text.starts_with(what))
    });
    let said = |line: seedbed_core::trace::Line| {
        format!("{} {}: {}", line.at.as_nanos() / MS, line.node.0, line.text)
    };
    (outcome, lines.skip(6).map(said).collect())
}

/// Why a schedule could not be followed.
#[track_caller]
fn broken(outcome: &Outcome) -> &str {
    assert_eq!(outcome.ended_by, EndedBy::ScheduleBroken);
    assert_eq!(outcome.verdict(), Verdict::Inconclusive);
    let check = outcome.checks.last().expect("the check on the schedule");
    assert_eq!((check.name.as_str(), check.verdict), ("Schedule", Verdict::Inconclusive));
    &check.detail
}

#[test]
fn messages_arrive_in_the_order_of_the_steps_and_clients_wake_when_told() {
    let script = vec![(5, 0, Do::Ping(NodeId(1), 7)), (9, 0, Do::Ping(NodeId(1), 8))];
    let order = [
        wake(0, 1),
        wake(0, 0),
        deliver(0, 1, PING, 1),
        deliver(0, 1, PING, 0),
        deliver(1, 0, PONG, 1),
    ];
    let (outcome, lines) = follow(steps(order), script);
    assert_eq!(
        lines,
        [
            "1 0: request n0#0: Ping(n1, 8)",
            "2 0: request n0#1: Ping(n1, 7)",
            "3 1: event Got(n0, 7)",
            "4 1: event Got(n0, 8)",
        ]
    );
    assert_eq!((outcome.ended_by.clone(), outcome.ended_at), (EndedBy::ScheduleOver, Time(5 * MS)));
    assert_eq!((outcome.messages.delivered, outcome.messages.in_flight), (3, 1));
    assert_eq!(outcome.messages.reordered, 1);
    assert_eq!(outcome.verdict(), Verdict::Held);
    assert_eq!(outcome.checks[0].name, "Schedule");
}

#[test]
fn a_lost_message_is_lost_and_a_copy_has_the_name_of_its_original() {
    let script = vec![(0, 0, Do::PingAll(3))];
    let order = [
        wake(0, 0),
        ScheduledStep::Duplicate(name(0, 1, PING, 0)),
        ScheduledStep::Lose(name(0, 2, PING, 0)),
        deliver(0, 1, PING, 0),
        deliver(0, 1, PING, 0),
        ScheduledStep::Lose(name(1, 0, PONG, 1)),
        deliver(1, 0, PONG, 0),
    ];
    let (outcome, _) = follow(steps(order.clone()), script.clone());
    assert_eq!(outcome.ended_by, EndedBy::Quiet, "nothing waits at the end");
    let tally = &outcome.messages;
    assert_eq!((tally.sent, tally.duplicated, tally.lost, tally.delivered), (4, 1, 2, 3));
    let thrice = order.into_iter().take(5).chain([deliver(0, 1, PING, 0)]);
    let (outcome, _) = follow(steps(thrice), script);
    let why = "steps[5] cannot happen: no Ping from ada to bob is on its way: it has arrived or was \
               lost before";
    assert_eq!(broken(&outcome), why);
}

#[test]
fn timers_fire_when_told_and_a_replaced_one_fires_once() {
    let second = Duration::from_secs(1);
    let script = vec![
        (0, 1, Do::Timer(4, second)),
        (0, 1, Do::Timer(4, second)),
        (0, 1, Do::Timer(5, second)),
        (0, 1, Do::Cancel(5)),
    ];
    let order = [wake(1, 0), wake(1, 1), wake(1, 2), timer(1, "4"), wake(1, 3)];
    let (outcome, lines) = follow(steps(order.clone()), script.clone());
    assert_eq!(lines.iter().filter(|line| line.contains("timer")).count(), 1);
    assert_eq!((outcome.ended_by, outcome.timers_fired), (EndedBy::Quiet, 1));
    for (gone, only) in [("4", ""), ("5", "")] {
        let (outcome, _) =
            follow(steps(order.clone().into_iter().chain([timer(1, gone)])), script.clone());
        let why = format!("steps[5] cannot happen: bob has no timer \"{gone}\" armed{only}");
        assert_eq!(broken(&outcome), why);
    }
    let (outcome, _) = follow(steps([wake(1, 0), wake(1, 2), timer(1, "Retry")]), script);
    let why = "steps[2] cannot happen: bob has no timer \"Retry\" armed, only \"4\", \"5\"";
    assert_eq!(broken(&outcome), why);
}

#[test]
fn a_crash_keeps_the_writes_it_says_and_old_timers_are_gone_after_a_boot() {
    let script = vec![
        (0, 1, Do::Write(1)),
        (0, 1, Do::Write(2)),
        (0, 1, Do::Timer(9, Duration::from_secs(1))),
    ];
    let order = |kept| [wake(1, 0), wake(1, 1), wake(1, 2), crash(1, kept), boot(1)];
    for (kept, log) in [(0, "[]"), (1, "[1]"), (2, "[1, 2]")] {
        let (outcome, lines) = follow(steps(order(kept)), script.clone());
        assert_eq!(lines.last().unwrap(), &format!("5 1: event Booted({log})"));
        assert_eq!(outcome.ended_by, EndedBy::Quiet, "the timer is gone");
    }
    let (outcome, _) = follow(steps(order(3)), script.clone());
    assert_eq!(
        broken(&outcome),
        "steps[3] cannot happen: 3 unforced writes survive, but there are 2"
    );
    let fires = order(0).into_iter().chain([timer(1, "9")]);
    assert!(broken(&follow(steps(fires), script).0).contains("no timer \"9\" armed"));
}

#[test]
fn what_arrives_at_a_node_that_is_down_ends_there() {
    let script = vec![(0, 0, Do::Ping(NodeId(1), 7)), (0, 1, Do::Ping(NodeId(0), 7))];
    let order = [wake(0, 0), crash(1, 0), deliver(0, 1, PING, 0), wake(1, 1)];
    let (outcome, _) = follow(steps(order), script);
    assert_eq!(
        (outcome.messages.to_dead, outcome.messages.sent),
        (1, 1),
        "bob's request is refused"
    );
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
}

#[test]
fn a_node_crashes_between_two_effects_with_the_writes_it_says() {
    let script = vec![(0, 0, Do::PingAll(3)), (0, 0, Do::Write(5)), (0, 0, Do::Ping(NodeId(1), 1))];
    let run = |effects| {
        let mut schedule = steps([wake(0, 1), wake(0, 0), deliver(0, 1, PING, 0)]);
        (schedule.steps[1].crash_after, schedule.steps[1].writes_kept) = (Some(effects), 1);
        follow(schedule, script.clone())
    };
    let (outcome, lines) = run(1);
    assert_eq!(outcome.messages.sent, 2, "one of two pings, and the pong");
    assert!(lines.contains(&"2 0: crash".to_owned()));
    let (outcome, _) = run(2);
    assert_eq!(outcome.messages.sent, 3, "both pings come true before the crash");
    assert!(broken(&run(3).0).starts_with("steps[1] cannot happen: the handler has fewer effects"));
    assert!(broken(&run(0).0).starts_with("steps[2] cannot happen: no Ping from ada to bob"));
    let mut idle = steps([crash(1, 0), ScheduledStep::Lose(name(0, 1, PING, 0))]);
    idle.steps[0].crash_after = Some(0);
    let why = "steps[0] cannot happen: the node handles nothing in which it could crash";
    assert_eq!(broken(&follow(idle, script).0), why);
}

#[test]
fn choices_are_those_given_and_must_be_among_the_alternatives() {
    let script = vec![(0, 2, Do::Choose(6)), (0, 2, Do::Choose(6))];
    let run = |choices: &[u32]| {
        let mut schedule = steps([wake(2, 0), wake(2, 1)]);
        schedule.steps[1].choices = choices.to_vec();
        follow(schedule, script.clone())
    };
    let chosen = |choices: &[u32]| run(choices).1.last().unwrap().clone();
    assert_eq!(chosen(&[5]), "2 2: event Chose(5)");
    assert_eq!(chosen(&[]), "2 2: event Chose(0)");
    let (outcome, lines) = run(&[6]);
    let why = "steps[1] cannot happen: the node is given 6 where it chooses from 6";
    assert_eq!(broken(&outcome), why);
    assert!(lines.last().unwrap().starts_with("2 2: request"), "nothing comes of it: {lines:?}");
}

#[test]
fn requests_are_handled_before_the_next_step_unless_it_comes_before_them() {
    let script = vec![(0, 0, Do::Choose(2)), (0, 1, Do::Choose(2)), (0, 0, Do::Ping(NodeId(0), 4))];
    let at = |ms: u64, step| Scheduled::new(Time(ms * MS), step);
    let requests = |schedule: Vec<Scheduled>| {
        let schedule = Schedule { steps: schedule, ..Schedule::default() };
        let (_, lines) = follow(schedule, script.clone());
        let nodes = lines.iter().filter(|line| line.contains("request"));
        nodes.map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(requests(vec![at(1, wake(0, 0)), at(1, wake(1, 1))]), ["1 0", "1 1"]);
    let mut second = at(1, wake(1, 1));
    second.before_requests = true;
    let explicit = at(1, ScheduledStep::Request { client: NodeId(1) });
    let asked = vec![at(1, wake(0, 0)), second.clone(), explicit];
    assert_eq!(requests(asked), ["1 1", "1 0"], "bob's request overtakes ada's");
    second.at = Time(2 * MS);
    assert_eq!(
        requests(vec![at(1, wake(0, 0)), second]),
        ["1 0", "2 1"],
        "no request waits for long"
    );
    let none = vec![at(1, ScheduledStep::Request { client: NodeId(1) })];
    let (outcome, _) = follow(Schedule { steps: none, ..Schedule::default() }, script.clone());
    assert_eq!(broken(&outcome), "steps[0] cannot happen: no request of bob's client waits");
}

#[test]
fn a_message_to_oneself_waits_for_its_step_too() {
    let script = vec![(0, 0, Do::Ping(NodeId(0), 4))];
    let (outcome, lines) = follow(steps([wake(0, 0), deliver(0, 0, PING, 0)]), script);
    assert_eq!(lines.last().unwrap(), "2 0: event Got(n0, 4)");
    assert_eq!(outcome.ended_by, EndedBy::ScheduleOver, "the answer is on its way");
}

#[test]
fn late_nodes_boot_in_a_step_and_clocks_step_on_their_own() {
    let late = TimedFault { at: Time(MS), until: None, fault: Fault::LateBoot(NodeId(2)) };
    let step = Fault::ClockStep { node: NodeId(2), by_ns: 5 };
    let stepped = TimedFault { at: Time(2 * MS), until: None, fault: step };
    let order = steps([boot(0), boot(2), wake(2, 0)]);
    let (outcome, _) = follow_in(&world(order).fault(late.clone()), vec![]);
    assert_eq!(broken(&outcome), "steps[0] cannot happen: ada is up");
    let order = steps([boot(2), wake(2, 0)]);
    let world = world(order).fault(late).fault(stepped);
    let (outcome, lines) = follow_in(&world, vec![(0, 2, Do::Wall)]);
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
    assert_eq!(lines.last().unwrap(), "2 2: event Wall(2000005)");
}

#[test]
fn a_schedule_that_comes_back_to_where_it_was_repeats_for_ever() {
    let script = vec![(0, 0, Do::Ping(NodeId(1), 7)), (0, 0, Do::Timer(3, Duration::from_secs(1)))];
    let mut order = steps([
        wake(0, 0),
        ScheduledStep::Duplicate(name(0, 1, PING, 0)),
        ScheduledStep::Lose(name(0, 1, PING, 0)),
        wake(0, 1),
    ]);
    order.repeats_from = Some(1);
    let (outcome, _) = follow(order.clone(), script.clone());
    assert_eq!(
        broken(&outcome),
        "it does not repeat itself from steps[1]: the armed timers, the clients are not as they \
         were before that step"
    );
    order.steps.pop();
    let (outcome, _) = follow(order, script);
    assert_eq!(outcome.ended_by, EndedBy::ScheduleRepeats);
    assert_eq!(outcome.verdict(), Verdict::Held);
}

#[test]
fn the_digest_covers_the_steps() {
    let script = || vec![(0, 0, Do::PingAll(3))];
    let both = |a, b| follow(steps([wake(0, 0), a, b]), script()).0;
    let (one, other) = (deliver(0, 1, PING, 0), deliver(0, 2, PING, 0));
    let first = both(one.clone(), other.clone());
    assert_eq!(first.digest, both(one.clone(), other.clone()).digest);
    assert_ne!(first.digest, both(other, one).digest);
    assert_eq!(first.ended_by, EndedBy::ScheduleOver);
}

#[test]
fn the_end_is_the_last_step_unless_the_schedule_says_otherwise() {
    let mut order = steps([wake(0, 0)]);
    order.ends_at = Some(Time(30 * MS));
    let (outcome, _) = follow(order.clone(), vec![(0, 0, Do::Write(1))]);
    assert_eq!((outcome.ended_by, outcome.ended_at), (EndedBy::Quiet, Time(30 * MS)));
    order.unfinished = true;
    let (outcome, _) = follow(order, vec![(0, 0, Do::Write(1))]);
    assert_eq!(outcome.ended_by, EndedBy::ScheduleOver);
    let (outcome, _) = follow(Schedule::default(), vec![]);
    assert_eq!(outcome.ended_by, EndedBy::Quiet);
}

#[test]
fn what_contradicts_a_schedule_or_makes_no_sense_is_refused() {
    let refusal = |world: &World| {
        let refused = Simulation::<Puppet>::new(world, true).map(drop);
        refused.expect_err("a world that makes no sense").to_string()
    };
    let plain = || world(steps([wake(0, 0)]));
    let crash_fault = Fault::Crash { node: NodeId(0), after_effects: None };
    let crashing = plain().fault(TimedFault { at: Time(1), until: None, fault: crash_fault });
    assert!(refusal(&crashing).contains("faults other than those of clocks and late boots"));
    let stopping = World { stop: Stop { when: StopWhen::Served, ..Stop::default() }, ..plain() };
    assert!(refusal(&stopping).contains("another end than the schedule's"));
    assert!(refusal(&World { ties: Ties::Shuffled, ..plain() }).contains("shuffled ties"));
    let mut lossy = plain();
    lossy.network.default.fifo = !lossy.network.default.fifo;
    assert!(refusal(&lossy).contains("a network"));

    assert!(refusal(&world(steps([wake(3, 0)]))).contains("steps[0]: it names n3"));
    assert!(refusal(&world(steps([deliver(0, 1, 2, 0)]))).contains("there is no kind 2"));
    let lost = ScheduledStep::Lose(name(1, 1, PING, 0));
    assert!(refusal(&world(steps([lost]))).contains("does not cross the network"));
    let mut backwards = steps([wake(0, 0), wake(0, 0)]);
    backwards.steps[1].at = Time::ZERO;
    assert!(refusal(&world(backwards)).contains("steps[1] lies before its predecessor"));
    let beyond = Schedule { repeats_from: Some(1), ..steps([wake(0, 0)]) };
    assert!(refusal(&world(beyond)).contains("repeats_from is the position of a step"));
    let early = Schedule { ends_at: Some(Time::ZERO), ..steps([wake(0, 0)]) };
    assert!(refusal(&world(early)).contains("does not end before its last step"));
}

#[test]
fn a_panic_in_a_step_is_one_of_the_node() {
    let (outcome, _) = follow(steps([wake(1, 0)]), vec![(0, 1, Do::Panic)]);
    assert!(matches!(outcome.ended_by, EndedBy::Panic { .. }), "{:?}", outcome.ended_by);
}
