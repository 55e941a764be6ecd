//! Sequential consistency (Leslie Lamport, IEEE ToC C-28(9), 1979): one order of all calls that
//! respects the order of each client. It is not local, so that all keys are searched together.

use std::collections::BTreeMap;

use seedbed_node::NodeId;

use super::object::{Lock, Object, Registers, key};
use super::search::{Found, Order, search};
use super::words::{self, Labels, State};
use super::{Budget, History, Invocation, Judgement, linearizable};

/// Judges a history.
pub fn judge(history: &History, labels: &Labels<'_>, budget: &mut Budget<'_>) -> Judgement {
    // What respects true time respects each client's order, and is much easier to find.
    let half = Budget { configurations: budget.configurations / 2, go_on: &mut *budget.go_on };
    if linearizable::judge(history, labels, &mut { half }) == Judgement::Consistent {
        return Judgement::Consistent;
    }
    let calls = history.calls();
    let programs = match Programs::new(&calls, labels) {
        Ok(programs) => programs,
        Err(why) => return Judgement::Unknown(why),
    };
    let locks = calls.iter().filter(|call| key(call.call).is_none()).count();
    if locks == calls.len() {
        whole(&calls, &programs, Lock::default(), labels, budget)
    } else if locks == 0 {
        whole(&calls, &programs, Registers::default(), labels, budget)
    } else {
        Judgement::Unknown("the history is of a lock and of registers at once".into())
    }
}

fn whole<S: Object + State>(
    calls: &[Invocation],
    programs: &Programs,
    state: S,
    labels: &Labels<'_>,
    budget: &mut Budget<'_>,
) -> Judgement {
    match search(calls, programs, state, budget) {
        Found::Order => Judgement::Consistent,
        Found::None { explained, state, stuck } => {
            words::stuck("respects each client's order", calls, explained, &state, stuck, labels)
        }
        Found::Unknown => words::gave_up(calls.len()),
    }
}

/// The calls of each client, in its order.
#[derive(Debug)]
pub struct Programs {
    /// The places of those that have returned.
    pub returned: Vec<Vec<u32>>,
    /// Those that have not: place, client, and how many of the client's had returned before it
    /// began. They may come at any later time, or never.
    pub open: Vec<(u32, u32, u32)>,
}

impl Programs {
    /// The programs of `calls`, or which client made two calls at once.
    pub fn new(calls: &[Invocation], labels: &Labels<'_>) -> Result<Self, String> {
        let mut clients: BTreeMap<NodeId, u32> = BTreeMap::new();
        let mut returned: Vec<Vec<u32>> = Vec::new();
        let mut open = Vec::new();
        for (place, call) in (0..).zip(calls) {
            let client = *clients.entry(call.process()).or_insert_with(|| {
                returned.push(Vec::new());
                returned.len() as u32 - 1
            });
            let program = &mut returned[client as usize];
            if call.reply.is_none() {
                open.push((place, client, program.len() as u32));
                continue;
            }
            if let Some(last) = program.last()
                && !calls[*last as usize].precedes(call)
            {
                return Err(format!(
                    "{} made several calls at once: its order of them is not known",
                    labels.client(call.process())
                ));
            }
            program.push(place);
        }
        Ok(Programs { returned, open })
    }
}

/// How many calls of each client have taken effect, and which of the open ones.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Progress {
    next: Vec<u32>,
    open: Vec<bool>,
}

impl Order for Programs {
    type Position = Progress;

    fn start(&self) -> Progress {
        Progress { next: vec![0; self.returned.len()], open: vec![false; self.open.len()] }
    }

    fn next(&self, progress: &Progress, candidates: &mut Vec<u32>) {
        let programs = self.returned.iter().zip(&progress.next);
        candidates.extend(programs.filter_map(|(program, next)| program.get(*next as usize)));
        for (&(place, client, after), taken) in self.open.iter().zip(&progress.open) {
            if !taken && progress.next[client as usize] >= after {
                candidates.push(place);
            }
        }
    }

    fn advance(&self, progress: &Progress, place: u32) -> Progress {
        let mut progress = progress.clone();
        match self.open.binary_search_by_key(&place, |&(open, ..)| open) {
            Ok(open) => progress.open[open] = true,
            Err(_) => {
                let programs = self.returned.iter().zip(&mut progress.next);
                for (program, next) in programs {
                    if program.get(*next as usize) == Some(&place) {
                        *next += 1;
                    }
                }
            }
        }
        progress
    }

    fn done(&self, progress: &Progress) -> bool {
        let mut programs = self.returned.iter().zip(&progress.next);
        programs.all(|(program, next)| program.len() == *next as usize)
    }
}
