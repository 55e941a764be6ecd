//! The multicast family: exact counts, orders under reordering and faults, broken assumptions,
//! and bugs that the checkers find.
#![allow(missing_docs)]

mod assumptions;
mod counts;
mod mutants;
mod support;
