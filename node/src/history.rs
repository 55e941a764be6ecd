//! Histories of a shared object: what clients asked of it and what they were told, for checkers
//! of consistency that do not know the algorithm.

use crate::{KeptHistorian, Observation, Operation};

/// What a client asks of the object. Values and keys are numbers; what has never been written
/// reads as nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Call {
    /// Read a register.
    Read {
        /// Which.
        key: u64,
    },
    /// Write a register.
    Write {
        /// Which.
        key: u64,
        /// The new value.
        value: u64,
    },
    /// Compare and swap: write if the register holds what is expected.
    Cas {
        /// Which.
        key: u64,
        /// What it must hold.
        expected: u64,
        /// The new value.
        new: u64,
    },
    /// Take a lock.
    Acquire,
    /// Give a lock back.
    Release,
}

/// What a client is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reply {
    /// What a register holds; `None`: it was never written.
    Value(Option<u64>),
    /// It is done.
    Done,
    /// Whether a compare-and-swap found what was expected.
    Swapped(bool),
}

/// A step of a history, in the order of true time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// A client begins a call. Its process is the operation's client.
    Invoke {
        /// Names the call.
        operation: Operation,
        /// What is asked.
        call: Call,
    },
    /// The call returns.
    Return {
        /// Which.
        operation: Operation,
        /// What the client is told.
        reply: Reply,
    },
    /// The call is known to have had no effect.
    Fail {
        /// Which.
        operation: Operation,
    },
    /// The client gives up: the call may take effect at any later time, or never. A call that
    /// has not returned by the end is treated the same.
    Unknown {
        /// Which.
        operation: Operation,
    },
}

/// Reads a history off what can be observed of a run.
pub trait Historian<R, E>: KeptHistorian<R, E> + Send + Sync {
    /// Something happened: appends what it means to the history.
    fn observe(&mut self, seen: &Observation<'_, R, E>, steps: &mut Vec<Step>);
}
