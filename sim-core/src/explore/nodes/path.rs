//! A path as a schedule that a run can follow, and as lines that people can read.

use seedbed_node::{Duration, NodeId, Time};

use super::Instance;
use super::bounds::Timing;
use super::machine::{Branch, Input, Seen, Shown};
use super::names::Name;
use super::state::{Mail, State, Urgent};
use super::step::{Action, Log, Note, Task};
use crate::schedule::{MessageName, Schedule, Scheduled, ScheduledStep};

/// One step of a path, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// When it happens in the schedule.
    pub at: Time,
    /// The node that acts, if one does.
    pub node: Option<NodeId>,
    /// The message that it is about: from whom, to whom, what it says.
    pub message: Option<(NodeId, NodeId, String)>,
    /// What happens.
    pub what: String,
    /// What comes of it, in order: messages that are sent, what clients and nodes say to each other.
    pub then: Vec<String>,
}

/// A path that has been walked once more, with everything noted down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Walked {
    /// What a run can follow.
    pub schedule: Schedule,
    /// The same in words.
    pub lines: Vec<Line>,
    /// Where it leads.
    pub end: State,
}

/// In asynchronous time, steps are so far apart.
const APART: Duration = Duration::from_millis(1);

impl Instance {
    /// Walks a path from one of the initial states; what comes from `repeats_from` on is what
    /// repeats itself for ever.
    pub fn walk(&self, initial: usize, path: &[Action], repeats_from: Option<usize>) -> Walked {
        let mut diary = Diary::new(self);
        let mut state = self.boot_as(&self.boots()[initial], &mut diary);
        diary.forget_lines();
        let mut ticks = 0;
        let mut cycle = None;
        for (place, action) in path.iter().enumerate() {
            if repeats_from == Some(place) {
                cycle = Some(diary.steps.len() as u32);
            }
            if *action == Action::Tick {
                ticks += 1;
                self.carry_out(&mut state, *action, &mut diary);
                continue;
            }
            // What is urgent happens in the instant of what it follows from.
            if !matches!(action, Action::Urgent(_)) {
                diary.at = match self.bounds.time {
                    Timing::Asynchronous => Time(APART.as_nanos().saturating_mul(place as u64 + 1)),
                    Timing::Bounded { tick, .. } => Time(tick.as_nanos().saturating_mul(ticks)),
                };
            }
            diary.begin(&state, *action);
            self.carry_out(&mut state, *action, &mut diary);
        }
        let schedule = Schedule {
            choices: diary.choices,
            steps: diary.steps,
            repeats_from: cycle,
            ..Schedule::default()
        };
        Walked { schedule, lines: diary.lines, end: state }
    }

    /// Why a check is broken in `state`, if it is.
    pub fn why(&self, state: &State, check: &str) -> Option<String> {
        let place = self.checks.iter().position(|(name, _)| name == check)?;
        let State { judges, clients, up, .. } = *state;
        self.outside.why(judges, clients, up, self.checks[place].1, place as u32)
    }

    /// The name of a message's kind.
    pub fn kind_name(&self, kind: u32) -> &'static str {
        self.kinds[kind as usize]
    }

    /// All names of kinds.
    pub fn kinds(&self) -> &[&'static str] {
        &self.kinds
    }

    /// A state in words: each node, and what is on its way.
    pub fn describe(&self, state: &State) -> Vec<String> {
        let node = |node: u32| {
            let host = self.machine.show(Shown::Host(state.hosts[node as usize]));
            format!("{}: {host}", &self.names[NodeId(node)])
        };
        let mail = |mail: &Mail| {
            let (from, to) = (&self.names[mail.origin()], &self.names[mail.destination()]);
            format!("{from} → {to}: {}", self.machine.show(Shown::Letter(mail.letter)))
        };
        (0..self.nodes).map(node).chain(state.mail.iter().map(mail)).collect()
    }

    /// The name of the next message of this kind on a link.
    fn name_next(&self, sent: &[Sent], from: NodeId, to: NodeId, letter: Name) -> Sent {
        let kind = self.machine.kind(letter);
        let alike =
            |other: &&Sent| (other.name.from, other.name.to, other.name.kind) == (from, to, kind);
        // Those that have arrived are kept, so that counting them is enough.
        let nth = sent.iter().filter(alike).filter(|other| !other.copy).count() as u32;
        Sent { name: MessageName { from, to, kind, nth }, letter, gone: false, copy: false }
    }
}

/// A message that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    name: MessageName,
    letter: Name,
    /// It has arrived or was lost.
    gone: bool,
    /// A copy that the network made.
    copy: bool,
}

/// Notes down what happens.
struct Diary<'a> {
    instance: &'a Instance,
    at: Time,
    sent: Vec<Sent>,
    /// What nodes chose while they booted.
    choices: Vec<u32>,
    steps: Vec<Scheduled>,
    lines: Vec<Line>,
}

impl<'a> Diary<'a> {
    fn new(instance: &'a Instance) -> Self {
        let (sent, choices, steps, lines) = Default::default();
        Diary { instance, at: Time::ZERO, sent, choices, steps, lines }
    }

    fn name(&self, node: NodeId) -> &str {
        &self.instance.names[node]
    }

