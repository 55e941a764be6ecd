//! Work on several threads whose results are handed over the moment they are there, in any order.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work` for every number of `todo`, beginning in order, on up to `jobs` threads. Nothing begins
/// once `stop` says so or `record` has had enough; what is under way is finished and handed over.
pub(super) fn each<T>(
    todo: &[u64],
    jobs: NonZeroUsize,
    stop: &(dyn Fn() -> bool + Sync),
    work: impl Fn(u64) -> T + Sync,
    record: impl FnMut(T) -> ControlFlow<()> + Send,
) {
    let next = AtomicUsize::new(0);
    let enough = AtomicBool::new(false);
    let record = Mutex::new(record);
    let life = || {
        while !enough.load(Ordering::Relaxed) && !stop() {
            let Some(number) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let result = work(*number);
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            if record(result).is_break() {
                enough.store(true, Ordering::Relaxed);
            }
        }
    };
    let threads = jobs.get().min(todo.len());
    if threads <= 1 {
        return life();
    }
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(life)).collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                // Nothing that was not done before is begun because one of them failed.
                enough.store(true, Ordering::Relaxed);
                resume_unwind(panic);
            }
        }
    });
}
