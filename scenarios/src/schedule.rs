//! From a run to the scenario that repeats it step by step: recording, and writing the `schedule:`
//! section.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use seedbed_core::fault::{Fault, TimedFault};
use seedbed_core::{MessageName, Outcome, Recorded, Schedule, Scheduled, ScheduledStep};
use seedbed_node::{Duration, Names, Time};

use crate::kernel::Watch;
use crate::plan::{Plan, RunOptions};
use crate::text::{Format, Source, quoted};

/// Where the schedule of a run goes.
pub(crate) type Recording = Arc<Mutex<Option<Result<Recorded, String>>>>;

impl Plan {
    /// Runs the scenario with `seed`, or with its own, as [`run`](Plan::run) does, and makes the
    /// schedule that repeats the run. The error says what a schedule cannot say.
    pub fn record(
        &self,
        seed: Option<u64>,
        options: RunOptions,
    ) -> (Outcome, Result<Recorded, String>) {
        let recording = Recording::default();
        let watch = Watch { recording: Some(Recording::clone(&recording)), ..Watch::default() };
        let outcome = self.run_watched(seed, options, watch);
        let recorded = recording.lock().expect("nobody panics while holding it").take();
        (outcome, recorded.expect("the run is over"))
    }

    /// The names of message kinds in the order of their numbers, as a schedule names them.
    pub fn message_kinds(&self) -> Vec<String> {
        self.ready.message_kinds()
    }

    /// The `schedule:` section that says `schedule`, in the format of this scenario's text:
    /// `source.set("schedule", …)` puts it in its place.
    pub fn schedule_text(&self, schedule: &Schedule) -> String {
        let kinds = self.message_kinds();
        schedule_text(schedule, self.names(), &kinds, self.source.format)
    }

    /// This scenario, following `recorded` with `seed`, or with its own: without the sections that
    /// a schedule takes the place of, and without a pinned replay.
    pub fn scheduled(&self, seed: Option<u64>, recorded: &Recorded) -> Source {
        let mut source = self.source.clone();
        for section in ["network", "service", "stop", "ties", "faults", "replay", "schedule"] {
            source.unset(section).expect("the text was loaded before");
        }
        let writer = Writer { format: source.format };
        let faults: Vec<_> =
            recorded.faults.iter().map(|timed| writer.fault(timed, self.names())).collect();
        let faults = format!("[{}]", faults.join(", "));
        let schedule = self.schedule_text(&recorded.schedule);
        let seed = seed.unwrap_or(self.seed).to_string();
        let mut set = |section, value| {
            source.set(section, value).expect("the text was loaded before");
        };
        set("schedule", schedule.as_str());
        if !recorded.faults.is_empty() {
            set("faults", faults.as_str());
        }
        set("seed", seed.as_str());
        source
    }
}

/// The `schedule:` section that says `schedule`, where `names` are the nodes' and `kinds` those of
/// message kinds.
///
/// # Panics
/// If the schedule names a kind that there is not.
pub fn schedule_text(
    schedule: &Schedule,
    names: &Names,
    kinds: &[impl AsRef<str>],
    format: Format,
) -> String {
    let writer = Writer { format };
    let mut steps = String::from("[\n");
    for (index, step) in schedule.steps.iter().enumerate() {
        let comma = writer.comma(index + 1 == schedule.steps.len());
        let step = writer.step(step, names, kinds);
        writeln!(steps, "            {step}{comma}").expect("texts grow");
    }
    steps.push_str("        ]");
    let mut fields = vec![("steps", steps)];
    if let Some(from) = schedule.repeats_from {
        fields.push(("repeats_from", from.to_string()));
    }
    if !schedule.choices.is_empty() {
        fields.push(("choices", format!("{:?}", schedule.choices)));
    }
    if let Some(end) = schedule.ends_at {
        fields.push(("ends_at", writer.instant(end)));
    }
    if schedule.unfinished {
        fields.push(("unfinished", "true".to_owned()));
    }
    let (open, close) = writer.braces();
    let mut text = format!("{open}\n");
    for (index, (key, value)) in fields.iter().enumerate() {
        let (key, comma) = (writer.key(key), writer.comma(index + 1 == fields.len()));
        writeln!(text, "        {key}: {value}{comma}").expect("texts grow");
    }
    write!(text, "    {close}").expect("texts grow");
    text
}

/// How values are written.
#[derive(Clone, Copy)]
struct Writer {
    format: Format,
}

