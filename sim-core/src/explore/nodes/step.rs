//! What can happen, and what comes of it.

use seedbed_node::NodeId;

use super::Instance;
use super::bounds::Timing;
use super::machine::{Act, Branch, Deed, Input, Seen, Stimulus};
use super::names::Name;
use super::state::{Armed, Mail, Sleeper, State, Urgent};

/// What can happen. It says what it is about, not where that is kept, so that an action means the
/// same in every state that allows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// What must be handled before anything else.
    Urgent(Outcome),
    /// A message arrives.
    Deliver(Mail, Outcome),
    /// A message is lost.
    Lose(Mail),
    /// The network makes a second copy of a message.
    Duplicate(Mail),
    /// A timer expires.
    Fire(Armed, Outcome),
    /// A client wakes up.
    Wake(Sleeper),
    /// A node crashes, and so many of its unforced writes are on the disk all the same.
    Crash(NodeId, u32),
    /// A node that is down boots.
    Boot(NodeId, Outcome),
    /// A tick of time passes.
    Tick,
}

/// Which of the things that can come of a handler comes of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Outcome {
    /// The reaction, by number.
    pub(super) reaction: u32,
    /// The place among its branches.
    pub(super) branch: u32,
    /// Whether the node crashes between two effects.
    pub(super) crash: bool,
}

/// What a node is about to handle.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub node: NodeId,
    pub input: Input,
}

/// Something that happens in the course of an action.
#[derive(Clone, Copy)]
pub(super) enum Note<'a> {
    /// A node handles something, and this comes of it.
    Handled(Task, &'a Branch),
    /// A node sends.
    Sent { from: NodeId, to: NodeId, letter: Name },
    /// Judges see something.
    Seen(Seen),
}

/// Who wants to know what happens in the course of an action: nobody while searching.
pub(super) trait Log {
    fn note(&mut self, note: Note<'_>);
}

impl Log for () {
    fn note(&mut self, _: Note<'_>) {}
}

impl Instance {
    /// What comes of a handler.
    pub(super) fn branch(&self, outcome: Outcome) -> &Branch {
        &self.machine.branches(outcome.reaction)[outcome.branch as usize]
    }

    /// Carries an action out.
    pub(super) fn carry_out(&self, state: &mut State, action: Action, log: &mut impl Log) {
        match action {
            Action::Urgent(outcome) => {
                let first = state.urgent.remove(0);
                self.urgent(state, first, outcome, log);
            }
            Action::Deliver(mail, outcome) => {
                take(&mut state.mail, mail);
                if state.is_up(mail.destination()) {
                    self.perform(state, deliver_task(&mail), outcome, log);
                }
            }
            Action::Lose(mail) => {
                take(&mut state.mail, mail);
                state.used.losses += 1;
            }
            Action::Duplicate(mail) => {
                let at = state.mail.iter().position(|other| *other == mail).expect("it was listed");
                state.mail.insert(at, mail);
                state.used.duplications += 1;
            }
            Action::Fire(armed, outcome) => {
                take(&mut state.timers, armed);
                self.perform(state, fire_task(&armed), outcome, log);
            }
            Action::Wake(sleeper) => {
                take(&mut state.sleepers, sleeper);
                let Sleeper { client, tag, .. } = sleeper;
                self.rouse(state, Stimulus::Wake { client, tag }, log);
            }
            Action::Crash(node, writes_kept) => {
                state.used.crashes += 1;
                let host = &mut state.hosts[node.index()];
                *host = self.machine.crash(*host, writes_kept);
                self.stop(state, node, log);
            }
            Action::Boot(node, outcome) => {
                if self.machine.booted(state.hosts[node.index()]) {
                    state.used.restarts += 1;
                }
                self.boot(state, node, outcome, log);
            }
            Action::Tick => self.tick(state),
        }
        self.settle(state, log);
    }

    /// Handles what is urgent, as long as only one thing can come of it.
    pub(super) fn settle(&self, state: &mut State, log: &mut impl Log) {
        while state.broken == 0
            && let Some(first) = state.urgent.first().copied()
            && let Some(outcome) = self.only_outcome(state, urgent_task(first))
        {
            state.urgent.remove(0);
            self.urgent(state, first, outcome, log);
        }
        self.forget_mail_for_the_dead(state);
    }

    fn only_outcome(&self, state: &State, task: Task) -> Option<Outcome> {
        let (mut count, mut last) = (0, None);
        self.outcomes(state, task, |outcome| (count, last) = (count + 1, Some(outcome)));
        last.filter(|_| count == 1)
    }

    fn urgent(&self, state: &mut State, urgent: Urgent, outcome: Outcome, log: &mut impl Log) {
        match urgent {
            Urgent::Request { node, request, .. } if !state.is_up(node) => {
                self.rouse(state, Stimulus::Refused { client: node, request }, log);
            }
            Urgent::Request { node, operation, request } => {
                self.observe(state, Seen::Request { node, operation, request }, log);
                self.perform(state, urgent_task(urgent), outcome, log);
            }
            Urgent::Own { node, .. } => {
                if state.is_up(node) {
                    self.perform(state, urgent_task(urgent), outcome, log);
                }
            }
        }
    }

    /// Boots a node, which must be down.
    pub(super) fn boot(
        &self,
        state: &mut State,
        node: NodeId,
        outcome: Outcome,
        log: &mut impl Log,
    ) {
        let again = self.machine.booted(state.hosts[node.index()]);
        state.set_up(node, true);
        self.observe(state, Seen::Boot { node }, log);
        self.perform(state, Task { node, input: Input::Boot }, outcome, log);
        let client = node;
        let stimulus =
            if again { Stimulus::Restart { client } } else { Stimulus::Start { client } };
        self.rouse(state, stimulus, log);
    }

