//! A validated scenario: everything resolved but the draws of its seed.

use std::fmt;
use std::sync::Arc;

use seedbed_core::trace::{ClockKind, Sink};
use seedbed_core::{CheckOutcome, Digest128, EndedBy, Outcome, Verdict, World};
use seedbed_node::{Mark, Names, Step, Theory, Time};

use crate::explore::Exploring;
use crate::kernel::{Ready, Steps, TellMark, Watch};
use crate::lower::{Check, PANIC};
use crate::text::Source;

/// A validated scenario, ready to be run with any seed. Clones share what is large.
#[derive(Clone)]
pub struct Plan {
    /// The scenario's name.
    pub name: String,
    /// One line: what it shows; may be empty.
    pub about: String,
    /// The algorithm's name, such as `RicartAgrawala`.
    pub algorithm: &'static str,
    /// The family's name, such as `mutual-exclusion`.
    pub family: &'static str,
    /// What one operation is called, such as `entry`.
    pub operation: &'static str,
    /// The seed that the scenario gives; 1 unless it says otherwise.
    pub seed: u64,
    /// How the run is meant to end.
    pub expect: Expect,
    /// What the scenario pins, if it is a counterexample.
    pub replay: Option<Replay>,
    /// What is kept of a run.
    pub record: Recording,
    /// What theory says of the messages per operation.
    pub theory: Theory,
    /// The text that it was loaded from, `--set` included.
    pub source: Source,
    pub(crate) world: Arc<World>,
    pub(crate) ready: Arc<dyn Ready>,
    pub(crate) checks: Arc<[Check]>,
    /// Whether the family is about a shared object.
    pub has_history: bool,
    /// How it is explored.
    pub exploring: Exploring,
    /// Whether the scenario says how it is explored.
    pub says_explore: bool,
}

/// How a run is meant to end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Every check holds.
    Held,
    /// The check of this name fails; `Panic`: a handler panics.
    Breach(String),
    /// The run is too short to tell.
    Inconclusive,
}

/// A run that a scenario pins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The run's digest.
    pub digest: Digest128,
    /// The version of Seedbed that ran it.
    pub version: Option<String>,
}

/// What is kept of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// Whether a trace is wanted.
    pub trace: bool,
    /// The logical clocks that stamp it.
    pub clocks: Vec<ClockKind>,
}

/// How a run is watched. Nothing here changes what happens, or its digest.
#[derive(Default)]
pub struct RunOptions {
    /// Where the trace goes.
    pub sink: Option<Box<dyn Sink>>,
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions").field("sink", &self.sink.is_some()).finish()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("name", &self.name)
            .field("algorithm", &self.algorithm)
            .field("seed", &self.seed)
            .field("checks", &self.checks)
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// How many nodes take part in the algorithm.
    pub fn nodes(&self) -> u32 {
        self.world.members
    }

    /// The names of the nodes, then of the network's relays.
    pub fn names(&self) -> &Names {
        &self.world.names
    }

    /// The world, with the scenario's own seed.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The names of what is judged, in the order of the scenario and of an outcome's checks.
    pub fn checks(&self) -> impl ExactSizeIterator<Item = &str> {
        self.checks.iter().map(Check::name)
    }

    /// Whether a check of the scenario is a goal: about something good that must come about.
    pub fn is_goal(&self, check: &str) -> bool {
        self.checks.iter().any(|other| matches!(other, Check::Goal(name, _) if *name == check))
    }

    /// Runs the scenario with `seed`, or with its own.
    pub fn run(&self, seed: Option<u64>, options: RunOptions) -> Outcome {
        self.run_watched(seed, options, Watch::default())
    }

    /// The same, and tells `mark` what nodes hold, are and do, in the words of the family, just after
    /// the sink was told what makes it so.
    pub fn run_marked(
        &self,
        seed: Option<u64>,
        options: RunOptions,
        mark: impl FnMut(Time, Mark) + Send + 'static,
    ) -> Outcome {
        let marks: Option<TellMark> = Some(Box::new(mark));
        self.run_watched(seed, options, Watch { marks, ..Watch::default() })
    }

