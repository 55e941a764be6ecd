//! Liveness: everybody who is up comes to follow one leader.
//!
//! Nothing is due before an election has been asked for or has begun. With a deadline, all must
//! follow one live leader within it after each request, crash, boot, resumption or healing;
//! deadlines do not run while the network is broken. Without, they must once the run is quiet. At
//! that end, a leader that crashed after the last elections had begun is excused: nobody has
//! noticed.

use seedbed_node::{Breach, Checker, Conclusion, Duration, Ending, Names, Observation, Time, What};

use crate::election::views::Views;
use crate::election::{Event, Request};

/// After an election, everybody who is up follows the same leader, which is up.
#[derive(Clone, Hash, Debug)]
pub struct Learned {
    within: Option<Duration>,
    views: Views,
    /// When an election was asked for or begun last while there was none.
    called: Option<Time>,
    network_whole: bool,
    /// Since when opinions may no longer differ for longer than the deadline.
    unsettled: Option<Time>,
    /// The deadline that was missed first.
    late: Option<Breach>,
}

impl Learned {
    /// With a deadline, or (`None`) by the time at which the run goes quiet.
    pub fn new(within: Option<Duration>) -> Self {
        Learned {
            within,
            views: Views::default(),
            called: None,
            network_whole: true,
            unsettled: None,
            late: None,
        }
    }

    /// Notes the first missed deadline, if `now` is past one.
    fn note_lateness(&mut self, now: Time, names: &Names) {
        let (Some(since), Some(within)) = (self.unsettled, self.within) else { return };
        if now > since + within && self.late.is_none() {
            let opinions = self.views.opinions(names);
            let why = format!("{within} after {since}, {opinions}");
            self.late = Some(Breach { at: since + within, why });
        }
    }

    /// Whether all follow a leader that crashed too late for anybody to notice.
    fn excused(&self) -> bool {
        self.views.common_leader().is_some_and(|followed| {
            let crashed = self.views.of(followed.leader).map(|view| view.changed);
            crashed.zip(self.called).is_some_and(|(crashed, called)| crashed >= called)
        })
    }
}

impl Checker<Request, Event> for Learned {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>) -> Result<(), Breach> {
        self.note_lateness(seen.at, seen.names);
        let at_rest = self.views.awake().all(|(_, view)| view.started.is_none());
        self.views.observe(seen);
        let calls = matches!(
            seen.what,
            What::Request { .. } | What::Event { event: Event::Started { .. }, .. }
        );
        if calls && (at_rest || self.called.is_none()) {
            self.called = Some(seen.at);
        }
        let disturbs = match seen.what {
            What::NetworkFault => {
                self.network_whole = false;
                false
            }
            What::NetworkHealed => {
                self.network_whole = true;
                true
            }
            What::Request { .. } | What::Crash { .. } | What::Boot { .. } | What::Resume { .. } => {
                true
            }
            What::Event { .. } | What::Complete { .. } | What::Pause { .. } => false,
        };
        if self.called.is_none() || !self.network_whole || self.views.settled() {
            self.unsettled = None;
        } else if disturbs || self.unsettled.is_none() {
            self.unsettled = Some(seen.at);
        }
        Ok(())
    }

    fn finish(&mut self, ending: &Ending<'_>) -> Conclusion {
        self.note_lateness(ending.at, ending.names);
        if let Some(late) = self.late.take() {
            return Conclusion::Failed(late);
        }
        let never_asked = self.called.is_none() && ending.pending.is_empty();
        if never_asked || self.views.settled() || (ending.quiet && self.excused()) {
            return Conclusion::Held;
        }
        let (at, opinions) = (ending.at, self.views.opinions(ending.names));
        if ending.quiet {
            Conclusion::Failed(Breach { at, why: format!("for ever, {opinions}") })
        } else {
            Conclusion::Inconclusive(format!("the run ended at {at} while {opinions}"))
        }
    }
}
