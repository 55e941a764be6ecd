//! How a scenario is explored.

use seedbed_core::World;
use seedbed_core::explore::nodes::{Bounds, Timing};
use seedbed_core::fault::Fault;

use super::{Check, Findings, expectation};
use crate::explore::{Exploring, Search};
use crate::schema::{ExploreForm, SearchForm, TimingForm};
use crate::text::{Directory, Spanned};

/// Beyond so many states a search is given up, unless the scenario says otherwise.
const STATES_MAX: u64 = 10_000_000;

/// The bounds and the way of an exploration; without a section, the simplest.
pub(crate) fn explore(
    form: Option<&ExploreForm>,
    world: &World,
    directory: &Directory,
    (checks, says_checks): (&[Check], bool),
    findings: &mut Findings,
) -> Exploring {
    let default = ExploreForm::default();
    let form = form.unwrap_or(&default);
    let late = world.faults.planned.iter().filter_map(|timed| match timed.fault {
        Fault::LateBoot(node) => Some(node),
        _ => None,
    });
    let bounds = Bounds {
        time: form.time.as_ref().map_or(Timing::Asynchronous, |time| timing(time, findings)),
        losses: form.losses,
        duplications: form.duplications,
        crashes: form.crashes,
        restarts: form.restarts,
        between_effects: form.between_effects,
        victims: form.victims.iter().map(|name| findings.member(directory, name)).collect(),
        late: late.collect(),
    };
    let search = match form.search {
        // Only depth-first search can leave anything out.
        None if form.reduce => Search::DepthFirst,
        None | Some(SearchForm::BreadthFirst) => Search::BreadthFirst,
        Some(SearchForm::DepthFirst) => Search::DepthFirst,
        Some(SearchForm::Deepening) => Search::Deepening,
        Some(SearchForm::Random { walks, depth }) => Search::Random { walks, depth },
    };
    Exploring {
        bounds,
        search,
        reduce: form.reduce,
        states_max: form.states_max.unwrap_or(STATES_MAX),
        depth_max: form.depth_max,
        expect: expectation(form.expect.as_ref(), checks, findings),
        unique_states: form.unique_states,
        says_checks,
    }
}

fn timing(form: &Spanned<TimingForm>, findings: &mut Findings) -> Timing {
    match form.value {
        TimingForm::Asynchronous => Timing::Asynchronous,
        TimingForm::Bounded { min, max, tick, ticks } => {
            if min > max || max == 0 {
                findings
                    .at(form.span, "messages take from `min` to `max` ticks, and `max` is not 0");
            }
            if tick.as_nanos() == 0 {
                findings.at(form.span, "a tick that takes no time never ends");
            }
            Timing::Bounded { min, max, tick, ticks }
        }
    }
}
