//! From what people write to what the world runs, with every problem at its place.

mod checks;
mod clocks;
mod explore;
mod faults;
mod links;
mod network;
mod nodes;
mod schedule;
mod sweep;
mod world;

pub(crate) use checks::{
    CLOCK_CONDITION, Check, PAIRS_UP_TO, PANIC, Vocabulary, checks, expectation,
};
pub(crate) use explore::explore;
pub(crate) use nodes::directory;
pub(crate) use schedule::schedule;
pub(crate) use sweep::sweep;
pub(crate) use world::world;

use seedbed_node::{Distribution, NodeId};

use crate::diagnose::{Finding, PROBLEMS_MAX};
use crate::schema::{Delay, Name};
use crate::text::{Directory, Span};

/// Collects findings while lowering goes on.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Notes a problem; beyond what is reported, only its existence.
    pub fn push(&mut self, finding: Finding) {
        if !self.full() {
            self.0.push(finding);
        }
    }

    /// Notes a problem at a place.
    pub fn at(&mut self, span: Span, message: impl Into<String>) {
        self.push(Finding::at(span, message));
    }

    /// The value, or a noted problem.
    pub fn take<T>(&mut self, result: Result<T, Finding>) -> Option<T> {
        result.map_err(|finding| self.push(finding)).ok()
    }

    /// Whether as many problems are noted as are reported: finding more is wasted time.
    fn full(&self) -> bool {
        self.0.len() >= PROBLEMS_MAX
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    /// The member or relay called so; the first node instead if there is none.
    fn node(&mut self, directory: &Directory, name: &Name) -> NodeId {
        directory.find(&name.value).unwrap_or_else(|| {
            if !self.full() {
                self.push(directory.unknown(&name.value).or_at(name.span));
            }
            NodeId(0)
        })
    }

    /// The member called so; the first node instead if there is none.
    fn member(&mut self, directory: &Directory, name: &Name) -> NodeId {
        let node = self.node(directory, name);
        if node.0 >= directory.members {
            let message = format!("`{}` is a relay: it only forwards", name.value);
            self.at(name.span, message);
        }
        node
    }

    /// A distribution whose parameters make sense.
    fn distribution(&mut self, delay: &Delay) -> Distribution {
        let distribution = delay.value.lower();
        if let Err(why) = distribution.check() {
            self.at(delay.span, why);
        }
        distribution
    }
}
