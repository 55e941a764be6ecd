//! Zab and ZooKeeper's elections in the simulator: counts, faults, broken assumptions, mutants.

mod counts;
mod faults;
mod mutants;
mod support;
