//! Nothing is held that was not searched to the end.

use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use seedbed_core::Verdict;
use seedbed_core::explore::{Cut, Model, Options, Property, Strategy, search};

/// Numbers from 0 to `last`, by steps of one; `bound` is as far as the model looks.
struct Line {
    last: u32,
    bound: u32,
}

impl Model for Line {
    type State = u32;
    type Action = ();

    fn initial(&self) -> Vec<u32> {
        vec![0]
    }

    fn actions(&self, state: &u32, actions: &mut Vec<()>) {
        actions.extend((*state < self.last).then_some(()));
    }

    fn apply(&self, state: &mut u32, (): &()) -> bool {
        *state += 1;
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("below", |line: &Line, state| *state <= line.last),
            Property::sometimes("last", |line: &Line, state| *state == line.last),
            Property::eventually("reached", |line: &Line, state| *state == line.last),
        ]
    }

    fn within(&self, state: &u32) -> bool {
        *state < self.bound
    }
}

const STRATEGIES: [Strategy; 3] =
    [Strategy::BreadthFirst, Strategy::DepthFirst, Strategy::IterativeDeepening { step: 7 }];

const LINE: Line = Line { last: 5_000, bound: u32::MAX };

fn inconclusive(line: &Line, options: &Options<'_>, cut: Cut) -> u64 {
    let explored = search(line, options);
    let verdicts: Vec<Verdict> = explored.findings.iter().map(|finding| finding.verdict).collect();
    assert_eq!(verdicts, [Verdict::Inconclusive; 3], "{cut:?} {:?}", options.strategy);
    assert!(!explored.complete && explored.cuts.contains(&cut), "{:?}", explored.cuts);
    explored.unique
}

#[test]
fn a_line_is_searched_to_its_end() {
    for threads in [1, 2] {
        for strategy in [Strategy::BreadthFirst, Strategy::DepthFirst] {
            let explored = search(&LINE, &Options { strategy, threads, ..Options::default() });
            assert_eq!(
                (explored.unique, explored.generated, explored.depth),
                (5_001, 5_001, 5_000)
            );
            assert!(explored.complete);
            assert_eq!(explored.verdict(), Verdict::Held);
        }
    }
}

#[test]
fn a_budget_that_cuts_makes_all_that_is_not_found_inconclusive() {
    for strategy in STRATEGIES {
        for threads in [1, 2] {
            let plain = Options { strategy, threads, ..Options::default() };
            let line = Line { last: 500, ..LINE };
            let unique = inconclusive(&line, &Options { states_max: 100, ..plain }, Cut::States);
            assert!(unique <= 100 && (threads > 1 || unique == 100), "{unique}");
            let unique = inconclusive(&line, &Options { depth_max: 100, ..plain }, Cut::Depth);
            assert_eq!(unique, 101);
            let bounded = Line { bound: 100, ..line };
            assert_eq!(inconclusive(&bounded, &plain, Cut::Outside), 101);
        }
    }
}

#[test]
fn memory_and_the_caller_end_a_search() {
    for strategy in [Strategy::BreadthFirst, Strategy::DepthFirst] {
        for partial_order in [false, true] {
            let plain = Options { strategy, partial_order, ..Options::default() };
            let unique = inconclusive(&LINE, &Options { memory_max: 9_000, ..plain }, Cut::Memory);
            assert!(unique < 2_100, "{unique}");
            let asked = AtomicU32::new(0);
            let stop = || asked.fetch_add(1, Ordering::Relaxed) == 1;
            inconclusive(&LINE, &Options { stop: &stop, ..plain }, Cut::Stopped);
        }
    }
}

#[test]
fn a_witness_that_was_found_before_the_cut_stands() {
    let line = Line { last: 50, bound: 50 };
    let explored = search(&line, &Options::default());
    assert_eq!(explored.cuts, [Cut::Outside]);
    let verdicts: Vec<Verdict> = explored.findings.iter().map(|finding| finding.verdict).collect();
    assert_eq!(verdicts, [Verdict::Inconclusive, Verdict::Held, Verdict::Inconclusive]);
}

#[test]
fn progress_is_told_and_grows() {
    for strategy in [Strategy::BreadthFirst, Strategy::DepthFirst] {
        let told = Mutex::new(Vec::new());
        let progress = |progress| told.lock().expect("no panic").push(progress);
        search(&LINE, &Options { strategy, progress: &progress, ..Options::default() });
        let told = told.into_inner().expect("no panic");
        assert!(told.len() > 3);
        assert!(told.is_sorted_by_key(|progress| progress.unique) || told.len() > 4);
    }
}

/// Numbers modulo `of`, whose hash says less than they do.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Alike(u32);

impl Hash for Alike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0 / 2).hash(state);
    }
}

struct Pairs;

impl Model for Pairs {
    type State = Alike;
    type Action = ();

    fn initial(&self) -> Vec<Alike> {
        vec![Alike(0)]
    }

    fn actions(&self, _: &Alike, actions: &mut Vec<()>) {
        actions.push(());
    }

    fn apply(&self, state: &mut Alike, (): &()) -> bool {
        state.0 = (state.0 + 3) % 12;
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("small", |_, state: &Alike| state.0 < 12)]
    }
}

#[test]
fn states_that_share_a_fingerprint_are_noticed_if_whole_states_are_kept() {
    struct Same;
    impl Model for Same {
        type State = Alike;
        type Action = u32;
        fn initial(&self) -> Vec<Alike> {
            vec![Alike(0)]
        }
        fn actions(&self, state: &Alike, actions: &mut Vec<u32>) {
            actions.extend((state.0 == 0).then_some([1, 2]).into_iter().flatten());
        }
        fn apply(&self, state: &mut Alike, action: &u32) -> bool {
            state.0 += action;
            true
        }
        fn properties(&self) -> Vec<Property<Self>> {
            vec![Property::always("small", |_, state: &Alike| state.0 < 12)]
        }
    }
    for strategy in STRATEGIES {
        for partial_order in [false, true] {
            let options = Options { strategy, partial_order, ..Options::default() };
            let whole = Options { whole_states: true, ..options };
            assert_eq!(search(&Same, &options).verdict(), Verdict::Held, "the danger");
            let noticed = search(&Same, &whole);
            assert_eq!(noticed.cuts, [Cut::Collision]);
            assert_eq!(noticed.verdict(), Verdict::Inconclusive);
            assert_eq!(search(&Pairs, &whole).verdict(), Verdict::Held, "0, 3, 6 and 9 differ");
        }
    }
}
