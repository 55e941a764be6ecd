//! Chord held to its papers: path lengths, load, failures, churn, and what each form promises.

mod churn;
mod failures;
mod load;
mod paths;
mod support;
