//! Counts and verdicts do not depend on how a model is searched.

use seedbed_core::Verdict;
use seedbed_core::explore::{Cut, Demand, Exploration, Model, Options, Strategy, search};

use crate::naive::{check, naive};
use crate::two_phase::TwoPhase;

fn by(strategy: Strategy, threads: usize) -> Options<'static> {
    Options { strategy, threads, keep_going: true, ..Options::default() }
}

const DEEPENING: Strategy = Strategy::IterativeDeepening { step: 1 };

/// Gray & Lamport's two-phase commit, without what they prove: managers give up after they prepared.
struct Broken(TwoPhase);

impl Model for Broken {
    type State = crate::two_phase::State;
    type Action = crate::two_phase::Action;

    fn initial(&self) -> Vec<Self::State> {
        self.0.initial()
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.0.actions(state, actions);
        actions.extend((0..self.0.managers).map(crate::two_phase::Action::GiveUp));
    }

    fn apply(&self, state: &mut Self::State, action: &Self::Action) -> bool {
        self.0.apply(state, action)
    }

    fn canonical(&self, state: &mut Self::State) {
        self.0.canonical(state);
    }

    fn properties(&self) -> Vec<seedbed_core::explore::Property<Self>> {
        let lifted = self.0.properties().into_iter().map(|property| {
            let holds = property.holds;
            seedbed_core::explore::Property {
                name: property.name,
                demand: property.demand,
                holds: Box::new(move |model: &Self, state: &Self::State| holds(&model.0, state)),
            }
        });
        lifted.collect()
    }
}

#[test]
fn two_phase_commit_has_as_many_states_as_stateright_says() {
    // Stateright's examples/2pc.rs: 288 for three managers, 8,832 for five.
    for (managers, unique, generated, depth) in [(3, 288, 1_146, 10), (5, 8_832, 58_146, 16)] {
        let model = TwoPhase { managers };
        let naive = naive(&model);
        assert_eq!((naive.unique, naive.generated, naive.depth), (unique, generated, depth));
        for (strategy, threads) in [Strategy::BreadthFirst, Strategy::DepthFirst]
            .into_iter()
            .flat_map(|strategy| [1, 2, 3, 7].map(|threads| (strategy, threads)))
        {
            let explored = search(&model, &by(strategy, threads));
            assert_eq!((explored.unique, explored.generated), (unique, generated));
            assert!(explored.complete && explored.cuts.is_empty());
            assert_eq!(explored.verdict(), Verdict::Held);
            assert!(strategy != Strategy::BreadthFirst || explored.depth == depth);
            explored.findings[..2].iter().for_each(|finding| check(&model, finding));
        }
    }
}

#[test]
fn deepening_visits_as_many_states_with_one_thread_and_with_more() {
    let model = TwoPhase { managers: 3 };
    for (step, threads) in [(1, 1), (3, 1), (1, 2), (100, 3)] {
        let explored = search(&model, &by(Strategy::IterativeDeepening { step }, threads));
        assert_eq!(explored.unique, 288);
        assert!(explored.complete);
    }
}

#[test]
fn the_shortest_counterexample_does_not_depend_on_threads() {
    let model = Broken(TwoPhase { managers: 4 });
    let nearest = naive(&model).nearest;
    let one = search(&model, &Options { keep_going: true, ..Options::default() });
    for (finding, nearest) in one.findings.iter().zip(nearest) {
        check(&model, finding);
        assert_eq!(finding.trail.as_ref().map(|trail| trail.actions.len() as u32), nearest);
    }
    assert_eq!(one.broken().map(|finding| finding.name.as_str()), Some("agree"));
    for threads in 2..6 {
        let many = search(&model, &by(Strategy::BreadthFirst, threads));
        assert_eq!(many.findings, one.findings);
        let first = |threads| search(&model, &Options { threads, ..Options::default() });
        let (one, many) = (first(1), first(threads));
        assert_eq!(
            (one.unique, one.generated, &one.cuts),
            (many.unique, many.generated, &many.cuts)
        );
        assert_eq!(one.findings, many.findings);
        assert_eq!(one.cuts, [Cut::Decided]);
    }
    let deepening = search(&model, &Options { strategy: DEEPENING, ..Options::default() });
    let length = |explored: &Exploration<_>| {
        explored.broken().and_then(|f| f.trail.as_ref()).map(|trail| trail.actions.len())
    };
    assert_eq!(length(&deepening), length(&one));
}

