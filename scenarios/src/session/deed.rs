//! What somebody does by hand in the place of network, clock and fate.

use seedbed_core::{MessageName, Scheduled, ScheduledStep, WaitingFor};
use seedbed_node::{Duration, NodeId};

use super::Session;

/// By how much virtual time moves on with every deed, so that a diagram shows one after the other.
const PACE: Duration = Duration::from_millis(1);

/// Something done by hand.
#[derive(Clone, PartialEq, Debug)]
pub enum Deed {
    /// What waits happens now: a message arrives, a timer fires, a client wakes, a request is handled.
    Happen(WaitingFor),
    /// A message is lost.
    Lose(WaitingFor),
    /// A message arrives twice: a copy is put beside it.
    Duplicate(WaitingFor),
    /// A node crashes; what it had not forced to the disk is gone.
    Crash(NodeId),
    /// A node that is down boots.
    Boot(NodeId),
}

impl Session {
    /// Does something by hand. The first deed takes the run over: from then on nothing happens by
    /// itself.
    ///
    /// # Errors
    /// If a schedule cannot say what has happened so far, or the deed is not possible now. Nothing
    /// has changed then.
    pub fn act(&mut self, deed: &Deed) -> Result<(), String> {
        let was_by_hand = self.is_by_hand();
        let before = self.view.events;
        if !was_by_hand {
            self.hand = Some(self.recorded()?);
            self.replay();
        }
        let done = self.step_of(deed).and_then(|step| {
            let at = self.view.now + PACE;
            self.add(Scheduled::new(at, step))
        });
        if done.is_err() && !was_by_hand {
            self.hand = None;
            self.restart();
            self.seek(before);
        }
        done
    }

    /// The step that a deed comes to.
    fn step_of(&self, deed: &Deed) -> Result<ScheduledStep, String> {
        let message = |waiting: &WaitingFor| match self.name_of(waiting) {
            Some(name) if name.from == name.to => {
                Err("a message to oneself does not cross the network".to_owned())
            }
            Some(name) => Ok(name),
            None => Err("that is no message on its way".to_owned()),
        };
        Ok(match deed {
            Deed::Lose(waiting) => ScheduledStep::Lose(message(waiting)?),
            Deed::Duplicate(waiting) => ScheduledStep::Duplicate(message(waiting)?),
            Deed::Crash(node) => ScheduledStep::Crash { node: *node, writes_kept: 0 },
            Deed::Boot(node) => ScheduledStep::Boot { node: *node },
            Deed::Happen(WaitingFor::Timer { node, timer }) => {
                ScheduledStep::Timer { node: *node, timer: timer.clone() }
            }
            Deed::Happen(WaitingFor::Wake { client, tag }) => {
                ScheduledStep::Wake { client: *client, tag: *tag }
            }
            Deed::Happen(WaitingFor::Request { client, .. }) => {
                ScheduledStep::Request { client: *client }
            }
            Deed::Happen(waiting @ WaitingFor::Message { .. }) => {
                let name = self.name_of(waiting);
                ScheduledStep::Deliver(name.ok_or("that message is not on its way any more")?)
            }
            Deed::Happen(
                WaitingFor::Served(_)
                | WaitingFor::Resume(_)
                | WaitingFor::Fault(_)
                | WaitingFor::Undone(_),
            ) => return Err("that goes by the clock: crash and boot nodes instead".into()),
        })
    }

    /// The name of a message that was listed, perhaps before the run was taken over.
    fn name_of(&self, waiting: &WaitingFor) -> Option<MessageName> {
        let WaitingFor::Message { from, to, kind, rank, .. } = waiting else { return None };
        self.view.waiting.iter().find_map(|now| match &now.what {
            WaitingFor::Message { from: f, to: t, kind: k, rank: r, name, .. }
                if (f, t, k, r) == (from, to, kind, rank) =>
            {
                *name
            }
            _ => None,
        })
    }
}