    /// A node that is up handles something.
    fn perform(&self, state: &mut State, task: Task, outcome: Outcome, log: &mut impl Log) {
        let branch = self.branch(outcome);
        let Branch { crash_after, host, deeds, panic, .. } = branch;
        let node = task.node;
        log.note(Note::Handled(task, branch));
        state.hosts[node.index()] = *host;
        for deed in deeds {
            self.make_true(state, node, *deed, log);
        }
        if panic.is_some() {
            state.broken = self.panic_number();
        }
        if crash_after.is_some() {
            state.used.crashes += 1;
            self.stop(state, node, log);
        }
    }

    fn make_true(&self, state: &mut State, node: NodeId, deed: Deed, log: &mut impl Log) {
        match deed {
            Deed::Send { to, letter } => {
                log.note(Note::Sent { from: node, to, letter });
                if to == node {
                    state.urgent.push(Urgent::Own { node, letter });
                } else if to.0 < self.nodes {
                    let (from, to) = (node.0 as u16, to.0 as u16);
                    self.post(state, Mail { from, to, letter, age: 0 });
                }
            }
            Deed::Set { timer, operation, ticks } => {
                state.timers.retain(|armed| (armed.node, armed.timer) != (node, timer));
                let armed = Armed { node, timer, operation, left: ticks };
                let place = state.timers.partition_point(|other| *other < armed);
                state.timers.insert(place, armed);
            }
            Deed::Cancel { timer } => {
                state.timers.retain(|armed| (armed.node, armed.timer) != (node, timer));
            }
            Deed::Emit { event } => {
                self.observe(state, Seen::Event { node, event }, log);
                self.rouse(state, Stimulus::Event { client: node, event }, log);
            }
        }
    }

    /// Puts a message on its way.
    fn post(&self, state: &mut State, mail: Mail) {
        let place = if self.fifo(&mail) {
            state.mail.partition_point(|other| other.link() <= mail.link())
        } else {
            state.mail.partition_point(|other| *other < mail)
        };
        state.mail.insert(place, mail);
    }

    /// A node has stopped: its timers are gone.
    fn stop(&self, state: &mut State, node: NodeId, log: &mut impl Log) {
        state.set_up(node, false);
        state.timers.retain(|armed| armed.node != node);
        self.observe(state, Seen::Crash { node }, log);
    }

    /// Messages to a node that will never be up again make no difference.
    fn forget_mail_for_the_dead(&self, state: &mut State) {
        let hopeless = |node: NodeId| !state.is_up(node) && !self.may_boot(state, node);
        let mut dead = 0u64;
        for node in (0..self.nodes).map(NodeId).filter(|node| hopeless(*node)) {
            dead |= 1 << node.0;
        }
        if dead != 0 {
            state.mail.retain(|mail| dead >> mail.to & 1 == 0);
        }
    }

    fn tick(&self, state: &mut State) {
        let Timing::Bounded { max, .. } = self.bounds.time else {
            unreachable!("only bounded time passes")
        };
        for mail in &mut state.mail {
            mail.age = (mail.age + 1).min(max);
        }
        for armed in &mut state.timers {
            armed.left -= 1;
        }
        for sleeper in &mut state.sleepers {
            sleeper.left -= 1;
        }
        if self.keeps_time {
            state.now += 1;
        }
    }

    pub(super) fn observe(&self, state: &mut State, seen: Seen, log: &mut impl Log) {
        log.note(Note::Seen(seen));
        let (judges, broken) = self.outside.observe(state.judges, seen);
        state.judges = judges;
        if state.broken == 0 {
            state.broken = broken;
        }
    }

    pub(super) fn rouse(&self, state: &mut State, stimulus: Stimulus, log: &mut impl Log) {
        let response = self.outside.rouse(state.clients, stimulus);
        state.clients = response.clients;
        let client = stimulus.client();
        for act in &response.acts {
            match *act {
                Act::Request { operation, request } => {
                    let ask = Urgent::Request { node: client, operation, request };
                    // Requests go before what nodes tell themselves.
                    let place = state.urgent.iter().position(|u| matches!(u, Urgent::Own { .. }));
                    state.urgent.insert(place.unwrap_or(state.urgent.len()), ask);
                }
                Act::Complete { operation } => {
                    self.observe(state, Seen::Complete { operation }, log)
                }
                Act::Sleep { tag, ticks } => {
                    let sleeper = Sleeper { client, tag, left: ticks };
                    let place = state.sleepers.partition_point(|other| *other < sleeper);
                    state.sleepers.insert(place, sleeper);
                }
            }
        }
    }

    /// Whether the message travels on a link that keeps its order.
    pub(super) fn fifo(&self, mail: &Mail) -> bool {
        self.ordered[usize::from(mail.from) * self.nodes as usize + usize::from(mail.to)]
    }
}

/// Removes one of the items that equal `what`.
fn take<T: PartialEq>(items: &mut Vec<T>, what: T) {
    let at = items.iter().position(|item| *item == what).expect("it was listed");
    items.remove(at);
}

pub(super) fn urgent_task(urgent: Urgent) -> Task {
    match urgent {
        Urgent::Request { node, operation, request } => {
            Task { node, input: Input::Request { operation, request } }
        }
        Urgent::Own { node, letter } => Task { node, input: Input::Letter(letter) },
    }
}

pub(super) fn deliver_task(mail: &Mail) -> Task {
    Task { node: mail.destination(), input: Input::Letter(mail.letter) }
}

pub(super) fn fire_task(armed: &Armed) -> Task {
    let Armed { node, timer, operation, .. } = *armed;
    Task { node, input: Input::Timer { timer, operation } }
}
