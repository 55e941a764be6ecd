//! Independent jobs on several threads, their results in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::fault;

/// Set by Ctrl-C.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How often the collecting thread looks up while nothing arrives.
const POLL: Duration = Duration::from_millis(50);

/// Why not all results were delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Ctrl-C.
    Interrupted,
    /// The receiver had enough.
    Stopped,
    /// A job panicked, which is a bug of ours; the text says where.
    Panicked(String),
}

/// Calls `job` for every index below `count` on `threads` threads, and `receive` on this one with
/// the results in ascending order, each as soon as all before it are there.
///
/// When the work is cut short, threads finish the job in hand on their own; nobody waits for them.
pub fn ordered<T: Send + 'static>(
    count: u64,
    threads: usize,
    job: impl Fn(u64) -> T + Send + Sync + 'static,
    mut receive: impl FnMut(u64, T) -> ControlFlow<()>,
) -> Result<(), Cut> {
    let shared = Arc::new((job, AtomicU64::new(0), AtomicBool::new(false)));
    // Bounded, so that a slow reader of stdout holds the workers back.
    let (send, results) = mpsc::sync_channel(threads * 64);
    for _ in 0..threads.min(usize::try_from(count).unwrap_or(usize::MAX)) {
        let (shared, send) = (Arc::clone(&shared), send.clone());
        thread::spawn(move || {
            let (job, next, stop) = &*shared;
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return;
                }
                let result = catch_unwind(AssertUnwindSafe(|| job(at)));
                if send.send((at, result.map_err(|_| fault::last()))).is_err() {
                    return;
                }
            }
        });
    }
    drop(send);
    let outcome = collect(count, &results, &mut receive);
    shared.2.store(true, Ordering::Relaxed);
    outcome
}

fn collect<T>(
    count: u64,
    results: &mpsc::Receiver<(u64, Result<T, String>)>,
    receive: &mut impl FnMut(u64, T) -> ControlFlow<()>,
) -> Result<(), Cut> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    while next < count {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return Err(Cut::Interrupted);
        }
        match results.recv_timeout(POLL) {
            Ok((_, Err(panic))) => return Err(Cut::Panicked(panic)),
            Ok((at, Ok(result))) => {
                early.insert(at, result);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                unreachable!("threads end only when every index has been sent")
            }
        }
        while let Some(result) = early.remove(&next) {
            if receive(next, result).is_break() {
                return Err(Cut::Stopped);
            }
            next += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_arrive_in_order_whatever_the_threads_do() {
        for threads in [1, 2, 5] {
            let mut seen = Vec::new();
            let job = |at: u64| {
                // Later jobs tend to be ready first.
                thread::sleep(Duration::from_micros((20 - at) * 50));
                at * at
            };
            let all = ordered(20, threads, job, |at, square| {
                seen.push((at, square));
                ControlFlow::Continue(())
            });
            assert_eq!(all, Ok(()));
            assert_eq!(seen, (0..20).map(|at| (at, at * at)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_receiver_can_stop_and_a_panic_stops_everything() {
        let mut seen = 0;
        let cut = ordered(
            1000,
            2,
            |at| at,
            |_, _| {
                seen += 1;
                if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!((cut, seen), (Err(Cut::Stopped), 3));
        let cut =
            ordered(5, 1, |at| assert_ne!(at, 2, "boom"), |_, ()| ControlFlow::Continue(()));
        assert!(matches!(cut, Err(Cut::Panicked(_))), "{cut:?}");
    }
}
