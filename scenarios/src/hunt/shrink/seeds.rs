//! Another seed: what takes a long run with one often happens at once with another.

use seedbed_node::Duration;

use super::times::{REQUESTS, lengthened, shifted, starts};
use super::{Shrinker, requests};
use crate::hunt::draft::{at_mut, find_all, number, set_field, text, tuple, whole_of};
use crate::text::Node;

/// Runs with fewer operations are small already.
const REQUESTS_MIN: u64 = 4;

/// How many seeds are tried, from 0.
const SEEDS: u64 = 24;

/// One way to ask for less.
struct How {
    /// Faults from the start on, instead of where they are.
    at_once: bool,
    /// All requests are about one thing.
    alike: bool,
    /// Clients pause for longer, and faults last longer, so that there is time for what the faults
    /// lead to before somebody asks.
    slowly: bool,
}

const HOWS: [How; 4] = [
    How { at_once: true, alike: true, slowly: false },
    How { at_once: false, alike: true, slowly: false },
    How { at_once: true, alike: false, slowly: false },
    How { at_once: true, alike: true, slowly: true },
];

/// The longest of the longer pauses.
const SLOWLY: Duration = Duration::from_secs(1);

impl Shrinker<'_> {
    /// A few requests of each client, with other seeds; whether something was found.
    pub(super) fn reseed(&mut self) -> bool {
        let Some(workload) = self.best.get("workload") else { return false };
        let counted =
            |name: &'static str| move |node: &Node| node.field(name).and_then(whole_of).is_some();
        let Some(path) = find_all(workload, &counted(REQUESTS)).pop() else { return false };
        let things = find_all(workload, &counted("count")).pop();
        if requests(&self.outcome) <= REQUESTS_MIN {
            return false;
        }
        let first = starts(&self.best).min().unwrap_or(Duration::ZERO);
        for fewer in 1..=3 {
            for seed in 0..SEEDS {
                for how in HOWS {
                    let by = if how.at_once { first } else { Duration::ZERO };
                    let mut draft = shifted(&self.best, by);
                    draft.set("seed", number(seed));
                    if how.slowly {
                        draft = lengthened(&draft, SLOWLY);
                    }
                    let Some(workload) = draft.get_mut("workload") else { return false };
                    let clients = at_mut(workload, &path);
                    set_field(clients, REQUESTS, number(fewer));
                    for pause in ["think", "every"] {
                        if how.slowly && clients.field(pause).is_some() {
                            let bounds = [Duration::ZERO, SLOWLY].map(|d| text(d.to_string()));
                            set_field(clients, pause, tuple("Uniform", bounds.into()));
                        }
                    }
                    if let (Some(things), true) = (&things, how.alike) {
                        set_field(at_mut(workload, things), "count", number(1));
                    }
                    if self.attempt_if(draft, |old, new| requests(new) < requests(old)) {
                        return true;
                    }
                }
            }
        }
        false
    }
}
