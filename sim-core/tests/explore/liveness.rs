//! Liveness on models whose answers can be argued by hand.

use seedbed_core::Verdict;
use seedbed_core::explore::{Demand, End, Exploration, Model, Options, Property, search};

use crate::naive::check;
use Verdict::{Failed, Held};

/// Peterson's mutual exclusion for two processes (Information Processing Letters 1981), which may
/// stay out for ever.
struct Peterson {
    /// Whether a process that can take a step takes one at some time.
    fair: bool,
    /// Whether a process yields to the other before it waits.
    yields: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Out,
    Raised,
    Waiting,
    Inside,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Both {
    places: [Place; 2],
    /// Whose turn it is to wait.
    yielding: usize,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Step {
    Think(usize),
    Raise(usize),
    Yield(usize),
    Enter(usize),
    Leave(usize),
}

impl Step {
    fn process(self) -> usize {
        let (Step::Think(i) | Step::Raise(i) | Step::Yield(i) | Step::Enter(i) | Step::Leave(i)) =
            self;
        i
    }
}

impl Model for Peterson {
    type State = Both;
    type Action = Step;

    fn initial(&self) -> Vec<Both> {
        vec![Both { places: [Place::Out; 2], yielding: 0 }]
    }

    fn actions(&self, state: &Both, actions: &mut Vec<Step>) {
        for i in 0..2 {
            match state.places[i] {
                Place::Out => actions.extend([Step::Think(i), Step::Raise(i)]),
                Place::Raised => actions.push(Step::Yield(i)),
                Place::Waiting if state.places[1 - i] == Place::Out || state.yielding != i => {
                    actions.push(Step::Enter(i));
                }
                Place::Waiting => {}
                Place::Inside => actions.push(Step::Leave(i)),
            }
        }
    }

    fn apply(&self, state: &mut Both, step: &Step) -> bool {
        let i = step.process();
        state.places[i] = match step {
            Step::Think(_) => Place::Out,
            Step::Raise(_) => Place::Raised,
            Step::Yield(_) => Place::Waiting,
            Step::Enter(_) => Place::Inside,
            Step::Leave(_) => Place::Out,
        };
        if self.yields && matches!(step, Step::Yield(_)) {
            state.yielding = i;
        }
        true
    }

    fn fairness(&self, step: &Step) -> Option<u64> {
        // To want to enter is a whim.
        (self.fair && !matches!(step, Step::Think(_) | Step::Raise(_)))
            .then_some(step.process() as u64)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let wants = |place| matches!(place, Place::Raised | Place::Waiting);
        vec![
            Property::always("exclusion", |_, both: &Both| both.places != [Place::Inside; 2]),
            Property::recurrently("first served", move |_, both: &Both| !wants(both.places[0])),
            Property::recurrently("second served", move |_, both: &Both| !wants(both.places[1])),
            Property::eventually("somebody in", |_, both: &Both| {
                both.places.contains(&Place::Inside)
            }),
        ]
    }
}

fn explored(model: &Peterson) -> (Exploration<Step>, Vec<Verdict>) {
    let explored = search(model, &Options { keep_going: true, ..Options::default() });
    for finding in explored.findings.iter().filter(|f| f.verdict == Failed) {
        check(model, finding);
    }
    let verdicts = explored.findings.iter().map(|finding| finding.verdict).collect();
    (explored, verdicts)
}

#[test]
fn peterson_serves_both_if_both_go_on() {
    // Nobody has to want to enter, so that perhaps nobody ever does.
    let (explored, verdicts) = explored(&Peterson { fair: true, yields: true });
    assert_eq!(verdicts, [Held, Held, Held, Failed]);
    assert!(explored.complete);
}

#[test]
fn without_fairness_a_process_may_stop_for_ever() {
    let (explored, verdicts) = explored(&Peterson { fair: false, yields: true });
    assert_eq!(verdicts, [Held, Failed, Failed, Failed]);
    let ends = explored.findings[1..3].iter().map(|finding| finding.trail.as_ref().map(|t| t.end));
    assert!(ends.into_iter().all(|end| matches!(end, Some(End::Cycle(_)))));
}

#[test]
fn without_yielding_one_of_them_starves() {
    // The second never waits: it goes in to the first, and in and out before it.
    let (_, verdicts) = explored(&Peterson { fair: true, yields: false });
    assert_eq!(verdicts, [Failed, Failed, Held, Failed]);
}

/// A token goes round among three; it can be lost once.
struct Ring {
    lossy: bool,
    obliged: bool,
}

impl Model for Ring {
    /// Where the token is.
    type State = Option<u8>;
    type Action = &'static str;

    fn initial(&self) -> Vec<Option<u8>> {
        vec![Some(0)]
    }

    fn actions(&self, token: &Option<u8>, actions: &mut Vec<&'static str>) {
        if token.is_some() {
            actions.push("pass");
            actions.push("keep");
            actions.extend(self.lossy.then_some("lose"));
        }
    }

    fn apply(&self, token: &mut Option<u8>, action: &&'static str) -> bool {
        *token = match *action {
            "pass" => token.map(|at| (at + 1) % 3),
            "keep" => *token,
            _ => None,
        };
        true
    }

    fn fairness(&self, action: &&'static str) -> Option<u64> {
        (self.obliged && *action == "pass").then_some(7)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::eventually("reaches the last", |_, token| *token == Some(2)),
            Property::recurrently("returns", |_, token| *token == Some(0)),
        ]
    }
}

/// Of a property: what it demands, what became of it, and the length and the end of its breach.
type Answer = (Demand, Verdict, Option<(usize, End)>);

#[test]
fn a_token_that_must_be_passed_goes_round() {
    let verdicts = |ring: &Ring| -> Vec<Answer> {
        let explored = search(ring, &Options { keep_going: true, ..Options::default() });
        let findings = explored.findings.iter();
        findings
            .map(|finding| {
                if finding.verdict == Failed {
                    check(ring, finding);
                }
                let trail = finding.trail.as_ref();
                (
                    finding.demand,
                    finding.verdict,
                    trail.map(|trail| (trail.actions.len(), trail.end)),
                )
            })
            .collect()
    };
    let (eventually, recurrently) = (Demand::Eventually, Demand::Recurrently);
    assert_eq!(
        verdicts(&Ring { lossy: false, obliged: true }),
        [(eventually, Held, None), (recurrently, Held, None)]
    );
    // Kept for ever at once; kept for ever by the second.
    assert_eq!(
        verdicts(&Ring { lossy: false, obliged: false }),
        [
            (eventually, Failed, Some((1, End::Cycle(0)))),
            (recurrently, Failed, Some((2, End::Cycle(1))))
        ]
    );
    // Lost at once.
    assert_eq!(
        verdicts(&Ring { lossy: true, obliged: true }),
        [
            (eventually, Failed, Some((1, End::Terminal))),
            (recurrently, Failed, Some((1, End::Terminal)))
        ]
    );
}
