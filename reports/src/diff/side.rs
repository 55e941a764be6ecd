//! The records of one run on their way to whoever compares them.

use std::sync::mpsc::{Receiver, SyncSender};

use seedbed_core::trace::{Record, Sink};

use super::Moment;
use crate::chronicle::Happening;

/// Records that travel together.
const BATCH: usize = 256;

/// Batches that may wait; the run does when there are more.
pub const BATCHES_WAITING_MAX: usize = 8;

/// The sink at the end of a run.
pub struct Outlet {
    batch: Vec<Moment>,
    /// Gone once nobody compares any more.
    to: Option<SyncSender<Vec<Moment>>>,
}

impl Outlet {
    pub fn new(to: SyncSender<Vec<Moment>>) -> Self {
        Outlet { batch: Vec::with_capacity(BATCH), to: Some(to) }
    }

    fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        if let Some(to) = &self.to
            && to.send(batch).is_err()
        {
            self.to = None;
        }
    }
}

impl Sink for Outlet {
    fn record(&mut self, record: &Record<'_>) {
        if self.to.is_none() {
            return;
        }
        let Record { at, node, ref what, .. } = *record;
        self.batch.push(Moment { at, node, what: Happening::of(what) });
        if self.batch.len() == BATCH {
            self.hand_over();
        }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        if !self.batch.is_empty() {
            self.hand_over();
        }
    }
}

/// The records of a run, one by one.
pub struct Feed {
    from: Receiver<Vec<Moment>>,
    batch: std::vec::IntoIter<Moment>,
}

impl Feed {
    pub fn new(from: Receiver<Vec<Moment>>) -> Self {
        Feed { from, batch: Vec::new().into_iter() }
    }
}

impl Iterator for Feed {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        loop {
            if let Some(moment) = self.batch.next() {
                return Some(moment);
            }
            // The run is over once its sink is gone.
            self.batch = self.from.recv().ok()?.into_iter();
        }
    }
}
