//! Safety: all servers deliver one sequence (DSN 2011).
//!
//! The paper's two properties together say that any two servers' deliveries are prefixes of one
//! sequence; a delivery that is no such thing breaks one or the other.

use seedbed_node::{Breach, Checker, Observation};

use super::sequence::{Fit, Sequence};
use crate::zab::{Event, Request};

/// Total order: if some server delivers a before b, whoever delivers b delivers a before it.
#[derive(Clone, Hash, Debug, Default)]
pub struct TotalOrder(Sequence);

/// Agreement: of any two servers' last deliveries, one server has delivered the other's too.
#[derive(Clone, Hash, Debug, Default)]
pub struct Agreement(Sequence);

impl Checker<Request, Event> for TotalOrder {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match self.0.observe(seen) {
            Some(Fit::Elsewhere(other)) => Err(breach(seen, &other, "in the place of")),
            Some(Fit::New | Fit::Same | Fit::Instead(_)) | None => Ok(()),
        }
    }
}

impl Checker<Request, Event> for Agreement {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        match self.0.observe(seen) {
            Some(Fit::Instead(other)) => Err(breach(seen, &other, "instead of")),
            Some(Fit::New | Fit::Same | Fit::Elsewhere(_)) | None => Ok(()),
        }
    }
}

fn breach(
    seen: &Observation<'_, Request, Event>,
    other: &super::sequence::First,
    how: &str,
) -> Breach {
    let (at, names) = (seen.at, seen.names);
    let seedbed_node::What::Event { node, event: Event::Delivered { zxid, value } } = seen.what
    else {
        unreachable!("only deliveries fit or do not")
    };
    let (who, whom) = (&names[node], &names[other.node]);
    let (place, since) = (other.transaction, other.at);
    let why = format!(
        "{who} delivered {zxid} ({value}) at {at} {how} {} ({}), which {whom} delivered at {since}",
        place.zxid, place.value
    );
    Breach { at, why }
}
