//! Nodes come and go at random, and no departure takes the last live successor from anybody. The
//! corrected form keeps its invariant and the ring becomes ideal again; the published one is put to
//! the same plans.

use seedbed_algorithms::chord::{ChordMutant, ChordParams, Load, Move, Protocol, Routing, Turn};
use seedbed_core::{Outcome, Verdict, World};
use seedbed_node::{Draws, Duration, NodeId, Time};

use crate::support::{Run, assert_held, at, check, crash, jittery, late_boot, load, until};

/// As many as fit into a quick test; all of the thousand in a release build.
const SEEDS: u64 = if cfg!(debug_assertions) { 100 } else { 1_000 };
/// The length of successor lists.
const LIST: u8 = 2;
/// The first nodes never leave: one more than a list is long.
const BASE: u32 = LIST as u32 + 1;
const FOUNDERS: u32 = 5;
/// No message takes longer.
const DELAY_MAX: Duration = Duration::from_millis(20);
const NODES: u32 = 9;
/// Churn is over after this, and the run some time later.
const CHURN_MS: u64 = 10_000;
const STOP_S: u64 = 25;

/// Who boots late, and who goes when and is back when.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub boots: Vec<(u32, Time)>,
    pub departures: Vec<Departure>,
}

/// A node goes: by crashing, or by leaving.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    pub node: u32,
    pub crashes: bool,
    pub from: Time,
    pub until: Time,
}

impl Plan {
    pub fn drawn(seed: u64) -> Plan {
        let mut draws = Draws::keyed(seed ^ 0x6368_7572_6E00);
        let mut plan = Plan { seed, boots: Vec::new(), departures: Vec::new() };
        for node in BASE..NODES {
            let mut now = 300 + draws.below(1_500);
            if node >= FOUNDERS {
                plan.boots.push((node, at(now)));
                now += 100 + draws.below(2_000);
            }
            while now < CHURN_MS {
                let back = now + 10 + draws.below(1_000);
                let crashes = draws.below(3) > 0;
                let (from, until) = (at(now), at(back));
                plan.departures.push(Departure { node, crashes, from, until });
                now = back + 100 + draws.below(2_000);
            }
        }
        plan
    }

    pub fn world(&self) -> World {
        let mut world = until(jittery(self.seed, NODES), STOP_S);
        for (node, at) in &self.boots {
            world.faults.planned.push(late_boot(*node, *at));
        }
        for gone in self.departures.iter().filter(|gone| gone.crashes) {
            world.faults.planned.push(crash(gone.node, gone.from, Some(gone.until)));
        }
        world
    }

    pub fn load(&self) -> Load {
        let pace = "Closed(think: Exponential(mean: \"300ms\"), requests_per_node: 20)";
        let retry = "Some((after: \"2s\", attempts: 20))";
        let load = load(&format!("(pace: {pace}, retry: {retry}, keys: Uniform(count: 100000))"));
        let gone = self.departures.iter().filter(|gone| !gone.crashes);
        let moves = gone.flat_map(|gone| {
            let node = NodeId(gone.node);
            [(gone.from, Turn::Leave), (gone.until, Turn::Join)].map(|(at, what)| Move {
                at: at.since(Time::ZERO),
                node,
                what,
            })
        });
        Load { moves: moves.collect(), ..load }
    }

    pub fn run(&self, variant: Protocol, mutant: ChordMutant) -> Outcome {
        let world = self.world();
        let params = ChordParams {
            variant,
            mutant,
            successors: LIST,
            founders: FOUNDERS,
            salt: self.seed,
            lookup: if self.seed.is_multiple_of(2) {
                Routing::Recursive
            } else {
                Routing::Iterative
            },
            timeout: Duration::from_millis(300),
            ..Default::default()
        };
        let run = Run::new(&world, params, self.load());
        let ideal = Some(Duration::from_secs(12));
        let answered = Some(Duration::from_secs(12));
        Run { ideal, answered, ..run }.outcome()
    }

    /// The departure that left a member without a live successor, which is more than the ring is
    /// made to survive: at once, or because the answer with its list was under way. (In Zave's
    /// model, question, answer and adoption are one step.)
    fn beyond(&self, outcome: &Outcome) -> Option<usize> {
        let judged = check(outcome, "OneLiveSuccessor");
        let failed = judged.at.filter(|_| judged.verdict == Verdict::Failed)?;
        let to_blame = |gone: &Departure| gone.from <= failed && failed < gone.from + DELAY_MAX;
        self.departures.iter().position(to_blame)
    }

    /// Without the departures that no form is made to survive; and what becomes of each form.
    pub fn admissible(mut self, forms: &[Protocol]) -> (Plan, Vec<Outcome>) {
        loop {
            let run = |form: &Protocol| self.run(*form, ChordMutant::None);
            let outcomes: Vec<Outcome> = forms.iter().map(run).collect();
            match outcomes.iter().find_map(|outcome| self.beyond(outcome)) {
                Some(beyond) => drop(self.departures.remove(beyond)),
                None => return (self, outcomes),
            }
        }
    }
}

/// The same plans for both forms, with no departure that empties a list in either. What the
/// published form does not survive is pinned as it is: nothing.
#[test]
fn churn_never_breaks_the_corrected_ring() {
    for seed in 0..SEEDS {
        let forms = [Protocol::Corrected, Protocol::Published];
        let (_, outcomes) = Plan::drawn(seed).admissible(&forms);
        for outcome in &outcomes {
            assert_held(outcome);
        }
    }
}
