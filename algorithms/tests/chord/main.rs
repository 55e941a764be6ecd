//! Chord held to its papers: path lengths, load, failures, churn, and what each form promises.

mod churn;
mod failures;
mod forms;
mod load;
mod mutants;
mod paths;
mod support;
