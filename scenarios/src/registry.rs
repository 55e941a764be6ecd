//! The open registry: families of algorithms and their members, the shipped ones and a reader's
//! own. A row is plain data and a few functions; types are erased once per run.

use seedbed_node::{Algorithm, Family, Field, Mutant, Needs, Params, Variant};

use crate::diagnose::nearest;
use crate::kernel::{self, Read};

/// What scenarios may name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: Vec<FamilyRow>,
    algorithms: Vec<AlgorithmRow>,
}

/// A family: what its scenarios may check and measure.
#[derive(Clone, PartialEq, Debug)]
pub struct FamilyRow {
    /// The name, such as `mutual-exclusion`.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// What one operation is called, such as `entry`.
    pub operation: &'static str,
    /// Safety checks.
    pub checks: Vec<JudgeRow>,
    /// Goals.
    pub goals: Vec<JudgeRow>,
    /// Figures of a whole run, by their names in outcomes.
    pub figures: &'static [&'static str],
    /// Samples, which outcomes summarise as `_mean`, `_p50`, `_p95`, `_p99`, `_max`.
    pub samples: &'static [&'static str],
    /// Whether its runs give a history, which can be checked for consistency.
    pub history: bool,
}

/// A check or goal by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JudgeRow {
    /// The name, such as `MutualExclusion`.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// Whether it needs the true causality, a table of all pairs of nodes.
    pub needs_causality: bool,
}

/// An algorithm.
#[derive(Clone)]
pub struct AlgorithmRow {
    /// The name in scenarios, such as `RicartAgrawala`.
    pub name: &'static str,
    /// The name in prose and file names, such as `ricart-agrawala`.
    pub slug: String,
    /// The family's name.
    pub family: &'static str,
    /// One line.
    pub about: &'static str,
    /// Authors, venue, year.
    pub source: &'static str,
    /// Messages per operation, as the literature writes it.
    pub complexity: &'static str,
    /// Checks and goals of the family that it does not promise.
    pub unpromised: &'static [&'static str],
    /// What it assumes.
    pub needs: Needs,
    /// Its named forms.
    pub variants: &'static [Variant],
    /// Its parameters, hidden ones included.
    pub fields: &'static [Field],
    /// The rare paths whose taking it tells of.
    pub probes: &'static [&'static str],
    /// Bugs that its hidden parameters can give it.
    pub mutants: &'static [Mutant],
    pub(crate) read: Read,
}

impl std::fmt::Debug for AlgorithmRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlgorithmRow").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry without any row.
    pub fn empty() -> Self {
        Registry::default()
    }

    /// Everything that is shipped, family by family.
    pub fn standard() -> Self {
        use seedbed_algorithms as shipped;
        Registry::empty()
            // Clock synchronisation.
            .with::<shipped::Cristian>()
            .with::<shipped::Ntp>()
            .with::<shipped::Berkeley>()
            .with::<shipped::Marzullo>()
            .with::<shipped::LamportPhysical>()
            // Multicast.
            .with::<shipped::FifoMulticast>()
            .with::<shipped::CausalMulticast>()
            .with::<shipped::Sequencer>()
            .with::<shipped::TotalOrderLamport>()
            // Mutual exclusion.
            .with::<shipped::Lamport>()
            .with::<shipped::RicartAgrawala>()
            .with::<shipped::RoucairolCarvalho>()
            .with::<shipped::Maekawa>()
            .with::<shipped::SuzukiKasami>()
            .with::<shipped::Raymond>()
            .with::<shipped::TokenRing>()
            .with::<shipped::Centralised>()
            .with::<shipped::CentralisedLease>()
            .with::<shipped::DecentralisedVoting>()
            // Elections.
            .with::<shipped::Bully>()
            .with::<shipped::LeLann>()
            .with::<shipped::ChangRoberts>()
            .with::<shipped::TanenbaumRing>()
            .with::<shipped::HirschbergSinclair>()
            .with::<shipped::ZooKeeperNotes>()
            .with::<shipped::FastLeaderElection>()
            // Atomic broadcast.
            .with::<shipped::Zab>()
            // Naming.
            .with::<shipped::Chord>()
            // Atomic commitment.
            .with::<shipped::TwoPhaseCommit>()
            .with::<shipped::ThreePhaseCommit>()
            // Replication.
            .with::<shipped::ChainReplication>()
            .with::<shipped::PrimaryBackup>()
            .with::<shipped::CapRegister>()
            .with::<shipped::FencedLease>()
    }

    /// Adds an algorithm and, if it is the first of its family, the family.
    ///
    /// # Panics
    /// If there is already an algorithm of that name.
    pub fn with<A: Algorithm>(mut self) -> Self {
        assert!(self.algorithm(A::NAME).is_none(), "two algorithms are called {}", A::NAME);
        if self.family(A::Family::NAME).is_none() {
            self.families.push(FamilyRow::of::<A::Family>());
        }
        self.algorithms.push(AlgorithmRow {
            name: A::NAME,
            slug: slug(A::NAME),
            family: A::Family::NAME,
            about: A::ABOUT,
            source: A::SOURCE,
            complexity: A::COMPLEXITY,
            unpromised: A::UNPROMISED,
            needs: A::NEEDS,
            variants: A::VARIANTS,
            fields: A::Params::FIELDS,
            probes: A::PROBES,
            mutants: A::MUTANTS,
            read: kernel::read::<A>,
        });
        self
    }

    /// All families, in the order in which they were added.
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilyRow> {
        self.families.iter()
    }

    /// All algorithms, in the order in which they were added.
    pub fn algorithms(&self) -> impl ExactSizeIterator<Item = &AlgorithmRow> {
        self.algorithms.iter()
    }

    /// The family called `name`.
    pub fn family(&self, name: &str) -> Option<&FamilyRow> {
        self.families.iter().find(|row| row.name == name)
    }

    /// The algorithm called `name`, by either of its names.
    pub fn algorithm(&self, name: &str) -> Option<&AlgorithmRow> {
        self.algorithms.iter().find(|row| row.name == name || row.slug == name)
    }

    /// The algorithm whose name is nearest to `name`, for error messages.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        nearest(name, self.algorithms.iter().map(|row| row.name))
    }
}

impl FamilyRow {
    fn of<F: Family>() -> Self {
        let checks = F::checks().into_iter().map(|row| JudgeRow {
            name: row.name,
            about: row.about,
            needs_causality: (row.build)().needs_causality(),
        });
        let goals = F::goals().into_iter().map(|row| JudgeRow {
            name: row.name,
            about: row.about,
            needs_causality: (row.build)(None).needs_causality(),
        });
        FamilyRow {
            name: F::NAME,
            about: F::ABOUT,
            operation: F::OPERATION,
            checks: checks.collect(),
            goals: goals.collect(),
            figures: F::FIGURES,
            samples: F::SAMPLES,
            history: F::history().is_some(),
        }
    }
}

/// `RicartAgrawala` as `ricart-agrawala`.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !slug.is_empty() {
            slug.push('-');
        }
        slug.push(c.to_ascii_lowercase());
    }
    slug
}
