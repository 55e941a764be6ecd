//! Chord held to its papers: path lengths, load, failures, churn, and what each form promises.

#![allow(clippy::disallowed_types, reason = "what a test counts is in no digest")]

mod churn;
mod failures;
mod forms;
mod load;
mod mutants;
mod paths;
mod support;