    /// The same, watched in further ways.
    pub(crate) fn run_watched(
        &self,
        seed: Option<u64>,
        options: RunOptions,
        watch: Watch,
    ) -> Outcome {
        let clocks = self.record.clocks.clone();
        let mut outcome = self.watched(seed, Watch { sink: options.sink, clocks, ..watch });
        self.judge_claims(&mut outcome);
        outcome
    }

    /// Runs the scenario with `seed`, or with its own, and gives what clients asked of the shared
    /// object and were told; `None` if the family has no such object.
    pub fn history(&self, seed: Option<u64>) -> Option<Vec<(Time, Step)>> {
        if !self.has_history {
            return None;
        }
        let steps = Steps::default();
        self.watched(seed, Watch { history: Some(Steps::clone(&steps)), ..Watch::default() });
        let steps = Arc::into_inner(steps).expect("the run is over");
        Some(steps.into_inner().expect("nobody panicked while holding it"))
    }

    /// Leaves the digest out: for runs of which only the verdict is wanted.
    pub(crate) fn without_digest(&mut self) {
        Arc::make_mut(&mut self.world).digest = false;
    }

    fn watched(&self, seed: Option<u64>, watch: Watch) -> Outcome {
        match seed {
            Some(seed) if seed != self.seed => {
                let world = World { seed, ..World::clone(&self.world) };
                self.ready.run(&world, &self.checks, watch)
            }
            _ => self.ready.run(&self.world, &self.checks, watch),
        }
    }

    /// Adds the verdicts on figures, each at its place.
    fn judge_claims(&self, outcome: &mut Outcome) {
        for (place, check) in self.checks.iter().enumerate() {
            if let Check::AtEnd(claim) = check {
                let verdict = claim.judge(outcome);
                outcome.checks.insert(place.min(outcome.checks.len()), verdict);
            }
        }
    }

    /// The scenario that replays `outcome`: this one's text with the seed, the digest and the
    /// expectation set to what happened.
    pub fn replay_text(&self, outcome: &Outcome) -> String {
        self.replay_text_expecting(outcome, &Expect::of(outcome))
    }

    /// The same for one of several things that happened.
    pub fn replay_text_expecting(&self, outcome: &Outcome, expect: &Expect) -> String {
        let mut source = self.source.clone();
        let json = source.format == crate::text::Format::Json;
        let (digest, version) = (outcome.digest, env!("CARGO_PKG_VERSION"));
        let replay = if json {
            format!("{{\"digest\": \"{digest}\", \"version\": \"{version}\"}}")
        } else {
            format!("(digest: \"{digest}\", version: \"{version}\")")
        };
        let expect = match expect {
            Expect::Held => "Held".to_owned(),
            Expect::Inconclusive => "Inconclusive".to_owned(),
            Expect::Breach(name) if json => format!("{{\"Breach\": {name:?}}}"),
            Expect::Breach(name) => format!("Breach({name:?})"),
        };
        let seed = outcome.seed.to_string();
        for (path, value) in [("expect", &expect), ("replay", &replay), ("seed", &seed)] {
            source.set(path, value).expect("the text was loaded before");
        }
        source.text
    }
}

impl Expect {
    /// How a run ended: by the first check that failed, if any did.
    pub fn of(outcome: &Outcome) -> Expect {
        let failed = |check: &&CheckOutcome| check.verdict == Verdict::Failed;
        match outcome.verdict() {
            Verdict::Held => Expect::Held,
            Verdict::Inconclusive => Expect::Inconclusive,
            Verdict::Failed => match outcome.checks.iter().find(failed) {
                Some(check) => Expect::Breach(check.name.clone()),
                None => Expect::Breach(PANIC.to_owned()),
            },
        }
    }

    /// Whether a run ended as meant.
    pub fn met_by(&self, outcome: &Outcome) -> bool {
        match self {
            Expect::Held => outcome.verdict() == Verdict::Held,
            Expect::Inconclusive => outcome.verdict() == Verdict::Inconclusive,
            Expect::Breach(name) if name == PANIC => {
                matches!(outcome.ended_by, EndedBy::Panic { .. })
            }
            Expect::Breach(name) => outcome
                .checks
                .iter()
                .any(|check| check.name == *name && check.verdict == Verdict::Failed),
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expect::Held => f.write_str("Held"),
            Expect::Breach(name) => write!(f, "Breach({name:?})"),
            Expect::Inconclusive => f.write_str("Inconclusive"),
        }
    }
}
