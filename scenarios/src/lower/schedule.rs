//! An exact order: every step one that could happen, and nothing beside it that contradicts it.

use std::sync::Arc;

use seedbed_core::network::NetworkConfig;
use seedbed_core::{MessageName, Schedule, Scheduled, ScheduledStep, World};
use seedbed_node::Time;

use super::Findings;
use crate::diagnose::Finding;
use crate::schema::{
    Document, EntryForm, FaultForm, FaultsForm, MessageForm, NetworkForm, ScheduleForm, StepForm,
    StopForm, TiesForm,
};
use crate::text::{Directory, Node, Span, Spanned};

/// Has the world follow the scenario's schedule, if it has one. `kinds` are the names of message
/// kinds in the order of their numbers.
pub(crate) fn schedule(
    document: &Document,
    root: &Node,
    directory: &Directory,
    kinds: &[String],
    world: &mut World,
    findings: &mut Findings,
) {
    let Some(form) = &document.schedule else { return };
    contradictions(document, root, findings);
    let schedule = Lowering { directory, kinds, findings }.schedule(&form.value);
    // That of a scenario without a network section keeps order; a schedule has its own.
    world.network = NetworkConfig::default();
    world.schedule = Some(Arc::new(schedule));
}

/// What a scenario says beside a schedule that only makes sense without one.
fn contradictions(document: &Document, root: &Node, findings: &mut Findings) {
    let mut refuse = |span: Span, what: &str| {
        let message = format!("{what}: the schedule says exactly what happens");
        findings.push(Finding::at(span, message).help("remove this, or the schedule"));
    };
    let place = |section: &str| root.field(section).map_or(Span::default(), Node::head);
    if document.network != NetworkForm::default() {
        refuse(place("network"), "there is no network beside a schedule");
    }
    if let Some(service) = &document.service {
        refuse(service.span, "handlers take no time beside a schedule");
    }
    if document.ties == Some(TiesForm::Shuffled) {
        refuse(place("ties"), "nothing is drawn beside a schedule");
    }
    if let Some(stop) = document.stop.as_ref().filter(|stop| stop.value != StopForm::Quiet) {
        refuse(stop.span, "a schedule ends with its last step, or at its `ends_at`");
    }
    let stands = |fault: &FaultForm| {
        matches!(
            fault,
            FaultForm::LateBoot(_) | FaultForm::ClockStep { .. } | FaultForm::Drift { .. }
        )
    };
    let drawn = "there are no random faults beside a schedule";
    match &document.faults {
        Some(FaultsForm::Random(form)) => refuse(form.span, drawn),
        Some(FaultsForm::List(entries)) => {
            for entry in entries {
                match entry {
                    EntryForm::Random(form) => refuse(form.span, drawn),
                    EntryForm::Planned(timed) if !stands(&timed.value.fault.value) => refuse(
                        timed.value.fault.span,
                        "beside a schedule there are only `LateBoot`, `ClockStep` and `Drift`",
                    ),
                    EntryForm::Planned(_) => {}
                }
            }
        }
        None => {}
    }
}

struct Lowering<'a> {
    directory: &'a Directory,
    kinds: &'a [String],
    findings: &'a mut Findings,
}