    /// The oldest message like this that is still on its way.
    fn find(&self, from: NodeId, to: NodeId, letter: Name) -> usize {
        let like = |sent: &Sent| {
            !sent.gone && (sent.name.from, sent.name.to, sent.letter) == (from, to, letter)
        };
        self.sent.iter().position(like).expect("what is on its way was sent")
    }

    fn begin(&mut self, state: &State, action: Action) {
        let (step, line) = match action {
            // A choice, or a crash, of this handler and not of the one that it follows from.
            Action::Urgent(_) => {
                if let Some(Urgent::Request { node, .. }) = state.urgent.first() {
                    self.push(ScheduledStep::Request { client: *node });
                }
                return;
            }
            Action::Deliver(mail, _) => {
                let name = self.settle(&mail);
                let up = state.is_up(mail.destination());
                let what = if up { "hears" } else { "is down and misses" };
                (ScheduledStep::Deliver(name), self.about(&mail, what, mail.destination()))
            }
            Action::Lose(mail) => {
                let name = self.settle(&mail);
                (ScheduledStep::Lose(name), self.about(&mail, "the network loses", mail.origin()))
            }
            Action::Duplicate(mail) => {
                let at = self.find(mail.origin(), mail.destination(), mail.letter);
                let copy = Sent { copy: true, ..self.sent[at] };
                self.sent.insert(at + 1, copy);
                let line = self.about(&mail, "the network doubles", mail.origin());
                (ScheduledStep::Duplicate(copy.name), line)
            }
            Action::Fire(armed, _) => {
                let timer = self.instance.machine.timer(armed.timer);
                let what = format!("timer {timer} expires");
                (ScheduledStep::Timer { node: armed.node, timer }, self.of(armed.node, what))
            }
            Action::Wake(sleeper) => {
                let (client, tag) = (sleeper.client, sleeper.tag);
                (ScheduledStep::Wake { client, tag }, self.of(client, "the client wakes up"))
            }
            Action::Crash(node, writes_kept) => {
                (ScheduledStep::Crash { node, writes_kept }, self.of(node, "crashes"))
            }
            Action::Boot(node, _) => (ScheduledStep::Boot { node }, self.of(node, "boots")),
            Action::Tick => unreachable!("a tick is no step"),
        };
        self.push(step);
        self.lines.push(line);
    }

    /// What happens while nodes boot is no step.
    fn forget_lines(&mut self) {
        self.lines.clear();
        self.steps.clear();
    }

    fn push(&mut self, step: ScheduledStep) {
        self.steps.push(Scheduled::new(self.at, step));
    }

    /// A message has come to its end.
    fn settle(&mut self, mail: &Mail) -> MessageName {
        let at = self.find(mail.origin(), mail.destination(), mail.letter);
        self.sent[at].gone = true;
        self.sent[at].name
    }

    fn of(&self, node: NodeId, what: impl Into<String>) -> Line {
        Line { at: self.at, node: Some(node), message: None, what: what.into(), then: Vec::new() }
    }

    fn about(&self, mail: &Mail, what: &str, node: NodeId) -> Line {
        let said = self.instance.machine.show(Shown::Letter(mail.letter));
        let (from, to) = (mail.origin(), mail.destination());
        let what = if node == to {
            format!("{what} {said} from {}", self.name(from))
        } else {
            format!("{what} {said} to {}", self.name(to))
        };
        Line { message: Some((from, to, said)), ..self.of(node, what) }
    }

    fn then(&mut self, what: String) {
        if let Some(line) = self.lines.last_mut() {
            line.then.push(what);
        }
    }
}

impl Log for Diary<'_> {
    fn note(&mut self, note: Note<'_>) {
        match note {
            Note::Handled(task, branch) => self.handled(task, branch),
            Note::Sent { from, to, letter } => {
                let sent = self.instance.name_next(&self.sent, from, to, letter);
                self.sent.push(sent);
                let said = self.instance.machine.show(Shown::Letter(letter));
                let to = if from == to { "itself" } else { self.name(to) };
                let what = format!("sends {said} to {to}");
                self.then(what);
            }
            Note::Seen(seen) => {
                let show = |what| self.instance.machine.show(what);
                let what = match seen {
                    Seen::Request { request, .. } => {
                        format!("is asked for {}", show(Shown::Request(request)))
                    }
                    Seen::Event { event, .. } => {
                        format!("tells its client {}", show(Shown::Event(event)))
                    }
                    Seen::Complete { .. } => "the client is content".into(),
                    Seen::Crash { .. } | Seen::Boot { .. } => return,
                };
                self.then(what);
            }
        }
    }
}

impl Diary<'_> {
    fn handled(&mut self, task: Task, branch: &Branch) {
        if let Input::Letter(letter) = task.input {
            let own = |sent: &Sent| {
                !sent.gone
                    && sent.letter == letter
                    && (sent.name.from, sent.name.to) == (task.node, task.node)
            };
            if let Some(at) = self.sent.iter().position(own) {
                self.sent[at].gone = true;
                let name = self.sent[at].name;
                self.push(ScheduledStep::Deliver(name));
                let said = self.instance.machine.show(Shown::Letter(letter));
                self.then(format!("hears {said} from itself"));
            }
        }
        let Some(step) = self.steps.last_mut() else {
            return self.choices.extend(&branch.choices);
        };
        step.choices.extend(&branch.choices);
        if branch.crash_after.is_some() {
            (step.crash_after, step.writes_kept) = (branch.crash_after, branch.writes_kept);
        }
    }
}
