//! Clock synchronisation: exact errors and counts, bounds that hold, assumptions that matter, bugs
//! that the checkers find; and what logical clocks promise.
#![allow(missing_docs)]

mod assumptions;
mod bounds;
mod exact;
mod logical;
mod mutants;
mod support;
