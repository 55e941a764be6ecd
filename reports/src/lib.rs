//! What people and programs read about a run.
//!
//! An [`Outcome`] goes in; text comes out: [`json`] for programs, [`table`] for one run,
//! [`summary`] for many seeds, [`explored`] for an exploration, [`hunt`] for what a hunt found,
//! [`matrix`] for algorithms without what they assume, [`chronicle`] for a run as data,
//! [`report`] for a run as a page, [`listing`] for what there is to run, [`trace`] for every
//! single record. Nothing here prints, reads a
//! [`matrix`] for algorithms without what they assume, [`chronicle`] for a run as data, [`diagram`]
//! for a drawing of it, [`listing`] for what there is to run, [`trace`] for every single record. Nothing here prints, reads a
//! clock, touches a file or looks at the terminal: a [`Style`] says how wide and how colourful.

pub mod chronicle;
pub mod diagram;
pub mod explored;
pub mod history;
pub mod hunt;
pub mod json;
pub mod listing;
pub mod matrix;
pub mod report;
pub mod session;
pub mod summary;
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
