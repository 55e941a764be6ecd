//! Exhaustive search: against naive search, on models with known answers, and on random graphs.

mod budgets;
mod counts;
mod liveness;
mod naive;
mod random;
#[path = "../../../examples/workloads/two_phase.rs"]
#[allow(missing_docs)]
mod two_phase;