#[test]
fn depth_first_search_finds_a_breach_with_one_thread_and_with_more() {
    let model = Broken(TwoPhase { managers: 4 });
    for threads in [1, 2, 4] {
        let options = Options { strategy: Strategy::DepthFirst, threads, ..Options::default() };
        let explored = search(&model, &options);
        check(&model, explored.broken().expect("a breach"));
        assert!(!explored.complete);
    }
}

#[test]
fn interchangeable_managers_leave_fewer_states_and_the_same_verdict() {
    for (managers, all, fewer) in [(3, 288, 80), (5, 8_832, 314)] {
        let model = TwoPhase { managers };
        for strategy in [Strategy::BreadthFirst, Strategy::DepthFirst, DEEPENING] {
            for threads in [1, 3] {
                let plain = by(strategy, threads);
                let symmetric = search(&model, &Options { symmetry: true, ..plain });
                let plain = search(&model, &plain);
                assert_eq!((plain.unique, symmetric.unique), (all, fewer));
                assert_eq!((plain.verdict(), symmetric.verdict()), (Verdict::Held, Verdict::Held));
                assert!(symmetric.complete && symmetric.symmetry);
                symmetric.findings[..2].iter().for_each(|finding| check(&model, finding));
            }
        }
    }
}

#[test]
fn a_counterexample_found_with_symmetry_is_a_path_of_the_model() {
    let model = Broken(TwoPhase { managers: 4 });
    let plain = search(&model, &Options::default());
    let symmetric = search(&model, &Options { symmetry: true, ..Options::default() });
    let (plain, symmetric) = (plain.broken().expect("broken"), symmetric.broken().expect("broken"));
    check(&model, symmetric);
    let length = |finding: &seedbed_core::explore::Finding<_>| {
        finding.trail.as_ref().map(|trail| trail.actions.len())
    };
    assert_eq!(length(plain), length(symmetric));
}

#[test]
fn sleep_sets_leave_out_transitions_and_no_states() {
    for (managers, unique, generated, fewer) in [(3, 288, 1_146, 532), (5, 8_832, 58_146, 17_852)] {
        let model = TwoPhase { managers };
        let plain = search(&model, &by(Strategy::DepthFirst, 1));
        let options = Options { partial_order: true, ..by(Strategy::DepthFirst, 1) };
        let reduced = search(&model, &options);
        assert!(reduced.partial_order && reduced.complete);
        assert_eq!((plain.unique, plain.generated), (unique, generated));
        assert_eq!((reduced.unique, reduced.generated), (unique, fewer));
        assert_eq!(reduced.verdict(), plain.verdict());
    }
}

#[test]
fn partial_order_reduction_is_off_where_it_is_not_proved() {
    let model = TwoPhase { managers: 3 };
    for options in [
        by(Strategy::BreadthFirst, 1),
        by(DEEPENING, 1),
        Options { symmetry: true, ..by(Strategy::DepthFirst, 1) },
    ] {
        let asked = search(&model, &Options { partial_order: true, ..options });
        let plain = search(&model, &options);
        assert!(!asked.partial_order);
        assert_eq!((asked.unique, asked.generated), (plain.unique, plain.generated));
    }
}

#[test]
fn random_walks_find_what_is_there_and_hold_nothing() {
    let model = Broken(TwoPhase { managers: 3 });
    let walks = |threads, seed| {
        let strategy = Strategy::RandomWalk { seed, walks: 300, steps: 40 };
        search(&model, &by(strategy, threads))
    };
    let one = walks(1, 7);
    assert_eq!(one.broken().map(|finding| finding.name.as_str()), Some("agree"));
    one.findings.iter().for_each(|finding| check(&model, finding));
    assert_eq!(walks(3, 7), one);
    assert_ne!(walks(1, 8), one);
    let strategy = Strategy::RandomWalk { seed: 1, walks: 50, steps: 40 };
    let right = search(&TwoPhase { managers: 3 }, &by(strategy, 1));
    let always = right.findings.iter().find(|finding| finding.demand == Demand::Always);
    assert_eq!(always.map(|finding| finding.verdict), Some(Verdict::Inconclusive));
    assert!(!right.complete && right.unique <= 288);
}
