//! The files that a run leaves: replays of failures, and what `--out` asks for.

use std::collections::BTreeSet;
use std::path::Path;

use seedbed_core::{EndedBy, Outcome, Verdict};
use seedbed_reports::{Run, json};
use seedbed_scenarios::Plan;

use super::files;
use super::load::Loaded;

/// The replays written for one scenario: one a check, of the first seed that failed it.
#[derive(Default)]
pub struct Replays {
    checks: BTreeSet<String>,
    first: Option<String>,
}

impl Replays {
    /// Writes a replay for every check that failed for the first time; gives their paths.
    pub fn write(&mut self, loaded: &Loaded, outcome: &Outcome) -> Result<Vec<String>, String> {
        let plan = &loaded.plan;
        let failed = outcome.checks.iter().filter(|check| check.verdict == Verdict::Failed);
        let mut names: Vec<_> = failed.map(|check| check.name.clone()).collect();
        if matches!(outcome.ended_by, EndedBy::Panic { .. }) {
            names.push("Panic".into());
        }
        let mut written = Vec::new();
        for name in names {
            if !self.checks.insert(name.clone()) {
                continue;
            }
            let file = format!("{}-seed-{}.ron", files::part(&name), outcome.seed);
            let path = files::runs_folder(plan.name()).join(file);
            let text = plan.replay_text(outcome, &name);
            files::write(&path, &text)
                .map_err(|why| format!("cannot write {}: {why}", path.display()))?;
            written.push(path.display().to_string());
        }
        if self.first.is_none() {
            self.first = written.first().cloned();
        }
        Ok(written)
    }

    /// The first that was written.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }
}

/// Writes what `--out` asks for: into the folder itself, or one a run into folders inside.
pub fn write_out(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    many: bool,
) -> Result<(), String> {
    let plan = &loaded.plan;
    let own = if many {
        folder.join(files::part(plan.name())).join(format!("seed-{}", outcome.seed))
    } else {
        folder.to_owned()
    };
    let run = Run {
        scenario: plan.name(),
        algorithm: plan.algorithm(),
        operation: plan.operation(),
        outcome,
    };
    let write = |name: &str, text: &str| {
        let path = own.join(name);
        files::write(&path, text).map_err(|why| format!("cannot write {}: {why}", path.display()))
    };
    write("scenario.ron", &plan.scenario_text(outcome.seed))?;
    write("outcome.json", &(json::line(&run) + "\n"))?;
    match plan.trace_jsonl(outcome.seed) {
        Some(trace) => write("trace.jsonl", &trace),
        None => Ok(()),
    }
}

/// What to say if the scenario pins a digest and this run, of its own seed, has another.
pub fn differs(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let replay = plan.replay()?;
    if outcome.seed != plan.seed() || replay.digest == outcome.digest {
        return None;
    }
    let here = env!("CARGO_PKG_VERSION");
    let version = match &replay.version {
        Some(version) if version != here => {
            format!("\n  it was recorded by version {version}, and this is version {here}")
        }
        _ => String::new(),
    };
    Some(format!(
        "REPLAY DIFFERS: {}, seed {}, gave digest\n  {} instead of\n  {}{version}",
        plan.name(),
        outcome.seed,
        outcome.digest,
        replay.digest
    ))
}
