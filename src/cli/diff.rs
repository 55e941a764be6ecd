//! `diff`: where two runs part.

use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use seedbed_reports::diff::{self, Difference, Side};
use seedbed_reports::json::Error;
use seedbed_scenarios::Registry;

use super::args::{Change, Diff, Pair};
use super::exit::Exit;
use super::load;
use super::run::watch_for_interrupt;
use super::screen::{Closed, Screen};
use super::stream::INTERRUPTED;
use super::{fault, internal, sources};

/// How often the main thread looks up while runs are under way.
const POLL: Duration = Duration::from_millis(50);

/// Runs both and shows where they part.
pub fn diff(args: &Diff, registry: &Registry, screen: &Screen) -> Exit {
    if args.b.is_none() && args.seeds.is_none() && args.change.is_empty() {
        let error = Error {
            kind: "usage",
            message: "there is only one run: nothing to compare it with",
            help: Some("name another one, or give --seeds or --set"),
            ..Error::default()
        };
        return screen.error(Exit::Bad, &error);
    }
    let one = |typed: &str, change: &Change| {
        load::one(registry, &sources::scenario_of(typed), change, screen)
    };
    let a = one(&args.a, &Change::default());
    let b = one(args.b.as_deref().unwrap_or(&args.a), &args.change);
    let (a, b) = match (a, b) {
        (Ok(a), Ok(b)) => (a.plan, b.plan),
        (Err(exit), Ok(_)) | (Ok(_), Err(exit)) => return exit,
        (Err(exit), Err(other)) => return exit.max(other),
    };
    let Pair(seed_a, seed_b) = args.seeds.unwrap_or(Pair(a.seed, b.seed));
    screen
        .say(&format!("comparing {} with seed {seed_a} and {} with seed {seed_b}", a.name, b.name));
    watch_for_interrupt();
    let (send, ended) = mpsc::channel();
    let (plan_a, plan_b) = (a.clone(), b.clone());
    // On a thread of its own, so that Ctrl-C is heeded: nobody waits for runs that go on then.
    let worker = thread::spawn(move || {
        let (a, b) = (Side { plan: &plan_a, seed: seed_a }, Side { plan: &plan_b, seed: seed_b });
        let _ = send.send(Difference::of(a, b));
    });
    let difference = loop {
        match ended.recv_timeout(POLL) {
            Ok(difference) => break difference,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let _ = worker.join();
                return internal(&fault::last());
            }
            Err(mpsc::RecvTimeoutError::Timeout) if INTERRUPTED.load(Ordering::Relaxed) => {
                screen.warn("interrupted: the runs are not over");
                return Exit::Inconclusive;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    };
    let (a, b) = (Side { plan: &a, seed: seed_a }, Side { plan: &b, seed: seed_b });
    let text = if screen.json {
        diff::json(&difference, a, b)
    } else {
        diff::text(&difference, a, b, screen.style)
    };
    let exit = if difference.is_equal() { Exit::Held } else { Exit::Failed };
    match screen.result(&text) {
        Ok(()) => exit,
        Err(Closed(closed)) => exit.max(closed),
    }
}
