//! The seam between the types of an algorithm and the exploration, which knows names only.

use seedbed_node::{NodeId, Operation};

use super::names::Name;

/// The nodes of an algorithm, behind names. Every handler runs once for every pair of a host and an
/// input that are met; the exploration looks up what came of it.
pub(super) trait Machine: Send + Sync {
    /// A node that has never been up.
    fn unborn(&self, node: NodeId) -> Name;
    /// What can come of an input at a host, by number.
    fn react(&self, host: Name, input: Input, now: u32) -> u32;
    /// The reaction of this number: a branch for every way to choose and, if crashes happen between
    /// effects, for every effect.
    fn branches(&self, reaction: u32) -> &[Branch];
    /// A host that crashes and keeps so many of its unforced writes.
    fn crash(&self, host: Name, writes_kept: u32) -> Name;
    /// How many unforced writes a host has.
    fn unforced(&self, host: Name) -> u32;
    /// Whether a host has been up before.
    fn booted(&self, host: Name) -> bool;
    /// The kind of a message.
    fn kind(&self, letter: Name) -> u32;
    /// A timer, as `Debug` writes it.
    fn timer(&self, timer: Name) -> String;
    /// A node, message or event as `Debug` writes it.
    fn show(&self, what: Shown) -> String;
    /// Whether some node has read a clock.
    fn saw_clock(&self) -> bool;
}

/// What can be shown to people.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    Host(Name),
    Letter(Name),
    Event(Name),
    Request(Name),
}

/// What a node handles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Input {
    Boot,
    Letter(Name),
    Timer { timer: Name, operation: Option<Operation> },
    Request { operation: Operation, request: Name },
}

/// One thing that can come of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Branch {
    /// What the node was given for its choices.
    pub choices: Vec<u32>,
    /// It crashes after so many effects.
    pub crash_after: Option<u32>,
    /// And so many of its unforced writes are on the disk all the same.
    pub writes_kept: u32,
    /// The host afterwards.
    pub host: Name,
    /// What others notice, in order.
    pub deeds: Vec<Deed>,
    /// The handler panicked, and with what words.
    pub panic: Option<String>,
}

/// What others notice of a handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Send { to: NodeId, letter: Name },
    Set { timer: Name, operation: Option<Operation>, ticks: u32 },
    Cancel { timer: Name },
    Emit { event: Name },
}

/// Clients and judges of a family, behind names.
pub(super) trait Outside: Send + Sync {
    /// The clients before anything has happened.
    fn clients(&self) -> Name;
    /// The judges before anything has happened.
    fn judges(&self) -> Name;
    /// What clients do about something.
    fn rouse(&self, clients: Name, stimulus: Stimulus) -> &Response;
    /// The judges after they have seen something, and one more than the number of the check that
    /// is broken, or 0.
    fn observe(&self, judges: Name, seen: Seen) -> (Name, u32);
    /// The checks that fail if the run ends here, a bit each; in a run that is over for good, or in
    /// one that was looked at halfway.
    fn failed(&self, judges: Name, clients: Name, up: u64, over: bool) -> u64;
    /// Why a check fails.
    fn why(&self, judges: Name, clients: Name, up: u64, over: bool, check: u32) -> Option<String>;
}

/// What clients hear of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Stimulus {
    Start { client: NodeId },
    Event { client: NodeId, event: Name },
    Wake { client: NodeId, tag: u64 },
    Refused { client: NodeId, request: Name },
    Restart { client: NodeId },
}

/// What clients do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Response {
    pub clients: Name,
    pub acts: Vec<Act>,
}

/// What a client does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    Request { operation: Operation, request: Name },
    Complete { operation: Operation },
    Sleep { tag: u64, ticks: u32 },
}

/// What judges see.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Seen {
    Request { node: NodeId, operation: Operation, request: Name },
    Event { node: NodeId, event: Name },
    Complete { operation: Operation },
    Crash { node: NodeId },
    Boot { node: NodeId },
}
