//! What to draw of multicast: deliveries, by sender and number.

use seedbed_node::{Marker, Marks, Observation, What};

use super::{Event, Request};

/// Marks deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryMarks;

impl Marker<Request, Event> for DeliveryMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        if let What::Event { node, event: Event::Delivered { from, number } } = seen.what {
            marks.point(node, "delivery", format!("{} {number}", &seen.names[*from]));
        }
    }
}
