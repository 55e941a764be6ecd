//! Linearizability (Maurice Herlihy and Jeannette Wing, TOPLAS 12(3), 1990), which is local: a
//! history is linearizable if its part for each object is (theorem 1). Registers are searched key
//! by key, as Anish Athalye's Porcupine does.

use std::collections::BTreeMap;

use super::object::{Lock, Object, Register, key};
use super::search::{Found, Order, search};
use super::words::{self, Labels, State};
use super::{Budget, History, Invocation, Judgement};

/// Judges a history, key by key; the first key without an order decides.
pub fn judge(history: &History, labels: &Labels<'_>, budget: &mut Budget<'_>) -> Judgement {
    let mut parts: BTreeMap<Option<u64>, Vec<Invocation>> = BTreeMap::new();
    for call in history.calls() {
        parts.entry(key(call.call)).or_default().push(call);
    }
    let mut unknown = None;
    for (key, calls) in parts {
        let judgement = match key {
            Some(_) => part(&calls, Register::default(), labels, budget),
            None => part(&calls, Lock::default(), labels, budget),
        };
        match judgement {
            Judgement::Consistent => {}
            Judgement::Inconsistent { .. } => return judgement,
            Judgement::Unknown(_) => unknown = Some(judgement),
        }
    }
    unknown.unwrap_or(Judgement::Consistent)
}

fn part<S: Object + State>(
    calls: &[Invocation],
    state: S,
    labels: &Labels<'_>,
    budget: &mut Budget<'_>,
) -> Judgement {
    match search(calls, &Intervals::new(calls), state, budget) {
        Found::Order => Judgement::Consistent,
        Found::None { explained, state, stuck } => {
            words::stuck("respects true time", calls, explained, &state, stuck, labels)
        }
        Found::Unknown => words::gave_up(calls.len()),
    }
}

/// Calls in the order of true time: one that had returned before another began comes first.
struct Intervals {
    /// Those that have returned: place, beginning and end, by beginning.
    returned: Vec<(u32, u64, u64)>,
    /// The others: place and beginning. They may come at any later time, or never.
    open: Vec<(u32, u64)>,
}

/// Which calls have taken effect. Most histories are narrow: few calls are under way at once.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Taken {
    /// All that have returned below this one have.
    base: u32,
    /// From there on, a bit each; the first is clear.
    window: Vec<u64>,
    /// Of those that have not returned, a bit each.
    open: Vec<u64>,
}

fn bit(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn set(bits: &mut Vec<u64>, at: usize) {
    if bits.len() <= at / 64 {
        bits.resize(at / 64 + 1, 0);
    }
    bits[at / 64] |= 1 << (at % 64);
}

impl Intervals {
    fn new(calls: &[Invocation]) -> Self {
        let (mut returned, mut open) = (Vec::new(), Vec::new());
        for (place, call) in (0..).zip(calls) {
            match call.reply {
                Some(_) => returned.push((place, call.invoked, call.returned)),
                None => open.push((place, call.invoked)),
            }
        }
        Intervals { returned, open }
    }
}

impl Order for Intervals {
    type Position = Taken;

    fn start(&self) -> Taken {
        Taken { base: 0, window: Vec::new(), open: Vec::new() }
    }

    fn next(&self, taken: &Taken, candidates: &mut Vec<u32>) {
        let begin = candidates.len();
        let mut first_end = u64::MAX;
        for (at, &(place, from, until)) in self.returned[taken.base as usize..].iter().enumerate() {
            // All that begin later begin after that end too.
            if from > first_end {
                break;
            }
            if !bit(&taken.window, at) {
                first_end = first_end.min(until);
                candidates.push(place);
            }
        }
        for (at, &(place, from)) in self.open.iter().enumerate() {
            if from > first_end {
                break;
            }
            if !bit(&taken.open, at) {
                candidates.push(place);
            }
        }
        // The last is tried first: rather the earliest, rather one that is known to have returned.
        candidates[begin..].reverse();
    }

    fn advance(&self, taken: &Taken, place: u32) -> Taken {
        let mut taken = taken.clone();
        let at = self.returned.partition_point(|&(other, ..)| other < place);
        if self.returned.get(at).is_some_and(|&(other, ..)| other == place) {
            set(&mut taken.window, at - taken.base as usize);
            taken.slide();
        } else {
            let at = self.open.partition_point(|&(other, _)| other < place);
            set(&mut taken.open, at);
        }
        taken
    }

    fn done(&self, taken: &Taken) -> bool {
        taken.base as usize == self.returned.len()
    }
}

impl Taken {
    /// Moves the base to the first that has not taken effect, so that equal sets are equal.
    fn slide(&mut self) {
        let whole = self.window.iter().take_while(|word| **word == u64::MAX).count();
        let rest = self.window.get(whole).map_or(0, |word| word.trailing_ones());
        self.base += 64 * whole as u32 + rest;
        self.window.drain(..whole);
        if rest > 0 {
            let mut above = 0;
            for word in self.window.iter_mut().rev() {
                let low = *word << (64 - rest);
                *word = *word >> rest | above;
                above = low;
            }
        }
        while self.window.last() == Some(&0) {
            self.window.pop();
        }
    }
}
