//! Where two runs part: the first record in which they differ, and what led up to it.
//!
//! Both run at the same time, each on a thread of its own, and hand their records over in batches;
//! whichever is ahead waits. Nothing is kept but the last few records of each node.
//!
//! Records are equal if the same thing occurs at the same true time at the same node, contents and
//! operations included. Nodes' clocks are not compared: what a node makes of its clock is. The two
//! are equal as a whole if all records and the digests are.

mod render;
mod side;

use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::sync_channel;
use std::thread;

use seedbed_core::Outcome;
use seedbed_node::{Names, NodeId, Time};
use seedbed_scenarios::{Plan, RunOptions};

use crate::chronicle::Happening;
use side::{Feed, Outlet};

pub use render::{json, text};

/// How many records of each node are kept from before the runs part.
const BEFORE: usize = 3;

/// How many records of each run are shown from where they part.
const AFTER: usize = 5;

/// A run that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What is run.
    pub plan: &'a Plan,
    /// With which seed.
    pub seed: u64,
}

/// One record of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Moment {
    /// True time.
    pub at: Time,
    /// Where.
    pub node: NodeId,
    /// What.
    pub what: Happening,
}

/// What two runs have in common, and what not.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// How many records they have in common, from the first on.
    pub common: u64,
    /// Where they part; `None` if no record differs.
    pub parted: Option<Parted>,
    /// What became of the first run.
    pub a: Outcome,
    /// What became of the second.
    pub b: Outcome,
}

/// Where two runs part.
#[derive(Clone, PartialEq, Debug)]
pub struct Parted {
    /// The last common records of the nodes whose records differ and of those that they talk to.
    pub before: Vec<Moment>,
    /// The first records of the first run that are its own; none if it is over.
    pub a: Vec<Moment>,
    /// Those of the second.
    pub b: Vec<Moment>,
}

impl Difference {
    /// Runs both to their ends and compares them.
    ///
    /// # Panics
    /// If one of the runs did, outside its nodes.
    pub fn of(a: Side<'_>, b: Side<'_>) -> Self {
        thread::scope(|scope| {
            let (outlet_a, feed_a) = channel();
            let (outlet_b, feed_b) = channel();
            let run = |side: Side<'_>, outlet: Outlet| {
                let options = RunOptions { sink: Some(Box::new(outlet)), ..RunOptions::default() };
                side.plan.run(Some(side.seed), options)
            };
            let ran_a = scope.spawn(move || run(a, outlet_a));
            let ran_b = scope.spawn(move || run(b, outlet_b));
            let (common, parted) = compare(feed_a, feed_b);
            let ended = "a run panics only for a fault of our own";
            let (a, b) = (ran_a.join().expect(ended), ran_b.join().expect(ended));
            Difference { common, parted, a, b }
        })
    }

    /// Whether nothing is different.
    pub fn is_equal(&self) -> bool {
        self.parted.is_none() && self.a.digest == self.b.digest
    }
}

fn channel() -> (Outlet, Feed) {
    let (send, receive) = sync_channel(side::BATCHES_WAITING_MAX);
    (Outlet::new(send), Feed::new(receive))
}

/// How many records are common, and what comes next if the two differ. Drops the feeds, so that
/// the runs go on without making records.
fn compare(mut a: Feed, mut b: Feed) -> (u64, Option<Parted>) {
    let mut common = 0;
    let mut recent = Recent::default();
    loop {
        match (a.next(), b.next()) {
            (None, None) => return (common, None),
            (Some(one), Some(other)) if one == other => {
                common += 1;
                recent.push(common, one);
            }
            (one, other) => {
                let ours: Vec<_> = one.into_iter().chain(a).take(AFTER).collect();
                let theirs: Vec<_> = other.into_iter().chain(b).take(AFTER).collect();
                let firsts = [ours.first(), theirs.first()];
                let involved = firsts.into_iter().flatten().flat_map(involved).collect();
                let before = recent.of(&involved);
                return (common, Some(Parted { before, a: ours, b: theirs }));
            }
        }
    }
}

/// The nodes that a record is about.
fn involved(moment: &Moment) -> Vec<NodeId> {
    match moment.what {
        Happening::Send { to, .. } | Happening::Drop { to, .. } => vec![moment.node, to],
        Happening::Deliver { from, .. } => vec![moment.node, from],
        _ => vec![moment.node],
    }
}

/// The last few records of every node, numbered.
#[derive(Default)]
struct Recent(Vec<VecDeque<(u64, Moment)>>);

impl Recent {
    fn push(&mut self, ordinal: u64, moment: Moment) {
        let place = moment.node.index();
        if self.0.len() <= place {
            self.0.resize_with(place + 1, VecDeque::new);
        }
        let node = &mut self.0[place];
        if node.len() == BEFORE {
            node.pop_front();
        }
        node.push_back((ordinal, moment));
    }

    /// Those of some nodes, in the order in which they occurred.
    fn of(mut self, nodes: &BTreeSet<NodeId>) -> Vec<Moment> {
        let of_node = |node: &NodeId| self.0.get_mut(node.index()).map(std::mem::take);
        let mut all: Vec<_> = nodes.iter().filter_map(of_node).flatten().collect();
        all.sort_by_key(|(ordinal, _)| *ordinal);
        all.into_iter().map(|(_, moment)| moment).collect()
    }
}

/// A record in words.
fn told(names: &Names, moment: &Moment) -> String {
    crate::export::words::retold(names, &moment.what)
}

#[cfg(test)]
mod tests;
