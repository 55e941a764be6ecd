//! Checkers of consistency: is what clients were told by a shared object what an object of that
//! kind could have told them?
//!
//! They know nothing of the algorithm. A [`History`] comes from a run, read off by a family's
//! [`Historian`](seedbed_node::Historian), or from a file; [`judge`] tells whether it satisfies a
//! [`Consistency`].
//!
//! What is absent: consistency of several objects beyond registers (transactions), and guarantees
//! that order writes by anything but true time.

mod causal;
mod checker;
mod eventual;
mod history;
mod linearizable;
mod object;
mod search;
mod sequential;
mod sessions;
mod so_far;
#[cfg(test)]
mod tests;
mod words;

use seedbed_node::{Names, Time};

pub use checker::HistoryCheck;
pub use history::{History, Invocation, Malformed};
pub use so_far::LinearizableSoFar;
use words::Labels;

/// What may be promised of a shared object, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Consistency {
    /// All calls appear in one order that respects true time (Herlihy & Wing, TOPLAS 1990).
    Linearizable,
    /// All calls appear in one order that respects the order of each client (Lamport, 1979).
    Sequential,
    /// Each client's reads fit an order of all writes that respects what can have caused what
    /// (causal memory: Ahamad, Neiger, Burns, Kohli & Hutto, 1995).
    Causal,
    /// Once writing has ended, the last reads of all clients agree.
    Eventual,
    /// No client reads an older value than it has read (Terry et al., PDIS 1994).
    MonotonicReads,
    /// No client reads an older value than it has written (Terry et al., PDIS 1994).
    ReadYourWrites,
}

impl Consistency {
    /// All of them.
    pub const ALL: [Consistency; 6] = [
        Consistency::Linearizable,
        Consistency::Sequential,
        Consistency::Causal,
        Consistency::Eventual,
        Consistency::MonotonicReads,
        Consistency::ReadYourWrites,
    ];

    /// The name of the check.
    pub fn name(self) -> &'static str {
        match self {
            Consistency::Linearizable => "Linearizable",
            Consistency::Sequential => "SequentiallyConsistent",
            Consistency::Causal => "CausallyConsistent",
            Consistency::Eventual => "EventuallyConsistent",
            Consistency::MonotonicReads => "MonotonicReads",
            Consistency::ReadYourWrites => "ReadYourWrites",
        }
    }

    /// One line for `list`.
    pub fn about(self) -> &'static str {
        match self {
            Consistency::Linearizable => "all calls appear in one order that respects true time",
            Consistency::Sequential => "all calls appear in one order that respects each client's",
            Consistency::Causal => "each client's reads fit an order that respects causes",
            Consistency::Eventual => "once writing has ended, the last reads of all agree",
            Consistency::MonotonicReads => "no client reads an older value than it has read",
            Consistency::ReadYourWrites => "no client reads an older value than it has written",
        }
    }
}

/// How much work a judgement may be: deciding linearizability and sequential consistency is
/// NP-complete (Gibbons & Korach, SICOMP 1997).
pub struct Budget<'a> {
    /// How many configurations (calls that took effect, and the object's state) may be visited.
    pub configurations: u64,
    /// Asked now and then; `false` ends the search without a verdict.
    pub go_on: &'a mut dyn FnMut() -> bool,
}

/// Enough for a run of some thousands of calls; a configuration takes some hundred bytes.
pub const CONFIGURATIONS: u64 = 2_000_000;

/// What is found about a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// It is consistent.
    Consistent,
    /// It is not; why, and when it became so.
    Inconsistent {
        /// One sentence with names and times.
        why: String,
        /// When the call returned that cannot be explained.
        at: Option<Time>,
    },
    /// It could not be told, and why.
    Unknown(String),
}

/// Tells whether a history satisfies a consistency.
pub fn judge(
    history: &History,
    consistency: Consistency,
    names: &Names,
    mut budget: Budget<'_>,
) -> Judgement {
    let labels = &Labels { clients: names, keys: history.key_names() };
    match consistency {
        Consistency::Linearizable => linearizable::judge(history, labels, &mut budget),
        Consistency::Sequential => sequential::judge(history, labels, &mut budget),
        Consistency::Causal => causal::judge(history, labels, &mut budget),
        Consistency::Eventual => eventual::judge(history, labels),
        Consistency::MonotonicReads => sessions::monotonic_reads(history, labels),
        Consistency::ReadYourWrites => sessions::read_your_writes(history, labels),
    }
}
