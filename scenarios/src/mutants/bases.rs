//! The scenarios that mutants are put into, and putting them there.

use seedbed_node::Mutant;

use crate::diagnose::Problems;
use crate::library::{Shipped, library};
use crate::load::load;
use crate::plan::{Expect, Plan};
use crate::registry::{AlgorithmRow, Registry};
use crate::text::{Format, Kind, Member, Source};

/// Name and text; in order of names.
const FILES: &[(&str, bool, &str)] = include!(concat!(env!("OUT_DIR"), "/mutants.rs"));

/// The scenarios of one algorithm in which nothing is wrong.
#[derive(Clone, Debug)]
pub struct Bases {
    /// The algorithm.
    pub algorithm: &'static str,
    /// Its name in file names.
    pub slug: String,
    /// Its mutants.
    pub mutants: &'static [Mutant],
    /// What is run.
    pub run: Vec<Plan>,
    /// What is hunted in, and explored where it says how. If there is nothing, hunts take what
    /// runs in the fewest events.
    pub small: Vec<Plan>,
}

impl Bases {
    /// The shipped ones of an algorithm: all that expect to hold are run; the one that the
    /// assumption matrix starts from is hunted in and explored.
    pub fn shipped(registry: &Registry, row: &AlgorithmRow) -> Bases {
        let written = |shipped: &Shipped| names(registry, &shipped.source(), row.name);
        let plans = library().filter(written).map(|shipped| loaded(registry, shipped));
        let run: Vec<Plan> =
            plans.filter(|p| p.algorithm == row.name && p.expect == Expect::Held).collect();
        let explored = format!("{}-explored", row.slug);
        let small = run.iter().filter(|plan| plan.name == explored).cloned().collect();
        Bases { algorithm: row.name, slug: row.slug.clone(), mutants: row.mutants, run, small }
    }

    /// A scenario of a reader's own.
    pub fn of(registry: &Registry, plan: Plan) -> Bases {
        let row = registry.algorithm(plan.algorithm).expect("a plan's row");
        let (run, small) = (vec![plan.clone()], vec![plan]);
        Bases { algorithm: row.name, slug: row.slug.clone(), mutants: row.mutants, run, small }
    }

    /// What was written for one mutant.
    pub(super) fn around(registry: &Registry, shipped: Shipped) -> Bases {
        Bases::of(registry, loaded(registry, shipped))
    }
}

/// Whether a source names this algorithm: most of the library need not be read for one of them.
fn names(registry: &Registry, source: &Source, name: &str) -> bool {
    let tree = source.tree().ok();
    let algorithm = tree.as_ref().and_then(|tree| tree.field("algorithm"));
    let named = algorithm.and_then(|node| node.name());
    named.is_some_and(|(named, _)| named == name && registry.algorithm(named).is_some())
}

fn loaded(registry: &Registry, shipped: Shipped) -> Plan {
    load(registry, &shipped.source())
        .unwrap_or_else(|problems| panic!("{}: {:?}", shipped.name, problems.first().data()))
}

/// The scenarios that were written for single mutants, in order of names: each holds without the
/// bug and names all that it takes to see it.
pub fn surroundings() -> impl ExactSizeIterator<Item = Shipped> {
    FILES.iter().map(|&(name, json, text)| Shipped {
        name,
        format: if json { Format::Json } else { Format::Ron },
        text,
    })
}

/// The one that was written for the mutant of an algorithm: `lamport-withholds-ack`.
pub fn surrounding(slug: &str, mutant: &str) -> Option<Shipped> {
    let name = format!("{slug}-{}", crate::registry::slug(mutant));
    surroundings().find(|shipped| shipped.name == name)
}

/// The scenario with these parameters of its algorithm, as [`Mutant::params`] writes them, set.
///
/// [`Mutant::params`]: seedbed_node::Mutant::params
///
/// # Errors
/// What is wrong with them.
pub fn spliced(registry: &Registry, plan: &Plan, params: &str) -> Result<Plan, Problems> {
    let mut source = plan.source.clone();
    let written = Source::new("mutant.ron", format!("({params})"));
    let tree = written.tree().map_err(|finding| Problems::new(&written, vec![finding]))?;
    let Kind::Group(group) = &tree.kind else { return Ok(plan.clone()) };
    for Member { key, value } in &group.members {
        let name = key.as_ref().map_or("", |(name, _)| name);
        let text = &written.text[value.span.start..value.span.end];
        source.set(&format!("algorithm.{name}"), text)?;
    }
    load(registry, &source)
}
