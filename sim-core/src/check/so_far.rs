//! Linearizability as a history grows, in a state that forgets what no longer matters: for explorers,
//! to which two histories are one if the same can follow.
//!
//! Just-in-time linearization (Lowe, "Testing for linearizability", CCPE 2017): the state is the set
//! of what the object may be and which calls under way may have taken effect already, with what reply.
//! A call takes effect no sooner than some return demands it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use seedbed_node::{Breach, Call, Checker, Historian, NodeId, Observation, Operation, Reply, Step};

/// Judges, at every instant of a run, what clients have been told so far.
pub struct LinearizableSoFar<R, E> {
    historian: Box<dyn Historian<R, E>>,
    steps: Vec<Step>,
    so_far: SoFar,
}

impl<R, E> LinearizableSoFar<R, E> {
    /// Judges what `historian` reads off the run.
    pub fn new(historian: Box<dyn Historian<R, E>>) -> Self {
        LinearizableSoFar { historian, steps: Vec::new(), so_far: SoFar::default() }
    }
}

impl<R, E> Clone for LinearizableSoFar<R, E> {
    fn clone(&self) -> Self {
        let LinearizableSoFar { historian, steps, so_far } = self;
        LinearizableSoFar {
            historian: historian.clone(),
            steps: steps.clone(),
            so_far: so_far.clone(),
        }
    }
}

impl<R, E> Hash for LinearizableSoFar<R, E> {
    fn hash<H: Hasher>(&self, into: &mut H) {
        self.historian.hash(into);
        self.so_far.hash(into);
    }
}

impl<R: 'static, E: 'static> Checker<R, E> for LinearizableSoFar<R, E> {
    fn observe(&mut self, seen: &Observation<'_, R, E>) -> Result<(), Breach> {
        self.historian.observe(seen, &mut self.steps);
        for step in self.steps.drain(..) {
            if !self.so_far.push(step) {
                let why = "no order of the calls so far respects true time".to_owned();
                return Err(Breach { at: seen.at, why });
            }
        }
        Ok(())
    }
}

/// What can be told of a history so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct SoFar {
    /// Calls that have not returned.
    open: BTreeMap<Operation, Call>,
    /// What may be the case; nothing, once no order explains the replies.
    cases: BTreeSet<Case>,
}

/// What may be the case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
struct Case {
    registers: BTreeMap<u64, u64>,
    holder: Option<NodeId>,
    /// Calls that have taken effect and not returned, with the reply that they will get.
    done: BTreeMap<Operation, Reply>,
}

impl Default for SoFar {
    fn default() -> Self {
        SoFar { open: BTreeMap::new(), cases: BTreeSet::from([Case::default()]) }
    }
}

impl SoFar {
    /// One more step; whether there is still an order that explains everything. Steps that no
    /// history can have change nothing.
    pub fn push(&mut self, step: Step) -> bool {
        match step {
            Step::Invoke { operation, call } => {
                self.open.insert(operation, call);
            }
            Step::Return { operation, reply } => {
                if self.open.contains_key(&operation) {
                    self.returns(operation, reply);
                    self.open.remove(&operation);
                }
            }
            Step::Fail { operation } => {
                self.cases.retain(|case| !case.done.contains_key(&operation));
                self.open.remove(&operation);
            }
            Step::Unknown { .. } => {}
        }
        !self.cases.is_empty()
    }

    /// A call returns: it has taken effect by now, perhaps after others that are under way.
    fn returns(&mut self, operation: Operation, reply: Reply) {
        let mut reached = BTreeSet::new();
        let mut kept = BTreeSet::new();
        let mut waiting: Vec<Case> = std::mem::take(&mut self.cases).into_iter().collect();
        while let Some(case) = waiting.pop() {
            if let Some(told) = case.done.get(&operation) {
                if *told == reply {
                    let mut after = case;
                    after.done.remove(&operation);
                    kept.insert(after);
                }
                continue;
            }
            for (other, call) in &self.open {
                if !case.done.contains_key(other)
                    && let Some(after) = case.after(*other, *call)
                    && reached.insert(after.clone())
                {
                    waiting.push(after);
                }
            }
        }
        self.cases = kept;
    }
}

impl Case {
    /// The case after a call has taken effect, if it can.
    fn after(&self, operation: Operation, call: Call) -> Option<Case> {
        let mut after = self.clone();
        let reply = match call {
            Call::Read { key } => Reply::Value(self.registers.get(&key).copied()),
            Call::Write { key, value } => {
                after.registers.insert(key, value);
                Reply::Done
            }
            Call::Cas { key, expected, new } => {
                let found = self.registers.get(&key) == Some(&expected);
                if found {
                    after.registers.insert(key, new);
                }
                Reply::Swapped(found)
            }
            Call::Acquire if self.holder.is_none() => {
                after.holder = Some(operation.client);
                Reply::Done
            }
            Call::Release if self.holder == Some(operation.client) => {
                after.holder = None;
                Reply::Done
            }
            Call::Acquire | Call::Release => return None,
        };
        after.done.insert(operation, reply);
        Some(after)
    }
}

/// Whether some order explains these calls, told step by step.
#[cfg(test)]
pub(super) fn explains(calls: &[super::Invocation]) -> bool {
    let mut steps = Vec::new();
    for call in calls {
        let operation = call.operation;
        steps.push((call.invoked, Step::Invoke { operation, call: call.call }));
        steps.extend(call.reply.map(|reply| (call.returned, Step::Return { operation, reply })));
    }
    steps.sort_by_key(|(position, _)| *position);
    let mut so_far = SoFar::default();
    steps.into_iter().all(|(_, step)| so_far.push(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(steps: &[Step]) -> SoFar {
        let mut so_far = SoFar::default();
        assert!(steps.iter().all(|step| so_far.push(*step)));
        so_far
    }

    #[test]
    fn what_no_longer_matters_is_forgotten() {
        let operation = |client, number| Operation { client: NodeId(client), number };
        let write = |operation, value| {
            let invoke = Step::Invoke { operation, call: Call::Write { key: 0, value } };
            [invoke, Step::Return { operation, reply: Reply::Done }]
        };
        let [a, b] = [write(operation(0, 0), 1), write(operation(1, 0), 2)];
        let after = state(&[a[0], a[1], b[0], b[1]]);
        assert_eq!(after, state(&b), "only the last value is left");
        let together = state(&[a[0], b[0], b[1], a[1]]);
        assert_eq!(together.cases.len(), 2, "either may have been the last");
    }
}