impl Writer {
    fn json(self) -> bool {
        self.format == Format::Json
    }

    /// RON's last item has a comma, too.
    fn comma(self, last: bool) -> &'static str {
        if last && self.json() { "" } else { "," }
    }

    fn braces(self) -> (char, char) {
        if self.json() { ('{', '}') } else { ('(', ')') }
    }

    fn key(self, key: &str) -> String {
        if self.json() { format!("{key:?}") } else { key.to_owned() }
    }

    fn text(self, text: &str) -> String {
        quoted(text, self.format)
    }

    fn instant(self, at: Time) -> String {
        self.text(&at.to_string())
    }

    fn group(self, fields: &[(&str, String)]) -> String {
        let (open, close) = self.braces();
        let fields: Vec<_> =
            fields.iter().map(|(key, value)| format!("{}: {value}", self.key(key))).collect();
        format!("{open}{}{close}", fields.join(", "))
    }

    fn tuple(self, items: &[String]) -> String {
        let (open, close) = if self.json() { ('[', ']') } else { ('(', ')') };
        format!("{open}{}{close}", items.join(", "))
    }

    /// An enum's variant with what it holds.
    fn variant(self, name: &str, content: &str) -> String {
        match self.format {
            Format::Json => format!("{{{name:?}: {content}}}"),
            Format::Ron if content.starts_with('(') => format!("{name}{content}"),
            Format::Ron => format!("{name}({content})"),
        }
    }

    fn step(self, scheduled: &Scheduled, names: &Names, kinds: &[impl AsRef<str>]) -> String {
        let name = |node| self.text(names.of(node));
        let message = |message: &MessageName| {
            let MessageName { from, to, kind, nth } = *message;
            let kind = self.text(kinds[kind as usize].as_ref());
            let mut items = vec![name(from), name(to), kind];
            items.extend((nth > 0).then(|| nth.to_string()));
            self.tuple(&items)
        };
        let mut kept = scheduled.writes_kept;
        let (what, value) = match &scheduled.step {
            ScheduledStep::Deliver(of) => ("deliver", message(of)),
            ScheduledStep::Lose(of) => ("lose", message(of)),
            ScheduledStep::Duplicate(of) => ("duplicate", message(of)),
            ScheduledStep::Timer { node, timer } => {
                ("timer", self.tuple(&[name(*node), self.text(timer)]))
            }
            ScheduledStep::Wake { client, tag: 0 } => ("wake", name(*client)),
            ScheduledStep::Wake { client, tag } => {
                ("wake", self.tuple(&[name(*client), tag.to_string()]))
            }
            ScheduledStep::Request { client } => ("request", name(*client)),
            ScheduledStep::Crash { node, writes_kept } => {
                kept = *writes_kept;
                ("crash", name(*node))
            }
            ScheduledStep::Boot { node } => ("boot", name(*node)),
        };
        let mut fields = vec![("at", self.instant(scheduled.at)), (what, value)];
        if !scheduled.choices.is_empty() {
            fields.push(("choices", format!("{:?}", scheduled.choices)));
        }
        if let Some(effects) = scheduled.crash_after {
            fields.push(("crash_after", effects.to_string()));
        }
        if kept > 0 {
            fields.push(("writes_kept", kept.to_string()));
        }
        if scheduled.before_requests {
            fields.push(("before_requests", "true".to_owned()));
        }
        self.group(&fields)
    }

    /// A fault that stands beside a schedule.
    fn fault(self, timed: &TimedFault, names: &Names) -> String {
        let name = |node| self.text(names.of(node));
        let fault = match &timed.fault {
            Fault::LateBoot(node) => self.variant("LateBoot", &name(*node)),
            Fault::ClockStep { node, by_ns } => {
                let sign = if *by_ns < 0 { "-" } else { "" };
                let by = format!("{sign}{}", Duration::from_nanos(by_ns.unsigned_abs()));
                let fields = self.group(&[("node", name(*node)), ("by", self.text(&by))]);
                self.variant("ClockStep", &fields)
            }
            Fault::Drift { node, ppb } => {
                let ppm = format!("{:?}", *ppb as f64 / 1e3);
                self.variant("Drift", &self.group(&[("node", name(*node)), ("ppm", ppm)]))
            }
            other => unreachable!("a recording has no {other:?}"),
        };
        self.group(&[("at", self.instant(timed.at)), ("fault", fault)])
    }
}
