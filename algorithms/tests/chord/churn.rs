//! Nodes come and go at random. The corrected form keeps its invariant and the ring becomes ideal
//! again; what becomes of the published one under the same plans is counted.

use seedbed_algorithms::chord::{ChordMutant, ChordParams, Load, Move, Protocol, Turn};
use seedbed_core::{Outcome, Verdict, World};
use seedbed_node::{Draws, Duration, NodeId, Time};

use crate::support::{Run, at, check, crash, jittery, late_boot, load, until};

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

/// The checks that failed, by name.
fn failed(outcome: &Outcome) -> Vec<&str> {
    let failed = outcome.checks.iter().filter(|check| check.verdict == Verdict::Failed);
    failed.map(|check| check.name.as_str()).collect()
}

#[test]
fn explore() {
    let seeds: u64 = std::env::var("SEEDS").map_or(100, |text| text.parse().expect("a number"));
    let mut pruned = 0;
    let mut kinds = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..seeds {
        let plan = Plan::drawn(seed);
        let before = plan.departures.len();
        let (plan, outcomes) = plan.admissible(&[Protocol::Corrected, Protocol::Published]);
        pruned += before - plan.departures.len();
        for (outcome, form) in outcomes.iter().zip(["corrected", "published"]) {
            if outcome.verdict() == Verdict::Failed {
                let why: Vec<_> = outcome
                    .checks
                    .iter()
                    .map(|c| c.detail.as_str())
                    .filter(|d| !d.is_empty())
                    .collect();
                *kinds.entry(format!("{form} {:?}", failed(outcome))).or_insert(0) += 1;
                if kinds.values().sum::<u32>() < 25 {
                    eprintln!("{seed} {form}: {:?} {why:?}", failed(outcome));
                }
            }
        }
        if seed == 0 {
            eprintln!(
                "{} departures, {} events, {:?}",
                before, outcomes[0].events, outcomes[0].measures
            );
        }
    }
    eprintln!("pruned {pruned} {kinds:#?}");
}

#[test]
fn minimise() {
    let seed: u64 = std::env::var("SEED").map_or(110, |text| text.parse().expect("a number"));
    let name = std::env::var("CHECK").unwrap_or("OneOrderedRing".into());
    let (mut plan, _) = Plan::drawn(seed).admissible(&[Protocol::Corrected, Protocol::Published]);
    let breaks = |plan: &Plan| {
        let published = plan.run(Protocol::Published, ChordMutant::None);
        plan.beyond(&published).is_none()
            && failed(&published).contains(&name.as_str())
            && plan.run(Protocol::Corrected, ChordMutant::None).verdict() != Verdict::Failed
    };
    assert!(breaks(&plan));
    loop {
        let mut shorter = None;
        for i in 0..plan.departures.len() {
            let mut less = plan.clone();
            less.departures.remove(i);
            if breaks(&less) {
                shorter = Some(less);
                break;
            }
            let mut less = plan.clone();
            if less.departures[i].until < at(49_000) {
                less.departures[i].until = at(100_000);
                if breaks(&less) {
                    shorter = Some(less);
                    break;
                }
            }
        }
        for i in 0..plan.boots.len() {
            if shorter.is_some() {
                break;
            }
            let mut less = plan.clone();
            if less.boots[i].1 < at(90_000) {
                less.boots[i].1 = at(100_000);
                less.departures.retain(|d| d.node != less.boots[i].0);
                if breaks(&less) {
                    shorter = Some(less);
                }
            }
        }
        match shorter {
            Some(less) => plan = less,
            None => break,
        }
    }
    eprintln!("{plan:#?}");
    let published = plan.run(Protocol::Published, ChordMutant::None);
    eprintln!("{:?}", published.checks);
    let mut less = plan.clone();
    less.departures.remove(1);
    eprintln!("{:?}", less.run(Protocol::Published, ChordMutant::None).checks);
    eprintln!("{:?}", less.run(Protocol::Corrected, ChordMutant::None).checks);
}

#[test]
fn hunt() {
    let seeds: u64 = std::env::var("SEEDS").map_or(100, |text| text.parse().expect("a number"));
    let mut kinds = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..seeds {
        let (plan, outcomes) = Plan::drawn(seed).admissible(&[Protocol::Published]);
        let f = failed(&outcomes[0]);
        *kinds.entry(format!("{f:?}")).or_insert(0) += 1;
        if !f.is_empty() && !f.contains(&"OneLiveSuccessor") {
            eprintln!(
                "{seed} {f:?} {:?} {}",
                outcomes[0].checks.iter().map(|c| c.detail.clone()).collect::<Vec<_>>(),
                plan.departures.len()
            );
        }
    }
    eprintln!("{kinds:#?}");
}
