//! The deliberate bugs of the algorithms for multicast.

use seedbed_node::Mutant;

use crate::mutants::mutants;

pub(super) const FIFO: &[Mutant] = mutants! {
    Guard SkipsGaps "delivers whatever is new on arrival",
    Stale KeepsDuplicates "delivers again what it has delivered already",
    Liveness ForgetsHeld "delivers only what has just arrived: what was held back goes on waiting",
};

pub(super) const CAUSAL: &[Mutant] = mutants! {
    Guard SenderOnly "looks at the sender's own count alone",
    Stale KeepsDuplicates "delivers again what it has delivered already",
    Liveness CountsDeliveries "counts deliveries among its own multicasts",
    Liveness LooksOnce "looks once at what was held back, not again when that let more through",
};

pub(super) const SEQUENCER: &[Mutant] = mutants! {
    Guard IgnoresPosition "delivers on arrival, whatever the position",
    Guard OwnAtOnce "delivers its own messages at once",
    Stale AnyOrdinal "takes whatever has come of a sender for what was given a position",
    Liveness SharesPosition "the sequencer gives its own messages no position of their own",
};

pub(super) const TOTAL_ORDER: &[Mutant] = mutants! {
    Guard HeadOnly "delivers what is first in its queue without having heard from everybody",
    TieBreak OwnFirst "of two messages with equal time, delivers its own first",
    Stale HearsAnything "takes anything ever heard from a member for something later",
    Liveness ForgetsAck "acknowledges nothing to the highest-numbered peer",
};
