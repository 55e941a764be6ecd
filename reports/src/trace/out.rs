//! The way of an export to where it goes: one buffer, and the errors that a sink cannot tell.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is collected before it is written: enough that a call of the system costs little a record.
pub(super) const BUFFER_BYTES: usize = 256 * 1024;

/// What went wrong while a sink was writing, and how much it wrote; a sink itself has nobody to
/// tell.
#[derive(Clone, Debug, Default)]
pub struct Errors(Arc<Account>);

#[derive(Debug, Default)]
struct Account {
    first: Mutex<Option<io::Error>>,
    items: AtomicU64,
    bytes: AtomicU64,
}

impl Errors {
    /// The first error, if there was any. Ask once the sink is gone: the end of a trace is
    /// written when it is dropped.
    pub fn first(&self) -> io::Result<()> {
        self.place().take().map_or(Ok(()), Err)
    }

    /// Whether there was an error so far.
    pub fn any(&self) -> bool {
        self.place().is_some()
    }

    /// How many lines, frames, packets or events were written, once the sink is gone.
    pub fn items(&self) -> u64 {
        self.0.items.load(Ordering::Relaxed)
    }

    /// How many bytes were written, once the sink is gone.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Remembers an error, unless there was one before.
    pub(crate) fn note(&self, error: io::Error) {
        self.place().get_or_insert(error);
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<io::Error>> {
        self.0.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A writer with a buffer that is filled in place.
pub(crate) struct Out<W: Write> {
    /// What is to be written next.
    pub buffer: Vec<u8>,
    /// How many items there are, those in the buffer included.
    pub items: u64,
    to: W,
    broken: bool,
    errors: Errors,
}

impl<W: Write> Out<W> {
    /// Writes to `to`, which need not be buffered.
    pub fn new(to: W) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Out { buffer, items: 0, to, broken: false, errors: Errors::default() }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.errors.clone()
    }

    /// Whether there is no point in going on: nothing more can be written.
    #[inline]
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// One more item is in the buffer, which is written out if it is full.
    #[inline]
    pub fn item(&mut self) {
        self.items += 1;
        if self.buffer.len() >= BUFFER_BYTES {
            self.write_out();
        }
    }

    /// Gives up: whatever is not written yet never will be.
    pub fn fail(&mut self, why: io::Error) {
        self.errors.note(why);
        self.buffer.clear();
        self.broken = true;
    }

    fn write_out(&mut self) {
        if !self.broken {
            match self.to.write_all(&self.buffer) {
                Ok(()) => {
                    self.errors.0.bytes.fetch_add(self.buffer.len() as u64, Ordering::Relaxed);
                }
                Err(why) => self.fail(why),
            }
        }
        self.buffer.clear();
    }
}

impl<W: Write> Drop for Out<W> {
    fn drop(&mut self) {
        self.write_out();
        self.errors.0.items.store(self.items, Ordering::Relaxed);
        if let Err(why) = self.to.flush() {
            self.errors.note(why);
        }
    }
}
