//! Elections: exact counts, what broken assumptions do, mutants, random faults.

#![allow(clippy::disallowed_types, reason = "tests index lists by position")]

mod assumptions;
mod bully;
mod faults;
mod mutants;
mod orders;
mod rings;
mod support;
