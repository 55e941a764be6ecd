//! What can happen in a state.

use seedbed_node::NodeId;

use super::Instance;
use super::bounds::Timing;
use super::machine::Input;
use super::state::{Mail, State};
use super::step::{Action, Outcome, Task, deliver_task, fire_task, urgent_task};

impl Instance {
    /// Every action that `state` allows.
    pub(super) fn list(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken != 0 {
            return;
        }
        if let Some(first) = state.urgent.first() {
            return self.outcomes(state, urgent_task(*first), |o| actions.push(Action::Urgent(o)));
        }
        self.list_mail(state, actions);
        for armed in state.timers.iter().filter(|armed| armed.left == 0) {
            self.outcomes(state, fire_task(armed), |o| actions.push(Action::Fire(*armed, o)));
        }
        for (at, sleeper) in state.sleepers.iter().enumerate() {
            // Which of several equal ones it is makes no difference.
            let again = at > 0 && state.sleepers[at - 1] == *sleeper;
            if sleeper.left == 0 && !again {
                actions.push(Action::Wake(*sleeper));
            }
        }
        self.list_faults(state, actions);
        if self.may_tick(state) {
            actions.push(Action::Tick);
        }
    }

    fn list_mail(&self, state: &State, actions: &mut Vec<Action>) {
        for (at, mail) in state.mail.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &state.mail[before]);
            let behind = before.is_some_and(|before| {
                mail == before || (before.link() == mail.link() && self.fifo(mail))
            });
            if behind {
                continue;
            }
            if self.has_come(mail) {
                self.outcomes(state, deliver_task(mail), |o| {
                    actions.push(Action::Deliver(*mail, o))
                });
            }
            if state.used.losses < self.bounds.losses {
                actions.push(Action::Lose(*mail));
            }
            if state.used.duplications < self.bounds.duplications {
                actions.push(Action::Duplicate(*mail));
            }
        }
    }

    fn list_faults(&self, state: &State, actions: &mut Vec<Action>) {
        for node in (0..self.nodes).map(NodeId) {
            let host = state.hosts[node.index()];
            if state.is_up(node) {
                if self.may_crash(state, node) {
                    for writes_kept in 0..=self.machine.unforced(host) {
                        actions.push(Action::Crash(node, writes_kept));
                    }
                }
            } else if self.may_boot(state, node) {
                let task = Task { node, input: Input::Boot };
                self.outcomes(state, task, |o| actions.push(Action::Boot(node, o)));
            }
        }
    }

    pub(super) fn may_boot(&self, state: &State, node: NodeId) -> bool {
        if self.machine.booted(state.hosts[node.index()]) {
            state.used.restarts < self.bounds.restarts
        } else {
            self.bounds.late.contains(&node)
        }
    }

    /// Whether a message may arrive now: in time that is bounded, not too early.
    fn has_come(&self, mail: &Mail) -> bool {
        match self.bounds.time {
            Timing::Asynchronous => true,
            Timing::Bounded { min, .. } => mail.age >= min,
        }
    }

    /// No tick passes while something is overdue, and none if nothing waits for it.
    fn may_tick(&self, state: &State) -> bool {
        let Timing::Bounded { max, .. } = self.bounds.time else { return false };
        let waits =
            !state.mail.is_empty() || !state.timers.is_empty() || !state.sleepers.is_empty();
        waits
            && state.mail.iter().all(|mail| mail.age < max)
            && state.timers.iter().all(|armed| armed.left > 0)
            && state.sleepers.iter().all(|sleeper| sleeper.left > 0)
    }

    /// What can come of a task. At a node that is down, one thing: nothing.
    pub(super) fn outcomes(&self, state: &State, task: Task, mut each: impl FnMut(Outcome)) {
        if task.input != Input::Boot && !state.is_up(task.node) {
            return each(Outcome::default());
        }
        let host = state.hosts[task.node.index()];
        let reaction = self.machine.react(host, task.input, state.now);
        for (branch, what) in (0..).zip(self.machine.branches(reaction)) {
            let crash = what.crash_after.is_some();
            if !crash || self.may_crash(state, task.node) {
                each(Outcome { reaction, branch, crash });
            }
        }
    }

    pub(super) fn may_crash(&self, state: &State, node: NodeId) -> bool {
        let victim = self.bounds.victims.is_empty() || self.bounds.victims.contains(&node);
        victim && state.used.crashes < self.bounds.crashes
    }
}
