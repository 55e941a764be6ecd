//! Elections: exact counts, what broken assumptions do, mutants, random faults.

mod assumptions;
mod bully;
mod faults;
mod mutants;
mod orders;
mod rings;
mod support;
