//! The judges, on rings that are made up.

use seedbed_node::{Breach, Checker, Conclusion, Ending, Names, NodeId, Observation, Time, What};

use super::{
    ConnectedAppendages, LookupsCorrect, OneLiveSuccessor, OneOrderedRing, RingIdeal,
    ValidSuccessorLists,
};
use crate::chord::{Event, Request};

/// A position with its predecessor and successors.
type Known<'a> = (u64, u64, &'a [u64]);

/// An ideal ring of five with lists of two.
const IDEAL: [Known<'_>; 5] = [
    (10, 50, &[20, 30]),
    (20, 10, &[30, 40]),
    (30, 20, &[40, 50]),
    (40, 30, &[50, 10]),
    (50, 40, &[10, 20]),
];

fn pointers((position, predecessor, successors): Known<'_>) -> Event {
    Event::Pointers {
        position,
        predecessor: Some(predecessor),
        successors: successors.to_vec(),
        pointers: 3,
        keys: 0,
        serving: true,
    }
}

/// Shows a checker what happens, one thing a second.
struct Stage<C> {
    checker: C,
    names: Names,
    now: u64,
    breach: Option<Breach>,
}

impl<C: Checker<Request, Event>> Stage<C> {
    /// After these have shown their pointers, all at once; position `10k` is node `k`.
    fn of(checker: C, ring: &[Known<'_>]) -> Self {
        let mut stage = Stage { checker, names: Names::numbered(10), now: 0, breach: None };
        for known in ring {
            stage.show(*known);
        }
        stage.now += 1;
        stage
    }

    fn see(&mut self, what: What<'_, Request, Event>) {
        let at = Time(self.now * 1_000_000_000);
        let seen = Observation { at, what, causality: None, names: &self.names };
        if let Err(breach) = self.checker.observe(&seen) {
            self.breach.get_or_insert(breach);
        }
    }

    fn show(&mut self, known: Known<'_>) {
        let node = NodeId(known.0 as u32 / 10);
        self.see(What::Event { node, event: &pointers(known) });
    }

    fn then(mut self, known: Known<'_>) -> Self {
        self.show(known);
        self.now += 1;
        self
    }

    fn crash(mut self, node: u32) -> Self {
        self.see(What::Crash { node: NodeId(node) });
        self.now += 1;
        self
    }

    /// Why it fails; empty if it holds.
    fn why(mut self) -> String {
        let at = Time(self.now * 1_000_000_000);
        let names = &self.names;
        let ending = Ending { at, quiet: false, down: &[], pending: &[], waits_for: &[], names };
        let conclusion = self.checker.finish(&ending);
        match (self.breach, conclusion) {
            (Some(breach), _) | (None, Conclusion::Failed(breach)) => breach.why,
            (None, Conclusion::Inconclusive(why)) => format!("undecided: {why}"),
            (None, Conclusion::Held) => String::new(),
        }
    }
}

#[test]
fn an_ideal_ring_pleases_everybody() {
    assert_eq!(Stage::of(OneLiveSuccessor::default(), &IDEAL).why(), "");
    assert_eq!(Stage::of(OneOrderedRing::default(), &IDEAL).why(), "");
    assert_eq!(Stage::of(ConnectedAppendages::default(), &IDEAL).why(), "");
    assert_eq!(Stage::of(ValidSuccessorLists::default(), &IDEAL).why(), "");
    assert_eq!(Stage::of(RingIdeal::new(None), &IDEAL).why(), "");
}

#[test]
fn the_ring_is_one() {
    let two =
        Stage::of(OneOrderedRing::default(), &IDEAL).then((20, 10, &[10])).then((40, 30, &[30]));
    assert_eq!(two.why(), "at 2s, there are two rings: n1, n2; and n3, n4");
    let none = Stage::of(OneOrderedRing::default(), &[(10, 10, &[90])]);
    assert_eq!(none.why(), "at 0s, there is no ring: nobody's successors lead back to it");
}

#[test]
fn the_ring_is_in_order() {
    let crossed = [(10, 50, &[30][..]), (30, 10, &[20]), (20, 30, &[40]), (40, 20, &[10])];
    let why = Stage::of(OneOrderedRing::default(), &crossed).why();
    assert_eq!(why, "at 0s, the ring is out of order: n1, n3, n2, n4");
}

#[test]
fn appendages_lead_to_the_ring() {
    let lost = Stage::of(ConnectedAppendages::default(), &IDEAL).then((60, 50, &[70]));
    assert!(lost.why().starts_with("at 1s, n6's successors do not lead to the ring of n1, n2"));
    let found = Stage::of(ConnectedAppendages::default(), &IDEAL).then((60, 50, &[70, 10]));
    assert_eq!(found.why(), "");
}

#[test]
fn a_departure_can_take_the_last_live_successor() {
    let after_one = Stage::of(OneLiveSuccessor::default(), &IDEAL).crash(2);
    assert_eq!(after_one.why(), "");
    let after_two = Stage::of(OneLiveSuccessor::default(), &IDEAL).crash(2).crash(3);
    assert_eq!(after_two.why(), "at 2s, n1 has no live successor: its list is n2, n3");
}

#[test]
fn lists_are_in_order_and_leave_enough_principals() {
    let disordered = Stage::of(ValidSuccessorLists::default(), &IDEAL).then((10, 50, &[30, 20]));
    assert!(disordered.why().contains("n1's successor list is out of order: n3, n2"));
    let one_skipped = Stage::of(ValidSuccessorLists::default(), &IDEAL).then((10, 50, &[30, 40]));
    assert_eq!(one_skipped.why(), "", "four others are skipped by nobody");
    let all_skipped = Stage::of(ValidSuccessorLists::default(), &IDEAL)
        .then((10, 50, &[30, 50]))
        .then((50, 40, &[20]));
    assert!(all_skipped.why().contains("only 2 members are skipped by no successor list"));
}

#[test]
fn a_ring_has_so_long_to_become_ideal() {
    let within = Some(seedbed_node::Duration::from_secs(3));
    let joined = |stage: Stage<RingIdeal>| stage.then((25, 20, &[30, 40]));
    let mut late = joined(Stage::of(RingIdeal::new(within), &IDEAL));
    late.now += 4;
    let why = late.why();
    assert!(why.starts_with("3s after the last change of membership, at 1s"), "{why}");
    let early = joined(Stage::of(RingIdeal::new(within), &IDEAL)).why();
    assert!(early.starts_with("undecided"), "{early}");
    let mut repaired = joined(Stage::of(RingIdeal::new(within), &IDEAL))
        .then((20, 10, &[25, 30]))
        .then((10, 50, &[20, 25]))
        .then((30, 25, &[40, 50]));
    repaired.now += 9;
    assert_eq!(repaired.why(), "");
}

#[test]
fn lookups_are_judged_while_the_ring_is_ideal() {
    let lookup = |mut stage: Stage<LookupsCorrect>, owner| {
        let request = Request::Lookup { lookup: 1, key: 0 };
        let operation = seedbed_node::Operation { client: NodeId(1), number: 1 };
        stage.see(What::Request { node: NodeId(1), operation, request: &request });
        stage.now += 1;
        let found = Event::Found { lookup: 1, key: 25, owner, hops: 1, timeouts: 0, held: false };
        stage.see(What::Event { node: NodeId(1), event: &found });
        stage.why()
    };
    let ideal = || Stage::of(LookupsCorrect::default(), &IDEAL);
    assert_eq!(lookup(ideal(), 30), "");
    assert!(lookup(ideal(), 40).contains("that is n3"));
    assert_eq!(lookup(ideal().then((20, 10, &[40])), 40), "", "no promise while it is not ideal");
    assert!(lookup(ideal().crash(3), 30).contains("was not in the ring"));
}
