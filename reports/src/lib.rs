//! What people and programs read about a run.
//!
//! An [`Outcome`] goes in; text comes out: [`json`] for programs, [`table`] for one run,
//! [`summary`] for many seeds, [`sweep`] and [`plot`] for many points of a parameter space,
//! [`explored`] for an exploration, [`hunt`] for what a hunt found, [`matrix`] for algorithms without
//! what they assume, [`mutants`] for algorithms with a bug, [`listing`] for what there is to run,
//! [`trace`] for every single record. [`chronicle`] is a run as data, [`diagram`] a drawing of it,
//! [`report`] a page to step through, [`session`] one that is stepped through in a terminal,
//! [`export`] a run for other programs, [`diff`] where two runs part. Nothing here prints, reads a
//! [`summary`] for many seeds, [`explored`] for an exploration, [`hunt`] for what a hunt found,
//! [`matrix`] for algorithms without what they assume, [`chronicle`] for a run as data,
//! [`report`] for a run as a page, [`listing`] for what there is to run, [`trace`] for every
//! single record. Nothing here prints, reads a
//! [`matrix`] for algorithms without what they assume, [`chronicle`] for a run as data, [`diagram`]
//! for a drawing of it, [`listing`] for what there is to run, [`trace`] for every single record. Nothing here prints, reads a
//! clock, touches a file or looks at the terminal: a [`Style`] says how wide and how colourful.
//! [`summary`] for many seeds, [`explored`] for an exploration, [`hunt`] for what a hunt found,
//! [`matrix`] for algorithms without what they assume, [`chronicle`] for a run as data, [`diff`] for
//! where two runs part, [`listing`] for what there is to run, [`trace`] for every single record,
//! [`export`] for other programs. Nothing here prints, reads a clock, touches a file or looks at the
//! terminal: a [`Style`] says how wide and how colourful.

pub mod chronicle;
pub mod diagram;
pub mod diff;
pub mod explored;
pub mod export;
pub mod history;
pub mod hunt;
pub mod json;
pub mod listing;
pub mod matrix;
pub mod mutants;
pub mod plot;
pub mod report;
pub mod session;
pub mod summary;
pub mod sweep;
pub mod table;
mod text;
pub mod trace;

use seedbed_core::Outcome;

pub use text::Style;

/// One run, with the names that an [`Outcome`] does not know.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The algorithm's name.
    pub algorithm: &'a str,
    /// What one operation is called: `entry`, `election`, `lookup`.
    pub operation: &'a str,
    /// What became of it.
    pub outcome: &'a Outcome,
}

#[cfg(test)]
mod samples;
