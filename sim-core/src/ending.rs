//! When a run is over.

use seedbed_node::Node;

use crate::kernel::Kernel;
use crate::outcome::EndedBy;
use crate::world::StopWhen;

impl<N: Node> Kernel<N> {
    /// Decides whether the run is over.
    #[inline(never)]
    pub fn check_end(&mut self) {
        if self.ended.is_some() {
            return;
        }
        self.ended = match self.stop.when {
            _ if self.idle() => Some(EndedBy::Quiet),
            StopWhen::At(stop) if self.queue.next_time().is_some_and(|next| next > stop) => {
                self.ended_at = stop;
                Some(EndedBy::Time)
            }
            StopWhen::Served if self.served() => Some(EndedBy::Served),
            _ if self.events.saturating_add(self.wanders) >= self.stop.events_max => {
                Some(EndedBy::EventLimit)
            }
            StopWhen::Quiet | StopWhen::Served | StopWhen::At(_) => None,
        };
    }
}
