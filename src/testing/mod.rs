//! Property tests of a node of one's own, with the feature `testing`.
//!
//! A test says which node, and perhaps in which surroundings; what is judged are the checks and
//! goals of the node's family. The faults are those that the node's declared needs leave possible:
//! a breach contradicts what the node promises.
//!
//! ```no_run
//! # use seedbed::algorithms::RicartAgrawala as MyNode;
//! #[test]
//! fn my_node_keeps_its_promises() {
//!     seedbed::testing::check::<MyNode>().nodes(3).runs(200).run();
//! }
//! ```
//!
//! A failure panics with the seed, the reason and the smallest scenario that fails so, which is
//! also saved under `runs/`, ready for `seedbed run`.
//!
//! [`strategies`] gives parts of scenarios to proptest: faults, networks, clocks, workloads, seeds.

mod failure;
pub mod strategies;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use proptest::test_runner::TestCaseError;
use seedbed_core::{Outcome, Verdict};
use seedbed_node::{Algorithm, Duration};
use seedbed_scenarios::hunt::{Hazard, Hunt, Report, smallest};
use seedbed_scenarios::{Plan, Registry, RunOptions, Source, load};

pub use failure::Failure;
pub use strategies::Section;

/// Runs without a failure that are enough unless a test says otherwise.
const RUNS: u64 = 100;

/// Runs that making a failure small may take.
const SHRINK_RUNS: u32 = 2_000;

/// A test of a node: [`check`] begins one.
#[derive(Debug)]
#[must_use = "nothing is tested until it is run"]
pub struct Check {
    registry: Registry,
    algorithm: &'static str,
    nodes: String,
    sections: Vec<(String, String)>,
    hazards: Option<Vec<Hazard>>,
    hunt: Hunt,
    folder: PathBuf,
}

/// Begins a test of a node: three of them, with the defaults of their parameters and workload, a
/// network with delays of 1 ms to 10 ms, a hundred runs from seed 1 on.
pub fn check<A: Algorithm>() -> Check {
    check_in(Registry::empty().with::<A>(), A::NAME)
}

/// The same for an algorithm of a registry, by its name there.
///
/// # Panics
/// If there is none of that name.
pub fn check_in(registry: Registry, algorithm: &str) -> Check {
    let row = registry.algorithm(algorithm);
    let algorithm = row.unwrap_or_else(|| panic!("no algorithm is called {algorithm}")).name;
    let network = "(delay: Uniform(\"1ms\", \"10ms\"))".to_owned();
    Check {
        registry,
        algorithm,
        nodes: "3".into(),
        sections: vec![("network".into(), network)],
        hazards: None,
        hunt: Hunt { runs: RUNS, seed: Some(1), shrink_runs: SHRINK_RUNS, ..Hunt::default() },
        folder: PathBuf::from("runs"),
    }
}

impl Check {
    /// How many nodes.
    pub fn nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes.to_string();
        self
    }

    /// Another value for a part of the scenario, as `--set` has it: a section such as `workload` or
    /// `checks`, or a value in one, such as `network.loss` or `algorithm.patience`.
    pub fn set(mut self, path: &str, value: &str) -> Self {
        self.sections.push((path.to_owned(), value.to_owned()));
        self
    }

    /// Sections drawn by [`strategies`].
    pub fn with(mut self, sections: impl IntoIterator<Item = Section>) -> Self {
        self.sections.extend(sections.into_iter().map(|s| (s.name.to_owned(), s.text)));
        self
    }

    /// Only these kinds of fault, whatever the node says that it needs.
    pub fn faults(mut self, hazards: impl IntoIterator<Item = Hazard>) -> Self {
        self.hazards = Some(hazards.into_iter().collect());
        self
    }

    /// How many runs.
    pub fn runs(mut self, runs: u64) -> Self {
        self.hunt.runs = runs;
        self
    }

    /// The first seed; the others follow.
    pub fn seed(mut self, seed: u64) -> Self {
        self.hunt.seed = Some(seed);
        self
    }

    /// How many runs at a time; one by default, because tests run beside each other.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.hunt.jobs = jobs;
        self
    }

    /// How long everything may take once faults have healed.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.hunt.grace = Some(grace);
        self
    }

    /// The folder beneath which a failure is saved; `runs` in the current one.
    pub fn save_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Hunts for a failure.
    ///
    /// # Panics
    /// With the [`Failure`] if there is one, and if the scenario makes no sense.
    #[track_caller]
    pub fn run(self) {
        if let Err(failure) = self.try_run() {
            panic!("{failure}");
        }
    }

    /// Hunts for a failure; gives what the runs have reached.
    ///
    /// # Errors
    /// The first failure.
    ///
    /// # Panics
    /// If the scenario makes no sense.
    #[track_caller]
    pub fn try_run(self) -> Result<Report, Box<Failure>> {
        let plan = self.plan();
        let hunt = Hunt { hazards: Some(self.hazards()), ..self.hunt.clone() };
        let report = hunt.run(&self.registry, &plan, &|_| false, |_| {});
        let report = report.unwrap_or_else(|why| panic!("{why}"));
        match report.groups.first() {
            None => Ok(report),
            Some(group) => {
                let seed = group.first_seed;
                let shrunk = group.shrunk.as_ref().expect("the first failures are shrunk");
                Err(Box::new(Failure::save(&self.folder, &plan, seed, shrunk)))
            }
        }
    }

    /// Runs exactly this scenario once: for tests whose parts proptest draws. A goal must be
    /// reached once faults have healed; a run that is too short to tell passes.
    ///
    /// # Errors
    /// The failure, for proptest.
    ///
    /// # Panics
    /// If the scenario makes no sense.
    pub fn holds(self) -> Result<Outcome, TestCaseError> {
        let plan = self.plan();
        let outcome = plan.run(None, RunOptions::default());
        if outcome.verdict() != Verdict::Failed {
            return Ok(outcome);
        }
        let shrunk = smallest(&self.registry, &plan, self.hunt.shrink_runs);
        let shrunk = shrunk.expect("it has just failed");
        let failure = Failure::save(&self.folder, &plan, outcome.seed, &shrunk);
        Err(TestCaseError::fail(failure.to_string()))
    }

    /// The kinds of fault that were asked for, or those that the node must put up with.
    fn hazards(&self) -> Vec<Hazard> {
        let transport = self.sections.iter().any(|(name, _)| name == "transport");
        let row = self.registry.algorithm(self.algorithm).expect("it is registered");
        let promised = || Hazard::all_within(row.needs, true, transport);
        let mut hazards = self.hazards.clone().unwrap_or_else(promised);
        let serviced = self.sections.iter().any(|(name, _)| name == "service");
        hazards.retain(|hazard| serviced || *hazard != Hazard::Slow);
        hazards
    }

    #[track_caller]
    fn plan(&self) -> Plan {
        let Check { algorithm, nodes, .. } = self;
        let name = format!("{algorithm}-test");
        let text = format!("Scenario(name: {name:?}, nodes: {nodes}, algorithm: {algorithm}())");
        let mut source = Source::new(format!("{name}.ron"), text);
        let explain = |problems| -> ! { panic!("the scenario makes no sense: {problems}") };
        for (path, value) in &self.sections {
            source.set(path, value).unwrap_or_else(|problems| explain(problems));
        }
        load(&self.registry, &source).unwrap_or_else(|problems| explain(problems))
    }
}
