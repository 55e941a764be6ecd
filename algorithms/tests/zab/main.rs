//! Zab and ZooKeeper's elections in the simulator: counts, faults, broken assumptions, mutants.

mod counts;
mod elections;
mod faults;
mod mutants;
mod support;
