//! `check-history`: judges recorded histories.

use std::path::Path;
use std::time::{Duration, Instant};

use seedbed_core::Verdict;
use seedbed_core::check::{Budget, Judgement, judge};
use seedbed_reports::history::{self, Judged};
use seedbed_reports::json::Error;
use seedbed_scenarios::{ReadHistory, read_history};

use super::args::{CONSISTENCIES, CheckHistory};
use super::exit::Exit;
use super::load;
use super::progress::Progress;
use super::screen::{Closed, Screen};
use super::sources;

/// The largest history that is read.
const BYTES_MAX: u64 = 256 << 20;

/// One line for every history; what is wrong with a file on stderr.
pub fn check_history(args: &CheckHistory, screen: &Screen) -> Exit {
    let mut worst = Exit::Held;
    for file in &args.files {
        let (exit, text) = match one(file, args, screen) {
            Ok(judged) => judged,
            Err(exit) => (exit, String::new()),
        };
        worst = worst.max(exit);
        if let Err(Closed(exit)) = screen.result(&text) {
            return worst.max(exit);
        }
    }
    worst
}

fn one(file: &Path, args: &CheckHistory, screen: &Screen) -> Result<(Exit, String), Exit> {
    let shown = file.display().to_string();
    let text = sources::read(file, BYTES_MAX, "history").map_err(|missing| {
        let message = missing.message.as_str();
        let error = Error { kind: "usage", message, file: Some(&shown), ..Error::default() };
        screen.error(missing.exit, &error)
    })?;
    let ReadHistory { history, clients } = read_history(&shown, &text, args.model)
        .map_err(|problems| load::tell(&problems, screen))?;
    let progress = Progress::search(screen);
    let (begun, patience) = (Instant::now(), Duration::from_nanos(args.patience.as_nanos()));
    let mut go_on = || {
        progress.tick();
        begun.elapsed() < patience
    };
    let budget = Budget { configurations: args.limit, go_on: &mut go_on };
    let judgement = judge(&history, args.consistency, &clients, budget);
    progress.clear();
    let (verdict, detail) = match judgement {
        Judgement::Consistent => (Verdict::Held, String::new()),
        Judgement::Inconsistent { why, .. } => (Verdict::Failed, why),
        Judgement::Unknown(why) => (Verdict::Inconclusive, why),
    };
    let named = CONSISTENCIES.iter().find(|(_, consistency)| *consistency == args.consistency);
    let judged = Judged {
        history: &shown,
        model: args.model.name(),
        consistency: named.map_or("", |(name, _)| name),
        verdict,
        operations: history.len() as u64,
        detail: &detail,
    };
    let text =
        if screen.json { history::json(&judged) } else { history::text(&judged, screen.style) };
    Ok((verdict.into(), text))
}
