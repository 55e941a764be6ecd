//! Atomic commitment in simulated worlds: exact costs, crashes at every point, faults, mutants.

mod blocking;
mod costs;
mod crash_points;
mod faults;
mod mutants;
mod support;
mod three_phase;
