//! All runs on a thread of their own, so that this one can print, and stop at Ctrl-C, while a
//! long run is still under way.

use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use seedbed_core::Outcome;
use seedbed_scenarios::Plan;

use super::fault;

/// Set by Ctrl-C.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How often the receiving thread looks up while nothing arrives.
const POLL: Duration = Duration::from_millis(50);

/// Outcomes that may wait for a slow reader of stdout.
const WAITING_MAX: usize = 64;

/// Why not all outcomes were received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Ctrl-C.
    Interrupted,
    /// The receiver had enough.
    Stopped,
    /// A run panicked outside its nodes, which is a bug of ours; the text says where.
    Panicked(String),
}

/// Runs every plan with its seeds on up to `jobs` threads and calls `receive` on this one with
/// the plan's place, the seed and the outcome, in order of plans and seeds.
///
/// When it is cut short, runs under way end on their own; nobody waits for them.
pub fn stream(
    runs: Vec<(Plan, Range<u64>)>,
    jobs: NonZeroUsize,
    mut receive: impl FnMut(usize, Outcome) -> ControlFlow<()>,
) -> Result<(), Cut> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (send, received) = mpsc::sync_channel(WAITING_MAX);
    let worker = {
        let cancelled = Arc::clone(&cancelled);
        let work = move || {
            for (place, (plan, seeds)) in runs.into_iter().enumerate() {
                plan.run_seeds(seeds, jobs, &cancelled, |_seed, outcome| {
                    if send.send((place, outcome)).is_err() {
                        cancelled.store(true, Ordering::Relaxed);
                    }
                });
            }
        };
        thread::spawn(move || catch_unwind(AssertUnwindSafe(work)).map_err(|_| fault::last()))
    };
    let end = loop {
        if INTERRUPTED.load(Ordering::Relaxed) {
            break Err(Cut::Interrupted);
        }
        match received.recv_timeout(POLL) {
            Ok((place, outcome)) => {
                if receive(place, outcome).is_break() {
                    break Err(Cut::Stopped);
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let finished = worker.join().expect("panics are caught inside");
                return finished.map_err(Cut::Panicked);
            }
        }
    };
    cancelled.store(true, Ordering::Relaxed);
    end
}
