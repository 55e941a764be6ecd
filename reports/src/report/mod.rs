//! A run as a page: one HTML file with everything in it, to be stepped through, read, printed or
//! sent to somebody.
//!
//! [`Subject`] is what is reported on. [`page()`] makes the page, [`markdown()`] the same for a paper
//! or an issue, [`index()`] a table of many pages. A page asks nobody for anything: styles, scripts
//! and data are inside, and its policy forbids the rest. What it draws is bounded by the
//! [`Limits`](crate::chronicle::Limits) of its chronicle; beyond them it says so.
//!
//! The scripts are files beside this one, in the order of [`page`]'s `SCRIPTS`; they have no
//! dependencies, and nothing in them knows an algorithm.

mod cause;
mod chart;
mod data;
mod index;
mod markdown;
mod page;
mod parts;
mod story;
mod words;

pub use index::{Linked, index};
pub use markdown::markdown;
pub use page::page;

use seedbed_core::Outcome;
use seedbed_scenarios::{AlgorithmRow, Plan};

use crate::chronicle::Chronicle;

/// A run that is reported on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The scenario.
    pub plan: &'a Plan,
    /// What the registry knows of its algorithm.
    pub row: Option<&'a AlgorithmRow>,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// What occurred.
    pub chronicle: &'a Chronicle,
    /// The command that repeats it; may be empty.
    pub command: &'a str,
}

impl Subject<'_> {
    /// The run by its names.
    fn run(&self) -> crate::Run<'_> {
        crate::Run {
            scenario: &self.plan.name,
            algorithm: self.plan.algorithm,
            operation: self.plan.operation,
            outcome: self.outcome,
        }
    }
}

#[cfg(test)]
mod tests;