impl Lowering<'_> {
    fn schedule(&mut self, form: &ScheduleForm) -> Schedule {
        if let Some(extra) = form.steps.get(Schedule::STEPS_MAX) {
            let message = format!("a schedule has up to {} steps", Schedule::STEPS_MAX);
            self.findings.at(extra.span, message);
        }
        let mut schedule = Schedule {
            choices: form.choices.clone(),
            unfinished: form.unfinished,
            ..Schedule::default()
        };
        let mut latest = Time::ZERO;
        for step in &form.steps {
            if self.findings.full() {
                break;
            }
            let at = Time(step.value.at.value.as_nanos());
            if at < latest {
                let message = format!("this step lies before the one above it, at {latest}");
                self.findings.at(step.value.at.span, message);
            }
            latest = latest.max(at);
            schedule.steps.extend(self.step(step, latest));
        }
        let steps = form.steps.len();
        schedule.repeats_from = form.repeats_from.as_ref().map(|from| from.value);
        if let Some(from) = form.repeats_from.as_ref().filter(|from| from.value as usize >= steps) {
            let message = format!("there is no step {}: they count from 0", from.value);
            self.findings.at(from.span, message);
        }
        schedule.ends_at = form.ends_at.as_ref().map(|end| Time(end.value.as_nanos()));
        if let Some(end) = form.ends_at.as_ref().filter(|end| Time(end.value.as_nanos()) < latest) {
            let message = format!("the last step, at {latest}, lies behind this end");
            self.findings.at(end.span, message);
        }
        schedule
    }

    fn step(&mut self, form: &Spanned<StepForm>, at: Time) -> Option<Scheduled> {
        let StepForm { crash_after, writes_kept, .. } = &form.value;
        let step = self.action(form)?;
        let crashes = matches!(step, ScheduledStep::Crash { .. });
        let handles = match step {
            ScheduledStep::Deliver(_)
            | ScheduledStep::Timer { .. }
            | ScheduledStep::Wake { .. }
            | ScheduledStep::Request { .. }
            | ScheduledStep::Boot { .. } => true,
            ScheduledStep::Lose(_) | ScheduledStep::Duplicate(_) | ScheduledStep::Crash { .. } => {
                false
            }
        };
        if let Some(cut) = crash_after.as_ref().filter(|_| !handles) {
            self.findings
                .at(cut.span, "no node acts in this step, so that none crashes in the midst");
        }
        if let Some(kept) = writes_kept.as_ref().filter(|_| !crashes && crash_after.is_none()) {
            self.findings.at(kept.span, "no node crashes in this step");
        }
        let kept = writes_kept.as_ref().map_or(0, |kept| kept.value);
        Some(Scheduled {
            choices: form.value.choices.clone(),
            crash_after: crash_after.as_ref().map(|cut| cut.value),
            writes_kept: if crashes { 0 } else { kept },
            before_requests: form.value.before_requests,
            ..Scheduled::new(at, step)
        })
    }

    /// The one thing that happens.
    fn action(&mut self, form: &Spanned<StepForm>) -> Option<ScheduledStep> {
        let StepForm { deliver, lose, duplicate, timer, wake, request, crash, boot, .. } =
            &form.value;
        let said = [
            ("deliver", deliver.as_ref().map(|form| form.span)),
            ("lose", lose.as_ref().map(|form| form.span)),
            ("duplicate", duplicate.as_ref().map(|form| form.span)),
            ("timer", timer.as_ref().map(|form| form.span)),
            ("wake", wake.as_ref().map(|form| form.span)),
            ("request", request.as_ref().map(|name| name.span)),
            ("crash", crash.as_ref().map(|name| name.span)),
            ("boot", boot.as_ref().map(|name| name.span)),
        ];
        let mut places: Vec<_> =
            said.into_iter().filter_map(|(what, span)| Some((span?, what))).collect();
        places.sort_unstable();
        match places.as_slice() {
            [] => {
                let all = said.map(|(what, _)| what).join(", ");
                let message = "nothing happens in this step";
                self.findings
                    .push(Finding::at(form.span, message).help(format!("expected one of {all}")));
                return None;
            }
            [_] => {}
            [(_, first), (second, _), ..] => {
                let message = format!("one thing happens in a step, and this one has `{first}`");
                self.findings.at(*second, message);
                return None;
            }
        }
        if let Some(form) = deliver {
            return self.message(form).map(ScheduledStep::Deliver);
        }
        if let Some(form) = lose {
            return self.crossing(form).map(ScheduledStep::Lose);
        }
        if let Some(form) = duplicate {
            return self.crossing(form).map(ScheduledStep::Duplicate);
        }
        let (findings, directory) = (&mut *self.findings, self.directory);
        let mut member = |name| findings.member(directory, name);
        if let Some(form) = timer {
            let (node, timer) = &form.value;
            return Some(ScheduledStep::Timer { node: member(node), timer: timer.clone() });
        }
        if let Some(form) = wake {
            let (client, tag) = form.value.parts();
            return Some(ScheduledStep::Wake { client: member(client), tag });
        }
        if let Some(name) = request {
            return Some(ScheduledStep::Request { client: member(name) });
        }
        if let Some(name) = crash {
            let writes_kept = form.value.writes_kept.as_ref().map_or(0, |kept| kept.value);
            return Some(ScheduledStep::Crash { node: member(name), writes_kept });
        }
        boot.as_ref().map(|name| ScheduledStep::Boot { node: member(name) })
    }

    /// A message to another node: one to oneself is neither lost nor copied.
    fn crossing(&mut self, form: &Spanned<MessageForm>) -> Option<MessageName> {
        let name = self.message(form)?;
        if name.from == name.to {
            self.findings.at(form.span, "a message to oneself does not cross the network");
        }
        Some(name)
    }

    fn message(&mut self, form: &Spanned<MessageForm>) -> Option<MessageName> {
        let MessageForm { from, to, kind, nth } = &form.value;
        let from = self.findings.member(self.directory, from);
        let to = self.findings.member(self.directory, to);
        let Some(at) = self.kinds.iter().position(|known| *known == kind.value) else {
            let known = self.kinds.iter().map(String::as_str);
            let unknown = Finding::unknown("kind of message", &kind.value, known);
            self.findings.push(unknown.or_at(kind.span));
            return None;
        };
        Some(MessageName { from, to, kind: at as u32, nth: *nth })
    }
}
