//! The files that a run leaves: replays of failures, and what `--out` asks for.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use seedbed_core::{EndedBy, Outcome, Verdict};
use seedbed_reports::trace::{Head, JsonLines};
use seedbed_reports::{Run, json};
use seedbed_scenarios::{Expect, Format, Plan, RunOptions, history_to_json};

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
            let ending = ending(plan);
            let file = format!("{}-seed-{}.{ending}", files::part(&name), outcome.seed);
            let path = Path::new("runs").join(&loaded.folder).join(file);
            files::write(&path, &plan.replay_text_expecting(outcome, &Expect::Breach(name)))
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

pub fn ending(plan: &Plan) -> &'static str {
    match plan.source.format {
        Format::Ron => "ron",
        Format::Json => "json",
    }
}

/// An outcome with its plan's names.
pub fn named<'a>(plan: &'a Plan, outcome: &'a Outcome) -> Run<'a> {
    Run { scenario: &plan.name, algorithm: plan.algorithm, operation: plan.operation, outcome }
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
        folder.join(&loaded.folder).join(format!("seed-{}", outcome.seed))
    } else {
        folder.to_owned()
    };
    let told = |path: &Path, why| format!("cannot write {}: {why}", path.display());
    let write = |name: &str, text: &str| {
        let path = own.join(name);
        files::write(&path, text).map_err(|why| told(&path, why))
    };
    write(&format!("scenario.{}", ending(plan)), &resolved(plan, outcome))?;
    write("outcome.json", &(json::line(&named(plan, outcome)) + "\n"))?;
    if let Some(steps) = plan.history(Some(outcome.seed)) {
        write("history.jsonl", &history_to_json(&steps, plan.names()))?;
    }
    if plan.record.trace {
        let path = own.join("trace.jsonl");
        trace(&path, plan, outcome.seed).map_err(|why| told(&path, why))?;
    }
    Ok(())
}

/// The scenario with the seed of this run; a counterexample pins this run, not an earlier one.
fn resolved(plan: &Plan, outcome: &Outcome) -> String {
    if plan.replay.is_some() {
        return plan.replay_text(outcome);
    }
    let mut source = plan.source.clone();
    source.set("seed", &outcome.seed.to_string()).expect("the text was loaded before");
    source.text
}

/// Runs once more, to the same digest, and keeps every record: traces are never held in memory.
fn trace(path: &Path, plan: &Plan, seed: u64) -> io::Result<()> {
    files::write_with(path, |file| {
        let lines = JsonLines::with_head(&Head::of(plan, Some(seed), &[]), file);
        let errors = lines.errors();
        let options = RunOptions { sink: Some(Box::new(lines)), ..RunOptions::default() };
        plan.run(Some(seed), options);
        errors.first()
    })
}

/// What to say if the scenario pins a digest and this run, of its own seed, has another.
pub fn differs(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let replay = plan.replay.as_ref()?;
    if outcome.seed != plan.seed || replay.digest == outcome.digest {
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
        plan.name, outcome.seed, outcome.digest, replay.digest
    ))
}
